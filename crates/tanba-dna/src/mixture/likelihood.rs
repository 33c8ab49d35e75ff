//! The likelihood of a stain under a hypothesis at given parameters, and its gradient.

use std::collections::BTreeMap;

use tanba_formats::genetic::MarkerName;

use super::compile::{MarkerProgram, Place, Shared, Trial};
use super::heights::{Instead, Point, Rows};
use super::parameters::{Parameters, Scale, Slopes};
use super::sum::{Logarithm, Pass, Weight};
use super::{Allele, Evidence, Hypothesis, MixtureError};

/// A stain under one hypothesis, ready to be weighed at any parameters.
#[derive(Debug, Clone)]
pub struct Likelihood<'a> {
    evidence: &'a Evidence,
    hypothesis: Hypothesis,
    programs: Vec<MarkerProgram>,
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
        let mut programs = Vec::with_capacity(evidence.markers.len());
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
            programs.push(MarkerProgram::new(evidence, marker, hypothesis, None, &mut shared));
        }
        Ok(Self { evidence, hypothesis: hypothesis.clone(), programs })
    }

    /// The evidence.
    pub fn evidence(&self) -> &'a Evidence {
        self.evidence
    }

    /// The hypothesis.
    pub fn hypothesis(&self) -> &Hypothesis {
        &self.hypothesis
    }

    pub(super) fn programs(&self) -> &[MarkerProgram] {
        &self.programs
    }

    pub(super) fn scale(&self) -> Scale {
        Scale::new(&self.evidence.settings, self.hypothesis.contributors.len())
    }

    /// The log-likelihood of each marker at given parameters, exact up to rounding.
    ///
    /// # Errors
    /// [`MixtureError::OutOfRange`] for parameters outside their range or of another number of contributors.
    pub fn at(&self, parameters: &Parameters) -> Result<MarkerLikelihoods, MixtureError> {
        parameters.check(&self.evidence.settings)?;
        if parameters.proportions.len() != self.hypothesis.contributors.len() {
            return Err(MixtureError::OutOfRange {
                what: "the number of proportions",
                range: "that of the contributors",
            });
        }
        let names = self.evidence.markers.iter().map(|marker| marker.marker.clone());
        Ok(MarkerLikelihoods {
            markers: names.zip(self.programs.iter().map(|program| self.marker(program, parameters, None))).collect(),
        })
    }

    /// ln likelihood of one marker.
    pub(super) fn marker(&self, program: &MarkerProgram, parameters: &Parameters, instead: Option<Instead>) -> f64 {
        let point = Point::new(program, &self.evidence.settings, parameters);
        let rows = weigh(program, &point, instead, false);
        let plain = terms::<f64>(program, &rows, None);
        let ln = if plain.is_finite() { plain } else { terms::<Logarithm>(program, &rows, None) };
        program.ln_prior + ln
    }

    /// ln likelihood of one marker if the contributor in a place has a genotype, times the prior probability of that genotype.
    pub(super) fn trial(&self, marker: usize, parameters: &Parameters, trial: Trial, shared: &mut Shared) -> f64 {
        let evidence = self.evidence;
        let program = MarkerProgram::new(evidence, &evidence.markers[marker], &self.hypothesis, Some(trial), shared);
        self.marker(&program, parameters, None)
    }

    /// The height that the model expects at each allele seen, RFU, averaged over the posterior of the unknown genotypes.
    ///
    /// # Errors
    /// As [`Likelihood::at`].
    pub fn expected_heights(&self, parameters: &Parameters) -> Result<Vec<BTreeMap<Allele, f64>>, MixtureError> {
        self.at(parameters)?;
        let mut all = Vec::new();
        for program in &self.programs {
            let rows = weigh(program, &Point::new(program, &self.evidence.settings, parameters), None, false);
            let mut weights = no_weights(program);
            if !terms::<f64>(program, &rows, Some(&mut weights)).is_finite() {
                weights = no_weights(program);
                terms::<Logarithm>(program, &rows, Some(&mut weights));
            }
            let scale = parameters.mu * parameters.omega * parameters.omega;
            let mut heights = BTreeMap::new();
            for ((table, rows), weights) in program.tables.iter().zip(&rows).zip(&weights) {
                if let Place::Seen(allele) = program.positions[table.position].place {
                    heights.insert(allele, scale * rows.mean_shape(weights));
                }
            }
            all.push(heights);
        }
        Ok(all)
    }

    /// ln likelihood of a marker without the common prior factor, and the posterior weights of all rows.
    #[cfg(test)]
    pub(super) fn weights<W: Weight>(&self, program: &MarkerProgram, parameters: &Parameters) -> (f64, Vec<Vec<f64>>) {
        let rows = weigh(program, &Point::new(program, &self.evidence.settings, parameters), None, false);
        let mut weights = no_weights(program);
        (terms::<W>(program, &rows, Some(&mut weights)), weights)
    }

    /// ln likelihood at a place of the unbounded scale.
    pub(super) fn value(&self, x: &[f64]) -> f64 {
        let parameters = self.scale().parameters(x);
        self.programs.iter().map(|program| self.marker(program, &parameters, None)).sum()
    }

    /// ln likelihood and its gradient at a place of the unbounded scale.
    pub(super) fn value_and_gradient(&self, x: &[f64]) -> (f64, Vec<f64>) {
        let scale = self.scale();
        let parameters = scale.parameters(x);
        let mut slopes = Slopes::none(parameters.proportions.len());
        let mut total = 0.0;
        for program in &self.programs {
            let point = Point::new(program, &self.evidence.settings, &parameters);
            let rows = weigh(program, &point, None, true);
            let mut weights = no_weights(program);
            let mut ln = terms::<f64>(program, &rows, Some(&mut weights));
            if !ln.is_finite() {
                weights = no_weights(program);
                ln = terms::<Logarithm>(program, &rows, Some(&mut weights));
            }
            total += program.ln_prior + ln;
            for ((rows, table), weights) in rows.iter().zip(&program.tables).zip(&weights) {
                rows.add_slopes(program, table, &point, weights, &mut slopes);
            }
        }
        (total, scale.gradient(&parameters, &slopes))
    }
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
