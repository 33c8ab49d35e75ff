//! What may follow a refusal, one step at a time.
//!
//! Consequences are ordered and never automatic: the answer says what an authority may decide now. A later step needs the
//! earlier one fulfilled (the fine paid) and a new refusal after that. An appeal suspends everything.

use crate::check::{CheckError, Consequence, consequence};
use crate::document::Trigger;
use crate::rule::Selector;
use crate::{Date, Field, Ground, Mode, Pack, PackHash, Status, Text, phrases};
use serde::{Deserialize, Serialize};

/// What kind of consequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum ConsequenceKind {
    /// A fine.
    Fine,
    /// The identity document is not issued.
    DenyDocument,
    /// Expulsion from the country.
    Expel,
    /// Imprisonment, with or without a fine.
    Imprison,
    /// Entry into the country is refused.
    DenyEntry,
}

/// One step of a pack's order of consequences.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RefusalStep {
    pub(crate) code: String,
    pub(crate) order: u8,
    pub(crate) kind: ConsequenceKind,
    pub(crate) who: Selector<Status>,
    pub(crate) triggers: Selector<Trigger>,
    pub(crate) amount: Option<Units>,
    /// Longest imprisonment, or ban, as an ISO 8601 duration.
    pub(crate) term: Option<String>,
    pub(crate) authority: Field<Text>,
    pub(crate) ground: Ground,
    pub(crate) text: Text,
}

/// A sum: units of an index, or money.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields, expecting = "an amount is {units, index} or {sum, currency}")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Units {
    Indexed { units: u32, index: String },
    Money { sum: u64, currency: String },
}

/// The steps that concern a person on an event, in order.
pub(crate) fn ladder(
    steps: &[RefusalStep],
    status: Option<Status>,
    trigger: Option<Trigger>,
) -> impl Iterator<Item = &RefusalStep> {
    steps.iter().filter(move |step| step.who.holds(status.as_ref()) && step.triggers.holds(trigger.as_ref()))
}

/// What happened in the matter of one person's refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RefusalKind {
    /// The person refused.
    Refused,
    /// An authority decided the step with this clause.
    Decided {
        /// Clause id of the step.
        step: String,
    },
    /// The step was fulfilled (the fine was paid).
    Fulfilled {
        /// Clause id of the step.
        step: String,
    },
    /// The authority or a court took the step back.
    Revoked {
        /// Clause id of the step.
        step: String,
    },
    /// The person appealed.
    AppealOpened,
    /// The appeal failed.
    AppealDismissed,
    /// The person was registered after all.
    Complied,
}

/// One event of the matter, on its date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalEvent {
    /// When.
    pub on: Date,
    /// What.
    #[serde(flatten)]
    pub kind: RefusalKind,
}

/// The whole matter: for whom, on what event, and what happened so far, in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalHistory {
    /// The person's status.
    pub status: Status,
    /// The event on which they refused.
    pub trigger: Trigger,
    /// Whether the law obliges the person at all ([`crate::Duty::Must`]).
    pub obliged: bool,
    /// What happened, in order of time.
    pub events: Vec<RefusalEvent>,
}

/// Where the matter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalState {
    /// Not obliged: nothing can follow.
    NoDuty,
    /// No refusal on record.
    NoRefusal,
    /// An authority may decide the step in `step`.
    MayDecide,
    /// A step was decided and is not fulfilled yet.
    AwaitingFulfilment,
    /// The earlier step was fulfilled, and the person has not refused since.
    AwaitingRefusal,
    /// An appeal is pending.
    Suspended,
    /// Everything that the law provides was decided.
    Exhausted,
    /// The person was registered after all.
    Closed,
    /// The pack does not know what follows: nothing may.
    NotKnown,
}

/// What may follow now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusalAnswer {
    /// Where the matter stands.
    pub state: RefusalState,
    /// The step that may be decided (`may_decide`) or waits to be fulfilled.
    pub step: Option<Consequence>,
    /// Whether the person keeps or gets an interim document meanwhile: always, until a denial is final.
    pub interim_document: bool,
    /// In plain words.
    pub text: Text,
    /// Clause that decided.
    pub clause: String,
    /// Pack id.
    pub pack: String,
    /// SHA-256 of the pack.
    pub pack_hash: PackHash,
    /// The date that the answer is for.
    pub as_of: Date,
    /// Whether the answer was given in a demonstration.
    pub demonstration: bool,
}

