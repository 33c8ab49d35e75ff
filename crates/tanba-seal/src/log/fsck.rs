//! Checking a whole log: every file of it is derived again from the entries and compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
};

use super::{
    CHECKPOINT_PATH, Checkpoint, Hash, LogError, LogVerifier, TILE_WIDTH, TileKind, TilePath, TileStore,
    VERIFIER_KEY_PATH,
    edge::{Edge, partial_tile, tile_levels},
    leaf_hash,
    prove::read_tile,
    store::read,
    tile::{decode_entries, decode_hashes, encode_hashes},
};

/// Faults listed in a report; beyond this they are only counted.
const MAX_FAULTS: usize = 1000;

/// Something wrong with the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, or `row <index>` for a source row.
    pub path: String,
    /// What is wrong with it.
    pub what: String,
}

/// What [`fsck`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FsckReport {
    /// No fault at all.
    pub ok: bool,
    /// Entries that the checkpoint states, or, without a valid one, that were found.
    pub size: u64,
    /// The root that the checkpoint states, or, without a valid one, that of the entries found.
    pub root: Hash,
    /// Entries found beyond the checkpoint: what an interrupted integration left, to be published by the next one.
    pub unpublished: u64,
    /// Source rows beyond the checkpoint: not integrated yet.
    pub rows_waiting: u64,
    /// Files read and compared.
    pub files: u64,
    /// The faults, in the order found: the first ones are the likely causes, a wrong root and what follows from it
    /// the consequences. At most 1000.
    pub faults: Vec<Fault>,
    /// How many faults there are in all.
    pub fault_count: u64,
}

/// Checks the log in `store` against `verifier` and, if given, against the rows that it was made from.
///
/// - The checkpoint must be signed, and its size and root those of the entries.
/// - Every tile and bundle that a tree of that size needs must be there.
/// - *Every* file there is, also partial tiles superseded long ago and files beyond the checkpoint, must be, byte for
///   byte, what the entries give at its path. Any other file is a fault.
/// - Every source row must be the entry at its index; rows beyond the checkpoint are waiting, missing ones are a fault.
///
/// One bundle and the tree's right edge are in memory at a time, besides the paths of partial tiles, of which there
/// are at most some thousands however large the log.
///
/// # Errors
/// Only if the store cannot be read or the rows cannot be had ([`LogError::Store`]): then nothing is known. Everything
/// that is wrong with the log itself is a fault in the report.
pub fn fsck(
    store: &impl TileStore,
    verifier: &LogVerifier,
    rows: Option<&mut dyn Iterator<Item = io::Result<Vec<u8>>>>,
) -> Result<FsckReport, LogError> {
    let mut findings = Findings::default();
    let checkpoint = check_checkpoint(store, verifier, &mut findings)?;
    let published = checkpoint.as_ref().map_or(0, |c| c.size);
    let mut listed = Listed::read(store, published, &mut findings)?;
    check_required(store, published, &listed, &mut findings)?;
    if let Some(key) = read(store, VERIFIER_KEY_PATH)? {
        findings.files += 1;
        if key != format!("{verifier}\n").into_bytes() {
            findings.fault(&VERIFIER_KEY_PATH, &"it is not the key that the log was checked with");
        }
    }

    let mut rows = Rows { rows, taken: 0, ended: false };
    let mut edge = Edge::default();
    let mut root_at_checkpoint = (published == 0).then(|| edge.root());
    for index in 0.. {
        let Some(leaves) = check_bundle(store, index, published, &mut listed, &mut rows, &mut findings)? else {
            break;
        };
        let full = leaves.len() == TILE_WIDTH;
        for leaf in leaves {
            edge.push(leaf, |path, hashes| check_tile(store, path, hashes, published, &mut listed, &mut findings))?;
            if edge.size() == published {
                root_at_checkpoint = Some(edge.root());
            }
        }
        if !full {
            break;
        }
    }
    for (path, hashes) in edge.partial_tiles() {
        check_tile(store, path, hashes, published, &mut listed, &mut findings)?;
    }

    for path in listed.left_over() {
        findings.fault(&path, &"no entries of this log give this file");
    }
    if let Some(checkpoint) = &checkpoint {
        match root_at_checkpoint {
            Some(root) if root == checkpoint.root => {}
            Some(_) => findings.fault(&CHECKPOINT_PATH, &"its root is not that of the entries"),
            None => findings.fault(&CHECKPOINT_PATH, &"it states more entries than could be read"),
        }
    }
    let rows_waiting = rows.finish(published, edge.size(), &mut findings)?;
    let (size, root) = checkpoint.map_or((edge.size(), edge.root()), |c| (c.size, c.root));
    Ok(FsckReport {
        ok: findings.count == 0,
        size,
        root,
        unpublished: edge.size().saturating_sub(size),
        rows_waiting,
        files: findings.files,
        faults: findings.faults,
        fault_count: findings.count,
    })
}

