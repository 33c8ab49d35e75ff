//! Proof that a pack does not contradict itself and forgets nobody.
//!
//! Two rules on different footings contradict each other exactly where whom, age, event, offence and kinship all overlap; so
//! every pair of rules is intersected, and a contradiction comes with a state that both speak of. A state that no rule
//! speaks of has its answer in the pack's `silence`, which forbids. Together: every state has exactly one answer. The test
//! below tries every state instead, and must find the same pairs.
//!
//! Silence must not hide a slip of the pen: where rules speak of some people on some event both below and above an age, and
//! none at it, that age is a gap, unless `silence.left_open` names it.

use crate::document::Trigger;
use crate::read::line_words;
use crate::rule::{AgeBand, LeftOpen, Rule, Selector};
use crate::{Pack, Status};
use std::collections::BTreeSet;
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
    /// Their lines in the file.
    pub lines: [Option<usize>; 2],
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.state.status.map_or("any status", Status::name);
        let trigger = self.state.trigger.map_or("any event", Trigger::name);
        let [first, second] = self.lines.map(line_words);
        let [a, b] = &self.rules;
        write!(f, "{first}{a} against {second}{b} at {status}, age {}, {trigger}", self.state.age)
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
                found.push(Conflict {
                    state,
                    rules: [first.code.clone(), second.code.clone()],
                    lines: [pack.line(&first.code), pack.line(&second.code)],
                });
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

/// Ages of which no rule speaks, between ages of which rules do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The ages.
    pub ages: AgeBand,
    /// Relation to the country of those concerned; `None` stands for one that is not known.
    pub status: Option<Status>,
    /// The event; `None` stands for one that is not known.
    pub trigger: Option<Trigger>,
    /// Clause id of the rule that ends where the gap begins.
    pub below: String,
    /// Its line in the file.
    pub line: Option<usize>,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.map_or("any status", Status::name);
        let trigger = self.trigger.map_or("any event", Trigger::name);
        let line = line_words(self.line);
        write!(f, "{line}after {} nobody speaks of {status}, ages {}, {trigger}", self.below, self.ages)
    }
}

/// Every gap of a pack; empty for a complete one.
pub fn gaps(pack: &Pack) -> Vec<Gap> {
    let rules = pack.rules();
    let mut found = Vec::new();
    for status in Status::ALL.iter().copied().map(Some).chain([None]) {
        for trigger in Trigger::ALL.iter().copied().map(Some).chain([None]) {
            let meant = |rule: &&Rule| rule.who.holds(status.as_ref()) && rule.triggers.holds(trigger.as_ref());
            let concerned: Vec<&Rule> = rules.iter().filter(meant).collect();
            for offence in words(&concerned, |rule| &rule.offences) {
                for relationship in words(&concerned, |rule| &rule.relationships) {
                    let listed = |list: &[String], word: &str| list.is_empty() || list.iter().any(|item| item == word);
                    let speaking = concerned
                        .iter()
                        .copied()
                        .filter(|rule| listed(&rule.offences, &offence) && listed(&rule.relationships, &relationship));
                    for (ages, below) in holes(speaking) {
                        let open = |row: &LeftOpen| {
                            row.who.holds(status.as_ref())
                                && row.triggers.holds(trigger.as_ref())
                                && !trigger.is_some_and(|trigger| row.except.contains(&trigger))
                                && row.age.contains(ages)
                        };
                        if !pack.doc.silence.left_open.iter().any(open) {
                            let (line, below) = (pack.line(below), below.to_owned());
                            found.push(Gap { ages, status, trigger, below, line });
                        }
                    }
                }
            }
        }
    }
    found
}

/// The words that rules name, and one that none names.
fn words(rules: &[&Rule], list: fn(&Rule) -> &Vec<String>) -> BTreeSet<String> {
    rules.iter().flat_map(|rule| list(rule).iter().cloned()).chain([String::new()]).collect()
}

