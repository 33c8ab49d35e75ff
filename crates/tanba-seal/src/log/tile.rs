//! Tiles and entry bundles: their paths, and what is in them (C2SP tlog-tiles).

use std::fmt;

use super::Hash;

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: usize = 256;

/// The longest entry: its length must fit two bytes.
pub const MAX_ENTRY_BYTES: usize = u16::MAX as usize;

/// Tiles of level 7 hold hashes over 2^56 entries each; no log gets higher.
const MAX_LEVEL: u8 = 7;

/// Tile indices stay below this bound (2^63 entries), so that positions never overflow.
const MAX_INDEX: u64 = 1 << 55;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TileKind {
    /// Log entries, each behind its length as a big-endian `u16`.
    Entries,
    /// Hashes at tree height `8 * level`; level 0 are leaf hashes.
    Hashes(u8),
}

/// The path of a tile or entry bundle: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TilePath {
    /// Entries, or hashes of which level.
    pub kind: TileKind,
    /// The index within the level, `N`.
    pub index: u64,
    /// How many hashes or entries it holds, `W`: 1 to 255 for a partial tile, 256 for a full one.
    pub width: u16,
}

impl TilePath {
    /// The path of a full tile.
    #[must_use]
    pub fn full(kind: TileKind, index: u64) -> Self {
        Self { kind, index, width: 256 }
    }

    /// Whether it holds all 256.
    #[must_use]
    pub fn is_full(&self) -> bool {
        usize::from(self.width) == TILE_WIDTH
    }

    /// The full tile at the same place.
    #[must_use]
    pub fn to_full(self) -> Self {
        self.with_width(256)
    }

    /// The version of this tile that holds `width` hashes or entries, 1 to 256.
    #[must_use]
    pub fn with_width(self, width: u16) -> Self {
        Self { width, ..self }
    }

    /// The folder that holds the partial versions of this tile.
    #[must_use]
    pub fn partials_folder(&self) -> String {
        format!("{}.p", self.to_full())
    }

    /// The size of the smallest tree that has this tile: the end of the range of entries that it spans.
    #[must_use]
    pub fn end(&self) -> u128 {
        let level = match self.kind {
            TileKind::Entries => 0,
            TileKind::Hashes(level) => u32::from(level),
        };
        (u128::from(self.index) * TILE_WIDTH as u128 + u128::from(self.width)) << (8 * level)
    }

    /// Reads a path; `None` unless it is written exactly as this type displays itself.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("tile/")?;
        let (kind, rest) = rest.split_once('/')?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes(level.parse().ok().filter(|l| *l <= MAX_LEVEL)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok().filter(|w| (1..256).contains(w))?),
            None => (rest, 256),
        };
        let mut index = 0_u64;
        for group in number.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            index = index * 1000 + digits.parse::<u64>().ok().filter(|n| *n < 1000)?;
            if index >= MAX_INDEX {
                return None;
            }
        }
        let parsed = Self { kind, index, width };
        // Leading zeros, signs, missing or surplus `x`: only one spelling is right.
        (parsed.to_string() == path).then_some(parsed)
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => f.write_str("tile/entries/")?,
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups[1..].iter().rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if !self.is_full() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

/// The bytes of a tile.
pub(super) fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes of a tile of `width`; `None` for another length.
pub(super) fn decode_hashes(bytes: &[u8], width: u16) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    (hashes.len() == usize::from(width) && rest.is_empty()).then(|| hashes.iter().map(|h| Hash(*h)).collect())
}

/// Appends an entry of at most [`MAX_ENTRY_BYTES`] to a bundle.
pub(super) fn append_entry(bundle: &mut Vec<u8>, entry: &[u8]) {
    let length = u16::try_from(entry.len()).expect("entry lengths are checked before");
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
}

/// The entries of a bundle of `width`; `None` if it holds more, fewer, or a broken one.
pub(super) fn decode_entries(mut bytes: &[u8], width: u16) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::with_capacity(usize::from(width));
    for _ in 0..width {
        let (length, rest) = bytes.split_first_chunk()?;
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        bytes = rest;
    }
    bytes.is_empty().then_some(entries)
}
