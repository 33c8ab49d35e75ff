//! Sentences of the project's list of controls that belong to the evaluation of the law, each under its id.

use crate::zedland::{FACE, STRUCK, ZEDLAND};
use crate::{DAY, codes, pack, person, sheet};
use jiff::civil::{Date, date};
use tanba_law::{
    AccessAct, AccessDecision, AccessRequest, CheckError, Condition, ConsequenceKind, DataClass, Decision, Duty,
    ExemptionEffect, Fact, Library, Modality, Mode, Pack, RefusalEvent, RefusalHistory, RefusalKind, RefusalState,
    SanctionFacts, Status, Subject, Trigger, access, check, refusal_step, transfer,
};

fn ask(pack: &Pack, subject: &Subject, day: Date) -> Decision {
    check(pack, subject, day, None, Mode::Production).unwrap()
}

fn in_zedland(subject: &Subject) -> (Duty, String) {
    let decision = ask(&ZEDLAND, subject, DAY);
    (decision.decision, decision.clause)
}

#[test]
fn control_a2_the_library_answers_as_the_law_was_known_on_any_day() {
    let library = Library::embedded();
    let citizen = Subject::new(Status::Citizen, date(1990, 1, 1), Trigger::IdentityCard);
    let ask = |day, known| {
        let pack = library.in_force("KZ", Modality::Fingerprint, day, known).unwrap();
        check(pack, &citizen, day, Some(known), Mode::Production).unwrap()
    };
    let (eve, new_year) = (date(2023, 12, 31), date(2024, 1, 1));
    assert_eq!((ask(eve, DAY).decision, ask(eve, DAY).pack.as_str()), (Duty::Must, "kz-2016-as-enacted"));
    assert_eq!((ask(new_year, DAY).decision, ask(new_year, DAY).pack.as_str()), (Duty::May, "kz-2024-in-force"));
    // What was answered before the amendment was known is answered again, to the byte.
    let then = date(2023, 12, 30);
    let text = |decision: &Decision| serde_json::to_string(decision).unwrap();
    let again = check(pack("kz-2016-as-enacted"), &citizen, new_year, Some(then), Mode::Production).unwrap();
    assert_eq!(text(&ask(new_year, then)), text(&again));
    assert_eq!(ask(new_year, then).decision, Duty::Must);
    // Before anything was known, and before anything held, there is no answer.
    assert!(library.in_force("KZ", Modality::Fingerprint, new_year, date(2016, 12, 29)).is_none());
    assert!(library.in_force("KZ", Modality::Fingerprint, date(2020, 12, 31), DAY).is_none());
    assert!(library.in_force("KZ", Modality::Iris, DAY, DAY).is_none());
}

#[test]
fn control_a3_in_production_an_act_on_an_unknown_field_is_denied_and_other_acts_go_on() {
    let kz = pack("kz-2016-as-enacted");
    let request = request("border_service", "border_control", AccessAct::Verify, "civil", None);
    let denied = access(kz, &request, DAY, Mode::Production);
    assert_eq!((denied.permit, denied.reason_code, denied.clause.as_str()), (false, "access_unknown", "access"));
    let assumed = access(kz, &request, DAY, Mode::Demonstration(sheet()));
    assert!(assumed.permit && assumed.demonstration && !assumed.assumed.is_empty());
    assert_eq!(ask(kz, &person(Status::Citizen, 30, Trigger::Passport), DAY).decision, Duty::Must);
}

