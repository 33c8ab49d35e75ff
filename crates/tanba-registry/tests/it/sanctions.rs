//! Sanctions in a register: once, in time, by different people, for as long as the law lets them, after narrower registers. Named by the
//! control that each shows.

use std::collections::BTreeSet;
use std::pin::pin;

use jiff::SignedDuration;
use jiff::civil::date;
use sqlx::Row as _;
use tanba_registry::{
    Act, Actor, AnomalyKind, CaseId, Grounds, Instant, NewAccount, NewCase, NewPriorSearch, NewSanction, RegistryError,
    Role, SanctionId, Target,
};
use tanba_synth::Person;

use crate::access::{case, grounds, prints_of, sanction};
use crate::citizen::citizen;
use crate::house::{House, account, adult, denied, house, house_under, record, sign_in, today};
use crate::law_in_use::{KZ_DEMO, folder};
use crate::retention::{Killed, pool};

pub(crate) fn iin(person: &Person) -> Target {
    Target::Iin(person.iin.as_str().to_owned())
}

pub(crate) fn of_case(case: CaseId, sanction: SanctionId) -> Grounds {
    grounds(Some(case), Some(sanction))
}

/// A sanction for the investigation of crimes, from today on.
fn new(house: &House, case: CaseId, person: &Person) -> NewSanction {
    let start = house.registry.zone().day_begins(house.registry.today());
    NewSanction {
        case,
        authority: "prosecutor".to_owned(),
        issued_by: "decision 9".to_owned(),
        issuer: None,
        purposes: ["crime_investigation".to_owned()].into(),
        acts: vec![Act::Identify, Act::Read],
        subject_iin: Some(person.iin.as_str().to_owned()),
        valid_from: start,
        valid_to: start.plus_seconds(30 * 86_400),
        max_uses: 9,
        tell_person_at: None,
    }
}

/// The demonstration's law, with a line more in its rule on the investigation of crimes.
pub(crate) async fn house_with_rule(people: &[&Person], line: &str) -> House {
    house_with_line(people, "crime-fingerprints", line).await
}

/// The demonstration's law, with a line more in one of its rules that lets a look be told later.
pub(crate) async fn house_with_line(people: &[&Person], code: &str, line: &str) -> House {
    let code = format!("code: {code}\n");
    let (before, after) = KZ_DEMO.split_once(&code).unwrap();
    let rule = after.replacen("      notify: deferred\n", &format!("      notify: deferred\n      {line}\n"), 1);
    let sheet = format!("{before}{code}{rule}");
    house_under(people.iter().map(|p| record(p, &[])).collect(), "kz", &folder(&[("sheet", &sheet)]), today()).await
}

