//! The key process itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{
    KeydError, Order, OrderKind, Release, ReleasedKey, Standing,
    look::Look,
    state::{Event, REMEMBERED_S, State},
};
use crate::{
    Context, DataKey, Entropy, KeyRing,
    log::{
        Checkpoint, Hash, LogError, LogVerifier, Policy, TileStore, TlogProof, each_entry, fsck, integrate,
        read_checkpoint, verify_consistency,
    },
};

/// Keys that one request may ask for.
const MAX_KEYS: usize = 64;

/// An entry may be this far ahead of the clock, seconds.
const MAX_AHEAD_S: u64 = 60;

/// The longest age of an entry that rules may allow, seconds: entries used are remembered for an hour.
const LONGEST_AGE_S: u64 = REMEMBERED_S - 2 * MAX_AHEAD_S;

/// What a key process demands beyond the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// How old an entry may be, seconds: at most 3480.
    pub max_entry_age_s: u64,
    /// How long ago a quorum may have vouched for the checkpoint, seconds.
    pub max_checkpoint_age_s: u64,
    /// Keys in an hour, all purposes together.
    pub keys_per_hour: u64,
    /// The domains whose keys a purpose may open, each by its whole label; a purpose that is not here opens none.
    pub purposes: BTreeMap<String, BTreeSet<String>>,
}

/// Begins the own log of a key process, in a store that has none. It is an act of its own, so that a log that was lost
/// or removed, and with it a stop, is missed and not begun anew.
///
/// # Errors
/// [`KeydError::OwnLog`]; [`KeydError::Malformed`] if there is a log.
pub fn found_keyd(ring: &KeyRing, store: &mut impl TileStore) -> Result<(), KeydError> {
    let signer = ring.log_signer();
    if read_checkpoint(store, signer.verifier()).map_err(KeydError::OwnLog)?.is_some() {
        return Err(KeydError::Malformed { what: "there is a log of a key process already" });
    }
    let nothing: [&[u8]; 0] = [];
    integrate(store, &signer, 0, &nothing).map(drop).map_err(KeydError::OwnLog)
}

/// A key process: the keys, whom it believes, and its own log in `S`.
///
/// Its name is the origin of its key ring, which also signs its log.
pub struct Keyd<S> {
    ring: KeyRing,
    policy: Policy,
    supervisor: LogVerifier,
    custodian: Option<LogVerifier>,
    rules: Rules,
    store: S,
    size: u64,
    state: State,
}

impl<S: TileStore> Keyd<S> {
    /// Opens a key process on its own log, which [`found_keyd`] began. All of it is checked and read.
    ///
    /// # Errors
    /// [`KeydError::OwnLog`] if the log is not whole; [`KeydError::Malformed`] for rules that cannot be kept.
    pub fn open(
        ring: KeyRing,
        policy: Policy,
        supervisor: LogVerifier,
        rules: Rules,
        store: S,
    ) -> Result<Self, KeydError> {
        if rules.max_entry_age_s > LONGEST_AGE_S {
            return Err(KeydError::Malformed { what: "an entry may be at most 3480 seconds old" });
        }
        let size = whole_log(&store, ring.log_signer().verifier()).map_err(KeydError::OwnLog)?;
        let mut state = State::default();
        each_entry(&store, 0..size, |index, entry| {
            let bad = || LogError::BadFile { path: format!("entry {index}"), what: "it is no event of a key process" };
            let event: Event = serde_json::from_slice(entry).map_err(|_| bad())?;
            state = state.after(&event).ok_or_else(bad)?;
            Ok(())
        })
        .map_err(KeydError::OwnLog)?;
        Ok(Self { ring, policy, supervisor, custodian: None, rules, store, size, state })
    }

    /// With a second person, whose signature an order to destroy a key needs beside the supervisor's.
    ///
    /// # Errors
    /// [`KeydError::Malformed`] if it is the supervisor.
    pub fn with_custodian(self, custodian: LogVerifier) -> Result<Self, KeydError> {
        if custodian.same_key(&self.supervisor) {
            return Err(KeydError::Malformed {
                what: "the custodian's key is the supervisor's: two people are needed",
            });
        }
        Ok(Self { custodian: Some(custodian), ..self })
    }

