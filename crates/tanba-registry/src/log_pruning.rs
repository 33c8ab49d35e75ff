//! The beginning of the log, taken away when the law on keeping logs has let it go and two people have decided it
//! (docs/seal/log-pruning.md).
//!
//! One transaction empties the rows of entries before the minimum index, and writes what was signed about it and its entry; then the
//! entry is published; then the statement lies beside the log; then the files go. Broken off anywhere, the next call or the
//! next start goes on, and in between the log is whole. A row that was emptied keeps its place, time and event, so that
//! other rows have something to refer to and counts stay what they were.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::{Row, SqliteConnection, SqlitePool};
use tanba_seal::log::{
    Checkpoint, Fault, PRUNED_PATH, Pruning, TILE_WIDTH, TileStore as _, WITNESSED_PATH, begin_again, prune,
    show_pruning, state_pruning,
};

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::journal::{Entry, hex};
use crate::passkeys::dual::{DualAct, DualKind, NotApproved};
use crate::registry::{Registry, log_folder};
use crate::retention::PlanRow;
use crate::rows;
use crate::store::{WriteTx, has_migration};
use crate::tile_dir::TileDir;
use crate::time::Instant;

/// The migration that brought the table.
const SINCE_MIGRATION: i64 = 32;

/// The event of its entry.
const EVENT: &str = "log.pruned";

/// What still needs entries: from which on, or none. `$1` is now. Of what is open, everything since it was opened is kept, because it
/// names few of the entries that it may come to need.
const NEEDED: [(LogNeed, &str); 19] = [
    (LogNeed::Words, "SELECT MIN(seq) FROM log_entries WHERE wrapped_key IS NOT NULL"),
    (LogNeed::OwnEntries, "SELECT MIN(seq) FROM log_subjects"),
    (LogNeed::OwnEntries, "SELECT MAX(seq) FROM log_entries WHERE event = 'index.published'"),
    (LogNeed::OwnEntries, "SELECT MIN(log_seq) FROM deferred_entries WHERE until > $1"),
    (LogNeed::Notices, "SELECT next_seq FROM notice_progress"),
    (LogNeed::Notices, "SELECT MIN(log_seq) FROM notices WHERE state = 'waiting'"),
    (LogNeed::Notices, "SELECT MIN(log_seq) FROM direction_notices WHERE read_at IS NULL"),
    (LogNeed::Recipients, "SELECT MIN(log_seq) FROM recipient_orders WHERE acknowledged_at IS NULL"),
    (
        LogNeed::Breach,
        "SELECT MIN(e.log_seq) FROM breach_entries e JOIN breach_cases b ON b.id = e.breach_id WHERE b.closed_at IS NULL",
    ),
    (
        LogNeed::Breach,
        "SELECT MIN(seq) FROM log_entries WHERE happened_at >= (SELECT MIN(known_at) FROM breach_cases WHERE closed_at IS NULL)",
    ),
    (
        LogNeed::Case,
        "SELECT MIN(seq) FROM log_entries WHERE happened_at >= (SELECT MIN(opened_at) FROM cases WHERE closed_at IS NULL)",
    ),
    (
        LogNeed::Case,
        "SELECT MIN(r.log_seq) FROM access_requests r JOIN cases c ON c.id = r.case_id WHERE c.closed_at IS NULL",
    ),
    (
        LogNeed::Hold,
        "SELECT MIN(seq) FROM log_entries WHERE happened_at >= (SELECT MIN(h.entered_at) FROM legal_holds h JOIN sanctions s \
         ON s.id = h.sanction_id WHERE s.revoked_at IS NULL AND s.valid_to > $1)",
    ),
    (
        LogNeed::Request,
        "SELECT MIN(seq) FROM log_entries WHERE happened_at >= (SELECT MIN(requested_at) FROM person_requests WHERE answered_at IS NULL)",
    ),
    (
        LogNeed::Review,
        "SELECT MIN(seq) FROM log_entries WHERE happened_at >= (SELECT MIN(opened_at) FROM review_tasks WHERE closed_at IS NULL)",
    ),
    (
        LogNeed::Review,
        "SELECT MIN(r.log_seq) FROM urgent_reviews u JOIN access_requests r ON r.id = u.request_id WHERE u.state = 'open'",
    ),
    (
        LogNeed::Review,
        "SELECT MIN(seq) FROM log_entries WHERE happened_at >= (SELECT MIN(refused_at) FROM refusals WHERE decided_at IS NULL)",
    ),
    (LogNeed::Law, "SELECT MIN(log_seq) FROM law_deliveries WHERE state = 'waiting'"),
    (LogNeed::Deletions, "SELECT MIN(log_seq) FROM deletion_plans WHERE done_at IS NULL"),
];