/// Uses taken, looks permitted, and looks in the log under a sanction.
async fn uses(house: &House, id: SanctionId) -> (i64, i64, i64) {
    let row = sqlx::query(
        "SELECT (SELECT uses FROM sanctions WHERE id = $1) AS uses, (SELECT COUNT(*) FROM access_requests WHERE sanction_id = $1) AS asked, \
         (SELECT COUNT(*) FROM access_requests r JOIN log_entries l ON l.seq = r.log_seq AND l.event = 'access.granted' WHERE r.sanction_id = $1) AS logged",
    )
    .bind(id.to_string())
    .fetch_one(&pool(house).await)
    .await
    .unwrap();
    (row.get("uses"), row.get("asked"), row.get("logged"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn control_d3_of_a_hundred_at_once_one_uses_a_sanction_for_one() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let once = sanction(&house, case, Some(&aida), 1).await;
    let asked: Vec<_> = (0..100)
        .map(|_| {
            let (registry, officer, target) = (house.registry.clone(), house.officer.clone(), iin(&aida));
            tokio::spawn(async move { registry.ask(&officer, Act::Read, &of_case(case, once), &target).await })
        })
        .collect();
    let mut given = 0;
    for one in asked {
        match one.await.unwrap() {
            Ok(_) => given += 1,
            Err(RegistryError::Denied(denial)) => {
                assert!(["sanction_used_up", "sanction_ended"].contains(&denial.code.as_str()), "{denial:?}");
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((given, uses(&house, once).await), (1, (1, 1, 1)));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_d3_a_request_that_is_killed_anywhere_uses_a_sanction_wholly_or_not() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let (mut before, mut after, mut polls) = (0, 0, 1);
    // Where a request waits is for the scheduler to say: it is killed until it was killed in enough places.
    while before <= 20 || polls > 1 {
        let once = sanction(&house, case, Some(&aida), 1).await;
        let (grounds, target) = (of_case(case, once), iin(&aida));
        let done = Killed(pin!(house.registry.ask(&house.officer, Act::Read, &grounds, &target)), polls).await;
        let (taken, asked, logged) = uses(&house, once).await;
        assert!(taken == asked && asked == logged && taken <= 1, "after {polls} polls: {taken} {asked} {logged}");
        let again = house.registry.ask(&house.officer, Act::Read, &grounds, &target).await;
        assert_eq!(again.is_ok(), taken == 0, "after {polls} polls");
        assert_eq!(uses(&house, once).await, (1, 1, 1));
        if taken == 0 {
            before += 1;
        } else {
            after += 1;
        }
        polls = if done.is_some() { 1 } else { polls + 1 };
    }
    assert!(after > 0, "{before} {after}");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_d4_requester_approver_and_issuer_are_three_people() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let with = |issuer: &str| NewSanction { issuer: Some(issuer.to_owned()), ..new(&house, case, &aida) };
    // Whoever signed it does not enter it.
    let own = house.registry.enter_sanction(&house.prosecution_clerk, &with("P-clerk")).await;
    assert_eq!(denied(own), "sanction_same_person");
    // Nor use it, under whatever account.
    let by_officer = house.registry.enter_sanction(&house.prosecution_clerk, &with("P-officer")).await.unwrap();
    let asked = house.registry.ask(&house.officer, Act::Read, &of_case(case, by_officer), &iin(&aida)).await;
    assert_eq!(denied(asked), "sanction_same_person");
    // Whoever entered it does not use it, under another account either.
    let twin = NewAccount {
        natural_person: "P-clerk".to_owned(),
        organisation: house.ministry,
        ..account("twin", house.centre, Role::Officer)
    };
    house.registry.add_account(&house.administrator, &twin).await.unwrap();
    let twin = sign_in(&house.registry, "twin", None).await;
    let by_judge = house.registry.enter_sanction(&house.prosecution_clerk, &with("P-judge")).await.unwrap();
    let asked = house.registry.ask(&twin, Act::Read, &of_case(case, by_judge), &iin(&aida)).await;
    assert_eq!(denied(asked), "sanction_same_person");
    house.registry.ask(&house.officer, Act::Read, &of_case(case, by_judge), &iin(&aida)).await.unwrap();
}

#[tokio::test]
async fn a_sanction_opens_the_acts_that_it_names() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let to_search = NewSanction { acts: vec![Act::Identify], ..new(&house, case, &aida) };
    let id = house.registry.enter_sanction(&house.prosecution_clerk, &to_search).await.unwrap();
    let read = house.registry.ask(&house.officer, Act::Read, &of_case(case, id), &iin(&aida)).await;
    assert_eq!(denied(read), "sanction_missing");
}

#[tokio::test]
async fn control_d6_a_second_after_its_end_a_sanction_opens_nothing() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let end = house.registry.now().plus_seconds(60);
    let short = NewSanction { valid_to: end, ..new(&house, case, &aida) };
    let id = house.registry.enter_sanction(&house.prosecution_clerk, &short).await.unwrap();
    house.registry.ask(&house.officer, Act::Read, &of_case(case, id), &iin(&aida)).await.unwrap();
    house.clock.advance(SignedDuration::from_secs(61));
    let late = house.registry.ask(&house.officer, Act::Read, &of_case(case, id), &iin(&aida)).await;
    assert_eq!(denied(late), "sanction_not_in_force");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_d6_a_revoked_sanction_stops_the_search_that_runs_under_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let (mut stopped, mut polls) = (0, 0);
    // Where a request waits is for the scheduler to say: it is revoked until a search that had begun was stopped.
    while stopped == 0 || polls > 0 {
        polls += 1;
        let id = sanction(&house, case, None, 9).await;
        let (grounds, target) = (of_case(case, id), Target::Prints(prints_of(&aida), None));
        let mut search = Box::pin(house.registry.ask(&house.officer, Act::Identify, &grounds, &target));
        // Some way into the request, wherever that is.
        let begun = Killed(pin!(&mut search), polls).await;
        if begun.is_some() {
            polls = 0;
            continue;
        }
        let revoke = house.registry.revoke_sanction(&house.prosecution_clerk, id, "given by mistake");
        let (answer, revoked) = tokio::join!(search, revoke);
        revoked.unwrap();
        if answer.is_ok() {
            // It was durable before the revocation was.
            assert_eq!(uses(&house, id).await, (1, 1, 1), "{polls}");
            continue;
        }
        let code = denied(answer);
        assert!(["sanction_missing", "sanction_ended"].contains(&code.as_str()), "{polls}: {code}");
        stopped += usize::from(code == "sanction_ended");
        assert_eq!(uses(&house, id).await, (0, 0, 0), "{polls}");
    }
    let id = sanction(&house, case, None, 9).await;
    house.registry.revoke_sanction(&house.prosecution_clerk, id, "x").await.unwrap();
    let twice = house.registry.revoke_sanction(&house.prosecution_clerk, id, "x").await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })));
    let other = house.registry.revoke_sanction(&house.second, id, "x").await;
    assert!(matches!(other, Err(RegistryError::NotFound { what: "sanction" })), "another authority's");
    assert_eq!(denied(house.registry.revoke_sanction(&house.officer, id, "x").await), "role");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_d7_three_months_once_more_and_no_third_time_and_oversight_is_told() {
    let (aida, other) = (adult(11), adult(12));
    let house =
        house_with_rule(&[&aida, &other], "term: {longest: P3M, extensions: 1, told: [supervisory_authority]}").await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let one_case = case(&house, &house.officer).await;
    let span = |from, to, person| NewSanction {
        valid_from: house.registry.zone().day_begins(from),
        valid_to: house.registry.zone().day_begins(to),
        ..new(&house, one_case, person)
    };
    let enter = async |new: &NewSanction| house.registry.enter_sanction(&house.prosecution_clerk, new).await;
    let (first, second, third) = (date(2026, 11, 23), date(2027, 2, 23), date(2027, 5, 23));
    let longer = enter(&span(first, date(2027, 2, 24), &aida)).await;
    assert_eq!(denied(longer), "sanction_beyond_term");
    let direction = enter(&span(first, second, &aida)).await.unwrap();
    let extension = enter(&span(second, third, &aida)).await.unwrap();
    assert_eq!(denied(enter(&span(third, date(2027, 6, 1), &aida)).await), "sanction_beyond_term");
    // Under another number of a case it is the third all the same.
    let again = NewCase { number: "another".to_owned(), kind: "crime".to_owned() };
    let another = house.registry.open_case(&house.officer, &again).await.unwrap();
    let disguised = NewSanction { case: another, ..span(third, date(2027, 6, 1), &aida) };
    assert_eq!(denied(enter(&disguised).await), "sanction_beyond_term");
    // About somebody else it is a first one.
    enter(&span(first, second, &other)).await.unwrap();

    let told = house.registry.direction_notices(&house.supervisor).await.unwrap();
    let of_aida: Vec<_> = told.iter().filter(|n| [direction, extension].contains(&n.sanction)).collect();
    assert_eq!((told.len(), of_aida.len()), (3, 2));
    assert!(told.iter().all(|n| n.body == "supervisory_authority" && n.read_at.is_none()));
    assert_eq!(of_aida.iter().map(|n| n.extension).collect::<BTreeSet<_>>(), [0, 1].into());
    assert!(house.registry.direction_notices(&house.supervisor).await.unwrap().iter().all(|n| n.read_at.is_some()));
    assert_eq!(denied(house.registry.direction_notices(&house.officer).await), "role");
    house.registry.ask(&house.officer, Act::Read, &of_case(one_case, direction), &iin(&aida)).await.unwrap();
}

