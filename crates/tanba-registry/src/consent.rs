//! Consent as an object: who gave it, to which words, in which language, when, and by what it is confirmed. A consent that
//! lacks a part is none, and denied.
//!
//! The words are kept sealed with the consent and their SHA-256 stands beside it and in the log entry, so that anybody who
//! holds the words can recompute what was agreed to. What is done with them is in [`consenting`](crate::consenting).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::RowId;
use crate::journal::hex;
use crate::time::Instant;

/// Words that were shown or read out, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownText {
    /// Which version of which text, such as `counter-consent-1`. A version has one wording in each language.
    pub version: String,
    /// In which language, `kk`, `ru`, `en`, ...
    pub language: String,
    /// The words.
    pub words: String,
}

impl ShownText {
    /// SHA-256 of the words in UTF-8, as 64 hexadecimal digits.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.words.as_bytes()))
    }
}

/// A consent, an explanation or an objection, with all that makes it valid.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// What is recorded.
    pub kind: ConsentKind,
    /// Who gave it: an individual identification number or document number.
    pub given_by: String,
    /// What was shown or read out. An objection needs no words.
    pub text: ShownText,
    /// The hash that the station showed the words with; it must be that of the words.
    pub text_hash: String,
    /// `spoken`, `written`, `electronic`.
    pub modality: String,
    /// How it is confirmed, by the names of [`Confirmation`].
    pub evidence: String,
    /// The signature's reference: the number of the scanned sheet, of the pad's record, or of the electronic signature.
    pub reference: String,
}

impl Consent {
    /// A consent to these words.
    pub fn new(kind: ConsentKind, given_by: &str, text: ShownText, modality: &str, by: Confirmation) -> Self {
        Self {
            kind,
            given_by: given_by.to_owned(),
            text_hash: text.hash(),
            text,
            modality: modality.to_owned(),
            evidence: by.name().to_owned(),
            reference: String::new(),
        }
    }

    /// With the reference of the signature.
    #[must_use]
    pub fn signed(mut self, reference: &str) -> Self {
        reference.clone_into(&mut self.reference);
        self
    }

    /// The first part that is not there, by its name in the API.
    pub(crate) fn lacks(&self) -> Option<&'static str> {
        let words = self.kind != ConsentKind::Objection;
        let signed = Confirmation::from_name(&self.evidence).is_some_and(Confirmation::is_signature);
        [
            ("given_by", true, &self.given_by),
            ("language", true, &self.text.language),
            ("modality", true, &self.modality),
            ("evidence", true, &self.evidence),
            ("text_version", words, &self.text.version),
            ("text_hash", words, &self.text_hash),
            ("text", words, &self.text.words),
            ("reference", signed, &self.reference),
        ]
        .into_iter()
        .find(|(_, needed, value)| *needed && value.trim().is_empty())
        .map(|(field, _, _)| field)
    }
}

/// What a [`Consent`] records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentKind {
    /// The person's own consent.
    SubjectConsent,
    /// A guardian's consent.
    GuardianConsent,
    /// A guardian is here, and confirmed it themselves ([`Registry::confirm_guardian`]).
    GuardianPresence,
    /// The person, or the child, objects: capture stops.
    Objection,
    /// The law was explained.
    Explanation,
}

impl ConsentKind {
    /// All of them.
    const ALL: [Self; 5] =
        [Self::SubjectConsent, Self::GuardianConsent, Self::GuardianPresence, Self::Objection, Self::Explanation];

    /// The one with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::SubjectConsent => "subject_consent",
            Self::GuardianConsent => "guardian_consent",
            Self::GuardianPresence => "guardian_presence",
            Self::Objection => "objection",
            Self::Explanation => "explanation",
        }
    }
}

/// By what a consent, a presence or an explanation is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// Signed on a sheet that was scanned.
    SignatureOnPaper,
    /// Signed on the pad at the counter.
    SignatureOnPad,
    /// Signed electronically.
    ElectronicSignature,
    /// A code that was sent to the guardian by the population register, and given back at the counter.
    OneTimeCode,
    /// The same code on a slip, where the population register sends none.
    OneTimeCodeOnSlip,
    /// Given on the own page, in the own session.
    OwnAccount,
    /// The operator states that it was said.
    OperatorStatement,
}

impl Confirmation {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SignatureOnPaper,
        Self::SignatureOnPad,
        Self::ElectronicSignature,
        Self::OneTimeCode,
        Self::OneTimeCodeOnSlip,
        Self::OwnAccount,
        Self::OperatorStatement,
    ];

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }

    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignatureOnPaper => "signature_on_paper",
            Self::SignatureOnPad => "signature_on_pad",
            Self::ElectronicSignature => "electronic_signature",
            Self::OneTimeCode => "one_time_code",
            Self::OneTimeCodeOnSlip => "one_time_code_on_slip",
            Self::OwnAccount => "own_account",
            Self::OperatorStatement => "operator_statement",
        }
    }

    /// A signature, which has a reference.
    pub fn is_signature(self) -> bool {
        matches!(self, Self::SignatureOnPaper | Self::SignatureOnPad | Self::ElectronicSignature)
    }

    /// What may be sent to [`Registry::record_consent`]: a code and an own session are events of their own.
    pub(crate) fn is_stated(self) -> bool {
        self.is_signature() || self == Self::OperatorStatement
    }
}

/// A consent, presence, explanation or objection as it stands on the page of its encounter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConsentView {
    /// The consent; log entries cite it by this.
    pub id: RowId,
    /// What it is.
    pub kind: ConsentKind,
    /// Who gave it; gone where the keys were destroyed.
    pub given_by: Option<String>,
    /// Which version of the text.
    pub text_version: String,
    /// SHA-256 of the words; none where nothing was shown, and in what an earlier version recorded.
    pub text_hash: Option<String>,
    /// The words; gone where the keys were destroyed.
    pub words: Option<String>,
    /// In which language.
    pub language: String,
    /// `spoken`, `written`, `electronic`.
    pub modality: String,
    /// How it is confirmed.
    pub evidence: String,
    /// The signature's reference, where there is one.
    pub reference: Option<String>,
    /// When.
    pub given_at: Instant,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<Instant>,
}
