//! A person's record: who may open it, how it is corrected, and a duplicate that is found after printing.

use std::collections::BTreeMap;

use jiff::civil::date;
use tanba_registry::{
    Conclusion, CorrectionKind, DocumentEvent, DocumentState, EncounterState, KnownBy, LookPurpose, NewCorrection,
    NewStation, OpenEncounter, PersonQuery, Personalisation, RegistryError, Revision, Role,
};

use crate::house::{House, adult, denied, house, sign_in};

pub(crate) fn change(kind: CorrectionKind, attributes: &[(&str, &str)]) -> NewCorrection {
    NewCorrection {
        kind,
        attributes: attributes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        source: "document".to_owned(),
        evidence: "certificate 17".to_owned(),
        reason: "shown at the counter".to_owned(),
        valid_from: (kind == CorrectionKind::NameChange).then(|| date(2026, 11, 2)),
    }
}

async fn card(house: &House, encounter: tanba_registry::EncounterId, number: &str) -> tanba_registry::DocumentId {
    let card = house.registry.apply_for_document(&house.operator, encounter, "identity_card").await.unwrap();
    let given = Personalisation { number: number.to_owned(), valid_to: date(2036, 11, 22) };
    house.registry.personalise_document(&house.operator, card.id, &given).await.unwrap();
    house.registry.document_happened(&house.operator, card.id, DocumentEvent::Issued).await.unwrap();
    card.id
}

#[tokio::test]
async fn a_record_opens_for_a_purpose_where_the_person_is_served_and_the_look_says_why() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    card(&house, done.encounter.id, "D-1").await;
    let person = done.encounter.person;
    let registry = &house.registry;
    let view = registry.view_person(&house.operator, person, LookPurpose::Document, "lost her card").await.unwrap();
    assert_eq!(view.current("iin"), Some(aida.iin.as_str()));
    assert_eq!(view.encounters[0].registration.as_deref(), Some("active"));
    assert_eq!(view.documents[0].number.as_deref(), Some("D-1"));
    let life: Vec<&str> = view.documents[0].events.iter().map(|(e, _)| e.as_str()).collect();
    assert_eq!(life, ["applied", "personalised", "issued"]);

    let log = registry.supervise(&house.supervisor, 0, 1000).await.unwrap();
    let look = log.iter().find(|e| e.look.event == "person.viewed").unwrap();
    assert_eq!((look.look.purpose.as_str(), &look.details["reason"]), ("document", &"lost her card".into()));
    let silent = registry.view_person(&house.operator, person, LookPurpose::Document, " ").await;
    assert!(matches!(silent, Err(RegistryError::Invalid { field: "reason", .. })));

    // A stated purpose holds for a while, for this account and this record.
    assert_eq!(registry.stated_purpose(&house.second, person).await.unwrap(), None);
    registry.state_purpose(&house.second, person, LookPurpose::Review, "task 1").await.unwrap();
    let stated = registry.stated_purpose(&house.second, person).await.unwrap();
    assert_eq!(stated, Some((LookPurpose::Review, "task 1".to_owned())));
    assert_eq!(registry.stated_purpose(&house.prosecution_clerk, person).await.unwrap(), None);
    house.clock.advance(jiff::SignedDuration::from_mins(16));
    assert_eq!(registry.stated_purpose(&house.second, person).await.unwrap(), None);
    let located = registry.locate_person(&house.second, &KnownBy::Document("D-1".to_owned())).await.unwrap();
    assert_eq!(located, person);
    assert_eq!(denied(registry.locate_person(&house.operator, &KnownBy::Document("D-1".to_owned())).await), "role");

    // An operator of another station has nothing to do with her; a second officer may be asked from anywhere.
    let site = house.operator.station().unwrap().site;
    registry.add_station(&house.administrator, &NewStation { site, code: "csc-1-b".to_owned() }).await.unwrap();
    let elsewhere = crate::house::account("elsewhere", house.centre, Role::Operator);
    registry.add_account(&house.administrator, &elsewhere).await.unwrap();
    let elsewhere = sign_in(registry, "elsewhere", Some("csc-1-b")).await;
    let looked = registry.view_person(&elsewhere, person, LookPurpose::Registration, "curious").await;
    assert_eq!(denied(looked), "no_relation");
    // Whoever finds the person who stands before them may open the record, for the time of a visit.
    let by_number = PersonQuery::Iin(aida.iin.as_str().to_owned());
    let found = registry.find_person(&elsewhere, &by_number).await.unwrap();
    assert_eq!(found.people[0].record, Some(person));
    registry.view_person(&elsewhere, person, LookPurpose::Registration, "came today").await.unwrap();
    house.clock.advance(jiff::SignedDuration::from_mins(31));
    let later = registry.view_person(&elsewhere, person, LookPurpose::Registration, "came today").await;
    assert_eq!(denied(later), "no_relation");
    registry.view_person(&house.second, person, LookPurpose::Review, "task 1").await.unwrap();
    for other in [&house.examiner_a, &house.officer, &house.supervisor, &house.administrator] {
        assert_eq!(denied(registry.view_person(other, person, LookPurpose::Review, "x").await), "role");
    }
}

