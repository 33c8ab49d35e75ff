//! All rules over one week: what they note in lawful work, and that each finds what was seeded.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use tanba_registry::{
    Act, Actor, AnomalyKind, AnomalyNote, ConsentKind, KnownBy, LookPurpose, NewAccount, NewWatch, Outcome, PersonId,
    PersonQuery, Role, Target, Watched,
};
use tanba_synth::Person;

use crate::access::{case, grounds, sanction};
use crate::house::{House, account, adult, denied, house, sign_in};
use crate::integrity::database;

/// Visits in a day of the week.
const VISITS: usize = 24;

fn iin(person: &Person) -> String {
    person.iin.as_str().to_owned()
}

async fn notes(house: &House) -> Vec<AnomalyNote> {
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    house.registry.oversight_summary(&supervisor, 7).await.unwrap().notes
}

/// Looks of the last days by everybody but people at themselves and the supervisor.
async fn looks(house: &House) -> u64 {
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let summary = house.registry.oversight_summary(&supervisor, 7).await.unwrap();
    let lawful = summary.activity.iter().filter(|a| a.outcome == Outcome::Look && a.purpose != "supervision");
    lawful.map(|a| a.count).sum()
}

async fn view(house: &House, actor: &Actor, person: PersonId, reason: &str) {
    house.registry.view_person(actor, person, LookPurpose::Review, reason).await.unwrap();
}

/// A visit as it is every day: found, opened, looked at at each step, given a second look where there is a question.
async fn visit(house: &House, operator: &Actor, second: &Actor, person: &Person, n: usize) -> PersonId {
    let registry = &house.registry;
    registry.find_person(operator, &PersonQuery::Iin(iin(person))).await.unwrap();
    let at = |kind: &str| format!("{kind}-{n}");
    let new = tanba_registry::OpenEncounter {
        client_key: at("visit"),
        trigger: "identity_card".to_owned(),
        iin: Some(iin(person)),
        typed: BTreeMap::new(),
    };
    let encounter = registry.open_encounter(operator, &new).await.unwrap();
    for _ in 0..6 {
        house.clock.advance(SignedDuration::from_secs(50));
        registry.view_encounter(operator, encounter.id).await.unwrap();
    }
    registry.view_person(operator, encounter.person, LookPurpose::Registration, "the visit").await.unwrap();
    if n.is_multiple_of(3) {
        registry.locate_person(second, &KnownBy::Iin(iin(person))).await.unwrap();
        view(house, second, encounter.person, "a question of the counter").await;
    }
    encounter.person
}

#[tokio::test]
#[allow(clippy::print_stdout)] // the rate is what is measured
async fn control_g6_a_week_of_lawful_work_is_hardly_noted_and_every_seeded_incident_is() {
    let people: Vec<Person> = (5_000..5_000 + 5 * VISITS as u64).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    let registry = &house.registry;
    let famous = &people[30];
    let until = registry.today().checked_add(jiff::Span::new().days(90)).unwrap();
    let new = NewWatch { who: Watched::Iin(iin(famous)), reason: "everybody knows them".to_owned(), until };
    registry.begin_watch(&house.supervisor, &new).await.unwrap();
    let case = case(&house, &house.officer).await;
    let grounds = grounds(Some(case), Some(sanction(&house, case, None, 1000).await));

    // Five days from nine o'clock on; the house is founded at 17:00.
    house.clock.advance(SignedDuration::from_hours(16));
    let mut records = Vec::new();
    for day in 0..5 {
        let operator = sign_in(registry, "operator", Some("csc-1-a")).await;
        let second = sign_in(registry, "second", None).await;
        let officer = sign_in(registry, "officer", None).await;
        for n in day * VISITS..(day + 1) * VISITS {
            records.push(visit(&house, &operator, &second, &people[n], n).await);
        }
        // An officer with a case, who errs twice in naming it.
        for person in people[day * VISITS..][..6].iter() {
            registry.ask(&officer, Act::Read, &grounds, &Target::Iin(iin(person))).await.unwrap();
        }
        for _ in 0..2 {
            denied(
                registry.ask(&officer, Act::Read, &tanba_registry::Grounds::default(), &Target::Iin(iin(famous))).await,
            );
        }
        registry.ask(&officer, Act::Read, &grounds, &Target::Iin(iin(&people[day * VISITS + 6]))).await.unwrap();
        let worked = SignedDuration::from_secs(50 * 6 * VISITS as i64);
        if day == 2 {
            // Somebody on night duty is called once.
            house.clock.advance(SignedDuration::from_hours(14) - worked);
            let officer = sign_in(registry, "officer", None).await;
            registry.ask(&officer, Act::Read, &grounds, &Target::Iin(iin(&people[0]))).await.unwrap();
            house.clock.advance(SignedDuration::from_hours(10));
        } else {
            house.clock.advance(SignedDuration::from_hours(24) - worked);
        }
    }
    let ordinary = notes(&house).await;
    let all = looks(&house).await;
    let mut rules: BTreeMap<AnomalyKind, usize> = BTreeMap::new();
    for note in &ordinary {
        *rules.entry(note.kind).or_default() += 1;
    }
    #[allow(clippy::cast_precision_loss)] // a few thousand
    let rate = ordinary.len() as f64 * 1000.0 / all as f64;
    println!("a week of lawful work: {all} looks, {} notes ({rate:.1} in 1,000): {rules:?}", ordinary.len());
    assert!(all > 1000, "{all} looks");
    // Somebody on the list at the counter and in a case, once for each account of three, and the call at night.
    let expected = BTreeMap::from([(AnomalyKind::WatchedPerson, 3), (AnomalyKind::AfterHours, 1)]);
    assert_eq!(rules, expected, "{ordinary:?}");

    seed_incidents(&house, &people, &records).await;
    let found = notes(&house).await;
    let kinds: BTreeSet<AnomalyKind> = found.iter().map(|note| note.kind).collect();
    let missed: Vec<_> = AnomalyKind::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
    let by =
        |kind, account: &str| found.iter().any(|note| note.kind == kind && note.account.as_deref() == Some(account));
    for (kind, account) in [
        (AnomalyKind::SelfLookup, "operator"),
        (AnomalyKind::WatchedPerson, "curious"),
        (AnomalyKind::ManyLooks, "operator"),
        (AnomalyKind::ManySearches, "operator"),
        (AnomalyKind::DenialsInARow, "curious"),
        (AnomalyKind::AfterHours, "curious"),
        (AnomalyKind::VolumeReached, "curious"),
    ] {
        assert!(by(kind, account), "{kind:?} of {account}: {found:?}");
    }
    assert!(found.iter().all(|note| !note.entries.is_empty()), "each names its entries");
}

