//! Cosignatures (C2SP tlog-cosignature, Ed25519, signature type 0x04): a witness states that, as of a time, this is the
//! largest tree of the log that it has seen, and that it extends every earlier one it has seen.
//!
//! The signed message is `cosignature/v1`, the line `time <POSIX seconds>`, and the checkpoint's text; the signature in
//! the note is the time as a big-endian `u64` and the 64 bytes of Ed25519. Cosignatures of type 0x06 (ML-DSA-44) are
//! passed over like every type that is not known.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey};

use super::{
    LogError,
    note::{Note, signature_line},
    note_key::{COSIGNATURE_V1, NoteKey},
};

/// Times are POSIX seconds, and at most this.
const MAX_TIME: u64 = i64::MAX as u64;

/// A witness's signing key. Wiped from memory when dropped.
pub struct WitnessSigner {
    verifier: WitnessVerifier,
    key: SigningKey,
}

impl WitnessSigner {
    /// From the witness's name, which is a valid key name, and its RFC 8032 seed.
    pub(crate) fn new(name: &str, seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let verifier = WitnessVerifier(NoteKey::new(name.to_owned(), COSIGNATURE_V1, key.verifying_key()));
        Self { verifier, key }
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &WitnessVerifier {
        &self.verifier
    }

    /// The signature line for a checkpoint's text, with its final newline. Not for callers: only
    /// [`Witness`](super::Witness) knows that the tree extends the last one cosigned.
    pub(super) fn cosign(&self, text: &str, time: u64) -> String {
        let signature = self.key.sign(message(text, time).as_bytes()).to_bytes();
        let mut timestamped = time.to_be_bytes().to_vec();
        timestamped.extend_from_slice(&signature);
        signature_line(&self.verifier.0, &timestamped)
    }
}

impl fmt::Debug for WitnessSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WitnessSigner").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

/// The public key of a witness; its text form is `name+hash+base64(0x04 | key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessVerifier(pub(super) NoteKey);

impl WitnessVerifier {
    /// Reads the text form; one final newline is accepted.
    ///
    /// # Errors
    /// [`LogError::BadVerifierKey`].
    pub fn parse(text: &str) -> Result<Self, LogError> {
        NoteKey::parse(text, COSIGNATURE_V1, "the key is not of type 4 (Ed25519 cosignatures)").map(Self)
    }

    /// The witness's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The latest time (POSIX seconds) at which this witness has cosigned the note, or `None` if it has not.
    ///
    /// # Errors
    /// [`LogError::BadCheckpoint`] if a signature that claims to be this witness's is not, as for a log's own: a copy
    /// that carries a false signature of a known key is not to be trusted in anything.
    pub fn cosigned_at(&self, note: &[u8]) -> Result<Option<u64>, LogError> {
        self.time_on(&Note::parse(note)?)
    }

    pub(super) fn time_on(&self, note: &Note<'_>) -> Result<Option<u64>, LogError> {
        let refuse = |what| LogError::BadCheckpoint { what };
        let mut latest = None;
        for timestamped in note.signatures_by(&self.0) {
            let (time, signature) =
                timestamped.split_first_chunk::<8>().ok_or(refuse("a cosignature has a wrong length"))?;
            let time = u64::from_be_bytes(*time);
            if time == 0 || time > MAX_TIME {
                return Err(refuse("a cosignature has no possible time"));
            }
            let signature = Signature::from_slice(signature).map_err(|_| refuse("a cosignature has a wrong length"))?;
            self.0
                .key
                .verify_strict(message(note.text, time).as_bytes(), &signature)
                .map_err(|_| refuse("a witness's cosignature does not verify"))?;
            latest = latest.max(Some(time));
        }
        Ok(latest)
    }
}

impl fmt::Display for WitnessVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}