#[test]
fn control_a6_exemptions_are_per_modality_and_may_be_temporary() {
    let aged = person(Status::Foreigner, 85, Trigger::BorderEntry);
    assert_eq!(in_zedland(&aged), (Duty::MustNot, "aged-traveller".to_owned()));
    assert_eq!(ask(&FACE, &aged, DAY).decision, Duty::Must, "the photo is still taken");

    let traveller = person(Status::Foreigner, 40, Trigger::BorderEntry);
    let hurt = Subject { impossible: Some(Condition::TemporarilyImpossible), ..traveller.clone() };
    let waits = ask(&ZEDLAND, &hurt, DAY);
    assert_eq!((waits.decision, waits.allows_capture()), (Duty::Must, false));
    assert!(waits.obligations.iter().any(|duty| duty.code == "come-back"), "a task follows");
    let later = ask(&ZEDLAND, &traveller, DAY);
    assert!(later.allows_capture() && later.obligations.iter().all(|duty| duty.code != "come-back"), "and clears");
    let never = Subject { impossible: Some(Condition::PhysicallyImpossible), ..traveller.clone() };
    assert_eq!(in_zedland(&never), (Duty::MustNot, "impossible".to_owned()));

    let mut fingers = person(Status::Citizen, 40, Trigger::Passport);
    for (present, duty) in [(0, Duty::MustNot), (1, Duty::Must), (10, Duty::Must)] {
        fingers.fingers.present = present;
        assert_eq!(ask(pack("kz-2016-as-enacted"), &fingers, DAY).decision, duty, "{present}");
    }
}

#[test]
fn control_a7_consequences_come_in_order_and_never_by_themselves() {
    let steps = ask(&ZEDLAND, &person(Status::Citizen, 30, Trigger::Arrest), DAY).consequences;
    let kinds: Vec<_> = steps.iter().map(|step| (step.kind, step.automatic, step.possible_now)).collect();
    assert_eq!(kinds, [(ConsequenceKind::Fine, false, false), (ConsequenceKind::Imprison, false, false)]);
    let fine = steps[0].amount.clone().unwrap();
    assert_eq!((fine.units, fine.value, fine.currency.as_deref()), (None, Some(15_000), Some("EUR")));
    assert_eq!(steps[1].term.as_deref(), Some("P1Y"));
    // A citizen who declines in 2024: nothing follows, and the document is issued.
    let history = RefusalHistory {
        status: Status::Citizen,
        trigger: Trigger::Passport,
        obliged: false,
        events: vec![RefusalEvent { on: DAY, kind: RefusalKind::Refused }],
    };
    let answer = refusal_step(pack("kz-2024-in-force"), &history, DAY, Mode::Production).unwrap();
    assert_eq!((answer.state, answer.step, answer.interim_document), (RefusalState::NoDuty, None, true));
}

#[test]
fn control_a8_a_struck_pack_stops_collection_and_use_on_the_day() {
    let traveller = person(Status::Foreigner, 40, Trigger::BorderEntry);
    let on = date(2025, 10, 5);
    assert!(ask(&STRUCK, &traveller, date(2025, 10, 4)).allows_capture());
    for day in [on, DAY] {
        let stopped = check(&STRUCK, &traveller, day, None, Mode::Production).unwrap_err();
        assert!(matches!(stopped, CheckError::Struck { .. }), "{day}");
    }
    let police = request("police", "crime_investigation", AccessAct::Read, "convicted", Some(order("court")));
    assert!(access(&STRUCK, &police, date(2025, 10, 4), Mode::Production).permit);
    let denied = access(&STRUCK, &police, on, Mode::Production);
    assert_eq!((denied.permit, denied.reason_code, denied.clause.as_str()), (false, "pack_struck", "struck"));
    assert!(STRUCK.clause("struck").is_some());
    let supervisor = request("data_protection", "supervision", AccessAct::Read, "all", None);
    assert!(access(&STRUCK, &supervisor, on, Mode::Production).permit, "the deletion is watched");
    let history = RefusalHistory {
        status: Status::Foreigner,
        trigger: Trigger::BorderEntry,
        obliged: true,
        events: vec![RefusalEvent { on: date(2025, 10, 1), kind: RefusalKind::Refused }],
    };
    assert!(refusal_step(&STRUCK, &history, on, Mode::Production).is_err(), "nobody is punished under it any more");
    assert!(Library::embedded().in_force("ZZ", Modality::Fingerprint, on, DAY).is_none());
}

