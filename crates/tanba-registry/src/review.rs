//! Tasks that a person must look at: what automation may notice but not decide.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::RowId;
use crate::institutions::text;
use crate::journal::Entry;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// A task of review.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReviewTask {
    /// The task.
    pub id: RowId,
    /// `identity_conflict`, `duplicate_registration`, `inconclusive_comparison`, `cluster_revised`.
    pub kind: String,
    /// What kind of record it is about.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: String,
    /// When it was opened.
    pub opened_at: Instant,
}

impl Registry {
    /// The open tasks, oldest first.
    ///
    /// # Errors
    /// Denied without the second officer's or the supervisor's role.
    pub async fn open_reviews(&self, actor: &Actor) -> Result<Vec<ReviewTask>> {
        if !actor.has(Role::Supervisor) {
            self.demand(actor, Role::SecondOfficer, "see review tasks").await?;
        }
        let found = sqlx::query("SELECT * FROM review_tasks WHERE closed_at IS NULL ORDER BY opened_at, id LIMIT 500")
            .fetch_all(&self.inner.pool)
            .await?;
        found
            .iter()
            .map(|row| {
                Ok(ReviewTask {
                    id: rows::id(row, "id")?,
                    kind: row.try_get("kind")?,
                    subject_kind: row.try_get("subject_kind")?,
                    subject_id: row.try_get("subject_id")?,
                    opened_at: rows::instant(row, "opened_at")?,
                })
            })
            .collect()
    }

    /// Closes a task with what was found.
    ///
    /// # Errors
    /// Denied without the second officer's role; a conflict where it is closed.
    pub async fn close_review(&self, actor: &Actor, id: RowId, outcome: &str) -> Result<()> {
        self.demand(actor, Role::SecondOfficer, "close a review task").await?;
        text("outcome", outcome)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        let done = sqlx::query(
            "UPDATE review_tasks SET closed_at = $1, closed_by = $2, outcome = $3 WHERE id = $4 AND closed_at IS NULL",
        )
        .bind(now)
        .bind(actor.account().to_string())
        .bind(outcome)
        .bind(id.to_string())
        .execute(tx.sql())
        .await?;
        if done.rows_affected() == 0 {
            return Err(RegistryError::Conflict {
                what: "this task is closed or unknown",
                next: "list the open tasks again",
            });
        }
        tx.commit(&Entry::effect("review.closed", actor).details(json!({"task": id}))).await?;
        Ok(())
    }
}

/// Opens a task inside the caller's change.
pub(crate) async fn open(
    tx: &mut WriteTx<'_>,
    kind: &'static str,
    subject_kind: &'static str,
    subject_id: &str,
    due: Option<Instant>,
) -> Result<RowId> {
    let now = tx.now();
    let id = RowId::fresh(now.micros(), fresh_bytes()?);
    sqlx::query("INSERT INTO review_tasks (id, kind, subject_kind, subject_id, opened_at, due_at, closed_at, closed_by, outcome) VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, NULL)")
        .bind(id.to_string())
        .bind(kind)
        .bind(subject_kind)
        .bind(subject_id)
        .bind(now.micros())
        .bind(due.map(Instant::micros))
        .execute(tx.sql())
        .await?;
    Ok(id)
}
