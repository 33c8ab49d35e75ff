//! Searches in narrower registers that must come before one in this register: recorded by reference, proved by the log.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_law::Searched;

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{CaseId, RowId};
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::keys::key_for_writing;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// A search elsewhere, to be recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPriorSearch {
    /// The case it was made in.
    pub case: CaseId,
    /// What was searched, by the law pack's word (`national_database`, `prum`, ...).
    pub searched: String,
    /// Where it can be found again: the other register's number of the search.
    pub reference: String,
    /// When it was begun.
    pub begun_at: Instant,
    /// When it was answered; absent while it is not.
    #[serde(default)]
    pub answered_at: Option<Instant>,
}

impl Registry {
    /// Records a search that was made elsewhere, in a case of the officer's authority. Whether it comes first is the law's question, at
    /// each request.
    ///
    /// # Errors
    /// Denied without the officer's role; not found; a time that is not past, or an answer before its question.
    pub async fn record_prior_search(&self, actor: &Actor, new: &NewPriorSearch) -> Result<RowId> {
        self.demand(actor, Role::Officer, "record a search made elsewhere").await?;
        code("searched", &new.searched)?;
        text("reference", &new.reference)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        if new.begun_at > now || new.answered_at.is_some_and(|at| at > now || at < new.begun_at) {
            return Err(RegistryError::Invalid {
                field: "begun_at",
                problem: "give past times, the answer not before the question".to_owned(),
            });
        }
        self.case_of(tx.sql(), actor, new.case).await?;
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        let owner = new.case.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
        let field = format!("prior-search/{id}");
        let sealed = self.inner.vault.seal(&key, Domain::Case, &owner, &field, new.reference.as_bytes())?;
        sqlx::query("INSERT INTO prior_searches (id, case_id, searched, sealed_reference, begun_at, answered_at, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(id.to_string())
            .bind(&owner)
            .bind(&new.searched)
            .bind(sealed)
            .bind(new.begun_at.micros())
            .bind(new.answered_at.map(Instant::micros))
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let details = json!({"case": new.case, "search": id, "searched": new.searched, "reference": new.reference,
            "begun_at": new.begun_at, "answered_at": new.answered_at});
        tx.commit(&Entry::effect("prior_search.recorded", actor).details(details)).await?;
        Ok(id)
    }

    /// What was recorded in a case, as the law asks about it.
    pub(crate) async fn searched_before(
        &self,
        sql: &mut SqliteConnection,
        case: Option<CaseId>,
    ) -> Result<Vec<Searched>> {
        let Some(case) = case else { return Ok(Vec::new()) };
        let found = sqlx::query("SELECT searched, begun_at, answered_at FROM prior_searches WHERE case_id = $1")
            .bind(case.to_string())
            .fetch_all(sql)
            .await?;
        found
            .iter()
            .map(|row| {
                let answered = rows::instant_opt(row, "answered_at")?.is_some();
                Ok(Searched { what: row.try_get("searched")?, begun: row.try_get("begun_at")?, answered })
            })
            .collect()
    }
}
