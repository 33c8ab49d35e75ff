//! The certificate of what was erased, for the person to keep.

use std::collections::BTreeSet;

use sqlx::{QueryBuilder, Row, Sqlite};
use tanba_seal::log::LogError;
use tanba_seal::{ERASED, ErasureCertificate};

use crate::actor::Actor;
use crate::error::{RegistryError, Result};
use crate::ids::PersonId;
use crate::journal::{Entry, open_payload};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;

impl Registry {
    /// Whether the log says that anything of some records was erased.
    pub(crate) async fn something_erased(&self, records: &BTreeSet<PersonId>) -> Result<bool> {
        for record in records {
            let erased: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM log_subjects s JOIN log_entries l ON l.seq = s.seq WHERE s.person_id = $1 AND l.event = $2",
            )
            .bind(record.to_string())
            .bind(ERASED)
            .fetch_one(&self.inner.pool)
            .await?;
            if erased > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Everything that was erased of the signed-in person's records, as far as the log still says what it was: a file that convinces whoever
    /// has the log's key, offline (`tanba log verify-erasure`). Taking it is a look at the own record.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role; not found where nothing was erased; a conflict before the entries are published.
    pub async fn erasure_certificate(&self, actor: &Actor) -> Result<ErasureCertificate> {
        let (person, records) = self.own_records(actor).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("own_record.viewed", actor).purpose("rights_of_the_person").about(person)).await?;
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT * FROM log_entries WHERE event = ");
        sql.push_bind(ERASED).push(" AND seq IN (SELECT seq FROM log_subjects WHERE person_id IN (");
        let mut list = sql.separated(", ");
        for record in &records {
            list.push_bind(record.to_string());
        }
        sql.push(")) AND seq NOT IN (SELECT log_seq FROM deferred_entries WHERE until > ");
        sql.push_bind(self.inner.clock.now().micros()).push(") ORDER BY seq LIMIT 1000");
        let mut proved = Vec::new();
        for row in &sql.build().fetch_all(&self.inner.pool).await? {
            // An entry from before entries committed to what was erased, or one whose time is over, proves no more than itself.
            let Some(opening) = open_payload(&self.inner, row)?.and_then(|payload| payload.erased) else { continue };
            let mut proof = match self.prove(rows::number(row, "seq")?).await {
                Err(RegistryError::Log(LogError::OutOfRange { .. })) => {
                    return Err(RegistryError::Conflict {
                        what: "the entries of the erasure are not published yet",
                        next: "ask again in a minute or two",
                    });
                }
                proof => proof?,
            };
            proof.extra = Some(row.try_get("leaf")?);
            proved.push((proof, opening));
        }
        if proved.is_empty() {
            return Err(RegistryError::NotFound { what: "erasure of your data" });
        }
        Ok(ErasureCertificate::new(proved))
    }
}
