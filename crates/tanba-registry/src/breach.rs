//! Breaches of personal data: a case with a clock from the moment at which it was known (GDPR articles 33 and 34).
//!
//! A supervisor or an administrator opens one; alarms that point to data having left open one by themselves. Whom it concerns is said by
//! entries of the log, never by names: those people see on their own page that they were told. What happened, and what was done about it, is
//! sealed under a key of the case's own.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tanba_seal::log::FsckReport;

use crate::actor::{Actor, Role};
use crate::effect_rows::ALARM;
use crate::error::{RegistryError, Result};
use crate::ids::{BreachId, PersonId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::params::{BREACH_ENTRIES, BREACH_HOURS};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// The event of a check of the whole log that found faults.
const DAMAGED: &str = "log.damaged";

/// Alarms that open a case by themselves, with its kind.
const ALARMS: [(&str, BreachKind); 3] = [
    (ALARM, BreachKind::RowsUnreconciled),
    ("access.volume_reached", BreachKind::VolumeReached),
    (DAMAGED, BreachKind::LogDamaged),
];

/// Where a case comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachKind {
    /// Somebody reported it.
    Reported,
    /// Rows of the database and the log disagree: somebody wrote or deleted past the program.
    RowsUnreconciled,
    /// An officer asked more than one may.
    VolumeReached,
    /// The published log has faults.
    LogDamaged,
}

impl BreachKind {
    /// The name in the database and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::RowsUnreconciled => "rows_unreconciled",
            Self::VolumeReached => "volume_reached",
            Self::LogDamaged => "log_damaged",
        }
    }
}

/// What was done about a breach. Each step is taken once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachStep {
    /// The supervisory authority was told (GDPR article 33).
    AuthorityNotified,
    /// It need not be told, and why: a risk to people is unlikely.
    AuthorityNotNeeded,
    /// The persons concerned were told (article 34).
    PersonsNotified,
    /// They need not be told, and why.
    PersonsNotNeeded,
    /// Nothing is left to do.
    Closed,
}

impl BreachStep {
    /// All steps.
    pub const ALL: [Self; 5] = [
        Self::AuthorityNotified,
        Self::AuthorityNotNeeded,
        Self::PersonsNotified,
        Self::PersonsNotNeeded,
        Self::Closed,
    ];

    /// Their events in the log, in the same order.
    pub(crate) const EVENTS: [&'static str; 5] = [
        "breach.authority_notified",
        "breach.authority_not_needed",
        "breach.persons_notified",
        "breach.persons_not_needed",
        "breach.closed",
    ];

    /// The name in the database and in the API.
    pub fn name(self) -> &'static str {
        self.event().trim_start_matches("breach.")
    }

    fn event(self) -> &'static str {
        Self::EVENTS[self as usize]
    }

    /// The step that says the opposite, which excludes it.
    fn opposite(self) -> Option<Self> {
        match self {
            Self::AuthorityNotified => Some(Self::AuthorityNotNeeded),
            Self::AuthorityNotNeeded => Some(Self::AuthorityNotified),
            Self::PersonsNotified => Some(Self::PersonsNotNeeded),
            Self::PersonsNotNeeded => Some(Self::PersonsNotified),
            Self::Closed => None,
        }
    }

    fn of_authority(self) -> bool {
        matches!(self, Self::AuthorityNotified | Self::AuthorityNotNeeded)
    }

    fn of_persons(self) -> bool {
        matches!(self, Self::PersonsNotified | Self::PersonsNotNeeded)
    }
}

