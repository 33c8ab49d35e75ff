//! What examiners conclude, of fingers and of genetic profiles alike, and when two or three of them have decided.

use serde::{Deserialize, Serialize};

use crate::error::{RegistryError, Result};
use crate::params::{EXAMINERS_NEEDED, NOTES_MAX_CHARS};

/// What follows from an examiner's conclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The prints are of one person.
    Same,
    /// They are of two.
    Different,
    /// It can't be said.
    Inconclusive,
}

impl Verdict {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// An examiner's conclusion on a scale of five steps (the scale that OSAC proposes for friction ridge examination).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// The prints are of one source; the examiner would be surprised to see as much agreement in prints of two.
    Identification,
    /// More agreement than disagreement, and not enough to identify.
    SupportSame,
    /// As much for as against, or too little of either.
    Inconclusive,
    /// More disagreement than agreement, and not enough to exclude.
    SupportDifferent,
    /// The prints are of two sources.
    Exclusion,
}

impl Conclusion {
    /// All steps, from one end to the other.
    pub const ALL: [Self; 5] =
        [Self::Identification, Self::SupportSame, Self::Inconclusive, Self::SupportDifferent, Self::Exclusion];

    /// The name in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identification => "identification",
            Self::SupportSame => "support_same",
            Self::Inconclusive => "inconclusive",
            Self::SupportDifferent => "support_different",
            Self::Exclusion => "exclusion",
        }
    }

    /// Only the outer steps decide; what merely supports decides nothing.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Identification => Verdict::Same,
            Self::Exclusion => Verdict::Different,
            Self::SupportSame | Self::Inconclusive | Self::SupportDifferent => Verdict::Inconclusive,
        }
    }
}

/// What an examiner says in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// The step of the scale.
    pub conclusion: Conclusion,
    /// What it rests on, for whoever reads the decided case. Up to 2,000 characters.
    #[serde(default)]
    pub notes: Option<String>,
}

impl From<Conclusion> for Judgement {
    fn from(conclusion: Conclusion) -> Self {
        Self { conclusion, notes: None }
    }
}

impl From<Verdict> for Judgement {
    fn from(verdict: Verdict) -> Self {
        Self::from(match verdict {
            Verdict::Same => Conclusion::Identification,
            Verdict::Different => Conclusion::Exclusion,
            Verdict::Inconclusive => Conclusion::Inconclusive,
        })
    }
}

pub(crate) fn check_notes(notes: &str) -> Result<()> {
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if notes.chars().count() > NOTES_MAX_CHARS || notes.chars().any(odd) {
        return Err(RegistryError::Invalid {
            field: "notes",
            problem: format!("use at most {NOTES_MAX_CHARS} characters of plain text"),
        });
    }
    Ok(())
}

pub(crate) fn parse_conclusion(text: &str) -> Result<Conclusion> {
    Conclusion::ALL.into_iter().find(|c| c.name() == text).ok_or(RegistryError::Damaged { what: "judgement" })
}

pub(crate) fn parse_verdict(text: &str) -> Result<Verdict> {
    let all = [Verdict::Same, Verdict::Different, Verdict::Inconclusive];
    all.into_iter().find(|v| v.name() == text).ok_or(RegistryError::Damaged { what: "judgement" })
}

/// Two that agree decide; two that differ need a third; three that all differ stay disputed.
pub(crate) fn decided(verdicts: &[String]) -> &'static str {
    let count = |v: Verdict| verdicts.iter().filter(|x| x.as_str() == v.name()).count();
    for verdict in [Verdict::Same, Verdict::Different, Verdict::Inconclusive] {
        if count(verdict) >= EXAMINERS_NEEDED {
            return verdict.name();
        }
    }
    if verdicts.len() >= EXAMINERS_NEEDED { "disputed" } else { "open" }
}

#[cfg(test)]
mod tests {
    use super::decided;

    fn state(verdicts: &[&str]) -> &'static str {
        decided(&verdicts.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn one_examiner_decides_nothing_and_two_that_agree_do() {
        assert_eq!(state(&["same"]), "open");
        assert_eq!(state(&["same", "same"]), "same");
        assert_eq!(state(&["different", "different"]), "different");
    }

    #[test]
    fn a_third_examiner_decides_a_dispute() {
        assert_eq!(state(&["same", "different"]), "disputed");
        assert_eq!(state(&["same", "different", "different"]), "different");
        assert_eq!(state(&["same", "different", "inconclusive"]), "disputed");
    }
}
