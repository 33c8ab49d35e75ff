//! What can go wrong with the log, and what to do about it.

use std::io;

/// Why a log operation was refused. Nothing here carries entry content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The store could not be read or written.
    #[error("the log's storage failed at `{path}`: nothing was published; mend the storage and run again")]
    Store {
        /// The path within the store.
        path: String,
        /// What the store said.
        #[source]
        source: io::Error,
    },
    /// A file of the log is missing or is not what the tree needs.
    #[error("the log's file `{path}` is bad: {what}; run `tanba log fsck`, then re-create the log from its rows")]
    BadFile {
        /// The path within the store.
        path: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The checkpoint or note is malformed or not signed by the expected key.
    #[error("checkpoint refused: {what}; do not trust this copy of the log before the reason is known")]
    BadCheckpoint {
        /// What is wrong.
        what: &'static str,
    },
    /// A verifier key is malformed.
    #[error("verifier key refused: {what}; it has the form name+hash+key, copy it whole")]
    BadVerifierKey {
        /// What is wrong.
        what: &'static str,
    },
    /// The file of a log's keys is malformed, or its keys do not hand over to each other.
    #[error(
        "keys of the log refused: {what}; take the file `log.keys` whole from the log, and compare it with a copy of somebody else's"
    )]
    BadLogKeys {
        /// What is wrong.
        what: &'static str,
    },
    /// A batch of entries does not continue the log.
    #[error("the log has {size} entries, the batch begins at {first}; read the rows again from {size}")]
    NotNext {
        /// The published size.
        size: u64,
        /// The index of the batch's first entry.
        first: u64,
    },
    /// An entry is too long.
    #[error(
        "entry {index} has {bytes} bytes, at most 65535 fit; put a commitment in the log and the content elsewhere"
    )]
    EntryTooLong {
        /// Its index in the log.
        index: u64,
        /// Its length.
        bytes: usize,
    },
    /// An index or size lies outside the tree.
    #[error("{asked} is outside the log, which has {size} entries")]
    OutOfRange {
        /// The index or size asked for.
        asked: u64,
        /// The size of the tree.
        size: u64,
    },
    /// A request to a witness is malformed.
    #[error("request refused: {what}")]
    BadRequest {
        /// What is wrong.
        what: &'static str,
    },
    /// A policy file is malformed.
    #[error("policy refused at line {line}: {what}; see c2sp.org/tlog-policy for what a line may say")]
    BadPolicy {
        /// The line, from 1; the last one where something is missing.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// Too few witnesses have cosigned, or too long ago.
    #[error("checkpoint not witnessed: {what}; ask for a newer one, and do not rely on this one until then")]
    NotWitnessed {
        /// What is lacking.
        what: &'static str,
    },
    /// What was asked for lies before the minimum index of a pruned log.
    #[error(
        "the log begins at entry {minimum}: what lies before was pruned when its time was over; a proof that was taken before still verifies"
    )]
    Pruned {
        /// The minimum index.
        minimum: u64,
    },
    /// A statement that a log is pruned is malformed, not signed, or not to be carried out.
    #[error("pruning refused: {what}; run `tanba log fsck`, and prune with `tanba log prune` only")]
    BadPruning {
        /// What is wrong.
        what: &'static str,
    },
    /// A proof does not verify, or is not well formed.
    #[error("proof refused: {what}")]
    BadProof {
        /// What is wrong.
        what: &'static str,
    },
}