/// What may follow the refusals in `history` on `as_of`.
///
/// Errors: the pack is not in force, or the history contradicts itself (a step decided before it could be, a date in the
/// future or out of order).
pub fn refusal_step(
    pack: &Pack,
    history: &RefusalHistory,
    as_of: Date,
    mode: Mode<'_>,
) -> Result<RefusalAnswer, CheckError> {
    pack.in_force(as_of, None)?;
    let mut answer = RefusalAnswer {
        state: RefusalState::NoDuty,
        step: None,
        interim_document: true,
        text: phrases::no_duty(),
        clause: "refusal".to_owned(),
        pack: pack.id().to_owned(),
        pack_hash: pack.hash(),
        as_of,
        demonstration: mode.is_demonstration(),
    };
    if !history.obliged {
        return Ok(answer);
    }
    let Field::Known { value: steps, .. } = &pack.doc.refusal else {
        (answer.state, answer.text) = (RefusalState::NotKnown, phrases::refusal_not_known());
        return Ok(answer);
    };
    let steps: Vec<_> = ladder(steps, Some(history.status), Some(history.trigger)).collect();
    let matter = Matter::replay(&steps, &history.events, as_of).ok_or(CheckError::HistoryContradicts)?;
    let current = steps.get(matter.done);
    (answer.state, answer.text) = matter.state(&steps);
    if let Some(step) = current {
        answer.clause = step.code.clone();
        let possible = answer.state == RefusalState::MayDecide;
        let pending = answer.state == RefusalState::AwaitingFulfilment;
        answer.step = (possible || pending).then(|| consequence(pack, step, as_of, possible));
        answer.interim_document =
            !(matter.decided && step.kind == ConsequenceKind::DenyDocument && answer.state == RefusalState::Exhausted);
    }
    Ok(answer)
}

/// The matter after its events.
#[derive(Default)]
struct Matter {
    /// Steps decided and fulfilled.
    done: usize,
    /// The current step was decided.
    decided: bool,
    /// The person refused since the last step was fulfilled.
    refused: bool,
    /// The person refused at all.
    ever_refused: bool,
    appeal: bool,
    closed: bool,
}

impl Matter {
    fn replay(steps: &[&RefusalStep], events: &[RefusalEvent], as_of: Date) -> Option<Self> {
        let mut matter = Matter::default();
        let in_order = events.windows(2).all(|pair| pair[0].on <= pair[1].on);
        if !in_order || events.last().is_some_and(|last| last.on > as_of) {
            return None;
        }
        for event in events {
            let is_current = |code: &String| steps.get(matter.done).is_some_and(|step| step.code == *code);
            match &event.kind {
                // A refusal while a fine is unpaid opens nothing: fulfilment clears it, and only a later one counts.
                RefusalKind::Refused => (matter.refused, matter.ever_refused, matter.closed) = (true, true, false),
                RefusalKind::Decided { step } => {
                    if !is_current(step) || matter.decided || !matter.refused || matter.appeal || matter.closed {
                        return None;
                    }
                    matter.decided = true;
                }
                RefusalKind::Fulfilled { step } => {
                    if !is_current(step) || !matter.decided {
                        return None;
                    }
                    matter.done += 1;
                    (matter.decided, matter.refused) = (false, false);
                }
                RefusalKind::Revoked { step } => {
                    if !is_current(step) || !matter.decided {
                        return None;
                    }
                    (matter.decided, matter.refused, matter.appeal) = (false, false, false);
                }
                RefusalKind::AppealOpened => matter.appeal = true,
                RefusalKind::AppealDismissed => matter.appeal = false,
                RefusalKind::Complied => (matter.closed, matter.refused) = (true, false),
            }
        }
        Some(matter)
    }

    fn state(&self, steps: &[&RefusalStep]) -> (RefusalState, Text) {
        let last = self.done + 1 == steps.len();
        let final_step = steps.get(self.done).is_some_and(|step| step.kind != ConsequenceKind::Fine);
        if self.closed {
            (RefusalState::Closed, phrases::complied())
        } else if self.appeal {
            (RefusalState::Suspended, phrases::appeal_pending())
        } else if self.done >= steps.len() || (self.decided && last && final_step) {
            (RefusalState::Exhausted, phrases::ladder_exhausted())
        } else if self.decided {
            (RefusalState::AwaitingFulfilment, phrases::awaiting_fulfilment())
        } else if self.refused {
            (RefusalState::MayDecide, phrases::may_be_decided())
        } else if self.ever_refused {
            (RefusalState::AwaitingRefusal, phrases::awaiting_refusal())
        } else {
            (RefusalState::NoRefusal, phrases::no_refusal())
        }
    }
}
