//! What the person concerned may ask for, and what follows: every request has a day for its answer, an answer with reasons, and its
//! place in the log, and the person sees all of it on the own page.
//!
//! [`asking`] takes requests (own page, representative, counter, letter), [`answering`] answers them, [`deadlines`] puts what nobody answered before the
//! supervisor, [`certificate`] proves what was erased, [`restriction`] keeps a record and stops its use, [`contest`] has a comparison made again by others,
//! [`representing`] is who reads and asks for somebody else, [`usages`] what a portal of the country asks for them.

mod answering;
mod asking;
mod certificate;
mod contest;
mod deadlines;
mod representing;
mod restriction;
mod usages;

pub use contest::OwnComparison;
pub use representing::{NewRepresentation, Representation, RepresentativeKind, RepresentedPage};
pub(crate) use restriction::{RESTRICTED, is_restricted, kept_open_for};
pub(crate) use usages::USAGES_VIEWED;
pub use usages::{Usage, Usages, UsagesAsked};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::{RegistryError, Result};
use crate::ids::{CandidateId, PersonId, RowId};
use crate::time::Instant;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// Something in the record is wrong.
    Correction,
    /// The record is to be kept and not used.
    Restriction,
    /// The record is to be erased.
    Erasure,
    /// A human being is to look again at a decision or a comparison that concerned the person.
    Review,
    /// Something was not lawful: for the supervisor, and not for the authority complained of.
    Complaint,
}

impl RequestKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Correction, Self::Restriction, Self::Erasure, Self::Review, Self::Complaint];

    /// The name in the database and in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Restriction => "restriction",
            Self::Erasure => "erasure",
            Self::Review => "review",
            Self::Complaint => "complaint",
        }
    }

    /// The kind of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The task that it opens for a second officer; a complaint is none of theirs.
    fn task(self) -> Option<&'static str> {
        match self {
            Self::Correction => Some("correction_requested"),
            Self::Restriction => Some("restriction_requested"),
            Self::Erasure => Some("erasure_requested"),
            Self::Review => Some("review_requested"),
            Self::Complaint => None,
        }
    }
}

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    /// What.
    pub kind: RequestKind,
    /// Of a correction: the attribute that is wrong by its name, or `other`.
    #[serde(default)]
    pub attribute: Option<String>,
    /// Of a review: the comparison that is contested; none where it is about something else.
    #[serde(default)]
    pub comparison: Option<CandidateId>,
    /// What is wrong and what would be right, in the own words. 1 to 1,000 characters.
    pub text: String,
}

impl NewRequest {
    /// A request that is about nothing narrower than the record.
    pub fn new(kind: RequestKind, text: impl Into<String>) -> Self {
        Self { kind, attribute: None, comparison: None, text: text.into() }
    }

    /// A request to put an attribute right, or `other`.
    pub fn correction(attribute: impl Into<String>, text: impl Into<String>) -> Self {
        Self { attribute: Some(attribute.into()), ..Self::new(RequestKind::Correction, text) }
    }
}

/// An own request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnRequest {
    /// The request.
    pub id: RowId,
    /// What is asked for.
    pub kind: RequestKind,
    /// `own_page`, `representative`, `counter`, `letter`.
    pub via: String,
    /// Of a correction: what it is about.
    pub attribute: Option<String>,
    /// The own words.
    pub text: String,
    /// When.
    pub requested_at: Instant,
    /// The last day for an answer; none for a request from before there were such days.
    pub due_on: Option<Date>,
    /// When it was put before the supervisor, because nobody had answered by then.
    pub escalated_at: Option<Instant>,
    /// The answer, if there is one.
    pub answer: Option<OwnAnswer>,
    /// Of a granted restriction: when it was lifted, and why.
    pub lifted: Option<(Instant, String)>,
}

/// The answer to an own request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnAnswer {
    /// When.
    pub at: Instant,
    /// Whether it was granted; none for an answer from before answers said it.
    pub granted: Option<bool>,
    /// Why, in plain words.
    pub reasons: String,
    /// The clause of the law that it rests on, where one was named.
    pub clause: Option<String>,
    /// Where an appeal can be lodged.
    pub appeal: Option<String>,
    /// Its place in the log; none for an answer from before that was kept.
    pub log_seq: Option<u64>,
}

/// What is answered to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    /// Whether it is granted.
    pub granted: bool,
    /// Why, in plain words, for the person. 1 to 1,000 characters.
    pub reasons: String,
    /// The clause of the law that it rests on; a refusal must name one.
    #[serde(default)]
    pub clause: String,
    /// Where an appeal can be lodged; a refusal must say it.
    #[serde(default)]
    pub appeal: String,
}

/// A request in the list of those who answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestLine {
    /// The request.
    pub id: RowId,
    /// What is asked for.
    pub kind: RequestKind,
    /// When.
    pub requested_at: Instant,
    /// The last day for an answer.
    pub due_on: Option<Date>,
    /// Nobody answered by its day.
    pub overdue: bool,
    /// Of a granted restriction: it is in force.
    pub in_force: bool,
}

/// A request as whoever answers it sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonRequest {
    /// Whose record it is about, as it stands now.
    pub person: PersonId,
    /// The request as the person sees it.
    pub request: OwnRequest,
    /// The reference of the letter that it came by.
    pub reference: Option<String>,
    /// The comparison that is contested.
    pub comparison: Option<CandidateId>,
    /// What others found who compared again: none where nothing is contested, `open` or `disputed` while they are at it.
    pub second_look: Option<String>,
    /// Of a granted restriction: it is in force and can be lifted.
    pub in_force: bool,
    /// Of an open request for erasure: why the law does not let everything go, clause by clause.
    pub duties: Vec<String>,
}

/// Characters of a request, of an answer and of its reasons.
const WORDS_CHARS: usize = 1000;

/// Words of a person, or to a person, as they may be kept; without the blanks around them.
fn words<'t>(field: &'static str, text: &'t str) -> Result<&'t str> {
    let words = text.trim();
    if words.is_empty() || words.chars().count() > WORDS_CHARS {
        return Err(RegistryError::Invalid {
            field,
            problem: format!("say in 1 to {WORDS_CHARS} characters what is meant, and why"),
        });
    }
    if words.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
        return Err(RegistryError::Invalid { field, problem: "use letters and line breaks only".to_owned() });
    }
    Ok(words)
}

/// Under which names the parts of a request are sealed. The words have theirs from when there were only corrections.
mod field {
    pub(super) const WORDS: &str = "correction";
    pub(super) const REFERENCE: &str = "request/reference";
    pub(super) const ANSWER: &str = "request/answer";
    pub(super) const LIFTING: &str = "request/lifting";
}
