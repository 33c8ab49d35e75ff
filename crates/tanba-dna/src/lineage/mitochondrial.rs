//! Mitochondrial sequences: ranges that were read, and differences to the reference sequence.
//!
//! The same sequence can be written with different differences (a missing AC repeat at 522-523 or at 523-524). So differences are
//! applied to the reference and the resulting strings are compared, as EMPOP does (Röck et al. 2011, *Forensic Science
//! International: Genetics* 5, 126). The reference itself (rCRS, Andrews et al. 1999, GenBank NC_012920) is an argument.

use std::collections::BTreeMap;
use std::fmt;

use super::MtReference;
use super::bases::letter;
use crate::{DnaError, Panel};

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

/// The most differences of a haplotype and ranges of a reading.
pub(super) const MOST_CHANGES: usize = 1_000;
pub(super) const MOST_RANGES: usize = 100;
/// The most bases inserted at one place.
pub(super) const MOST_INSERTED: usize = 50;

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

    pub(super) fn common(&self, other: &Self) -> Vec<(usize, usize)> {
        let pairs = self.ranges.iter().flat_map(|a| other.ranges.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
        pairs.filter(|(first, last)| first <= last).collect()
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::lineage::Apart;

    pub(in crate::lineage) const MT: Panel = Panel::CODIS_20.with_mitochondrial();

    pub(in crate::lineage) fn reference() -> MtReference {
        // Positions 5 to 10 are three repeats of AC.
        MtReference::new(">made up\nGGTT ACACAC\nGTCCCCCTAG").unwrap()
    }

    pub(in crate::lineage) fn of(ranges: &[&str], differences: &[&str]) -> Result<MtHaplotype, DnaError> {
        MtHaplotype::new(ranges.iter().copied(), differences.iter().copied(), &reference(), &MT)
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
