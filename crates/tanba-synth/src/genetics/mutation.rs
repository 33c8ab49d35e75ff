//! Mutation from parent to child, as matrices whose rows are the parent's allele.
//!
//! The conventions are those of Familias and of the R package pedmut, so that likelihoods computed with the same words mean the
//! same: mutations lead to alleles of the table only, and a stepwise step is counted in whole repeats.

use serde::Serialize;

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
        /// How much rarer each further step is, above 0 and below 1.
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
    /// The matrix of a marker.
    ///
    /// # Errors
    /// [`GeneticsError::OutOfRange`] for a rate or range outside its range, or rates so large that a row would exceed 1.
    pub fn new(model: MutationModel, marker: &Marker) -> Result<Self, GeneticsError> {
        let n = marker.alleles().len();
        let mut rows = vec![vec![0.0; n]; n];
        match model {
            MutationModel::None => {}
            MutationModel::Equal { rate } => {
                in_range(rate)?;
                for (i, row) in rows.iter_mut().enumerate() {
                    let to = rate / (n - 1).max(1) as f64;
                    row.iter_mut().enumerate().filter(|(j, _)| *j != i).for_each(|(_, cell)| *cell = to);
                }
            }
            MutationModel::Proportional { rate } => {
                in_range(rate)?;
                // Scaled so that the mean over the parent's alleles is the rate.
                let spread: f64 = marker.frequencies().iter().map(|p| p * (1.0 - p)).sum();
                for (i, row) in rows.iter_mut().enumerate() {
                    for (j, p) in marker.frequencies().iter().enumerate().filter(|(j, _)| *j != i) {
                        row[j] = if spread > 0.0 { rate * p / spread } else { 0.0 };
                    }
                }
            }
            MutationModel::Stepwise { rate, rate2, range } => {
                in_range(rate)?;
                in_range(rate2)?;
                if !(range > 0.0 && range < 1.0) {
                    return Err(GeneticsError::OutOfRange { what: "the mutation range", range: "above 0 and below 1" });
                }
                for (i, row) in rows.iter_mut().enumerate() {
                    stepwise_row(marker, i, (rate, rate2, range), row);
                }
            }
        }
        for (i, row) in rows.iter_mut().enumerate() {
            let leaving: f64 = row.iter().sum();
            if leaving > 1.0 + 1e-12 {
                let range = "so small that no allele changes with a probability above 1";
                return Err(GeneticsError::OutOfRange { what: "the mutation rate", range });
            }
            row[i] = (1.0 - leaving).max(0.0);
        }
        Ok(Self(rows))
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

fn in_range(rate: f64) -> Result<(), GeneticsError> {
    if (0.0..=1.0).contains(&rate) {
        Ok(())
    } else {
        Err(GeneticsError::OutOfRange { what: "a mutation rate", range: "from 0 to 1" })
    }
}

fn stepwise_row(marker: &Marker, i: usize, (rate, rate2, range): (f64, f64, f64), row: &mut [f64]) {
    let tenths: Vec<u16> = marker.alleles().iter().map(|a| a.tenths()).collect();
    let same = |j: usize| tenths[j] % 10 == tenths[i] % 10;
    let steps = |j: usize| tenths[j].abs_diff(tenths[i]) / 10;
    let power = |n: u16| (0..n).fold(1.0, |p, _| p * range);
    let weight: f64 = (0..row.len()).filter(|&j| j != i && same(j)).map(|j| power(steps(j))).sum();
    let others = (0..row.len()).filter(|&j| !same(j)).count();
    for j in (0..row.len()).filter(|&j| j != i) {
        row[j] = if same(j) { rate * power(steps(j)) / weight } else { rate2 / others as f64 };
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
    fn a_stepwise_row_goes_by_whole_repeats_and_reaches_microvariants_with_the_second_rate() {
        let model = MutationModel::Stepwise { rate: 0.01, rate2: 0.001, range: 0.1 };
        let matrix = MutationMatrix::new(model, &th01()).unwrap();
        let row = &matrix.rows()[1];
        // From 7: one step to 6 and 8, two to 9, three to 10; worked by hand.
        let sum = 0.1 + 0.1 + 0.01 + 0.001;
        let expected = [0.01 * 0.1 / sum, 0.989, 0.01 * 0.1 / sum, 0.01 * 0.01 / sum, 0.001, 0.01 * 0.001 / sum];
        for (got, want) in row.iter().zip(expected) {
            assert!((got - want).abs() < 1e-15, "{row:?}");
        }
        // 9.3 has no other allele of its kind: only the second rate leads away.
        let lone = &matrix.rows()[4];
        assert!((lone[4] - 0.999).abs() < 1e-15 && (lone[0] - 0.0002).abs() < 1e-15, "{lone:?}");
    }

    #[test]
    fn every_row_sums_to_one_and_proportional_is_stationary_with_its_rate() {
        for model in [
            MutationModel::None,
            MutationModel::Equal { rate: 0.3 },
            MutationModel::Proportional { rate: 0.05 },
            MutationModel::Stepwise { rate: 0.6, rate2: 0.4, range: 0.5 },
        ] {
            let matrix = MutationMatrix::new(model, &th01()).unwrap();
            assert!(matrix.rows().iter().all(|r| (r.iter().sum::<f64>() - 1.0).abs() < 1e-12), "{model:?}");
        }
        let marker = th01();
        let matrix = MutationMatrix::new(MutationModel::Proportional { rate: 0.05 }, &marker).unwrap();
        let p = marker.frequencies();
        let next = |j: usize| (0..6).map(|i| p[i] * matrix.rows()[i][j]).sum::<f64>();
        assert!((0..6).all(|j| (next(j) - p[j]).abs() < 1e-12));
        let rate: f64 = (0..6).map(|i| p[i] * (1.0 - matrix.rows()[i][i])).sum();
        assert!((rate - 0.05).abs() < 1e-12);
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
        assert!(said(MutationModel::Equal { rate: -0.1 }).contains("from 0 to 1"));
        assert!(said(MutationModel::Equal { rate: f64::NAN }).contains("from 0 to 1"));
        assert!(said(MutationModel::Stepwise { rate: 0.8, rate2: 0.3, range: 0.1 }).contains("above 1"));
        assert!(said(MutationModel::Stepwise { rate: 0.1, rate2: 0.0, range: 1.0 }).contains("below 1"));
        assert!(said(MutationModel::Proportional { rate: 0.99 }).contains("above 1"));
    }
}
