//! The operator's desk: shifts, finding people, marks and qualities of fingers, exemptions, appeals, receipts.

use std::collections::BTreeMap;

use tanba_formats::Finger;
use tanba_law::{Date, Iin, Sex};
use tanba_registry::{
    AppealOutcome, Capture, DocumentEvent, DocumentState, EncounterState, Exemption, FingerState, FoundPeople,
    FoundSource, INTERIM, Interpreter, NameFinding, OpenEncounter, PersonQuery, Personalisation, QualityReason,
    Registry, RegistryError, Result, Role, RowId,
};

use crate::house::{FINGERS, House, account, adult, denied, house, house_with, photograph, print, record, sign_in};

fn conflict<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result {
        Err(RegistryError::Conflict { what, .. }) => what,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

fn by_name(family: &str, given: Option<&str>, born_year: Option<i16>) -> PersonQuery {
    PersonQuery::Name { family: family.to_owned(), given: given.map(str::to_owned), born_year }
}

async fn find(house: &House, query: &PersonQuery) -> FoundPeople {
    house.registry.find_person(&house.operator, query).await.unwrap()
}

#[tokio::test]
async fn a_shift_is_one_and_says_what_is_left_open() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (registry, operator) = (&house.registry, &house.operator);
    assert_eq!(conflict(registry.close_shift(operator).await), "no shift is open");
    assert!(matches!(sign_in_without_station(&house).await, Err(RegistryError::Invalid { field: "station", .. })));
    let shift = registry.open_shift(operator).await.unwrap();
    assert_eq!(registry.open_shift(operator).await.unwrap().id, shift.id, "a double click is one shift");
    assert_eq!(registry.current_shift(operator).await.unwrap(), Some(shift));
    house.open(&aida, "identity_card", "k1").await.unwrap();
    assert_eq!(registry.close_shift(operator).await.unwrap().encounters_open, 1);
    assert_eq!(registry.current_shift(operator).await.unwrap(), None);
    assert_eq!(denied(registry.open_shift(&house.second).await), "role");
    let station = registry.station_view(operator).await.unwrap();
    assert_eq!((station.site.as_str(), station.triggers.len()), ("Service centre 1", 2));
    house.assert_log_is_sound().await;
}

async fn sign_in_without_station(house: &House) -> Result<tanba_registry::Shift> {
    let operator = sign_in(&house.registry, "operator", None).await;
    house.registry.open_shift(&operator).await
}

