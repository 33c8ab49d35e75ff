//! From which evidence on a comparison says yes. The program has a number of its own for each kind; another one comes into force by an act of
//! two people alone, rests on an evaluation that was published before, and stays in the history.
//!
//! [`Registry::threshold`] is the one place where a comparison asks. It holds every setting against what two people signed and the log
//! states ([`held`]): a row that is changed, added, put on top or taken away by hand means that nothing is compared, and an alarm.

mod acts;
mod counted;
mod evaluation;
mod held;
mod published;
mod rates;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tanba_finger::calibrate::MATCHER;
use tanba_gallery::fusion;

use crate::actor::Actor;
use crate::error::Result;
use crate::ids::ThresholdProposalId;
use crate::journal::Entry;
use crate::params::{
    CANDIDATES_FLOOR, FALSE_CANDIDATES, MILLION, ONE_FINGER_FLOOR, ONE_FINGER_LOG10_LR, SAME_FINGER_FLOOR,
    SAME_FINGER_LOG10_LR, VERIFY_FLOOR, VERIFY_LOG10_LR,
};
use crate::registry::Registry;
use crate::time::Instant;

pub use acts::{NewThreshold, ProposedThreshold, ThresholdProposalView, ThresholdState};
pub use counted::{CountedCell, CountedRate, CountedRates, Tally};
pub use evaluation::{Evaluation, EvaluationData, EvaluationView, GroupRates, MeasuredKind, MeasuredPoint};
pub(crate) use held::{FOUND, faults};
pub use published::{ErrorRates, ThresholdInForce};
pub use rates::{Differential, MeasuredRate, differentials};

/// A kind of comparison that has a threshold. All are log10 likelihood ratios.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdKind {
    /// One to one: prints against those of an identity that was claimed. Evaluated with one finger, which is the least that anybody asks with.
    Verification,
    /// One to many with two fingers or more. Evaluated search by search among so many people; the value grows with the register.
    Candidates,
    /// One to many with one finger. Evaluated comparison by comparison: the list is in order and has an end, whatever the size of the register.
    CandidatesOneFinger,
    /// One finger of a hand against the others: whether it is offered twice.
    SameFinger,
}

impl ThresholdKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Verification, Self::Candidates, Self::CandidatesOneFinger, Self::SameFinger];

    /// The name in the database, the log, evaluations and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::Candidates => "candidates",
            Self::CandidatesOneFinger => "candidates_one_finger",
            Self::SameFinger => "same_finger",
        }
    }

    /// The program's own value, and the size of the register that it is for.
    pub fn own(self) -> (f64, u64) {
        match self {
            Self::Verification => (VERIFY_LOG10_LR, 1),
            Self::Candidates => (fusion::threshold(MILLION, FALSE_CANDIDATES), MILLION),
            Self::CandidatesOneFinger => (ONE_FINGER_LOG10_LR, 1),
            Self::SameFinger => (SAME_FINGER_LOG10_LR, 1),
        }
    }

    /// Below which no act sets it; of candidates by several fingers in a register of a million.
    pub fn floor(self) -> f64 {
        match self {
            Self::Verification => VERIFY_FLOOR,
            Self::Candidates => CANDIDATES_FLOOR,
            Self::CandidatesOneFinger => ONE_FINGER_FLOOR,
            Self::SameFinger => SAME_FINGER_FLOOR,
        }
    }

    /// The size of the register that a value of this kind is for, if it was measured among so many.
    fn people(self, measured_among: u64) -> u64 {
        if self == Self::Candidates { measured_among } else { 1 }
    }
}

/// A threshold as two people set it: what the log's entry states, word for word. It names nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdSetting {
    /// Its number; the program's own values are number 0.
    pub number: u64,
    /// What was proposed.
    #[serde(flatten)]
    pub proposed: ProposedThreshold,
    /// The proposal.
    pub proposal: ThresholdProposalId,
    /// Since when it is in force.
    pub set_at: Instant,
    /// SHA-256 of the setting before it, empty for the first.
    pub before: String,
}

/// What a comparison is decided by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct InForce {
    /// The setting's number, for the entry of the comparison.
    pub(crate) number: u64,
    value: f64,
    people: u64,
}

impl InForce {
    /// log10 LR from which the answer is yes.
    pub(crate) fn value(&self) -> f64 {
        self.value
    }

    /// log10 LR from which one of so many people is a candidate.
    pub(crate) fn among(&self, kind: ThresholdKind, people: usize) -> f64 {
        if kind == ThresholdKind::Candidates {
            fusion::threshold_among(self.value, self.people, people as u64)
        } else {
            self.value
        }
    }
}

/// Why no comparison is made.
enum NotHeld {
    /// The rows are not what two people set.
    Changed,
    /// What was set is for another extractor or matcher.
    OtherVersion,
}

impl Registry {
    /// The threshold in force for a kind of comparison.
    ///
    /// # Errors
    /// Denied, and logged, where the settings are not those that two people set, or are for another version; then the supervisor is told.
    pub(crate) async fn threshold(&self, kind: ThresholdKind, actor: Option<&Actor>) -> Result<InForce> {
        let why = match self.settings().await? {
            Err(_) => NotHeld::Changed,
            Ok(settings) => match self.in_force(kind, &settings) {
                Some((found, _)) => return Ok(found),
                None => NotHeld::OtherVersion,
            },
        };
        let (code, text, need) = match why {
            NotHeld::Changed => (
                "thresholds_changed",
                "the thresholds in the database are not those that two people set, so nothing is compared",
                "an administrator who restores the database, the folder `log` and the file `thresholds` from one backup",
            ),
            NotHeld::OtherVersion => (
                "threshold_version",
                "the threshold that two people set is for another extractor or matcher, so nothing is compared",
                "an administrator who proposes a threshold that rests on an evaluation of this version, and a supervisor who sets it",
            ),
        };
        // It may be the first that anybody notices of it.
        self.reconcile_rows().await?;
        let denial = Entry::denial("comparison.denied", actor).details(json!({"kind": kind}));
        self.deny(denial, code, "thresholds are set by two people", text, vec![need.to_owned()]).await
    }

    /// The newest setting of a kind for what extracts and compares here, and the program's own value where nobody ever set one; `None` where
    /// all settings are for other versions.
    fn in_force<'a>(
        &self,
        kind: ThresholdKind,
        settings: &'a [ThresholdSetting],
    ) -> Option<(InForce, Option<&'a ThresholdSetting>)> {
        let extractor = self.extractor().recipe().name();
        let mut of_kind = settings.iter().filter(|setting| setting.proposed.kind == kind).peekable();
        if of_kind.peek().is_none() {
            let (value, people) = kind.own();
            return Some((InForce { number: 0, value, people }, None));
        }
        let newest =
            of_kind.rfind(|setting| setting.proposed.extractor == extractor && setting.proposed.matcher == MATCHER)?;
        let proposed = &newest.proposed;
        Some((InForce { number: newest.number, value: proposed.value, people: proposed.people }, Some(newest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_i7_the_programs_own_values_lie_above_the_floors_that_hold_for_others() {
        for kind in ThresholdKind::ALL {
            assert!(kind.own().0 > kind.floor(), "{}", kind.name());
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
