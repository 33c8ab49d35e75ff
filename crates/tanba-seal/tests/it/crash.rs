//! A store that fails at every possible step: the log stays whole, and running again ends where it would have.

use std::io;

use tanba_seal::log::{LogError, MemoryStore, SourceRows, TileStore, fsck, integrate};

use crate::log_cycle::{entries, signer};

/// Carries out `left` changes, then fails for good.
pub(crate) struct Dying {
    pub(crate) store: MemoryStore,
    pub(crate) left: usize,
}

impl Dying {
    fn step(&mut self) -> io::Result<()> {
        self.left = self.left.checked_sub(1).ok_or_else(|| io::Error::other("power is gone"))?;
        Ok(())
    }
}

impl TileStore for Dying {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.store.read(path)
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        self.store.write(path, bytes)
    }

    fn remove(&mut self, path: &str) -> io::Result<()> {
        self.step()?;
        self.store.remove(path)
    }

    fn list(&self, visit: &mut dyn FnMut(&str)) -> io::Result<()> {
        self.store.list(visit)
    }
}

/// The batch crosses from a partial tile over three full ones into a partial one, at levels 0 and 1.
const BEFORE: u64 = 250;
const BATCH: u64 = 800;

#[test]
fn a_failure_after_any_number_of_writes_leaves_a_whole_log_and_a_second_run_finishes_it() {
    let signer = signer();
    let mut before = MemoryStore::default();
    let old = integrate(&mut before, &signer, 0, &entries(0..BEFORE)).unwrap();
    let batch = entries(BEFORE..BEFORE + BATCH);
    let mut after = before.clone();
    let new = integrate(&mut after, &signer, BEFORE, &batch).unwrap();

    let mut completed = false;
    for steps in 0..100 {
        let mut dying = Dying { store: before.clone(), left: steps };
        let outcome = integrate(&mut dying, &signer, BEFORE, &batch);
        let mut store = dying.store;
        let mut rows = entries(0..BEFORE + BATCH).into_iter().map(Ok);
        let report = fsck(&store, signer.verifier(), Some(SourceRows { first: 0, rows: &mut rows })).unwrap();
        assert!(report.ok, "after {steps} steps: {:?}", report.faults);
        let head = if report.size == old.size { &old } else { &new };
        assert_eq!((report.size, report.root), (head.size, head.root));
        assert_eq!(report.rows_waiting, BEFORE + BATCH - report.size);

        if let Err(error) = outcome {
            assert!(matches!(error, LogError::Store { .. }), "{error}");
        } else {
            completed = true;
        }
        // Running again needs only the size that is published, and may cut its batches differently.
        let middle = report.size + (BEFORE + BATCH - report.size) / 3;
        for range in [report.size..middle, middle..BEFORE + BATCH] {
            integrate(&mut store, &signer, range.start, &entries(range)).unwrap();
        }
        assert!(fsck(&store, signer.verifier(), None).unwrap().ok);
        for (path, bytes) in &after.files {
            assert_eq!(store.files.get(path), Some(bytes), "{path} after {steps} steps");
        }
        // Running again with the same batch, nothing differs at all, unless the removal of partial tiles was cut off.
        if report.size == old.size {
            let mut dying = Dying { store: before.clone(), left: steps };
            integrate(&mut dying, &signer, BEFORE, &batch).unwrap_err();
            let mut store = dying.store;
            integrate(&mut store, &signer, BEFORE, &batch).unwrap();
            assert_eq!(store, after);
        }
        if completed {
            return;
        }
    }
    panic!("the batch takes more than 100 steps");
}

#[test]
fn a_batch_that_does_not_continue_the_log_changes_nothing() {
    let signer = signer();
    let mut store = MemoryStore::default();
    assert!(matches!(integrate(&mut store, &signer, 1, &entries(1..2)), Err(LogError::NotNext { size: 0, first: 1 })));
    integrate(&mut store, &signer, 0, &entries(0..10)).unwrap();
    let before = store.clone();
    for first in [0, 9, 11] {
        let outcome = integrate(&mut store, &signer, first, &entries(first..first + 5));
        assert!(matches!(outcome, Err(LogError::NotNext { size: 10, .. })));
    }
    let long = [vec![0; 65_535], vec![0; 65_536]];
    let outcome = integrate(&mut store, &signer, 10, &long);
    assert!(matches!(outcome, Err(LogError::EntryTooLong { index: 11, bytes: 65_536 })));
    assert_eq!(store, before);
    integrate(&mut store, &signer, 10, &long[..1]).unwrap();
    assert!(fsck(&store, signer.verifier(), None).unwrap().ok);
}

#[test]
fn a_damaged_right_edge_is_never_signed_over() {
    let signer = signer();
    let mut whole = MemoryStore::default();
    integrate(&mut whole, &signer, 0, &entries(0..300)).unwrap();
    for path in ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44", "checkpoint"] {
        let mut store = whole.clone();
        store.files.get_mut(path).unwrap()[20] ^= 1;
        let damaged = store.clone();
        let error = integrate(&mut store, &signer, 300, &entries(300..301)).unwrap_err();
        assert!(matches!(error, LogError::BadFile { .. } | LogError::BadCheckpoint { .. }), "{path}: {error}");
        assert_eq!(store, damaged);
    }
}
