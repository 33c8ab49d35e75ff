//! Mitochondrial sequences: ranges that were read, and differences to the reference sequence.
//!
//! The same sequence can be written with different differences (a missing AC repeat at 522-523 or at 523-524). So differences are
//! applied to the reference and the resulting strings are compared, as EMPOP does (Röck et al. 2011, *Forensic Science
//! International: Genetics* 5, 126). The reference itself (rCRS, Andrews et al. 1999, GenBank NC_012920) is an argument.
//!
//! How often a base stands in a stretch of equal bases differs between the tissues of one person and within one hair (length
//! heteroplasmy). So lengths of the stretches in [`LENGTH_VARIANTS`] are told and do not count (SWGDAM 2013; Parson et al. 2014,
//! *Forensic Science International: Genetics* 13, 134).

use std::collections::BTreeMap;
use std::fmt;

use super::bases::{edit_distance, letter};
use super::{Apart, Conclusion};
use crate::{DnaError, Panel};

/// The reference sequence; positions count from 1.
#[derive(Clone, PartialEq, Eq)]
pub struct MtReference {
    pub(super) bases: Vec<u8>,
}

/// A haplotype: what was read, and how it differs from the reference.
#[derive(Clone, PartialEq, Eq)]
pub struct MtHaplotype {
    /// First and last position, ascending and apart.
    pub(super) ranges: Vec<(usize, usize)>,
    pub(super) changes: BTreeMap<usize, Change>,
}

#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Change {
    /// In place of the reference's base; `Some(None)` is a deletion.
    pub(super) base: Option<Option<u8>>,
    /// After it.
    pub(super) inserted: Vec<u8>,
}

/// Two haplotypes held against each other in what both have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MtComparison {
    /// Positions of the reference that both have read.
    pub positions: usize,
    /// The fewest substitutions, insertions and deletions that lead from one string to the other, where mixed bases agree with
    /// what they can be; `None` above [`MtComparison::MOST_DIFFERENCES`].
    pub differences: Option<usize>,
    /// The same, lengths of [`LENGTH_VARIANTS`] set aside.
    pub apart_from_length: Option<usize>,
    /// Whether the strings are the same letter by letter.
    pub identical: bool,
}

/// First and last position in the rCRS and base of the stretches of which the length does not count: those that end at 16193, 309,
/// 455, 463 and 573.
pub const LENGTH_VARIANTS: [(usize, usize, char); 5] =
    [(303, 309, 'C'), (452, 455, 'T'), (461, 463, 'C'), (568, 573, 'C'), (16184, 16193, 'C')];

/// The longest reference; the rCRS has 16,569 bases.
const MOST_BASES: usize = 20_000;
/// The most differences of a haplotype and ranges of a reading.
pub(super) const MOST_CHANGES: usize = 1_000;
pub(super) const MOST_RANGES: usize = 100;
/// The most bases inserted at one place.
pub(super) const MOST_INSERTED: usize = 50;

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

    /// The base of the stretch around a position whose length does not count.
    fn stretch(&self, at: usize) -> Option<u8> {
        let (first, last, base) =
            LENGTH_VARIANTS.into_iter().find(|(first, last, _)| (*first..=*last).contains(&at))?;
        let base = u8::try_from(base).ok()?;
        // Another reference than the rCRS has other stretches: then every length counts.
        let there = |place: usize| self.bases.get(place - 1) == Some(&base);
        (there(first) && there(last)).then_some(base)
    }
}

