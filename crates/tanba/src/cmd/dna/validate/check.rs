//! What became of the numbers of one case.

use serde_json::Value;

use super::Case;

/// Collects how far the numbers of a case lie from those that are known.
pub(super) struct Check {
    id: String,
    worst: f64,
    failure: Option<String>,
}

impl Check {
    /// Nothing compared yet.
    pub(super) fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), worst: 0.0, failure: None }
    }

    /// A number against the one that is known, within a relative tolerance; `null` stands for minus infinity.
    pub(super) fn number(&mut self, what: &str, got: f64, known: &Value, tolerance: f64) {
        let known = if known.is_null() { f64::NEG_INFINITY } else { known.as_f64().unwrap_or(f64::NAN) };
        let error = if got == known { 0.0 } else { (got - known).abs() / known.abs() };
        // A comparison with something that is no number is no agreement.
        if error.is_nan() || error > tolerance {
            self.fail(format!("{what}: {got:e} where {known:e} is known"));
        }
        if error.is_finite() {
            self.worst = self.worst.max(error);
        }
    }

    /// A thing that is right or wrong.
    pub(super) fn holds(&mut self, right: bool, otherwise: impl FnOnce() -> String) {
        if !right {
            self.fail(otherwise());
        }
    }

    /// The first failure is the one that is told.
    pub(super) fn fail(&mut self, what: String) {
        self.failure.get_or_insert(what);
    }

    /// The case.
    pub(super) fn case(self) -> Case {
        Case { id: self.id, rel_error: self.worst, failure: self.failure }
    }
}
