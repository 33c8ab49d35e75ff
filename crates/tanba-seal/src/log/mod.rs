//! The transparency log: an append-only RFC 6962 Merkle tree in C2SP tlog-tiles, with signed checkpoints.
//!
//! ```text
//! checkpoint                    the signed tree head: origin, size, root         C2SP tlog-checkpoint, signed-note
//! checkpoint.witnessed          the last one that a quorum of witnesses cosigned  C2SP tlog-cosignature
//! tile/entries/<N>[.p/<W>]      the entries, 256 to a bundle                     C2SP tlog-tiles
//! tile/<L>/<N>[.p/<W>]          the hashes at tree height 8 L, 256 to a tile
//! log.vkey                      the verifier key, for convenience                 signed-note
//! log.keys                      the keys that the log has had, each signed by the one before    docs/seal/log-keys.md
//! log.pruned                    the minimum index, in a log that was pruned                     docs/seal/log-pruning.md
//! ```
//!
//! Everything is derived from the sequence of entries, which the caller holds durably elsewhere (and of those that were pruned, their
//! hashes); so it can be re-created at any time, byte for byte. The read side needs no key: [`fsck`] checks the whole of a cold copy, and a
//! [`TlogProof`] convinces someone who has nothing but the verifier key.
//!
//! A verifier key that lies beside the log proves only that the log is consistent with itself. That it is *the* log,
//! and the only one shown to anybody, takes a key obtained elsewhere and witnesses: a [`Witness`] cosigns only what
//! extends everything it has cosigned before, and a [`Policy`] says how many of them must have seen a checkpoint.

mod checkpoint;
mod cosignature;
mod edge;
mod error;
mod fsck;
mod integrate;
mod log_keys;
mod merkle;
mod note;
mod note_key;
mod policy;
mod prove;
mod pruned;
mod store;
mod tile;
mod tlog_proof;
mod witness;
mod witnessed;

pub use checkpoint::Checkpoint;
pub(crate) use checkpoint::parse_decimal;
pub use cosignature::{WitnessSigner, WitnessVerifier};
pub use error::LogError;
pub use fsck::{Fault, FsckReport, SourceRows, fsck};
pub use integrate::integrate;
pub use log_keys::{LogKey, follow_keys, log_of_keys, state_key, state_retirement};
pub use merkle::{
    Hash, consistency_proof, empty_root, inclusion_proof, leaf_hash, node_hash, verify_consistency, verify_inclusion,
};
pub use note::{LogSigner, LogVerifier, open_statement, sign_statement};
pub(crate) use note::{Seeds, claimed_statement};
pub use note_key::valid_key_name;
pub use policy::{Policy, PolicyWitness, Witnessed};
pub use prove::{each_entry, prove_consistency, prove_inclusion, read_checkpoint, read_entry};
pub use pruned::{Pruned, Pruning, begin_again, prune, read_pruned, show_pruning, state_pruning};
pub use store::{MAX_FILE_BYTES, MemoryStore, TileStore};
pub use tile::{MAX_ENTRY_BYTES, TILE_WIDTH, TileKind, TilePath};
pub use tlog_proof::TlogProof;
pub use witness::{AddCheckpoint, Cosigned, MAX_WITNESS_REQUEST_BYTES, Witness, WitnessAnswer, cosignature_lines};
pub use witnessed::{publish_witnessed, read_witnessed};

/// Where the checkpoint lies in the store.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// Where the last checkpoint lies that a quorum of witnesses has cosigned, in a log that has witnesses.
pub const WITNESSED_PATH: &str = "checkpoint.witnessed";

/// Where the keys lie in the store that the log has had, in a log that has stated any.
pub const LOG_KEYS_PATH: &str = "log.keys";

/// Where a log that was pruned says its minimum index.
pub const PRUNED_PATH: &str = "log.pruned";

/// Where the verifier key lies in the store, as text with a final newline.
pub const VERIFIER_KEY_PATH: &str = "log.vkey";
