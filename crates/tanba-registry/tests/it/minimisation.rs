//! What an answer holds, against what the rule that permits it names: every rule of every pack, for every body it lists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tanba_law::{AccessAct, AccessRule, DataClass, Library, Mode, RulesOf, access_rules};
use tanba_registry::{Act, Actor, EncounterId, Grounds, NewCase, RegistryError, Role, Target};
use tanba_synth::Person;

use crate::access::prints_of;
use crate::house::{House, adult, house, sign_in};
use crate::law_in_use::{KZ_2016, folder};

/// What an answer says of the request and of the search, and not of anybody.
const ENVELOPE: [&str; 6] = ["request", "log_seq", "clause", "assumed", "people_compared", "people_filtered_out"];

/// The rules of all packs, those of an assumption sheet where the pack knows none; a sheet's for several packs once.
fn rules() -> Vec<(String, AccessRule)> {
    let library = Library::embedded();
    let mut rules: Vec<(String, AccessRule)> = Vec::new();
    for pack in library.packs() {
        let sheet = library.sheets().iter().find(|sheet| sheet.covers(pack.id())).expect("a sheet covers every pack");
        for rule in access_rules(pack, RulesOf::Access, Mode::Demonstration(sheet)) {
            if !rules.iter().any(|(_, known)| known == rule) {
                rules.push((pack.id().to_owned(), rule.clone()));
            }
        }
    }
    rules
}

/// The rule under a purpose of its own, for this register's people and without a sanction: what is asked here is what its fields let out.
fn as_yaml(rule: &AccessRule, purpose: &str) -> String {
    let names = |list: Vec<Value>| {
        let names: Vec<&str> = list.iter().map(|name| name.as_str().unwrap()).collect();
        names.join(", ")
    };
    let acts = names(rule.acts.iter().map(|act| serde_json::to_value(act).unwrap()).collect());
    let data = names(rule.data.iter().map(|class| serde_json::to_value(class).unwrap()).collect());
    format!(
        "    - code: {purpose}\n      bodies: [{}]\n      purposes: [{purpose}]\n      acts: [{acts}]\n      data: [{data}]\n      \
         populations: [civil]\n      sanction: []\n      fields: [{}]\n      notify: at_once\n      \
         ground: {{cite: \"invented\", source: \"a test\", confidence: C}}\n      text: {{kk: kk, ru: ru, en: \"As in its pack.\"}}\n",
        rule.bodies.join(", "),
        rule.fields.join(", "),
    )
}

/// The first Kazakh pack with other rules of access.
fn pack_with(rules: &[String]) -> String {
    let (begin, end) = (KZ_2016.find("access:\n").unwrap(), KZ_2016.find("transfers:\n").unwrap());
    format!(
        "{}access:\n  value:\n{}  ground: {{cite: \"invented\", source: \"a test\", confidence: C}}\n\n{}",
        &KZ_2016[..begin],
        rules.concat(),
        &KZ_2016[end..]
    )
}

/// The pack's field that a member of an answer needs.
fn field(path: &str) -> Option<&'static str> {
    Some(match path {
        "same" => "answer",
        "candidates" | "candidates/encounter" => "reference",
        "candidates/log10_lr" => "likelihood_ratio",
        "identity" => return None,
        "identity/iin" => "iin",
        "identity/born" => "birth_date",
        "identity/sex" => "sex",
        "identity/status" | "identity/citizenship" => "citizenship",
        name if name.starts_with("identity/family_name_") || name.starts_with("identity/given_name_") => "full_name",
        other => panic!("{other} is in an answer, and no field of a pack lets it out"),
    })
}

/// The fields of which an answer holds something; a null is no absence.
fn held(answer: &Value, path: &str, fields: &mut BTreeSet<&'static str>) {
    match answer {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                if !ENVELOPE.contains(&path.as_str()) {
                    fields.extend(field(&path));
                    held(value, &path, fields);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| held(item, path, fields)),
        Value::Null => panic!("{path} is null; what may not be told is absent"),
        _ => {}
    }
}

/// What the person's record and the act give, whatever a rule lets out of it.
fn possible(act: Act) -> &'static [&'static str] {
    match act {
        Act::Verify => &["answer"],
        Act::Identify => &["answer", "reference", "likelihood_ratio"],
        Act::Read | Act::ReleaseIdentity => &["iin", "birth_date", "sex", "citizenship", "full_name"],
    }
}

