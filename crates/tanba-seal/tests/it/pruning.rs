//! A log whose beginning was pruned: what stays is proved as ever, what goes is what the statement lets go, and nothing else.

use std::collections::BTreeMap;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use tanba_seal::log::{
    Checkpoint, LogError, MemoryStore, PRUNED_PATH, Pruning, SourceRows, TILE_WIDTH, TileKind, TilePath, TlogProof,
    WITNESSED_PATH, begin_again, fsck, integrate, prove_consistency, prove_inclusion, prune, read_checkpoint,
    read_entry, read_pruned, show_pruning, state_pruning, verify_consistency,
};

use crate::crash::Dying;
use crate::log_cycle::{entries, signer};

/// A log in which pruning is decided.
struct Decided {
    store: MemoryStore,
    pruning: Pruning,
    /// The entries behind `first`.
    first: u64,
    entries: Vec<Vec<u8>>,
}

impl Decided {
    /// A log of `size` entries, and the decision to begin at `minimum`, published with some entries behind it.
    fn new(size: u64, minimum: u64) -> Self {
        let mut store = MemoryStore::default();
        let mut all = entries(0..size);
        let now = integrate(&mut store, &signer(), 0, &all).unwrap();
        let pruning = state_pruning(&store, &signer(), &now, minimum, size).unwrap();
        all.push(decision(&pruning.note));
        all.extend(entries(size + 1..size + 20));
        integrate(&mut store, &signer(), size, &all[usize::try_from(size).unwrap()..]).unwrap();
        Self { store, pruning, first: minimum, entries: all }
    }

    fn pruned(size: u64, minimum: u64) -> Self {
        let mut log = Self::new(size, minimum);
        show_pruning(&mut log.store, signer().verifier(), &log.pruning.note).unwrap();
        prune(&mut log.store, signer().verifier()).unwrap();
        log
    }

    fn faults(&self, store: &MemoryStore) -> Vec<String> {
        let first = usize::try_from(self.first).unwrap();
        let mut rows = self.entries[first..].iter().cloned().map(Ok);
        let rows = SourceRows { first: self.first, rows: &mut rows };
        let report = fsck(store, signer().verifier(), Some(rows)).unwrap();
        assert_eq!(report.ok, report.faults.is_empty());
        report.faults.into_iter().map(|fault| format!("{}: {}", fault.path, fault.what)).collect()
    }
}

fn decision(note: &[u8]) -> Vec<u8> {
    let hash: String = Sha256::digest(note).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"event": "log.pruned", "statement": hash}).to_string().into_bytes()
}

