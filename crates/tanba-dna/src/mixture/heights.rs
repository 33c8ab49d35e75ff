//! The density of the heights at one position, for all copies that it and its neighbours can have.
//!
//! Cowell et al. (2015) and Bleka, Storvik and Gill (2016): heights are gamma with a shape that is the sum of what each allele
//! gives, and a common scale; below the threshold the distribution function stands in; where no allele gives anything, a peak is a
//! drop-in whose height exceeds the threshold exponentially.

use super::compile::{MarkerProgram, Position, Table};
use super::ladder::Place;
use super::parameters::{Parameters, Slopes};
use super::special::{gamma_cdf, gamma_upper, ln_gamma_cdf, ln_gamma_digamma};
use super::ways::Unit;
use super::{Allele, Settings};

/// What is asked of one peak instead of its density, for checking the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Instead {
    pub(super) allele: Allele,
    pub(super) replicate: usize,
    pub(super) ask: Ask,
}

/// Probabilities of a peak's height, over all heights at or above the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ask {
    /// From the threshold to this height.
    UpTo(f64),
    /// Any.
    Any,
}

/// Logarithms of the densities of the rows of a table, with what a gradient needs.
#[derive(Debug, Default, Clone)]
pub(super) struct Rows {
    pub(super) ln: Vec<f64>,
    /// Derivative by the shape.
    by_shape: Vec<f64>,
    /// Derivative by the logarithm of the scale.
    by_ln_scale: Vec<f64>,
    /// The same of each replicate's own scale, where they have factors; all replicates of a row, row after row.
    by_ln_factor: Vec<f64>,
    shapes: Vec<f64>,
    /// Shape that one copy gives, from each of the givers of the table.
    per_copy: [f64; 4],
}

/// What of the parameters every table needs.
#[derive(Debug, Clone)]
pub(super) struct Point<'a> {
    pub(super) parameters: &'a Parameters,
    settings: &'a Settings,
    scale: f64,
    ln_scale: f64,
    /// Factors of the expected height in the replicates that typed the marker; empty where they have none.
    factors: Vec<f64>,
    /// Shape of one full copy at each position, before stutter.
    full: Vec<f64>,
    /// Share of each giver's material that falls at a position; of its own what stays.
    shares: [f64; 4],
}

impl<'a> Point<'a> {
    pub(super) fn new(program: &'a MarkerProgram, parameters: &'a Parameters) -> Self {
        let variance = parameters.omega * parameters.omega;
        let scale = parameters.mu * variance;
        let ln_beta = parameters.beta.ln();
        let [back, forward] = [parameters.back_stutter, parameters.forward_stutter];
        let [before, after] = if program.reach.descending { [back, forward] } else { [forward, back] };
        Self {
            parameters,
            settings: &program.settings,
            scale,
            ln_scale: scale.ln(),
            factors: match parameters.replicate_factors[..] {
                [] => Vec::new(),
                _ => program.typed.iter().map(|replicate| parameters.factor(*replicate)).collect(),
            },
            full: program.positions.iter().map(|position| (ln_beta * position.size).exp() / variance).collect(),
            shares: [before, parameters.stays(), after, parameters.double_back_stutter],
        }
    }
}

impl Rows {
    /// Rows weighed by another model; a row of shape 0 is one in which nobody gives anything.
    pub(super) fn given(ln: Vec<f64>, shapes: Vec<f64>) -> Self {
        Self { ln, shapes, ..Self::default() }
    }

    /// Whether nobody gives anything here in a row, so that what is seen is drop-in.
    pub(super) fn is_drop_in(&self, row: usize) -> bool {
        self.shapes[row] <= 0.0
    }

    /// The shape, averaged with these weights of the rows.
    pub(super) fn mean_shape(&self, weights: &[f64]) -> f64 {
        self.shapes.iter().zip(weights).map(|(shape, weight)| shape * weight).sum()
    }

