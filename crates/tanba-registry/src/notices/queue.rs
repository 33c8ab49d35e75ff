//! From the log to the rows that wait. The place up to which the log was gone through and the rows are written in one transaction, so that
//! no look is left out, and none is told twice.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::{RegistryError, Result};
use crate::ids::{PersonId, RowId};
use crate::journal::{Entry, Outcome, hex};
use crate::registry::Registry;
use crate::rights::USAGES_VIEWED;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;

/// The event of an entry with which records became one, or two.
const REVISED: &str = "revision.applied";

/// The purpose of what people do with their own record.
const OWN: &str = "rights_of_the_person";

/// Entries read in one transaction, so that others write in between.
const BATCH: i64 = 500;

impl Registry {
    /// Begins to tell people of looks: of those from now on, because nobody said so before. Once begun it goes on, and what happens while no
    /// service runs is told afterwards.
    pub(super) async fn begin_notices(&self) -> Result<()> {
        if self.notices_begun().await? {
            return Ok(());
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        let seq = tx.log(&Entry::system("notices.begun").details(json!({}))).await?;
        sqlx::query("INSERT INTO notice_progress (id, next_seq, begun_at) VALUES (1, $1, $2)")
            .bind(whole(seq.saturating_add(1)))
            .bind(now)
            .execute(tx.sql())
            .await?;
        tx.commit_logged().await
    }

    /// Whether this register tells people of looks.
    pub(super) async fn notices_begun(&self) -> Result<bool> {
        let begun: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM notice_progress").fetch_one(&self.inner.pool).await?;
        Ok(begun > 0)
    }

    /// Makes rows of the looks that came since. They say nothing that the log does not say, so making them is no act of its own and has no
    /// entry; nothing is made where nobody has begun.
    pub(super) async fn queue_notices(&self) -> Result<()> {
        loop {
            let _writer = self.inner.writer.lock().await;
            let mut tx = self.inner.pool.begin_with("BEGIN IMMEDIATE").await?;
            let read = self.queue_some(&mut tx).await;
            // Looks before an entry that cannot be read are told, whatever becomes of that one.
            tx.commit().await?;
            if read? < BATCH {
                return Ok(());
            }
        }
    }

    /// The same before an erasure, batch by batch, so that a long backlog is not gone through while the erasure keeps everybody from writing.
    pub(crate) async fn queue_before_erasure(&self) -> Result<()> {
        despite_damage(self.queue_notices().await)
    }

    /// What is left of that inside the erasure: before the rows of somebody go, nothing of them may still be on its way.
    pub(crate) async fn queue_all(&self, sql: &mut SqliteConnection) -> Result<()> {
        loop {
            match self.queue_some(&mut *sql).await {
                Ok(BATCH) => {}
                last => return despite_damage(last.map(drop)),
            }
        }
    }

    /// The next entries; how many were read. Where one fails, those before it count as read.
    async fn queue_some(&self, sql: &mut SqliteConnection) -> Result<i64> {
        let from: Option<i64> =
            sqlx::query_scalar("SELECT next_seq FROM notice_progress WHERE id = 1").fetch_optional(&mut *sql).await?;
        let Some(from) = from else { return Ok(0) };
        let found = sqlx::query("SELECT * FROM log_entries WHERE seq >= $1 ORDER BY seq LIMIT $2")
            .bind(from)
            .bind(BATCH)
            .fetch_all(&mut *sql)
            .await?;
        let mut present = BTreeMap::new();
        let (mut read, mut failed) = (0, None);
        for (row, expected) in found.iter().zip(from..) {
            match self.queue_entry(&mut *sql, row, expected, &mut present).await {
                Ok(()) => read += 1,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        if read > 0 {
            sqlx::query("UPDATE notice_progress SET next_seq = $1 WHERE id = 1")
                .bind(from.saturating_add(read))
                .execute(sql)
                .await?;
        }
        failed.map_or(Ok(read), Err)
    }

    async fn queue_entry(
        &self,
        sql: &mut SqliteConnection,
        row: &SqliteRow,
        expected: i64,
        present: &mut BTreeMap<PersonId, (PersonId, BTreeSet<PersonId>)>,
    ) -> Result<()> {
        // Over a gap in the rows nobody would be told of what stood there.
        if row.try_get::<i64, _>("seq")? != expected {
            return Err(RegistryError::Damaged { what: "log entry" });
        }
        if row.try_get::<String, _>("outcome")? == Outcome::Look.as_str() {
            self.queue_look(sql, row, present).await
        } else if row.try_get::<String, _>("event")? == REVISED {
            self.follow_revision(sql, row).await
        } else {
            Ok(())
        }
    }

    /// A row for each person whom a look is about, but for whoever looked at themselves. Whom it is about stands in the sealed part.
    async fn queue_look(
        &self,
        sql: &mut SqliteConnection,
        row: &SqliteRow,
        present: &mut BTreeMap<PersonId, (PersonId, BTreeSet<PersonId>)>,
    ) -> Result<()> {
        let (look, payload) = self.look_view(row)?;
        let Some(payload) = payload else { return Ok(()) };
        let looker = payload.actor.as_ref().map_or("", |actor| actor.account.as_str());
        let until: Option<i64> = sqlx::query_scalar("SELECT until FROM deferred_entries WHERE log_seq = $1")
            .bind(whole(look.seq))
            .fetch_optional(&mut *sql)
            .await?;
        let due = until.map_or(look.at, |until| look.at.max(Instant::from_micros(until)));
        for subject in payload.subjects {
            let (person, records) = match present.get(&subject) {
                Some(known) => known.clone(),
                None => {
                    let known = self.present_and_merged(subject).await?;
                    present.insert(subject, known.clone());
                    known
                }
            };
            // As on the own page: an account of the person's, and for the person's own purpose. Through a portal it was the person whom
            // the look is about, or the representative whom it names.
            let through_portal = look.event == USAGES_VIEWED
                && payload.details["representative"].as_str().is_none_or(|by| by == subject.to_string());
            let own =
                through_portal || (look.purpose == OWN && self.is_own_account(&mut *sql, looker, &records).await?);
            if own || (due == look.at && self.told_that_day(&mut *sql, subject, row).await?) {
                continue;
            }
            sqlx::query(
                "INSERT INTO notices (id, subject_id, person_id, log_seq, due_at, state, tries, next_at) VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $5) \
                 ON CONFLICT (subject_id, log_seq) DO NOTHING",
            )
            .bind(self.notice_key(subject, row)?.to_string())
            .bind(subject.to_string())
            .bind(person.to_string())
            .bind(whole(look.seq))
            .bind(due.micros())
            .execute(&mut *sql)
            .await?;
        }
        Ok(())
    }

    /// The key of a notice: the same whenever the row is made of the same entry, so that a restored backup tells nobody twice, and another for
    /// whatever takes the same place in the log after a restore. By the record that was looked at, because who is told changes with revisions.
    fn notice_key(&self, subject: PersonId, row: &SqliteRow) -> Result<RowId> {
        let leaf: Vec<u8> = row.try_get("leaf")?;
        let look = format!("{subject} {} {}", row.try_get::<i64, _>("seq")?, hex(&Sha256::digest(leaf)));
        let pseudonym = self.inner.vault.pseudonym("notice", &look);
        let first = pseudonym.first_chunk().copied().unwrap_or_default();
        Ok(RowId::from_u128(uuid::Builder::from_custom_bytes(first).into_uuid().as_u128()))
    }

    async fn is_own_account(
        &self,
        sql: &mut SqliteConnection,
        account: &str,
        records: &BTreeSet<PersonId>,
    ) -> Result<bool> {
        let owner: Option<Option<String>> = sqlx::query_scalar("SELECT person_id FROM accounts WHERE id = $1")
            .bind(account)
            .fetch_optional(sql)
            .await?;
        let owner = owner.flatten().map(|id| rows::parse_id::<PersonId>(&id)).transpose()?;
        Ok(owner.is_some_and(|owner| records.contains(&owner)))
    }

    /// Whether it is told already that this organisation looked at this record in this way, for this purpose, on this day: a piece of work
    /// looks ten times, and the own page tells it as one as well. What is told later by a sanction is told by itself.
    async fn told_that_day(&self, sql: &mut SqliteConnection, subject: PersonId, row: &SqliteRow) -> Result<bool> {
        let day = self.inner.zone.date(rows::instant(row, "happened_at")?);
        let told: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM notices n JOIN log_entries l ON l.seq = n.log_seq WHERE n.subject_id = $1 AND n.state IN ('waiting', 'sent', 'joined') \
             AND n.due_at = l.happened_at AND l.happened_at >= $2 AND l.happened_at < $3 AND l.event = $4 AND l.organisation = $5 AND l.purpose = $6",
        )
        .bind(subject.to_string())
        .bind(self.inner.zone.day_begins(day).micros())
        .bind(day.tomorrow().map_or(i64::MAX, |next| self.inner.zone.day_begins(next).micros()))
        .bind(row.try_get::<String, _>("event")?)
        .bind(row.try_get::<Option<String>, _>("organisation")?)
        .bind(row.try_get::<Option<String>, _>("purpose")?)
        .fetch_one(sql)
        .await?;
        Ok(told > 0)
    }

    /// Whoever a record is part of by now is told of the looks at it, in one order: of one that is merged whoever it became, and after that
    /// was undone its own person again.
    async fn follow_revision(&self, sql: &mut SqliteConnection, row: &SqliteRow) -> Result<()> {
        let Some(payload) = self.look_view(row)?.1 else { return Ok(()) };
        let mut met = BTreeSet::new();
        for person in payload.subjects {
            let subjects: Vec<String> =
                sqlx::query_scalar("SELECT DISTINCT subject_id FROM notices WHERE subject_id = $1 OR person_id = $1")
                    .bind(person.to_string())
                    .fetch_all(&mut *sql)
                    .await?;
            for subject in subjects {
                let (present, _) = self.present_and_merged(rows::parse_id(&subject)?).await?;
                sqlx::query("UPDATE notices SET person_id = $2 WHERE subject_id = $1 AND person_id <> $2")
                    .bind(&subject)
                    .bind(present.to_string())
                    .execute(&mut *sql)
                    .await?;
                met.insert(present);
            }
        }
        // What was told with another record, that is somebody else's now, is still to be told.
        for person in met {
            sqlx::query(
                "UPDATE notices SET state = 'waiting', ended_at = NULL WHERE person_id = $1 AND state = 'joined' AND NOT EXISTS \
                 (SELECT 1 FROM notices o WHERE o.log_seq = notices.log_seq AND o.person_id = $1 AND o.state IN ('sent', 'refused'))",
            )
            .bind(person.to_string())
            .execute(&mut *sql)
            .await?;
        }
        Ok(())
    }

    /// Takes away what waits for somebody of whom nothing is registered any more, neither prints nor a genomic profile, in none of their
    /// records. The own page goes on showing every look.
    pub(crate) async fn forget_unregistered(&self, sql: &mut SqliteConnection, person: PersonId) -> Result<()> {
        let (_, records) = self.present_and_merged(person).await?;
        if registered(&mut *sql, &records).await? {
            return Ok(());
        }
        for record in &records {
            sqlx::query("DELETE FROM notices WHERE person_id = $1 AND state IN ('waiting', 'joined')")
                .bind(record.to_string())
                .execute(&mut *sql)
                .await?;
        }
        Ok(())
    }
}

/// Whether prints or a genomic profile are held in any of somebody's records.
pub(crate) async fn registered(sql: &mut SqliteConnection, records: &BTreeSet<PersonId>) -> Result<bool> {
    for record in records {
        let held: i64 = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM registrations r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = $1 AND r.state <> 'withdrawn') \
             OR EXISTS (SELECT 1 FROM specimens WHERE person_id = $1 AND state <> 'withdrawn')",
        )
        .bind(record.to_string())
        .fetch_one(&mut *sql)
        .await?;
        if held != 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// People are erased whatever became of the log: where an entry cannot be read, notices of what stands behind it wait for the log to be restored.
fn despite_damage(queued: Result<()>) -> Result<()> {
    match queued {
        Err(error @ (RegistryError::Damaged { .. } | RegistryError::Seal(_))) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "an entry of the log cannot be read, so nobody is told of looks behind it; what must be erased is erased nevertheless. \
                 Run `tanba log fsck` and restore the folder from a backup"
            );
            Ok(())
        }
        queued => queued,
    }
}

/// Takes away what says whom entries before a place of the log were about.
pub(crate) async fn forget_before(sql: &mut SqliteConnection, stays: i64) -> Result<()> {
    sqlx::query("DELETE FROM notices WHERE log_seq < $1").bind(stays).execute(sql).await?;
    Ok(())
}

/// A place in the log, as the database has it.
pub(super) fn whole(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
