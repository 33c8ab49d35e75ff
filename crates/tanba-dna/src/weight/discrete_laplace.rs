//! The discrete Laplace model of Y-STR haplotypes: a mixture of clusters around central haplotypes.
//!
//! Source: Andersen, Eriksen and Morling (2013), *Journal of Theoretical Biology* 329, 39. At a locus the distance `d` from the
//! centre has probability `(1-p)/(1+p) p^|d|`; loci are independent within a cluster, and `log p` is the sum of an effect of the
//! cluster and one of the locus.
//!
//! The fit: clusters start as medoids; expectation-maximisation, whose second half is a concave problem solved one effect at a time
//! by Newton's method; then every centre moves to the weighted median of its cluster, until none moves. Several starts, from a seed.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::DnaError;

/// A haplotype: repeat numbers at the loci, in a fixed order.
pub type Repeats = Vec<i32>;

/// A fitted or given model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiscreteLaplace {
    clusters: Vec<Cluster>,
}

/// One cluster of a [`DiscreteLaplace`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its share of the population.
    pub weight: f64,
    /// The central haplotype.
    pub centre: Repeats,
    /// The parameter at each locus, at least 0 and below 1.
    pub p: Vec<f64>,
}

/// Haplotypes with how often each was seen.
#[derive(Debug, Clone, Default)]
pub struct HaplotypeSample {
    haplotypes: Vec<(Repeats, u64)>,
    loci: usize,
}

/// The most different haplotypes, loci and clusters of a fit.
const MOST: [usize; 3] = [100_000, 64, 64];
/// The smallest parameter that a fit gives: a locus where a cluster shows one allele alone must not make others impossible.
const LEAST_P: f64 = 1e-6;
const MOST_P: f64 = 0.999;
/// Rounds of expectation-maximisation, and moves of the centres.
const MOST_ROUNDS: usize = 2_000;
const MOST_MOVES: usize = 100;
/// A fit ends when the log-likelihood grows by less.
const ENOUGH: f64 = 1e-7;

impl HaplotypeSample {
    /// Haplotypes over the same loci, each with a count.
    ///
    /// # Errors
    /// [`DnaError::BadHaplotypes`] for none, too many, different numbers of loci, or a count of 0.
    pub fn new(haplotypes: impl IntoIterator<Item = (Repeats, u64)>) -> Result<Self, DnaError> {
        let bad = |reason| DnaError::BadHaplotypes { reason };
        let haplotypes: Vec<(Repeats, u64)> = haplotypes.into_iter().take(MOST[0] + 1).collect();
        let loci = haplotypes.first().ok_or(bad("there is none"))?.0.len();
        if haplotypes.len() > MOST[0] || !(1..=MOST[1]).contains(&loci) {
            return Err(bad("at most 100000 of 1 to 64 loci"));
        }
        if haplotypes.iter().any(|(h, count)| h.len() != loci || *count == 0 || *count > 1 << 32) {
            return Err(bad("one has another number of loci, or was seen no times or too often"));
        }
        if haplotypes.iter().any(|(h, _)| h.iter().any(|repeats| !(0..=1000).contains(repeats))) {
            return Err(bad("a repeat number lies outside 0 to 1000"));
        }
        Ok(Self { haplotypes, loci })
    }

    /// How many rows, which are different haplotypes unless one was given twice.
    pub(super) fn different(&self) -> usize {
        self.haplotypes.len()
    }

    /// The people.
    pub fn people(&self) -> u64 {
        self.haplotypes.iter().map(|(_, count)| count).sum()
    }
}

impl DiscreteLaplace {
    /// A model of given parameters.
    ///
    /// # Errors
    /// [`DnaError::BadHaplotypes`] where weights do not sum to 1, a parameter lies outside 0 to below 1, or lengths differ.
    pub fn new(clusters: Vec<Cluster>) -> Result<Self, DnaError> {
        let bad = |reason| Err(DnaError::BadHaplotypes { reason });
        let Some(loci) = clusters.first().map(|cluster| cluster.centre.len()) else {
            return bad("there is no cluster");
        };
        let sum: f64 = clusters.iter().map(|cluster| cluster.weight).sum();
        if clusters.iter().any(|cluster| !(0.0..=1.0).contains(&cluster.weight)) || (sum - 1.0).abs() > 1e-6 {
            return bad("the weights of the clusters are not shares of 1");
        }
        if loci == 0 || clusters.iter().any(|cluster| cluster.centre.len() != loci || cluster.p.len() != loci) {
            return bad("the clusters have different numbers of loci, or none");
        }
        if clusters.iter().flat_map(|cluster| &cluster.p).any(|p| !(0.0..1.0).contains(p)) {
            return bad("a parameter lies outside 0 to below 1");
        }
        Ok(Self { clusters })
    }

