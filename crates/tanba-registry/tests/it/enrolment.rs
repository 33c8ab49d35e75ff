//! Lawful enrolment: what must be on record before a finger is taken, and what follows from it.

use jiff::{SignedDuration, Span};
use tanba_formats::Finger;
use tanba_registry::{
    Capture, Confirmation, Consent, ConsentKind, DocumentEvent, DocumentState, EncounterState, Exemption, LogFilter,
    Personalisation, Postponement, RegistryError, Revision, ShownText, Verdict,
};
use tanba_synth::{Person, PersonSpec};

use crate::citizen::citizen;
use crate::house::{
    FINGERS, House, TODAY, adult, all_files, consent, denied, house, house_under, house_with, identity_of, print,
    record, sign_in, teenager, today, words,
};
use crate::law_in_use::{KZ_2016, KZ_2024, folder};

/// A register under the law that leaves it to citizens.
async fn voluntary_house(people: &[&Person]) -> House {
    let records = people.iter().map(|p| record(p, &[])).collect();
    house_under(records, "kz", &folder(&[("kz-2024", KZ_2024)]), today()).await
}

/// A register with a child and a parent of it.
async fn family_house(parent: &Person, child: &Person) -> House {
    house_with(vec![record(parent, &[]), record(child, &[parent])]).await
}

fn finger_of(person: &Person, finger: Finger) -> Capture {
    Capture { finger, image: print(person, finger, 1), ppi: None }
}

async fn counted(house: &House, count: &'static str) -> i64 {
    let path = house.data().join("tanba.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::query_scalar(count).fetch_one(&pool).await.unwrap()
}

const SAMPLES: &str = "SELECT COUNT(*) FROM samples";

#[tokio::test]
async fn control_b2_a_consent_that_lacks_a_part_is_denied_by_the_name_of_the_part() {
    let aida = adult(11);
    let house = voluntary_house(&[&aida]).await;
    let id = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    let whole = || consent(ConsentKind::SubjectConsent, aida.iin.as_str());
    type Take = fn(&mut Consent);
    let lacking: [(&str, Take); 8] = [
        ("given_by", |c| c.given_by.clear()),
        ("text_version", |c| c.text.version.clear()),
        ("text_hash", |c| c.text_hash.clear()),
        ("text", |c| c.text.words.clear()),
        ("language", |c| c.text.language.clear()),
        ("modality", |c| c.modality = "  ".to_owned()),
        ("evidence", |c| c.evidence.clear()),
        ("reference", |c| c.reference.clear()),
    ];
    for (n, (field, take)) in lacking.into_iter().enumerate() {
        let mut consent = whole();
        take(&mut consent);
        let before = house.registry.denials().await.unwrap();
        let answer = house.registry.record_consent(&house.operator, id, &consent).await;
        let Err(RegistryError::Denied(denial)) = answer else { panic!("{field}: {answer:?}") };
        assert_eq!(denial.code, format!("consent_lacks_{field}"));
        assert!(denial.text.contains(field) && denial.clause == "citizen-from-16", "{denial:?}");
        assert_eq!(house.registry.denials().await.unwrap(), before + 1, "{n}: in the log");
    }
    assert_eq!(counted(&house, "SELECT COUNT(*) FROM consents").await, 0);
    // Neither other words under this hash, nor the operator's word where the law does not take it, nor somebody else.
    let mut other_words = whole();
    other_words.text.words.push('!');
    let stated = Consent::new(
        ConsentKind::SubjectConsent,
        aida.iin.as_str(),
        words(),
        "spoken",
        Confirmation::OperatorStatement,
    );
    let stranger = consent(ConsentKind::SubjectConsent, adult(12).iin.as_str());
    for (consent, code) in
        [(other_words, "consent_text_differs"), (stated, "consent_unsigned"), (stranger, "not_the_person")]
    {
        assert_eq!(denied(house.registry.record_consent(&house.operator, id, &consent).await), code);
    }
    assert_eq!(denied(house.capture_all(id, &aida, 1).await), "not_yet_lawful");
    house.registry.record_consent(&house.operator, id, &whole()).await.unwrap();
    house.capture_all(id, &aida, 1).await.unwrap();
    // The same version in other words would make two texts of one.
    let second = Consent::new(
        ConsentKind::SubjectConsent,
        aida.iin.as_str(),
        ShownText { words: "Басқа сөздер".to_owned(), ..words() },
        "written",
        Confirmation::SignatureOnPad,
    )
    .signed("pad 1");
    let answer = house.registry.record_consent(&house.operator, id, &second).await;
    assert!(matches!(answer, Err(RegistryError::Conflict { .. })), "{answer:?}");
}

#[tokio::test]
async fn control_b2_a_consent_is_sealed_shown_to_the_person_and_cited_in_the_log() {
    let aida = adult(11);
    let house = voluntary_house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    house.say(encounter.id, ConsentKind::SubjectConsent, &aida).await.unwrap();
    house.capture_all(encounter.id, &aida, 1).await.unwrap();
    house.registry.complete(&house.operator, encounter.id).await.unwrap();

    let receipt = house.registry.issue_receipt(&house.operator, encounter.id).await.unwrap();
    let again = house.registry.receipt_of(&house.operator, encounter.id, &receipt.code).await.unwrap();
    let own = citizen(&house, "aida", encounter.person).await;
    let page = house.registry.own_page(&own, None, 50).await.unwrap();
    for given in [&receipt.consents[0], &again.consents[0], &page.consents[0]] {
        assert_eq!((given.kind, given.given_by.as_deref()), (ConsentKind::SubjectConsent, Some(aida.iin.as_str())));
        assert_eq!((given.reference.as_deref(), given.evidence.as_str()), (Some("sheet 17"), "signature_on_paper"));
        assert_eq!((given.language.as_str(), given.modality.as_str()), ("kk", "written"));
        // Whoever holds the words can recompute the hash.
        let shown = ShownText { words: given.words.clone().unwrap(), ..words() };
        assert_eq!(given.text_hash.as_deref(), Some(shown.hash().as_str()));
    }
    let log = house.registry.supervise(&house.supervisor, 0, 500).await.unwrap();
    let entry = |event: &str| log.iter().find(|entry| entry.look.event == event).unwrap();
    let recorded = entry("consent.recorded");
    assert_eq!(recorded.details["text_hash"], words().hash());
    assert_eq!(recorded.look.clause.as_deref(), Some("citizen-from-16"));
    assert_eq!(entry("registration.activated").details["consents"][0], recorded.details["consent"]);
    // Nothing of it lies in the open.
    for (path, bytes) in all_files(&house.data()) {
        for secret in ["sheet 17", "Келісесіз", aida.iin.as_str()] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} lies in {}", path.display());
        }
    }
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_b2_where_the_law_makes_it_a_duty_no_consent_is_asked() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    assert_eq!((encounter.law.category.as_str(), encounter.law.missing.len()), ("must", 0));
    assert_eq!(denied(house.say(encounter.id, ConsentKind::SubjectConsent, &aida).await), "consent_not_asked");
    house.say(encounter.id, ConsentKind::Explanation, &aida).await.unwrap();
    house.capture_all(encounter.id, &aida, 1).await.unwrap();
}

