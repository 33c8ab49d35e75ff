//! What a person asks for is answered in time, or put before the supervisor.

use serde_json::json;
use sqlx::Row;

use crate::error::Result;
use crate::ids::{PersonId, RowId};
use crate::journal::Entry;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;

impl Registry {
    /// Puts every request that nobody answered by its day before the supervisor, once: an entry of the log, which the person sees too, and a
    /// line among what waits. A complaint is the supervisor's own; that nobody answered it stands in the log all the same. A service does
    /// this every hour, with its round of retention.
    ///
    /// # Errors
    /// Those of the database; what was done is done.
    pub async fn escalate_requests(&self) -> Result<u64> {
        let mut escalated = 0;
        loop {
            let mut tx = WriteTx::begin(&self.inner).await?;
            let now = tx.now();
            let row = sqlx::query(
                "SELECT id, person_id, kind FROM person_requests WHERE escalated_at IS NULL AND answered_at IS NULL AND due_on < $1 \
                 ORDER BY due_on, id LIMIT 1",
            )
            .bind(self.inner.zone.date(now).to_string())
            .fetch_optional(tx.sql())
            .await?;
            let Some(row) = row else { return Ok(escalated) };
            let (id, person): (RowId, PersonId) = (rows::id(&row, "id")?, rows::id(&row, "person_id")?);
            sqlx::query("UPDATE person_requests SET escalated_at = $1 WHERE id = $2")
                .bind(now.micros())
                .bind(id.to_string())
                .execute(tx.sql())
                .await?;
            let entry = Entry::system("request.overdue").purpose("rights_of_the_person").about(person);
            tx.commit(&entry.details(json!({"request": id, "kind": row.try_get::<String, _>("kind")?}))).await?;
            escalated += 1;
        }
    }
}
