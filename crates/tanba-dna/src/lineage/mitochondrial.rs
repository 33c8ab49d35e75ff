//! Mitochondrial sequences: ranges that were read, and differences to the reference sequence.
//!
//! The same sequence can be written with different differences (a missing AC repeat at 522-523 or at 523-524). So differences are
//! applied to the reference and the resulting strings are compared, as EMPOP does (Röck et al. 2011, *Forensic Science
//! International: Genetics* 5, 126). The reference itself (rCRS, Andrews et al. 1999, GenBank NC_012920) is an argument.

use std::collections::BTreeMap;
use std::fmt;

use crate::{DnaError, Panel};

/// The reference sequence; positions count from 1.
#[derive(Clone, PartialEq, Eq)]
pub struct MtReference {
    bases: Vec<u8>,
}

/// A haplotype: what was read, and how it differs from the reference.
#[derive(Clone, PartialEq, Eq)]
pub struct MtHaplotype {
    /// First and last position, ascending and apart.
    ranges: Vec<(usize, usize)>,
    changes: BTreeMap<usize, Change>,
}

#[derive(Clone, PartialEq, Eq, Default)]
struct Change {
    /// In place of the reference's base; `Some(None)` is a deletion.
    base: Option<Option<u8>>,
    /// After it.
    inserted: Vec<u8>,
}

/// Two haplotypes held against each other in what both have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MtComparison {
    /// Positions of the reference that both have read.
    pub positions: usize,
    /// The fewest substitutions, insertions and deletions that lead from one string to the other, where mixed bases agree with
    /// what they can be; `None` above [`MtComparison::MOST_DIFFERENCES`].
    pub differences: Option<usize>,
    /// Whether the strings are the same letter by letter.
    pub identical: bool,
}

/// The longest reference; the rCRS has 16,569 bases.
const MOST_BASES: usize = 20_000;
/// The most differences of a haplotype and ranges of a reading.
const MOST_CHANGES: usize = 1_000;
const MOST_RANGES: usize = 100;

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
            let place: usize =
                place.parse().ok().filter(|place| (1..=50).contains(place)).ok_or(bad("an insertion is .1 to .50"))?;
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
        let mut comparison = MtComparison { positions: 0, differences: Some(0), identical: true };
        for (a, b) in self.ranges.iter().flat_map(|a| other.ranges.iter().map(move |b| (a, b))) {
            let (first, last) = (a.0.max(b.0), a.1.min(b.1));
            if first > last {
                continue;
            }
            comparison.positions += last - first + 1;
            let [ours, theirs] = [self, other].map(|haplotype| haplotype.string(first, last, reference));
            comparison.identical &= ours == theirs;
            let own = edit_distance(&ours, &theirs, MtComparison::MOST_DIFFERENCES);
            comparison.differences = comparison
                .differences
                .zip(own)
                .map(|(sum, own)| sum + own)
                .filter(|sum| *sum <= MtComparison::MOST_DIFFERENCES);
        }
        comparison
    }

    fn string(&self, first: usize, last: usize, reference: &MtReference) -> Vec<u8> {
        let mut string = Vec::with_capacity(last - first + 16);
        for at in first..=last {
            let change = self.changes.get(&at);
            match change.and_then(|change| change.base) {
                None => string.push(reference.bases[at - 1]),
                Some(base) => string.extend(base),
            }
            if let Some(change) = change {
                string.extend(&change.inserted);
            }
        }
        string
    }
}

impl MtComparison {
    /// Up to so many differences are counted; more say "not the same line" as clearly.
    pub const MOST_DIFFERENCES: usize = 64;
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
    Ok(ranges)
}

/// One letter of IUPAC, in upper case.
fn letter(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [one] => Some(one.to_ascii_uppercase()).filter(|letter| bases_of(*letter) != 0),
        _ => None,
    }
}

/// The bases a letter of IUPAC can be (NC-IUB 1984), as bits; 0 for no such letter.
fn bases_of(letter: u8) -> u8 {
    const A: u8 = 1;
    const C: u8 = 2;
    const G: u8 = 4;
    const T: u8 = 8;
    match letter {
        b'A' => A,
        b'C' => C,
        b'G' => G,
        b'T' => T,
        b'R' => A | G,
        b'Y' => C | T,
        b'S' => C | G,
        b'W' => A | T,
        b'K' => G | T,
        b'M' => A | C,
        b'B' => C | G | T,
        b'D' => A | G | T,
        b'H' => A | C | T,
        b'V' => A | C | G,
        b'N' => A | C | G | T,
        _ => 0,
    }
}

/// Levenshtein's distance, if it is at most `most`: Ukkonen's band (1985), which keeps the diagonals that can still reach it.
fn edit_distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    const FAR: usize = usize::MAX / 2;
    let mut row: Vec<usize> = (0..=b.len()).map(|j| if j <= most { j } else { FAR }).collect();
    for (i, x) in (1_usize..).zip(a) {
        let (from, to) = (i.saturating_sub(most).max(1), (i + most).min(b.len()));
        let mut diagonal = row[from - 1];
        row[from - 1] = if from == 1 && i <= most { i } else { FAR };
        for j in from..=to {
            let agrees = bases_of(*x) & bases_of(b[j - 1]) != 0;
            let here = (diagonal + usize::from(!agrees)).min(row[j - 1] + 1).min(row[j] + 1);
            diagonal = std::mem::replace(&mut row[j], here);
        }
        if to < b.len() {
            row[to + 1] = FAR;
        }
    }
    Some(row[b.len()]).filter(|distance| *distance <= most)
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
    use proptest::prelude::*;

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

    proptest! {
        /// The band against the whole table.
        #[test]
        fn the_band_is_levenshtein(a in "[ACGT]{0,14}", b in "[ACGTR]{0,14}", most in 0usize..8) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
            for i in 0..=a.len() {
                for j in 0..=b.len() {
                    table[i][j] = if i == 0 || j == 0 { i + j } else {
                        let agrees = bases_of(a[i - 1]) & bases_of(b[j - 1]) != 0;
                        (table[i - 1][j - 1] + usize::from(!agrees)).min(table[i - 1][j] + 1).min(table[i][j - 1] + 1)
                    };
                }
            }
            let whole = table[a.len()][b.len()];
            prop_assert_eq!(edit_distance(a, b, most), (whole <= most).then_some(whole));
        }
    }
}
