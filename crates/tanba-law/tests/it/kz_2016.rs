//! The regime of the article: who must, may and must not.

use crate::{DAY, codes, decide, is, pack, person};
use jiff::civil::{Date, date};
use tanba_law::{
    CheckError, Condition, ConsequenceKind, Duty, Fact, LeapBirthday, Mode, Status, Subject, Trigger, age_on, check,
};

const PACK: &str = "kz-2016-as-enacted";

fn on(born: Date, day: Date, trigger: Trigger) -> (Duty, String) {
    let subject = Subject::new(Status::Citizen, born, trigger);
    let decision = check(pack(PACK), &subject, day, None, Mode::Production).unwrap();
    (decision.decision, decision.clause)
}

#[test]
fn bands_begin_on_the_birthday_itself() {
    let (must, may, not) = (Duty::Must, Duty::May, Duty::MustNot);
    let born = date(2010, 5, 20);
    for (day, duty, clause) in [
        (date(2022, 5, 19), not, "child-under-12"),
        (date(2022, 5, 20), may, "minor-12-to-15"),
        (date(2022, 5, 21), may, "minor-12-to-15"),
        (date(2026, 5, 19), may, "minor-12-to-15"),
        (date(2026, 5, 20), must, "citizen-from-16"),
        (date(2026, 5, 21), must, "citizen-from-16"),
    ] {
        assert_eq!(on(born, day, Trigger::Passport), (duty, clause.to_owned()), "{day}");
    }
    // New Year's birthdays, and the last day of a year.
    assert_eq!(on(date(2010, 1, 1), date(2025, 12, 31), Trigger::Passport).0, may);
    assert_eq!(on(date(2010, 1, 1), date(2026, 1, 1), Trigger::Passport).0, must);
    // Born on 29 February: 12 and 16 years later there is one.
    assert_eq!(on(date(2012, 2, 29), date(2024, 2, 28), Trigger::Passport).0, not);
    assert_eq!(on(date(2012, 2, 29), date(2024, 2, 29), Trigger::Passport).0, may);
    assert_eq!(on(date(2012, 2, 29), date(2028, 2, 28), Trigger::Passport).0, may);
    assert_eq!(on(date(2012, 2, 29), date(2028, 2, 29), Trigger::Passport).0, must);
}

#[test]
fn a_leap_day_birth_completes_a_common_year_on_the_day_the_pack_says() {
    let born = date(2012, 2, 29);
    for (day, march, february) in [
        (date(2025, 2, 27), 12, 12),
        (date(2025, 2, 28), 12, 13),
        (date(2025, 3, 1), 13, 13),
        (date(2024, 2, 28), 11, 11),
        (date(2024, 2, 29), 12, 12),
    ] {
        assert_eq!(age_on(born, day, LeapBirthday::FirstOfMarch), Some(march), "{day}");
        assert_eq!(age_on(born, day, LeapBirthday::LastOfFebruary), Some(february), "{day}");
    }
    assert_eq!(age_on(date(2012, 3, 1), date(2012, 2, 29), LeapBirthday::FirstOfMarch), None);
    assert_eq!(age_on(born, born, LeapBirthday::FirstOfMarch), Some(0));
    // 2100 is not a leap year: the sixteenth birthday of a person born on 29 February 2084.
    assert_eq!(age_on(date(2084, 2, 29), date(2100, 2, 28), LeapBirthday::FirstOfMarch), Some(15));
    assert_eq!(age_on(date(2084, 2, 29), date(2100, 3, 1), LeapBirthday::FirstOfMarch), Some(16));
}

