//! What is asked of the key process and what it answers, as JSON documents.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{KeydError, Opening};
use crate::{Context, DataKey};

/// "Unwrap these keys: here is the log entry of the look, and the proof that it is in the log."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The entry's proof (c2sp.org/tlog-proof@v1); its extra data is passed over.
    pub proof: String,
    /// The entry, as it stands in the log.
    pub entry: String,
    /// The size of the checkpoint that the key process relied on last, as the client knows it.
    pub old: u64,
    /// The consistency proof from there to the proof's checkpoint, hashes in base64.
    pub consistency: Vec<String>,
    /// What opens the entry's commitment to its records.
    pub opening: Opening,
    /// The keys.
    pub keys: Vec<WantedKey>,
}

/// Where a data key belongs: the [`Context`] that it is wrapped in, with names of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPlace {
    /// The key domain.
    pub domain: String,
    /// The table of the wrapped key.
    pub table: String,
    /// The record that the key is for.
    pub record: String,
    /// The field.
    pub field: String,
}

impl KeyPlace {
    /// As the context that a key is wrapped in.
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        Context { domain: &self.domain, table: &self.table, record: &self.record, field: &self.field }
    }
}

/// A wrapped data key, and the context that it was wrapped in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedKey {
    /// The key domain.
    pub domain: String,
    /// The table of the wrapped key.
    pub table: String,
    /// The record that the key is for; one of the opening's.
    pub record: String,
    /// The field.
    pub field: String,
    /// The wrapped key, base64.
    pub wrapped: String,
}

impl WantedKey {
    pub(super) fn context(&self) -> Context<'_> {
        Context { domain: &self.domain, table: &self.table, record: &self.record, field: &self.field }
    }

    pub(super) fn wrapped_bytes(&self) -> Result<Vec<u8>, KeydError> {
        BASE64.decode(&self.wrapped).map_err(|_| KeydError::Malformed { what: "a wrapped key is not base64" })
    }
}

/// A data key on its way to the register, in the order of the request. Wiped from memory when dropped; `Debug` and
/// errors do not show it.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct ReleasedKey {
    #[zeroize(skip)]
    domain: String,
    key: String,
}

impl ReleasedKey {
    pub(crate) fn of(key: &DataKey) -> Self {
        Self { domain: key.domain().to_owned(), key: BASE64.encode(key.expose()) }
    }

    /// The key, to open records with.
    ///
    /// # Errors
    /// [`KeydError::Malformed`] if it is none.
    pub fn open(&self) -> Result<DataKey, KeydError> {
        let bytes = BASE64.decode(&self.key).map(zeroize::Zeroizing::new);
        bytes
            .ok()
            .and_then(|bytes| DataKey::from_exposed(&self.domain, &bytes))
            .ok_or(KeydError::Malformed { what: "a released key is not 32 bytes in base64" })
    }
}

impl std::fmt::Debug for ReleasedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReleasedKey").field("domain", &self.domain).finish_non_exhaustive()
    }
}