#[test]
fn control_e13_a_pruned_log_loses_what_the_specification_lets_go_and_proves_what_stays() {
    let signer = signer();
    for (size, minimum) in [(700, 512), (66_100, 512), (66_100, 65_536), (66_100, 65_792)] {
        let mut log = Decided::new(size, minimum);
        let whole = log.store.clone();
        let kept_proof = TlogProof::make(&whole, signer.verifier(), 3).unwrap();
        show_pruning(&mut log.store, signer.verifier(), &log.pruning.note).unwrap();
        let gone = prune(&mut log.store, signer.verifier()).unwrap();
        assert!(gone > 0);
        assert_eq!(prune(&mut log.store, signer.verifier()).unwrap(), 0);
        assert_eq!(log.faults(&log.store), [""; 0]);
        for path in whole.files.keys() {
            let ends = TilePath::parse(path).map(|tile| tile.to_full().end());
            assert_eq!(log.store.files.contains_key(path), ends.is_none_or(|end| end > minimum.into()), "{path}");
        }
        let said = read_pruned(&log.store, signer.verifier()).unwrap().unwrap();
        assert_eq!((said.minimum, said.size, said.entry), (minimum, size, size));

        // It grows as one that was never pruned would.
        let (mut grown, mut other) = (log.store.clone(), whole.clone());
        let more = entries(size + 20..size + 600);
        let head = integrate(&mut grown, &signer, size + 20, &more).unwrap();
        assert_eq!(integrate(&mut other, &signer, size + 20, &more).unwrap(), head);
        let rows = log.entries.iter().chain(&more);
        for index in (minimum..head.size).step_by(61) {
            let proof = TlogProof::make(&grown, signer.verifier(), index).unwrap();
            let entry = rows.clone().nth(usize::try_from(index).unwrap()).unwrap();
            assert_eq!(read_entry(&grown, head.size, index).unwrap(), *entry);
            proof.verify(signer.verifier(), entry).unwrap();
        }
        for old in (minimum..head.size).step_by(97).chain([minimum, size, size + 20]) {
            let proof = prove_consistency(&grown, old, head.size).unwrap();
            assert_eq!(proof, prove_consistency(&other, old, head.size).unwrap(), "{old}");
        }
        // A proof that somebody took before is as good as ever, and no new one is made.
        kept_proof.verify(signer.verifier(), &log.entries[3]).unwrap();
        let lost = [
            prove_inclusion(&grown, head.size, 3).map(drop),
            read_entry(&grown, head.size, minimum - 1).map(drop),
            prove_consistency(&grown, 3, head.size).map(drop),
            TlogProof::make(&grown, signer.verifier(), 3).map(drop),
        ];
        assert!(lost.iter().all(|lost| matches!(lost, Err(LogError::Pruned { minimum: m }) if *m == minimum)));
        assert!(read_entry(&grown, head.size, head.size).is_err());
    }
}

#[test]
fn control_e13_a_pruning_that_breaks_off_anywhere_leaves_a_whole_log_and_is_finished() {
    let log = Decided::new(1100, 768);
    let done = Decided::pruned(1100, 768).store;
    for steps in 0.. {
        let mut dying = Dying { store: log.store.clone(), left: steps };
        let outcome = show_pruning(&mut dying, signer().verifier(), &log.pruning.note)
            .and_then(|()| prune(&mut dying, signer().verifier()));
        let mut store = dying.store;
        // The rows go before the files do, so they are compared from the minimum index on either way.
        assert_eq!(log.faults(&store), [""; 0], "after {steps} steps");
        let report = fsck(&store, signer().verifier(), None).unwrap();
        assert_eq!(report.minimum, if steps == 0 { 0 } else { 768 });
        assert_eq!(report.left_to_prune, if steps == 0 { 0 } else { 6 - (steps as u64 - 1).min(6) });
        integrate(&mut store, &signer(), 1120, &entries(1120..1130)).unwrap();
        show_pruning(&mut store, signer().verifier(), &log.pruning.note).unwrap();
        prune(&mut store, signer().verifier()).unwrap();
        assert_eq!(fsck(&store, signer().verifier(), None).unwrap().left_to_prune, 0);
        if outcome.is_ok() {
            assert!(steps == 7, "the statement, three bundles and three tiles: {steps}");
            break;
        }
    }
    assert!(fsck(&done, signer().verifier(), None).unwrap().ok);
}

