//! Whom to believe about a log (C2SP tlog-policy): its keys, its witnesses, and how many of them must agree.
//!
//! ```text
//! log <vkey> [<url>]
//! witness <name> <vkey> [<url>]
//! group <name> all|any|<k> <name>...
//! quorum <name>|none
//! ```
//!
//! Of the octets that the specification allows in names and comments, those that are no UTF-8 are refused.

use std::collections::BTreeSet;

use super::{
    Checkpoint, LogError, LogVerifier, WitnessVerifier, log_of_keys,
    note::Note,
    note_key::{COSIGNATURE_ML_DSA_44, COSIGNATURE_V1, ED25519, KeyText, NoteKey},
};

/// The longest policy read, bytes.
const MAX_POLICY_BYTES: usize = 256 * 1024;

/// Logs, witnesses and groups that a policy may have, each; the specification asks for at least 32.
const MAX_OF_EACH: usize = 256;

/// A cosignature may be this far ahead of the reader's clock, seconds.
const MAX_AHEAD_S: u64 = 300;

/// A policy, read and found to be consistent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<LogVerifier>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorum: Option<Member>,
}

/// A witness in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyWitness {
    /// Its name within the policy.
    pub name: String,
    /// Its key; `None` if it is of a type that this program does not know: such a witness never counts.
    pub key: Option<WitnessVerifier>,
    /// Where it takes checkpoints: its submission prefix.
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    name: String,
    threshold: usize,
    members: Vec<Member>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// A checkpoint that a quorum has cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The policy's names of the witnesses that have cosigned it, and when (POSIX seconds).
    pub cosigners: Vec<(String, u64)>,
    /// As of when a quorum vouches for it (POSIX seconds): the latest time such that the witnesses that cosigned then or
    /// later are a quorum. `None` where the policy asks for no witness.
    pub as_of: Option<u64>,
}

impl Witnessed {
    /// Refuses a checkpoint for which no quorum has vouched within `max_age` seconds before `now` (POSIX seconds): a log
    /// that is held back shows only there.
    ///
    /// # Errors
    /// [`LogError::NotWitnessed`] if it is older, or cosigned more than five minutes ahead of the clock.
    pub fn demand_fresh(&self, now: u64, max_age: u64) -> Result<(), LogError> {
        let refuse = |what| Err(LogError::NotWitnessed { what });
        match self.as_of {
            Some(at) if at > now.saturating_add(MAX_AHEAD_S) => {
                refuse("it was cosigned in the future: check the clocks")
            }
            Some(at) if now.saturating_sub(at) > max_age => refuse("no quorum has cosigned it for too long"),
            _ => Ok(()),
        }
    }
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`LogError::BadPolicy`], with the line.
    pub fn parse(text: &str) -> Result<Self, LogError> {
        let refuse = |line, what| LogError::BadPolicy { line, what };
        if text.len() > MAX_POLICY_BYTES {
            return Err(refuse(1, "the file is longer than any policy"));
        }
        let mut reader = Reader::default();
        let mut count = 0;
        for (i, line) in text.split('\n').enumerate() {
            count = i + 1;
            if line.bytes().any(|b| (b < 0x20 && b != b'\t') || b == 0x7f) {
                return Err(refuse(count, "it has control characters"));
            }
            let items: Vec<&str> = line.split([' ', '\t']).filter(|item| !item.is_empty()).collect();
            match items.first() {
                None => {}
                Some(first) if first.starts_with('#') => {}
                Some(_) => reader.line(&items).map_err(|what| refuse(count, what))?,
            }
        }
        let Reader { logs, witnesses, groups, quorum, .. } = reader;
        let quorum = quorum.ok_or(refuse(count, "there is no quorum line"))?;
        Ok(Self { logs, witnesses, groups, quorum })
    }

    /// The same with a log's file of keys ([`LOG_KEYS_PATH`](super::LOG_KEYS_PATH)): what the keys that followed the policy's own
    /// have signed in their time counts too, and of a log with keys of both kinds, the signatures of both are demanded. A file of
    /// a log that the policy does not know changes nothing.
    ///
    /// # Errors
    /// [`LogError::BadLogKeys`] for a file that is none, or does not lead from the policy's key.
    pub fn following(mut self, keys: &[u8]) -> Result<Self, LogError> {
        let origin = log_of_keys(keys)?;
        for log in self.logs.iter_mut().filter(|log| log.name() == origin) {
            *log = log.following(keys)?;
        }
        Ok(self)
    }

    /// The logs that it knows.
    #[must_use]
    pub fn logs(&self) -> &[LogVerifier] {
        &self.logs
    }

    /// The witnesses that it knows.
    #[must_use]
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Whether the quorum could be met by those of the policy's witnesses for which `counts` holds, by their names, alone.
    #[must_use]
    pub fn met_by(&self, counts: impl Fn(&str) -> bool) -> bool {
        self.quorum.is_none_or(|quorum| self.has(quorum, &|witness| counts(&self.witnesses[witness].name)))
    }

    /// The checkpoint in a note: signed by one of the policy's logs, and cosigned by a quorum.
    ///
    /// # Errors
    /// [`LogError::BadCheckpoint`] if it is malformed, of no log of the policy, or carries a false signature of a key that
    /// the policy knows; [`LogError::NotWitnessed`] without a quorum.
    pub fn check(&self, note: &[u8]) -> Result<Witnessed, LogError> {
        let parsed = Note::parse(note)?;
        let checkpoint = Checkpoint::read(parsed.text)?;
        let mut signed = false;
        for log in self.logs.iter().filter(|log| log.name() == checkpoint.origin) {
            signed |= log.has_signed(&parsed)?;
        }
        if !signed {
            return Err(LogError::BadCheckpoint { what: "none of the policy's logs has signed it" });
        }
        let mut times = vec![None; self.witnesses.len()];
        for (witness, time) in self.witnesses.iter().zip(&mut times) {
            if let Some(key) = &witness.key {
                *time = key.time_on(&parsed)?;
            }
        }
        let as_of = match self.quorum {
            None => None,
            Some(quorum) => Some(
                times
                    .iter()
                    .flatten()
                    .copied()
                    .filter(|at| self.has(quorum, &|witness| times[witness].is_some_and(|time| time >= *at)))
                    .max()
                    .ok_or(LogError::NotWitnessed {
                        what: "fewer witnesses have cosigned it than the policy demands",
                    })?,
            ),
        };
        let cosigners =
            self.witnesses.iter().zip(&times).filter_map(|(w, time)| Some((w.name.clone(), (*time)?))).collect();
        Ok(Witnessed { checkpoint, cosigners, as_of })
    }

    /// Whether a member has witnessed, where the witnesses have for which `cosigned` holds. Groups name only what stands
    /// before them, so this ends; and each name once, so it visits nothing twice.
    fn has(&self, member: Member, cosigned: &dyn Fn(usize) -> bool) -> bool {
        match member {
            Member::Witness(i) => cosigned(i),
            Member::Group(i) => {
                let Group { threshold, members, .. } = &self.groups[i];
                members.iter().filter(|member| self.has(**member, cosigned)).count() >= *threshold
            }
        }
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    logs: Vec<LogVerifier>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorum: Option<Option<Member>>,
    log_keys: BTreeSet<Vec<u8>>,
    witness_keys: BTreeSet<Vec<u8>>,
    grouped: BTreeSet<Member>,
}

