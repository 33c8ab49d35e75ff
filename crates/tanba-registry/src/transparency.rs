//! What the person concerned and the supervisor see, and the log as anyone may check it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{QueryBuilder, Row, Sqlite};
use tanba_seal::log::{self, Checkpoint, FsckReport, LogVerifier, SourceRows, TlogProof};

use crate::actor::{Actor, Role};
use crate::encounter::EncounterState;
use crate::error::{RegistryError, Result};
use crate::ids::{EncounterId, PersonId};
use crate::journal::{Entry, Outcome, open_payload};
use crate::own_index;
use crate::params::LOG_CHECK_EVERY_SECONDS;
use crate::registry::{Registry, log_folder};
use crate::rows;
use crate::store::WriteTx;
use crate::thresholds;
use crate::tile_dir::TileDir;
use crate::time::Instant;
use crate::{log_keys, log_pruning};

/// Entries integrated at a time.
const BATCH: i64 = 2048;

/// One entry as the person concerned sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LookView {
    /// Its place in the log.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// What happened, as `noun.verb`.
    pub event: String,
    /// Whether it was a change, a look or a refusal.
    pub outcome: Outcome,
    /// Which organisation.
    pub organisation: Option<String>,
    /// For what purpose.
    pub purpose: String,
    /// By which clause.
    pub clause: Option<String>,
}

/// What a person is shown of the own record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnRecord {
    /// Identity attributes as they are held.
    pub identity: std::collections::BTreeMap<String, String>,
    /// Encounters, newest first.
    pub encounters: Vec<OwnEncounter>,
    /// Fingers whose prints are held.
    pub prints_held: u32,
    /// Every entry about the person, newest first.
    pub looks: Vec<LookView>,
    /// Entries that do not fit; ask again with `before`.
    pub more: bool,
}

/// An encounter in the own record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnEncounter {
    /// The encounter.
    pub id: EncounterId,
    /// Why.
    pub trigger: String,
    /// How it ended.
    pub state: EncounterState,
    /// When.
    pub opened_at: Instant,
}

/// One entry as a supervisor sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SupervisorEntry {
    /// The entry.
    #[serde(flatten)]
    pub look: LookView,
    /// The account that acted.
    pub account: Option<String>,
    /// Its login, where the reader was told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// How many people it is about.
    pub subjects: usize,
    /// The sealed details, opened for the supervisor: ids and codes, no biometric content.
    pub details: serde_json::Value,
}

impl Registry {
    /// What is held about the signed-in person, and everyone who looked. Looking at it is an entry too.
    ///
    /// # Errors
    /// Denied without the citizen's role.
    pub async fn own_record(&self, actor: &Actor, before: Option<u64>, limit: u32) -> Result<OwnRecord> {
        self.demand(actor, Role::Citizen, "see the own record").await?;
        let known_as = actor.person.ok_or(RegistryError::NotFound { what: "person" })?;
        let (person, merged) = self.present_and_merged(known_as).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("own_record.viewed", actor).purpose("rights_of_the_person").about(person)).await?;