#[tokio::test]
async fn control_d8_the_narrower_register_is_searched_first_or_two_days_are_waited() {
    let aida = adult(11);
    let line = "before: [{searched: national_database, acts: [identify]}, {searched: prum, acts: [identify], or_after_days: 2}]";
    let house = house_with_rule(&[&aida], line).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let one_case = case(&house, &house.officer).await;
    let id = sanction(&house, one_case, None, 9).await;
    let ask = async || {
        let target = Target::Prints(prints_of(&aida), None);
        house.registry.ask(&house.officer, Act::Identify, &of_case(one_case, id), &target).await
    };
    let record = async |what: &str, case, answered: bool| {
        let now = house.registry.now();
        let search = NewPriorSearch {
            case,
            searched: what.to_owned(),
            reference: format!("{what} 17"),
            begun_at: now,
            answered_at: answered.then_some(now),
        };
        house.registry.record_prior_search(&house.officer, &search).await
    };
    assert_eq!(denied(ask().await), "narrower_search_first");
    record("national_database", one_case, true).await.unwrap();
    assert_eq!(denied(ask().await), "narrower_search_first", "Prum was not asked");
    record("prum", one_case, false).await.unwrap();
    assert_eq!(denied(ask().await), "narrower_search_first", "Prum has not answered");
    house.clock.advance(SignedDuration::from_hours(47));
    assert_eq!(denied(ask().await), "narrower_search_first", "not two days yet");
    house.clock.advance(SignedDuration::from_hours(1));
    ask().await.unwrap();
    // Searches of one case prove nothing in another, and nobody records what is yet to come.
    let other = NewCase { number: "other".to_owned(), kind: "crime".to_owned() };
    let other = house.registry.open_case(&house.officer, &other).await.unwrap();
    let second = NewSanction { subject_iin: None, ..new(&house, other, &aida) };
    let second = house.registry.enter_sanction(&house.prosecution_clerk, &second).await.unwrap();
    let target = Target::Prints(prints_of(&aida), None);
    let elsewhere = house.registry.ask(&house.officer, Act::Identify, &of_case(other, second), &target).await;
    assert_eq!(denied(elsewhere), "narrower_search_first");
    let later = NewPriorSearch {
        case: one_case,
        searched: "prum".to_owned(),
        reference: "x".to_owned(),
        begun_at: house.registry.now().plus_seconds(60),
        answered_at: None,
    };
    let later = house.registry.record_prior_search(&house.officer, &later).await;
    assert!(matches!(later, Err(RegistryError::Invalid { field: "begun_at", .. })));
    let foreign = record("prum", CaseId::from_u128(1), true).await;
    assert!(matches!(foreign, Err(RegistryError::NotFound { what: "case" })));
}

