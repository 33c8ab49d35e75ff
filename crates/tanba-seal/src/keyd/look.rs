//! What the key process reads of a log entry: when, what kind, for which purpose, and at which records, committed to.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::KeydError;
use crate::commit;

/// The part of an entry that matters here; the register's entries say more, which is passed over.
#[derive(Deserialize)]
pub(super) struct Look {
    pub(super) seq: u64,
    /// Microseconds since 1970.
    pub(super) time: i64,
    pub(super) outcome: String,
    pub(super) purpose: String,
    /// Lower-case hexadecimal of [`commit_records`].
    records: Option<String>,
}

/// What opens an entry's commitment to its records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The salt, 16 bytes in base64.
    pub salt: String,
    /// The pseudonymous identifiers of the records looked at, in the order in which they were committed to.
    pub records: Vec<String>,
}

/// The commitment of a log entry to the records that it is about:
/// [`commit`]`(salt, "records", each identifier followed by ";")`.
#[must_use]
pub fn commit_records<R: AsRef<str>>(salt: &[u8; 16], records: &[R]) -> [u8; 32] {
    let joined: String = records.iter().map(|record| format!("{};", record.as_ref())).collect();
    commit(salt, "records", joined.as_bytes())
}

impl Look {
    pub(super) fn read(entry: &str) -> Result<Self, KeydError> {
        serde_json::from_str(entry)
            .map_err(|_| KeydError::Malformed { what: "the entry is no entry of a register's log" })
    }

    /// When it was written, POSIX seconds.
    pub(super) fn seconds(&self) -> u64 {
        u64::try_from(self.time / 1_000_000).unwrap_or(0)
    }

    /// Whether the entry commits to exactly these records.
    pub(super) fn names(&self, opening: &Opening) -> Result<(), KeydError> {
        let salt: [u8; 16] = BASE64
            .decode(&opening.salt)
            .ok()
            .and_then(|salt| salt.try_into().ok())
            .ok_or(KeydError::Malformed { what: "the salt is not 16 bytes in base64" })?;
        // Otherwise two lists could have one commitment.
        if opening.records.iter().any(|record| record.contains(';')) {
            return Err(KeydError::Malformed { what: "an identifier holds a `;`" });
        }
        let opened: String = commit_records(&salt, &opening.records).iter().map(|b| format!("{b:02x}")).collect();
        match &self.records {
            Some(committed) if bool::from(committed.as_bytes().ct_eq(opened.as_bytes())) => Ok(()),
            Some(_) => Err(KeydError::NotPermitted { why: "it names other records" }),
            None => Err(KeydError::NotPermitted { why: "it names no records" }),
        }
    }
}
