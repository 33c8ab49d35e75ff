//! Rates that the register counts of itself: fingers that could not be taken, people who could not be enrolled, and holders whom a comparison
//! one to one refused, by sex and by age.
//!
//! It is counted when a supervisor asks, from rows that stay, so that anybody with them counts the same. What is published is of ten people or
//! nothing: a smaller cell is not shown, nor is one from which it could be told by taking away.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row as _, SqliteConnection};
use tanba_gallery::Sex;

use super::{MeasuredRate, held};
use crate::actor::{Actor, Role};
use crate::encounter::{EncounterState, parse_state};
use crate::error::{RegistryError, Result};
use crate::ids::{EncounterId, RowId};
use crate::journal::Entry;
use crate::params::SMALLEST_CELL;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// The event of a count.
const COUNTED: &str = "rates.counted";

/// Fingers that were offered and that nobody could take.
const ACQUIRE: &str = "failure_to_acquire";
/// People who came to be registered and of whom no finger was.
const ENROL: &str = "failure_to_enrol";
/// Holders whose prints were refused, and whom a second officer then left the record.
const REFUSED: &str = "false_refusal";

/// What the register counted of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CountedRates {
    /// When.
    pub counted_at: Instant,
    /// People that a cell has at least.
    pub smallest_cell: u64,
    /// Each rate: `failure_to_acquire`, `failure_to_enrol`, `false_refusal`.
    pub rates: Vec<CountedRate>,
}

/// One rate, for everybody and by group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CountedRate {
    /// Which.
    pub name: String,
    /// Everybody, and each group that has anybody in it.
    pub cells: Vec<CountedCell>,
}

/// A group of people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CountedCell {
    /// By what people are grouped: `all`, `sex`, `age`.
    pub way: String,
    /// The group: `all`, `female`, `30-39`, `unknown`.
    pub group: String,
    /// What was counted; `None` where that would be of too few people.
    pub counted: Option<Tally>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// People.
    pub persons: u64,
    /// Occasions at which it could fail.
    pub of: u64,
    /// Those at which it did.
    pub failed: u64,
    /// The share, with its interval.
    pub rate: MeasuredRate,
}

/// A cell while it is counted.
#[derive(Debug, Default)]
struct Cell {
    persons: BTreeSet<String>,
    of: u64,
    failed: u64,
}

impl Registry {
    /// Counts the register's own error rates, and publishes them.
    ///
    /// # Errors
    /// Denied without the supervisor's role; [`RegistryError::Keys`] while there are no keys to read sex and age with.
    pub async fn count_error_rates(&self, actor: &Actor) -> Result<CountedRates> {
        self.demand(actor, Role::Supervisor, "have the error rates counted").await?;
        let mut sql = self.inner.pool.acquire().await?;
        let rates = self.count(&mut sql).await?;
        drop(sql);
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let counted = CountedRates { counted_at: now, smallest_cell: SMALLEST_CELL, rates };
        let body = serde_json::to_string(&counted).map_err(|_| RegistryError::Damaged { what: "counted rates" })?;
        let entry = Entry::effect(COUNTED, actor).purpose("supervision").details(json!({"counted": counted}));
        let log_seq = tx.log(&entry.states(body.as_bytes())).await?;
        sqlx::query("INSERT INTO counted_rates (id, body, counted_at, log_seq) VALUES ($1, $2, $3, $4)")
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(body)
            .bind(now.micros())
            .bind(i64::try_from(log_seq).unwrap_or(i64::MAX))
            .execute(tx.sql())
            .await?;
        tx.commit_logged().await?;
        Ok(counted)
    }

