//! Identity SNPs: single positions with two bases, chosen for telling people apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::{Apart, Conclusion};
use crate::locus::shown;
use crate::{DnaError, Formula, Theta, genotype_probability};

/// A base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // the names are the documentation
pub enum Base {
    A,
    C,
    G,
    T,
}

/// Genotypes at identity SNPs, by number of the reference SNP (`rs1490413` is 1490413). Never empty.
#[derive(Clone, PartialEq, Eq)]
pub struct SnpProfile {
    pub(super) genotypes: BTreeMap<u32, [Base; 2]>,
}

/// Two SNP profiles held against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SnpComparison {
    /// SNPs typed in both.
    pub compared: usize,
    /// Those with the same two bases.
    pub equal: usize,
    /// Those without a base in common: none between parent and child.
    pub opposite: usize,
}

/// The most SNPs of a profile: the largest identity panels have some thousands.
pub(super) const MOST: usize = 20_000;

impl SnpProfile {
    /// A profile of rows `rs1490413`, `AG`. `permitted` is the list of identity SNPs that the law's panel names.
    ///
    /// # Errors
    /// [`DnaError::LocusNotPermitted`] for a SNP that is not on the list: nothing was kept; [`DnaError::BadLineage`] for genotypes
    /// that are not two bases, a SNP given twice, or too many; [`DnaError::EmptyProfile`].
    pub fn from_rows<'a>(
        rows: impl IntoIterator<Item = (&'a str, &'a str)>,
        permitted: &BTreeSet<u32>,
    ) -> Result<Self, DnaError> {
        let mut genotypes = BTreeMap::new();
        for (name, bases) in rows {
            let digits = name.trim().strip_prefix("rs").filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
            let number = digits.and_then(|digits| digits.parse().ok()).filter(|number| permitted.contains(number));
            let number: u32 = number.ok_or_else(|| DnaError::LocusNotPermitted { name: shown(name) })?;
            let bad = |reason| DnaError::BadLineage { place: format!("rs{number}"), reason };
            let mut pair = match bases.trim().as_bytes() {
                [a, b] => [*a, *b].map(Base::of),
                _ => [None, None],
            };
            pair.sort_unstable();
            let [Some(a), Some(b)] = pair else { return Err(bad("a genotype is two of the bases A, C, G, T")) };
            if genotypes.insert(number, [a, b]).is_some() {
                return Err(bad("the SNP is given twice: decide which typing is right"));
            }
            if genotypes.len() > MOST {
                return Err(bad("more SNPs than any identity panel has"));
            }
        }
        if genotypes.is_empty() { Err(DnaError::EmptyProfile) } else { Ok(Self { genotypes }) }
    }

    /// How many were typed.
    pub fn len(&self) -> usize {
        self.genotypes.len()
    }

    /// Never.
    pub fn is_empty(&self) -> bool {
        self.genotypes.is_empty()
    }

    /// Holds two profiles against each other.
    pub fn compare(&self, other: &Self) -> SnpComparison {
        let mut comparison = SnpComparison { compared: 0, equal: 0, opposite: 0 };
        for (ours, theirs) in self.genotypes.iter().filter_map(|(n, ours)| Some((ours, other.genotypes.get(n)?))) {
            comparison.compared += 1;
            comparison.equal += usize::from(ours == theirs);
            comparison.opposite += usize::from(!ours.iter().any(|base| theirs.contains(base)));
        }
        comparison
    }

    /// The genotypes by number of the SNP, the two bases sorted.
    pub fn genotypes(&self) -> impl Iterator<Item = (u32, [Base; 2])> {
        self.genotypes.iter().map(|(number, bases)| (*number, *bases))
    }

    /// How far another one is at the SNPs of this one; `None` where it was not typed at all of them.
    pub fn apart(&self, other: &Self) -> Option<Apart> {
        let SnpComparison { compared, equal, opposite } = self.compare(other);
        let differences = compared - equal;
        (compared == self.len()).then_some(Apart { differences, beyond_one_step: opposite })
    }

    /// The profile at the SNPs that the other has too; `None` where there are none.
    pub fn in_common_with(&self, other: &Self) -> Option<Self> {
        let both = self.genotypes.iter().filter(|(number, _)| other.genotypes.contains_key(number));
        let genotypes: BTreeMap<_, _> = both.map(|(number, bases)| (*number, *bases)).collect();
        (!genotypes.is_empty()).then_some(Self { genotypes })
    }

    /// Probability that a random person shows these genotypes but for at most `most` SNPs, SNPs taken as independent; `frequency`
    /// as for [`SnpProfile::log10_match_probability`].
    ///
    /// # Errors
    /// As there.
    pub fn probability_within(
        &self,
        most: usize,
        frequency: impl Fn(u32, Base) -> Option<f64>,
        formula: Formula,
        theta: Theta,
    ) -> Result<f64, DnaError> {
        let factors = self.factors(&frequency, formula, theta).collect::<Result<Vec<_>, _>>()?;
        Ok(crate::weight::all_but(factors, most))
    }

    fn factors(
        &self,
        frequency: &impl Fn(u32, Base) -> Option<f64>,
        formula: Formula,
        theta: Theta,
    ) -> impl Iterator<Item = Result<f64, DnaError>> {
        self.genotypes.iter().map(move |(number, [a, b])| {
            let of = |base| {
                frequency(*number, base).filter(|p| *p > 0.0 && *p <= 1.0).ok_or_else(|| DnaError::BadLineage {
                    place: format!("rs{number}"),
                    reason: "a base has no frequency above 0: use another table",
                })
            };
            let q = if a == b { None } else { Some(of(*b)?) };
            Ok(genotype_probability(of(*a)?, q, formula, theta))
        })
    }

    /// log10 of the probability that a random person shows these genotypes, SNPs taken as independent. `frequency` gives that of a
    /// base at a SNP, above 0 and at most 1.
    ///
    /// # Errors
    /// [`DnaError::BadLineage`] where there is none.
    pub fn log10_match_probability(
        &self,
        frequency: impl Fn(u32, Base) -> Option<f64>,
        formula: Formula,
        theta: Theta,
    ) -> Result<f64, DnaError> {
        self.factors(&frequency, formula, theta).map(|factor| Ok(factor?.log10())).sum()
    }
}

