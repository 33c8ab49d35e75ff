//! The settings held against what two people signed.
//!
//! Each row is a statement. Its SHA-256 is in the public leaf of its entry, and sealed under its number, so that whoever can write into the
//! database and has no key makes none that counts. The same statements, one a line, are in the file `thresholds` of the data folder, so that
//! none can be taken from the end either: rows may go on where the file ends, because a crash comes between the two, and never say less.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, SqliteConnection, SqlitePool};
use tanba_seal::log::Fault;

use super::ThresholdSetting;
use crate::error::{RegistryError, Result};
use crate::journal::hex;
use crate::log_pruning;
use crate::registry::{Registry, write_durably};
use crate::rows;
use crate::store::{WriteTx, has_migration};
use crate::vault::Domain;

/// The event of a setting's entry.
pub(super) const SET: &str = "threshold.set";
/// The migration that brought the table.
const SINCE_MIGRATION: i64 = 31;
/// The file of the data folder.
const FILE: &str = "thresholds";
const FIELD: &str = "statement";
/// What is wrong, as an alarm calls it.
pub(crate) const FOUND: &str = "thresholds against their acts";

/// The rows are not what two people set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAsSet;

/// A row, of which the public part is checked.
struct Row {
    number: i64,
    statement: String,
    wrapped_key: Vec<u8>,
    sealed_hash: Vec<u8>,
}

impl Registry {
    /// The settings, the oldest first, or that they are not what was set.
    pub(crate) async fn settings(&self) -> Result<std::result::Result<Vec<ThresholdSetting>, NotAsSet>> {
        // Before the rows: what is set meanwhile is in the rows first.
        let file = self.file_of_settings().await?;
        let mut sql = self.inner.pool.begin().await?;
        let Ok(rows) = rows_as_stated(&mut sql).await? else { return Ok(Err(NotAsSet)) };
        let mut settings = Vec::with_capacity(rows.len());
        for row in &rows {
            match self.opened(row) {
                Some(setting) => settings.push(setting),
                None => return Ok(Err(NotAsSet)),
            }
        }
        Ok(if lines(&rows).starts_with(&file) { Ok(settings) } else { Err(NotAsSet) })
    }

    /// The setting of a row that nobody without a key has written.
    fn opened(&self, row: &Row) -> Option<ThresholdSetting> {
        let (vault, owner) = (&self.inner.vault, owner(row.number));
        let key = vault.open_key(Domain::LogPayload, &owner, &row.wrapped_key).ok()?;
        let sealed = vault.open(&key, Domain::LogPayload, &owner, FIELD, &row.sealed_hash).ok()?;
        if *sealed != Sha256::digest(&row.statement).as_slice() {
            return None;
        }
        let setting: ThresholdSetting = serde_json::from_str(&row.statement).ok()?;
        (i64::try_from(setting.number) == Ok(row.number)).then_some(setting)
    }

    /// Writes the row of a setting; its entry is in the transaction.
    pub(super) async fn store_setting(
        &self,
        tx: &mut WriteTx<'_>,
        number: u64,
        statement: &str,
        log_seq: u64,
    ) -> Result<()> {
        let (vault, number) = (&self.inner.vault, i64::try_from(number).unwrap_or(i64::MAX));
        let owner = owner(number);
        let (key, wrapped) = vault.new_key(Domain::LogPayload, &owner)?;
        let sealed = vault.seal(&key, Domain::LogPayload, &owner, FIELD, &Sha256::digest(statement))?;
        let now = tx.now().micros();
        sqlx::query("INSERT INTO threshold_settings (number, statement, wrapped_key, sealed_hash, set_at, log_seq) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(number)
            .bind(statement)
            .bind(wrapped)
            .bind(sealed)
            .bind(now)
            .bind(i64::try_from(log_seq).unwrap_or(i64::MAX))
            .execute(tx.sql())
            .await?;
        Ok(())
    }

    /// Brings the file up to the rows, where they go on.
    pub(crate) async fn keep_settings(&self) -> Result<()> {
        let _turn = self.inner.settings_file.lock().await;
        if self.settings().await?.is_err() {
            // What was set is never forgotten for what somebody wrote.
            return Ok(());
        }
        let file = self.file_of_settings().await?;
        let mut sql = self.inner.pool.acquire().await?;
        let Ok(rows) = rows_as_stated(&mut sql).await? else { return Ok(()) };
        drop(sql);
        let lines = lines(&rows);
        if lines.len() > file.len() {
            let dir = self.inner.dir.clone();
            let unfinished = dir.join("thresholds.unfinished");
            Self::aside(move || write_durably(&unfinished, &path(&dir), &[lines.as_bytes()])).await??;
        }
        Ok(())
    }

    async fn file_of_settings(&self) -> Result<String> {
        let path = path(&self.inner.dir);
        Self::aside(move || match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            // What is no text is no prefix of what was set.
            bytes => Ok(String::from_utf8_lossy(&bytes?).into_owned()),
        })
        .await?
    }
}

