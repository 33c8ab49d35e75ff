//! From a similarity score to evidence: how much more often does a score like this come from one finger than from two?
//!
//! The numbers are those of one command on synthetic prints and are few on purpose; [`CALIBRATION`] says which. They are capped where
//! the data end: 44,700 independent pairs of different fingers allow no claim above a likelihood ratio of 10^4.2 (rule of 3), and
//! prints of one finger that have nothing readable in common none below 10^-2.5 (rule of 30).
//!
//! They hold for flat and rolled prints of adults, not for latent ones. What they are worth on real sets is in docs/finger/matching.md.

use crate::exact::Exact;

/// What compares: another score, or another likelihood ratio, of the same two templates is another matcher, with another number in its name.
pub const MATCHER: &str = "cylinders-and-ridges-1";

/// The calibration in use: a monotone curve through a few knots, and the score thresholds of false match rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Score and log10 likelihood ratio, both growing; between the knots the curve is linear, beyond them constant.
    pub knots: [(f32, f64); 10],
    /// log10 of a false match rate and the score that it takes, strictest last; linear between.
    pub thresholds: [(f64, f32); 6],
    /// On what the numbers were fitted.
    pub source: &'static str,
}

/// Fitted by isotonic regression of the log10 likelihood ratio on the score, read off at ten knots; thresholds are quantiles of
/// the scores of different fingers (that of 1e-5 rests on a few comparisons).
pub const CALIBRATION: Calibration = Calibration {
    knots: [
        (0.2236, -2.52),
        (0.2563, -1.78),
        (0.2889, -1.03),
        (0.3427, -0.29),
        (0.4624, 0.45),
        (0.5370, 1.20),
        (0.5781, 1.94),
        (0.6039, 2.69),
        (0.6950, 3.43),
        (0.8266, 4.17),
    ],
    thresholds: [(0.0, 0.0), (-1.0, 0.1655), (-2.0, 0.2124), (-3.0, 0.3210), (-4.0, 0.4319), (-5.0, 0.5690)],
    source: "tanba bench fusion --fingers 150 --seed 1: 4 kinds of 150 synthetic fingers, flat, rolled and inked",
};

/// log10 of the likelihood ratio of "one finger" against "two fingers" for a score of [`crate::compare`].
pub fn log10_lr(score: f32) -> f64 {
    interpolate(&CALIBRATION.knots.map(|(s, lr)| (f64::from(s), lr)), f64::from(score))
}

/// Evidence of a score where fingers are added up and people put in order: [`log10_lr`], but that it goes on beyond the last knot as it went
/// before it. Nobody has seen how rare such scores are among different fingers, so nothing is claimed by it; but that a higher one speaks
/// louder is known, and one finger that is plainly the same should outweigh another of which a capture shows nothing.
pub fn evidence(score: f32) -> f64 {
    let [.., (before, lr_before), (last, lr_last)] = CALIBRATION.knots;
    let beyond = f64::from(score.min(1.0) - last).max(0.0);
    log10_lr(score) + beyond * (lr_last - lr_before) / f64::from(last - before)
}

/// The score at and above which two impressions count as of one finger, so that the false match rate is at most `fmr`;
/// `None` below 1e-5, which the development data cannot support, and for values that are not rates.
pub fn threshold(fmr: f64) -> Option<f32> {
    let strictest = CALIBRATION.thresholds[CALIBRATION.thresholds.len() - 1].0;
    // A little slack, so that 1e-5 itself is not lost to rounding.
    if !(fmr > 0.0 && fmr <= 1.0 && fmr.log10_exact() >= strictest - 1e-9) {
        return None;
    }
    Some(interpolate(&CALIBRATION.thresholds.map(|(rate, s)| (-rate, f64::from(s))), -fmr.log10_exact()) as f32)
}

/// What a comparison says at a false match rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The score reaches the threshold.
    Match,
    /// The score does not reach the threshold.
    NoMatch,
}

impl Decision {
    /// The decision at a threshold from [`threshold`].
    pub fn at(score: f32, threshold: f32) -> Self {
        if score >= threshold { Self::Match } else { Self::NoMatch }
    }

    /// `match` or `no_match`, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::NoMatch => "no_match",
        }
    }
}

/// The value at a place on a curve through knots of growing places: between them a line, beyond them their ends; what is no number
/// lies before them all. There must be a knot.
pub fn interpolate(knots: &[(f64, f64)], at: f64) -> f64 {
    let after = knots.iter().position(|k| at < k.0).unwrap_or(if at.is_nan() { 0 } else { knots.len() });
    match (after.checked_sub(1).map(|i| knots[i]), knots.get(after)) {
        (Some(a), Some(b)) => a.1 + (at - a.0) / (b.0 - a.0) * (b.1 - a.1),
        (Some(end), None) => end.1,
        (None, _) => knots[0].1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_the_likelihood_ratio_and_goes_on_beyond_its_cap() {
        let (last, cap) = CALIBRATION.knots[CALIBRATION.knots.len() - 1];
        for score in [0.0, 0.3, 0.6, last] {
            assert_eq!(evidence(score), log10_lr(score));
        }
        assert!(evidence(0.9) > cap && evidence(1.0) > evidence(0.9) && evidence(1.0) < cap + 2.0);
        assert_eq!(evidence(f32::INFINITY), evidence(1.0));
    }

    #[test]
    fn evidence_grows_with_the_score_and_is_capped() {
        let curve: Vec<f64> = (0..=1000).map(|i| log10_lr(i as f32 / 1000.0)).collect();
        assert!(curve.windows(2).all(|w| w[0] <= w[1]));
        assert_eq!((curve[0], curve[1000]), (CALIBRATION.knots[0].1, CALIBRATION.knots[9].1));
        // A score that is no number is no evidence for one finger.
        assert_eq!(log10_lr(f32::NAN), curve[0]);
    }

    #[test]
    fn stricter_rates_take_higher_scores_and_unsupported_ones_are_refused() {
        let strict = [1.0, 0.1, 0.01, 0.003, 1e-3, 1e-4, 1e-5].map(|r| threshold(r).unwrap());
        assert!(strict.windows(2).all(|w| w[0] < w[1]), "{strict:?}");
        for rate in [0.0, -1.0, 1e-6, 1.5, f64::NAN] {
            assert_eq!(threshold(rate), None);
        }
        assert_eq!(Decision::at(0.5, strict[4]), Decision::Match);
        assert_eq!(Decision::at(0.0, strict[4]), Decision::NoMatch);
    }
}
