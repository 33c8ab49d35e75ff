//! Two mitochondrial haplotypes: how many differences there are between them, and what that says.
//!
//! How often a base stands in a stretch of equal bases differs between the tissues of one person and within one hair (length
//! heteroplasmy). So lengths of the stretches in [`super::LENGTH_VARIANTS`] are told and do not count (SWGDAM 2013; Parson et al. 2014,
//! *Forensic Science International: Genetics* 13, 134). In the AC repeat at 514-524 one repeat comes or goes in one event, and counts
//! as one difference (EMPOP's documentation of version 4, section 4.4; Huber et al. 2018, *Forensic Science International: Genetics*
//! 37, 204).

use super::bases::edit_distance;
use super::{Apart, Conclusion, MtHaplotype, MtReference};

/// Two haplotypes held against each other in what both have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MtComparison {
    /// Positions of the reference that both have read.
    pub positions: usize,
    /// The fewest substitutions, insertions and deletions that lead from one string to the other, where mixed bases agree with
    /// what they can be; `None` above [`MtComparison::MOST_DIFFERENCES`].
    pub differences: Option<usize>,
    /// The same, lengths of [`super::LENGTH_VARIANTS`] set aside, and an AC of the repeat at 514-524 counted as one.
    pub apart_from_length: Option<usize>,
    /// Whether the strings are the same letter by letter.
    pub identical: bool,
}

impl MtHaplotype {
    /// Holds two haplotypes against each other in the ranges that both have.
    pub fn compare(&self, other: &Self, reference: &MtReference) -> MtComparison {
        let most = MtComparison::MOST_DIFFERENCES;
        let mut comparison =
            MtComparison { positions: 0, differences: Some(0), apart_from_length: Some(0), identical: true };
        for (first, last) in self.common(other) {
            comparison.positions += last - first + 1;
            let [ours, theirs] =
                [self, other].map(|haplotype| haplotype.string(first, last, |_, base| base, reference));
            comparison.identical &= ours == theirs;
            comparison.differences = added(comparison.differences, edit_distance(&ours, &theirs, most), most);
        }
        comparison.apart_from_length = self.distance(other, reference, most);
        comparison
    }

    /// The differences apart from [`super::LENGTH_VARIANTS`] in the ranges that both have, where they are at most `most`.
    pub fn distance(&self, other: &Self, reference: &MtReference, most: usize) -> Option<usize> {
        self.common(other).into_iter().try_fold(0, |sum, (first, last)| {
            let [ours, theirs] = [self, other]
                .map(|haplotype| haplotype.string(first, last, |at, base| reference.marked(at, base), reference));
            // Most of a database is equal in some range: that needs no table.
            let own = if ours == theirs { Some(0) } else { edit_distance(&ours, &theirs, most) };
            added(Some(sum), own, most)
        })
    }

    /// How far another one is in the ranges of this one, lengths set aside, up to `most`; `None` where it did not read all of them. Every
    /// difference is a mutation.
    pub fn apart(&self, other: &Self, reference: &MtReference, most: usize) -> Option<Apart> {
        let differences = || self.distance(other, reference, most).unwrap_or(most + 1);
        other.covers(self).then(|| Apart { differences: differences(), beyond_one_step: 0 })
    }

    /// The bases from one position to another, as `seen` makes them.
    fn string(&self, first: usize, last: usize, seen: impl Fn(usize, u8) -> u8, reference: &MtReference) -> Vec<u8> {
        let mut string = Vec::with_capacity(last - first + 16);
        for at in first..=last {
            let change = self.changes.get(&at);
            let base = change.and_then(|change| change.base).unwrap_or(Some(reference.bases[at - 1]));
            let inserted = change.into_iter().flat_map(|change| change.inserted.iter().copied());
            string.extend(base.into_iter().chain(inserted).map(|base| seen(at, base)));
        }
        string
    }
}

/// A sum of differences, where both parts are known and it is at most `most`.
fn added(sum: Option<usize>, own: Option<usize>, most: usize) -> Option<usize> {
    sum.zip(own).map(|(sum, own)| sum + own).filter(|sum| *sum <= most)
}

impl MtComparison {
    /// Up to so many differences are counted; more say "not the same line" as clearly.
    pub const MOST_DIFFERENCES: usize = 64;