#[test]
fn control_e13_without_a_decision_in_the_log_nothing_that_is_missing_was_pruned() {
    let whole = Decided::new(1100, 768);
    let pruned = Decided::pruned(1100, 768);
    // Files removed by hand, with no statement.
    let mut store = pruned.store.clone();
    store.files.remove(PRUNED_PATH);
    assert!(pruned.faults(&store).iter().any(|fault| fault == "tile/entries/000: it is missing"));
    for path in ["tile/entries/000", "tile/0/002", "tile/0/003"] {
        let mut store = whole.store.clone();
        store.files.remove(path);
        assert_eq!(fsck(&store, signer().verifier(), None).unwrap().faults[0].path, path);
    }
    // More than the statement lets go.
    for path in ["tile/entries/003", "tile/0/003", "tile/1/000.p/4"] {
        let mut store = pruned.store.clone();
        assert!(store.files.remove(path).is_some(), "{path}");
        assert!(!pruned.faults(&store).is_empty(), "{path}");
    }
    // A statement that no entry decides, one of another entry, one that is not signed, and hashes that were changed.
    let now = read_checkpoint(&whole.store, signer().verifier()).unwrap().unwrap();
    let undecided = |entry| {
        let mut store = whole.store.clone();
        let pruning = state_pruning(&store, &signer(), &now, 512, entry).unwrap();
        store.files.insert(PRUNED_PATH.to_owned(), pruning.note);
        prune(&mut store, signer().verifier()).unwrap();
        fsck(&store, signer().verifier(), None).unwrap().ok
    };
    assert!(!undecided(1120) && !undecided(5000));
    // An entry of another event, and one of another statement.
    for (event, of) in [("log.looked_at", true), ("log.pruned", false)] {
        let mut store = MemoryStore::default();
        let head = integrate(&mut store, &signer(), 0, &entries(0..1100)).unwrap();
        let pruning = state_pruning(&store, &signer(), &head, 512, 1100).unwrap();
        let note = if of { pruning.note.as_slice() } else { b"another" };
        let entry = String::from_utf8(decision(note)).unwrap().replace("log.pruned", event);
        integrate(&mut store, &signer(), 1100, &[entry.into_bytes()]).unwrap();
        show_pruning(&mut store, signer().verifier(), &pruning.note).unwrap();
        let faults = fsck(&store, signer().verifier(), None).unwrap().faults;
        assert_eq!((faults.len(), faults[0].path.as_str()), (1, PRUNED_PATH), "{event}");
    }
    // A whole log may go but for what decided it.
    let all = Decided::pruned(512, 512);
    assert_eq!(all.faults(&all.store), [""; 0]);
    // What witnesses have seen last must not lie before the beginning.
    for (seen, whole) in [(300, false), (767, false), (768, true), (1119, true)] {
        let mut store = pruned.store.clone();
        let mut witnessed = MemoryStore::default();
        integrate(&mut witnessed, &signer(), 0, &pruned.entries[..seen]).unwrap();
        store.files.insert(WITNESSED_PATH.to_owned(), witnessed.files["checkpoint"].clone());
        let faults = pruned.faults(&store);
        assert_eq!(faults.is_empty(), whole, "{seen}: {faults:?}");
        assert!(whole || faults[0].contains("pruned beyond"), "{faults:?}");
    }
    let mut store = pruned.store.clone();
    let note = String::from_utf8(store.files[PRUNED_PATH].clone()).unwrap();
    store.files.insert(PRUNED_PATH.to_owned(), note.replace("minimum 768", "minimum 512").into_bytes());
    assert!(!pruned.faults(&store).is_empty());
    let mut store = pruned.store.clone();
    store.files.get_mut("tile/1/000.p/4").unwrap()[5] ^= 1;
    assert!(!pruned.faults(&store).is_empty());
    // What is before its entry is published is not shown, and a log is never pruned back, or anywhere else than at a whole bundle.
    let mut store = MemoryStore::default();
    let head = integrate(&mut store, &signer(), 0, &entries(0..1100)).unwrap();
    assert!(show_pruning(&mut store, signer().verifier(), &pruned.pruning.note).is_err());
    for minimum in [0, 100, 767, 1280, u64::MAX] {
        let stated = state_pruning(&store, &signer(), &head, minimum, 1100);
        assert!(matches!(stated, Err(LogError::BadPruning { .. })), "{minimum}");
    }
    assert!(state_pruning(&pruned.store, &signer(), &now, 512, 1120).is_err());
    assert!(state_pruning(&pruned.store, &signer(), &now, 1024, 1120).is_ok());
}