/// The checkpoint, if it is there and properly signed.
fn check_checkpoint(
    store: &impl TileStore,
    verifier: &LogVerifier,
    findings: &mut Findings,
) -> Result<Option<Checkpoint>, LogError> {
    let Some(note) = read(store, CHECKPOINT_PATH)? else {
        findings.fault(&CHECKPOINT_PATH, &"it is missing: this is no log, or one that lost its head");
        return Ok(None);
    };
    findings.files += 1;
    match Checkpoint::open(&note, verifier) {
        Ok(checkpoint) => Ok(Some(checkpoint)),
        Err(error) => {
            findings.fault(&CHECKPOINT_PATH, &error);
            Ok(None)
        }
    }
}

/// Every file that a tree of the published size needs at its right edge. Full tiles are found missing when it is
/// their turn.
fn check_required(
    store: &impl TileStore,
    published: u64,
    listed: &Listed,
    findings: &mut Findings,
) -> Result<(), LogError> {
    for kind in std::iter::once(TileKind::Entries).chain(tile_levels(published).map(TileKind::Hashes)) {
        let Some(path) = partial_tile(kind, published) else { continue };
        // A reader may take the full tile in its place, once there is one.
        if !listed.has_partial(path) && read(store, &path.to_full().to_string())?.is_none() {
            findings.fault(&path, &"it is missing");
        }
    }
    Ok(())
}

/// Checks the bundles at `index` and returns the leaf hashes of their entries, as far as they go; `None` at the end.
fn check_bundle(
    store: &impl TileStore,
    index: u64,
    published: u64,
    listed: &mut Listed,
    rows: &mut Rows<'_>,
    findings: &mut Findings,
) -> Result<Option<Vec<Hash>>, LogError> {
    let full = TilePath::full(TileKind::Entries, index);
    let widths = listed.take_partials(full);
    // The longest bundle there is; all others at this place are its beginnings.
    let mut candidates = std::iter::once(full.width).chain(widths.iter().rev().copied());
    let longest = loop {
        let Some(width) = candidates.next() else { break None };
        let path = TilePath { width, ..full };
        if let Some(bytes) = read(store, &path.to_string())? {
            break Some((path, bytes));
        }
    };
    if full.end() <= u128::from(published) && longest.as_ref().is_none_or(|(path, _)| !path.is_full()) {
        findings.fault(&full, &"it is missing");
    }
    let Some((path, bytes)) = longest else {
        return leaves_from_tile(store, index, published);
    };
    findings.files += 1;
    listed.met(path);
    let Some(entries) = decode_entries(&bytes, path.width) else {
        findings.fault(&path, &"it is not a sequence of as many entries as its name says");
        return leaves_from_tile(store, index, published);
    };
    // Where each entry ends, to compare the shorter bundles.
    let mut end = 0;
    let ends: Vec<usize> = entries
        .iter()
        .map(|entry| {
            end += 2 + entry.len();
            end
        })
        .collect();
    for width in candidates {
        let path = TilePath { width, ..full };
        let Some(shorter) = read(store, &path.to_string())? else { continue };
        findings.files += 1;
        if shorter != bytes[..ends[usize::from(width) - 1]] {
            findings.fault(&path, &"it is not the beginning of the longer bundle at the same place");
        }
    }
    for (i, entry) in entries.iter().enumerate() {
        rows.compare(index * TILE_WIDTH as u64 + i as u64, entry, findings)?;
    }
    Ok(Some(entries.into_iter().map(leaf_hash).collect()))
}

