//! Law packs: who must, may and must not be registered, what a refusal leads to, and who may look.
//!
//! The rules of a country are data (`packs/*.yaml`), written so that a lawyer of that country can read and correct them.
//! This crate reads a pack strictly, proves that it contradicts itself nowhere, and answers three questions from it:
//!
//! 1. [`check`]: what does the law say of this person on this date? ([`Decision`])
//! 2. [`refusal_step`]: this person refused; what may be decided now, and by whom? ([`RefusalAnswer`])
//! 3. [`access`]: may this body look at this, for this purpose, on this basis? ([`AccessDecision`])
//!
//! Every answer names the pack, its hash and the clause that decided. What a pack does not know is [`Field::Unknown`],
//! and an act that needs it is denied, unless a demonstration fills it from a visible [`AssumptionSheet`].
//!
//! Nothing here asks the time, opens a file or draws a random number: dates and facts are arguments, and the packs are
//! part of the program.

mod access;
mod calendar;
mod cedar;
mod check;
mod civil_date;
mod clocks;
mod consistency;
mod constraints;
mod content;
mod diff;
mod document;
mod field;
mod folder;
mod hash;
mod iin;
mod index;
mod library;
mod lines;
mod mode;
mod pack;
mod panel;
mod phrases;
mod read;
mod refusal;
mod retention;
mod rule;
#[cfg(test)]
mod schema;
mod sheet;
mod signature;
mod subject;
mod text;
mod told;
mod tried;
mod validate;

pub use access::{
    AccessAct, AccessDecision, AccessRequest, AccessRule, DataClass, Notify, PriorSearch, RulesOf, SanctionFacts,
    SanctionTerm, Searched, UrgentPath, Volume, access, access_rules, transfer,
};
pub use calendar::{Calendar, CalendarYear, WeekDay, WorkingDays, working_days_after};
pub use cedar::{cedar_policies, cedar_schema};
pub use check::{CheckError, Consequence, Decision, Duty, Missing, Obligation, Reason, check};
pub use civil_date::{Date, LeapBirthday, age_on};
pub use clocks::time_zone;
pub use consistency::{Conflict, Gap, State, conflicts, gaps};
pub use constraints::{Constraint, Constraints, Demand, Finding};
pub use content::{Deletion, Instrument, LogPurpose, Modality, PackStatus, Samples, Struck, Withdrawal};
pub use diff::{Change, Changed, apply, diff};
pub use document::{DocumentType, Trigger};
pub use field::{Confidence, Field, Ground};
pub use folder::{FolderError, LawFile, packs_of};
pub use hash::PackHash;
pub use iin::{Iin, IinError, IinWarning, Sex};
pub use index::{Amount, IndexTable};
pub use library::{Library, LibraryError};
pub use mode::{ActivationError, ActivePack, Mode, NotSynthetic, activate};
pub use pack::{Clause, Pack};
pub use panel::{GenomicPanel, PanelAnswer, panel};
pub use read::PackError;
pub use refusal::{
    ConsequenceKind, RefusalAnswer, RefusalEvent, RefusalHistory, RefusalKind, RefusalState, refusal_step,
};
pub use retention::{
    LegalHold, RetentionAnswer, RetentionKind, RetentionRecord, RetentionRow, RetentionState, retention,
};
pub use rule::{AgeBand, Basis, Condition, Conductor, Exemption, ExemptionEffect, Fact, Need, Rule, Selector};
pub use sheet::AssumptionSheet;
pub use signature::{
    Approval, KeyFile, PackSignature, SignatureError, SignatureFile, SignerKey, SignerRole, signed_message,
};
pub use subject::{Diagnostic, FingerState, Status, Subject, SubjectError};
pub use text::{Lang, Text};
pub use told::{Sentence, Told, ToldRule};
pub use tried::{RuleTried, Speaks, rules_tried};
