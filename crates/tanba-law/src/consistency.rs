//! Proof that a pack does not contradict itself.
//!
//! Two rules on different footings contradict each other exactly where whom, age, event, offence and kinship all overlap; so
//! every pair of rules is intersected, and a contradiction comes with a state that both speak of. A state that no rule
//! speaks of has its answer in the pack's `silence`, which forbids. Together: every state has exactly one answer. The test
//! below tries every state instead, and must find the same pairs.

use crate::document::Trigger;
use crate::rule::{Rule, Selector};
use crate::{Pack, Status};
use std::fmt;

/// One state of the world that rules speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Relation to the country; `None` stands for any.
    pub status: Option<Status>,
    /// Completed years.
    pub age: u16,
    /// The event; `None` stands for any.
    pub trigger: Option<Trigger>,
    /// Offence class; `None` stands for any.
    pub offence: Option<String>,
    /// Kinship; `None` stands for any.
    pub relationship: Option<String>,
}

/// Two rules that put the same state on different footings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// A state that both speak of.
    pub state: State,
    /// Clause ids of the two.
    pub rules: [String; 2],
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.state.status.map_or("any status", Status::name);
        let trigger = self.state.trigger.map_or("any event", Trigger::name);
        write!(f, "{} against {} at {status}, age {}, {trigger}", self.rules[0], self.rules[1], self.state.age)
    }
}

/// Every pair of a pack's rules that contradict each other; empty for a sound pack.
pub fn conflicts(pack: &Pack) -> Vec<Conflict> {
    let rules = pack.rules();
    let mut found = Vec::new();
    for (at, first) in rules.iter().enumerate() {
        for second in &rules[at + 1..] {
            if first.basis != second.basis
                && let Some(state) = overlap(first, second)
            {
                found.push(Conflict { state, rules: [first.code.clone(), second.code.clone()] });
            }
        }
    }
    found
}

/// A state that both rules speak of, if there is one.
fn overlap(first: &Rule, second: &Rule) -> Option<State> {
    let age = first.age.from.max(second.age.from);
    if !(first.age.holds(age) && second.age.holds(age)) {
        return None;
    }
    Some(State {
        status: common(&first.who, &second.who)?,
        age,
        trigger: common(&first.triggers, &second.triggers)?,
        offence: common_word(&first.offences, &second.offences)?,
        relationship: common_word(&first.relationships, &second.relationships)?,
    })
}

/// Something that both selectors mean: `Some(None)` where both mean everything.
fn common<T: Copy + PartialEq>(first: &Selector<T>, second: &Selector<T>) -> Option<Option<T>> {
    match (first, second) {
        (Selector::Any, Selector::Any) => Some(None),
        (Selector::Any, Selector::Only(items)) | (Selector::Only(items), Selector::Any) => {
            items.first().copied().map(Some)
        }
        (Selector::Only(items), Selector::Only(others)) => {
            items.iter().copied().find(|item| others.contains(item)).map(Some)
        }
    }
}

/// The same for lists of words, where an empty list means everything.
fn common_word(first: &[String], second: &[String]) -> Option<Option<String>> {
    match (first, second) {
        ([], []) => Some(None),
        ([], words) | (words, []) => words.first().cloned().map(Some),
        (words, others) => words.iter().find(|word| others.contains(word)).cloned().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Speaks, speaks};
    use crate::{Library, Subject};
    use std::collections::BTreeSet;

    /// The slow reference: every status, age, event, offence and kinship (and one of each that no rule names).
    fn by_enumeration(pack: &Pack) -> BTreeSet<[String; 2]> {
        let rules = pack.rules();
        let words = |list: fn(&Rule) -> &Vec<String>| -> BTreeSet<String> {
            rules.iter().flat_map(|rule| list(rule).iter().cloned()).chain(["none of them".to_owned()]).collect()
        };
        let mut found = BTreeSet::new();
        for status in Status::ALL.iter().copied().map(Some).chain([None]) {
            for trigger in Trigger::ALL.iter().copied().map(Some).chain([None]) {
                for offence in words(|rule| &rule.offences) {
                    for relationship in words(|rule| &rule.relationships) {
                        let subject = Subject {
                            status,
                            trigger,
                            offence: Some(offence.clone()),
                            relationship: Some(relationship),
                            ..Subject::default()
                        };
                        for age in (0..20).chain([100]) {
                            let speak = |rule: &&Rule| speaks(rule, &subject, Some(age)) == Speaks::Yes;
                            let speaking: Vec<&Rule> = rules.iter().filter(speak).collect();
                            for (at, first) in speaking.iter().enumerate() {
                                for second in speaking[at + 1..].iter().filter(|second| second.basis != first.basis) {
                                    found.insert([first.code.clone(), second.code.clone()]);
                                }
                            }
                        }
                    }
                }
            }
        }
        found
    }

    #[test]
    fn intersection_finds_what_trying_every_state_finds() {
        let mut contradicting = 0;
        for sound in Library::embedded().packs() {
            let mut variants = vec![sound.clone()];
            for at in 0..sound.rules().len() {
                let mut wider = sound.clone();
                wider.doc.rules[at].age = crate::AgeBand { from: 11, to: None };
                wider.doc.rules[at].triggers = Selector::Any;
                variants.push(wider.clone());
                wider.doc.rules[at].who = Selector::Any;
                wider.doc.rules[at].relationships.truncate(1);
                variants.push(wider);
            }
            for pack in &variants {
                let pairs: BTreeSet<_> = conflicts(pack).into_iter().map(|conflict| conflict.rules).collect();
                assert_eq!(pairs, by_enumeration(pack), "{}", pack.id());
                contradicting += usize::from(!pairs.is_empty());
            }
            assert!(conflicts(sound).is_empty());
        }
        assert!(contradicting > 5, "some of the variants must contradict themselves");
    }
}
