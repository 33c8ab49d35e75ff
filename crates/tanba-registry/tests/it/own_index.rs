//! The index of own entries: what a person can prove, and what a hostile administrator of the database cannot hide.

use std::pin::pin;

use jiff::{SignedDuration, civil::date};
use sqlx::SqlitePool;
use tanba_registry::{Act, Actor, Grounds, PersonId, RegistryError, Revision, Target};
use tanba_seal::index::{OwnEntries, Told};
use tanba_seal::log::{LogError, LogVerifier};
use tanba_synth::Person;

use crate::citizen::citizen;
use crate::house::{House, adult, denied, house, sign_in};
use crate::integrity::database;
use crate::retention::{Killed, travel};

/// Takes the proof as a file and checks it as somebody does who has the log's key and nothing else.
async fn proof(house: &House, own: &Actor) -> Result<(OwnEntries, Told), LogError> {
    let taken = house.registry.own_entries(own).await.unwrap();
    let file = OwnEntries::parse(&taken.to_bytes()).unwrap();
    assert_eq!(file, taken);
    let told = file.verify(&LogVerifier::parse(&house.registry.verifier_key()).unwrap())?;
    Ok((file, told))
}

async fn index(house: &House) -> Option<u64> {
    let seq = house.registry.publish_index().await.unwrap();
    house.assert_log_is_sound().await;
    seq
}

async fn look_at(house: &House, person: &Person) -> u64 {
    let target = Target::Iin(person.iin.as_str().to_owned());
    match house.registry.ask(&house.officer, Act::Read, &Grounds::default(), &target).await {
        Err(RegistryError::Denied(denial)) => denial.log_seq,
        answer => panic!("{answer:?}"),
    }
}

/// Places of all entries about a person, by their rows.
async fn places(pool: &SqlitePool, person: PersonId) -> Vec<u64> {
    let rows: Vec<i64> = sqlx::query_scalar("SELECT seq FROM log_subjects WHERE person_id = $1 ORDER BY seq")
        .bind(person.to_string())
        .fetch_all(pool)
        .await
        .unwrap();
    rows.into_iter().map(|seq| seq.try_into().unwrap()).collect()
}

