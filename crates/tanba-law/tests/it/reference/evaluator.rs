//! The reading of a pack, rule by rule: its JSON into plain words, once, and then the rules as they stand.

use super::subjects::{Facts, is_leap};
use serde_json::Value;
use tanba_law::{Pack, Trigger};

/// A day as (year, month, day): tuples compare as days do.
type Day = (i64, i64, i64);

/// A pack as the reference reads it, once.
pub(crate) struct Law {
    known_from: Day,
    valid_from: Day,
    valid_to: Option<Day>,
    struck: Option<Day>,
    start_not_known: bool,
    late_birthday: bool,
    rules: Vec<Rule>,
    silence: String,
    exempt: Vec<Exemption>,
    duties: Vec<(String, Vec<String>)>,
    steps: Vec<Step>,
    index: Vec<(Day, u64)>,
    index_until: Day,
    pub(crate) triggers: Vec<&'static str>,
    pub(crate) offences: Vec<String>,
    pub(crate) relationships: Vec<String>,
}

struct Rule {
    code: String,
    group: String,
    who: Option<Vec<String>>,
    triggers: Option<Vec<String>>,
    age: (u64, Option<u64>),
    offences: Vec<String>,
    relationships: Vec<String>,
    occasions: Vec<String>,
    basis: String,
    needs: Vec<String>,
}

struct Exemption {
    code: String,
    condition: String,
    effect: String,
    only_on: Vec<String>,
}

struct Step {
    code: String,
    who: Option<Vec<String>>,
    triggers: Option<Vec<String>>,
    sum: Option<u64>,
    units: Option<u64>,
}

/// What is said of a person.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Refused(&'static str),
    Given {
        duty: &'static str,
        clause: String,
        age: Option<u64>,
        group: Option<String>,
        missing: Vec<String>,
        reasons: Vec<String>,
        obligations: Vec<(String, Option<String>)>,
        consequences: Vec<(String, bool, Option<u64>)>,
    },
}

impl Law {
    pub(crate) fn of(pack: &Pack) -> Self {
        let json: Value = serde_json::from_str(pack.canonical_json()).unwrap();
        let index: Value = serde_yaml_ng::from_str(include_str!("../../../packs/indices/kz-mci.yaml")).unwrap();
        let rules: Vec<Rule> = rows(&json["rules"], |row| Rule {
            code: text(&row["code"]),
            group: text(&row["group"]),
            who: selector(&row["who"]),
            triggers: selector(&row["triggers"]),
            age: band(&row["age"]),
            offences: words(&row["offences"]),
            relationships: words(&row["relationships"]),
            occasions: words(&row["occasions"]),
            basis: text(&row["basis"]),
            needs: rows(&row["needs"], |need| text(&need["fact"])),
        });
        let spoken = |name: &&str| rules.iter().any(|rule| rule.triggers.iter().flatten().any(|event| event == name));
        Self {
            known_from: day(&json["known_from"]).unwrap(),
            valid_from: day(&json["valid_from"]).unwrap(),
            valid_to: day(&json["valid_to"]),
            struck: day(&json["struck"]["on"]),
            start_not_known: json["validity"]["confidence"] == "X",
            late_birthday: json["leap_birthday"]["value"] != "last_of_february",
            silence: text(&json["silence"]["code"]),
            exempt: rows(&json["exempt"], |row| Exemption {
                code: text(&row["code"]),
                condition: text(&row["condition"]),
                effect: text(&row["effect"]),
                only_on: words(&row["only_on"]),
            }),
            duties: rows(&json["obligations"], |row| (text(&row["code"]), words(&row["when"]))),
            steps: rows(&json["refusal"]["value"], |row| Step {
                code: text(&row["code"]),
                who: selector(&row["who"]),
                triggers: selector(&row["triggers"]),
                sum: row["amount"]["sum"].as_u64(),
                units: row["amount"]["units"].as_u64(),
            }),
            index: rows(&index["rows"], |row| (day(&row["from"]).unwrap(), row["amount"]["value"].as_u64().unwrap())),
            index_until: day(&index["until"]).unwrap(),
            triggers: Trigger::ALL.iter().map(|trigger| trigger.name()).filter(spoken).collect(),
            offences: rules.iter().flat_map(|rule| rule.offences.clone()).collect(),
            relationships: rules.iter().flat_map(|rule| rule.relationships.clone()).collect(),
            rules,
        }
    }
}

