//! Checkpoints (C2SP tlog-checkpoint): the signed statement "my log has this many entries and this root".

use super::{Hash, LogError, LogSigner, LogVerifier};

/// The largest tree: SQL's `BIGINT` numbers its entries.
const MAX_SIZE: u64 = i64::MAX as u64;

/// What a checkpoint states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name; the same as that of its signing key.
    pub origin: String,
    /// How many entries the log has.
    pub size: u64,
    /// The root hash over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The signed note. Not for callers: only [`integrate`](super::integrate) knows that a tree extends the last one
    /// signed.
    pub(super) fn sign(&self, signer: &LogSigner) -> Result<Vec<u8>, LogError> {
        signer.sign_checkpoint(&format!("{}\n{}\n{}\n", self.origin, self.size, self.root), self)
    }

    /// Reads a signed note: signed by `verifier`, and issued under the same name. Extension lines are passed over.
    ///
    /// # Errors
    /// [`LogError::BadCheckpoint`].
    pub fn open(note: &[u8], verifier: &LogVerifier) -> Result<Self, LogError> {
        let checkpoint = Self::read(verifier.open(note)?)?;
        if checkpoint.origin != verifier.name() {
            return Err(refuse("it is of another log"));
        }
        Ok(checkpoint)
    }

    /// Reads a note's text, whoever signed it.
    pub(super) fn read(text: &str) -> Result<Self, LogError> {
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(refuse("it has fewer than three lines"));
        };
        let size = parse_decimal(size).filter(|s| *s <= MAX_SIZE).ok_or(refuse("the size is not a number"))?;
        let root = Hash::from_base64(root).ok_or(refuse("the root is not a SHA-256 hash"))?;
        if lines.any(str::is_empty) {
            return Err(refuse("an extension line is empty"));
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

/// An ASCII decimal without leading zeros or a sign.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|n| n.to_string() == text)
}

fn refuse(what: &'static str) -> LogError {
    LogError::BadCheckpoint { what }
}
