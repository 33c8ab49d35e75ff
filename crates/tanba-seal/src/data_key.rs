//! Data keys: one per subject and domain, wrapped at rest, sealing that subject's records.
//!
//! ```text
//! wrapped key  "TSK" 0x01 | key version u32be | sealed 32-byte key     (96 bytes)
//! record       "TSR" 0x01 | sealed plaintext                           (60 bytes more than the plaintext)
//! ```
//!
//! with `sealed` as in the `cipher` module, the header and the [`Context`] as associated data. The version in a
//! wrapped key is that of the key-encryption key; a record needs none, because its data key is never versioned: it is
//! re-wrapped when the key-encryption key rotates, and replaced (with all its records) or destroyed otherwise.

use std::fmt;

use zeroize::Zeroizing;

use crate::{
    Context, Entropy, SealError,
    cipher::{self, Broken, Secret},
    token,
};

const RECORD_HEADER: &[u8; 4] = b"TSR\x01";
const RECORD_PURPOSE: &str = "tanba-seal/1 record";
const WRAPPED_HEADER: &[u8; 4] = b"TSK\x01";
const WRAPPED_PURPOSE: &str = "tanba-seal/1 data key";

/// A 256-bit key for the records of one subject in one domain. Wiped from memory when dropped.
pub struct DataKey {
    domain: String,
    secret: Secret,
}

impl DataKey {
    /// Seals `plaintext` into an envelope that opens only with this key and this context.
    ///
    /// # Errors
    /// [`SealError::DomainMismatch`] if the context is of another domain; [`SealError::TooLong`] above 64 GiB.
    pub fn seal(
        &self,
        context: &Context<'_>,
        plaintext: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let associated = self.associated_data(context)?;
        let mut out = Vec::with_capacity(RECORD_HEADER.len() + cipher::OVERHEAD + plaintext.len());
        out.extend_from_slice(RECORD_HEADER);
        if !cipher::seal(&self.secret, RECORD_PURPOSE, &associated, plaintext, entropy, &mut out) {
            return Err(SealError::TooLong);
        }
        Ok(out)
    }

    /// Opens an envelope made by [`DataKey::seal`] with the same key and context.
    ///
    /// # Errors
    /// [`SealError::NotAnEnvelope`] for truncated or foreign bytes, [`SealError::WrongKey`] for another subject's
    /// envelope, [`SealError::Altered`] for a changed or moved one, [`SealError::DomainMismatch`].
    pub fn open(&self, context: &Context<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let associated = self.associated_data(context)?;
        let body = sealed
            .strip_prefix(RECORD_HEADER)
            .ok_or(SealError::NotAnEnvelope { what: "no record header of format 1" })?;
        cipher::open(&self.secret, RECORD_PURPOSE, &associated, body).map_err(broken)
    }

    /// The key's 32 bytes, for the one way that a key leaves a process: from the key process to the register that has
    /// proved its look ([`keyd`](crate::keyd)).
    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.secret.bytes()
    }

    /// The key that [`DataKey::expose`] gave; `None` unless it has 32 bytes.
    pub(crate) fn from_exposed(domain: &str, bytes: &[u8]) -> Option<Self> {
        Some(Self { domain: domain.to_owned(), secret: Secret::from_slice(bytes)? })
    }

    /// The domain that this key belongs to.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The same key for the records of a domain: where key-encryption keys are of a part of it, such as one group of people, data
    /// keys are wrapped under the part's label and seal records under the domain's.
    #[must_use]
    pub fn for_records_of(self, domain: &str) -> Self {
        Self { domain: domain.to_owned(), ..self }
    }

    pub(crate) fn random(domain: &str, entropy: &mut dyn Entropy) -> Self {
        Self { domain: domain.to_owned(), secret: Secret::random(entropy) }
    }

    /// Wraps this key under version `version` of its domain's key-encryption key.
    pub(crate) fn wrap(
        &self,
        key_encryption_key: &Secret,
        version: u32,
        context: &Context<'_>,
        entropy: &mut dyn Entropy,
    ) -> Vec<u8> {
        let mut out = WRAPPED_HEADER.to_vec();
        out.extend_from_slice(&version.to_be_bytes());
        let associated = context.associated_data(&out);
        let sealed =
            cipher::seal(key_encryption_key, WRAPPED_PURPOSE, &associated, self.secret.bytes(), entropy, &mut out);
        assert!(sealed, "32 bytes are within AES-GCM's limit");
        out
    }

    /// Unwraps what [`DataKey::wrap`] made, with the key-encryption key of the version that it names.
    pub(crate) fn unwrap(
        key_encryption_key: &Secret,
        context: &Context<'_>,
        wrapped: &[u8],
    ) -> Result<Self, SealError> {
        let (header, body) = wrapped.split_at_checked(WRAPPED_HEADER.len() + 4).ok_or(TRUNCATED)?;
        if !header.starts_with(WRAPPED_HEADER) {
            return Err(SealError::NotAnEnvelope { what: "it was wrapped in a token, not by a key file" });
        }
        let bytes = cipher::open(key_encryption_key, WRAPPED_PURPOSE, &context.associated_data(header), body)
            .map_err(broken)?;
        let secret = Secret::from_slice(&bytes).ok_or(SealError::NotAnEnvelope { what: "not a 256-bit key" })?;
        Ok(Self { domain: context.domain.to_owned(), secret })
    }

    fn associated_data(&self, context: &Context<'_>) -> Result<Vec<u8>, SealError> {
        if context.domain != self.domain {
            return Err(SealError::DomainMismatch { key: self.domain.clone(), context: context.domain.to_owned() });
        }
        Ok(context.associated_data(RECORD_HEADER))
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("domain", &self.domain).finish_non_exhaustive()
    }
}

const TRUNCATED: SealError = SealError::NotAnEnvelope { what: "it is too short" };

/// The key version that a wrapped key names.
pub(crate) fn wrapped_version(wrapped: &[u8]) -> Result<u32, SealError> {
    let rest = wrapped
        .strip_prefix(WRAPPED_HEADER)
        .or_else(|| wrapped.strip_prefix(token::WRAPPED_HEADER))
        .ok_or(SealError::NotAnEnvelope { what: "no wrapped-key header of format 1 or 2" })?;
    rest.first_chunk().map(|version| u32::from_be_bytes(*version)).ok_or(TRUNCATED)
}

fn broken(reason: Broken) -> SealError {
    match reason {
        Broken::Short => TRUNCATED,
        Broken::Key => SealError::WrongKey,
        Broken::Content => SealError::Altered,
    }
}
