//! Public keys as COSE writes them (RFC 9053), and their signatures.

use p256::ecdsa::signature::Verifier as _;

use super::cbor::{numbered, whole, whole_map};
use super::error::PasskeyError;

/// ECDSA over P-256 with SHA-256.
pub(super) const ES256: i128 = -7;
/// Ed25519.
const EDDSA: i128 = -8;

/// A key that can verify.
pub(super) enum PublicKey {
    Es256(p256::ecdsa::VerifyingKey),
    Ed25519(ed25519_dalek::VerifyingKey),
}

impl PublicKey {
    /// From a COSE key: its type, algorithm and curve, and the point on that curve; nothing else in it.
    pub(super) fn from_cose(bytes: &[u8]) -> Result<Self, PasskeyError> {
        const WHAT: PasskeyError = PasskeyError::Unreadable("public key");
        let map = whole_map(bytes, "public key")?;
        let number = |key| numbered(&map, key).and_then(whole);
        let octets =
            |key| numbered(&map, key).and_then(|v| v.as_bytes()).and_then(|v| <&[u8; 32]>::try_from(v.as_slice()).ok());
        match (number(1), number(3), number(-1), map.len()) {
            // EC2, ES256, P-256: x and y.
            (Some(2), Some(ES256), Some(1), 5) => {
                let (x, y) = octets(-2).zip(octets(-3)).ok_or(WHAT)?;
                let mut point = [4_u8; 65];
                point[1..33].copy_from_slice(x);
                point[33..].copy_from_slice(y);
                p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map(Self::Es256).map_err(|_| WHAT)
            }
            // OKP, EdDSA, Ed25519: x.
            (Some(1), Some(EDDSA), Some(6), 4) => {
                let key = ed25519_dalek::VerifyingKey::from_bytes(octets(-2).ok_or(WHAT)?).map_err(|_| WHAT)?;
                // Under a key of small order anything is signed.
                if key.is_weak() { Err(WHAT) } else { Ok(Self::Ed25519(key)) }
            }
            _ => Err(PasskeyError::UnsupportedKey),
        }
    }

    /// Checks a signature: ASN.1 for ECDSA, 64 octets for Ed25519 (section 6.5.5).
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), PasskeyError> {
        const BAD: PasskeyError = PasskeyError::BadSignature;
        match self {
            Self::Es256(key) => {
                let signature = p256::ecdsa::DerSignature::from_bytes(signature).map_err(|_| BAD)?;
                key.verify(message, &signature).map_err(|_| BAD)
            }
            Self::Ed25519(key) => {
                let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| BAD)?;
                key.verify_strict(message, &signature).map_err(|_| BAD)
            }
        }
    }
}
