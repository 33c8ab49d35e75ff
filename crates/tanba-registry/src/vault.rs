//! Sealing fields of rows: which key, which context.
//!
//! Every encounter and every specimen has its own data key in each domain, wrapped under that domain's key-encryption
//! key. The context of a sealed field names domain, owner and field, so a ciphertext moved to another row does not open.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use tanba_seal::keyd::{KeyPlace, ReleasedKey};
use tanba_seal::{Context, DataKey, Entropy, KeyRing, SealError};
use zeroize::Zeroizing;

use crate::error::{RegistryError, Result};

/// What kind of data a key is for. One domain's keys open nothing of another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    Image,
    Template,
    Identity,
    Genomic,
    LogPayload,
    Case,
}

impl Domain {
    /// The labels under which a key file holds key-encryption keys.
    pub(crate) const LABELS: [&'static str; 6] = ["image", "template", "identity", "genomic", "log-payload", "case"];

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Template => "template",
            Self::Identity => "identity",
            Self::Genomic => "genomic",
            Self::LogPayload => "log-payload",
            Self::Case => "case",
        }
    }
}

/// The operating system's random numbers.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        // Without entropy nothing may be sealed, and there is nothing sensible to go on with.
        getrandom::fill(out).expect("the operating system gives random numbers");
    }
}

/// Fresh random bytes.
pub(crate) fn fresh_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut out = [0; N];
    getrandom::fill(&mut out).map_err(|e| RegistryError::Io(std::io::Error::other(e)))?;
    Ok(out)
}

/// The opened key file.
pub(crate) struct Vault {
    ring: RwLock<KeyRing>,
}

impl Vault {
    pub(crate) fn new(ring: KeyRing) -> Self {
        Self { ring: RwLock::new(ring) }
    }

    pub(crate) fn ring(&self) -> RwLockReadGuard<'_, KeyRing> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the keys of a domain again that were lent to it, until [`Vault::give_back`].
    pub(crate) fn borrow_domain(&self, place: &Context<'_>, under: &DataKey, sealed: &[u8]) -> Result<()> {
        Ok(self.ring.write().unwrap_or_else(PoisonError::into_inner).borrow_domain(place, under, sealed)?)
    }

    /// Wipes the keys of a domain, if they are there.
    pub(crate) fn give_back(&self, domain: Domain) {
        // It fails where they are not there only.
        let _ = self.ring.write().unwrap_or_else(PoisonError::into_inner).remove_domain(domain.label());
    }

    /// Signs the log from now on with the keys that a ring has for it.
    pub(crate) fn take_log_keys(&self, ring: KeyRing) {
        self.ring.write().unwrap_or_else(PoisonError::into_inner).take_log_keys(ring);
    }

    /// A fresh data key for an owner's data in a domain, and its wrapped form to store.
    pub(crate) fn new_key(&self, domain: Domain, owner: &str) -> Result<(DataKey, Vec<u8>)> {
        self.ring().new_data_key(&key_context(domain, owner), &mut OsEntropy).map_err(not_lent)
    }

    /// The data key from its wrapped form.
    pub(crate) fn open_key(&self, domain: Domain, owner: &str, wrapped: &[u8]) -> Result<DataKey> {
        self.ring().unwrap_data_key(&key_context(domain, owner), wrapped).map_err(not_lent)
    }

    /// The data key from its wrapped form, for a key process that is to wrap it from now on.
    pub(crate) fn hand_over(&self, domain: Domain, owner: &str, wrapped: &[u8]) -> Result<ReleasedKey> {
        Ok(self.ring().hand_over(&key_context(domain, owner), wrapped)?)
    }

    /// Ciphertext of one field of an owner's data.
    pub(crate) fn seal(
        &self,
        key: &DataKey,
        domain: Domain,
        owner: &str,
        field: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>> {
        Ok(key.seal(&field_context(domain, owner, field), plain, &mut OsEntropy)?)
    }

    /// The plaintext of [`Vault::seal`].
    pub(crate) fn open(
        &self,
        key: &DataKey,
        domain: Domain,
        owner: &str,
        field: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        Ok(key.open(&field_context(domain, owner, field), sealed)?)
    }

    /// What a record is called for one party and for no other.
    pub(crate) fn pseudonym(&self, party: &str, record: &str) -> [u8; 32] {
        self.ring().pseudonym(party, record)
    }

    /// A keyed hash for finding equal values without storing them. `what` separates kinds of values.
    pub(crate) fn blind(&self, what: &str, value: &[u8]) -> Vec<u8> {
        self.ring().blind_index(what, value).to_vec()
    }
}

/// Keys that are lent are away between two periods, and no register is without the others.
fn not_lent(error: SealError) -> RegistryError {
    match error {
        SealError::UnknownDomain { .. } => closed(),
        error => error.into(),
    }
}

/// Why nothing that is about people is opened now.
pub(crate) fn closed() -> RegistryError {
    RegistryError::Keys {
        code: "no_period".to_owned(),
        why: "the key process has not given the keys of this period: the supervisor may have stopped it, or it, or the log's witnesses, are away"
            .to_owned(),
    }
}

/// Where the wrapped data key of an owner belongs, for a key process.
pub(crate) fn key_place(domain: Domain, owner: &str) -> KeyPlace {
    let Context { domain, table, record, field } = key_context(domain, owner);
    KeyPlace { domain: domain.to_owned(), table: table.to_owned(), record: record.to_owned(), field: field.to_owned() }
}

fn key_context(domain: Domain, owner: &str) -> Context<'_> {
    Context { domain: domain.label(), table: "data_keys", record: owner, field: "wrapped" }
}

fn field_context<'a>(domain: Domain, owner: &'a str, field: &'a str) -> Context<'a> {
    Context { domain: domain.label(), table: "records", record: owner, field }
}
