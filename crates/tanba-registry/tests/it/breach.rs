//! Breaches of personal data: cases with a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use tanba_registry::{Act, BreachKind, BreachStep, BreachView, NewBreach, RegistryError, Role};

use crate::access::{case, sanction};
use crate::house::{House, account, adult, denied, house, sign_in};
use crate::integrity::database;
use crate::sanctions::{house_with_rule, iin, of_case};

async fn cases(house: &House) -> Vec<BreachView> {
    house.registry.breaches(&house.supervisor).await.unwrap()
}

#[tokio::test]
async fn control_g7_an_exfiltration_opens_a_case_with_a_deadline_and_is_escalated() {
    let aida = adult(11);
    let house = house_with_rule(&[&aida], "volume: {requests: 3, hours: 24}").await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let of_officer = case(&house, &house.officer).await;
    let id = sanction(&house, of_officer, Some(&aida), 99).await;
    // An officer carries off what one can, and is stopped.
    let ask = async || house.registry.ask(&house.officer, Act::Read, &of_case(of_officer, id), &iin(&aida)).await;
    let mut looks = Vec::new();
    for _ in 0..3 {
        ask().await.unwrap();
        looks.push(
            house
                .registry
                .supervise(&house.supervisor, 0, 1000)
                .await
                .unwrap()
                .iter()
                .rev()
                .find(|entry| entry.look.event == "access.granted")
                .unwrap()
                .look
                .seq,
        );
    }
    assert!(cases(&house).await.is_empty());
    assert_eq!(denied(ask().await), "volume_reached");
    let opened = cases(&house).await;
    assert_eq!(opened.len(), 1);
    let breach = &opened[0];
    assert_eq!(
        (breach.kind, breach.account.as_deref(), breach.people),
        (BreachKind::VolumeReached, Some("officer"), 0)
    );
    assert_eq!(
        breach.due_at.micros() - breach.known_at.micros(),
        72 * 3600 * 1_000_000,
        "the clock runs from the alarm"
    );
    // The same officer again is the same case; another person's look is another.
    assert_eq!(denied(ask().await), "volume_reached");
    assert_eq!(cases(&house).await.iter().map(|case| case.entries.len()).collect::<Vec<_>>(), [2]);
    // Somebody writes into the database past the program.
    let pool = database(&house).await;
    sqlx::query("DELETE FROM registrations").execute(&pool).await.unwrap();
    house.registry.reconcile_rows().await.unwrap();
    let kinds: Vec<_> = cases(&house).await.iter().map(|case| case.kind).collect();
    assert_eq!(kinds, [BreachKind::RowsUnreconciled, BreachKind::VolumeReached]);

    // A supervisor says whom it concerns, by entries.
    let report =
        NewBreach { what: "copies of three answers left the ministry".to_owned(), known_at: None, entries: looks };
    let reported = house.registry.open_breach(&house.supervisor, &report).await.unwrap();
    let case_of = async || cases(&house).await.into_iter().find(|case| case.id == reported).unwrap();
    let case = case_of().await;
    assert_eq!((case.people, case.what.as_deref(), case.escalated_at), (1, Some(report.what.as_str()), None));
    assert_eq!(house.registry.escalate_breaches().await.unwrap(), 0, "there is time");
    let take = async |step, words| house.registry.take_breach_step(&house.administrator, reported, step, words).await;
    let early = take(BreachStep::Closed, "x").await;
    assert!(matches!(early, Err(RegistryError::Conflict { .. })), "nobody was told: {early:?}");
    take(BreachStep::AuthorityNotified, "by letter 17").await.unwrap();
    house.clock.advance(SignedDuration::from_hours(73));
    assert_eq!(house.registry.escalate_breaches().await.unwrap(), 2, "those of which the authority was not told");
    assert_eq!(house.registry.escalate_breaches().await.unwrap(), 0, "once");
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let administrator = sign_in(&house.registry, "administrator", None).await;
    let house = House { supervisor, administrator, ..house };
    let summary = house.registry.oversight_summary(&house.supervisor, 7).await.unwrap();
    let waiting = |kind: &str| summary.waiting.iter().find(|w| w.kind == kind).map(|w| w.count);
    assert_eq!((waiting("breach"), waiting("breach_overdue")), (Some(1), Some(2)));
    // Persons are told on their own page; then it may be closed, and nothing follows any more.
    let take = async |step, words| house.registry.take_breach_step(&house.administrator, reported, step, words).await;
    let twice = take(BreachStep::AuthorityNotNeeded, "x").await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })), "{twice:?}");
    take(BreachStep::PersonsNotified, "letters, and the own page").await.unwrap();
    take(BreachStep::Closed, "the copies were destroyed").await.unwrap();
    let late = take(BreachStep::PersonsNotNeeded, "x").await;
    assert!(matches!(late, Err(RegistryError::Conflict { .. })), "{late:?}");
    let new = tanba_registry::NewAccount {
        person: Some(done.encounter.person),
        ..account("aida", house.ministry, Role::Citizen)
    };
    house.registry.add_account(&house.administrator, &new).await.unwrap();
    let own = sign_in(&house.registry, "aida", None).await;
    let own = house.registry.own_record(&own, None, 200).await.unwrap();
    assert_eq!(own.looks.iter().filter(|look| look.event == "breach.persons_notified").count(), 1);
    let closed = cases(&house).await.into_iter().find(|case| case.id == reported).unwrap();
    assert!(closed.closed_at.is_some());
    let steps: Vec<_> = closed.steps.iter().map(|step| (step.step, step.words.as_str(), step.by.as_str())).collect();
    assert_eq!(steps[0], (BreachStep::AuthorityNotified, "by letter 17", "administrator"));
    assert_eq!(steps.len(), 3);
}

