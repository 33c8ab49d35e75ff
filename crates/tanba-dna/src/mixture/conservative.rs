//! A likelihood ratio that says less than the best one: its lower quantile when the parameters are uncertain.
//!
//! Under each hypothesis the parameters are drawn from their posterior distribution by a random walk (Metropolis et al. 1953; proposals from
//! the curvature at the maximum, scaled by 2.38² / dimension, Roberts, Gelman and Gilks 1997). The ratio of the likelihoods at
//! independent draws is a random variable; a lower quantile of it, 5 % as a rule, is the conservative ratio (Bleka, Storvik and
//! Gill 2016). Priors: proportions and stutter shares uniform, ln mu, ln omega and ln beta uniform within wide bounds.

use super::draw::Draw;
use super::{Fit, Likelihood, MixtureError, Parameters};

/// How the parameters are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Draws that count, 100 to 1,000,000; a quarter as many before them do not.
    pub draws: usize,
    /// The quantile, 0.001 to 0.5.
    pub quantile: f64,
    /// Seed.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { draws: 2_000, quantile: 0.05, seed: 1 }
    }
}

/// ln likelihoods at drawn parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// In the order of the draws.
    pub ln_likelihoods: Vec<f64>,
    /// Share of proposals that were taken; 0.15 to 0.5 is healthy.
    pub accepted: f64,
    /// How many independent draws these are worth.
    pub effective: f64,
}

/// A conservative likelihood ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConservativeRatio {
    /// Base-10 logarithm of the quantile.
    pub log10: f64,
    /// Of the median, for comparison.
    pub log10_median: f64,
    /// Which quantile.
    pub quantile: f64,
    /// Shares of proposals taken under the two hypotheses.
    pub accepted: [f64; 2],
    /// Independent draws under the two hypotheses.
    pub effective: [f64; 2],
}

/// Independent draws below which a 5 % quantile rests on a handful.
const ENOUGH_DRAWS: f64 = 100.0;

impl ConservativeRatio {
    /// What a reader must know of the draws, or nothing.
    pub fn warning(&self) -> Option<String> {
        let few = self.effective.iter().any(|draws| *draws < ENOUGH_DRAWS);
        few.then(|| {
            format!("these are too few effective draws for a quantile (below {ENOUGH_DRAWS}): ask for more `draws`")
        })
    }

    /// Of two hypotheses with their fits.
    ///
    /// # Errors
    /// [`MixtureError::OutOfRange`] for impossible options.
    pub fn of(
        first: (&Likelihood, &Fit),
        second: (&Likelihood, &Fit),
        sampling: &Sampling,
    ) -> Result<Self, MixtureError> {
        if !(0.001..=0.5).contains(&sampling.quantile) {
            return Err(MixtureError::OutOfRange { what: "the quantile", range: "from 0.001 to 0.5" });
        }
        let (a, b) = (first.0.sample(first.1, sampling, 1)?, second.0.sample(second.1, sampling, 2)?);
        let mut ratios: Vec<f64> =
            a.ln_likelihoods.iter().zip(&b.ln_likelihoods).map(|(a, b)| (a - b) / std::f64::consts::LN_10).collect();
        ratios.sort_by(f64::total_cmp);
        let quantile = |q: f64| {
            let place = q * (ratios.len() - 1) as f64;
            let (low, part) = (place.floor() as usize, place.fract());
            ratios[low] * (1.0 - part) + ratios[(low + 1).min(ratios.len() - 1)] * part
        };
        Ok(Self {
            log10: quantile(sampling.quantile),
            log10_median: quantile(0.5),
            quantile: sampling.quantile,
            accepted: [a.accepted, b.accepted],
            effective: [a.effective, b.effective],
        })
    }
}

