//! What a portal's questions leave behind: what the person is told of, what the supervisor is not bothered with, and where a portal is stopped.
//! Who is answered what is in the server's tests.

use jiff::SignedDuration;
use tanba_registry::{Actor, AnomalyKind, Role, UsagesAsked};
use tanba_synth::Person;

use crate::citizen::citizen;
use crate::house::{House, adult, denied, house, house_with, record, sign_in, teenager};
use crate::integrity::database;
use crate::notices::{Service, send};

/// How many usages a portal is told of.
pub(crate) async fn ask(house: &House, portal: &Actor, user: &Person, of: &Person) -> tanba_registry::Result<u64> {
    let asked = UsagesAsked {
        user: format!("KZ{}", user.iin.as_str()),
        subject: of.iin.as_str().to_owned(),
        limit: 1000,
        ..UsagesAsked::default()
    };
    Ok(house.registry.find_usages(portal, &asked).await?.total)
}

#[tokio::test]
async fn control_f1_a_look_through_a_portal_is_the_persons_own_and_that_of_a_representative_is_told() {
    let (mother, child) = (adult(31), teenager(32));
    let house = house_with(vec![record(&mother, &[]), record(&child, &[&mother])]).await;
    let of_mother = house.open(&mother, "passport", "m").await.unwrap().person;
    let of_child = house.open(&child, "passport", "c").await.unwrap().person;
    let portal = house.another("egov", Role::Portal).await;
    let service = Service::new();
    send(&house, &service).await;
    assert!(ask(&house, &portal, &child, &child).await.unwrap() > 0);
    assert!(ask(&house, &portal, &mother, &child).await.unwrap() > 0);
    send(&house, &service).await;
    assert_eq!((service.entries_of(&mother).len(), service.entries_of(&child).len()), (0, 1));
    let told = service.entries_of(&child)[0];
    let (own, guardian) = (citizen(&house, "child", of_child).await, citizen(&house, "mother", of_mother).await);
    let child_reads = house.registry.own_entry(&own, told).await.unwrap();
    assert_eq!(child_reads.event, "usages.viewed");
    assert!(child_reads.representative.unwrap().contains(&mother.name.family.kk), "the child reads who it was");
    let mother_reads = house.registry.own_entry(&guardian, told).await.unwrap();
    assert_eq!((mother_reads.representative, mother_reads.own), (None, false), "she is not her own representative");
    let plain = house.registry.own_page(&own, None, 100).await.unwrap();
    let plain = plain.looks.iter().find(|look| look.event == "usages.viewed" && look.representative.is_none());
    assert_eq!(plain.unwrap().organisation_code.as_deref(), Some("mia"), "by which portal");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f1_a_portal_asks_at_night_and_for_many_who_are_not_here_and_no_note_accuses_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.open(&aida, "passport", "k1").await.unwrap();
    // Eleven in the evening by the register's clock.
    house.clock.advance(SignedDuration::from_hours(6));
    let portal = house.another("egov", Role::Portal).await;
    ask(&house, &portal, &aida, &aida).await.unwrap();
    for seed in 50..60 {
        assert_eq!(ask(&house, &portal, &adult(seed), &adult(seed)).await.unwrap(), 0);
    }
    let notes = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap().notes;
    assert!(notes.iter().all(|note| note.account.as_deref() != Some("egov")), "{notes:?}");
}

#[tokio::test]
async fn control_f1_a_portal_that_asks_more_than_people_do_is_stopped_and_the_supervisor_is_told() {
    let (aida, stranger) = (adult(11), adult(12));
    let house = house(&[&aida]).await;
    house.open(&aida, "passport", "k1").await.unwrap();
    let portal = house.another("egov", Role::Portal).await;
    let other = house.another("portal-2", Role::Portal).await;
    assert!(ask(&house, &portal, &aida, &aida).await.unwrap() > 0);
    assert_eq!(ask(&house, &portal, &stranger, &stranger).await.unwrap(), 0);
    // 36,000 questions are two and 35,998: rows of an hour that nobody wants to wait for.
    let pool = database(&house).await;
    sqlx::query(
        "WITH RECURSIVE more (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < 35997) \
         INSERT INTO log_entries (seq, happened_at, event, outcome, leaf, wrapped_key, sealed_payload, purpose, account_id, organisation) \
         SELECT l.seq + n, l.happened_at + n, l.event, l.outcome, l.leaf, NULL, l.sealed_payload, l.purpose, l.account_id, l.organisation \
         FROM more, (SELECT * FROM log_entries ORDER BY seq DESC LIMIT 1) AS l",
    )
    .execute(&pool)
    .await
    .unwrap();
    assert!(ask(&house, &portal, &aida, &aida).await.unwrap() > 0, "the last one");
    for who in [&aida, &stranger] {
        assert_eq!(denied(ask(&house, &portal, who, who).await), "portal_volume_reached", "whoever is asked about");
    }
    assert!(ask(&house, &other, &aida, &aida).await.unwrap() > 0, "another portal's hour is its own");
    let summary = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap();
    let note = summary.notes.iter().find(|note| note.kind == AnomalyKind::VolumeReached).unwrap();
    assert_eq!((note.count, note.account.as_deref()), (2, Some("egov")));
    house.clock.advance(SignedDuration::from_hours(2));
    let portal = sign_in(&house.registry, "egov", None).await;
    assert!(ask(&house, &portal, &aida, &aida).await.unwrap() > 0, "an hour later");
}
