//! The domain: persons, documents, encounters, cases, disclosures, and the log of every effect, look and denial.
//!
//! [`Registry`] is a data folder, opened. Everything a program does with people's data is one of its methods, takes an
//! [`Actor`] (an authenticated session), asks the law pack, and writes its log entry in the same transaction as its effect:
//!
//! - at the counter: [`Registry::open_shift`], [`Registry::find_person`], [`Registry::open_encounter`], [`Registry::record_consent`], [`Registry::capture`],
//!   [`Registry::complete`], [`Registry::apply_for_document`]; [`Registry::record_refusal`],
//!   [`Registry::record_exemption`];
//! - no match is a decision: [`Registry::lock_markings`], [`Registry::compare_finger`], [`Registry::judge`],
//!   [`Registry::review`], [`Registry::propose_revision`];
//! - a person's record, for a purpose: [`Registry::view_person`], [`Registry::propose_correction`],
//!   [`Registry::suspect_duplicate`];
//! - lawful access: [`Registry::open_case`], [`Registry::enter_signed_sanction`], [`Registry::ask`], in danger to life
//!   [`Registry::decide_urgent_review`], abroad [`Registry::export_answer`], what was told [`Registry::recipient_orders`];
//! - genomic registration: [`Registry::register_specimen`], [`Registry::search_specimen`], [`Registry::search_lineage`],
//!   [`Registry::ask_lr_search`], [`Registry::judge_genomic_hit`], [`Registry::propose_reconciliation`];
//! - files that people bring: [`Registry::open_file`], [`Registry::convert_file`];
//! - in the open: [`Registry::begin_national_sign_in`], [`Registry::own_page`], [`Registry::ask_for`], [`Registry::answer_request`], [`Registry::represented_page`], [`Registry::supervise_log`],
//!   [`Registry::oversight_summary`], [`Registry::day_statistics`], [`Registry::open_breach`],
//!   [`Registry::answer_note`], [`Registry::send_notices`], [`Registry::check_returns`], [`Registry::audit_bundle`], [`Registry::publish`], [`Registry::fsck`];
//! - by the law alone: [`Registry::deliver_law`], [`Registry::acknowledge_law`], [`Registry::plan_deletions`], [`Registry::run_retention`],
//!   [`Registry::withdraw_consent`];
//! - of those who work here: [`Registry::issue_binding_code`], [`Registry::begin_binding`], [`Registry::begin_proof`],
//!   [`Registry::begin_approval`];
//! - from one extractor to another: [`Registry::extract_with`], [`Registry::renew_templates`];
//! - in training: [`Registry::begin_exercise`], [`Registry::score_exercise`].
//!
//! Absent here: an effect without a log entry (a write transaction cannot be committed without one), plaintext of
//! biometric, genomic or identity data in a column, a path from a candidate to a name without a named human decision,
//! and a rule of any country (they come through law packs, as data).

mod access;
mod access_desk;
mod actor;
mod adjudication;
mod anomaly;
mod anomaly_orders;
mod audit;
mod breach;
mod capture;
mod capture_permit;
mod citation;
mod citizen;
mod cluster;
mod comparison;
mod completion;
mod consent;
mod consenting;
mod correction;
mod decision;
mod desk;
mod documents;
mod effect_rows;
mod encounter;
mod erased;
mod error;
mod exemption;
mod explanation;
mod exports;
mod files;
mod find;
mod follow_up;
mod gallery_changes;
mod gallery_store;
mod genomic;
mod guardian;
mod holder_lock;
mod ids;
mod institution_views;
mod institutions;
mod journal;
mod key_process;
mod keys;
mod law;
mod law_delivery;
mod law_files;
mod law_keeping;
mod log_keys;
mod log_pruning;
mod markings;
mod marks;
mod narrowing;
mod national;
mod note_answers;
mod notices;
mod oversight;
mod own_index;
mod params;
mod passkeys;
mod person;
mod phonetic;
mod population_register;
mod prior_search;
mod receipt;
mod recipients;
mod refusal;
mod registry;
mod renewal;
mod retention;
mod returns;
mod review;
mod rights;
mod rows;
mod sanction_keys;
mod sanctions;
mod services;
mod shift;
mod signed_sanctions;
mod statistics;
mod store;
mod suspicion;
mod thresholds;
pub mod tile_dir;
mod time;
mod training;
mod transparency;
mod urgent;
mod vault;
mod verdict;
mod verification;
mod volume;
mod watch_list;
mod witnessing;