/// A service checks its whole log while it writes: what is published meanwhile is no damage, and damage is told within the day.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_g7_a_service_checks_its_log_while_it_goes_on_writing() {
    let house = house(&[]).await;
    let registry = house.registry.clone();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let administrator = house.administrator.clone();
    let writing = tokio::spawn(async move {
        // Past the end of a bundle, where partial tiles go.
        let mut written = 0;
        while written < 300 || !stopped.load(Ordering::Relaxed) {
            denied(registry.candidate_tasks(&administrator).await);
            registry.publish().await.unwrap();
            written += 1;
        }
    });
    let (mut checks, mut size) = (0, 0);
    while checks < 20 || size < 280 {
        let report = house.registry.fsck().await.unwrap();
        assert!(report.ok, "{:?}", report.faults);
        (checks, size) = (checks + 1, report.size);
    }
    stop.store(true, Ordering::Relaxed);
    writing.await.unwrap();
    assert!(cases(&house).await.is_empty());
    let tile = crate::house::all_files(&house.data().join("log/tile")).remove(0).0;
    std::fs::write(&tile, b"not a tile").unwrap();
    let checking = house.registry.keep_log_checked(Duration::from_millis(50));
    let damaged = async || cases(&house).await.iter().any(|case| case.kind == BreachKind::LogDamaged);
    for _ in 0..600 {
        if damaged().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(damaged().await);
    checking.abort();
}

#[tokio::test]
async fn control_g7_a_log_with_faults_opens_a_case_and_what_is_wrong_is_refused() {
    let house = house(&[]).await;
    let wrong = |what: &str, hours: i64, entries: Vec<u64>| NewBreach {
        what: what.to_owned(),
        known_at: Some(house.registry.now().plus_seconds(hours * 3600)),
        entries,
    };
    for new in
        [wrong("", -1, vec![0]), wrong("x", 1, vec![0]), wrong("x", -1, vec![9_999_999]), wrong("x", -1, vec![0; 501])]
    {
        let refused = house.registry.open_breach(&house.administrator, &new).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { .. })), "{new:?}: {refused:?}");
    }
    assert_eq!(denied(house.registry.open_breach(&house.officer, &wrong("x", -1, vec![0])).await), "role");
    assert!(cases(&house).await.is_empty());
    let known = house.registry.open_breach(&house.administrator, &wrong("x", -71, vec![0])).await.unwrap();
    house.clock.advance(SignedDuration::from_hours(2));
    assert_eq!(house.registry.escalate_breaches().await.unwrap(), 1, "the clock runs from when it was known");
    house.registry.publish().await.unwrap();
    assert!(house.registry.fsck().await.unwrap().ok);
    let tile = crate::house::all_files(&house.data().join("log/tile")).remove(0).0;
    let mut bytes = std::fs::read(&tile).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    for _ in 0..2 {
        assert!(!house.registry.fsck().await.unwrap().ok);
    }
    let open = cases(&house).await;
    let damaged: Vec<_> = open.iter().filter(|case| case.kind == BreachKind::LogDamaged).collect();
    assert_eq!((open.len(), damaged.len(), damaged[0].entries.len()), (2, 1, 2));
    assert!(open.iter().any(|case| case.id == known));
}
