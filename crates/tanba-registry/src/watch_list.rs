//! People whose every look the supervisor is told of at once: those whom everybody knows, and those whom somebody seeks.
//!
//! Who is on the list says whom one could look for, so the list keeps itself secret: whom a watch is about is sealed, no entry of the log
//! is about them, and nobody reads it but a supervisor and the rule. A supervisor names a person as supervisors know people, by an entry of
//! the log or the id of a record, or by their number, of which the register's blind index is kept. A number is taken whether or not anybody is
//! registered by it: the list tells nobody who is.
//!
//! Each act is a row that stays, and its entry; what the list says at present follows from the rows. A watch has an end from the first day on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tanba_seal::DataKey;

use crate::actor::{Actor, Role};
use crate::anomaly::{AnomalyKind, AnomalyNote, Since, note};
use crate::encounter::person_of_blind;
use crate::error::{RegistryError, Result};
use crate::ids::{PersonId, RowId, WatchId};
use crate::institutions::text;
use crate::journal::{Entry, hex, unhex};
use crate::keys::{destroy_key, key_for_reading, key_for_writing};
use crate::notices::registered;
use crate::oversight::DAYS;
use crate::params::{ENTRIES_IN_A_NOTE, PEOPLE_WATCHED};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// Its keys are with those of the log, which are never lent: the rule works whatever the key process does.
const DOMAIN: Domain = Domain::LogPayload;

const SECONDS_IN_A_DAY: i64 = 24 * 3600;

/// Who is to be watched.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// Whoever has this individual identification number, now or once they are registered.
    Iin(String),
    /// A person by the id of a record.
    Record(PersonId),
    /// The one person whom an entry of the log is about, by its place.
    Entry(u64),
}

/// A person to be put on the list.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWatch {
    /// Who.
    pub who: Watched,
    /// Why, 1 to 200 characters.
    pub reason: String,
    /// The last day of it, within a year.
    pub until: Date,
}

/// What is done about a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Begun,
    Renewed,
    Ended,
}

/// Their events in the log, in the same order.
pub(crate) const EVENTS: [&str; 3] = ["watch.begun", "watch.renewed", "watch.ended"];

impl Step {
    fn event(self) -> &'static str {
        EVENTS[self as usize]
    }

    fn name(self) -> &'static str {
        self.event().trim_start_matches("watch.")
    }

    fn named(name: &str) -> Result<Self> {
        let all = [Self::Begun, Self::Renewed, Self::Ended];
        all.into_iter().find(|step| step.name() == name).ok_or(RegistryError::Damaged { what: "watch" })
    }
}

/// The sealed body of a step.
#[derive(Serialize, Deserialize)]
struct Body {
    /// Of the first step.
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<Subject>,
    reason: String,
    /// Of every step but the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
}

/// Whom a watch is about.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Subject {
    /// The blind index of a number, in hexadecimal digits.
    Number(String),
    Record(PersonId),
}

/// A person on the list, as the supervisor sees them: who it is, is not said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchView {
    /// The watch.
    pub id: WatchId,
    /// Why, as it was said last; why it was ended stands in the log.
    pub reason: String,
    /// By which account the person was put on the list, by its login.
    pub by: String,
    /// Since when.
    pub from: Instant,
    /// The last day of it.
    pub until: Date,
    /// When it was ended before.
    pub ended_at: Option<Instant>,
    /// Whether it holds now.
    pub holds: bool,
    /// Looks that it has made into notes: places in the log, oldest first, at most 500.
    pub looks: Vec<u64>,
}

/// A watch as its rows say it.
struct Watch {
    id: WatchId,
    who: Subject,
    reason: String,
    by: String,
    from: Instant,
    until: Date,
    ended_at: Option<Instant>,
}

/// What the rows say.
struct Watches {
    readable: Vec<Watch>,
    /// Every row opened.
    whole: bool,
}

