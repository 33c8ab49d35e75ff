//! Whether genotypes stand in the proportions of Hardy and Weinberg.
//!
//! The exact test: of all ways to pair the alleles that were counted, how probable are those that are no more likely than what was
//! seen? With two alleles the ways are gone through (Wigginton, Cutler and Abecasis 2005, *American Journal of Human Genetics*
//! 76, 887); with more the alleles are shuffled (Guo and Thompson 1992, *Biometrics* 48, 361).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{SurveyedMarker, shuffle};

/// The result of a test at one marker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HardyWeinbergTest {
    /// Probability of what was seen or anything no more likely.
    pub p_value: f64,
    /// Shuffles that it rests on; `None` where all ways were gone through.
    pub shuffles: Option<u32>,
}

/// Logarithms of probabilities that differ by less count as equal: the order of a sum must not decide.
const EQUAL: f64 = 1e-9;

/// The exact test, by `shuffles` from a seed where there are more than two alleles; `None` where fewer than two people or alleles
/// were seen.
pub fn hardy_weinberg(marker: &SurveyedMarker, shuffles: u32, seed: u64) -> Option<HardyWeinbergTest> {
    let genotypes: Vec<[u16; 2]> = marker.genotypes.iter().flatten().copied().collect();
    if genotypes.len() < 2 || marker.alleles.len() < 2 {
        return None;
    }
    if marker.alleles.len() == 2 {
        let rare = marker.counts().into_iter().min().unwrap_or_default();
        let different = genotypes.iter().filter(|[a, b]| a != b).count();
        return Some(HardyWeinbergTest { p_value: two_alleles(genotypes.len(), rare, different), shuffles: None });
    }
    let seen = log_probability(&genotypes);
    let mut alleles: Vec<u16> = genotypes.iter().flatten().copied().collect();
    let mut seed = seed;
    let mut no_more_likely = 0;
    let shuffles = shuffles.max(1);
    for _ in 0..shuffles {
        shuffle(&mut alleles, &mut seed);
        let (pairs, _) = alleles.as_chunks::<2>();
        no_more_likely += u32::from(log_probability(pairs) <= seen + EQUAL);
    }
    // What was seen is one of the ways itself, so that a p-value is never 0.
    let p_value = f64::from(no_more_likely + 1) / f64::from(shuffles + 1);
    Some(HardyWeinbergTest { p_value, shuffles: Some(shuffles) })
}

/// The part of the log-probability of genotype counts, given the allele counts, that varies: ln(2^heterozygotes / product n!).
fn log_probability(genotypes: &[[u16; 2]]) -> f64 {
    let mut counts: BTreeMap<[u16; 2], u32> = BTreeMap::new();
    let mut log = 0.0;
    for [a, b] in genotypes {
        let count = counts.entry([*a.min(b), *a.max(b)]).or_default();
        *count += 1;
        log -= f64::from(*count).ln();
        log += if a == b { 0.0 } else { std::f64::consts::LN_2 };
    }
    log
}

/// Two alleles, of which the rarer was counted `rare` times, in `people`, of whom `different` are heterozygotes.
fn two_alleles(people: usize, rare: usize, different: usize) -> f64 {
    let factorial = |n: usize| libm::lgamma(n as f64 + 1.0);
    let log = |different: usize| {
        let homozygotes = (rare - different) / 2;
        let others = people - different - homozygotes;
        different as f64 * std::f64::consts::LN_2 - factorial(homozygotes) - factorial(different) - factorial(others)
    };
    let ways: Vec<f64> = (rare % 2..=rare).step_by(2).map(log).collect();
    let most = ways.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let seen = log(different);
    let total: f64 = ways.iter().map(|way| (way - most).exp()).sum();
    let unlikely: f64 = ways.iter().filter(|way| **way <= seen + EQUAL).map(|way| (way - most).exp()).sum();
    (unlikely / total).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::survey;
    use super::*;

    #[test]
    fn two_alleles_by_hand() {
        // Two people with two alleles a and two b: aa+bb (1 way) or ab+ab (2 ways times 1) stand 1 : 2.
        assert!((two_alleles(2, 2, 0) - 1.0 / 3.0).abs() < 1e-12);
        assert!((two_alleles(2, 2, 2) - 1.0).abs() < 1e-12);
        // Wigginton et al.'s kind of case: 100 people, 21 rare alleles, 17 heterozygotes and 2 rare homozygotes is usual, 3 and 9 not.
        assert!(two_alleles(100, 21, 17) > 0.1 && two_alleles(100, 21, 3) < 1e-6);
    }

    #[test]
    fn shuffling_agrees_with_all_ways() {
        // Three people, alleles 6,6,7,7,8,8: all 15 pairings are as likely before they are counted as genotypes.
        // 6,6 7,7 8,8 is 1 of 15; 6,6 7,8 7,8 and its like are 3 x 2 of 15; 6,7 7,8 6,8 is 8 of 15.
        let marker = &survey(&["TH01"], &[vec![["6", "6"]], vec![["7", "7"]], vec![["8", "8"]]]).markers()[0].clone();
        let test = hardy_weinberg(marker, 40_000, 3).unwrap();
        assert!((test.p_value - 1.0 / 15.0).abs() < 0.006, "{test:?}");
        let marker = &survey(&["TH01"], &[vec![["6", "6"]], vec![["7", "8"]], vec![["7", "8"]]]).markers()[0].clone();
        let test = hardy_weinberg(marker, 40_000, 3).unwrap();
        assert!((test.p_value - 7.0 / 15.0).abs() < 0.012, "{test:?}");
        assert_eq!(hardy_weinberg(marker, 99, 3), hardy_weinberg(marker, 99, 3), "the same for the same seed");
    }

    #[test]
    fn one_allele_is_no_test() {
        let marker = &survey(&["TH01"], &[vec![["6", "6"]], vec![["6", "6"]]]).markers()[0].clone();
        assert_eq!(hardy_weinberg(marker, 99, 3), None);
    }
}