#[tokio::test]
async fn a_name_is_changed_by_two_officers_and_the_old_one_stays_as_history() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let registry = &house.registry;
    let married = change(CorrectionKind::NameChange, &[("family_name_latin", "Serikova")]);
    let proposed = registry.propose_correction(&house.second, person, &married).await.unwrap();
    let view = registry.view_person(&house.second, person, LookPurpose::Correction, "x").await.unwrap();
    assert_eq!(
        view.current("family_name_latin"),
        Some(aida.name.family.latin.as_str()),
        "nothing changes by a proposal"
    );
    assert_eq!(denied(registry.apply_correction(&house.second, proposed.id).await), "four_eyes");
    let seen = registry.correction(&house.prosecution_clerk, proposed.id).await.unwrap();
    assert_eq!(seen.changes[0].before.as_deref(), Some(aida.name.family.latin.as_str()));
    assert_eq!((seen.changes[0].after.as_deref(), seen.evidence.as_str()), (Some("Serikova"), "certificate 17"));
    registry.apply_correction(&house.prosecution_clerk, proposed.id).await.unwrap();
    let twice = registry.apply_correction(&house.prosecution_clerk, proposed.id).await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })));

    let view = registry.view_person(&house.second, person, LookPurpose::Correction, "x").await.unwrap();
    assert_eq!(view.current("family_name_latin"), Some("Serikova"));
    let old = view.attributes.iter().find(|a| a.name == "family_name_latin" && a.superseded_at.is_some()).unwrap();
    assert_eq!((old.value.as_str(), old.valid_to.as_deref()), (aida.name.family.latin.as_str(), Some("2026-11-02")));
    for family in ["Serikova", aida.name.family.latin.as_str()] {
        let by_name = PersonQuery::Name { family: family.to_owned(), given: None, born_year: None };
        let found = registry.find_person(&house.operator, &by_name).await.unwrap();
        assert!(!found.people.is_empty(), "found under the new name and the old one: {family}");
    }
    // A proposal made of what was true then is not applied to what is true now.
    let again = change(CorrectionKind::Correction, &[("family_name_latin", "Serikqyzy")]);
    let first = registry.propose_correction(&house.second, person, &again).await.unwrap();
    let other = change(CorrectionKind::Correction, &[("family_name_latin", "Serikova-Smith")]);
    let late = registry.propose_correction(&house.second, person, &other).await.unwrap();
    registry.apply_correction(&house.prosecution_clerk, first.id).await.unwrap();
    assert!(matches!(
        registry.apply_correction(&house.prosecution_clerk, late.id).await,
        Err(RegistryError::Conflict { .. })
    ));
    registry.reject_correction(&house.prosecution_clerk, late.id).await.unwrap();
    assert!(registry.pending_corrections(&house.second).await.unwrap().is_empty());
    house.assert_log_is_sound().await;
    for (path, bytes) in crate::house::all_files(&house.data()) {
        let found = bytes.windows(8).any(|w| w == b"Serikova") || bytes.windows(14).any(|w| w == b"certificate 17");
        assert!(!found, "a name or its evidence stands in {}", path.display());
    }
}

