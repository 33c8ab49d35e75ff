//! Pattern class.
use super::field::Field;
use super::{Core, Delta, PatternClass};

pub(super) fn classify(_field: &Field, _cores: &[Core], _deltas: &[Delta]) -> (PatternClass, f32) {
    (PatternClass::Unknown, 0.0)
}
