//! What the likelihood ratio would have been for somebody who did not contribute (Gill and Haned 2013): random people take the place of the
//! person of interest, and both hypotheses are fitted anew.

use rayon::prelude::*;

use super::{Evidence, Fit, FitOptions, Likelihood, LikelihoodRatio, MixtureError, Question};

/// The most random people of one test.
pub const MAX_NONCONTRIBUTORS: usize = 100_000;

/// Likelihood ratios of people who did not contribute.
#[derive(Debug, Clone, PartialEq)]
pub struct NonContributors {
    /// Base-10 logarithms in the order of the people; minus infinity where a person cannot have contributed.
    pub log10: Vec<f64>,
}

impl NonContributors {
    /// Runs the test with `count` people drawn from the allele frequencies.
    ///
    /// # Errors
    /// [`MixtureError::OutOfRange`], [`MixtureError::BadHypothesis`], [`MixtureError::Impossible`] where the defence's hypothesis is.
    pub fn test(
        evidence: &Evidence,
        question: &Question,
        count: usize,
        options: &FitOptions,
    ) -> Result<Self, MixtureError> {
        if !(1..=MAX_NONCONTRIBUTORS).contains(&count) {
            return Err(MixtureError::OutOfRange { what: "the number of random people", range: "from 1 to 100000" });
        }
        // Checked before anybody is drawn.
        question.hypotheses(evidence)?;
        let log10 = (0..count as u64)
            .into_par_iter()
            .map(|number| {
                let mut one = evidence.clone();
                let mut person = evidence.random_person(options.seed, number);
                // A random person is typed where the person of interest is.
                person
                    .genotypes
                    .retain(|marker, _| evidence.references[question.interest].genotypes.contains_key(marker));
                one.references[question.interest] = person;
                let [prosecution, defence] = question.hypotheses(&one)?;
                let fit = |hypothesis| Likelihood::new(&one, hypothesis)?.fit(options);
                let defence: Fit = fit(&defence)?;
                match fit(&prosecution) {
                    Ok(prosecution) => Ok(LikelihoodRatio::of(&prosecution, &defence).log10),
                    Err(MixtureError::Impossible { .. }) => Ok(f64::NEG_INFINITY),
                    Err(error) => Err(error),
                }
            })
            .collect::<Result<Vec<f64>, MixtureError>>()?;
        Ok(Self { log10 })
    }

    /// The largest of them.
    pub fn max(&self) -> f64 {
        self.log10.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// How many speak for contribution, falsely.
    pub fn above_one(&self) -> usize {
        self.log10.iter().filter(|log10| **log10 > 0.0).count()
    }

    /// A quantile, 0 to 1, the lower neighbour's value.
    pub fn quantile(&self, q: f64) -> f64 {
        let mut sorted = self.log10.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[((sorted.len() - 1) as f64 * q.clamp(0.0, 1.0)) as usize]
    }
}
