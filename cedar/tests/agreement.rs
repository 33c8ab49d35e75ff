//! Cedar decides what our own evaluation decides, for every body, purpose, act, class of data and population of every pack, and one of each that no
//! pack lists.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicyId, PolicySet, Request, RestrictedExpression,
    Schema, ValidationMode, Validator,
};
use jiff::civil::{Date, date};
use tanba_law::{
    AccessAct, AccessDecision, AccessRequest, AccessRule, CheckError, DataClass, Library, Mode, Pack, RulesOf,
    SanctionFacts, Searched, access, access_rules, cedar_policies, cedar_schema, transfer,
};

/// A day on which every embedded pack is in force.
const DAY: Date = date(2026, 6, 15);
const NOW: i64 = 1_781_500_000_000_000;
/// A name that no pack has.
const NOBODY: &str = "of no pack";
/// A day before all packs.
const BEFORE: Date = date(1950, 1, 1);

/// The policies of one pack, and everything that Cedar needs to decide by them.
struct Engine {
    schema: Schema,
    policies: PolicySet,
    ids: BTreeMap<PolicyId, String>,
    entities: Entities,
}

fn uid(kind: &str, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.parse().unwrap(), name.parse().unwrap())
}

fn name_of<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn records(data: DataClass, population: &str) -> EntityUid {
    uid("Tanba::Records", &format!("{}/{population}", name_of(&data)))
}

impl Engine {
    fn of(text: &str, populations: &BTreeSet<String>) -> Self {
        let (schema, _) = Schema::from_cedarschema_str(&cedar_schema()).expect("a schema");
        let policies = PolicySet::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let judged = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        assert!(judged.validation_passed(), "{judged}\n{text}");
        let ids = policies.policies().map(|p| (p.id().clone(), p.annotation("id").unwrap().to_owned())).collect();
        let entity = |data: &DataClass, population: &String| {
            let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
            let attributes = [("data".to_owned(), text(&name_of(data))), ("population".to_owned(), text(population))];
            Entity::new(records(*data, population), attributes.into(), Default::default()).unwrap()
        };
        let all = DataClass::ALL.iter().flat_map(|data| populations.iter().map(move |p| entity(data, p)));
        let entities = Entities::from_entities(all, Some(&schema)).unwrap();
        Self { schema, policies, ids, entities }
    }

    /// Some requests are held against the schema too: that takes longer than deciding them.
    fn schema(&self, asked: &AccessRequest) -> Option<&Schema> {
        asked.sanction.as_ref().is_some_and(|s| s.uses_left == 0).then_some(&self.schema)
    }

    /// The decision, and the rules that it rests on.
    fn decide(&self, asked: &AccessRequest, standing: &str) -> (bool, BTreeSet<&str>) {
        let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let (bool, long) = (RestrictedExpression::new_bool, RestrictedExpression::new_long);
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let mut facts = vec![
            ("pack", text(standing)),
            ("officer", bool(asked.officer_present)),
            ("legal_basis", bool(given(&asked.legal_basis))),
            ("case", bool(asked.case_present)),
            ("purpose", text(asked.purpose.as_deref().unwrap_or_default())),
            ("urgent", bool(asked.urgent)),
            ("at", long(asked.at)),
        ];
        let searched = asked.searched.iter().filter(|search| search.begun <= asked.at).flat_map(|search| {
            let days = (asked.at - search.begun) / 86_400_000_000;
            let waited = (0..=days).map(|day| format!("{}/{day}", search.what));
            waited.chain(search.answered.then(|| search.what.clone())).collect::<Vec<_>>()
        });
        facts.push(("searched", RestrictedExpression::new_set(searched.map(|what| text(&what)))));
        facts.extend(asked.sanction.as_ref().map(|s| {
            let purposes = RestrictedExpression::new_set(s.purposes.iter().map(|purpose| text(purpose)));
            let sanction = [
                ("authority", text(&s.authority)),
                ("valid_from", long(s.valid_from)),
                ("valid_to", long(s.valid_to)),
                ("uses_left", long(s.uses_left.into())),
                ("purposes", purposes),
                ("subject_matches", bool(s.subject_matches)),
                ("separate_persons", bool(s.separate_persons)),
                ("within_term", bool(s.within_term)),
            ];
            ("sanction", RestrictedExpression::new_record(sanction.map(|(k, v)| (k.to_owned(), v))).unwrap())
        }));
        let action = uid("Tanba::Action", &name_of(&asked.act));
        let context = Context::from_pairs(facts.into_iter().map(|(k, v)| (k.to_owned(), v))).unwrap();
        let principal = uid("Tanba::Body", asked.body.as_deref().unwrap());
        let request =
            Request::new(principal, action, records(asked.data, &asked.population), context, self.schema(asked))
                .unwrap();
        let answer = Authorizer::new().is_authorized(&request, &self.policies, &self.entities);
        assert_eq!(answer.diagnostics().errors().count(), 0);
        let reasons = answer.diagnostics().reason().map(|id| self.ids[id].as_str()).collect();
        (answer.decision() == Decision::Allow, reasons)
    }
}

