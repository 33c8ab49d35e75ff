//! The keys that a log has had: each hands over to the next one, in signed notes that lie beside the log.
//!
//! ```text
//! tanba-log-key/1                    tanba-log-key/1
//! log <origin>                       log <origin>
//! after <hash>                       after <hash>
//! key <number>                       retire <number>
//! from <size> <root>                 until <size> <root>
//! ed25519 <vkey>
//! [ml-dsa-44 <vkey>]
//! ```
//!
//! The file is these notes, one behind the other; `after` is the SHA-256 of everything before, so none can be left out but at
//! the end. A key is stated by itself and by the one before it, and retires that one later; whoever signs does so with both kinds
//! of key where there are both, and nobody else's signature is in a statement. What ML-DSA-44 signs is the structure of a checkpoint of its own origin,
//! [`FORMAT`], with the number of the statement as its size and the hash of the note's text as its root.
//!
//! A key of the line may sign checkpoints from the size at which it was stated to that at which it was retired, and needs
//! signatures of both kinds for it where it has both. Whoever steals a retired key can sign nothing that is newer.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{
    Checkpoint, Hash, LOG_KEYS_PATH, LogError, LogSigner, LogVerifier, TileStore,
    checkpoint::parse_decimal,
    empty_root,
    note::{KeyPair, Note},
    note_key::{COSIGNATURE_ML_DSA_44, ED25519, NoteKey},
    store::read,
};

/// The first line of a statement, and the origin of what ML-DSA-44 signs of it.
const FORMAT: &str = "tanba-log-key/1";

/// The longest file read, bytes: some hundred changes.
const MAX_LOG_KEYS_BYTES: usize = 2 * 1024 * 1024;

/// A log's keys, read and found to hand over to each other.
#[derive(PartialEq, Eq)]
pub(super) struct KeyLine {
    file: Vec<u8>,
    keys: Vec<LineKey>,
    statements: u64,
}

/// A key of a line, and for what it counts.
#[derive(PartialEq, Eq)]
struct LineKey {
    classic: NoteKey,
    post_quantum: Option<NoteKey>,
    from: At,
    until: Option<At>,
}

/// A place in the log's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct At {
    size: u64,
    root: Hash,
}

/// A key that a log has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// Its Ed25519 key, as a verifier key.
    pub vkey: String,
    /// Its ML-DSA-44 key, as a verifier key, where it has one.
    pub post_quantum: Option<String>,
    /// The size of the log from which on it signs.
    pub from: u64,
    /// The last size that it may have signed; `None` while it is in use.
    pub until: Option<u64>,
}

impl LogVerifier {
    /// The same with what the log's file of keys ([`LOG_KEYS_PATH`]) says: from then on it takes what any key of the line signed
    /// in its time. The key may be any of the line, and a line that is known already may only grow.
    ///
    /// # Errors
    /// [`LogError::BadLogKeys`].
    pub fn following(&self, file: &[u8]) -> Result<Self, LogError> {
        if let Some(known) = &self.line {
            if known.file.starts_with(file) {
                return Ok(self.clone());
            }
            if !file.starts_with(&known.file) {
                return Err(refuse("they are not those that this log had before: two lines of keys are a fork"));
            }
        }
        let line = KeyLine::parse(file)?;
        if !line.keys.iter().any(|key| key.is(&self.key)) {
            return Err(refuse("the key that is trusted is none of them"));
        }
        Ok(Self { key: self.key.clone(), line: Some(Arc::new(line)) })
    }

    /// The keys of the log, the oldest first, as far as they are known.
    #[must_use]
    pub fn keys(&self) -> Vec<LogKey> {
        let line = self.line.as_ref().map_or(&[][..], |line| &line.keys);
        line.iter()
            .map(|key| LogKey {
                vkey: key.classic.to_string(),
                post_quantum: key.post_quantum.as_ref().map(ToString::to_string),
                from: key.from.size,
                until: key.until.map(|until| until.size),
            })
            .collect()
    }

    /// The sizes and roots that the line of keys names, for whoever has the tree.
    pub(super) fn named_roots(&self) -> Vec<(u64, Hash)> {
        let keys = self.line.iter().flat_map(|line| &line.keys);
        keys.flat_map(|key| std::iter::once(key.from).chain(key.until)).map(|at| (at.size, at.root)).collect()
    }

    /// Whether `vkey` is the verifier key of one of the log's keys, as far as they are known.
    #[must_use]
    pub fn has(&self, vkey: &str) -> bool {
        let line = self.keys();
        vkey == self.to_string() || line.iter().any(|key| key.vkey == vkey || key.post_quantum.as_deref() == Some(vkey))
    }
}

/// The origin that a file of keys is of, whoever signed it.
///
/// # Errors
/// [`LogError::BadLogKeys`].
pub fn log_of_keys(file: &[u8]) -> Result<String, LogError> {
    KeyLine::parse(file)?.keys.first().map(|key| key.classic.name.clone()).ok_or(refuse("there is none"))
}

