//! The hashes of the index, each under a name of its own, so that none can be taken for another.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::log::Hash;

const CHAIN: &[u8] = b"tanba-seal/1 own-index chain\0";
const TALLY: &[u8] = b"tanba-seal/1 own-index tally\0";
const LEAF: &[u8] = b"tanba-seal/1 own-index leaf\0";
const BRANCH: &[u8] = b"tanba-seal/1 own-index branch\0";

/// The head of a chain before its first entry: 32 zero bytes.
pub const CHAIN_START: Hash = Hash([0; 32]);

/// The hash of a part of the map that holds no label: 32 zero bytes, which are no hash of anything known.
pub(super) const EMPTY: Hash = Hash([0; 32]);

/// What a record is called in the index: 256 bits that say nothing about whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(pub [u8; 32]);

impl Label {
    /// The bits in the map.
    pub(super) const BITS: usize = 256;

    /// Bit `depth` of the way from the root, the highest bit of the first byte at depth 0.
    pub(super) fn bit(&self, depth: usize) -> bool {
        self.0[depth / 8] >> (7 - depth % 8) & 1 == 1
    }

    /// Whether the first `depth` bits are those of the other.
    pub(super) fn shares(&self, other: &Self, depth: usize) -> bool {
        (0..depth).all(|d| self.bit(d) == other.bit(d))
    }
}

/// Displays as base64, as proofs write it.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hash(self.0).fmt(f)
    }
}

/// What the index says of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Entries about the record, all that there ever were.
    pub entries: u64,
    /// How many of them, the oldest, were taken off by retention: nobody can list them any more, and they go on counting.
    pub erased: u64,
    /// The head of the chain over all of them.
    pub head: Hash,
}

impl Tally {
    /// `SHA-256(name | u64be(entries) | u64be(erased) | head)`: what the map holds.
    #[must_use]
    pub fn digest(&self) -> Hash {
        let hash = Sha256::new().chain_update(TALLY).chain_update(self.entries.to_be_bytes());
        Hash(hash.chain_update(self.erased.to_be_bytes()).chain_update(self.head.0).finalize().into())
    }
}

/// The chain's next head: `SHA-256(name | head | u64be(place) | leaf hash)`, where `place` counts the record's entries from 0
/// and the leaf hash is that of the log ([`leaf_hash`](crate::log::leaf_hash)).
#[must_use]
pub fn chain(head: &Hash, place: u64, leaf: &Hash) -> Hash {
    let hash = Sha256::new().chain_update(CHAIN).chain_update(head.0).chain_update(place.to_be_bytes());
    Hash(hash.chain_update(leaf.0).finalize().into())
}

/// `SHA-256(name | label | digest)`: a part of the map that holds one label, however large the part is.
pub(super) fn leaf(label: &Label, digest: &Hash) -> Hash {
    Hash(Sha256::new().chain_update(LEAF).chain_update(label.0).chain_update(digest.0).finalize().into())
}

/// `SHA-256(name | left | right)`: a part of the map that holds several labels.
pub(super) fn branch(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new().chain_update(BRANCH).chain_update(left.0).chain_update(right.0).finalize().into())
}
