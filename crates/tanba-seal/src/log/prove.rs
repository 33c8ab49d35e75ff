//! Proofs and entries, read from the tiles of a published tree.

use std::ops::Range;

use super::{
    CHECKPOINT_PATH, Checkpoint, Hash, LogError, LogVerifier, TILE_WIDTH, TileKind, TilePath, TileStore,
    consistency_proof, inclusion_proof,
    log_keys::follow_keys,
    merkle::perfect_root,
    pruned::{claimed_minimum, is_pruned},
    store::read,
    tile::{decode_entries, decode_hashes},
};

/// The published checkpoint, or `None` if there is none yet.
///
/// # Errors
/// [`LogError::BadCheckpoint`] unless `verifier`'s key signed it, or one that followed it; [`LogError::BadLogKeys`],
/// [`LogError::Store`].
pub fn read_checkpoint(store: &impl TileStore, verifier: &LogVerifier) -> Result<Option<Checkpoint>, LogError> {
    let verifier = follow_keys(store, verifier)?;
    read(store, CHECKPOINT_PATH)?.map(|note| Checkpoint::open(&note, &verifier)).transpose()
}

/// The inclusion proof for the entry at `index` in the published tree of `size` entries.
///
/// # Errors
/// [`LogError::OutOfRange`], [`LogError::BadFile`] for a missing or malformed tile, [`LogError::Pruned`] for one that was
/// pruned, [`LogError::Store`].
pub fn prove_inclusion(store: &impl TileStore, size: u64, index: u64) -> Result<Vec<Hash>, LogError> {
    inclusion_proof(index, size, &mut |level, n| read_node(store, size, level, n))
}

/// The consistency proof from the tree of `old` entries to the published tree of `new`.
///
/// # Errors
/// As [`prove_inclusion`].
pub fn prove_consistency(store: &impl TileStore, old: u64, new: u64) -> Result<Vec<Hash>, LogError> {
    consistency_proof(old, new, &mut |level, n| read_node(store, new, level, n))
}

/// The entry at `index` in the published tree of `size` entries.
///
/// # Errors
/// As [`prove_inclusion`].
pub fn read_entry(store: &impl TileStore, size: u64, index: u64) -> Result<Vec<u8>, LogError> {
    if index >= size {
        return Err(LogError::OutOfRange { asked: index, size });
    }
    let (path, bytes) = read_tile(store, size, TileKind::Entries, index / TILE_WIDTH as u64)?;
    let entries = decode_entries(&bytes, path.width)
        .ok_or_else(|| LogError::BadFile { path: path.to_string(), what: "it is not a sequence of entries" })?;
    Ok(entries[(index % TILE_WIDTH as u64) as usize].to_vec())
}

/// Calls `visit` with the entries of a published tree of `entries.end` entries from the first of them on, which begins a bundle, in
/// their order, one bundle in memory at a time.
///
/// # Errors
/// Those of `visit`; [`LogError::BadFile`] for a missing or malformed bundle, [`LogError::Store`].
pub fn each_entry(
    store: &impl TileStore,
    entries: Range<u64>,
    mut visit: impl FnMut(u64, &[u8]) -> Result<(), LogError>,
) -> Result<(), LogError> {
    let size = entries.end;
    for bundle in entries.start / TILE_WIDTH as u64..size.div_ceil(TILE_WIDTH as u64) {
        let (path, bytes) = read_tile(store, size, TileKind::Entries, bundle)?;
        let entries = decode_entries(&bytes, path.width)
            .ok_or_else(|| LogError::BadFile { path: path.to_string(), what: "it is not a sequence of entries" })?;
        for (index, entry) in (bundle * TILE_WIDTH as u64..size).zip(entries) {
            visit(index, entry)?;
        }
    }
    Ok(())
}

/// The hash over the `2^level` entries from `n * 2^level`, all of them in the tree of `size`.
fn read_node(store: &impl TileStore, size: u64, level: u32, n: u64) -> Result<Hash, LogError> {
    let tile_level = u8::try_from(level / 8).expect("a tree has 64 levels");
    let count = 1_u64 << (level % 8);
    let first = n * count;
    let (path, bytes) = read_tile(store, size, TileKind::Hashes(tile_level), first / TILE_WIDTH as u64)?;
    let hashes = decode_hashes(&bytes, path.width)
        .ok_or_else(|| LogError::BadFile { path: path.to_string(), what: "it has a wrong length" })?;
    let start = (first % TILE_WIDTH as u64) as usize;
    let subtree = hashes.get(start..start + count as usize).expect("a complete subtree lies within its tile");
    Ok(perfect_root(subtree))
}

/// The tile at `index` as it is in the tree of `size`, or the full one that has replaced it since.
pub(super) fn read_tile(
    store: &impl TileStore,
    size: u64,
    kind: TileKind,
    index: u64,
) -> Result<(TilePath, Vec<u8>), LogError> {
    let at_level = match kind {
        TileKind::Entries => size,
        TileKind::Hashes(level) => size >> (8 * level),
    };
    let width = (at_level - index * TILE_WIDTH as u64).min(TILE_WIDTH as u64);
    let path = TilePath { kind, index, width: u16::try_from(width).expect("at most 256") };
    for path in [path, path.to_full()] {
        if let Some(bytes) = read(store, &path.to_string())? {
            return Ok((path, bytes));
        }
    }
    let minimum = claimed_minimum(store)?;
    if is_pruned(path, minimum) {
        return Err(LogError::Pruned { minimum });
    }
    Err(LogError::BadFile { path: path.to_string(), what: "it is missing" })
}