/// Every status, age band and event, against the table that the article gives. What it does not list is not allowed.
#[test]
fn every_status_age_and_event_has_the_answer_of_the_article() {
    let mut must = 0;
    for &status in Status::ALL {
        for age in [0, 5, 11, 12, 13, 15, 16, 17, 40, 79, 80, 100] {
            for &trigger in Trigger::ALL {
                let foreign = matches!(status, Status::Foreigner | Status::Stateless);
                let listed =
                    matches!(trigger, Trigger::ResidencePermit | Trigger::DomesticWorkerPermit | Trigger::Expulsion)
                        || (status == Status::Stateless && trigger == Trigger::StatelessCertificate);
                let expected = match (status, age) {
                    (_, ..12) => Duty::MustNot,
                    (Status::Citizen, 12..16) if trigger == Trigger::Passport => Duty::May,
                    (Status::Citizen, 16..) => Duty::Must,
                    (_, 16..) if foreign && listed => Duty::Must,
                    _ => Duty::MustNot,
                };
                let decision = decide(PACK, &person(status, age, trigger));
                assert_eq!(decision.decision, expected, "{status} {age} {trigger}");
                assert_eq!(decision.consequences.is_empty(), expected != Duty::Must, "{status} {age} {trigger}");
                assert!(pack(PACK).clause(&decision.clause).is_some());
                must += usize::from(expected == Duty::Must);
            }
        }
    }
    assert!(must > 100, "the table must not be empty by accident");
}

#[test]
fn a_citizen_is_bound_always_but_registered_only_on_a_lawful_occasion() {
    let at_the_centre = decide(PACK, &person(Status::Citizen, 30, Trigger::IdentityCard));
    assert!(at_the_centre.allows_capture());
    let at_the_border = decide(PACK, &person(Status::Citizen, 30, Trigger::BorderEntry));
    assert_eq!((at_the_border.decision, codes(&at_the_border)), (Duty::Must, vec!["occasion"]));
    assert!(!at_the_border.allows_capture());
}

#[test]
fn a_minor_needs_the_guardians_consent_and_the_guardians_presence() {
    let minor = person(Status::Citizen, 13, Trigger::Passport);
    assert_eq!(codes(&decide(PACK, &minor)), ["guardian_consent", "guardian_presence"]);
    let consent = minor.clone().with(Fact::GuardianConsent, true);
    assert_eq!(codes(&decide(PACK, &consent)), ["guardian_presence"]);
    let refused = consent.clone().with(Fact::GuardianPresence, false);
    assert_eq!(codes(&decide(PACK, &refused)), ["guardian_presence"]);
    let both = decide(PACK, &consent.with(Fact::GuardianPresence, true));
    assert!(both.allows_capture());
    assert!(both.consequences.is_empty(), "nothing follows from not using a permission");
    // The child's own consent, even written, replaces neither.
    let own = minor.with(Fact::Consent, true).with(Fact::WrittenConsent, true);
    assert_eq!(codes(&decide(PACK, &own)), ["guardian_consent", "guardian_presence"]);
    // On an identity card there is no basis at that age, whoever consents.
    let card = person(Status::Citizen, 13, Trigger::IdentityCard)
        .with(Fact::GuardianConsent, true)
        .with(Fact::GuardianPresence, true);
    let refused = decide(PACK, &card);
    assert!(is(&refused, Duty::MustNot, "no-basis"));
    assert!(
        refused.missing.is_empty() && !refused.allows_capture(),
        "nothing is missing, and still nothing may be taken"
    );
}

#[test]
fn only_the_loss_of_all_fingers_or_all_patterns_exempts() {
    let mut subject = person(Status::Citizen, 50, Trigger::IdentityCard);
    for present in 1..=10 {
        subject.fingers.present = present;
        assert!(is(&decide(PACK, &subject), Duty::Must, "citizen-from-16"), "{present} fingers");
    }
    subject.fingers.present = 0;
    let exempt = decide(PACK, &subject);
    assert!(is(&exempt, Duty::MustNot, "exempt-no-fingers"));
    assert!(exempt.consequences.is_empty());
    assert!(exempt.obligations.iter().any(|duty| duty.code == "issue-without-prints"), "the document is still issued");
    assert_eq!(exempt.reasons[1].clause, "citizen-from-16", "the rule exempted from is named too");

    let (worn, _) = Subject::from_json(
        r#"{"status":"citizen","born":"1970-01-01","trigger":"passport","fingers":{"papillary_absent":"both_hands"}}"#,
    )
    .unwrap();
    assert!(is(&decide(PACK, &worn), Duty::MustNot, "exempt-no-patterns"));
    let (one_hand, notes) = Subject::from_json(
        r#"{"status":"citizen","born":"1970-01-01","trigger":"passport","fingers":{"papillary_absent":"left"}}"#,
    )
    .unwrap();
    assert!(notes.is_empty());
    assert!(is(&decide(PACK, &one_hand), Duty::Must, "citizen-from-16"));
}