    /// Unwraps the keys that a request asks for, at `now` (POSIX seconds), if its log entry permits it. The release is an
    /// entry of the own log, stored, when this returns: after a crash in between, the entry counts as used and a look
    /// needs a new one.
    ///
    /// # Errors
    /// [`KeydError`]: nothing was released.
    pub fn release(&mut self, request: &Release, now: u64) -> Result<Vec<ReleasedKey>, KeydError> {
        self.demand_running()?;
        if request.keys.is_empty() || request.keys.len() > MAX_KEYS {
            return Err(KeydError::Malformed { what: "a request asks for 1 to 64 keys" });
        }
        let now = now.max(self.state.time);
        let proof = TlogProof::parse(request.proof.as_bytes())?;
        let witnessed = proof.verify_witnessed(&self.policy, request.entry.as_bytes())?;
        witnessed.demand_fresh(now, self.rules.max_checkpoint_age_s)?;
        self.follow(&witnessed.checkpoint, &proof.checkpoint, request, now)?;
        let look = Look::read(&request.entry)?;
        self.demand_permitted(&look, proof.index, request, now)?;

        let keys = request
            .keys
            .iter()
            .map(|wanted| Ok(self.ring.unwrap_data_key(&wanted.context(), &wanted.wrapped_bytes()?)?))
            .collect::<Result<Vec<DataKey>, KeydError>>()?;
        self.record(&Event::Released {
            time: now,
            index: proof.index,
            size: witnessed.checkpoint.size,
            root: witnessed.checkpoint.root.to_string(),
            purpose: look.purpose,
            keys: keys.len() as u64,
        })?;
        Ok(keys.iter().map(ReleasedKey::of).collect())
    }

    /// A new data key and its wrapped form, for what is about to be written. It opens nothing that exists, so it needs no
    /// proof.
    ///
    /// # Errors
    /// [`KeydError::Stopped`], [`KeydError::Key`].
    pub fn new_key(
        &self,
        context: &Context<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<(ReleasedKey, Vec<u8>), KeydError> {
        self.demand_running()?;
        let (key, wrapped) = self.ring.new_data_key(context, entropy)?;
        Ok((ReleasedKey::of(&key), wrapped))
    }

    /// Wraps a data key that a register has held itself until now. It opens nothing, so it needs no proof.
    ///
    /// # Errors
    /// [`KeydError::Stopped`]; [`KeydError::Malformed`] for what is no key; [`KeydError::Key`] for a key of another domain
    /// than its place.
    pub fn wrap(
        &self,
        context: &Context<'_>,
        key: &ReleasedKey,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, KeydError> {
        self.demand_running()?;
        Ok(self.ring.wrap_data_key(context, &key.open()?, entropy)?)
    }

    /// Wraps the data key in `wrapped` again, under the newest version. The key does not leave, so it needs no proof.
    ///
    /// # Errors
    /// [`KeydError::Stopped`]; [`KeydError::Key`] for what does not open here.
    pub fn rewrap(
        &self,
        context: &Context<'_>,
        wrapped: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, KeydError> {
        self.demand_running()?;
        Ok(self.ring.rewrap_data_key(context, wrapped, entropy)?)
    }

    /// Obeys an order of the supervisor, at `now` (POSIX seconds).
    ///
    /// # Errors
    /// [`KeydError::BadOrder`] unless the supervisor's key has signed it, for this key process, with a serial above that
    /// of the last one; to destroy a key, unless the custodian has signed it too. [`KeydError::Key`] if the key is in use, lies
    /// in no token, or may be there still.
    pub fn obey(&mut self, note: &[u8], now: u64) -> Result<Standing, KeydError> {
        let order = Order::open(note, &self.supervisor)?;
        if order.to != self.ring.origin() {
            return Err(KeydError::BadOrder { what: "it is for another key process" });
        }
        if order.serial <= self.state.serial {
            return Err(KeydError::BadOrder { what: "its serial is not above that of the last order" });
        }
        let (time, serial) = (now.max(self.state.time), order.serial);
        let event = match order.kind {
            OrderKind::Stop => Event::Stopped { time, serial },
            OrderKind::Resume => Event::Resumed { time, serial },
            OrderKind::Destroy { domain, version } => {
                self.demand_second(note)?;
                // First the key, then the record: after a crash in between the same order is obeyed again.
                let key = self.ring.destroy_retired(&domain, version)?.to_string();
                Event::Destroyed { time, serial, domain, version, key }
            }
        };
        self.record(&event)?;
        Ok(self.standing())
    }

    fn demand_second(&self, note: &[u8]) -> Result<(), KeydError> {
        let refuse = |what| Err(KeydError::BadOrder { what });
        let Some(custodian) = &self.custodian else {
            return refuse("this key process has no custodian, and destroys no key on one person's word");
        };
        match Order::open(note, custodian) {
            Ok(_) => Ok(()),
            Err(_) => refuse("the custodian has not signed it too"),
        }
    }

    /// What it tells of itself.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing {
            name: self.ring.origin().to_owned(),
            stopped_since: self.state.stopped_since,
            last_order: self.state.serial,
            relied_on: self.state.head.map_or(0, |(size, _)| size),
            events: self.size,
        }
    }

    /// Its own log, to be read and witnessed by others.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store
    }

