//! The supervisor's list of people whose every look is noted: what it notes, who keeps it, and that it tells nobody who is on it.

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use tanba_registry::{
    Actor, AnomalyKind, AnomalyNote, CorrectionKind, KnownBy, LookPurpose, NewNoteAnswer, NewWatch, PersonId,
    PersonQuery, RegistryError, Result, Revision, Role, WatchId, WatchView, Watched,
};
use tanba_synth::Person;

use crate::citizen::citizen;
use crate::house::{House, adult, denied, house, house_under, record, sign_in, today};
use crate::integrity::database;
use crate::law_in_use::folder;
use crate::persons::change;
use crate::retention::{sheet, travel};
use crate::usages::ask;

const END: Date = date(2026, 12, 31);

/// The notes of the list by the account's login, as a supervisor who has just signed in reads them.
async fn noted(house: &House) -> Vec<AnomalyNote> {
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let summary = house.registry.oversight_summary(&supervisor, 92).await.unwrap();
    let mut notes = summary.notes;
    notes.retain(|note| note.kind == AnomalyKind::WatchedPerson);
    notes.sort_by(|a, b| a.account.cmp(&b.account));
    notes
}

/// Whose looks were noted, and how many of each.
async fn lookers(house: &House) -> Vec<(String, u64)> {
    noted(house).await.into_iter().map(|note| (note.account.unwrap(), note.count)).collect()
}

fn number(person: &Person) -> Watched {
    Watched::Iin(person.iin.as_str().to_owned())
}

async fn watch(house: &House, who: Watched, until: Date) -> Result<WatchId> {
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let new = NewWatch { who, reason: "everybody knows them".to_owned(), until };
    house.registry.begin_watch(&supervisor, &new).await
}

async fn list(house: &House) -> Vec<WatchView> {
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    house.registry.watches(&supervisor).await.unwrap()
}

async fn look(house: &House, person: PersonId) {
    let second = sign_in(&house.registry, "second", None).await;
    house.registry.view_person(&second, person, LookPurpose::Review, "task 1").await.unwrap();
}

#[tokio::test]
async fn control_g6_what_somebody_on_the_list_reads_through_a_portal_is_no_look_at_them() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    watch(&house, number(&aida), END).await.unwrap();
    let portal = house.another("egov", Role::Portal).await;
    assert!(ask(&house, &portal, &aida, &aida).await.unwrap() > 0);
    assert_eq!(lookers(&house).await, []);
    look(&house, person).await;
    assert_eq!(lookers(&house).await, [("second".to_owned(), 1)]);
}

