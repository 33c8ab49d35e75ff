//! Looks in danger to life: without a sanction first, checked by another officer within the working days that the law gives. Where the check
//! finds no justification, or nobody checks in time, whoever has the answer must delete it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{AccessRequestId, CaseId, PersonId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::passkeys::dual::{DualAct, DualKind};
use crate::recipients::Cause;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// What was asked, and who did.
macro_rules! review {
    ($condition:literal) => {
        concat!(
            "SELECT u.*, r.case_id, r.act, r.purpose, r.clause, r.log_seq AS asked_seq, a.natural_person, o.code AS organisation FROM urgent_reviews u \
             JOIN access_requests r ON r.id = u.request_id JOIN accounts a ON a.id = r.account_id JOIN organisations o ON o.id = a.organisation_id ",
            $condition
        )
    };
}

/// A look in danger to life, and where its check stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UrgentReview {
    /// The check.
    pub id: RowId,
    /// The look.
    pub request: AccessRequestId,
    /// The case.
    pub case: CaseId,
    /// What was asked.
    pub act: String,
    /// For which purpose.
    pub purpose: String,
    /// By which clause.
    pub clause: String,
    /// Which organisation asked.
    pub organisation: String,
    /// The danger, in the officer's words; `None` for a supervisor, and where the case's key is gone.
    pub reason: Option<String>,
    /// Where the look stands in the log.
    pub log_seq: u64,
    /// When it was made.
    pub opened_at: Instant,
    /// The last day on which it may be checked.
    pub due_on: Date,
    /// Whether the holidays until then are known. Where they are not, the day is earlier than the law's, never later.
    pub holidays_known: bool,
    /// `open`, `justified`, `unjustified` or `lapsed`.
    pub state: String,
    /// Whether this officer, under any account, made the look and so may not check it.
    pub own: bool,
}

