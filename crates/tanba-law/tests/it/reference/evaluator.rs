//! The reading of a pack, rule by rule, from its JSON.

use super::subjects::{Facts, is_leap};
use serde_json::Value;
use tanba_law::{Pack, Trigger};

/// A day as (year, month, day): tuples compare as days do.
type Day = (i64, i64, i64);

/// A pack as JSON, with what the drawing of subjects wants to know of it.
pub(crate) struct Law {
    json: Value,
    index: Value,
    pub(crate) triggers: Vec<&'static str>,
    pub(crate) offences: Vec<String>,
    pub(crate) relationships: Vec<String>,
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
        let index = serde_yaml_ng::from_str(include_str!("../../../packs/indices/kz-mci.yaml")).unwrap();
        let named = |key: &str| {
            let rules = json["rules"].as_array().unwrap().iter();
            rules.flat_map(|rule| words(&rule[key])).collect::<Vec<String>>()
        };
        let spoken_of = named("triggers");
        let triggers = Trigger::ALL.iter().map(|trigger| trigger.name());
        let triggers = triggers.filter(|name| spoken_of.iter().any(|spoken| spoken == name)).collect();
        let (offences, relationships) = (named("offences"), named("relationships"));
        Self { json, index, triggers, offences, relationships }
    }
}

