//! What a supervisor reads: the log by questions, and one page that says what needs attention.
//!
//! A supervisor sees who did what, why and by which clause; never a print, a profile or an attribute of a person. Every
//! reading is an entry itself.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{QueryBuilder, Row, Sqlite};
use tanba_seal::log;

use crate::actor::{Actor, Role};
use crate::anomaly::AnomalyNote;
use crate::error::{RegistryError, Result};
use crate::ids::AccountId;
use crate::journal::{Entry, Outcome};
use crate::note_answers::FalseAlarms;
use crate::registry::{Registry, log_folder};
use crate::rows;
use crate::store::WriteTx;
use crate::tile_dir::TileDir;
use crate::time::Instant;
use crate::transparency::SupervisorEntry;

/// Days that a summary may look back over.
pub(crate) const DAYS: std::ops::RangeInclusive<u32> = 1..=92;

/// A service publishes at once; a minute allows for a busy disk.
const PUBLISHED_WITHIN_SECONDS: i64 = 60;

/// Which entries of the log; what is not said holds for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogFilter {
    /// Only changes, only looks, only denials.
    pub outcome: Option<Outcome>,
    /// Only events whose name begins so, such as `document.`.
    pub event: Option<String>,
    /// Only one organisation's, by its code.
    pub organisation: Option<String>,
    /// Only for one purpose.
    pub purpose: Option<String>,
    /// Only one account's.
    pub account: Option<AccountId>,
    /// Not before.
    pub since: Option<Instant>,
    /// Before.
    pub until: Option<Instant>,
    /// Only places in the log before this one: the next page.
    pub before: Option<u64>,
    /// Only these places, as a note names them.
    pub places: Vec<u64>,
}

/// A page of the log, newest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<SupervisorEntry>,
    /// There are older ones: ask again with `before` the last of these.
    pub more: bool,
    /// The organisations by code, with their names.
    pub organisations: BTreeMap<String, String>,
}

/// One entry with everything that belongs to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogEntryView {
    /// The entry.
    pub entry: SupervisorEntry,
    /// The public part, as it is hashed into the tree: no name, no number.
    pub leaf: String,
    /// Whether the published log reaches this entry, so that it can be proved.
    pub published: bool,
}

/// How many entries of one kind a day has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityCount {
    /// The civil day.
    pub day: Date,
    /// Change, look or denial.
    pub outcome: Outcome,
    /// For what purpose.
    pub purpose: String,
    /// By which organisation; empty for the system itself and for whoever could not sign in.
    pub organisation: String,
    /// How many.
    pub count: u64,
}

/// Open matters of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The kind: of a review task, or `appeal`, `refusal_decision`, `revision`, `candidate`, `correction_overdue`, ...
    pub kind: String,
    /// How many.
    pub count: u64,
    /// Since when the oldest of them waits.
    pub oldest: Instant,
}

/// Sanctions and their use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SanctionCounts {
    /// In force now.
    pub in_force: u64,
    /// Uses taken of those entered in the time looked at.
    pub uses: u64,
    /// Uses that those allow.
    pub uses_allowed: u64,
    /// Entered in the time looked at.
    pub entered: u64,
}

/// What a supervisor sees first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OversightSummary {
    /// From which day.
    pub from: Date,
    /// To which day, which is today.
    pub to: Date,
    /// What deserves a question and has no answer yet, by rule; see [`AnomalyNote`].
    pub notes: Vec<AnomalyNote>,
    /// How the notes of each rule were answered, since the register began.
    pub false_alarms: Vec<FalseAlarms>,
    /// What waits for a human being.
    pub waiting: Vec<Waiting>,
    /// Entries by day, outcome, purpose and organisation.
    pub activity: Vec<ActivityCount>,
    /// Sanctions.
    pub sanctions: SanctionCounts,
    /// Entries in the database.
    pub log_rows: u64,
    /// Entries in the published log.
    pub log_published: u64,
    /// Entries that are not in it, though they are older than a minute: something keeps the log from being published. Counted up
    /// to 1000.
    pub log_overdue: u64,
    /// Entries that the people they are about are not shown yet, because a sanction puts it off.
    pub deferred: u64,
    /// The organisations by code, with their names.
    pub organisations: BTreeMap<String, String>,
}