/// One look at somebody on the list.
struct WatchedLook {
    seq: u64,
    at: Instant,
    account: String,
    organisation: String,
}

impl Registry {
    /// Puts a person on the list of those whose every look is noted.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's role; invalid where no person can be meant, without a reason, or with an end beyond a
    /// year; not found; a conflict where the person is on the list, or the list is full.
    pub async fn begin_watch(&self, actor: &Actor, new: &NewWatch) -> Result<WatchId> {
        self.demand_watch_keeper(actor).await?;
        text("reason", &new.reason)?;
        self.demand_end(new.until)?;
        let who = self.subject_of(&new.who).await?;
        let person = self.watched_records(&who).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let mut hold = 0;
        for watch in self.open_watches(tx.sql()).await?.readable {
            if !self.holds(&watch, now) {
                continue;
            }
            hold += 1;
            if watch.who == who || !self.watched_records(&watch.who).await?.is_disjoint(&person) {
                return Err(RegistryError::Conflict {
                    what: "this person is on the list",
                    next: "renew the watch that there is, or end it first",
                });
            }
        }
        if hold >= PEOPLE_WATCHED {
            return Err(RegistryError::Conflict {
                what: "the list is full",
                next: "end a watch that nobody needs any more: a long list notes ordinary work",
            });
        }
        let id = WatchId::fresh(now.micros(), fresh_bytes()?);
        let body = Body { who: Some(who), reason: new.reason.clone(), until: Some(new.until) };
        self.take_watch_step(tx, actor, id, Step::Begun, &body).await?;
        Ok(id)
    }

    /// Gives a watch another end, within a year from now.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's role; invalid as [`Registry::begin_watch`]; not found; a conflict where it is over.
    pub async fn renew_watch(&self, actor: &Actor, id: WatchId, until: Date, reason: &str) -> Result<()> {
        self.demand_watch_keeper(actor).await?;
        text("reason", reason)?;
        self.demand_end(until)?;
        let tx = self.watch_that_holds(id).await?;
        let body = Body { who: None, reason: reason.to_owned(), until: Some(until) };
        self.take_watch_step(tx, actor, id, Step::Renewed, &body).await
    }

    /// Takes a person off the list. What was noted stays noted.
    ///
    /// # Errors
    /// As [`Registry::renew_watch`].
    pub async fn end_watch(&self, actor: &Actor, id: WatchId, reason: &str) -> Result<()> {
        self.demand_watch_keeper(actor).await?;
        text("reason", reason)?;
        let tx = self.watch_that_holds(id).await?;
        self.take_watch_step(tx, actor, id, Step::Ended, &Body { who: None, reason: reason.to_owned(), until: None })
            .await
    }