fn rows<T>(list: &Value, row: impl FnMut(&Value) -> T) -> Vec<T> {
    list.as_array().into_iter().flatten().map(row).collect()
}

fn words(list: &Value) -> Vec<String> {
    rows(list, text)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Nothing for "any".
fn selector(value: &Value) -> Option<Vec<String>> {
    (value != "any").then(|| words(value))
}

fn day(value: &Value) -> Option<Day> {
    let mut parts = value.as_str()?.split('-').map(|part| part.parse().unwrap());
    Some((parts.next()?, parts.next()?, parts.next()?))
}

fn meant(selector: &Option<Vec<String>>, word: Option<&str>) -> bool {
    selector.as_ref().is_none_or(|words| word.is_some_and(|word| has(words, word)))
}

fn has(words: &[String], word: &str) -> bool {
    words.iter().any(|item| item == word)
}

fn band(age: &Value) -> (u64, Option<u64>) {
    let (from, to) = age.as_str().unwrap().trim_matches(['[', ')']).split_once(',').unwrap();
    (from.trim().parse().unwrap(), (to.trim() != "inf").then(|| to.trim().parse().unwrap()))
}

/// Birthdays gone by, counted one by one.
fn years(law: &Law, born: Day, today: Day) -> Option<u64> {
    if today < born {
        return None;
    }
    let birthday = |year: i64| match born {
        (_, 2, 29) if !is_leap(year) => {
            if law.late_birthday {
                (year, 3, 1)
            } else {
                (year, 2, 28)
            }
        }
        (_, month, day) => (year, month, day),
    };
    Some((born.0 + 1..=today.0).filter(|year| birthday(*year) <= today).count() as u64)
}

/// Yes, no, or open because a fact was not given.
fn speaks(rule: &Rule, facts: &Facts, age: Option<u64>) -> Option<bool> {
    if !meant(&rule.who, facts.status) || !meant(&rule.triggers, facts.trigger) {
        return Some(false);
    }
    let mut open = false;
    match (rule.age, age) {
        ((0, None), _) => {}
        (_, None) => open = true,
        ((from, to), Some(age)) if age < from || to.is_some_and(|to| age >= to) => return Some(false),
        _ => {}
    }
    for (listed, given) in [(&rule.offences, &facts.offence), (&rule.relationships, &facts.relationship)] {
        match (listed, given) {
            (listed, _) if listed.is_empty() => {}
            (_, None) => open = true,
            (listed, Some(given)) if !has(listed, given) => return Some(false),
            _ => {}
        }
    }
    (!open).then_some(true)
}

fn in_state(condition: &str, facts: &Facts) -> bool {
    match condition {
        "no_fingers_both_hands" => facts.fingers == 0,
        "no_papillary_patterns_both_hands" => facts.no_patterns,
        "hand_injury" => facts.injury,
        "diplomatic" => facts.diplomatic,
        other => facts.impossible == Some(other),
    }
}

fn was_given(fact: &str, facts: &Facts) -> bool {
    let given = |wanted: &str| facts.given.iter().any(|(name, yes)| *name == wanted && *yes);
    given(fact) || (fact == "consent" && given("written_consent"))
}

pub(crate) fn evaluate(law: &Law, facts: &Facts) -> Answer {
    let today = facts.as_of;
    if facts.known_on.is_some_and(|known| known < law.known_from) {
        return Answer::Refused("not yet known");
    }
    if law.start_not_known {
        return Answer::Refused("start not known");
    }
    if today < law.valid_from || law.valid_to.is_some_and(|end| today >= end) {
        return Answer::Refused("outside validity");
    }
    if law.struck.is_some_and(|on| today >= on) {
        return Answer::Refused("struck");
    }
    let age = match facts.born.map(|born| years(law, born, today)) {
        Some(None) => return Answer::Refused("born later"),
        other => other.flatten(),
    };
    let rules = &law.rules;
    let first = |wanted| rules.iter().find(|rule| speaks(rule, facts, age) == wanted);
    let rule = first(Some(true)).or_else(|| first(None));

    let mut missing: Vec<&str> = Vec::new();
    if facts.status.is_none() && rules.iter().any(|rule| rule.who.is_some()) {
        missing.push("status");
    }
    if age.is_none() && rules.iter().any(|rule| rule.age != (0, None)) {
        missing.push("born");
    }
    if facts.trigger.is_none() {
        missing.push("trigger");
    }
    if let Some(rule) = rule {
        if !rule.offences.is_empty() && facts.offence.is_none() {
            missing.push("offence");
        }
        if !rule.relationships.is_empty() && facts.relationship.is_none() {
            missing.push("relationship");
        }
    }
    let mut duty = match rule.map(|rule| rule.basis.as_str()) {
        Some("mandatory") => "must",
        Some("voluntary") => "may",
        _ => "must_not",
    };
    let mut clause = rule.map_or(law.silence.as_str(), |rule| &rule.code);
    let mut reasons: Vec<&str> = Vec::new();
    let (mut exempt, mut postponed) = (false, false);
    if duty != "must_not" {
        let concerned = law.exempt.iter().filter(|row| {
            let on_event = row.only_on.is_empty() || facts.trigger.is_some_and(|trigger| has(&row.only_on, trigger));
            on_event && in_state(&row.condition, facts)
        });
        for row in concerned {
            match row.effect.as_str() {
                "not_subject" => {
                    exempt = true;
                    reasons.push(clause);
                    clause = &row.code;
                    break;
                }
                "postpone" => postponed = true,
                _ => missing.push("exemption_not_known"),
            }
            reasons.push(&row.code);
        }
    }
    if exempt {
        (duty, postponed) = ("must_not", false);
    }
    if let Some(rule) = rule.filter(|_| duty != "must_not") {
        let off = facts.trigger.is_some_and(|trigger| !has(&rule.occasions, trigger));
        if !rule.occasions.is_empty() && off {
            missing.push("occasion");
        }
        missing.extend(rule.needs.iter().map(String::as_str).filter(|need| !was_given(need, facts)));
    }
    if postponed {
        missing.push("recovery");
        if facts.injury_until.is_none_or(|until| until <= today) {
            missing.push("recall_date");
        }
    }
    if age.is_some_and(|age| age > 130) {
        missing.push("born_verified");
    }

    let mut situation: Vec<&str> = match (duty, exempt, postponed) {
        (_, true, _) => vec!["exempt"],
        (_, _, true) => vec!["postponed"],
        ("must", ..) => vec!["mandatory"],
        ("may", ..) => vec!["voluntary"],
        _ => vec!["prohibited"],
    };
    if facts.registered && duty != "must_not" {
        situation.push("registered_before");
    }
    let applying = law.duties.iter().filter(|(_, when)| situation.iter().any(|now| has(when, now)));
    let obligations = applying
        .map(|(code, when)| {
            let due = facts.injury_until.filter(|_| has(when, "postponed"));
            (code.clone(), due.map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}")))
        })
        .collect();

    missing.sort_unstable();
    reasons.sort_unstable();
    let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
    Answer::Given {
        duty,
        clause: clause.to_owned(),
        age,
        group: rule.filter(|_| duty != "must_not").map(|rule| rule.group.clone()),
        missing: owned(missing),
        reasons: owned(reasons),
        obligations,
        consequences: if duty == "must" { consequences(law, facts) } else { Vec::new() },
    }
}

/// The steps that concern the person: the first may be decided after a refusal, the second after payment and another one.
fn consequences(law: &Law, facts: &Facts) -> Vec<(String, bool, Option<u64>)> {
    let concerning =
        law.steps.iter().filter(|step| meant(&step.who, facts.status) && meant(&step.triggers, facts.trigger));
    concerning
        .zip(0u32..)
        .map(|(step, at)| {
            let now = match (at, facts.paid) {
                (0, false) => facts.refusals >= 1,
                (1, true) => facts.refusals >= 2,
                _ => false,
            };
            (step.code.clone(), now, money(law, step, facts.as_of))
        })
        .collect()
}

fn money(law: &Law, step: &Step, today: Day) -> Option<u64> {
    if step.sum.is_some() || today >= law.index_until {
        return step.sum;
    }
    let (_, value) = law.index.iter().rfind(|(from, _)| *from <= today)?;
    Some(step.units? * value)
}