impl Registry {
    /// A page of the log, newest first, by what it is asked for.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's role; invalid where more than 500 places are named.
    pub async fn supervise_log(&self, actor: &Actor, filter: &LogFilter, limit: u32) -> Result<LogPage> {
        self.demand(actor, Role::Supervisor, "read the log").await?;
        if filter.places.len() > 500 {
            return Err(RegistryError::Invalid { field: "places", problem: "name at most 500 entries".to_owned() });
        }
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("log.supervised", actor).purpose("supervision").details(json!({"filter": filter})))
            .await?;

        let limit = usize::try_from(limit.clamp(1, 1000)).unwrap_or(1);
        let found = filter.query(limit + 1).build().fetch_all(&self.inner.pool).await?;
        let mut entries = found.iter().take(limit).map(|row| self.supervised(row)).collect::<Result<Vec<_>>>()?;
        self.name_accounts(&mut entries).await?;
        Ok(LogPage { entries, more: found.len() > limit, organisations: self.organisation_names().await? })
    }

    /// One entry, its public part, and whether it can be proved.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's role; not found.
    pub async fn supervise_entry(&self, actor: &Actor, seq: u64) -> Result<LogEntryView> {
        self.demand(actor, Role::Supervisor, "read the log").await?;
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("log.supervised", actor).purpose("supervision").details(json!({"entry": seq}))).await?;
        let row = sqlx::query("SELECT * FROM log_entries WHERE seq = $1")
            .bind(i64::try_from(seq).unwrap_or(i64::MAX))
            .fetch_optional(&self.inner.pool)
            .await?
            .ok_or(RegistryError::NotFound { what: "log entry" })?;
        let mut entries = vec![self.supervised(&row)?];
        self.name_accounts(&mut entries).await?;
        let leaf: Vec<u8> = row.try_get("leaf")?;
        let entry = entries.pop().ok_or(RegistryError::NotFound { what: "log entry" })?;
        Ok(LogEntryView {
            entry,
            leaf: String::from_utf8_lossy(&leaf).into_owned(),
            // One that was pruned cannot be proved any more.
            published: !leaf.is_empty() && seq < self.published_size()?,
        })
    }

    /// What needs attention: notes, what waits, and the activity of the last days, today among them.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's role.
    pub async fn oversight_summary(&self, actor: &Actor, days: u32) -> Result<OversightSummary> {
        self.demand(actor, Role::Supervisor, "see the oversight of this register").await?;
        let days = days.clamp(*DAYS.start(), *DAYS.end());
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("oversight.viewed", actor).purpose("supervision").details(json!({"days": days})))
            .await?;

        let to = self.today();
        let from = to.checked_sub(jiff::Span::new().days(i64::from(days) - 1)).unwrap_or(to);
        let since = self.inner.zone.day_begins(from);
        let log_rows: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), -1) + 1 FROM log_entries")
            .fetch_one(&self.inner.pool)
            .await?;
        let published = self.published_size()?;
        let overdue: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM (SELECT seq FROM log_entries WHERE seq >= $1 AND happened_at < $2 LIMIT 1000) AS overdue")
            .bind(i64::try_from(published).unwrap_or(i64::MAX))
            .bind(self.inner.clock.now().plus_seconds(-PUBLISHED_WITHIN_SECONDS).micros())
            .fetch_one(&self.inner.pool)
            .await?;
        let deferred: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM deferred_entries WHERE until > $1")
            .bind(self.inner.clock.now().micros())
            .fetch_one(&self.inner.pool)
            .await?;
        Ok(OversightSummary {
            from,
            to,
            notes: self.unanswered(self.anomalies(since).await?).await?,
            false_alarms: self.false_alarms().await?,
            waiting: self.waiting().await?,
            activity: self.activity(since).await?,
            sanctions: self.sanction_counts(since).await?,
            log_rows: u64::try_from(log_rows).unwrap_or(0),
            log_published: published,
            log_overdue: u64::try_from(overdue).unwrap_or(0),
            deferred: u64::try_from(deferred).unwrap_or(0),
            organisations: self.organisation_names().await?,
        })
    }

    async fn activity(&self, since: Instant) -> Result<Vec<ActivityCount>> {
        const DAY: i64 = 86_400_000_000;
        let begin = since.micros();
        let found = sqlx::query(
            "SELECT (happened_at - $1) / $2 AS day, outcome, purpose, organisation, COUNT(*) AS n FROM log_entries \
             WHERE happened_at >= $1 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        )
        .bind(begin)
        .bind(DAY)
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                let at = Instant::from_micros(begin.saturating_add(row.try_get::<i64, _>("day")?.saturating_mul(DAY)));
                Ok(ActivityCount {
                    day: self.inner.zone.date(at),
                    outcome: outcome(&row.try_get::<String, _>("outcome")?)?,
                    purpose: row.try_get::<Option<String>, _>("purpose")?.unwrap_or_default(),
                    organisation: row.try_get::<Option<String>, _>("organisation")?.unwrap_or_default(),
                    count: rows::number(row, "n")?,
                })
            })
            .collect()
    }

    /// What waits for a human being, the longest waiting first.
    async fn waiting(&self) -> Result<Vec<Waiting>> {
        let found = sqlx::query(
            "SELECT kind, COUNT(*) AS n, MIN(opened_at) AS oldest FROM review_tasks WHERE closed_at IS NULL GROUP BY kind \
             UNION ALL SELECT 'appeal', COUNT(*), MIN(appealed_at) FROM refusals WHERE appealed_at IS NOT NULL AND appeal_ended_at IS NULL \
             UNION ALL SELECT 'refusal_decision', COUNT(*), MIN(refused_at) FROM refusals WHERE decided_at IS NULL AND consequence <> 'none' \
               AND (appealed_at IS NULL OR appeal_outcome = 'dismissed') \
             UNION ALL SELECT 'revision', COUNT(*), MIN(proposed_at) FROM cluster_revisions WHERE state = 'proposed' \
             UNION ALL SELECT 'candidate', COUNT(*), MIN(s.searched_at) FROM candidates c JOIN searches s ON s.id = c.search_id \
               WHERE c.state IN ('open', 'disputed') AND s.encounter_id IS NOT NULL \
             UNION ALL SELECT 'request_overdue', COUNT(*), MIN(escalated_at) FROM person_requests WHERE escalated_at IS NOT NULL AND answered_at IS NULL \
             UNION ALL SELECT 'complaint', COUNT(*), MIN(requested_at) FROM person_requests WHERE kind = 'complaint' AND answered_at IS NULL \
             UNION ALL SELECT 'urgent_review', COUNT(*), MIN(opened_at) FROM urgent_reviews WHERE state = 'open' \
             UNION ALL SELECT 'direction', COUNT(*), MIN(given_at) FROM direction_notices WHERE read_at IS NULL \
             UNION ALL SELECT 'law_delivery', COUNT(*), MIN(delivered_at) FROM law_deliveries WHERE state = 'waiting' \
             UNION ALL SELECT 'breach', COUNT(*), MIN(known_at) FROM breach_cases WHERE closed_at IS NULL AND escalated_at IS NULL \
             UNION ALL SELECT 'breach_overdue', COUNT(*), MIN(known_at) FROM breach_cases WHERE closed_at IS NULL AND escalated_at IS NOT NULL \
             UNION ALL SELECT 'recipient_order', COUNT(*), MIN(ordered_at) FROM recipient_orders WHERE acknowledged_at IS NULL",
        )
        .fetch_all(&self.inner.pool)
        .await?;
        let mut waiting = Vec::new();
        for row in &found {
            let count: u64 = rows::number(row, "n")?;
            if let Some(oldest) = rows::instant_opt(row, "oldest")?
                && count > 0
            {
                waiting.push(Waiting { kind: row.try_get("kind")?, count, oldest });
            }
        }
        waiting.sort_by_key(|w| w.oldest);
        Ok(waiting)
    }

    async fn sanction_counts(&self, since: Instant) -> Result<SanctionCounts> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM sanctions WHERE revoked_at IS NULL AND valid_from <= $1 AND valid_to > $1 AND uses < max_uses) AS in_force, \
             COUNT(*) AS entered, COALESCE(SUM(uses), 0) AS uses, COALESCE(SUM(max_uses), 0) AS allowed FROM sanctions WHERE entered_at >= $2",
        )
        .bind(self.inner.clock.now().micros())
        .bind(since.micros())
        .fetch_one(&self.inner.pool)
        .await?;
        Ok(SanctionCounts {
            in_force: rows::number(&row, "in_force")?,
            uses: rows::number(&row, "uses")?,
            uses_allowed: rows::number(&row, "allowed")?,
            entered: rows::number(&row, "entered")?,
        })
    }

    /// Organisations by code, with their names.
    pub(crate) async fn organisation_names(&self) -> Result<BTreeMap<String, String>> {
        let found = sqlx::query("SELECT code, name FROM organisations").fetch_all(&self.inner.pool).await?;
        found.iter().map(|row| Ok((row.try_get("code")?, row.try_get("name")?))).collect()
    }

    /// The logins of the accounts that acted: a supervisor must be able to ask them.
    async fn name_accounts(&self, entries: &mut [SupervisorEntry]) -> Result<()> {
        let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
        for entry in entries {
            let Some(account) = &entry.account else { continue };
            if !names.contains_key(account) {
                let login = sqlx::query_scalar("SELECT login FROM accounts WHERE id = $1")
                    .bind(account)
                    .fetch_optional(&self.inner.pool)
                    .await?;
                names.insert(account.clone(), login);
            }
            entry.login = names.get(account).cloned().flatten();
        }
        Ok(())
    }

    /// How many entries the public tiles have.
    pub(crate) fn published_size(&self) -> Result<u64> {
        let tiles = TileDir::open(&log_folder(&self.inner.dir));
        Ok(log::read_checkpoint(&tiles, &self.log_verifier())?.map_or(0, |c| c.size))
    }
}