#[tokio::test]
async fn a_person_is_found_by_number_by_document_and_by_every_spelling_of_the_name() {
    let born = Date::constant(1990, 4, 5);
    let iin = Iin::synthetic(born, Sex::Female, 17).unwrap();
    let names = [("family_name_kk", "Жұмабаева"), ("given_name_kk", "Әйгерім")];
    let civil = tanba_registry::CivilRecord {
        iin: iin.reveal(),
        born,
        status: "citizen".to_owned(),
        names: names.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        sex: "female".to_owned(),
        guardians: Vec::new(),
        documents: Vec::new(),
        message_address: None,
    };
    let house = house_with(vec![civil]).await;
    for (family, given) in [
        ("Жұмабаева", Some("Әйгерім")),
        ("Жумабаева", Some("Айгерим")),
        ("Zhumabayeva", Some("Aigerim")),
        ("JUMABAEVA", None),
        ("Jumabaeva", Some("  ")),
    ] {
        let found = find(&house, &by_name(family, given, None)).await;
        assert_eq!(found.people.len(), 1, "{family}");
        assert_eq!(found.people[0].born_year, Some(1990));
        assert_eq!(found.people[0].source, FoundSource::PopulationRegister);
        assert_eq!(found.people[0].names["kk"], "Жұмабаева Әйгерім");
    }
    let number = find(&house, &PersonQuery::Iin(iin.reveal())).await;
    let masked = number.people[0].masked_number.clone().unwrap();
    assert_eq!(masked.chars().filter(|c| *c == '•').count(), 8);
    assert!(!serde_json::to_string(&number).unwrap().contains(&iin.reveal()), "the number itself is not shown");
    for nobody in [
        by_name("Жұмабаева", Some("Гүлнұр"), None),
        by_name("Zhumabayeva", None, Some(1991)),
        PersonQuery::Document("N0".to_owned()),
    ] {
        assert!(find(&house, &nobody).await.people.is_empty(), "{nobody:?}");
    }

    // By handle, the encounter is the one that the number would have opened.
    let handle = number.people[0].handle.unwrap();
    let opened = house.registry.open_encounter_found(&house.operator, "k1", "identity_card", handle).await.unwrap();
    assert_eq!(opened.identity["iin"], iin.reveal());
    let again = house.registry.open_encounter_found(&house.operator, "k1", "identity_card", handle).await.unwrap();
    assert_eq!(again.id, opened.id);
    let foreign =
        house.registry.open_encounter_found(&house.operator, "k2", "identity_card", RowId::from_u128(3)).await;
    assert_eq!(conflict(foreign), "this search result is no longer at hand");
    house.clock.advance(jiff::SignedDuration::from_mins(31));
    let old = house.registry.open_encounter_found(&house.operator, "k3", "identity_card", handle).await;
    assert_eq!(conflict(old), "this search result is no longer at hand");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn own_records_are_found_where_no_register_knows_the_person() {
    let house = house(&[]).await;
    let typed: BTreeMap<String, String> =
        [("born", "1988-02-03"), ("status", "citizen"), ("family_name_ru", "Хасенов"), ("given_name_ru", "Ержан")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into();
    let new = OpenEncounter { client_key: "k1".to_owned(), trigger: "identity_card".to_owned(), iin: None, typed };
    let opened = house.registry.open_encounter(&house.operator, &new).await.unwrap();
    assert!(opened.provisional);
    for query in [
        by_name("Khassenov", Some("Yerzhan"), Some(1988)),
        by_name("Қасенов", Some("Erjan"), None),
        by_name("Hasenov", None, None),
    ] {
        let found = find(&house, &query).await;
        assert_eq!(found.people.len(), 1, "{query:?}");
        assert_eq!((found.people[0].source, found.people[0].handle), (FoundSource::OwnRecord, None));
    }
    assert!(find(&house, &by_name("Hasenov", None, Some(1989))).await.people.is_empty());
    // The person can see who looked.
    let citizen =
        tanba_registry::NewAccount { person: Some(opened.person), ..account("citizen", house.centre, Role::Citizen) };
    house.registry.add_account(&house.administrator, &citizen).await.unwrap();
    let citizen = sign_in(&house.registry, "citizen", None).await;
    let own = house.registry.own_record(&citizen, None, 50).await.unwrap();
    assert_eq!(own.looks.iter().filter(|look| look.event == "person.searched").count(), 3);
}

#[tokio::test]
async fn a_search_that_cannot_be_one_is_refused_and_no_more_than_ten_are_shown() {
    let people: Vec<_> = (0..14_u16)
        .map(|i| {
            let born = Date::constant(1990, 4, 5);
            tanba_registry::CivilRecord {
                iin: Iin::synthetic(born, Sex::Male, 100 + i).unwrap().reveal(),
                born,
                status: "citizen".to_owned(),
                names: [("family_name_ru".to_owned(), "Ахметов".to_owned())].into(),
                sex: "male".to_owned(),
                guardians: Vec::new(),
                documents: Vec::new(),
                message_address: None,
            }
        })
        .collect();
    let house = house_with(people).await;
    let found = find(&house, &by_name("Akhmetov", None, None)).await;
    assert_eq!((found.people.len(), found.more), (10, true));
    for wrong in [by_name("", None, None), by_name("12345", None, None), by_name(&"a".repeat(300), None, None)] {
        let answer = house.registry.find_person(&house.operator, &wrong).await;
        assert!(matches!(answer, Err(RegistryError::Invalid { field: "family", .. })), "{answer:?}");
    }
    let script = find(&house, &by_name("<script>alert(1)</script>", None, None)).await;
    assert!(script.people.is_empty());
    assert_eq!(denied(house.registry.find_person(&house.examiner_a, &by_name("Akhmetov", None, None)).await), "role");
}

#[tokio::test]
async fn names_of_an_older_version_get_their_keys_when_the_register_opens() {
    let aida = adult(11);
    let house = house_with(vec![record(&aida, &[])]).await;
    house.open(&aida, "identity_card", "k1").await.unwrap();
    let data = house.data();
    let (clock, dir) = (house.clock.clone(), house.dir);
    house.registry.publish().await.unwrap();
    drop(house.registry);
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", data.join("tanba.sqlite").display())).await.unwrap();
    sqlx::query("DELETE FROM name_keys").execute(&pool).await.unwrap();
    pool.close().await;
    // A register that knows nobody: only own records can answer.
    let register = std::sync::Arc::new(tanba_registry::MemoryRegister::default());
    let registry = Registry::open(&data, crate::house::PASSPHRASE, register, clock).await.unwrap();
    let operator = sign_in(&registry, "operator", Some("csc-1-a")).await;
    let query = by_name(&aida.name.family.latin, Some(&aida.name.given.kk), None);
    let found = registry.find_person(&operator, &query).await.unwrap();
    assert_eq!((found.people.len(), found.people[0].source), (1, FoundSource::OwnRecord));
    drop(dir);
}

#[tokio::test]
async fn what_is_stated_of_a_finger_is_told_apart() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (registry, operator) = (&house.registry, &house.operator);
    let id = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    let state = |finger, state| registry.state_finger(operator, id, finger, state);
    let capture = |finger, touch| {
        registry.capture(operator, id, Capture { finger, image: print(&aida, finger, touch), ppi: None })
    };
    state(Finger::RightIndex, FingerState::Prosthetic).await.unwrap();
    assert_eq!(conflict(capture(Finger::RightIndex, 1).await), "this finger is stated as missing or prosthetic");
    registry.unstate_finger(operator, id, Finger::RightIndex).await.unwrap();
    for mark in [FingerState::Bandaged, FingerState::Worn, FingerState::Extra] {
        state(Finger::RightIndex, mark).await.unwrap();
    }
    capture(Finger::RightIndex, 1).await.unwrap();
    assert_eq!(conflict(state(Finger::RightIndex, FingerState::Missing).await), "this finger was captured");
    state(Finger::RightIndex, FingerState::Webbed).await.unwrap();
    let desk = registry.encounter_desk(operator, id).await.unwrap();
    let marks: Vec<FingerState> = desk.marks.iter().map(|mark| mark.state).collect();
    assert_eq!(marks, [FingerState::Extra, FingerState::Webbed], "one state, and the note beside it");

    // A note accounts for nothing.
    for finger in Finger::TEN.into_iter().filter(|f| *f != Finger::RightIndex) {
        let note = if finger == Finger::LeftLittle { FingerState::Extra } else { FingerState::Unable };
        state(finger, note).await.unwrap();
    }
    assert_eq!(conflict(registry.complete(operator, id).await), "not every finger is accounted for");
    state(Finger::LeftLittle, FingerState::Missing).await.unwrap();
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn one_image_sent_twice_is_one_attempt_and_the_kept_print_is_shown_with_its_minutiae() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (registry, operator) = (&house.registry, &house.operator);
    let id = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    let capture = || Capture { finger: FINGERS[0], image: print(&aida, FINGERS[0], 1), ppi: None };
    let (first, second) =
        tokio::join!(registry.capture(operator, id, capture()), registry.capture(operator, id, capture()));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.attempt, first.sample), (second.attempt, second.sample));
    assert_eq!((first.minutiae, first.advice.clone()), (second.minutiae, second.advice.clone()));
    assert_eq!(first.advice.len(), first.advice_codes.len());
    let desk = registry.encounter_desk(operator, id).await.unwrap();
    assert_eq!(desk.samples.len(), 1);
    assert_eq!(desk.samples[0].minutiae, first.minutiae);
    let shown = registry.sample_view(operator, id, FINGERS[0]).await.unwrap();
    assert_eq!(shown.minutiae.len(), first.minutiae);
    assert!(shown.png.starts_with(&[0x89, b'P', b'N', b'G']));
    assert!(shown.minutiae.iter().all(|m| m.x <= shown.width as f32 && m.y <= shown.height as f32));
    let none = registry.sample_view(operator, id, Finger::LeftLittle).await;
    assert!(matches!(none, Err(RegistryError::NotFound { what: "print" })));
}

