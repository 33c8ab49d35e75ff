//! The index against the rows it was made from, without any key.

use sqlx::{Row, SqliteConnection, SqlitePool};
use tanba_seal::index::{Label, OwnMap, chain};
use tanba_seal::log::{Fault, Hash, leaf_hash};

use super::{LastIndex, hash, page, tally, whole};
use crate::error::{RegistryError, Result};
use crate::rows;
use crate::store::has_migration;

/// The migration that brought the index.
const SINCE_MIGRATION: i64 = 13;

/// What is wrong with the index of own entries: a record's entries that are not those it counts, a root that is not the published one, and
/// entries that it should have taken in.
pub(crate) async fn faults(pool: &SqlitePool) -> Result<Vec<Fault>> {
    let mut sql = pool.begin().await?;
    // A folder that an older version wrote has no index yet.
    if !has_migration(&mut sql, SINCE_MIGRATION).await? {
        return Ok(Vec::new());
    }
    let mut faults = Vec::new();
    let mut fault = |path: String, what: &str| faults.push(Fault { path, what: what.to_owned() });
    let last = match LastIndex::read(&mut sql).await {
        Err(RegistryError::Log(_)) => {
            fault("own index".to_owned(), "the entry that publishes it cannot be read");
            return Ok(faults);
        }
        last => last?,
    };
    let mut map = OwnMap::default();
    let mut after: Option<String> = None;
    loop {
        let found = page(&mut sql, after.as_deref()).await?;
        let Some(end) = found.last() else { break };
        after = Some(end.try_get("person_id")?);
        for row in &found {
            let (person, held): (String, _) = (row.try_get("person_id")?, tally(row)?);
            map.set(Label(hash(row, "label")?.0), held.digest());
            let counted = count(&mut sql, &person, held.erased, hash(row, "erased_head")?).await?;
            if counted != Some((held.entries, held.head)) {
                fault(format!("own index {person}"), "an entry about this record was dropped, added, changed or moved");
            }
        }
    }
    let (covers, at, root) = match &last {
        Some(last) => (whole(last.index.covers), last.at.micros(), last.index.root),
        None => (0, 0, OwnMap::default().root()),
    };
    if map.root() != root {
        fault("own index".to_owned(), "its rows are not those whose root the log has");
    }
    let strays: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM log_subjects WHERE place IS NOT NULL AND person_id NOT IN (SELECT person_id FROM own_index)",
    )
    .fetch_one(&mut *sql)
    .await?;
    if strays > 0 {
        fault("own index".to_owned(), "entries count among those of a record that it does not have");
    }
    let missed: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM log_subjects s WHERE s.place IS NULL AND s.seq < $1 AND NOT EXISTS (SELECT 1 FROM deferred_entries d WHERE d.log_seq = s.seq AND d.until > $2)",
    )
    .bind(covers)
    .bind(at)
    .fetch_one(&mut *sql)
    .await?;
    if missed > 0 {
        fault("own index".to_owned(), "it lacks entries that it says it covers");
    }
    Ok(faults)
}

/// How many entries the rows give a record, and the chain's head over them; none where a place is missing.
async fn count(sql: &mut SqliteConnection, person: &str, erased: u64, start: Hash) -> Result<Option<(u64, Hash)>> {
    let found = sqlx::query(
        "SELECT s.place, l.leaf FROM log_subjects s JOIN log_entries l ON l.seq = s.seq WHERE s.person_id = $1 AND s.place IS NOT NULL ORDER BY s.place",
    )
    .bind(person)
    .fetch_all(sql)
    .await?;
    let (mut entries, mut head) = (erased, start);
    for row in &found {
        if rows::number::<u64>(row, "place")? != entries {
            return Ok(None);
        }
        head = chain(&head, entries, &leaf_hash(&row.try_get::<Vec<u8>, _>("leaf")?));
        entries += 1;
    }
    Ok(Some((entries, head)))
}