#[tokio::test]
async fn what_may_not_be_corrected_is_refused_by_name() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    use CorrectionKind as K;
    for (name, bad) in [
        ("the number", change(K::Correction, &[("iin", "900101100014")])),
        ("a birth by name change", change(K::NameChange, &[("born", "1990-01-01")])),
        ("a death by correction", change(K::Correction, &[("died", "2026-01-01")])),
        ("nothing", change(K::Correction, &[])),
        ("no date", change(K::Correction, &[("born", "yesterday")])),
        ("another calendar's date", change(K::Correction, &[("born", "19900101")])),
        ("the future", change(K::Death, &[("died", "2030-01-01")])),
        ("before birth", change(K::Death, &[("died", "1820-01-01")])),
        ("a line break", change(K::Correction, &[("family_name_latin", "A\nB")])),
        ("hearsay", NewCorrection { source: "typed".to_owned(), ..change(K::Correction, &[("sex", "male")]) }),
        ("no evidence", NewCorrection { evidence: " ".to_owned(), ..change(K::Correction, &[("sex", "male")]) }),
        (
            "a name from no day",
            NewCorrection { valid_from: None, ..change(K::NameChange, &[("family_name_latin", "X")]) },
        ),
        ("a resurrection with values", change(K::DeathWithdrawn, &[("died", "2026-01-01")])),
    ] {
        let refused = house.registry.propose_correction(&house.second, person, &bad).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { .. })), "{name}: {refused:?}");
    }
    let same = change(K::Correction, &[("family_name_latin", &aida.name.family.latin)]);
    let refused = house.registry.propose_correction(&house.second, person, &same).await;
    assert!(matches!(refused, Err(RegistryError::Conflict { .. })));
    let alive = house.registry.propose_correction(&house.second, person, &change(K::DeathWithdrawn, &[])).await;
    assert!(matches!(alive, Err(RegistryError::Conflict { .. })), "whoever is not recorded as dead");
}

