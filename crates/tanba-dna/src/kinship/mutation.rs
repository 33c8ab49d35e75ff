//! Mutation models: the probability that a parent's allele reaches the child as another one.
//!
//! Rows are the parent's allele, columns the child's. The models and their parameters are those of Familias and the ped suite
//! (Egeland, Mostad: *Relationship inference with Familias and R*, 2016, chapter 5; documentation of pedmut).

use crate::{Allele, AlleleMark, kinship::KinshipError};

/// How alleles change on their way from parent to child. Rates are probabilities for one meiosis.
#[derive(Debug, Clone, PartialEq)]
pub enum MutationModel {
    /// No mutation.
    None,
    /// Every other allele is as likely: `rate / (k - 1)` each.
    Equal {
        /// Probability of a mutation.
        rate: f64,
    },
    /// Other alleles in proportion to their frequency: `rate * p_j / sum p_i (1 - p_i)`, so that `rate` is the expected rate.
    Proportional {
        /// Expected probability of a mutation.
        rate: f64,
    },
    /// Alleles that lie whole repeats away, each step `range` times as likely as the one before, `rate` in all; alleles that lie
    /// part of a repeat away (`9` and `9.3`) all alike, `rate2` in all.
    Stepwise {
        /// Probability of a mutation by whole repeats.
        rate: f64,
        /// Probability of a mutation between an allele and its microvariants.
        rate2: f64,
        /// How much less likely `n + 1` steps are than `n`.
        range: f64,
    },
    /// By places on the ladder of the marker's alleles, gaps and microvariants counted as places: `c range^d / p_i` for `d` places
    /// from the allele of frequency `p_i`, with `c` such that `rate` is the expected rate. Frequencies stay, and it is the same in
    /// both directions (Dawid, Mortera, Pascali: *Non-fatherhood or mutation?*, Forensic Science International 124 (2001) 55; steps as
    /// Familias counts them).
    StepwiseStationary {
        /// Expected probability of a mutation.
        rate: f64,
        /// How much less likely `n + 1` steps are than `n`.
        range: f64,
    },
    /// The nearest alleles of the ladder only, half of `rate` each, all of it at the ladder's ends. Whole repeats only.
    OneStep {
        /// Probability of a mutation.
        rate: f64,
    },
    /// Any matrix, row by row.
    Custom {
        /// `k * k` probabilities.
        matrix: Vec<f64>,
    },
}

/// How far a row of a custom matrix may miss 1: a matrix printed with ten digits passes.
const ROW_SUM_TOLERANCE: f64 = 1e-9;

/// A mutation model worked out for the alleles of one marker.
#[derive(Debug, Clone, PartialEq)]
pub struct MutationMatrix {
    alleles: usize,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// Nothing changes.
    Identity,
    /// Off the diagonal, each column holds one number: any alleles may be lumped together (Kemeny, Snell: *Finite Markov
    /// Chains*, 1960, theorem 6.3.2).
    Columns(Vec<f64>),
    /// Anything else, row by row.
    Dense(Vec<f64>),
}

