//! Data keys as rows: made when first needed, opened for a look, destroyed for good.

use sqlx::{Row, SqliteConnection};
use tanba_seal::DataKey;

use crate::error::{RegistryError, Result};
use crate::time::Instant;
use crate::vault::{Domain, Vault};

/// The owner's data key in a domain; made and stored where there is none yet.
pub(crate) async fn key_for_writing(
    vault: &Vault,
    sql: &mut SqliteConnection,
    now: Instant,
    owner: &str,
    domain: Domain,
) -> Result<DataKey> {
    if let Some(key) = key_for_reading(vault, &mut *sql, owner, domain).await? {
        return Ok(key);
    }
    let (key, wrapped) = vault.new_key(domain, owner)?;
    let done = sqlx::query(
        "INSERT INTO data_keys (owner_id, domain, wrapped, created_at, destroyed_at) VALUES ($1, $2, $3, $4, NULL) ON CONFLICT (owner_id, domain) DO NOTHING",
    )
    .bind(owner)
    .bind(domain.label())
    .bind(wrapped)
    .bind(now.micros())
    .execute(sql)
    .await?;
    if done.rows_affected() == 0 {
        // The row is there without a key: it was destroyed, and nothing may be sealed for this owner again.
        return Err(destroyed());
    }
    Ok(key)
}

/// Nothing may be sealed for an owner whose key was destroyed.
pub(crate) fn destroyed() -> RegistryError {
    RegistryError::Conflict {
        what: "the keys of this record were destroyed",
        next: "what was erased is not written again; open a new record",
    }
}

/// The owner's data key in a domain, or `None` where none was made or it was destroyed.
pub(crate) async fn key_for_reading(
    vault: &Vault,
    sql: &mut SqliteConnection,
    owner: &str,
    domain: Domain,
) -> Result<Option<DataKey>> {
    let row = sqlx::query("SELECT wrapped FROM data_keys WHERE owner_id = $1 AND domain = $2")
        .bind(owner)
        .bind(domain.label())
        .fetch_optional(sql)
        .await?;
    match row.map(|r| r.try_get::<Option<Vec<u8>>, _>("wrapped")).transpose()?.flatten() {
        Some(wrapped) => vault.open_key(domain, owner, &wrapped).map(Some),
        None => Ok(None),
    }
}

/// Destroys the owner's data key in a domain for good; gives its wrapped form, where there was one, for the evidence.
pub(crate) async fn destroy_key(
    sql: &mut SqliteConnection,
    now: Instant,
    owner: &str,
    domain: Domain,
) -> Result<Option<Vec<u8>>> {
    let wrapped: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT wrapped FROM data_keys WHERE owner_id = $1 AND domain = $2 AND wrapped IS NOT NULL")
            .bind(owner)
            .bind(domain.label())
            .fetch_optional(&mut *sql)
            .await?;
    sqlx::query(
        "UPDATE data_keys SET wrapped = NULL, destroyed_at = $1 WHERE owner_id = $2 AND domain = $3 AND wrapped IS NOT NULL",
    )
    .bind(now.micros())
    .bind(owner)
    .bind(domain.label())
    .execute(sql)
    .await?;
    Ok(wrapped)
}