    /// The clusters.
    pub fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    /// The probability of a haplotype.
    ///
    /// # Errors
    /// [`DnaError::BadHaplotypes`] where it has another number of loci.
    pub fn probability(&self, haplotype: &[i32]) -> Result<f64, DnaError> {
        if self.clusters.iter().any(|cluster| cluster.centre.len() != haplotype.len()) {
            return Err(DnaError::BadHaplotypes { reason: "the haplotype has another number of loci than the model" });
        }
        Ok(self.clusters.iter().map(|cluster| cluster.weight * cluster.probability(haplotype)).sum())
    }

    /// The natural logarithm of the likelihood of a sample.
    ///
    /// # Errors
    /// As [`DiscreteLaplace::probability`].
    pub fn log_likelihood(&self, sample: &HaplotypeSample) -> Result<f64, DnaError> {
        sample.haplotypes.iter().map(|(h, count)| Ok(*count as f64 * self.probability(h)?.ln())).sum()
    }

    /// The best of `starts` fits of so many clusters; the same for the same seed.
    ///
    /// # Errors
    /// [`DnaError::BadHaplotypes`] for no cluster or start, or more clusters than haplotypes or than 64.
    pub fn fit(sample: &HaplotypeSample, clusters: usize, starts: usize, seed: u64) -> Result<Self, DnaError> {
        if clusters == 0 || clusters > sample.haplotypes.len().min(MOST[2]) || !(1..=1000).contains(&starts) {
            return Err(DnaError::BadHaplotypes {
                reason: "fit 1 to 64 clusters, no more than there are haplotypes, from 1 to 1000 starts",
            });
        }
        let fits = (0..starts).into_par_iter().map(|start| {
            // A seed for each start, so that the answer does not depend on which core takes it.
            let mut seed = seed.wrapping_add(start as u64);
            // The first start is the greedy one, without chance.
            let centres = if start == 0 { greedy(sample, clusters) } else { spread(sample, clusters, &mut seed) };
            let fitted = Self::from_centres(sample, centres);
            Ok((fitted.log_likelihood(sample)?, fitted))
        });
        let fits = fits.collect::<Result<Vec<_>, DnaError>>()?;
        // Of equal ones the earlier start.
        let best = fits.into_iter().reduce(|best, other| if other.0 > best.0 { other } else { best });
        Ok(best.expect("at least one start").1)
    }

    fn from_centres(sample: &HaplotypeSample, centres: Vec<Repeats>) -> Self {
        let share = 1.0 / centres.len() as f64;
        let p = vec![0.3; sample.loci];
        let clusters = centres.into_iter().map(|centre| Cluster { weight: share, centre, p: p.clone() });
        let mut model = Self { clusters: clusters.collect() };
        let mut best = model.maximise(sample);
        for _ in 0..MOST_MOVES {
            let mut moved = model.clone();
            let (memberships, _) = moved.memberships(sample);
            if !moved.move_centres(sample, &memberships) {
                break;
            }
            let reached = moved.maximise(sample);
            if reached <= best + ENOUGH {
                break;
            }
            (model, best) = (moved, reached);
        }
        model
    }

    /// Expectation-maximisation with the centres held; the log-likelihood that was reached.
    fn maximise(&mut self, sample: &HaplotypeSample) -> f64 {
        let mut before = f64::NEG_INFINITY;
        for _ in 0..MOST_ROUNDS {
            let (memberships, likelihood) = self.memberships(sample);
            if likelihood - before < ENOUGH {
                return likelihood;
            }
            before = likelihood;
            let weights: Vec<f64> = memberships.iter().map(|of| of.iter().sum()).collect();
            let people: f64 = weights.iter().sum();
            let distances: Vec<Vec<f64>> =
                self.clusters.iter().zip(&memberships).map(|(c, of)| c.distances(sample, of)).collect();
            self.fit_effects(&weights, &distances);
            for (cluster, weight) in self.clusters.iter_mut().zip(&weights) {
                cluster.weight = weight / people;
            }
        }
        before
    }

