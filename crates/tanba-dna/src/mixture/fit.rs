//! Maximum-likelihood parameters of a hypothesis, and the likelihood ratio of two.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tanba_formats::genetic::MarkerName;

use super::draw::Draw;
use super::optimise::{Summit, climb};
use super::parameters::Parameters;
use super::{Evidence, Hypothesis, Likelihood, MarkerEvidence, MixtureError};

/// How hard the maximum is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FitOptions {
    /// Climbs from different places, 1 to 50; as many again, up to four times, while only one of them reaches the highest place.
    pub starts: usize,
    /// Seed of the places that are drawn.
    pub seed: u64,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self { starts: 3, seed: 1 }
    }
}

/// Ends closer than this in log-likelihood are the same maximum.
pub const SAME_MAXIMUM: f64 = 0.01;

/// So many times the number of starts climb at most, while only one has reached the highest place.
const MOST_BATCHES: usize = 4;

/// A maximum-likelihood fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The parameters.
    pub parameters: Parameters,
    /// Natural logarithm of the likelihood there.
    pub ln_likelihood: f64,
    /// The same of each marker.
    pub markers: Vec<(MarkerName, f64)>,
    /// ln likelihood at the end of each climb, in the order of the starts; minus infinity where it never got off the ground.
    pub ends: Vec<f64>,
    /// How many ends are the maximum (within [`SAME_MAXIMUM`]).
    pub agreeing: usize,
    /// Whether the best climb ended because nothing more was to be gained.
    pub converged: bool,
    /// Evaluations of likelihood and gradient, all climbs together.
    pub evaluations: usize,
    /// Place of the maximum on the unbounded scale.
    pub(super) at: Vec<f64>,
}

impl Fit {
    /// What a reader must know of the search, or nothing.
    pub fn warning(&self) -> Option<String> {
        if !self.converged {
            return Some("the search for the maximum did not converge: use more starts".to_owned());
        }
        (self.agreeing == 1 && self.ends.len() > 1)
            .then(|| format!("only one of {} starts reached the maximum: use more starts", self.ends.len()))
    }
}

impl Likelihood<'_> {
    /// The maximum-likelihood parameters.
    ///
    /// # Errors
    /// [`MixtureError::OutOfRange`] for impossible options, [`MixtureError::Impossible`] where no parameters explain the evidence.
    pub fn fit(&self, options: &FitOptions) -> Result<Fit, MixtureError> {
        if !(1..=50).contains(&options.starts) {
            return Err(MixtureError::OutOfRange { what: "the number of starts", range: "from 1 to 50" });
        }
        let scale = self.scale();
        let bounds = scale.bounds();
        // A maximum that one climb alone has reached may not be the highest: more climb until two meet there.
        let mut summits: Vec<Summit> = Vec::new();
        let mut best: Option<Summit> = None;
        for starts in self.starts(options, options.starts * MOST_BATCHES).chunks(options.starts) {
            let more: Vec<Summit> =
                starts.par_iter().map(|start| climb(start.clone(), &bounds, |x| self.value_and_gradient(x))).collect();
            summits.extend(more);
            best = summits.iter().cloned().reduce(|best, other| if other.value > best.value { other } else { best });
            if options.starts == 1 || best.as_ref().is_some_and(|best| agreeing(&summits, best.value) > 1) {
                break;
            }
        }
        let ends: Vec<f64> = summits.iter().map(|summit| summit.value).collect();
        let evaluations = summits.iter().map(|summit| summit.evaluations).sum();
        let Some(best) = best.filter(|best| best.value.is_finite()) else {
            return Err(MixtureError::Impossible { marker: self.impossible_marker() });
        };
        let parameters = scale.parameters(&best.at);
        let markers = self.at(&parameters)?.markers;
        Ok(Fit {
            ln_likelihood: markers.iter().map(|(_, ln)| ln).sum(),
            markers,
            agreeing: agreeing(&summits, best.value),
            ends,
            converged: best.converged,
            evaluations,
            at: best.at,
            parameters,
        })
    }

    fn impossible_marker(&self) -> MarkerName {
        let parameters = self.scale().parameters(&self.place(&even(self.hypothesis().contributors.len()), [0.0; 2]));
        let impossible = self.programs().iter().position(|p| self.marker(p, &parameters, None) == f64::NEG_INFINITY);
        self.evidence().markers[impossible.unwrap_or(0)].marker.clone()
    }

    /// Where to climb from: the best places of a grid of proportions at rough values of everything else, far enough from each other, and
    /// drawn ones where the grid has no more.
    fn starts(&self, options: &FitOptions, count: usize) -> Vec<Vec<f64>> {
        let contributors = self.hypothesis().contributors.len();
        let mut places: Vec<(f64, Vec<f64>)> = proportion_grid(self.hypothesis())
            .into_par_iter()
            .map(|proportions| {
                let x = self.place(&proportions, [0.0; 2]);
                (self.value(&x), x)
            })
            .collect();
        places.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut chosen: Vec<Vec<f64>> = Vec::new();
        let apart = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        for (_, x) in places {
            if chosen.len() < count && chosen.iter().all(|other| apart(other, &x) > 0.7) {
                chosen.push(x);
            }
        }
        let mut draw = Draw::new(options.seed, 0);
        while chosen.len() < count {
            let parts: Vec<f64> = (0..contributors).map(|_| draw.gamma(1.0) + 0.02).collect();
            let sum: f64 = parts.iter().sum();
            let proportions: Vec<f64> = parts.iter().map(|part| part / sum).collect();
            let shift = [0.3 * draw.normal(), 0.4 * draw.normal()];
            chosen.push(self.place(&proportions, shift));
        }
        chosen
    }

    /// A place with these proportions and rough values of everything else, ln mu and ln omega moved by `shift`.
    fn place(&self, proportions: &[f64], shift: [f64; 2]) -> Vec<f64> {
        let (ln_mu, ln_beta) = rough_heights(self.evidence());
        let replicate_factors = rough_factors(self.evidence());
        // The height is that of the first replicate, and the rough one that of all together.
        let ln_mean: f64 =
            replicate_factors.iter().map(|factor| factor.ln()).sum::<f64>() / (replicate_factors.len() + 1) as f64;
        let settings = self.evidence().settings();
        self.scale().place(&Parameters {
            proportions: proportions.to_vec(),
            mu: (ln_mu - ln_mean + shift[0]).exp(),
            omega: (-1.4 + shift[1]).exp(),
            beta: if settings.degradation { ln_beta.exp() } else { 1.0 },
            back_stutter: if settings.back_stutter { 0.07 } else { 0.0 },
            forward_stutter: if settings.forward_stutter { 0.02 } else { 0.0 },
            double_back_stutter: if settings.double_back_stutter { 0.005 } else { 0.0 },
            replicate_factors,
        })
    }
}