/// Every value that the rules of a question name, and one that none does.
fn named(rules: &[AccessRule], of: impl Fn(&AccessRule) -> &Vec<String>) -> BTreeSet<String> {
    rules.iter().flat_map(|rule| of(rule).iter().cloned()).chain([NOBODY.to_owned()]).collect()
}

fn good(rule: &AccessRule, purpose: &str) -> SanctionFacts {
    SanctionFacts {
        authority: rule.sanction.first().cloned().unwrap_or_else(|| "court".to_owned()),
        valid_from: NOW,
        valid_to: NOW + 1,
        uses_left: 1,
        purposes: vec![purpose.to_owned()],
        subject_matches: true,
        separate_persons: true,
        within_term: true,
    }
}

/// Every search that a rule wants first, answered.
fn searched(rule: &AccessRule) -> Vec<Searched> {
    rule.before.iter().map(|before| Searched { what: before.searched.clone(), begun: NOW, answered: true }).collect()
}

const DAYS: i64 = 86_400_000_000;

/// A request in which nothing is missing, with every sanction that is right for some rule, and each way in which something is wrong.
fn ways(rules: &[AccessRule], plain: &AccessRequest) -> Vec<AccessRequest> {
    let provides = |rule: &&AccessRule| {
        rule.acts.contains(&plain.act)
            && rule.data.contains(&plain.data)
            && rule.populations.contains(&plain.population)
            && rule.bodies.contains(plain.body.as_ref().unwrap())
            && rule.purposes.contains(plain.purpose.as_ref().unwrap())
    };
    let Some(rule) = rules.iter().find(provides) else {
        // Whatever is given, no rule is for it.
        let sanction = rules.first().map(|rule| good(rule, plain.purpose.as_ref().unwrap()));
        return vec![AccessRequest { sanction, ..plain.clone() }];
    };
    let sanction = good(rule, plain.purpose.as_ref().unwrap());
    let plain = &AccessRequest { searched: searched(rule), ..plain.clone() };
    let begun = |days: i64| {
        let begun = |search: Searched| Searched { begun: NOW - days * DAYS + (days % 2), answered: false, ..search };
        searched(rule).into_iter().map(begun).collect()
    };
    let waited = |days: i64| {
        let mut searches = searched(rule);
        if let Some(last) = searches.last_mut() {
            *last = Searched { begun: NOW - days * DAYS, answered: false, ..last.clone() };
        }
        searches
    };
    let with = |sanction: SanctionFacts| AccessRequest { sanction: Some(sanction), ..plain.clone() };
    vec![
        plain.clone(),
        with(sanction.clone()),
        AccessRequest { urgent: true, ..plain.clone() },
        AccessRequest { urgent: true, ..with(SanctionFacts { uses_left: 0, ..sanction.clone() }) },
        with(SanctionFacts { authority: NOBODY.to_owned(), ..sanction.clone() }),
        with(SanctionFacts { valid_from: NOW + 1, ..sanction.clone() }),
        with(SanctionFacts { valid_to: NOW, ..sanction.clone() }),
        with(SanctionFacts { uses_left: 0, ..sanction.clone() }),
        with(SanctionFacts { purposes: vec![NOBODY.to_owned()], ..sanction.clone() }),
        with(SanctionFacts { subject_matches: false, ..sanction.clone() }),
        with(SanctionFacts { separate_persons: false, ..sanction.clone() }),
        with(SanctionFacts { within_term: false, ..sanction.clone() }),
        AccessRequest { searched: Vec::new(), ..with(sanction.clone()) },
        AccessRequest { searched: Vec::new(), urgent: true, ..plain.clone() },
        AccessRequest { searched: searched(rule).into_iter().take(1).collect(), ..with(sanction.clone()) },
        AccessRequest { searched: waited(1), ..with(sanction.clone()) },
        AccessRequest { searched: waited(2), ..with(sanction.clone()) },
        AccessRequest { searched: begun(1), ..with(sanction.clone()) },
        AccessRequest { searched: begun(2), ..with(sanction.clone()) },
        AccessRequest { searched: begun(3), ..with(sanction.clone()) },
        AccessRequest { officer_present: false, ..with(sanction.clone()) },
        AccessRequest { case_present: false, ..with(sanction.clone()) },
        AccessRequest { legal_basis: Some(" ".to_owned()), ..with(sanction) },
    ]
}

