//! The likelihood of a stain under a hypothesis at given parameters, and its gradient.

use std::collections::BTreeMap;

use tanba_formats::genetic::MarkerName;

use super::compile::{MarkerProgram, Shared, Trial, programs};
use super::heights::{Instead, Point, Rows};
use super::ladder::Place;
use super::parameters::{Parameters, Scale, Slopes};
use super::sum::{Logarithm, Pass, Weight};
use super::{Allele, Evidence, Hypothesis, MixtureError};

/// A stain under one hypothesis, ready to be weighed at any parameters.
#[derive(Debug, Clone)]
pub struct Likelihood<'a> {
    evidence: &'a Evidence,
    hypothesis: Hypothesis,
    /// Of each marker the programs whose sums add up.
    programs: Vec<Vec<MarkerProgram>>,
}

/// The log-likelihood of each marker, natural logarithm, in the order of the evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkerLikelihoods {
    /// Marker and ln likelihood; minus infinity where the evidence is impossible.
    pub markers: Vec<(MarkerName, f64)>,
}

impl MarkerLikelihoods {
    /// Over all markers.
    pub fn total(&self) -> f64 {
        self.markers.iter().map(|(_, ln)| ln).sum()
    }
}

impl<'a> Likelihood<'a> {
    /// Prepares the evidence under a hypothesis.
    ///
    /// # Errors
    /// [`MixtureError::BadHypothesis`].
    pub fn new(evidence: &'a Evidence, hypothesis: &Hypothesis) -> Result<Self, MixtureError> {
        hypothesis.check(evidence)?;
        let mut shared = Shared::new();
        let mut compiled = Vec::with_capacity(evidence.markers.len());
        for marker in &evidence.markers {
            let untyped = hypothesis
                .known()
                .filter(|(_, reference)| !evidence.references[*reference].genotypes.contains_key(&marker.marker))
                .count();
            let unknowns = hypothesis.unknowns() + untyped;
            if unknowns > super::evidence::MAX_UNKNOWNS {
                return Err(MixtureError::BadMarker {
                    marker: marker.marker.clone(),
                    reason: "references are missing here, which leaves more than 5 unknown contributors: leave the marker out",
                });
            }
            compiled.push(programs(evidence, marker, hypothesis, None, &mut shared));
        }
        Ok(Self { evidence, hypothesis: hypothesis.clone(), programs: compiled })
    }

    /// The evidence.
    pub fn evidence(&self) -> &'a Evidence {
        self.evidence
    }

    /// The hypothesis.
    pub fn hypothesis(&self) -> &Hypothesis {
        &self.hypothesis
    }

    pub(super) fn programs(&self) -> &[Vec<MarkerProgram>] {
        &self.programs
    }

    pub(super) fn scale(&self) -> Scale {
        Scale::new(&self.evidence.settings, self.hypothesis.contributors.len(), self.evidence.replicate_factors())
    }

    /// The log-likelihood of each marker at given parameters, exact up to rounding.
    ///
    /// # Errors
    /// [`MixtureError::OutOfRange`] for parameters outside their range or of another number of contributors.
    pub fn at(&self, parameters: &Parameters) -> Result<MarkerLikelihoods, MixtureError> {
        parameters.check(&self.evidence.settings, self.evidence.replicate_factors())?;
        if parameters.proportions.len() != self.hypothesis.contributors.len() {
            return Err(MixtureError::OutOfRange {
                what: "the number of proportions",
                range: "that of the contributors",
            });
        }
        let names = self.evidence.markers.iter().map(|marker| marker.marker.clone());
        Ok(MarkerLikelihoods {
            markers: names.zip(self.programs.iter().map(|programs| self.marker(programs, parameters, None))).collect(),
        })
    }

    /// ln likelihood of one marker.
    pub(super) fn marker(&self, programs: &[MarkerProgram], parameters: &Parameters, instead: Option<Instead>) -> f64 {
        ln_sum(programs.iter().map(|program| {
            let point = Point::new(program, parameters);
            let rows = weigh(program, &point, instead, false);
            let plain = terms::<f64>(program, &rows, None);
            program.ln_prior + if plain.is_finite() { plain } else { terms::<Logarithm>(program, &rows, None) }
        }))
    }

    /// ln likelihood of one marker if the contributor in a place has a genotype, times the prior probability of that genotype.
    pub(super) fn trial(&self, marker: usize, parameters: &Parameters, trial: Trial, shared: &mut Shared) -> f64 {
        let evidence = self.evidence;
        let programs = programs(evidence, &evidence.markers[marker], &self.hypothesis, Some(trial), shared);
        self.marker(&programs, parameters, None)
    }

    /// The height that the model expects at each allele seen, RFU, averaged over the posterior of the unknown genotypes and over the
    /// replicates of the marker.
    ///
    /// # Errors
    /// As [`Likelihood::at`].
    pub fn expected_heights(&self, parameters: &Parameters) -> Result<Vec<BTreeMap<Allele, f64>>, MixtureError> {
        self.at(parameters)?;
        let scale = parameters.mu * parameters.omega * parameters.omega;
        let mut all = Vec::new();
        for programs in &self.programs {
            let factors = programs[0].typed.iter().map(|replicate| parameters.factor(*replicate));
            let scale = scale * factors.sum::<f64>() / programs[0].typed.len().max(1) as f64;
            let weighed: Vec<Weighed> =
                programs.iter().map(|program| self.weighed(program, parameters, false)).collect();
            let total = ln_sum(weighed.iter().map(|weighed| weighed.ln));
            let mut heights = BTreeMap::new();
            for (program, Weighed { ln, rows, weights, .. }) in programs.iter().zip(&weighed) {
                for ((table, rows), weights) in program.tables.iter().zip(rows).zip(weights) {
                    if let Place::Seen(allele) = program.positions[table.position].place {
                        *heights.entry(allele).or_default() += share(*ln, total) * scale * rows.mean_shape(weights);
                    }
                }
            }
            all.push(heights);
        }
        Ok(all)
    }

    /// A program with the posterior weights of its rows.
    fn weighed<'p>(&'p self, program: &'p MarkerProgram, parameters: &'p Parameters, with_slopes: bool) -> Weighed<'p> {
        let point = Point::new(program, parameters);
        let rows = weigh(program, &point, None, with_slopes);
        let mut weights = no_weights(program);
        let mut ln = terms::<f64>(program, &rows, Some(&mut weights));
        if !ln.is_finite() {
            weights = no_weights(program);
            ln = terms::<Logarithm>(program, &rows, Some(&mut weights));
        }
        Weighed { ln: program.ln_prior + ln, point, rows, weights }
    }

    /// ln likelihood of a marker without the common prior factor, and the posterior weights of all rows.
    #[cfg(test)]
    pub(super) fn weights<W: Weight>(&self, program: &MarkerProgram, parameters: &Parameters) -> (f64, Vec<Vec<f64>>) {
        let rows = weigh(program, &Point::new(program, parameters), None, false);
        let mut weights = no_weights(program);
        (terms::<W>(program, &rows, Some(&mut weights)), weights)
    }

    /// ln likelihood at a place of the unbounded scale.
    pub(super) fn value(&self, x: &[f64]) -> f64 {
        let parameters = self.scale().parameters(x);
        self.programs.iter().map(|programs| self.marker(programs, &parameters, None)).sum()
    }

    /// ln likelihood and its gradient at a place of the unbounded scale.
    pub(super) fn value_and_gradient(&self, x: &[f64]) -> (f64, Vec<f64>) {
        let scale = self.scale();
        let parameters = scale.parameters(x);
        let mut slopes = Slopes::none(&parameters);
        let mut total = 0.0;
        for programs in &self.programs {
            let mut weighed: Vec<Weighed> =
                programs.iter().map(|program| self.weighed(program, &parameters, true)).collect();
            let ln = ln_sum(weighed.iter().map(|weighed| weighed.ln));
            total += ln;
            for (program, weighed) in programs.iter().zip(&mut weighed) {
                let share = share(weighed.ln, ln);
                for ((rows, table), weights) in weighed.rows.iter().zip(&program.tables).zip(&mut weighed.weights) {
                    if share < 1.0 {
                        weights.iter_mut().for_each(|weight| *weight *= share);
                    }
                    rows.add_slopes(program, table, &weighed.point, weights, &mut slopes);
                }
            }
        }
        (total, scale.gradient(&parameters, &slopes))
    }
}