impl MutationMatrix {
    /// The matrix of a model for alleles with these labels and frequencies.
    ///
    /// # Errors
    /// [`KinshipError::Mutation`] for rates outside 0 to 1, a row that would exceed 1, a matrix of another size, and models that
    /// need repeat numbers where a label is none.
    pub fn new(model: &MutationModel, labels: &[String], frequencies: &[f64]) -> Result<Self, KinshipError> {
        let k = labels.len();
        let rate_of = |rate: f64| {
            if (0.0..=1.0).contains(&rate) {
                Ok(rate)
            } else {
                Err(KinshipError::Mutation { reason: "a rate must lie between 0 and 1" })
            }
        };
        let kind = match model {
            MutationModel::None => Kind::Identity,
            MutationModel::Equal { rate }
            | MutationModel::Proportional { rate }
            | MutationModel::StepwiseStationary { rate, .. }
            | MutationModel::OneStep { rate }
                if rate_of(*rate)? == 0.0 || k < 2 =>
            {
                Kind::Identity
            }
            MutationModel::Equal { rate } => Kind::Columns(vec![rate / (k - 1) as f64; k]),
            MutationModel::Proportional { rate } => {
                let heterozygosity: f64 = frequencies.iter().map(|p| p * (1.0 - p)).sum();
                let columns: Vec<f64> = frequencies.iter().map(|p| rate * p / heterozygosity).collect();
                if columns.iter().any(|c| !c.is_finite()) || columns.iter().sum::<f64>() > 1.0 {
                    return Err(KinshipError::Mutation {
                        reason: "the rate is too high for the proportional model at these frequencies: lower it",
                    });
                }
                Kind::Columns(columns)
            }
            MutationModel::Stepwise { rate, rate2, range } => {
                if rate_of(*rate)? + rate_of(*rate2)? > 1.0 {
                    return Err(KinshipError::Mutation { reason: "rate and rate2 must not exceed 1 together" });
                }
                check_range(*range)?;
                Kind::Dense(stepwise(&repeats(labels)?, *rate, *rate2, *range))
            }
            MutationModel::StepwiseStationary { rate, range } => {
                check_range(*range)?;
                Kind::Dense(stepwise_stationary(&repeats(labels)?, frequencies, *rate, *range)?)
            }
            MutationModel::OneStep { rate } => Kind::Dense(one_step(&repeats(labels)?, *rate)?),
            MutationModel::Custom { matrix } => {
                check_custom(matrix, k)?;
                Kind::Dense(matrix.clone())
            }
        };
        Ok(Self { alleles: k, kind }.simplest())
    }

    /// No mutation.
    pub(crate) fn identity(alleles: usize) -> Self {
        Self { alleles, kind: Kind::Identity }
    }

    /// Probability that the parent's allele `from` reaches the child as `to`.
    pub fn get(&self, from: usize, to: usize) -> f64 {
        match &self.kind {
            Kind::Identity => f64::from(u8::from(from == to)),
            Kind::Columns(columns) if from == to => {
                1.0 - columns.iter().enumerate().filter(|(j, _)| *j != from).map(|(_, c)| c).sum::<f64>()
            }
            Kind::Columns(columns) => columns[to],
            Kind::Dense(matrix) => matrix[from * self.alleles + to],
        }
    }

    /// Number of alleles.
    pub fn alleles(&self) -> usize {
        self.alleles
    }

    /// Whether nothing ever changes.
    pub fn is_identity(&self) -> bool {
        self.kind == Kind::Identity
    }

    /// The largest change that one generation makes to these frequencies: `max_j |sum_i p_i m_ij - p_j|`; 0 where stationary.
    pub fn stationarity_error(&self, frequencies: &[f64]) -> f64 {
        (0..self.alleles)
            .map(|j| {
                let next: f64 = (0..self.alleles).map(|i| frequencies[i] * self.get(i, j)).sum();
                (next - frequencies[j]).abs()
            })
            .fold(0.0, f64::max)
    }

    /// The largest departure from detailed balance: `max_ij |p_i m_ij - p_j m_ji|`; 0 where reversible.
    pub fn reversibility_error(&self, frequencies: &[f64]) -> f64 {
        let k = self.alleles;
        (0..k * k)
            .map(|cell| (cell / k, cell % k))
            .map(|(i, j)| (frequencies[i] * self.get(i, j) - frequencies[j] * self.get(j, i)).abs())
            .fold(0.0, f64::max)
    }

    /// The probability of a mutation averaged over the alleles: `1 - sum p_i m_ii`.
    pub fn expected_rate(&self, frequencies: &[f64]) -> f64 {
        (0..self.alleles).map(|i| frequencies[i] * (1.0 - self.get(i, i))).sum()
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
    }

