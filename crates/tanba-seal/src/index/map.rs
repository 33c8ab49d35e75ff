//! The map in memory: a binary tree over the bits of labels, in which a part with one label is a leaf.

use super::{
    MapPath,
    hash::{EMPTY, Label, branch, leaf},
};
use crate::log::Hash;

/// A map from labels to digests ([`Tally::digest`](super::Tally::digest)) with a root hash. Its root depends on what is in it
/// and on no order.
#[derive(Debug, Clone, Default)]
pub struct OwnMap {
    leaves: Vec<(Label, Hash)>,
    branches: Vec<Branch>,
    root: Part,
}

/// A part of the map: where its content lies.
#[derive(Debug, Clone, Copy, Default)]
enum Part {
    #[default]
    Empty,
    Leaf(u32),
    Branch(u32),
}

#[derive(Debug, Clone)]
struct Branch {
    sides: [Part; 2],
    hash: Hash,
}

impl OwnMap {
    /// Labels in the map.
    #[must_use]
    pub fn len(&self) -> usize {
        self.leaves.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.leaves.is_empty()
    }

    /// The digest that a label has, if it has one.
    #[must_use]
    pub fn get(&self, label: &Label) -> Option<Hash> {
        let (mut part, mut depth) = (self.root, 0);
        while let Part::Branch(at) = part {
            part = self.branches[at as usize].sides[usize::from(label.bit(depth))];
            depth += 1;
        }
        match part {
            Part::Leaf(at) => {
                Some(self.leaves[at as usize]).filter(|(held, _)| held == label).map(|(_, digest)| digest)
            }
            Part::Empty | Part::Branch(_) => None,
        }
    }

    /// The root; 32 zero bytes where the map is empty.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.hash(self.root)
    }

    /// Puts a label's digest in place of the one before, if there was one. One hash for each depth on the label's way.
    pub fn set(&mut self, label: Label, digest: Hash) {
        self.root = self.put(self.root, 0, label, digest);
    }

    /// The proof of what the map says of a label, whether it is there or not.
    #[must_use]
    pub fn path(&self, label: &Label) -> MapPath {
        let mut siblings = Vec::new();
        let mut part = self.root;
        while let Part::Branch(at) = part {
            let side = usize::from(label.bit(siblings.len()));
            let sides = self.branches[at as usize].sides;
            siblings.push(self.hash(sides[1 - side]));
            part = sides[side];
        }
        let beside = match part {
            Part::Leaf(at) => Some(self.leaves[at as usize]).filter(|(other, _)| other != label),
            Part::Empty | Part::Branch(_) => None,
        };
        MapPath { siblings, beside }
    }

    fn hash(&self, part: Part) -> Hash {
        match part {
            Part::Empty => EMPTY,
            Part::Leaf(at) => {
                let (label, digest) = &self.leaves[at as usize];
                leaf(label, digest)
            }
            Part::Branch(at) => self.branches[at as usize].hash,
        }
    }

    fn put(&mut self, part: Part, depth: usize, label: Label, digest: Hash) -> Part {
        match part {
            Part::Empty => {
                self.leaves.push((label, digest));
                Part::Leaf(place(self.leaves.len()))
            }
            Part::Leaf(at) if self.leaves[at as usize].0 == label => {
                self.leaves[at as usize].1 = digest;
                part
            }
            // Two labels in one part: they part further down, at the latest at their last bit.
            Part::Leaf(at) => {
                let mut sides = [Part::Empty; 2];
                sides[usize::from(self.leaves[at as usize].0.bit(depth))] = part;
                self.branches.push(Branch { sides, hash: EMPTY });
                self.put(Part::Branch(place(self.branches.len())), depth, label, digest)
            }
            Part::Branch(at) => {
                let side = usize::from(label.bit(depth));
                let below = self.put(self.branches[at as usize].sides[side], depth + 1, label, digest);
                let mut sides = self.branches[at as usize].sides;
                sides[side] = below;
                let hash = branch(&self.hash(sides[0]), &self.hash(sides[1]));
                self.branches[at as usize] = Branch { sides, hash };
                part
            }
        }
    }
}

/// Where the last of so many lies.
fn place(count: usize) -> u32 {
    u32::try_from(count - 1).expect("a register has fewer than four billion records")
}