/// A breach, reported.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewBreach {
    /// What happened, 1 to 200 characters.
    pub what: String,
    /// When it became known; now where not said.
    pub known_at: Option<Instant>,
    /// Entries of the log about the records concerned.
    pub entries: Vec<u64>,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachStepView {
    /// Which.
    pub step: BreachStep,
    /// In the words of whoever took it.
    pub words: String,
    /// By which account, by its login.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// A case, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachView {
    /// The case.
    pub id: BreachId,
    /// Where it comes from.
    pub kind: BreachKind,
    /// The account that the alarm was about, by its login.
    pub account: Option<String>,
    /// What happened, where somebody said it.
    pub what: Option<String>,
    /// When it became known.
    pub known_at: Instant,
    /// Until when the authority must have been told.
    pub due_at: Instant,
    /// When the supervisor was told that this is late.
    pub escalated_at: Option<Instant>,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// Entries of the log about the records concerned.
    pub entries: Vec<u64>,
    /// How many people those entries are about.
    pub people: u64,
    /// What was done, in order.
    pub steps: Vec<BreachStepView>,
}

impl BreachView {
    /// Whether a step was taken.
    pub fn has(&self, step: BreachStep) -> bool {
        self.steps.iter().any(|taken| taken.step == step)
    }

    /// Whether a step may be taken now.
    pub fn may(&self, step: BreachStep) -> bool {
        let taken: Vec<_> = self.steps.iter().map(|taken| taken.step).collect();
        self.closed_at.is_none() && follows(&taken, step)
    }
}

/// Whether a step may follow those that were taken.
fn follows(taken: &[BreachStep], step: BreachStep) -> bool {
    let answered = |which: fn(BreachStep) -> bool| taken.iter().any(|step| which(*step));
    let decided = step.opposite().is_some_and(|opposite| taken.contains(&opposite));
    let whole = answered(BreachStep::of_authority) && answered(BreachStep::of_persons);
    !taken.contains(&step) && !decided && (step != BreachStep::Closed || whole)
}

impl Registry {
    /// Opens a case of a breach; its clock runs from when it became known.
    ///
    /// # Errors
    /// Denied without the supervisor's or the administrator's role; invalid where it became known in the future, or where entries are named
    /// that the log does not hold.
    pub async fn open_breach(&self, actor: &Actor, new: &NewBreach) -> Result<BreachId> {
        self.demand_breach_role(actor).await?;
        text("what", &new.what)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let known_at = new.known_at.unwrap_or(tx.now());
        if known_at > tx.now() {
            return Err(RegistryError::Invalid {
                field: "known_at",
                problem: "a breach became known now or earlier".to_owned(),
            });
        }
        demand_entries(tx.sql(), &new.entries).await?;
        let case = Case { kind: BreachKind::Reported, account: None, what: Some(&new.what), known_at };
        let id = self.insert_breach(&mut tx, Some(actor), &case, &new.entries).await?;
        tx.commit_logged().await?;
        Ok(id)
    }