impl SnpComparison {
    /// What the comparison says of one person: equal genotypes do not exclude, a SNP without a base in common excludes; where only one
    /// of two bases is missing it may have dropped out, which is inconclusive.
    pub fn conclusion(&self) -> Conclusion {
        match self {
            Self { compared: 0, .. } => Conclusion::NotComparable,
            Self { opposite: 1.., .. } => Conclusion::Exclusion,
            Self { compared, equal, .. } if compared == equal => Conclusion::NotExcluded,
            _ => Conclusion::Inconclusive,
        }
    }
}

impl Base {
    /// The base of a letter, in upper case.
    pub fn of(letter: u8) -> Option<Self> {
        match letter {
            b'A' => Some(Self::A),
            b'C' => Some(Self::C),
            b'G' => Some(Self::G),
            b'T' => Some(Self::T),
            _ => None,
        }
    }

    /// Its letter.
    pub fn letter(self) -> char {
        match self {
            Self::A => 'A',
            Self::C => 'C',
            Self::G => 'G',
            Self::T => 'T',
        }
    }
}

impl fmt::Debug for SnpProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SnpProfile({} SNPs)", self.genotypes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &[(&str, &str)]) -> Result<SnpProfile, DnaError> {
        SnpProfile::from_rows(rows.iter().copied(), &BTreeSet::from([1, 22, 333]))
    }

    #[test]
    fn compared_and_weighed_by_hand() {
        let a = read(&[("rs1", "AG"), ("rs22", "CC"), ("rs333", "TT")]).unwrap();
        let b = read(&[("rs1", "GA"), ("rs22", "CT"), ("rs333", "CC")]).unwrap();
        assert_eq!(a.compare(&b), SnpComparison { compared: 3, equal: 1, opposite: 1 });
        let conclusion = |a: &SnpProfile, b: &SnpProfile| a.compare(b).conclusion();
        assert_eq!((conclusion(&a, &a), conclusion(&a, &b)), (Conclusion::NotExcluded, Conclusion::Exclusion));
        let half_lost = read(&[("rs1", "AA"), ("rs22", "CC")]).unwrap();
        assert_eq!(conclusion(&a, &half_lost), Conclusion::Inconclusive);
        assert_eq!(a.in_common_with(&half_lost).unwrap().len(), 2);
        let half = |_, _| Some(0.5);
        let theta = Theta::new(0.0).unwrap();
        let log10 = a.log10_match_probability(half, Formula::HardyWeinberg, theta).unwrap();
        assert!((log10 - (0.5_f64 * 0.25 * 0.25).log10()).abs() < 1e-14);
        // 1/2, 1/4 and 1/4: all, and all but one (5/32 more, by hand: 1/2·1/16 + 2·1/2·1/4·3/4).
        let within = |most| a.probability_within(most, half, Formula::HardyWeinberg, theta).unwrap();
        assert!((within(0) - 1.0 / 32.0).abs() < 1e-15 && (within(1) - (1.0 + 1.0 + 6.0) / 32.0).abs() < 1e-15);
        assert!((within(3) - 1.0).abs() < 1e-15);
        assert!(a.log10_match_probability(|_, _| Some(0.0), Formula::HardyWeinberg, theta).is_err());
    }

    #[test]
    fn what_is_not_on_the_list_is_refused() {
        assert!(matches!(read(&[("rs4", "AG")]), Err(DnaError::LocusNotPermitted { .. })));
        assert!(matches!(read(&[("x1", "AG")]), Err(DnaError::LocusNotPermitted { .. })));
        for rows in [&[("rs1", "A")][..], &[("rs1", "AN")], &[("rs1", "AG"), ("rs1", "AG")], &[]] {
            assert!(read(rows).is_err());
        }
    }
}
