//! One rule of access, and the conditions that it may set.

use super::{AccessAct, DataClass, Notify};
use crate::retention::in_days;
use crate::validate::{Fault, period};
use crate::{Date, Ground, Text, phrases};
use serde::{Deserialize, Serialize};

/// Access first, check later, in danger to life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UrgentPath {
    /// Working days until the check.
    pub review_working_days: u8,
}

/// A search elsewhere that must come first: a narrower register is asked before a wider one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PriorSearch {
    /// What must have been searched, such as `national_database`.
    pub searched: String,
    /// For which acts.
    pub acts: Vec<AccessAct>,
    /// Whole days since that search was begun after which its answer need not be waited for; absent where it must have been answered.
    #[serde(default)]
    pub or_after_days: Option<u8>,
}

/// For how long a sanction under a rule may be given, and how often once more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SanctionTerm {
    /// Longest period of one sanction, as an ISO 8601 duration.
    pub longest: String,
    /// How often it may be extended, each time by no more than that.
    pub extensions: u8,
    /// Bodies that are told when it is given or extended.
    #[serde(default)]
    pub told: Vec<String>,
}

impl SanctionTerm {
    /// Whether a sanction that begins on `first` and no longer holds on `end` is within the term, being the `extension`-th extension (0:
    /// none).
    pub fn allows(&self, first: Date, end: Date, extension: u32) -> bool {
        let longest = in_days(&self.longest).and_then(|span| first.checked_add(span).ok());
        extension <= u32::from(self.extensions) && longest.is_some_and(|last| end <= last)
    }

    /// Says that a sanction is beyond its term.
    pub fn exceeded() -> Text {
        phrases::sanction_beyond_term()
    }
}

/// How much may be asked under a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Volume {
    /// Most permitted requests of one officer within the window.
    pub requests: u32,
    /// Length of the window, hours.
    pub hours: u16,
    /// Most in one case, whoever asks; absent where the law sets no limit of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_a_case: Option<u32>,
    /// Most of one organisation, whoever asks there; absent where the law sets no limit of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_a_body: Option<u32>,
}

/// How purposes end that are for signing in with a finger, such as `education_sign_in`. Whatever a country wants, that is one to one.
const SIGN_IN: &str = "_sign_in";

/// One rule of access.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AccessRule {
    /// Clause id inside the pack or sheet.
    pub code: String,
    /// Bodies that may.
    pub bodies: Vec<String>,
    /// For which purposes.
    pub purposes: Vec<String>,
    /// To do what.
    pub acts: Vec<AccessAct>,
    /// With which data.
    pub data: Vec<DataClass>,
    /// Of which populations (kept apart: civil, migration, convicted, missing_relative, ...).
    pub populations: Vec<String>,
    /// Levels of authority of which one must have sanctioned it; empty where the body may by itself.
    pub sanction: Vec<String>,
    /// Fields of the answer; nothing else leaves.
    pub fields: Vec<String>,
    /// Whether the person learns of it at once.
    pub notify: Notify,
    /// The urgent path, where there is one.
    #[serde(default)]
    pub urgent: Option<UrgentPath>,
    /// What must have been searched before.
    #[serde(default)]
    pub before: Vec<PriorSearch>,
    /// The longest that a sanction may last; absent where the law sets no end of its own.
    #[serde(default)]
    pub term: Option<SanctionTerm>,
    /// Whether a verification is answered no while the person has locked the own biometrics. Absent: yes where a service asks, no where an
    /// officer does.
    #[serde(default)]
    pub holder_lock: Option<bool>,
    /// How much may be asked; absent where the law sets no limit of its own.
    #[serde(default)]
    pub volume: Option<Volume>,
    /// Where it stands.
    pub ground: Ground,
    /// In plain words.
    pub text: Text,
}

impl AccessRule {
    pub(crate) fn validate(&self) -> Result<(), Fault> {
        if let Some(term) = &self.term {
            period(&self.code, &term.longest)?;
            if self.sanction.is_empty() {
                return Err(Fault::new(&self.code, "has a `term` and asks for no sanction"));
            }
        }
        let nothing = |volume: Volume| {
            let limits = [Some(volume.requests), volume.in_a_case, volume.of_a_body];
            volume.hours == 0 || limits.contains(&Some(0))
        };
        if self.volume.is_some_and(nothing) {
            return Err(Fault::new(&self.code, "`volume` needs at least one request and one hour"));
        }
        let sign_in = |purpose: &String| purpose.ends_with(SIGN_IN);
        if self.purposes.iter().any(sign_in) && self.acts != [AccessAct::Verify] {
            return Err(Fault::new(
                &self.code,
                "is for signing in with a finger, which is one to one: `acts` must be [verify]",
            ));
        }
        if self.holder_lock.is_some() && !self.acts.contains(&AccessAct::Verify) {
            return Err(Fault::new(&self.code, "has a `holder_lock`, which is for verifications, and provides none"));
        }
        if self.urgent.is_some_and(|urgent| urgent.review_working_days == 0) {
            return Err(Fault::new(&self.code, "`urgent` needs at least one working day until the check"));
        }
        match self.before.iter().flat_map(|before| &before.acts).find(|act| !self.acts.contains(act)) {
            Some(_) => Err(Fault::new(&self.code, "`before` names an act that the rule does not provide")),
            None => Ok(()),
        }
    }
}