fn words(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn day(value: &Value) -> Option<Day> {
    let mut parts = value.as_str()?.split('-').map(|part| part.parse().unwrap());
    Some((parts.next()?, parts.next()?, parts.next()?))
}

/// "any", or a list that holds the word.
fn meant(selector: &Value, word: Option<&str>) -> bool {
    selector == "any" || word.is_some_and(|word| selector.as_array().unwrap().iter().any(|item| item == word))
}

fn band(age: &Value) -> (u64, Option<u64>) {
    let (from, to) = text(age).trim_matches(['[', ')']).split_once(',').unwrap();
    (from.trim().parse().unwrap(), (to.trim() != "inf").then(|| to.trim().parse().unwrap()))
}

/// Birthdays gone by, counted one by one.
fn years(law: &Law, born: Day, today: Day) -> Option<u64> {
    if today < born {
        return None;
    }
    let late = law.json["leap_birthday"]["value"] == "first_of_march";
    let birthday = |year: i64| match born {
        (_, 2, 29) if !is_leap(year) => {
            if late {
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
fn speaks(rule: &Value, facts: &Facts, age: Option<u64>) -> Option<bool> {
    if !meant(&rule["who"], facts.status) || !meant(&rule["triggers"], facts.trigger) {
        return Some(false);
    }
    let mut open = false;
    match (band(&rule["age"]), age) {
        ((0, None), _) => {}
        (_, None) => open = true,
        ((from, to), Some(age)) if age < from || to.is_some_and(|to| age >= to) => return Some(false),
        _ => {}
    }
    for (listed, given) in [(&rule["offences"], &facts.offence), (&rule["relationships"], &facts.relationship)] {
        match (words(listed), given) {
            (listed, _) if listed.is_empty() => {}
            (_, None) => open = true,
            (listed, Some(given)) if !listed.contains(given) => return Some(false),
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
    let pack = &law.json;
    let today = facts.as_of;
    if facts.known_on.is_some_and(|known| known < day(&pack["known_from"]).unwrap()) {
        return Answer::Refused("not yet known");
    }
    if today < day(&pack["valid_from"]).unwrap() || day(&pack["valid_to"]).is_some_and(|end| today >= end) {
        return Answer::Refused("outside validity");
    }
    if day(&pack["struck"]["on"]).is_some_and(|on| today >= on) {
        return Answer::Refused("struck");
    }
    let age = match facts.born.map(|born| years(law, born, today)) {
        Some(None) => return Answer::Refused("born later"),
        other => other.flatten(),
    };
    let rules = pack["rules"].as_array().unwrap();
    let first = |wanted| rules.iter().find(|rule| speaks(rule, facts, age) == wanted);
    let rule = first(Some(true)).or_else(|| first(None));

    let mut missing: Vec<&str> = Vec::new();
    if facts.status.is_none() && rules.iter().any(|rule| rule["who"] != "any") {
        missing.push("status");
    }
    if age.is_none() && rules.iter().any(|rule| band(&rule["age"]) != (0, None)) {
        missing.push("born");
    }
    if facts.trigger.is_none() {
        missing.push("trigger");
    }
    if let Some(rule) = rule {
        if !words(&rule["offences"]).is_empty() && facts.offence.is_none() {
            missing.push("offence");
        }
        if !words(&rule["relationships"]).is_empty() && facts.relationship.is_none() {
            missing.push("relationship");
        }
    }
    let mut duty = match rule.map(|rule| text(&rule["basis"])) {
        Some("mandatory") => "must",
        Some("voluntary") => "may",
        _ => "must_not",
    };
    let mut clause = text(rule.map_or(&pack["silence"]["code"], |rule| &rule["code"]));
    let mut reasons: Vec<&str> = Vec::new();
    let (mut exempt, mut postponed) = (false, false);
    if duty != "must_not" {
        let concerned = pack["exempt"].as_array().unwrap().iter().filter(|row| {
            let only = words(&row["only_on"]);
            in_state(text(&row["condition"]), facts)
                && (only.is_empty() || facts.trigger.is_some_and(|trigger| only.iter().any(|event| event == trigger)))
        });
        for row in concerned {
            if row["effect"] == "not_subject" {
                exempt = true;
                reasons.push(clause);
                clause = text(&row["code"]);
                break;
            }
            postponed = true;
            reasons.push(text(&row["code"]));
        }
    }
    if exempt {
        (duty, postponed) = ("must_not", false);
    }
    if let Some(rule) = rule.filter(|_| duty != "must_not") {
        let occasions = words(&rule["occasions"]);
        let off = facts.trigger.is_some_and(|trigger| !occasions.iter().any(|event| event == trigger));
        if !occasions.is_empty() && off {
            missing.push("occasion");
        }
        for need in rule["needs"].as_array().into_iter().flatten() {
            if !was_given(text(&need["fact"]), facts) {
                missing.push(text(&need["fact"]));
            }
        }
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
    let duties = pack["obligations"].as_array().unwrap().iter();
    let obligations = duties
        .filter(|row| words(&row["when"]).iter().any(|when| situation.contains(&when.as_str())))
        .map(|row| {
            let dated = words(&row["when"]).iter().any(|when| when == "postponed");
            let due = facts.injury_until.filter(|_| dated);
            (text(&row["code"]).to_owned(), due.map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}")))
        })
        .collect();

    missing.sort_unstable();
    reasons.sort_unstable();
    let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
    Answer::Given {
        duty,
        clause: clause.to_owned(),
        age,
        group: rule.filter(|_| duty != "must_not").map(|rule| text(&rule["group"]).to_owned()),
        missing: owned(missing),
        reasons: owned(reasons),
        obligations,
        consequences: if duty == "must" { consequences(law, facts) } else { Vec::new() },
    }
}

/// The steps that concern the person: the first may be decided after a refusal, the second after payment and another one.
fn consequences(law: &Law, facts: &Facts) -> Vec<(String, bool, Option<u64>)> {
    let steps = law.json["refusal"]["value"].as_array().into_iter().flatten();
    let concerning = steps.filter(|step| meant(&step["who"], facts.status) && meant(&step["triggers"], facts.trigger));
    concerning
        .zip(0u32..)
        .map(|(step, at)| {
            let now = match (at, facts.paid) {
                (0, false) => facts.refusals >= 1,
                (1, true) => facts.refusals >= 2,
                _ => false,
            };
            (text(&step["code"]).to_owned(), now, money(law, &step["amount"], facts.as_of))
        })
        .collect()
}

fn money(law: &Law, amount: &Value, today: Day) -> Option<u64> {
    if let Some(sum) = amount["sum"].as_u64() {
        return Some(sum);
    }
    let units = amount["units"].as_u64()?;
    if today >= day(&law.index["until"]).unwrap() {
        return None;
    }
    let rows = law.index["rows"].as_array().unwrap().iter();
    let holding = rows.filter(|row| day(&row["from"]).unwrap() <= today).last()?;
    Some(units * holding["amount"]["value"].as_u64()?)
}