/// A print that is there and poor: a hard touch that the measures call so.
fn poor_print(person: &tanba_synth::Person, finger: Finger) -> Vec<u8> {
    let master = person.finger(finger).unwrap();
    (1..80)
        .find_map(|touch| {
            let image = master.touch(tanba_synth::ImpressionPreset::Hard, touch).image;
            let template = tanba_finger::default_extractor().extract(&image, &mut tanba_finger::NoSink).ok()?;
            (template.quality < 30).then(|| tanba_formats::image::encode_png(&image))
        })
        .expect("one of eighty hard touches is poor and readable")
}

#[tokio::test]
async fn a_poor_print_is_kept_with_a_reason_or_not_at_all() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (registry, operator) = (&house.registry, &house.operator);
    let id = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    let thumb = Finger::RightThumb;
    let accept = |reason, note| registry.accept_quality(operator, id, thumb, reason, note);
    assert_eq!(conflict(accept(QualityReason::Age, None).await), "this finger has no kept print of low quality");
    let poor = Capture { finger: thumb, image: poor_print(&aida, thumb), ppi: None };
    assert!(registry.capture(operator, id, poor).await.unwrap().flagged);
    for finger in Finger::TEN.into_iter().filter(|f| *f != thumb) {
        if FINGERS.contains(&finger) {
            let capture = Capture { finger, image: print(&aida, finger, 1), ppi: None };
            registry.capture(operator, id, capture).await.unwrap();
        } else {
            registry.state_finger(operator, id, finger, FingerState::Unable).await.unwrap();
        }
    }
    let blocked = "a print of low quality is kept and nobody has accepted it";
    assert_eq!(conflict(registry.complete(operator, id).await), blocked);
    assert_eq!(
        conflict(accept(QualityReason::ThreeAttempts, None).await),
        "three attempts is no reason before there were three"
    );
    assert!(matches!(accept(QualityReason::Other, Some(" ")).await, Err(RegistryError::Invalid { field: "note", .. })));
    accept(QualityReason::Other, Some("the glass was cold")).await.unwrap();
    accept(QualityReason::ManualWork, None).await.unwrap();
    let desk = registry.encounter_desk(operator, id).await.unwrap();
    let kept = desk.samples.iter().find(|s| s.finger == thumb).unwrap();
    assert_eq!((kept.flagged, kept.accepted.as_deref()), (true, Some("manual_work")));
    let done = registry.complete(operator, id).await.unwrap();
    assert_eq!(done.encounter.state, EncounterState::Registered);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn an_exemption_rests_on_a_photograph_and_on_a_search_that_was_looked_at() {
    let (aida, namesake) = (adult(11), adult(12));
    let mut twin = record(&namesake, &[]);
    twin.names = record(&aida, &[]).names;
    twin.born = record(&aida, &[]).born;
    let house = house_with(vec![record(&aida, &[]), twin]).await;
    let (registry, operator) = (&house.registry, &house.operator);
    let id = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    let none = Exemption { code: "no_fingers_both_hands".to_owned() };
    let exempt = || registry.record_exemption(operator, &house.second, id, &none);
    assert!(conflict(exempt().await).contains("photograph"));
    for (what, image) in [("text", b"no picture".to_vec()), ("cut", photograph()[..200].to_vec()), ("none", Vec::new())]
    {
        let refused = registry.record_hands_photograph(operator, id, image).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { field: "photograph", .. })), "{what}");
    }
    assert!(matches!(registry.hands_photograph(operator, id).await.err(), Some(RegistryError::NotFound { .. })));
    registry.record_hands_photograph(operator, id, photograph()).await.unwrap();
    assert_eq!(*registry.hands_photograph(&house.second, id).await.unwrap().image, photograph());
    assert!(conflict(exempt().await).contains("search by name"));
    assert_eq!(
        conflict(registry.record_name_finding(operator, id, NameFinding::Nobody).await),
        "no search by name waits to be looked at"
    );
    let found = registry.search_namesakes(operator, id).await.unwrap();
    assert_eq!(found.people.len(), 1, "the namesake, and not the person");
    assert!(conflict(exempt().await).contains("search by name"), "run, and not looked at yet");
    registry.record_name_finding(operator, id, NameFinding::Perhaps).await.unwrap();
    assert_eq!(registry.open_reviews(&house.second).await.unwrap()[0].kind, "possible_duplicate_by_name");
    assert_eq!(exempt().await.unwrap().state, EncounterState::Exempt);
    assert_eq!(exempt().await.unwrap().state, EncounterState::Exempt, "asked twice, it is one exemption");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn an_interpreter_is_on_record_and_sealed() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let id = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    let interpreter = Interpreter {
        name: "Zlatan Tercuman".to_owned(),
        document: "N-4711-4711".to_owned(),
        language: "uz".to_owned(),
        evidence: "identity_document_seen".to_owned(),
    };
    house.registry.record_interpreter(&house.operator, id, &interpreter).await.unwrap();
    let nameless = Interpreter { name: " ".to_owned(), ..interpreter.clone() };
    assert!(matches!(
        house.registry.record_interpreter(&house.operator, id, &nameless).await,
        Err(RegistryError::Invalid { field: "name", .. })
    ));
    let desk = house.registry.encounter_desk(&house.operator, id).await.unwrap();
    assert_eq!(desk.interpreters.len(), 1);
    assert_eq!(desk.interpreters[0].name.as_deref(), Some("Zlatan Tercuman"));
    for (path, bytes) in crate::house::all_files(&house.data()) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Tercuman") && !text.contains("N-4711-4711"), "{}", path.display());
    }
}

