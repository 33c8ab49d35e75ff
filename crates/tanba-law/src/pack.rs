//! A law pack: one instrument, one modality, one version, in two times (when it holds, and since when it was known).

use crate::check::CheckError;
use crate::content::PackDoc;
use crate::lines::Lines;
use crate::rule::{Conductor, Exemption, Rule};
use crate::signature::Approval;
use crate::{
    Confidence, Date, Deletion, Field, GenomicPanel, Ground, IndexTable, Instrument, LeapBirthday, LogPurpose,
    Modality, PackHash, PackStatus, RetentionRow, Samples, Struck, Text, Trigger, Withdrawal,
};
use std::fmt;

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

    /// The loci that may be stored, where it is a pack on genomic registration that speaks of them.
    pub fn panel(&self) -> Option<&Field<GenomicPanel>> {
        self.doc.panel.as_ref()
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
                field("leap_birthday", doc.leap_birthday.ground(), doc.leap_birthday.reason()),
                field("samples", doc.samples.ground(), doc.samples.reason()),
                field("refusal", doc.refusal.ground(), doc.refusal.reason()),
                field("access", doc.access.ground(), doc.access.reason()),
                field("transfers", doc.transfers.ground(), doc.transfers.reason()),
                field(
                    "withdrawal",
                    doc.withdrawal.ground(),
                    doc.withdrawal.reason().or(doc.withdrawal.known().map(|known| &known.text)),
                ),
                field(
                    "deletion",
                    doc.deletion.ground(),
                    doc.deletion.reason().or(doc.deletion.known().map(|known| &known.text)),
                ),
            ])
            .chain(self.retention_fields().map(move |(code, rows)| field(code, rows.ground(), rows.reason())))
            .chain(doc.panel.iter().map(move |panel| field("panel", panel.ground(), panel.reason())))
            .chain(doc.log_purpose.iter().map(move |rule| field("log_purpose", rule.ground(), rule.reason())))
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
