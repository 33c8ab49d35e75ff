//! Who may look, and who sees that they looked.

use tanba_formats::Finger;
use tanba_registry::{
    Act, Actor, CaseId, EncounterState, Grounds, Instant, NewAccount, NewCase, NewSanction, RegistryError, Role,
    SanctionId, Target, Verdict,
};
use tanba_synth::Person;

use crate::house::{FINGERS, House, PASSWORD, adult, denied, house, print, sign_in};

pub(crate) async fn case(house: &House, officer: &Actor) -> CaseId {
    let new = NewCase { number: "2026-000117".to_owned(), kind: "crime".to_owned() };
    house.registry.open_case(officer, &new).await.unwrap()
}

pub(crate) async fn sanction(house: &House, case: CaseId, subject: Option<&Person>, uses: u32) -> SanctionId {
    let new = NewSanction {
        case,
        authority: "prosecutor".to_owned(),
        issued_by: "Prosecutor's office, decision 8".to_owned(),
        issuer: None,
        purposes: ["crime_investigation".to_owned()].into(),
        acts: vec![Act::Identify, Act::Read, Act::ReleaseIdentity],
        subject_iin: subject.map(|p| p.iin.as_str().to_owned()),
        valid_from: Instant::from_micros(0),
        valid_to: Instant::from_micros(4_000_000_000_000_000),
        max_uses: uses,
        tell_person_at: None,
    };
    house.registry.enter_sanction(&house.prosecution_clerk, &new).await.unwrap()
}

pub(crate) fn grounds(case: Option<CaseId>, sanction: Option<SanctionId>) -> Grounds {
    Grounds {
        purpose: Some("crime_investigation".to_owned()),
        case,
        legal_basis: Some("Code of Criminal Procedure (demonstration)".to_owned()),
        sanction,
        urgent: None,
    }
}

fn iin(person: &Person) -> Target {
    Target::Iin(person.iin.as_str().to_owned())
}

pub(crate) fn mark(person: &Person) -> Target {
    Target::Prints(prints_of(person), None)
}

pub(crate) fn prints_of(person: &Person) -> Vec<(Finger, Vec<u8>, Option<f64>)> {
    vec![(FINGERS[0], print(person, FINGERS[0], 5), None), (FINGERS[1], print(person, FINGERS[1], 5), None)]
}