impl Registry {
    /// Writes down that a look was made without its sanction; in the look's own transaction.
    pub(crate) async fn open_urgent_review(
        &self,
        tx: &mut WriteTx<'_>,
        request: AccessRequestId,
        case: CaseId,
        reason: &str,
        working_days: u8,
    ) -> Result<Date> {
        let now = tx.now();
        let due = self.inner.law().working_days_after(self.inner.zone.date(now), working_days);
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        let owner = case.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Case, &owner, &reason_field(id), reason.as_bytes())?;
        sqlx::query("INSERT INTO urgent_reviews (id, request_id, sealed_reason, due_on, holidays_known, state, opened_at) VALUES ($1, $2, $3, $4, $5, 'open', $6)")
            .bind(id.to_string())
            .bind(request.to_string())
            .bind(sealed)
            .bind(due.last.to_string())
            .bind(i64::from(due.holidays_known))
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        Ok(due.last)
    }

    /// Looks in danger to life: of the own organisation for its officers, of all for a supervisor (without the officers' words). Those that
    /// wait come first, the next to lapse at the top.
    ///
    /// # Errors
    /// Denied without the officer's, the second officer's or the supervisor's role.
    pub async fn urgent_reviews(&self, actor: &Actor) -> Result<Vec<UrgentReview>> {
        let all = actor.has(Role::Supervisor);
        if !all && !actor.has(Role::SecondOfficer) {
            self.demand(actor, Role::Officer, "see looks in danger to life").await?;
        }
        self.lapse_urgent_reviews().await?;
        let found = sqlx::query(review!(
            "WHERE $2 = 1 OR a.organisation_id = $1 ORDER BY u.state <> 'open', u.due_on, u.opened_at DESC LIMIT 200"
        ))
        .bind(actor.organisation.to_string())
        .bind(i64::from(all))
        .fetch_all(&self.inner.pool)
        .await?;
        let mut reviews = Vec::with_capacity(found.len());
        for row in &found {
            reviews.push(self.urgent_review_of(row, actor, !all).await?);
        }
        Ok(reviews)
    }

    /// Decides whether a look in danger to life was justified. Where it was not, orders to delete go out in the same transaction. Where
    /// passkeys are required, a yes takes the signatures of both ([`Registry::begin_approval`]); a no takes none.
    ///
    /// # Errors
    /// Denied without the second officer's role, to whoever made the look, and where signatures are missing or void; not found; a conflict
    /// where it is decided, or its time is over.
    pub async fn decide_urgent_review(
        &self,
        actor: &Actor,
        id: RowId,
        justified: bool,
        decision: &str,
    ) -> Result<UrgentReview> {
        self.demand(actor, Role::SecondOfficer, "check a look in danger to life").await?;
        text("decision", decision)?;
        self.lapse_urgent_reviews().await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = sqlx::query(review!("WHERE u.id = $1 AND a.organisation_id = $2"))
            .bind(id.to_string())
            .bind(actor.organisation.to_string())
            .fetch_optional(tx.sql())
            .await?
            .ok_or(RegistryError::NotFound { what: "look in danger to life" })?;
        let asker: String = row.try_get("natural_person")?;
        if asker == actor.natural_person {
            drop(tx);
            let denial = Entry::denial("urgent_review.denied", Some(actor)).details(json!({"review": id}));
            let needs = vec!["another officer".to_owned()];
            return self
                .deny(denial, "four_eyes", "dual control", "whoever made a look does not check it", needs)
                .await;
        }
        if row.try_get::<String, _>("state")? != "open" {
            return Err(RegistryError::Conflict {
                what: "this look is checked, or its time to be checked is over",
                next: "look at the list again",
            });
        }
        let mut signed = Value::Null;
        if justified {
            let act = DualAct::of(DualKind::UrgentLook, id);
            signed = match self.approved(&mut tx, Some(actor), &act, &[&asker]).await? {
                Ok(signed) => signed,
                Err(why) => {
                    let denial = Entry::denial("urgent_review.denied", Some(actor)).details(json!({"review": id}));
                    return self.deny_unapproved(tx, denial, why).await;
                }
            };
        }
        let case: CaseId = rows::id(&row, "case_id")?;
        let owner = case.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Case, &owner, &decision_field(id), decision.as_bytes())?;
        let state = if justified { "justified" } else { "unjustified" };
        sqlx::query("UPDATE urgent_reviews SET state = $1, sealed_decision = $2, decided_by = $3, decided_at = $4 WHERE id = $5")
            .bind(state)
            .bind(sealed)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        let seq: i64 = row.try_get("asked_seq")?;
        let people = people_of(&mut tx, seq).await?;
        let entry = Entry::effect("urgent_review.decided", actor).about_all(people);
        let details = json!({
            "review": id, "request": row.try_get::<String, _>("request_id")?, "state": state, "decision": decision, "signed": signed,
        });
        let log_seq = tx.log(&entry.details(details)).await?;
        self.defer_like(&mut tx, log_seq, seq).await?;
        if !justified {
            self.order_deletion(&mut tx, Cause::UrgentUnjustified, rows::id(&row, "request_id")?).await?;
        }
        tx.commit_logged().await?;
        let row = sqlx::query(review!("WHERE u.id = $1")).bind(id.to_string()).fetch_one(&self.inner.pool).await?;
        self.urgent_review_of(&row, actor, true).await
    }

    /// Looks that nobody checked in time: their answers must be deleted, as if they had been found unjustified. A service does this every
    /// hour, and every list begins with it.
    ///
    /// # Errors
    /// Those of the database; what was done is done.
    pub async fn lapse_urgent_reviews(&self) -> Result<u64> {
        let mut lapsed = 0;
        loop {
            let mut tx = WriteTx::begin(&self.inner).await?;
            let today = self.inner.zone.date(tx.now()).to_string();
            let row = sqlx::query(
                "SELECT u.id, u.request_id, r.log_seq FROM urgent_reviews u JOIN access_requests r ON r.id = u.request_id \
                 WHERE u.state = 'open' AND u.due_on < $1 ORDER BY u.due_on LIMIT 1",
            )
            .bind(today)
            .fetch_optional(tx.sql())
            .await?;
            let Some(row) = row else { return Ok(lapsed) };
            let (id, request): (RowId, AccessRequestId) = (rows::id(&row, "id")?, rows::id(&row, "request_id")?);
            sqlx::query("UPDATE urgent_reviews SET state = 'lapsed' WHERE id = $1")
                .bind(id.to_string())
                .execute(tx.sql())
                .await?;
            let seq: i64 = row.try_get("log_seq")?;
            let people = people_of(&mut tx, seq).await?;
            let entry = Entry::system("urgent_review.lapsed").about_all(people);
            let log_seq = tx.log(&entry.details(json!({"review": id, "request": request}))).await?;
            self.defer_like(&mut tx, log_seq, seq).await?;
            self.order_deletion(&mut tx, Cause::UrgentLapsed, request).await?;
            tx.commit_logged().await?;
            lapsed += 1;
        }
    }

    /// What follows from an entry is shown to the person no earlier than that entry.
    pub(crate) async fn defer_like(&self, tx: &mut WriteTx<'_>, seq: u64, like: i64) -> Result<()> {
        let until: Option<i64> = sqlx::query_scalar("SELECT until FROM deferred_entries WHERE log_seq = $1")
            .bind(like)
            .fetch_optional(tx.sql())
            .await?;
        self.defer(tx, seq, until.map(Instant::from_micros)).await
    }

    async fn urgent_review_of(&self, row: &SqliteRow, actor: &Actor, with_reason: bool) -> Result<UrgentReview> {
        let (id, case): (RowId, CaseId) = (rows::id(row, "id")?, rows::id(row, "case_id")?);
        let owner = case.to_string();
        let mut reason = None;
        if with_reason {
            let mut sql = self.inner.pool.acquire().await?;
            if let Some(key) = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Case).await? {
                let sealed: Vec<u8> = row.try_get("sealed_reason")?;
                let plain = self.inner.vault.open(&key, Domain::Case, &owner, &reason_field(id), &sealed)?;
                reason = Some(String::from_utf8_lossy(&plain).into_owned());
            }
        }
        Ok(UrgentReview {
            id,
            request: rows::id(row, "request_id")?,
            case,
            act: row.try_get("act")?,
            purpose: row.try_get("purpose")?,
            clause: row.try_get("clause")?,
            organisation: row.try_get("organisation")?,
            reason,
            log_seq: rows::number(row, "asked_seq")?,
            opened_at: rows::instant(row, "opened_at")?,
            due_on: day(row, "due_on")?,
            holidays_known: row.try_get::<i64, _>("holidays_known")? != 0,
            state: row.try_get("state")?,
            own: row.try_get::<String, _>("natural_person")? == actor.natural_person,
        })
    }
}

/// A civil day from its column.
pub(crate) fn day(row: &SqliteRow, column: &str) -> Result<Date> {
    row.try_get::<String, _>(column)?.parse().map_err(|_| RegistryError::Damaged { what: "day" })
}

/// Whom an entry is about.
pub(crate) async fn people_of(tx: &mut WriteTx<'_>, seq: i64) -> Result<Vec<PersonId>> {
    let found: Vec<String> = sqlx::query_scalar("SELECT person_id FROM log_subjects WHERE seq = $1 ORDER BY person_id")
        .bind(seq)
        .fetch_all(tx.sql())
        .await?;
    found.iter().map(|id| rows::parse_id(id)).collect()
}

fn reason_field(id: RowId) -> String {
    format!("urgent-reason/{id}")
}

fn decision_field(id: RowId) -> String {
    format!("urgent-decision/{id}")
}
