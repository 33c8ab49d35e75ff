//! Keys, envelope encryption, and the transparency log.
//!
//! This crate is the part of Tanba that an auditor reads alone. It sees bytes and labels, never persons, fingers or
//! documents; and it touches nothing outside itself: storage ([`log::TileStore`]), randomness ([`Entropy`]) and time
//! are handed in by the caller. There is no `unsafe` in it and no cryptography of its own, only RustCrypto's
//! primitives put together as follows (and ring's, for signatures of OpenID providers: RSA in constant time).
//!
//! # Keys, from the passphrase down
//!
//! ```text
//! passphrase --Argon2id--> file key
//!     unwraps the key file (a JSON document)          KeyRing::open
//!         log seed (Ed25519) ........................ KeyRing::log_signer
//!         blind-index root (HMAC-SHA-256) ........... KeyRing::blind_index
//!         per domain ("image", "identity", ...):
//!             key-encryption keys, versions 1..=n
//!                 unwrap one data key per subject ... KeyRing::unwrap_data_key
//!                     seals that subject's records .. DataKey::seal, DataKey::open
//! ```
//!
//! The key-encryption keys may lie in a [`Token`] instead (a hardware security module), which makes them, unwraps data keys
//! by itself, and gives none of them out: the key file then holds their names.
//!
//! Whatever is sealed is bound to its [`Context`] (domain, table, record, field): a ciphertext that is moved to
//! another row, or swapped with another person's, no longer opens.
//!
//! # Destroying data by destroying its key
//!
//! Give every subject a data key of its own in each domain and store the wrapped key in one row. Deleting that row
//! (and its copies in backups of the key table, which is small, hot, and can be kept on a short rotation) makes every
//! copy of every record sealed under it unreadable, wherever the copies are: in replicas, in last year's backup, on a
//! stolen disk. Nothing else holds the data key. The log needs no change: its leaves hold only salted [`commit`]ments,
//! and inclusion and consistency proofs go on verifying.
//!
//! # The log
//!
//! The [`log`] module: an RFC 6962 Merkle tree stored as C2SP tlog-tiles, with signed checkpoints and offline proofs,
//! the [`log::integrate`] step that extends it in an order that survives a crash at any point, and [`log::fsck`],
//! which derives every file of it again from the entries. [`log::Witness`] and [`log::Policy`] are what keeps a log from
//! showing one history here and another there.
//!
//! # The index of own entries
//!
//! The [`index`] module: a map in the log by which a person can tell that no entry about them was left out.
//!
//! # The key process
//!
//! The [`keyd`] module: the holder of the key-encryption keys as a party of its own, which unwraps a data key only for
//! whoever proves that the look is an entry of the log, and stops when the supervisor says so.
//!
//! # Certificates of erasure
//!
//! [`ErasureCertificate`]: entries of the log that say what was erased, with their proofs, for the person to keep.
//!
//! # Sanctions
//!
//! [`Sanction`]: what a court permits, as a signed note that is read in one way only.
//!
//! # Passkeys
//!
//! The [`passkey`] module: what is verified of the security keys of those who work here, from the maker's certificates to
//! the signature over one act.
//!
//! # National sign-in
//!
//! The [`openid`] module: what is verified of an OpenID provider's word about the person concerned.

mod cipher;
mod commitment;
mod context;
mod data_key;
mod erasure;
mod error;
pub mod index;
mod key_domain;
mod key_file;
mod key_ring;
pub mod keyd;
pub mod log;
pub mod openid;
pub mod passkey;
mod passphrase;
mod sanction;
mod token;

pub use commitment::commit;
pub use context::Context;
pub use data_key::DataKey;
pub use erasure::{ERASED, ErasureCertificate, ProvedErasure, commit_erased};
pub use error::SealError;
pub use key_ring::KeyRing;
pub use passphrase::{KdfParams, MIN_PASSPHRASE_CHARS};
pub use sanction::{Sanction, SanctionError, Subject};
pub use token::{SEALED_KEY_BYTES, Token, TokenError, TokenKeyName};

/// A source of cryptographically secure random bytes, handed in by the caller.
///
/// Any `FnMut(&mut [u8])` is one. It must fill the whole slice with unpredictable bytes or not return at all: every
/// key and every message salt comes from here, so an implementation whose source fails must panic or abort.
pub trait Entropy {
    /// Overwrites every byte of `out` with random bytes.
    fn fill(&mut self, out: &mut [u8]);
}

impl<F: FnMut(&mut [u8])> Entropy for F {
    fn fill(&mut self, out: &mut [u8]) {
        self(out);
    }
}
