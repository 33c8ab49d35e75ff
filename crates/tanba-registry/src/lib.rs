//! The domain: persons, documents, encounters, cases, disclosures, and the log of every effect, look and denial.
//!
//! [`Registry`] is a data folder, opened. Everything a program does with people's data is one of its methods, takes an
//! [`Actor`] (an authenticated session), asks the law pack, and writes its log entry in the same transaction as its effect:
//!
//! - at the counter: [`Registry::open_shift`], [`Registry::find_person`], [`Registry::open_encounter`], [`Registry::record_consent`], [`Registry::capture`],
//!   [`Registry::complete`], [`Registry::apply_for_document`]; [`Registry::record_refusal`],
//!   [`Registry::record_exemption`];
//! - no match is a decision: [`Registry::comparison_material`], [`Registry::judge`], [`Registry::propose_revision`];
//! - lawful access: [`Registry::open_case`], [`Registry::enter_sanction`], [`Registry::ask`];
//! - genomic registration: [`Registry::register_specimen`], [`Registry::search_specimen`];
//! - in the open: [`Registry::own_record`], [`Registry::supervise`], [`Registry::publish`], [`Registry::fsck`].
//!
//! Absent here: an effect without a log entry (a write transaction cannot be committed without one), plaintext of
//! biometric, genomic or identity data in a column, a path from a candidate to a name without a named human decision,
//! and a rule of any country (they come through law packs, as data).

mod access;
mod access_desk;
mod actor;
mod adjudication;
mod capture;
mod cluster;
mod desk;
mod documents;
mod encounter;
mod error;
mod exemption;
mod explanation;
mod find;
mod genomic;
mod ids;
mod institution_views;
mod institutions;
mod journal;
mod keys;
mod law;
mod params;
mod phonetic;
mod population_register;
mod receipt;
mod refusal;
mod registry;
mod review;
mod rows;
mod shift;
mod store;
pub mod tile_dir;
mod time;
mod transparency;
mod vault;

pub use access::{Act, Answer, Candidate, Grounds, NewCase, NewSanction, Target};
pub use access_desk::{AccessDesk, AccessRuleView, CaseDesk, CaseView, RequestView, SanctionView};
pub use actor::{Actor, ActorStation, Role, UnknownRole};
pub use adjudication::{CandidateTask, ComparisonMaterial, JudgementView, PrintImage, Verdict};
pub use capture::{Capture, CaptureView, Completion, FingerState, SearchProgress};
pub use cluster::{Revision, RevisionView};
pub use desk::{CheckView, Draft, EncounterDesk, ExemptionGrounds, FingerMark, MinutiaView, QualityReason, SampleRow, SampleView};
pub use documents::{DocumentEvent, DocumentLife, DocumentState, DocumentStep, DocumentView, INTERIM, Personalisation};
pub use encounter::{Consent, ConsentKind, EncounterState, EncounterView, OpenEncounter};
pub use error::{Denial, RegistryError, Result};
pub use exemption::{Exemption, HandsPhotograph, NameFinding, NameSearch};
pub use explanation::{ConsentView, Interpreter, InterpreterView};
pub use find::{FoundPeople, FoundPerson, FoundSource, PersonQuery};
pub use genomic::{GenomicAnswer, GenomicHit, NewSpecimen, SpecimenView};
pub use ids::{
    AccessRequestId, AccountId, BadId, CandidateId, CaseId, DocumentId, EncounterId, GenomicHitId, OrganisationId,
    PersonId, RefusalId, RevisionId, RowId, SampleId, SanctionId, SearchId, SiteId, SpecimenId, StationId,
};
pub use institution_views::{AccountView, Institutions, OrganisationView, SiteView, StationView};
pub use institutions::{NewAccount, NewOrganisation, NewSite, NewStation, PASSWORD_MIN_CHARS, SessionToken};
pub use journal::Outcome;
pub use law::{LawAnswer, LawConsequence, LawGround, LawItem};
pub use population_register::{CivilRecord, MemoryRegister, PopulationRegister};
pub use receipt::{Receipt, ReceiptCheck};
pub use refusal::{AppealOutcome, RefusalView};
pub use registry::{Founding, Mode, Registry};
pub use review::ReviewTask;
pub use shift::{OwnStation, Shift, ShiftEnd};
pub use time::{Clock, Instant, SetClock, SystemClock};
pub use transparency::{LookView, OwnEncounter, OwnRecord, SupervisorEntry, fsck_cold};