#[tokio::test]
async fn a_lawful_search_finds_the_person_and_a_name_takes_a_human_decision() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let sanction = sanction(&house, case, None, 2).await;
    let grounds = grounds(Some(case), Some(sanction));
    let answer = house.registry.ask(&house.officer, Act::Identify, &grounds, &mark(&aida)).await.unwrap();
    let candidates = answer.candidates.unwrap();
    assert_eq!(candidates.len(), 1);
    assert!(answer.identity.is_none(), "a candidate has no name");
    assert!(!answer.assumed.is_empty(), "demonstration says what it assumed");
    // Without a decision in words the candidate stays one, and no use of the sanction is taken.
    for silence in ["", " \t"] {
        let unsaid = Target::Candidate(candidates[0].encounter, silence.to_owned());
        let refused = house.registry.ask(&house.officer, Act::ReleaseIdentity, &grounds, &unsaid).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { field: "decision", .. })), "{refused:?}");
    }
    let release = Target::Candidate(candidates[0].encounter, "compared by hand, same source".to_owned());
    let released = house.registry.ask(&house.officer, Act::ReleaseIdentity, &grounds, &release).await.unwrap();
    let identity = released.identity.unwrap();
    assert_eq!(identity["iin"], aida.iin.as_str());
    assert!(!identity.contains_key("sex"), "only the fields that the rule names");
    let log = house.registry.supervise(&house.supervisor, 0, 1000).await.unwrap();
    let granted: Vec<_> =
        log.iter().filter(|e| e.look.event == "access.granted").map(|e| &e.details["answer"]).collect();
    assert_eq!(granted.len(), 2, "the search and the name");
    assert_eq!(granted[1]["decision"], "compared by hand, same source");
    assert_eq!(granted[1]["encounter"], serde_json::json!(candidates[0].encounter));
    // Two uses were given and two were taken.
    assert_eq!(
        denied(house.registry.ask(&house.officer, Act::Identify, &grounds, &mark(&aida)).await),
        "sanction_used_up"
    );
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_c1_without_authority_purpose_case_or_basis_there_is_no_answer_and_each_is_named() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let sanction = sanction(&house, case, None, 9).await;
    let full = grounds(Some(case), Some(sanction));
    for (name, lacking) in [
        ("purpose", Grounds { purpose: None, ..full.clone() }),
        ("case", Grounds { case: None, ..full.clone() }),
        ("legal_basis", Grounds { legal_basis: None, ..full.clone() }),
        ("blank basis", Grounds { legal_basis: Some("  ".to_owned()), ..full.clone() }),
        ("sanction", Grounds { sanction: None, ..full.clone() }),
        ("another purpose", Grounds { purpose: Some("curiosity".to_owned()), ..full.clone() }),
    ] {
        let before = house.registry.denials().await.unwrap();
        match house.registry.ask(&house.officer, Act::Read, &lacking, &iin(&aida)).await {
            Err(RegistryError::Denied(denial)) => assert!(!denial.clause.is_empty(), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(house.registry.denials().await.unwrap(), before + 1, "{name}: every denial is logged");
    }
    // The operator of a counter is no officer of an authority.
    assert_eq!(denied(house.registry.ask(&house.operator, Act::Read, &full, &iin(&aida)).await), "role");
}

#[tokio::test]
async fn control_c11_a_body_that_the_law_does_not_list_gets_nothing() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let outsider = NewAccount { ..crate::house::account("outsider", house.centre, Role::Officer) };
    house.registry.add_account(&house.administrator, &outsider).await.unwrap();
    let outsider = sign_in(&house.registry, "outsider", None).await;
    let case = case(&house, &outsider).await;
    let result = house.registry.ask(&outsider, Act::Identify, &grounds(Some(case), None), &mark(&aida)).await;
    denied(result);
}

#[tokio::test]
async fn control_c4_who_may_verify_may_not_search_among_all() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let (guard, grounds) = guard(&house).await;
    let guard = &guard;
    let claimed = Target::IinAndPrints(aida.iin.as_str().to_owned(), prints_of(&aida));
    assert_eq!(house.registry.ask(guard, Act::Verify, &grounds, &claimed).await.unwrap().same, Some(true));
    assert_eq!(denied(house.registry.ask(guard, Act::Identify, &grounds, &mark(&aida)).await), "act_not_listed");
    assert_eq!(denied(house.registry.ask(guard, Act::Read, &grounds, &iin(&aida)).await), "act_not_listed");
}

/// A guard at the border, and what they ask on.
pub(crate) async fn guard(house: &House) -> (Actor, Grounds) {
    let border = house.authority("border", "border_service", &[("guard", Role::Officer)]).await;
    let new = NewCase { number: "crossing 7".to_owned(), kind: "border".to_owned() };
    let case = house.registry.open_case(&border[0], &new).await.unwrap();
    let grounds = Grounds { purpose: Some("border_control".to_owned()), ..grounds(Some(case), None) };
    (border[0].clone(), grounds)
}