/// One incident of every rule, on the day after.
async fn seed_incidents(house: &House, people: &[Person], records: &[PersonId]) {
    let registry = &house.registry;
    let administrator = sign_in(registry, "administrator", None).await;
    let operator = sign_in(registry, "operator", Some("csc-1-a")).await;
    let new = |login: &str, organisation| account(login, organisation, Role::SecondOfficer);
    registry.add_account(&administrator, &new("curious", house.ministry)).await.unwrap();
    let curious = sign_in(registry, "curious", None).await;

    // The operator is registered too, and looks.
    let own = NewAccount {
        person: Some(records[100]),
        natural_person: "P-operator".to_owned(),
        ..account("own", house.centre, Role::Citizen)
    };
    registry.add_account(&administrator, &own).await.unwrap();
    // Somebody on the list, whom nobody asked to look at.
    view(house, &curious, records[30], "only looking").await;
    for _ in 0..5 {
        denied(registry.candidate_tasks(&curious).await);
    }
    // Forty-one people in an hour, sixty-one searches in the next.
    for person in &people[..41] {
        registry.find_person(&operator, &PersonQuery::Iin(iin(person))).await.unwrap();
    }
    for record in &records[..41] {
        registry.view_person(&operator, *record, LookPurpose::Registration, "only looking").await.unwrap();
    }
    for _ in 0..20 {
        registry.find_person(&operator, &PersonQuery::Iin(iin(&people[1]))).await.unwrap();
    }
    // One person, looked at by six officers of three organisations.
    let third = house.authority("migration", "ministry_of_interior", &[]).await;
    assert!(third.is_empty());
    let code = registry.institutions(&administrator).await.unwrap();
    let third = code.organisations.iter().find(|organisation| organisation.code == "migration").unwrap().id;
    for (n, organisation) in
        [house.centre, house.centre, house.ministry, house.ministry, third, third].into_iter().enumerate()
    {
        let login = format!("eyes-{n}");
        registry.add_account(&administrator, &new(&login, organisation)).await.unwrap();
        let eyes = sign_in(registry, &login, None).await;
        view(house, &eyes, records[50], "everybody does").await;
    }
    // Everybody at a centre says yes.
    let encounters: Vec<String> = {
        let pool = database(house).await;
        sqlx::query_scalar("SELECT id FROM encounters ORDER BY opened_at LIMIT 30").fetch_all(&pool).await.unwrap()
    };
    let first = encounters[0].parse().unwrap();
    let consent = crate::house::consent(ConsentKind::Explanation, &iin(&people[0]));
    registry.record_consent(&operator, first, &consent).await.unwrap();
    // By night.
    house.clock.advance(SignedDuration::from_hours(14));
    let curious = sign_in(registry, "curious", None).await;
    view(house, &curious, records[60], "cannot sleep").await;

    // A row deleted by hand.
    let pool = database(house).await;
    sqlx::raw_sql("DELETE FROM consents").execute(&pool).await.unwrap();
    assert_eq!(registry.reconcile_rows().await.unwrap().len(), 1);
    // What the program itself tells is put where it would stand.
    let now = registry.now().micros();
    let list: Vec<String> = encounters.iter().map(|id| format!("'{id}'")).collect();
    let seeded = format!(
        "PRAGMA foreign_keys = OFF;
         UPDATE encounters SET category = 'may', trigger_code = 'passport', state = 'registered' WHERE id IN ({});
         INSERT INTO log_entries (seq, happened_at, event, outcome, leaf, wrapped_key, sealed_payload, purpose, account_id, organisation)
           SELECT (SELECT MAX(seq) + 1 FROM log_entries), {now}, 'access.volume_reached', 'denial', leaf, wrapped_key, sealed_payload, purpose,
             (SELECT id FROM accounts WHERE login = 'curious'), 'mia' FROM log_entries LIMIT 1;
         INSERT INTO log_entries (seq, happened_at, event, outcome, leaf, wrapped_key, sealed_payload, purpose, account_id, organisation)
           SELECT (SELECT MAX(seq) + 1 FROM log_entries), {now}, 'retention.unsigned', 'effect', leaf, wrapped_key, sealed_payload, 'retention', '', ''
             FROM log_entries LIMIT 1;
         INSERT INTO recipient_orders (id, kind, cause, cause_id, request_id, organisation_id, partner, due_on, log_seq, ordered_at)
           SELECT 'x', 'delete', 'erased', 'x', 'x', id, '', '2026-11-24', 5, {now} FROM organisations WHERE code = 'migration';
         INSERT INTO notice_progress (id, next_seq, begun_at) VALUES (1, 0, 0);",
        list.join(", ")
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(seeded)).execute(&pool).await.unwrap();
    pool.close().await;
}
