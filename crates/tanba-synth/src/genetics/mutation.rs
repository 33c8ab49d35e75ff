//! Mutation from parent to child, as matrices whose rows are the parent's allele.
//!
//! They are those of the kinship engine, so that what is made here with a model is weighed there with the same one: mutations lead to
//! alleles of the table only, and a stepwise step is counted in whole repeats.

use serde::Serialize;
use tanba_dna::kinship::{self, KinshipError};

use super::draw::Draw;
use super::parameters::{FEMALE_RATE, MALE_RATE, MICROVARIANT_RATE, STEP_RANGE};
use super::{GeneticsError, Marker};

/// How an allele changes, with the rate per meiosis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "model", rename_all = "snake_case")]
pub enum MutationModel {
    /// Never.
    None,
    /// To every other allele alike.
    Equal {
        /// Probability of a change.
        rate: f64,
    },
    /// To alleles in proportion to their frequencies; stationary.
    Proportional {
        /// Probability of a change, averaged over the parent's alleles.
        rate: f64,
    },
    /// By whole repeats mostly: within the alleles of the same incomplete repeat (`9`, `10`, `11`; `9.3`, `10.3`) with
    /// probability `rate`, spread as `range^steps`, and to each of the others alike with `rate2` in all. Where an allele is the
    /// only one of its incomplete repeat, or there are no others, the part that leads nowhere is dropped.
    Stepwise {
        /// Probability of a change by whole repeats.
        rate: f64,
        /// Probability of a change to an allele of another incomplete repeat.
        rate2: f64,
        /// How much rarer each further step is, above 0.
        range: f64,
    },
}

/// Models of both parents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MutationModels {
    /// Of a mother's allele.
    pub female: MutationModel,
    /// Of a father's allele.
    pub male: MutationModel,
}

/// Transition probabilities of one marker: rows are the parent's allele, columns the child's, in the order of [`Marker::alleles`].
#[derive(Debug, Clone, PartialEq)]
pub struct MutationMatrix(Vec<Vec<f64>>);

impl MutationModel {
    /// Stepwise with the usual rate of microvariants, 1e-6, and range, 0.1.
    pub const fn stepwise(rate: f64) -> Self {
        Self::Stepwise { rate, rate2: MICROVARIANT_RATE, range: STEP_RANGE }
    }
}

impl MutationModels {
    /// No mutation.
    pub const NONE: Self = Self { female: MutationModel::None, male: MutationModel::None };

    /// The usual rates: 0.002 of fathers, 0.0006 of mothers, stepwise.
    pub const USUAL: Self =
        Self { female: MutationModel::stepwise(FEMALE_RATE), male: MutationModel::stepwise(MALE_RATE) };
    /// A mother's usual rate as a share of a father's.
    pub const MOTHERS_SHARE: f64 = FEMALE_RATE / MALE_RATE;
}

impl MutationMatrix {
    /// The matrix of a marker, as [`kinship::MutationMatrix`] has it.
    ///
    /// # Errors
    /// [`GeneticsError::BadMutation`] for a rate or range outside its range, or rates so large that a row would exceed 1.
    pub fn new(model: MutationModel, marker: &Marker) -> Result<Self, GeneticsError> {
        let model = match model {
            MutationModel::None => kinship::MutationModel::None,
            MutationModel::Equal { rate } => kinship::MutationModel::Equal { rate },
            MutationModel::Proportional { rate } => kinship::MutationModel::Proportional { rate },
            MutationModel::Stepwise { rate, rate2, range } => kinship::MutationModel::Stepwise { rate, rate2, range },
        };
        let labels: Vec<String> = marker.alleles().iter().map(ToString::to_string).collect();
        let matrix = kinship::MutationMatrix::new(&model, &labels, marker.frequencies()).map_err(|error| {
            let reason = match error {
                KinshipError::Mutation { reason } => reason,
                _ => "the model does not fit the alleles of a marker",
            };
            GeneticsError::BadMutation { reason }
        })?;
        let n = labels.len();
        Ok(Self((0..n).map(|i| (0..n).map(|j| matrix.get(i, j)).collect()).collect()))
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.0
    }

    /// The child's allele for a parent's.
    pub(super) fn transmit(&self, allele: u8, draw: &mut Draw) -> u8 {
        let row = &self.0[usize::from(allele)];
        let stays = row[usize::from(allele)];
        // One draw decides nearly always.
        let mut left = draw.unit() - stays;
        if left < 0.0 {
            return allele;
        }
        let mut last = allele;
        for (j, p) in row.iter().enumerate().filter(|(j, p)| *j != usize::from(allele) && **p > 0.0) {
            last = j as u8;
            left -= p;
            if left < 0.0 {
                break;
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genetics::AlleleTable;
    use crate::genetics::draw::Streams;

    fn th01() -> Marker {
        let rows = "TH01,6,0.2\nTH01,7,0.15\nTH01,8,0.1\nTH01,9,0.2\nTH01,9.3,0.34\nTH01,10,0.01\n";
        AlleleTable::from_csv("t", rows).unwrap().markers()[0].clone()
    }

    #[test]
    fn transmitted_alleles_follow_the_matrix() {
        let model = MutationModel::Stepwise { rate: 0.3, rate2: 0.1, range: 0.3 };
        let matrix = MutationMatrix::new(model, &th01()).unwrap();
        let streams = Streams::new(4, "test");
        let n = 40_000;
        for (i, row) in matrix.rows().iter().enumerate() {
            let (mut counts, mut draw) = ([0_u32; 6], streams.at(i as u64));
            for _ in 0..n {
                counts[usize::from(matrix.transmit(i as u8, &mut draw))] += 1;
            }
            for (count, p) in counts.iter().zip(row) {
                let error = 5.0 * (p * (1.0 - p) / f64::from(n)).sqrt() + 1e-9;
                assert!((f64::from(*count) / f64::from(n) - p).abs() < error, "{counts:?} {row:?}");
            }
        }
    }

    #[test]
    fn rates_that_cannot_be_are_refused() {
        let said = |model| MutationMatrix::new(model, &th01()).unwrap_err().to_string();
        assert!(said(MutationModel::Equal { rate: -0.1 }).contains("between 0 and 1"));
        assert!(said(MutationModel::Stepwise { rate: 0.8, rate2: 0.3, range: 0.1 }).contains("not exceed 1"));
        assert!(said(MutationModel::Stepwise { rate: 0.1, rate2: 0.0, range: 0.0 }).contains("range"));
        assert!(said(MutationModel::Proportional { rate: 0.99 }).contains("too high"));
    }
}
