//! Is the likelihood ratio that a score is turned into true? Its cost, the least cost that any conversion could have, and claimed
//! against empirical values.
//!
//! Cllr (Brümmer and du Preez, Computer Speech and Language 20, 2006) is what the ratio costs whoever acts on it, in bits: 0 for
//! an oracle, 1 for "I don't know" always, more for ratios that mislead. The least cost comes from the best monotone conversion of
//! the scores, which isotonic regression finds (pool adjacent violators, Ayer et al. 1955); the rest is loss by calibration.

use core::f64::consts::LN_2;

use super::bootstrap::percentiles;
use super::isotonic::{Isotonic, softplus};
use super::tally::Tally;
use super::{Draw, Rate, Trials};

/// Width of a bin of claimed log10 likelihood ratios.
const BIN: f64 = 0.5;

/// What a conversion of scores into likelihood ratios costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Cllr with its interval from drawn fingers, bits.
    pub cllr: Rate,
    /// Cllr of the best monotone conversion of these very scores, bits.
    pub cllr_min: f64,
}

/// Comparisons whose claimed likelihood ratios are close to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationBin {
    /// Least and greatest claimed log10 likelihood ratio in the bin.
    pub claimed: (f64, f64),
    /// Genuine comparisons in the bin.
    pub genuine: usize,
    /// Impostor comparisons in the bin.
    pub impostors: usize,
    /// Empirical log10 likelihood ratio: share of the genuine over share of the impostors that fall here. `None` where one of
    /// them has none.
    pub log10_lr: Option<f64>,
    /// Lower limit of its 95 % interval; `None` where there is none.
    pub low: Option<f64>,
    /// Upper limit; `None` where there is none.
    pub high: Option<f64>,
}

impl Trials {
    /// The cost of a conversion of scores to log10 likelihood ratios; `None` unless there are comparisons of both kinds.
    pub fn cost(&self, log10_lr: impl Fn(f32) -> f64, replicates: usize, seed: u64) -> Option<Cost> {
        if self.genuine() == 0 || self.impostors() == 0 {
            return None;
        }
        let ln_lr = |score| core::f64::consts::LN_10 * log10_lr(score);
        let of_genuine = Tally::of(self, |score| softplus(-ln_lr(score)));
        let of_impostors = Tally::of(self, |score| softplus(ln_lr(score)));
        let cllr = |draw: &Draw| (of_genuine.means(draw).0 + of_impostors.means(draw).1) / (2.0 * LN_2);
        let value = cllr(&self.everyone());
        let (low, high) = percentiles((0..replicates).map(|r| cllr(&self.draw(seed, r))).collect());
        Some(Cost { cllr: Rate { value, low: low.min(value), high: high.max(value) }, cllr_min: self.least_cost() })
    }

    /// Cllr after isotonic regression.
    fn least_cost(&self) -> f64 {
        Isotonic::fitted(self.trials.iter().map(|t| (t.score, t.genuine(), 1.0))).least_cost()
    }

    /// Claimed against empirical likelihood ratios, in bins half a unit wide, lowest first. Intervals are those of the finger
    /// bootstrap; where one kind is absent the other side of its limit is open, and the limit follows the rule of 3 on independent
    /// comparisons.
    pub fn calibration(&self, log10_lr: impl Fn(f32) -> f64, replicates: usize, seed: u64) -> Vec<CalibrationBin> {
        let everyone = self.everyone();
        let (independent_genuine, independent_impostors) = self.independent();
        let number = |score: f32| (log10_lr(score) / BIN).floor() as i32;
        let mut numbers: Vec<i32> = self.trials.iter().map(|t| number(t.score)).collect();
        numbers.dedup();
        numbers.sort_unstable();
        numbers.dedup();
        let tallies: Vec<Tally> =
            numbers.iter().map(|bin| Tally::of(self, |score| f64::from(u8::from(number(score) == *bin)))).collect();
        let mut drawn: Vec<Vec<f64>> = vec![Vec::new(); numbers.len()];
        for r in 0..replicates {
            let draw = self.draw(seed, r);
            for (tally, of_bin) in tallies.iter().zip(&mut drawn) {
                let (g, i) = tally.means(&draw);
                // A draw without any of this bin says nothing of its ratio.
                of_bin.extend(Some((g / i).log10()).filter(|lr| !lr.is_nan()));
            }
        }
        let bins = numbers.iter().zip(&tallies).zip(drawn).map(|((bin, tally), drawn)| {
            let within = || self.trials.iter().filter(|t| number(t.score) == *bin);
            let genuine = within().filter(|t| t.genuine()).count();
            let impostors = within().count() - genuine;
            let claimed = within()
                .map(|t| log10_lr(t.score))
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), c| (l.min(c), h.max(c)));
            let (g, i) = tally.means(&everyone);
            let limits = match (genuine, impostors) {
                (_, 0) => (Some((g * independent_impostors / RULE_OF_3).log10()), None),
                (0, _) => (None, Some((RULE_OF_3 / independent_genuine / i).log10())),
                _ => {
                    let (low, high) = percentiles(drawn);
                    (Some(low), Some(high))
                }
            };
            let finite = |v: Option<f64>| v.filter(|v| v.is_finite());
            CalibrationBin {
                claimed,
                genuine,
                impostors,
                log10_lr: finite(Some((g / i).log10())),
                low: finite(limits.0),
                high: finite(limits.1),
            }
        });
        bins.collect()
    }
}

/// Errors that none seen in a series still allows, with 95 % confidence.
const RULE_OF_3: f64 = 3.0;

