//! The alleles of one marker as one calculation sees them: those that nobody shows are lumped where that is exact.

use super::marker::{AllelePair, Marker};
use super::mutation::{Kind, MutationMatrix};

/// Frequencies and mutation of a marker over the alleles that have to be told apart. Reused between markers.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// Place of each allele of the marker among those told apart.
    pub(super) state: Vec<u16>,
    pub(super) frequencies: Vec<f64>,
    pub(super) silent: Option<u16>,
    /// Of fathers and mothers.
    pub(super) mutation: [Transitions; 2],
    /// Whether some alleles stand together in the last state.
    pub(super) lumped: bool,
    kept: Vec<u16>,
}

/// A mutation matrix over the states.
#[derive(Debug, Default)]
pub(super) struct Transitions {
    pub(super) identity: bool,
    /// Whether every entry is positive.
    pub(super) positive: bool,
    matrix: Vec<f64>,
    /// Whether `matrix` is this marker's, unlumped: then it is not built again.
    states: usize,
}

impl Transitions {
    pub(super) fn get(&self, from: u16, to: u16) -> f64 {
        if self.identity {
            f64::from(u8::from(from == to))
        } else {
            self.matrix[usize::from(from) * self.states + usize::from(to)]
        }
    }

    /// The probabilities of one parent's allele; empty for the identity.
    pub(super) fn row(&self, from: u16) -> &[f64] {
        let start = usize::from(from) * self.states;
        if self.identity { &[] } else { &self.matrix[start..start + self.states] }
    }
}

impl Model {
    /// Number of states.
    pub(super) fn states(&self) -> usize {
        self.frequencies.len()
    }

    /// Makes the model of a marker for what is typed.
    pub(super) fn set(&mut self, marker: &Marker, genotypes: &[Option<AllelePair>]) {
        let frequencies = marker.frequencies();
        let k = frequencies.len();
        self.kept.clear();
        self.kept.extend(genotypes.iter().flatten().flat_map(|pair| pair.places()));
        self.kept.extend(marker.silent().map(|s| s as u16));
        self.kept.sort_unstable();
        self.kept.dedup();
        self.lumped = self.kept.len() + 1 < k
            && [marker.male(), marker.female()].into_iter().all(|matrix| may_be_lumped(matrix, &self.kept));
        self.state.clear();
        self.frequencies.clear();
        if self.lumped {
            let rest = self.kept.len();
            self.state.resize(k, rest as u16);
            for (state, allele) in self.kept.iter().enumerate() {
                self.state[usize::from(*allele)] = state as u16;
                self.frequencies.push(frequencies[usize::from(*allele)]);
            }
            let of_rest = |a: &usize| usize::from(self.state[*a]) == rest;
            self.frequencies.push((0..k).filter(of_rest).map(|a| frequencies[a]).sum());
        } else {
            self.state.extend(0..k as u16);
            self.frequencies.extend_from_slice(frequencies);
        }
        self.silent = marker.silent().map(|s| self.state[s]);
        for (transitions, matrix) in self.mutation.iter_mut().zip([marker.male(), marker.female()]) {
            transitions.set(matrix, &self.state, &self.kept, self.lumped, self.frequencies.len());
        }
    }
}

impl Transitions {
    fn set(&mut self, matrix: &MutationMatrix, state: &[u16], kept: &[u16], lumped: bool, states: usize) {
        self.states = states;
        self.identity = matrix.is_identity();
        self.positive = false;
        self.matrix.clear();
        match matrix.kind() {
            Kind::Identity => {}
            Kind::Dense(dense) if !lumped => self.matrix.extend_from_slice(dense),
            Kind::Columns(columns) => {
                // Off the diagonal each column holds one number, so the rows differ on the diagonal only.
                let mut row = vec![0.0; states];
                for (allele, column) in columns.iter().enumerate() {
                    row[usize::from(state[allele])] += column;
                }
                for from in 0..states {
                    self.matrix.extend_from_slice(&row);
                    let others: f64 = row.iter().enumerate().filter(|(to, _)| *to != from).map(|(_, m)| m).sum();
                    self.matrix[from * states + from] = 1.0 - others;
                }
            }
            Kind::Dense(dense) => {
                let k = state.len();
                let one_of_rest = (0..k).find(|a| usize::from(state[*a]) == kept.len());
                let from_alleles = kept.iter().map(|a| usize::from(*a)).chain(one_of_rest);
                self.matrix.resize(states * states, 0.0);
                for (from, allele) in from_alleles.enumerate() {
                    for to in 0..k {
                        self.matrix[from * states + usize::from(state[to])] += dense[allele * k + to];
                    }
                }
            }
        }
        self.positive = !self.identity && self.matrix.iter().all(|m| *m > 0.0);
    }
}

/// Whether all alleles that are not kept reach each kept one with the same probability (Kemeny, Snell 1960, theorem 6.3.2).
fn may_be_lumped(matrix: &MutationMatrix, kept: &[u16]) -> bool {
    let Kind::Dense(dense) = matrix.kind() else { return true };
    let k = matrix.alleles();
    let mut others = (0..k).filter(|a| kept.binary_search(&(*a as u16)).is_err());
    let Some(first) = others.next() else { return true };
    others.all(|other| kept.iter().all(|to| dense[other * k + usize::from(*to)] == dense[first * k + usize::from(*to)]))
}
