//! Extending the log: from a batch of entries to tiles and a new checkpoint, safe against a crash at any point.

use super::{
    CHECKPOINT_PATH, Checkpoint, LogError, LogSigner, MAX_ENTRY_BYTES, TILE_WIDTH, TileKind, TilePath, TileStore,
    edge::{Edge, partial_tile},
    leaf_hash,
    prove::{read_checkpoint, read_tile},
    store::write,
    tile::{append_entry, decode_entries, encode_hashes},
};

/// Appends `entries`, the first of which has index `first`, and publishes the new checkpoint, which is returned.
///
/// The store alone remembers how far the log is. `first` must be the size that the published checkpoint states, or 0
/// if there is none; an empty batch on an empty store publishes the empty tree. The memory needed is that of the
/// batch twice over, so a caller integrates a backlog some thousands of entries at a time.
///
/// # The order of writes
///
/// 1. entry bundles, full ones then the partial one,
/// 2. hash tiles, lowest level first, full ones then partial ones,
/// 3. the checkpoint,
/// 4. then the partial versions of tiles that are full now are removed.
///
/// Steps 1 and 2 only add files, or write again the bytes that are there; so a crash leaves the old checkpoint with
/// every file that it needs. Files beyond the checkpoint have no meaning until one is published, and since all of them
/// are derived from the entries, running again with the same entries (in the same or other batches) ends in the same
/// tree. Bundles come before tiles so that [`fsck`](super::fsck) can derive every tile it meets, published or not.
/// Partial tiles stay until the full tile has been published, as tlog-tiles demands for readers that hold an older
/// checkpoint; one that a crash between steps 3 and 4 leaves behind is checked by `fsck` like all others.
///
/// Before anything is written, the right edge is read back and must lead to the published root: this never signs a
/// tree that does not extend the one signed before.
///
/// # Errors
/// [`LogError::NotNext`], [`LogError::EntryTooLong`], and [`LogError::BadCheckpoint`] or [`LogError::BadFile`] if what
/// is in the store cannot be extended: nothing was written then. [`LogError::Store`]: run again.
pub fn integrate<E: AsRef<[u8]>>(
    store: &mut impl TileStore,
    signer: &LogSigner,
    first: u64,
    entries: &[E],
) -> Result<Checkpoint, LogError> {
    let published = read_checkpoint(store, signer.verifier())?;
    let size = published.as_ref().map_or(0, |checkpoint| checkpoint.size);
    if first != size {
        return Err(LogError::NotNext { size, first });
    }
    if let Some(i) = entries.iter().position(|entry| entry.as_ref().len() > MAX_ENTRY_BYTES) {
        let (index, bytes) = (first + i as u64, entries[i].as_ref().len());
        return Err(LogError::EntryTooLong { index, bytes });
    }
    let (mut edge, mut bundle) = match &published {
        Some(checkpoint) if entries.is_empty() => return Ok(checkpoint.clone()),
        Some(checkpoint) => load_edge(store, checkpoint)?,
        None => (Edge::default(), Vec::new()),
    };

    let mut bundles: Vec<(TilePath, Vec<u8>)> = Vec::new();
    let mut tiles: Vec<(TilePath, Vec<u8>)> = Vec::new();
    for entry in entries {
        append_entry(&mut bundle, entry.as_ref());
        edge.push(leaf_hash(entry.as_ref()), |path, hashes| tiles.push((path, encode_hashes(hashes))));
        if edge.size() % TILE_WIDTH as u64 == 0 {
            let index = edge.size() / TILE_WIDTH as u64 - 1;
            bundles.push((TilePath::full(TileKind::Entries, index), std::mem::take(&mut bundle)));
        }
    }
    let filled: Vec<TilePath> = bundles.iter().chain(&tiles).map(|(path, _)| *path).collect();
    bundles.extend(partial_tile(TileKind::Entries, edge.size()).map(|path| (path, bundle)));
    tiles.extend(edge.partial_tiles().map(|(path, hashes)| (path, encode_hashes(hashes))));
    tiles.sort_by_key(|(path, _)| *path);

    for (path, bytes) in bundles.iter().chain(&tiles) {
        write(store, &path.to_string(), bytes)?;
    }
    let checkpoint = Checkpoint { origin: signer.verifier().name().to_owned(), size: edge.size(), root: edge.root() };
    write(store, CHECKPOINT_PATH, &checkpoint.sign(signer)?)?;
    for path in filled {
        let path = path.partials_folder();
        store.remove(&path).map_err(|source| LogError::Store { path, source })?;
    }
    Ok(checkpoint)
}

/// The right edge of the published tree and the bytes of its partial bundle, found to agree with the checkpoint.
fn load_edge(store: &impl TileStore, checkpoint: &Checkpoint) -> Result<(Edge, Vec<u8>), LogError> {
    let bad = |path: TilePath, what| LogError::BadFile { path: path.to_string(), what };
    let edge = Edge::of_published(store, checkpoint.size, checkpoint.size)?;
    if edge.root() != checkpoint.root {
        let path = CHECKPOINT_PATH.to_owned();
        return Err(LogError::BadFile { path, what: "its root is not that of the tiles at the right edge" });
    }
    let Some(wanted) = partial_tile(TileKind::Entries, checkpoint.size) else {
        return Ok((edge, Vec::new()));
    };
    let (path, bytes) = read_tile(store, checkpoint.size, wanted.kind, wanted.index)?;
    let entries = decode_entries(&bytes, path.width).ok_or_else(|| bad(path, "it is not a sequence of entries"))?;
    let mut bundle = Vec::new();
    let (_, leaves) = edge.partial_tiles().next().expect("a partial bundle has a partial tile of its hashes");
    for (entry, leaf) in entries.iter().zip(leaves) {
        if leaf_hash(entry) != *leaf {
            return Err(bad(path, "an entry does not have the hash in the tile"));
        }
        append_entry(&mut bundle, entry);
    }
    Ok((edge, bundle))
}