impl Reader {
    fn line(&mut self, items: &[&str]) -> Result<(), &'static str> {
        if [self.logs.len(), self.witnesses.len(), self.groups.len()].iter().any(|n| *n > MAX_OF_EACH) {
            return Err("there are more than 256 logs, witnesses or groups");
        }
        match *items {
            ["log", key] | ["log", key, _] => self.log(key),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, threshold, ref members @ ..] => self.group(name, threshold, members),
            ["quorum", name] => {
                let quorum = if name == "none" { None } else { Some(self.member(name)?) };
                match self.quorum.replace(quorum) {
                    None => Ok(()),
                    Some(_) => Err("there is a quorum line already"),
                }
            }
            _ => Err("it is no log, witness, group or quorum line"),
        }
    }

    fn log(&mut self, key: &str) -> Result<(), &'static str> {
        let text = KeyText::parse(key).map_err(|e| what(&e))?;
        // Of ML-DSA-44 a log's key is one of cosignatures: tlog-checkpoint, "Signatures".
        if ![ED25519, COSIGNATURE_ML_DSA_44].contains(&text.algorithm) {
            return Err("the log's key is not of type 1 or 6 (Ed25519 or ML-DSA-44)");
        }
        if !self.log_keys.insert(text.key.clone()) {
            return Err("this log's key is listed already");
        }
        self.logs.push(LogVerifier::of(NoteKey::from_text(text).map_err(|e| what(&e))?));
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), &'static str> {
        self.new_name(name)?;
        let text = KeyText::parse(key).map_err(|e| what(&e))?;
        if !self.witness_keys.insert(text.key.clone()) {
            return Err("this witness's key is listed already");
        }
        let key = match text.algorithm {
            COSIGNATURE_V1 | COSIGNATURE_ML_DSA_44 => {
                Some(WitnessVerifier(NoteKey::from_text(text).map_err(|e| what(&e))?))
            }
            ED25519 => return Err("the key is a log's, not a witness's"),
            _ => None,
        };
        self.witnesses.push(PolicyWitness { name: name.to_owned(), key, url: url.map(str::to_owned) });
        Ok(())
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), &'static str> {
        self.new_name(name)?;
        let found = members.iter().map(|member| self.member(member)).collect::<Result<Vec<_>, _>>()?;
        if found.iter().any(|member| !self.grouped.insert(*member)) {
            return Err("a name is a member of a group already");
        }
        let threshold = match threshold {
            "any" => 1,
            "all" => found.len(),
            k => super::checkpoint::parse_decimal(k)
                .and_then(|k| usize::try_from(k).ok())
                .ok_or("the threshold is not `all`, `any` or a number")?,
        };
        if threshold == 0 || threshold > found.len() {
            return Err("a group needs members, and a threshold of 1 to their number");
        }
        self.groups.push(Group { name: name.to_owned(), threshold, members: found });
        Ok(())
    }

    fn new_name(&self, name: &str) -> Result<(), &'static str> {
        if name == "none" {
            return Err("`none` names nothing but the empty quorum");
        }
        if self.member(name).is_ok() {
            return Err("the name is taken");
        }
        Ok(())
    }

    fn member(&self, name: &str) -> Result<Member, &'static str> {
        let witness = self.witnesses.iter().position(|w| w.name == name).map(Member::Witness);
        let group = || self.groups.iter().position(|g| g.name == name).map(Member::Group);
        witness.or_else(group).ok_or("a name stands for nothing above this line")
    }
}

fn what(error: &LogError) -> &'static str {
    match error {
        LogError::BadVerifierKey { what } => what,
        _ => "the key is malformed",
    }
}