/// Holds the rows of settings against the entries that commit to them, without any key.
pub(crate) async fn faults(pool: &SqlitePool, dir: &Path) -> Result<Vec<Fault>> {
    let mut sql = pool.begin().await?;
    // A folder that an older version wrote has no such rows yet.
    if !has_migration(&mut sql, SINCE_MIGRATION).await? {
        return Ok(Vec::new());
    }
    let fault = |what: &str| Fault { path: FILE.to_owned(), what: what.to_owned() };
    let Ok(rows) = rows_as_stated(&mut sql).await? else {
        return Ok(vec![fault("the rows of thresholds are not those that the log's entries commit to")]);
    };
    let file = match fs::read(path(dir)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        bytes => bytes?,
    };
    let sound = lines(&rows).as_bytes().starts_with(&file);
    Ok(if sound { Vec::new() } else { vec![fault("it is not what the rows say")] })
}

/// Whether the public part of an entry of this event states this text by its hash; of one that was pruned its row is all that is left.
pub(super) async fn is_stated(sql: &mut SqliteConnection, event: &str, seq: i64, text: &str) -> Result<bool> {
    let leaf: Option<Vec<u8>> = sqlx::query_scalar("SELECT leaf FROM log_entries WHERE seq = $1 AND event = $2")
        .bind(seq)
        .bind(event)
        .fetch_optional(&mut *sql)
        .await?;
    let Some(leaf) = leaf else { return Ok(false) };
    let minimum = log_pruning::minimum(sql).await?;
    Ok(states(&leaf, event, text, seq < minimum))
}

fn states(leaf: &[u8], event: &str, text: &str, pruned: bool) -> bool {
    if pruned && leaf.is_empty() {
        return true;
    }
    let leaf: Value = serde_json::from_slice(leaf).unwrap_or_default();
    leaf["event"] == event && leaf["statement"] == hex(&Sha256::digest(text))
}

/// The rows in their order, one for each entry that commits to it, none beside. A value of another type than was written is no setting either.
async fn rows_as_stated(sql: &mut SqliteConnection) -> Result<std::result::Result<Vec<Row>, NotAsSet>> {
    match compared_with_log(sql).await {
        Err(RegistryError::Store(sqlx::Error::ColumnDecode { .. })) => Ok(Err(NotAsSet)),
        compared => compared,
    }
}

async fn compared_with_log(sql: &mut SqliteConnection) -> Result<std::result::Result<Vec<Row>, NotAsSet>> {
    let found = sqlx::query("SELECT * FROM threshold_settings ORDER BY number").fetch_all(&mut *sql).await?;
    let leaves = sqlx::query("SELECT seq, leaf FROM log_entries WHERE event = $1 ORDER BY seq")
        .bind(SET)
        .fetch_all(&mut *sql)
        .await?;
    let minimum = log_pruning::minimum(&mut *sql).await?;
    let mut rows: Vec<Row> = Vec::with_capacity(found.len());
    for (row, leaf) in found.iter().zip(&leaves) {
        let (number, statement): (i64, String) = (row.try_get("number")?, row.try_get("statement")?);
        let place: i64 = leaf.try_get("seq")?;
        // The hash that is sealed, the file and the row after it hold one whose entry was pruned.
        let stated = states(&leaf.try_get::<Vec<u8>, _>("leaf")?, SET, &statement, place < minimum);
        let before = rows.last().map(|before| hex(&Sha256::digest(&before.statement))).unwrap_or_default();
        let follows = serde_json::from_str::<ThresholdSetting>(&statement)
            .is_ok_and(|s| s.before == before && rows::instant(row, "set_at").is_ok_and(|at| at == s.set_at));
        let counted = usize::try_from(number) == Ok(rows.len() + 1) && row.try_get::<i64, _>("log_seq")? == place;
        if !counted || !follows || !stated {
            return Ok(Err(NotAsSet));
        }
        rows.push(Row {
            number,
            statement,
            wrapped_key: row.try_get("wrapped_key")?,
            sealed_hash: row.try_get("sealed_hash")?,
        });
    }
    Ok(if found.len() == leaves.len() { Ok(rows) } else { Err(NotAsSet) })
}

fn lines(rows: &[Row]) -> String {
    rows.iter().map(|row| format!("{}\n", row.statement)).collect()
}

fn owner(number: i64) -> String {
    format!("threshold/{number}")
}

fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}