#[test]
fn an_injury_postpones_and_does_not_exempt() {
    let mut subject = person(Status::Citizen, 50, Trigger::IdentityCard);
    subject.fingers.injury = true;
    let open = decide(PACK, &subject);
    assert_eq!((open.decision, codes(&open)), (Duty::Must, vec!["recovery", "recall_date"]));
    assert!(open.obligations.iter().any(|duty| duty.code == "call-again" && duty.due.is_none()));
    subject.fingers.injury_until = Some(date(2026, 8, 1));
    let dated = decide(PACK, &subject);
    assert_eq!(codes(&dated), ["recovery"]);
    assert!(dated.obligations.iter().any(|duty| duty.due == Some(date(2026, 8, 1))));
    subject.fingers.injury_until = Some(DAY);
    assert_eq!(
        codes(&decide(PACK, &subject)),
        ["recovery", "recall_date"],
        "a day that has come is no date to come again"
    );
}

#[test]
fn consequences_stand_in_order_with_their_amounts_and_never_happen_by_themselves() {
    let refuser = |refusals, paid| Subject {
        prior_refusals: refusals,
        fine_paid: paid,
        ..person(Status::Citizen, 30, Trigger::Passport)
    };
    let possible = |refusals, paid| -> Vec<bool> {
        decide(PACK, &refuser(refusals, paid)).consequences.iter().map(|step| step.possible_now).collect()
    };
    assert_eq!(possible(0, false), [false, false]);
    assert_eq!(possible(1, false), [true, false]);
    assert_eq!(possible(7, false), [true, false], "no denial before the fine is paid, however often refused");
    assert_eq!(possible(1, true), [false, false], "no denial before a refusal after the fine");
    assert_eq!(possible(2, true), [false, true]);

    let steps = decide(PACK, &refuser(1, false)).consequences;
    assert_eq!([steps[0].kind, steps[1].kind], [ConsequenceKind::Fine, ConsequenceKind::DenyDocument]);
    assert!(steps.iter().all(|step| !step.automatic));
    let amount = steps[0].amount.clone().unwrap();
    assert_eq!((amount.units, amount.index.as_deref(), amount.value), (Some(5), Some("KZ_MCI"), Some(21_625)));
    // A domestic worker's permit is not an identity document: there is a fine, and nothing to deny.
    assert_eq!(decide(PACK, &person(Status::Foreigner, 30, Trigger::DomesticWorkerPermit)).consequences.len(), 1);
}

#[test]
fn the_fine_follows_the_index_of_its_day_and_stays_in_units_where_that_is_not_known() {
    let subject = Subject::new(Status::Citizen, date(1990, 1, 1), Trigger::Passport);
    for (day, tenge) in [
        (date(2021, 1, 1), Some(14_585)),
        (date(2022, 3, 31), Some(15_315)),
        (date(2022, 4, 1), Some(15_900)),
        (date(2025, 12, 31), Some(19_660)),
        (date(2026, 1, 1), Some(21_625)),
        (date(2027, 1, 1), None),
    ] {
        let decision = check(pack(PACK), &subject, day, None, Mode::Production).unwrap();
        let amount = decision.consequences[0].amount.clone().unwrap();
        assert_eq!((amount.units, amount.value), (Some(5), tenge), "{day}");
        assert_eq!(decision.diagnostics.iter().any(|note| note.code == "amount_not_known"), tenge.is_none());
    }
}