    /// A dense matrix in the simplest form that says the same.
    fn simplest(self) -> Self {
        let k = self.alleles;
        let Kind::Dense(matrix) = &self.kind else { return self };
        let kind = if (0..k).all(|i| matrix[i * k + i] == 1.0) {
            Kind::Identity
        } else if k > 2
            && (0..k)
                .all(|j| (0..k).filter(|i| *i != j).all(|i| matrix[i * k + j] == matrix[usize::from(j == 0) * k + j]))
        {
            Kind::Columns((0..k).map(|j| matrix[usize::from(j == 0) * k + j]).collect())
        } else {
            return self;
        };
        Self { alleles: k, kind }
    }
}

/// Tenths of a repeat of every label.
fn repeats(labels: &[String]) -> Result<Vec<i32>, KinshipError> {
    let number = |label: &String| {
        Allele::parse(label).filter(|a| a.mark() == AlleleMark::Exact).map(|a| i32::from(a.tenths())).ok_or(
            KinshipError::Mutation {
                reason: "stepwise models need repeat numbers such as 9 or 9.3 for every allele: use the equal or proportional model where alleles are lumped",
            },
        )
    };
    labels.iter().map(number).collect()
}

fn stepwise(tenths: &[i32], rate: f64, rate2: f64, range: f64) -> Vec<f64> {
    let k = tenths.len();
    let mut matrix = vec![0.0; k * k];
    for i in 0..k {
        let steps = |j: usize| (tenths[i] - tenths[j]).abs() / 10;
        let same_class = |j: usize| (tenths[i] - tenths[j]) % 10 == 0;
        // Steps are counted from the nearest allele on, so that a small range cannot push every weight below the smallest number.
        let nearest = (0..k).filter(|j| *j != i && same_class(*j)).map(steps).min().unwrap_or(0);
        let weight = |j: usize| range.powi(steps(j) - nearest);
        let whole: f64 = (0..k).filter(|j| *j != i && same_class(*j)).map(weight).sum();
        let others = (0..k).filter(|j| !same_class(*j)).count();
        for j in (0..k).filter(|j| *j != i) {
            matrix[i * k + j] = if same_class(j) { rate * weight(j) / whole } else { rate2 / others as f64 };
        }
        // A rate without a target is not used.
        let leaves = if whole > 0.0 { rate } else { 0.0 } + if others > 0 { rate2 } else { 0.0 };
        matrix[i * k + i] = 1.0 - leaves;
    }
    matrix
}

fn check_range(range: f64) -> Result<(), KinshipError> {
    if range > 0.0 && range.is_finite() {
        Ok(())
    } else {
        Err(KinshipError::Mutation { reason: "the range must be a positive number" })
    }
}

/// The place of each allele on the ladder.
fn ladder(tenths: &[i32]) -> Vec<usize> {
    let mut ladder: Vec<usize> = (0..tenths.len()).collect();
    ladder.sort_by_key(|i| tenths[*i]);
    let mut places = vec![0; tenths.len()];
    ladder.into_iter().enumerate().for_each(|(place, allele)| places[allele] = place);
    places
}

fn stepwise_stationary(tenths: &[i32], frequencies: &[f64], rate: f64, range: f64) -> Result<Vec<f64>, KinshipError> {
    let k = tenths.len();
    let places = ladder(tenths);
    // From one place on, so that a small range cannot push every weight below the smallest number.
    let weight = |i: usize, j: usize| range.powi(places[i].abs_diff(places[j]) as i32 - 1);
    let all: f64 = (0..k * k).map(|cell| (cell / k, cell % k)).filter(|(i, j)| i != j).map(|(i, j)| weight(i, j)).sum();
    let mut matrix = vec![0.0; k * k];
    for i in 0..k {
        let mut leaves = 0.0;
        for j in (0..k).filter(|j| *j != i) {
            matrix[i * k + j] = rate * weight(i, j) / (all * frequencies[i]);
            leaves += matrix[i * k + j];
        }
        if !leaves.is_finite() || leaves > 1.0 {
            return Err(KinshipError::Mutation {
                reason: "the rate is too high for the stationary stepwise model at the rarest allele: lower it, or raise rare alleles to a minimum frequency",
            });
        }
        matrix[i * k + i] = 1.0 - leaves;
    }
    Ok(matrix)
}

