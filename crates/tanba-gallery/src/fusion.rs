//! How the evidence of several comparisons becomes one number.
//!
//! 1. A score becomes a log10 likelihood ratio ([`tanba_finger::calibrate::evidence`]). Beyond what the development data support it goes on, so
//!    that people are put in the right order; what may be claimed of a person ends where the data do ([`claimed`]).
//! 2. Evidence *against* a person counts only as far as both images are good: a bad image fails to match its own finger too.
//!    It is scaled by the worse quality of the two, in full from [`FUSION`]`.full_quality` on.
//! 3. Several comparisons that answer one question (more impressions of the finger; all ten fingers for a probe of unknown
//!    position) are averaged as likelihood ratios, not as logarithms: each of the `n` is equally likely to be the one, so the
//!    best of many is worth `log10 n` less than the only one.
//! 4. Different fingers are added; a finger missing on either side adds nothing. They are not quite independent (one worn, dry or
//!    hurried hand makes all its prints bad), which [`of_fingers`] has in its weight.
//! 5. The more people are searched, the more evidence it takes to name one of them: [`threshold`].
//! 6. Another order of the fingers than was said is a second explanation of the same prints: likelihood ratios are averaged by how
//!    often operators err.

use crate::FingerEvidence;
use tanba_finger::calibrate;

/// How rare it is that fingers were captured in another order than was said: log10 of one in so many (own assumption: one in a hundred;
/// nothing public says it for live capture with an operator).
pub(crate) const UNLIKELY: f64 = 2.0;
/// Evidence (log10 likelihood ratio) from which on a finger speaks for or against a person at all.
pub(crate) const SAYS: f64 = 0.5;

/// The numbers of the fusion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FusionParams {
    /// What may be claimed of a person at least and at most, log10 likelihood ratio: where the development data end. Of 1,124,250 pairs of
    /// different synthetic people (two index fingers) none reached 0.5, of 1,500 touches of the same hands none fell below -2.2 (rule of 3;
    /// `tanba bench persons --seed 1`, docs/performance.md).
    pub claims: (f64, f64),
    /// Evidence by two fingers that no more than one in a million people who are not the one searched for reaches. Of 2,233,530 pairs of different
    /// synthetic people, from images with ridges, one reached 2.30 and the next less than 2; of 1,495 mates none fell below
    /// (`tanba bench persons --made images --exchanged --seed 1`, docs/performance.md).
    pub one_in_a_million: f64,
    /// Unified quality from which on evidence against a person counts in full (own choice: the middle of the scale).
    pub full_quality: u8,
}

/// The numbers in use.
pub const FUSION: FusionParams = FusionParams { claims: (-2.7, 5.57), one_in_a_million: 2.0, full_quality: 50 };

/// Evidence of one comparison of two impressions of the given unified qualities.
pub fn of_comparison(score: f32, probe_quality: u8, enrolled_quality: u8) -> f64 {
    let log10_lr = calibrate::evidence(score);
    if log10_lr >= 0.0 {
        return log10_lr;
    }
    let worse = probe_quality.min(enrolled_quality).min(FUSION.full_quality);
    log10_lr * f64::from(worse) / f64::from(FUSION.full_quality)
}

/// Evidence of several comparisons that answer one question; `None` for none.
pub fn of_alternatives(log10_lrs: &[f64]) -> Option<f64> {
    let best = log10_lrs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !best.is_finite() {
        return None;
    }
    // Relative to the best, so that nothing overflows.
    let mean = log10_lrs.iter().map(|lr| 10f64.powf(lr - best)).sum::<f64>() / log10_lrs.len() as f64;
    Some(best + mean.log10())
}

/// What one finger can add at most.
pub(crate) fn most_of_a_finger() -> f64 {
    calibrate::evidence(f32::INFINITY)
}

/// Evidence of different fingers of one person.
pub fn of_fingers(fingers: &[FingerEvidence]) -> f64 {
    fingers.iter().map(|finger| finger.log10_lr).sum()
}

/// Evidence (log10 likelihood ratio) of two fingers or more from which on one of so many people is worth naming, so that no more than this
/// share of the searches for somebody who is not among them names anybody: FPIR, above 0. Ten times as many people take one more: of
/// likelihood ratios that mean what they say, those of strangers beyond some value weigh no more than the mates beyond it, a tenth
/// at ten times the value. More fingers make strangers still less alike, so that two are taken for any number of them. Nobody is named
/// whom the evidence does not speak for.
pub fn threshold(people: u64, fpir: f64) -> f64 {
    let strangers = people.max(1) as f64 / fpir;
    (FUSION.one_in_a_million + strangers.log10() - 6.0).max(SAYS)
}

