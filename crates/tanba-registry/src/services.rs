//! Services of organisations that ask whether somebody is who they say: a university's door, a hospital's desk. One to one, yes or no; and
//! where the law lets them, they are told a name of the person's that no other service knows.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;

use crate::access::{Act, Answer, Grounds};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{OrganisationId, PersonId, ServiceId};
use crate::institutions::{code, text};
use crate::journal::{Entry, hex};
use crate::registry::Registry;
use crate::store::WriteTx;
use crate::vault::fresh_bytes;
use crate::verification::PrintFile;

/// A service to be set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewService {
    /// The organisation that runs it.
    pub organisation: OrganisationId,
    /// Short code, unique within the organisation.
    pub code: String,
    /// What it asks for, by the law packs' code; where no rule of the pack in force has it for this organisation's body, every question is denied.
    pub purpose: String,
    /// On what basis it asks (act and article).
    pub legal_basis: String,
}

impl Registry {
    /// Sets up a service.
    ///
    /// # Errors
    /// Denied without the administrator's role; an unknown organisation; a conflict where it has a service of this code.
    pub async fn add_service(&self, actor: &Actor, new: &NewService) -> Result<ServiceId> {
        self.demand(actor, Role::Administrator, "set up a service").await?;
        code("code", &new.code)?;
        code("purpose", &new.purpose)?;
        text("legal_basis", &new.legal_basis)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM organisations WHERE id = $1) AS known, \
             (SELECT COUNT(*) FROM services WHERE organisation_id = $1 AND code = $2 AND ended_at IS NULL) AS taken",
        )
        .bind(new.organisation.to_string())
        .bind(&new.code)
        .fetch_one(tx.sql())
        .await?;
        if row.try_get::<i64, _>("known")? == 0 {
            return Err(RegistryError::NotFound { what: "organisation" });
        }
        if row.try_get::<i64, _>("taken")? > 0 {
            return Err(RegistryError::Conflict {
                what: "this organisation has a service of this code",
                next: "choose another code, or end the service that has it",
            });
        }
        let id = ServiceId::fresh(now.micros(), fresh_bytes()?);
        sqlx::query("INSERT INTO services (id, organisation_id, code, purpose, legal_basis, created_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, NULL)")
            .bind(id.to_string())
            .bind(new.organisation.to_string())
            .bind(&new.code)
            .bind(&new.purpose)
            .bind(&new.legal_basis)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let details = json!({"service": id, "organisation": new.organisation, "code": new.code, "purpose": new.purpose, "legal_basis": new.legal_basis});
        tx.commit(&Entry::effect("service.added", actor).purpose("administration").details(details)).await?;
        Ok(id)
    }

    /// Ends a service for good. One that is set up afterwards, under the same code too, is told other names of the same people.
    ///
    /// # Errors
    /// Denied without the administrator's role; not found where it is ended already.
    pub async fn end_service(&self, actor: &Actor, id: ServiceId) -> Result<()> {
        self.demand(actor, Role::Administrator, "end a service").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let ended = sqlx::query("UPDATE services SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL")
            .bind(tx.now().micros())
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        if ended.rows_affected() == 0 {
            return Err(RegistryError::NotFound { what: "service" });
        }
        tx.commit(&Entry::effect("service.ended", actor).purpose("administration").details(json!({"service": id})))
            .await?;
        Ok(())
    }

    /// Whether these prints are those of the person with this number, for a service of the officer's own organisation. Nobody of that number,
    /// a person without prints that may be used, and one who has locked the own biometrics are all the same no.
    ///
    /// # Errors
    /// Denied with the clause where the law doesn't let this body verify for the service's purpose; not found where the service is another
    /// organisation's or ended.
    pub async fn verify_for_service(
        &self,
        actor: &Actor,
        id: ServiceId,
        iin: &str,
        prints: &[PrintFile],
    ) -> Result<Answer> {
        self.demand(actor, Role::Officer, "verify somebody for a service").await?;
        let row = sqlx::query(
            "SELECT purpose, legal_basis FROM services WHERE id = $1 AND organisation_id = $2 AND ended_at IS NULL",
        )
        .bind(id.to_string())
        .bind(actor.organisation.to_string())
        .fetch_optional(&self.inner.pool)
        .await?
        .ok_or(RegistryError::NotFound { what: "service" })?;
        // The service is the matter that each of its questions belongs to, as a case is an officer's.
        let grounds = Grounds {
            purpose: Some(row.try_get("purpose")?),
            legal_basis: Some(row.try_get("legal_basis")?),
            ..Grounds::default()
        };
        let about = self.person_of_iin(&self.accept_iin(iin)?).await?;
        let permission = self.permission(actor, Act::Verify, &grounds, about, Some(id)).await?;
        self.answer_verification(actor, &grounds, &permission, about, prints, Some(id)).await
    }

    /// What a service calls a person: hexadecimal of 32 bytes, from the service's id and the record's. The record that others were merged
    /// into keeps its own.
    pub(crate) fn pseudonym_of(&self, service: ServiceId, person: PersonId) -> String {
        hex(&self.inner.vault.pseudonym(&service.to_string(), &person.to_string()))
    }
}
