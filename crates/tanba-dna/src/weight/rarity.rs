//! How rare a profile is: random match probability from allele frequencies, in closed form.
//!
//! Formulas of the National Research Council, *The Evaluation of Forensic DNA Evidence* (1996): Hardy-Weinberg proportions,
//! recommendation 4.1 (equation 4.4a), and equations 4.10 for a suspect of the same subpopulation. Loci multiply. A drop-out mark is
//! the sum over all second alleles (without theta `2p - p²`, what Buckleton and Triggs 2006, *Forensic Science International* 159,
//! 206, hold the rule of thumb `2p` against).

use serde::{Deserialize, Serialize};

use crate::profile::Typing;
use crate::{DnaError, FrequencyTable, Genotype, Locus, MinimumFrequency, Profile, Theta};

/// Which closed form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// p² and 2pq.
    HardyWeinberg,
    /// NRC 1996 recommendation 4.1: p² + p(1-p)θ and 2pq.
    Nrc41,
    /// NRC 1996 equations 4.10a and 4.10b: given that somebody of the same subpopulation already shows the genotype.
    Nrc410,
}

/// The probability of one genotype.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LocusProbability {
    /// Where.
    pub locus: Locus,
    /// Probability that a random person shows this genotype.
    pub probability: f64,
}

/// The probability that a random person of the population shows the profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchProbability {
    /// Base-10 logarithm of the product over the loci.
    pub log10: f64,
    /// The factors.
    pub loci: Vec<LocusProbability>,
    /// Typed loci left out: three or more alleles have no closed form here; off-ladder marks have no frequency.
    pub left_out: Vec<Locus>,
    /// Which formula.
    pub formula: Formula,
    /// Which theta.
    pub theta: Theta,
    /// Which rule for rare alleles.
    pub minimum: MinimumFrequency,
    /// Which frequencies, by name.
    pub population: String,
}

/// The random match probability of a profile: what a same-profile hit weighs (its reciprocal is the likelihood ratio
/// against an unrelated person).
///
/// # Errors
/// [`DnaError::NoFrequenciesAt`] and [`DnaError::NoFrequency`] where the table is silent: a locus is never skipped quietly.
pub fn match_probability(
    profile: &Profile,
    table: &FrequencyTable,
    formula: Formula,
    theta: Theta,
    minimum: MinimumFrequency,
) -> Result<MatchProbability, DnaError> {
    let (mut loci, mut left_out) = (Vec::new(), Vec::new());
    for (locus, genotype) in profile.genotypes() {
        let Some(shown) = LocusShown::of(genotype, locus, table, minimum)? else {
            left_out.push(locus);
            continue;
        };
        loci.push(LocusProbability { locus, probability: shown.probability(formula, theta) });
    }
    if loci.is_empty() {
        return Err(DnaError::EmptyProfile);
    }
    let log10 = loci.iter().map(|locus| locus.probability.log10()).sum();
    Ok(MatchProbability { log10, loci, left_out, formula, theta, minimum, population: table.population().to_owned() })
}

/// The probability of one genotype: homozygote of frequency `p`, or heterozygote of frequencies `p` and `q`.
pub fn genotype_probability(p: f64, q: Option<f64>, formula: Formula, theta: Theta) -> f64 {
    let t = f64::from(theta);
    let shared = (1.0 + t) * (1.0 + 2.0 * t);
    match (formula, q) {
        (Formula::HardyWeinberg, None) => p * p,
        (Formula::HardyWeinberg | Formula::Nrc41, Some(q)) => 2.0 * p * q,
        (Formula::Nrc41, None) => p * p + p * (1.0 - p) * t,
        (Formula::Nrc410, None) => (2.0 * t + (1.0 - t) * p) * (3.0 * t + (1.0 - t) * p) / shared,
        (Formula::Nrc410, Some(q)) => 2.0 * (t + (1.0 - t) * p) * (t + (1.0 - t) * q) / shared,
    }
}

/// The probability that a person shows an allele of frequency `p`, whatever the other one: of `16,F`.
///
/// By equations 4.10 given that somebody of the same subpopulation shows it, whose second allele is not known either.
pub fn marked_probability(p: f64, formula: Formula, theta: Theta) -> f64 {
    marked(p, formula, theta.into())[0]
}