#[tokio::test]
async fn control_b2_the_operators_word_is_enough_where_the_pack_says_so() {
    let aida = adult(11);
    let pack = KZ_2024.replacen("- fact: consent\n", "- fact: consent\n        by_statement: true\n", 1);
    assert_ne!(pack, KZ_2024);
    let house = house_under(vec![record(&aida, &[])], "kz", &folder(&[("kz-2024", &pack)]), today()).await;
    let id = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    let (kind, by) = (ConsentKind::SubjectConsent, Confirmation::OperatorStatement);
    let said = Consent::new(kind, aida.iin.as_str(), words(), "spoken", by);
    house.registry.record_consent(&house.operator, id, &said).await.unwrap();
    house.capture_all(id, &aida, 1).await.unwrap();
}

#[tokio::test]
async fn control_b1_without_a_recorded_basis_nothing_is_taken_and_no_device_opens() {
    let aida = adult(11);
    let house = voluntary_house(&[&aida]).await;
    let begun = house.open(&aida, "identity_card", "k1").await.unwrap();
    assert_eq!(begun.capture_permit, None, "no permit before the consent");
    let before = house.registry.denials().await.unwrap();
    let answer = house.registry.capture(&house.operator, begun.id, finger_of(&aida, FINGERS[0])).await;
    let Err(RegistryError::Denied(denial)) = answer else { panic!("{answer:?}") };
    assert_eq!((denial.code.as_str(), denial.clause.as_str()), ("not_yet_lawful", "citizen-from-16"));
    let asked = house.registry.demand_capture_permit(&house.operator, begun.id, Some("00")).await;
    assert_eq!(denied(asked), "not_yet_lawful");
    assert_eq!((house.registry.denials().await.unwrap(), counted(&house, SAMPLES).await), (before + 2, 0));

    let lawful = house.say(begun.id, ConsentKind::SubjectConsent, &aida).await.unwrap();
    let permit = lawful.capture_permit.expect("the basis is on record");
    house.registry.demand_capture_permit(&house.operator, begun.id, Some(&permit)).await.unwrap();
    let permitted = |permit: Option<String>| {
        let house = &house;
        async move { house.registry.demand_capture_permit(&house.operator, begun.id, permit.as_deref()).await }
    };
    for wrong in [None, Some(String::new()), Some(permit.to_uppercase()), Some(permit[1..].to_owned())] {
        assert_eq!(denied(permitted(wrong).await), "no_capture_permit");
    }
    house.clock.advance(SignedDuration::from_hours(24));
    let operator = sign_in(&house.registry, "operator", Some("csc-1-a")).await;
    let late = house.registry.demand_capture_permit(&operator, begun.id, Some(&permit)).await;
    assert_eq!(denied(late), "no_capture_permit", "yesterday's permit opens nothing today");
}