#[cfg(test)]
mod tests {
    use super::super::bootstrap::tests::noisy;
    use super::super::{Impostors, ImpressionSet, ScoreMatrix};
    use super::*;

    #[test]
    fn knowing_nothing_costs_one_bit_and_misleading_more() {
        let t = noisy(10, 0.5);
        let nothing = t.cost(|_| 0.0, 50, 1).unwrap();
        for bits in [nothing.cllr.value, nothing.cllr.low, nothing.cllr.high] {
            assert!((bits - 1.0).abs() < 1e-12, "{bits}");
        }
        let backwards = t.cost(|s| 2.0 - 2.0 * f64::from(s), 50, 1).unwrap();
        assert!(backwards.cllr.value > 1.0, "{backwards:?}");
        assert!(backwards.cllr.low <= backwards.cllr.value && backwards.cllr.value <= backwards.cllr.high);
        // The least cost is that of the scores, whatever is claimed.
        assert_eq!(nothing.cllr_min, backwards.cllr_min);
    }

    /// Genuine 0.9 and 0.4, impostors 0.5, 0.3, 0.2, 0.1.
    fn small() -> Trials {
        let set = ImpressionSet::from_names(&["a_1", "a_2", "b_1", "b_2"]).unwrap();
        let mut m = ScoreMatrix::zero(4);
        for ((i, j), s) in [((0, 1), 0.9), ((0, 2), 0.1), ((0, 3), 0.5), ((1, 2), 0.2), ((1, 3), 0.3), ((2, 3), 0.4)] {
            m.set(i, j, s);
        }
        Trials::of(&set, &m, &[false; 4], Impostors::All)
    }

    #[test]
    fn the_least_cost_is_that_of_the_isotonic_fit() {
        // Blocks: {0.9: genuine}, {0.5, 0.4: one each}, {0.3, 0.2, 0.1: impostors}. Only the middle one costs: LR = (1/2)/(1/4) = 2.
        let expected = (0.5 * 1.5_f64.ln() + 0.25 * 3.0_f64.ln()) / (2.0 * LN_2);
        let cost = small().cost(f64::from, 10, 1).unwrap();
        assert!((cost.cllr_min - expected).abs() < 1e-12, "{cost:?} {expected}");
        assert_eq!(noisy(10, 0.0).cost(f64::from, 1, 1).map(|c| c.cllr_min > 0.0), Some(true));
    }

    #[test]
    fn no_conversion_is_cheaper_than_the_least_cost() {
        let t = noisy(20, 1.0);
        for (at, slope) in [(1.0, 1.0), (1.2, 2.0), (1.2, 5.0), (1.4, 8.0), (0.5, 0.1)] {
            let cost = t.cost(|s| slope * (f64::from(s) - at), 1, 1).unwrap();
            assert!(cost.cllr_min <= cost.cllr.value, "{at} {slope}: {cost:?}");
        }
    }

    #[test]
    fn true_ratios_lie_on_the_diagonal() {
        // Genuine scores of density 2s, impostors of density 2(1 - s): the ratio is s/(1 - s).
        let names: Vec<String> = (0..300).map(|i| format!("{:03}_{}", i / 6, i % 6)).collect();
        let set = ImpressionSet::from_names(&names).unwrap();
        let mut m = ScoreMatrix::zero(300);
        let mut numbers = super::super::bootstrap::Numbers::new(5, 0);
        for i in 0..300 {
            for j in i + 1..300 {
                let root = numbers.unit().sqrt() as f32;
                m.set(i, j, if i / 6 == j / 6 { root } else { 1.0 - root });
            }
        }
        let t = Trials::of(&set, &m, &[false; 300], Impostors::All);
        let lr = |s: f32| (f64::from(s) / (1.0 - f64::from(s)).max(1e-9)).max(1e-9).log10();
        let cost = t.cost(lr, 100, 1).unwrap();
        assert!(cost.cllr.value - cost.cllr_min < 0.02, "{cost:?}");
        let bins = t.calibration(lr, 200, 1);
        let seen: Vec<&CalibrationBin> = bins.iter().filter(|b| b.genuine >= 20 && b.impostors >= 20).collect();
        assert!(seen.len() >= 4);
        for bin in seen {
            let empirical = bin.log10_lr.unwrap();
            // Half a bin, and the noise of at least twenty.
            assert!((empirical - f64::midpoint(bin.claimed.0, bin.claimed.1)).abs() < 0.35, "{bin:?}");
            assert!(bin.low.unwrap() <= empirical && empirical <= bin.high.unwrap());
        }
        assert_eq!(bins.iter().map(|b| b.genuine).sum::<usize>(), t.genuine());
        assert_eq!(bins.iter().map(|b| b.impostors).sum::<usize>(), t.impostors());
        assert!(bins.windows(2).all(|w| w[0].claimed.1 < w[1].claimed.0));
    }

    #[test]
    fn a_bin_of_one_kind_has_one_limit() {
        let bins = small().calibration(
            |s| {
                if s > 0.8 {
                    2.0
                } else if s > 0.35 {
                    0.0
                } else {
                    -2.0
                }
            },
            50,
            1,
        );
        assert_eq!(bins.len(), 3);
        assert!(bins[0].log10_lr.is_none() && bins[0].low.is_none() && bins[0].high.is_some());
        assert!(bins[2].log10_lr.is_none() && bins[2].low.is_some() && bins[2].high.is_none());
        assert!((bins[1].log10_lr.unwrap() - 2.0_f64.log10()).abs() < 1e-12);
    }
}