/// A program at a place of the parameters.
struct Weighed<'p> {
    /// ln of its sum, with the prior factor.
    ln: f64,
    point: Point<'p>,
    rows: Vec<Rows>,
    /// Posterior weights of the rows, given this program.
    weights: Vec<Vec<f64>>,
}

/// What a part of a sum is of the whole, both as logarithms.
fn share(ln: f64, total: f64) -> f64 {
    if ln == f64::NEG_INFINITY { 0.0 } else { (ln - total).exp() }
}

/// ln of the sum of what has these logarithms.
pub(super) fn ln_sum(parts: impl Iterator<Item = f64>) -> f64 {
    let parts: Vec<f64> = parts.collect();
    if let [one] = parts[..] {
        return one;
    }
    let top = parts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY { top } else { top + parts.iter().map(|ln| (ln - top).exp()).sum::<f64>().ln() }
}

/// A weight of 0 for every row of every table.
fn no_weights(program: &MarkerProgram) -> Vec<Vec<f64>> {
    program.tables.iter().map(|table| vec![0.0; table.rows]).collect()
}

/// Weighs the rows of all tables.
fn weigh(program: &MarkerProgram, point: &Point, instead: Option<Instead>, with_slopes: bool) -> Vec<Rows> {
    let fill = |table| {
        let mut rows = Rows::default();
        rows.fill(program, table, point, instead, with_slopes);
        rows
    };
    program.tables.iter().map(fill).collect()
}

/// A term with less of the whole than this changes no digit.
const LEAST_SHARE: f64 = 1e-40;

/// ln of the evidence without the common prior factor: the terms with and without drop-in. With `weights`, the posterior weights of
/// the rows are added there. Not a number where plain numbers would lose parts to underflow.
pub(super) fn terms<W: Weight>(program: &MarkerProgram, rows: &[Rows], weights: Option<&mut [Vec<f64>]>) -> f64 {
    let passes: Vec<(f64, Pass<W>)> = program
        .drop_in_terms
        .iter()
        .map(|(factor, forbidden)| (*factor, Pass::<W>::forward(program, rows, forbidden)))
        .collect();
    // Every term is at most the one without a ban on drop-in, so that one whole sum is enough.
    if !passes.iter().any(|(_, pass)| pass.is_whole()) {
        return f64::NAN;
    }
    let top = passes.iter().map(|(_, pass)| pass.ln_sum).fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return top;
    }
    let sum: f64 = passes.iter().map(|(factor, pass)| factor * (pass.ln_sum - top).exp()).sum();
    if let Some(weights) = weights {
        for (factor, pass) in &passes {
            let share = factor * (pass.ln_sum - top).exp() / sum;
            if share.abs() > LEAST_SHARE {
                pass.backward(program, share, weights);
            }
        }
    }
    top + sum.ln()
}