#[test]
fn control_a9_five_units_are_worth_what_the_table_of_the_year_says() {
    let refuser = Subject::new(Status::Citizen, date(1980, 1, 1), Trigger::Arrest);
    // 2020: 2,651 until March, 2,778 from April (the index of that year had two values); 2021: 2,917; 2026: 4,325.
    for (day, tenge) in [
        (date(2020, 1, 1), 13_255),
        (date(2020, 3, 31), 13_255),
        (date(2020, 4, 1), 13_890),
        (date(2021, 1, 1), 14_585),
        (date(2026, 12, 31), 21_625),
    ] {
        let amount = ask(&ZEDLAND, &refuser, day).consequences[1].amount.clone().unwrap();
        assert_eq!((amount.units, amount.value), (Some(5), Some(tenge)), "{day}");
    }
}

#[test]
fn control_b1_b3_nothing_may_be_taken_before_every_condition_is_given() {
    let volunteer = person(Status::Citizen, 30, Trigger::OwnRequest);
    let open = ask(&ZEDLAND, &volunteer, DAY);
    assert_eq!((open.decision, codes(&open), open.allows_capture()), (Duty::May, vec!["written_consent"], false));
    let spoken = ask(&ZEDLAND, &volunteer.clone().with(Fact::Consent, true), DAY);
    assert!(!spoken.allows_capture(), "a spoken consent is none in writing");
    assert!(ask(&ZEDLAND, &volunteer.clone().with(Fact::WrittenConsent, true), DAY).allows_capture());
    let minor = person(Status::Citizen, 13, Trigger::Passport).with(Fact::GuardianConsent, true);
    let absent = ask(pack("kz-2024-in-force"), &minor, DAY);
    assert_eq!((codes(&absent), absent.allows_capture()), (vec!["guardian_presence"], false));
    let convict = Subject { offence: Some("theft".to_owned()), ..person(Status::Citizen, 30, Trigger::Conviction) };
    assert_eq!(codes(&ask(&ZEDLAND, &convict, DAY)), ["judgment_final"]);
}

#[test]
fn control_b4_a_consent_can_be_taken_back_and_the_document_stays() {
    let withdrawal = ZEDLAND.withdrawal().known().unwrap();
    assert!(withdrawal.document_stays);
    let kz = pack("kz-2024-in-force");
    assert!(kz.withdrawal().known().is_none(), "what Kazakhstan provides is not known");
    assert!(kz.open_questions().iter().any(|clause| clause.code == "withdrawal"));
}

#[test]
fn control_b5_the_pack_says_how_many_fingers_may_be_taken() {
    assert_eq!(ZEDLAND.samples().known().unwrap().max_fingers, Some(4));
    assert_eq!(pack("kz-2024-in-force").samples().known().unwrap().max_fingers, Some(10));
}

#[test]
fn control_b6_who_is_exempt_is_told_what_happens_instead() {
    for pack in Library::embedded().packs().iter().chain([&*ZEDLAND]) {
        // A regime that was struck down is asked on its first day; one that holds on no day is not asked.
        let day = if pack.in_force(DAY, None).is_ok() { DAY } else { pack.valid_from() };
        for exemption in pack.exemptions().iter().filter(|_| pack.in_force(day, None).is_ok()) {
            let subject_to = |subject: &Subject| {
                let on_event = exemption.only_on.is_empty() || exemption.only_on.contains(&subject.trigger.unwrap());
                on_event && ask(pack, subject, day).decision != Duty::MustNot
            };
            let people = Status::ALL.iter().flat_map(|&status| {
                Trigger::ALL.iter().map(move |&trigger| Subject::new(status, date(1974, 6, 15), trigger))
            });
            let mut subject = people.into_iter().find(subject_to).expect("an exemption is from something");
            match exemption.condition {
                Condition::NoFingersBothHands => subject.fingers.present = 0,
                Condition::NoPapillaryPatternsBothHands => subject.fingers.no_papillary_patterns = true,
                Condition::HandInjury => subject.fingers.injury = true,
                Condition::Diplomatic => subject.diplomatic = true,
                state => subject.impossible = Some(state),
            }
            let decision = ask(pack, &subject, day);
            let told = format!("{} {}", pack.id(), exemption.code);
            assert!(decision.reasons.iter().any(|reason| reason.clause == exemption.code), "{told}");
            if exemption.effect == ExemptionEffect::NotKnown {
                assert!(codes(&decision).contains(&"exemption_not_known") && !decision.allows_capture(), "{told}");
            } else {
                assert!(!decision.obligations.is_empty(), "{told}");
            }
        }
    }
}

