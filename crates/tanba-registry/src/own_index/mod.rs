//! The index of own entries: how many entries there are about each record, and the head of a chain over them, in a map whose root is an
//! entry of the log (docs/seal/own-index.md).
//!
//! Rows and the entry that publishes their root change in one transaction, so the rows are always what the newest such entry
//! says. The map itself is in memory and can be made from the rows at any time.

mod check;
mod fill;
mod proof;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tanba_seal::index::{Label, OwnMap, PUBLISHED_EVENT, PublishedIndex, Tally};
use tanba_seal::log::Hash;

pub(crate) use check::faults;
pub(crate) use fill::take_off;

use crate::error::{RegistryError, Result};
use crate::rows;
use crate::time::Instant;

const DAMAGED: RegistryError = RegistryError::Damaged { what: "index of own entries" };

/// Records read at a time.
const PAGE: i64 = 10_000;

/// The map in memory, and the place of the entry that published it; 0 where none did, which is never an index's.
pub(crate) struct OwnMapAt {
    seq: u64,
    map: OwnMap,
}

/// The newest entry that publishes the index.
struct LastIndex {
    seq: u64,
    at: Instant,
    leaf: Vec<u8>,
    index: PublishedIndex,
}

impl LastIndex {
    async fn read(sql: &mut SqliteConnection) -> Result<Option<Self>> {
        let row =
            sqlx::query("SELECT seq, happened_at, leaf FROM log_entries WHERE event = $1 ORDER BY seq DESC LIMIT 1")
                .bind(PUBLISHED_EVENT)
                .fetch_optional(sql)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let (seq, at, leaf) =
            (rows::number(&row, "seq")?, rows::instant(&row, "happened_at")?, row.try_get::<Vec<u8>, _>("leaf")?);
        let (_, index) = PublishedIndex::read(&leaf)?;
        Ok(Some(Self { seq, at, leaf, index }))
    }
}

impl OwnMapAt {
    /// The map that the newest entry published: the one in memory if it is that, otherwise made from the rows.
    async fn take(memory: &mut Option<Self>, sql: &mut SqliteConnection, last: Option<&LastIndex>) -> Result<OwnMap> {
        let seq = last.map_or(0, |last| last.seq);
        let map = match memory.take() {
            Some(kept) if kept.seq == seq => kept.map,
            _ => load(sql).await?,
        };
        let published = last.map_or(OwnMap::default().root(), |last| last.index.root);
        if map.root() == published { Ok(map) } else { Err(DAMAGED) }
    }
}

async fn load(sql: &mut SqliteConnection) -> Result<OwnMap> {
    let mut map = OwnMap::default();
    let mut after: Option<String> = None;
    loop {
        let found = page(sql, after.as_deref()).await?;
        let Some(last) = found.last() else { return Ok(map) };
        after = Some(last.try_get("person_id")?);
        for row in &found {
            map.set(Label(hash(row, "label")?.0), tally(row)?.digest());
        }
    }
}

/// The records after one, in the order of their ids.
async fn page(sql: &mut SqliteConnection, after: Option<&str>) -> Result<Vec<SqliteRow>> {
    let found = sqlx::query("SELECT * FROM own_index WHERE person_id > $1 ORDER BY person_id LIMIT $2");
    Ok(found.bind(after.unwrap_or_default()).bind(PAGE).fetch_all(sql).await?)
}

fn tally(row: &SqliteRow) -> Result<Tally> {
    Ok(Tally { entries: rows::number(row, "entries")?, erased: rows::number(row, "erased")?, head: hash(row, "head")? })
}

fn hash(row: &SqliteRow, column: &str) -> Result<Hash> {
    row.try_get::<Vec<u8>, _>(column)?.try_into().map(Hash).map_err(|_| DAMAGED)
}

/// A place in the log or among a record's entries, as the database has it.
fn whole(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
