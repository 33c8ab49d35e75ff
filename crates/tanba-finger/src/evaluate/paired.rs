//! Two matchers on the same prints: difference and ratio of their error rates, with intervals from the same draws of fingers.

use super::bootstrap::percentiles;
use super::{Figures, Interval, mean_figures, mean_replicates};

/// Figures with the repetitions that their intervals come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The figures.
    pub figures: Figures,
    /// Their repetitions on drawn fingers.
    pub replicates: Vec<Figures>,
}

impl Measured {
    /// The mean of several sets, drawn independently.
    pub fn mean(sets: &[&Self]) -> Self {
        let figures: Vec<Figures> = sets.iter().map(|s| s.figures).collect();
        let replicates: Vec<Vec<Figures>> = sets.iter().map(|s| s.replicates.clone()).collect();
        Self { figures: mean_figures(&figures), replicates: mean_replicates(&replicates) }
    }

    /// 95 % intervals.
    pub fn interval(&self) -> Interval {
        Interval::of(&self.replicates)
    }
}

/// How one matcher stands against another.
#[derive(Debug, Clone, PartialEq)]
pub struct Versus {
    /// Figures of the first minus figures of the second, percentage points; negative error rates favour the first.
    pub difference: Figures,
    /// 95 % interval of the differences; one that does not hold 0 is beyond chance.
    pub interval: Interval,
    /// Figures of the first over figures of the second, in the order of [`Figures::named`].
    pub ratios: [(&'static str, Ratio); 7],
}

/// A rate of one matcher over that of another: below 1 favours the first where the rate is one of errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// The ratio; `None` where the second matcher's rate is 0.
    pub value: Option<f64>,
    /// Lower limit of its 95 % interval.
    pub low: f64,
    /// Upper limit; `None` where there is none.
    pub high: Option<f64>,
}

impl Versus {
    /// Compares two matchers whose repetitions were made with the same seed on the same set, so that the k-th of both are of the
    /// same fingers; or the means of such sets.
    pub fn of(first: &Measured, second: &Measured) -> Self {
        let minus = |a: &Figures, b: &Figures| {
            let (a, b) = (a.values(), b.values());
            Figures::from_values(core::array::from_fn(|c| a[c] - b[c]))
        };
        let draws = || first.replicates.iter().zip(&second.replicates);
        let differences: Vec<Figures> = draws().map(|(a, b)| minus(a, b)).collect();
        let named = first.figures.named();
        let ratios = core::array::from_fn(|c| {
            let pairs: Vec<(f64, f64)> = draws().map(|(a, b)| (a.values()[c], b.values()[c])).collect();
            (named[c].0, Ratio::of(first.figures.values()[c], second.figures.values()[c], &pairs))
        });
        Self { difference: minus(&first.figures, &second.figures), interval: Interval::of(&differences), ratios }
    }

    /// The ratio of the equal error rates.
    pub fn eer_ratio(&self) -> Ratio {
        self.ratios[0].1
    }
}

impl Ratio {
    /// A draw in which neither matcher errs says nothing of their ratio: it counts as 0 for the lower limit and as infinite for the
    /// upper one, which can only widen the interval.
    fn of(first: f64, second: f64, draws: &[(f64, f64)]) -> Self {
        let ratio = |(a, b): (f64, f64), unknown: f64| {
            if b > 0.0 {
                a / b
            } else if a > 0.0 {
                f64::INFINITY
            } else {
                unknown
            }
        };
        let limits = |unknown| percentiles(draws.iter().map(|d| ratio(*d, unknown)).collect());
        Self {
            value: Some(ratio((first, second), f64::INFINITY)).filter(|r| r.is_finite()),
            low: Some(limits(0.0).0).filter(|r| r.is_finite()).unwrap_or(0.0),
            high: Some(limits(f64::INFINITY).1).filter(|r| r.is_finite()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::tests::noisy;
    use super::*;

    fn measured(spread: f32) -> Measured {
        let trials = noisy(20, spread);
        Measured { figures: trials.figures(), replicates: trials.bootstrap(200, 3) }
    }

    #[test]
    fn the_same_matcher_does_not_differ_from_itself_and_a_better_one_does() {
        let (a, b) = (measured(1.0), measured(0.3));
        let same = Versus::of(&a, &a);
        assert_eq!((same.difference.eer, same.interval.low.eer, same.interval.high.eer), (0.0, 0.0, 0.0));
        assert_eq!(same.eer_ratio(), Ratio { value: Some(1.0), low: 1.0, high: Some(1.0) });
        let better = Versus::of(&a, &b);
        assert!(better.difference.fmr100 < 0.0 && better.interval.high.fmr100 < 0.0, "{better:?}");
        let ratio = better.eer_ratio();
        assert!(ratio.value.unwrap() < 1.0 && ratio.high.unwrap() < 1.0 && ratio.low > 0.0, "{ratio:?}");
        assert!(ratio.low <= ratio.value.unwrap() && ratio.value <= ratio.high);
    }

    #[test]
    fn pairs_of_the_same_draw_vary_less_than_strangers() {
        let (a, b) = (measured(1.0), measured(0.9));
        let width = |v: &Versus| v.interval.high.eer - v.interval.low.eer;
        let mut shifted = b.clone();
        shifted.replicates.rotate_left(1);
        assert!(width(&Versus::of(&a, &b)) < width(&Versus::of(&a, &shifted)));
    }

    #[test]
    fn a_ratio_to_nothing_has_no_upper_limit() {
        assert_eq!(Ratio::of(1.0, 0.0, &[(1.0, 0.0)]), Ratio { value: None, low: 0.0, high: None });
        assert_eq!(Ratio::of(0.0, 0.0, &[(0.0, 0.0)]), Ratio { value: None, low: 0.0, high: None });
        assert_eq!(Ratio::of(1.0, 2.0, &[(1.0, 4.0)]), Ratio { value: Some(0.5), low: 0.25, high: Some(0.25) });
    }
}
