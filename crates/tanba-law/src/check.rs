//! What the law says of one person on one date.
//!
//! The recipe: is the pack in force, how old is the person, which rule speaks, is there an exemption, what is still missing,
//! what is the registering body obliged to, what would a refusal lead to.

use crate::refusal::{RefusalStep, ladder};
use crate::rule::{Basis, Condition, Exemption, ExemptionEffect, Rule, Selector, When};
use crate::tried::speaking_rule;
use crate::{
    Confidence, Date, Diagnostic, Field, Ground, Mode, Pack, PackHash, PackStatus, Subject, Text, age_on, phrases,
};
use serde::Serialize;
use thiserror::Error;

/// Age above which a birth date is doubted, in years. The oldest person on record reached 122.
const OLDEST_PLAUSIBLE_AGE: u16 = 130;

/// The law's category for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Must be registered.
    Must,
    /// May be registered, if all conditions are met.
    May,
    /// Must not be registered.
    MustNot,
}

/// Something that must still be given before anything is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Stable name: `guardian_consent`, `born`, `trigger`, `purpose`, ...
    pub code: String,
    /// In plain words.
    pub text: Text,
}

/// Something that the registering body must do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Obligation {
    /// Clause id.
    pub code: String,
    /// In plain words.
    pub text: Text,
    /// By when, where a date is known.
    pub due: Option<Date>,
}

/// One thing that a refusal may lead to. Never automatic: an authority decides it, and it can be appealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consequence {
    /// Place in the order of consequences, from 1.
    pub order: u8,
    /// `fine`, `deny_document`, `expel`, `imprison`, `deny_entry`.
    pub kind: crate::refusal::ConsequenceKind,
    /// Clause id.
    pub clause: String,
    /// The sum, for a fine.
    pub amount: Option<crate::Amount>,
    /// Longest imprisonment, or ban, as an ISO 8601 duration.
    pub term: Option<String>,
    /// Who decides it, where that is known.
    pub authority: Option<Text>,
    /// Whether it may be decided now, as far as the facts tell.
    pub possible_now: bool,
    /// Always `false`.
    pub automatic: bool,
    /// In plain words.
    pub text: Text,
    /// The act and article.
    pub citation: String,
    /// How well it is known.
    pub confidence: Confidence,
}

/// One step of the reasoning, with its clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Clause id.
    pub clause: String,
    /// In plain words.
    pub text: Text,
    /// The act and article.
    pub citation: String,
    /// How well it is known.
    pub confidence: Confidence,
}

/// The answer of the law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The category. A registration also needs `missing` to be empty.
    pub decision: Duty,
    /// Facts, consents and presences still to be given.
    pub missing: Vec<Missing>,
    /// What the registering body must do.
    pub obligations: Vec<Obligation>,
    /// What a refusal leads to, in order. Empty where the person is not obliged.
    pub consequences: Vec<Consequence>,
    /// Pack id.
    pub pack: String,
    /// SHA-256 of the pack.
    pub pack_hash: PackHash,
    /// Clause that decided.
    pub clause: String,
    /// The act and article of that clause.
    pub citation: String,
    /// The group that a registration under this clause belongs to; `null` without a rule.
    pub group: Option<String>,
    /// Completed years on the date.
    pub age: Option<u16>,
    /// The date that the answer is for.
    pub as_of: Date,
    /// The day on which the pack had to be known, where one was asked for.
    pub known_on: Option<Date>,
    /// Why, in plain words, the deciding clause first.
    pub reasons: Vec<Reason>,
    /// What was noticed.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the answer was given in a demonstration.
    pub demonstration: bool,
}

impl Decision {
    /// Whether samples may be taken now: the category allows it and nothing is missing.
    pub fn allows_capture(&self) -> bool {
        self.decision != Duty::MustNot && self.missing.is_empty()
    }
}

/// Why the law cannot be asked. Never holds a fact of the person.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckError {
    /// The pack does not hold on the date.
    #[error("the pack {pack} is not in force on {as_of}: it is valid from {valid_from}{}", .valid_to.map(|end| format!(" until before {end}")).unwrap_or_else(|| ", without an end".to_owned()))]
    OutsideValidity {
        /// Pack id.
        pack: String,
        /// First day.
        valid_from: Date,
        /// First day after.
        valid_to: Option<Date>,
        /// The date asked for.
        as_of: Date,
    },
    /// The pack was not known yet.
    #[error(
        "the pack {pack} was not known on {known_on}: it is known from {known_from}; ask for a later day, or for an earlier pack"
    )]
    NotYetKnown {
        /// Pack id.
        pack: String,
        /// First day.
        known_from: Date,
        /// The day asked for.
        known_on: Date,
    },
    /// The pack was struck down by then.
    #[error(
        "the pack {pack} was struck down ({decision}, clause `struck`): since {on} nothing may be taken or used under it, and {as_of} is not before that"
    )]
    Struck {
        /// Pack id.
        pack: String,
        /// First day without it.
        on: Date,
        /// The date asked for.
        as_of: Date,
        /// The decision that struck it down.
        decision: String,
    },
    /// From when the pack holds could not be read (its `validity` has confidence X).
    #[error(
        "from which day the pack {pack} holds is not known, so it answers nobody; ask under the version before it, or have its `validity` verified"
    )]
    StartNotKnown {
        /// Pack id.
        pack: String,
    },
    /// Born after the date.
    #[error("the birth date is after the date of the question; check both dates")]
    BornInFuture,
    /// The history of refusals is not in order.
    #[error("the history of the refusal contradicts itself or is not in order of time; check its dates and steps")]
    HistoryContradicts,
}

