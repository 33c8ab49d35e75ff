//! Production and demonstration. A pack that no lawyer signed never decides about a real person.

use crate::access::{AccessDecision, AccessRequest, AccessRule, RulesOf, access, transfer};
use crate::check::{CheckError, Decision, check};
use crate::refusal::{RefusalAnswer, RefusalHistory, refusal_step};
use crate::retention::{RetentionAnswer, RetentionRecord, retention};
use crate::{AssumptionSheet, Date, Iin, Pack, PackStatus, PanelAnswer, Subject, Withdrawal};
use thiserror::Error;

/// How the system runs.
#[derive(Debug, Clone, Copy)]
pub enum Mode<'a> {
    /// Real people. Unknown fields block the acts that need them.
    Production,
    /// People who do not exist. Unknown fields are filled from a visible sheet, and every answer says so.
    Demonstration(&'a AssumptionSheet),
}

impl<'a> Mode<'a> {
    /// The sheet, in a demonstration, where it was written for this pack.
    pub(crate) fn sheet_for(self, pack: &Pack) -> Option<&'a AssumptionSheet> {
        match self {
            Mode::Demonstration(sheet) if sheet.covers(pack.id()) => Some(sheet),
            _ => None,
        }
    }

    /// Whether this is a demonstration.
    pub fn is_demonstration(self) -> bool {
        matches!(self, Mode::Demonstration(_))
    }
}

/// Why a pack cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ActivationError {
    /// A draft in production.
    #[error(
        "the pack {pack} is a draft: no lawyer has signed it; production needs a signed pack, a demonstration needs an assumption sheet"
    )]
    Draft {
        /// Pack id.
        pack: String,
    },
    /// A final pack without verified signatures in production.
    #[error("the pack {pack} is not signed by both roles; production needs the signatures of a lawyer and an engineer")]
    Unsigned {
        /// Pack id.
        pack: String,
    },
    /// The sheet is for other packs.
    #[error("the assumption sheet {sheet} was not written for the pack {pack}; choose the sheet of this pack")]
    SheetForOtherPacks {
        /// Pack id.
        pack: String,
        /// Sheet id.
        sheet: String,
    },
}

/// A real number was offered to a demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a demonstration accepts only synthetic IINs (7th digit 1 or 2, or a birth from 2090); this one may belong to a living person"
)]
pub struct NotSynthetic;

/// A pack that may decide, in its mode.
#[derive(Debug, Clone, Copy)]
pub struct ActivePack<'a> {
    pack: &'a Pack,
    mode: Mode<'a>,
}

/// Puts a pack into use. Production refuses drafts and packs without both signatures; a demonstration needs the sheet that was
/// written for the pack.
pub fn activate<'a>(pack: &'a Pack, mode: Mode<'a>) -> Result<ActivePack<'a>, ActivationError> {
    match mode {
        Mode::Production => match pack.status() {
            PackStatus::Draft => Err(ActivationError::Draft { pack: pack.id().to_owned() }),
            PackStatus::Final if pack.approval().is_none() => {
                Err(ActivationError::Unsigned { pack: pack.id().to_owned() })
            }
            PackStatus::Final => Ok(ActivePack { pack, mode }),
        },
        Mode::Demonstration(sheet) if sheet.covers(pack.id()) => Ok(ActivePack { pack, mode }),
        Mode::Demonstration(sheet) => {
            Err(ActivationError::SheetForOtherPacks { pack: pack.id().to_owned(), sheet: sheet.id().to_owned() })
        }
    }
}

impl<'a> ActivePack<'a> {
    /// The pack.
    pub fn pack(&self) -> &'a Pack {
        self.pack
    }

    /// The mode.
    pub fn mode(&self) -> Mode<'a> {
        self.mode
    }

    /// Whether every page and receipt must be marked DEMONSTRATION.
    pub fn is_demonstration(&self) -> bool {
        self.mode.is_demonstration()
    }

    /// Whether a person with this number may be registered in this mode.
    pub fn accepts(&self, iin: &Iin) -> Result<(), NotSynthetic> {
        if self.is_demonstration() && !iin.is_synthetic() { Err(NotSynthetic) } else { Ok(()) }
    }

    /// [`check`] under this pack and mode.
    pub fn check(&self, subject: &Subject, as_of: Date) -> Result<Decision, CheckError> {
        check(self.pack, subject, as_of, None, self.mode)
    }

    /// [`refusal_step`] under this pack and mode.
    pub fn refusal_step(&self, history: &RefusalHistory, as_of: Date) -> Result<RefusalAnswer, CheckError> {
        refusal_step(self.pack, history, as_of, self.mode)
    }

    /// The rules under which a body may look at all: what an officer of it can ask for. Empty where nothing is known.
    pub fn access_rules(&self, body: &str) -> Vec<&'a AccessRule> {
        let rules = crate::access::access_rules(self.pack, RulesOf::Access, self.mode);
        rules.into_iter().filter(|rule| rule.bodies.iter().any(|known| known == body)).collect()
    }

    /// Which loci may be stored under this pack and mode.
    pub fn panel(&self) -> PanelAnswer<'a> {
        crate::panel::panel(self.pack, self.mode)
    }

    /// [`access`] under this pack and mode.
    pub fn access(&self, request: &AccessRequest, as_of: Date) -> AccessDecision {
        access(self.pack, request, as_of, self.mode)
    }

    /// [`transfer`] under this pack and mode.
    pub fn transfer(&self, request: &AccessRequest, as_of: Date) -> AccessDecision {
        transfer(self.pack, request, as_of, self.mode)
    }

    /// What follows when a consent is taken back: from the pack, or from the sheet of a demonstration (with the assumption's
    /// name). `None` where neither knows; then nobody can say what has to be done, and a lawyer is asked.
    pub fn withdrawal(&self) -> Option<(&'a Withdrawal, Option<String>)> {
        let assumed = || {
            let sheet = self.mode.sheet_for(self.pack)?;
            let row = sheet.doc.withdrawal.as_ref()?;
            Some((&row.value, Some(format!("{}/withdrawal", sheet.id()))))
        };
        self.pack.withdrawal().known().map(|known| (known, None)).or_else(assumed)
    }

    /// [`retention`] under this pack and mode.
    pub fn retention(&self, record: &RetentionRecord, as_of: Date) -> RetentionAnswer {
        retention(self.pack, record, as_of, self.mode)
    }
}
