//! Sums over comparisons that are kept apart by pair of fingers, so that they can be weighed for any draw of fingers.

use super::bootstrap::percentiles;
use super::{Draw, Trials, clopper_pearson};

/// Something summed over the genuine and over the impostor comparisons.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tally {
    /// Sums of the pairs of fingers that have any, in the order of the trials' counts.
    pairs: Vec<((u32, u32), f64)>,
}

/// A rate with its 95 % interval, fractions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// The rate.
    pub value: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

/// What accepting all scores from a threshold on does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Realised {
    /// The least score that is accepted.
    pub threshold: f32,
    /// Impostor comparisons that are accepted.
    pub false_matches: usize,
    /// Genuine comparisons that are not.
    pub false_non_matches: usize,
    /// False match rate.
    pub fmr: Rate,
    /// False non-match rate.
    pub fnmr: Rate,
}

impl Tally {
    /// Sums `value` over all comparisons.
    pub(super) fn of(trials: &Trials, value: impl Fn(f32) -> f64) -> Self {
        let mut pairs: Vec<((u32, u32), f64)> = trials.counts.iter().map(|(pair, _)| (*pair, 0.0)).collect();
        // The counts are sorted by fingers, and so are those of pooled sets one after the other.
        for trial in &trials.trials {
            let value = value(trial.score);
            if value != 0.0
                && let Ok(at) = pairs.binary_search_by_key(&trial.fingers, |p| p.0)
            {
                pairs[at].1 += value;
            }
        }
        pairs.retain(|p| p.1 != 0.0);
        Self { pairs }
    }

    /// The means over genuine and over impostor comparisons for the fingers of a draw; 0 where there are none.
    pub(super) fn means(&self, draw: &Draw) -> (f64, f64) {
        let (genuine, impostor) = self.pairs.iter().fold((0.0, 0.0), |(genuine, impostor), ((f, g), sum)| {
            let w = draw.weight(*f, *g) * sum;
            if f == g { (genuine + w, impostor) } else { (genuine, impostor + w) }
        });
        let mean = |sum: f64, n: f64| if n > 0.0 { sum / n } else { 0.0 };
        let (all_genuine, all_impostor) = draw.totals();
        (mean(genuine, all_genuine), mean(impostor, all_impostor))
    }
}

impl Trials {
    /// What accepting all scores of at least each of these thresholds does, a score of 0 never being accepted.
    ///
    /// The intervals are those of the finger bootstrap, widened to Clopper-Pearson limits: a bootstrap of a set without errors knows
    /// no errors either. For those the rate is put on as many independent trials as there are: different pairs of fingers for
    /// impostors, genuine comparisons that have no impression in common.
    pub fn realised(&self, thresholds: &[f32], replicates: usize, seed: u64) -> Vec<Realised> {
        let accepted = |score: f32, threshold: f32| score > 0.0 && score >= threshold;
        let tallies: Vec<Tally> = thresholds
            .iter()
            .map(|&threshold| Tally::of(self, |score| f64::from(u8::from(accepted(score, threshold)))))
            .collect();
        let rates = |draw: &Draw| -> Vec<(f64, f64)> {
            tallies.iter().map(|tally| tally.means(draw)).map(|(genuine, impostor)| (impostor, 1.0 - genuine)).collect()
        };
        let now = rates(&self.everyone());
        let drawn: Vec<Vec<(f64, f64)>> = (0..replicates).map(|r| rates(&self.draw(seed, r))).collect();
        let (genuine, impostors) = self.independent();
        let realised = thresholds.iter().enumerate().map(|(k, &threshold)| {
            let reached = self.trials.iter().take_while(|t| accepted(t.score, threshold));
            let (true_matches, false_matches) =
                reached.fold((0, 0), |(g, i), t| if t.genuine() { (g + 1, i) } else { (g, i + 1) });
            let fmr = percentiles(drawn.iter().map(|d| d[k].0).collect());
            let fnmr = percentiles(drawn.iter().map(|d| d[k].1).collect());
            Realised {
                threshold,
                false_matches,
                false_non_matches: self.genuine() - true_matches,
                fmr: Rate::of(now[k].0, fmr, impostors),
                fnmr: Rate::of(now[k].1, fnmr, genuine),
            }
        });
        realised.collect()
    }

    /// Genuine comparisons without a common impression, and different pairs of fingers.
    pub(super) fn independent(&self) -> (f64, f64) {
        let genuine = self.enrolments.iter().map(|(all, _)| (all / 2) as f64).sum();
        (genuine, self.counts.iter().filter(|((f, g), _)| f != g).count() as f64)
    }
}

impl Rate {
    /// The hull of a bootstrap interval and the Clopper-Pearson one on so many independent trials.
    fn of(value: f64, (low, high): (f64, f64), trials: f64) -> Self {
        let (least, most) = clopper_pearson(value * trials, trials);
        Self { value, low: low.min(least).min(value), high: high.max(most).max(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::tests::noisy;
    use super::*;

    #[test]
    fn rates_at_a_threshold_are_counted_and_never_certain() {
        let t = noisy(20, 1.0);
        // 60 genuine of 1 to 2, 1,710 impostors of 0 to 1.5.
        let [strict, loose] = t.realised(&[1.5, 0.0], 300, 1)[..] else { panic!("two answers") };
        assert_eq!((strict.false_matches, strict.fmr.value, strict.fmr.low), (0, 0.0, 0.0));
        // 190 pairs of fingers, none of which was confused: 1 - 0.025^(1/190).
        assert!((strict.fmr.high - 0.019_227).abs() < 1e-5, "{strict:?}");
        let n = t.scores(true).iter().filter(|s| **s < 1.5).count();
        assert_eq!(strict.false_non_matches, n);
        assert!((strict.fnmr.value - n as f64 / 60.0).abs() < 1e-12);
        assert!(strict.fnmr.low < strict.fnmr.value && strict.fnmr.value < strict.fnmr.high);
        assert_eq!((loose.false_matches, loose.false_non_matches), (1710, 0));
        assert!(loose.fnmr.high > 0.0 && loose.fmr.low < 1.0);
    }

    #[test]
    fn a_failure_is_rejected_by_every_threshold() {
        use super::super::{Impostors, ImpressionSet, ScoreMatrix};
        let set = ImpressionSet::from_names(&["a_1", "a_2"]).unwrap();
        let t = Trials::of(&set, &ScoreMatrix::zero(2), &[true, false], Impostors::All);
        let realised = t.realised(&[0.0], 10, 1)[0];
        assert_eq!((realised.false_non_matches, realised.fnmr.value), (1, 1.0));
        assert_eq!((realised.fmr.value, realised.fmr.high), (0.0, 1.0));
    }
}
