//! Cosignatures (C2SP tlog-cosignature): a witness states that, as of a time, this is the largest tree of the log that it has
//! seen, and that it extends every earlier one it has seen.
//!
//! The signature in the note is the time as a big-endian `u64`, then
//!
//! - type 0x04, the 64 bytes of Ed25519 over `cosignature/v1`, the line `time <POSIX seconds>` and the checkpoint's text;
//! - type 0x06, the 2420 bytes of ML-DSA-44 (FIPS 204, empty context) over a structure that names the witness too:
//!
//! ```text
//! "subtree/v1" 0x0a 0x00 | u8 length, witness's name | u64 time | u8 length, origin | u64 0 | u64 size | root (32)
//! ```
//!
//! The second one holds against quantum computers too, and is what the specification asks of new witnesses. Signatures of
//! types that are not known are passed over.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use ml_dsa::{MlDsa44, Seed, signature::Keypair as _};

use super::{
    Checkpoint, LogError,
    note::{Note, signature_line},
    note_key::{COSIGNATURE_ML_DSA_44, COSIGNATURE_V1, NoSignature, NoteKey, PublicKey},
};

/// Times are POSIX seconds, and at most this.
const MAX_TIME: u64 = i64::MAX as u64;

/// A witness's signing keys, one for each type of cosignature. Wiped from memory when dropped.
pub struct WitnessSigner {
    verifier: WitnessVerifier,
    key: SigningKey,
    post_quantum_verifier: WitnessVerifier,
    post_quantum: Box<ml_dsa::SigningKey<MlDsa44>>,
}

impl WitnessSigner {
    /// From the witness's name, which is a valid key name, its RFC 8032 seed and its FIPS 204 seed (xi).
    pub(crate) fn new(name: &str, seed: &[u8; 32], post_quantum: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let public = |algorithm, key| WitnessVerifier(NoteKey::new(name.to_owned(), algorithm, key));
        let verifier = public(COSIGNATURE_V1, PublicKey::Ed25519(key.verifying_key()));
        let seed = zeroize::Zeroizing::new(Seed::from(*post_quantum));
        let post_quantum = Box::new(ml_dsa::SigningKey::from_seed(&seed));
        let post_quantum_verifier =
            public(COSIGNATURE_ML_DSA_44, PublicKey::MlDsa44(Box::new(post_quantum.verifying_key())));
        Self { verifier, key, post_quantum_verifier, post_quantum }
    }

    /// The public half of the Ed25519 key.
    #[must_use]
    pub fn verifier(&self) -> &WitnessVerifier {
        &self.verifier
    }

    /// The public half of the ML-DSA-44 key.
    #[must_use]
    pub fn post_quantum_verifier(&self) -> &WitnessVerifier {
        &self.post_quantum_verifier
    }

    /// The signature lines for a checkpoint, first of Ed25519 and then of ML-DSA-44, with their final newlines; `text` is the note's, of which
    /// `checkpoint` is what it says. Not for callers: only [`Witness`](super::Witness) knows that the tree extends the last
    /// one cosigned.
    pub(super) fn cosign(&self, text: &str, checkpoint: &Checkpoint, time: u64) -> Result<[String; 2], LogError> {
        let line = |verifier: &WitnessVerifier, signature: &[u8]| {
            signature_line(&verifier.0, &[time.to_be_bytes().as_slice(), signature].concat())
        };
        let classic = self.key.sign(message(text, time).as_bytes()).to_bytes();
        let structure = cosigned_message(&self.post_quantum_verifier.0.name, checkpoint, time)?;
        let post_quantum = ml_dsa::signature::Signer::sign(&*self.post_quantum, &structure).encode();
        Ok([line(&self.verifier, &classic), line(&self.post_quantum_verifier, &post_quantum)])
    }
}

impl fmt::Debug for WitnessSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WitnessSigner").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

/// The public key of a witness; its text form is `name+hash+base64(type | key)`, with type 0x04 (Ed25519) or 0x06 (ML-DSA-44).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessVerifier(pub(super) NoteKey);

impl WitnessVerifier {
    /// Reads the text form; one final newline is accepted.
    ///
    /// # Errors
    /// [`LogError::BadVerifierKey`].
    pub fn parse(text: &str) -> Result<Self, LogError> {
        let types = [COSIGNATURE_V1, COSIGNATURE_ML_DSA_44];
        NoteKey::parse(text, &types, "the key is not of type 4 or 6 (Ed25519 or ML-DSA-44 cosignatures)").map(Self)
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
            // An ML-DSA-44 cosignature without a time says that the tree is consistent, not that it is the largest one seen.
            let timeless = time == 0 && self.0.algorithm == COSIGNATURE_ML_DSA_44;
            if (time == 0 && !timeless) || time > MAX_TIME {
                return Err(refuse("a cosignature has no possible time"));
            }
            let message = match self.0.algorithm {
                COSIGNATURE_ML_DSA_44 => cosigned_message(&self.0.name, &Checkpoint::read(note.text)?, time)?,
                _ => message(note.text, time).into_bytes(),
            };
            self.0.verify(&message, signature).map_err(|why| match why {
                NoSignature::Length => refuse("a cosignature has a wrong length"),
                NoSignature::False => refuse("a witness's cosignature does not verify"),
            })?;
            if timeless {
                continue;
            }
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

/// The `cosigned_message` of a whole tree.
pub(super) fn cosigned_message(name: &str, checkpoint: &Checkpoint, time: u64) -> Result<Vec<u8>, LogError> {
    let mut out = b"subtree/v1\n\0".to_vec();
    let label = |out: &mut Vec<u8>, text: &str| {
        let length = u8::try_from(text.len()).ok().filter(|length| *length > 0);
        let length = length.ok_or(LogError::BadCheckpoint { what: "a name has not 1 to 255 bytes" })?;
        out.push(length);
        out.extend_from_slice(text.as_bytes());
        Ok(())
    };
    label(&mut out, name)?;
    out.extend_from_slice(&time.to_be_bytes());
    label(&mut out, &checkpoint.origin)?;
    out.extend_from_slice(&0_u64.to_be_bytes());
    out.extend_from_slice(&checkpoint.size.to_be_bytes());
    out.extend_from_slice(&checkpoint.root.0);
    Ok(out)
}