/// What `pack` says of `subject` on `as_of`, as it was known on `known_on` (or today, if none).
pub fn check(
    pack: &Pack,
    subject: &Subject,
    as_of: Date,
    known_on: Option<Date>,
    mode: Mode<'_>,
) -> Result<Decision, CheckError> {
    pack.in_force(as_of, known_on)?;
    let age = match subject.born {
        Some(born) => Some(age_on(born, as_of, pack.leap_birthday()).ok_or(CheckError::BornInFuture)?),
        None => None,
    };
    let mut missing = Vec::new();
    let mut diagnostics = general_diagnostics(pack, mode);
    let rule = speaking_rule(pack, subject, age);
    let mut reasons = vec![match rule {
        Some(rule) => reason(&rule.code, &rule.ground, &rule.text),
        None => reason(&pack.doc.silence.code, &pack.doc.silence.ground, &pack.doc.silence.text),
    }];
    missing_identity(pack, subject, age, rule, &mut missing);

    let mut decision = match rule.map(|rule| rule.basis) {
        Some(Basis::Mandatory) => Duty::Must,
        Some(Basis::Voluntary) => Duty::May,
        Some(Basis::Prohibited) | None => Duty::MustNot,
    };
    let mut situation = match decision {
        Duty::Must => vec![When::Mandatory],
        Duty::May => vec![When::Voluntary],
        Duty::MustNot => vec![When::Prohibited],
    };
    if decision != Duty::MustNot {
        for exemption in pack.doc.exempt.iter().filter(|exemption| exemption.concerns(subject.trigger)) {
            if !subject.is(exemption.condition) {
                continue;
            }
            let why = reason(&exemption.code, &exemption.ground, &exemption.text);
            match exemption.effect {
                ExemptionEffect::NotSubject => {
                    decision = Duty::MustNot;
                    situation = vec![When::Exempt];
                    reasons.insert(0, why);
                    break;
                }
                ExemptionEffect::Postpone => {
                    situation.push(When::Postponed);
                    reasons.push(why);
                }
                ExemptionEffect::NotKnown => {
                    missing.push(Missing { code: "exemption_not_known".to_owned(), text: why.text.clone() });
                    reasons.push(why);
                }
            }
        }
    }
    if subject.diplomatic && !settles(&pack.doc.exempt, Condition::Diplomatic) {
        diagnostics.push(Diagnostic { code: "diplomatic_not_settled", text: phrases::diplomatic_not_settled() });
    }
    let rule = rule.filter(|_| decision != Duty::MustNot);
    if let Some(rule) = rule {
        missing_conditions(subject, rule, &mut missing);
    }
    if situation.contains(&When::Postponed) {
        missing_recovery(subject, as_of, &mut missing, &mut situation);
    }
    if age.is_some_and(|age| age > OLDEST_PLAUSIBLE_AGE) {
        missing.push(Missing { code: "born_verified".to_owned(), text: phrases::age_to_verify() });
        diagnostics.push(Diagnostic { code: "implausible_age", text: phrases::age_to_verify() });
    }
    if subject.registered_before && decision != Duty::MustNot {
        situation.push(When::RegisteredBefore);
    }
    let consequences =
        if decision == Duty::Must { consequences(pack, subject, as_of, &mut diagnostics) } else { Vec::new() };

    Ok(Decision {
        decision,
        missing,
        obligations: obligations(pack, &situation, subject),
        consequences,
        pack: pack.id().to_owned(),
        pack_hash: pack.hash(),
        clause: reasons[0].clause.clone(),
        citation: reasons[0].citation.clone(),
        group: rule.map(|rule| rule.group.clone()),
        age,
        as_of,
        known_on,
        reasons,
        diagnostics,
        demonstration: mode.is_demonstration(),
    })
}