#[test]
fn what_is_not_given_is_named() {
    let decision = decide(PACK, &Subject::default());
    assert!(is(&decision, Duty::MustNot, "child-under-12"), "until the age is known, the person may be a child");
    assert_eq!(codes(&decision), ["status", "born", "trigger"]);
    let (stranger, notes) =
        Subject::from_json(r#"{"status":"citizen","born":"1990-01-01","trigger":"lottery","colour":"blue"}"#).unwrap();
    assert_eq!(notes.iter().map(|note| note.code).collect::<Vec<_>>(), ["unknown_trigger", "unknown_key"]);
    let decision = decide(PACK, &stranger);
    assert_eq!((decision.decision, codes(&decision)), (Duty::Must, vec!["trigger"]));
    assert!(!decision.allows_capture());
}

#[test]
fn dates_outside_the_law_and_the_world_are_named() {
    let subject = Subject::new(Status::Citizen, date(1990, 1, 1), Trigger::Passport);
    let ask = |subject: &Subject, day, known| check(pack(PACK), subject, day, known, Mode::Production);
    let early = ask(&subject, date(2020, 12, 31), None).unwrap_err();
    assert!(matches!(early, CheckError::OutsideValidity { .. }));
    assert!(early.to_string().contains("2021-01-01"), "{early}");
    assert!(ask(&subject, date(2021, 1, 1), None).is_ok());
    let unknown = ask(&subject, DAY, Some(date(2016, 12, 29))).unwrap_err();
    assert!(matches!(unknown, CheckError::NotYetKnown { .. }));
    assert!(unknown.to_string().contains("2016-12-30"), "{unknown}");
    assert!(ask(&subject, DAY, Some(date(2016, 12, 30))).is_ok());
    let unborn = Subject { born: Some(date(2026, 6, 16)), ..subject.clone() };
    assert_eq!(ask(&unborn, DAY, None), Err(CheckError::BornInFuture));
    let old = ask(&Subject { born: Some(date(1890, 1, 1)), ..subject }, DAY, None).unwrap();
    assert_eq!((old.decision, codes(&old)), (Duty::Must, vec!["born_verified"]));
}

#[test]
fn a_decision_is_the_same_to_the_byte_when_asked_again_and_cites_its_pack() {
    let subject = person(Status::Citizen, 30, Trigger::Passport);
    let once = serde_json::to_string(&decide(PACK, &subject)).unwrap();
    assert_eq!(once, serde_json::to_string(&decide(PACK, &subject)).unwrap());
    let json: serde_json::Value = serde_json::from_str(&once).unwrap();
    assert_eq!(json["decision"], "must");
    assert_eq!(json["pack"], PACK);
    assert_eq!(json["pack_hash"], pack(PACK).hash().to_string());
    for key in ["missing", "obligations", "consequences"] {
        assert!(json[key].is_array(), "{key}");
    }
    assert!(json["reasons"][0]["text"]["kk"].is_string());
}

#[test]
fn exemptions_can_be_given_by_name() {
    for condition in Condition::ALL {
        let text = format!(r#"{{"status":"citizen","born":"1990-01-01","trigger":"passport","exempt":"{condition}"}}"#);
        let (subject, notes) = Subject::from_json(&text).unwrap();
        assert!(notes.is_empty() && subject.is(*condition), "{condition}");
    }
    // Diplomatic status is not settled by this pack: it changes nothing, and says so.
    let diplomat = Subject { diplomatic: true, ..person(Status::Citizen, 40, Trigger::Passport) };
    let decision = decide(PACK, &diplomat);
    assert_eq!(decision.decision, Duty::Must);
    assert!(decision.diagnostics.iter().any(|note| note.code == "diplomatic_not_settled"));
}

#[test]
fn a_person_who_is_registered_is_linked_and_not_registered_again() {
    let known = Subject { registered_before: true, ..person(Status::Citizen, 40, Trigger::Passport) };
    assert!(decide(PACK, &known).obligations.iter().any(|duty| duty.code == "link-registered"));
}
