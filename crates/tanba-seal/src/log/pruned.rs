//! The beginning of a log that is no longer there (C2SP tlog-tiles, "Pruning"): what says so, and how it is taken away.
//!
//! ```text
//! tanba-log-pruned/1
//! log <origin>
//! minimum <index> <root>       the minimum index, a multiple of 256, and the root of the tree of as many entries
//! checkpoint <size> <root>     the published tree in which that was decided
//! entry <index>                the entry of the decision, which has the SHA-256 of this note in its field `statement`
//! ```
//!
//! This is a note signed with the log's key; the newest lies beside the log as [`PRUNED_PATH`]. Without it a log is pruned
//! nowhere, and a missing file is damage. What goes is what the specification lets go: bundles and full tiles that end at the
//! minimum index or before. Nothing is kept in their stead, because a proof about later entries needs, of what lies before, the
//! hashes of the largest complete subtrees only, and each of these stands in a tile of a higher level that ends later.

use sha2::{Digest as _, Sha256};

use super::{
    CHECKPOINT_PATH, Checkpoint, Hash, LogError, LogSigner, LogVerifier, PRUNED_PATH, TILE_WIDTH, TilePath, TileStore,
    checkpoint::parse_decimal,
    edge::Edge,
    log_keys::follow_keys,
    note::{claimed_statement, open_statement, sign_statement},
    store::{read, write},
    tile::{decode_hashes, encode_hashes},
};

/// The first line of a statement.
const FORMAT: &str = "tanba-log-pruned/1";

/// The event of the entry that a statement names.
const EVENT: &str = "log.pruned";

/// What a log says of its pruned beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// Entries before this index may not be had any more: a multiple of 256.
    pub minimum: u64,
    /// The root of the tree of these entries.
    pub root: Hash,
    /// The size of the published tree in which pruning was decided.
    pub size: u64,
    /// The root of that tree.
    pub size_root: Hash,
    /// The index of the decision's entry.
    pub entry: u64,
    /// The SHA-256 of the statement, in hexadecimal.
    statement: String,
}

/// A statement that a log is pruned, and what the log can be made again from without the entries that go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruning {
    /// The signed note.
    pub note: Vec<u8>,
    /// For each level the hashes of the tree of the pruned entries that fill no tile, the lowest level first.
    pub edge: Vec<u8>,
}

impl Pruned {
    /// Reads a statement that `verifier`'s key has signed.
    ///
    /// # Errors
    /// [`LogError::BadPruning`].
    pub fn open(note: &[u8], verifier: &LogVerifier) -> Result<Self, LogError> {
        let text = open_statement(verifier, note).map_err(|_| refuse("it is not signed by this log's key"))?;
        let read = Self::read(&text, note)?;
        if text.lines().nth(1) != Some(&format!("log {}", verifier.name())) {
            return Err(refuse("it is of another log"));
        }
        Ok(read)
    }

    fn read(text: &str, note: &[u8]) -> Result<Self, LogError> {
        let lines: Vec<&str> = text.lines().collect();
        let [FORMAT, _, minimum, checkpoint, entry] = lines[..] else {
            return Err(refuse("it is of another format"));
        };
        let tree = |line: &str, name: &str| {
            let (size, root) = line.strip_prefix(name)?.split_once(' ')?;
            Some((parse_decimal(size)?, Hash::from_base64(root)?))
        };
        let malformed = || refuse("a line is malformed");
        let (minimum, root) = tree(minimum, "minimum ").ok_or_else(malformed)?;
        let (size, size_root) = tree(checkpoint, "checkpoint ").ok_or_else(malformed)?;
        let entry = entry.strip_prefix("entry ").and_then(parse_decimal).ok_or_else(malformed)?;
        if minimum == 0 || minimum % TILE_WIDTH as u64 != 0 || minimum > size || size > entry {
            return Err(refuse("its numbers do not go together"));
        }
        let statement = Sha256::digest(note).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { minimum, root, size, size_root, entry, statement })
    }

    /// Whether an entry is that of the decision.
    pub(super) fn is_decided_by(&self, entry: &[u8]) -> bool {
        let said = serde_json::from_slice::<serde_json::Value>(entry).unwrap_or_default();
        said["event"] == EVENT && said["statement"] == self.statement
    }
}

/// What the log in a store says of its pruned beginning; `None` where it has all of its entries.
///
/// # Errors
/// [`LogError::BadPruning`], [`LogError::BadLogKeys`], [`LogError::Store`].
pub fn read_pruned(store: &impl TileStore, verifier: &LogVerifier) -> Result<Option<Pruned>, LogError> {
    let verifier = follow_keys(store, verifier)?;
    read(store, PRUNED_PATH)?.map(|note| Pruned::open(&note, &verifier)).transpose()
}

/// The minimum index that lies beside a log, whoever signed it; 0 without one. Good for saying why a file is missing, and for nothing else.
pub(super) fn claimed_minimum(store: &impl TileStore) -> Result<u64, LogError> {
    let Some(note) = read(store, PRUNED_PATH)? else { return Ok(0) };
    let claimed = claimed_statement(&note).and_then(|text| Pruned::read(&text, &note));
    Ok(claimed.map_or(0, |pruned| pruned.minimum))
}