/// Facts without which the category itself is not certain.
fn missing_identity(pack: &Pack, subject: &Subject, age: Option<u16>, rule: Option<&Rule>, missing: &mut Vec<Missing>) {
    let mut lack = |code: &str, text| missing.push(Missing { code: code.to_owned(), text });
    if subject.status.is_none() && pack.doc.rules.iter().any(|rule| rule.who != Selector::Any) {
        lack("status", phrases::status_needed());
    }
    let ages_matter = pack.doc.rules.iter().any(|rule| rule.age.from > 0 || rule.age.to.is_some());
    if age.is_none() && ages_matter {
        lack("born", phrases::born_needed());
    }
    if subject.trigger.is_none() {
        lack("trigger", phrases::trigger_needed());
    }
    if let Some(rule) = rule {
        if !rule.offences.is_empty() && subject.offence.is_none() {
            lack("offence", phrases::offence_needed());
        }
        if !rule.relationships.is_empty() && subject.relationship.is_none() {
            lack("relationship", phrases::relationship_needed());
        }
    }
}

/// What the rule asks for before anything is taken.
fn missing_conditions(subject: &Subject, rule: &Rule, missing: &mut Vec<Missing>) {
    let off_occasion = subject.trigger.is_some_and(|trigger| !rule.occasions.contains(&trigger));
    if !rule.occasions.is_empty() && off_occasion {
        missing.push(Missing { code: "occasion".to_owned(), text: phrases::occasion_needed() });
    }
    for need in rule.needs.iter().filter(|need| !subject.fulfils(need.fact)) {
        missing.push(Missing { code: need.fact.name().to_owned(), text: need.text.clone() });
    }
}

/// An injury postpones: the person comes again. Once the expected day has come, only the injury itself is in the way.
fn missing_recovery(subject: &Subject, as_of: Date, missing: &mut Vec<Missing>, situation: &mut Vec<When>) {
    missing.push(Missing { code: "recovery".to_owned(), text: phrases::recovery_needed() });
    if subject.fingers.injury_until.is_none_or(|until| until <= as_of) {
        missing.push(Missing { code: "recall_date".to_owned(), text: phrases::recall_date_needed() });
    }
    // While registration waits, the person does not refuse, and nothing is to be captured.
    situation.retain(|when| *when == When::Postponed);
}

fn obligations(pack: &Pack, situation: &[When], subject: &Subject) -> Vec<Obligation> {
    let applies = |whens: &[When]| whens.iter().any(|when| situation.contains(when));
    pack.doc
        .obligations
        .iter()
        .filter(|duty| applies(&duty.when))
        .map(|duty| Obligation {
            code: duty.code.clone(),
            text: duty.text.clone(),
            due: subject.fingers.injury_until.filter(|_| duty.when.contains(&When::Postponed)),
        })
        .collect()
}

/// The whole order of consequences, with what may be decided now by the facts given.
fn consequences(pack: &Pack, subject: &Subject, as_of: Date, diagnostics: &mut Vec<Diagnostic>) -> Vec<Consequence> {
    let Field::Known { value: steps, .. } = &pack.doc.refusal else {
        diagnostics.push(Diagnostic { code: "refusal_not_known", text: phrases::refusal_not_known() });
        return Vec::new();
    };
    let fulfilled = usize::from(subject.fine_paid);
    let refusals = usize::try_from(subject.prior_refusals).unwrap_or(usize::MAX);
    let list: Vec<_> = ladder(steps, subject.status, subject.trigger)
        .enumerate()
        .map(|(at, step)| consequence(pack, step, as_of, at == fulfilled && refusals > fulfilled))
        .collect();
    if list.iter().any(|step| step.amount.as_ref().is_some_and(|amount| amount.value.is_none())) {
        diagnostics.push(Diagnostic { code: "amount_not_known", text: phrases::amount_not_known() });
    }
    list
}

/// One step of the pack's order as it stands on a date.
pub(crate) fn consequence(pack: &Pack, step: &RefusalStep, as_of: Date, possible_now: bool) -> Consequence {
    Consequence {
        order: step.order,
        kind: step.kind,
        clause: step.code.clone(),
        amount: step.amount.as_ref().map(|amount| crate::Amount::on(amount, &pack.indices, as_of)),
        term: step.term.clone(),
        authority: step.authority.known().cloned(),
        possible_now,
        automatic: false,
        text: step.text.clone(),
        citation: step.ground.cite.clone(),
        confidence: step.ground.confidence,
    }
}

fn general_diagnostics(pack: &Pack, mode: Mode<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if pack.status() == PackStatus::Draft {
        diagnostics.push(Diagnostic { code: "draft_pack", text: phrases::draft_pack() });
    } else if pack.approval.is_none() {
        diagnostics.push(Diagnostic { code: "pack_not_signed", text: phrases::pack_not_signed() });
    }
    if mode.is_demonstration() {
        diagnostics.push(Diagnostic { code: "demonstration", text: phrases::demonstration() });
    }
    diagnostics
}

fn reason(code: &str, ground: &Ground, text: &Text) -> Reason {
    Reason { clause: code.to_owned(), text: text.clone(), citation: ground.cite.clone(), confidence: ground.confidence }
}

fn settles(exemptions: &[Exemption], condition: Condition) -> bool {
    exemptions.iter().any(|exemption| exemption.condition == condition)
}
