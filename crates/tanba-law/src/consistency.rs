//! Proof by enumeration that a pack does not contradict itself.
//!
//! Every status (and none), one age of each class between two band edges, every event (and none), every offence class and
//! kinship that a rule names (and one that none does): all rules that speak of a state must put it on the same footing. A
//! state that no rule matches has its answer in the pack's `silence`, which forbids; so every state has exactly one answer.

use crate::check::{Speaks, speaks};
use crate::document::Trigger;
use crate::rule::Rule;
use crate::{Pack, Status, Subject};
use std::collections::BTreeSet;
use std::fmt;

/// Ages beyond this behave as this one, in packs whose bands end below.
const LAST_AGE: u16 = 131;

/// One state of the world that rules are tried on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Relation to the country.
    pub status: Option<Status>,
    /// Completed years.
    pub age: u16,
    /// The event.
    pub trigger: Option<Trigger>,
    /// Offence class.
    pub offence: Option<String>,
    /// Kinship.
    pub relationship: Option<String>,
}

impl State {
    /// The facts of this state as a subject, without a birth date (the age stands beside it).
    fn subject(&self) -> Subject {
        Subject {
            status: self.status,
            trigger: self.trigger,
            offence: self.offence.clone(),
            relationship: self.relationship.clone(),
            ..Subject::default()
        }
    }
}

/// A state that rules contradict each other on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The state.
    pub state: State,
    /// Clause ids of the rules.
    pub rules: Vec<String>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.state.status.map_or("no status", Status::name);
        let trigger = self.state.trigger.map_or("no event", Trigger::name);
        write!(f, "{} at {status}, age {}, {trigger}", self.rules.join(" against "), self.state.age)
    }
}

/// Every state of a pack's world in which its rules contradict each other; empty for a sound pack.
pub fn conflicts(pack: &Pack) -> Vec<Conflict> {
    states(pack.rules()).filter_map(|state| contradiction(pack.rules(), state)).collect()
}

fn contradiction(rules: &[Rule], state: State) -> Option<Conflict> {
    let subject = state.subject();
    let matching: Vec<_> = rules.iter().filter(|rule| speaks(rule, &subject, Some(state.age)) == Speaks::Yes).collect();
    let contradicts = matching.windows(2).any(|pair| pair[0].basis != pair[1].basis);
    contradicts.then(|| Conflict { state, rules: matching.iter().map(|rule| rule.code.clone()).collect() })
}

/// Every state, by classes: ages between two band edges behave alike, so one age of each class is tried.
fn states(rules: &[Rule]) -> impl Iterator<Item = State> {
    let ages: BTreeSet<u16> =
        rules.iter().flat_map(|rule| [Some(rule.age.from), rule.age.to]).flatten().chain([0, LAST_AGE]).collect();
    let words = |list: fn(&Rule) -> &[String]| -> Vec<Option<String>> {
        let named: BTreeSet<&String> = rules.iter().flat_map(list).collect();
        // One word that no rule names stands for all others.
        named.into_iter().cloned().map(Some).chain([Some(String::new())]).collect()
    };
    let offences = words(|rule| &rule.offences);
    let relationships = words(|rule| &rule.relationships);
    let statuses = Status::ALL.iter().copied().map(Some).chain([None]);
    statuses.flat_map(move |status| {
        let (offences, relationships) = (offences.clone(), relationships.clone());
        ages.clone().into_iter().flat_map(move |age| {
            let (offences, relationships) = (offences.clone(), relationships.clone());
            Trigger::ALL.iter().copied().map(Some).chain([None]).flat_map(move |trigger| {
                let relationships = relationships.clone();
                offences.clone().into_iter().flat_map(move |offence| {
                    relationships.clone().into_iter().map(move |relationship| State {
                        status,
                        age,
                        trigger,
                        offence: offence.clone(),
                        relationship,
                    })
                })
            })
        })
    })
}
