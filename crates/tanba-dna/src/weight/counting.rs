//! Lineage haplotypes (Y-STR, mitochondrial) by counting them in a reference database.
//!
//! Sources: Clopper and Pearson (1934), *Biometrika* 26, 404; Holland and Parsons (1999), *Forensic Science Review* 11, 21, for the
//! limit of a haplotype that was never seen; Brenner (2010), *Forensic Science International: Genetics* 4, 281, for kappa.

use serde::Serialize;

use super::beta::inverse_incomplete_beta;
use crate::DnaError;

/// A haplotype seen `seen` times among `of` people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HaplotypeCount {
    seen: u64,
    of: u64,
}

/// Brenner's kappa of a database, with the new haplotype counted in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BrennerKappa {
    /// The share of people whose haplotype nobody else has, in the database and the new one together.
    pub kappa: f64,
    /// Probability that a random person shows the new haplotype: (1 - kappa) / (N + 1).
    pub match_probability: f64,
}

impl HaplotypeCount {
    /// The largest database, so that counts stay exact as `f64`.
    pub const MOST: u64 = 1 << 40;

    /// A count.
    ///
    /// # Errors
    /// [`DnaError::BadCount`] where nobody was counted, more than [`HaplotypeCount::MOST`] were, or more were seen than counted.
    pub fn new(seen: u64, of: u64) -> Result<Self, DnaError> {
        if of == 0 || of > Self::MOST || seen > of { Err(DnaError::BadCount) } else { Ok(Self { seen, of }) }
    }

    /// The people who show it.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The people who were counted.
    pub fn of(&self) -> u64 {
        self.of
    }

    /// x / N.
    pub fn frequency(&self) -> f64 {
        self.seen as f64 / self.of as f64
    }

    /// (x + 1) / (N + 1): the questioned haplotype counted in.
    pub fn augmented(&self) -> f64 {
        (self.seen + 1) as f64 / (self.of + 1) as f64
    }

    /// (x + 2) / (N + 2): the questioned haplotype and the suspect's counted in.
    pub fn augmented_twice(&self) -> f64 {
        (self.seen + 2) as f64 / (self.of + 2) as f64
    }

    /// The one-sided upper limit of Clopper and Pearson: the frequency at which so few or fewer would be seen with probability
    /// 1 - `confidence`. For a haplotype never seen it is 1 - (1 - confidence)^(1/N).
    ///
    /// # Errors
    /// [`DnaError::BadProbability`] for a confidence outside 0 to 1.
    pub fn upper_limit(&self, confidence: f64) -> Result<f64, DnaError> {
        if !(confidence > 0.0 && confidence < 1.0) {
            return Err(DnaError::BadProbability { what: "a confidence" });
        }
        let (seen, of) = (self.seen as f64, self.of as f64);
        Ok(if self.seen == self.of {
            1.0
        } else if self.seen == 0 {
            -((1.0 - confidence).ln() / of).exp_m1()
        } else {
            inverse_incomplete_beta(confidence, seen + 1.0, of - seen)
        })
    }
}

impl BrennerKappa {
    /// For a haplotype that is not in the database of `of` people, of whom `singletons` have a haplotype of their own.
    ///
    /// # Errors
    /// [`DnaError::BadCount`], as [`HaplotypeCount::new`].
    pub fn of_unseen(singletons: u64, of: u64) -> Result<Self, DnaError> {
        let with_new = HaplotypeCount::new(singletons, of)?.augmented();
        Ok(Self { kappa: with_new, match_probability: (1.0 - with_new) / (of + 1) as f64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let twice = HaplotypeCount::new(2, 8).unwrap();
        assert_eq!((twice.frequency(), twice.augmented(), twice.augmented_twice()), (0.25, 3.0 / 9.0, 0.4));
        // Never seen among 100: 1 - 0.05^(1/100) = 0.02951, close to 3/N.
        let never = HaplotypeCount::new(0, 100).unwrap().upper_limit(0.95).unwrap();
        assert!((never - (1.0 - 0.05_f64.powf(0.01))).abs() < 1e-14 && (never - 0.0295).abs() < 1e-4);
        // One of two: (1-p)^2 + 2p(1-p) = 1 - p^2 = 0.05.
        let once = HaplotypeCount::new(1, 2).unwrap().upper_limit(0.95).unwrap();
        assert!((once - 0.95_f64.sqrt()).abs() < 1e-14);
        assert_eq!(HaplotypeCount::new(2, 2).unwrap().upper_limit(0.95), Ok(1.0));
        // Nine people, six with a haplotype of their own; with the new one 7 of 10.
        let kappa = BrennerKappa::of_unseen(6, 9).unwrap();
        assert!((kappa.kappa - 0.7).abs() < 1e-15 && (kappa.match_probability - 0.03).abs() < 1e-15);
    }

    #[test]
    fn the_limit_leaves_what_it_says() {
        // At the limit, the probability of so few or fewer is 1 - confidence.
        for (seen, of) in [(1_u64, 50_u64), (5, 185), (20, 60)] {
            let p = HaplotypeCount::new(seen, of).unwrap().upper_limit(0.95).unwrap();
            let mut term = (1.0 - p).powi(of as i32);
            let mut so_few = term;
            for i in 0..seen {
                term *= (of - i) as f64 / (i + 1) as f64 * p / (1.0 - p);
                so_few += term;
            }
            assert!((so_few - 0.05).abs() < 1e-12, "{seen} {of} {so_few}");
        }
    }

    #[test]
    fn counts_that_cannot_be_are_refused() {
        for (seen, of) in [(0, 0), (3, 2), (0, u64::MAX)] {
            assert_eq!(HaplotypeCount::new(seen, of), Err(DnaError::BadCount));
        }
        for confidence in [0.0, 1.0, f64::NAN] {
            assert!(HaplotypeCount::new(1, 9).unwrap().upper_limit(confidence).is_err());
        }
    }
}
