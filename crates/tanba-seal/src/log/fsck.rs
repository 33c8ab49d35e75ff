//! Checking a whole log: every file of it is derived again from the entries and compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io, iter,
    ops::RangeInclusive,
};

use super::{
    CHECKPOINT_PATH, Checkpoint, Hash, LOG_KEYS_PATH, LogError, LogVerifier, PRUNED_PATH, Pruned, TILE_WIDTH, TileKind,
    TilePath, TileStore, VERIFIER_KEY_PATH, WITNESSED_PATH,
    edge::{Edge, partial_tile, tile_levels},
    leaf_hash,
    prove::read_tile,
    pruned::is_pruned,
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
    /// The first entry that the log says it still has; 0 in a log that was not pruned.
    pub minimum: u64,
    /// Files before that entry that are still there: what an interrupted pruning left, to be taken away by the next one.
    pub left_to_prune: u64,
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

impl FsckReport {
    /// Adds a fault that whoever has the rows found in them.
    pub fn add(&mut self, fault: Fault) {
        self.ok = false;
        self.fault_count += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        }
    }
}

/// The rows that a log was made from, from `first` on; those before are pruned.
pub struct SourceRows<'a> {
    /// The index of the first one.
    pub first: u64,
    /// They and those behind, in their order.
    pub rows: &'a mut dyn Iterator<Item = io::Result<Vec<u8>>>,
}

/// Checks the log in `store` against `verifier` and, if given, against the rows that it was made from.
///
/// - The checkpoint must be signed, and its size and root those of the entries; so must the one that witnesses have
///   cosigned, if it is there, at its own size.
/// - Every tile and bundle that a tree of that size needs must be there.
/// - *Every* file there is, also partial tiles superseded long ago and files beyond the checkpoint, must be, byte for
///   byte, what the entries give at its path. Any other file is a fault.
/// - Where a statement beside the log says that its beginning was pruned, as an entry of the log says too, all this holds from there on,
///   and the hashes that stand for what lies before must lead to the root that was stated, and to the checkpoint's.
/// - Every source row must be the entry at its index; rows beyond the checkpoint are waiting, missing ones are a fault.
///
/// One bundle and the tree's right edge are in memory at a time, besides the paths of partial tiles, of which there
/// are at most some thousands however large the log.
///
/// # Errors
/// [`LogError::Store`] if the store cannot be listed or the rows cannot be had. Everything that is wrong with the log
/// itself, a file that cannot be read included, is a fault in the report.
pub fn fsck<S: TileStore>(
    store: &S,
    verifier: &LogVerifier,
    rows: Option<SourceRows<'_>>,
) -> Result<FsckReport, LogError> {
    let mut findings = Findings { store, files: 0, count: 0, faults: Vec::new() };
    let verifier = &findings.follow(verifier);
    let checkpoint = findings.check_checkpoint(verifier);
    findings.check_verifier_key(verifier);
    let witnessed = findings.check_witnessed(verifier, checkpoint.as_ref());
    let published = checkpoint.as_ref().map_or(0, |c| c.size);
    let pruned = findings.check_pruned(verifier, published);
    let mut edge = findings.edge_behind(pruned.as_ref(), published);
    let minimum = edge.size();
    let listed = Listed::read(published, minimum, &mut findings)?;
    let rows = Rows::new(rows);
    let mut derivation = Derivation { findings, published, listed, rows, undecided: pruned.clone() };
    derivation.check_right_edge();

    let mut root_at_checkpoint = (published == minimum).then(|| edge.root());
    let mut named = Named::new(verifier, pruned.as_ref(), minimum..=published);
    named.compare(&edge, &mut derivation.findings);
    let mut root_at_witnessed = witnessed.as_ref().filter(|w| w.size == minimum).map(|_| edge.root());
    for index in minimum / TILE_WIDTH as u64.. {
        let Some(leaves) = derivation.check_bundles(index)? else { break };
        let full = leaves.len() == TILE_WIDTH;
        for leaf in leaves {
            edge.push(leaf, |path, hashes| derivation.check_tiles(path, hashes));
            named.compare(&edge, &mut derivation.findings);
            if edge.size() == published {
                root_at_checkpoint = Some(edge.root());
            }
            if witnessed.as_ref().is_some_and(|w| w.size == edge.size()) {
                root_at_witnessed = Some(edge.root());
            }
        }
        if !full {
            break;
        }
    }
    for (path, hashes) in edge.partial_tiles() {
        derivation.check_tiles(path, hashes);
    }

    let Derivation { mut findings, listed, rows, undecided, .. } = derivation;
    if undecided.is_some() {
        findings.fault(&PRUNED_PATH, &"the entry that it names does not decide it");
    }
    let left_to_prune = listed.pruned;
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
    if witnessed.as_ref().is_some_and(|w| w.size < minimum) {
        findings.fault(&WITNESSED_PATH, &"the log was pruned beyond what its witnesses have seen");
    } else if witnessed.is_some_and(|w| root_at_witnessed != Some(w.root)) {
        findings.fault(&WITNESSED_PATH, &"its root is not that of the entries: witnesses have seen another log");
    }
    let rows_waiting = rows.finish(published, edge.size(), &mut findings)?;
    let (size, root) = checkpoint.map_or((edge.size(), edge.root()), |c| (c.size, c.root));
    Ok(FsckReport {
        ok: findings.count == 0,
        size,
        minimum,
        left_to_prune,
        root,
        unpublished: edge.size().saturating_sub(size),
        rows_waiting,
        files: findings.files,
        faults: findings.faults,
        fault_count: findings.count,
    })
}

