//! A law pack: one instrument, one modality, one version, in two times (when it holds, and since when it was known).

use crate::access::AccessRule;
use crate::check::CheckError;
use crate::lines::Lines;
use crate::refusal::RefusalStep;
use crate::retention::RetentionRow;
use crate::rule::{Conductor, Duties, Exemption, Rule, Silence};
use crate::signature::Approval;
use crate::{Confidence, Date, Field, Ground, IndexTable, LeapBirthday, PackHash, Text, Trigger};
use serde::{Deserialize, Serialize};
use std::fmt;

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

/// A law pack that was read, checked and hashed.
#[derive(Clone)]
pub struct Pack {
    pub(crate) doc: PackDoc,
    pub(crate) hash: PackHash,
    pub(crate) canonical: String,
    pub(crate) lines: Lines,
    pub(crate) approval: Option<Approval>,
    pub(crate) indices: Vec<IndexTable>,
}

impl fmt::Debug for Pack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pack({} {})", self.doc.id, self.hash)
    }
}

/// A statement of a pack, by its clause id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clause<'a> {
    /// Clause id inside the pack.
    pub code: &'a str,
    /// Where it stands.
    pub ground: &'a Ground,
    /// In plain words; a field that is not a rule has none.
    pub text: Option<&'a Text>,
}

impl Pack {
    /// Id, such as `kz-2016-as-enacted`.
    pub fn id(&self) -> &str {
        &self.doc.id
    }

    /// SHA-256 of the canonical content.
    pub fn hash(&self) -> PackHash {
        self.hash
    }

    /// The content as canonical JSON, which is what the hash covers.
    pub fn canonical_json(&self) -> &str {
        &self.canonical
    }

    /// Name of the pack.
    pub fn title(&self) -> &Text {
        &self.doc.title
    }

    /// ISO 3166 code of the country.
    pub fn jurisdiction(&self) -> &str {
        &self.doc.jurisdiction
    }

    /// What is registered.
    pub fn modality(&self) -> Modality {
        self.doc.modality
    }

    /// Whether lawyers stand behind it.
    pub fn status(&self) -> PackStatus {
        self.doc.status
    }

    /// First day on which it holds.
    pub fn valid_from(&self) -> Date {
        self.doc.valid_from
    }

    /// First day on which it no longer holds; `None` without an end.
    pub fn valid_to(&self) -> Option<Date> {
        self.doc.valid_to
    }

    /// Day from which the content was known.
    pub fn known_from(&self) -> Date {
        self.doc.known_from
    }

    /// How the regime came and went.
    pub fn history(&self) -> &Text {
        &self.doc.history
    }

    /// Ids of the earlier versions that this one takes the place of, where both hold on a day.
    pub fn supersedes(&self) -> &[String] {
        &self.doc.supersedes
    }

    /// How the regime was ended, where it was struck down.
    pub fn struck(&self) -> Option<&Struck> {
        self.doc.struck.as_ref()
    }

    /// The signatures of both roles, where they were verified.
    pub fn approval(&self) -> Option<&Approval> {
        self.approval.as_ref()
    }

    /// Line of the file, from 1, on which a clause or a top-level key stands.
    pub fn line(&self, at: &str) -> Option<usize> {
        self.lines.first(at)
    }

    /// The act.
    pub fn instrument(&self) -> &Instrument {
        &self.doc.instrument
    }

    /// What is taken.
    pub fn samples(&self) -> &Field<Samples> {
        &self.doc.samples
    }

    /// What follows when a consent is taken back.
    pub fn withdrawal(&self) -> &Field<Withdrawal> {
        &self.doc.withdrawal
    }

    /// Who may ask for deletion, and how it goes.
    pub fn deletion(&self) -> &Field<Deletion> {
        &self.doc.deletion
    }

    /// Rules on registration, in the order in which they are tried.
    pub fn rules(&self) -> &[Rule] {
        &self.doc.rules
    }

    /// Exemptions.
    pub fn exemptions(&self) -> &[Exemption] {
        &self.doc.exempt
    }

    /// Whether the log must or must not say what a look was for; `None` where the law is silent or not known.
    pub fn log_purpose(&self) -> Option<LogPurpose> {
        self.doc.log_purpose.as_ref().and_then(Field::known).copied()
    }

    /// Which bodies carry out registration, and on which events.
    pub fn conductors(&self) -> &[Conductor] {
        &self.doc.conducted_by
    }

    /// The clause by which `body` may carry out registration on `trigger`; `None` where the pack names no such body.
    pub fn conducts(&self, body: &str, trigger: Trigger) -> Option<&Conductor> {
        self.doc
            .conducted_by
            .iter()
            .find(|row| row.triggers.contains(&trigger) && row.bodies.iter().any(|listed| listed == body))
    }

    /// The rule on birthdays on 29 February; where it is unknown, the later day (no duty starts early).
    pub(crate) fn leap_birthday(&self) -> LeapBirthday {
        self.doc.leap_birthday.known().copied().unwrap_or(LeapBirthday::FirstOfMarch)
    }

