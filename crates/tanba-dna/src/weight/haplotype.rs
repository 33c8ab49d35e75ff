//! What a shared haplotype weighs: counted in a sample with its upper limit, by kappa and by the discrete Laplace model; and how many
//! people to expect near a haplotype by chance.
//!
//! People of one subpopulation share haplotypes more often than its sample tells. With the coancestry `theta`, somebody else shows a
//! haplotype that was seen once already with probability `theta + (1 - theta) p` (Balding and Nichols 1994; SWGDAM 2014 for Y-STR).

use serde::Serialize;

use super::{BrennerKappa, DiscreteLaplace, HaplotypeCount, HaplotypeSample};
use crate::{DnaError, Theta};

/// Estimates of how rare a haplotype is, and the likelihood ratio that follows from the upper limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HaplotypeWeight {
    /// People of the sample that show it, among how many.
    pub count: HaplotypeCount,
    /// x / N.
    pub frequency: f64,
    /// (x + 1) / (N + 1).
    pub augmented: f64,
    /// Clopper and Pearson's one-sided upper limit.
    pub upper_limit: f64,
    /// The confidence of that limit.
    pub confidence: f64,
    /// Brenner's kappa, for a haplotype that nobody in the sample shows.
    pub kappa: Option<BrennerKappa>,
    /// Probability that another person of the subpopulation shows it, from the upper limit and theta.
    pub match_probability: f64,
    /// log10 of its reciprocal: that the same line left both samples, against an unrelated person.
    pub log10_lr: f64,
}

impl HaplotypeWeight {
    /// The weight of a haplotype that `count` tells; `singletons` of the sample's people have a haplotype of their own, where that was
    /// counted.
    ///
    /// # Errors
    /// [`DnaError::BadProbability`] for a confidence outside 0 to 1.
    pub fn of(count: HaplotypeCount, singletons: Option<u64>, confidence: f64, theta: Theta) -> Result<Self, DnaError> {
        let upper_limit = count.upper_limit(confidence)?;
        let kappa = singletons.filter(|_| count.seen() == 0);
        let kappa = kappa.map(|singletons| BrennerKappa::of_unseen(singletons, count.of())).transpose()?;
        let theta = f64::from(theta);
        let match_probability = theta + (1.0 - theta) * upper_limit;
        Ok(Self {
            count,
            frequency: count.frequency(),
            augmented: count.augmented(),
            upper_limit,
            confidence,
            kappa,
            match_probability,
            log10_lr: -match_probability.log10(),
        })
    }
}

impl DiscreteLaplace {
    /// The fit whose Bayesian information criterion is lowest, of 1 to `most` clusters; clusters are added until it rises.
    ///
    /// # Errors
    /// As [`DiscreteLaplace::fit`].
    pub fn fit_by_bic(sample: &HaplotypeSample, most: usize, starts: usize, seed: u64) -> Result<Self, DnaError> {
        let mut best = Self::fit(sample, 1, starts, seed)?;
        let mut lowest = best.bic(sample)?;
        for clusters in 2..=most.min(sample.different()) {
            let next = Self::fit(sample, clusters, starts, seed)?;
            let bic = next.bic(sample)?;
            if bic >= lowest {
                break;
            }
            (best, lowest) = (next, bic);
        }
        Ok(best)
    }

    /// The Bayesian information criterion: k ln N - 2 ln L, where the k parameters are the weights, the centres, and one effect of each
    /// cluster and locus (Andersen, Eriksen and Morling 2013).
    ///
    /// # Errors
    /// As [`DiscreteLaplace::probability`].
    pub fn bic(&self, sample: &HaplotypeSample) -> Result<f64, DnaError> {
        let (clusters, loci) = (self.clusters().len(), self.clusters()[0].centre.len());
        let parameters = (clusters - 1) + clusters * loci + (clusters + loci - 1);
        Ok(parameters as f64 * (sample.people() as f64).ln() - 2.0 * self.log_likelihood(sample)?)
    }