    /// The list: what holds first, then the newest first; what is over for as long as notes look back. Reading it is an entry of the log.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's role.
    pub async fn watches(&self, actor: &Actor) -> Result<Vec<WatchView>> {
        self.demand_watch_keeper(actor).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("watches.viewed", actor).purpose("supervision")).await?;
        let now = self.now();
        let mut views = Vec::new();
        for watch in self.all_watches().await? {
            let looks = self.watched_looks_of(&watch, Since { at: watch.from, seq: 0 }).await?;
            views.push(WatchView {
                holds: self.holds(&watch, now),
                looks: looks.iter().map(|look| look.seq).collect(),
                id: watch.id,
                reason: watch.reason,
                by: watch.by,
                from: watch.from,
                until: watch.until,
                ended_at: watch.ended_at,
            });
        }
        views.sort_by_key(|view| (!view.holds, std::cmp::Reverse(view.from)));
        Ok(views)
    }

    /// One note for each account that looked at somebody on the list, at the first look already.
    pub(crate) async fn watched_looks(
        &self,
        since: Since,
        logins: &BTreeMap<String, String>,
    ) -> Result<Vec<AnomalyNote>> {
        let watches = self.all_watches().await?;
        let mut by_account: BTreeMap<String, BTreeMap<u64, (Instant, String)>> = BTreeMap::new();
        for watch in &watches {
            for look in self.watched_looks_of(watch, since).await? {
                by_account.entry(look.account).or_default().insert(look.seq, (look.at, look.organisation));
            }
        }
        let noted = by_account.into_iter().filter_map(|(account, seen)| {
            let entries = seen.iter().map(|(seq, (at, organisation))| (*seq, *at, organisation.clone()));
            note(AnomalyKind::WatchedPerson, logins.get(&account), seen.len(), entries)
        });
        Ok(noted.collect())
    }

    /// Destroys what the list says of people of whom everything was erased, and of watches that were over before the first day that notes
    /// look back to.
    pub(crate) async fn forget_watches(&self) -> Result<()> {
        let mut gone = Vec::new();
        for watch in self.all_watches().await? {
            let noted_until = self.ends_at(&watch).plus_seconds(i64::from(*DAYS.end()) * SECONDS_IN_A_DAY);
            if noted_until < self.now() || self.was_erased(&watch).await? {
                gone.push(watch.id);
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        for id in &gone {
            let (owner, now) = (id.to_string(), tx.now());
            destroy_key(tx.sql(), now, &owner, DOMAIN).await?;
            sqlx::query("UPDATE watch_steps SET sealed_body = x'' WHERE watch_id = $1")
                .bind(&owner)
                .execute(tx.sql())
                .await?;
        }
        tx.commit(&Entry::system("watches.forgotten").purpose("retention").details(json!({"watches": gone}))).await?;
        Ok(())
    }

    async fn demand_watch_keeper(&self, actor: &Actor) -> Result<()> {
        self.demand(actor, Role::Supervisor, "keep the list of people whose every look is noted").await
    }

    fn demand_end(&self, until: Date) -> Result<()> {
        let today = self.today();
        let last = today.checked_add(jiff::Span::new().years(1)).unwrap_or(today);
        if (today..=last).contains(&until) {
            return Ok(());
        }
        Err(RegistryError::Invalid {
            field: "until",
            problem: "a watch ends today at the earliest and within a year at the latest; it can be renewed".to_owned(),
        })
    }

    /// Whom a supervisor means.
    async fn subject_of(&self, who: &Watched) -> Result<Subject> {
        let mut sql = self.inner.pool.acquire().await?;
        match who {
            Watched::Iin(number) => Ok(Subject::Number(hex(&self.blind_iin(&self.accept_iin(number.trim())?)))),
            Watched::Record(person) => {
                let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM persons WHERE id = $1")
                    .bind(person.to_string())
                    .fetch_one(&mut *sql)
                    .await?;
                if known == 0 { Err(RegistryError::NotFound { what: "person" }) } else { Ok(Subject::Record(*person)) }
            }
            Watched::Entry(seq) => {
                let about: Vec<String> =
                    sqlx::query_scalar("SELECT person_id FROM log_subjects WHERE seq = $1 LIMIT 2")
                        .bind(i64::try_from(*seq).unwrap_or(i64::MAX))
                        .fetch_all(&mut *sql)
                        .await?;
                match about.as_slice() {
                    [person] => Ok(Subject::Record(rows::parse_id(person)?)),
                    _ => Err(RegistryError::Invalid {
                        field: "entry",
                        problem: "name an entry of the log that is about one person, by its place".to_owned(),
                    }),
                }
            }
        }
    }

    /// The records of whoever is meant, as they are merged at present; none where nobody is registered by a number.
    async fn watched_records(&self, who: &Subject) -> Result<BTreeSet<PersonId>> {
        let person = match who {
            Subject::Record(person) => Some(*person),
            Subject::Number(blind) => {
                let mut sql = self.inner.pool.acquire().await?;
                let blind = unhex(blind).ok_or(RegistryError::Damaged { what: "watch" })?;
                person_of_blind(&mut sql, &blind).await?
            }
        };
        match person {
            Some(person) => Ok(self.present_and_merged(person).await?.1),
            None => Ok(BTreeSet::new()),
        }
    }

    /// Whether keys of somebody were destroyed since the watch began, and neither prints nor a profile are left.
    async fn was_erased(&self, watch: &Watch) -> Result<bool> {
        let records = self.watched_records(&watch.who).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let mut erased = false;
        for record in &records {
            let keys: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM data_keys WHERE destroyed_at >= $2 AND owner_id IN \
                 (SELECT id FROM encounters WHERE person_id = $1 UNION ALL SELECT id FROM specimens WHERE person_id = $1)",
            )
            .bind(record.to_string())
            .bind(watch.from.micros())
            .fetch_one(&mut *sql)
            .await?;
            erased |= keys > 0;
        }
        Ok(erased && !registered(&mut sql, &records).await?)
    }

    async fn all_watches(&self) -> Result<Vec<Watch>> {
        let mut sql = self.inner.pool.acquire().await?;
        Ok(self.open_watches(&mut sql).await?.readable)
    }

    /// Whether every row of the list opens: what does not was changed in the database, and is an alarm like rows that the log does not know.
    pub(crate) async fn watches_open(&self) -> Result<bool> {
        let mut sql = self.inner.pool.acquire().await?;
        Ok(self.open_watches(&mut sql).await?.whole)
    }

    /// Everybody of whom the list says something, the oldest first. A later step that does not open changes nothing, so that nobody ends a
    /// watch by damaging a row.
    async fn open_watches(&self, sql: &mut SqliteConnection) -> Result<Watches> {
        let found = sqlx::query(
            "SELECT s.*, a.login FROM watch_steps s JOIN accounts a ON a.id = s.taken_by WHERE LENGTH(s.sealed_body) > 0 \
             ORDER BY s.watch_id, s.taken_at, s.id",
        )
        .fetch_all(&mut *sql)
        .await?;
        let mut watches = Watches { readable: Vec::new(), whole: true };
        for row in &found {
            let owner: String = row.try_get("watch_id")?;
            // A backup may have a body whose key is on the list of erased ones.
            let Some(key) = key_for_reading(&self.inner.vault, &mut *sql, &owner, DOMAIN).await? else { continue };
            match self.open_step(row, &owner, &key) {
                Ok((Step::Begun, body)) => match (body.who, body.until) {
                    (Some(who), Some(until)) => watches.readable.push(Watch {
                        id: rows::parse_id(&owner)?,
                        who,
                        reason: body.reason,
                        by: row.try_get("login")?,
                        from: rows::instant(row, "taken_at")?,
                        until,
                        ended_at: None,
                    }),
                    _ => watches.whole = false,
                },
                Ok((_, body)) => match watches.readable.last_mut().filter(|watch| watch.id.to_string() == owner) {
                    Some(watch) => match body.until {
                        Some(until) => (watch.reason, watch.until) = (body.reason, until),
                        None => watch.ended_at = Some(rows::instant(row, "taken_at")?),
                    },
                    None => watches.whole = false,
                },
                Err(RegistryError::Damaged { .. } | RegistryError::Seal(_)) => watches.whole = false,
                Err(other) => return Err(other),
            }
        }
        Ok(watches)
    }

    fn open_step(&self, row: &SqliteRow, owner: &str, key: &DataKey) -> Result<(Step, Body)> {
        let (id, step): (String, String) = (row.try_get("id")?, row.try_get("step")?);
        let sealed: Vec<u8> = row.try_get("sealed_body")?;
        let plain = self.inner.vault.open(key, DOMAIN, owner, &field(&step, &id), &sealed)?;
        let body = serde_json::from_slice(&plain).map_err(|_| RegistryError::Damaged { what: "watch" })?;
        Ok((Step::named(&step)?, body))
    }

    /// When it is over, or was.
    fn ends_at(&self, watch: &Watch) -> Instant {
        let end = self.inner.zone.day_begins(watch.until.tomorrow().unwrap_or(watch.until));
        watch.ended_at.map_or(end, |at| at.min(end))
    }

    fn holds(&self, watch: &Watch, now: Instant) -> bool {
        now < self.ends_at(watch)
    }

    /// A change of a watch that holds.
    async fn watch_that_holds(&self, id: WatchId) -> Result<WriteTx<'_>> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        let watches = self.open_watches(tx.sql()).await?.readable;
        let watch = watches.iter().find(|watch| watch.id == id).ok_or(RegistryError::NotFound { what: "watch" })?;
        if !self.holds(watch, tx.now()) {
            return Err(RegistryError::Conflict {
                what: "this watch is over",
                next: "put the person on the list anew, where that is still needed",
            });
        }
        Ok(tx)
    }

    /// Writes a step and its entry, which is about nobody: whoever is on the list would be known by it.
    async fn take_watch_step(
        &self,
        mut tx: WriteTx<'_>,
        actor: &Actor,
        watch: WatchId,
        step: Step,
        body: &Body,
    ) -> Result<()> {
        let (now, owner) = (tx.now(), watch.to_string());
        let id = RowId::fresh(now.micros(), fresh_bytes()?).to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, DOMAIN).await?;
        let plain = serde_json::to_vec(body).map_err(|_| RegistryError::Damaged { what: "watch" })?;
        let sealed = self.inner.vault.seal(&key, DOMAIN, &owner, &field(step.name(), &id), &plain)?;
        sqlx::query("INSERT INTO watch_steps (id, watch_id, step, sealed_body, taken_by, taken_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(&id)
            .bind(&owner)
            .bind(step.name())
            .bind(sealed)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let details = json!({"watch": watch, "until": body.until, "reason": body.reason});
        tx.commit(&Entry::effect(step.event(), actor).purpose("supervision").details(details)).await?;
        Ok(())
    }

    /// Every look at somebody while the watch holds or held: in a list too, because one who was searched for is seen there; the own looks of
    /// people are none, on the own page or through a portal, and what a machine found nobody has seen yet.
    async fn watched_looks_of(&self, watch: &Watch, since: Since) -> Result<Vec<WatchedLook>> {
        let mut looks = BTreeMap::new();
        for record in self.watched_records(&watch.who).await? {
            let found = sqlx::query(
                "SELECT l.seq, l.happened_at, l.account_id, l.organisation FROM log_subjects s CROSS JOIN log_entries l \
                 WHERE s.seq = l.seq AND s.person_id = $1 AND l.seq >= $2 AND l.happened_at >= $3 AND l.happened_at < $4 \
                 AND l.outcome = 'look' AND l.event NOT IN ('candidate.found', 'desk.viewed', 'usages.viewed') AND l.account_id <> '' \
                 AND l.account_id NOT IN (SELECT id FROM accounts WHERE person_id IS NOT NULL) ORDER BY l.seq LIMIT $5",
            )
            .bind(record.to_string())
            .bind(since.seq)
            .bind(since.at.max(watch.from).micros())
            .bind(self.ends_at(watch).micros())
            .bind(i64::try_from(ENTRIES_IN_A_NOTE).unwrap_or(i64::MAX))
            .fetch_all(&self.inner.pool)
            .await?;
            for row in &found {
                let seq = rows::number(row, "seq")?;
                let look = WatchedLook {
                    seq,
                    at: rows::instant(row, "happened_at")?,
                    account: row.try_get("account_id")?,
                    organisation: row.try_get("organisation")?,
                };
                looks.insert(seq, look);
            }
        }
        Ok(looks.into_values().take(ENTRIES_IN_A_NOTE).collect())
    }
}

/// What a sealed body is bound to, beside its watch.
fn field(step: &str, id: &str) -> String {
    format!("{step}/{id}")
}
