//! The plan: what must go, be told or rest today, as data, with the clause and the hash of the pack for every row.

use std::collections::{BTreeMap, HashSet};

use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use tanba_law::{RetentionKind, RetentionRecord, RetentionState, Text};

use super::assess::Kind;
use super::{Action, Part};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::RowId;
use crate::journal::{Entry, hex};
use crate::keys::{key_for_reading, key_for_writing};
use crate::law::LawBook;
use crate::params::{ERASURES_AHEAD_DAYS, ERASURES_WAIT_SECONDS};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// Whose log a register's own is, in packs that tell keepers apart (India's regulations 18, 20 and 27): rows for `any` mean it too.
const LOG_KEEPER: &str = "authority";

/// One row of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    /// What is to be done.
    pub action: Action,
    /// With which part.
    pub part: Part,
    /// Of which record: an encounter or a specimen, or the first place of the log that stays.
    pub owner: String,
    /// First day on which it may no longer be kept.
    pub until: Option<Date>,
    /// The clause.
    pub clause: String,
    /// The pack.
    pub pack: String,
    /// Its hash.
    pub pack_hash: String,
    /// In plain words.
    pub text: Text,
}

impl PlanRow {
    /// Which part of which record.
    fn place(&self) -> (Part, String) {
        (self.part, self.owner.clone())
    }
}

/// A plan of deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionPlan {
    /// The plan.
    pub id: RowId,
    /// The day that it was made for.
    pub as_of: Date,
    /// SHA-256 of its rows as JSON, 64 hexadecimal digits; the log has it.
    pub hash: String,
    /// What is to be done, in this order.
    pub rows: Vec<PlanRow>,
    /// What nobody can say how long to keep: a lawyer is asked. It may not be used meanwhile.
    pub undecided: Vec<PlanRow>,
    /// When it was made.
    pub made_at: Instant,
    /// Until when its erasures wait for the signatures of two; `None` where they do not wait.
    pub waits_to: Option<Instant>,
    /// When its day begins and nothing of it is done before; `None` for a plan of the day that it was made on.
    pub begins_at: Option<Instant>,
    /// When its last step was taken, if it was.
    pub done_at: Option<Instant>,
    /// Where it stands in the log.
    pub log_seq: u64,
}

/// Whether the erasures of a plan wait for the signatures of two, where passkeys are required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    /// The law's day has come: two look at the plan first, but not for long.
    Two,
    /// The law's day comes then: two look at the plan before it, and nothing is done sooner.
    TheDay(Date),
    /// The person whose data it is has asked for it.
    Nobody,
}

/// A plan whose erasures wait for the signatures of two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingErasures {
    /// The plan.
    pub plan: RowId,
    /// The day that it was made for.
    pub as_of: Date,
    /// SHA-256 of its rows; the log has it.
    pub hash: String,
    /// When they go ahead without signatures.
    pub waits_to: Instant,
    /// The law's day is yet to come: signed or not, they begin when it does.
    pub ahead: bool,
    /// Which part goes by which clause of which pack, and of how many records.
    pub erasures: Vec<(Part, String, String, u64)>,
}

/// The sealed part, which the hash covers.
#[derive(Serialize, Deserialize)]
struct Body {
    as_of: Date,
    rows: Vec<PlanRow>,
    undecided: Vec<PlanRow>,
}