    /// For each cluster and haplotype the expected number of people, and the log-likelihood.
    fn memberships(&self, sample: &HaplotypeSample) -> (Vec<Vec<f64>>, f64) {
        let mut memberships = vec![Vec::with_capacity(sample.haplotypes.len()); self.clusters.len()];
        let mut likelihood = 0.0;
        for (haplotype, count) in &sample.haplotypes {
            let parts: Vec<f64> = self.clusters.iter().map(|c| c.weight * c.probability(haplotype)).collect();
            // Too far from every centre for a number: it belongs to no cluster, and costs all that can be said.
            let sum = parts.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            likelihood += *count as f64 * sum.ln();
            for (of, part) in memberships.iter_mut().zip(parts) {
                of.push(*count as f64 * part / sum);
            }
        }
        (memberships, likelihood)
    }

    /// Finds the effects of clusters and loci at which the expected log-likelihood is highest: Newton's method, an effect at a time.
    fn fit_effects(&mut self, weights: &[f64], distances: &[Vec<f64>]) {
        let loci = distances[0].len();
        let mut of_cluster = vec![0.0; weights.len()];
        let mut of_locus: Vec<f64> = self.clusters[0].p.iter().map(|p| p.ln()).collect();
        for (effect, cluster) in of_cluster.iter_mut().zip(&self.clusters) {
            *effect = cluster.p[0].ln() - of_locus[0];
        }
        let within = |effect: f64| effect.clamp(LEAST_P.ln(), MOST_P.ln());
        for _ in 0..200 {
            let mut moved: f64 = 0.0;
            for k in 0..loci {
                let cells =
                    (0..weights.len()).map(|j| (weights[j], distances[j][k], within(of_cluster[j] + of_locus[k])));
                let step = newton(cells);
                of_locus[k] = (of_locus[k] + step).clamp(-40.0, 5.0);
                moved = moved.max(step.abs());
            }
            for j in 0..weights.len() {
                let cells = (0..loci).map(|k| (weights[j], distances[j][k], within(of_cluster[j] + of_locus[k])));
                let step = newton(cells);
                of_cluster[j] = (of_cluster[j] + step).clamp(-40.0, 5.0);
                moved = moved.max(step.abs());
            }
            if moved < 1e-10 {
                break;
            }
        }
        for (j, cluster) in self.clusters.iter_mut().enumerate() {
            for k in 0..loci {
                cluster.p[k] = within(of_cluster[j] + of_locus[k]).exp();
            }
        }
    }

    /// Moves each centre to the weighted median of its cluster; whether one moved.
    fn move_centres(&mut self, sample: &HaplotypeSample, memberships: &[Vec<f64>]) -> bool {
        let mut moved = false;
        for (cluster, of) in self.clusters.iter_mut().zip(memberships) {
            for k in 0..sample.loci {
                let mut values: Vec<(i32, f64)> =
                    sample.haplotypes.iter().zip(of).map(|((h, _), weight)| (h[k], *weight)).collect();
                values.sort_by_key(|(repeats, _)| *repeats);
                let half = values.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
                let mut sum = 0.0;
                let median = values.iter().find(|(_, weight)| {
                    sum += weight;
                    sum >= half
                });
                if let Some((median, _)) = median.filter(|(median, _)| *median != cluster.centre[k]) {
                    cluster.centre[k] = *median;
                    moved = true;
                }
            }
        }
        moved
    }
}

impl Cluster {
    fn probability(&self, haplotype: &[i32]) -> f64 {
        self.factors(haplotype).product()
    }

    /// The probability of each locus.
    pub(super) fn factors(&self, haplotype: &[i32]) -> impl Iterator<Item = f64> {
        let loci = self.p.iter().zip(&self.centre).zip(haplotype);
        loci.map(|((p, centre), repeats)| (1.0 - p) / (1.0 + p) * p.powi((repeats - centre).abs()))
    }

