//! Numbers held against numbers that are known.

use serde_json::Value;

use super::Case;

/// What has been compared of one case so far.
pub(super) struct Check {
    case: Case,
}

impl Check {
    /// Nothing compared yet.
    pub(super) fn new(id: impl Into<String>) -> Self {
        Self { case: Case { id: id.into(), rel_error: 0.0, failure: None } }
    }

    /// Notes what differs; the first difference is kept.
    pub(super) fn fail(&mut self, what: impl Into<String>) {
        self.case.failure.get_or_insert(what.into());
    }

    /// A thing that is right or wrong.
    pub(super) fn holds(&mut self, right: bool, otherwise: impl FnOnce() -> String) {
        if !right {
            self.fail(otherwise());
        }
    }

    /// A ratio by its natural logarithm against one that is known; `None` stands for a ratio of 0 (or one that is not defined).
    pub(super) fn ratio(&mut self, what: &str, got_ln: f64, known: Option<f64>, tolerance: f64) {
        match known.filter(|known| *known > 0.0) {
            Some(known) => self.relative(what, (got_ln - known.ln()).exp_m1().abs(), tolerance),
            None if got_ln == f64::NEG_INFINITY => {}
            None => self.fail(format!("{what} must be 0")),
        }
    }

    /// A number against one that is known, relative to it.
    pub(super) fn number(&mut self, what: &str, got: f64, known: f64, tolerance: f64) {
        let error = if got == known { 0.0 } else { ((got - known) / known).abs() };
        self.relative(what, error, tolerance);
    }

    /// The same with a number of the file, where `null` stands for minus infinity.
    pub(super) fn value(&mut self, what: &str, got: f64, known: &Value, tolerance: f64) {
        let known = if known.is_null() { f64::NEG_INFINITY } else { known.as_f64().unwrap_or(f64::NAN) };
        self.number(what, got, known, tolerance);
    }

    /// A number against one that is known, in absolute terms.
    pub(super) fn absolute(&mut self, what: &str, got: f64, known: f64, tolerance: f64) {
        let error = (got - known).abs();
        // A comparison with something that is no number is no agreement.
        if error > tolerance || error.is_nan() {
            self.fail(format!("{what} is off by {error:.1e}, {tolerance:.0e} is allowed"));
        }
    }

    fn relative(&mut self, what: &str, error: f64, tolerance: f64) {
        if error.is_finite() {
            self.case.rel_error = self.case.rel_error.max(error);
        }
        if error > tolerance || error.is_nan() {
            self.fail(format!("{what} is off by {error:.1e} of its size, {tolerance:.0e} is allowed"));
        }
    }

    /// The case.
    pub(super) fn done(self) -> Case {
        self.case
    }
}