/// The same, and its derivative by `p`.
fn marked(p: f64, formula: Formula, t: f64) -> [f64; 2] {
    match formula {
        Formula::HardyWeinberg => [p * (2.0 - p), 2.0 * (1.0 - p)],
        // The heterozygotes of the recommendation are not made rarer, so that with a large theta all genotypes together exceed 1.
        Formula::Nrc41 if p * (2.0 - p) + p * (1.0 - p) * t > 1.0 => [1.0, 0.0],
        Formula::Nrc41 => [p * (2.0 - p) + p * (1.0 - p) * t, 2.0 * (1.0 - p) + t * (1.0 - 2.0 * p)],
        Formula::Nrc410 => {
            // The one seen is a homozygote with this probability; after `held` copies among two alleles the next two show the
            // allele with `first + (1 - first) second`.
            let again = t + (1.0 - t) * p;
            let (both, by_both) = (again / (2.0 - again), (1.0 - t) * 2.0 / ((2.0 - again) * (2.0 - again)));
            let shows = |held: f64| {
                let draw = (held * t + (1.0 - t) * p, 1.0 - t);
                let (first, by_first) = (draw.0 / (1.0 + t), draw.1 / (1.0 + t));
                let (second, by_second) = (draw.0 / (1.0 + 2.0 * t), draw.1 / (1.0 + 2.0 * t));
                [first + (1.0 - first) * second, by_first * (1.0 - second) + (1.0 - first) * by_second]
            };
            let ([two, by_two], [one, by_one]) = (shows(2.0), shows(1.0));
            [both * two + (1.0 - both) * one, by_both * (two - one) + both * by_two + (1.0 - both) * by_one]
        }
    }
}

/// The frequencies of what a locus shows.
#[derive(Debug, Clone, Copy)]
pub(super) enum LocusShown {
    /// A homozygote.
    One(f64),
    /// A heterozygote.
    Two(f64, f64),
    /// An allele beside a drop-out mark.
    Marked(f64),
}

impl LocusShown {
    /// `None` where a genotype has no closed form.
    pub(super) fn of(
        genotype: &Genotype,
        locus: Locus,
        table: &FrequencyTable,
        minimum: MinimumFrequency,
    ) -> Result<Option<Self>, DnaError> {
        let frequency = |allele| table.frequency(locus, allele, minimum);
        Ok(match genotype.typing() {
            None => None,
            Some(Typing::One(a)) => Some(Self::Marked(frequency(a)?)),
            Some(Typing::Pair([a, b])) if a == b => Some(Self::One(frequency(a)?)),
            Some(Typing::Pair([a, b])) => Some(Self::Two(frequency(a)?, frequency(b)?)),
        })
    }

    fn probability(self, formula: Formula, theta: Theta) -> f64 {
        match self {
            Self::One(p) => genotype_probability(p, None, formula, theta),
            Self::Two(p, q) => genotype_probability(p, Some(q), formula, theta),
            Self::Marked(p) => marked_probability(p, formula, theta),
        }
    }

    /// The frequencies, 0 where there is one only.
    pub(super) fn frequencies(self) -> [f64; 2] {
        match self {
            Self::One(p) | Self::Marked(p) => [p, 0.0],
            Self::Two(p, q) => [p, q],
        }
    }