/// States that a published log begins at `minimum`. The caller writes the statement's hash into the entry that will have the index
/// `entry`, publishes it, and then has it shown ([`show_pruning`]) and carried out ([`prune`]).
///
/// # Errors
/// [`LogError::BadPruning`] for a minimum that is no multiple of 256 within the log, or before the one that it has;
/// [`LogError::BadFile`], [`LogError::Store`].
pub fn state_pruning(
    store: &impl TileStore,
    signer: &LogSigner,
    now: &Checkpoint,
    minimum: u64,
    entry: u64,
) -> Result<Pruning, LogError> {
    if minimum <= claimed_minimum(store)? {
        return Err(refuse("the log begins there already"));
    }
    let edge = Edge::of_published(store, minimum.min(now.size), now.size)?;
    let text = format!(
        "{FORMAT}\nlog {}\nminimum {minimum} {}\ncheckpoint {} {}\nentry {entry}\n",
        now.origin,
        edge.root(),
        now.size,
        now.root
    );
    let note = sign_statement(signer, &text)?.into_bytes();
    // What nobody would read is not written.
    Pruned::read(&text, &note)?;
    let edge = edge.partial_tiles().flat_map(|(_, hashes)| encode_hashes(hashes)).collect();
    Ok(Pruning { note, edge })
}

/// Lays a statement beside the log, once its entry is published.
///
/// # Errors
/// [`LogError::BadPruning`] where the entry is not published, or less is pruned than the log says already; [`LogError::Store`].
pub fn show_pruning(store: &mut impl TileStore, verifier: &LogVerifier, note: &[u8]) -> Result<(), LogError> {
    let verifier = follow_keys(store, verifier)?;
    let pruned = Pruned::open(note, &verifier)?;
    let published = super::read_checkpoint(store, &verifier)?.map_or(0, |checkpoint| checkpoint.size);
    if published <= pruned.entry {
        return Err(refuse("the entry that decides it is not published yet"));
    }
    if pruned.minimum < claimed_minimum(store)? {
        return Err(refuse("the log is pruned further already"));
    }
    write(store, PRUNED_PATH, note)
}

/// Takes away what the statement beside the log lets go. Broken off anywhere, it goes on when it is called again. Returns how many
/// files went.
///
/// # Errors
/// As [`read_pruned`].
pub fn prune(store: &mut impl TileStore, verifier: &LogVerifier) -> Result<u64, LogError> {
    let Some(pruned) = read_pruned(store, verifier)? else { return Ok(0) };
    let mut gone = Vec::new();
    let mut visit = |path: &str| gone.extend(TilePath::parse(path).filter(|tile| is_pruned(*tile, pruned.minimum)));
    store.list(&mut visit).map_err(|source| LogError::Store { path: ".".to_owned(), source })?;
    // Entries first: a hash without its entry tells nothing, an entry without its hash could.
    gone.sort_unstable();
    for tile in &gone {
        let path = if tile.is_full() { tile.to_string() } else { tile.partials_folder() };
        store.remove(&path).map_err(|source| LogError::Store { path, source })?;
    }
    Ok(gone.len() as u64)
}

/// Begins a log that was lost again behind its pruned entries: with the checkpoint of the pruned tree, which nobody can see extended
/// otherwise than it was, because the statement names its root. The caller integrates the other entries behind it; the log is
/// whole when the statement's entry is among them.
///
/// # Errors
/// [`LogError::BadPruning`] for hashes that do not lead to the stated root, and in a store that has a checkpoint;
/// [`LogError::Store`].
pub fn begin_again(
    store: &mut impl TileStore,
    signer: &LogSigner,
    verifier: &LogVerifier,
    pruning: &Pruning,
) -> Result<Checkpoint, LogError> {
    let pruned = Pruned::open(&pruning.note, verifier)?;
    if read(store, CHECKPOINT_PATH)?.is_some() {
        return Err(refuse("the log is there"));
    }
    let mut rest = pruning.edge.as_slice();
    let edge = Edge::load(pruned.minimum, |wanted| {
        let (hashes, behind) = rest.split_at_checked(32 * usize::from(wanted.width)).unwrap_or((&[], &[]));
        rest = behind;
        decode_hashes(hashes, wanted.width).ok_or(refuse("hashes that it needs are missing"))
    })?;
    if edge.root() != pruned.root || !rest.is_empty() {
        return Err(refuse("its hashes do not lead to the root that was stated"));
    }
    for (path, hashes) in edge.partial_tiles() {
        write(store, &path.to_string(), &encode_hashes(hashes))?;
    }
    write(store, PRUNED_PATH, &pruning.note)?;
    let checkpoint = Checkpoint { origin: verifier.name().to_owned(), size: pruned.minimum, root: pruned.root };
    write(store, CHECKPOINT_PATH, &checkpoint.sign(signer)?)?;
    Ok(checkpoint)
}

/// Whether a tile, or the full one at its place, ends at the minimum index or before.
pub(super) fn is_pruned(tile: TilePath, minimum: u64) -> bool {
    tile.to_full().end() <= minimum.into()
}

fn refuse(what: &'static str) -> LogError {
    LogError::BadPruning { what }
}