    /// Probability that a random man differs from a haplotype at no more than `most` loci.
    ///
    /// # Errors
    /// As [`DiscreteLaplace::probability`].
    pub fn probability_within(&self, haplotype: &[i32], most: usize) -> Result<f64, DnaError> {
        // The check of lengths, whatever the probability.
        self.probability(haplotype)?;
        Ok(self.clusters().iter().map(|cluster| cluster.weight * all_but(cluster.factors(haplotype), most)).sum())
    }
}

/// Probability that of independent events with these probabilities all but at most `most` happen.
pub(crate) fn all_but(probabilities: impl IntoIterator<Item = f64>, most: usize) -> f64 {
    let probabilities: Vec<f64> = probabilities.into_iter().collect();
    // `missing[m]`: exactly m have not happened so far.
    let mut missing = vec![0.0; most.min(probabilities.len()) + 1];
    missing[0] = 1.0;
    for p in probabilities {
        for m in (0..missing.len()).rev() {
            missing[m] = missing[m] * p + if m > 0 { missing[m - 1] * (1.0 - p) } else { 0.0 };
        }
    }
    missing.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::super::Cluster;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn weights_by_hand() {
        let count = HaplotypeCount::new(0, 100).unwrap();
        let none = HaplotypeWeight::of(count, Some(60), 0.95, Theta::new(0.0).unwrap()).unwrap();
        // 1 - 0.05^(1/100) = 0.0295; 61 of 101 have a haplotype of their own.
        assert!((none.log10_lr + (1.0 - 0.05_f64.powf(0.01)).log10()).abs() < 1e-12);
        assert!((none.kappa.unwrap().match_probability - (40.0 / 101.0) / 101.0).abs() < 1e-15);
        let some = HaplotypeWeight::of(count, Some(60), 0.95, Theta::new(0.01).unwrap()).unwrap();
        assert!((some.match_probability - (0.01 + 0.99 * none.upper_limit)).abs() < 1e-15);
        let seen = HaplotypeWeight::of(HaplotypeCount::new(2, 100).unwrap(), Some(60), 0.95, Theta::new(0.0).unwrap());
        assert_eq!(seen.unwrap().kappa, None, "kappa is of what nobody showed");
    }

    #[test]
    fn near_haplotypes_by_hand() {
        let model =
            DiscreteLaplace::new(vec![Cluster { weight: 1.0, centre: vec![14, 13], p: vec![0.5, 0.2] }]).unwrap();
        // Equal at the first locus with 1/3, at the second with 2/3.
        assert!((model.probability_within(&[14, 13], 0).unwrap() - 2.0 / 9.0).abs() < 1e-15);
        assert!((model.probability_within(&[14, 13], 1).unwrap() - 7.0 / 9.0).abs() < 1e-15);
        assert!((model.probability_within(&[14, 13], 5).unwrap() - 1.0).abs() < 1e-15);
        assert!(model.probability_within(&[14], 0).is_err());
    }

    #[test]
    fn one_cluster_is_enough_for_one_cluster() {
        let one = HaplotypeSample::new((0..5).flat_map(|a| {
            (0..5).map(move |b| (vec![10 + a, 20 + b], [1, 4, 20, 4, 1][a as usize] * [1, 4, 20, 4, 1][b as usize]))
        }))
        .unwrap();
        assert_eq!(DiscreteLaplace::fit_by_bic(&one, 5, 2, 1).unwrap().clusters().len(), 1);
        let two = HaplotypeSample::new([
            (vec![10, 20, 30], 50),
            (vec![11, 20, 30], 5),
            (vec![16, 26, 36], 50),
            (vec![16, 27, 36], 5),
        ]);
        assert_eq!(DiscreteLaplace::fit_by_bic(&two.unwrap(), 5, 2, 1).unwrap().clusters().len(), 2);
    }

    proptest! {
        #[test]
        fn all_but_is_that_of_enumeration(probabilities in prop::collection::vec(0.0..=1.0f64, 0..8), most in 0usize..10) {
            let outcomes = 1_u32 << probabilities.len();
            let sum: f64 = (0..outcomes).filter(|failed| failed.count_ones() as usize <= most).map(|failed| {
                probabilities.iter().enumerate().map(|(n, p)| if failed >> n & 1 == 1 { 1.0 - p } else { *p }).product::<f64>()
            }).sum();
            prop_assert!((all_but(probabilities, most) - sum).abs() < 1e-12);
        }
    }
}
