//! The facts about one person that the law asks for, as they arrive in JSON.

use crate::document::{Trigger, named};
use crate::phrases;
use crate::rule::{Condition, Fact};
use crate::{Date, Text};
use serde::Serialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// Largest subject that is read, in bytes: a subject is a dozen facts.
const MAX_BYTES: usize = 64 * 1024;

named! {
    /// The person's relation to the country.
    Status {
        /// Citizen.
        Citizen = "citizen",
        /// Citizen of another country.
        Foreigner = "foreigner",
        /// Citizen of none.
        Stateless = "stateless",
        /// Has asked for asylum.
        AsylumSeeker = "asylum_seeker",
        /// Recognised refugee.
        Refugee = "refugee",
    }
}

/// Something that was noticed and survived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable machine-readable name.
    pub code: &'static str,
    /// In plain words, without any content of the input.
    pub text: Text,
}

/// What is known of the person's fingers. The default is ten sound fingers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerState {
    /// Fingers of both hands that exist, 0 to 10.
    pub present: u8,
    /// Papillary patterns are absent on the fingers of both hands.
    pub no_papillary_patterns: bool,
    /// A hand is injured and will heal.
    pub injury: bool,
    /// When the injury will have healed, as a physician expects.
    pub injury_until: Option<Date>,
}

impl Default for FingerState {
    fn default() -> Self {
        Self { present: 10, no_papillary_patterns: false, injury: false, injury_until: None }
    }
}

/// The facts of one person on one event. `None` is "not given".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Relation to the country.
    pub status: Option<Status>,
    /// Birth date from the record (for a synthetic identity the true one, not that of the number).
    pub born: Option<Date>,
    /// The event.
    pub trigger: Option<Trigger>,
    /// Facts that were given: `true` fulfilled, `false` expressly not. Those not listed were not given.
    pub facts: Vec<(Fact, bool)>,
    /// State of the fingers.
    pub fingers: FingerState,
    /// Diplomatic or comparable status.
    pub diplomatic: bool,
    /// What is registered cannot be given: [`Condition::PhysicallyImpossible`] or [`Condition::TemporarilyImpossible`].
    pub impossible: Option<Condition>,
    /// Already registered in this modality.
    pub registered_before: bool,
    /// Offence class of the conviction, in the pack's words (`grave`, `especially_grave`).
    pub offence: Option<String>,
    /// Kinship to the missing person, in the pack's words (`parent`, `full_sibling`).
    pub relationship: Option<String>,
    /// How often the person has refused.
    pub prior_refusals: u32,
    /// Whether a fine for refusal was paid.
    pub fine_paid: bool,
}

