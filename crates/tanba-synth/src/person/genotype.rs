//! Genotypes at the 20 CODIS loci, and how children get them.
//!
//! The allele distributions are made up here (a most common allele and a spread for each locus) and are those of **no real
//! population**: they look like STR loci, and nothing may be concluded from them about anybody.

use std::sync::LazyLock;

use serde::ser::{Serialize, SerializeMap, Serializer};
use tanba_dna::{Allele, FrequencyTable, Genotype, Locus, Profile, SexMarker};

use crate::exact;
use crate::random::Stream;

use super::Sex;

/// Most common allele and spread in repeats, in the order of [`Locus::ALL`]. Illustrative, of no real population.
const SHAPE: [(u16, f64); Locus::COUNT] = [
    (11, 1.1),
    (15, 1.9),
    (11, 1.3),
    (20, 2.2),
    (16, 1.1),
    (12, 1.0),
    (10, 1.4),
    (13, 1.3),
    (14, 1.1),
    (19, 1.9),
    (11, 1.4),
    (12, 1.3),
    (15, 2.1),
    (14, 1.3),
    (30, 1.5),
    (15, 1.4),
    (22, 1.9),
    (7, 1.3),
    (9, 1.3),
    (17, 1.3),
];
/// Alleles on each side of the most common one.
const REACH: u16 = 5;
/// The name under which the frequencies are given out.
const POPULATION: &str = "tanba-synth illustration (no real population)";
/// Chromosomes that the table claims to have counted: large, since the frequencies are exact by definition.
const CHROMOSOMES: u32 = 1_000_000;

/// [`weights`] of every locus: a population asks for them a million times.
static WEIGHTS: LazyLock<[Vec<f64>; Locus::COUNT]> = LazyLock::new(|| std::array::from_fn(weights));

/// A person's two alleles at each locus, mother's first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrGenotype {
    pairs: [(Allele, Allele); Locus::COUNT],
    sex: Sex,
}

impl StrGenotype {
    /// A founder: both alleles of every locus drawn independently.
    pub fn founder(seed: u64, sex: Sex) -> Self {
        let mut stream = Stream::new(seed, "genotype");
        let pairs = std::array::from_fn(|i| {
            let mut draw = || allele(i, stream.weighted(&WEIGHTS[i]));
            (draw(), draw())
        });
        Self { pairs, sex }
    }

    /// A child of two parents: at each locus one allele of the mother and one of the father, each with probability one half. No
    /// mutation, no linkage.
    pub fn child(mother: &Self, father: &Self, seed: u64, sex: Sex) -> Self {
        let mut stream = Stream::new(seed, "inheritance");
        let pairs = std::array::from_fn(|i| {
            let mut from = |pair: (Allele, Allele)| if stream.chance(0.5) { pair.0 } else { pair.1 };
            (from(mother.pairs[i]), from(father.pairs[i]))
        });
        Self { pairs, sex }
    }

    /// The alleles at a locus, the one from the mother first.
    pub fn at(&self, locus: Locus) -> (Allele, Allele) {
        self.pairs[usize::from(locus.code()) - 1]
    }

    /// As a laboratory would report it: 20 loci and amelogenin.
    pub fn profile(&self) -> Profile {
        let genotypes = Locus::ALL.into_iter().filter_map(|locus| {
            let (a, b) = self.at(locus);
            Genotype::new([a, b]).map(|g| (locus, g))
        });
        let marker = if self.sex == Sex::Male { SexMarker::Xy } else { SexMarker::X };
        Profile::from_genotypes(genotypes, Some(marker)).expect("twenty loci are typed")
    }

    /// The frequencies that founders are drawn from, for likelihood ratios about these people (and nobody else).
    pub fn frequencies() -> FrequencyTable {
        let rows = Locus::ALL.into_iter().enumerate().flat_map(|(i, locus)| {
            let weights = weights(i);
            let sum: f64 = weights.iter().sum();
            weights.into_iter().enumerate().map(move |(k, w)| (locus, allele(i, k), w / sum, CHROMOSOMES))
        });
        FrequencyTable::new(POPULATION, rows).expect("the weights are normalised and the alleles differ")
    }
}

/// Shown as locus names with two designations each.
impl Serialize for StrGenotype {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Locus::COUNT))?;
        for locus in Locus::ALL {
            let (a, b) = self.at(locus);
            let (low, high) = if a <= b { (a, b) } else { (b, a) };
            map.serialize_entry(locus.name(), &[low.to_string(), high.to_string()])?;
        }
        map.end()
    }
}

/// Weights of the alleles of a locus, from the smallest: a bell round the most common one.
fn weights(locus: usize) -> Vec<f64> {
    let (mode, spread) = SHAPE[locus];
    (0..=2 * REACH)
        .map(|k| {
            let off = (f64::from(lowest(mode) + k) - f64::from(mode)) / spread;
            exact::exp(-0.5 * off * off)
        })
        .collect()
}

fn lowest(mode: u16) -> u16 {
    mode.saturating_sub(REACH).max(3)
}

fn allele(locus: usize, k: usize) -> Allele {
    let repeats = lowest(SHAPE[locus].0) + k as u16;
    Allele::from_tenths(repeats * 10).expect("3 to 35 repeats are a designation")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tanba_dna::MinimumFrequency;

    #[test]
    fn a_child_has_one_allele_of_each_parent_everywhere() {
        let (mother, father) = (StrGenotype::founder(1, Sex::Female), StrGenotype::founder(2, Sex::Male));
        let mut from_first = 0;
        for seed in 0..200 {
            let child = StrGenotype::child(&mother, &father, seed, Sex::Male);
            for locus in Locus::ALL {
                let ((m, f), (m0, m1), (f0, f1)) = (child.at(locus), mother.at(locus), father.at(locus));
                assert!((m == m0 || m == m1) && (f == f0 || f == f1));
            }
            let (a, b) = mother.at(Locus::Fga);
            if a != b {
                from_first += i32::from(child.at(Locus::Fga).0 == a);
            }
        }
        let (a, b) = mother.at(Locus::Fga);
        assert!(a == b || (60..140).contains(&from_first), "{from_first}");
    }

    #[test]
    fn founders_follow_the_published_frequencies() {
        let table = StrGenotype::frequencies();
        let common = Allele::from_tenths(220).unwrap();
        let expected = table.frequency(Locus::Fga, common, MinimumFrequency::None).unwrap();
        let mut count = 0;
        for seed in 0..2000 {
            let (a, b) = StrGenotype::founder(seed, Sex::Male).at(Locus::Fga);
            count += u32::from(a == common) + u32::from(b == common);
        }
        assert!((f64::from(count) / 4000.0 - expected).abs() < 0.03);
        for locus in Locus::ALL {
            let sum: f64 = table.alleles(locus).map(|(_, f)| f).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{locus}");
        }
    }

    #[test]
    fn profiles_have_twenty_loci_and_the_sex_marker() {
        let profile = StrGenotype::founder(5, Sex::Male).profile();
        assert_eq!((profile.typed_loci(), profile.sex_marker()), (20, Some(SexMarker::Xy)));
    }
}
