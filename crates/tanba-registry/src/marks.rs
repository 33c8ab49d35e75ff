//! Rows that give power over the register bear a mark of its key over all that they say: an account with its roles and organisation, a passkey,
//! a session. Whoever writes into the database without that key gives nobody a role, a password, a passkey or a session.
//!
//! A row is held against its mark whenever it is used, and all of them each time rows and log are compared. That an account was ended, a session
//! revoked or a passkey removed is not under the mark: an older mark of the same row could be put back with the older row.

use serde_json::json;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};
use subtle::ConstantTimeEq as _;

use crate::effect_rows::RowFinding;
use crate::error::{RegistryError, Result};
use crate::journal::{Entry, open_payload};
use crate::registry::Inner;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::Vault;

/// The event of marks that rows of an older version were given.
const MARKED: &str = "rows.marked";

/// In the founding's entry of a register that has marked its rows from the beginning.
pub(crate) const FROM_THE_BEGINNING: &str = "rows_marked";

/// A kind of row that gives power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    Account,
    Passkey,
    Session,
}

/// Each value by itself, so that none can take from its neighbour; nothing is told apart from what is empty.
macro_rules! said {
    ($($value:literal),+) => { concat!("''", $(" || '/' || CASE WHEN ", $value, " IS NULL THEN '-' ELSE hex(", $value, ") END"),+) };
}

impl Power {
    const ALL: [Self; 3] = [Self::Account, Self::Passkey, Self::Session];

    /// Its name in errors and under the mark.
    const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Passkey => "passkey",
            Self::Session => "session",
        }
    }

    const fn table(self) -> &'static str {
        match self {
            Self::Account => "accounts",
            Self::Passkey => "passkeys",
            Self::Session => "sessions",
        }
    }

    /// The column by which a row is asked for.
    const fn key(self) -> &'static str {
        match self {
            Self::Account | Self::Passkey => "t.id",
            Self::Session => "t.token_hash",
        }
    }

    /// What a row says, as one text. Whose account a person's number opens follows the number, not the row.
    const fn said(self) -> &'static str {
        match self {
            Self::Account => said!(
                "t.id",
                "t.login",
                "t.password_hash",
                "t.organisation_id",
                "(SELECT o.code || '/' || o.body FROM organisations o WHERE o.id = t.organisation_id)",
                "t.natural_person",
                "t.number_blind",
                "CASE WHEN t.number_blind IS NULL THEN t.person_id END",
                "t.created_at",
                "(SELECT group_concat(role, '/') FROM (SELECT role FROM account_roles r WHERE r.account_id = t.id ORDER BY role))"
            ),
            Self::Passkey => said!(
                "t.id",
                "t.account_id",
                "t.credential",
                "t.public_key",
                "t.synced",
                "t.model",
                "t.added_by",
                "t.added_at"
            ),
            Self::Session => said!(
                "t.token_hash",
                "t.account_id",
                "t.station_id",
                "t.created_at",
                "t.expires_at",
                "t.waits_for_passkey",
                "t.passkey_id",
                "t.proved_at"
            ),
        }
    }

    /// Rows that give power now: accounts of people who see their own record alone, removed passkeys and ended sessions give none.
    const fn living(self) -> &'static str {
        match self {
            Self::Account => "EXISTS (SELECT 1 FROM account_roles r WHERE r.account_id = t.id AND r.role <> 'citizen')",
            Self::Passkey => "t.removed_at IS NULL",
            Self::Session => "t.revoked_at IS NULL",
        }
    }

    fn query(self) -> QueryBuilder<Sqlite> {
        let mut sql = QueryBuilder::new("SELECT t.rowid AS place, t.mark, ");
        sql.push(match self {
            Self::Passkey => "t.added_at AS at, ",
            Self::Account | Self::Session => "t.created_at AS at, ",
        });
        sql.push(self.said()).push(" AS said FROM ").push(self.table()).push(" t WHERE ");
        sql
    }

    fn mark(self, vault: &Vault, row: &sqlx::sqlite::SqliteRow) -> Result<Vec<u8>> {
        Ok(vault.blind(&format!("mark of {}", self.name()), row.try_get::<String, _>("said")?.as_bytes()))
    }

    fn holds(self, vault: &Vault, row: &sqlx::sqlite::SqliteRow) -> Result<bool> {
        let mark: Option<Vec<u8>> = row.try_get("mark")?;
        Ok(mark.is_some_and(|mark| bool::from(mark.ct_eq(&self.mark(vault, row).unwrap_or_default()))))
    }

    /// Marks the row that the caller's change has just written.
    pub(crate) async fn write<'q, K>(self, tx: &mut WriteTx<'_>, key: K) -> Result<()>
    where
        K: sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + Send + 'q,
    {
        let vault = tx.vault();
        let mut sql = self.query();
        sql.push(self.key()).push(" = ").push_bind(key);
        let row = sql.build().fetch_one(tx.sql()).await?;
        self.write_mark(&vault, tx.sql(), &row).await
    }

    async fn write_mark(self, vault: &Vault, sql: &mut SqliteConnection, row: &sqlx::sqlite::SqliteRow) -> Result<()> {
        let mut update = QueryBuilder::<Sqlite>::new("UPDATE ");
        update.push(self.table()).push(" SET mark = ").push_bind(self.mark(vault, row)?);
        update.push(" WHERE rowid = ").push_bind(rows::number::<i64>(row, "place")?);
        update.build().execute(sql).await?;
        Ok(())
    }

    /// That a row says what this register has written.
    ///
    /// # Errors
    /// Damage, where it says something else; those of the database.
    pub(crate) async fn demand<'q, K>(self, vault: &Vault, sql: &mut SqliteConnection, key: K) -> Result<()>
    where
        K: sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + Send + 'q,
    {
        let mut query = self.query();
        query.push(self.key()).push(" = ").push_bind(key);
        let row = query.build().fetch_one(sql).await?;
        if self.holds(vault, &row)? {
            return Ok(());
        }
        tracing::error!(row = self.name(), "a row that gives power was changed past the program");
        Err(RegistryError::Damaged { what: self.name() })
    }
}