#[tokio::test]
async fn an_appeal_is_closed_by_someone_who_had_no_part_in_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (registry, operator, officer) = (&house.registry, &house.operator, &house.officer);
    registry.add_account(&house.administrator, &account("judge", house.ministry, Role::Officer)).await.unwrap();
    let judge = &sign_in(registry, "judge", None).await;
    let first = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    let refusal = registry.record_refusal(operator, first).await.unwrap();
    assert_eq!(
        conflict(registry.issue_interim_document(operator, refusal.id).await),
        "no appeal against this refusal is pending"
    );
    registry.decide_refusal(officer, refusal.id).await.unwrap();
    assert_eq!(registry.open_refusals(officer).await.unwrap().len(), 1, "the fine waits to be paid");
    assert_eq!(conflict(registry.close_appeal(judge, refusal.id, AppealOutcome::Upheld).await), "no appeal is pending");
    registry.appeal_refusal(operator, refusal.id).await.unwrap();
    let interim = registry.issue_interim_document(operator, refusal.id).await.unwrap();
    assert_eq!((interim.kind.as_str(), interim.state), (INTERIM, DocumentState::Issued));
    assert_eq!(registry.issue_interim_document(operator, refusal.id).await.unwrap().id, interim.id);
    assert!(registry.document_life(operator, interim.id).await.unwrap().number.unwrap().starts_with("T-"));
    assert_eq!(denied(registry.close_appeal(officer, refusal.id, AppealOutcome::Dismissed).await), "four_eyes");
    assert_eq!(denied(registry.close_appeal(operator, refusal.id, AppealOutcome::Upheld).await), "role");
    let closed = registry.close_appeal(judge, refusal.id, AppealOutcome::Upheld).await.unwrap();
    assert_eq!((closed.appeal_outcome, closed.appeal_pending()), (Some(AppealOutcome::Upheld), false));
    assert_eq!(registry.view_document(operator, interim.id).await.unwrap().state, DocumentState::Cancelled);
    assert!(registry.open_refusals(officer).await.unwrap().is_empty());
    assert!(matches!(registry.fine_paid(officer, refusal.id).await, Err(RegistryError::Conflict { .. })));
    assert!(matches!(registry.appeal_refusal(operator, refusal.id).await, Err(RegistryError::Conflict { .. })));

    // The step was taken back, so the next refusal begins at the first one again.
    let second = house.open(&aida, "identity_card", "k2").await.unwrap().id;
    assert_eq!(registry.record_refusal(operator, second).await.unwrap().consequence, "fine");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_dismissed_appeal_leaves_the_matter_as_it_was_and_a_document_replaces_the_interim_one() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (registry, operator, officer) = (&house.registry, &house.operator, &house.officer);
    let first = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    let refusal = registry.record_refusal(operator, first).await.unwrap();
    registry.appeal_refusal(operator, refusal.id).await.unwrap();
    registry.close_appeal(officer, refusal.id, AppealOutcome::Dismissed).await.unwrap();
    registry.appeal_refusal(operator, refusal.id).await.unwrap();
    let interim = registry.issue_interim_document(operator, refusal.id).await.unwrap();
    assert!(matches!(registry.decide_refusal(officer, refusal.id).await, Err(RegistryError::Conflict { .. })));
    // The person gives the prints after all.
    let done = house.register(&aida, &aida, "k2", 1).await.unwrap();
    let card = registry.apply_for_document(operator, done.encounter.id, "identity_card").await.unwrap();
    let given = Personalisation { number: "D-1".to_owned(), valid_to: jiff::civil::date(2036, 1, 1) };
    registry.personalise_document(operator, card.id, &given).await.unwrap();
    registry.document_happened(operator, card.id, DocumentEvent::Issued).await.unwrap();
    assert_eq!(registry.view_document(operator, interim.id).await.unwrap().state, DocumentState::Replaced);
    let life = registry.document_life(operator, card.id).await.unwrap();
    let steps: Vec<&str> = life.steps.iter().map(|step| step.event.as_str()).collect();
    assert_eq!((steps, life.number.as_deref()), (vec!["applied", "personalised", "issued"], Some("D-1")));
    let found = find(&house, &PersonQuery::Document("D-1".to_owned())).await;
    assert_eq!((found.people.len(), found.document), (1, Some(card.id)));
}