/// What is to be written behind a log's file of keys: that the newest key of `signer` signs from here on. An empty file begins with
/// the first key, which signs from the beginning.
///
/// # Errors
/// [`LogError::BadLogKeys`] for a file that this key does not follow.
pub fn state_key(signer: &LogSigner, file: &[u8], now: Option<&Checkpoint>) -> Result<Vec<u8>, LogError> {
    let number = if file.is_empty() { 1 } else { KeyLine::parse(file)?.keys.len() + 1 };
    let key = if file.is_empty() { signer.keys().first() } else { signer.keys().last() };
    let key = key.expect("a signer has a key");
    let at = if file.is_empty() { None } else { now };
    let (size, root) = at.map_or((0, empty_root()), |now| (now.size, now.root));
    let mut text = format!("key {number}\nfrom {size} {root}\ned25519 {}\n", key.public);
    if let Some(post_quantum) = key.post_quantum() {
        text += &format!("ml-dsa-44 {post_quantum}\n");
    }
    // The first one alone states itself.
    state(if file.is_empty() { &signer.keys()[..1] } else { signer.keys() }, file, &text)
}

/// What is to be written behind a log's file of keys: that the key before the newest one of `signer` has signed its last checkpoint.
///
/// # Errors
/// [`LogError::BadLogKeys`] where no key is left to be retired.
pub fn state_retirement(signer: &LogSigner, file: &[u8], now: &Checkpoint) -> Result<Vec<u8>, LogError> {
    let number = KeyLine::parse(file)?.keys.len() - 1;
    let newest = signer.keys().len() - 1;
    state(&signer.keys()[newest..], file, &format!("retire {number}\nuntil {} {}\n", now.size, now.root))
}

fn state(signers: &[KeyPair], file: &[u8], what: &str) -> Result<Vec<u8>, LogError> {
    let statements = if file.is_empty() { 0 } else { KeyLine::parse(file)?.statements };
    let text = format!("{FORMAT}\nlog {}\nafter {}\n{what}", signers[0].public.name, Hash(Sha256::digest(file).into()));
    let signed = signed_by_ml_dsa(&text, statements + 1);
    let lines = signers.iter().map(|key| key.lines(&text, &signed)).collect::<Result<String, _>>()?;
    let note = format!("{text}\n{lines}").into_bytes();
    // What nobody would read is not written.
    KeyLine::parse(&[file, &note].concat())?;
    Ok(note)
}

/// A log's verifier with the keys that lie beside the log in its store, if any do.
///
/// # Errors
/// [`LogError::BadLogKeys`], [`LogError::Store`].
pub fn follow_keys(store: &impl TileStore, verifier: &LogVerifier) -> Result<LogVerifier, LogError> {
    match read(store, LOG_KEYS_PATH)? {
        Some(file) => verifier.following(&file),
        None => Ok(verifier.clone()),
    }
}

