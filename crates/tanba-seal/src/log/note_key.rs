//! Names and public keys of those who sign notes (C2SP signed-note, "verifier keys").

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature, VerifyingKey};
use ml_dsa::{EncodedVerifyingKey, MlDsa44, signature::Verifier as _};
use sha2::{Digest, Sha256};

use super::LogError;

/// Signature type of a log's Ed25519 signature (C2SP signed-note).
pub(super) const ED25519: u8 = 0x01;

/// Signature type of a timestamped Ed25519 cosignature (C2SP tlog-cosignature).
pub(super) const COSIGNATURE_V1: u8 = 0x04;

/// Signature type of a timestamped ML-DSA-44 cosignature (C2SP tlog-cosignature).
pub(super) const COSIGNATURE_ML_DSA_44: u8 = 0x06;

/// The length of an ML-DSA-44 signature (FIPS 204, table 2).
const ML_DSA_44_SIGNATURE_BYTES: usize = 2420;

/// The longest public key of a verifier key, bytes: those of ML-DSA-44 have 1312.
const MAX_KEY_BYTES: usize = 4096;

/// Whether `name` may name a key: not empty, no Unicode spaces, no control characters, no `+`.
#[must_use]
pub fn valid_key_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// A verifier key of any signature type, `name+hash+base64(type | key)`, found to be well formed.
pub(super) struct KeyText {
    pub(super) name: String,
    pub(super) algorithm: u8,
    pub(super) key: Vec<u8>,
}

impl KeyText {
    /// Reads the text form; one final newline is accepted.
    pub(super) fn parse(text: &str) -> Result<Self, LogError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refuse("it has not three parts"));
        };
        if !valid_key_name(name) {
            return Err(refuse("the name is not one"));
        }
        let key = BASE64.decode(key).map_err(|_| refuse("the key is not base64"))?;
        let Some((&algorithm, key)) = key.split_first().filter(|(_, key)| key.len() <= MAX_KEY_BYTES) else {
            return Err(refuse("the key has no type, or is longer than any key"));
        };
        if format!("{:08x}", u32::from_be_bytes(key_id(name, algorithm, key))) != id {
            return Err(refuse("the hash does not fit name and key"));
        }
        Ok(Self { name: name.to_owned(), algorithm, key: key.to_vec() })
    }
}

/// A public key with the name and the signature type under which it signs.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct NoteKey {
    pub(super) name: String,
    pub(super) algorithm: u8,
    pub(super) id: [u8; 4],
    key: PublicKey,
}

/// A public key of one of the signature algorithms that are known here.
#[derive(Clone, PartialEq)]
pub(super) enum PublicKey {
    /// RFC 8032.
    Ed25519(VerifyingKey),
    /// FIPS 204, the smallest parameter set.
    MlDsa44(Box<ml_dsa::VerifyingKey<MlDsa44>>),
}

impl Eq for PublicKey {}

impl PublicKey {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.as_bytes().to_vec(),
            Self::MlDsa44(key) => key.encode().to_vec(),
        }
    }
}

/// Why a signature does not count.
pub(super) enum NoSignature {
    /// It has not the length of one.
    Length,
    /// It was not made by this key over this message.
    False,
}

impl NoteKey {
    pub(super) fn new(name: String, algorithm: u8, key: PublicKey) -> Self {
        let id = key_id(&name, algorithm, &key.bytes());
        Self { name, algorithm, id, key }
    }

    pub(super) fn same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Whether this key has signed `message`: Ed25519 strictly, ML-DSA-44 with an empty context.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), NoSignature> {
        match &self.key {
            PublicKey::Ed25519(key) => {
                let signature = Signature::from_slice(signature).map_err(|_| NoSignature::Length)?;
                key.verify_strict(message, &signature).map_err(|_| NoSignature::False)
            }
            PublicKey::MlDsa44(key) => {
                if signature.len() != ML_DSA_44_SIGNATURE_BYTES {
                    return Err(NoSignature::Length);
                }
                // Of the right length and no signature: a coefficient is out of its range.
                let signature = ml_dsa::Signature::<MlDsa44>::try_from(signature).map_err(|_| NoSignature::False)?;
                key.verify(message, &signature).map_err(|_| NoSignature::False)
            }
        }
    }

    /// A key of one of the signature types `types`; `otherwise` says what is wrong with one of another type.
    pub(super) fn parse(text: &str, types: &[u8], otherwise: &'static str) -> Result<Self, LogError> {
        let found = KeyText::parse(text)?;
        if !types.contains(&found.algorithm) {
            return Err(refuse(otherwise));
        }
        Self::from_text(found)
    }

    /// The key of a verifier key of a type that is known here.
    pub(super) fn from_text(found: KeyText) -> Result<Self, LogError> {
        let key = match found.algorithm {
            ED25519 | COSIGNATURE_V1 => {
                let key = found.key.as_slice().try_into().map_err(|_| refuse("an Ed25519 key has 32 bytes"))?;
                let key = VerifyingKey::from_bytes(key).map_err(|_| refuse("the key is not a point of the curve"))?;
                PublicKey::Ed25519(key)
            }
            COSIGNATURE_ML_DSA_44 => {
                let key = EncodedVerifyingKey::<MlDsa44>::try_from(found.key.as_slice())
                    .map_err(|_| refuse("an ML-DSA-44 key has 1312 bytes"))?;
                PublicKey::MlDsa44(Box::new(ml_dsa::VerifyingKey::decode(&key)))
            }
            _ => return Err(refuse("the key is of a type that is not known here")),
        };
        Ok(Self::new(found.name, found.algorithm, key))
    }
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.algorithm];
        key.extend_from_slice(&self.key.bytes());
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id), BASE64.encode(key))
    }
}

impl fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `SHA-256(name | 0x0a | type | key)[:4]`.
fn key_id(name: &str, algorithm: u8, key: &[u8]) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name).chain_update([b'\n', algorithm]).chain_update(key).finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

fn refuse(what: &'static str) -> LogError {
    LogError::BadVerifierKey { what }
}
