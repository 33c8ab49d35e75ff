//! What stands above the law of a country: demands of the United Nations, as data, that packs are held against.
//!
//! A breach does not refuse a pack: a lawyer judges it. It names the pack, the clause and the line; what a pack does not know
//! is told apart from what it breaks.

use crate::lines::Lines;
use crate::pack::known_rows;
use crate::read::{PackError, line_words, read_yaml};
use crate::rule::{Basis, ExemptionEffect, Fact, Rule, Selector};
use crate::validate::Fault;
use crate::{AccessAct, DataClass, Field, Ground, Pack, Text, Trigger};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

/// What can be asked of the text of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Demand {
    /// Whoever may look for one of these purposes needs a sanction.
    Sanctioned {
        /// Purposes, in the packs' words.
        purposes: Vec<String>,
    },
    /// Nobody abroad learns who somebody is without a sanction or decision.
    SharedByDecision,
    /// Where a living child may be registered, a guardian takes part, or a rule of its own says how long a child's data stay.
    ChildrenGuarded {
        /// First age, in completed years, that is no child's.
        under: u16,
    },
    /// What is kept is kept for a time, until an age, or is reviewed.
    KeepingEnds,
    /// A pack that obliges somebody says what happens with those who cannot.
    AnotherWay,
}

/// One demand, with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// Name of the demand.
    pub code: String,
    /// What is asked.
    pub demand: Demand,
    /// The resolution or principle, and how well it and our reading of it are known.
    pub ground: Ground,
    /// In plain words.
    pub text: Text,
}

/// A set of demands (`packs/constraints/*.yaml`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraints {
    /// Always `tanba-constraints/1`.
    pub format: String,
    /// Id, such as `un`.
    pub id: String,
    /// What it is.
    pub title: Text,
    /// The demands.
    pub constraints: Vec<Constraint>,
}

/// Where a pack breaks a demand, or does not know whether it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Pack id.
    pub pack: String,
    /// Clause id inside the pack.
    pub clause: String,
    /// Line of the clause in the pack's file.
    pub line: Option<usize>,
    /// Name of the demand.
    pub constraint: String,
    /// The resolution or principle.
    pub citation: String,
    /// Whether the pack leaves it open (`unknown`) and does not break it as far as is known.
    pub open: bool,
    /// The demand in plain words.
    pub text: Text,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pack, clause, constraint, citation, text, .. } = self;
        let (line, verb) = (line_words(self.line), if self.open { "leaves open" } else { "breaks" });
        write!(f, "{pack}: {line}{clause} {verb} {constraint} ({citation}): {}", text.en)
    }
}

static UNITED_NATIONS: LazyLock<Constraints> = LazyLock::new(|| {
    Constraints::from_yaml(include_str!("../packs/constraints/un.yaml"))
        .expect("the embedded demands are part of the program and are read by its tests")
});

impl Constraints {
    /// Those of the United Nations that come with the program.
    pub fn united_nations() -> &'static Self {
        &UNITED_NATIONS
    }

    /// Reads and checks a set of demands.
    pub fn from_yaml(text: &str) -> Result<Self, PackError> {
        let (set, _): (Self, String) = read_yaml(text, "tanba-constraints/1")?;
        let mut codes = BTreeSet::new();
        for row in &set.constraints {
            let spoken = Fault::unless_spoken(&row.code, &row.text);
            let once = if codes.insert(&row.code) { Ok(()) } else { Err(Fault::twice(&row.code)) };
            spoken.and(once).map_err(|fault| fault.on(&Lines::of(text)))?;
        }
        Ok(set)
    }

    /// Everything in which a pack breaks a demand or leaves it open, demand by demand, in the order of the file.
    pub fn findings(&self, pack: &Pack) -> Vec<Finding> {
        let finding = |constraint: &Constraint, (clause, open): (&str, bool)| Finding {
            pack: pack.id().to_owned(),
            clause: clause.to_owned(),
            line: pack.line(clause),
            constraint: constraint.code.clone(),
            citation: constraint.ground.cite.clone(),
            open,
            text: constraint.text.clone(),
        };
        let of = |constraint| held_against(pack, constraint).into_iter().map(move |at| finding(constraint, at));
        self.constraints.iter().flat_map(of).collect()
    }
}

