//! Signed notes (C2SP signed-note) with Ed25519, signature type 0x01.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::LogError;

const ED25519: u8 = 0x01;
const SIGNATURE_MARK: &str = "\u{2014} ";

/// The longest note read. The specification asks for at least 16 signatures; post-quantum ones have up to 5 kB.
const MAX_NOTE_BYTES: usize = 128 * 1024;

/// Whether `name` may name a key: not empty, no Unicode spaces, no control characters, no `+`.
#[must_use]
pub fn valid_key_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// The key that signs a log's checkpoints. Wiped from memory when dropped.
pub struct LogSigner {
    verifier: LogVerifier,
    key: SigningKey,
}

impl LogSigner {
    /// From the key's name, for which [`valid_key_name`] holds, and its RFC 8032 seed.
    pub(crate) fn new(name: &str, seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        Self { verifier: LogVerifier::new(name.to_owned(), key.verifying_key()), key }
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &LogVerifier {
        &self.verifier
    }

    /// Signs `text`, which ends in a newline. Ed25519 is deterministic: the same text gives the same note.
    pub(super) fn sign(&self, text: &str) -> Vec<u8> {
        let mut signature = self.verifier.id.to_vec();
        signature.extend_from_slice(&self.key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n{SIGNATURE_MARK}{} {}\n", self.verifier.name, BASE64.encode(signature)).into_bytes()
    }
}

/// Signs a statement of a register that is no checkpoint: several lines, the first of which says what kind it is.
///
/// # Errors
/// [`LogError::BadCheckpoint`] for a text that could be taken for a checkpoint (its first line is the log's name) or is no text of a note.
pub fn sign_statement(signer: &LogSigner, text: &str) -> Result<String, LogError> {
    let refuse = |what| LogError::BadCheckpoint { what };
    if text.lines().next() == Some(signer.verifier.name.as_str()) {
        return Err(refuse("a statement may not begin like a checkpoint"));
    }
    if text.len() > MAX_NOTE_BYTES / 2 || !text.ends_with('\n') || text.contains("\n\n") {
        return Err(refuse("a statement is lines without an empty one, the last of them ended"));
    }
    if text.bytes().any(|b| b < 0x20 && b != b'\n') {
        return Err(refuse("it has control characters"));
    }
    String::from_utf8(signer.sign(text)).map_err(|_| refuse("it is not UTF-8"))
}

/// The text of a statement, after checking that `verifier`'s key signed it and that it is no checkpoint.
///
/// # Errors
/// [`LogError::BadCheckpoint`].
pub fn open_statement(verifier: &LogVerifier, note: &[u8]) -> Result<String, LogError> {
    let text = verifier.open(note)?;
    if text.lines().next() == Some(verifier.name()) {
        return Err(LogError::BadCheckpoint { what: "it is a checkpoint, no statement" });
    }
    Ok(text.to_owned())
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogSigner").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

/// The public key that checks a log's checkpoints; its text form is `name+hash+base64(0x01 | key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogVerifier {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl LogVerifier {
    fn new(name: String, key: VerifyingKey) -> Self {
        let id =
            Sha256::new().chain_update(&name).chain_update([b'\n', ED25519]).chain_update(key.as_bytes()).finalize()
                [..4]
                .try_into()
                .expect("a SHA-256 hash has four first bytes");
        Self { name, id, key }
    }

    /// Reads the text form; one final newline is accepted.
    ///
    /// # Errors
    /// [`LogError::BadVerifierKey`].
    pub fn parse(text: &str) -> Result<Self, LogError> {
        let refuse = |what| LogError::BadVerifierKey { what };
        let text = text.strip_suffix('\n').unwrap_or(text);
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refuse("it has not three parts"));
        };
        if !valid_key_name(name) {
            return Err(refuse("the name is not one"));
        }
        let key = BASE64.decode(key).map_err(|_| refuse("the key is not base64"))?;
        let Some((&ED25519, key)) = key.split_first() else {
            return Err(refuse("the key is not of type 1 (Ed25519)"));
        };
        let key = key.try_into().map_err(|_| refuse("an Ed25519 key has 32 bytes"))?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| refuse("the key is not a point of the curve"))?;
        let verifier = Self::new(name.to_owned(), key);
        if format!("{:08x}", u32::from_be_bytes(verifier.id)) != id {
            return Err(refuse("the hash does not fit name and key"));
        }
        Ok(verifier)
    }

    /// The key's name: the origin of the log that it signs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Checks a note and returns its text. Signatures by other keys are passed over, as the specification demands;
    /// one by this key must be there, and every one by this key must verify.
    pub(super) fn open<'a>(&self, note: &'a [u8]) -> Result<&'a str, LogError> {
        let refuse = |what| LogError::BadCheckpoint { what };
        if note.len() > MAX_NOTE_BYTES {
            return Err(refuse("it is longer than any checkpoint"));
        }
        let note = std::str::from_utf8(note).map_err(|_| refuse("it is not UTF-8"))?;
        if note.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(refuse("it has control characters"));
        }
        let break_at = note.rfind("\n\n").ok_or(refuse("it has no signatures"))?;
        let (text, signatures) = (&note[..=break_at], &note[break_at + 2..]);
        let signatures = signatures.strip_suffix('\n').ok_or(refuse("its last line is cut off"))?;
        let mut signed = false;
        for line in signatures.split('\n') {
            let malformed = || refuse("a signature line is malformed");
            let (name, signature) =
                line.strip_prefix(SIGNATURE_MARK).and_then(|l| l.split_once(' ')).ok_or_else(malformed)?;
            let signature = BASE64.decode(signature).map_err(|_| malformed())?;
            let (id, signature) = signature.split_first_chunk::<4>().ok_or_else(malformed)?;
            if !valid_key_name(name) || signature.is_empty() {
                return Err(malformed());
            }
            if name == self.name && *id == self.id {
                let signature = Signature::from_slice(signature).map_err(|_| malformed())?;
                self.key
                    .verify_strict(text.as_bytes(), &signature)
                    .map_err(|_| refuse("the log's signature does not verify"))?;
                signed = true;
            }
        }
        if !signed {
            return Err(refuse("it is not signed by this log's key"));
        }
        Ok(text)
    }
}

impl fmt::Display for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id), BASE64.encode(key))
    }
}
