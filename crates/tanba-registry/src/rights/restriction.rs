//! A record that is kept and not used, because its holder asked for it: in no search and in no comparison, opened by no officer, until an
//! officer lifts it with reasons. It is a block of retention's with a reason of its own, which no round of retention lifts.

use serde_json::json;
use sqlx::SqliteConnection;

use super::answering::Records;
use super::{field, words};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{PersonId, RowId};
use crate::journal::Entry;
use crate::keys::key_for_writing;
use crate::registry::Registry;
use crate::retention::Gone;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::Domain;

/// The reason of the block.
pub(crate) const RESTRICTED: &str = "restricted";

/// Purposes for which a restricted record is still opened to an authority that the law lets see it: claims before a court. (Regulation (EU)
/// 2016/679, Art. 18(2), names them beside the person's consent; no pack of Kazakhstan names any.)
const PURPOSES_KEPT: [&str; 1] = ["court"];

/// Whether any part of a person's record is restricted.
pub(crate) async fn is_restricted(sql: &mut SqliteConnection, person: PersonId) -> Result<bool> {
    let blocked: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM retention_blocks b WHERE b.reason = $1 AND b.owner_id IN \
         (SELECT id FROM encounters WHERE person_id = $2 UNION ALL SELECT id FROM specimens WHERE person_id = $2)",
    )
    .bind(RESTRICTED)
    .bind(person.to_string())
    .fetch_one(sql)
    .await?;
    Ok(blocked > 0)
}

/// Whether a restricted record may be opened for this all the same.
pub(crate) fn kept_open_for(purpose: Option<&str>) -> bool {
    purpose.is_some_and(|purpose| PURPOSES_KEPT.contains(&purpose))
}

impl Registry {
    /// Fails, with an entry of this event and purpose that the person sees, where the record is restricted.
    pub(crate) async fn demand_unrestricted(
        &self,
        actor: &Actor,
        person: PersonId,
        entry: (&'static str, &str),
    ) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        if !is_restricted(&mut sql, person).await? {
            return Ok(());
        }
        drop(sql);
        let tx = WriteTx::begin(&self.inner).await?;
        self.deny_restricted(tx, actor, person, entry).await
    }

    /// Says that a record is restricted; nothing else that was begun in `tx` may be in it.
    pub(crate) async fn deny_restricted<T>(
        &self,
        tx: WriteTx<'_>,
        actor: &Actor,
        person: PersonId,
        (event, purpose): (&'static str, &str),
    ) -> Result<T> {
        let denial = Entry::denial(event, Some(actor)).purpose(purpose).about(person);
        let said = "the use of this record is restricted at its holder's request";
        let need = "a second officer who lifts the restriction with reasons".to_owned();
        self.deny_in(tx, denial, RESTRICTED, "restriction at the person's request", said, vec![need]).await
    }

    /// Stops the use of everything that is held of a person, in the transaction of the answer that grants it.
    pub(super) async fn restrict(
        &self,
        tx: &mut WriteTx<'_>,
        actor: &Actor,
        (person, records): Records<'_>,
        request: RowId,
    ) -> Result<Vec<Gone>> {
        if is_restricted(tx.sql(), person).await? {
            return Err(RegistryError::Conflict {
                what: "the use of this record is restricted already",
                next: "refuse this request and say that the earlier restriction holds",
            });
        }
        let gone = self.block_at_request(tx, records).await?;
        if gone.is_empty() {
            return Err(RegistryError::Conflict {
                what: "this record holds nothing whose use could be stopped",
                next: "refuse the request and say so",
            });
        }
        let entry = Entry::effect("records.restricted", actor).purpose("rights_of_the_person").about(person);
        tx.log(&entry.details(json!({"request": request, "records": gone.len()}))).await?;
        Ok(gone)
    }

    /// Lifts a restriction, with reasons that the person reads. What may be used by law is used again from its return on; what a clock, an
    /// order or a review keeps out of use stays out.
    ///
    /// # Errors
    /// Denied, and logged, without the second officer's role; not found; invalid without reasons; a conflict where the request is no
    /// restriction in force.
    pub async fn lift_restriction(&self, actor: &Actor, id: RowId, reasons: &str) -> Result<()> {
        self.demand(actor, Role::SecondOfficer, "lift a restriction").await?;
        let reasons = words("reasons", reasons)?;
        let row = self.request_row(id).await?;
        let (person, records) = self.present_and_merged(rows::id(&row, "person_id")?).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let owner = id.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Identity, &owner, field::LIFTING, reasons.as_bytes())?;
        let lifted = sqlx::query(
            "UPDATE person_requests SET lifted_at = $1, sealed_lifting = $2 \
             WHERE id = $3 AND kind = 'restriction' AND outcome = 'granted' AND lifted_at IS NULL",
        )
        .bind(now.micros())
        .bind(sealed)
        .bind(&owner)
        .execute(tx.sql())
        .await?;
        if lifted.rows_affected() == 0 {
            return Err(RegistryError::Conflict {
                what: "this is no restriction in force",
                next: "list the requests again",
            });
        }
        let specimens = self.unblock_after_request(&mut tx, &records).await?;
        let entry = Entry::effect("restriction.lifted", actor).purpose("rights_of_the_person").about(person);
        tx.commit(&entry.details(json!({"request": id}))).await?;
        self.gallery_agrees().await?;
        for specimen in specimens {
            self.again_in_searches(specimen).await?;
        }
        Ok(())
    }
}
