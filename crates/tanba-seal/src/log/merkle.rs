//! The Merkle tree of RFC 6962: hashes, proofs, and their verification as RFC 9162 section 2.1.3 and 2.1.4 spell it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sha2::{Digest, Sha256};

use super::LogError;

const FROM_NOTHING: &str = "every tree extends the empty one, which proves nothing about either";

/// A SHA-256 hash in the tree. Displays as base64, as checkpoints and proofs write it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Reads the base64 form.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        Some(Self(BASE64.decode(text).ok()?.try_into().ok()?))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The root of the tree without entries: `SHA-256("")`.
#[must_use]
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// `SHA-256(0x00 | entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// `SHA-256(0x01 | left | right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The proof that the entry at `index` is in the tree of `size` entries: RFC 6962 section 2.1.1, `PATH(m, D[n])`.
///
/// `node(level, n)` gives the hash over the `2^level` entries from `n * 2^level`, always a complete subtree.
///
/// # Errors
/// Those of `node`; [`LogError::OutOfRange`] unless `index < size`.
pub fn inclusion_proof(
    index: u64,
    size: u64,
    node: &mut dyn FnMut(u32, u64) -> Result<Hash, LogError>,
) -> Result<Vec<Hash>, LogError> {
    if index >= size {
        return Err(LogError::OutOfRange { asked: index, size });
    }
    let (mut low, mut high) = (0, size);
    let mut proof = Vec::new();
    while high - low > 1 {
        let middle = split(low, high);
        if index < middle {
            proof.push(range_hash(middle, high, node)?);
            high = middle;
        } else {
            proof.push(range_hash(low, middle, node)?);
            low = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `old` entries is a prefix of the tree of `new`: RFC 6962 section 2.1.2,
/// `PROOF(m, D[n])`. Empty if the sizes are equal.
///
/// # Errors
/// Those of `node` (as for [`inclusion_proof`]); [`LogError::OutOfRange`] unless `old <= new`;
/// [`LogError::BadProof`] if `old` is zero.
pub fn consistency_proof(
    old: u64,
    new: u64,
    node: &mut dyn FnMut(u32, u64) -> Result<Hash, LogError>,
) -> Result<Vec<Hash>, LogError> {
    if old > new {
        return Err(LogError::OutOfRange { asked: old, size: new });
    }
    if old == 0 {
        return Err(LogError::BadProof { what: FROM_NOTHING });
    }
    let (mut low, mut high) = (0, new);
    let mut proof = Vec::new();
    while high != old {
        let middle = split(low, high);
        if old <= middle {
            proof.push(range_hash(middle, high, node)?);
            high = middle;
        } else {
            proof.push(range_hash(low, middle, node)?);
            low = middle;
        }
    }
    // The old tree is a subtree of the new one exactly if the path never turned right; then its root is known.
    if low != 0 {
        proof.push(range_hash(low, high, node)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks an inclusion proof (RFC 9162 section 2.1.3.2).
///
/// # Errors
/// [`LogError::BadProof`] if it does not lead from the entry's hash to the root.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> Result<(), LogError> {
    if index >= size {
        return Err(LogError::BadProof { what: "the index lies outside the tree" });
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(LogError::BadProof { what: "the inclusion proof is too long" });
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // On the right edge, climb past the levels where the subtree has no sibling.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(LogError::BadProof { what: "the inclusion proof is too short" });
    }
    if hash != *root {
        return Err(LogError::BadProof { what: "the entry is not in this tree" });
    }
    Ok(())
}

/// Checks a consistency proof (RFC 9162 section 2.1.4.2).
///
/// # Errors
/// [`LogError::BadProof`] if it does not show the old tree to be a prefix of the new one; always if `old` is zero,
/// where there is nothing to show and a yes could be mistaken for something.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), LogError> {
    let refuse = |what| Err(LogError::BadProof { what });
    if old > new {
        return refuse("the old tree is larger than the new one");
    }
    if old == 0 {
        return refuse(FROM_NOTHING);
    }
    if old == new {
        if !proof.is_empty() {
            return refuse("the consistency proof is too long");
        }
        return if old_root == new_root { Ok(()) } else { refuse("two roots for one size") };
    }
    // If the old tree is a complete subtree, its root is the first node, which the proof leaves out.
    let (first, rest) = if old.is_power_of_two() {
        (*old_root, proof)
    } else {
        match proof.split_first() {
            Some((first, rest)) => (*first, rest),
            None => return refuse("the consistency proof is too short"),
        }
    };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in rest {
        if last == 0 {
            return refuse("the consistency proof is too long");
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return refuse("the consistency proof is too short");
    }
    if old_hash != *old_root || new_hash != *new_root {
        return refuse("the new tree does not extend the old one");
    }
    Ok(())
}

/// Where RFC 6962 splits the entries `low..high` (at least two): after the largest power of two below their number.
fn split(low: u64, high: u64) -> u64 {
    let half = 1 << (u64::BITS - 1 - (high - low - 1).leading_zeros());
    low + half
}

/// `MTH(D[low:high])` for a range that the tree's own splits lead to.
fn range_hash(low: u64, high: u64, node: &mut dyn FnMut(u32, u64) -> Result<Hash, LogError>) -> Result<Hash, LogError> {
    let count = high - low;
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return node(level, low >> level);
    }
    let middle = split(low, high);
    let left = range_hash(low, middle, node)?;
    let right = range_hash(middle, high, node)?;
    Ok(node_hash(&left, &right))
}

/// The root over `hashes`, a power of two of them, taken as neighbouring subtrees of equal height.
pub(super) fn perfect_root(hashes: &[Hash]) -> Hash {
    debug_assert!(hashes.len().is_power_of_two());
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        for i in 0..row.len() / 2 {
            row[i] = node_hash(&row[2 * i], &row[2 * i + 1]);
        }
        row.truncate(row.len() / 2);
    }
    row[0]
}