/// The walk over the entries, from which every other file is derived.
struct Derivation<'s, 'r, S> {
    findings: Findings<'s, S>,
    published: u64,
    listed: Listed,
    rows: Rows<'r>,
    /// The statement that the log is pruned, until its entry has been met.
    undecided: Option<Pruned>,
}

impl<S: TileStore> Derivation<'_, '_, S> {
    /// Looks for every partial file that a tree of the published size needs at its right edge. Full tiles are found
    /// missing when it is their turn.
    fn check_right_edge(&mut self) {
        let kinds = iter::once(TileKind::Entries).chain(tile_levels(self.published).map(TileKind::Hashes));
        for path in kinds.filter_map(|kind| partial_tile(kind, self.published)) {
            // A reader may take the full tile in its place, once there is one.
            if !self.listed.has_partial(path) && !self.listed.beyond.contains(&path.to_full()) {
                self.findings.fault(&path, &"it is missing");
            }
        }
    }

    /// Checks the bundles at `index` and returns the leaf hashes of their entries, as far as they go; `None` at the
    /// end.
    fn check_bundles(&mut self, index: u64) -> Result<Option<Vec<Hash>>, LogError> {
        let full = TilePath::full(TileKind::Entries, index);
        let widths = self.listed.take_partials(full);
        // The longest bundle there is; all others at this place are its beginnings.
        let mut candidates = iter::once(full.width).chain(widths.into_iter().rev()).map(|width| full.with_width(width));
        let Some((path, bytes)) = candidates.find_map(|path| Some((path, self.findings.read(path)?))) else {
            if full.end() <= self.published.into() {
                self.findings.fault(&full, &"it is missing");
            }
            return Ok(self.leaves_from_tile(index));
        };
        self.listed.met(path);
        if full.end() <= self.published.into() && !path.is_full() {
            self.findings.fault(&full, &"it is missing");
        }
        let Some(entries) = decode_entries(&bytes, path.width) else {
            self.findings.fault(&path, &"it is not a sequence of as many entries as its name says");
            return Ok(self.leaves_from_tile(index));
        };
        for path in candidates {
            let length: usize = entries[..path.width.into()].iter().map(|entry| 2 + entry.len()).sum();
            if self.findings.read(path).is_some_and(|shorter| shorter != bytes[..length]) {
                self.findings.fault(&path, &"it is not the beginning of the longer bundle at the same place");
            }
        }
        for (row, entry) in (index * TILE_WIDTH as u64..).zip(&entries) {
            self.undecided.take_if(|pruned| pruned.entry == row && pruned.is_decided_by(entry));
            self.rows.compare(row, entry, &mut self.findings)?;
        }
        Ok(Some(entries.into_iter().map(leaf_hash).collect()))
    }

    /// The leaf hashes that the published tile has, where the bundle failed: so that the rest is checked all the same.
    /// If the tile failed too, that is a fault of its own when its turn comes.
    fn leaves_from_tile(&self, index: u64) -> Option<Vec<Hash>> {
        if index * (TILE_WIDTH as u64) >= self.published {
            return None;
        }
        let (path, bytes) = read_tile(self.findings.store, self.published, TileKind::Hashes(0), index).ok()?;
        decode_hashes(&bytes, path.width)
    }