#[tokio::test]
async fn control_c8_an_officer_who_asks_more_than_one_may_is_stopped_and_noted() {
    let aida = adult(11);
    let house = house_with_rule(&[&aida], "volume: {requests: 3, hours: 24}").await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let id = sanction(&house, case, Some(&aida), 99).await;
    let ask = async |officer: &Actor| house.registry.ask(officer, Act::Read, &of_case(case, id), &iin(&aida)).await;
    for _ in 0..3 {
        ask(&house.officer).await.unwrap();
    }
    assert_eq!(denied(ask(&house.officer).await), "volume_reached");
    assert_eq!(uses(&house, id).await, (3, 3, 3), "no use is taken");
    let summary = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap();
    let note = summary.notes.iter().find(|n| n.kind == AnomalyKind::VolumeReached).expect("a note");
    assert_eq!((note.account.as_deref(), note.count), (Some("officer"), 1));
    // The limit is one officer's, and a day is a day.
    let colleague = house.another("colleague", Role::Officer).await;
    ask(&colleague).await.unwrap();
    house.clock.advance(SignedDuration::from_hours(24));
    ask(&house.officer).await.unwrap();
}

#[tokio::test]
async fn control_c8_a_case_and_an_organisation_have_limits_of_their_own() {
    let aida = adult(11);
    let line = "volume: {requests: 2, hours: 24, in_a_case: 3, of_a_body: 4}";
    let house = house_with_rule(&[&aida], line).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let first = case(&house, &house.officer).await;
    let another = NewCase { number: "2026-000118".to_owned(), kind: "crime".to_owned() };
    let second = house.registry.open_case(&house.officer, &another).await.unwrap();
    let sanctions = [sanction(&house, first, Some(&aida), 99).await, sanction(&house, second, Some(&aida), 99).await];
    let ask = async |officer: &Actor, case: CaseId| {
        let sanction = sanctions[usize::from(case == second)];
        house.registry.ask(officer, Act::Read, &of_case(case, sanction), &iin(&aida)).await
    };
    let (colleague, third) =
        (house.another("colleague", Role::Officer).await, house.another("third", Role::Officer).await);
    ask(&house.officer, first).await.unwrap();
    ask(&house.officer, first).await.unwrap();
    assert_eq!(denied(ask(&house.officer, second).await), "volume_reached");
    ask(&colleague, first).await.unwrap();
    assert_eq!(denied(ask(&colleague, first).await), "case_volume_reached", "whoever asks");
    ask(&colleague, second).await.unwrap();
    assert_eq!(denied(ask(&third, second).await), "body_volume_reached", "of an officer and a case that asked little");
    let summary = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap();
    let stopped = summary.notes.iter().filter(|n| n.kind == AnomalyKind::VolumeReached);
    assert_eq!(stopped.map(|n| n.account.as_deref().unwrap()).collect::<BTreeSet<_>>().len(), 3, "three notes");
    house.clock.advance(SignedDuration::from_hours(24));
    ask(&third, second).await.unwrap();
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_c8_of_many_at_once_no_more_than_the_limit_are_answered() {
    let aida = adult(11);
    let house = house_with_rule(&[&aida], "volume: {requests: 99, hours: 24, in_a_case: 5}").await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let id = sanction(&house, case, Some(&aida), 99).await;
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let (registry, officer, target) = (house.registry.clone(), house.officer.clone(), iin(&aida));
            tokio::spawn(async move { registry.ask(&officer, Act::Read, &of_case(case, id), &target).await })
        })
        .collect();
    let mut given = 0;
    for one in asked {
        match one.await.unwrap() {
            Ok(_) => given += 1,
            refused => assert_eq!(denied(refused), "case_volume_reached"),
        }
    }
    assert_eq!((given, uses(&house, id).await), (5, (5, 5, 5)));
}

