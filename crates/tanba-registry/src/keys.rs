//! Data keys as rows: made when first needed, opened for a look, destroyed for good.

use sqlx::{Row, SqliteConnection};
use tanba_dna::Category;
use tanba_seal::DataKey;

use crate::error::{RegistryError, Result};
use crate::time::Instant;
use crate::vault::{Domain, Vault, Wrapping};

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
    if domain == Domain::Genomic {
        // A specimen has its key from the day on which it was registered, or has lost it.
        return Err(destroyed());
    }
    new_key(vault, sql, now, owner, (domain, None)).await
}

/// The data key of a new specimen, under the key of its group for as long as it is held: whoever comes into another group later is another
/// specimen there.
pub(crate) async fn key_of_new_specimen(
    vault: &Vault,
    sql: &mut SqliteConnection,
    now: Instant,
    owner: &str,
    group: Category,
) -> Result<DataKey> {
    new_key(vault, sql, now, owner, (Domain::Genomic, Some(group))).await
}

async fn new_key(
    vault: &Vault,
    sql: &mut SqliteConnection,
    now: Instant,
    owner: &str,
    (domain, group): (Domain, Option<Category>),
) -> Result<DataKey> {
    let (key, wrapped) = vault.new_key(group.map_or(Wrapping::Of(domain), Wrapping::Group), owner)?;
    let done = sqlx::query(
        "INSERT INTO data_keys (owner_id, domain, wrapped, created_at, destroyed_at, data_group) VALUES ($1, $2, $3, $4, NULL, $5) ON CONFLICT (owner_id, domain) DO NOTHING",
    )
    .bind(owner)
    .bind(domain.label())
    .bind(wrapped)
    .bind(now.micros())
    .bind(group.map(Category::name))
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
    let row = sqlx::query(
        "SELECT wrapped, data_group FROM data_keys WHERE owner_id = $1 AND domain = $2 AND wrapped IS NOT NULL",
    )
    .bind(owner)
    .bind(domain.label())
    .fetch_optional(sql)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let wrapping = match row.try_get::<Option<String>, _>("data_group")? {
        Some(group) => Wrapping::Group(group.parse().map_err(|_| RegistryError::Damaged { what: "data key" })?),
        None => Wrapping::Of(domain),
    };
    vault.open_key(wrapping, owner, &row.try_get::<Vec<u8>, _>("wrapped")?).map(Some)
}

/// Wraps the keys of specimens that an older version made under the key of their group; how many. All of them or none: it is one change.
pub(crate) async fn separate_groups(vault: &Vault, sql: &mut SqliteConnection) -> Result<u64> {
    let rows = sqlx::query(
        "SELECT k.owner_id, k.wrapped, s.category FROM data_keys k LEFT JOIN specimens s ON s.id = k.owner_id \
         WHERE k.domain = 'genomic' AND k.data_group IS NULL AND k.wrapped IS NOT NULL",
    )
    .fetch_all(&mut *sql)
    .await?;
    for row in &rows {
        let owner: String = row.try_get("owner_id")?;
        let group: Option<String> = row.try_get("category")?;
        let group = group.and_then(|group| group.parse::<Category>().ok());
        let group = group.ok_or(RegistryError::Damaged { what: "data key" })?;
        let anew = vault.to_group(group, &owner, &row.try_get::<Vec<u8>, _>("wrapped")?)?;
        sqlx::query("UPDATE data_keys SET wrapped = $1, data_group = $2 WHERE owner_id = $3 AND domain = 'genomic'")
            .bind(anew)
            .bind(group.name())
            .bind(&owner)
            .execute(&mut *sql)
            .await?;
    }
    Ok(rows.len() as u64)
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