/// Rows that give power now and that this register has not written so.
pub(crate) async fn findings(vault: &Vault, sql: &mut SqliteConnection) -> Result<Vec<RowFinding>> {
    let mut findings = Vec::new();
    for kind in Power::ALL {
        let mut query = kind.query();
        query.push(kind.living());
        for row in query.build().fetch_all(&mut *sql).await? {
            if !kind.holds(vault, &row)? {
                let rows = format!("{} changed past the program", kind.table());
                findings.push(RowFinding { rows, at: Some(rows::number(&row, "at")?), unspoken: true });
            }
        }
    }
    Ok(findings)
}

/// Marks the rows of a register that an older version has founded, once: the log says so, and that it was.
///
/// # Errors
/// Those of the database.
pub(crate) async fn mark_older_rows(inner: &Inner) -> Result<()> {
    let unmarked: i64 =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM accounts WHERE mark IS NULL)").fetch_one(&inner.pool).await?;
    if unmarked == 0 || !founded_without(inner).await? {
        return Ok(());
    }
    let mut tx = WriteTx::begin(inner).await?;
    let mut marked = serde_json::Map::new();
    for kind in Power::ALL {
        let mut query = kind.query();
        query.push("t.mark IS NULL");
        let found = query.build().fetch_all(tx.sql()).await?;
        for row in &found {
            kind.write_mark(&inner.vault, tx.sql(), row).await?;
        }
        marked.insert(kind.table().to_owned(), json!(found.len()));
    }
    tx.commit(&Entry::system(MARKED).details(json!(marked))).await?;
    Ok(())
}

/// Whether this register was founded before there were marks, and has not marked its rows since. Where its founding cannot be read any more,
/// nothing is marked: rows without marks give no power, and are an alarm.
async fn founded_without(inner: &Inner) -> Result<bool> {
    let marked: i64 = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM log_entries WHERE event = $1)")
        .bind(MARKED)
        .fetch_one(&inner.pool)
        .await?;
    if marked != 0 {
        return Ok(false);
    }
    let founding = sqlx::query("SELECT * FROM log_entries WHERE event = 'instance.founded' ORDER BY seq LIMIT 1")
        .fetch_optional(&inner.pool)
        .await?;
    let Some(founding) = founding else { return Ok(false) };
    Ok(open_payload(inner, &founding)?.is_some_and(|payload| payload.details.get(FROM_THE_BEGINNING).is_none()))
}
