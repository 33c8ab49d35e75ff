//! A match probability over several populations, and how sure it is that a sample of people stands for one.

use serde::Serialize;

use super::rarity::LocusShown;
use crate::{DnaError, Formula, FrequencyTable, MatchProbability, MinimumFrequency, Profile, Theta, match_probability};

/// The match probability in several populations: the range is what a report shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PopulationRange {
    /// One for each table, in their order.
    pub each: Vec<MatchProbability>,
    /// The smallest of the logarithms.
    pub least_log10: f64,
    /// The largest: the population in which the profile is least rare.
    pub most_log10: f64,
}

/// Limits of a match probability that come from the finite sample behind the frequencies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ProbabilityInterval {
    /// The estimate, log10.
    pub log10: f64,
    /// Lower limit, log10.
    pub low_log10: f64,
    /// Upper limit, log10.
    pub high_log10: f64,
    /// The two-sided confidence, such as 0.95.
    pub confidence: f64,
}

impl PopulationRange {
    /// The match probability in each population.
    ///
    /// # Errors
    /// As [`match_probability`]; [`DnaError::BadFrequencies`] where no table is given.
    pub fn of(
        profile: &Profile,
        tables: &[FrequencyTable],
        formula: Formula,
        theta: Theta,
        minimum: MinimumFrequency,
    ) -> Result<Self, DnaError> {
        let each = tables.iter().map(|table| match_probability(profile, table, formula, theta, minimum));
        let each = each.collect::<Result<Vec<_>, _>>()?;
        if each.is_empty() {
            return Err(DnaError::BadFrequencies { reason: "there is no population" });
        }
        let logs = || each.iter().map(|of| of.log10);
        let (least_log10, most_log10) =
            (logs().fold(f64::INFINITY, f64::min), logs().fold(f64::NEG_INFINITY, f64::max));
        Ok(Self { each, least_log10, most_log10 })
    }
}

impl ProbabilityInterval {
    /// The interval by propagation of the sampling error of the frequencies through the logarithm.
    ///
    /// Source: Chakraborty, Srinivasan and Daiger (1993), *American Journal of Human Genetics* 52, 60; National Research Council
    /// (1996), chapter 5. Alleles are counted in a multinomial sample of 2N: the variance of p is p(1-p)/2N, the covariance of p
    /// and q is -pq/2N; loci are independent. Where a minimum frequency stands in, its own variance is taken.
    ///
    /// # Errors
    /// As [`match_probability`]; [`DnaError::NoSampleSize`]; [`DnaError::BadProbability`] for a confidence outside 0 to 1.
    pub fn of(
        profile: &Profile,
        table: &FrequencyTable,
        formula: Formula,
        theta: Theta,
        minimum: MinimumFrequency,
        confidence: f64,
    ) -> Result<Self, DnaError> {
        if !(confidence > 0.0 && confidence < 1.0) {
            return Err(DnaError::BadProbability { what: "a confidence" });
        }
        let log10 = match_probability(profile, table, formula, theta, minimum)?.log10;
        let mut variance = 0.0;
        for (locus, genotype) in profile.genotypes() {
            let Some(shown) = LocusShown::of(genotype, locus, table, minimum)? else { continue };
            let chromosomes = f64::from(table.chromosomes(locus).ok_or(DnaError::NoSampleSize { locus })?);
            let ([p, q], [slope, other]) = (shown.frequencies(), shown.slopes(formula, theta));
            variance += (slope * slope * p * (1.0 - p) + other * other * q * (1.0 - q) - 2.0 * slope * other * p * q)
                / chromosomes;
        }
        let width = normal_quantile((1.0 + confidence) / 2.0) * variance.sqrt() / std::f64::consts::LN_10;
        Ok(Self { log10, low_log10: log10 - width, high_log10: log10 + width, confidence })
    }
}

/// The quantile of the normal distribution, by bisection of its distribution function.
fn normal_quantile(probability: f64) -> f64 {
    let (mut low, mut high) = (-40.0_f64, 40.0_f64);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if libm::erfc(-middle * std::f64::consts::FRAC_1_SQRT_2) / 2.0 < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Panel;

    const TABLE: &str = "TH01,6,0.2,200\nTH01,9.3,0.3,200\nvWA,17,0.05,100\n";

    #[test]
    fn the_interval_by_hand() {
        // 2pq at TH01: variance (1/p + 1/q - 4)/2N; p² at vWA: 4(1-p)/(p 2N).
        let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
        let profile = Profile::from_csv("TH01,6,9.3\nvWA,17", &Panel::CODIS_20).unwrap();
        let theta = Theta::new(0.0).unwrap();
        let interval =
            ProbabilityInterval::of(&profile, &table, Formula::HardyWeinberg, theta, MinimumFrequency::None, 0.95)
                .unwrap();
        let variance: f64 = (5.0 + 1.0 / 0.3 - 4.0) / 200.0 + 4.0 * 0.95 / 0.05 / 100.0;
        let width = 1.959_963_984_540_054 * variance.sqrt() / std::f64::consts::LN_10;
        assert!((interval.high_log10 - interval.log10 - width).abs() < 1e-12);
        assert!((interval.log10 - (0.12_f64 * 0.0025).log10()).abs() < 1e-12);
    }

    #[test]
    fn the_range_over_populations() {
        let tables = ["TH01,6,0.2,200\n", "TH01,6,0.1,200\n"].map(|text| FrequencyTable::from_csv("x", text).unwrap());
        let profile = Profile::from_csv("TH01,6", &Panel::CODIS_20).unwrap();
        let of = |tables| {
            let theta = Theta::new(0.0).unwrap();
            PopulationRange::of(&profile, tables, Formula::HardyWeinberg, theta, MinimumFrequency::None)
        };
        let range = of(&tables).unwrap();
        assert!((range.least_log10 + 2.0).abs() < 1e-12 && (range.most_log10 - 0.04_f64.log10()).abs() < 1e-12);
        assert!(of(&[]).is_err());
    }
}
