//! The strongest evidence for anybody in searches for people who are not enrolled: where one search in a thousand would lie.
//!
//! A thousand searches do not show what one in a thousand does. The excesses over a high quantile are taken as generalized Pareto
//! distributed, fitted by probability-weighted moments (Hosking and Wallis, Technometrics 29, 1987); the interval is from drawing the
//! searches with replacement.

use tanba_finger::evaluate::Numbers;

/// Share of the searches that the tail is fitted to.
const SHARE: f64 = 0.1;
/// Draws for the interval.
const DRAWS: usize = 400;

/// Tops of searches, sorted.
pub(super) struct Tail {
    tops: Vec<f64>,
}

impl Tail {
    pub(super) fn fitted(tops: &[f64]) -> Self {
        let mut tops = tops.to_vec();
        tops.sort_by(f64::total_cmp);
        Self { tops }
    }

    /// The evidence that this share of the searches reaches, with a 95 % interval.
    pub(super) fn threshold(&self, fpir: f64) -> (f64, f64, f64) {
        let now = beyond(&self.tops, fpir);
        let mut numbers = Numbers::from_state(1);
        let mut drawn: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let one = |_| self.tops[(numbers.next() % self.tops.len().max(1) as u64) as usize];
                let mut sample: Vec<f64> = (0..self.tops.len()).map(one).collect();
                sample.sort_by(f64::total_cmp);
                beyond(&sample, fpir)
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        let at = |q: f64| drawn[((drawn.len() - 1) as f64 * q).round() as usize];
        (now, at(0.025).min(now), at(0.975).max(now))
    }
}

/// The quantile `1 - rate` of sorted values; beyond the tail's beginning from its fit.
fn beyond(sorted: &[f64], rate: f64) -> f64 {
    let n = sorted.len();
    let excesses = ((n as f64 * SHARE) as usize).max(2).min(n);
    let (below, tail) = sorted.split_at(n - excesses);
    let start = below.last().copied().unwrap_or(f64::NEG_INFINITY);
    if rate >= SHARE || !start.is_finite() {
        let at = (((1.0 - rate) * n as f64) as usize).min(n.saturating_sub(1));
        return sorted.get(at).copied().unwrap_or(f64::INFINITY);
    }
    let count = tail.len() as f64;
    let mean = tail.iter().map(|v| v - start).sum::<f64>() / count;
    // The mean of each excess times the share of those above it.
    let weighted = tail.iter().enumerate().map(|(i, v)| (v - start) * (count - 1.0 - i as f64) / (count - 1.0));
    let weighted = weighted.sum::<f64>() / count;
    let spread = mean - 2.0 * weighted;
    if mean <= 0.0 || spread <= 0.0 {
        return start;
    }
    let (shape, scale) = (mean / spread - 2.0, 2.0 * mean * weighted / spread);
    let left = rate / SHARE;
    // F(x) = 1 - (1 - shape x / scale)^(1 / shape), an exponential where the shape is 0.
    let excess = if shape.abs() < 1e-9 { -scale * left.ln() } else { scale / shape * (1.0 - left.powf(shape)) };
    start + excess
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_tail_is_continued_as_one() {
        // Quantiles of an exponential distribution: one in a thousand exceeds ln 1000.
        let n = 2000;
        let tops: Vec<f64> = (0..n).map(|i| -(1.0 - (f64::from(i) + 0.5) / f64::from(n)).ln()).collect();
        let (now, low, high) = Tail::fitted(&tops).threshold(1e-3);
        assert!((now - 1000f64.ln()).abs() < 0.35, "{now}");
        assert!(low <= now && now <= high && high - low < 4.0, "{low} {high}");
        let (hundredth, ..) = Tail::fitted(&tops).threshold(1e-2);
        assert!((hundredth - 100f64.ln()).abs() < 0.15, "{hundredth}");
        assert!(Tail::fitted(&tops).threshold(0.5).0 < hundredth);
    }

    #[test]
    fn equal_tops_have_no_tail() {
        assert_eq!(Tail::fitted(&[2.0; 100]).threshold(1e-3), (2.0, 2.0, 2.0));
    }
}