/// Why a text is not a subject. Never holds any of its content.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubjectError {
    /// Larger than a subject can be.
    #[error("the subject is larger than 64 KiB; a subject is one small JSON object")]
    TooLarge,
    /// Not JSON.
    #[error("the subject is not JSON (line {line}, column {column}); give one JSON object")]
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault.
        column: usize,
    },
    /// JSON, but not an object.
    #[error("the subject is not a JSON object; give {{\"status\": ..., \"born\": ..., \"trigger\": ...}}")]
    NotAnObject,
    /// A fact that decides has a wrong form.
    #[error("`{key}` is not {expected}")]
    Malformed {
        /// The key.
        key: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

impl Subject {
    /// Facts of a person on an event; everything else as not given.
    pub fn new(status: Status, born: Date, trigger: Trigger) -> Self {
        Self { status: Some(status), born: Some(born), trigger: Some(trigger), ..Self::default() }
    }

    /// The same, with `fact` given as fulfilled or expressly not.
    #[must_use]
    pub fn with(mut self, fact: Fact, fulfilled: bool) -> Self {
        self.facts.retain(|(given, _)| *given != fact);
        self.facts.push((fact, fulfilled));
        self
    }

    /// Whether `fact` was given as fulfilled.
    pub fn fulfils(&self, fact: Fact) -> bool {
        let given = |wanted| self.facts.iter().any(|(fact, fulfilled)| *fact == wanted && *fulfilled);
        // A consent in writing is a consent.
        given(fact) || (fact == Fact::Consent && given(Fact::WrittenConsent))
    }

    /// Whether the person is in the state that an exemption rests on. One finger with a pattern is enough to be subject.
    pub fn is(&self, condition: Condition) -> bool {
        match condition {
            Condition::NoFingersBothHands => self.fingers.present == 0,
            Condition::NoPapillaryPatternsBothHands => self.fingers.no_papillary_patterns,
            Condition::HandInjury => self.fingers.injury,
            Condition::Diplomatic => self.diplomatic,
            Condition::PhysicallyImpossible | Condition::TemporarilyImpossible => self.impossible == Some(condition),
        }
    }

    /// Reads a subject from JSON. Keys that are not known, and optional facts of a wrong type, are diagnostics; a deciding
    /// fact of a wrong form (`born`) is an error.
    pub fn from_json(text: &str) -> Result<(Self, Vec<Diagnostic>), SubjectError> {
        if text.len() > MAX_BYTES {
            return Err(SubjectError::TooLarge);
        }
        let value: Value = serde_json::from_str(text)
            .map_err(|error| SubjectError::NotJson { line: error.line(), column: error.column() })?;
        let Value::Object(map) = value else { return Err(SubjectError::NotAnObject) };
        Reader { map, diagnostics: Vec::new() }.read()
    }
}

struct Reader {
    map: Map<String, Value>,
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn read(mut self) -> Result<(Subject, Vec<Diagnostic>), SubjectError> {
        let status = self.word("status")?;
        let trigger = self.word("trigger")?;
        let mut subject = Subject {
            status: status.as_deref().and_then(Status::from_name),
            trigger: trigger.as_deref().and_then(Trigger::from_name),
            born: self.date("born")?,
            ..Subject::default()
        };
        if status.is_some() && subject.status.is_none() {
            self.note("unknown_status", phrases::unknown_status());
        }
        if trigger.is_some() && subject.trigger.is_none() {
            self.note("unknown_trigger", phrases::unknown_trigger());
        }
        for (key, fact) in [
            ("consent", Fact::Consent),
            ("written_consent", Fact::WrittenConsent),
            ("guardian_consent", Fact::GuardianConsent),
            ("guardian_present", Fact::GuardianPresence),
            ("guardian_presence", Fact::GuardianPresence),
            ("judgment_final", Fact::JudgmentFinal),
            ("investigator_order", Fact::InvestigatorOrder),
            ("short_stay", Fact::ShortStay),
        ] {
            if let Some(fulfilled) = self.truth(key) {
                subject = subject.with(fact, fulfilled);
            }
        }
        subject.diplomatic = self.truth("diplomatic").unwrap_or(false);
        subject.registered_before = self.truth("registered_before").unwrap_or(false);
        subject.fine_paid = self.truth("fine_paid").unwrap_or(false);
        subject.prior_refusals = self.count("prior_refusals", u32::MAX).unwrap_or(0);
        subject.offence = self.optional_word("offence");
        subject.relationship = self.optional_word("relationship");
        subject.fingers = self.fingers()?;
        self.exempt(&mut subject);
        if !self.map.is_empty() {
            self.note("unknown_key", phrases::unknown_key());
        }
        Ok((subject, self.diagnostics))
    }

    fn fingers(&mut self) -> Result<FingerState, SubjectError> {
        let mut state = FingerState::default();
        match self.map.remove("fingers") {
            None | Some(Value::Null) => {}
            Some(Value::Object(map)) => {
                let mut inner = Reader { map, diagnostics: Vec::new() };
                if let Some(present) = inner.count("present", 10) {
                    state.present = u8::try_from(present).unwrap_or(10);
                }
                match inner.optional_word("papillary_absent").as_deref() {
                    None | Some("none" | "left" | "right" | "one_hand") => {}
                    Some("both_hands") => state.no_papillary_patterns = true,
                    Some(_) => inner.note("malformed_fact", phrases::malformed_fact()),
                }
                state.injury = inner.truth("injury").unwrap_or(false);
                state.injury_until = inner.date("injury_until")?;
                if !inner.map.is_empty() {
                    inner.note("unknown_key", phrases::unknown_key());
                }
                self.diagnostics.append(&mut inner.diagnostics);
            }
            Some(_) => self.note("malformed_fact", phrases::malformed_fact()),
        }
        Ok(state)
    }

    /// `exempt` (or `exemption`): one or several conditions by name, as a station records them.
    fn exempt(&mut self, subject: &mut Subject) {
        for key in ["exempt", "exemption"] {
            let names = match self.map.remove(key) {
                None | Some(Value::Null) => continue,
                Some(Value::Array(names)) => names,
                Some(single) => vec![single],
            };
            for name in names {
                match name.as_str().and_then(Condition::from_name) {
                    Some(Condition::NoFingersBothHands) => subject.fingers.present = 0,
                    Some(Condition::NoPapillaryPatternsBothHands) => subject.fingers.no_papillary_patterns = true,
                    Some(Condition::HandInjury) => subject.fingers.injury = true,
                    Some(Condition::Diplomatic) => subject.diplomatic = true,
                    Some(state @ (Condition::PhysicallyImpossible | Condition::TemporarilyImpossible)) => {
                        subject.impossible = Some(state);
                    }
                    None => self.note("malformed_fact", phrases::malformed_fact()),
                }
            }
        }
    }

    fn note(&mut self, code: &'static str, text: Text) {
        self.diagnostics.push(Diagnostic { code, text });
    }

    fn word(&mut self, key: &'static str) -> Result<Option<String>, SubjectError> {
        match self.map.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(word)) => Ok(Some(word)),
            Some(_) => Err(SubjectError::Malformed { key, expected: "a word in quotes" }),
        }
    }

    fn date(&mut self, key: &'static str) -> Result<Option<Date>, SubjectError> {
        let malformed = SubjectError::Malformed { key, expected: "a date written YYYY-MM-DD" };
        match self.map.remove(key) {
            None | Some(Value::Null) => Ok(None),
            // jiff also reads datetimes and compact forms; only the ten characters of the interface are a date here.
            Some(Value::String(text)) if text.len() == 10 => text.parse().map(Some).map_err(|_| malformed),
            Some(_) => Err(malformed),
        }
    }

    fn optional_word(&mut self, key: &str) -> Option<String> {
        match self.map.remove(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(word)) => Some(word),
            Some(_) => {
                self.note("malformed_fact", phrases::malformed_fact());
                None
            }
        }
    }

    fn truth(&mut self, key: &str) -> Option<bool> {
        match self.map.remove(key) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(truth)) => Some(truth),
            Some(_) => {
                self.note("malformed_fact", phrases::malformed_fact());
                None
            }
        }
    }

    fn count(&mut self, key: &str, max: u32) -> Option<u32> {
        match self.map.remove(key) {
            None | Some(Value::Null) => None,
            Some(value) => {
                let count = value.as_u64().and_then(|count| u32::try_from(count).ok()).filter(|count| *count <= max);
                if count.is_none() {
                    self.note("malformed_fact", phrases::malformed_fact());
                }
                count
            }
        }
    }
}