#[tokio::test]
async fn control_c5_every_no_is_the_same_no() {
    let (aida, blocked, erased, begun, nobody) = (adult(11), adult(12), adult(13), adult(14), adult(15));
    let house = house(&[&aida, &blocked, &erased, &begun]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    assert_eq!(done.encounter.state, EncounterState::Registered);
    let pool = crate::retention::pool(&house).await;
    for (person, key, change) in [
        (&blocked, "k2", "UPDATE registrations SET state = 'blocked' WHERE encounter_id = $1"),
        (&erased, "k3", "UPDATE data_keys SET wrapped = NULL WHERE domain = 'template' AND owner_id = $1"),
    ] {
        let done = house.register(person, person, key, 1).await.unwrap();
        sqlx::query(change).bind(done.encounter.id.to_string()).execute(&pool).await.unwrap();
    }
    house.open(&begun, "identity_card", "k4").await.unwrap();
    let (guard, grounds) = guard(&house).await;
    let asked = async |claimed: &Person, hands: &Person| {
        let target = Target::IinAndPrints(claimed.iin.as_str().to_owned(), prints_of(hands));
        let answer = house.registry.ask(&guard, Act::Verify, &grounds, &target).await.unwrap();
        let same = answer.same;
        let mut said = serde_json::to_value(answer).unwrap();
        let said = said.as_object_mut().unwrap();
        assert!(said.remove("request").is_some() && said.remove("log_seq").is_some());
        (same, said.clone())
    };
    let (yes, full) = asked(&aida, &aida).await;
    assert_eq!(yes, Some(true));
    assert_eq!(full.keys().collect::<Vec<_>>(), ["assumed", "clause", "same"], "no score, no name, no template");
    let (no, of_another) = asked(&aida, &blocked).await;
    assert_eq!(no, Some(false));
    for (name, claimed) in
        [("blocked", &blocked), ("erased", &erased), ("without prints", &begun), ("unknown", &nobody)]
    {
        assert_eq!(asked(claimed, claimed).await, (Some(false), of_another.clone()), "{name}");
    }
}

#[tokio::test]
async fn a_sanction_about_one_person_opens_nobody_else_and_its_clerk_cannot_use_it() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let sanction = sanction(&house, case, Some(&aida), 9).await;
    let grounds = grounds(Some(case), Some(sanction));
    denied(house.registry.ask(&house.officer, Act::Read, &grounds, &iin(&other)).await);
    let read = house.registry.ask(&house.officer, Act::Read, &grounds, &iin(&aida)).await.unwrap();
    assert_eq!(read.identity.unwrap()["iin"], aida.iin.as_str());
    // The same human being under an officer's account.
    let twin = NewAccount {
        natural_person: "P-clerk".to_owned(),
        ..crate::house::account("twin", house.centre, Role::Officer)
    };
    let ministry_twin = NewAccount { organisation: house.ministry, ..twin };
    house.registry.add_account(&house.administrator, &ministry_twin).await.unwrap();
    let twin = sign_in(&house.registry, "twin", None).await;
    denied(house.registry.ask(&twin, Act::Read, &grounds, &iin(&aida)).await);
}

#[tokio::test]
async fn a_candidate_that_was_never_shown_cannot_be_released() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let sanction = sanction(&house, case, None, 9).await;
    let target = Target::Candidate(done.encounter.id, "I think so".to_owned());
    let result =
        house.registry.ask(&house.officer, Act::ReleaseIdentity, &grounds(Some(case), Some(sanction)), &target).await;
    assert!(matches!(result, Err(RegistryError::NotFound { what: "candidate" })), "{result:?}");
}

#[tokio::test]
async fn the_person_sees_who_looked_even_as_a_candidate() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let citizen = NewAccount {
        person: Some(done.encounter.person),
        password: PASSWORD.to_owned(),
        ..crate::house::account("aida", house.centre, Role::Citizen)
    };
    house.registry.add_account(&house.administrator, &citizen).await.unwrap();
    let citizen = sign_in(&house.registry, "aida", None).await;

    let second = house.register(&other, &aida, "k2", 2).await.unwrap();
    assert_eq!(second.encounter.state, EncounterState::Adjudication);
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    house.lock(&house.examiner_a, task).await;
    house.registry.comparison_material(&house.examiner_a, task).await.unwrap();
    house.registry.judge(&house.examiner_a, task, Verdict::Same).await.unwrap();
    let case = case(&house, &house.officer).await;
    denied(house.registry.ask(&house.officer, Act::Read, &grounds(Some(case), None), &iin(&aida)).await);

    let own = house.registry.own_record(&citizen, None, 100).await.unwrap();
    let events: Vec<&str> = own.looks.iter().map(|l| l.event.as_str()).collect();
    for event in [
        "own_record.viewed",
        "access.denied",
        "judgement.given",
        "candidate.viewed",
        "candidate.found",
        "registration.activated",
        "encounter.opened",
    ] {
        assert!(events.contains(&event), "{event} is missing from {events:?}");
    }
    assert!(own.looks.windows(2).all(|w| w[0].seq > w[1].seq), "newest first");
    assert_eq!(own.prints_held, 2);
    let page = house.registry.own_record(&citizen, None, 2).await.unwrap();
    assert!(page.more && page.looks.len() == 2);
    assert_eq!(denied(house.registry.own_record(&house.operator, None, 10).await), "role");
}

