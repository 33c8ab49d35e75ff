//! The way to a key process.

use std::pin::Pin;

use tanba_seal::keyd::{KeyPlace, KeydError, Release, ReleasedKey, Standing};

use crate::error::RegistryError;

/// An answer, or why there is none.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, KeyRefusal>> + Send + 'a>>;

/// The way to a key process. The program speaks HTTP over its socket; tests ask one in the same process.
pub trait KeyLine: Send + Sync {
    /// What it tells of itself.
    fn standing(&self) -> Asked<'_, Standing>;

    /// A new key for what is about to be written, and its wrapped form.
    fn new_key(&self, place: KeyPlace) -> Asked<'_, (ReleasedKey, Vec<u8>)>;

    /// The wrapped form of a key that the register has held itself until now.
    fn wrap(&self, place: KeyPlace, key: ReleasedKey) -> Asked<'_, Vec<u8>>;

    /// A key that is with the process, wrapped under its newest version.
    fn rewrap(&self, place: KeyPlace, wrapped: Vec<u8>) -> Asked<'_, Vec<u8>>;

    /// The keys of a look, in the order in which they are asked for.
    fn release<'a>(&'a self, request: &'a Release) -> Asked<'a, Vec<ReleasedKey>>;
}

/// Why a key process gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyRefusal {
    /// It does not answer.
    Away {
        /// What went wrong on the way.
        why: String,
    },
    /// It said no.
    Refused {
        /// Its code.
        code: String,
        /// Its words, which name no record.
        why: String,
        /// The size of the log that it relied on last, where it is another than the request's.
        size: Option<u64>,
    },
}

impl From<KeydError> for KeyRefusal {
    fn from(error: KeydError) -> Self {
        let size = match error {
            KeydError::Behind { size } => Some(size),
            _ => None,
        };
        Self::Refused { code: error.code().to_owned(), why: error.to_string(), size }
    }
}

impl From<KeyRefusal> for RegistryError {
    fn from(refusal: KeyRefusal) -> Self {
        match refusal {
            KeyRefusal::Away { why } => Self::Keys { code: "away".to_owned(), why },
            KeyRefusal::Refused { code, why, .. } => Self::Keys { code, why },
        }
    }
}
