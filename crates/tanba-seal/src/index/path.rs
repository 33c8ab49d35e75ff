//! What the map says of one label, as a proof.

use super::hash::{EMPTY, Label, branch, leaf};
use crate::log::{Hash, LogError};

/// The way from a map's root to where a label is, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapPath {
    /// The hash on the other side at each depth, from the root downwards; zero bytes where nothing is there.
    pub siblings: Vec<Hash>,
    /// Where another label stands alone in the part that the label would be in: that label and its digest. It shows that
    /// the label is not there, and says nothing about whose the other one is.
    pub beside: Option<(Label, Hash)>,
}

impl MapPath {
    /// Checks that the map with this root holds `digest` for the label, or nothing where that is `None`.
    ///
    /// # Errors
    /// [`LogError::BadProof`].
    pub fn verify(&self, label: &Label, digest: Option<&Hash>, root: &Hash) -> Result<(), LogError> {
        let refuse = |what| Err(LogError::BadProof { what });
        if self.siblings.len() > Label::BITS {
            return refuse("the index path is longer than a label");
        }
        let mut hash = match (digest, &self.beside) {
            (Some(digest), None) => leaf(label, digest),
            (Some(_), Some(_)) => return refuse("the index path is one of absence, and entries are listed"),
            (None, None) => EMPTY,
            (None, Some((other, _))) if other == label => return refuse("the index path shows the label itself"),
            (None, Some((other, _))) if !other.shares(label, self.siblings.len()) => {
                return refuse("the index path leads elsewhere");
            }
            (None, Some((other, digest))) => leaf(other, digest),
        };
        for (depth, sibling) in self.siblings.iter().enumerate().rev() {
            hash = if label.bit(depth) { branch(sibling, &hash) } else { branch(&hash, sibling) };
        }
        if hash != *root {
            return refuse("the index that the log holds says something else about this record");
        }
        Ok(())
    }
}