    /// The weighted sum of distances at each locus.
    fn distances(&self, sample: &HaplotypeSample, of: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; sample.loci];
        for ((haplotype, _), weight) in sample.haplotypes.iter().zip(of) {
            for (k, sum) in sums.iter_mut().enumerate() {
                *sum += weight * f64::from((haplotype[k] - self.centre[k]).abs());
            }
        }
        sums
    }
}

/// One step for an effect shared by cells of (people, summed distance, log p): the expected distance is 2p/(1-p²).
fn newton(cells: impl Iterator<Item = (f64, f64, f64)>) -> f64 {
    let (mut slope, mut bend) = (0.0, 0.0);
    for (weight, distance, log_p) in cells {
        let square = (2.0 * log_p).exp();
        let mean = 2.0 * log_p.exp() / (1.0 - square);
        slope += distance - weight * mean;
        bend += weight * mean * (1.0 + square) / (1.0 - square);
    }
    // The problem is concave; a bounded step keeps early ones from overshooting.
    if bend > 0.0 { (slope / bend).clamp(-1.0, 1.0) } else { 0.0 }
}

fn distance(a: &[i32], b: &[i32]) -> f64 {
    a.iter().zip(b).map(|(x, y)| f64::from((x - y).abs())).sum()
}

/// Medoids one after the other, each the one that shortens the sum of distances most (the first half of Kaufman and Rousseeuw's
/// partitioning around medoids, 1987).
fn greedy(sample: &HaplotypeSample, clusters: usize) -> Vec<Repeats> {
    let mut nearest = vec![f64::INFINITY; sample.haplotypes.len()];
    let mut centres: Vec<Repeats> = Vec::new();
    // Candidates are bounded so that large samples stay quick; the centres move later anyway.
    let stride = sample.haplotypes.len().div_ceil(2_000);
    while centres.len() < clusters {
        let cost = |candidate: &Repeats| -> f64 {
            let all = sample.haplotypes.iter().zip(&nearest);
            all.map(|((h, count), near)| *count as f64 * near.min(distance(h, candidate))).sum()
        };
        let unused = sample.haplotypes.iter().step_by(stride).map(|(h, _)| h).filter(|h| !centres.contains(h));
        let best = unused.map(|h| (cost(h), h)).min_by(|a, b| a.0.total_cmp(&b.0));
        // With a stride, candidates can run out before haplotypes do.
        let centre = best.map_or_else(|| sample.haplotypes[centres.len()].0.clone(), |(_, h)| h.clone());
        for ((haplotype, _), near) in sample.haplotypes.iter().zip(&mut nearest) {
            *near = near.min(distance(haplotype, &centre));
        }
        centres.push(centre);
    }
    centres
}

/// Centres drawn one after the other, far ones more likely (Arthur and Vassilvitskii 2007).
fn spread(sample: &HaplotypeSample, clusters: usize, seed: &mut u64) -> Vec<Repeats> {
    let mut nearest: Vec<f64> = vec![1.0; sample.haplotypes.len()];
    let mut centres: Vec<Repeats> = Vec::new();
    while centres.len() < clusters {
        let weights: Vec<f64> =
            sample.haplotypes.iter().zip(&nearest).map(|((_, count), near)| *count as f64 * near).collect();
        let mut left = uniform(seed) * weights.iter().sum::<f64>();
        let at = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        let centre = sample.haplotypes[at.unwrap_or(weights.len() - 1)].0.clone();
        for ((haplotype, _), near) in sample.haplotypes.iter().zip(&mut nearest) {
            let to = distance(haplotype, &centre);
            *near = if centres.is_empty() { to } else { near.min(to) };
        }
        centres.push(centre);
    }
    centres
}