/// What the log may not be pruned beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogNeed {
    /// The law keeps entries for longer, or their words are not erased yet.
    Words,
    /// What people are shown and proved of themselves.
    OwnEntries,
    /// Somebody is still to be told.
    Notices,
    /// Somebody who was told something must still delete or correct it.
    Recipients,
    /// A breach is not closed.
    Breach,
    /// A case is not closed.
    Case,
    /// An order keeps records.
    Hold,
    /// A person's request or complaint is not answered.
    Request,
    /// A review or an appeal is open.
    Review,
    /// A change of the law waits.
    Law,
    /// A plan of deletion is not done.
    Deletions,
    /// The log's witnesses have not seen more.
    Witnesses,
}

impl LogNeed {
    /// The name in texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::OwnEntries => "own_entries",
            Self::Notices => "notices",
            Self::Recipients => "recipients",
            Self::Breach => "breach",
            Self::Case => "case",
            Self::Hold => "hold",
            Self::Request => "request",
            Self::Review => "review",
            Self::Law => "law",
            Self::Deletions => "deletions",
            Self::Witnesses => "witnesses",
        }
    }

    /// What it is, for people.
    pub fn told(self) -> &'static str {
        match self {
            Self::Words => "the law on keeping the log (run `tanba retention run` first)",
            Self::OwnEntries => "what people are shown of entries about themselves",
            Self::Notices => "notices that are still to be given",
            Self::Recipients => "orders to recipients that nobody has acknowledged",
            Self::Breach => "a breach that is not closed",
            Self::Case => "a case that is not closed",
            Self::Hold => "an order that keeps records",
            Self::Request => "a person's request or complaint that is not answered",
            Self::Review => "a review or an appeal that is open",
            Self::Law => "a change of the law that waits",
            Self::Deletions => "a plan of deletion that is not done",
            Self::Witnesses => "the size that the log's witnesses have seen",
        }
    }
}

/// How far the log may be pruned now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPruningPlan {
    /// The first entry that the log has.
    pub first: u64,
    /// The minimum index that it may get: a whole number of bundles. That of `first` where there is nothing to prune.
    pub minimum: u64,
    /// The clause on keeping logs, with its pack; none where the law does not say how long, and then nothing is pruned.
    pub clause: Option<(String, String)>,
    /// What stops it there.
    pub needed_by: LogNeed,
    /// Everything that needs entries which the law would let go, and the first entry that each needs; the lowest first.
    pub needs: Vec<(LogNeed, u64)>,
    /// When the first and the last of the entries were written that may go; none where none may.
    pub written: Option<(Instant, Instant)>,
}

/// How far a pruning is: each is durable when it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogPruningStep {
    /// Rows are emptied; the statement is a row and an entry.
    Decided,
    /// A checkpoint over the entry is published.
    Published,
    /// The statement lies beside the log.
    Shown,
    /// The files are gone.
    Pruned,
}

/// How far the law and what is open let it be pruned.
struct Bound {
    minimum: i64,
    law: Option<PlanRow>,
    needed_by: LogNeed,
    needs: Vec<(LogNeed, i64)>,
}

impl Registry {
    /// How far the log may be pruned now, and why no further. It changes nothing.
    ///
    /// # Errors
    /// Those of the database and of the log's files.
    pub async fn plan_log_pruning(&self) -> Result<LogPruningPlan> {
        let mut sql = self.inner.pool.acquire().await?;
        let first = minimum(&mut sql).await?;
        let bound = self.pruning_bound(&mut sql, first).await?;
        let number = |index: i64| u64::try_from(index).unwrap_or(0);
        let written = sqlx::query(
            "SELECT MIN(happened_at) AS oldest, MAX(happened_at) AS newest FROM log_entries WHERE seq >= $1 AND seq < $2",
        )
        .bind(first)
        .bind(bound.minimum)
        .fetch_one(&mut *sql)
        .await?;
        Ok(LogPruningPlan {
            first: number(first),
            minimum: number(bound.minimum),
            clause: bound.law.map(|law| (law.pack, law.clause)),
            needed_by: bound.needed_by,
            needs: bound.needs.into_iter().map(|(need, seq)| (need, number(seq))).collect(),
            written: rows::instant_opt(&written, "oldest")?.zip(rows::instant_opt(&written, "newest")?),
        })
    }

