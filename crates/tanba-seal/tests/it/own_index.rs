//! The index of own entries: against the definition written slowly, and against every kind of damage.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tanba_seal::index::{
    CHAIN_START, Label, MAX_OWN_ENTRIES_BYTES, OwnEntries, OwnMap, PublishedIndex, RecordEntries, Tally, chain,
};
use tanba_seal::log::{Hash, LogError, LogSigner, LogVerifier, MemoryStore, TlogProof, integrate, leaf_hash};
use tanba_seal::{KdfParams, KeyRing};

fn sha(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

/// The root as docs/seal/own-index.md defines it, with nothing kept from one part to the next.
fn slow_root(held: &[([u8; 32], [u8; 32])], depth: usize) -> [u8; 32] {
    match held {
        [] => [0; 32],
        [(label, digest)] => sha(&[b"tanba-seal/1 own-index leaf\0", label, digest]),
        _ => {
            let right = |label: &[u8; 32]| label[depth / 8] & (128 >> (depth % 8)) != 0;
            let (ones, zeros): (Vec<_>, Vec<_>) = held.iter().copied().partition(|(label, _)| right(label));
            let branch: &[u8] = b"tanba-seal/1 own-index branch\0";
            sha(&[branch, &slow_root(&zeros, depth + 1), &slow_root(&ones, depth + 1)])
        }
    }
}

/// Labels of which many share long beginnings, down to their last bit.
fn labels() -> impl Strategy<Value = [u8; 32]> {
    let near = prop::collection::vec((0_usize..256).prop_filter("few", |bit| bit % 31 < 3), 0..3);
    prop_oneof![
        any::<[u8; 32]>(),
        near.prop_map(|bits| {
            let mut label = [0x5a; 32];
            bits.iter().for_each(|bit| label[bit / 8] ^= 128 >> (bit % 8));
            label
        })
    ]
}

proptest! {
    #[test]
    fn the_map_is_what_its_definition_says_in_whatever_order_it_is_filled(
        puts in prop::collection::vec((labels(), any::<[u8; 32]>()), 0..40),
        asked in labels(),
    ) {
        let mut map = OwnMap::default();
        let mut held = BTreeMap::new();
        for (label, digest) in &puts {
            map.set(Label(*label), Hash(*digest));
            held.insert(*label, *digest);
            let sorted: Vec<_> = held.iter().map(|(l, d)| (*l, *d)).collect();
            prop_assert_eq!(map.root(), Hash(slow_root(&sorted, 0)));
        }
        prop_assert_eq!(map.len(), held.len());
        let backwards = held.iter().rev().fold(OwnMap::default(), |mut map, (label, digest)| {
            map.set(Label(*label), Hash(*digest));
            map
        });
        prop_assert_eq!(backwards.root(), map.root());
        for label in held.keys().chain([&asked]) {
            let digest = held.get(label).map(|d| Hash(*d));
            let path = map.path(&Label(*label));
            path.verify(&Label(*label), digest.as_ref(), &map.root()).unwrap();
            // The opposite cannot be shown by the same path, nor another digest.
            let wrong = if digest.is_some() { None } else { Some(Hash([7; 32])) };
            prop_assert!(path.verify(&Label(*label), wrong.as_ref(), &map.root()).is_err());
        }
    }

    #[test]
    fn a_path_with_any_bit_turned_is_refused(
        puts in prop::collection::vec((labels(), any::<[u8; 32]>()), 1..20),
        asked in labels(),
        bit in 0_usize..256,
    ) {
        let mut map = OwnMap::default();
        puts.iter().for_each(|(label, digest)| map.set(Label(*label), Hash(*digest)));
        let turn = |hash: &Hash| { let mut hash = *hash; hash.0[bit / 8] ^= 1 << (bit % 8); hash };
        for (label, held) in puts.iter().map(|(label, _)| (Label(*label), true)).chain([(Label(asked), false)]) {
            let digest = puts.iter().rev().find(|(l, _)| *l == label.0).map(|(_, digest)| Hash(*digest));
            prop_assume!(held || digest.is_none());
            let (path, root) = (map.path(&label), map.root());
            prop_assert!(path.verify(&label, digest.as_ref(), &turn(&root)).is_err());
            if let Some(digest) = &digest {
                prop_assert!(path.verify(&label, Some(&turn(digest)), &root).is_err());
                prop_assert!(path.verify(&Label(turn(&Hash(label.0)).0), Some(digest), &root).is_err());
            }
            for at in 0..path.siblings.len() {
                let mut damaged = path.clone();
                damaged.siblings[at] = turn(&damaged.siblings[at]);
                prop_assert!(damaged.verify(&label, digest.as_ref(), &root).is_err());
                damaged.siblings.remove(at);
                prop_assert!(damaged.verify(&label, digest.as_ref(), &root).is_err());
            }
            if let Some((other, shown)) = path.beside {
                for beside in [(Label(turn(&Hash(other.0)).0), shown), (other, turn(&shown))] {
                    let damaged = tanba_seal::index::MapPath { beside: Some(beside), ..path.clone() };
                    prop_assert!(damaged.verify(&label, None, &root).is_err());
                }
            }
        }
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused_and_have_one_form(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for bytes in [bytes.clone(), [b"tanba-own-entries/1\nrecord ".as_slice(), &bytes].concat()] {
            if let Ok(own) = OwnEntries::parse(&bytes) {
                prop_assert_eq!(own.to_bytes(), bytes);
            }
        }
    }
}

#[test]
fn the_vector_of_the_specification_holds() {
    let mut map = OwnMap::default();
    for name in ["a", "b", "c", "d"] {
        let head = chain(&CHAIN_START, 0, &leaf_hash(format!("entry {name}").as_bytes()));
        map.set(Label(sha(&[name.as_bytes()])), Tally { entries: 1, erased: 0, head }.digest());
    }
    let root: String = map.root().0.iter().map(|b| format!("{b:02x}")).collect();
    // Worked out by another program.
    assert_eq!(root, "fbba0480ad96632a540cf862a8c3d9480472a97f77ec7da57e1cd020e47d62e8");
}

fn signer() -> LogSigner {
    let mut entropy = crate::entropy(5);
    let ring = KeyRing::create("a test passphrase", &["image"], "log.example", KdfParams::MINIMUM, &mut entropy);
    ring.unwrap().1.log_signer()
}

/// A log of which every third entry is about one record, every fourth about another, and whose last publishes the index.
struct House {
    verifier: LogVerifier,
    proof: OwnEntries,
}

const RECORDS: [Label; 3] = [Label([1; 32]), Label([2; 32]), Label([3; 32])];

fn house(entries: u64, erased: usize) -> House {
    let mut leaves: Vec<Vec<u8>> =
        (0..entries).map(|seq| format!(r#"{{"v":1,"seq":{seq},"event":"person.viewed"}}"#).into_bytes()).collect();
    let about = |every: u64| leaves.iter().enumerate().filter(move |(seq, _)| (*seq as u64).is_multiple_of(every));
    let mut map = OwnMap::default();
    let mut records = Vec::new();
    for (label, every) in [(RECORDS[0], 3), (RECORDS[1], 4)] {
        let own: Vec<Vec<u8>> = about(every).map(|(_, leaf)| leaf.clone()).collect();
        let head = |to: usize| {
            own[..to].iter().zip(0..).fold(CHAIN_START, |head, (leaf, place)| chain(&head, place, &leaf_hash(leaf)))
        };
        let tally = Tally { entries: own.len() as u64, erased: erased as u64, head: head(own.len()) };
        map.set(label, tally.digest());
        let (start, entries) = (head(erased), own[erased..].to_vec());
        records.push(RecordEntries { label, erased: erased as u64, start, entries, path: map.path(&label) });
    }
    // Others whose labels share the first bits.
    (0..200_u8).for_each(|n| map.set(Label(sha(&[&[n]])), Hash([n; 32])));
    let (label, entries_of_it) = (RECORDS[2], Vec::new());
    records.push(RecordEntries {
        label,
        erased: 0,
        start: CHAIN_START,
        entries: entries_of_it,
        path: map.path(&label),
    });
    records.iter_mut().for_each(|record| record.path = map.path(&record.label));
    let index = serde_json::to_string(&PublishedIndex { covers: entries, root: map.root() }).unwrap();
    let published = format!(r#"{{"v":1,"seq":{entries},"event":"index.published","index":{index}}}"#).into_bytes();
    leaves.push(published.clone());
    let (signer, mut store) = (signer(), MemoryStore::default());
    integrate(&mut store, &signer, 0, &leaves).unwrap();
    let mut proof = TlogProof::make(&store, signer.verifier(), entries).unwrap();
    proof.extra = Some(published);
    House { verifier: signer.verifier().clone(), proof: OwnEntries { records, published: proof } }
}

#[test]
fn control_f4_every_entry_left_out_added_changed_or_moved_breaks_the_proof() {
    for erased in [0, 2] {
        let House { verifier, proof } = house(40, erased);
        let told = proof.verify(&verifier).unwrap();
        assert_eq!((told.covers, told.checkpoint.size), (40, 41));
        let counts: Vec<_> = told.records.iter().map(|r| (r.tally.entries, r.places.len())).collect();
        assert_eq!(counts, [(14, 14 - erased), (10, 10 - erased), (0, 0)]);
        let refused = |change: &dyn Fn(&mut OwnEntries)| {
            let mut changed = proof.clone();
            change(&mut changed);
            assert!(matches!(changed.verify(&verifier), Err(LogError::BadProof { .. })));
        };
        for record in 0..2 {
            let listed = proof.records[record].entries.len();
            for at in 0..listed {
                refused(&|own| drop(own.records[record].entries.remove(at)));
                refused(&|own| own.records[record].entries[at].push(b' '));
                refused(&|own| {
                    let twice = own.records[record].entries[at].clone();
                    own.records[record].entries.push(twice);
                });
                if at + 1 < listed {
                    refused(&|own| own.records[record].entries.swap(at, at + 1));
                }
            }
            // One left out and said to have been erased, at the beginning where only that could be.
            refused(&|own| {
                let entry = own.records[record].entries.remove(0);
                own.records[record].start = chain(&own.records[record].start, erased as u64, &leaf_hash(&entry));
                own.records[record].erased += 1;
            });
            refused(&|own| own.records[record].erased += 1);
            refused(&|own| own.records[record].start = Hash([1; 32]));
            refused(&|own| own.records[record].entries.clear());
            refused(&|own| {
                own.records[record].entries.clear();
                (own.records[record].erased, own.records[record].start) = (0, CHAIN_START);
            });
        }
        refused(&|own| own.records[0].label = RECORDS[1]);
        refused(&|own| own.records[2].entries.push(br#"{"seq":5}"#.to_vec()));
        refused(&|own| own.records[1] = own.records[0].clone());
        refused(&|own| own.records.clear());
        refused(&|own| own.published.extra = None);
        refused(&|own| own.published.extra = Some(own.records[0].entries[0].clone()));
        refused(&|own| own.published.index = 39);
    }
}

#[test]
fn a_text_with_any_bit_turned_is_refused() {
    let House { verifier, proof } = house(9, 1);
    let bytes = proof.to_bytes();
    assert_eq!(OwnEntries::parse(&bytes).unwrap(), proof);
    let about = |own: &OwnEntries| own.records.iter().map(|record| record.label).collect::<Vec<_>>();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        // A label beside that of a record without entries may truly have none either: then it is a proof about that one.
        let holds =
            OwnEntries::parse(&damaged).is_ok_and(|own| own.verify(&verifier).is_ok() && about(&own) == about(&proof));
        assert!(!holds, "bit {bit}");
    }
    for cut in 0..bytes.len() {
        assert!(OwnEntries::parse(&bytes[..cut]).and_then(|own| own.verify(&verifier)).is_err(), "cut at {cut}");
    }
    assert!(OwnEntries::parse(&vec![b'a'; MAX_OWN_ENTRIES_BYTES + 1]).is_err());
}

#[test]
fn an_index_that_forgets_what_an_earlier_proof_showed_is_found() {
    let earlier = house(30, 1).proof;
    for (entries, erased) in [(30, 1), (40, 1), (40, 4), (40, 8)] {
        let now = house(entries, erased).proof;
        now.extends(&earlier).unwrap_or_else(|why| panic!("{entries} {erased}: {why}"));
    }
    let now = house(40, 2).proof;
    let refused = |change: &dyn Fn(&mut OwnEntries)| {
        let mut changed = now.clone();
        change(&mut changed);
        assert!(changed.extends(&earlier).is_err());
    };
    refused(&|own| drop(own.records.remove(1)));
    // Each of these may be a proof that verifies, of an index that was made to say so.
    refused(&|own| drop(own.records[0].entries.remove(3)));
    refused(&|own| own.records[0].start = Hash([9; 32]));
    refused(&|own| own.records[0].entries.truncate(2));
    refused(&|own| own.records[0].erased = 0);
    assert!(earlier.extends(&now).is_err(), "older than the other");
}