impl Registry {
    /// Goes through everything that is held and makes the plan of today; stored and logged, nothing is changed by it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn plan_deletions(&self) -> Result<DeletionPlan> {
        let (rows, undecided) = self.due_today().await?;
        self.store_plan(rows, undecided, Waits::Two).await
    }

    /// Plans, newest first, at most 100, as long as the log tells of them; the look is logged.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's role.
    pub async fn deletion_plans(&self, actor: &Actor) -> Result<Vec<DeletionPlan>> {
        self.demand(actor, Role::Supervisor, "read plans of deletion").await?;
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("retention.plans_viewed", actor).purpose("supervision")).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT p.* FROM deletion_plans p JOIN data_keys k ON k.owner_id = p.id AND k.wrapped IS NOT NULL \
             ORDER BY p.made_at DESC, p.id DESC LIMIT 100",
        )
        .fetch_all(&mut *sql)
        .await?;
        let mut plans = Vec::with_capacity(found.len());
        for row in &found {
            plans.push(self.open_plan(&mut sql, row).await?);
        }
        Ok(plans)
    }

    /// How much is held that should be gone by today, and waits for nobody's signature: nothing, after a run. (The daily invariant.)
    ///
    /// # Errors
    /// Those of the database.
    pub async fn overdue(&self) -> Result<u64> {
        let (rows, _) = self.due_today().await?;
        Ok(rows.iter().filter(|row| row.action == Action::Erase).count() as u64)
    }

    /// Plans whose erasures wait for the signatures of two, the oldest first; what would go, by its clause, and of no record.
    ///
    /// # Errors
    /// Denied, and logged, without the second officer's role.
    pub async fn waiting_erasures(&self, actor: &Actor) -> Result<Vec<WaitingErasures>> {
        self.demand(actor, Role::SecondOfficer, "see erasures that wait").await?;
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT * FROM deletion_plans WHERE waits_to IS NOT NULL AND released_at IS NULL ORDER BY made_at, id LIMIT 100",
        )
        .fetch_all(&mut *sql)
        .await?;
        let mut waiting = Vec::with_capacity(found.len());
        for row in &found {
            let plan = self.open_plan(&mut sql, row).await?;
            let mut erasures: BTreeMap<(Part, String, String), u64> = BTreeMap::new();
            for row in plan.rows.into_iter().filter(|row| row.action == Action::Erase) {
                *erasures.entry((row.part, row.pack, row.clause)).or_default() += 1;
            }
            waiting.push(WaitingErasures {
                plan: plan.id,
                as_of: plan.as_of,
                hash: plan.hash,
                waits_to: plan.waits_to.ok_or(RegistryError::Damaged { what: "plan of deletion" })?,
                ahead: plan.begins_at.is_some_and(|begins| begins > self.now()),
                erasures: erasures.into_iter().map(|((part, pack, clause), n)| (part, pack, clause, n)).collect(),
            });
        }
        Ok(waiting)
    }

    /// What must be done today about everything that is held, but for erasures that stand in a plan of today's and wait there.
    pub(super) async fn due_today(&self) -> Result<(Vec<PlanRow>, Vec<PlanRow>)> {
        let mut sql = self.inner.pool.acquire().await?;
        let (mut rows, undecided) = self.due(&mut sql, self.today()).await?;
        let waiting =
            self.waiting_steps(&mut sql, "p.begins_at IS NULL AND p.released_at IS NULL AND p.waits_to > $1").await?;
        rows.retain(|row| row.action != Action::Erase || !waiting.contains(&row.place()));
        Ok((rows, undecided))
    }

    /// Makes a plan for each of the coming days on which keys must be destroyed, so that two officers have signed it when the day begins
    /// and nothing is held longer than it may be because of them. Only where signatures are waited for.
    pub(super) async fn plan_ahead(&self) -> Result<()> {
        let today = self.today();
        let Ok(furthest) = today.checked_add(ERASURES_AHEAD_DAYS.days()) else { return Ok(()) };
        let mut days: BTreeMap<Date, Vec<PlanRow>> = BTreeMap::new();
        {
            let mut sql = self.inner.pool.acquire().await?;
            if !self.passkeys_required(&mut sql).await? {
                return Ok(());
            }
            let planned = self.waiting_steps(&mut sql, "p.begins_at > $1").await?;
            for row in self.due(&mut sql, furthest).await?.0 {
                // What is due already is in the plan of today; what has no day of its own is found on its day.
                let Some(day) = row.until.filter(|day| *day > today && *day <= furthest) else { continue };
                if row.action == Action::Erase && !planned.contains(&row.place()) {
                    days.entry(day).or_default().push(row);
                }
            }
        }
        for (day, rows) in days {
            self.store_plan(rows, Vec::new(), Waits::TheDay(day)).await?;
        }
        Ok(())
    }

    /// What must be done on a day about everything that is held, and what nobody can decide.
    async fn due(&self, sql: &mut SqliteConnection, on: Date) -> Result<(Vec<PlanRow>, Vec<PlanRow>)> {
        let law = self.inner.law();
        let (mut rows, mut undecided) = (Vec::new(), Vec::new());
        for kind in [Kind::Encounter, Kind::Specimen] {
            let mut after = String::new();
            loop {
                let held = self.held_records(&mut *sql, kind, &after, None).await?;
                let Some(last) = held.last() else { break };
                last.owner.clone_into(&mut after);
                for record in &held {
                    rows.extend(self.steps_of(&mut *sql, &law, record, on, &mut undecided).await?);
                }
            }
        }
        rows.extend(self.log_due(&mut *sql, &law, on).await?);
        Ok((rows, undecided))
    }

    /// Erasures that are yet to come, of the plans of which `which` is true; `$1` is now.
    async fn waiting_steps(&self, sql: &mut SqliteConnection, which: &'static str) -> Result<HashSet<(Part, String)>> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT s.part, s.owner_id FROM deletion_steps s JOIN deletion_plans p ON p.id = s.plan_id WHERE s.action = 'erase' AND s.outcome IS NULL AND ",
        );
        let waiting = query.push(which).build().bind(self.now().micros()).fetch_all(sql).await?;
        waiting
            .iter()
            .map(|row| Ok((Part::parse(&row.try_get::<String, _>("part")?)?, row.try_get("owner_id")?)))
            .collect()
    }

    /// Log entries whose time is over on a day, and whose words are there.
    pub(super) async fn log_due(&self, sql: &mut SqliteConnection, law: &LawBook, on: Date) -> Result<Option<PlanRow>> {
        self.log_over(sql, law, on, "wrapped_key IS NOT NULL").await
    }

    /// Entries of the log, of those that `held` takes, whose time is over on a day: a whole number of days from the first of them on.
    pub(crate) async fn log_over(
        &self,
        sql: &mut SqliteConnection,
        law: &LawBook,
        on: Date,
        held: &'static str,
    ) -> Result<Option<PlanRow>> {
        let mut due = None;
        let mut from = i64::MIN;
        loop {
            let mut first = QueryBuilder::<Sqlite>::new("SELECT MIN(happened_at) FROM log_entries WHERE ");
            first.push(held).push(" AND happened_at >= ").push_bind(from);
            let first: Option<i64> = first.build_query_scalar().fetch_one(&mut *sql).await?;
            let Some(first) = first else { return Ok(due) };
            let day = self.inner.zone.date(Instant::from_micros(first));
            let record = RetentionRecord::collected(RetentionKind::Log, LOG_KEEPER, day);
            let Some(answer) = law.keeping(tanba_law::Modality::Fingerprint, "", &record, on) else {
                return Ok(due);
            };
            if answer.state != RetentionState::Erase {
                return Ok(due);
            }
            let Ok(next) = day.tomorrow() else { return Ok(due) };
            from = self.inner.zone.day_begins(next).micros();
            let stays: i64 =
                sqlx::query_scalar("SELECT COALESCE(MAX(seq), -1) + 1 FROM log_entries WHERE happened_at < $1")
                    .bind(from)
                    .fetch_one(&mut *sql)
                    .await?;
            due = Some(PlanRow {
                action: Action::Erase,
                part: Part::LogPayloads,
                owner: stays.to_string(),
                until: answer.until,
                clause: answer.clause,
                pack: answer.pack,
                pack_hash: answer.pack_hash.to_string(),
                text: answer.text,
            });
        }
    }

    pub(super) async fn store_plan(
        &self,
        mut rows: Vec<PlanRow>,
        undecided: Vec<PlanRow>,
        waits: Waits,
    ) -> Result<DeletionPlan> {
        let erases = |row: &&PlanRow| row.action == Action::Erase;
        let required = {
            let mut sql = self.inner.pool.acquire().await?;
            self.passkeys_required(&mut sql).await?
        };
        let today = self.today();
        let (as_of, begins_at) = match waits {
            Waits::TheDay(day) => (day, Some(self.inner.zone.day_begins(day))),
            Waits::Two | Waits::Nobody => (today, None),
        };
        let waits_a_day = waits == Waits::Two && required && rows.iter().any(|row| erases(&row));
        if waits_a_day {
            // What waits to be erased is used by nobody meanwhile.
            let searched = |row: &&PlanRow| matches!(row.part, Part::PrintTemplates | Part::GenomicProfile);
            let blocked = rows.iter().filter(erases).filter(searched).cloned();
            let mut all: Vec<PlanRow> = blocked.map(|row| PlanRow { action: Action::Block, ..row }).collect();
            all.append(&mut rows);
            rows = all;
        }
        let body = Body { as_of, rows, undecided };
        let bytes = serde_json::to_vec(&body).map_err(|_| RegistryError::Damaged { what: "plan of deletion" })?;
        let hash = hex(&Sha256::digest(&bytes));
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        let owner = id.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Identity, &owner, "plan", &bytes)?;
        let count = |action| body.rows.iter().filter(|row| row.action == action).count();
        let details = json!({
            "plan": id, "hash": hash, "as_of": as_of, "erase": count(Action::Erase), "notify": count(Action::Notify), "block": count(Action::Block),
            "unblock": count(Action::Unblock), "undecided": body.undecided.len(), "packs": self.law_in_use(),
        });
        let log_seq = tx.log(&Entry::system("retention.planned").purpose("retention").details(details)).await?;
        let done_at = body.rows.is_empty().then_some(now);
        let waits_to = begins_at.or(waits_a_day.then(|| now.plus_seconds(ERASURES_WAIT_SECONDS)));
        sqlx::query("INSERT INTO deletion_plans (id, hash, sealed_body, made_at, done_at, log_seq, waits_to, begins_at, released_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)")
            .bind(&owner)
            .bind(&hash)
            .bind(sealed)
            .bind(now.micros())
            .bind(done_at.map(Instant::micros))
            .bind(i64::try_from(log_seq).unwrap_or(i64::MAX))
            .bind(waits_to.map(Instant::micros))
            .bind(begins_at.map(Instant::micros))
            .execute(tx.sql())
            .await?;
        for (place, row) in body.rows.iter().enumerate() {
            sqlx::query("INSERT INTO deletion_steps (plan_id, place, action, part, owner_id, outcome, done_at, log_seq) VALUES ($1, $2, $3, $4, $5, NULL, NULL, NULL)")
                .bind(&owner)
                .bind(i64::try_from(place).unwrap_or(i64::MAX))
                .bind(row.action.name())
                .bind(row.part.name())
                .bind(&row.owner)
                .execute(tx.sql())
                .await?;
        }
        tx.commit_logged().await?;
        let Body { as_of, rows, undecided } = body;
        Ok(DeletionPlan { id, as_of, hash, rows, undecided, made_at: now, waits_to, begins_at, done_at, log_seq })
    }

    pub(super) async fn open_plan(
        &self,
        sql: &mut SqliteConnection,
        row: &sqlx::sqlite::SqliteRow,
    ) -> Result<DeletionPlan> {
        let owner: String = row.try_get("id")?;
        let key = key_for_reading(&self.inner.vault, sql, &owner, Domain::Identity).await?;
        let key = key.ok_or(RegistryError::Damaged { what: "plan of deletion" })?;
        let sealed: Vec<u8> = row.try_get("sealed_body")?;
        let plain = self.inner.vault.open(&key, Domain::Identity, &owner, "plan", &sealed)?;
        let hash: String = row.try_get("hash")?;
        let body: Body =
            serde_json::from_slice(&plain).map_err(|_| RegistryError::Damaged { what: "plan of deletion" })?;
        if hex(&Sha256::digest(&plain)) != hash {
            return Err(RegistryError::Damaged { what: "plan of deletion" });
        }
        Ok(DeletionPlan {
            id: rows::parse_id(&owner)?,
            as_of: body.as_of,
            hash,
            rows: body.rows,
            undecided: body.undecided,
            made_at: rows::instant(row, "made_at")?,
            waits_to: rows::instant_opt(row, "waits_to")?,
            begins_at: rows::instant_opt(row, "begins_at")?,
            done_at: rows::instant_opt(row, "done_at")?,
            log_seq: rows::number(row, "log_seq")?,
        })
    }
}
