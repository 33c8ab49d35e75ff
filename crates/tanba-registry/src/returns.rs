//! Statistical returns: what happened, day by day, counted from the rows of the database and again from the public log alone. Both are the same,
//! or something was changed behind the register's back.
//!
//! Days are those of UTC, so that whoever has nothing but the log counts the same ones.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{QueryBuilder, Row, Sqlite};
use tanba_seal::log::{LogError, TileStore, each_entry};

use crate::actor::{Actor, Role};
use crate::effect_rows::counted_one_to_one;
use crate::error::Result;
use crate::journal::Entry;
use crate::log_pruning;
use crate::registry::{Registry, log_folder};
use crate::rows;
use crate::store::WriteTx;
use crate::tile_dir::TileDir;

const DAY: i64 = 86_400_000_000;

/// Counts by day and by what was counted: an event that has one row in the database, or `effect`, `look`, `denial`.
pub type Returns = BTreeMap<Date, BTreeMap<String, u64>>;

/// What a leaf of the log says of itself.
#[derive(Debug, Deserialize)]
pub(crate) struct LeafHead {
    pub(crate) time: i64,
    pub(crate) event: String,
    pub(crate) outcome: String,
}

impl LeafHead {
    pub(crate) fn parse(leaf: &[u8]) -> Option<Self> {
        serde_json::from_slice(leaf).ok()
    }
}

/// A count that rows and log do not agree on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnsDifference {
    /// The day, by UTC.
    pub day: Date,
    /// What was counted.
    pub what: String,
    /// By the rows.
    pub rows: u64,
    /// By the log.
    pub log: u64,
}

/// The returns of some days, from both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnsCheck {
    /// As the database has them.
    pub returns: Returns,
    /// Where the log has others.
    pub differences: Vec<ReturnsDifference>,
}

/// Adds the entries of a log to the counts.
///
/// # Errors
/// Those of reading the log.
pub(crate) fn count_log(
    returns: &mut Returns,
    tiles: &impl TileStore,
    entries: Range<u64>,
) -> std::result::Result<(), LogError> {
    each_entry(tiles, entries, |_, leaf| {
        if let Some(head) = LeafHead::parse(leaf) {
            count_leaf(returns, &head);
        }
        Ok(())
    })
}

/// Adds an entry to the counts.
pub(crate) fn count_leaf(returns: &mut Returns, head: &LeafHead) {
    let day = returns.entry(day_of(head.time.div_euclid(DAY))).or_default();
    *day.entry(head.outcome.clone()).or_default() += 1;
    if counted_one_to_one().any(|(_, _, event)| event == head.event) {
        *day.entry(head.event.clone()).or_default() += 1;
    }
}

/// Where two returns differ.
pub(crate) fn differences(rows: &Returns, log: &Returns) -> Vec<ReturnsDifference> {
    let mut found = Vec::new();
    let days: std::collections::BTreeSet<&Date> = rows.keys().chain(log.keys()).collect();
    for day in days {
        let none = BTreeMap::new();
        let (by_rows, by_log) = (rows.get(day).unwrap_or(&none), log.get(day).unwrap_or(&none));
        let measures: std::collections::BTreeSet<&String> = by_rows.keys().chain(by_log.keys()).collect();
        for what in measures {
            let (rows, log) = (by_rows.get(what).copied().unwrap_or(0), by_log.get(what).copied().unwrap_or(0));
            if rows != log {
                found.push(ReturnsDifference { day: *day, what: what.clone(), rows, log });
            }
        }
    }
    found
}

fn day_of(days: i64) -> Date {
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().try_days(days).unwrap_or_default())
}