#[test]
fn control_e13_hostile_statements_are_refused() {
    let log = Decided::pruned(700, 256);
    let note = log.store.files[PRUNED_PATH].clone();
    for cut in 0..note.len() {
        let mut store = log.store.clone();
        store.files.insert(PRUNED_PATH.to_owned(), note[..cut].to_vec());
        assert!(read_pruned(&store, signer().verifier()).is_err(), "{cut}");
        assert!(!fsck(&store, signer().verifier(), None).unwrap().ok);
        assert!(prune(&mut store, signer().verifier()).is_err());
    }
    let zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let max = u64::MAX - 255;
    for lines in [
        format!("minimum 0 {zero}\ncheckpoint 700 {zero}\nentry 700\n"),
        format!("minimum 256 {zero}\ncheckpoint 255 {zero}\nentry 700\n"),
        format!("minimum 256 {zero}\ncheckpoint 700 {zero}\nentry 699\n"),
        format!("minimum 0256 {zero}\ncheckpoint 700 {zero}\nentry 700\n"),
        format!("minimum 256 {zero}\ncheckpoint 700 {zero}\nentry 700\nmore\n"),
        format!("minimum 256 {zero}\ncheckpoint 700 {zero}\n"),
        format!("minimum {max} {zero}\ncheckpoint {max} {zero}\nentry {max}\n"),
    ] {
        let text = format!("tanba-log-pruned/1\nlog {}\n{lines}", signer().verifier().name());
        let mut store = log.store.clone();
        let note = tanba_seal::log::sign_statement(&signer(), &text).unwrap();
        store.files.insert(PRUNED_PATH.to_owned(), note.into_bytes());
        assert!(!fsck(&store, signer().verifier(), None).unwrap().ok, "{lines}");
        // Numbers may go together in a log that nobody has; all others are no statement.
        let read = read_pruned(&store, signer().verifier());
        assert_eq!(read.is_err(), !lines.contains(&max.to_string()), "{lines}: {read:?}");
        assert!(show_pruning(&mut log.store.clone(), signer().verifier(), &store.files[PRUNED_PATH]).is_err());
    }
}

#[test]
fn control_e13_a_pruned_log_that_is_lost_is_made_again_from_what_is_kept_of_it() {
    for (size, minimum) in [(1100, 768), (66_100, 65_792)] {
        let log = Decided::pruned(size, minimum);
        let mut again = MemoryStore::default();
        let begun = begin_again(&mut again, &signer(), signer().verifier(), &log.pruning).unwrap();
        assert_eq!(begun.size, minimum);
        for from in (minimum..size + 20).step_by(300) {
            let to = (from + 300).min(size + 20);
            let batch = &log.entries[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()];
            integrate(&mut again, &signer(), from, batch).unwrap();
        }
        assert_eq!(log.faults(&again), [""; 0]);
        let full = |store: &MemoryStore| -> BTreeMap<String, Vec<u8>> {
            let files = store.files.iter().filter(|(path, _)| TilePath::parse(path).is_none_or(|tile| tile.is_full()));
            files.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
        };
        assert_eq!(full(&again), full(&log.store), "byte for byte");
        assert!(begin_again(&mut again, &signer(), signer().verifier(), &log.pruning).is_err(), "not over a log");
        for edge in [&log.pruning.edge[1..], &log.pruning.edge[..32], &[log.pruning.edge.as_slice(), &[0; 32]].concat()]
        {
            let other = Pruning { edge: edge.to_vec(), ..log.pruning.clone() };
            let mut store = MemoryStore::default();
            let begun = begin_again(&mut store, &signer(), signer().verifier(), &other);
            assert!(matches!(begun, Err(LogError::BadPruning { .. })));
            assert_eq!(store, MemoryStore::default());
        }
    }
    let (head, proof): (Checkpoint, _) = {
        let log = Decided::pruned(700, 512);
        let head = read_checkpoint(&log.store, signer().verifier()).unwrap().unwrap();
        (head.clone(), prove_consistency(&log.store, 512, head.size).unwrap())
    };
    let root = integrate(&mut MemoryStore::default(), &signer(), 0, &entries(0..512)).unwrap().root;
    verify_consistency(512, head.size, &root, &head.root, &proof).unwrap();
    assert_eq!(TilePath::full(TileKind::Entries, 1).end(), 2 * TILE_WIDTH as u128);
}