#[tokio::test]
async fn control_b3_a_guardian_confirms_their_own_presence_and_consents_in_writing() {
    let (parent, child, stranger) = (adult(11), teenager(14), adult(13));
    let records = vec![record(&parent, &[]), record(&stranger, &[]), record(&child, &[&parent])];
    let house = house_with(records).await;
    let id = house.open(&child, "passport", "k1").await.unwrap().id;
    let capture = || house.registry.capture(&house.operator, id, finger_of(&child, FINGERS[0]));
    assert_eq!(denied(capture().await), "not_yet_lawful");
    assert_eq!(denied(house.say(id, ConsentKind::GuardianConsent, &stranger).await), "not_a_guardian");
    house.say(id, ConsentKind::GuardianConsent, &parent).await.unwrap();
    assert_eq!(denied(capture().await), "not_yet_lawful", "consent without presence is not enough");
    assert_eq!(denied(house.say(id, ConsentKind::GuardianPresence, &parent).await), "presence_by_own_event");

    let identify = |guardian| {
        let house = &house;
        async move { house.registry.identify_guardian(&house.operator, id, &guardian).await }
    };
    assert_eq!(denied(identify(identity_of(&stranger)).await), "not_a_guardian");
    let borrowed = tanba_registry::GuardianIdentity { document: "N00000000".to_owned(), ..identity_of(&parent) };
    assert_eq!(denied(identify(borrowed).await), "guardian_not_identified");
    let none = house.registry.confirm_guardian(&house.operator, id, "000000").await;
    assert!(matches!(none, Err(RegistryError::Conflict { .. })));
    let code = identify(identity_of(&parent)).await.unwrap().code.unwrap();
    let wrong = if code == "111111" { "222222" } else { "111111" };
    let confirm = |code: &str| {
        let code = code.to_owned();
        let house = &house;
        async move { house.registry.confirm_guardian(&house.operator, id, &code).await }
    };
    for _ in 0..3 {
        assert_eq!(denied(confirm(wrong).await), "guardian_code_wrong");
    }
    assert_eq!(denied(confirm(&code).await), "guardian_code_ended", "three guesses, and no more");
    let code = identify(identity_of(&parent)).await.unwrap().code.unwrap();
    house.clock.advance(SignedDuration::from_mins(16));
    assert_eq!(denied(confirm(&code).await), "guardian_code_ended");
    house.guardian_present(id, &parent).await.unwrap();
    capture().await.unwrap();
    // Yesterday's presence is none.
    house.clock.advance(SignedDuration::from_hours(24));
    let operator = sign_in(&house.registry, "operator", Some("csc-1-a")).await;
    let later = house.registry.capture(&operator, id, finger_of(&child, FINGERS[1])).await;
    assert_eq!(denied(later), "not_yet_lawful");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_b3_a_guardian_whose_authority_ended_counts_no_more() {
    let (parent, child) = (adult(11), teenager(14));
    let house = family_house(&parent, &child).await;
    let id = house.open(&child, "passport", "k1").await.unwrap().id;
    house.say(id, ConsentKind::GuardianConsent, &parent).await.unwrap();
    let code =
        house.registry.identify_guardian(&house.operator, id, &identity_of(&parent)).await.unwrap().code.unwrap();
    // A court takes the authority away while they stand at the counter.
    house.register.put(record(&child, &[]));
    let confirmed = house.registry.confirm_guardian(&house.operator, id, &code).await;
    assert_eq!(denied(confirmed), "not_a_guardian");
    house.register.put(record(&child, &[&parent]));
    house.guardian_present(id, &parent).await.unwrap();
    house.registry.capture(&house.operator, id, finger_of(&child, FINGERS[0])).await.unwrap();
    house.register.put(record(&child, &[]));
    let after = house.registry.capture(&house.operator, id, finger_of(&child, FINGERS[1])).await;
    assert_eq!(denied(after), "not_yet_lawful", "what was given while it stood does not outlive it");
    assert_eq!(denied(house.say(id, ConsentKind::GuardianConsent, &parent).await), "not_a_guardian");
}

#[tokio::test]
async fn control_b3_the_childs_own_no_stops_everything() {
    let (parent, child) = (adult(11), teenager(14));
    let house = family_house(&parent, &child).await;
    let id = house.open(&child, "passport", "k1").await.unwrap().id;
    house.say(id, ConsentKind::GuardianConsent, &parent).await.unwrap();
    house.guardian_present(id, &parent).await.unwrap();
    let mut no = consent(ConsentKind::Objection, child.iin.as_str());
    // No words, no signature: a no needs no form.
    (no.text.words, no.text.version, no.text_hash) = Default::default();
    let view = house.registry.record_consent(&house.operator, id, &no).await.unwrap();
    assert_eq!(view.capture_permit, None);
    let after = house.registry.capture(&house.operator, id, finger_of(&child, FINGERS[0])).await;
    assert_eq!(denied(after), "not_yet_lawful");
    let desk = house.registry.encounter_desk(&house.operator, id).await.unwrap();
    assert!(desk.consents.iter().any(|said| said.kind == ConsentKind::Objection));
}

#[tokio::test]
async fn control_b3_at_sixteen_the_person_decides_anew() {
    let parent = adult(11);
    let child = Person::with(14, TODAY, PersonSpec::TEENAGER);
    let records = vec![record(&parent, &[]), record(&child, &[&parent])];
    let house = house_under(records, "kz", &folder(&[("kz-2024", KZ_2024)]), today()).await;
    let encounter = house.open(&child, "passport", "k1").await.unwrap();
    assert_eq!(encounter.law.clause, "minor-12-to-15");
    house.say(encounter.id, ConsentKind::GuardianConsent, &parent).await.unwrap();
    house.guardian_present(encounter.id, &parent).await.unwrap();
    house.capture_all(encounter.id, &child, 1).await.unwrap();
    let done = house.registry.complete(&house.operator, encounter.id).await.unwrap();
    assert_eq!(done.encounter.state, EncounterState::Registered);
    let born: jiff::civil::Date = child.born.iso().parse().unwrap();
    let sixteen = born.checked_add(Span::new().years(16)).unwrap();
    let days = |to: jiff::civil::Date| (to - house.registry.today()).get_days();
    house.clock.advance(SignedDuration::from_hours(24 * i64::from(days(sixteen) - 1)));
    assert_eq!(house.registry.open_decisions_of_age().await.unwrap(), 0, "the day before the birthday");
    house.clock.advance(SignedDuration::from_hours(24));
    house.registry.run_retention().await.unwrap();
    assert_eq!(house.registry.open_decisions_of_age().await.unwrap(), 0, "once, by the daily run");
    let house = House { second: sign_in(&house.registry, "second", None).await, ..house };
    let tasks = house.registry.open_reviews(&house.second).await.unwrap();
    assert_eq!((tasks.len(), tasks[0].kind.as_str()), (1, "decision_of_age"));
    let house = House { administrator: sign_in(&house.registry, "administrator", None).await, ..house };
    let own = citizen(&house, "child", encounter.person).await;
    let page = house.registry.own_page(&own, None, 50).await.unwrap();
    assert_eq!(page.follow_ups[0].kind, "decision_of_age");
    house.registry.decide_to_stay(&own, &words()).await.unwrap();
    let page = house.registry.own_page(&own, None, 50).await.unwrap();
    assert!(page.follow_ups.is_empty() && page.prints_held > 0);
    assert_eq!(
        (page.consents[0].kind, page.consents[0].evidence.as_str()),
        (ConsentKind::SubjectConsent, "own_account")
    );
    let again = house.registry.decide_to_stay(&own, &words()).await;
    assert!(matches!(again, Err(RegistryError::NotFound { .. })), "it is decided");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_b5_fingers_beyond_the_packs_number_leave_no_trace() {
    let aida = adult(11);
    let pack = KZ_2016.replacen("max_fingers: 10", "max_fingers: 4", 1);
    assert_ne!(pack, KZ_2016);
    let house = house_under(vec![record(&aida, &[])], "kz", &folder(&[("kz-2016", &pack)]), today()).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    assert_eq!(encounter.fingers_allowed, 4);
    let offered: Vec<Finger> = aida.present_fingers().collect();
    assert!(offered.len() > 4);
    let mut refused = Vec::new();
    for (n, finger) in offered.iter().enumerate() {
        let answer = house.registry.capture(&house.operator, encounter.id, finger_of(&aida, *finger)).await;
        if n < 4 {
            let taken = answer.unwrap();
            if taken.flagged {
                let reason = tanba_registry::QualityReason::ManualWork;
                house.registry.accept_quality(&house.operator, encounter.id, *finger, reason, None).await.unwrap();
            }
        } else {
            let Err(RegistryError::Denied(denial)) = answer else { panic!("{finger:?}: {answer:?}") };
            assert_eq!((denial.code.as_str(), denial.clause.as_str()), ("more_than_allowed", "samples"));
            refused.push(print(&aida, *finger, 1));
        }
    }
    assert_eq!(counted(&house, SAMPLES).await, 4);
    house.registry.publish().await.unwrap();
    let filter = LogFilter::default();
    let log = format!("{:?}", house.registry.supervise_log(&house.supervisor, &filter, 500).await.unwrap());
    for image in &refused {
        // The middle of the file: compressed ridges, which nothing else holds.
        let piece = &image[image.len() / 2..image.len() / 2 + 24];
        let hex: String = piece.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!log.contains(&hex));
        for (path, bytes) in all_files(&house.data()) {
            for trace in [piece, hex.as_bytes()] {
                let found = bytes.windows(trace.len()).any(|window| window == trace);
                assert!(!found, "a refused print lies in {}", path.display());
            }
        }
    }
    // Four are all that there can be, so the capture ends with them.
    let done = house.registry.complete(&house.operator, encounter.id).await.unwrap();
    assert_eq!(done.encounter.state, EncounterState::Registered);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_b6_whoever_is_exempt_gets_the_document_end_to_end() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    house.ground_exemption(encounter.id).await;
    let none = Exemption { code: "no_fingers_both_hands".to_owned() };
    let view = house.registry.record_exemption(&house.operator, &house.second, encounter.id, &none).await.unwrap();
    assert_eq!(view.state, EncounterState::Exempt);
    let card = house.registry.apply_for_document(&house.operator, encounter.id, "identity_card").await.unwrap();
    let given = Personalisation { number: "D-000001".to_owned(), valid_to: jiff::civil::date(2036, 11, 22) };
    house.registry.personalise_document(&house.operator, card.id, &given).await.unwrap();
    let issued = house.registry.document_happened(&house.operator, card.id, DocumentEvent::Issued).await.unwrap();
    assert_eq!((issued.state, issued.prints_linked), (DocumentState::Issued, false));
    let receipt = house.registry.issue_receipt(&house.operator, encounter.id).await.unwrap();
    assert_eq!(receipt.kind, "exemption");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_b7_a_second_registration_of_a_person_links_and_never_duplicates() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let active = || async { counted(&house, "SELECT COUNT(*) FROM registrations WHERE state = 'active'").await };
    // Under the own number: verified, and the document is linked to the prints that are there.
    let again = house.register(&aida, &aida, "k2", 2).await.unwrap();
    assert_eq!((again.encounter.state, active().await), (EncounterState::Verified, 1));
    let passport = house.registry.apply_for_document(&house.operator, again.encounter.id, "passport").await.unwrap();
    assert!(passport.prints_linked);
    // Under another number: found, judged by two, and brought together.
    let second = house.register(&other, &aida, "k3", 3).await.unwrap();
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    house.judge(&house.examiner_a, task, Verdict::Same).await.unwrap();
    let decided = house.judge(&house.examiner_b, task, Verdict::Same).await.unwrap();
    assert_eq!((decided.encounter_state, active().await), (EncounterState::Duplicate, 1));
    let merge = Revision::Merge { from: second.encounter.person, into: again.encounter.person };
    let proposed = house.registry.propose_revision(&house.second, &merge, "one person").await.unwrap();
    house.registry.apply_revision(&house.prosecution_clerk, proposed.id).await.unwrap();
    assert_eq!((active().await, house.registry.people_searchable()), (1, 1));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_a6_an_injury_postpones_and_the_task_ends_with_the_prints() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let first = house.open(&aida, "identity_card", "k1").await.unwrap();
    let come_again = today().checked_add(Span::new().days(30)).unwrap();
    let injured = |code: &str, come_again| Postponement { code: code.to_owned(), come_again };
    let postpone = |new| {
        let house = &house;
        async move { house.registry.postpone_prints(&house.operator, first.id, &new).await }
    };
    for wrong in [today(), today().checked_add(Span::new().years(2)).unwrap()] {
        let answer = postpone(injured("hand_injury", wrong)).await;
        assert!(matches!(answer, Err(RegistryError::Invalid { field: "come_again", .. })), "{answer:?}");
    }
    let exempt = postpone(injured("no_fingers_both_hands", come_again)).await;
    assert_eq!(denied(exempt), "no_such_postponement", "what exempts does not postpone");
    postpone(injured("hand_injury", come_again)).await.unwrap();
    postpone(injured("hand_injury", come_again.tomorrow().unwrap())).await.unwrap();
    let tasks = house.registry.open_reviews(&house.second).await.unwrap();
    assert_eq!((tasks.len(), tasks[0].kind.as_str()), (1, "prints_postponed"), "one task, with the later day");
    let none = Exemption { code: "hand_injury".to_owned() };
    house.ground_exemption(first.id).await;
    let exempted = house.registry.record_exemption(&house.operator, &house.second, first.id, &none).await;
    assert_eq!(denied(exempted), "no_such_exemption", "an injury exempts nobody");

    let second = house.open(&aida, "identity_card", "k2").await.unwrap();
    assert!(second.warnings.iter().any(|told| told.contains("postponed")), "{:?}", second.warnings);
    house.capture_all(second.id, &aida, 1).await.unwrap();
    house.registry.complete(&house.operator, second.id).await.unwrap();
    assert!(house.registry.open_reviews(&house.second).await.unwrap().is_empty(), "the prints are taken");
    house.assert_log_is_sound().await;
}

/// What a day's decisions cite, event by event.
#[tokio::test]
async fn control_a1_every_decision_in_the_log_resolves_to_a_clause_of_its_very_pack() {
    let (aida, parent, child, young) = (adult(12), adult(11), teenager(14), crate::house::young_child(15));
    let records =
        vec![record(&aida, &[]), record(&parent, &[]), record(&child, &[&parent]), record(&young, &[&parent])];
    let house = house_with(records).await;
    house.register(&parent, &parent, "k1", 1).await.unwrap();
    house.register(&parent, &parent, "k2", 2).await.unwrap();
    denied(house.open(&young, "passport", "k3").await);
    let teen = house.open(&child, "passport", "k4").await.unwrap().id;
    denied(house.registry.capture(&house.operator, teen, finger_of(&child, FINGERS[0])).await);
    house.say(teen, ConsentKind::GuardianConsent, &parent).await.unwrap();
    house.guardian_present(teen, &parent).await.unwrap();
    let exempt = house.open(&aida, "identity_card", "k5").await.unwrap().id;
    house.ground_exemption(exempt).await;
    let none = Exemption { code: "no_fingers_both_hands".to_owned() };
    house.registry.record_exemption(&house.operator, &house.second, exempt, &none).await.unwrap();
    // And under another law from now on.
    house.put_into_use(&folder(&[("kz-2024", KZ_2024)])).await;
    house.open(&aida, "passport", "k6").await.unwrap();

    let decisions = [
        "encounter.opened",
        "encounter.denied",
        "capture.denied",
        "consent.recorded",
        "finger.captured",
        "registration.activated",
        "registration.verified",
        "exemption.recorded",
    ];
    let log = house.registry.supervise(&house.supervisor, 0, 500).await.unwrap();
    for event in decisions {
        let of_event: Vec<_> = log.iter().filter(|entry| entry.look.event == event).collect();
        assert!(!of_event.is_empty(), "{event} happened");
        for entry in of_event {
            assert!(entry.look.clause.is_some(), "{event} cites a clause");
        }
    }
    house.assert_log_is_sound().await;
}