    /// Checks every version of a tile, full or partial, against the hashes derived from the entries.
    fn check_tiles(&mut self, longest: TilePath, derived: &[Hash]) {
        let mut widths = self.listed.take_partials(longest);
        widths.insert(longest.width);
        self.listed.met(longest);
        for path in widths.into_iter().map(|width| longest.with_width(width)) {
            let Some(stored) = self.findings.read(path) else {
                // Partial tiles that the published tree needs have been looked for before.
                if path.is_full() && path.end() <= self.published.into() {
                    self.findings.fault(&path, &"it is missing");
                }
                continue;
            };
            let expected = encode_hashes(&derived[..path.width.into()]);
            if stored.len() != expected.len() {
                let what = format_args!("it has {} bytes instead of {}", stored.len(), expected.len());
                self.findings.fault(&path, &what);
            } else if let Some(i) = stored.chunks(32).zip(expected.chunks(32)).position(|(a, b)| a != b) {
                self.findings.fault(&path, &format_args!("hash {i} is not the one that the entries give"));
            }
        }
    }
}

/// The store, with faults and counts gathered on the way.
struct Findings<'a, S> {
    store: &'a S,
    files: u64,
    count: u64,
    faults: Vec<Fault>,
}

impl<S: TileStore> Findings<'_, S> {
    fn fault(&mut self, path: &dyn fmt::Display, what: &dyn fmt::Display) {
        self.count += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { path: path.to_string(), what: what.to_string() });
        }
    }

    /// The file, if it is there and can be read.
    fn read(&mut self, path: impl fmt::Display) -> Option<Vec<u8>> {
        match self.store.read(&path.to_string()) {
            Ok(Some(bytes)) => {
                self.files += 1;
                Some(bytes)
            }
            Ok(None) => None,
            Err(error) => {
                self.fault(&path, &format_args!("it cannot be read: {error}"));
                None
            }
        }
    }

    /// The verifier with the keys that the log has had.
    fn follow(&mut self, verifier: &LogVerifier) -> LogVerifier {
        let Some(file) = self.read(LOG_KEYS_PATH) else { return verifier.clone() };
        verifier.following(&file).unwrap_or_else(|error| {
            self.fault(&LOG_KEYS_PATH, &error);
            verifier.clone()
        })
    }

    /// The checkpoint, if it is there and properly signed.
    fn check_checkpoint(&mut self, verifier: &LogVerifier) -> Option<Checkpoint> {
        let Some(note) = self.read(CHECKPOINT_PATH) else {
            self.fault(&CHECKPOINT_PATH, &"it is missing: this is no log, or one that lost its head");
            return None;
        };
        Checkpoint::open(&note, verifier).map_err(|error| self.fault(&CHECKPOINT_PATH, &error)).ok()
    }

    /// What the log says of its pruned beginning, if it does and may.
    fn check_pruned(&mut self, verifier: &LogVerifier, published: u64) -> Option<Pruned> {
        let note = self.read(PRUNED_PATH)?;
        let pruned = Pruned::open(&note, verifier).map_err(|error| self.fault(&PRUNED_PATH, &error)).ok()?;
        if pruned.entry >= published {
            self.fault(&PRUNED_PATH, &"the entry that it names is not published");
        }
        (pruned.minimum <= published).then_some(pruned)
    }

    /// The edge behind what was pruned, from where the entries are followed: by the root that was stated, and in the end by the
    /// checkpoint's.
    fn edge_behind(&mut self, pruned: Option<&Pruned>, published: u64) -> Edge {
        let Some(pruned) = pruned else { return Edge::default() };
        match Edge::of_published(self.store, pruned.minimum, published) {
            Ok(edge) => {
                if edge.root() != pruned.root {
                    self.fault(&PRUNED_PATH, &"the hashes of what was pruned do not lead to the root that it states");
                }
                edge
            }
            Err(error) => {
                self.fault(&PRUNED_PATH, &format_args!("the hashes of what was pruned cannot be read: {error}"));
                Edge::default()
            }
        }
    }

    /// The checkpoint that witnesses have cosigned, if there is one and it is of this log. Whether enough of them have is
    /// for a policy to say, which a log does not carry.
    fn check_witnessed(&mut self, verifier: &LogVerifier, newest: Option<&Checkpoint>) -> Option<Checkpoint> {
        let note = self.read(WITNESSED_PATH)?;
        let witnessed = Checkpoint::open(&note, verifier).map_err(|error| self.fault(&WITNESSED_PATH, &error)).ok()?;
        if newest.is_none_or(|newest| witnessed.size > newest.size) {
            self.fault(&WITNESSED_PATH, &"it states more entries than the log's own checkpoint: the log was set back");
            return None;
        }
        Some(witnessed)
    }

    /// The verifier key need not lie beside the log, but if it does it must be the right one, or one of its line.
    fn check_verifier_key(&mut self, verifier: &LogVerifier) {
        let right = |key: &[u8]| {
            key.strip_suffix(b"\n").and_then(|key| str::from_utf8(key).ok()).is_some_and(|key| verifier.has(key))
        };
        if self.read(VERIFIER_KEY_PATH).is_some_and(|key| !right(&key)) {
            self.fault(&VERIFIER_KEY_PATH, &"it is not the key that the log was checked with");
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
    /// How many lie before the minimum index, where nothing can be derived.
    pruned: u64,
}

impl Listed {
    fn read<S: TileStore>(published: u64, minimum: u64, findings: &mut Findings<'_, S>) -> Result<Self, LogError> {
        let store = findings.store;
        let mut listed = Self::default();
        let mut visit = |path: &str| match TilePath::parse(path) {
            Some(tile) if is_pruned(tile, minimum) => listed.pruned += 1,
            Some(tile) if !tile.is_full() => {
                listed.partials.entry(tile.to_full()).or_default().insert(tile.width);
            }
            Some(tile) if tile.end() > published.into() => {
                listed.beyond.insert(tile);
            }
            Some(_) => {}
            None if [CHECKPOINT_PATH, WITNESSED_PATH, VERIFIER_KEY_PATH, LOG_KEYS_PATH, PRUNED_PATH]
                .contains(&path) => {}
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

/// The trees that the log's keys were stated and retired at, and that in which pruning was decided, compared in step with the entries.
struct Named(Vec<(u64, Hash, &'static str)>);

impl Named {
    fn new(verifier: &LogVerifier, pruned: Option<&Pruned>, sizes: RangeInclusive<u64>) -> Self {
        // A statement lies there before the checkpoint that needs it, and never names a tree beyond the published one.
        let keys = verifier.named_roots().into_iter().map(|(size, root)| (size, root, LOG_KEYS_PATH));
        let decided = pruned.map(|pruned| (pruned.size, pruned.size_root, PRUNED_PATH));
        Self(keys.chain(decided).filter(|(size, ..)| sizes.contains(size)).collect())
    }

    fn compare<S: TileStore>(&mut self, edge: &Edge, findings: &mut Findings<'_, S>) {
        for (size, root, path) in self.0.extract_if(.., |(size, ..)| *size == edge.size()) {
            if root != edge.root() {
                findings.fault(&path, &format_args!("it was stated at another tree of {size} entries"));
            }
        }
    }
}

/// The source rows, compared with the entries in step.
struct Rows<'a> {
    rows: Option<&'a mut dyn Iterator<Item = io::Result<Vec<u8>>>>,
    /// How many there are before the next one.
    taken: u64,
    ended: bool,
}

impl<'a> Rows<'a> {
    fn new(source: Option<SourceRows<'a>>) -> Self {
        let (taken, rows) = source.map_or((0, None), |source| (source.first, Some(source.rows)));
        Self { rows, taken, ended: false }
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, LogError> {
        let row = self.rows.as_mut().and_then(|rows| rows.next()).transpose();
        let row = row.map_err(|source| LogError::Store { path: format!("row {}", self.taken), source })?;
        match row {
            Some(_) => self.taken += 1,
            None => self.ended = true,
        }
        Ok(row)
    }

    fn compare<S: TileStore>(
        &mut self,
        index: u64,
        entry: &[u8],
        findings: &mut Findings<'_, S>,
    ) -> Result<(), LogError> {
        // One that was taken before, or is not there any more, is not compared.
        while !self.ended && self.rows.is_some() && self.taken <= index {
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
    fn finish<S: TileStore>(
        mut self,
        published: u64,
        found: u64,
        findings: &mut Findings<'_, S>,
    ) -> Result<u64, LogError> {
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