#[tokio::test]
async fn the_supervisor_reads_the_log_and_no_one_else_does() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let page = house.registry.supervise(&house.supervisor, 0, 1000).await.unwrap();
    assert_eq!(page[0].look.event, "instance.founded");
    assert!(page.iter().any(|e| e.look.event == "registration.activated" && e.subjects == 1));
    for other in [&house.administrator, &house.officer, &house.operator, &house.examiner_a] {
        assert_eq!(denied(house.registry.supervise(other, 0, 10).await), "role");
    }
}

#[tokio::test]
async fn signing_in_fails_the_same_way_for_a_wrong_password_and_an_unknown_login_and_then_rests() {
    let house = house(&[]).await;
    for login in ["operator", "nobody"] {
        let failed = house.registry.sign_in(login, "not the password at all", None).await;
        assert!(matches!(failed, Err(RegistryError::Unauthenticated)));
    }
    let elsewhere = |password| house.registry.sign_in("second", password, Some("no-such-station"));
    assert!(matches!(elsewhere("not the password at all").await, Err(RegistryError::Unauthenticated)));
    assert!(matches!(elsewhere(PASSWORD).await, Err(RegistryError::NotFound { what: "station" })));
    for _ in 0..4 {
        house.registry.sign_in("operator", "not the password at all", None).await.map(|_| ()).unwrap_err();
    }
    let resting = house.registry.sign_in("operator", PASSWORD, None).await;
    assert!(matches!(resting, Err(RegistryError::TooManyAttempts { .. })));
    house.clock.advance(jiff::SignedDuration::from_mins(6));
    sign_in(&house.registry, "operator", None).await;
}

#[tokio::test]
async fn a_disabled_account_is_out_with_the_next_call() {
    let house = house(&[]).await;
    let token = house.registry.sign_in("officer", PASSWORD, None).await.unwrap();
    house.registry.disable_account(&house.administrator, house.officer.account()).await.unwrap();
    assert!(matches!(house.registry.authenticate(token.reveal()).await, Err(RegistryError::Unauthenticated)));
}

#[tokio::test]
async fn someone_whose_record_was_merged_still_sees_every_look_at_either_record() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let a = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter;
    let b = house.register(&other, &other, "k2", 1).await.unwrap().encounter;
    let citizen = NewAccount { person: Some(b.person), ..crate::house::account("both", house.centre, Role::Citizen) };
    house.registry.add_account(&house.administrator, &citizen).await.unwrap();
    let citizen = sign_in(&house.registry, "both", None).await;
    let seen = |own: &tanba_registry::OwnRecord| own.looks.iter().filter(|l| l.event == "encounter.opened").count();
    let before = house.registry.own_record(&citizen, None, 100).await.unwrap();
    assert_eq!((before.encounters.len(), seen(&before)), (1, 1));

    let merge = tanba_registry::Revision::Merge { from: b.person, into: a.person };
    let proposed = house.registry.propose_revision(&house.second, &merge, "the same person").await.unwrap();
    house.registry.apply_revision(&house.prosecution_clerk, proposed.id).await.unwrap();
    let after = house.registry.own_record(&citizen, None, 100).await.unwrap();
    assert_eq!((after.encounters.len(), seen(&after)), (2, 2));
}