impl MtHaplotype {
    /// A haplotype of ranges `16024-16365` (one that runs past the end, `16024-576`, is two) and differences `263G`, `A263G`,
    /// `315.1C` (inserted after 315), `523d` or `523del` (missing), `16189Y` (mixed, in the letters of IUPAC).
    ///
    /// # Errors
    /// [`DnaError::LocusNotPermitted`] where the panel does not permit mitochondrial DNA; [`DnaError::BadLineage`] where a range
    /// or a difference cannot be read, lies outside, stands twice, or says what the reference says.
    pub fn new<'a>(
        ranges: impl IntoIterator<Item = &'a str>,
        differences: impl IntoIterator<Item = &'a str>,
        reference: &MtReference,
        panel: &Panel,
    ) -> Result<Self, DnaError> {
        if !panel.permits_mitochondrial() {
            return Err(DnaError::LocusNotPermitted { name: "mitochondrial DNA".to_owned() });
        }
        let mut haplotype = Self { ranges: read_ranges(ranges, reference)?, changes: BTreeMap::new() };
        for (count, text) in differences.into_iter().enumerate() {
            let text = text.trim();
            if count >= MOST_CHANGES {
                return Err(bad_change(text, "a haplotype has fewer than 1000 differences"));
            }
            haplotype.add(text, reference)?;
        }
        for (at, change) in &haplotype.changes {
            if change.inserted.contains(&0) {
                return Err(bad_change(&format!("{at}.1"), "inserted bases are numbered from .1 without gaps"));
            }
        }
        Ok(haplotype)
    }

    fn add(&mut self, text: &str, reference: &MtReference) -> Result<(), DnaError> {
        let bad = |reason| bad_change(text, reason);
        // A leading base repeats the reference, and is held against it.
        let leading = text.bytes().next().filter(u8::is_ascii_alphabetic);
        let rest = if leading.is_some() { &text[1..] } else { text };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, what) = rest.split_at(digits);
        let at: usize = number
            .parse()
            .ok()
            .filter(|at| (1..=reference.len()).contains(at))
            .ok_or(bad("it has no position in the reference: write 263G, 315.1C or 523d"))?;
        if leading.is_some_and(|base| base.to_ascii_uppercase() != reference.bases[at - 1]) {
            return Err(bad("the base before the position is not the reference's"));
        }
        if !self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&at)) {
            return Err(bad("it lies outside the ranges that were read"));
        }
        let change = self.changes.entry(at).or_default();
        if let Some(inserted) = what.strip_prefix('.') {
            let digits = inserted.bytes().take_while(u8::is_ascii_digit).count();
            let (place, base) = inserted.split_at(digits);
            let place: usize = place
                .parse()
                .ok()
                .filter(|place| (1..=MOST_INSERTED).contains(place))
                .ok_or(bad("an insertion is .1 to .50"))?;
            let base = letter(base).ok_or(bad("an inserted base is one letter of IUPAC"))?;
            if change.inserted.len() < place {
                change.inserted.resize(place, 0);
            }
            if change.inserted[place - 1] != 0 {
                return Err(bad("it stands twice"));
            }
            change.inserted[place - 1] = base;
            return Ok(());
        }
        if change.base.is_some() {
            return Err(bad("the position stands twice"));
        }
        change.base = Some(match what.to_ascii_lowercase().as_str() {
            "d" | "del" | "-" if what != "D" => None,
            _ => {
                let base = letter(what).ok_or(bad("a base is one letter of IUPAC; a missing one is d or del"))?;
                if base == reference.bases[at - 1] {
                    return Err(bad("it says what the reference says"));
                }
                Some(base)
            }
        });
        Ok(())
    }

    /// Holds two haplotypes against each other in the ranges that both have.
    pub fn compare(&self, other: &Self, reference: &MtReference) -> MtComparison {
        let most = MtComparison::MOST_DIFFERENCES;
        let mut comparison =
            MtComparison { positions: 0, differences: Some(0), apart_from_length: Some(0), identical: true };
        for (first, last) in self.common(other) {
            comparison.positions += last - first + 1;
            let [ours, theirs] = [self, other].map(|haplotype| haplotype.string(first, last, reference, false));
            comparison.identical &= ours == theirs;
            comparison.differences = added(comparison.differences, edit_distance(&ours, &theirs, most), most);
        }
        comparison.apart_from_length = self.distance(other, reference, most);
        comparison
    }

    /// The differences apart from [`LENGTH_VARIANTS`] in the ranges that both have, where they are at most `most`.
    pub fn distance(&self, other: &Self, reference: &MtReference, most: usize) -> Option<usize> {
        self.common(other).into_iter().try_fold(0, |sum, (first, last)| {
            let [ours, theirs] = [self, other].map(|haplotype| haplotype.string(first, last, reference, true));
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

    /// Whether everything that the other has read was read here too.
    pub fn covers(&self, other: &Self) -> bool {
        other.ranges.iter().all(|(first, last)| self.ranges.iter().any(|own| own.0 <= *first && *last <= own.1))
    }

    /// The haplotype in the ranges that the other has too; `None` where there are none.
    pub fn in_common_with(&self, other: &Self) -> Option<Self> {
        let ranges = self.common(other);
        let inside = |at: &usize| ranges.iter().any(|(first, last)| (*first..=*last).contains(at));
        let changes =
            self.changes.iter().filter(|(at, _)| inside(at)).map(|(at, change)| (*at, change.clone())).collect();
        (!ranges.is_empty()).then_some(Self { ranges, changes })
    }

    /// The ranges that were read, ascending; one that runs past the end is two.
    pub fn ranges(&self) -> impl Iterator<Item = String> {
        self.ranges.iter().map(|(first, last)| format!("{first}-{last}"))
    }

    /// The differences to the reference, by position: `263G`, `315.1C`, `523d`.
    pub fn differences(&self) -> impl Iterator<Item = String> {
        self.changes.iter().flat_map(|(at, change)| {
            let base = change
                .base
                .map(|base| base.map_or_else(|| format!("{at}d"), |base| format!("{at}{}", char::from(base))));
            let inserted = (1..).zip(&change.inserted).map(move |(n, base)| format!("{at}.{n}{}", char::from(*base)));
            base.into_iter().chain(inserted)
        })
    }

    fn common(&self, other: &Self) -> Vec<(usize, usize)> {
        let pairs = self.ranges.iter().flat_map(|a| other.ranges.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
        pairs.filter(|(first, last)| first <= last).collect()
    }

    /// The bases from one position to another; where lengths do not count, a stretch's own base is in lower case, in which it comes and
    /// goes at no cost.
    fn string(&self, first: usize, last: usize, reference: &MtReference, without_length: bool) -> Vec<u8> {
        let mut string = Vec::with_capacity(last - first + 16);
        for at in first..=last {
            let change = self.changes.get(&at);
            let stretch = if without_length { reference.stretch(at) } else { None };
            let base = change.and_then(|change| change.base).unwrap_or(Some(reference.bases[at - 1]));
            let inserted = change.into_iter().flat_map(|change| change.inserted.iter().copied());
            let bases = base.into_iter().chain(inserted);
            string.extend(bases.map(|base| if stretch == Some(base) { base.to_ascii_lowercase() } else { base }));
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

fn bad_change(text: &str, reason: &'static str) -> DnaError {
    // The position tells where to look; the bases are the person's.
    let position: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').take(10).collect();
    DnaError::BadLineage { place: format!("position {position}"), reason }
}

fn read_ranges<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    reference: &MtReference,
) -> Result<Vec<(usize, usize)>, DnaError> {
    let bad = |reason| DnaError::BadLineage { place: "a range".to_owned(), reason };
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for text in texts.into_iter().take(MOST_RANGES + 1) {
        let ends =
            text.trim().split_once('-').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
        let (first, last): (usize, usize) = ends.ok_or(bad("write it as 16024-16365"))?;
        let inside = |at| (1..=reference.len()).contains(&at);
        if !inside(first) || !inside(last) {
            return Err(bad("it lies outside the reference"));
        }
        if first <= last {
            ranges.push((first, last));
        } else {
            // The molecule is a ring.
            ranges.extend([(first, reference.len()), (1, last)]);
        }
    }
    ranges.sort_unstable();
    if ranges.is_empty() || ranges.len() > MOST_RANGES {
        return Err(bad("give at least one, and no more than 100"));
    }
    if ranges.windows(2).any(|pair| pair[0].1 >= pair[1].0) {
        return Err(bad("two ranges overlap: join them"));
    }
    // Ranges that touch are one: a deletion may be written on either side of the seam.
    ranges.dedup_by(|next, own| {
        let touches = own.1 + 1 == next.0;
        own.1 = if touches { next.1 } else { own.1 };
        touches
    });
    Ok(ranges)
}

impl fmt::Debug for MtHaplotype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MtHaplotype({} ranges)", self.ranges.len())
    }
}

impl fmt::Debug for MtReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MtReference({} bases)", self.bases.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MT: Panel = Panel::CODIS_20.with_mitochondrial();

    fn reference() -> MtReference {
        // Positions 5 to 10 are three repeats of AC.
        MtReference::new(">made up\nGGTT ACACAC\nGTCCCCCTAG").unwrap()
    }

    fn of(ranges: &[&str], differences: &[&str]) -> Result<MtHaplotype, DnaError> {
        MtHaplotype::new(ranges.iter().copied(), differences.iter().copied(), &reference(), &MT)
    }

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

    #[test]
    fn only_what_both_have_read_is_compared() {
        let a = of(&["18-4"], &["20A"]).unwrap();
        let b = of(&["1-19"], &["12A"]).unwrap();
        let comparison = a.compare(&b, &reference());
        assert_eq!((comparison.positions, comparison.differences), (6, Some(0)));
        let apart = of(&["1-4"], &[]).unwrap().compare(&of(&["5-8"], &[]).unwrap(), &reference());
        assert_eq!(apart.positions, 0);
    }

    /// A reference with the rCRS's bases at two stretches, and others elsewhere.
    fn long() -> MtReference {
        let mut bases: Vec<u8> = (0..16_569).map(|at| b"AGTG"[at % 4]).collect();
        bases[302..309].fill(b'C');
        bases[310..315].fill(b'C');
        bases[16_183..16_193].fill(b'C');
        bases[16_188] = b'T';
        MtReference::new(str::from_utf8(&bases).unwrap()).unwrap()
    }

    #[test]
    fn lengths_of_stretches_are_told_and_do_not_count() {
        let reference = long();
        let of = |differences: &[&str]| {
            MtHaplotype::new(["1-400", "16024-16365"], differences.iter().copied(), &reference, &MT).unwrap()
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
    }

    #[test]
    fn ranges_that_touch_are_one() {
        let whole = of(&["1-20"], &["9d", "10d"]).unwrap();
        assert_eq!(of(&["8-20", "1-7"], &["5d", "6d"]).unwrap().compare(&whole, &reference()).differences, Some(0));
        assert_eq!(of(&["1-4", "5-9", "11-20"], &[]).unwrap().ranges().collect::<Vec<_>>(), ["1-9", "11-20"]);
        let part = of(&["4-8", "12-15"], &["12A"]).unwrap();
        assert!(whole.covers(&part) && !part.covers(&whole));
        assert_eq!(whole.apart(&part, &reference(), 3), None);
        let one = Some(Apart { differences: 1, beyond_one_step: 0 });
        assert_eq!((part.apart(&whole, &reference(), 3), part.apart(&whole, &reference(), 0)), (one, one));
        let common = of(&["1-13"], &["1C", "12A", "13.1A"]).unwrap().in_common_with(&part).unwrap();
        assert_eq!(
            (common.ranges().collect::<Vec<_>>(), common.differences().collect::<Vec<_>>()),
            (vec!["4-8".to_owned(), "12-13".to_owned()], vec!["12A".to_owned(), "13.1A".to_owned()])
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for differences in [
            &["1G"][..],
            &["A1C"],
            &["1C", "1T"],
            &["21A"],
            &["0A"],
            &["1"],
            &["1.0C"],
            &["1.2C"],
            &["1.1C", "1.1C"],
            &["1Z"],
            &["x"],
            &[""],
            &["é1A"],
        ] {
            assert!(of(&["1-20"], differences).is_err(), "{differences:?}");
        }
        for ranges in [&[][..], &["1"], &["0-3"], &["1-21"], &["1-5", "5-9"]] {
            assert!(of(ranges, &[]).is_err(), "{ranges:?}");
        }
        assert!(of(&["1-5"], &["7A"]).is_err(), "outside what was read");
        assert!(MtReference::new("ACGU").is_err() && MtReference::new("").is_err());
        let closed = MtHaplotype::new(["1-20"], [], &reference(), &Panel::CODIS_20);
        assert!(matches!(closed, Err(DnaError::LocusNotPermitted { .. })));
    }
}
