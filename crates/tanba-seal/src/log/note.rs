//! Signed notes (C2SP signed-note), and the log's own signatures on them.
//!
//! Every note bears Ed25519, signature type 0x01; tlog-tiles demands it of a checkpoint ("Checkpoints"). A checkpoint may bear
//! ML-DSA-44 too, as type 0x06 under the log's own name: tlog-checkpoint ("Signatures") asks logs for the ML-DSA-44 cosignature
//! format, and tlog-cosignature lets its time be zero where nothing is said of the largest tree. So a checkpoint depends on the
//! tree and the keys alone, and is made again byte for byte.

use std::fmt;
use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signer, SigningKey};
use ml_dsa::{MlDsa44, Seed, signature::Keypair as _};
use zeroize::Zeroizing;

use super::{
    Checkpoint, LogError,
    cosignature::cosigned_message,
    log_keys::KeyLine,
    note_key::{COSIGNATURE_ML_DSA_44, ED25519, NoSignature, NoteKey, PublicKey, valid_key_name},
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

    /// How many signatures of whatever kind it has.
    pub(super) fn signature_count(&self) -> usize {
        self.signatures.len()
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

/// The keys that sign a log's checkpoints: one, or two while the log changes its key. Wiped from memory when dropped.
pub struct LogSigner {
    verifier: LogVerifier,
    keys: Vec<KeyPair>,
}

/// The RFC 8032 seed of a log's key, and the seed of FIPS 204 (xi) where it signs with ML-DSA-44 too.
pub(crate) type Seeds<'a> = (&'a [u8; 32], Option<Zeroizing<[u8; 32]>>);

/// One of the log's signing keys, with that for ML-DSA-44 where it has one.
pub(super) struct KeyPair {
    pub(super) public: NoteKey,
    key: SigningKey,
    /// The key is large, and made from its seed only when something is signed.
    post_quantum: Option<Zeroizing<[u8; 32]>>,
}

impl KeyPair {
    fn new(name: &str, (seed, post_quantum): Seeds<'_>) -> Self {
        let key = SigningKey::from_bytes(seed);
        let public = NoteKey::new(name.to_owned(), ED25519, PublicKey::Ed25519(key.verifying_key()));
        Self { public, key, post_quantum }
    }

    fn signature_line(&self, text: &str) -> String {
        signature_line(&self.public, &self.key.sign(text.as_bytes()).to_bytes())
    }

    /// The ML-DSA-44 key, if it has one.
    pub(super) fn post_quantum(&self) -> Option<NoteKey> {
        self.expanded().map(|key| self.public_of(&key))
    }

    /// The lines of both keys: `text` is what Ed25519 signs, and `signed` what ML-DSA-44 does.
    pub(super) fn lines(&self, text: &str, signed: &Checkpoint) -> Result<String, LogError> {
        let mut lines = self.signature_line(text);
        if let Some(key) = self.expanded() {
            let message = cosigned_message(&self.public.name, signed, 0)?;
            let signature = Signer::sign(&*key, &message).encode();
            lines += &signature_line(&self.public_of(&key), &[[0; 8].as_slice(), &signature].concat());
        }
        Ok(lines)
    }

    fn expanded(&self) -> Option<Box<ml_dsa::SigningKey<MlDsa44>>> {
        let seed = Zeroizing::new(Seed::from(**self.post_quantum.as_ref()?));
        Some(Box::new(ml_dsa::SigningKey::from_seed(&seed)))
    }

    fn public_of(&self, key: &ml_dsa::SigningKey<MlDsa44>) -> NoteKey {
        let public = PublicKey::MlDsa44(Box::new(key.verifying_key()));
        NoteKey::new(self.public.name.clone(), COSIGNATURE_ML_DSA_44, public)
    }
}

impl LogSigner {
    /// From the keys' name, for which [`valid_key_name`] holds, and their seeds, the older one's first.
    pub(crate) fn new(name: &str, first: Seeds<'_>, next: Option<Seeds<'_>>) -> Self {
        let first = KeyPair::new(name, first);
        let verifier = LogVerifier::of(first.public.clone());
        let next = next.map(|seeds| KeyPair::new(name, seeds));
        Self { verifier, keys: std::iter::once(first).chain(next).collect() }
    }

    /// The public half of the oldest of the keys: Ed25519.
    #[must_use]
    pub fn verifier(&self) -> &LogVerifier {
        &self.verifier
    }

    /// The public halves of all of them, the oldest first, of Ed25519.
    #[must_use]
    pub fn vkeys(&self) -> Vec<String> {
        self.keys.iter().map(|key| key.public.to_string()).collect()
    }

    /// The keys, the oldest first.
    pub(super) fn keys(&self) -> &[KeyPair] {
        &self.keys
    }

    /// Signs `text`, which ends in a newline. Ed25519 is deterministic: the same text gives the same note.
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        format!("{text}\n{}", self.signature_lines(text)).into_bytes()
    }

    /// Signs a checkpoint's text, with every key of both kinds. Which of them count, who reads it knows.
    pub(super) fn sign_checkpoint(&self, text: &str, checkpoint: &Checkpoint) -> Result<Vec<u8>, LogError> {
        let lines = self.keys.iter().map(|key| key.lines(text, checkpoint)).collect::<Result<String, _>>()?;
        Ok(format!("{text}\n{lines}").into_bytes())
    }

    /// Adds the keys' signatures to a note, whose other signatures are not looked at.
    pub(crate) fn countersign(&self, note: &[u8]) -> Result<Vec<u8>, LogError> {
        let text = Note::parse(note)?.text;
        Ok([note, self.signature_lines(text).as_bytes()].concat())
    }

    fn signature_lines(&self, text: &str) -> String {
        self.keys.iter().map(|key| key.signature_line(text)).collect()
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
///
/// It may know the log's whole line of keys ([`LogVerifier::following`]), and then takes what any of them signed in its time.
#[derive(Clone, PartialEq, Eq)]
pub struct LogVerifier {
    pub(super) key: NoteKey,
    pub(super) line: Option<Arc<KeyLine>>,
}

impl LogVerifier {
    pub(super) fn of(key: NoteKey) -> Self {
        Self { key, line: None }
    }

    /// Reads the text form; one final newline is accepted.
    ///
    /// # Errors
    /// [`LogError::BadVerifierKey`].
    pub fn parse(text: &str) -> Result<Self, LogError> {
        NoteKey::parse(text, &[ED25519], "the key is not of type 1 (Ed25519)").map(Self::of)
    }

    /// The key's name: the origin of the log that it signs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.key.name
    }

    /// Whether both are one key, whatever it is called.
    pub(crate) fn same_key(&self, other: &Self) -> bool {
        self.key.same_key(&other.key)
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

    /// Whether this key has signed, or one of its line that might; an error if a key is said to have and the signature does not
    /// verify.
    pub(super) fn has_signed(&self, note: &Note<'_>) -> Result<bool, LogError> {
        // A statement bears no size.
        let head = Checkpoint::read(note.text).ok().filter(|head| head.origin == self.key.name);
        match &self.line {
            Some(line) => line.has_signed(note, head.as_ref()),
            None => self.key.has_signed(note, head.as_ref()),
        }
    }
}

impl NoteKey {
    /// Whether this log's key has signed a note; what ML-DSA-44 signs is not the text but `signed`.
    pub(super) fn has_signed(&self, note: &Note<'_>, signed: Option<&Checkpoint>) -> Result<bool, LogError> {
        let wrong = |why| match why {
            NoSignature::Length => refuse("the log's signature has a wrong length"),
            NoSignature::False => refuse("the log's signature does not verify"),
        };
        let mut found = false;
        for signature in note.signatures_by(self) {
            match (self.algorithm, signed) {
                (COSIGNATURE_ML_DSA_44, None) => continue,
                (COSIGNATURE_ML_DSA_44, Some(signed)) => {
                    let (time, signature) = signature.split_first_chunk().ok_or_else(|| wrong(NoSignature::Length))?;
                    let message = cosigned_message(&self.name, signed, u64::from_be_bytes(*time))?;
                    self.verify(&message, signature).map_err(wrong)?;
                }
                _ => self.verify(note.text.as_bytes(), signature).map_err(wrong)?,
            }
            found = true;
        }
        Ok(found)
    }
}

impl fmt::Display for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

impl fmt::Debug for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogVerifier").field(&self.key).finish()
    }
}

fn refuse(what: &'static str) -> LogError {
    LogError::BadCheckpoint { what }
}
