//! What the person concerned asks for: taken, answered in time with reasons, and followed by what was granted.

use jiff::civil::date;
use tanba_registry::{
    Act, Actor, LookPurpose, NewAnswer, NewRepresentation, NewRequest, OwnRequest, PersonQuery, RegistryError,
    RepresentativeKind, RequestKind, RetentionEvent, Role, RowId, Target, Verdict,
};
use tanba_synth::Person;

use crate::access::{case, grounds, prints_of, sanction};
use crate::citizen::citizen;
use crate::house::{
    House, account, adult, all_files, denied, house, house_under, house_with, record, sign_in, teenager, today,
};
use crate::law_in_use::{KZ_2024, folder};
use crate::retention::{record_id, travel};

fn granted(reasons: &str) -> NewAnswer {
    NewAnswer { granted: true, reasons: reasons.to_owned(), clause: String::new(), appeal: String::new() }
}

fn refused(reasons: &str) -> NewAnswer {
    NewAnswer {
        granted: false,
        reasons: reasons.to_owned(),
        clause: "Art. 17".to_owned(),
        appeal: "the court of the district".to_owned(),
    }
}

fn ask(kind: RequestKind, text: &str) -> NewRequest {
    match kind {
        RequestKind::Correction => NewRequest::correction("other", text),
        _ => NewRequest::new(kind, text),
    }
}

async fn own_request(house: &House, own: &Actor, id: RowId) -> OwnRequest {
    let page = house.registry.own_page(own, None, 100).await.unwrap();
    page.requests.into_iter().find(|request| request.id == id).unwrap()
}

async fn restricted(house: &House, own: &Actor) -> RowId {
    let new = NewRequest::new(RequestKind::Restriction, "this is contested before the court");
    let id = house.registry.ask_for(own, &new).await.unwrap();
    house.registry.answer_request(&house.second, id, &granted("until the court has decided")).await.unwrap();
    id
}

async fn complete(house: &House, id: tanba_registry::EncounterId, hands: &Person) -> usize {
    house.capture_all(id, hands, 1).await.unwrap();
    house.registry.complete(&house.operator, id).await.unwrap().candidates
}

