//! The growing right edge of the tree: all that is needed to append entries, whatever the tree's size.

use super::{
    Hash, LogError, TILE_WIDTH, TileKind, TilePath, TileStore, empty_root,
    merkle::{node_hash, perfect_root},
    prove::read_tile,
    tile::decode_hashes,
};

/// For each tile level the hashes that do not fill a tile yet: at most 255 for each of at most 8 levels.
#[derive(Debug, Clone, Default)]
pub(super) struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The edge of a tree of `size` entries, with its partial tiles as `read` gives them.
    pub(super) fn load(
        size: u64,
        mut read: impl FnMut(TilePath) -> Result<Vec<Hash>, LogError>,
    ) -> Result<Self, LogError> {
        let mut levels = Vec::new();
        for level in tile_levels(size) {
            levels.push(partial_tile(TileKind::Hashes(level), size).map_or(Ok(Vec::new()), &mut read)?);
        }
        Ok(Self { size, levels })
    }

    /// The edge that the tree of `size` entries has or had, from the tiles of the published tree that extends it.
    pub(super) fn of_published(store: &impl TileStore, size: u64, published: u64) -> Result<Self, LogError> {
        Self::load(size, |wanted| {
            let (path, bytes) = read_tile(store, published, wanted.kind, wanted.index)?;
            let bad = || LogError::BadFile { path: path.to_string(), what: "it has a wrong length" };
            let mut hashes = decode_hashes(&bytes, path.width).ok_or_else(bad)?;
            hashes.truncate(wanted.width.into());
            Ok(hashes)
        })
    }

    /// Appends a leaf, calling `full` for every tile that it fills, the lowest first.
    pub(super) fn push(&mut self, leaf: Hash, mut full: impl FnMut(TilePath, &[Hash])) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let pending = &mut self.levels[level];
            pending.push(hash);
            if pending.len() < TILE_WIDTH {
                break;
            }
            let kind = TileKind::Hashes(u8::try_from(level).expect("at most 8 levels"));
            full(TilePath::full(kind, (self.size >> (8 * (level + 1))) - 1), pending);
            hash = perfect_root(pending);
            pending.clear();
        }
    }

    /// How many entries the tree has.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The partial tiles at this size, the lowest first.
    pub(super) fn partial_tiles(&self) -> impl Iterator<Item = (TilePath, &[Hash])> {
        tile_levels(self.size).filter_map(|level| {
            let path = partial_tile(TileKind::Hashes(level), self.size)?;
            Some((path, self.levels[usize::from(level)].as_slice()))
        })
    }

    /// The root hash at this size.
    pub(super) fn root(&self) -> Hash {
        // From right to left: each pending row splits into complete subtrees, the smallest rightmost.
        let mut root: Option<Hash> = None;
        for pending in &self.levels {
            let mut rest = pending.as_slice();
            while !rest.is_empty() {
                let (left, subtree) = rest.split_at(rest.len() - (1 << rest.len().trailing_zeros()));
                let hash = perfect_root(subtree);
                root = Some(root.map_or(hash, |right| node_hash(&hash, &right)));
                rest = left;
            }
        }
        root.unwrap_or_else(empty_root)
    }
}

/// The tile levels of a tree of `size` entries that hold at least one hash.
pub(super) fn tile_levels(size: u64) -> impl Iterator<Item = u8> {
    (0..8).filter(move |level| size >> (8 * level) > 0)
}

/// The partial tile at the right edge of a tree of `size` entries, if that level has one.
pub(super) fn partial_tile(kind: TileKind, size: u64) -> Option<TilePath> {
    let at_level = match kind {
        TileKind::Entries => size,
        TileKind::Hashes(level) => size >> (8 * level),
    };
    let width = u16::try_from(at_level % TILE_WIDTH as u64).expect("below 256");
    (width > 0).then_some(TilePath { kind, index: at_level / TILE_WIDTH as u64, width })
}