#[tokio::test]
async fn a_death_cancels_documents_and_whoever_comes_under_the_number_is_reviewed() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let card = card(&house, done.encounter.id, "D-1").await;
    let (registry, person) = (&house.registry, done.encounter.person);
    let death = change(CorrectionKind::Death, &[("died", "2026-11-01")]);
    let proposed = registry.propose_correction(&house.second, person, &death).await.unwrap();
    assert_eq!(registry.correction(&house.second, proposed.id).await.unwrap().documents[0].document.id, card);
    registry.apply_correction(&house.prosecution_clerk, proposed.id).await.unwrap();
    assert_eq!(registry.view_document(&house.operator, card).await.unwrap().state, DocumentState::Cancelled);
    let kinds = |reviews: Vec<tanba_registry::ReviewTask>| reviews.into_iter().map(|r| r.kind).collect::<Vec<_>>();
    assert_eq!(kinds(registry.open_reviews(&house.second).await.unwrap()), ["death_recorded"]);

    for key in ["k2", "k3"] {
        assert_eq!(denied(house.open(&aida, "passport", key).await), "recorded_dead");
    }
    let open = kinds(registry.open_reviews(&house.second).await.unwrap());
    assert_eq!(open, ["death_recorded", "identity_conflict"], "one review, however often it is tried");

    let alive = change(CorrectionKind::DeathWithdrawn, &[]);
    let withdrawn = registry.propose_correction(&house.second, person, &alive).await.unwrap();
    registry.apply_correction(&house.prosecution_clerk, withdrawn.id).await.unwrap();
    assert!(house.open(&aida, "passport", "k4").await.unwrap().already_registered);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_duplicate_becomes_one_record_in_two_steps_by_two_officers() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter;
    let second = house.register(&other, &aida, "k2", 2).await.unwrap().encounter;
    let registry = &house.registry;
    let task = registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    house.judge(&house.examiner_a, task, Conclusion::Identification).await.unwrap();
    house.judge(&house.examiner_b, task, Conclusion::Identification).await.unwrap();
    let open = registry.open_reviews(&house.second).await.unwrap();
    assert_eq!(
        (open[0].persons.clone(), open[0].encounters.clone()),
        (vec![second.person, first.person], vec![second.id, first.id])
    );
    let review = registry.review(&house.second, open[0].id).await.unwrap();
    assert_eq!(review.merge, Some((second.person, first.person)));
    assert_eq!(review.decision.as_ref().unwrap().judgements.len(), 2);

    let proposed = registry.propose_merge(&house.second, open[0].id, "two examiners").await.unwrap();
    let again = registry.propose_merge(&house.second, open[0].id, "two examiners").await;
    assert!(matches!(again, Err(RegistryError::Conflict { .. })), "double click");
    let pending = registry.pending_revisions(&house.prosecution_clerk).await.unwrap();
    assert_eq!((pending[0].revision.id, pending[0].own), (proposed.id, false));
    assert!(registry.pending_revisions(&house.second).await.unwrap()[0].own);
    let detail = registry.revision(&house.prosecution_clerk, proposed.id).await.unwrap();
    assert_eq!((detail.reason.as_str(), detail.task.proposed_by.as_str()), ("two examiners", "second"));
    assert_eq!(detail.encounters[0].state, EncounterState::Duplicate);
    registry.apply_revision(&house.prosecution_clerk, proposed.id).await.unwrap();

    let left = registry.open_reviews(&house.second).await.unwrap();
    assert!(left.iter().all(|r| r.kind == "cluster_revised"), "the task that it answers is closed: {left:?}");
    let (purpose, reason) = (LookPurpose::Revision, "checking");
    let ended = registry.view_person(&house.second, second.person, purpose, reason).await.unwrap();
    assert_eq!((ended.state.as_str(), ended.merged_into), ("merged", Some(first.person)));
    let whole = registry.view_person(&house.second, first.person, purpose, reason).await.unwrap();
    assert_eq!((whole.merged_from, whole.encounters.len(), whole.merged_into), (vec![second.person], 2, None));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_rejected_split_leaves_no_empty_record_behind() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter;
    let second = house.register(&aida, &aida, "k2", 2).await.unwrap().encounter;
    let split = Revision::Split { person: first.person, encounters: vec![second.id] };
    let proposed = house.registry.propose_revision(&house.second, &split, "two people?").await.unwrap();
    let fresh = proposed.moves[0].2;
    house.registry.reject_revision(&house.prosecution_clerk, proposed.id).await.unwrap();
    let empty = house.registry.view_person(&house.second, fresh, LookPurpose::Revision, "x").await.unwrap();
    assert_eq!(empty.state, "merged");
    assert!(house.registry.pending_revisions(&house.second).await.unwrap().is_empty());
}

/// One pair of hands registered twice under two numbers.
async fn printed_twice(
    house: &House,
    hands: &tanba_synth::Person,
    alias: &tanba_synth::Person,
) -> [tanba_registry::EncounterView; 2] {
    let first = house.register(hands, hands, "k1", 1).await.unwrap().encounter;
    let second = house.register(alias, hands, "k2", 2).await.unwrap().encounter;
    // Two examiners erred, and both cards were printed.
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    for login in ["erring-1", "erring-2"] {
        let examiner = house.another(login, Role::FingerprintExaminer).await;
        house.judge(&examiner, task, Conclusion::Exclusion).await.unwrap();
    }
    [first, second]
}