#[tokio::test]
async fn a_request_is_sealed_read_by_whoever_answers_and_answered_with_reasons() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    let own = citizen(&house, "aida", person).await;
    let text = "My name ends on -ova, not on -eva.\nThe passport has it right.";
    let wrong = NewRequest::correction("family_name_latin", text);
    let id = house.registry.ask_for(&own, &wrong).await.unwrap();
    let task = house.registry.open_reviews(&house.second).await.unwrap().remove(0);
    assert_eq!((task.kind.as_str(), task.subject_id.clone()), ("correction_requested", id.to_string()));
    assert_eq!(task.persons, [person]);
    let seen = house.registry.person_request(&house.second, id).await.unwrap();
    assert_eq!((seen.person, seen.request.text.as_str(), seen.request.via.as_str()), (person, text, "own_page"));
    assert_eq!(denied(house.registry.person_request(&house.operator, id).await), "role");
    assert_eq!(denied(house.registry.ask_for(&house.second, &wrong).await), "role");
    let closed = house.registry.close_review(&house.second, task.id, "done").await;
    assert!(matches!(closed, Err(RegistryError::Conflict { .. })), "a request is answered, not closed");

    // Nobody is refused without a clause and a place for the appeal, or answered without reasons.
    for (without, field) in [
        (NewAnswer { clause: String::new(), ..refused("no") }, "clause"),
        (NewAnswer { appeal: " ".to_owned(), ..refused("no") }, "appeal"),
        (granted("  "), "reasons"),
    ] {
        let answer = house.registry.answer_request(&house.second, id, &without).await;
        assert!(matches!(answer, Err(RegistryError::Invalid { field: f, .. }) if f == field), "{field}: {answer:?}");
    }
    house.registry.answer_request(&house.second, id, &refused("the certificate of birth has -eva")).await.unwrap();
    let again = house.registry.answer_request(&house.second, id, &granted("yes")).await;
    assert!(matches!(again, Err(RegistryError::Conflict { .. })), "once");
    assert!(house.registry.open_reviews(&house.second).await.unwrap().is_empty(), "the answer closes the task");
    let request = own_request(&house, &own, id).await;
    let answer = request.answer.unwrap();
    assert_eq!((answer.granted, answer.reasons.as_str()), (Some(false), "the certificate of birth has -eva"));
    assert_eq!(
        (answer.clause.as_deref(), answer.appeal.as_deref()),
        (Some("Art. 17"), Some("the court of the district"))
    );
    let proof = house.registry.own_entry(&own, answer.log_seq.unwrap()).await.unwrap();
    assert_eq!(proof.event, "request.answered", "the person can take its proof away");
    let page = house.registry.own_page(&own, None, 100).await.unwrap();
    for event in ["request.made", "request.viewed", "request.answered"] {
        assert!(page.looks.iter().any(|look| look.event == event), "{event}");
    }
    for sealed in [&b"ends on -ova"[..], b"birth has -eva", b"court of the district"] {
        let found = all_files(&house.data()).iter().any(|(_, bytes)| bytes.windows(sealed.len()).any(|w| w == sealed));
        assert!(!found, "words and answers are sealed");
    }

    for bad in ["", "   ", &"x".repeat(1001), "a\u{0}b"] {
        let answer = house.registry.ask_for(&own, &NewRequest::correction("other", bad)).await;
        assert!(matches!(answer, Err(RegistryError::Invalid { field: "text", .. })));
    }
    let narrower = NewRequest { attribute: Some("born".to_owned()), ..ask(RequestKind::Erasure, "all of it") };
    assert!(matches!(
        house.registry.ask_for(&own, &narrower).await,
        Err(RegistryError::Invalid { field: "attribute", .. })
    ));
    for n in 0..5 {
        let new = NewRequest::correction("other", format!("{n}"));
        let id = house.registry.ask_for(&own, &new).await.unwrap();
        assert_eq!(id, house.registry.ask_for(&own, &new).await.unwrap(), "the same words sent twice are one request");
    }
    let sixth = house.registry.ask_for(&own, &ask(RequestKind::Review, "too many")).await;
    assert!(matches!(sixth, Err(RegistryError::Conflict { .. })));
    house.registry.ask_for(&own, &ask(RequestKind::Complaint, "nobody answers")).await.unwrap();
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_request_is_taken_at_the_counter_and_from_a_letter_and_answered_by_somebody_else() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let person = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let own = citizen(&house, "aida", person).await;
    let spoken = ask(RequestKind::Restriction, "she asks that nobody uses her prints");
    let at_counter = house.registry.enter_request(&house.operator, person, &spoken, None).await.unwrap();
    let written = ask(RequestKind::Erasure, "please erase everything");
    let by_letter =
        house.registry.enter_request(&house.second, person, &written, Some("in 2026-11/384")).await.unwrap();
    assert_eq!(denied(house.registry.enter_request(&house.officer, person, &written, None).await), "role");
    assert_eq!(own_request(&house, &own, at_counter).await.via, "counter");
    assert_eq!(own_request(&house, &own, by_letter).await.via, "letter");
    let seen = house.registry.person_request(&house.prosecution_clerk, by_letter).await.unwrap();
    assert_eq!(seen.reference.as_deref(), Some("in 2026-11/384"));
    assert!(!seen.duties.is_empty(), "the officer reads which clause made the registration a duty");
    let own_answer = house.registry.answer_request(&house.second, by_letter, &refused("no")).await;
    assert_eq!(denied(own_answer), "four_eyes");
    house.registry.answer_request(&house.prosecution_clerk, by_letter, &refused("a duty by law")).await.unwrap();

    // A restricted record is opened by nobody; its holder is still heard.
    house.registry.answer_request(&house.second, at_counter, &granted("until it is settled")).await.unwrap();
    let complaint = ask(RequestKind::Complaint, "my letter was refused");
    house.registry.enter_request(&house.operator, person, &complaint, None).await.unwrap();
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f6_a_restricted_record_is_in_no_search_through_retention_and_a_restart_and_found_once_lifted() {
    let people: Vec<Person> = (11..16).map(adult).collect();
    let [aida, b, c, d, e] = &people[..] else { panic!("five people") };
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    let done = house.register(aida, aida, "k1", 1).await.unwrap();
    let person = done.encounter.person;
    let (of_c, of_d, of_e) = (
        house.open(c, "identity_card", "c").await.unwrap().id,
        house.open(d, "identity_card", "d").await.unwrap().id,
        house.open(e, "identity_card", "e").await.unwrap().id,
    );
    let own = citizen(&house, "aida", person).await;
    let id = restricted(&house, &own).await;
    assert_eq!(house.registry.people_searchable(), 0);
    assert_eq!(house.register(b, aida, "k2", 1).await.unwrap().candidates, 0, "in no search");

    // No officer opens it, and the person reads who tried.
    let view = house.registry.view_person(&house.second, person, LookPurpose::Correction, "a letter").await;
    assert_eq!(denied(view), "restricted");
    assert_eq!(denied(house.registry.view_encounter(&house.operator, done.encounter.id).await), "restricted");
    assert_eq!(denied(house.open(aida, "passport", "k3").await), "restricted");
    let permit = case(&house, &house.officer).await;
    let permit = grounds(Some(permit), Some(sanction(&house, permit, None, 5).await));
    let number = || Target::Iin(aida.iin.as_str().to_owned());
    assert_eq!(denied(house.registry.ask(&house.officer, Act::Read, &permit, &number()).await), "restricted");
    let border = house.authority("border", "border_service", &[("guard", Role::Officer)]).await.remove(0);
    let crossing = tanba_registry::NewCase { number: "crossing 7".to_owned(), kind: "border".to_owned() };
    let crossing = house.registry.open_case(&border, &crossing).await.unwrap();
    let crossing =
        tanba_registry::Grounds { purpose: Some("border_control".to_owned()), ..grounds(Some(crossing), None) };
    let target = Target::IinAndPrints(aida.iin.as_str().to_owned(), prints_of(aida));
    assert_eq!(
        denied(house.registry.ask(&border, Act::Verify, &crossing, &target).await),
        "restricted",
        "nor one to one"
    );
    let mark = Target::Prints(prints_of(aida), None);
    let found = house.registry.ask(&house.officer, Act::Identify, &permit, &mark).await.unwrap().candidates.unwrap();
    assert_eq!(found.len(), 1, "the other record with these hands alone");
    let page = house.registry.own_page(&own, None, 100).await.unwrap();
    for event in ["records.restricted", "person.denied", "encounter.denied", "access.denied"] {
        assert!(page.looks.iter().any(|look| look.event == event), "{event}");
    }

    // Retention would let a record be used that the law lets be used; not this one.
    let run = house.registry.run_retention().await.unwrap();
    assert_eq!((run.unblocked, house.registry.people_searchable()), (0, 1));
    assert_eq!(complete(&house, of_c, aida).await, 1, "after retention ran");
    let house = house.reopened().await;
    house.registry.run_retention().await.unwrap();
    assert_eq!(house.registry.people_searchable(), 1);
    assert_eq!(complete(&house, of_d, aida).await, 1, "after a restart");
    // The population register is empty now, so that the own record is all that could be shown.
    let number = PersonQuery::Iin(aida.iin.as_str().to_owned());
    let shown = async || house.registry.find_person(&house.operator, &number).await.unwrap().people.len();
    assert_eq!(shown().await, 0, "nor is it shown to who looks for a person");

    let again = NewRequest::new(RequestKind::Restriction, "once more");
    let again = house.registry.ask_for(&own, &again).await.unwrap();
    let twice = house.registry.answer_request(&house.second, again, &granted("yes")).await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })), "it is restricted");
    assert_eq!(denied(house.registry.lift_restriction(&house.operator, id, "settled").await), "role");
    assert!(matches!(
        house.registry.lift_restriction(&house.second, id, " ").await,
        Err(RegistryError::Invalid { field: "reasons", .. })
    ));
    house.registry.lift_restriction(&house.second, id, "the court dismissed the case").await.unwrap();
    let more = house.registry.lift_restriction(&house.second, id, "again").await;
    assert!(matches!(more, Err(RegistryError::Conflict { .. })), "once");
    assert_eq!(house.registry.people_searchable(), 2);
    assert_eq!((complete(&house, of_e, aida).await, shown().await), (2, 1), "found again");
    house.registry.view_person(&house.second, person, LookPurpose::Correction, "a letter").await.unwrap();
    let lifted = own_request(&house, &own, id).await.lifted.unwrap();
    assert_eq!(lifted.1, "the court dismissed the case");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f6_lifting_gives_back_only_what_the_law_lets_be_used() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let own = citizen(&house, "aida", done.encounter.person).await;
    let id = restricted(&house, &own).await;
    // Ten years without the review that the law asks for.
    travel(&house, date(2036, 11, 23));
    house.registry.run_retention().await.unwrap();
    let second = sign_in(&house.registry, "second", None).await;
    house.registry.lift_restriction(&second, id, "settled").await.unwrap();
    assert_eq!(house.registry.people_searchable(), 0, "the review is still to come");
    let review = RetentionEvent {
        event: "reviewed".to_owned(),
        on: date(2036, 11, 23),
        gravity: None,
        evidence: "note 5".to_owned(),
    };
    house.registry.record_retention_event(&second, record_id(done.encounter.id), &review).await.unwrap();
    assert_eq!(house.registry.run_retention().await.unwrap().unblocked, 1);
    assert_eq!(house.registry.people_searchable(), 1);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f7_every_kind_of_request_that_nobody_answers_by_its_day_is_put_before_the_supervisor() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    let own = citizen(&house, "aida", person).await;
    let mut late = Vec::new();
    for kind in RequestKind::ALL {
        late.push((kind, house.registry.ask_for(&own, &ask(kind, "nobody reads this")).await.unwrap()));
    }
    let answered = ask(RequestKind::Complaint, "a date is wrong");
    let answered = house.registry.ask_for(&own, &answered).await.unwrap();
    let overdue = async || {
        let waiting = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap().waiting;
        waiting.iter().find(|w| w.kind == "request_overdue").map_or(0, |w| w.count)
    };
    let due = own_request(&house, &own, late[0].1).await.due_on.expect("a request has a day");
    assert!(due > house.registry.today());
    for (kind, id) in &late {
        assert_eq!(own_request(&house, &own, *id).await.due_on, Some(due), "{kind:?}");
    }
    // On the last day it is not late yet.
    travel(&house, due);
    house.registry.run_retention().await.unwrap();
    assert_eq!((overdue().await, own_request(&house, &own, late[0].1).await.escalated_at), (0, None));
    house.registry.answer_request(&house.supervisor, answered, &granted("it is put right")).await.unwrap();
    travel(&house, due.tomorrow().unwrap());
    house.registry.run_retention().await.unwrap();
    assert_eq!(overdue().await, 5, "the one that was answered is not late");
    let seen = house.registry.own_page(&own, None, 100).await.unwrap();
    let told: usize = seen.looks.iter().filter(|g| g.event == "request.overdue").map(|g| g.entries.len()).sum();
    assert_eq!(told, 5, "the person sees it too");
    // Once, and until it is answered: the complaint by the supervisor, everything else by an officer.
    assert_eq!(house.registry.escalate_requests().await.unwrap(), 0);
    for (kind, id) in late {
        assert!(own_request(&house, &own, id).await.escalated_at.is_some(), "{kind:?}");
        let complaint = kind == RequestKind::Complaint;
        let (answers, does_not) =
            if complaint { (&house.supervisor, &house.second) } else { (&house.second, &house.supervisor) };
        let listed = |lines: Vec<tanba_registry::RequestLine>| lines.iter().any(|line| line.id == id && line.overdue);
        assert!(listed(house.registry.requests_to_answer(answers).await.unwrap()), "{kind:?}");
        assert!(!listed(house.registry.requests_to_answer(does_not).await.unwrap()), "{kind:?}");
        assert_eq!(denied(house.registry.person_request(does_not, id).await), "role", "{kind:?}");
        assert_eq!(denied(house.registry.answer_request(does_not, id, &refused("no")).await), "role", "{kind:?}");
        house.registry.answer_request(answers, id, &refused("with apologies for the delay")).await.unwrap();
    }
    assert_eq!(overdue().await, 0);
    assert!(house.registry.requests_to_answer(&house.second).await.unwrap().is_empty());
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f7_erasure_is_granted_where_the_law_left_a_choice_and_refused_by_its_clause_where_it_did_not() {
    let aida = adult(11);
    let dutiful = house(&[&aida]).await;
    let person = dutiful.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let own = citizen(&dutiful, "aida", person).await;
    let erase = ask(RequestKind::Erasure, "erase my prints");
    let id = dutiful.registry.ask_for(&own, &erase).await.unwrap();
    let answer = dutiful.registry.answer_request(&dutiful.second, id, &granted("gladly")).await;
    assert_eq!(denied(answer), "registration_is_a_duty", "nobody grants what the law forbids");
    assert!(own_request(&dutiful, &own, id).await.answer.is_none(), "and nothing was half answered");
    dutiful.registry.answer_request(&dutiful.second, id, &refused("a duty")).await.unwrap();
    let nothing = dutiful.registry.erasure_certificate(&own).await;
    assert!(matches!(nothing, Err(RegistryError::NotFound { .. })), "{nothing:?}");
    assert_eq!(dutiful.registry.people_searchable(), 1);
    dutiful.assert_log_is_sound().await;

    let house = house_under([record(&aida, &[])].into(), "kz", &folder(&[("kz-2024", KZ_2024)]), today()).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    crate::law_in_use::consent(&house, encounter.id, &aida).await;
    house.capture_all(encounter.id, &aida, 1).await.unwrap();
    house.registry.complete(&house.operator, encounter.id).await.unwrap();
    let own = citizen(&house, "aida", encounter.person).await;
    let id = house.registry.ask_for(&own, &erase).await.unwrap();
    assert!(house.registry.person_request(&house.second, id).await.unwrap().duties.is_empty());
    house.registry.answer_request(&house.second, id, &granted("it was given by a consent")).await.unwrap();
    assert_eq!(house.registry.people_searchable(), 0);
    let page = house.registry.own_page(&own, None, 100).await.unwrap();
    assert_eq!(page.prints_held, 0);
    let erased: usize = page.looks.iter().filter(|l| l.event == "record.erased").map(|l| l.entries.len()).sum();
    assert_eq!(erased, 2, "images and templates");
    house.registry.publish().await.unwrap();
    let certificate = house.registry.erasure_certificate(&own).await.unwrap();
    let key = tanba_seal::log::LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    let proved = certificate.verify(&key).unwrap();
    let parts: Vec<&str> = proved.iter().map(|erasure| erasure.erased[0].as_str()).collect();
    assert_eq!(parts, ["print_images", "print_templates"]);
    for erasure in &proved {
        assert_eq!(erasure.erased[1], format!("record {}", encounter.id));
        assert!(erasure.erased[2].starts_with("key "), "the evidence of the key that was destroyed");
    }
    assert_eq!(denied(house.registry.erasure_certificate(&house.second).await), "role");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f8_a_contested_match_goes_to_examiners_who_took_no_part_in_the_first() {
    let (aida, other, third) = (adult(11), adult(12), adult(13));
    let house = house(&[&aida, &other, &third]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let done = house.register(&other, &aida, "k2", 2).await.unwrap();
    let uninvolved = house.open(&third, "identity_card", "k3").await.unwrap().person;
    let own = citizen(&house, "other", done.encounter.person).await;
    let first = house.registry.candidate_tasks(&house.examiner_a).await.unwrap().remove(0).id;
    assert!(comparisons(&house, &own).await.is_empty(), "nothing is decided");
    for examiner in [&house.examiner_a, &house.examiner_b] {
        house.judge(examiner, first, Verdict::Same).await.unwrap();
    }
    let contest = |id| NewRequest { comparison: Some(id), ..ask(RequestKind::Review, "these are not my hands") };
    let stranger = citizen(&house, "stranger", uninvolved).await;
    let not_theirs = house.registry.ask_for(&stranger, &contest(first)).await;
    assert!(matches!(not_theirs, Err(RegistryError::NotFound { .. })), "{not_theirs:?}");
    assert_eq!(comparisons(&house, &own).await, [(first, "same".to_owned(), false)]);
    let id = house.registry.ask_for(&own, &contest(first)).await.unwrap();
    assert_eq!(comparisons(&house, &own).await, [(first, "same".to_owned(), true)]);
    let twice = NewRequest { text: "look again".to_owned(), ..contest(first) };
    assert!(matches!(house.registry.ask_for(&own, &twice).await, Err(RegistryError::Conflict { .. })));

    // Neither examiner, under no account, marks, sees or judges it; others do.
    let new = tanba_registry::NewAccount {
        natural_person: "P-examiner-a".to_owned(),
        ..account("examiner-a2", house.ministry, Role::FingerprintExaminer)
    };
    house.registry.add_account(&house.administrator, &new).await.unwrap();
    let same_human = sign_in(&house.registry, "examiner-a2", None).await;
    let (c, d) = (
        house.another("examiner-c", Role::FingerprintExaminer).await,
        house.another("examiner-d", Role::FingerprintExaminer).await,
    );
    let second = house.registry.candidate_tasks(&c).await.unwrap().remove(0);
    assert!(second.barred.is_none());
    for barred in [&house.examiner_a, &house.examiner_b, &same_human] {
        assert_eq!(denied(house.registry.examination(barred, second.id).await), "same_examiner");
        let locked = house.registry.lock_markings(barred, second.id, &crate::house::markings()).await;
        assert_eq!(denied(locked), "same_examiner");
        assert_eq!(denied(house.registry.judge(barred, second.id, Verdict::Same).await), "same_examiner");
    }
    let early = house.registry.answer_request(&house.second, id, &granted("yes")).await;
    assert!(matches!(early, Err(RegistryError::Conflict { .. })), "not before they have decided");
    for examiner in [&c, &d] {
        house.judge(examiner, second.id, Verdict::Different).await.unwrap();
    }
    let view = house.registry.person_request(&house.second, id).await.unwrap();
    assert_eq!((view.comparison, view.second_look.as_deref()), (Some(first), Some("different")));
    let tasks = house.registry.open_reviews(&house.second).await.unwrap();
    let overturned =
        tasks.iter().find(|task| task.kind == "match_overturned").expect("an officer undoes what followed");
    assert_eq!(overturned.persons.len(), 2);
    house.registry.answer_request(&house.second, id, &granted("two others found two people")).await.unwrap();
    house.assert_log_is_sound().await;
}

async fn comparisons(house: &House, own: &Actor) -> Vec<(tanba_registry::CandidateId, String, bool)> {
    let page = house.registry.own_page(own, None, 100).await.unwrap();
    page.comparisons.into_iter().map(|c| (c.id, c.finding, c.contested)).collect()
}

#[tokio::test]
async fn control_f2_a_guardian_reads_and_asks_for_a_child_until_sixteen_with_both_in_every_entry() {
    let (mother, child, neighbour, other_child) = (adult(31), teenager(32), adult(33), teenager(34));
    let records = vec![
        record(&mother, &[]),
        record(&child, &[&mother]),
        record(&neighbour, &[]),
        record(&other_child, &[&neighbour]),
    ];
    let born: jiff::civil::Date = child.born.iso().parse().unwrap();
    let house = house_with(records).await;
    let open = async |person: &Person, key: &str| house.open(person, "passport", key).await.unwrap().person;
    let (of_mother, of_child) = (open(&mother, "m").await, open(&child, "c").await);
    let (of_neighbour, of_other) = (open(&neighbour, "n").await, open(&other_child, "o").await);
    let guardian = citizen(&house, "mother", of_mother).await;
    let stranger = citizen(&house, "neighbour", of_neighbour).await;
    let own = citizen(&house, "child", of_child).await;

    assert_eq!(house.registry.find_represented(&guardian, child.iin.as_str()).await.unwrap(), of_child);
    let read = house.registry.represented_page(&guardian, of_child, None, 50).await.unwrap();
    assert_eq!(read.kind, RepresentativeKind::Guardian);
    assert_eq!(read.until, Some(date(born.year() + 16, born.month(), born.day()).yesterday().unwrap()));
    assert!(read.page.attributes.iter().any(|a| a.name == "iin" && a.value == child.iin.as_str()));
    let new = ask(RequestKind::Correction, "the name of my daughter is wrong");
    let id = house.registry.ask_for_represented(&guardian, of_child, &new).await.unwrap();
    assert_eq!(own_request(&house, &own, id).await.via, "representative");

    // Both are named in the entries; the child reads who it was, and so does the guardian.
    let entries = house.registry.supervise(&house.supervisor, 0, 1000).await.unwrap();
    for event in ["represented.viewed", "request.made"] {
        let entry = entries.iter().find(|entry| entry.look.event == event).unwrap();
        assert_eq!(entry.subjects, 2, "{event}");
        assert_eq!(entry.details["representative"], of_mother.to_string(), "{event}");
        for (actor, name) in [(&own, true), (&guardian, false)] {
            let page = house.registry.own_page(actor, None, 100).await.unwrap();
            let group = page.looks.iter().find(|group| group.event == event).unwrap();
            assert_eq!((group.representative.is_some(), group.own), (name, !name), "{event}");
        }
    }
    let told = house.registry.own_page(&own, None, 100).await.unwrap();
    let told = told.looks.iter().find(|group| group.event == "represented.viewed").unwrap();
    assert!(told.representative.as_ref().unwrap().contains(&mother.name.family.kk));

    // A guardian of another child, a record that is not there, a number of nobody: all the same answer.
    for person in [of_child, of_mother, "0199d2c0-0000-7000-8000-000000000000".parse().unwrap()] {
        let read = house.registry.represented_page(&stranger, person, None, 50).await;
        assert_eq!(denied(read), "not_a_representative");
    }
    assert_eq!(denied(house.registry.ask_for_represented(&stranger, of_child, &new).await), "not_a_representative");
    assert_eq!(denied(house.registry.find_represented(&stranger, child.iin.as_str()).await), "not_a_representative");
    assert_eq!(
        denied(house.registry.find_represented(&stranger, adult(99).iin.as_str()).await),
        "not_a_representative"
    );
    assert_eq!(denied(house.registry.represented_page(&house.second, of_child, None, 50).await), "role");
    house.registry.represented_page(&stranger, of_other, None, 50).await.unwrap();
    let seen = house.registry.own_page(&own, None, 100).await.unwrap();
    assert!(seen.looks.iter().any(|group| group.event == "representation.denied"), "the child sees who tried");

    // The register takes the guardianship away, and gives it back: it counts with the next call.
    house.register.put(record(&child, &[]));
    let read = house.registry.represented_page(&guardian, of_child, None, 50).await;
    assert_eq!(denied(read), "not_a_representative");
    house.register.put(record(&child, &[&mother]));
    house.registry.represented_page(&guardian, of_child, None, 50).await.unwrap();

    // On the eve of the sixteenth birthday still, on the birthday no more.
    let birthday = date(born.year() + 16, born.month(), born.day());
    travel(&house, birthday.yesterday().unwrap());
    house.registry.represented_page(&guardian, of_child, None, 50).await.unwrap();
    travel(&house, birthday);
    let read = house.registry.represented_page(&guardian, of_child, None, 50).await;
    assert_eq!(denied(read), "represented_of_age");
    assert_eq!(denied(house.registry.ask_for_represented(&guardian, of_child, &new).await), "represented_of_age");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f2_an_attorney_reads_by_a_recorded_document_until_it_ends() {
    let (aida, attorney, other) = (adult(11), adult(12), adult(13));
    let house = house(&[&aida, &attorney, &other]).await;
    let open = async |person: &Person, key: &str| house.open(person, "identity_card", key).await.unwrap().person;
    let (person, of_attorney) = (open(&aida, "a").await, open(&attorney, "b").await);
    let of_other = open(&other, "c").await;
    let own = citizen(&house, "aida", person).await;
    let acting = citizen(&house, "attorney", of_attorney).await;
    let stranger = citizen(&house, "other", of_other).await;
    let until = date(2026, 12, 31);
    let new = NewRepresentation {
        attorney: attorney.iin.as_str().to_owned(),
        document: "notary 5, no. 117".to_owned(),
        valid_to: until,
    };
    let read = async |actor: &Actor| house.registry.represented_page(actor, person, None, 50).await;
    assert_eq!(denied(read(&acting).await), "not_a_representative");
    assert_eq!(denied(house.registry.record_representation(&house.operator, person, &new).await), "role");
    for (wrong, field) in [
        (NewRepresentation { valid_to: date(2026, 11, 22), ..new.clone() }, "valid_to"),
        (NewRepresentation { attorney: aida.iin.as_str().to_owned(), ..new.clone() }, "attorney"),
    ] {
        let answer = house.registry.record_representation(&house.second, person, &wrong).await;
        assert!(matches!(answer, Err(RegistryError::Invalid { field: f, .. }) if f == field), "{answer:?}");
    }
    let first = house.registry.record_representation(&house.second, person, &new).await.unwrap();
    let page = read(&acting).await.unwrap();
    assert_eq!((page.kind, page.until), (RepresentativeKind::Attorney, Some(until)));
    assert_eq!(denied(read(&stranger).await), "not_a_representative");
    let listed = house.registry.own_page(&own, None, 100).await.unwrap();
    assert_eq!((listed.representatives.len(), listed.represents.len()), (1, 0));
    assert!(listed.representatives[0].holds && listed.representatives[0].other == of_attorney);
    let theirs = house.registry.own_page(&acting, None, 100).await.unwrap();
    assert_eq!(theirs.represents[0].other, person);

    // The person ends it: with the next call it is over. Nobody else's representation is theirs to end.
    let foreign = house.registry.end_representation(&stranger, first).await;
    assert!(matches!(foreign, Err(RegistryError::NotFound { .. })), "{foreign:?}");
    house.registry.end_representation(&own, first).await.unwrap();
    assert_eq!(denied(read(&acting).await), "not_a_representative");
    let twice = house.registry.end_representation(&house.second, first).await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })));

    // Another holds through its last day, and no longer.
    house.registry.record_representation(&house.second, person, &new).await.unwrap();
    travel(&house, until);
    read(&acting).await.unwrap();
    travel(&house, date(2027, 1, 1));
    assert_eq!(denied(read(&acting).await), "not_a_representative");
    let found = all_files(&house.data()).iter().any(|(_, bytes)| bytes.windows(17).any(|w| w == b"notary 5, no. 117"));
    assert!(!found, "the document's reference is sealed");
    house.assert_log_is_sound().await;
}
