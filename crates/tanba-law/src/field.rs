//! A value together with where it comes from, or an honest "unknown".

use crate::Text;
use serde::{Deserialize, Serialize};

/// How well a fact of law is known (the marks of the project's fact sheets).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Confidence {
    /// Official or primary text, or a faithful copy.
    A,
    /// Secondary: a ministry's page, the press, a law firm, a commentary.
    B,
    /// The published article on mandatory fingerprinting in Kazakhstan.
    S,
    /// General knowledge, not verified.
    C,
    /// Unknown, or sources conflict.
    X,
}

impl Confidence {
    /// Whether a lawyer must settle this before the pack can be signed.
    pub fn needs_lawyer(self) -> bool {
        matches!(self, Confidence::C | Confidence::X)
    }
}

/// Where a statement of law comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ground {
    /// The act and, where it is known, the article.
    pub cite: String,
    /// Where we read it.
    pub source: String,
    /// How well it is known.
    pub confidence: Confidence,
    /// The lawyer who verified it, by the name of their key; absent while nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_by: Option<String>,
}

/// A value of a law pack: known, with its ground, or unknown, with the reason.
///
/// In YAML: `{value: ..., ground: {...}}` or `{unknown: {kk, ru, en}, ground: {...}}`. Never both, and a known value never
/// has confidence X.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawField<T>")]
pub enum Field<T> {
    /// The law says this.
    Known {
        /// What it says.
        value: T,
        /// Where it says so.
        ground: Ground,
    },
    /// We do not know what the law says. An act that needs the value is denied.
    Unknown {
        /// Why it is not known, in plain words.
        reason: Text,
        /// What was looked at.
        ground: Ground,
    },
}

impl<T> Field<T> {
    /// The value, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Field::Known { value, .. } => Some(value),
            Field::Unknown { .. } => None,
        }
    }

    /// Why the value is not known, where it is not.
    pub fn reason(&self) -> Option<&Text> {
        match self {
            Field::Known { .. } => None,
            Field::Unknown { reason, .. } => Some(reason),
        }
    }

    /// Where the value, or the lack of it, comes from.
    pub fn ground(&self) -> &Ground {
        match self {
            Field::Known { ground, .. } | Field::Unknown { ground, .. } => ground,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField<T> {
    value: Option<T>,
    unknown: Option<Text>,
    ground: Ground,
}

impl<T> TryFrom<RawField<T>> for Field<T> {
    type Error = &'static str;

    fn try_from(raw: RawField<T>) -> Result<Self, Self::Error> {
        match (raw.value, raw.unknown) {
            (Some(_), None) if raw.ground.confidence == Confidence::X => {
                Err("confidence X means unknown: give `unknown` with the reason instead of `value`")
            }
            (Some(value), None) => Ok(Field::Known { value, ground: raw.ground }),
            (None, Some(reason)) => Ok(Field::Unknown { reason, ground: raw.ground }),
            (Some(_), Some(_)) => Err("a field has either `value` or `unknown`, not both"),
            (None, None) => Err("a field needs `value`, or `unknown` with the reason"),
        }
    }
}