fn one_step(tenths: &[i32], rate: f64) -> Result<Vec<f64>, KinshipError> {
    if tenths.iter().any(|t| t % 10 != 0) {
        return Err(KinshipError::Mutation {
            reason: "the one-step model is for whole repeats: use the stepwise model where there are microvariants",
        });
    }
    let k = tenths.len();
    let places = ladder(tenths);
    let mut matrix = vec![0.0; k * k];
    for i in 0..k {
        let neighbours: Vec<usize> = (0..k).filter(|j| places[*j].abs_diff(places[i]) == 1).collect();
        for to in &neighbours {
            matrix[i * k + to] = rate / neighbours.len() as f64;
        }
        matrix[i * k + i] = 1.0 - rate;
    }
    Ok(matrix)
}

fn check_custom(matrix: &[f64], k: usize) -> Result<(), KinshipError> {
    if matrix.len() != k * k {
        return Err(KinshipError::Mutation { reason: "a custom matrix needs one row and one column for each allele" });
    }
    if matrix.iter().any(|m| !(0.0..=1.0).contains(m)) {
        return Err(KinshipError::Mutation { reason: "every entry of a custom matrix lies between 0 and 1" });
    }
    if matrix.chunks_exact(k).any(|row| (row.iter().sum::<f64>() - 1.0).abs() > ROW_SUM_TOLERANCE) {
        return Err(KinshipError::Mutation { reason: "every row of a custom matrix must add up to 1" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    fn row(model: &MutationModel, of: &[&str], p: &[f64], from: usize) -> Vec<f64> {
        let m = MutationMatrix::new(model, &labels(of), p).unwrap();
        (0..of.len()).map(|j| m.get(from, j)).collect()
    }

    fn close(got: &[f64], want: &[f64]) {
        assert!(got.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-15), "{got:?} {want:?}");
    }

    #[test]
    fn rows_by_hand() {
        let p = [0.5, 0.3, 0.2];
        let of = ["7", "8", "9.3"];
        close(&row(&MutationModel::Equal { rate: 0.01 }, &of, &p, 0), &[0.99, 0.005, 0.005]);
        // sum p(1-p) = 0.62
        let a = 0.01 / 0.62;
        close(&row(&MutationModel::Proportional { rate: 0.01 }, &of, &p, 2), &[0.5 * a, 0.3 * a, 1.0 - 0.8 * a]);
        let step = MutationModel::Stepwise { rate: 0.01, rate2: 0.001, range: 0.1 };
        close(&row(&step, &of, &p, 0), &[0.989, 0.01, 0.001]);
        close(&row(&step, &of, &p, 2), &[0.0005, 0.0005, 0.999]);
        let w = 0.01 / 0.11;
        close(&row(&step, &["7", "8", "9"], &p, 0), &[0.99, 0.1 * w, 0.01 * w]);
        let one = MutationModel::OneStep { rate: 0.01 };
        close(&row(&one, &["9", "7", "8"], &p, 2), &[0.005, 0.005, 0.99]);
        close(&row(&one, &["9", "7", "8"], &p, 1), &[0.0, 0.99, 0.01]);
    }

    #[test]
    fn proportional_is_reversible_and_has_the_asked_rate() {
        let p = [0.5, 0.3, 0.15, 0.05];
        let m = MutationMatrix::new(&MutationModel::Proportional { rate: 0.02 }, &labels(&["a", "b", "c", "d"]), &p)
            .unwrap();
        assert!(m.stationarity_error(&p) < 1e-16 && m.reversibility_error(&p) < 1e-16);
        assert!((m.expected_rate(&p) - 0.02).abs() < 1e-15);
    }

    #[test]
    fn stationary_stepwise_by_hand_is_stationary_reversible_and_has_the_asked_rate() {
        // Places 7 and 8 and 9.3: weights range^0 and range^1 over range; all ordered pairs together 4 + 2 * 0.1.
        let (p, of) = ([0.5, 0.3, 0.2], ["8", "9.3", "7"]);
        let model = MutationModel::StepwiseStationary { rate: 0.01, range: 0.1 };
        let c = 0.01 / 4.2;
        close(&row(&model, &of, &p, 0), &[1.0 - 2.0 * c / 0.5, c / 0.5, c / 0.5]);
        close(&row(&model, &of, &p, 2), &[c / 0.2, 0.1 * c / 0.2, 1.0 - 1.1 * c / 0.2]);
        let p = [0.02, 0.2, 0.3, 0.25, 0.15, 0.079, 0.001];
        let of = labels(&["10", "11", "12", "13", "13.2", "14", "20"]);
        for range in [0.05, 0.5, 1.0, 3.0, 1e-200] {
            let m = MutationMatrix::new(&MutationModel::StepwiseStationary { rate: 0.002, range }, &of, &p).unwrap();
            assert!(m.stationarity_error(&p) < 1e-15 && m.reversibility_error(&p) < 1e-15, "{range}");
            assert!((m.expected_rate(&p) - 0.002).abs() < 1e-14);
            assert!((0..49).all(|cell| (0.0..=1.0).contains(&m.get(cell / 7, cell % 7))));
        }
        // The allele of frequency 0.001 would leave more often than always; one of frequency 0 has no row at all.
        let refused = |rate: f64, p: &[f64]| {
            MutationMatrix::new(&MutationModel::StepwiseStationary { rate, range: 0.5 }, &of, p).is_err()
        };
        assert!(refused(0.05, &p) && refused(0.002, &[0.02, 0.2, 0.3, 0.25, 0.15, 0.08, 0.0]));
        assert!(MutationMatrix::new(&model, &labels(&["7", "8", "rest"]), &[0.5, 0.3, 0.2]).is_err());
    }

    #[test]
    fn what_is_no_model_is_refused() {
        let p = [0.5, 0.5];
        let custom = |matrix: &[f64]| MutationModel::Custom { matrix: matrix.to_vec() };
        for model in [
            MutationModel::Equal { rate: 1.5 },
            MutationModel::Equal { rate: f64::NAN },
            MutationModel::Proportional { rate: 1.0 },
            MutationModel::Stepwise { rate: 0.6, rate2: 0.6, range: 0.1 },
            MutationModel::Stepwise { rate: 0.1, rate2: 0.0, range: 0.0 },
            MutationModel::Stepwise { rate: 0.1, rate2: 0.0, range: f64::INFINITY },
            MutationModel::StepwiseStationary { rate: 0.1, range: 0.0 },
            MutationModel::StepwiseStationary { rate: f64::NAN, range: 0.1 },
            custom(&[1.0, 0.0, 0.0]),
            custom(&[0.5, 0.4, 0.0, 1.0]),
            custom(&[1.5, -0.5, 0.0, 1.0]),
        ] {
            assert!(MutationMatrix::new(&model, &labels(&["7", "8"]), &p).is_err(), "{model:?}");
        }
        let step = MutationModel::Stepwise { rate: 0.1, rate2: 0.0, range: 0.1 };
        assert!(MutationMatrix::new(&step, &labels(&["7", "rest"]), &p).is_err());
        assert!(MutationMatrix::new(&MutationModel::OneStep { rate: 0.1 }, &labels(&["7", "7.3"]), &p).is_err());
    }
}
