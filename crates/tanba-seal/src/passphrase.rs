//! From a passphrase to the key that wraps the key file.

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};

use crate::{SealError, cipher::Secret};

/// The fewest characters that a passphrase may have. NIST SP 800-63B-4 section 3.1.1.2 asks for 15 where a password
/// is the only factor; here the file itself must be had too, so it counts as one of two factors and 12 exceed its 8.
pub const MIN_PASSPHRASE_CHARS: usize = 12;

/// Below this many different characters a passphrase is a pattern (`aaaaaaaaaaaa`, `abababababab`).
const MIN_DISTINCT_CHARS: usize = 5;

/// The longest passphrase accepted, bytes: bounds the work on hostile input.
const MAX_PASSPHRASE_BYTES: usize = 1024;

/// Length of the Argon2id salt, bytes (RFC 9106 section 3.1 recommends 16).
pub(crate) const SALT_BYTES: usize = 16;

/// The floor for memory and passes: OWASP Password Storage Cheat Sheet, Argon2id with 19 MiB and two passes.
const MIN_MEMORY_KIB: u32 = 19 * 1024;
const MIN_PASSES: u32 = 2;

/// The ceilings: opening a file that someone else wrote must not exhaust the machine.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;
const MAX_PASSES: u32 = 64;
const MAX_LANES: u32 = 16;

/// The cost of turning a passphrase into a key (Argon2id version 1.3, RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KdfParams {
    /// Memory, KiB: 19,456 to 1,048,576.
    pub memory_kib: u32,
    /// Passes over the memory: 2 to 64.
    pub passes: u32,
    /// Lanes: 1 to 16.
    pub lanes: u32,
}

impl KdfParams {
    /// RFC 9106 section 4, second recommended option: 64 MiB, three passes, four lanes. For real installations.
    pub const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    /// The least that is accepted: 19 MiB, two passes, one lane. For demonstrations and tests.
    pub const MINIMUM: Self = Self { memory_kib: MIN_MEMORY_KIB, passes: MIN_PASSES, lanes: 1 };

    pub(crate) fn check(self) -> Result<Self, SealError> {
        let refuse = |why| Err(SealError::KdfParams { why });
        if !(MIN_MEMORY_KIB..=MAX_MEMORY_KIB).contains(&self.memory_kib) {
            return refuse("memory must be 19,456 to 1,048,576 KiB");
        }
        if !(MIN_PASSES..=MAX_PASSES).contains(&self.passes) {
            return refuse("passes must be 2 to 64");
        }
        if !(1..=MAX_LANES).contains(&self.lanes) {
            return refuse("lanes must be 1 to 16");
        }
        Ok(self)
    }

    /// The file key for this passphrase and salt. Takes as long as the parameters ask.
    pub(crate) fn derive(self, passphrase: &str, salt: &[u8; SALT_BYTES]) -> Result<Secret, SealError> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|_| SealError::KdfParams { why: "Argon2 does not accept this combination" })?;
        let mut key = Secret::zero();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, key.bytes_mut())
            .map_err(|_| SealError::KdfParams { why: "Argon2 could not run (is there enough memory?)" })?;
        Ok(key)
    }
}

/// Refuses passphrases that would make the key file worthless. Spaces and any script are welcome; the bytes are used
/// as typed, so the same keyboard that set it can type it again.
pub(crate) fn check_strength(passphrase: &str) -> Result<(), SealError> {
    let refuse = |why| Err(SealError::WeakPassphrase { why });
    if passphrase.chars().filter(|c| !c.is_whitespace()).count() == 0 {
        return refuse("it is empty");
    }
    if passphrase.chars().count() < MIN_PASSPHRASE_CHARS {
        return refuse("it is too short");
    }
    check_length(passphrase)?;
    let mut distinct: Vec<char> = passphrase.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < MIN_DISTINCT_CHARS {
        return refuse("it repeats too few different characters");
    }
    Ok(())
}

/// Refuses passphrases too long to be one.
pub(crate) fn check_length(passphrase: &str) -> Result<(), SealError> {
    if passphrase.len() > MAX_PASSPHRASE_BYTES {
        return Err(SealError::WeakPassphrase { why: "it is longer than 1024 bytes, which no one can type" });
    }
    Ok(())
}