    /// Weighs every row.
    pub(super) fn fill(
        &mut self,
        program: &MarkerProgram,
        table: &Table,
        point: &Point,
        instead: Option<Instead>,
        with_slopes: bool,
    ) {
        let position = &program.positions[table.position];
        for ((per_copy, giver), share) in self.per_copy.iter_mut().zip(table.givers).zip(point.shares) {
            // The rest does not stutter.
            let share = if position.place == Place::Rest { 1.0 } else { share };
            *per_copy = giver.map_or(0.0, |at| share * point.full[at]);
        }
        let proportions = &point.parameters.proportions;
        let known: f64 = table
            .givers
            .into_iter()
            .zip(self.per_copy)
            .filter_map(|(at, per_copy)| Some((at?, per_copy)))
            .flat_map(|(at, per_copy)| {
                program.positions[at].known.iter().map(move |(k, n)| proportions[*k] * n * per_copy)
            })
            .sum();
        self.shapes.clear();
        self.shapes.push(known);
        for unit in &program.units {
            let w: f64 = unit.places.iter().map(|place| proportions[*place]).sum();
            let local = table.local[usize::from(unit.alleles) - 1].iter().map(|copies| {
                w * copies.iter().zip(self.per_copy).map(|(n, per_copy)| f64::from(*n) * per_copy).sum::<f64>()
            });
            let local: Vec<f64> = local.collect();
            self.shapes = self.shapes.iter().flat_map(|sum| local.iter().map(move |more| sum + more)).collect();
        }
        let density = Density::new(program, position, point, instead);
        self.ln.clear();
        self.by_shape.clear();
        self.by_ln_scale.clear();
        self.by_ln_factor.clear();
        for shape in &self.shapes {
            let by_ln_factor = if with_slopes { Some(&mut self.by_ln_factor) } else { None };
            let (ln, by_shape, by_ln_scale) = density.at(*shape, by_ln_factor);
            self.ln.push(ln);
            if with_slopes {
                self.by_shape.push(by_shape);
                self.by_ln_scale.push(by_ln_scale);
            }
        }
    }

    /// Adds to the slopes what this table contributes, given the weight (posterior probability) of each row.
    pub(super) fn add_slopes(
        &self,
        program: &MarkerProgram,
        table: &Table,
        point: &Point,
        weights: &[f64],
        slopes: &mut Slopes,
    ) {
        let local = |unit: &Unit| &table.local[usize::from(unit.alleles) - 1];
        // Weighted derivative by the shape, summed over all rows in which a unit has certain copies.
        let mut marginals: Vec<Vec<f64>> = program.units.iter().map(|unit| vec![0.0; local(unit).len()]).collect();
        let (mut all, mut by_ln_scale) = (0.0, 0.0);
        let replicates = point.factors.len();
        let mut by_ln_factor = vec![0.0; replicates];
        for (row, weight) in weights.iter().enumerate() {
            if *weight == 0.0 {
                continue;
            }
            let d = weight * self.by_shape[row];
            all += d;
            by_ln_scale += weight * self.by_ln_scale[row];
            for (sum, by) in by_ln_factor.iter_mut().zip(&self.by_ln_factor[row * replicates..]) {
                *sum += weight * by;
            }
            let mut number = row;
            for marginal in marginals.iter_mut().rev() {
                let base = marginal.len();
                marginal[number % base] += d;
                number /= base;
            }
        }
        let proportions = &point.parameters.proportions;
        // Derivative by the shape of one copy of share 1, from each of the givers.
        let mut by_copy = [0.0; 4];
        for (unit, marginal) in program.units.iter().zip(&marginals) {
            let share: f64 = unit.places.iter().map(|place| proportions[*place]).sum();
            let mut by_share = 0.0;
            for (copies, d) in local(unit).iter().zip(marginal) {
                for giver in 0..4 {
                    let n = f64::from(copies[giver]);
                    by_copy[giver] += share * n * d;
                    by_share += n * self.per_copy[giver] * d;
                }
            }
            for place in &unit.places {
                slopes.proportions[*place] += by_share;
            }
        }
        for (giver, at) in table.givers.into_iter().enumerate() {
            let Some(at) = at else { continue };
            for (place, n) in &program.positions[at].known {
                by_copy[giver] += proportions[*place] * n * all;
                slopes.proportions[*place] += n * self.per_copy[giver] * all;
            }
            let d = by_copy[giver] * self.per_copy[giver];
            slopes.ln_beta += d * program.positions[at].size;
            slopes.ln_omega -= 2.0 * d;
            let full = by_copy[giver] * point.full[at];
            match giver {
                1 if program.positions[at].place == Place::Rest => {}
                1 => {
                    slopes.back_stutter -= full;
                    slopes.forward_stutter -= full;
                    slopes.double_back_stutter -= full;
                }
                3 => slopes.double_back_stutter += full,
                // Ascending, what comes from before is forward stutter.
                _ if (giver == 0) == program.reach.descending => slopes.back_stutter += full,
                _ => slopes.forward_stutter += full,
            }
        }
        slopes.ln_mu += by_ln_scale;
        slopes.ln_omega += 2.0 * by_ln_scale;
        for (replicate, by) in program.typed.iter().zip(by_ln_factor).filter(|(replicate, _)| **replicate > 0) {
            slopes.ln_factors[replicate - 1] += by;
        }
    }
}

/// The density of all replicates at one position as a function of the shape. A replicate whose expected height has a factor is one
/// whose heights and threshold are divided by it.
struct Density {
    seen: f64,
    /// Sum of the logarithms of the heights.
    sum_ln: f64,
    /// The same of the heights over their factors.
    sum_ln_reduced: f64,
    /// Sum of the heights over their factors, in units of the scale.
    sum: f64,
    /// Of the replicates that do not show it: which (any, without factors), how many, the threshold in units of the scale.
    unseen: Vec<(usize, f64, f64)>,
    /// By replicate the number and the sum of heights, where there are factors.
    by_replicate: Vec<(f64, f64)>,
    ln_scale: f64,
    /// ln density where the shape is 0.
    ln_drop_in: f64,
    /// A peak of which something else is asked, and the threshold, in units of the scale.
    instead: Option<(Ask, f64)>,
}

