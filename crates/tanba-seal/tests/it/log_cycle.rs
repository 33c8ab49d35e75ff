//! Integration, checking and proving over a growing log.

use std::sync::LazyLock;

use tanba_seal::{
    KdfParams, KeyRing,
    log::{
        LogError, LogSigner, MemoryStore, SourceRows, TileStore, TlogProof, each_entry, fsck, integrate,
        prove_consistency, read_checkpoint, read_entry, verify_consistency,
    },
};

use crate::entropy;

pub(crate) fn signer() -> LogSigner {
    // The key derivation is slow on purpose: once is enough.
    static RING: LazyLock<KeyRing> = LazyLock::new(|| {
        let domains: [&str; 0] = [];
        KeyRing::create("a test passphrase", &domains, "log.example/t", KdfParams::MINIMUM, &mut entropy(7)).unwrap().1
    });
    RING.log_signer()
}

pub(crate) fn entries(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range.map(|i| format!("entry {i} {}", "x".repeat((i % 17) as usize)).into_bytes()).collect()
}

#[test]
fn a_log_grown_in_batches_checks_and_proves_every_entry() {
    let signer = signer();
    let mut store = MemoryStore::default();
    let mut heads = vec![integrate(&mut store, &signer, 0, &entries(0..0)).unwrap()];
    for batch in [1, 2, 100, 153, 1, 255, 256, 257, 513, 3] {
        let first = heads.last().unwrap().size;
        heads.push(integrate(&mut store, &signer, first, &entries(first..first + batch)).unwrap());
        let mut rows = entries(0..first + batch).into_iter().map(Ok);
        let report = fsck(&store, signer.verifier(), Some(SourceRows { first: 0, rows: &mut rows })).unwrap();
        assert!(report.ok, "{report:?}");
        assert_eq!((report.size, report.unpublished, report.rows_waiting), (first + batch, 0, 0));
        let mut count = 0;
        store.list(&mut |_| count += 1).unwrap();
        assert_eq!(report.files, count, "every file is read");
    }
    let head = heads.last().unwrap();
    assert_eq!(read_checkpoint(&store, signer.verifier()).unwrap().as_ref(), Some(head));
    for old in &heads[1..] {
        let proof = prove_consistency(&store, old.size, head.size).unwrap();
        verify_consistency(old.size, head.size, &old.root, &head.root, &proof).unwrap();
    }
    for index in 0..head.size {
        let proof = TlogProof::make(&store, signer.verifier(), index).unwrap();
        let entry = read_entry(&store, head.size, index).unwrap();
        assert_eq!(entry, entries(index..index + 1)[0]);
        let again = TlogProof::parse(&proof.to_bytes()).unwrap();
        assert_eq!(again.verify(signer.verifier(), &entry).unwrap(), *head);
    }
}

#[test]
fn every_entry_from_a_bundle_on_is_visited_in_its_order() {
    let mut store = MemoryStore::default();
    integrate(&mut store, &signer(), 0, &entries(0..600)).unwrap();
    for first in [0, 256, 512] {
        let mut visited = Vec::new();
        each_entry(&store, first..600, |index, entry| {
            visited.push((index, entry.to_vec()));
            Ok(())
        })
        .unwrap();
        assert_eq!(visited, (first..600).zip(entries(first..600)).collect::<Vec<_>>());
    }
    let stopped = each_entry(&store, 0..600, |index, _| Err(LogError::OutOfRange { asked: index, size: 0 }));
    assert!(matches!(stopped, Err(LogError::OutOfRange { asked: 0, .. })));
    store.files.get_mut("tile/entries/001").unwrap().push(0);
    assert!(matches!(each_entry(&store, 0..600, |_, _| Ok(())), Err(LogError::BadFile { .. })));
    assert!(matches!(read_entry(&store, 600, 256), Err(LogError::BadFile { .. })));
}
