//! The sum over all joint genotypes of the unknown contributors, position by position, and the posterior weight of every row.

use super::compile::{MarkerProgram, Step};
use super::heights::Rows;

/// Numbers that can be added and multiplied: plain ones, or logarithms where plain ones underflow.
pub(super) trait Weight: Copy {
    const ZERO: Self;
    const ONE: Self;
    fn from_ln(ln: f64) -> Self;
    fn from_plain(plain: f64) -> Self;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn ln(self) -> f64;
    /// Whether a sum of this size has lost nothing to underflow.
    fn is_whole(self) -> bool;
}

/// A plain sum below this may have lost parts: the smallest normal number is 2e-308, and all factors are at most 1.
const LEAST_WHOLE: f64 = 1e-200;

impl Weight for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    fn from_ln(ln: f64) -> Self {
        ln.exp()
    }
    fn from_plain(plain: f64) -> Self {
        plain
    }
    fn plus(self, other: Self) -> Self {
        self + other
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn ln(self) -> f64 {
        Self::ln(self)
    }
    fn is_whole(self) -> bool {
        self > LEAST_WHOLE
    }
}

/// A weight as its logarithm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Logarithm(f64);

impl Weight for Logarithm {
    const ZERO: Self = Self(f64::NEG_INFINITY);
    const ONE: Self = Self(0.0);
    fn from_ln(ln: f64) -> Self {
        Self(ln)
    }
    fn from_plain(plain: f64) -> Self {
        Self(plain.ln())
    }
    fn plus(self, other: Self) -> Self {
        let (high, low) = if self.0 > other.0 { (self.0, other.0) } else { (other.0, self.0) };
        if low == f64::NEG_INFINITY { Self(high) } else { Self(high + (low - high).exp().ln_1p()) }
    }
    fn times(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
    fn ln(self) -> f64 {
        self.0
    }
    fn is_whole(self) -> bool {
        true
    }
}

/// One pass over the steps.
pub(super) struct Pass<W> {
    /// ln of the sum, without the common prior factor.
    pub(super) ln_sum: f64,
    /// What each step multiplies by, for each configuration, divided by the exponential of `ln_scales`.
    factors: Vec<Vec<W>>,
    /// Messages before each step, and after the last.
    messages: Vec<Vec<W>>,
}

impl<W: Weight> Pass<W> {
    /// The sum with drop-in forbidden at some positions.
    pub(super) fn forward(program: &MarkerProgram, rows: &[Rows], forbidden: &[bool]) -> Self {
        // Each table is scaled by its largest row, so that plain numbers do.
        let scaled: Vec<(f64, Vec<W>)> = rows
            .iter()
            .zip(&program.tables)
            .map(|(rows, table)| {
                let top = rows.ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let top = if top.is_finite() { top } else { 0.0 };
                let mut plain: Vec<W> = rows.ln.iter().map(|ln| W::from_ln(ln - top)).collect();
                if forbidden[table.position] {
                    for (row, weight) in plain.iter_mut().enumerate() {
                        if rows.is_drop_in(row) {
                            *weight = W::ZERO;
                        }
                    }
                }
                (top, plain)
            })
            .collect();
        let factors: Vec<Vec<W>> = program.steps.iter().map(|step| factors(step, &scaled)).collect();
        let mut ln_sum: f64 = scaled.iter().map(|(top, _)| top).sum();
        let mut messages = vec![vec![W::ONE]];
        for (step, factors) in program.steps.iter().zip(&factors) {
            let before = &messages[messages.len() - 1];
            let mut after = vec![W::ZERO; step.transitions.states_out];
            for [from, to, row] in &step.transitions.moves {
                let (from, to, row) = (*from as usize, *to as usize, *row as usize);
                // The first message is only of "nothing used".
                let Some(weight) = before.get(from) else { continue };
                after[to] = after[to].plus(weight.times(factors[row]));
            }
            messages.push(after);
        }
        let last = messages.last().and_then(|message| message.last()).copied().unwrap_or(W::ZERO);
        ln_sum += last.ln();
        Self { ln_sum, factors, messages }
    }

    /// Whether the sum has lost nothing to underflow.
    pub(super) fn is_whole(&self) -> bool {
        self.messages.last().and_then(|message| message.last()).is_some_and(|total| total.is_whole())
    }

    /// The posterior weight of every row of every table, times `factor`, added to `weights`.
    pub(super) fn backward(&self, program: &MarkerProgram, factor: f64, weights: &mut [Vec<f64>]) {
        let Some(total) = self.messages.last().and_then(|message| message.last()) else { return };
        let inverse = W::from_ln(-total.ln());
        let mut after: Vec<W> = Vec::new();
        for (at, step) in program.steps.iter().enumerate().rev() {
            if at + 1 == program.steps.len() {
                after = vec![W::ZERO; step.transitions.states_out];
                if let Some(end) = after.last_mut() {
                    *end = inverse;
                }
            }
            let message = &self.messages[at];
            let mut before = vec![W::ZERO; step.transitions.states_in];
            let mut through = vec![W::ZERO; step.transitions.configurations];
            for [from, to, row] in &step.transitions.moves {
                let (from, to, row) = (*from as usize, *to as usize, *row as usize);
                let Some(weight) = message.get(from) else { continue };
                before[from] = before[from].plus(self.factors[at][row].times(after[to]));
                through[row] = through[row].plus(weight.times(after[to]));
            }
            for (row, through) in through.iter().enumerate() {
                let weight = factor * through.times(self.factors[at][row]).ln().exp();
                if weight == 0.0 {
                    continue;
                }
                if let Some(table) = step.table {
                    weights[table][row] += weight;
                }
                for (table, rows) in &step.closing {
                    weights[*table][rows[row] as usize] += weight;
                }
            }
            after = before;
        }
    }
}

/// What a step multiplies by in each configuration.
fn factors<W: Weight>(step: &Step, scaled: &[(f64, Vec<W>)]) -> Vec<W> {
    let mut all: Vec<W> = step.weights.iter().copied().map(W::from_plain).collect();
    if let Some(table) = step.table {
        for (factor, height) in all.iter_mut().zip(&scaled[table].1) {
            *factor = factor.times(*height);
        }
    }
    for (table, rows) in &step.closing {
        for (factor, row) in all.iter_mut().zip(rows) {
            *factor = factor.times(scaled[*table].1[*row as usize]);
        }
    }
    all
}
