//! Who interprets between the operator and a person.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};

use crate::actor::Actor;
use crate::error::{RegistryError, Result};
use crate::ids::{EncounterId, RowId};
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// Someone who interprets between the operator and the person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interpreter {
    /// Their name.
    pub name: String,
    /// Number of the document that they showed.
    pub document: String,
    /// Into which language, `kk`, `ru`, `uz`, ...
    pub language: String,
    /// How the operator knows, as a code: `identity_document_seen`, `sworn_register`, ...
    pub evidence: String,
}

/// An interpreter as shown on the page of the encounter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InterpreterView {
    /// Their name; gone where the keys were destroyed.
    pub name: Option<String>,
    /// Into which language.
    pub language: String,
    /// How the operator knew.
    pub evidence: String,
    /// When.
    pub recorded_at: Instant,
}

#[derive(Serialize, Deserialize)]
struct SealedIdentity {
    name: String,
    document: String,
}

impl Registry {
    /// Records who interprets, into which language, and how the operator knew who that is.
    ///
    /// # Errors
    /// Invalid where a part is missing; those of an encounter that is not this account's or not open.
    pub async fn record_interpreter(&self, actor: &Actor, id: EncounterId, interpreter: &Interpreter) -> Result<()> {
        let row = self.open_encounter_of(actor, id).await?;
        text("name", &interpreter.name)?;
        text("document", &interpreter.document)?;
        code("language", &interpreter.language)?;
        code("evidence", &interpreter.evidence)?;
        let identity = SealedIdentity { name: interpreter.name.clone(), document: interpreter.document.clone() };
        let plain = serde_json::to_vec(&identity).map_err(|_| RegistryError::Damaged { what: "interpreter" })?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        crate::capture::still_open(tx.sql(), id).await?;
        let now = tx.now();
        let owner = id.to_string();
        let record = RowId::fresh(now.micros(), fresh_bytes()?);
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Identity, &owner, &interpreter_field(record), &plain)?;
        sqlx::query("INSERT INTO interpreters (id, encounter_id, sealed_identity, language, evidence, recorded_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(record.to_string())
            .bind(&owner)
            .bind(sealed)
            .bind(&interpreter.language)
            .bind(&interpreter.evidence)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let details = json!({"encounter": id, "language": interpreter.language, "evidence": interpreter.evidence});
        let entry = Entry::effect("interpreter.recorded", actor).purpose("registration").about(row.person);
        tx.commit(&entry.details(details)).await?;
        Ok(())
    }

    pub(crate) async fn interpreters_of(
        &self,
        sql: &mut SqliteConnection,
        id: EncounterId,
    ) -> Result<Vec<InterpreterView>> {
        let owner = id.to_string();
        let key = key_for_reading(&self.inner.vault, &mut *sql, &owner, Domain::Identity).await?;
        let found = sqlx::query("SELECT * FROM interpreters WHERE encounter_id = $1 ORDER BY recorded_at, id")
            .bind(&owner)
            .fetch_all(sql)
            .await?;
        found
            .iter()
            .map(|row| {
                let name = match &key {
                    None => None,
                    Some(key) => {
                        let sealed: Vec<u8> = row.try_get("sealed_identity")?;
                        let field = interpreter_field(rows::id(row, "id")?);
                        let plain = self.inner.vault.open(key, Domain::Identity, &owner, &field, &sealed)?;
                        let identity: SealedIdentity = serde_json::from_slice(&plain)
                            .map_err(|_| RegistryError::Damaged { what: "interpreter" })?;
                        Some(identity.name)
                    }
                };
                Ok(InterpreterView {
                    name,
                    language: row.try_get("language")?,
                    evidence: row.try_get("evidence")?,
                    recorded_at: rows::instant(row, "recorded_at")?,
                })
            })
            .collect()
    }
}

fn interpreter_field(id: RowId) -> String {
    format!("interpreter/{id}")
}