/// SplitMix64 (Steele, Lea and Flood 2014), as a number from 0 to below 1.
pub(crate) fn uniform(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *seed;
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ z >> 31) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probability_by_hand_and_in_sum() {
        let model = DiscreteLaplace::new(vec![
            Cluster { weight: 0.75, centre: vec![14, 13], p: vec![0.5, 0.2] },
            Cluster { weight: 0.25, centre: vec![16, 10], p: vec![0.1, 0.3] },
        ])
        .unwrap();
        let by_hand = 0.75 * (0.5 / 1.5 * 0.5) * (0.8 / 1.2) + 0.25 * (0.9 / 1.1 * 0.1) * (0.7 / 1.3 * 0.027);
        assert!((model.probability(&[15, 13]).unwrap() - by_hand).abs() < 1e-15);
        let sum: f64 =
            (-60..90).flat_map(|a| (-60..90).map(move |b| [a, b])).map(|h| model.probability(&h).unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        assert!(model.probability(&[1]).is_err());
    }

    /// One cluster, one locus: the mean distance d determines p in closed form, p = (sqrt(1 + d²) - 1) / d.
    #[test]
    fn one_locus_is_fitted_in_closed_form() {
        let sample =
            HaplotypeSample::new([(vec![14], 60), (vec![13], 18), (vec![15], 15), (vec![16], 4), (vec![12], 3)])
                .unwrap();
        let model = DiscreteLaplace::fit(&sample, 1, 1, 1).unwrap();
        let mean: f64 = (18.0 + 15.0 + 2.0 * 7.0) / 100.0;
        let p = ((1.0 + mean * mean).sqrt() - 1.0) / mean;
        assert_eq!(model.clusters()[0].centre, [14]);
        assert!((model.clusters()[0].p[0] - p).abs() < 1e-9, "{} {p}", model.clusters()[0].p[0]);
        assert_eq!(sample.people(), 100);
    }

    #[test]
    fn two_clusters_are_found_again() {
        let truth = DiscreteLaplace::new(vec![
            Cluster { weight: 0.7, centre: vec![14, 13, 29, 24], p: vec![0.3, 0.2, 0.4, 0.3] },
            Cluster { weight: 0.3, centre: vec![16, 12, 31, 22], p: vec![0.15, 0.1, 0.2, 0.15] },
        ])
        .unwrap();
        let mut seed = 11;
        let mut draw = |p: f64| {
            let mut sum = (1.0 - p) / (1.0 + p);
            let (mut u, mut d) = (uniform(&mut seed) - sum, 0);
            while u >= 0.0 && d < 100 {
                d += 1;
                sum *= p;
                u -= 2.0 * sum;
            }
            if uniform(&mut seed) < 0.5 { d } else { -d }
        };
        let people = (0..3000).map(|n| {
            let cluster = &truth.clusters()[usize::from(n % 10 >= 7)];
            (cluster.centre.iter().zip(&cluster.p).map(|(c, p)| c + draw(*p)).collect(), 1)
        });
        let sample = HaplotypeSample::new(people).unwrap();
        let fitted = DiscreteLaplace::fit(&sample, 2, 4, 1).unwrap();
        assert!(fitted.log_likelihood(&sample).unwrap() >= truth.log_likelihood(&sample).unwrap() - 1e-6);
        let mut clusters = fitted.clusters().to_vec();
        clusters.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        for (fitted, truth) in clusters.iter().zip(truth.clusters()) {
            assert_eq!(fitted.centre, truth.centre);
            assert!((fitted.weight - truth.weight).abs() < 0.03);
            assert!(fitted.p.iter().zip(&truth.p).all(|(a, b)| (a - b).abs() < 0.04), "{:?}", fitted.p);
        }
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        assert!(HaplotypeSample::new([]).is_err());
        assert!(HaplotypeSample::new([(vec![1], 1), (vec![1, 2], 1)]).is_err());
        assert!(HaplotypeSample::new([(vec![1], 0)]).is_err());
        assert!(HaplotypeSample::new([(vec![i32::MIN], 1)]).is_err());
        let one = HaplotypeSample::new([(vec![14, 13], 5)]).unwrap();
        assert!(DiscreteLaplace::fit(&one, 2, 1, 1).is_err() && DiscreteLaplace::fit(&one, 0, 1, 1).is_err());
        assert!(DiscreteLaplace::fit(&one, 1, 3, 1).is_ok());
        let far = HaplotypeSample::new([(vec![0; 60], 5), (vec![1000; 60], 1)]).unwrap();
        assert!(DiscreteLaplace::fit(&far, 1, 2, 1).unwrap().clusters()[0].p.iter().all(|p| p.is_finite()));
        for (weight, p) in [(0.5, 0.1), (1.0, 1.0), (f64::NAN, 0.1)] {
            assert!(DiscreteLaplace::new(vec![Cluster { weight, centre: vec![14], p: vec![p] }]).is_err());
        }
    }
}