#[tokio::test]
async fn an_upheld_appeal_before_any_decision_sets_the_refusal_aside() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (registry, operator, officer) = (&house.registry, &house.operator, &house.officer);
    let first = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    let refusal = registry.record_refusal(operator, first).await.unwrap();
    registry.appeal_refusal(operator, refusal.id).await.unwrap();
    registry.close_appeal(officer, refusal.id, AppealOutcome::Upheld).await.unwrap();
    assert!(matches!(registry.decide_refusal(officer, refusal.id).await, Err(RegistryError::Conflict { .. })));
}

#[tokio::test]
async fn a_receipt_is_checked_by_anyone_and_tells_nothing_of_the_person() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (registry, operator) = (&house.registry, &house.operator);
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let id = done.encounter.id;
    let receipt = registry.issue_receipt(operator, id).await.unwrap();
    assert_eq!((receipt.kind.as_str(), receipt.code.len()), ("registration", 32));
    assert_eq!(receipt.best_fingers.len(), 2);
    let check = registry.check_receipt(&receipt.code.to_uppercase()).await.unwrap().unwrap();
    assert_eq!((check.log_seq, check.site.as_str()), (receipt.log_seq, "Service centre 1"));
    assert_eq!(registry.receipt_of(operator, id, &receipt.code).await.unwrap().log_seq, receipt.log_seq);
    for wrong in ["", "0123456789abcdef0123456789abcdef", "' OR 1=1 --", &"a".repeat(100_000)] {
        assert_eq!(registry.check_receipt(wrong).await.unwrap(), None);
    }
    let entry = &registry.supervise(&house.supervisor, receipt.log_seq, 1).await.unwrap()[0];
    assert_eq!(entry.look.event, "receipt.issued");
    for (path, bytes) in crate::house::all_files(&house.data()) {
        assert!(!String::from_utf8_lossy(&bytes).contains(&receipt.code), "{}", path.display());
    }
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn the_desk_lists_what_is_open_and_another_stations_operator_sees_none_of_it() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let (registry, operator) = (&house.registry, &house.operator);
    let id = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    registry.state_finger(operator, id, Finger::RightThumb, FingerState::Bandaged).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let drafts = registry.open_encounters(operator).await.unwrap();
    assert_eq!(drafts.len(), 1, "what has ended is not open");
    assert_eq!((drafts[0].id, drafts[0].fingers_done), (id, 1));
    let initials = drafts[0].initials.clone().unwrap();
    assert_eq!(initials.chars().filter(|c| *c == '.').count() * 2, initials.chars().count());

    let site = tanba_registry::NewSite {
        organisation: house.centre,
        code: "csc-2".to_owned(),
        name: "Service centre 2".to_owned(),
        kind: "service_centre".to_owned(),
        triggers: ["identity_card".to_owned()].into(),
        region: None,
    };
    let site = registry.add_site(&house.administrator, &site).await.unwrap();
    let station = tanba_registry::NewStation { site, code: "csc-2-a".to_owned() };
    registry.add_station(&house.administrator, &station).await.unwrap();
    registry.add_account(&house.administrator, &account("far", house.centre, Role::Operator)).await.unwrap();
    let far = &sign_in(registry, "far", Some("csc-2-a")).await;
    assert!(registry.open_encounters(far).await.unwrap().is_empty());
    assert!(matches!(registry.encounter_desk(far, id).await, Err(RegistryError::NotFound { .. })));
    assert!(matches!(registry.sample_view(far, id, FINGERS[0]).await, Err(RegistryError::NotFound { .. })));
    assert!(matches!(registry.issue_receipt(far, id).await, Err(RegistryError::NotFound { .. })));
    // The operator's shift at the first station goes on; at the second, it must be closed first.
    registry.open_shift(operator).await.unwrap();
    let elsewhere = sign_in(registry, "operator", Some("csc-2-a")).await;
    assert_eq!(conflict(registry.open_shift(&elsewhere).await), "your shift at another station is still open");
}

#[tokio::test]
async fn a_search_that_is_watched_tells_how_far_it_is() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let id = house.open(&other, "identity_card", "k2").await.unwrap().id;
    house.capture_all(id, &other, 1).await.unwrap();
    let progress = std::sync::Arc::default();
    let done = house.registry.complete_watched(&house.operator, id, &progress).await.unwrap();
    assert_eq!(done.encounter.state, EncounterState::Registered);
    assert_eq!((progress.done(), progress.total()), (1, 1));
    let desk = house.registry.encounter_desk(&house.operator, id).await.unwrap();
    assert_eq!((desk.check.unwrap().people_compared, desk.closed_at.is_some()), (1, true));
}

#[tokio::test]
async fn the_laws_own_words_go_along_with_a_denial() {
    let child = crate::house::young_child(15);
    let house = house(&[&child]).await;
    let refused = house.open(&child, "passport", "k1").await.expect_err("too young");
    let words = refused.denial().unwrap().law_text.clone().unwrap();
    assert!(words.kk.contains("12") && words.ru.contains("12") && words.en.contains("12"));
}
