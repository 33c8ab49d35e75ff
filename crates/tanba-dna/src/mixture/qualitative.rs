//! The qualitative model: which alleles are seen, whatever their heights (Haned, Slooten and Gill 2012; Gill and Haned 2013).
//!
//! With `d` the probability that one copy of a contributor's allele drops out, an allele of which contributors have copies is unseen
//! with the product of `d` over all copies, and seen with the rest; an allele of nobody is seen as a drop-in with probability `c p`,
//! and a replicate without drop-in has a factor `1 - c`. Stutter is not modelled: its peaks must be removed, or pass for alleles.

use tanba_formats::genetic::MarkerName;

use super::compile::{MarkerProgram, Shared, programs};
use super::heights::Rows;
use super::likelihood::{MarkerLikelihoods, ln_sum, terms};
use super::sum::Logarithm;
use super::transitions::Copies;
use super::{Evidence, Hypothesis, MixtureError};

/// A stain under a hypothesis, peaks as seen or unseen only.
#[derive(Debug, Clone)]
pub struct Qualitative {
    names: Vec<MarkerName>,
    programs: Vec<Vec<MarkerProgram>>,
    contributors: usize,
}

/// The drop-out probability that fits best, the same for all contributors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropOutFit {
    /// The probability.
    pub drop_out: f64,
    /// Natural logarithm of the likelihood there.
    pub ln_likelihood: f64,
}

impl Qualitative {
    /// Prepares the evidence under a hypothesis.
    ///
    /// # Errors
    /// [`MixtureError::BadHypothesis`].
    pub fn new(evidence: &Evidence, hypothesis: &Hypothesis) -> Result<Self, MixtureError> {
        hypothesis.check(evidence)?;
        let mut plain = evidence.clone();
        plain.settings.back_stutter = false;
        plain.settings.forward_stutter = false;
        plain.settings.double_back_stutter = false;
        let mut shared = Shared::new();
        let programs =
            plain.markers.iter().map(|marker| programs(&plain, marker, hypothesis, None, &mut shared)).collect();
        Ok(Self {
            names: plain.markers.iter().map(|marker| marker.marker.clone()).collect(),
            programs,
            contributors: hypothesis.contributors.len(),
        })
    }

    /// The log-likelihood of each marker at the drop-out probabilities of the contributors, one for each.
    ///
    /// # Errors
    /// [`MixtureError::OutOfRange`].
    pub fn at(&self, drop_out: &[f64]) -> Result<MarkerLikelihoods, MixtureError> {
        if drop_out.len() != self.contributors || !drop_out.iter().all(|d| (0.0..=1.0).contains(d)) {
            return Err(MixtureError::OutOfRange {
                what: "the drop-out probabilities",
                range: "from 0 to 1, one for each contributor",
            });
        }
        let markers = self.names.iter().cloned().zip(self.programs.iter().map(|p| self.marker(p, drop_out))).collect();
        Ok(MarkerLikelihoods { markers })
    }

    /// The drop-out probability that makes the evidence most probable.
    ///
    /// # Errors
    /// [`MixtureError::Impossible`] where none explains it.
    pub fn fit(&self) -> Result<DropOutFit, MixtureError> {
        let value = |logit: f64| {
            let d = 1.0 / (1.0 + (-logit).exp());
            let all = vec![d; self.contributors];
            self.programs.iter().map(|program| self.marker(program, &all)).sum::<f64>()
        };
        // A grid finds the right hill; golden sections climb it.
        const ENDS: [f64; 2] = [-16.0, 16.0];
        const STEPS: usize = 32;
        let width = (ENDS[1] - ENDS[0]) / STEPS as f64;
        let best = (0..=STEPS)
            .map(|i| ENDS[0] + width * i as f64)
            .map(|logit| (value(logit), logit))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(ln, _)| ln.is_finite());
        let Some((_, top)) = best else {
            return Err(MixtureError::Impossible { marker: self.names[0].clone() });
        };
        let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
        let (mut low, mut high) = (top - width, top + width);
        while high - low > 1e-7 {
            let (a, b) = (high - golden * (high - low), low + golden * (high - low));
            if value(a) > value(b) { high = b } else { low = a }
        }
        let logit = (low + high) / 2.0;
        Ok(DropOutFit { drop_out: 1.0 / (1.0 + (-logit).exp()), ln_likelihood: value(logit) })
    }

    fn marker(&self, programs: &[MarkerProgram], drop_out: &[f64]) -> f64 {
        ln_sum(programs.iter().map(|program| self.program(program, drop_out)))
    }

    fn program(&self, program: &MarkerProgram, drop_out: &[f64]) -> f64 {
        let rows: Vec<Rows> = program
            .tables
            .iter()
            .map(|table| {
                let position = &program.positions[table.position];
                let known = position.known.iter().map(|(k, n)| (*n, n * drop_out[*k].ln()));
                let known = known.fold((0.0, 0.0), |(n, ln), (more, by)| (n + more, ln + by));
                let mut sums = vec![known];
                for unit in &program.units {
                    let ln: f64 = unit.places.iter().map(|place| drop_out[*place].ln()).sum();
                    let copies =
                        |row: &Copies| (f64::from(row[1]), if row[1] == 0 { 0.0 } else { f64::from(row[1]) * ln });
                    sums = sums
                        .iter()
                        .flat_map(|sum| {
                            table.local[usize::from(unit.alleles) - 1]
                                .iter()
                                .map(copies)
                                .map(move |(n, by)| (sum.0 + n, sum.1 + by))
                        })
                        .collect();
                }
                let (seen, unseen) = (position.heights.len() as f64, position.unseen.len() as f64);
                let of = |(copies, ln_out): &(f64, f64)| {
                    let times = |n: f64, ln: f64| if n == 0.0 { 0.0 } else { n * ln };
                    if *copies == 0.0 {
                        times(seen, (program.settings.drop_in * position.frequency).ln())
                    } else {
                        times(seen, (-ln_out.exp_m1()).ln()) + times(unseen, *ln_out)
                    }
                };
                Rows::given(sums.iter().map(of).collect(), sums.iter().map(|(copies, _)| *copies).collect())
            })
            .collect();
        program.ln_prior + terms::<Logarithm>(program, &rows, None)
    }
}