async fn officer_of(house: &House, body: &str, at: usize) -> Actor {
    let login = format!("officer-{at}");
    house.authority(&format!("body-{at}"), body, &[(login.as_str(), Role::Officer)]).await;
    sign_in(&house.registry, &login, None).await
}

fn target(act: Act, person: &Person, found: EncounterId) -> Target {
    let iin = || person.iin.as_str().to_owned();
    let one = || prints_of(person)[..1].to_vec();
    match act {
        Act::Verify => Target::IinAndPrints(iin(), one()),
        Act::Identify => Target::Prints(one(), None),
        Act::Read => Target::Iin(iin()),
        Act::ReleaseIdentity => Target::Candidate(found, "compared by hand, same source".to_owned()),
    }
}

#[tokio::test]
async fn control_c7_no_answer_holds_a_field_that_its_rule_does_not_name() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let registered = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.id;
    let rules = rules();
    let bodies: BTreeSet<&String> = rules.iter().flat_map(|(_, rule)| &rule.bodies).collect();
    let mut texts: Vec<String> =
        rules.iter().enumerate().map(|(n, (_, rule))| as_yaml(rule, &format!("rule_{n}"))).collect();
    // Only a candidate that was shown can be named: one more rule shows them to everybody.
    let finder = AccessRule {
        bodies: bodies.iter().map(|body| (*body).clone()).collect(),
        acts: vec![AccessAct::Identify],
        data: vec![DataClass::BiometricTemplate],
        fields: vec!["reference".to_owned()],
        ..rules[0].1.clone()
    };
    texts.push(as_yaml(&finder, "finder"));
    house.put_into_use(&folder(&[("kz-2016", &pack_with(&texts))])).await;

    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut answered, mut refused) = (0, 0);
    for (at, body) in bodies.iter().enumerate() {
        let officer = officer_of(&house, body, at).await;
        let new = NewCase { number: "A-1".to_owned(), kind: "any".to_owned() };
        let case = house.registry.open_case(&officer, &new).await.unwrap();
        let grounds = |purpose: String| Grounds {
            purpose: Some(purpose),
            case: Some(case),
            legal_basis: Some("as its pack says".to_owned()),
            sanction: None,
            urgent: None,
        };
        let shown = target(Act::Identify, &aida, registered);
        house.registry.ask(&officer, Act::Identify, &grounds("finder".to_owned()), &shown).await.unwrap();
        for (n, (pack, rule)) in rules.iter().enumerate().filter(|(_, (_, rule))| rule.bodies.contains(body)) {
            for (act, in_law, class) in [
                (Act::Verify, AccessAct::Verify, DataClass::BiometricTemplate),
                (Act::Identify, AccessAct::Identify, DataClass::BiometricTemplate),
                (Act::Read, AccessAct::Read, DataClass::Identity),
                (Act::ReleaseIdentity, AccessAct::ReleaseIdentity, DataClass::Identity),
            ] {
                let about = format!("{pack}, {}, {body}, {act:?}", rule.code);
                let asked = target(act, &aida, registered);
                let given = house.registry.ask(&officer, act, &grounds(format!("rule_{n}")), &asked).await;
                if !(rule.acts.contains(&in_law) && rule.data.contains(&class)) {
                    assert!(matches!(given, Err(RegistryError::Denied(_))), "{about}: {given:?}");
                    refused += 1;
                    continue;
                }
                let answer = serde_json::to_value(given.unwrap_or_else(|error| panic!("{about}: {error}"))).unwrap();
                let mut told = BTreeSet::new();
                held(&answer, "", &mut told);
                let mut expected: BTreeSet<&str> = possible(act)
                    .iter()
                    .copied()
                    .filter(|name| rule.fields.iter().any(|field| field == name))
                    .collect();
                // The likelihood ratio is a candidate's, so it goes where candidates go.
                if !expected.contains("reference") {
                    expected.remove("likelihood_ratio");
                }
                assert_eq!(told, expected, "{about}: {answer}");
                answered += 1;
                for field in told {
                    *seen.entry(field).or_default() += 1;
                }
            }
        }
    }
    assert!(answered > 30 && refused > 30, "{answered} {refused}");
    for field in ["answer", "reference", "likelihood_ratio", "iin", "birth_date", "full_name"] {
        assert!(seen.contains_key(field), "{field} was in no answer");
    }
}