    /// Opens a case for every alarm of the log that points to data having left and is in none yet. An alarm of the same kind about the same
    /// account joins the case that is open.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open_breaches(&self) -> Result<u64> {
        let mut opened = 0;
        for (event, kind) in ALARMS {
            let unseen = "SELECT seq, happened_at, account_id FROM log_entries l WHERE event = $1 AND \
                          NOT EXISTS (SELECT 1 FROM breach_entries b WHERE b.log_seq = l.seq) ORDER BY seq LIMIT 500";
            // Most rounds find nothing, and take no writer's turn for it.
            if sqlx::query(unseen).bind(event).fetch_optional(&self.inner.pool).await?.is_none() {
                continue;
            }
            let mut tx = WriteTx::begin(&self.inner).await?;
            let alarms = sqlx::query(unseen).bind(event).fetch_all(tx.sql()).await?;
            for alarm in &alarms {
                let (seq, account): (u64, String) = (rows::number(alarm, "seq")?, alarm.try_get("account_id")?);
                let account = Some(account).filter(|account| !account.is_empty());
                let open: Option<String> = sqlx::query_scalar(
                    "SELECT id FROM breach_cases WHERE kind = $1 AND account_id IS $2 AND closed_at IS NULL LIMIT 1",
                )
                .bind(kind.name())
                .bind(&account)
                .fetch_optional(tx.sql())
                .await?;
                if let Some(id) = open {
                    let id: BreachId = rows::parse_id(&id)?;
                    join(tx.sql(), id, &[seq]).await?;
                    tx.log(
                        &Entry::system("breach.extended")
                            .purpose("supervision")
                            .details(json!({"breach": id, "entry": seq})),
                    )
                    .await?;
                } else {
                    let known_at = rows::instant(alarm, "happened_at")?;
                    let case = Case { kind, account: account.as_deref(), what: None, known_at };
                    self.insert_breach(&mut tx, None, &case, &[seq]).await?;
                    opened += 1;
                }
            }
            tx.commit_logged().await?;
        }
        Ok(opened)
    }

    /// A check of the whole log that found faults is an entry, and opens a case or joins the one that is open.
    pub(crate) async fn note_damaged_log(&self, report: &FsckReport) -> Result<()> {
        let tx = WriteTx::begin(&self.inner).await?;
        let paths: Vec<_> = report.faults.iter().take(20).map(|fault| fault.path.clone()).collect();
        tx.commit(
            &Entry::system(DAMAGED)
                .purpose("supervision")
                .details(json!({"faults": report.fault_count, "first": paths})),
        )
        .await?;
        self.open_breaches().await.map(drop)
    }

    /// Records what was done about a breach.
    ///
    /// # Errors
    /// Denied without the supervisor's or the administrator's role; not found; a conflict where the step was taken, where its opposite was, or
    /// where a case is to be closed about which authority and persons have no answer yet.
    pub async fn take_breach_step(&self, actor: &Actor, id: BreachId, step: BreachStep, words: &str) -> Result<()> {
        self.demand_breach_role(actor).await?;
        text("words", words)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let closed: Option<Option<i64>> = sqlx::query_scalar("SELECT closed_at FROM breach_cases WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(tx.sql())
            .await?;
        let closed = closed.ok_or(RegistryError::NotFound { what: "breach" })?;
        let taken: Vec<String> = sqlx::query_scalar("SELECT step FROM breach_steps WHERE breach_id = $1")
            .bind(id.to_string())
            .fetch_all(tx.sql())
            .await?;
        let taken = taken.iter().map(|name| step_named(name)).collect::<Result<Vec<_>>>()?;
        if closed.is_some() || !follows(&taken, step) {
            return Err(RegistryError::Conflict {
                what: "this step does not follow in this breach",
                next: "each step is taken once, and a case is closed when authority and persons were told, or need not be",
            });
        }
        let owner = id.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Case, &owner, step.name(), words.as_bytes())?;
        sqlx::query("INSERT INTO breach_steps (id, breach_id, step, sealed_words, taken_by, taken_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(&owner)
            .bind(step.name())
            .bind(sealed)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        if step == BreachStep::Closed {
            sqlx::query("UPDATE breach_cases SET closed_at = $1 WHERE id = $2")
                .bind(now.micros())
                .bind(&owner)
                .execute(tx.sql())
                .await?;
        }
        let entry = Entry::effect(step.event(), actor).purpose("supervision").details(json!({"breach": id}));
        // Those who were told see the entry on their own page.
        let told = if step == BreachStep::PersonsNotified { people(tx.sql(), id).await? } else { Vec::new() };
        tx.commit(&entry.about_all(told)).await?;
        Ok(())
    }

    /// Puts every case before the supervisor whose authority was not told in time, once.
    ///
    /// # Errors
    /// Those of the database; what was done is done.
    pub async fn escalate_breaches(&self) -> Result<u64> {
        let mut escalated = 0;
        loop {
            let mut tx = WriteTx::begin(&self.inner).await?;
            let now = tx.now();
            let late: Option<String> = sqlx::query_scalar(
                "SELECT id FROM breach_cases b WHERE escalated_at IS NULL AND closed_at IS NULL AND due_at < $1 AND NOT EXISTS \
                 (SELECT 1 FROM breach_steps s WHERE s.breach_id = b.id AND s.step IN ('authority_notified', 'authority_not_needed')) \
                 ORDER BY due_at, id LIMIT 1",
            )
            .bind(now.micros())
            .fetch_optional(tx.sql())
            .await?;
            let Some(id) = late else { return Ok(escalated) };
            sqlx::query("UPDATE breach_cases SET escalated_at = $1 WHERE id = $2")
                .bind(now.micros())
                .bind(&id)
                .execute(tx.sql())
                .await?;
            let entry = Entry::system("breach.overdue").purpose("supervision").details(json!({"breach": id}));
            tx.commit(&entry).await?;
            tracing::error!("the time to notify a breach is over: see the supervisor's page of breaches");
            escalated += 1;
        }
    }

    /// The cases, those that are open first, then the newest first. Reading them is an entry of the log.
    ///
    /// # Errors
    /// Denied without the supervisor's or the administrator's role.
    pub async fn breaches(&self, actor: &Actor) -> Result<Vec<BreachView>> {
        self.demand_breach_role(actor).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("breach.viewed", actor).purpose("supervision")).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT b.*, a.login FROM breach_cases b LEFT JOIN accounts a ON a.id = b.account_id \
             ORDER BY b.closed_at IS NOT NULL, b.known_at DESC, b.id DESC LIMIT 200",
        )
        .fetch_all(&mut *sql)
        .await?;
        let mut views = Vec::new();
        for row in &found {
            views.push(self.breach_view(&mut sql, row).await?);
        }
        Ok(views)
    }

    async fn breach_view(&self, sql: &mut SqliteConnection, row: &SqliteRow) -> Result<BreachView> {
        let id: BreachId = rows::id(row, "id")?;
        let owner = id.to_string();
        let key = key_for_reading(&self.inner.vault, sql, &owner, Domain::Case).await?;
        let words = |field: &str, sealed: &[u8]| -> Result<String> {
            let key = key.as_ref().ok_or(RegistryError::Damaged { what: "breach" })?;
            let plain = self.inner.vault.open(key, Domain::Case, &owner, field, sealed)?;
            String::from_utf8(plain.to_vec()).map_err(|_| RegistryError::Damaged { what: "breach" })
        };
        let steps = sqlx::query(
            "SELECT s.*, a.login FROM breach_steps s JOIN accounts a ON a.id = s.taken_by WHERE s.breach_id = $1 ORDER BY s.taken_at",
        )
        .bind(&owner)
        .fetch_all(&mut *sql)
        .await?;
        let steps = steps.iter().map(|row| {
            let step = step_named(&row.try_get::<String, _>("step")?)?;
            let sealed: Vec<u8> = row.try_get("sealed_words")?;
            Ok(BreachStepView {
                step,
                words: words(step.name(), &sealed)?,
                by: row.try_get("login")?,
                at: rows::instant(row, "taken_at")?,
            })
        });
        let steps = steps.collect::<Result<Vec<_>>>()?;
        let what: Option<Vec<u8>> = row.try_get("sealed_what")?;
        let entries: Vec<i64> =
            sqlx::query_scalar("SELECT log_seq FROM breach_entries WHERE breach_id = $1 ORDER BY log_seq LIMIT 500")
                .bind(&owner)
                .fetch_all(&mut *sql)
                .await?;
        Ok(BreachView {
            id,
            kind: kind_named(&row.try_get::<String, _>("kind")?)?,
            account: row.try_get("login")?,
            what: what.map(|sealed| words("what", &sealed)).transpose()?,
            known_at: rows::instant(row, "known_at")?,
            due_at: rows::instant(row, "due_at")?,
            escalated_at: rows::instant_opt(row, "escalated_at")?,
            closed_at: rows::instant_opt(row, "closed_at")?,
            entries: entries.into_iter().filter_map(|seq| u64::try_from(seq).ok()).collect(),
            people: people(sql, id).await?.len() as u64,
            steps,
        })
    }

    async fn demand_breach_role(&self, actor: &Actor) -> Result<()> {
        if actor.has(Role::Administrator) {
            return Ok(());
        }
        self.demand(actor, Role::Supervisor, "work on breaches of personal data").await
    }

    /// Writes a case and its entry.
    async fn insert_breach(
        &self,
        tx: &mut WriteTx<'_>,
        actor: Option<&Actor>,
        case: &Case<'_>,
        entries: &[u64],
    ) -> Result<BreachId> {
        let now = tx.now();
        let id = BreachId::fresh(now.micros(), fresh_bytes()?);
        let owner = id.to_string();
        let sealed = match case.what {
            Some(what) => {
                let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
                Some(self.inner.vault.seal(&key, Domain::Case, &owner, "what", what.as_bytes())?)
            }
            None => None,
        };
        let due_at = case.known_at.plus_seconds(BREACH_HOURS * 3600);
        sqlx::query("INSERT INTO breach_cases (id, kind, account_id, sealed_what, known_at, due_at, opened_by, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(&owner)
            .bind(case.kind.name())
            .bind(case.account)
            .bind(sealed)
            .bind(case.known_at.micros())
            .bind(due_at.micros())
            .bind(actor.map(|actor| actor.account().to_string()))
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        join(tx.sql(), id, entries).await?;
        let entry = actor.map_or_else(|| Entry::system("breach.opened"), |actor| Entry::effect("breach.opened", actor));
        let details = json!({"breach": id, "kind": case.kind, "entries": entries, "due": due_at});
        tx.log(&entry.purpose("supervision").details(details)).await?;
        if actor.is_none() {
            tracing::error!(kind = case.kind.name(), "an alarm points to a breach of personal data: its clock runs");
        }
        Ok(id)
    }
}