/// How many climbs ended at this height.
fn agreeing(summits: &[Summit], height: f64) -> usize {
    summits.iter().filter(|summit| height - summit.value < SAME_MAXIMUM).count()
}

fn even(contributors: usize) -> Vec<f64> {
    vec![1.0 / contributors as f64; contributors]
}

/// ln mu and ln beta from a line through the logarithms of the total heights of the markers against their sizes: the material of
/// all contributors together is two alleles of a sole one.
fn rough_heights(evidence: &Evidence) -> (f64, f64) {
    let mut points = Vec::new();
    for marker in &evidence.markers {
        for peaks in marker.replicates.iter().flatten() {
            let total: f64 = peaks.iter().map(|peak| peak.height).sum::<f64>().max(marker.threshold / 2.0);
            let size = |allele| marker.sizes.get(allele).copied().unwrap_or(125.0);
            let sized: f64 = peaks.iter().map(|peak| peak.height * size(&peak.allele)).sum();
            let bases = if peaks.is_empty() { marker.rest_size.unwrap_or(125.0) } else { sized / total };
            points.push(((bases - 125.0) / 100.0, (total / 2.0).ln()));
        }
    }
    let n = (points.len() as f64).max(1.0);
    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(f).sum::<f64>() / n;
    let (mx, my) = (mean(&|p| p.0), mean(&|p| p.1));
    let (sxy, sxx) = (mean(&|p| (p.0 - mx) * (p.1 - my)), mean(&|p| (p.0 - mx) * (p.0 - mx)));
    if !evidence.settings.degradation || sxx < 1e-9 {
        return (my, 0.0);
    }
    let slope = (sxy / sxx).clamp(-1.5, 0.2);
    (my - slope * mx, slope)
}

/// The factors of the replicates after the first, from the total heights at the markers that both typed.
fn rough_factors(evidence: &Evidence) -> Vec<f64> {
    let total = |marker: &MarkerEvidence, replicate: usize| {
        let peaks = marker.replicates.get(replicate)?.as_ref()?;
        Some(peaks.iter().map(|peak| peak.height).sum::<f64>().max(marker.threshold / 2.0).ln())
    };
    let of = |replicate: usize| {
        let both: Vec<f64> =
            evidence.markers.iter().filter_map(|marker| Some(total(marker, replicate)? - total(marker, 0)?)).collect();
        (both.iter().sum::<f64>() / both.len().max(1) as f64).clamp(-3.0, 3.0).exp()
    };
    (1..=evidence.replicate_factors()).map(of).collect()
}

/// Proportions in twelfths (coarser for many contributors); unknown contributors without relatives are interchangeable and so in
/// falling order.
fn proportion_grid(hypothesis: &Hypothesis) -> Vec<Vec<f64>> {
    let n = hypothesis.contributors.len();
    let parts = match n {
        1 => 1,
        2 => 12,
        3 => 9,
        _ => n + 4,
    };
    let mut grid = Vec::new();
    let mut stack = vec![Vec::new()];
    while let Some(taken) = stack.pop() {
        let left = parts - taken.iter().sum::<usize>();
        if taken.len() + 1 == n {
            let mut all: Vec<usize> = taken;
            all.push(left);
            let unknown: Vec<usize> = (0..n).filter(|i| hypothesis.is_anybody(*i)).map(|i| all[i]).collect();
            if left > 0 && unknown.is_sorted_by(|a, b| a >= b) {
                grid.push(all.iter().map(|part| *part as f64 / parts as f64).collect());
            }
            continue;
        }
        for part in 1..left {
            let mut more = taken.clone();
            more.push(part);
            stack.push(more);
        }
    }
    grid
}

/// What two fits weigh against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct LikelihoodRatio {
    /// Base-10 logarithm of the ratio; minus infinity where the first hypothesis is impossible, infinity where the second is.
    pub log10: f64,
    /// The same of each marker, at the parameters of the two fits.
    pub markers: Vec<(MarkerName, f64)>,
}

impl LikelihoodRatio {
    /// Of the first hypothesis against the second.
    pub fn of(first: &Fit, second: &Fit) -> Self {
        let log10 = |a: f64, b: f64| (a - b) / std::f64::consts::LN_10;
        Self {
            log10: log10(first.ln_likelihood, second.ln_likelihood),
            markers: first
                .markers
                .iter()
                .zip(&second.markers)
                .map(|((m, a), (_, b))| (m.clone(), log10(*a, *b)))
                .collect(),
        }
    }
}
