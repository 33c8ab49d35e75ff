//! The transparency log: an append-only RFC 6962 Merkle tree in C2SP tlog-tiles, with signed checkpoints.
//!
//! ```text
//! checkpoint                    the signed tree head: origin, size, root         C2SP tlog-checkpoint, signed-note
//! tile/entries/<N>[.p/<W>]      the entries, 256 to a bundle                     C2SP tlog-tiles
//! tile/<L>/<N>[.p/<W>]          the hashes at tree height 8 L, 256 to a tile
//! log.vkey                      the verifier key, for convenience                 signed-note
//! ```
//!
//! Everything is derived from the sequence of entries, which the caller holds durably elsewhere; so it can be
//! re-created at any time, byte for byte. The read side needs no key: [`fsck`] checks the whole of a cold copy, and a
//! [`TlogProof`] convinces someone who has nothing but the verifier key.
//!
//! A verifier key that lies beside the log proves only that the log is consistent with itself. That it is *the* log,
//! and the only one shown to anybody, takes a key obtained elsewhere and checkpoints compared with other people's.

mod checkpoint;
mod edge;
mod error;
mod fsck;
mod integrate;
mod merkle;
mod note;
mod prove;
mod store;
mod tile;
mod tlog_proof;

pub use checkpoint::Checkpoint;
pub use error::LogError;
pub use fsck::{Fault, FsckReport, fsck};
pub use integrate::integrate;
pub use merkle::{
    Hash, consistency_proof, empty_root, inclusion_proof, leaf_hash, node_hash, verify_consistency, verify_inclusion,
};
pub use note::{LogSigner, LogVerifier, open_statement, sign_statement, valid_key_name};
pub use prove::{prove_consistency, prove_inclusion, read_checkpoint, read_entry};
pub use store::{MAX_FILE_BYTES, MemoryStore, TileStore};
pub use tile::{MAX_ENTRY_BYTES, TILE_WIDTH, TileKind, TilePath};
pub use tlog_proof::TlogProof;

/// Where the checkpoint lies in the store.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// Where the verifier key lies in the store, as text with a final newline.
pub const VERIFIER_KEY_PATH: &str = "log.vkey";
