//! Whether loci are independent: the genotypes of one locus are shuffled among the people, and the table of pairs of genotypes is
//! compared with the one seen. Shuffling whole genotypes keeps the proportions within each locus out of the question (Zaykin,
//! Zhivotovsky and Weir 1995, *Genetica* 96, 169).

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::{Survey, SurveyedMarker, shuffle};

/// The result of a test of two markers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinkageTest {
    /// The markers.
    pub markers: [String; 2],
    /// People typed at both.
    pub people: usize,
    /// The share of shuffles whose table is no more likely than the one seen, that one counted in.
    pub p_value: f64,
}

/// Tests all pairs of markers, by `shuffles` from a seed. A pair that fewer than two people share is left out.
pub fn linkage(survey: &Survey, shuffles: u32, seed: u64) -> Vec<LinkageTest> {
    let markers = survey.markers();
    let pairs: Vec<(usize, usize)> =
        (0..markers.len()).flat_map(|a| (a + 1..markers.len()).map(move |b| (a, b))).collect();
    pairs
        .into_par_iter()
        .filter_map(|(a, b)| {
            // A seed for each pair, so that the answer does not depend on the order in which cores take them.
            let seed = seed ^ (a as u64) << 32 ^ b as u64;
            let (people, p_value) = test(&markers[a], &markers[b], shuffles.max(1), seed)?;
            let markers = [a, b].map(|at| markers[at].name.as_str().to_owned());
            Some(LinkageTest { markers, people, p_value })
        })
        .collect()
}

fn test(a: &SurveyedMarker, b: &SurveyedMarker, shuffles: u32, seed: u64) -> Option<(usize, f64)> {
    let both = a.genotypes.iter().zip(&b.genotypes).filter_map(|(a, b)| Some((((*a)?), (*b)?)));
    let (ours, theirs): (Vec<[u16; 2]>, Vec<[u16; 2]>) = both.unzip();
    if ours.len() < 2 {
        return None;
    }
    let (ours, kinds) = numbered(&ours);
    let (mut theirs, their_kinds) = numbered(&theirs);
    let logs: Vec<f64> = (0..=ours.len()).map(|n| if n == 0 { 0.0 } else { (n as f64).ln() }).collect();
    let mut table = vec![0_u32; kinds * their_kinds];
    // The part of minus the log-probability that varies with given margins: the sum of ln n!.
    let mut unlikeliness = |theirs: &[usize]| -> f64 {
        table.fill(0);
        let mut sum = 0.0;
        for (x, y) in ours.iter().zip(theirs) {
            let cell = &mut table[x * their_kinds + y];
            *cell += 1;
            sum += logs[*cell as usize];
        }
        sum
    };
    let seen = unlikeliness(&theirs);
    let mut seed = seed;
    let mut no_more_likely = 0;
    for _ in 0..shuffles {
        shuffle(&mut theirs, &mut seed);
        no_more_likely += u32::from(unlikeliness(&theirs) >= seen - 1e-9);
    }
    Some((ours.len(), f64::from(no_more_likely + 1) / f64::from(shuffles + 1)))
}

/// Genotypes as numbers from 0, and how many kinds there are.
fn numbered(genotypes: &[[u16; 2]]) -> (Vec<usize>, usize) {
    let mut kinds: BTreeMap<[u16; 2], usize> = BTreeMap::new();
    let numbers = genotypes
        .iter()
        .map(|genotype| {
            let next = kinds.len();
            *kinds.entry(*genotype).or_insert(next)
        })
        .collect();
    (numbers, kinds.len())
}

#[cfg(test)]
mod tests {
    use super::super::tests::survey;
    use super::*;

    #[test]
    fn three_people_by_hand() {
        // Genotypes A, A, B beside a, a, b: of the three places for b one repeats what was seen; the other two are more likely.
        let people = [vec![["6", "6"], ["16", "16"]], vec![["6", "6"], ["16", "16"]], vec![["7", "7"], ["17", "17"]]];
        let tests = linkage(&survey(&["TH01", "vWA"], &people), 30_000, 5);
        assert_eq!((tests.len(), tests[0].people), (1, 3));
        assert!((tests[0].p_value - 1.0 / 3.0).abs() < 0.012, "{tests:?}");
    }

    #[test]
    fn copies_of_one_locus_are_found() {
        let kinds = [["6", "6"], ["6", "7"], ["7", "8"], ["8", "8"]];
        let people: Vec<_> = (0..40).map(|n| vec![kinds[n % 4], kinds[n % 4], kinds[n / 10]]).collect();
        let tests = linkage(&survey(&["TH01", "vWA", "FGA"], &people), 999, 5);
        assert!(tests[0].p_value <= 0.002 && tests[1].p_value > 0.05, "{tests:?}");
    }
}
