//! The reference of mitochondrial sequences, and the stretches of it that come in many lengths.

use std::fmt;

use super::bases::REPEAT;
use crate::DnaError;

/// The reference sequence; positions count from 1.
#[derive(Clone, PartialEq, Eq)]
pub struct MtReference {
    pub(super) bases: Vec<u8>,
}

/// First and last position in the rCRS and base of the stretches of which the length does not count: those that end at 16193, 309,
/// 455, 463 and 573.
pub const LENGTH_VARIANTS: [(usize, usize, char); 5] =
    [(303, 309, 'C'), (452, 455, 'T'), (461, 463, 'C'), (568, 573, 'C'), (16184, 16193, 'C')];

/// The stretch 514-524 of the rCRS: an AC repeat, of which one more or one less is one event.
const AC_REPEAT: (usize, &[u8]) = (514, b"CACACACACAC");

/// The longest reference; the rCRS has 16,569 bases.
const MOST_BASES: usize = 20_000;
impl MtReference {
    /// A reference of letters A, C, G, T and N (the rCRS has an N at 3107); blanks and line ends are passed over, a FASTA
    /// heading too.
    ///
    /// # Errors
    /// [`DnaError::BadLineage`] for other letters, none, or too many.
    pub fn new(text: &str) -> Result<Self, DnaError> {
        let bad = |reason| DnaError::BadLineage { place: "the reference sequence".to_owned(), reason };
        let lines = text.lines().filter(|line| !line.starts_with('>'));
        let letters = lines.flat_map(str::bytes).filter(|byte| !byte.is_ascii_whitespace());
        let bases: Vec<u8> = letters.map(|byte| byte.to_ascii_uppercase()).take(MOST_BASES + 1).collect();
        if bases.is_empty() || bases.len() > MOST_BASES {
            return Err(bad("it has no bases, or more than 20000"));
        }
        if bases.iter().any(|base| !b"ACGTN".contains(base)) {
            return Err(bad("it has letters other than A, C, G, T and N"));
        }
        Ok(Self { bases })
    }

    /// How many bases.
    pub fn len(&self) -> usize {
        self.bases.len()
    }

    /// Never.
    pub fn is_empty(&self) -> bool {
        self.bases.is_empty()
    }

    /// A base of a haplotype at a position (or inserted after it) as a comparison without lengths sees it: in lower case where it is
    /// the own base of a stretch of which the length does not count, marked where it is of the AC repeat.
    pub(super) fn marked(&self, at: usize, base: u8) -> u8 {
        // Another reference than the rCRS has other stretches: then every length counts.
        let is = |place: usize, base: u8| self.bases.get(place - 1) == Some(&base);
        let stretch = LENGTH_VARIANTS.into_iter().find(|(first, last, _)| (*first..=*last).contains(&at));
        if let Some((first, last, own)) = stretch {
            let own = u8::try_from(own).unwrap_or(0);
            return if base == own && is(first, own) && is(last, own) { base.to_ascii_lowercase() } else { base };
        }
        let (first, repeat) = AC_REPEAT;
        let inside = (first..first + repeat.len()).contains(&at) && b"AC".contains(&base);
        let there = || self.bases.get(first - 1..first - 1 + repeat.len()) == Some(repeat);
        if inside && there() { base | REPEAT } else { base }
    }
}

impl fmt::Debug for MtReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MtReference({} bases)", self.bases.len())
    }
}
