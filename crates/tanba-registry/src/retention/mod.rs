//! How long everything is kept. The law says it of one record ([`tanba_law::retention`]); here it is asked of all that is held, a
//! plan says what must go, and the plan is carried out step by step.
//!
//! Prints have two clocks (images, templates), specimens two (material, profile), the log one. What people are called and which
//! documents they have belongs to the register of documents and is not the object of these laws.

mod assess;
mod block;
mod execute;
mod plan;
mod records;
mod withdrawal;

pub(crate) use block::Gone;
pub use execute::RetentionRun;
pub(crate) use execute::UNSIGNED;
pub use plan::{DeletionPlan, PlanRow, WaitingErasures};
pub use records::{HoldRequest, MaterialOrder, RetentionEvent};
pub use withdrawal::ConsentWithdrawal;

use serde::{Deserialize, Serialize};
use tanba_law::RetentionKind;

use crate::error::{RegistryError, Result};
use crate::vault::Domain;

/// A part of what is held of a person, with a clock of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Images of fingers.
    PrintImages,
    /// Templates of fingers: what is searched.
    PrintTemplates,
    /// A genomic profile.
    GenomicProfile,
    /// The biological material that it was made from; outside any program, destroyed by people.
    GenomicMaterial,
    /// What log entries say of people.
    LogPayloads,
}

impl Part {
    const ALL: [Self; 5] =
        [Self::PrintImages, Self::PrintTemplates, Self::GenomicProfile, Self::GenomicMaterial, Self::LogPayloads];

    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::PrintImages => "print_images",
            Self::PrintTemplates => "print_templates",
            Self::GenomicProfile => "genomic_profile",
            Self::GenomicMaterial => "genomic_material",
            Self::LogPayloads => "log_payloads",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|part| part.name() == text).ok_or(RegistryError::Damaged { what: "deletion step" })
    }

    /// The clock that it goes by.
    fn kind(self) -> RetentionKind {
        match self {
            Self::PrintImages | Self::GenomicMaterial => RetentionKind::Sample,
            Self::PrintTemplates | Self::GenomicProfile => RetentionKind::Profile,
            Self::LogPayloads => RetentionKind::Log,
        }
    }

    /// The domain whose data key of the record opens it; material has none, and log entries have each their own.
    fn domain(self) -> Option<Domain> {
        match self {
            Self::PrintImages => Some(Domain::Image),
            Self::PrintTemplates => Some(Domain::Template),
            Self::GenomicProfile => Some(Domain::Genomic),
            Self::GenomicMaterial | Self::LogPayloads => None,
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Its keys are destroyed, and it leaves every search.
    Erase,
    /// The person is told of the coming end.
    Notify,
    /// It is kept and may not be used.
    Block,
    /// It may be used again.
    Unblock,
}

impl Action {
    const ALL: [Self; 4] = [Self::Erase, Self::Notify, Self::Block, Self::Unblock];

    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Erase => "erase",
            Self::Notify => "notify",
            Self::Block => "block",
            Self::Unblock => "unblock",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|action| action.name() == text);
        found.ok_or(RegistryError::Damaged { what: "deletion step" })
    }
}