#[tokio::test]
async fn control_c8_the_1001st_request_of_a_day_is_denied_where_no_law_says_how_many() {
    let house = house(&[]).await;
    let case = case(&house, &house.officer).await;
    let id = sanction(&house, case, None, 2000).await;
    // A look at nobody is a look all the same, and the cheapest.
    let nobody = adult(99);
    for n in 1..=1000 {
        let asked = house.registry.ask(&house.officer, Act::Read, &of_case(case, id), &iin(&nobody)).await;
        assert!(matches!(asked, Err(RegistryError::NotFound { what: "person" })), "request {n}: {asked:?}");
    }
    let beyond = house.registry.ask(&house.officer, Act::Read, &of_case(case, id), &iin(&nobody)).await;
    assert_eq!(denied(beyond), "volume_reached");
    let summary = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap();
    assert!(summary.notes.iter().any(|n| n.kind == AnomalyKind::VolumeReached));
}

#[tokio::test]
async fn control_f3_a_look_is_told_later_only_by_a_sanction_and_then_by_itself() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let own = citizen(&house, "aida", done.encounter.person).await;
    let case = case(&house, &house.officer).await;
    let seen = async || {
        let own = house.registry.own_record(&own, None, 200).await.unwrap();
        own.looks.iter().filter(|l| l.event == "access.granted" || l.event == "sanction.entered").count()
    };
    let hidden = async || house.registry.oversight_summary(&house.supervisor, 1).await.unwrap().deferred;
    // The rule lets it be told later; without a sanction that says until when it is told at once.
    let plain = house.registry.enter_sanction(&house.prosecution_clerk, &new(&house, case, &aida)).await.unwrap();
    house.registry.ask(&house.officer, Act::Read, &of_case(case, plain), &iin(&aida)).await.unwrap();
    assert_eq!((seen().await, hidden().await), (2, 0));
    let later = house.registry.now().plus_seconds(10 * 86_400);
    let secret = NewSanction { tell_person_at: Some(later), ..new(&house, case, &aida) };
    let secret = house.registry.enter_sanction(&house.prosecution_clerk, &secret).await.unwrap();
    let look = house.registry.ask(&house.officer, Act::Read, &of_case(case, secret), &iin(&aida)).await.unwrap();
    assert_eq!((seen().await, hidden().await), (2, 2), "the sanction and the look");
    let entry = house.registry.own_entry(&own, look.log_seq).await;
    assert!(matches!(entry, Err(RegistryError::NotFound { .. })), "not by its number either");
    house.clock.advance(SignedDuration::from_hours(24 * 10));
    assert_eq!((seen().await, hidden().await), (4, 0), "nobody had to do anything");
    house.registry.own_entry(&own, look.log_seq).await.unwrap();
    let early = NewSanction { tell_person_at: Some(Instant::from_micros(0)), ..new(&house, case, &aida) };
    let early = house.registry.enter_sanction(&house.prosecution_clerk, &early).await;
    assert!(matches!(early, Err(RegistryError::Invalid { field: "tell_person_at", .. })));
}
