//! Returns that the log alone gives again, and bundles that an auditor checks without the register.

use std::path::{Path, PathBuf};

use tanba_registry::{BreachStep, ConsentKind, LawFiles, NewBreach, verify_audit};
use tanba_seal::log::LogVerifier;

use crate::access::{case, sanction};
use crate::house::{House, adult, all_files, denied, house};
use crate::integrity::database;
use crate::law_in_use::{KZ_2024, folder};

/// A history with most kinds of entries.
async fn history() -> House {
    let people: Vec<_> = (11..14).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    let encounter = house.open(&people[0], "identity_card", "k1").await.unwrap();
    house.say(encounter.id, ConsentKind::Explanation, &people[0]).await.unwrap();
    house.capture_all(encounter.id, &people[0], 1).await.unwrap();
    house.registry.complete(&house.operator, encounter.id).await.unwrap();
    house.registry.apply_for_document(&house.operator, encounter.id, "identity_card").await.unwrap();
    let refuser = house.open(&people[1], "identity_card", "k2").await.unwrap();
    house.registry.record_refusal(&house.operator, refuser.id).await.unwrap();
    let of_officer = case(&house, &house.officer).await;
    sanction(&house, of_officer, Some(&people[0]), 2).await;
    denied(house.registry.candidate_tasks(&house.operator).await);
    house.clock.advance(jiff::SignedDuration::from_hours(6));
    house.put_into_use(&folder(&[("kz-2024", KZ_2024)])).await;
    let breach = NewBreach { what: "a list left the centre".to_owned(), known_at: None, entries: vec![1] };
    let breach = house.registry.open_breach(&house.supervisor, &breach).await.unwrap();
    house.registry.take_breach_step(&house.supervisor, breach, BreachStep::AuthorityNotified, "x").await.unwrap();
    house
}

#[tokio::test]
async fn control_g5_the_returns_counted_from_the_log_alone_are_those_of_the_rows() {
    let house = history().await;
    assert_eq!(denied(house.registry.check_returns(&house.administrator).await), "role");
    let check = house.registry.check_returns(&house.supervisor).await.unwrap();
    assert_eq!(check.differences, []);
    let day = check.returns.values().next().unwrap();
    for (what, n) in [
        ("encounter.opened", 2),
        ("refusal.recorded", 1),
        ("consent.recorded", 1),
        ("document.applied", 1),
        ("case.opened", 1),
        ("sanction.entered", 1),
        ("law.activated", 1),
        ("breach.opened", 1),
    ] {
        assert_eq!(day.get(what), Some(&n), "{what} in {day:?}");
    }
    assert!(day["denial"] >= 2 && day["look"] >= 1);
    // What somebody changes in the rows, the log counts otherwise.
    let pool = database(&house).await;
    for (what, by_hand, undone) in [
        (
            "encounter.opened",
            "UPDATE encounters SET opened_at = opened_at - 86400000000 WHERE client_key = 'k1'",
            "UPDATE encounters SET opened_at = opened_at + 86400000000 WHERE client_key = 'k1'",
        ),
        (
            "denial",
            "UPDATE log_entries SET outcome = 'effect' WHERE outcome = 'denial' AND event = 'role.denied'",
            "UPDATE log_entries SET outcome = 'denial' WHERE event = 'role.denied'",
        ),
        (
            "case.opened",
            "CREATE TABLE kept AS SELECT * FROM cases; DELETE FROM cases",
            "INSERT INTO cases SELECT * FROM kept; DROP TABLE kept",
        ),
    ] {
        sqlx::raw_sql(by_hand).execute(&pool).await.unwrap();
        let found = house.registry.check_returns(&house.supervisor).await.unwrap().differences;
        assert!(found.iter().any(|difference| difference.what == what), "{what}: {found:?}");
        sqlx::raw_sql(undone).execute(&pool).await.unwrap();
        assert_eq!(house.registry.check_returns(&house.supervisor).await.unwrap().differences, [], "{what}");
    }
}

async fn bundle(house: &House, name: &str) -> PathBuf {
    let out = house.dir.path().join(name);
    house.registry.audit_bundle(&out).await.unwrap();
    out
}

fn faults(out: &Path, key: &LogVerifier, earlier: Option<&Path>) -> Vec<String> {
    let report = verify_audit(out, key, earlier);
    assert_eq!(report.ok, report.faults.is_empty());
    report.faults
}