    /// The same for whoever may sign it.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's or the administrator's role.
    pub async fn log_pruning_for(&self, actor: &Actor) -> Result<LogPruningPlan> {
        if !actor.has(Role::Administrator) {
            self.demand(actor, Role::Supervisor, "see how far the log may be pruned").await?;
        }
        self.plan_log_pruning().await
    }

    /// Prunes the log up to `minimum`: what was planned, or less, and what a supervisor and another person have signed for exactly this
    /// index. `told` hears of each step and may break off; the next call goes on. Returns how many files went.
    ///
    /// # Errors
    /// Denied, and logged, where the law does not say how long the log is kept, where something still needs what is asked for, and
    /// without the two signatures; those of the database and of files.
    pub async fn prune_log(&self, minimum: u64, mut told: impl FnMut(LogPruningStep) -> Result<()>) -> Result<u64> {
        let wanted = i64::try_from(minimum).unwrap_or(i64::MAX);
        let now = self.publish().await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let first = self::minimum(tx.sql()).await?;
        if wanted == first {
            // What was decided is only carried out.
            drop(tx);
        } else {
            let denial = Entry::denial("log.pruning_denied", None).details(json!({"minimum": wanted}));
            let bound = self.pruning_bound(tx.sql(), first).await?;
            let Some(law) = bound.law else {
                let text = "no entry is over by a law in use that says how long the log is kept, so nothing is pruned";
                return self.deny_in(tx, denial, "log_kept", "keeping of the log", text, Vec::new()).await;
            };
            if wanted <= first || wanted > bound.minimum || wanted % BUNDLE != 0 {
                let text = "the log may not be pruned there";
                let need = format!("{}, a multiple of 256: {}", bound.minimum, bound.needed_by.told());
                return self.deny_in(tx, denial, "log_kept", &law.clause, text, vec![need]).await;
            }
            match self.approved_pruning(&mut tx, wanted).await? {
                Ok(signed) => self.decide_pruning(&mut tx, wanted, &law, &now, signed).await?,
                Err(why) => return self.deny_unapproved(tx, denial, why).await,
            }
            tx.commit_logged().await?;
            told(LogPruningStep::Decided)?;
        }
        self.carry_out_pruning(&mut told).await
    }

    /// Carries out what was decided last, if that is not done: at every start, and behind every decision.
    pub(crate) async fn carry_out_pruning(&self, told: &mut impl FnMut(LogPruningStep) -> Result<()>) -> Result<u64> {
        let waiting =
            sqlx::query("SELECT minimum, note FROM log_prunings WHERE done_at IS NULL ORDER BY minimum DESC LIMIT 1")
                .fetch_optional(&self.inner.pool)
                .await?;
        let Some(row) = waiting else { return Ok(0) };
        let note: String = row.try_get("note")?;
        // Whoever sees the statement finds its entry.
        self.publish().await?;
        told(LogPruningStep::Published)?;
        let _turn = self.inner.publishing.lock().await;
        let (folder, verifier) = (log_folder(&self.inner.dir), self.log_verifier());
        let shown = (folder.clone(), verifier.clone());
        Self::aside(move || {
            show_pruning(&mut TileDir::open_for_writing(&shown.0)?, &shown.1, note.as_bytes())?;
            Ok::<_, RegistryError>(())
        })
        .await??;
        told(LogPruningStep::Shown)?;
        let gone =
            Self::aside(move || Ok::<_, RegistryError>(prune(&mut TileDir::open_for_writing(&folder)?, &verifier)?))
                .await??;
        let _writer = self.inner.writer.lock().await;
        sqlx::query("UPDATE log_prunings SET done_at = $1 WHERE done_at IS NULL AND minimum <= $2")
            .bind(self.now().micros())
            .bind(row.try_get::<i64, _>("minimum")?)
            .execute(&self.inner.pool)
            .await?;
        told(LogPruningStep::Pruned)?;
        Ok(gone)
    }