#[tokio::test]
async fn control_g6_the_first_look_at_somebody_on_the_list_is_noted_with_its_officer_and_entry() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let registry = &house.registry;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    let stranger = house.open(&other, "identity_card", "k2").await.unwrap().person;
    look(&house, person).await;
    house.clock.advance(SignedDuration::from_secs(1));
    watch(&house, number(&aida), END).await.unwrap();
    look(&house, stranger).await;
    assert_eq!(lookers(&house).await, [], "looks of before, and at others");
    house.clock.advance(SignedDuration::from_secs(1));
    look(&house, person).await;
    let notes = noted(&house).await;
    let [note] = &notes[..] else { panic!("one note: {notes:?}") };
    assert_eq!(
        (note.account.as_deref(), note.count, &note.organisations[..]),
        (Some("second"), 1, &["csc".to_owned()][..])
    );
    assert_eq!(note.sentence(), "second looked 1 times at people on the supervisor's list");
    let entry = registry.supervise_entry(&house.supervisor, note.entries[0]).await.unwrap().entry;
    assert_eq!((entry.look.event.as_str(), entry.look.purpose.as_str()), ("person.viewed", "review"));
    assert_eq!(entry.details["reason"], "task 1");
    // Whoever looks for the person sees them; the person who looks at the own page is nobody's incident.
    registry.find_person(&house.operator, &PersonQuery::Iin(aida.iin.as_str().to_owned())).await.unwrap();
    registry.locate_person(&house.second, &KnownBy::Iin(aida.iin.as_str().to_owned())).await.unwrap();
    let own = citizen(&house, "aida", person).await;
    registry.own_page(&own, None, 10).await.unwrap();
    assert_eq!(lookers(&house).await, [("operator".to_owned(), 1), ("second".to_owned(), 2)]);
    assert_eq!(list(&house).await[0].looks.len(), 3);
    // An answer keeps no place in the log by which a reader of the database would know who is on the list; nor has an auditor's bundle one.
    let supervisor = sign_in(registry, "supervisor", None).await;
    let [_, note] = &noted(&house).await[..] else { panic!("of two accounts") };
    let answer = NewNoteAnswer {
        kind: note.kind,
        subject: note.subject(),
        entries: note.entries.clone(),
        founded: false,
        reason: "a visit to the counter".to_owned(),
    };
    registry.answer_note(&supervisor, &answer).await.unwrap();
    assert_eq!(lookers(&house).await, [("operator".to_owned(), 1)]);
    assert!(matches!(registry.answer_note(&supervisor, &answer).await, Err(RegistryError::Conflict { .. })));
    let kept: String =
        sqlx::query_scalar("SELECT entries FROM note_answers").fetch_one(&database(&house).await).await.unwrap();
    assert!(kept.split(' ').all(|place| place.len() == 64), "{kept}");
    look(&house, person).await;
    assert_eq!(
        lookers(&house).await,
        [("operator".to_owned(), 1), ("second".to_owned(), 3)],
        "one look more is a new note"
    );
    registry.audit_bundle(&house.dir.path().join("bundle")).await.unwrap();
    let bundle = std::fs::read_to_string(house.dir.path().join("bundle/bundle.json")).unwrap();
    let bundle: serde_json::Value = serde_json::from_str(&bundle).unwrap();
    assert_eq!(bundle["open_notes"].as_array().map(Vec::len), Some(0), "{}", bundle["open_notes"]);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_g6_a_number_is_watched_before_anybody_is_registered_by_it_and_answered_alike() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let known = house.open(&aida, "identity_card", "k1").await.unwrap();
    watch(&house, number(&aida), END).await.unwrap();
    watch(&house, number(&other), END).await.unwrap();
    let listed = list(&house).await;
    assert!(listed.iter().all(|watch| watch.holds && watch.looks.is_empty()), "{listed:?}");
    let late = house.open(&other, "identity_card", "k2").await.unwrap();
    look(&house, late.person).await;
    assert_eq!(lookers(&house).await, [("second".to_owned(), 1)]);
    // Twice on the list is a mistake, by whatever the person is named.
    let opened = registry_entry(&house, "encounter.opened").await;
    for again in [number(&aida), Watched::Record(known.person), Watched::Entry(opened), number(&other)] {
        let refused = watch(&house, again, END).await;
        assert!(
            matches!(refused, Err(RegistryError::Conflict { what: "this person is on the list", .. })),
            "{refused:?}"
        );
    }
    let nobody = Watched::Record(PersonId::from_u128(7));
    assert!(matches!(watch(&house, nobody, END).await, Err(RegistryError::NotFound { .. })));
    for about_nobody in [0, u64::MAX] {
        let refused = watch(&house, Watched::Entry(about_nobody), END).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { field: "entry", .. })), "{refused:?}");
    }
    for bad in ["", "1234", "9".repeat(5000).as_str()] {
        let refused = watch(&house, Watched::Iin(bad.to_owned()), END).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { field: "iin", .. })), "{refused:?}");
    }
}

/// The first entry of an event.
async fn registry_entry(house: &House, event: &str) -> u64 {
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let log = house.registry.supervise(&supervisor, 0, 1000).await.unwrap();
    log.iter().find(|entry| entry.look.event == event).unwrap().look.seq
}