#[tokio::test]
async fn a_bundle_verifies_and_every_changed_byte_of_it_is_found() {
    let house = history().await;
    let key = LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    let first = bundle(&house, "first").await;
    assert_eq!(faults(&first, &key, None), Vec::<String>::new());
    let report = verify_audit(&first, &key, None);
    assert_eq!((report.laws, report.waiting, report.sanctions, report.open_breaches), (1, 0, 1, 1));
    assert!(house.registry.audit_bundle(&first).await.is_err(), "nothing is written over");
    // No name and no number is in any file.
    let aida = adult(11);
    for (path, bytes) in all_files(&first) {
        let text = String::from_utf8_lossy(&bytes);
        for secret in [aida.iin.as_str(), &aida.name.family.latin, "a list left the centre"] {
            assert!(!text.contains(secret), "{} names a person or a case", path.display());
        }
    }
    // A byte here and there of every file, one at a time.
    for (path, bytes) in all_files(&first) {
        let places = [0, bytes.len() / 3, bytes.len() / 2, bytes.len().saturating_sub(2)];
        for place in places {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            assert!(!faults(&first, &key, None).is_empty(), "byte {place} of {}", path.display());
        }
        std::fs::remove_file(&path).unwrap();
        let gone = faults(&first, &key, None);
        assert!(!gone.is_empty() || path.ends_with("log/log.vkey"), "{} removed", path.display());
        std::fs::write(&path, &bytes).unwrap();
    }
    std::fs::write(first.join("more.txt"), b"x").unwrap();
    assert!(faults(&first, &key, None)[0].contains("more.txt"));
    std::fs::remove_file(first.join("more.txt")).unwrap();
    assert_eq!(faults(&first, &key, None), Vec::<String>::new());

    // The next one extends it, and not the other way round.
    house.registry.deliver_law(&LawFiles::default()).await.unwrap().unwrap();
    let second = bundle(&house, "second").await;
    assert_eq!(faults(&second, &key, Some(&first)), Vec::<String>::new());
    assert_eq!(verify_audit(&second, &key, None).waiting, 1);
    assert!(faults(&first, &key, Some(&second)).iter().any(|fault| fault.contains("does not extend")));
    let other = history().await;
    let other_key = LogVerifier::parse(&other.registry.verifier_key()).unwrap();
    assert!(!faults(&second, &other_key, None).is_empty(), "another log's key");
}

#[tokio::test]
async fn a_bundle_of_rows_that_somebody_changed_says_so_by_its_log() {
    let house = history().await;
    let key = LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    let pool = database(&house).await;
    for (n, (what, by_hand, undone)) in [
        (
            "sanction.entered",
            "CREATE TABLE kept AS SELECT * FROM sanctions; DELETE FROM sanctions",
            "INSERT INTO sanctions SELECT * FROM kept; DROP TABLE kept",
        ),
        (
            "law.delivered",
            "CREATE TABLE kept AS SELECT * FROM law_deliveries; DELETE FROM law_deliveries",
            "INSERT INTO law_deliveries SELECT * FROM kept; DROP TABLE kept",
        ),
        (
            "breach.opened",
            "CREATE TABLE kept AS SELECT * FROM breach_cases; DELETE FROM breach_cases",
            "INSERT INTO breach_cases SELECT * FROM kept; DROP TABLE kept",
        ),
        (
            "without an acknowledgement",
            "UPDATE law_deliveries SET acknowledged_at = acknowledged_at + 3600000000",
            "UPDATE law_deliveries SET acknowledged_at = acknowledged_at - 3600000000",
        ),
        (
            "returns",
            "UPDATE cases SET opened_at = opened_at - 86400000000",
            "UPDATE cases SET opened_at = opened_at + 86400000000",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        sqlx::raw_sql(by_hand).execute(&pool).await.unwrap();
        let out = bundle(&house, &format!("changed-{n}")).await;
        let found = faults(&out, &key, None);
        assert!(found.iter().any(|fault| fault.contains(what)), "{what}: {found:?}");
        sqlx::raw_sql(undone).execute(&pool).await.unwrap();
    }
    assert_eq!(faults(&bundle(&house, "whole").await, &key, None), Vec::<String>::new());
}
