//! Signed notes (C2SP signed-note), and the log's own signature on them: Ed25519, signature type 0x01.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signer, SigningKey};

use super::{
    LogError,
    note_key::{ED25519, NoSignature, NoteKey, PublicKey, valid_key_name},
};

const SIGNATURE_MARK: &str = "\u{2014} ";

/// The longest note read, bytes. The specification asks for at least 16 signatures; post-quantum ones have up to 5 kB.
pub(super) const MAX_NOTE_BYTES: usize = 128 * 1024;

/// A note taken apart: well formed, and not verified in any way.
pub(super) struct Note<'a> {
    /// What is signed, with its final newline.
    pub(super) text: &'a str,
    signatures: Vec<SignatureLine<'a>>,
}

/// One signature line.
struct SignatureLine<'a> {
    name: &'a str,
    id: [u8; 4],
    signature: Vec<u8>,
}

impl<'a> Note<'a> {
    pub(super) fn parse(note: &'a [u8]) -> Result<Self, LogError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(refuse("it is longer than any checkpoint"));
        }
        let note = std::str::from_utf8(note).map_err(|_| refuse("it is not UTF-8"))?;
        if note.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(refuse("it has control characters"));
        }
        let break_at = note.rfind("\n\n").ok_or(refuse("it has no signatures"))?;
        let (text, lines) = (&note[..=break_at], &note[break_at + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(refuse("its last line is cut off"))?;
        let signatures = lines.split('\n').map(SignatureLine::parse).collect::<Result<_, _>>()?;
        Ok(Self { text, signatures })
    }

    /// The signatures that `key` has made, as their lines claim. Those of other keys, and of signature types that this
    /// program does not know, are passed over, as the specification demands.
    pub(super) fn signatures_by(&self, key: &NoteKey) -> impl Iterator<Item = &[u8]> {
        let (name, id) = (key.name.clone(), key.id);
        self.signatures.iter().filter(move |s| s.name == name && s.id == id).map(|s| s.signature.as_slice())
    }
}

impl<'a> SignatureLine<'a> {
    fn parse(line: &'a str) -> Result<Self, LogError> {
        let malformed = || refuse("a signature line is malformed");
        let (name, signature) =
            line.strip_prefix(SIGNATURE_MARK).and_then(|l| l.split_once(' ')).ok_or_else(malformed)?;
        let signature = BASE64.decode(signature).map_err(|_| malformed())?;
        let (id, signature) = signature.split_first_chunk::<4>().ok_or_else(malformed)?;
        if !valid_key_name(name) || signature.is_empty() {
            return Err(malformed());
        }
        Ok(Self { name, id: *id, signature: signature.to_vec() })
    }
}

/// The line that says "`key` has made this signature", with its final newline.
pub(super) fn signature_line(key: &NoteKey, signature: &[u8]) -> String {
    let mut bytes = key.id.to_vec();
    bytes.extend_from_slice(signature);
    format!("{SIGNATURE_MARK}{} {}\n", key.name, BASE64.encode(bytes))
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
        let verifier = LogVerifier(NoteKey::new(name.to_owned(), ED25519, PublicKey::Ed25519(key.verifying_key())));
        Self { verifier, key }
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &LogVerifier {
        &self.verifier
    }

    /// Signs `text`, which ends in a newline. Ed25519 is deterministic: the same text gives the same note.
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        format!("{text}\n{}", self.signature_line(text)).into_bytes()
    }

    /// Adds this key's signature to a note, whose other signatures are not looked at.
    pub(crate) fn countersign(&self, note: &[u8]) -> Result<Vec<u8>, LogError> {
        let text = Note::parse(note)?.text;
        Ok([note, self.signature_line(text).as_bytes()].concat())
    }

    fn signature_line(&self, text: &str) -> String {
        signature_line(&self.verifier.0, &self.key.sign(text.as_bytes()).to_bytes())
    }
}

/// Signs a statement of a register that is no checkpoint: several lines, the first of which says what kind it is.
///
/// # Errors
/// [`LogError::BadCheckpoint`] for a text that could be taken for a checkpoint (its first line is the log's name) or is no text of a note.
pub fn sign_statement(signer: &LogSigner, text: &str) -> Result<String, LogError> {
    let refuse = |what| LogError::BadCheckpoint { what };
    if text.lines().next() == Some(signer.verifier.name()) {
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

/// The text of a note whose signatures nobody has checked.
pub(crate) fn claimed_statement(note: &[u8]) -> Result<String, LogError> {
    Note::parse(note).map(|note| note.text.to_owned())
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogSigner").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

/// The public key that checks a log's checkpoints; its text form is `name+hash+base64(0x01 | key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogVerifier(pub(super) NoteKey);

impl LogVerifier {
    /// Reads the text form; one final newline is accepted.
    ///
    /// # Errors
    /// [`LogError::BadVerifierKey`].
    pub fn parse(text: &str) -> Result<Self, LogError> {
        NoteKey::parse(text, &[ED25519], "the key is not of type 1 (Ed25519)").map(Self)
    }

    /// The key's name: the origin of the log that it signs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether both are one key, whatever it is called.
    pub(crate) fn same_key(&self, other: &Self) -> bool {
        self.0.same_key(&other.0)
    }

    /// Checks a note and returns its text. One signature by this key must be there, and every one by this key must
    /// verify.
    pub(crate) fn open<'a>(&self, note: &'a [u8]) -> Result<&'a str, LogError> {
        let note = Note::parse(note)?;
        if !self.has_signed(&note)? {
            return Err(refuse("it is not signed by this log's key"));
        }
        Ok(note.text)
    }

    /// Whether this key has signed; an error if it is said to have and the signature does not verify.
    pub(super) fn has_signed(&self, note: &Note<'_>) -> Result<bool, LogError> {
        let mut signed = false;
        for signature in note.signatures_by(&self.0) {
            self.0.verify(note.text.as_bytes(), signature).map_err(|why| match why {
                NoSignature::Length => refuse("the log's signature has a wrong length"),
                NoSignature::False => refuse("the log's signature does not verify"),
            })?;
            signed = true;
        }
        Ok(signed)
    }
}

impl fmt::Display for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn refuse(what: &'static str) -> LogError {
    LogError::BadCheckpoint { what }
}
