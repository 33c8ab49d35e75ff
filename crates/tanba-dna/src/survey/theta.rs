//! How far samples of populations stand apart: theta by the variance components of Weir and Cockerham (1984), *Evolution* 38, 1358.
//!
//! For an allele of frequency `p_i` and heterozygote share `h_i` in samples of `n_i` people, with means weighted by `n_i`:
//!
//! ```text
//! s² = sum n_i (p_i - p)² / ((r-1) n)         n_c = (r n - sum n_i² / (r n)) / (r-1)
//! a = n/n_c (s² - (p(1-p) - (r-1)/r s² - h/4) / (n-1))
//! b = n/(n-1) (p(1-p) - (r-1)/r s² - (2n-1)/(4n) h)        c = h/2
//! theta = sum a / sum (a+b+c)                 over alleles, and over loci for the whole
//! ```

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Survey, SurveyedMarker, below};
use crate::{Allele, DnaError};

/// Theta of several samples.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThetaEstimate {
    /// Over all loci.
    pub theta: f64,
    /// For each locus, by name.
    pub loci: Vec<(String, f64)>,
    /// The 95 % interval of the whole by drawing loci anew (bootstrap): [low, high].
    pub interval: [f64; 2],
}

/// Draws of loci for the interval.
const DRAWS: usize = 2_000;

/// Theta between samples, over the markers that were typed in all of them.
///
/// # Errors
/// [`DnaError::BadSurvey`] for fewer than two samples, or no marker with two people typed in each and two alleles in all.
pub fn theta_between(samples: &[&Survey], seed: u64) -> Result<ThetaEstimate, DnaError> {
    if samples.len() < 2 {
        return Err(DnaError::BadSurvey { reason: "theta needs two samples at least" });
    }
    let mut loci = Vec::new();
    for marker in samples[0].markers() {
        let of_all: Option<Vec<&SurveyedMarker>> =
            samples.iter().map(|s| s.markers().iter().find(|m| m.name == marker.name && m.typed() > 1)).collect();
        if let Some((between, all)) = of_all.and_then(|of_all| components(&of_all)) {
            loci.push((marker.name.as_str().to_owned(), between, all));
        }
    }
    if loci.is_empty() {
        return Err(DnaError::BadSurvey { reason: "no marker was typed in two people of each sample and differs" });
    }
    let ratio = |picked: &mut dyn Iterator<Item = usize>| {
        let (between, all) = picked.fold((0.0, 0.0), |(a, b), at| (a + loci[at].1, b + loci[at].2));
        between / all
    };
    let theta = ratio(&mut (0..loci.len()));
    let mut seed = seed;
    let mut drawn: Vec<f64> =
        (0..DRAWS).map(|_| ratio(&mut (0..loci.len()).map(|_| below(loci.len(), &mut seed)))).collect();
    drawn.sort_by(f64::total_cmp);
    let interval = [drawn[DRAWS / 40], drawn[DRAWS - 1 - DRAWS / 40]];
    Ok(ThetaEstimate { theta, loci: loci.into_iter().map(|(name, a, all)| (name, a / all)).collect(), interval })
}

/// The component between samples and the sum of all three, over the alleles of a locus; `None` where only one allele was seen.
fn components(samples: &[&SurveyedMarker]) -> Option<(f64, f64)> {
    let r = samples.len() as f64;
    let sizes: Vec<f64> = samples.iter().map(|sample| sample.typed() as f64).collect();
    let people: f64 = sizes.iter().sum();
    let n = people / r;
    let n_c = (people - sizes.iter().map(|size| size * size).sum::<f64>() / people) / (r - 1.0);
    // For each allele: carried chromosomes and heterozygous carriers in each sample.
    let mut alleles: BTreeMap<Allele, Vec<[f64; 2]>> = BTreeMap::new();
    for (at, sample) in samples.iter().enumerate() {
        for [a, b] in sample.genotypes.iter().flatten() {
            for allele in [a, b] {
                let of = alleles
                    .entry(sample.alleles[usize::from(*allele)])
                    .or_insert_with(|| vec![[0.0; 2]; samples.len()]);
                of[at][0] += 1.0;
                of[at][1] += if a == b { 0.0 } else { 1.0 };
            }
        }
    }
    if alleles.len() < 2 {
        return None;
    }
    let (mut between, mut all) = (0.0, 0.0);
    for of in alleles.values() {
        let p = of.iter().map(|[carried, _]| carried).sum::<f64>() / (2.0 * people);
        let h = of.iter().map(|[_, different]| different).sum::<f64>() / people;
        let spread: f64 =
            of.iter().zip(&sizes).map(|([carried, _], size)| size * (carried / (2.0 * size) - p).powi(2)).sum();
        let s2 = spread / ((r - 1.0) * n);
        let within = p * (1.0 - p) - (r - 1.0) / r * s2;
        let a = n / n_c * (s2 - (within - h / 4.0) / (n - 1.0));
        let b = n / (n - 1.0) * (within - (2.0 * n - 1.0) / (4.0 * n) * h);
        between += a;
        all += a + b + h / 2.0;
    }
    Some((between, all))
}

#[cfg(test)]
mod tests {
    use super::super::tests::survey;
    use super::*;

    #[test]
    fn two_samples_by_hand() {
        // Two people each, 6,6 6,6 and 7,7 7,7: p 1 and 0, no heterozygotes; n = n_c = 2, p = 1/2, s² = 1/2.
        // a = 1/2 - (1/4 - 1/4) = 1/2, b = 2 (1/4 - 1/4) = 0, c = 0: theta 1.
        let apart = [["6", "6"], ["7", "7"]].map(|g| survey(&["TH01"], &[vec![g], vec![g]]));
        let theta = theta_between(&[&apart[0], &apart[1]], 1).unwrap();
        assert!((theta.theta - 1.0).abs() < 1e-12 && theta.interval == [1.0, 1.0]);
        // 6,6 6,7 and 6,7 7,7: p = 3/4 and 1/4, h = 1/2; s² = 1/8; within = 1/4 - 1/16 = 3/16.
        // a = 1/8 - (3/16 - 1/8) = 1/16; b = 2 (3/16 - 3/8 x 1/2) = 0; c = 1/4: theta = (1/16) / (5/16) = 0.2.
        let one = survey(&["TH01"], &[vec![["6", "6"]], vec![["6", "7"]]]);
        let two = survey(&["TH01"], &[vec![["6", "7"]], vec![["7", "7"]]]);
        assert!((theta_between(&[&one, &two], 1).unwrap().theta - 0.2).abs() < 1e-12);
    }

    #[test]
    fn what_says_nothing_is_refused() {
        let same = survey(&["TH01"], &[vec![["6", "6"]], vec![["6", "6"]]]);
        assert!(theta_between(&[&same], 1).is_err() && theta_between(&[&same, &same], 1).is_err());
    }
}