/// The threshold among so many people, where it is `value` among `of`: what [`threshold`] says of sizes, for a threshold that was measured.
pub fn threshold_among(value: f64, of: u64, people: u64) -> f64 {
    (value + (people.max(1) as f64 / of.max(1) as f64).log10()).max(SAYS)
}

/// What may be said of a person, from the evidence of all fingers: no more than the development data support. The evidence itself
/// goes on beyond, and candidates are put in order and held against thresholds by it; but that ten fingers speak for a person
/// with odds of 10^40 is nothing that anybody has seen fail or hold.
pub fn claimed(log10_lr: f64) -> f64 {
    log10_lr.clamp(FUSION.claims.0, FUSION.claims.1)
}

/// Evidence of the same fingers in several orders; the first is what was said. `0` for none.
pub(crate) fn of_explanations(log10_lrs: &[f64]) -> f64 {
    let [as_said, others @ ..] = log10_lrs else { return 0.0 };
    if others.is_empty() {
        return *as_said;
    }
    let unlikely = 10f64.powf(-UNLIKELY);
    let likely = 1.0 - unlikely * others.len() as f64;
    let weighted = |(log10_lr, weight): (f64, f64)| log10_lr + weight.log10();
    let all = || core::iter::once((*as_said, likely)).chain(others.iter().map(|lr| (*lr, unlikely))).map(weighted);
    // Relative to the best, so that nothing overflows.
    let best = all().fold(f64::NEG_INFINITY, f64::max);
    best + all().map(|lr| 10f64.powf(lr - best)).sum::<f64>().log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_images_do_not_speak_against_a_person_but_may_speak_for_one() {
        let against = of_comparison(0.0, 80, 80);
        assert!(against < 0.0);
        assert_eq!(of_comparison(0.0, 0, 80), 0.0);
        assert_eq!(of_comparison(0.0, 25, 80), against / 2.0);
        assert_eq!(of_comparison(1.0, 0, 0), of_comparison(1.0, 100, 100));
    }

    #[test]
    fn no_more_is_claimed_than_was_seen() {
        assert_eq!(claimed(41.7), FUSION.claims.1);
        assert_eq!(claimed(-25.0), FUSION.claims.0);
        assert_eq!(claimed(3.2), 3.2);
    }

    #[test]
    fn more_people_take_more_evidence_and_nobody_is_named_for_nothing() {
        assert_eq!(threshold(0, 0.5), SAYS);
        assert_eq!(threshold(1_000, 1e-3), FUSION.one_in_a_million);
        assert!((threshold(20_000_000, 1e-3) - threshold(2_000_000, 1e-3) - 1.0).abs() < 1e-12);
        assert!(threshold(1_000_000, 1e-2) < threshold(1_000_000, 1e-3));
        for people in [0, 1, 1_500, 2_000_000] {
            let measured = threshold_among(threshold(1_000_000, 1e-3), 1_000_000, people);
            assert!((measured - threshold(people, 1e-3)).abs() < 1e-12, "{people}");
        }
        // At the size of a country ten fingers say far more, two still may.
        assert!(threshold(20_000_000, 1e-3) < 2.0 * most_of_a_finger());
    }

    #[test]
    fn an_unlikely_explanation_counts_a_hundred_times_less() {
        assert_eq!(of_explanations(&[3.0]), 3.0);
        assert!((of_explanations(&[-5.0, 6.0]) - 4.0).abs() < 1e-3);
        // Where what was said explains it, another explanation adds nothing.
        assert!((of_explanations(&[6.0, -5.0]) - 6.0).abs() < 0.01);
    }

    #[test]
    fn alternatives_are_averaged_as_likelihood_ratios() {
        assert_eq!(of_alternatives(&[]), None);
        assert_eq!(of_alternatives(&[2.0]), Some(2.0));
        // (1000 + 0.001 * 9) / 10: the best of ten is worth a factor of ten less.
        let ten: Vec<f64> = core::iter::once(3.0).chain([-3.0; 9]).collect();
        assert!((of_alternatives(&ten).unwrap() - 2.0).abs() < 1e-4);
        assert!((of_alternatives(&[1.0, 1.0]).unwrap() - 1.0).abs() < 1e-12);
    }
}
