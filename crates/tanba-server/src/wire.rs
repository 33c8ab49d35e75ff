//! Names and small shapes that several routes share, as they go over the wire.
//!
//! The wire belongs to this crate: a change inside the register does not change the API by accident, and a name added to
//! the register does not compile here until the API has it too.

use serde::{Deserialize, Serialize};
use tanba_registry::Instant;
use utoipa::ToSchema;

/// An enumeration of the register, under the same names, with its schema.
macro_rules! same_names {
    ($($(#[$doc:meta])* $name:ident = $theirs:ty { $($variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs)] // the names are the documentation
        pub enum $name { $($variant),* }

        impl From<$theirs> for $name {
            fn from(theirs: $theirs) -> Self {
                match theirs { $(<$theirs>::$variant => Self::$variant),* }
            }
        }

        impl From<$name> for $theirs {
            fn from(ours: $name) -> Self {
                match ours { $($name::$variant => <$theirs>::$variant),* }
            }
        }
    )*};
}

same_names! {
    /// What an account may do at all.
    Role = tanba_registry::Role {
        Operator, SecondOfficer, FingerprintExaminer, DnaExaminer, QualityManager, Officer, Supervisor, Administrator,
        Citizen, Portal,
    }

    /// How far an encounter has come.
    EncounterState = tanba_registry::EncounterState {
        Open, Adjudication, Registered, Verified, Exempt, Refused, Denied, Duplicate, Conflict,
    }

    /// What is consented to, objected to, or was explained.
    ConsentKind = tanba_registry::ConsentKind {
        SubjectConsent, GuardianConsent, GuardianPresence, Objection, Explanation,
    }

    /// Which finger.
    Finger = tanba_formats::Finger {
        Unknown, RightThumb, RightIndex, RightMiddle, RightRing, RightLittle, LeftThumb, LeftIndex, LeftMiddle, LeftRing,
        LeftLittle,
    }

    /// Where the key of an office stands.
    SanctionKeyState = tanba_registry::SanctionKeyState { Proposed, Confirmed, Rejected, Revoked }

    /// Where a change of the law stands.
    LawDeliveryState = tanba_registry::LawDeliveryState { Waiting, Replaced, Acknowledged, InUse }

    /// Where the case of a breach comes from.
    BreachKind = tanba_registry::BreachKind { Reported, RowsUnreconciled, VolumeReached, LogDamaged }

    /// What is done about a breach.
    BreachStep = tanba_registry::BreachStep {
        AuthorityNotified, AuthorityNotNeeded, PersonsNotified, PersonsNotNeeded, Closed,
    }

    /// The rule of a note.
    AnomalyKind = tanba_registry::AnomalyKind {
        SelfLookup, WatchedPerson, ManyLooks, ManySearches, DenialsInARow, AfterHours, SeveralBodies, ManyEyes,
        NearTotalConsent, VolumeReached, OrdersOverdue, RowsUnreconciled, NoticesLate, ErasuresUnsigned,
    }

    /// A kind of act that two people sign.
    DualKind = tanba_registry::DualKind {
        Revision, Correction, Exemption, LrSearch, OfficeKey, UrgentLook, Erasures, LogKeyNext, LogKeyRetirement,
        LogPruning, Threshold,
    }

    /// A kind of comparison that has a threshold.
    ThresholdKind = tanba_registry::ThresholdKind { Verification, Candidates, CandidatesOneFinger, SameFinger }

    /// Where a proposed threshold stands.
    ThresholdState = tanba_registry::ThresholdState { Proposed, Set, Rejected }

    /// Why a file that somebody brought is opened.
    FilePurpose = tanba_registry::FilePurpose { Exchange, Examination, Quality }

    /// Why a finger was not captured.
    FingerState = tanba_registry::FingerState { Missing, Bandaged, Prosthetic, Webbed, Extra, Worn, Unable }

    /// Why a print of low quality is kept.
    QualityReason = tanba_registry::QualityReason { ManualWork, Age, SkinCondition, Scar, ThreeAttempts, Other }

    /// What an officer sees in a search by name: that nobody shown is the person, or that somebody may be.
    NameFinding = tanba_registry::NameFinding { Nobody, Perhaps }

    /// How an appeal ends.
    AppealOutcome = tanba_registry::AppealOutcome { Upheld, Dismissed }

    /// Where a document stands.
    DocumentState = tanba_registry::DocumentState {
        Applied, Personalised, Issued, Lost, Stolen, Replaced, Expired, Cancelled,
    }

    /// What happens to a document.
    DocumentEvent = tanba_registry::DocumentEvent {
        Personalised, Issued, Lost, Found, Stolen, Replaced, Expired, Cancelled,
    }

    /// An examiner's finding on a pair of print sets.
    Verdict = tanba_registry::Verdict { Same, Different, Inconclusive }

    /// An examiner's conclusion; only the first and the last step decide.
    Conclusion = tanba_registry::Conclusion { Identification, SupportSame, Inconclusive, SupportDifferent, Exclusion }

    /// Why an examiner may not judge a candidate.
    Barred = tanba_registry::Barred { OwnEncounter, OwnPrints, SameExaminer }

    /// Whether a mark was the machine's, the machine's and moved, or the examiner's.
    MarkOrigin = tanba_registry::MarkOrigin { Accepted, Moved, Added }

    /// What kind of ridge event a point is.
    MinutiaKind = tanba_registry::MinutiaKind { Ending, Bifurcation, Other }

    /// What an authority wants to do: ask whether these prints are a known person's, look for whose they are, see an
    /// identity, or learn who a candidate is.
    Act = tanba_registry::Act { Verify, Identify, Read, ReleaseIdentity }

    /// Whether a log entry records a change, a look or a "no".
    Outcome = tanba_registry::Outcome { Effect, Look, Denial }

    /// Why a genomic profile is held.
    Category = tanba_dna::Category {
        ConvictedPerson, UnidentifiedPerson, UnidentifiedBody, RelativeOfMissing, CrimeStain, MissingPersonReference,
        Elimination,
    }

    /// What comparing two specimens looks for.
    Comparison = tanba_dna::Comparison { SameSource, Kinship, Quality }

    /// How well two genotypes agree.
    Agreement = tanba_dna::Agreement { None, Low, Moderate, High }

    /// The older or the younger generation.
    ParentRole = tanba_dna::ParentRole { Parent, Child }

    /// A kind of marker beside the autosomal profile.
    MarkerSystem = tanba_registry::MarkerSystem { Y, Mitochondrial, Snp }

    /// Why an examiner has no finding to give.
    GenomicBar = tanba_registry::GenomicBar { OwnSpecimen, OwnProfile, OwnProposal, SameExaminer }

    /// What a stain agrees with that may be contaminated: a profile of the laboratory, or a stain of another case in its batch.
    ContaminationKind = tanba_registry::ContaminationKind { Elimination, Batch }

    /// What the quality manager decides.
    ContaminationFinding = tanba_registry::ContaminationFinding { Contamination, Cleared }

    /// What genomic searches rest on beside the profiles.
    ReferenceKind = tanba_registry::ReferenceKind { MitochondrialReference, AlleleFrequencies }

    /// How two people would be related.
    Relation = tanba_dna::Relation {
        Same, ParentChild, FullSiblings, HalfSiblings, Grandparent, Avuncular, FirstCousins, SecondCousins,
    }
}

/// The same statement in three languages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Text {
    /// Kazakh.
    kk: String,
    /// Russian.
    ru: String,
    /// English.
    en: String,
}

impl From<tanba_law::Text> for Text {
    fn from(text: tanba_law::Text) -> Self {
        Self { kk: text.kk, ru: text.ru, en: text.en }
    }
}

/// The id of a record that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Made {
    /// The id: opaque, and about nobody.
    #[schema(format = "uuid")]
    id: String,
}

impl Made {
    pub(crate) fn new(id: impl std::fmt::Display) -> Self {
        Self { id: id.to_string() }
    }
}

/// An instant as RFC 3339 text in UTC.
pub(crate) fn time(at: Instant) -> String {
    at.to_rfc3339()
}
