//! One score from the parts of a comparison.
//!
//! Each part is a plain number that a person can check on the picture of the comparison; the score is their weighted sum, in
//! natural log odds, brought to 0-1. Weights are those of a logistic regression on synthetic prints (see [`SCORE`]); prints
//! without ridges have weights of their own on the same scale.

use crate::exact::Exact;
use crate::mcc::align::Evidence;
use crate::mcc::params::SCORE;
use crate::texture::Growth;
use serde::Serialize;

/// What a comparison found, before it is weighed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts {
    /// Mean belief of the best pairs after relaxation, 0 to 1.
    pub(crate) relaxed: f32,
    /// The prints laid on each other by their minutiae; `None` where there was too little to begin with.
    pub(crate) minutiae: Option<Evidence>,
    /// ... and by their ridges; `None` also where a template has none.
    pub(crate) ridges: Option<RidgeEvidence>,
}

/// What ridges say, and minutiae where ridges carry them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RidgeEvidence {
    pub(crate) growth: Growth,
    pub(crate) minutiae: Evidence,
}

/// One part of a comparison and what it added to the score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Contribution {
    /// Stable name, such as `ridge_coverage`.
    pub name: &'static str,
    /// The part itself, in the unit that `meaning` states.
    pub value: f32,
    /// What it added, in natural log odds; the sum over all parts decides the score.
    pub log_odds: f32,
    /// What it says, for a person.
    pub meaning: &'static str,
}

/// Templates that cannot be compared, or have nothing in common.
impl Default for Parts {
    fn default() -> Self {
        Self { relaxed: 0.0, minutiae: None, ridges: None }
    }
}

impl Parts {
    /// Natural log odds over which a score goes from 1/2 to 1 / (1 + e).
    pub const SPREAD: f32 = SCORE.spread;

    /// The score, 0 to 1: 0 where nothing could be compared.
    pub fn score(&self) -> f32 {
        if self.relaxed <= 0.0 {
            return 0.0;
        }
        let log_odds: f32 = self.terms().iter().map(|t| t.log_odds).sum();
        Self::score_of(log_odds)
    }

    /// What each part adds to the score; empty where nothing could be compared.
    pub fn contributions(&self) -> Vec<Contribution> {
        if self.relaxed <= 0.0 { Vec::new() } else { self.terms().into_iter().filter(|t| t.log_odds != 0.0).collect() }
    }

    /// The same comparison as if the ridges had not been compared.
    #[must_use]
    pub fn of_minutiae(&self) -> Self {
        Self { ridges: None, ..*self }
    }

    /// Whether the ridges of both prints were compared, so that the weights for that apply.
    pub fn with_ridges(&self) -> bool {
        self.ridges.is_some()
    }

    /// The score, 0 to 1, of summed log odds.
    pub fn score_of(log_odds: f32) -> f32 {
        1.0 / (1.0 + (-(log_odds - SCORE.middle) / SCORE.spread).exp_exact())
    }

    /// Every number that a weight is fitted for, in a fixed order: those of [`NUMBERS`].
    pub fn numbers(&self) -> [f32; NUMBERS.len()] {
        let m = self.minutiae.unwrap_or_default();
        let flag = |there: bool| f32::from(u8::from(there));
        let (g, c) = self.ridges.map_or((Growth::default(), Evidence::default()), |r| (r.growth, r.minutiae));
        [
            1.0,
            // The smallest positive belief keeps the logarithm finite.
            self.relaxed.max(1e-4).ln_exact(),
            flag(self.minutiae.is_some()),
            m.closeness,
            m.kinds,
            m.missing.max(0.0).sqrt(),
            flag(self.ridges.is_some()),
            c.closeness,
            c.kinds,
            c.missing.max(0.0).sqrt(),
            g.coverage(),
            g.coverage() * g.settled.sqrt(),
            g.common.sqrt(),
        ]
    }

    fn terms(&self) -> [Contribution; NUMBERS.len()] {
        let weights = if self.ridges.is_some() { &SCORE.with_ridges } else { &SCORE.without_ridges };
        let numbers = self.numbers();
        core::array::from_fn(|k| {
            let (name, meaning) = NUMBERS[k];
            Contribution { name, value: numbers[k], log_odds: weights[k] * numbers[k], meaning }
        })
    }
}

/// Names and meanings of [`Parts::numbers`].
pub const NUMBERS: [(&str, &str); 13] = [
    ("beginning", "1: what every comparison begins with"),
    ("neighbourhoods", "natural logarithm of how well the neighbourhoods of the best minutiae agree"),
    ("aligned", "1 where the prints could be laid on each other"),
    (
        "minutiae_close",
        "minutiae that lie on each other, each weighed by how closely (prints moved and evenly stretched)",
    ),
    ("minutiae_kinds", "matched minutiae of the same kind less those of different kinds"),
    (
        "minutiae_missing",
        "square root of the minutiae of either print, weighed by quality, that the other should show and does not (they are lost in patches, so the second says less than the first)",
    ),
    ("ridges_compared", "1 where the ridges of both were compared"),
    ("carried_close", "minutiae that lie on each other where the ridges carry them"),
    ("carried_kinds", "... of the same kind less those of different kinds"),
    ("carried_missing", "the same where the ridges agree"),
    ("ridge_coverage", "share of the common area in which the ridges run on each other, 0 to 1"),
    ("ridge_extent", "that share times the square root of the windows (2.4 mm each, half overlapping) that agree"),
    ("common_area", "square root of the windows that both prints show"),
];
