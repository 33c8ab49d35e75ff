//! The person's own no, and what the own page says of notices.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::Result;
use crate::ids::{PersonId, RowId};
use crate::journal::Entry;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// Refused notices that the own page shows.
const REFUSED_SHOWN: i64 = 20;

/// What a person is shown about notices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnNotices {
    /// This register tells people of looks.
    pub offered: bool,
    /// The person wants to be told.
    pub wanted: bool,
    /// When they said so, or that they do not; none where they never chose.
    pub chosen_at: Option<Instant>,
    /// Notices that the messaging service has taken.
    pub sent: u64,
    /// Notices that are due and not taken yet.
    pub waiting: u64,
    /// Notices that could not be sent, newest first.
    pub refused: Vec<RefusedNotice>,
}

/// A notice that will never be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedNotice {
    /// The look's place in the log.
    pub seq: u64,
    /// When it was refused.
    pub at: Instant,
    /// Why, as a code.
    pub reason: String,
}

impl Registry {
    /// The signed-in person wants notices of looks, or wants none any more. Nobody else can say it for them. A choice that holds already is
    /// no new one.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role.
    pub async fn choose_notices(&self, actor: &Actor, wanted: bool) -> Result<()> {
        let (person, records) = self.own_records(actor).await?;
        if self.notices_wanted(&records).await?.0 == wanted {
            return Ok(());
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        sqlx::query("INSERT INTO notice_choices (id, person_id, wanted, chosen_at) VALUES ($1, $2, $3, $4)")
            .bind(RowId::fresh(now, fresh_bytes()?).to_string())
            .bind(person.to_string())
            .bind(i64::from(wanted))
            .bind(now)
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("notices.chosen", actor).purpose("rights_of_the_person").about(person);
        tx.commit(&entry.details(json!({"wanted": wanted}))).await?;
        Ok(())
    }

    /// Whether the person of these records wants notices, by the last choice in any of them, and when that was made.
    pub(super) async fn notices_wanted(&self, records: &BTreeSet<PersonId>) -> Result<(bool, Option<Instant>)> {
        let mut last: Option<(Instant, bool)> = None;
        for record in records {
            let row = sqlx::query(
                "SELECT wanted, chosen_at FROM notice_choices WHERE person_id = $1 ORDER BY chosen_at DESC, id DESC LIMIT 1",
            )
            .bind(record.to_string())
            .fetch_optional(&self.inner.pool)
            .await?;
            if let Some(row) = row {
                last = last.max(Some((rows::instant(&row, "chosen_at")?, rows::number::<i64>(&row, "wanted")? != 0)));
            }
        }
        Ok(last.map_or((true, None), |(at, wanted)| (wanted, Some(at))))
    }

    /// What the own page says of notices. What may not be told yet is not even counted.
    pub(crate) async fn own_notices(&self, records: &BTreeSet<PersonId>) -> Result<OwnNotices> {
        let (wanted, chosen_at) = self.notices_wanted(records).await?;
        let offered = self.notices_begun().await?;
        let mut own = OwnNotices { offered, wanted, chosen_at, ..OwnNotices::default() };
        for record in records {
            let row = sqlx::query(
                "SELECT COUNT(*) FILTER (WHERE state = 'sent') AS sent, COUNT(DISTINCT log_seq) FILTER (WHERE state = 'waiting' AND due_at <= $2) AS waiting \
                 FROM notices WHERE person_id = $1",
            )
            .bind(record.to_string())
            .bind(self.now().micros())
            .fetch_one(&self.inner.pool)
            .await?;
            own.sent += rows::number::<u64>(&row, "sent")?;
            own.waiting += rows::number::<u64>(&row, "waiting")?;
            let refused = sqlx::query(
                "SELECT log_seq, ended_at, COALESCE(reason, 'refused') AS reason FROM notices WHERE person_id = $1 AND state = 'refused' \
                 ORDER BY log_seq DESC LIMIT $2",
            )
            .bind(record.to_string())
            .bind(REFUSED_SHOWN)
            .fetch_all(&self.inner.pool)
            .await?;
            for row in &refused {
                own.refused.push(RefusedNotice {
                    seq: rows::number(row, "log_seq")?,
                    at: rows::instant(row, "ended_at")?,
                    reason: sqlx::Row::try_get(row, "reason")?,
                });
            }
        }
        own.refused.sort_by_key(|notice| std::cmp::Reverse(notice.seq));
        own.refused.truncate(usize::try_from(REFUSED_SHOWN).unwrap_or(0));
        Ok(own)
    }
}
