//! The parameters of the peak-height model, and the unbounded scale on which they are fitted.

use serde::{Deserialize, Serialize};

use super::{MixtureError, Settings};

/// The parameters of the peak-height model (Bleka, Storvik and Gill 2016; Cowell et al. 2015).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// Share of each contributor; they sum to 1.
    pub proportions: Vec<f64>,
    /// Expected height of one allele of a sole contributor at 125 bases, RFU.
    pub mu: f64,
    /// Its coefficient of variation.
    pub omega: f64,
    /// Factor of the expected height for each 100 bases more; 1 where degradation is not modelled.
    pub beta: f64,
    /// Share of an allele that shows one repeat below it.
    pub back_stutter: f64,
    /// Share of an allele that shows one repeat above it.
    pub forward_stutter: f64,
    /// Share of an allele that shows two repeats below it; 0 where it is not modelled.
    #[serde(default)]
    pub double_back_stutter: f64,
    /// Expected heights of the second and later replicates, as factors of `mu`; empty where all have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replicate_factors: Vec<f64>,
}

impl Parameters {
    /// Share of an allele that shows at its own place.
    pub(super) fn stays(&self) -> f64 {
        1.0 - self.stutter().iter().sum::<f64>()
    }

    /// The stutter shares: back, forward, two repeats back.
    pub(super) fn stutter(&self) -> [f64; 3] {
        [self.back_stutter, self.forward_stutter, self.double_back_stutter]
    }

    /// The factor of the expected height in a replicate, counted from 0.
    pub(super) fn factor(&self, replicate: usize) -> f64 {
        replicate.checked_sub(1).and_then(|at| self.replicate_factors.get(at)).copied().unwrap_or(1.0)
    }

    /// Checks ranges and what the settings leave out; `factors` replicates have an expected height of their own.
    pub(super) fn check(&self, settings: &Settings, factors: usize) -> Result<(), MixtureError> {
        let stays = self.stays();
        let sum: f64 = self.proportions.iter().sum();
        let share = |s: f64, used: bool| if used { (0.0..1.0).contains(&s) } else { s == 0.0 };
        for (what, fits, range) in [
            (
                "the proportions",
                self.proportions.iter().all(|w| (0.0..=1.0).contains(w)) && (sum - 1.0).abs() < 1e-6,
                "from 0 to 1, and sum to 1",
            ),
            ("the expected height", self.mu > 0.0 && self.mu < 1e9, "above 0 RFU"),
            ("the variation of heights", self.omega > 1e-4 && self.omega < 1e3, "from 0.0001 to 1000"),
            (
                "the degradation",
                if settings.degradation { self.beta > 1e-6 && self.beta < 1e3 } else { self.beta == 1.0 },
                "above 0, and 1 where it is not modelled",
            ),
            (
                "the factors of the replicates",
                self.replicate_factors.len() == factors
                    && self.replicate_factors.iter().all(|factor| (1e-3..=1e3).contains(factor)),
                "from 0.001 to 1000, one for each replicate after the first, and none where they are not modelled",
            ),
            (
                "the stutter shares",
                self.stutter().into_iter().zip(settings.stutter()).all(|(s, used)| share(s, used)) && stays > 0.0,
                "at least 0, together below 1, and 0 where they are not modelled",
            ),
        ] {
            if !fits {
                return Err(MixtureError::OutOfRange { what, range });
            }
        }
        Ok(())
    }
}

/// Derivatives of the log-likelihood by the parameters as the model has them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slopes {
    pub(super) proportions: Vec<f64>,
    pub(super) ln_mu: f64,
    pub(super) ln_omega: f64,
    pub(super) ln_beta: f64,
    pub(super) back_stutter: f64,
    pub(super) forward_stutter: f64,
    pub(super) double_back_stutter: f64,
    /// By the logarithms of the replicates' factors.
    pub(super) ln_factors: Vec<f64>,
}

impl Slopes {
    pub(super) fn none(parameters: &Parameters) -> Self {
        Self {
            proportions: vec![0.0; parameters.proportions.len()],
            ln_mu: 0.0,
            ln_omega: 0.0,
            ln_beta: 0.0,
            back_stutter: 0.0,
            forward_stutter: 0.0,
            double_back_stutter: 0.0,
            ln_factors: vec![0.0; parameters.replicate_factors.len()],
        }
    }
}

/// Bounds of the unbounded scale: beyond them a share is nothing and a height or a variation is of no stain.
const MOST_LOGIT: f64 = 14.0;
const LN_MU: [f64; 2] = [0.0, 16.0];
const LN_OMEGA: [f64; 2] = [-6.0, 4.0];
const LN_BETA: [f64; 2] = [-8.0, 3.0];
const LN_FACTOR: [f64; 2] = [-6.0, 6.0];