    /// Whether the pack held on `as_of`, was not struck down by then, and was known on `known_on`. A pack of which it is not
    /// known from when it holds (its `validity` has confidence X) holds on no day.
    pub fn in_force(&self, as_of: Date, known_on: Option<Date>) -> Result<(), CheckError> {
        if let Some(known_on) = known_on.filter(|day| *day < self.doc.known_from) {
            let pack = self.doc.id.clone();
            return Err(CheckError::NotYetKnown { pack, known_from: self.doc.known_from, known_on });
        }
        if self.doc.validity.confidence == Confidence::X {
            return Err(CheckError::StartNotKnown { pack: self.doc.id.clone() });
        }
        if as_of < self.doc.valid_from || self.doc.valid_to.is_some_and(|end| as_of >= end) {
            return Err(CheckError::OutsideValidity {
                pack: self.doc.id.clone(),
                valid_from: self.doc.valid_from,
                valid_to: self.doc.valid_to,
                as_of,
            });
        }
        match &self.doc.struck {
            Some(struck) if as_of >= struck.on => {
                let (pack, decision) = (self.doc.id.clone(), struck.ground.cite.clone());
                Err(CheckError::Struck { pack, on: struck.on, as_of, decision })
            }
            _ => Ok(()),
        }
    }

    /// Every statement of the pack that a decision can cite.
    pub fn clauses(&self) -> impl Iterator<Item = Clause<'_>> {
        let doc = &self.doc;
        let clause = |code, ground, text| Clause { code, ground, text: Some(text) };
        let field = |code, ground, reason| Clause { code, ground, text: reason };
        doc.rules
            .iter()
            .map(move |rule| clause(rule.code.as_str(), &rule.ground, &rule.text))
            .chain([clause(doc.silence.code.as_str(), &doc.silence.ground, &doc.silence.text)])
            .chain(doc.exempt.iter().map(move |row| clause(row.code.as_str(), &row.ground, &row.text)))
            .chain(doc.obligations.iter().map(move |row| clause(row.code.as_str(), &row.ground, &row.text)))
            .chain(doc.conducted_by.iter().map(move |row| clause(row.code.as_str(), &row.ground, &row.text)))
            .chain(known_rows(&doc.refusal).iter().map(move |row| clause(row.code.as_str(), &row.ground, &row.text)))
            .chain(known_rows(&doc.access).iter().map(move |row| clause(row.code.as_str(), &row.ground, &row.text)))
            .chain(known_rows(&doc.transfers).iter().map(move |row| clause(row.code.as_str(), &row.ground, &row.text)))
            .chain(doc.struck.iter().map(move |struck| clause("struck", &struck.ground, &struck.text)))
            .chain([clause("validity", &doc.validity, &doc.history)])
            .chain(self.retention_fields().into_iter().flat_map(move |(_, rows)| {
                known_rows(rows).iter().map(move |row| clause(row.code.as_str(), rows.ground(), &row.text))
            }))
            .chain([
                field("leap_birthday", doc.leap_birthday.ground(), unknown_reason(&doc.leap_birthday)),
                field("samples", doc.samples.ground(), unknown_reason(&doc.samples)),
                field("refusal", doc.refusal.ground(), unknown_reason(&doc.refusal)),
                field("access", doc.access.ground(), unknown_reason(&doc.access)),
                field("transfers", doc.transfers.ground(), unknown_reason(&doc.transfers)),
                field(
                    "withdrawal",
                    doc.withdrawal.ground(),
                    unknown_reason(&doc.withdrawal).or(doc.withdrawal.known().map(|known| &known.text)),
                ),
                field(
                    "deletion",
                    doc.deletion.ground(),
                    unknown_reason(&doc.deletion).or(doc.deletion.known().map(|known| &known.text)),
                ),
            ])
            .chain(self.retention_fields().map(move |(code, rows)| field(code, rows.ground(), unknown_reason(rows))))
            .chain(doc.log_purpose.iter().map(move |rule| field("log_purpose", rule.ground(), unknown_reason(rule))))
    }

    /// The statement with this clause id.
    pub fn clause(&self, code: &str) -> Option<Clause<'_>> {
        self.clauses().find(|clause| clause.code == code)
    }

    /// What a lawyer must settle before the pack can be signed: every statement of confidence C or X.
    pub fn open_questions(&self) -> Vec<Clause<'_>> {
        self.clauses().filter(|clause| clause.ground.confidence.needs_lawyer()).collect()
    }

    pub(crate) fn retention_fields(&self) -> [(&'static str, &Field<Vec<RetentionRow>>); 3] {
        let retention = &self.doc.retention;
        [
            ("retention.profile", &retention.profile),
            ("retention.sample", &retention.sample),
            ("retention.log", &retention.log),
        ]
    }
}

/// The rows of a field, none where it is unknown.
pub(crate) fn known_rows<T>(field: &Field<Vec<T>>) -> &[T] {
    field.known().map(Vec::as_slice).unwrap_or_default()
}

fn unknown_reason<T>(field: &Field<T>) -> Option<&Text> {
    match field {
        Field::Unknown { reason, .. } => Some(reason),
        Field::Known { .. } => None,
    }
}