impl KeyLine {
    pub(super) fn parse(file: &[u8]) -> Result<Self, LogError> {
        if file.len() > MAX_LOG_KEYS_BYTES {
            return Err(refuse("the file is longer than any"));
        }
        let text = std::str::from_utf8(file).map_err(|_| refuse("the file is not text"))?;
        let begin = format!("{FORMAT}\n");
        if !text.starts_with(&begin) {
            return Err(refuse("the first line is not tanba-log-key/1"));
        }
        let mut line = Self { file: Vec::new(), keys: Vec::new(), statements: 0 };
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest[1..].find(&format!("\n{begin}")).map_or(rest.len(), |at| at + 2);
            line.take(&rest[..end])?;
            rest = &rest[end..];
        }
        Ok(line)
    }

    /// Takes the next statement, if it follows.
    fn take(&mut self, note: &str) -> Result<(), LogError> {
        let parsed = Note::parse(note.as_bytes()).map_err(|_| refuse("a statement is no signed note"))?;
        let mut lines = parsed.text.lines();
        if lines.next() != Some(FORMAT) {
            return Err(refuse("a statement is of another format"));
        }
        let mut value = |name: &str| {
            let line = lines.next().and_then(|line| line.strip_prefix(name));
            line.ok_or(refuse("a line of a statement is missing"))
        };
        let origin = value("log ")?;
        if value("after ")? != Hash(Sha256::digest(&self.file).into()).to_string() {
            return Err(refuse("a statement does not follow what stands before it"));
        }
        let signed = signed_by_ml_dsa(parsed.text, self.statements + 1);
        // No line of anybody else is taken: a statement is known by its bytes.
        let signed_by = |keys: &[&LineKey]| {
            let lines: usize = keys.iter().map(|key| 1 + usize::from(key.post_quantum.is_some())).sum();
            let all = keys.iter().map(|key| key.has_signed(&parsed, &signed)).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, LogError>(lines == parsed.signature_count() && all.into_iter().all(|signed| signed))
        };
        match lines.next().and_then(|line| line.split_once(' ')) {
            Some(("key", number)) => {
                let key = LineKey::parse(origin, &mut lines)?;
                if parse_decimal(number) != Some(self.keys.len() as u64 + 1) {
                    return Err(refuse("a key has not the next number"));
                }
                let before = self.keys.last();
                let follows = match before {
                    Some(before) => key.from.size >= before.from.size && before.classic.name == origin,
                    None => key.from == At { size: 0, root: empty_root() },
                };
                let retired = self.keys.iter().rev().skip(1).all(|earlier| earlier.until.is_some());
                if !follows || !retired {
                    return Err(refuse("a key does not follow the one before it"));
                }
                if self.keys.iter().any(|earlier| earlier.classic.same_key(&key.classic)) {
                    return Err(refuse("a key comes twice"));
                }
                if !signed_by(&before.into_iter().chain([&key]).collect::<Vec<_>>())? {
                    return Err(refuse("a key is not stated by itself and by the one before it"));
                }
                self.keys.push(key);
            }
            Some(("retire", number)) => {
                let until = At::parse(lines.next(), "until ")?;
                let [.., retired, newest] = self.keys.as_slice() else {
                    return Err(refuse("the only key cannot be retired"));
                };
                if !signed_by(&[newest])? {
                    return Err(refuse("a key is not retired by the one after it"));
                }
                let number = parse_decimal(number).and_then(|number| usize::try_from(number).ok());
                if retired.until.is_some() || until.size < newest.from.size || number != Some(self.keys.len() - 1) {
                    return Err(refuse("a key is retired that is not the one before the newest"));
                }
                let at = self.keys.len() - 2;
                self.keys[at].until = Some(until);
            }
            _ => return Err(refuse("a statement is neither of a key nor of its end")),
        }
        if lines.next().is_some() {
            return Err(refuse("a statement has lines that mean nothing"));
        }
        self.statements += 1;
        self.file.extend_from_slice(note.as_bytes());
        Ok(())
    }

    /// Whether a key of the line has signed a note that it may sign: a checkpoint of its time, or a statement.
    pub(super) fn has_signed(&self, note: &Note<'_>, head: Option<&Checkpoint>) -> Result<bool, LogError> {
        let mut signed = false;
        for key in &self.keys {
            signed |= match head {
                Some(head) => key.may_sign(head) && key.has_signed(note, head)?,
                None => key.classic.has_signed(note, None)?,
            };
        }
        Ok(signed)
    }
}

impl LineKey {
    /// From the lines behind `key`.
    fn parse<'a>(origin: &str, lines: &mut impl Iterator<Item = &'a str>) -> Result<Self, LogError> {
        let from = At::parse(lines.next(), "from ")?;
        let key = |line: Option<&str>, name: &str, algorithm| {
            let key =
                line.and_then(|line| line.strip_prefix(name)).ok_or(refuse("a line of a statement is missing"))?;
            NoteKey::parse(key, &[algorithm], "it is of another type than its line says")
                .ok()
                .filter(|key| key.name == origin)
                .ok_or(refuse("a verifier key is malformed, or of another name than the log's"))
        };
        let classic = key(lines.next(), "ed25519 ", ED25519)?;
        let post_quantum = lines.next().map(|line| key(Some(line), "ml-dsa-44 ", COSIGNATURE_ML_DSA_44)).transpose()?;
        Ok(Self { classic, post_quantum, from, until: None })
    }

    fn is(&self, key: &NoteKey) -> bool {
        self.classic == *key || self.post_quantum.as_ref() == Some(key)
    }

    /// Whether a checkpoint is of the key's time; at either end the tree must be the one that was named.
    fn may_sign(&self, head: &Checkpoint) -> bool {
        let at = At { size: head.size, root: head.root };
        let begun = at.size > self.from.size || at == self.from;
        begun && self.until.is_none_or(|until| at.size < until.size || at == until)
    }

    /// Whether both kinds of key, where there are both, have signed.
    fn has_signed(&self, note: &Note<'_>, signed: &Checkpoint) -> Result<bool, LogError> {
        let classic = self.classic.has_signed(note, Some(signed))?;
        let both = self.post_quantum.as_ref().map_or(Ok(true), |key| key.has_signed(note, Some(signed)))?;
        Ok(classic && both)
    }
}

impl At {
    fn parse(line: Option<&str>, name: &str) -> Result<Self, LogError> {
        let (size, root) = line
            .and_then(|line| line.strip_prefix(name)?.split_once(' '))
            .ok_or(refuse("a line of a statement is missing"))?;
        let size = parse_decimal(size).ok_or(refuse("a size is not a number"))?;
        let root = Hash::from_base64(root).ok_or(refuse("a root is not a SHA-256 hash"))?;
        Ok(Self { size, root })
    }
}

/// What ML-DSA-44 signs of a statement: no log has this origin, so it is no checkpoint of any.
fn signed_by_ml_dsa(text: &str, number: u64) -> Checkpoint {
    Checkpoint { origin: FORMAT.to_owned(), size: number, root: Hash(Sha256::digest(text).into()) }
}

fn refuse(what: &'static str) -> LogError {
    LogError::BadLogKeys { what }
}