#[tokio::test]
async fn control_g6_the_list_is_kept_by_the_supervisor_alone_and_says_nowhere_who_is_on_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let registry = &house.registry;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    let own = citizen(&house, "aida", person).await;
    let shown = async || {
        let page = registry.own_page(&own, None, 100).await.unwrap();
        let looks = page.looks.iter().filter(|look| !look.own).map(|look| look.entries.len()).sum::<usize>();
        (looks, page.attributes.len())
    };
    let before = shown().await;
    let id = watch(&house, number(&aida), END).await.unwrap();
    let others: [&Actor; 6] =
        [&house.operator, &house.administrator, &house.officer, &house.second, &house.examiner_a, &own];
    let denials = registry.denials().await.unwrap();
    for actor in others {
        let new = NewWatch { who: Watched::Record(person), reason: "x".to_owned(), until: END };
        assert_eq!(denied(registry.begin_watch(actor, &new).await), "role");
        assert_eq!(denied(registry.renew_watch(actor, id, END, "x").await), "role");
        assert_eq!(denied(registry.end_watch(actor, id, "x").await), "role");
        assert_eq!(denied(registry.watches(actor).await), "role");
    }
    assert_eq!(registry.denials().await.unwrap(), denials + 24);
    registry.renew_watch(&house.supervisor, id, END, "still everywhere in the news").await.unwrap();
    registry.end_watch(&house.supervisor, id, "nobody asks any more").await.unwrap();
    // Nothing that is stored or told ties the list to the person.
    let pool = database(&house).await;
    let about: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM log_subjects s JOIN log_entries l ON l.seq = s.seq WHERE l.event LIKE 'watch%'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(about, 0, "no entry about the list is about the person");
    let blind: Vec<u8> = sqlx::query_scalar("SELECT value_blind FROM identity_attributes WHERE name = 'iin'")
        .fetch_one(&pool)
        .await
        .unwrap();
    let hex: String = blind.iter().map(|octet| format!("{octet:02x}")).collect();
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT id || watch_id || step || taken_by || taken_at, sealed_body FROM watch_steps")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(rows.len(), 3);
    let columns: String =
        rows.iter().map(|(text, sealed)| format!("{text}{}", String::from_utf8_lossy(sealed))).collect();
    let log = serde_json::to_string(&registry.supervise(&house.supervisor, 0, 1000).await.unwrap()).unwrap();
    let listed = serde_json::to_string(&list(&house).await).unwrap();
    let watch_entries: String = serde_json::from_str::<Vec<serde_json::Value>>(&log)
        .unwrap()
        .into_iter()
        .filter(|entry| entry["event"].as_str().unwrap().starts_with("watch"))
        .map(|entry| entry.to_string())
        .collect();
    assert!(watch_entries.contains("nobody asks any more"), "the reason is in the log");
    for told in [columns, watch_entries, listed] {
        for secret in [person.to_string(), hex.clone(), aida.iin.as_str().to_owned(), aida.name.family.latin.clone()] {
            assert!(!told.contains(&secret), "{told}");
        }
    }
    assert_eq!(shown().await, before, "the own page shows looks, as ever, and not who watches those who look");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_g6_a_watch_ends_by_itself_unless_it_is_renewed_and_what_was_noted_stays() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let registry = &house.registry;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    let start = today();
    let last = date(2027, start.month(), start.day());
    for wrong in [start.yesterday().unwrap(), last.tomorrow().unwrap(), Date::MAX, Date::MIN] {
        let refused = watch(&house, Watched::Record(person), wrong).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { field: "until", .. })), "{refused:?}");
    }
    let id = watch(&house, Watched::Record(person), start).await.unwrap();
    let refused = registry.renew_watch(&house.supervisor, id, last.tomorrow().unwrap(), "x").await;
    assert!(matches!(refused, Err(RegistryError::Invalid { field: "until", .. })), "{refused:?}");
    let silent = registry.end_watch(&house.supervisor, id, " ").await;
    assert!(matches!(silent, Err(RegistryError::Invalid { field: "reason", .. })), "{silent:?}");
    registry.renew_watch(&house.supervisor, id, date(2026, 11, 25), "the trial goes on").await.unwrap();
    look(&house, person).await;
    travel(&house, date(2026, 11, 25));
    look(&house, person).await;
    assert_eq!(lookers(&house).await, [("second".to_owned(), 2)], "the last day counts");
    travel(&house, date(2026, 11, 26));
    look(&house, person).await;
    assert_eq!(lookers(&house).await, [("second".to_owned(), 2)], "what was noted stays, and nothing new is");
    let listed = list(&house).await;
    assert_eq!((listed[0].holds, listed[0].ended_at, listed[0].reason.as_str()), (false, None, "the trial goes on"));
    let supervisor = sign_in(registry, "supervisor", None).await;
    for over in [registry.renew_watch(&supervisor, id, END, "x").await, registry.end_watch(&supervisor, id, "x").await]
    {
        assert!(matches!(over, Err(RegistryError::Conflict { what: "this watch is over", .. })), "{over:?}");
    }
    let unknown = registry.end_watch(&supervisor, WatchId::from_u128(7), "x").await;
    assert!(matches!(unknown, Err(RegistryError::NotFound { what: "watch" })), "{unknown:?}");
    // Put on anew and taken off: nothing is noted from then on.
    let again = watch(&house, Watched::Record(person), END).await.unwrap();
    registry.end_watch(&supervisor, again, "the trial is over").await.unwrap();
    house.clock.advance(SignedDuration::from_secs(1));
    look(&house, person).await;
    assert_eq!(lookers(&house).await, [("second".to_owned(), 2)]);
    // When no note looks back to it any more, the register forgets who it was.
    travel(&house, date(2027, 3, 1));
    registry.carry_out_plans().await.unwrap();
    assert_eq!(list(&house).await, []);
    let left: i64 = sqlx::query_scalar("SELECT SUM(LENGTH(sealed_body)) FROM watch_steps")
        .fetch_one(&database(&house).await)
        .await
        .unwrap();
    assert_eq!(left, 0);
    assert_eq!(registry.reconcile_rows().await.unwrap(), [], "the rows of the acts stay");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_g6_a_watch_follows_a_merge_and_goes_with_the_person_who_is_erased() {
    let (aida, other) = (adult(11), adult(12));
    let row = "      category: any\n      start_event: collection\n      max_period: P40Y\n      end_events: [death]\n";
    let people = [&aida, &other].map(|p| record(p, &[])).into();
    let house = house_under(people, "kz", &folder(&[("sheet", &sheet(row))]), today()).await;
    let registry = &house.registry;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let second = house.open(&other, "passport", "k2").await.unwrap().person;
    watch(&house, number(&other), END).await.unwrap();
    let merge = Revision::Merge { from: second, into: first };
    let plan = registry.propose_revision(&house.second, &merge, "one human being").await.unwrap();
    registry.apply_revision(&house.prosecution_clerk, plan.id).await.unwrap();
    house.clock.advance(SignedDuration::from_secs(1));
    let before = lookers(&house).await.iter().map(|(_, n)| n).sum::<u64>();
    look(&house, first).await;
    let after = lookers(&house).await.iter().map(|(_, n)| n).sum::<u64>();
    assert_eq!(after, before + 1, "the record that goes on is watched");
    let refused = watch(&house, Watched::Record(first), END).await;
    assert!(matches!(refused, Err(RegistryError::Conflict { .. })), "{refused:?}");
    // The person dies, and everything that was registered goes.
    let death = change(CorrectionKind::Death, &[("died", "2026-11-20")]);
    let death = registry.propose_correction(&house.second, first, &death).await.unwrap();
    registry.apply_correction(&house.prosecution_clerk, death.id).await.unwrap();
    assert_eq!(registry.run_retention().await.unwrap().erased, 2);
    assert_eq!((list(&house).await, lookers(&house).await), (Vec::new(), Vec::new()));
    let keys: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM watch_steps s JOIN data_keys k ON k.owner_id = s.watch_id WHERE k.wrapped IS NOT NULL OR LENGTH(s.sealed_body) > 0",
    )
    .fetch_one(&database(&house).await)
    .await
    .unwrap();
    assert_eq!(keys, 0, "neither the key nor what it opened is left");
    // Whoever comes again is a new matter.
    watch(&house, number(&aida), END).await.unwrap();
    registry.run_retention().await.unwrap();
    assert_eq!(list(&house).await.len(), 1);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_g6_a_row_of_the_list_that_is_added_deleted_or_changed_by_hand_is_noticed() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let registry = &house.registry;
    let id = watch(&house, number(&aida), END).await.unwrap();
    house.clock.advance(SignedDuration::from_secs(1));
    registry.renew_watch(&house.supervisor, id, END, "x").await.unwrap();
    assert_eq!(registry.reconcile_rows().await.unwrap(), []);
    let pool = database(&house).await;
    for (by_hand, undone) in [
        (
            "CREATE TABLE kept AS SELECT * FROM watch_steps; DELETE FROM watch_steps WHERE step = 'renewed'",
            "DELETE FROM watch_steps; INSERT INTO watch_steps SELECT * FROM kept; DROP TABLE kept",
        ),
        (
            "INSERT INTO watch_steps SELECT 'x', watch_id, 'ended', x'', taken_by, taken_at + 1 FROM watch_steps LIMIT 1",
            "DELETE FROM watch_steps WHERE id = 'x'",
        ),
    ] {
        sqlx::raw_sql(by_hand).execute(&pool).await.unwrap();
        assert_eq!(registry.reconcile_rows().await.unwrap().len(), 1, "{by_hand}");
        sqlx::raw_sql(undone).execute(&pool).await.unwrap();
        assert_eq!(registry.reconcile_rows().await.unwrap(), [], "{undone}");
    }
    // Nobody ends a watch by changing or damaging a row: a step that does not open counts for nothing, and is an alarm.
    for by_hand in [
        "UPDATE watch_steps SET step = 'ended' WHERE step = 'renewed'",
        "UPDATE watch_steps SET sealed_body = x'00' WHERE step = 'ended'",
    ] {
        sqlx::raw_sql(by_hand).execute(&pool).await.unwrap();
        assert_eq!(registry.reconcile_rows().await.unwrap().len(), 1, "{by_hand}");
        assert!(list(&house).await[0].holds, "{by_hand}");
        let supervisor = sign_in(registry, "supervisor", None).await;
        let notes = registry.oversight_summary(&supervisor, 1).await.unwrap().notes;
        assert!(notes.iter().any(|note| note.kind == AnomalyKind::RowsUnreconciled), "{by_hand}");
        registry.run_retention().await.unwrap();
    }
}
