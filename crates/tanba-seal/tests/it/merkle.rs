//! The tree and its proofs: published vectors, a slow reference, and damaged proofs.

use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;
use tanba_seal::log::{
    Hash, LogError, consistency_proof, empty_root, inclusion_proof, leaf_hash, node_hash, verify_consistency,
    verify_inclusion,
};

/// `MTH` of RFC 6962 section 2.1, as it is written there.
fn reference_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            node_hash(&reference_root(&leaves[..k]), &reference_root(&leaves[k..]))
        }
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

/// Nodes of the tree over `leaves`, straight from the definition.
fn nodes(leaves: &[Hash]) -> impl FnMut(u32, u64) -> Result<Hash, LogError> {
    move |level, n| {
        let range = (n << level) as usize..((n + 1) << level) as usize;
        Ok(reference_root(&leaves[range]))
    }
}

fn hex(text: &str) -> Hash {
    Hash(std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()))
}

#[test]
fn the_roots_known_from_certificate_transparency() {
    assert_eq!(empty_root(), hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    // The eight entries that the implementations of RFC 6962 have tested with from the start.
    let entries: [&[u8]; 8] = [
        &[],
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let leaves: Vec<Hash> = entries.iter().map(|e| leaf_hash(e)).collect();
    for (i, root) in roots.into_iter().enumerate() {
        assert_eq!(reference_root(&leaves[..=i]), hex(root));
    }
}

#[test]
fn proofs_verify_for_every_index_and_size_up_to_forty() {
    let all = leaves(40);
    for new in 0..=40_u64 {
        let tree = &all[..new as usize];
        let root = reference_root(tree);
        for index in 0..new {
            let proof = inclusion_proof(index, new, &mut nodes(tree)).unwrap();
            verify_inclusion(index, new, &tree[index as usize], &proof, &root).unwrap();
        }
        for old in 1..=new {
            let proof = consistency_proof(old, new, &mut nodes(tree)).unwrap();
            verify_consistency(old, new, &reference_root(&tree[..old as usize]), &root, &proof).unwrap();
        }
        assert!(matches!(inclusion_proof(new, new, &mut nodes(tree)), Err(LogError::OutOfRange { .. })));
        assert!(matches!(consistency_proof(0, new, &mut nodes(tree)), Err(LogError::BadProof { .. })));
        assert!(matches!(consistency_proof(new + 1, new, &mut nodes(tree)), Err(LogError::OutOfRange { .. })));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_inclusion_proof_never_verifies(size in 1..700_u64, at in any::<u64>(), bit in 0..256_usize) {
        let (tree, index) = (leaves(size), at % size);
        let (leaf, root) = (tree[index as usize], reference_root(&tree));
        let proof = inclusion_proof(index, size, &mut nodes(&tree)).unwrap();
        let refused = |index, size, leaf: &Hash, proof: &[Hash], root: &Hash| {
            verify_inclusion(index, size, leaf, proof, root).is_err()
        };
        prop_assert!(!refused(index, size, &leaf, &proof, &root));
        for i in 0..proof.len() {
            let mut damaged = proof.clone();
            damaged[i] = flip(damaged[i], bit);
            prop_assert!(refused(index, size, &leaf, &damaged, &root));
            damaged.remove(i);
            prop_assert!(refused(index, size, &leaf, &damaged, &root));
        }
        let longer: Vec<Hash> = proof.iter().copied().chain([root]).collect();
        prop_assert!(refused(index, size, &leaf, &longer, &root));
        prop_assert!(refused(index, size, &flip(leaf, bit), &proof, &root));
        prop_assert!(refused(index, size, &leaf, &proof, &flip(root, bit)));
        prop_assert!(refused(index ^ 1, size, &leaf, &proof, &root) || size == 1);
        prop_assert!(refused(index.wrapping_add(size), size, &leaf, &proof, &root));
        prop_assert!(refused(u64::MAX, u64::MAX, &leaf, &proof, &root));
    }

    #[test]
    fn a_damaged_consistency_proof_never_verifies(new in 2..700_u64, at in any::<u64>(), bit in 0..256_usize) {
        let (tree, old) = (leaves(new), 1 + at % (new - 1));
        let (old_root, new_root) = (reference_root(&tree[..old as usize]), reference_root(&tree));
        let proof = consistency_proof(old, new, &mut nodes(&tree)).unwrap();
        let refused = |old, new, old_root: &Hash, proof: &[Hash]| {
            verify_consistency(old, new, old_root, &new_root, proof).is_err()
        };
        prop_assert!(!refused(old, new, &old_root, &proof));
        for i in 0..proof.len() {
            let mut damaged = proof.clone();
            damaged[i] = flip(damaged[i], bit);
            prop_assert!(refused(old, new, &old_root, &damaged));
            damaged.remove(i);
            prop_assert!(refused(old, new, &old_root, &damaged));
        }
        let longer: Vec<Hash> = proof.iter().copied().chain([new_root]).collect();
        prop_assert!(refused(old, new, &old_root, &longer));
        prop_assert!(refused(old, new, &flip(old_root, bit), &proof));
        prop_assert!(refused(new, old, &old_root, &proof));
        prop_assert!(refused(0, new, &old_root, &proof));
        prop_assert!(refused(u64::MAX - 1, u64::MAX, &old_root, &proof));
    }
}

fn flip(mut hash: Hash, bit: usize) -> Hash {
    hash.0[bit / 8] ^= 1 << (bit % 8);
    hash
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InclusionCase {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    desc: String,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConsistencyCase {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    desc: String,
    want_err: bool,
}

/// A hash of a case. Where the text is empty there is none, which the type refuses; for the other texts that are no
/// SHA-256 hash ("don't care", "wrong root") another hash stands, the same for the same text.
fn hash(text: &str) -> Option<Hash> {
    Hash::from_base64(text).or_else(|| (!text.is_empty()).then(|| leaf_hash(text.as_bytes())))
}

fn hashes(proof: Option<Vec<String>>) -> Option<Vec<Hash>> {
    proof.unwrap_or_default().iter().map(|h| hash(h)).collect()
}

/// The JSON files below a folder of the reference material, or nothing where there is none.
#[allow(clippy::print_stderr)]
fn cases(folder: &str) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "json") {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut found = Vec::new();
    match std::env::var_os("TANBA_REFERENCE").map(|r| Path::new(&r).join("specs/merkle").join(folder)) {
        Some(folder) if folder.is_dir() => walk(&folder, &mut found),
        _ => eprintln!("skipped: TANBA_REFERENCE does not name a folder with specs/merkle/{folder}"),
    }
    found
}

#[test]
fn control_e3_the_inclusion_cases_of_transparency_dev() {
    let cases = cases("inclusion");
    assert!(cases.is_empty() || cases.len() == 98, "{} cases", cases.len());
    for case in cases {
        let case: InclusionCase = serde_json::from_str(&case).unwrap();
        let parts = (hash(&case.leaf_hash), hash(&case.root), hashes(case.proof));
        let verified = matches!(parts, (Some(leaf), Some(root), Some(proof))
            if verify_inclusion(case.leaf_idx, case.tree_size, &leaf, &proof, &root).is_ok());
        assert_eq!(verified, !case.want_err, "{}: {} of {}", case.desc, case.leaf_idx, case.tree_size);
    }
}

#[test]
fn control_e3_the_consistency_cases_of_transparency_dev() {
    let cases = cases("consistency");
    assert!(cases.is_empty() || cases.len() == 98, "{} cases", cases.len());
    for case in cases {
        let case: ConsistencyCase = serde_json::from_str(&case).unwrap();
        let parts = (hash(&case.root1), hash(&case.root2), hashes(case.proof));
        let verified = matches!(parts, (Some(root1), Some(root2), Some(proof))
            if verify_consistency(case.size1, case.size2, &root1, &root2, &proof).is_ok());
        assert_eq!(verified, !case.want_err, "{}: {} to {}", case.desc, case.size1, case.size2);
    }
}