#[tokio::test]
async fn control_f4_a_person_proves_that_these_entries_are_all_and_a_dropped_one_is_found() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    house.open(&other, "identity_card", "k2").await.unwrap();
    let own = citizen(&house, "aida", person).await;
    let early = house.registry.own_entries(&own).await;
    assert!(matches!(early, Err(RegistryError::Conflict { .. })), "before there is an index");
    look_at(&house, &aida).await;
    let pool = database(&house).await;
    let about = places(&pool, person).await;
    let seq = index(&house).await.unwrap();
    assert_eq!(index(&house).await, None, "nothing new, no entry");
    let (first, told) = proof(&house, &own).await.unwrap();
    assert_eq!((told.covers, told.records.len()), (seq, 1));
    assert_eq!(told.records[0].places, about);

    // What came since is in the next one, and that one has everything of the first.
    look_at(&house, &aida).await;
    let about = places(&pool, person).await;
    index(&house).await.unwrap();
    let (second, told) = proof(&house, &own).await.unwrap();
    assert_eq!(told.records[0].places, about);
    second.extends(&first).unwrap();
    assert!(first.extends(&second).is_err());

    // The rows of the database, put back after each attempt.
    let backup =
        "CREATE TABLE kept_subjects AS SELECT * FROM log_subjects; CREATE TABLE kept_index AS SELECT * FROM own_index;";
    sqlx::raw_sql(backup).execute(&pool).await.unwrap();
    let restore = "DELETE FROM log_subjects; INSERT INTO log_subjects SELECT * FROM kept_subjects; \
                   DELETE FROM own_index; INSERT INTO own_index SELECT * FROM kept_index;";
    let mine = format!("person_id = '{person}'");
    for (attempt, hidden) in [
        ("a row dropped", format!("DELETE FROM log_subjects WHERE {mine} AND place = 1")),
        (
            "the last row dropped",
            format!(
                "DELETE FROM log_subjects WHERE seq = (SELECT MAX(seq) FROM log_subjects WHERE {mine} AND place IS NOT NULL)"
            ),
        ),
        (
            "a row dropped and the gap closed",
            format!(
                "DELETE FROM log_subjects WHERE {mine} AND place = 1; UPDATE log_subjects SET place = place - 1 WHERE {mine} AND place > 1"
            ),
        ),
        (
            "a row given to somebody else",
            format!(
                "UPDATE log_subjects SET person_id = (SELECT id FROM persons WHERE id <> '{person}') WHERE {mine} AND place = 1"
            ),
        ),
        (
            "a row said not to be indexed yet",
            format!("UPDATE log_subjects SET place = NULL WHERE {mine} AND place = 1"),
        ),
        ("places exchanged", format!("UPDATE log_subjects SET place = 1 - place WHERE {mine} AND place IN (0, 1)")),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(hidden)).execute(&pool).await.unwrap();
        assert!(
            matches!(proof(&house, &own).await, Err(LogError::BadProof { .. })),
            "{attempt} went unnoticed by the person"
        );
        assert!(!house.registry.fsck().await.unwrap().ok, "{attempt} went unnoticed by fsck");
        sqlx::raw_sql(restore).execute(&pool).await.unwrap();
    }
    // The index changed too: it is not what was published, so there is no proof by it at all, and it does not go on.
    let reset = format!("DELETE FROM log_subjects WHERE {mine}; DELETE FROM own_index WHERE {mine}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(reset)).execute(&pool).await.unwrap();
    assert!(!house.registry.fsck().await.unwrap().ok);
    look_at(&house, &aida).await;
    assert!(matches!(house.registry.publish_index().await, Err(RegistryError::Damaged { .. })));
    let house = house.reopened().await;
    let own = sign_in(&house.registry, "aida", None).await;
    assert!(matches!(house.registry.own_entries(&own).await, Err(RegistryError::Damaged { .. })));
}

#[tokio::test]
async fn control_f4_an_entry_hidden_before_it_is_indexed_stops_the_index() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.open(&aida, "identity_card", "k1").await.unwrap();
    index(&house).await.unwrap();
    let pool = database(&house).await;
    let entries =
        async || sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM log_entries").fetch_one(&pool).await.unwrap();
    let seq = look_at(&house, &aida).await;
    for change in ["DELETE FROM log_subjects WHERE seq = ", "UPDATE log_subjects SET person_id = 'x' WHERE seq = "] {
        sqlx::query("CREATE TABLE kept AS SELECT * FROM log_subjects").execute(&pool).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("{change}{seq}"))).execute(&pool).await.unwrap();
        let before = entries().await;
        let stopped = house.registry.publish_index().await;
        assert!(matches!(stopped, Err(RegistryError::Damaged { what: "subjects of a log entry" })), "{stopped:?}");
        assert_eq!(entries().await, before, "nothing is written by rows that were changed");
        let restore = "DELETE FROM log_subjects; INSERT INTO log_subjects SELECT * FROM kept; DROP TABLE kept;";
        sqlx::raw_sql(restore).execute(&pool).await.unwrap();
    }
    index(&house).await.unwrap();
}

#[tokio::test]
async fn control_f4_whoever_was_merged_proves_the_entries_of_both_records() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let first = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    let second = house.open(&other, "passport", "k2").await.unwrap().person;
    let own = citizen(&house, "again", second).await;
    look_at(&house, &other).await;
    index(&house).await.unwrap();
    let (before, _) = proof(&house, &own).await.unwrap();
    let merge = Revision::Merge { from: second, into: first };
    let plan = house.registry.propose_revision(&house.second, &merge, "one human being").await.unwrap();
    house.registry.apply_revision(&house.prosecution_clerk, plan.id).await.unwrap();
    index(&house).await.unwrap();
    let (after, told) = proof(&house, &own).await.unwrap();
    let pool = database(&house).await;
    let mut listed: Vec<Vec<u64>> = told.records.into_iter().map(|record| record.places).collect();
    listed.sort();
    // The last entry about the records is the download of the proof itself, which is newer than the index.
    let mut rows = vec![places(&pool, first).await, places(&pool, second).await];
    rows.iter_mut().for_each(|places| places.retain(|seq| *seq < told.covers));
    rows.sort();
    assert_eq!(listed, rows);
    after.extends(&before).unwrap();
}