    /// Where the log's folder is gone or older than what was pruned: begins the log again behind that, or says that it cannot.
    pub(crate) async fn begin_log_again(&self, published: u64) -> Result<u64> {
        let newest = sqlx::query("SELECT minimum, note, edge FROM log_prunings ORDER BY minimum DESC LIMIT 1")
            .fetch_optional(&self.inner.pool)
            .await?;
        let Some(row) = newest else { return Ok(published) };
        let minimum: u64 = rows::number(&row, "minimum")?;
        if published >= minimum {
            return Ok(published);
        }
        if published > 0 {
            return Err(RegistryError::DataFolder {
                what: format!(
                    "has a log of {published} entries, and a database in which those before {minimum} were pruned"
                ),
                next: "restore the newest copy of the folder `log`, or take it away: it is made again from the database",
            });
        }
        let pruning = Pruning { note: row.try_get::<String, _>("note")?.into_bytes(), edge: row.try_get("edge")? };
        let (folder, verifier) = (log_folder(&self.inner.dir), self.log_verifier());
        let signer = self.inner.vault.ring().log_signer();
        Self::aside(move || {
            let mut tiles = TileDir::open_for_writing(&folder)?;
            Ok(begin_again(&mut tiles, &signer, &verifier, &pruning)?.size)
        })
        .await?
    }

    async fn pruning_bound(&self, sql: &mut SqliteConnection, first: i64) -> Result<Bound> {
        let law = self.log_over(sql, &self.inner.law(), self.today(), "LENGTH(leaf) > 0").await?;
        let over = law.as_ref().map_or(Ok(first), |law| law.owner.parse());
        let mut last = over.map_err(|_| RegistryError::Damaged { what: "log entry" })?;
        let mut needed_by = LogNeed::Words;
        let mut bounds = Vec::new();
        for (need, statement) in NEEDED {
            let mut query = sqlx::query_scalar::<_, Option<i64>>(statement);
            if statement.contains("$1") {
                query = query.bind(self.now().micros());
            }
            bounds.extend(query.fetch_optional(&mut *sql).await?.flatten().map(|seq| (need, seq)));
        }
        let folder = log_folder(&self.inner.dir);
        let verifier = self.log_verifier();
        if let Some(note) = Self::aside(move || TileDir::open(&folder).read(WITNESSED_PATH)).await?? {
            let seen = Checkpoint::open(&note, &verifier)?.size;
            bounds.push((LogNeed::Witnesses, i64::try_from(seen).unwrap_or(i64::MAX)));
        }
        let mut needs: BTreeMap<LogNeed, i64> = BTreeMap::new();
        for (need, seq) in bounds.into_iter().filter(|(_, seq)| *seq < last) {
            needs.entry(need).and_modify(|first| *first = seq.min(*first)).or_insert(seq);
        }
        let mut needs: Vec<(LogNeed, i64)> = needs.into_iter().collect();
        needs.sort_by_key(|(_, seq)| *seq);
        if let Some(first) = needs.first() {
            (needed_by, last) = *first;
        }
        let minimum = (last - last.rem_euclid(BUNDLE)).max(first);
        Ok(Bound { minimum, law, needed_by, needs })
    }

    /// The signatures over this very index: one is a supervisor's, everywhere. Who runs the register could otherwise decide alone what nobody
    /// sees any more.
    async fn approved_pruning(
        &self,
        tx: &mut WriteTx<'_>,
        minimum: i64,
    ) -> Result<std::result::Result<Value, NotApproved>> {
        let act = DualAct::of(DualKind::LogPruning, minimum);
        let supervisor = self.other_signer(tx, None, &act, Role::Supervisor).await?;
        match self.approved(tx, None, &act, &[]).await? {
            Ok(signed) if signed.is_null() => Ok(Err(NotApproved::Missing)),
            Ok(_) if supervisor.is_none() => Ok(Err(NotApproved::Missing)),
            decided => Ok(decided),
        }
    }