/// Asks both on one day about everything that some rule provides for, or about all that can be put together; how many requests, and how many were
/// permitted.
fn both((pack, of, mode): (&Pack, RulesOf, Mode<'_>), on: Date, all: bool) -> (usize, usize) {
    let rules: Vec<AccessRule> = access_rules(pack, of, mode).into_iter().cloned().collect();
    let rules = &rules[..];
    let (bodies, purposes) = (named(rules, |rule| &rule.bodies), named(rules, |rule| &rule.purposes));
    let populations = named(rules, |rule| &rule.populations);
    let engine = Engine::of(&cedar_policies(pack, of, mode), &populations);
    let standing = match pack.in_force(on, None) {
        Ok(()) => "in_force",
        Err(CheckError::Struck { .. }) => "struck",
        Err(_) => "not_in_force",
    };
    let (mut asked, mut permitted) = (0, 0);
    let mut hold = |request: &AccessRequest| {
        let ours: AccessDecision = match of {
            RulesOf::Access => access(pack, request, on, mode),
            RulesOf::Transfers => transfer(pack, request, on, mode),
        };
        let (cedar, reasons) = engine.decide(request, standing);
        assert_eq!(ours.permit, cedar, "{}: {request:?}\n{ours:?}\n{reasons:?}", pack.id());
        if ours.permit {
            let clause = ours.assumed.first().and_then(|assumed| assumed.split_once('/')).map(|(_, code)| code);
            let clause = clause.unwrap_or(&ours.clause);
            assert!(reasons.contains(clause), "{}: {clause} {reasons:?}", pack.id());
        }
        asked += 1;
        permitted += usize::from(ours.permit);
    };
    for body in &bodies {
        for purpose in &purposes {
            for act in AccessAct::ALL {
                for data in DataClass::ALL {
                    for population in &populations {
                        let plain = AccessRequest {
                            body: Some(body.clone()),
                            officer_present: true,
                            purpose: Some(purpose.clone()),
                            legal_basis: Some("an act".to_owned()),
                            case_present: true,
                            data: *data,
                            act: *act,
                            population: population.clone(),
                            sanction: None,
                            urgent: false,
                            searched: Vec::new(),
                            at: NOW,
                        };
                        let ways = ways(rules, &plain);
                        if all || ways.len() > 1 {
                            ways.iter().for_each(&mut hold);
                        }
                    }
                }
            }
        }
    }
    (asked, permitted)
}

/// Control C10: what no rule permits is denied, proved by asking everything that can be asked.
#[test]
fn control_c10_nothing_is_permitted_but_by_a_rule_and_cedar_agrees() {
    let library = Library::embedded();
    let (mut permitting, mut asked_all) = (BTreeSet::new(), BTreeSet::new());
    let mut total = (0, 0);
    for pack in library.packs() {
        let sheets = library.sheets().iter().filter(|sheet| sheet.covers(pack.id())).map(Mode::Demonstration);
        for mode in [Mode::Production].into_iter().chain(sheets) {
            for of in [RulesOf::Access, RulesOf::Transfers] {
                for on in [DAY, BEFORE] {
                    // Packs that share a sheet share its rules.
                    let sheet = if let Mode::Demonstration(sheet) = mode { sheet.id() } else { pack.id() };
                    let all = on == DAY && asked_all.insert((sheet, of == RulesOf::Access));
                    let (asked, permitted) = both((pack, of, mode), on, all);
                    assert!(
                        permitted == 0 || on != BEFORE,
                        "{}: nothing is permitted before there is a law",
                        pack.id()
                    );
                    if permitted > 0 {
                        permitting.insert((pack.id(), mode.is_demonstration(), of == RulesOf::Access));
                    }
                    total = (total.0 + asked, total.1 + permitted);
                }
            }
        }
    }
    assert!(total.0 > 50_000 && total.1 > 500, "{total:?}");
    assert!(permitting.len() > 10, "{permitting:?}");
}
