//! Notes on what must be done: orders that nobody acknowledges, officers who were stopped because too much was asked, and rows that
//! the log does not know.

use std::collections::BTreeMap;

use sqlx::Row;

use crate::anomaly::{AnomalyKind, AnomalyNote, Since, note};
use crate::error::Result;
use crate::params::ENTRIES_IN_A_NOTE;
use crate::registry::Registry;
use crate::rows;
use crate::time::Instant;

type Entries = Vec<(u64, Instant, String)>;

impl Registry {
    /// One note for each account that was stopped.
    pub(crate) async fn volume_reached(
        &self,
        since: Since,
        logins: &BTreeMap<String, String>,
    ) -> Result<Vec<AnomalyNote>> {
        let found = sqlx::query(
            "SELECT seq, happened_at, account_id, organisation FROM log_entries WHERE event = 'access.volume_reached' AND seq >= $1 AND happened_at >= $2 ORDER BY seq LIMIT $3",
        )
        .bind(since.seq)
        .bind(since.at.micros())
        .bind(i64::try_from(ENTRIES_IN_A_NOTE).unwrap_or(i64::MAX))
        .fetch_all(&self.inner.pool)
        .await?;
        let mut by_account: BTreeMap<String, Entries> = BTreeMap::new();
        for row in &found {
            let entry = (rows::number(row, "seq")?, rows::instant(row, "happened_at")?, row.try_get("organisation")?);
            by_account.entry(row.try_get("account_id")?).or_default().push(entry);
        }
        let noted = by_account.into_iter();
        let noted = noted
            .map(|(account, entries)| note(AnomalyKind::VolumeReached, logins.get(&account), entries.len(), entries));
        Ok(noted.flatten().collect())
    }

    /// One note for all alarms of an event.
    pub(crate) async fn alarms(&self, since: Since, event: &str, kind: AnomalyKind) -> Result<Option<AnomalyNote>> {
        let found =
            sqlx::query("SELECT seq, happened_at FROM log_entries WHERE event = $1 AND seq >= $2 AND happened_at >= $3 ORDER BY seq LIMIT $4")
                .bind(event)
                .bind(since.seq)
                .bind(since.at.micros())
                .bind(i64::try_from(ENTRIES_IN_A_NOTE).unwrap_or(i64::MAX))
                .fetch_all(&self.inner.pool)
                .await?;
        let entries = found
            .iter()
            .map(|row| Ok((rows::number(row, "seq")?, rows::instant(row, "happened_at")?, String::new())))
            .collect::<Result<Entries>>()?;
        Ok(note(kind, None, entries.len(), entries))
    }

    /// One note for each organisation with orders whose day is over, however long ago they were made.
    pub(crate) async fn orders_overdue(&self) -> Result<Vec<AnomalyNote>> {
        let found = sqlx::query(
            "SELECT q.log_seq, q.ordered_at, o.code FROM recipient_orders q JOIN organisations o ON o.id = q.organisation_id \
             WHERE q.acknowledged_at IS NULL AND q.due_on < $1 ORDER BY q.log_seq",
        )
        .bind(self.today().to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        let mut by_organisation: BTreeMap<String, (usize, BTreeMap<u64, Instant>)> = BTreeMap::new();
        for row in &found {
            let (count, entries) = by_organisation.entry(row.try_get("code")?).or_default();
            *count += 1;
            entries.insert(rows::number(row, "log_seq")?, rows::instant(row, "ordered_at")?);
        }
        let noted = by_organisation.into_iter();
        let noted = noted.map(|(organisation, (count, entries))| {
            let entries = entries.into_iter().map(|(seq, at)| (seq, at, organisation.clone()));
            note(AnomalyKind::OrdersOverdue, None, count, entries)
        });
        Ok(noted.flatten().collect())
    }
}
