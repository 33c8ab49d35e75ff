//! Rows of effects against the log: what somebody writes into the database by hand, or deletes there, raises an alarm.

use tanba_registry::{AnomalyKind, AnomalyNote, ConsentKind};

use crate::house::{House, adult, house};
use crate::integrity::database;

async fn note(house: &House) -> Option<AnomalyNote> {
    let summary = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap();
    summary.notes.into_iter().find(|note| note.kind == AnomalyKind::RowsUnreconciled)
}

#[tokio::test]
async fn control_e9_a_row_inserted_or_deleted_in_the_database_raises_an_alarm_within_one_round() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    house.say(encounter.id, ConsentKind::Explanation, &aida).await.unwrap();
    house.capture_all(encounter.id, &aida, 1).await.unwrap();
    house.registry.complete(&house.operator, encounter.id).await.unwrap();
    house.registry.apply_for_document(&house.operator, encounter.id, "identity_card").await.unwrap();
    assert_eq!(house.registry.reconcile_rows().await.unwrap(), []);
    assert_eq!(note(&house).await, None);
    let pool = database(&house).await;
    let mut alarms = 0;
    // (what, done by hand, undone, whether the row is one too many)
    for (what, by_hand, undone, unspoken) in [
        (
            "a registration copied to another encounter, at its own instant",
            "INSERT INTO registrations SELECT 'x', 'x', population, state, search_id, registered_at + 7, ended_at FROM registrations",
            "DELETE FROM registrations WHERE id = 'x'",
            true,
        ),
        (
            "the same at an instant that has an entry",
            "INSERT INTO registrations SELECT 'x', 'x', population, state, search_id, registered_at, ended_at FROM registrations",
            "DELETE FROM registrations WHERE id = 'x'",
            true,
        ),
        (
            "a sanction that nobody entered",
            "INSERT INTO sanctions (id, case_id, authority, sealed_body, purposes, acts, valid_from, valid_to, max_uses, uses, entered_by, entered_at) \
             VALUES ('x', 'x', 'court', x'00', 'p', 'a', 1, 2, 9, 0, 'x', 5)",
            "DELETE FROM sanctions WHERE id = 'x'",
            true,
        ),
        (
            "an attribute of a person",
            "CREATE TABLE kept AS SELECT * FROM identity_attributes; UPDATE kept SET id = id || 'x', recorded_at = recorded_at + 1; \
             INSERT INTO identity_attributes SELECT * FROM kept LIMIT 1; DROP TABLE kept",
            "DELETE FROM identity_attributes WHERE id LIKE '%x'",
            true,
        ),
        (
            "a document's application deleted",
            "CREATE TABLE kept AS SELECT * FROM document_events; DELETE FROM document_events WHERE event = 'applied'",
            "INSERT INTO document_events SELECT * FROM kept; DROP TABLE kept",
            false,
        ),
        (
            "a registration deleted",
            "CREATE TABLE kept AS SELECT * FROM registrations; DELETE FROM registrations",
            "INSERT INTO registrations SELECT * FROM kept; DROP TABLE kept",
            false,
        ),
        (
            "a look taken from the person",
            "CREATE TABLE kept AS SELECT * FROM log_subjects; DELETE FROM log_subjects WHERE seq = (SELECT MAX(seq) FROM log_subjects)",
            "DELETE FROM log_subjects; INSERT INTO log_subjects SELECT * FROM kept; DROP TABLE kept",
            false,
        ),
    ] {
        if what.starts_with("a look") {
            house.open(&other, "identity_card", "k2").await.unwrap();
        }
        sqlx::raw_sql(by_hand).execute(&pool).await.unwrap();
        let found = house.registry.reconcile_rows().await.unwrap();
        assert!(!found.is_empty() && found.iter().all(|f| f.unspoken == unspoken), "{what}: {found:?}");
        alarms += 1;
        assert_eq!(note(&house).await.map(|note| note.count), Some(alarms), "{what}");
        assert_eq!(house.registry.reconcile_rows().await.unwrap(), found);
        assert_eq!(note(&house).await.map(|note| note.count), Some(alarms), "the same is told once");
        sqlx::raw_sql(undone).execute(&pool).await.unwrap();
        assert_eq!(house.registry.reconcile_rows().await.unwrap(), [], "{what}");
    }
    let entry = *note(&house).await.unwrap().entries.last().unwrap();
    let told = house.registry.supervise_entry(&house.supervisor, entry).await.unwrap().entry;
    assert_eq!(told.details["findings"][0]["rows"], "subjects of a log entry");
    house.assert_log_is_sound().await;
}
