//! Sealing fields of rows: which key, which context.
//!
//! Every encounter and every specimen has its own data key in each domain, wrapped under that domain's key-encryption
//! key; genetic data under the key-encryption key of its group, so that whoever may open the profiles of one group opens none of
//! another. The context of a sealed field names domain, owner and field, so a ciphertext moved to another row does not open, and that of a
//! wrapped key names the group.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use tanba_dna::Category;
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
    pub(crate) fn label(self) -> &'static str {
        Wrapping::Of(self).label()
    }
}

/// Which key-encryption key is in charge of a data key.
///
/// Of genetic data it is that of the group for which a specimen is held: the law lets one group be opened where it forbids another. Prints and
/// names have one key for everybody: all are of the civil population, and no rule opens one civil person's and not another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    Of(Domain),
    Group(Category),
}

impl From<Domain> for Wrapping {
    fn from(domain: Domain) -> Self {
        Self::Of(domain)
    }
}

impl Wrapping {
    /// The label of the keys, in key files and in the rules of a key process.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Of(Domain::Image) => "image",
            Self::Of(Domain::Template) => "template",
            Self::Of(Domain::Identity) => "identity",
            // Of an older version, which had one for all groups.
            Self::Of(Domain::Genomic) => "genomic",
            Self::Of(Domain::LogPayload) => "log-payload",
            Self::Of(Domain::Case) => "case",
            Self::Group(Category::ConvictedPerson) => "genomic-convicted-person",
            Self::Group(Category::UnidentifiedPerson) => "genomic-unidentified-person",
            Self::Group(Category::UnidentifiedBody) => "genomic-unidentified-body",
            Self::Group(Category::RelativeOfMissing) => "genomic-relative-of-missing",
            Self::Group(Category::CrimeStain) => "genomic-crime-stain",
            Self::Group(Category::MissingPersonReference) => "genomic-missing-person-reference",
            Self::Group(Category::Elimination) => "genomic-elimination",
        }
    }

    fn domain(self) -> Domain {
        match self {
            Self::Of(domain) => domain,
            Self::Group(_) => Domain::Genomic,
        }
    }
}

/// The labels of the keys that a register gives to a key process: images, then what is opened every day, then the groups of specimens.
pub const ENTRUSTED_KEYS: [&str; 11] = {
    const fn of(group: Category) -> &'static str {
        Wrapping::Group(group).label()
    }
    let [a, b, c, d, e, f, g] = Category::ALL;
    ["image", "template", "identity", "case", of(a), of(b), of(c), of(d), of(e), of(f), of(g)]
};

/// Makes the keys of groups in a ring of an older version, which has one key for all genetic data; whether any was missing. Write the
/// ring's file before anything is wrapped with them.
///
/// # Errors
/// Those of [`KeyRing::add_domain`].
pub fn add_group_keys(ring: &mut KeyRing) -> std::result::Result<bool, SealError> {
    if !ring.has_domain(Domain::Genomic.label()) {
        return Ok(false);
    }
    let groups = Category::ALL.map(|group| Wrapping::Group(group).label());
    let missing: Vec<&str> = groups.into_iter().filter(|label| !ring.has_domain(label)).collect();
    for label in &missing {
        ring.add_domain(label, &mut OsEntropy)?;
    }
    Ok(!missing.is_empty())
}

/// A new register's keys.
pub(crate) fn all_labels() -> Vec<&'static str> {
    [&ENTRUSTED_KEYS[..], &[Domain::LogPayload.label()]].concat()
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

    /// Wipes keys, if they are there.
    pub(crate) fn give_back(&self, keys: impl Into<Wrapping>) {
        // It fails where they are not there only.
        let _ = self.ring.write().unwrap_or_else(PoisonError::into_inner).remove_domain(keys.into().label());
    }

    /// Whether keys are there.
    pub(crate) fn has(&self, keys: impl Into<Wrapping>) -> bool {
        self.ring().has_domain(keys.into().label())
    }

    /// Makes the keys of groups, in memory: see [`add_group_keys`].
    pub(crate) fn add_group_keys(&self) -> Result<bool> {
        Ok(add_group_keys(&mut self.ring.write().unwrap_or_else(PoisonError::into_inner))?)
    }

    /// Has the keys of another state of its key file.
    pub(crate) fn take(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
    }

    /// Signs the log from now on with the keys that a ring has for it.
    pub(crate) fn take_log_keys(&self, ring: KeyRing) {
        self.ring.write().unwrap_or_else(PoisonError::into_inner).take_log_keys(ring);
    }

    /// A fresh data key for an owner's data, and its wrapped form to store.
    pub(crate) fn new_key(&self, wrapping: impl Into<Wrapping>, owner: &str) -> Result<(DataKey, Vec<u8>)> {
        let wrapping = wrapping.into();
        let made = self.ring().new_data_key(&key_context(wrapping, owner), &mut OsEntropy).map_err(not_lent)?;
        Ok((made.0.for_records_of(wrapping.domain().label()), made.1))
    }

    /// The data key from its wrapped form.
    pub(crate) fn open_key(&self, wrapping: impl Into<Wrapping>, owner: &str, wrapped: &[u8]) -> Result<DataKey> {
        let wrapping = wrapping.into();
        let key = self.ring().unwrap_data_key(&key_context(wrapping, owner), wrapped).map_err(not_lent)?;
        Ok(key.for_records_of(wrapping.domain().label()))
    }

    /// The wrapped form of a specimen's data key under the key of its group, from that under the one key of an older version.
    pub(crate) fn to_group(&self, group: Category, owner: &str, wrapped: &[u8]) -> Result<Vec<u8>> {
        let (from, to) = (key_context(Domain::Genomic, owner), key_context(Wrapping::Group(group), owner));
        self.ring().move_data_key(&from, &to, wrapped, &mut OsEntropy).map_err(not_lent)
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

fn key_context(wrapping: impl Into<Wrapping>, owner: &str) -> Context<'_> {
    Context { domain: wrapping.into().label(), table: "data_keys", record: owner, field: "wrapped" }
}

fn field_context<'a>(domain: Domain, owner: &'a str, field: &'a str) -> Context<'a> {
    Context { domain: domain.label(), table: "records", record: owner, field }
}
