//! How notices stand, for whoever runs the service, and the alarm for the supervisor where they wait too long.

use crate::anomaly::{AnomalyKind, AnomalyNote, note};
use crate::error::Result;
use crate::journal::Outcome;
use crate::params::{ENTRIES_IN_A_NOTE, NOTICES_LATE_SECONDS};
use crate::registry::Registry;
use crate::rows;
use crate::time::Instant;

/// How notices stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoticeStanding {
    /// Due, and not taken yet.
    pub waiting: u64,
    /// Seconds since the oldest of them is due; 0 where none waits.
    pub oldest_seconds: u64,
    /// Taken by the messaging service.
    pub sent: u64,
    /// Refused for good.
    pub refused: u64,
}

impl Registry {
    /// How notices stand; none where this register does not tell people of looks.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn notice_standing(&self) -> Result<Option<NoticeStanding>> {
        let now = self.now();
        let row = sqlx::query(
            "SELECT p.sent, p.refused, (SELECT COUNT(*) FROM notices WHERE state = 'waiting' AND due_at <= $1) AS waiting, \
             (SELECT MIN(due_at) FROM notices WHERE state = 'waiting' AND due_at <= $1) AS oldest FROM notice_progress p",
        )
        .bind(now.micros())
        .fetch_optional(&self.inner.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let since = |oldest: Instant| (now.micros() - oldest.micros()) / 1_000_000;
        Ok(Some(NoticeStanding {
            waiting: rows::number(&row, "waiting")?,
            oldest_seconds: rows::instant_opt(&row, "oldest")?.map_or(0, |at| u64::try_from(since(at)).unwrap_or(0)),
            sent: rows::number(&row, "sent")?,
            refused: rows::number(&row, "refused")?,
        }))
    }

    /// One note for all looks that the person should have been told of a day ago, and was not: because the messaging service does not take
    /// them, or because nobody sends any more.
    pub(crate) async fn notices_late(&self) -> Result<Option<AnomalyNote>> {
        let late = self.now().plus_seconds(-NOTICES_LATE_SECONDS).micros();
        let most = i64::try_from(ENTRIES_IN_A_NOTE).unwrap_or(i64::MAX);
        let mut found = sqlx::query(
            "SELECT DISTINCT l.seq, l.happened_at FROM notices n JOIN log_entries l ON l.seq = n.log_seq \
             WHERE n.state = 'waiting' AND n.due_at < $1 ORDER BY l.seq LIMIT $2",
        )
        .bind(late)
        .bind(most)
        .fetch_all(&self.inner.pool)
        .await?;
        // Where nobody has gone on through the log, what stands there may be a look to be told.
        found.extend(
            sqlx::query(
                "SELECT seq, happened_at FROM log_entries WHERE seq >= (SELECT next_seq FROM notice_progress WHERE id = 1) \
                 AND outcome = $1 AND happened_at < $2 AND purpose <> 'rights_of_the_person' \
                 AND EXISTS (SELECT 1 FROM log_subjects s WHERE s.seq = log_entries.seq) \
                 AND NOT EXISTS (SELECT 1 FROM deferred_entries d WHERE d.log_seq = log_entries.seq AND d.until > $2) ORDER BY seq LIMIT $3",
            )
            .bind(Outcome::Look.as_str())
            .bind(late)
            .bind(most)
            .fetch_all(&self.inner.pool)
            .await?,
        );
        let entries = found
            .iter()
            .map(|row| Ok((rows::number(row, "seq")?, rows::instant(row, "happened_at")?, String::new())))
            .collect::<Result<Vec<_>>>()?;
        Ok(note(AnomalyKind::NoticesLate, None, entries.len(), entries))
    }
}
