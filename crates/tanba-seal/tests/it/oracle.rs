//! The crates `signed_note` and `tlog_tiles` (Cloudflare's, ported from Go's) read what this crate writes, and agree.

use signed_note::{Note, StandardVerifier, VerifierList};
use tanba_seal::log::{Hash, MemoryStore, TileStore, integrate, prove_consistency, prove_inclusion, read_entry};
use tlog_tiles::{
    Checkpoint, Error, HashReader, Tile, TileHashReader, TileReader, check_record, check_tree, prove_record,
    prove_tree, record_hash, tree_hash,
};

use crate::log_cycle::{entries, signer};

/// Our tiles, for their reader. Their paths are those of the Go checksum database, with the height in front.
struct Tiles<'a>(&'a MemoryStore);

impl TileReader for Tiles<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Tile| self.0.read(&tile.path().replacen("tile/8/", "tile/", 1)).unwrap();
        Ok(tiles.iter().map(|tile| read(tile).unwrap_or_else(|| panic!("no {}", tile.path()))).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn theirs(proof: &[Hash]) -> Vec<tlog_tiles::Hash> {
    proof.iter().map(|h| tlog_tiles::Hash(h.0)).collect()
}

#[test]
fn control_e3_independent_implementations_accept_checkpoint_tiles_and_proofs() {
    let signer = signer();
    let mut store = MemoryStore::default();
    let mut old = None;
    for (first, size) in [(0, 1), (1, 255), (255, 256), (256, 257), (257, 700), (700, 66_000)] {
        let head = integrate(&mut store, &signer, first, &entries(first..size)).unwrap();

        let note = Note::from_bytes(&store.files["checkpoint"]).unwrap();
        let verifier = StandardVerifier::new(&signer.verifier().to_string()).unwrap();
        let (verified, unverified) = note.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
        assert_eq!((verified.len(), unverified.len()), (1, 0));
        let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
        assert_eq!((checkpoint.origin(), checkpoint.size()), ("log.example/t", size));
        let root = *checkpoint.hash();
        assert_eq!(root, tlog_tiles::Hash(head.root.0));

        // Their reader authenticates every tile against the root.
        let reader = Tiles(&store);
        let reader = TileHashReader::new(size, root, &reader);
        assert_eq!(tree_hash(size, &reader).unwrap(), root);
        for index in [0, 1, size / 3, size / 2, size - 1].into_iter().filter(|i| *i < size) {
            let ours = theirs(&prove_inclusion(&store, size, index).unwrap());
            assert_eq!(ours, prove_record(size, index, &reader).unwrap());
            let entry = read_entry(&store, size, index).unwrap();
            check_record(&ours, size, root, index, record_hash(&entry)).unwrap();
        }
        if let Some((old_size, old_root)) = old {
            let ours = theirs(&prove_consistency(&store, old_size, size).unwrap());
            assert_eq!(ours, prove_tree(size, old_size, &reader).unwrap());
            check_tree(&ours, size, root, old_size, old_root).unwrap();
        }
        old = Some((size, root));
    }
    assert!(TileHashReader::new(66_000, old.unwrap().1, &Tiles(&store)).read_hashes(&[0]).is_ok());
    assert!(store.files.contains_key("tile/2/000.p/1"), "three levels of tiles are in play");
}