        // Looks at a record that was later merged into this one were looks at this person all the same.
        let (found, more) = self.entries_about(&merged, before, limit).await?;
        let looks = found.iter().map(|row| Ok(self.look_view(row)?.0)).collect::<Result<_>>()?;
        Ok(OwnRecord {
            identity: self.identity_of(person).await?,
            encounters: self.own_encounters(person).await?,
            prints_held: self.prints_held(person).await?,
            looks,
            more,
        })
    }

    /// The record that a person's record is part of at present, and all records that were ever merged with it, itself
    /// among them. Records are revised, so an account that was tied to one may find itself in another.
    pub(crate) async fn present_and_merged(&self, person: PersonId) -> Result<(PersonId, BTreeSet<PersonId>)> {
        const MERGES: &str = "SELECT m.from_person, m.to_person FROM cluster_moves m JOIN cluster_revisions r ON r.id = m.revision_id \
                              WHERE r.kind = 'merge' AND r.state = 'applied' AND (m.from_person = $1 OR m.to_person = $1)";
        let mut known = BTreeSet::from([person]);
        let mut asked = BTreeSet::new();
        let mut present = person;
        while let Some(next) = known.difference(&asked).next().copied() {
            asked.insert(next);
            for row in sqlx::query(MERGES).bind(next.to_string()).fetch_all(&self.inner.pool).await? {
                let (from, to): (PersonId, PersonId) = (rows::id(&row, "from_person")?, rows::id(&row, "to_person")?);
                if from == present {
                    present = to;
                }
                known.extend([from, to]);
            }
        }
        Ok((present, known))
    }

    /// A page of the entries about any of some records, newest first, and whether there are older ones. What a sanction lets be told later
    /// is not among them before its time.
    pub(crate) async fn entries_about(
        &self,
        records: &BTreeSet<PersonId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<(Vec<sqlx::sqlite::SqliteRow>, bool)> {
        let limit = usize::try_from(limit.clamp(1, 1000)).unwrap_or(1);
        // The places come from the index alone; only the page's own entries are then fetched.
        let mut sql = QueryBuilder::<Sqlite>::new(
            "SELECT * FROM log_entries WHERE seq IN (SELECT seq FROM log_subjects WHERE seq < ",
        );
        sql.push_bind(before.map_or(i64::MAX, |b| i64::try_from(b).unwrap_or(i64::MAX)));
        push_told_by_now(&mut sql, self.inner.clock.now());
        sql.push(" AND person_id IN (");
        let mut list = sql.separated(", ");
        for record in records {
            list.push_bind(record.to_string());
        }
        sql.push(") ORDER BY seq DESC LIMIT ");
        // An entry may be about several of the records, so that many rows may be one entry.
        sql.push_bind(i64::try_from((limit + 1) * records.len()).unwrap_or(i64::MAX));
        sql.push(") ORDER BY seq DESC LIMIT ").push_bind(i64::try_from(limit + 1).unwrap_or(i64::MAX));
        let mut found = sql.build().fetch_all(&self.inner.pool).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        Ok((found, more))
    }

    /// A page of the log, for the supervisor: who, what, why; no biometric content.
    ///
    /// # Errors
    /// Denied without the supervisor's role.
    pub async fn supervise(&self, actor: &Actor, from: u64, limit: u32) -> Result<Vec<SupervisorEntry>> {
        self.demand(actor, Role::Supervisor, "read the log").await?;
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("log.supervised", actor).purpose("supervision").details(json!({"from": from}))).await?;
        let found = sqlx::query("SELECT * FROM log_entries WHERE seq >= $1 ORDER BY seq LIMIT $2")
            .bind(i64::try_from(from).unwrap_or(i64::MAX))
            .bind(i64::from(limit.clamp(1, 1000)))
            .fetch_all(&self.inner.pool)
            .await?;
        found.iter().map(|row| self.supervised(row)).collect()
    }

    pub(crate) fn supervised(&self, row: &sqlx::sqlite::SqliteRow) -> Result<SupervisorEntry> {
        let (look, payload) = self.look_view(row)?;
        let (account, subjects, details) = match payload {
            Some(p) => (p.actor.map(|a| a.account), p.subjects.len(), p.details),
            None => (None, 0, serde_json::Value::Null),
        };
        Ok(SupervisorEntry { look, account, login: None, subjects, details })
    }

    pub(crate) fn look_view(
        &self,
        row: &sqlx::sqlite::SqliteRow,
    ) -> Result<(LookView, Option<crate::journal::Payload>)> {
        let payload = open_payload(&self.inner, row)?;
        if let Some(payload) = &payload {
            // What entries are found by may not say anything else than what they say.
            let organisation = payload.actor.as_ref().map_or("", |a| a.organisation.as_str());
            let account = payload.actor.as_ref().map_or("", |a| a.account.as_str());
            let agree = |column: &str, told: &str| -> Result<bool> {
                Ok(row.try_get::<Option<String>, _>(column)?.is_none_or(|found| found == told))
            };
            if !(agree("purpose", &payload.purpose)?
                && agree("organisation", organisation)?
                && agree("account_id", account)?
                && agree("event", &payload.event)?)
            {
                return Err(RegistryError::Damaged { what: "log entry" });
            }
        }
        let outcome = serde_json::from_value(json!(row.try_get::<String, _>("outcome")?))
            .map_err(|_| RegistryError::Damaged { what: "log entry" })?;
        let look = LookView {
            seq: rows::number(row, "seq")?,
            at: rows::instant(row, "happened_at")?,
            event: row.try_get("event")?,
            outcome,
            organisation: payload.as_ref().and_then(|p| p.actor.as_ref()).map(|a| a.organisation.clone()),
            purpose: payload.as_ref().map(|p| p.purpose.clone()).unwrap_or_default(),
            clause: payload.as_ref().and_then(|p| p.clause.clone()),
        };
        Ok((look, payload))
    }

    /// At a start: the database is not older than the log.
    pub(crate) async fn demand_rows_of_log(&self) -> Result<()> {
        let size = self.published_size()?;
        let rows: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), -1) + 1 FROM log_entries")
            .fetch_one(&self.inner.pool)
            .await?;
        if u64::try_from(rows).unwrap_or(0) >= size {
            return Ok(());
        }
        Err(RegistryError::DataFolder {
            what: format!("has a log of {size} entries and a database that knows {rows} of them"),
            next: "a backup's database belongs to the same backup's folder `log`: restore both, and leave the file `erased` as it is now",
        })
    }

    /// Integrates every committed entry into the public tiles and signs a checkpoint over them.
    ///
    /// # Errors
    /// Those of the tile folder; what was committed is not lost, and the next call goes on.
    pub async fn publish(&self) -> Result<Checkpoint> {
        let _turn = self.inner.publishing.lock().await;
        // Nobody reads that something was erased before a restored backup would erase it again.
        self.list_erased().await?;
        loop {
            let signer = self.inner.vault.ring().log_signer();
            let size = self.begin_log_again(self.published_size()?).await?;
            let from = i64::try_from(size).unwrap_or(i64::MAX);
            let found = sqlx::query("SELECT seq, leaf FROM log_entries WHERE seq >= $1 ORDER BY seq LIMIT $2")
                .bind(from)
                .bind(BATCH)
                .fetch_all(&self.inner.pool)
                .await?;
            let mut leaves: Vec<Vec<u8>> = Vec::with_capacity(found.len());
            for (row, expected) in found.iter().zip(from..) {
                // A missing row would shift every leaf after it: nothing is signed over a gap.
                if row.try_get::<i64, _>("seq")? != expected {
                    return Err(RegistryError::Damaged { what: "log entry" });
                }
                leaves.push(row.try_get("leaf")?);
            }
            let full = i64::try_from(leaves.len()).unwrap_or(0) == BATCH;
            let folder = log_folder(&self.inner.dir);
            let checkpoint = tokio::task::spawn_blocking(move || {
                let mut tiles = TileDir::open_for_writing(&folder)?;
                Ok::<_, RegistryError>(log::integrate(&mut tiles, &signer, size, &leaves)?)
            })
            .await
            .map_err(|e| RegistryError::Io(io::Error::other(e)))??;
            let _writer = self.inner.writer.lock().await;
            sqlx::query("UPDATE outbox SET done_at = $1 WHERE kind = 'publish' AND done_at IS NULL AND log_seq < $2")
                .bind(self.inner.clock.now().micros())
                .bind(i64::try_from(checkpoint.size).unwrap_or(i64::MAX))
                .execute(&self.inner.pool)
                .await?;
            if !full {
                self.inner.published.notify_one();
                return Ok(checkpoint);
            }
        }
    }

    /// Publishes after every commit until the registry is dropped. Call it once, in a service. Where it fails for ten minutes, nobody looks at anyone
    /// or changes anything of theirs until it succeeds: entries that nobody else can see could be taken back.
    pub fn keep_publishing(&self) -> tokio::task::JoinHandle<()> {
        let registry = self.clone();
        tokio::spawn(async move {
            loop {
                registry.inner.publish_wanted.notified().await;
                let published = registry.publish().await;
                registry.inner.was_published(published.is_ok());
                if let Err(error) = published {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the log was not published; it will be tried again"
                    );
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    registry.inner.publish_wanted.notify_one();
                }
            }
        })
    }

    /// For how many seconds a service has failed to publish the log; `None` where its last try succeeded.
    pub fn unpublished_seconds(&self) -> Option<u64> {
        self.inner.unpublished_seconds()
    }

    /// Checks every file of the log and every row against each other.
    ///
    /// # Errors
    /// Only where files or rows cannot be read; what is wrong with them is in the report.
    pub async fn fsck(&self) -> Result<FsckReport> {
        let mut report = fsck_rows(&self.inner.pool, &self.inner.dir, self.log_verifier()).await?;
        if !report.ok {
            // What is published while it is read can look like damage, so faults are looked for once more while nothing is.
            let turn = self.inner.publishing.lock().await;
            report = fsck_rows(&self.inner.pool, &self.inner.dir, self.log_verifier()).await?;
            drop(turn);
        }
        if !report.ok {
            self.note_damaged_log(&report).await?;
        }
        Ok(report)
    }

    /// Does so after `first`, so that a service which is started anew every day checks too, and then once a day until the registry is dropped.
    /// What is found is a breach from then on. Call it once, in a service.
    pub fn keep_log_checked(&self, first: Duration) -> tokio::task::JoinHandle<()> {
        let registry = self.clone();
        tokio::spawn(async move {
            let mut wait = first;
            loop {
                tokio::time::sleep(wait).await;
                wait = Duration::from_secs(LOG_CHECK_EVERY_SECONDS);
                match registry.fsck().await {
                    Ok(report) if report.ok => {}
                    Ok(report) => {
                        tracing::error!(faults = report.fault_count, "the log is damaged: run `tanba log fsck`");
                    }
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, "the log was not checked");
                    }
                }
            }
        })
    }

    /// An offline proof that an entry is in the published log, with the cosignatures of the log's witnesses where they have
    /// seen the entry.
    ///
    /// # Errors
    /// Not found where the entry isn't published (yet).
    pub async fn prove(&self, seq: u64) -> Result<TlogProof> {
        let verifier = self.log_verifier();
        let folder = log_folder(&self.inner.dir);
        tokio::task::spawn_blocking(move || TlogProof::make(&TileDir::open(&folder), &verifier, seq))
            .await
            .map_err(|e| RegistryError::Io(io::Error::other(e)))?
            .map_err(RegistryError::from)
    }
}

