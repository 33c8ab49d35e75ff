//! Proofs to hand over (C2SP `tlog-proof@v1`): a text that convinces, offline, whoever has the verifier key.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use super::{
    CHECKPOINT_PATH, Checkpoint, Hash, LogError, LogVerifier, Policy, TileStore, WITNESSED_PATH, Witnessed,
    checkpoint::parse_decimal, leaf_hash, log_keys::follow_keys, prove_inclusion, store::read, verify_inclusion,
};

const FORMAT_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The longest proof text read: a checkpoint, 63 hashes, and extra data of up to 64 KiB in base64.
const MAX_PROOF_BYTES: usize = 256 * 1024;

/// A proof that an entry is in the log that a checkpoint describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// The entry's index.
    pub index: u64,
    /// Whatever an application adds. Not authenticated by anything.
    pub extra: Option<Vec<u8>>,
    /// The inclusion proof, from the leaf's sibling upwards.
    pub hashes: Vec<Hash>,
    /// The signed note, verbatim.
    pub checkpoint: Vec<u8>,
}

impl TlogProof {
    /// Makes the proof for the entry at `index` from the published log: from the checkpoint that witnesses have cosigned
    /// where there is one that holds the entry, so that the proof carries their cosignatures, and from the newest
    /// otherwise.
    ///
    /// # Errors
    /// [`LogError::OutOfRange`], [`LogError::BadCheckpoint`], [`LogError::BadFile`], [`LogError::Store`].
    pub fn make(store: &impl TileStore, verifier: &LogVerifier, index: u64) -> Result<Self, LogError> {
        let verifier = &follow_keys(store, verifier)?;
        if let Some(note) = read(store, WITNESSED_PATH)? {
            let size = Checkpoint::open(&note, verifier)?.size;
            if index < size {
                return Ok(Self { index, extra: None, hashes: prove_inclusion(store, size, index)?, checkpoint: note });
            }
        }
        let note = read(store, CHECKPOINT_PATH)?
            .ok_or(LogError::BadFile { path: CHECKPOINT_PATH.to_owned(), what: "it is missing" })?;
        let size = Checkpoint::open(&note, verifier)?.size;
        Ok(Self { index, extra: None, hashes: prove_inclusion(store, size, index)?, checkpoint: note })
    }

    /// Checks that the log signed for by `verifier` holds `entry` at this index, and returns the checkpoint that says
    /// so.
    ///
    /// # Errors
    /// [`LogError::BadCheckpoint`], [`LogError::BadProof`].
    pub fn verify(&self, verifier: &LogVerifier, entry: &[u8]) -> Result<Checkpoint, LogError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, verifier)?;
        verify_inclusion(self.index, checkpoint.size, &leaf_hash(entry), &self.hashes, &checkpoint.root)?;
        Ok(checkpoint)
    }

    /// Checks that a log of the policy holds `entry` at this index in a checkpoint that a quorum of its witnesses has
    /// cosigned, and returns that checkpoint.
    ///
    /// # Errors
    /// Those of [`Policy::check`]; [`LogError::BadProof`].
    pub fn verify_witnessed(&self, policy: &Policy, entry: &[u8]) -> Result<Witnessed, LogError> {
        let witnessed = policy.check(&self.checkpoint)?;
        let Checkpoint { size, root, .. } = &witnessed.checkpoint;
        verify_inclusion(self.index, *size, &leaf_hash(entry), &self.hashes, root)?;
        Ok(witnessed)
    }

    /// The text form; by convention a file that ends in `.tlog-proof`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{FORMAT_LINE}\n");
        if let Some(extra) = &self.extra {
            text += &format!("extra {}\n", BASE64.encode(extra));
        }
        text += &format!("index {}\n", self.index);
        before_checkpoint(text, &self.hashes, &self.checkpoint)
    }

    /// Reads the text form. The result is well formed; whether it is true, [`TlogProof::verify`] says.
    ///
    /// # Errors
    /// [`LogError::BadProof`].
    pub fn parse(bytes: &[u8]) -> Result<Self, LogError> {
        let refuse = |what| LogError::BadProof { what };
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(refuse("it is longer than any proof"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| refuse("it is not text"))?;
        let (proof, checkpoint) = text.split_once("\n\n").ok_or(refuse("it has no checkpoint"))?;
        let mut lines = proof.split('\n').peekable();
        if lines.next() != Some(FORMAT_LINE) {
            return Err(refuse("its first line is not c2sp.org/tlog-proof@v1"));
        }
        let extra = lines
            .next_if(|line| line.starts_with("extra "))
            .map(|line| BASE64.decode(&line["extra ".len()..]).map_err(|_| refuse("its extra data is not base64")))
            .transpose()?;
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(parse_decimal)
            .ok_or(refuse("it has no index line"))?;
        let hashes = lines
            .map(|line| Hash::from_base64(line).ok_or(refuse("a line is not a SHA-256 hash")))
            .collect::<Result<Vec<_>, _>>()?;
        if hashes.len() > 63 {
            return Err(refuse("it has more hashes than any tree has levels"));
        }
        Ok(Self { index, extra, hashes, checkpoint: checkpoint.as_bytes().to_vec() })
    }
}

/// The form that proofs of C2SP share: lines of their own, a hash in each line, an empty line, and the checkpoint as it is.
pub(super) fn before_checkpoint(mut text: String, hashes: &[Hash], checkpoint: &[u8]) -> Vec<u8> {
    for hash in hashes {
        text += &format!("{hash}\n");
    }
    text.push('\n');
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(checkpoint);
    bytes
}
