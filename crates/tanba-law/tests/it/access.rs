//! Who may look: default deny, everything missing is named, assumptions are visible.

use crate::{DAY, pack, sheet};
use tanba_law::{
    AccessAct, AccessDecision, AccessRequest, DataClass, Date, Library, Mode, Pack, SanctionFacts, access,
};

const PACK: &str = "kz-2016-as-enacted";
/// A name, and how to spoil that part.
type Damage<T> = (&'static str, fn(&mut T));

const NOW: i64 = 1_781_500_000_000_000;

fn verification() -> AccessRequest {
    AccessRequest {
        body: Some("border_service".to_owned()),
        officer_present: true,
        purpose: Some("border_control".to_owned()),
        legal_basis: Some("Law on the state border".to_owned()),
        case_present: true,
        data: DataClass::BiometricTemplate,
        act: AccessAct::Verify,
        population: "civil".to_owned(),
        sanction: None,
        urgent: false,
        searched: Vec::new(),
        at: NOW,
    }
}

fn terrorism(sanction: Option<SanctionFacts>) -> AccessRequest {
    AccessRequest {
        body: Some("national_security_committee".to_owned()),
        purpose: Some("counter_terrorism".to_owned()),
        act: AccessAct::Identify,
        sanction,
        ..verification()
    }
}

fn order() -> SanctionFacts {
    SanctionFacts {
        authority: "court".to_owned(),
        valid_from: NOW - 1,
        valid_to: NOW + 1,
        uses_left: 1,
        purposes: vec!["counter_terrorism".to_owned()],
        subject_matches: true,
        separate_persons: true,
        within_term: true,
    }
}

fn ask(request: &AccessRequest) -> AccessDecision {
    access(pack(PACK), request, DAY, Mode::Demonstration(sheet()))
}

fn needs(decision: &AccessDecision) -> Vec<&str> {
    decision.needs.iter().map(|need| need.code.as_str()).collect()
}

#[test]
fn a_complete_lawful_request_gets_its_fields_and_no_more() {
    let yes = ask(&verification());
    assert!(yes.permit, "{yes:?}");
    assert_eq!(yes.fields, ["answer"]);
    assert_eq!(yes.assumed, ["kz-demo/border-verification"]);
    assert_eq!((yes.clause.as_str(), yes.sheet_hash), ("access", Some(sheet().hash())));
    assert!(yes.demonstration);
}

#[test]
fn each_thing_that_is_missing_is_named_and_denies() {
    let strip: [Damage<AccessRequest>; 5] = [
        ("body", |request| request.body = None),
        ("officer", |request| request.officer_present = false),
        ("purpose", |request| request.purpose = None),
        ("legal_basis", |request| request.legal_basis = Some("  ".to_owned())),
        ("case", |request| request.case_present = false),
    ];
    for (name, take) in strip {
        let mut request = verification();
        take(&mut request);
        let no = ask(&request);
        assert_eq!((no.permit, no.reason_code, needs(&no)), (false, "incomplete_request", vec![name]));
        assert!(no.fields.is_empty());
    }
    let mut nothing = verification();
    strip.iter().for_each(|(_, take)| take(&mut nothing));
    assert_eq!(needs(&ask(&nothing)).len(), 5);
}

#[test]
fn production_denies_what_the_pack_does_not_know() {
    let no = access(pack(PACK), &verification(), DAY, Mode::Production);
    assert_eq!((no.permit, no.reason_code, no.clause.as_str()), (false, "access_unknown", "access"));
    assert!(no.assumed.is_empty() && no.sheet_hash.is_none());
}

#[test]
fn a_pack_out_of_force_or_without_its_own_sheet_permits_nothing() {
    let demo = Mode::Demonstration(sheet());
    let early = access(pack(PACK), &verification(), Date::constant(2020, 12, 31), demo);
    assert_eq!((early.permit, early.reason_code), (false, "pack_not_in_force"));
    let other = include_str!("../../packs/kz-2016-as-enacted.yaml").replace("id: kz-2016-as-enacted", "id: kz-other");
    let other = Pack::from_yaml(&other, Library::embedded().indices()).unwrap();
    assert_eq!(access(&other, &verification(), DAY, demo).reason_code, "access_unknown");
}

#[test]
fn a_body_purpose_or_act_that_is_not_listed_gets_nothing() {
    let with = |change: fn(&mut AccessRequest)| {
        let mut request = verification();
        change(&mut request);
        let decision = ask(&request);
        assert!(!decision.permit && decision.fields.is_empty());
        decision.reason_code
    };
    assert_eq!(with(|request| request.body = Some("private_bank".to_owned())), "body_not_listed");
    assert_eq!(with(|request| request.purpose = Some("marketing".to_owned())), "purpose_not_listed");
    assert_eq!(with(|request| request.purpose = Some("counter_terrorism".to_owned())), "purpose_not_listed");
    assert_eq!(with(|request| request.act = AccessAct::Identify), "act_not_listed");
    assert_eq!(with(|request| request.data = DataClass::Genomic), "act_not_listed");
    assert_eq!(with(|request| request.population = "elimination".to_owned()), "act_not_listed");
}

#[test]
fn a_sanction_must_be_in_order_in_every_part() {
    let yes = ask(&terrorism(Some(order())));
    assert!(yes.permit && yes.consumes_sanction, "{yes:?}");
    let spoil: [Damage<SanctionFacts>; 7] = [
        ("sanction_wrong_authority", |order| order.authority = "head_of_department".to_owned()),
        ("sanction_not_in_force", |order| order.valid_to = NOW),
        ("sanction_not_in_force", |order| order.valid_from = NOW + 1),
        ("sanction_used_up", |order| order.uses_left = 0),
        ("sanction_other_purpose", |order| order.purposes = vec!["crime_investigation".to_owned()]),
        ("sanction_other_subject", |order| order.subject_matches = false),
        ("sanction_same_person", |order| order.separate_persons = false),
    ];
    for (reason, change) in spoil {
        let mut faulty = order();
        change(&mut faulty);
        // A faulty sanction is not cured by urgency.
        let no = ask(&AccessRequest { urgent: true, ..terrorism(Some(faulty)) });
        assert_eq!((no.permit, no.reason_code, needs(&no)), (false, reason, vec!["sanction"]));
    }
    assert_eq!(ask(&terrorism(None)).reason_code, "sanction_missing");
    assert!(ask(&terrorism(Some(SanctionFacts { valid_from: NOW, ..order() }))).permit, "its first instant is inside");
}

#[test]
fn danger_to_life_opens_first_and_is_checked_after_only_where_the_rule_has_that_path() {
    let urgent = ask(&AccessRequest { urgent: true, ..terrorism(None) });
    assert!(urgent.permit && !urgent.consumes_sanction);
    assert_eq!((urgent.reason_code, urgent.review_working_days), ("permitted_urgent", Some(7)));
    let police = AccessRequest {
        body: Some("ministry_of_interior".to_owned()),
        purpose: Some("crime_investigation".to_owned()),
        urgent: true,
        ..terrorism(None)
    };
    assert_eq!(ask(&police).reason_code, "sanction_missing");
}

/// Bodies x purposes x acts x data x populations: exactly what the sheet lists is permitted, and nothing without a case.
#[test]
fn the_whole_matrix_is_what_the_sheet_lists() {
    let listed: Vec<(&str, &str)> = vec![
        ("document-verification", "service_centre ministry_of_interior foreign_mission migration_service"),
        ("border-verification", "national_security_committee border_service"),
    ];
    let bodies = [
        "service_centre",
        "ministry_of_interior",
        "foreign_mission",
        "migration_service",
        "border_service",
        "national_security_committee",
        "ministry_of_emergencies",
        "supervisory_authority",
        "private_bank",
    ];
    let purposes = ["document_verification", "border_control", "crime_investigation", "marketing"];
    let mut permits = 0;
    for body in bodies {
        for purpose in purposes {
            for &act in AccessAct::ALL {
                for &data in DataClass::ALL {
                    let request = AccessRequest {
                        body: Some(body.to_owned()),
                        purpose: Some(purpose.to_owned()),
                        act,
                        data,
                        ..verification()
                    };
                    let decision = ask(&request);
                    let rule = match purpose {
                        "document_verification" => Some(listed[0]),
                        "border_control" => Some(listed[1]),
                        _ => None,
                    };
                    let expected = rule.is_some_and(|(_, who)| who.split(' ').any(|name| name == body))
                        && act == AccessAct::Verify
                        && matches!(data, DataClass::BiometricTemplate | DataClass::Document);
                    assert_eq!(decision.permit, expected, "{body} {purpose} {act:?} {data:?}");
                    permits += usize::from(expected);
                    assert!(!ask(&AccessRequest { case_present: false, ..request }).permit);
                }
            }
        }
    }
    assert_eq!(permits, 12);
}

#[test]
fn relatives_of_the_missing_are_never_compared_with_crime_stains() {
    let search = |purpose: &str, act, population: &str| {
        let request = AccessRequest {
            body: Some("ministry_of_interior".to_owned()),
            purpose: Some(purpose.to_owned()),
            data: DataClass::Genomic,
            act,
            population: population.to_owned(),
            sanction: Some(order()),
            ..verification()
        };
        access(pack("kz-genomic-2021"), &request, DAY, Mode::Demonstration(sheet())).permit
    };
    assert!(search("crime_investigation", AccessAct::Search, "convicted"));
    assert!(search("missing_person", AccessAct::KinshipSearch, "missing_relative"));
    for &act in AccessAct::ALL {
        assert!(!search("crime_investigation", act, "missing_relative"));
        assert!(!search("missing_person", act, "convicted"));
    }
}
