//! The minute at the counter.

use tanba_formats::Finger;
use tanba_registry::{
    Capture, ConsentKind, DocumentEvent, DocumentState, EncounterState, Exemption, Personalisation, RegistryError,
    Verdict,
};

use crate::house::{FINGERS, adult, denied, house, house_with, print, record, teenager, young_child};

#[tokio::test]
async fn an_adult_is_registered_and_gets_an_identity_card_with_prints_behind_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    assert_eq!(encounter.law.category, "must");
    assert_eq!(encounter.law.pack, "kz-2016-as-enacted");
    assert!(encounter.law.missing.is_empty());
    assert!(!encounter.provisional);
    house.capture_all(encounter.id, &aida, 1).await.unwrap();
    let done = house.registry.complete(&house.operator, encounter.id).await.unwrap();
    assert_eq!(done.encounter.state, EncounterState::Registered);
    assert_eq!(house.registry.people_searchable(), 1);

    let card = house.registry.apply_for_document(&house.operator, encounter.id, "identity_card").await.unwrap();
    assert!(card.prints_linked);
    let again = house.registry.apply_for_document(&house.operator, encounter.id, "identity_card").await.unwrap();
    assert_eq!(again.id, card.id, "the same application twice is one document");
    let given = Personalisation { number: "D-000001".to_owned(), valid_to: jiff::civil::date(2036, 11, 22) };
    house.registry.personalise_document(&house.operator, card.id, &given).await.unwrap();
    let issued = house.registry.document_happened(&house.operator, card.id, DocumentEvent::Issued).await.unwrap();
    assert_eq!(issued.state, DocumentState::Issued);
    let wrong = house.registry.document_happened(&house.operator, card.id, DocumentEvent::Found).await;
    assert!(matches!(wrong, Err(RegistryError::Conflict { .. })));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn someone_who_comes_back_is_verified_and_not_registered_twice() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let again = house.open(&aida, "passport", "k2").await.unwrap();
    assert!(again.already_registered);
    house.capture_all(again.id, &aida, 2).await.unwrap();
    let done = house.registry.complete(&house.operator, again.id).await.unwrap();
    assert_eq!(done.encounter.state, EncounterState::Verified);
    assert_eq!(house.registry.people_searchable(), 1);
    let passport = house.registry.apply_for_document(&house.operator, again.id, "passport").await.unwrap();
    assert!(passport.prints_linked);
}

#[tokio::test]
async fn two_numbers_for_one_person_end_as_a_duplicate_decided_by_two_examiners() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let second = house.register(&other, &aida, "k2", 2).await.unwrap();
    assert_eq!(second.encounter.state, EncounterState::Adjudication);
    assert_eq!(second.candidates, 1);
    let no_document = house.registry.apply_for_document(&house.operator, second.encounter.id, "identity_card").await;
    assert_eq!(denied(no_document), "not_registered");

    let tasks = house.registry.candidate_tasks(&house.examiner_a).await.unwrap();
    let material = house.registry.comparison_material(&house.examiner_a, tasks[0].id).await.unwrap();
    assert_eq!((material.probe.len(), material.reference.len(), material.locked), (FINGERS.len(), 0, false));
    let first = house.judge(&house.examiner_a, tasks[0].id, Verdict::Same).await.unwrap();
    assert_eq!(first.state, "open", "one examiner decides nothing");
    assert_eq!(denied(house.registry.judge(&house.examiner_a, tasks[0].id, Verdict::Same).await), "same_examiner");
    let decided = house.judge(&house.examiner_b, tasks[0].id, Verdict::Same).await.unwrap();
    assert_eq!(decided.encounter_state, EncounterState::Duplicate);
    assert_eq!(house.registry.people_searchable(), 1);
    let reviews = house.registry.open_reviews(&house.second).await.unwrap();
    assert_eq!(reviews[0].kind, "duplicate_registration");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_candidate_that_two_examiners_find_different_is_registered() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let second = house.register(&other, &aida, "k2", 2).await.unwrap();
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    house.judge(&house.examiner_a, task, Verdict::Different).await.unwrap();
    let decided = house.judge(&house.examiner_b, task, Verdict::Different).await.unwrap();
    assert_eq!(decided.encounter_state, EncounterState::Registered);
    assert_eq!(house.registry.people_searchable(), 2);
    assert_eq!(second.encounter.state, EncounterState::Adjudication);
}