    async fn count(&self, sql: &mut SqliteConnection) -> Result<Vec<CountedRate>> {
        let captured =
            by_encounter(sql, "SELECT encounter_id, COUNT(DISTINCT finger) AS n FROM samples GROUP BY encounter_id")
                .await?;
        let unable = by_encounter(
            sql,
            "SELECT encounter_id, COUNT(DISTINCT finger) AS n FROM finger_states WHERE state = 'unable' GROUP BY encounter_id",
        )
        .await?;
        // Whoever took the record for that person's after all closed the task and moved nothing.
        let left = by_encounter(
            sql,
            "SELECT t.subject_id AS encounter_id, COUNT(*) AS n FROM review_tasks t WHERE t.kind = 'identity_conflict' \
             AND t.subject_kind = 'encounter' AND t.closed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cluster_moves m \
             JOIN cluster_revisions r ON r.id = m.revision_id WHERE m.encounter_id = t.subject_id AND r.state = 'applied') \
             GROUP BY t.subject_id",
        )
        .await?;
        let found = sqlx::query("SELECT id, person_id, state, opened_at FROM encounters WHERE state <> 'open'")
            .fetch_all(&mut *sql)
            .await?;
        let mut rates: BTreeMap<&'static str, BTreeMap<(&'static str, String), Cell>> = BTreeMap::new();
        for row in &found {
            let id: EncounterId = rows::id(row, "id")?;
            let state = parse_state(&row.try_get::<String, _>("state")?)?;
            let number = |of: &BTreeMap<String, u64>| of.get(&id.to_string()).copied().unwrap_or(0);
            let (taken, not_taken) = (number(&captured), number(&unable));
            let refused = number(&left).min(1);
            let mut seen = vec![(ACQUIRE, taken + not_taken, not_taken)];
            match state {
                EncounterState::Exempt => seen.push((ENROL, 1, u64::from(taken == 0))),
                EncounterState::Registered | EncounterState::Adjudication | EncounterState::Duplicate => {
                    seen.push((ENROL, 1, 0));
                }
                EncounterState::Verified => seen.push((REFUSED, 1, 0)),
                EncounterState::Conflict => seen.push((REFUSED, refused, refused)),
                EncounterState::Open | EncounterState::Refused | EncounterState::Denied => {}
            }
            seen.retain(|(_, of, _)| *of > 0);
            if seen.is_empty() {
                continue;
            }
            let year = self.inner.zone.date(rows::instant(row, "opened_at")?).year();
            let groups = self.groups_of(sql, id, year).await?;
            let person: String = row.try_get("person_id")?;
            for (name, of, failed) in seen {
                for group in &groups {
                    let cell = rates.entry(name).or_default().entry(group.clone()).or_default();
                    cell.persons.insert(person.clone());
                    cell.of += of;
                    cell.failed += failed;
                }
            }
        }
        let named = [ACQUIRE, ENROL, REFUSED].into_iter();
        Ok(named
            .map(|name| CountedRate { name: name.to_owned(), cells: shown(rates.remove(name).unwrap_or_default()) })
            .collect())
    }

    /// In which groups whoever came is.
    async fn groups_of(
        &self,
        sql: &mut SqliteConnection,
        encounter: EncounterId,
        year: i16,
    ) -> Result<[(&'static str, String); 3]> {
        let traits = self.traits_of(sql, encounter).await?;
        let sex = match traits.sex {
            Some(Sex::Female) => "female",
            Some(Sex::Male) => "male",
            None => "unknown",
        };
        let decade = traits.born.and_then(|born| u16::try_from(year).ok()?.checked_sub(born)).map(|age| age / 10 * 10);
        let age = decade.map_or_else(|| "unknown".to_owned(), |from| format!("{from}-{}", from + 9));
        Ok([("all", "all".to_owned()), ("sex", sex.to_owned()), ("age", age)])
    }

    /// What was counted last.
    pub(super) async fn counted_rates(&self, sql: &mut SqliteConnection) -> Result<Option<CountedRates>> {
        let row = sqlx::query("SELECT body, log_seq FROM counted_rates ORDER BY log_seq DESC LIMIT 1")
            .fetch_optional(&mut *sql)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let body: String = row.try_get("body")?;
        let damaged = || RegistryError::Damaged { what: "counted rates" };
        if !held::is_stated(sql, COUNTED, row.try_get("log_seq")?, &body).await? {
            return Err(damaged());
        }
        serde_json::from_str(&body).map(Some).map_err(|_| damaged())
    }
}

async fn by_encounter(sql: &mut SqliteConnection, query: &'static str) -> Result<BTreeMap<String, u64>> {
    let found = sqlx::query(query).fetch_all(sql).await?;
    found.iter().map(|row| Ok((row.try_get("encounter_id")?, rows::number(row, "n")?))).collect()
}

/// Cells as they may be shown: of ten people at least, and none that could be told from the others of its way and the whole.
fn shown(cells: BTreeMap<(&'static str, String), Cell>) -> Vec<CountedCell> {
    let mut ways: BTreeMap<&'static str, Vec<(String, Cell)>> = BTreeMap::new();
    for ((way, group), cell) in cells {
        ways.entry(way).or_default().push((group, cell));
    }
    let mut out = Vec::new();
    for (way, groups) in ways {
        let size = |cell: &Cell| cell.persons.len() as u64;
        let mut sizes: Vec<u64> = groups.iter().map(|(_, cell)| size(cell)).collect();
        sizes.sort_unstable();
        let (mut hidden, mut least) = (0, 0);
        for people in sizes {
            if people >= SMALLEST_CELL && (hidden == 0 || hidden >= SMALLEST_CELL) {
                break;
            }
            hidden += people;
            least = people;
        }
        for (group, cell) in groups {
            let counted = (size(&cell) > least).then(|| Tally {
                persons: size(&cell),
                of: cell.of,
                failed: cell.failed,
                rate: MeasuredRate::of(cell.failed, cell.of),
            });
            out.push(CountedCell { way: way.to_owned(), group, counted });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(groups: &[(&'static str, u64)]) -> Vec<bool> {
        let cell = |n: u64| Cell { persons: (0..n).map(|k| k.to_string()).collect(), of: n, failed: 1 };
        shown(groups.iter().map(|(group, n)| (("age", (*group).to_owned()), cell(*n))).collect())
            .iter()
            .map(|cell| cell.counted.is_some())
            .collect()
    }

    #[test]
    fn control_i7_a_cell_of_fewer_than_ten_is_neither_shown_nor_told_by_taking_away() {
        assert_eq!(told(&[("a", 10), ("b", 50)]), [true, true]);
        // With the whole, the only hidden one would be known: the next smallest is hidden with it.
        assert_eq!(told(&[("a", 9), ("b", 50), ("c", 20)]), [false, true, false]);
        assert_eq!(told(&[("a", 6), ("b", 50), ("c", 7)]), [false, true, false]);
        assert_eq!(told(&[("a", 9), ("b", 50)]), [false, false]);
        assert_eq!(told(&[("a", 9)]), [false]);
        assert_eq!(told(&[]), [false; 0]);
    }
}