/// Which parameters are free, and how they lie on the unbounded scale:
/// logits of the proportions against the last contributor, ln mu, ln omega, ln beta, logits of the stutter shares against what stays,
/// logarithms of the replicates' factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub(super) contributors: usize,
    pub(super) degradation: bool,
    pub(super) stutter: [bool; 3],
    /// How many replicates have a factor.
    pub(super) factors: usize,
}

impl Scale {
    pub(super) fn new(settings: &Settings, contributors: usize, factors: usize) -> Self {
        Self { contributors, degradation: settings.degradation, stutter: settings.stutter(), factors }
    }

    fn optional(self) -> [bool; 4] {
        let [back, forward, double] = self.stutter;
        [self.degradation, back, forward, double]
    }

    /// Lower and upper bounds.
    pub(super) fn bounds(self) -> Vec<[f64; 2]> {
        let logit = [-MOST_LOGIT, MOST_LOGIT];
        let mut all = vec![logit; self.contributors - 1];
        all.extend([LN_MU, LN_OMEGA]);
        for (used, bounds) in self.optional().into_iter().zip([LN_BETA, logit, logit, logit]) {
            all.extend(used.then_some(bounds));
        }
        all.extend(vec![LN_FACTOR; self.factors]);
        all
    }

    /// The place of parameters on the scale. Shares of nothing lie at the bound.
    pub(super) fn place(self, parameters: &Parameters) -> Vec<f64> {
        let least = (-MOST_LOGIT).exp();
        let last = parameters.proportions.last().copied().unwrap_or(1.0).max(least);
        let mut x: Vec<f64> =
            parameters.proportions[..self.contributors - 1].iter().map(|w| (w.max(least) / last).ln()).collect();
        x.extend([parameters.mu.ln(), parameters.omega.ln()]);
        let stays = parameters.stays();
        let [back, forward, double] = parameters.stutter().map(|share| (share.max(least) / stays).ln());
        let more = [parameters.beta.ln(), back, forward, double];
        x.extend(self.optional().into_iter().zip(more).filter_map(|(used, value)| used.then_some(value)));
        x.extend(parameters.replicate_factors.iter().map(|factor| factor.ln()));
        x.iter().zip(self.bounds()).map(|(value, [low, high])| value.clamp(low, high)).collect()
    }

    /// The parameters of a place on the scale.
    pub(super) fn parameters(self, x: &[f64]) -> Parameters {
        let mut rest = x.iter().copied();
        let mut next = |used: bool| if used { rest.next() } else { None };
        let mut proportions: Vec<f64> =
            (1..self.contributors).map(|_| next(true).unwrap_or(0.0)).chain([0.0]).collect();
        let most = proportions.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        proportions.iter_mut().for_each(|logit| *logit = (*logit - most).exp());
        let sum: f64 = proportions.iter().sum();
        proportions.iter_mut().for_each(|part| *part /= sum);
        let (mu, omega) = (next(true).unwrap_or(0.0).exp(), next(true).unwrap_or(0.0).exp());
        let beta = next(self.degradation).map_or(1.0, f64::exp);
        let odds = self.stutter.map(|used| next(used).map_or(0.0, f64::exp));
        let all = 1.0 + odds.iter().sum::<f64>();
        let [back_stutter, forward_stutter, double_back_stutter] = odds.map(|odds| odds / all);
        let replicate_factors = (0..self.factors).map(|_| next(true).unwrap_or(0.0).exp()).collect();
        Parameters {
            proportions,
            mu,
            omega,
            beta,
            back_stutter,
            forward_stutter,
            double_back_stutter,
            replicate_factors,
        }
    }

    /// The derivatives by the numbers of the scale.
    pub(super) fn gradient(self, parameters: &Parameters, slopes: &Slopes) -> Vec<f64> {
        let mean: f64 = parameters.proportions.iter().zip(&slopes.proportions).map(|(w, s)| w * s).sum();
        let mut all: Vec<f64> = parameters
            .proportions
            .iter()
            .zip(&slopes.proportions)
            .take(self.contributors - 1)
            .map(|(w, s)| w * (s - mean))
            .collect();
        all.extend([slopes.ln_mu, slopes.ln_omega]);
        let by = [slopes.back_stutter, slopes.forward_stutter, slopes.double_back_stutter];
        let shares = parameters.stutter();
        let mean: f64 = shares.iter().zip(by).map(|(share, slope)| share * slope).sum();
        let [back, forward, double] = [0, 1, 2].map(|i| shares[i] * (by[i] - mean));
        let more = [slopes.ln_beta, back, forward, double];
        all.extend(self.optional().into_iter().zip(more).filter_map(|(used, value)| used.then_some(value)));
        all.extend(&slopes.ln_factors);
        all
    }
}