impl Density {
    fn new(program: &MarkerProgram, position: &Position, point: &Point, instead: Option<Instead>) -> Self {
        let settings = point.settings;
        let asked = |replicate: usize| {
            instead.filter(|i| i.replicate == replicate && position.place == Place::Seen(i.allele)).map(|i| i.ask)
        };
        let factor = |replicate: usize| point.factors.get(replicate).copied().unwrap_or(1.0);
        let threshold = |replicate: usize| program.threshold / (point.scale * factor(replicate));
        let mut density = Self {
            seen: 0.0,
            sum_ln: 0.0,
            sum_ln_reduced: 0.0,
            sum: 0.0,
            unseen: match position.unseen[..] {
                [] => Vec::new(),
                _ if point.factors.is_empty() => vec![(0, position.unseen.len() as f64, threshold(0))],
                _ => position.unseen.iter().map(|r| (*r, 1.0, threshold(*r))).collect(),
            },
            by_replicate: vec![(0.0, 0.0); point.factors.len()],
            ln_scale: point.ln_scale,
            ln_drop_in: 0.0,
            instead: None,
        };
        for (replicate, height) in &position.heights {
            density.ln_drop_in += (settings.drop_in * position.frequency).ln();
            if let Some(ask) = asked(*replicate) {
                if let Ask::UpTo(height) = ask {
                    density.ln_drop_in += (-(-settings.drop_in_rate * (height - program.threshold)).exp_m1()).ln();
                }
                let ask = match ask {
                    Ask::UpTo(height) => Ask::UpTo(height / (point.scale * factor(*replicate))),
                    Ask::Any => Ask::Any,
                };
                density.instead = Some((ask, threshold(*replicate)));
                continue;
            }
            density.ln_drop_in += settings.drop_in_rate.ln() - settings.drop_in_rate * (height - program.threshold);
            let reduced = height / factor(*replicate);
            density.seen += 1.0;
            density.sum_ln += height.ln();
            density.sum_ln_reduced += reduced.ln();
            density.sum += reduced / point.scale;
            if let Some((seen, sum)) = density.by_replicate.get_mut(*replicate) {
                *seen += 1.0;
                *sum += reduced / point.scale;
            }
        }
        density
    }

    /// ln density, its derivative by the shape, its derivative by the logarithm of the scale; with `by_ln_factor` the derivatives too,
    /// those by the logarithms of the replicates' factors being added there.
    fn at(&self, shape: f64, by_ln_factor: Option<&mut Vec<f64>>) -> (f64, f64, f64) {
        let with_slopes = by_ln_factor.is_some();
        let mut none = Vec::new();
        let by_ln_factor = by_ln_factor.unwrap_or(&mut none);
        let first = by_ln_factor.len();
        let impossible = shape <= 0.0;
        by_ln_factor
            .extend(self.by_replicate.iter().map(|(seen, sum)| if impossible { 0.0 } else { sum - seen * shape }));
        if impossible {
            return (self.ln_drop_in, 0.0, 0.0);
        }
        let (mut ln, mut by_shape, mut by_ln_scale) = (0.0, 0.0, 0.0);
        if self.seen > 0.0 {
            let (ln_gamma, digamma) = ln_gamma_digamma(shape);
            let terms = self.sum_ln_reduced - self.seen * self.ln_scale;
            ln += shape * terms - self.sum_ln - self.sum - self.seen * ln_gamma;
            if with_slopes {
                by_shape += terms - self.seen * digamma;
                by_ln_scale += self.sum - self.seen * shape;
            }
        }
        for (replicate, number, threshold) in &self.unseen {
            let cdf = ln_gamma_cdf(shape, *threshold);
            ln += number * cdf.value;
            by_shape += number * cdf.by_shape;
            by_ln_scale -= number * cdf.by_ln_x;
            if let Some(by) = by_ln_factor.get_mut(first + replicate) {
                *by -= number * cdf.by_ln_x;
            }
        }
        match self.instead {
            None => {}
            Some((Ask::Any, threshold)) => ln += gamma_upper(shape, threshold).ln(),
            Some((Ask::UpTo(height), threshold)) => {
                // The difference of the smaller tails, so that neither end loses its digits.
                let below = gamma_cdf(shape, height) - gamma_cdf(shape, threshold);
                let above = gamma_upper(shape, threshold) - gamma_upper(shape, height);
                ln += if gamma_cdf(shape, height) < 0.5 { below } else { above }.max(0.0).ln();
            }
        }
        (ln, by_shape, by_ln_scale)
    }
}
