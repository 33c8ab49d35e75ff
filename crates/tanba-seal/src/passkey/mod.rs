//! Passkeys of those who work here: what a relying party verifies of a registration and of an assertion (W3C *Web
//! Authentication* Level 3, sections 7.1 and 7.2), strict and small.
//!
//! An authenticator is a piece of hardware that signs with a key of its own, for one site, after it has verified who holds
//! it. Here is only the verifying side: [`RelyingParty::register`] takes what an authenticator answers when it makes a key
//! and gives a [`Passkey`] to keep; [`RelyingParty::assert`] takes what it signs afterwards and gives the counter to keep.
//! The challenge is the caller's bytes: random for signing in, the hash of a transaction where two officers put their names
//! under the same act ([`challenge`]).
//!
//! What is taken: keys ES256 (COSE -7) and EdDSA over Ed25519 (COSE -8); the user verified, always; one site, named
//! origins, never inside another site's frame. By [`Attestation::Hardware`] a key is taken only if its maker vouches for it
//! (`packed` with a chain of certificates to a configured anchor, of an allowed model) and it cannot leave the hardware (no
//! backup flags); by [`Attestation::Any`], for demonstrations, any key is taken. Signatures in chains are ECDSA over P-256
//! with SHA-256; where a maker's root signs by RSA or P-384, its intermediate or batch certificate is the anchor.
//!
//! Everything here is pure: time is an argument, and whether a challenge was used before is the caller's to know.

mod attestation;
mod authenticator_data;
mod cbor;
mod chain;
mod client_data;
mod error;
mod public_key;
mod relying_party;
#[cfg(any(test, feature = "software-authenticator"))]
pub mod software;
#[cfg(test)]
mod tests;

pub use attestation::{Aaguid, Attestation, BadAaguid, BadAnchor, HardwareOnly};
pub use error::PasskeyError;
pub use relying_party::{Asserted, Passkey, Registered, RelyingParty};

use sha2::{Digest, Sha256};

/// The challenge of an act: SHA-256 over what kind of act it is, a nonce and the act itself, each with its length before it.
/// Whoever asserts over it has signed this act, here, once.
pub fn challenge(label: &str, nonce: &[u8; 32], act: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [b"tanba passkey challenge v1".as_slice(), label.as_bytes(), nonce, act] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