/// Leaves out of a query over `seq` what a sanction lets be told later than now.
pub(crate) fn push_told_by_now(sql: &mut QueryBuilder<Sqlite>, now: Instant) {
    sql.push(" AND seq NOT IN (SELECT log_seq FROM deferred_entries WHERE until > ").push_bind(now.micros()).push(")");
}

/// Checks a cold data folder without its passphrase: tiles against the checkpoint, and rows against tiles.
///
/// # Errors
/// Only where files or rows cannot be read.
pub async fn fsck_cold(dir: &Path, verifier: LogVerifier) -> Result<FsckReport> {
    let pool = crate::store::open_read_only(&crate::registry::database_file(dir)).await?;
    fsck_rows(&pool, dir, verifier).await
}

async fn fsck_rows(pool: &sqlx::SqlitePool, dir: &Path, verifier: LogVerifier) -> Result<FsckReport> {
    let (send, receive) = std::sync::mpsc::sync_channel::<Vec<Vec<u8>>>(4);
    let folder = log_folder(dir);
    let mut next = log_pruning::minimum(&mut *pool.acquire().await?).await?;
    let first = u64::try_from(next).unwrap_or(0);
    let check = tokio::task::spawn_blocking(move || {
        let rows = &mut receive.into_iter().flatten().map(Ok);
        log::fsck(&TileDir::open(&folder), &verifier, Some(SourceRows { first, rows }))
    });
    // Without anything pruned, a number below zero is found too.
    let mut before = if next > 0 { next - 1 } else { i64::MIN };
    loop {
        let found = sqlx::query("SELECT seq, leaf FROM log_entries WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(before)
            .bind(BATCH)
            .fetch_all(pool)
            .await?;
        if found.is_empty() {
            break;
        }
        let mut batch = Vec::with_capacity(found.len());
        let mut broken = false;
        for row in &found {
            before = row.try_get("seq")?;
            if before == next {
                batch.push(row.try_get::<Vec<u8>, _>("leaf")?);
                next += 1;
            } else {
                // A gap, or a number below zero: the empty leaf in its place is a fault that the check names, and what
                // comes after it proves nothing more.
                batch.push(Vec::new());
                broken = true;
                break;
            }
        }
        let send = send.clone();
        let sent = tokio::task::spawn_blocking(move || send.send(batch)).await;
        if broken || !matches!(sent, Ok(Ok(()))) {
            break;
        }
    }
    drop(send);
    let mut report = check.await.map_err(|e| RegistryError::Io(io::Error::other(e)))??;
    let of_rows = [
        own_index::faults(pool).await?,
        log_keys::faults(pool, dir).await?,
        log_pruning::faults(pool, dir).await?,
        thresholds::faults(pool, dir).await?,
    ];
    for fault in of_rows.into_iter().flatten() {
        report.add(fault);
    }
    Ok(report)
}