pub use access::{Act, Answer, Candidate, Grounds, NewCase, Target};
pub use access_desk::{AccessDesk, AccessRuleView, CaseDesk, CaseView, RequestView, SanctionView};
pub use actor::{Actor, ActorStation, Role, UnknownRole};
pub use adjudication::{
    Barred, CandidateTask, ComparisonMaterial, Examination, ExaminationStage, JudgementView, PrintImage,
};
pub use anomaly::{AnomalyKind, AnomalyNote};
pub use audit::{AuditBundle, AuditReport, verify_audit};
pub use breach::{BreachKind, BreachStep, BreachStepView, BreachView, NewBreach};
pub use capture::{Capture, CaptureView, FingerState};
pub use citizen::{LookGroup, OwnAttribute, OwnDocument, OwnPage, OwnRefusal};
pub use cluster::{Revision, RevisionDetail, RevisionTask, RevisionView};
pub use comparison::{FingerComparison, PairedMinutiae, PrintView, Side};
pub use completion::{Completion, SearchProgress};
pub use consent::{Confirmation, Consent, ConsentKind, ConsentView, ShownText};
pub use correction::{AttributeChange, CorrectionKind, CorrectionTask, CorrectionView, NewCorrection};
pub use decision::{DecidedCandidate, DecidedTask, GivenJudgement, ScorePart, ScoredFinger};
pub use desk::{
    CheckView, Draft, EncounterDesk, ExemptionGrounds, FingerMark, MinutiaView, QualityReason, SampleRow, SampleView,
};
pub use documents::{DocumentEvent, DocumentLife, DocumentState, DocumentStep, DocumentView, INTERIM, Personalisation};
pub use effect_rows::RowFinding;
pub use encounter::{EncounterState, EncounterView, OpenEncounter};
pub use error::{Denial, RegistryError, Result};
pub use exemption::{Exemption, HandsPhotograph, NameFinding, NameSearch};
pub use explanation::{Interpreter, InterpreterView};
pub use exports::{Export, NewExport, check_export};
pub use files::{ConvertedFile, FileGrounds, FileMinutiae, FilePicture, FilePurpose, OpenedFile, SeenPicture};
pub use find::{FoundPeople, FoundPerson, FoundSource, PersonQuery};
pub use follow_up::{FollowUp, Postponement};
pub use gallery_store::{GALLERY_FORGETS_WITHIN, ScratchGallery};
pub use genomic::{
    CaseHit, CaseReconciliation, CaseSpecimen, ContaminationFinding, ContaminationKind, ContaminationView,
    GenomicAnswer, GenomicBar, GenomicCase, GenomicCodes, GenomicFinding, GenomicHit, GenomicHitView, GenomicTask,
    IdentificationView, JoinedSide, LineageAnswer, LineageCount, LrQuestion, LrRequestView, MarkerAgreement,
    MarkerSystem, NewLrSearch, NewReconciliation, NewReference, NewSpecimen, ReconciliationView, ReferenceKind,
    ReferenceView, SearchGrounds, SpecimenView,
};
pub use guardian::{GuardianCode, GuardianIdentity};
pub use ids::{
    AccessRequestId, AccountId, BadId, BreachId, CandidateId, CaseId, ContaminationId, CorrectionId, DocumentId,
    EncounterId, GenomicHitId, LawDeliveryId, LrRequestId, OrganisationId, PersonId, ReconciliationId, RefusalId,
    RevisionId, RowId, SampleId, SanctionId, SanctionKeyId, SearchId, ServiceId, SiteId, SpecimenId, StationId,
    ThresholdProposalId, WatchId,
};
pub use institution_views::{AccountView, Institutions, OrganisationView, SiteView, StationEntry};
pub use institutions::{NewAccount, NewOrganisation, NewSite, NewStation, PASSWORD_MIN_CHARS, SessionToken};
pub use journal::Outcome;
pub use key_process::{Asked, KEY_PERIOD_S, KeyLine, KeyRefusal, MovedKeys};
pub use law::{LawAnswer, LawConsequence, LawGround, LawItem};
pub use law_delivery::{LawDelivery, LawDeliveryState, LawDeliveryView, PackChange};
pub use law_files::{LawActivation, LawFiles, LawToday};
pub use log_keys::{LogKeyChange, LogKeyStep};
pub use log_pruning::{LogNeed, LogPruningPlan, LogPruningStep};
pub use markings::{FingerMarks, Mark, MarkOrigin, Markings, ProposedMarks};
pub use narrowing::{Narrowing, RecordedSex};
pub use national::{
    NationalCounts, NationalLeave, NationalProvider, NationalReturn, ProviderAnswer, ProviderAsk, ProviderCredential,
    ProviderLine, ProviderSaid,
};
pub use note_answers::{FalseAlarms, NewNoteAnswer};
pub use notices::{Delivery, Messenger, Notice, NoticeRound, NoticeStanding, OwnNotices, RefusedNotice, Sending};
pub use oversight::{ActivityCount, LogEntryView, LogFilter, LogPage, OversightSummary, SanctionCounts, Waiting};
pub use passkeys::dual::{DualAct, DualKind, OpenAct};
pub use passkeys::{BindingCode, NewKeyAsked, PasskeyAsked, PasskeyDemand, PasskeyView, SignatureAsked};
pub use person::{
    AttributeView, EncounterLine, ExemptionLine, KnownBy, LookPurpose, PersonDocument, PersonView, RefusalLine,
};
pub use population_register::{CivilRecord, MemoryRegister, PopulationRegister, RegisterAway};
pub use prior_search::NewPriorSearch;
pub use receipt::{Receipt, ReceiptCheck};
pub use recipients::{Cause, RecipientOrder};
pub use refusal::{AppealOutcome, RefusalView};
pub use registry::{Founding, Mode, Registry};
pub use renewal::{RenewalRun, TemplateStanding};
pub use retention::{
    Action, ConsentWithdrawal, DeletionPlan, HoldRequest, MaterialOrder, Part, PlanRow, RetentionEvent, RetentionRun,
    WaitingErasures,
};
pub use returns::{Returns, ReturnsCheck, ReturnsDifference};
pub use review::{ReviewParty, ReviewTask, ReviewView};
pub use rights::{
    NewAnswer, NewRepresentation, NewRequest, OwnAnswer, OwnComparison, OwnRequest, PersonRequest, Representation,
    RepresentativeKind, RepresentedPage, RequestKind, RequestLine, Usage, Usages, UsagesAsked,
};
pub use sanction_keys::{NewSanctionKey, SanctionKeyState, SanctionKeyView};
pub use sanctions::{DirectionNotice, NewSanction};
pub use services::NewService;
pub use shift::{Shift, ShiftEnd, StationView};
pub use signed_sanctions::SignedSanction;
pub use statistics::{DayStatistics, DenialCount, FingerStatistics, OutcomeCounts, StatisticsScope, Times};
pub use tanba_finger::any_file::TEMPLATE as TEMPLATE_FORMAT;
pub use tanba_finger::{Minutia, MinutiaKind};
pub use tanba_gallery::Save;
pub use tanba_seal::Subject as SanctionSubject;
pub use thresholds::{
    CountedCell, CountedRate, CountedRates, Differential, ErrorRates, Evaluation, EvaluationData, EvaluationView,
    GroupRates, MeasuredKind, MeasuredPoint, MeasuredRate, NewThreshold, ProposedThreshold, Tally, ThresholdInForce,
    ThresholdKind, ThresholdProposalView, ThresholdSetting, ThresholdState, differentials,
};
pub use time::{Clock, Instant, SetClock, SystemClock, Zone};
pub use training::{Criterion, Exercise, ExercisePerson, ExerciseScore, TrainingRun, TrainingStanding};
pub use transparency::{LookView, OwnEncounter, OwnRecord, SupervisorEntry, fsck_cold};
pub use urgent::UrgentReview;
pub use vault::{ENTRUSTED_KEYS, add_group_keys};
pub use verdict::{Conclusion, Judgement, Verdict};
pub use watch_list::{NewWatch, WatchView, Watched};
pub use witnessing::{Posted, WitnessLine, WitnessRound, WitnessRounds};