impl Registry {
    /// The returns since the register began, from the rows, held against the published log.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's role.
    pub async fn check_returns(&self, actor: &Actor) -> Result<ReturnsCheck> {
        self.demand(actor, Role::Supervisor, "see the statistical returns").await?;
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("returns.viewed", actor).purpose("supervision").details(json!({}))).await?;
        let size = self.publish().await?.size;
        let returns = self.returns_of_rows(size).await?;
        let folder = log_folder(&self.inner.dir);
        let (first, mut log) = self.pruned_returns().await?;
        let log =
            Self::aside(move || count_log(&mut log, &TileDir::open(&folder), first..size).map(|()| log)).await??;
        Ok(ReturnsCheck { differences: differences(&returns, &log), returns })
    }

    /// The first entry that the log has, and the counts of those before, by what is left of their rows: nobody can count them again.
    pub(crate) async fn pruned_returns(&self) -> Result<(u64, Returns)> {
        let mut sql = self.inner.pool.begin().await?;
        let first = log_pruning::minimum(&mut sql).await?;
        let mut returns = Returns::new();
        let gone = "SELECT happened_at, event, outcome FROM log_entries WHERE seq < $1";
        for row in sqlx::query(gone).bind(first).fetch_all(&mut *sql).await? {
            let (event, outcome) = (row.try_get("event")?, row.try_get("outcome")?);
            count_leaf(&mut returns, &LeafHead { time: row.try_get("happened_at")?, event, outcome });
        }
        Ok((u64::try_from(first).unwrap_or(0), returns))
    }

    /// The counts of the rows whose entries are among the first `size` of the log.
    pub(crate) async fn returns_of_rows(&self, size: u64) -> Result<Returns> {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let mut sql = self.inner.pool.begin().await?;
        // A transaction's rows bear its instant, and its entries are published together.
        let last: Option<i64> = sqlx::query_scalar("SELECT MAX(happened_at) FROM log_entries WHERE seq < $1")
            .bind(size)
            .fetch_one(&mut *sql)
            .await?;
        let last = last.unwrap_or(i64::MIN);
        let mut returns = Returns::new();
        let mut add = |found: Vec<sqlx::sqlite::SqliteRow>| -> Result<()> {
            for row in &found {
                let day = returns.entry(day_of(row.try_get("day")?)).or_default();
                *day.entry(row.try_get("what")?).or_default() += rows::number::<u64>(row, "n")?;
            }
            Ok(())
        };
        add(sqlx::query(
            "SELECT happened_at / $1 AS day, outcome AS what, COUNT(*) AS n FROM log_entries WHERE seq < $2 GROUP BY 1, 2",
        )
        .bind(DAY)
        .bind(size)
        .fetch_all(&mut *sql)
        .await?)?;
        for (table, column, event) in counted_one_to_one() {
            let mut query = QueryBuilder::<Sqlite>::new("SELECT at / ");
            query.push_bind(DAY).push(" AS day, ").push_bind(event).push(" AS what, COUNT(*) AS n FROM (SELECT ");
            query.push(match column {
                "log_seq" => "(SELECT happened_at FROM log_entries l WHERE l.seq = log_seq)",
                column => column,
            });
            query
                .push(" AS at FROM ")
                .push(table)
                .push(") AS counted WHERE at <= ")
                .push_bind(last)
                .push(" GROUP BY 1, 2");
            add(query.build().fetch_all(&mut *sql).await?)?;
        }
        Ok(returns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_of_greenwich_and_a_difference_is_named() {
        let mut log = Returns::new();
        for time in [0, DAY - 1, DAY] {
            count_leaf(&mut log, &LeafHead { time, event: "case.opened".to_owned(), outcome: "effect".to_owned() });
        }
        let days: Vec<(String, u64)> =
            log.iter().map(|(day, counts)| (day.to_string(), counts["case.opened"])).collect();
        assert_eq!(days, [("1970-01-01".to_owned(), 2), ("1970-01-02".to_owned(), 1)]);
        let mut rows = log.clone();
        assert_eq!(differences(&rows, &log), []);
        rows.remove(&day_of(1));
        let found = differences(&rows, &log);
        assert_eq!(
            found.iter().map(|d| (d.what.as_str(), d.rows, d.log)).collect::<Vec<_>>(),
            [("case.opened", 0, 1), ("effect", 0, 1)]
        );
        assert_eq!(LeafHead::parse(b"no leaf").map(|head| head.time), None);
    }
}