/// A case to be opened.
struct Case<'a> {
    kind: BreachKind,
    account: Option<&'a str>,
    what: Option<&'a str>,
    known_at: Instant,
}

/// Adds entries of the log to a case.
async fn join(sql: &mut SqliteConnection, id: BreachId, entries: &[u64]) -> Result<()> {
    for seq in entries {
        sqlx::query("INSERT INTO breach_entries (breach_id, log_seq) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(id.to_string())
            .bind(i64::try_from(*seq).unwrap_or(i64::MAX))
            .execute(&mut *sql)
            .await?;
    }
    Ok(())
}

/// The people whom the entries of a case are about.
async fn people(sql: &mut SqliteConnection, id: BreachId) -> Result<Vec<PersonId>> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT s.person_id FROM breach_entries b JOIN log_subjects s ON s.seq = b.log_seq WHERE b.breach_id = $1 ORDER BY 1",
    )
    .bind(id.to_string())
    .fetch_all(sql)
    .await?;
    found.iter().map(|person| rows::parse_id(person)).collect()
}

/// The log holds these entries, and they are not too many for one case or note.
pub(crate) async fn demand_entries(sql: &mut SqliteConnection, entries: &[u64]) -> Result<()> {
    let invalid = |problem: String| RegistryError::Invalid { field: "entries", problem };
    if entries.len() > BREACH_ENTRIES {
        return Err(invalid(format!("name at most {BREACH_ENTRIES} entries")));
    }
    let size: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), -1) + 1 FROM log_entries").fetch_one(sql).await?;
    if entries.iter().any(|seq| i64::try_from(*seq).unwrap_or(i64::MAX) >= size) {
        return Err(invalid("name entries that the log holds, by their places".to_owned()));
    }
    Ok(())
}

fn kind_named(name: &str) -> Result<BreachKind> {
    [BreachKind::Reported, BreachKind::RowsUnreconciled, BreachKind::VolumeReached, BreachKind::LogDamaged]
        .into_iter()
        .find(|kind| kind.name() == name)
        .ok_or(RegistryError::Damaged { what: "breach" })
}

fn step_named(name: &str) -> Result<BreachStep> {
    BreachStep::ALL.into_iter().find(|step| step.name() == name).ok_or(RegistryError::Damaged { what: "breach" })
}