#[tokio::test]
async fn a_duplicate_found_after_printing_is_decided_by_prints_and_changes_nothing_by_itself() {
    let (aida, other, third) = (adult(11), adult(12), adult(13));
    let house = house(&[&aida, &other, &third]).await;
    let [first, second] = printed_twice(&house, &aida, &other).await;
    card(&house, first.id, "D-1").await;
    let later = card(&house, second.id, "D-2").await;
    let registry = &house.registry;
    let alias = KnownBy::Iin(other.iin.as_str().to_owned());
    let candidate =
        registry.suspect_duplicate(&house.second, first.person, &alias, "same face on two cards").await.unwrap();
    let twice =
        registry.suspect_duplicate(&house.second, second.person, &KnownBy::Document("D-1".to_owned()), "x").await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })));
    let itself = registry.suspect_duplicate(&house.second, first.person, &KnownBy::Person(first.person), "x").await;
    assert!(matches!(itself, Err(RegistryError::Invalid { .. })));
    let nobody =
        registry.suspect_duplicate(&house.second, first.person, &KnownBy::Document("none".to_owned()), "x").await;
    assert!(matches!(nobody, Err(RegistryError::NotFound { .. })));

    let task = registry.candidate_tasks(&house.examiner_a).await.unwrap();
    assert_eq!((task.len(), task[0].id, task[0].encounter), (1, candidate, second.id), "the later one is looked at");
    for examiner in [&house.examiner_a, &house.examiner_b] {
        let done = house.judge(examiner, candidate, Conclusion::Identification).await.unwrap();
        assert_eq!(done.encounter_state, EncounterState::Registered, "a registered encounter is not closed by it");
    }
    assert_eq!(registry.people_searchable(), 2, "nor registered again");
    let open = registry.open_reviews(&house.second).await.unwrap();
    assert_eq!(open[0].kind, "duplicate_registration");
    let review = registry.review(&house.second, open[0].id).await.unwrap();
    assert_eq!(review.merge, Some((second.person, first.person)));
    assert!(review.parties[0].documents.iter().any(|d| d.document.id == later && d.in_force()));
    assert!(review.decision.unwrap().log10_lr > 2.0);
    let document = registry.view_document(&house.operator, later).await.unwrap();
    assert_eq!(document.state, DocumentState::Issued, "people decide about documents");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn two_who_are_found_different_stay_two() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter;
    let second = house.register(&other, &other, "k2", 1).await.unwrap().encounter;
    let pair = KnownBy::Person(second.person);
    let candidate = house.registry.suspect_duplicate(&house.operator, first.person, &pair, "same name").await.unwrap();
    for examiner in [&house.examiner_a, &house.examiner_b] {
        house.judge(examiner, candidate, Conclusion::Exclusion).await.unwrap();
    }
    assert!(house.registry.open_reviews(&house.second).await.unwrap().is_empty());
    assert_eq!(house.registry.people_searchable(), 2);
    let view = house.registry.complete(&house.operator, second.id).await.unwrap();
    assert_eq!(
        (view.encounter.state, view.candidates),
        (EncounterState::Registered, 0),
        "the encounter knows nothing of it"
    );
    // Without prints there is nothing to compare.
    let typed = OpenEncounter {
        client_key: "k3".to_owned(),
        trigger: "identity_card".to_owned(),
        iin: None,
        typed: BTreeMap::from([
            ("born".to_owned(), "1990-01-01".to_owned()),
            ("status".to_owned(), "citizen".to_owned()),
        ]),
    };
    let bare = house.registry.open_encounter(&house.operator, &typed).await.unwrap();
    let nothing = house.registry.suspect_duplicate(&house.operator, bare.person, &pair, "x").await;
    assert!(matches!(nothing, Err(RegistryError::Conflict { .. })));
}
