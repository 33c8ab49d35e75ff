//! Salted commitments: what a log leaf says of a person without saying it.

use sha2::{Digest, Sha256};

const DOMAIN: &[u8] = b"tanba-seal/1 commitment\0";

/// Commits to `bytes` under a 128-bit random `salt`.
///
/// Without the salt the result says nothing, even about values that could be enumerated such as identity numbers;
/// with salt, label and bytes anyone can recompute it. Take a fresh salt for each commitment, so that the same event
/// twice gives different leaves.
///
/// The value is `SHA-256("tanba-seal/1 commitment" 0x00 | salt | u64be(len(label)) | label | bytes)`.
#[must_use]
pub fn commit(salt: &[u8; 16], label: &str, bytes: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(DOMAIN)
        .chain_update(salt)
        .chain_update((label.len() as u64).to_be_bytes())
        .chain_update(label)
        .chain_update(bytes)
        .finalize()
        .into()
}
