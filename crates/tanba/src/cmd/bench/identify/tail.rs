//! Evidence for strangers: which threshold a false answer in so many searches takes, at any size of the gallery.
//!
//! A thousand searches do not show what one in a thousand does, nor a gallery of a hundred thousand what one of twenty million does. The
//! excesses over a high start are taken as generalized Pareto distributed, fitted by probability-weighted moments (Hosking and
//! Wallis, Technometrics 29, 1987), in two ways: the strongest evidence of each search ([`strongest`]), which holds for the gallery that
//! was searched and assumes nothing of its people; and all evidence for strangers, person by person ([`Strangers`]), which
//! gives the threshold for any number of people if the comparisons of a search are independent of each other, and has no end. Where both can be had
//! they are told side by side.

/// Share of the searches that the tail of their strongest is fitted to.
const SHARE: f64 = 0.1;
/// Excesses that the tail of all comparisons is fitted to: one in so many searches, about as far out as the other tail begins. (At one in
/// four the start lies where most strangers still differ plainly, and the fit missed the few that do not.)
const SEARCHES_AN_EXCESS: usize = 10;
/// Fewest excesses.
const FEWEST: usize = 25;

/// A generalized Pareto distribution beyond a start: `F(x) = 1 - (1 - shape x / scale)^(1 / shape)`, an exponential where the shape is 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pareto {
    start: f64,
    /// How often the start is exceeded.
    share: f64,
    shape: f64,
    scale: f64,
}

impl Pareto {
    /// Fitted to what lies over a start; `over` is sorted.
    fn fitted(start: f64, share: f64, over: &[f64]) -> Self {
        let count = over.len() as f64;
        let mean = over.iter().map(|v| v - start).sum::<f64>() / count.max(1.0);
        // The mean of each excess times the share of those above it.
        let weighted = over.iter().enumerate().map(|(i, v)| (v - start) * (count - 1.0 - i as f64));
        let weighted = weighted.sum::<f64>() / (count * (count - 1.0)).max(1.0);
        let spread = mean - 2.0 * weighted;
        if mean <= 0.0 || spread <= 0.0 {
            return Self { start, share, shape: 0.0, scale: 0.0 };
        }
        Self { start, share, shape: mean / spread - 2.0, scale: 2.0 * mean * weighted / spread }
    }

    /// The same without an end: an exponential of the same mean where the fit found a bound. Few excesses suggest one easily, and far
    /// beyond them it would promise thresholds that no larger gallery keeps.
    fn without_end(self, over: &[f64]) -> Self {
        if self.shape <= 0.0 {
            return self;
        }
        let mean = over.iter().map(|v| v - self.start).sum::<f64>() / over.len().max(1) as f64;
        Self { shape: 0.0, scale: mean, ..self }
    }

    /// What is exceeded this often; the start where that is more often than the start is.
    pub(super) fn exceeded(&self, rate: f64) -> f64 {
        let left = (rate / self.share).min(1.0);
        let excess = if self.shape.abs() < 1e-9 {
            -self.scale * left.ln()
        } else {
            self.scale / self.shape * (1.0 - left.powf(self.shape))
        };
        self.start + excess
    }

    /// How often this is exceeded; the start's share for what lies below it.
    pub(super) fn rate(&self, value: f64) -> f64 {
        let excess = (value - self.start).max(0.0);
        if excess == 0.0 {
            return self.share;
        }
        if self.scale <= 0.0 {
            return 0.0;
        }
        if self.shape.abs() < 1e-9 {
            return self.share * (-excess / self.scale).exp();
        }
        self.share * (1.0 - self.shape * excess / self.scale).max(0.0).powf(1.0 / self.shape)
    }
}

/// The quantile `1 - rate` of what searches found at most, sorted; beyond the tail's beginning from its fit.
pub(super) fn strongest(sorted: &[f64], rate: f64) -> f64 {
    let n = sorted.len();
    let excesses = ((n as f64 * SHARE) as usize).max(2).min(n);
    let (below, tail) = sorted.split_at(n - excesses);
    let start = below.last().copied().unwrap_or(f64::NEG_INFINITY);
    if rate >= SHARE || !start.is_finite() {
        let at = (((1.0 - rate) * n as f64) as usize).min(n.saturating_sub(1));
        return sorted.get(at).copied().unwrap_or(f64::INFINITY);
    }
    Pareto::fitted(start, SHARE, tail).exceeded(rate)
}

/// Evidence for strangers, search by search.
pub(super) struct Strangers {
    /// What lies in the tail, in any order.
    over: Vec<Vec<f64>>,
    /// People that each search was compared with.
    people: f64,
    /// Where the tail begins.
    start: f64,
}

impl Strangers {
    /// `None` where there is too little to fit. The strongest of each search are enough, in any order.
    pub(super) fn of(searches: &[Vec<f64>], people: u64) -> Option<Self> {
        let mut all: Vec<f64> = searches.iter().flatten().copied().collect();
        let wanted = (searches.len() / SEARCHES_AN_EXCESS).max(FEWEST);
        if all.len() <= wanted {
            return None;
        }
        let (_, start, _) = all.select_nth_unstable_by(wanted, |a, b| b.total_cmp(a));
        let start = *start;
        let over = searches.iter().map(|one| one.iter().copied().filter(|lr| *lr > start).collect()).collect();
        Some(Self { over, people: people as f64, start })
    }