/// The leaf hashes that the published tile has, where the bundle failed: so that the rest is checked all the same.
fn leaves_from_tile(store: &impl TileStore, index: u64, published: u64) -> Result<Option<Vec<Hash>>, LogError> {
    if index * (TILE_WIDTH as u64) >= published {
        return Ok(None);
    }
    match read_tile(store, published, TileKind::Hashes(0), index) {
        Ok((path, bytes)) => Ok(decode_hashes(&bytes, path.width)),
        // The tile is a fault of its own when its turn comes.
        Err(LogError::BadFile { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Checks every version of a tile, full or partial, against the hashes derived from the entries.
fn check_tile(
    store: &impl TileStore,
    path: TilePath,
    derived: &[Hash],
    published: u64,
    listed: &mut Listed,
    findings: &mut Findings,
) -> Result<(), LogError> {
    let bytes = encode_hashes(derived);
    let mut widths = listed.take_partials(path);
    widths.insert(path.width);
    for width in widths {
        let path = TilePath { width, ..path };
        let Some(stored) = read(store, &path.to_string())? else {
            // Partial tiles that the published tree needs have been looked for before.
            if path.is_full() && path.end() <= u128::from(published) {
                findings.fault(&path, &"it is missing");
            }
            continue;
        };
        findings.files += 1;
        listed.met(path);
        let expected = &bytes[..usize::from(width) * 32];
        if stored.len() != expected.len() {
            findings.fault(&path, &format_args!("it has {} bytes instead of {}", stored.len(), expected.len()));
        } else if let Some(i) = stored.chunks(32).zip(expected.chunks(32)).position(|(a, b)| a != b) {
            findings.fault(&path, &format_args!("hash {i} is not the one that the entries give"));
        }
    }
    Ok(())
}

/// Faults and counts, gathered on the way.
#[derive(Default)]
struct Findings {
    files: u64,
    count: u64,
    faults: Vec<Fault>,
}

impl Findings {
    fn fault(&mut self, path: &dyn fmt::Display, what: &dyn fmt::Display) {
        self.count += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { path: path.to_string(), what: what.to_string() });
        }
    }
}

/// The files that the derivation from the entries has to account for. Full tiles within the published tree are not
/// among them: the derivation meets every one of those, and misses those that are not there.
#[derive(Default)]
struct Listed {
    /// Widths of partial tiles, by the full tile at their place.
    partials: BTreeMap<TilePath, BTreeSet<u16>>,
    /// Full tiles beyond the published tree.
    beyond: BTreeSet<TilePath>,
}

impl Listed {
    fn read(store: &impl TileStore, published: u64, findings: &mut Findings) -> Result<Self, LogError> {
        let mut listed = Self::default();
        let mut visit = |path: &str| match TilePath::parse(path) {
            Some(tile) if !tile.is_full() => {
                listed.partials.entry(tile.to_full()).or_default().insert(tile.width);
            }
            Some(tile) if tile.end() > published.into() => {
                listed.beyond.insert(tile);
            }
            Some(_) => {}
            None if [CHECKPOINT_PATH, VERIFIER_KEY_PATH].contains(&path) => {}
            None => findings.fault(&path.escape_debug(), &"it is none of the log's files, or misnamed"),
        };
        store.list(&mut visit).map_err(|source| LogError::Store { path: ".".to_owned(), source })?;
        Ok(listed)
    }

    fn has_partial(&self, path: TilePath) -> bool {
        self.partials.get(&path.to_full()).is_some_and(|widths| widths.contains(&path.width))
    }

    /// Takes the widths up to that of `path` of the partial tiles at its place.
    fn take_partials(&mut self, path: TilePath) -> BTreeSet<u16> {
        let Some(widths) = self.partials.get_mut(&path.to_full()) else {
            return BTreeSet::new();
        };
        let longer = widths.split_off(&(path.width + 1));
        let taken = std::mem::replace(widths, longer);
        if widths.is_empty() {
            self.partials.remove(&path.to_full());
        }
        taken
    }

    /// Notes that the derivation came to this full tile.
    fn met(&mut self, path: TilePath) {
        self.beyond.remove(&path);
    }

    /// What the derivation never came to.
    fn left_over(self) -> impl Iterator<Item = TilePath> {
        let partials = self
            .partials
            .into_iter()
            .flat_map(|(full, widths)| widths.into_iter().map(move |width| TilePath { width, ..full }));
        self.beyond.into_iter().chain(partials)
    }
}

/// The source rows, compared with the entries in step.
struct Rows<'a> {
    rows: Option<&'a mut dyn Iterator<Item = io::Result<Vec<u8>>>>,
    /// How many have been taken.
    taken: u64,
    ended: bool,
}

impl Rows<'_> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, LogError> {
        let row = self.rows.as_mut().and_then(|rows| rows.next()).transpose();
        let row = row.map_err(|source| LogError::Store { path: format!("row {}", self.taken), source })?;
        match row {
            Some(_) => self.taken += 1,
            None => self.ended = true,
        }
        Ok(row)
    }

    fn compare(&mut self, index: u64, entry: &[u8], findings: &mut Findings) -> Result<(), LogError> {
        while !self.ended && self.rows.is_some() {
            let row = self.next()?;
            if self.taken > index {
                if row.is_some_and(|row| row != entry) {
                    findings.fault(&format_args!("row {index}"), &"it is not the entry that the log has at its index");
                }
                break;
            }
        }
        Ok(())
    }

    /// Counts the rows to their end; returns how many lie beyond the log's `entries`.
    fn finish(mut self, published: u64, found: u64, findings: &mut Findings) -> Result<u64, LogError> {
        if self.rows.is_none() {
            return Ok(0);
        }
        while !self.ended {
            self.next()?;
        }
        let logged = published.max(found);
        if self.taken < logged {
            let missing = logged - self.taken;
            findings.fault(
                &format_args!("row {}", self.taken),
                &format_args!("missing: the log has {missing} entries more than there are rows"),
            );
        }
        Ok(self.taken.saturating_sub(published))
    }
}