impl Likelihood<'_> {
    /// Draws parameters from their posterior distribution.
    ///
    /// # Errors
    /// [`MixtureError::OutOfRange`] for impossible options.
    pub fn sample(&self, fit: &Fit, sampling: &Sampling, stream: u64) -> Result<Chain, MixtureError> {
        if !(100..=1_000_000).contains(&sampling.draws) {
            return Err(MixtureError::OutOfRange { what: "the number of draws", range: "from 100 to 1000000" });
        }
        let (scale, bounds) = (self.scale(), self.scale().bounds());
        let n = fit.at.len();
        let root = step_root(&self.curvature(&fit.at));
        let factor = 2.38 / (n as f64).sqrt();
        let mut draw = Draw::new(sampling.seed, stream);
        let (mut x, mut ln) = (fit.at.clone(), fit.ln_likelihood);
        let mut density = ln + ln_volume(&scale.parameters(&x));
        let settle = sampling.draws / 4;
        let (mut ln_likelihoods, mut taken) = (Vec::with_capacity(sampling.draws), 0_usize);
        for round in 0..settle + sampling.draws {
            let z: Vec<f64> = (0..n).map(|_| draw.normal()).collect();
            let there: Vec<f64> =
                (0..n).map(|i| x[i] + factor * (i..n).map(|j| root[j][i] * z[j]).sum::<f64>()).collect();
            let inside = there.iter().zip(&bounds).all(|(x, [low, high])| (low..=high).contains(&x));
            // The draw is made in any case, so that the stream does not depend on the outcome.
            let chance = draw.unit().ln();
            if inside {
                let value = self.value(&there);
                let new = value + ln_volume(&scale.parameters(&there));
                if chance < new - density {
                    (x, ln, density) = (there, value, new);
                    taken += usize::from(round >= settle);
                }
            }
            if round >= settle {
                ln_likelihoods.push(ln);
            }
        }
        let effective = effective(&ln_likelihoods);
        Ok(Chain { accepted: taken as f64 / sampling.draws as f64, effective, ln_likelihoods })
    }

    /// Minus the second derivatives of the ln likelihood, by differences of the gradient.
    fn curvature(&self, at: &[f64]) -> Vec<Vec<f64>> {
        const STEP: f64 = 1e-4;
        let n = at.len();
        let rows: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                let gradient = |by: f64| {
                    let mut there = at.to_vec();
                    there[i] += by;
                    self.value_and_gradient(&there).1
                };
                gradient(-STEP).iter().zip(gradient(STEP)).map(|(a, b)| (a - b) / (2.0 * STEP)).collect()
            })
            .collect();
        (0..n).map(|i| (0..n).map(|j| (rows[i][j] + rows[j][i]) / 2.0).collect()).collect()
    }
}

/// ln of the volume of proportions and stutter shares that a unit of the unbounded scale covers: what makes the prior uniform in them.
fn ln_volume(parameters: &Parameters) -> f64 {
    let stutter = parameters.stutter();
    let shares = parameters.proportions.iter().chain(&stutter);
    let stays = parameters.stays();
    shares.filter(|share| **share > 0.0).map(|share| share.ln()).sum::<f64>()
        + if stays < 1.0 { stays.ln() } else { 0.0 }
}

/// The inverse of the Cholesky factor of the curvature, lower triangular, so that `transpose(root) z` has the inverse curvature as its
/// covariance. Where the likelihood is flat or bent the wrong way, curvature is added until the factor exists.
fn step_root(curvature: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = curvature.len();
    let mut ridge = 0.05;
    let factor = loop {
        if let Some(factor) = cholesky(curvature, ridge) {
            break factor;
        }
        ridge *= 4.0;
    };
    let mut inverse = vec![vec![0.0; n]; n];
    for column in 0..n {
        for i in column..n {
            let sum: f64 = (column..i).map(|k| factor[i][k] * inverse[k][column]).sum();
            inverse[i][column] = (if i == column { 1.0 } else { 0.0 } - sum) / factor[i][i];
        }
    }
    inverse
}

fn cholesky(matrix: &[Vec<f64>], ridge: f64) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            // What is not a number can be no curvature.
            let entry = if matrix[i][j].is_finite() { matrix[i][j] } else { 0.0 };
            let left = entry + if i == j { ridge } else { 0.0 } - sum;
            if i == j {
                if left <= 1e-3 {
                    return None;
                }
                factor[i][i] = left.sqrt();
            } else {
                factor[i][j] = left / factor[j][j];
            }
        }
    }
    Some(factor)
}

/// Independent draws that a chain is worth, by its positive autocorrelations (Geyer 1992).
fn effective(chain: &[f64]) -> f64 {
    let n = chain.len() as f64;
    let mean = chain.iter().sum::<f64>() / n;
    let at = |lag: usize| chain.iter().zip(&chain[lag..]).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / n;
    let variance = at(0);
    if variance <= 0.0 {
        return 1.0;
    }
    let mut time = 1.0;
    for lag in (1..chain.len() / 2).step_by(2) {
        let pair = (at(lag) + at(lag + 1)) / variance;
        if pair <= 0.0 {
            break;
        }
        time += 2.0 * pair;
    }
    n / time
}