impl LogFilter {
    /// The question in SQL. Only what was asked stands in it, so that the fitting index can answer.
    fn query(&self, limit: usize) -> QueryBuilder<Sqlite> {
        let mut sql = QueryBuilder::new("SELECT * FROM log_entries WHERE seq < ");
        sql.push_bind(self.before.map_or(i64::MAX, |b| i64::try_from(b).unwrap_or(i64::MAX)));
        if let Some(outcome) = self.outcome {
            sql.push(" AND outcome = ").push_bind(outcome.as_str());
        }
        if let Some(prefix) = self.event.as_deref().filter(|p| !p.is_empty()) {
            // A range instead of LIKE: an index can answer it, and no character in it has a meaning of its own.
            sql.push(" AND event >= ").push_bind(prefix.to_owned());
            sql.push(" AND event < ").push_bind(format!("{prefix}\u{10ffff}"));
        }
        if let Some(organisation) = &self.organisation {
            sql.push(" AND organisation = ").push_bind(organisation.clone());
        }
        if let Some(purpose) = &self.purpose {
            sql.push(" AND purpose = ").push_bind(purpose.clone());
        }
        if let Some(account) = &self.account {
            sql.push(" AND account_id = ").push_bind(account.to_string());
        }
        if let Some(since) = self.since {
            sql.push(" AND happened_at >= ").push_bind(since.micros());
        }
        if let Some(until) = self.until {
            sql.push(" AND happened_at < ").push_bind(until.micros());
        }
        if !self.places.is_empty() {
            sql.push(" AND seq IN (");
            let mut list = sql.separated(", ");
            for place in &self.places {
                list.push_bind(i64::try_from(*place).unwrap_or(-1));
            }
            sql.push(")");
        }
        sql.push(" ORDER BY seq DESC LIMIT ").push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        sql
    }
}

pub(crate) fn outcome(text: &str) -> Result<Outcome> {
    serde_json::from_value(json!(text)).map_err(|_| RegistryError::Damaged { what: "log entry" })
}