    /// The tail of a comparison with one person, from these searches; the start stays, its share is theirs.
    pub(super) fn tail(&self, drawn: impl Iterator<Item = usize>) -> Pareto {
        let (mut over, mut searches) = (Vec::new(), 0u64);
        for at in drawn {
            searches += 1;
            over.extend(&self.over[at]);
        }
        over.sort_by(f64::total_cmp);
        Pareto::fitted(self.start, over.len() as f64 / (searches as f64 * self.people), &over).without_end(&over)
    }
}

/// How often a search of so many strangers answers falsely, if a comparison does this often and comparisons are independent.
pub(super) fn false_answers(fmr: f64, people: f64) -> f64 {
    -(people * (-fmr).ln_1p()).exp_m1()
}

/// How often a comparison may answer falsely, if a search of so many strangers may this often.
pub(super) fn false_matches(fpir: f64, people: f64) -> f64 {
    -((-fpir).ln_1p() / people).exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tanba_finger::evaluate::Numbers;

    #[test]
    fn an_exponential_tail_is_continued_as_one() {
        // Quantiles of an exponential distribution: one in a thousand exceeds ln 1000.
        let n = 2000;
        let tops: Vec<f64> = (0..n).map(|i| -(1.0 - (f64::from(i) + 0.5) / f64::from(n)).ln()).collect();
        let now = strongest(&tops, 1e-3);
        assert!((now - 1000f64.ln()).abs() < 0.35, "{now}");
        let hundredth = strongest(&tops, 1e-2);
        assert!((hundredth - 100f64.ln()).abs() < 0.15, "{hundredth}");
        assert!(strongest(&tops, 0.5) < hundredth);
    }

    #[test]
    fn equal_tops_have_no_tail() {
        assert_eq!(strongest(&[2.0; 100], 1e-3), 2.0);
        let equal = vec![vec![2.0; 4]; 100];
        let tail = Strangers::of(&equal, 4).unwrap().tail(0..100);
        assert_eq!((tail.exceeded(1e-9), tail.rate(2.5)), (2.0, 0.0));
    }

    #[test]
    fn the_fit_finds_the_shape_and_scale_of_what_it_assumes() {
        // Quantiles: bounded at 4, exponential, and heavy.
        for (shape, scale) in [(0.25, 1.0), (0.0, 0.5), (-0.2, 2.0)] {
            let truth = Pareto { start: 3.0, share: 1.0, shape, scale };
            let n = 4000;
            let over: Vec<f64> = (0..n).map(|i| truth.exceeded(1.0 - (f64::from(i) + 0.5) / f64::from(n))).collect();
            let got = Pareto::fitted(3.0, 0.01, &over);
            assert!((got.shape - shape).abs() < 0.02 && (got.scale / scale - 1.0).abs() < 0.02, "{got:?}");
            for rate in [1e-3, 1e-5] {
                assert!((got.rate(got.exceeded(rate)) / rate - 1.0).abs() < 1e-6, "{got:?}");
            }
            assert_eq!((got.rate(1.0), got.exceeded(0.5)), (0.01, 3.0));
        }
    }

    #[test]
    fn the_threshold_of_a_larger_gallery_is_that_of_rarer_comparisons() {
        // Each of 1,000 searches meets 500 people whose evidence is exponential: at N people one search in a thousand exceeds
        // -ln(1 - 0.999^(1/N)), about ln N + ln 1000.
        let mut numbers = Numbers::from_state(3);
        let searches: Vec<Vec<f64>> =
            (0..1000).map(|_| (0..500).map(|_| -(1.0 - numbers.unit()).ln()).collect()).collect();
        let strangers = Strangers::of(&searches, 500).unwrap();
        let tail = strangers.tail(0..searches.len());
        for people in [500.0, 5e4, 2e7f64] {
            let wanted = people.ln() + 1000f64.ln();
            let got = tail.exceeded(false_matches(1e-3, people));
            assert!((got / wanted - 1.0).abs() < 0.2, "{people} {got} {wanted}");
        }
        // The strongest of each search say the same at the size that was searched.
        let mut tops: Vec<f64> = searches.iter().map(|all| all.iter().copied().fold(0.0, f64::max)).collect();
        tops.sort_by(f64::total_cmp);
        let (direct, pooled) = (strongest(&tops, 1e-2), tail.exceeded(false_matches(1e-2, 500.0)));
        assert!((direct - pooled).abs() < 0.6, "{direct} {pooled}");
    }

    #[test]
    fn a_tail_that_is_continued_far_has_no_end() {
        let bounded = Pareto { start: 0.0, share: 1.0, shape: 0.5, scale: 1.0 };
        let over: Vec<f64> = (1..100).map(|i| bounded.exceeded(f64::from(i) / 100.0)).rev().collect();
        let fitted = Pareto::fitted(0.0, 1.0, &over);
        assert!(fitted.exceeded(1e-12) < 2.1 && fitted.without_end(&over).exceeded(1e-12) > 10.0, "{fitted:?}");
        let heavy = Pareto { shape: -0.2, ..bounded };
        assert_eq!(heavy.without_end(&over), heavy);
    }

    #[test]
    fn rates_of_searches_and_of_comparisons_are_each_others_inverse() {
        for people in [1.0, 1e4, 2e7] {
            for fpir in [1e-3, 0.3] {
                assert!((false_answers(false_matches(fpir, people), people) / fpir - 1.0).abs() < 1e-9);
            }
        }
        assert!((false_matches(1e-3, 1e6) / 1.0005e-9 - 1.0).abs() < 1e-4);
        assert_eq!(false_matches(0.5, 1.0), 0.5);
    }
}
