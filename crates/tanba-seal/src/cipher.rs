//! The one way in which anything is encrypted here: AES-256-GCM under a key used for a single message.
//!
//! ```text
//! salt (24 random bytes) | commitment (16) | ciphertext (as long as the plaintext) | tag (16)
//!
//! message key (32) | nonce (12) | commitment (16) = HKDF-SHA-256(salt, key, info = purpose)
//! ```
//!
//! Deriving a fresh key for each message removes the limit of 2^32 random nonces per key (NIST SP 800-38D, 8.3): with
//! 192-bit salts a collision stays negligible far beyond any national register. The commitment makes the scheme
//! key-committing, which AES-GCM alone is not, and tells "wrong key" from "altered" without helping an attacker. It
//! differs for every message, so two records sealed under one key cannot be linked by it.

use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::Entropy;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const SALT_BYTES: usize = 24;
const COMMITMENT_BYTES: usize = 16;
const TAG_BYTES: usize = 16;

/// How much longer a sealed message is than its plaintext.
pub(crate) const OVERHEAD: usize = SALT_BYTES + COMMITMENT_BYTES + TAG_BYTES;

/// A 256-bit secret. Lives on the heap so that moving it leaves no copy, and is wiped when dropped.
#[derive(Clone)]
pub(crate) struct Secret(Box<Zeroizing<[u8; KEY_BYTES]>>);

impl Secret {
    /// A new random secret.
    pub(crate) fn random(entropy: &mut dyn Entropy) -> Self {
        let mut secret = Self::zero();
        entropy.fill(secret.0.as_mut_slice());
        secret
    }

    /// A secret with the given 32 bytes; `None` for another length.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != KEY_BYTES {
            return None;
        }
        let mut secret = Self::zero();
        secret.0.copy_from_slice(bytes);
        Some(secret)
    }

    /// All zero bytes, to be filled in place.
    pub(crate) fn zero() -> Self {
        Self(Box::new(Zeroizing::new([0; KEY_BYTES])))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; KEY_BYTES] {
        &mut self.0
    }
}

/// Why a sealed message did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Shorter than an empty message.
    Short,
    /// Sealed under another key or for another purpose.
    Key,
    /// The key is right; the ciphertext or the associated data is not.
    Content,
}

/// Appends `plaintext`, sealed under `key` for `purpose` and bound to `associated`, to `out`. `false` if it is longer
/// than AES-GCM allows.
pub(crate) fn seal(
    key: &Secret,
    purpose: &str,
    associated: &[u8],
    plaintext: &[u8],
    entropy: &mut dyn Entropy,
    out: &mut Vec<u8>,
) -> bool {
    let mut salt = [0; SALT_BYTES];
    entropy.fill(&mut salt);
    let message = MessageKeys::derive(key, purpose, &salt);
    out.reserve_exact(OVERHEAD + plaintext.len());
    out.extend_from_slice(&salt);
    out.extend_from_slice(message.commitment());
    let start = out.len();
    out.extend_from_slice(plaintext);
    let tag = message.cipher().encrypt_inout_detached(message.nonce().into(), associated, (&mut out[start..]).into());
    match tag {
        Ok(tag) => {
            out.extend_from_slice(&tag);
            true
        }
        Err(_) => {
            // What stands there is still plaintext.
            zeroize::Zeroize::zeroize(out);
            false
        }
    }
}

/// Opens what [`seal`] appended.
pub(crate) fn open(
    key: &Secret,
    purpose: &str,
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let (salt, rest) = sealed.split_at_checked(SALT_BYTES).ok_or(Broken::Short)?;
    let (commitment, rest) = rest.split_at_checked(COMMITMENT_BYTES).ok_or(Broken::Short)?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(Broken::Short)?;
    let message = MessageKeys::derive(key, purpose, salt);
    if !bool::from(message.commitment().ct_eq(commitment)) {
        return Err(Broken::Key);
    }
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    message
        .cipher()
        .decrypt_inout_detached(message.nonce().into(), associated, plaintext.as_mut_slice().into(), tag.into())
        .map_err(|_| Broken::Content)?;
    Ok(plaintext)
}

/// Key, nonce and commitment of one message.
struct MessageKeys(Zeroizing<[u8; KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES]>);

impl MessageKeys {
    fn derive(key: &Secret, purpose: &str, salt: &[u8]) -> Self {
        let mut okm = Zeroizing::new([0; KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES]);
        Hkdf::<Sha256>::new(Some(salt), key.bytes())
            .expand(purpose.as_bytes(), okm.as_mut_slice())
            .expect("60 bytes are within HKDF-SHA-256's 8160");
        Self(okm)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new_from_slice(&self.0[..KEY_BYTES]).expect("an AES-256 key has 32 bytes")
    }

    fn nonce(&self) -> &[u8; NONCE_BYTES] {
        self.0[KEY_BYTES..].first_chunk().expect("12 bytes follow the key")
    }

    fn commitment(&self) -> &[u8] {
        &self.0[KEY_BYTES + NONCE_BYTES..]
    }
}