#[tokio::test]
async fn a_candidate_that_examiners_cannot_decide_goes_to_review_and_registers_nobody() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &aida, "k2", 2).await.unwrap();
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    house.judge(&house.examiner_a, task, Verdict::Inconclusive).await.unwrap();
    let decided = house.judge(&house.examiner_b, task, Verdict::Inconclusive).await.unwrap();
    assert_eq!(decided.encounter_state, EncounterState::Adjudication);
    assert_eq!(house.registry.people_searchable(), 1);
    assert_eq!(house.registry.open_reviews(&house.second).await.unwrap()[0].kind, "inconclusive_comparison");
}

#[tokio::test]
async fn one_number_for_two_people_is_a_conflict_and_links_nothing() {
    let (aida, stranger) = (adult(11), adult(13));
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let second = house.register(&aida, &stranger, "k2", 1).await.unwrap();
    assert_eq!(second.encounter.state, EncounterState::Conflict);
    assert_eq!(
        denied(house.registry.apply_for_document(&house.operator, second.encounter.id, "identity_card").await),
        "not_registered"
    );
    let reviews = house.registry.open_reviews(&house.second).await.unwrap();
    assert_eq!(reviews[0].kind, "identity_conflict");
    assert_eq!(house.registry.people_searchable(), 1);
}

#[tokio::test]
async fn a_parents_finger_offered_as_the_childs_is_found() {
    let (parent, child) = (adult(11), teenager(14));
    let house = house_with(vec![record(&parent, &[]), record(&child, &[&parent])]).await;
    house.register(&parent, &parent, "k1", 1).await.unwrap();
    let encounter = house.open(&child, "passport", "k2").await.unwrap();
    house.say(encounter.id, ConsentKind::GuardianConsent, &parent).await.unwrap();
    house.guardian_present(encounter.id, &parent).await.unwrap();
    house.capture_all(encounter.id, &parent, 2).await.unwrap();
    let done = house.registry.complete(&house.operator, encounter.id).await.unwrap();
    assert_eq!(done.encounter.state, EncounterState::Adjudication);
    assert_eq!(house.registry.people_searchable(), 1, "nothing was registered for the child");
}

#[tokio::test]
async fn a_child_under_twelve_leaves_no_row_only_a_logged_refusal() {
    let child = young_child(15);
    let house = house(&[&child]).await;
    let before = house.registry.denials().await.unwrap();
    assert_eq!(denied(house.open(&child, "passport", "k1").await), "must_not_register");
    assert_eq!(house.registry.denials().await.unwrap(), before + 1);
    let pool =
        sqlx::SqlitePool::connect(&format!("sqlite://{}", house.data().join("tanba.sqlite").display())).await.unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT (SELECT COUNT(*) FROM persons) + (SELECT COUNT(*) FROM encounters)")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn an_exempt_person_gets_a_document_without_prints_when_two_officers_say_so() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    let none = Exemption { code: "no_fingers_both_hands".to_owned() };
    house.ground_exemption(encounter.id).await;
    let operator = &house.operator;
    assert_eq!(denied(house.registry.record_exemption(operator, operator, encounter.id, &none).await), "role");
    let unknown = Exemption { code: "too_busy".to_owned() };
    assert_eq!(
        denied(house.registry.record_exemption(operator, &house.second, encounter.id, &unknown).await),
        "no_such_exemption"
    );
    let injury = Exemption { code: "hand_injury".to_owned() };
    assert_eq!(
        denied(house.registry.record_exemption(operator, &house.second, encounter.id, &injury).await),
        "no_such_exemption",
        "an injury postpones and does not exempt"
    );
    let done = house.registry.record_exemption(operator, &house.second, encounter.id, &none).await.unwrap();
    assert_eq!(done.state, EncounterState::Exempt);
    let card = house.registry.apply_for_document(operator, encounter.id, "identity_card").await.unwrap();
    assert!(!card.prints_linked);
}