    async fn decide_pruning(
        &self,
        tx: &mut WriteTx<'_>,
        minimum: i64,
        law: &PlanRow,
        now: &Checkpoint,
        signed: Value,
    ) -> Result<()> {
        let next: i64 =
            sqlx::query_scalar("SELECT COALESCE(MAX(seq), -1) + 1 FROM log_entries").fetch_one(tx.sql()).await?;
        let pruning = {
            let (folder, signer) = (log_folder(&self.inner.dir), self.inner.vault.ring().log_signer());
            let (now, minimum, entry) = (now.clone(), u64::try_from(minimum), u64::try_from(next));
            let (minimum, entry) = minimum
                .and_then(|minimum| Ok((minimum, entry?)))
                .map_err(|_| RegistryError::Damaged { what: "log entry" })?;
            Self::aside(move || state_pruning(&TileDir::open(&folder), &signer, &now, minimum, entry)).await??
        };
        let at = tx.now().micros();
        sqlx::query("INSERT INTO log_prunings (minimum, note, edge, pruned_at, done_at) VALUES ($1, $2, $3, $4, NULL)")
            .bind(minimum)
            .bind(str::from_utf8(&pruning.note).map_err(|_| RegistryError::Damaged { what: "log pruning" })?)
            .bind(pruning.edge)
            .bind(at)
            .execute(tx.sql())
            .await?;
        sqlx::query("UPDATE log_entries SET leaf = X'', sealed_payload = X'' WHERE seq < $1 AND LENGTH(leaf) > 0")
            .bind(minimum)
            .execute(tx.sql())
            .await?;
        let details = json!({"minimum": minimum, "size": now.size, "root": now.root.to_string(), "approved": signed});
        let entry = Entry::system(EVENT).purpose("retention").law(&law.pack_hash, &law.clause).details(details);
        let seq = tx.log(&entry.states(&pruning.note)).await?;
        // The statement names it.
        if i64::try_from(seq).ok() != Some(next) {
            return Err(RegistryError::Damaged { what: "log entry" });
        }
        Ok(())
    }
}

/// Entries in a bundle, which goes as a whole.
const BUNDLE: i64 = TILE_WIDTH as i64;

/// The first entry that the rows still have.
pub(crate) async fn minimum(sql: &mut SqliteConnection) -> Result<i64> {
    // A folder that an older version wrote has no such rows yet.
    if !has_migration(sql, SINCE_MIGRATION).await? {
        return Ok(0);
    }
    Ok(sqlx::query_scalar("SELECT COALESCE(MAX(minimum), 0) FROM log_prunings").fetch_one(sql).await?)
}

/// Holds the rows of statements against the entries that commit to them, the file beside the log, and the emptied rows.
pub(crate) async fn faults(pool: &SqlitePool, dir: &Path) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut fault = |what: &str| faults.push(Fault { path: PRUNED_PATH.to_owned(), what: what.to_owned() });
    let shown = TileDir::open(&log_folder(dir)).read(PRUNED_PATH)?;
    let mut sql = pool.begin().await?;
    if !has_migration(&mut sql, SINCE_MIGRATION).await? {
        if shown.is_some() {
            fault("the database says nothing of it");
        }
        return Ok(faults);
    }
    let notes: Vec<String> =
        sqlx::query_scalar("SELECT note FROM log_prunings ORDER BY minimum").fetch_all(&mut *sql).await?;
    // A statement whose own entry was pruned since is one before the last.
    let leaves: Vec<Vec<u8>> = sqlx::query_scalar("SELECT leaf FROM log_entries WHERE event = $1 ORDER BY seq")
        .bind(EVENT)
        .fetch_all(&mut *sql)
        .await?;
    let committed = notes
        .iter()
        .zip(&leaves)
        .all(|(note, leaf)| leaf.is_empty() || stated(leaf) == Some(hex(&Sha256::digest(note))));
    if notes.len() != leaves.len() || !committed || leaves.last().is_some_and(Vec::is_empty) {
        fault("the rows of what was pruned are not those that the log's entries commit to");
    }
    // A statement that is a row already is shown at the next start at the latest.
    if shown.is_some_and(|shown| !notes.iter().any(|note| note.as_bytes() == shown)) {
        fault("it is not what the rows say");
    }
    let first = minimum(&mut sql).await?;
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM log_entries WHERE seq < $1 AND (LENGTH(leaf) > 0 OR LENGTH(sealed_payload) > 0 OR wrapped_key IS NOT NULL)")
        .bind(first)
        .fetch_one(&mut *sql)
        .await?;
    if left > 0 {
        fault("rows before the minimum index have what should be gone");
    }
    Ok(faults)
}

/// The hash of what an entry says was signed.
pub(crate) fn stated(leaf: &[u8]) -> Option<String> {
    let leaf: Value = serde_json::from_slice(leaf).ok()?;
    leaf["statement"].as_str().map(str::to_owned)
}