/// Ages between the bands of rules that none of them holds, with the clause below.
fn holes<'a>(rules: impl Iterator<Item = &'a Rule>) -> Vec<(AgeBand, &'a str)> {
    let mut bands: Vec<&Rule> = rules.collect();
    bands.sort_by_key(|rule| rule.age.from);
    let mut found = Vec::new();
    let mut reached: Option<(&Rule, u16)> = None;
    for rule in bands {
        if let Some((below, end)) = reached
            && rule.age.from > end
        {
            found.push((AgeBand { from: end, to: Some(rule.age.from) }, below.code.as_str()));
        }
        let Some(to) = rule.age.to else { return found };
        if reached.is_none_or(|(_, end)| to > end) {
            reached = Some((rule, to));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tried::{Speaks, speaks};
    use crate::{Library, Subject};

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
                wider.doc.rules[at].age = AgeBand { from: 11, to: None };
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

    /// The slow reference for gaps: age by age, for every state; the people, the event and the first age of each hole.
    fn gaps_by_enumeration(pack: &Pack) -> BTreeSet<(Option<Status>, Option<Trigger>, u16)> {
        let rules = pack.rules();
        let all: Vec<&Rule> = rules.iter().collect();
        let mut found = BTreeSet::new();
        for status in Status::ALL.iter().copied().map(Some).chain([None]) {
            for trigger in Trigger::ALL.iter().copied().map(Some).chain([None]) {
                for offence in words(&all, |rule| &rule.offences) {
                    for relationship in words(&all, |rule| &rule.relationships) {
                        let (offence, relationship) = (Some(offence.clone()), Some(relationship));
                        let subject = Subject { status, trigger, offence, relationship, ..Subject::default() };
                        let spoken: Vec<bool> = (0..140)
                            .map(|age| rules.iter().any(|rule| speaks(rule, &subject, Some(age)) == Speaks::Yes))
                            .collect();
                        for age in 1..139u16 {
                            let begins = spoken[usize::from(age) - 1] && !spoken[usize::from(age)];
                            let ends = (age..140).find(|later| spoken[usize::from(*later)]);
                            let open = |row: &LeftOpen, age: u16| {
                                let event = trigger.is_some_and(|trigger| row.except.contains(&trigger));
                                let meant = row.who.holds(status.as_ref()) && row.triggers.holds(trigger.as_ref());
                                meant && !event && row.age.holds(age)
                            };
                            if let Some(end) = ends.filter(|_| begins)
                                && !(pack.doc.silence.left_open.iter()).any(|row| (age..end).all(|age| open(row, age)))
                            {
                                found.insert((status, trigger, age));
                            }
                        }
                    }
                }
            }
        }
        found
    }

    #[test]
    fn the_sweep_over_bands_finds_the_gaps_that_trying_every_age_finds() {
        let mut with_gaps = 0;
        for sound in Library::embedded().packs() {
            let mut variants = vec![sound.clone()];
            let mut unsaid = sound.clone();
            unsaid.doc.silence.left_open.clear();
            variants.push(unsaid);
            for at in 0..sound.rules().len() {
                let mut later = sound.clone();
                later.doc.rules[at].age.from += 3;
                variants.push(later);
                let mut shorter = sound.clone();
                shorter.doc.rules.remove(at);
                shorter.doc.rules.push(Rule { age: AgeBand { from: 70, to: None }, ..sound.doc.rules[at].clone() });
                variants.push(shorter);
            }
            for pack in &variants {
                let swept: BTreeSet<_> =
                    gaps(pack).iter().map(|gap| (gap.status, gap.trigger, gap.ages.from)).collect();
                assert_eq!(swept, gaps_by_enumeration(pack), "{}", pack.id());
                with_gaps += usize::from(!swept.is_empty());
            }
        }
        assert!(with_gaps > 3, "some of the variants must have gaps: {with_gaps}");
    }
}