#[tokio::test]
async fn one_finger_cannot_stand_in_for_another() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    let index = |finger, touch| Capture { finger, image: print(&aida, Finger::RightIndex, touch), ppi: None };
    house.registry.capture(&house.operator, encounter.id, index(Finger::RightIndex, 1)).await.unwrap();
    let twice = house.registry.capture(&house.operator, encounter.id, index(Finger::RightMiddle, 2)).await;
    assert_eq!(denied(twice), "same_finger");
}

#[tokio::test]
async fn the_best_of_three_attempts_is_kept_and_there_is_no_fourth() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    let mut kept = Vec::new();
    for touch in 1..=3 {
        let capture = Capture { finger: FINGERS[0], image: print(&aida, FINGERS[0], touch), ppi: None };
        let view = house.registry.capture(&house.operator, encounter.id, capture).await.unwrap();
        assert_eq!(u64::from(view.attempt), touch);
        kept.push((view.kept, view.quality));
    }
    let best_so_far = kept.iter().scan(None, |best: &mut Option<u8>, (_, q)| {
        let is_best = best.is_none_or(|b| *q > b);
        *best = Some(best.map_or(*q, |b| b.max(*q)));
        Some(is_best)
    });
    assert!(best_so_far.eq(kept.iter().map(|(k, _)| *k)), "kept exactly when better than all before: {kept:?}");
    let fourth = Capture { finger: FINGERS[0], image: print(&aida, FINGERS[0], 4), ppi: None };
    let fourth = house.registry.capture(&house.operator, encounter.id, fourth).await;
    assert!(matches!(fourth, Err(RegistryError::Conflict { .. })));
}

#[tokio::test]
async fn completing_twice_ends_once_and_unaccounted_fingers_stop_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    let early = house.registry.complete(&house.operator, encounter.id).await;
    assert!(matches!(early, Err(RegistryError::Conflict { .. })));
    house.capture_all(encounter.id, &aida, 1).await.unwrap();
    let first = house.registry.complete(&house.operator, encounter.id).await.unwrap();
    let second = house.registry.complete(&house.operator, encounter.id).await.unwrap();
    assert_eq!(first.encounter.state, second.encounter.state);
    assert_eq!(house.registry.people_searchable(), 1);
}

#[tokio::test]
async fn a_registration_starts_only_where_the_site_and_the_law_let_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    assert_eq!(denied(house.open(&aida, "residence_permit", "k1").await), "site_trigger");
    // A station of an office that the law does not name, with the trigger listed all the same.
    let site = tanba_registry::NewSite {
        organisation: house.supervision,
        code: "odd".to_owned(),
        name: "Odd office".to_owned(),
        kind: "office".to_owned(),
        triggers: ["identity_card".to_owned()].into(),
        region: None,
    };
    let site = house.registry.add_site(&house.administrator, &site).await.unwrap();
    let station = tanba_registry::NewStation { site, code: "odd-1".to_owned() };
    house.registry.add_station(&house.administrator, &station).await.unwrap();
    let account = crate::house::account("odd", house.supervision, tanba_registry::Role::Operator);
    house.registry.add_account(&house.administrator, &account).await.unwrap();
    let operator = crate::house::sign_in(&house.registry, "odd", Some("odd-1")).await;
    let new = tanba_registry::OpenEncounter {
        client_key: "k2".to_owned(),
        trigger: "identity_card".to_owned(),
        iin: Some(aida.iin.as_str().to_owned()),
        typed: std::collections::BTreeMap::new(),
    };
    assert_eq!(denied(house.registry.open_encounter(&operator, &new).await), "body_not_listed");
}