    /// What the differences say (SWGDAM 2013), lengths set aside: none does not exclude, one is inconclusive, more exclude.
    pub fn conclusion(&self) -> Conclusion {
        match self.apart_from_length {
            _ if self.positions == 0 => Conclusion::NotComparable,
            Some(0) => Conclusion::NotExcluded,
            Some(1) => Conclusion::Inconclusive,
            _ => Conclusion::Exclusion,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::mitochondrial::tests::{MT, of, reference};
    use super::*;

    fn compared(a: &[&str], b: &[&str]) -> (bool, Option<usize>) {
        let comparison = of(&["1-20"], a).unwrap().compare(&of(&["1-20"], b).unwrap(), &reference());
        assert_eq!(comparison.positions, 20);
        (comparison.identical, comparison.differences)
    }

    #[test]
    fn alignment_does_not_matter() {
        assert_eq!(compared(&["5d", "6d"], &["9d", "10del"]), (true, Some(0)));
        assert_eq!(compared(&["6.1A", "6.2C"], &["10.1A", "10.2C"]), (true, Some(0)));
        assert_eq!(compared(&["12.1C"], &["17.1C"]), (true, Some(0)), "an insertion anywhere in a stretch");
        assert_eq!(compared(&["G1A"], &[]), (false, Some(1)));
        assert_eq!(compared(&["1R"], &["1A"]), (false, Some(0)), "mixed bases agree with what they can be");
        assert_eq!(compared(&["1R"], &["1C"]), (false, Some(1)));
    }

    /// A reference with the rCRS's bases at two stretches, and others elsewhere.
    fn long() -> MtReference {
        let mut bases: Vec<u8> = (0..16_569).map(|at| b"AGTG"[at % 4]).collect();
        bases[302..309].fill(b'C');
        bases[310..315].fill(b'C');
        bases[513..524].copy_from_slice(b"CACACACACAC");
        bases[16_183..16_193].fill(b'C');
        bases[16_188] = b'T';
        MtReference::new(str::from_utf8(&bases).unwrap()).unwrap()
    }

    #[test]
    fn lengths_of_stretches_are_told_and_do_not_count() {
        let reference = long();
        let of = |differences: &[&str]| {
            MtHaplotype::new(["1-600", "16024-16365"], differences.iter().copied(), &reference, &MT).unwrap()
        };
        for (a, b, differences, apart) in [
            (&["309.1C"][..], &["309.1C", "309.2C"][..], 1, 0),
            (&["303.1C"], &["309d"], 2, 0),
            // With C for T at 16189 the stretch is one run, however the change is written.
            (&["16189C"], &["16189C", "16193.1C", "16193.2C"], 2, 0),
            (&["16189C", "16193d"], &["16189d"], 0, 0),
            (&["16189C"], &[], 1, 1),
            // Between 311 and 315 every length counts, and so does another base in a stretch.
            (&["315.1C"], &[], 1, 1),
            (&["306T"], &["309.1C"], 2, 1),
            (&["16189C", "16193.1C"], &[], 2, 1),
            (&["16189d"], &[], 1, 1),
            // One AC more or less is one event, wherever it is written; half of one is one base.
            (&["523d", "524d"], &[], 2, 1),
            (&["514d", "515d"], &["524.1A", "524.2C"], 4, 2),
            (&["524.1A", "524.2C"], &["513.1C", "513.2A"], 0, 0),
            (&["521d", "522d", "523d", "524d"], &[], 4, 2),
            (&["523d"], &[], 1, 1),
            (&["518T"], &["523d", "524d"], 2, 2),
        ] {
            let comparison = of(a).compare(&of(b), &reference);
            assert_eq!(
                (comparison.differences, comparison.apart_from_length),
                (Some(differences), Some(apart)),
                "{a:?} {b:?}"
            );
        }
        let conclusion = |a: &[&str], b: &[&str]| of(a).compare(&of(b), &reference).conclusion();
        assert_eq!(conclusion(&["309.1C"], &[]), Conclusion::NotExcluded);
        assert_eq!(conclusion(&["73C"], &[]), Conclusion::Inconclusive);
        assert_eq!(conclusion(&["73C", "74C"], &[]), Conclusion::Exclusion);
        assert_eq!(conclusion(&["523d", "524d"], &[]), Conclusion::Inconclusive);
    }
}