#[tokio::test]
async fn control_f4_what_retention_erased_goes_on_counting() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    let own = citizen(&house, "aida", person).await;
    look_at(&house, &aida).await;
    index(&house).await.unwrap();
    let (before, told) = proof(&house, &own).await.unwrap();
    let counted = told.records[0].tally.entries;
    // Not indexed yet when its time comes.
    look_at(&house, &aida).await;
    travel(&house, date(2036, 11, 23));
    house.registry.run_retention().await.unwrap();
    house.assert_log_is_sound().await;
    let own_again = sign_in(&house.registry, "aida", None).await;
    let (after, told) = proof(&house, &own_again).await.unwrap();
    let tally = told.records[0].tally;
    assert!(tally.erased > counted && tally.entries >= tally.erased, "{tally:?}");
    after.extends(&before).unwrap();
    let pool = database(&house).await;
    let old = places(&pool, person).await.into_iter().filter(|seq| *seq < told.covers).count() as u64;
    assert_eq!(old, tally.entries - tally.erased, "of what was erased no row says whom it was about");
    // And the index goes on from there, after a restart as well.
    let house = house.reopened().await;
    house.open(&aida, "identity_card", "k2").await.ok();
    let own = sign_in(&house.registry, "aida", None).await;
    house.registry.own_page(&own, None, 10).await.unwrap();
    index(&house).await.unwrap();
    let (later, told) = proof(&house, &own).await.unwrap();
    assert!(told.records[0].tally.entries > tally.entries);
    later.extends(&after).unwrap();
}

#[tokio::test]
async fn an_entry_that_may_be_told_later_enters_the_index_when_it_may() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    let own = citizen(&house, "aida", person).await;
    let secret = look_at(&house, &aida).await;
    let pool = database(&house).await;
    sqlx::query("INSERT INTO deferred_entries (log_seq, until) VALUES ($1, $2)")
        .bind(i64::try_from(secret).unwrap())
        .bind(house.registry.now().plus_seconds(3600).micros())
        .execute(&pool)
        .await
        .unwrap();
    let known = look_at(&house, &aida).await;
    index(&house).await.unwrap();
    let (before, told) = proof(&house, &own).await.unwrap();
    assert!(told.records[0].places.contains(&known) && !told.records[0].places.contains(&secret));
    house.clock.advance(SignedDuration::from_hours(1));
    index(&house).await.unwrap();
    let (after, told) = proof(&house, &own).await.unwrap();
    assert!(told.records[0].places.contains(&secret), "nobody had to do anything");
    after.extends(&before).unwrap();
}

#[tokio::test]
async fn a_round_that_is_killed_anywhere_leaves_an_index_that_the_log_has() {
    let people: Vec<Person> = (31..34).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    for (n, person) in people.iter().enumerate() {
        house.open(person, "identity_card", &format!("k{n}")).await.unwrap();
    }
    // How many places there are to stop at depends on how quickly the database answers: there is something new to index until there were enough.
    let (mut killed, mut polls) = (0, 1);
    for round in 0..200 {
        let done = Killed(pin!(house.registry.publish_index()), polls).await.transpose().unwrap();
        house.registry.publish().await.unwrap();
        let report = house.registry.fsck().await.unwrap();
        assert!(report.ok, "killed after {polls} polls: {:?}", report.faults);
        if done.is_none() {
            (killed, polls) = (killed + 1, polls + 1);
        } else if killed > 5 {
            break;
        } else {
            look_at(&house, &people[round % people.len()]).await;
            polls = 1;
        }
    }
    assert!(killed > 5, "killed in {killed} places");
    look_at(&house, &people[0]).await;
    index(&house).await.unwrap();
    assert_eq!(denied(house.registry.own_entries(&house.officer).await), "role");
}