    fn demand_running(&self) -> Result<(), KeydError> {
        match self.state.stopped_since {
            Some(since) => Err(KeydError::Stopped { since }),
            None => Ok(()),
        }
    }

    /// Demands that the checkpoint extends the one relied on last. Of two that cannot be of one log the second is kept as
    /// evidence, and releases stop.
    fn follow(&mut self, new: &Checkpoint, note: &[u8], request: &Release, now: u64) -> Result<(), KeydError> {
        let Some((size, root)) = self.state.head else { return Ok(()) };
        if new.size == size && new.root != root {
            let checkpoint = String::from_utf8_lossy(note).into_owned();
            self.record(&Event::Forked { time: now, size, checkpoint })?;
            return Err(KeydError::Forked { size });
        }
        if new.size < size || request.old != size {
            return Err(KeydError::Behind { size });
        }
        let proof: Option<Vec<Hash>> = request.consistency.iter().map(|hash| Hash::from_base64(hash)).collect();
        let proof =
            proof.ok_or(KeydError::Malformed { what: "a line of the consistency proof is not a SHA-256 hash" })?;
        Ok(verify_consistency(size, new.size, &root, &new.root, &proof)?)
    }

    fn demand_permitted(&self, look: &Look, index: u64, request: &Release, now: u64) -> Result<(), KeydError> {
        let refuse = |why| Err(KeydError::NotPermitted { why });
        if look.seq != index {
            return refuse("it is of another place in the log");
        }
        // A denial is an entry too, and opens nothing.
        if look.outcome != "look" && look.outcome != "effect" {
            return refuse("it records neither a look nor an effect");
        }
        if look.seconds() > now + MAX_AHEAD_S {
            return refuse("it is dated in the future");
        }
        if now.saturating_sub(look.seconds()) > self.rules.max_entry_age_s {
            return refuse("it is too old");
        }
        look.names(&request.opening)?;
        if request.keys.iter().any(|key| !request.opening.records.contains(&key.record)) {
            return refuse("a key is for a record that it does not name");
        }
        let Some(domains) = self.rules.purposes.get(&look.purpose) else {
            return refuse("no rule opens anything for its purpose");
        };
        if request.keys.iter().any(|key| !domains.contains(&key.domain)) {
            return refuse("its purpose does not open a domain that is asked for");
        }
        if self.state.used(index) {
            return Err(KeydError::Replayed);
        }
        if self.state.keys_in_hour(now) + request.keys.len() as u64 > self.rules.keys_per_hour {
            return Err(KeydError::TooMany { per_hour: self.rules.keys_per_hour });
        }
        Ok(())
    }

    /// Makes an event durable, and then the state that follows from it.
    fn record(&mut self, event: &Event) -> Result<(), KeydError> {
        let entry =
            serde_json::to_vec(event).map_err(|_| KeydError::Malformed { what: "an event cannot be written" })?;
        let next = self.state.after(event).ok_or(KeydError::Malformed { what: "an event contradicts itself" })?;
        let checkpoint =
            integrate(&mut self.store, &self.ring.log_signer(), self.size, &[entry]).map_err(KeydError::OwnLog)?;
        self.size = checkpoint.size;
        self.state = next;
        Ok(())
    }
}

/// The size of a log all of whose files are what its checkpoint signs for.
fn whole_log(store: &impl TileStore, verifier: &LogVerifier) -> Result<u64, LogError> {
    let report = fsck(store, verifier, None)?;
    match report.faults.into_iter().next() {
        None => Ok(report.size),
        Some(fault) => {
            Err(LogError::BadFile { path: fault.path, what: "the key process's own log is not whole at this file" })
        }
    }
}

impl<S> fmt::Debug for Keyd<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyd").field("ring", &self.ring).field("size", &self.size).finish_non_exhaustive()
    }
}