    /// How the natural logarithm of the probability changes with the frequencies.
    pub(super) fn slopes(self, formula: Formula, theta: Theta) -> [f64; 2] {
        let t: f64 = theta.into();
        let of = |add: f64, p: f64| (1.0 - t) / (add * t + (1.0 - t) * p);
        match (formula, self) {
            (_, Self::Marked(p)) => {
                let [probability, slope] = marked(p, formula, t);
                [slope / probability, 0.0]
            }
            (Formula::HardyWeinberg, Self::One(p)) => [2.0 / p, 0.0],
            (Formula::HardyWeinberg | Formula::Nrc41, Self::Two(p, q)) => [1.0 / p, 1.0 / q],
            (Formula::Nrc41, Self::One(p)) => [(2.0 * p + t * (1.0 - 2.0 * p)) / (p * p + p * (1.0 - p) * t), 0.0],
            (Formula::Nrc410, Self::One(p)) => [of(2.0, p) + of(3.0, p), 0.0],
            (Formula::Nrc410, Self::Two(p, q)) => [of(1.0, p), of(1.0, q)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Panel;

    const TABLE: &str = "marker,allele,freq,n_chrom\nTH01,6,0.2,200\nTH01,9.3,0.3,200\nvWA,17,0.05,100\n";

    fn probability(
        csv: &str,
        formula: Formula,
        theta: f64,
        minimum: MinimumFrequency,
    ) -> Result<MatchProbability, DnaError> {
        let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
        let profile = Profile::from_csv(csv, &Panel::CODIS_20).unwrap();
        match_probability(&profile, &table, formula, Theta::new(theta).unwrap(), minimum)
    }

    #[test]
    fn the_closed_forms_by_hand() {
        let of =
            |csv, formula, theta| 10f64.powf(probability(csv, formula, theta, MinimumFrequency::None).unwrap().log10);
        for (got, by_hand) in [
            (of("TH01,6,9.3", Formula::HardyWeinberg, 0.0), 0.12),
            (of("vWA,17,17", Formula::HardyWeinberg, 0.0), 0.0025),
            (of("vWA,17,17", Formula::Nrc41, 0.01), 0.0025 + 0.05 * 0.95 * 0.01),
            (of("TH01,6,9.3\nvWA,17", Formula::Nrc41, 0.0), 0.12 * 0.0025),
            (of("vWA,17,17", Formula::Nrc410, 0.0), 0.0025),
            (of("TH01,6,9.3", Formula::Nrc410, 0.03), 2.0 * (0.03 + 0.97 * 0.2) * (0.03 + 0.97 * 0.3) / (1.03 * 1.06)),
        ] {
            assert!((got / by_hand - 1.0).abs() < 1e-12, "{got} {by_hand}");
        }
    }

    #[test]
    fn an_unseen_allele_is_an_error_or_the_minimum_and_never_skipped() {
        let none = MinimumFrequency::None;
        assert_eq!(
            probability("TH01,6,7", Formula::Nrc41, 0.01, none),
            Err(DnaError::NoFrequency { locus: Locus::Th01 })
        );
        assert_eq!(
            probability("FGA,20,21", Formula::Nrc41, 0.01, MinimumFrequency::FiveOverTwoN),
            Err(DnaError::NoFrequenciesAt { locus: Locus::Fga })
        );
        let floor = probability("TH01,6,7", Formula::HardyWeinberg, 0.0, MinimumFrequency::FiveOverTwoN).unwrap();
        assert!((floor.log10 - (2.0f64 * 0.2 * 0.025).log10()).abs() < 1e-12);
        let three = probability("TH01,6,7,8\nvWA,17", Formula::HardyWeinberg, 0.0, none).unwrap();
        assert_eq!(three.left_out, [Locus::Th01]);
    }

    /// What a marked allele stands for, genotype by genotype: two people of a population in which the allele has frequency `p`,
    /// another 0.3 and a third the rest, drawn one after the other.
    fn summed(p: f64, t: f64) -> f64 {
        let frequencies = [p, 0.3, 0.7 - p];
        let (mut first, mut both) = (0.0, 0.0);
        for code in 0..81_usize {
            let drawn = [code / 27, code / 9 % 3, code / 3 % 3, code % 3];
            let mut probability = 1.0;
            for (n, kind) in drawn.into_iter().enumerate() {
                let held = drawn[..n].iter().filter(|other| **other == kind).count() as f64;
                probability *= if n == 0 {
                    frequencies[kind]
                } else {
                    (held * t + (1.0 - t) * frequencies[kind]) / (1.0 + (n as f64 - 1.0) * t)
                };
            }
            let shows = |two: &[usize]| two.contains(&0);
            first += if shows(&drawn[..2]) { probability } else { 0.0 };
            both += if shows(&drawn[..2]) && shows(&drawn[2..]) { probability } else { 0.0 };
        }
        both / first
    }

    #[test]
    fn a_marked_allele_is_the_sum_over_its_partners() {
        for t in [0.0, 0.02, 0.3] {
            let theta = Theta::new(t).unwrap();
            for p in [0.001, 0.2, 0.6] {
                let (q, r) = (0.3, 0.7 - p);
                for formula in [Formula::HardyWeinberg, Formula::Nrc41] {
                    let sum: f64 =
                        [None, Some(q), Some(r)].into_iter().map(|q| genotype_probability(p, q, formula, theta)).sum();
                    assert!((marked_probability(p, formula, theta) - sum).abs() < 1e-14);
                }
                let (got, by_hand) = (marked_probability(p, Formula::Nrc410, theta), summed(p, t));
                assert!((got / by_hand - 1.0).abs() < 1e-12, "{p} {t}: {got} {by_hand}");
            }
        }
        // With theta large enough recommendation 4.1 would give more than certainty.
        assert_eq!(marked_probability(0.9, Formula::Nrc41, Theta::new(0.9).unwrap()), 1.0);
        let marked = probability("TH01,6,F\nvWA,17", Formula::HardyWeinberg, 0.0, MinimumFrequency::None).unwrap();
        assert!((marked.log10 - (0.36_f64 * 0.0025).log10()).abs() < 1e-12 && marked.left_out.is_empty());
    }

    #[test]
    fn slopes_are_those_of_the_formulas() {
        let step = 1e-6;
        for formula in [Formula::HardyWeinberg, Formula::Nrc41, Formula::Nrc410] {
            for shown in [LocusShown::One, |p| LocusShown::Two(p, 0.3), LocusShown::Marked] {
                let theta = Theta::new(0.03).unwrap();
                let ln = |p: f64| shown(p).probability(formula, theta).ln();
                let by_p = (ln(0.2 + step) - ln(0.2 - step)) / (2.0 * step);
                assert!((shown(0.2).slopes(formula, theta)[0] - by_p).abs() < 1e-6, "{formula:?}");
            }
            // The two alleles of a heterozygote are alike.
            let theta = Theta::new(0.03).unwrap();
            let [p, q] = LocusShown::Two(0.2, 0.3).slopes(formula, theta);
            assert_eq!(LocusShown::Two(0.3, 0.2).slopes(formula, theta), [q, p]);
        }
    }
}