/// Clauses that break a demand (`false`) or leave it open (`true`).
fn held_against<'a>(pack: &'a Pack, constraint: &Constraint) -> Vec<(&'a str, bool)> {
    let doc = &pack.doc;
    let open = |unknown: bool, code: &'a str| unknown.then_some((code, true));
    match &constraint.demand {
        Demand::Sanctioned { purposes } => {
            let unsanctioned = known_rows(&doc.access).iter().filter(|rule| {
                rule.sanction.is_empty() && rule.purposes.iter().any(|purpose| purposes.contains(purpose))
            });
            let broken = unsanctioned.map(|rule| (rule.code.as_str(), false));
            broken.chain(open(is_unknown(&doc.access), "access")).collect()
        }
        Demand::SharedByDecision => {
            let names = known_rows(&doc.transfers).iter().filter(|rule| {
                let tells = rule.data.contains(&DataClass::Identity) || rule.acts.contains(&AccessAct::ReleaseIdentity);
                tells && rule.sanction.is_empty()
            });
            let broken = names.map(|rule| (rule.code.as_str(), false));
            broken.chain(open(is_unknown(&doc.transfers), "transfers")).collect()
        }
        Demand::ChildrenGuarded { under } => {
            let rows = known_rows(&doc.retention.profile);
            if rows.iter().any(|row| row.minor == Some(true)) {
                return Vec::new();
            }
            let guarded = |rule: &Rule| {
                rule.needs.iter().any(|need| matches!(need.fact, Fact::GuardianConsent | Fact::GuardianPresence))
            };
            let rules = registering(pack).filter(|rule| rule.age.from < *under && concerns_the_living(rule));
            rules.filter(|rule| !guarded(rule)).map(|rule| (rule.code.as_str(), false)).collect()
        }
        Demand::KeepingEnds => {
            let fields = pack.retention_fields();
            let endless = fields
                .iter()
                .flat_map(|(_, rows)| known_rows(rows))
                .filter(|row| row.max_period.is_none() && row.until_age.is_none() && row.review_interval.is_none());
            let unknown = fields.iter().filter(|(code, rows)| is_unknown(rows) && *code != "retention.log");
            let unknown = unknown.filter(|_| registering(pack).next().is_some());
            endless.map(|row| (row.code.as_str(), false)).chain(unknown.map(|(code, _)| (*code, true))).collect()
        }
        Demand::AnotherWay => {
            let obliges = registering(pack).find(|rule| rule.basis == Basis::Mandatory && concerns_the_living(rule));
            let known = |effect| effect != ExemptionEffect::NotKnown;
            match obliges {
                Some(_) if pack.exemptions().iter().any(|row| known(row.effect)) => Vec::new(),
                Some(rule) => match pack.exemptions().first() {
                    Some(row) => vec![(row.code.as_str(), true)],
                    None => vec![(rule.code.as_str(), false)],
                },
                None => Vec::new(),
            }
        }
    }
}

fn is_unknown<T>(field: &Field<T>) -> bool {
    matches!(field, Field::Unknown { .. })
}

fn registering(pack: &Pack) -> impl Iterator<Item = &Rule> {
    pack.rules().iter().filter(|rule| rule.basis != Basis::Prohibited)
}

/// Whether a rule speaks of more than bodies and material that nobody has been found to yet.
fn concerns_the_living(rule: &Rule) -> bool {
    let unknown = [Trigger::UnidentifiedBody, Trigger::UnidentifiedMaterial];
    match &rule.triggers {
        Selector::Any => true,
        Selector::Only(events) => events.iter().any(|event| !unknown.contains(event)),
    }
}
