//! The content of a pack's file, field by field; docs/law/guide.md tells it in words.

use crate::access::AccessRule;
use crate::refusal::RefusalStep;
use crate::retention::RetentionRow;
use crate::rule::{Conductor, Duties, Exemption, Rule, Silence};
use crate::{Date, Field, GenomicPanel, Ground, LeapBirthday, Text};
use serde::{Deserialize, Serialize};

/// What is registered under a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Modality {
    /// Prints of fingers (and palms where the law names them).
    Fingerprint,
    /// Genomic profiles.
    Genomic,
    /// Pictures of the face.
    Face,
    /// Pictures of the iris.
    Iris,
}

/// Whether lawyers stand behind a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum PackStatus {
    /// Work in progress: not meant to be signed yet. Demonstration only.
    Draft,
    /// The text is final. Production uses it once both roles have signed it ([`crate::Approval`]).
    Final,
}

/// The act. Numbers alone are ambiguous, so the date and title belong to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Instrument {
    /// Number of the act.
    pub number: String,
    /// Date of the act; `None` where it could not be read, and for codes, which have none.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub date: Option<Date>,
    /// Its title, in our words.
    pub title: Text,
    /// Where it stands.
    pub ground: Ground,
}

/// What is taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Samples {
    /// Kinds of sample: `fingers`, `palms`, `buccal`, `biological_trace`.
    pub kinds: Vec<String>,
    /// Most fingers that may be taken; samples beyond are refused before storage. `None` where the law sets no limit.
    #[serde(default)]
    pub max_fingers: Option<u8>,
}

/// A court, or whoever may, ended a regime before its own end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Struck {
    /// First day on which nothing may be taken and nothing may be used; what is kept must be deleted.
    #[cfg_attr(test, schemars(with = "String"))]
    pub on: Date,
    /// Bodies that may still read what their rules give them, so that the deletion can be watched.
    pub still_read: Vec<String>,
    /// Where it stands.
    pub ground: Ground,
    /// In plain words.
    pub text: Text,
}

/// What follows when somebody takes a consent back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Withdrawal {
    /// Whether a document that was issued with the consent stays valid.
    pub document_stays: bool,
    /// Longest time until everything is deleted, as an ISO 8601 duration; use ends at once.
    pub delete_within: String,
    /// In plain words.
    pub text: Text,
}

/// Who may ask for deletion, on what grounds, how soon it is decided, and what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Deletion {
    /// Who may ask: `person`, `guardian`, `court`, `prosecutor`, ...
    pub asked_by: Vec<String>,
    /// Events that are a ground, such as `acquittal`.
    pub grounds: Vec<String>,
    /// Longest time until the decision, as an ISO 8601 duration; `None` where the law sets none.
    pub decide_within: Option<String>,
    /// What proves it, such as `certificate_of_destruction`.
    pub evidence: Vec<String>,
    /// Whether those who were told the data must delete them too; `None` where that could not be read.
    pub recipients_delete: Option<bool>,
    /// In plain words.
    pub text: Text,
}

/// Whether the log says what a look was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum LogPurpose {
    /// The purpose must stand in the log (as in Directive (EU) 2016/680, Art. 25).
    Required,
    /// The purpose must not be stored (as in India's Aadhaar regulations).
    Forbidden,
}

/// The content of a pack's file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PackDoc {
    pub(crate) format: String,
    pub(crate) id: String,
    pub(crate) title: Text,
    pub(crate) jurisdiction: String,
    pub(crate) modality: Modality,
    pub(crate) status: PackStatus,
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) valid_from: Date,
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) valid_to: Option<Date>,
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) known_from: Date,
    #[serde(default)]
    pub(crate) supersedes: Vec<String>,
    pub(crate) history: Text,
    pub(crate) validity: Ground,
    pub(crate) struck: Option<Struck>,
    pub(crate) instrument: Instrument,
    pub(crate) leap_birthday: Field<LeapBirthday>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) silence: Silence,
    pub(crate) exempt: Vec<Exemption>,
    pub(crate) obligations: Vec<Duties>,
    pub(crate) conducted_by: Vec<Conductor>,
    pub(crate) samples: Field<Samples>,
    /// Of genomic registration only; absent where the pack does not speak of it, which is as good as not known.
    pub(crate) panel: Option<Field<GenomicPanel>>,
    pub(crate) withdrawal: Field<Withdrawal>,
    pub(crate) refusal: Field<Vec<RefusalStep>>,
    pub(crate) access: Field<Vec<AccessRule>>,
    pub(crate) transfers: Field<Vec<AccessRule>>,
    pub(crate) retention: RetentionFields,
    /// Absent where the law is silent.
    pub(crate) log_purpose: Option<Field<LogPurpose>>,
    pub(crate) deletion: Field<Deletion>,
}

/// How long samples, profiles and the log are kept: separate clocks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RetentionFields {
    pub(crate) profile: Field<Vec<RetentionRow>>,
    pub(crate) sample: Field<Vec<RetentionRow>>,
    pub(crate) log: Field<Vec<RetentionRow>>,
}