#[test]
fn control_b7_who_is_registered_is_linked() {
    let known = Subject { registered_before: true, ..person(Status::Foreigner, 40, Trigger::BorderEntry) };
    assert!(ask(&ZEDLAND, &known, DAY).obligations.iter().any(|duty| duty.code == "link"));
}

const NOW: i64 = 1_781_500_000_000_000;

fn order(authority: &str) -> SanctionFacts {
    SanctionFacts {
        authority: authority.to_owned(),
        valid_from: NOW - 1,
        valid_to: NOW + 1,
        uses_left: 1,
        purposes: vec!["terrorism".to_owned(), "crime_investigation".to_owned()],
        subject_matches: true,
        separate_persons: true,
        within_term: true,
    }
}

fn request(
    body: &str,
    purpose: &str,
    act: AccessAct,
    population: &str,
    sanction: Option<SanctionFacts>,
) -> AccessRequest {
    AccessRequest {
        body: Some(body.to_owned()),
        officer_present: true,
        purpose: Some(purpose.to_owned()),
        legal_basis: Some("Act 1".to_owned()),
        case_present: true,
        data: DataClass::BiometricTemplate,
        act,
        population: population.to_owned(),
        sanction,
        urgent: false,
        searched: Vec::new(),
        at: NOW,
    }
}

#[test]
fn control_j9_only_a_listed_partner_abroad_gets_an_answer_and_only_on_a_sanction() {
    let to = |partner: &str, purpose: &str, sanction| {
        transfer(
            &ZEDLAND,
            &request(partner, purpose, AccessAct::Identify, "convicted", sanction),
            DAY,
            Mode::Production,
        )
    };
    let yes: AccessDecision = to("interpol", "terrorism", Some(order("court")));
    assert_eq!((yes.permit, yes.clause.as_str(), yes.fields.len()), (true, "to-interpol", 1));
    assert!(yes.consumes_sanction);
    for (partner, purpose, sanction, reason) in [
        ("interpol", "terrorism", None, "sanction_missing"),
        ("interpol", "terrorism", Some(order("prosecutor")), "sanction_wrong_authority"),
        ("interpol", "crime_investigation", Some(order("court")), "purpose_not_listed"),
        ("other_country", "terrorism", Some(order("court")), "body_not_listed"),
        // A body at home is no partner abroad, and the other way round.
        ("police", "crime_investigation", Some(order("court")), "body_not_listed"),
    ] {
        let no = to(partner, purpose, sanction);
        assert_eq!((no.permit, no.reason_code), (false, reason), "{partner} {purpose}");
        assert!(ZEDLAND.clause(&no.clause).is_some() && no.fields.is_empty());
    }
    let home = request("interpol", "terrorism", AccessAct::Identify, "convicted", Some(order("court")));
    assert_eq!(access(&ZEDLAND, &home, DAY, Mode::Production).reason_code, "body_not_listed");
    // Where the pack does not know its partners, nobody is one; a demonstration fills this with nothing.
    let kz = transfer(pack("kz-2024-in-force"), &home, DAY, Mode::Demonstration(sheet()));
    assert_eq!((kz.permit, kz.reason_code, kz.clause.as_str()), (false, "access_unknown", "transfers"));
}
