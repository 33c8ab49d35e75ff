//! Which rules speak of a person, and on what it hangs.

use crate::rule::Rule;
use crate::{Date, Pack, Subject, age_on};
use serde::Serialize;

/// Whether a rule speaks of a person: surely, not, or only if a fact that was not given turns out so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaks {
    /// Surely.
    Yes,
    /// Only if a fact that was not given turns out so.
    Perhaps,
    /// Not.
    No,
}

/// The first rule that surely speaks; else the first that may, with the open fact listed as missing; else none.
pub(crate) fn speaking_rule<'a>(pack: &'a Pack, subject: &Subject, age: Option<u16>) -> Option<&'a Rule> {
    let with = |wanted| pack.doc.rules.iter().find(|rule| speaks(rule, subject, age) == wanted);
    with(Speaks::Yes).or_else(|| with(Speaks::Perhaps))
}

pub(crate) fn speaks(rule: &Rule, subject: &Subject, age: Option<u16>) -> Speaks {
    let parts = parts(rule, subject, age).map(|(_, speaks)| speaks);
    if parts.contains(&Speaks::No) {
        Speaks::No
    } else if parts.contains(&Speaks::Perhaps) {
        Speaks::Perhaps
    } else {
        Speaks::Yes
    }
}

/// The parts of a rule, by their keys in the file, and whether each fits the person.
fn parts(rule: &Rule, subject: &Subject, age: Option<u16>) -> [(&'static str, Speaks); 5] {
    let surely = |fits: bool| if fits { Speaks::Yes } else { Speaks::No };
    let any_age = rule.age.from == 0 && rule.age.to.is_none();
    let listed = |list: &[String], given: &Option<String>| match given {
        _ if list.is_empty() => Speaks::Yes,
        None => Speaks::Perhaps,
        Some(word) => surely(list.contains(word)),
    };
    let by_age = match age {
        _ if any_age => Speaks::Yes,
        None => Speaks::Perhaps,
        Some(age) => surely(rule.age.holds(age)),
    };
    [
        ("who", surely(rule.who.holds(subject.status.as_ref()))),
        ("triggers", surely(rule.triggers.holds(subject.trigger.as_ref()))),
        ("age", by_age),
        ("offences", listed(&rule.offences, &subject.offence)),
        ("relationships", listed(&rule.relationships, &subject.relationship)),
    ]
}

/// Whether one rule speaks of a person, and what stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleTried {
    /// Clause id.
    pub clause: String,
    /// Whether the rule speaks: surely, only if a fact that was not given turns out so, or not.
    pub speaks: Speaks,
    /// The keys of the rule that do not fit, or that hang on a fact that was not given.
    pub hangs_on: Vec<&'static str>,
}

/// Every rule of the pack, in the order in which they are tried, and why it speaks or not. The first that speaks decides.
pub fn rules_tried(pack: &Pack, subject: &Subject, as_of: Date) -> Vec<RuleTried> {
    let age = subject.born.and_then(|born| age_on(born, as_of, pack.leap_birthday()));
    let tried = |rule: &Rule| RuleTried {
        clause: rule.code.clone(),
        speaks: speaks(rule, subject, age),
        hangs_on: parts(rule, subject, age)
            .iter()
            .filter(|(_, fits)| *fits != Speaks::Yes)
            .map(|(key, _)| *key)
            .collect(),
    };
    pack.doc.rules.iter().map(tried).collect()
}
