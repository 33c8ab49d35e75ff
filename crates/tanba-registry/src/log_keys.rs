//! The log's own key, and its change.
//!
//! The new key is in the key file before anything speaks of it; then one transaction writes what both keys have signed as a row, and
//! its entry; then the file beside the log is made of the rows, and from the next checkpoint on both keys count. After the overlap
//! the older one is retired in the same way, and forgotten. Broken off anywhere, the next call goes on, and in between the log is
//! whole: a key that was made and not stated signs beside the other and counts nowhere.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::{SqliteConnection, SqlitePool};
use tanba_seal::log::{
    Fault, LOG_KEYS_PATH, LogKey, LogVerifier, TileStore as _, VERIFIER_KEY_PATH, state_key, state_retirement,
};
use tanba_seal::{KdfParams, KeyRing};

use crate::error::{RegistryError, Result};
use crate::journal::{Entry, hex};
use crate::log_pruning;
use crate::passkeys::dual::{DualAct, DualKind, NotApproved};
use crate::registry::{Registry, key_file, log_folder, write_durably};
use crate::store::{WriteTx, has_migration};
use crate::tile_dir::TileDir;
use crate::vault::OsEntropy;

/// The migration that brought the table.
const SINCE_MIGRATION: i64 = 29;

/// A change of the log's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogKeyChange {
    /// The log gets its next key.
    Next,
    /// The older of two keys ends.
    Retirement,
}

impl LogKeyChange {
    /// The event of its entry.
    fn event(self) -> &'static str {
        match self {
            Self::Next => "log_key.stated",
            Self::Retirement => "log_key.retired",
        }
    }

    fn act(self) -> DualAct {
        let kind = match self {
            Self::Next => DualKind::LogKeyNext,
            Self::Retirement => DualKind::LogKeyRetirement,
        };
        DualAct::of(kind, "log")
    }
}

/// How far a change of the log's key is: each is durable when it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogKeyStep {
    /// The key file holds the next key, which nobody knows yet.
    KeyMade,
    /// The statement is a row and an entry.
    Stated,
    /// It lies beside the log.
    Shown,
    /// The older key is forgotten.
    Forgotten,
    /// A checkpoint over the entry is published.
    Published,
}

impl Registry {
    /// The log's verifier: its newest key, and what is known of those before it.
    pub fn log_verifier(&self) -> LogVerifier {
        self.inner.log_verifier.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Gives the log its next key, of Ed25519 and ML-DSA-44. From now on both sign; whoever relies on the log has time to learn the new
    /// one until [`Registry::retire_log_key`]. Where passkeys are required, two administrators have signed it before. `told` hears of
    /// each step and may break off; the next call goes on.
    ///
    /// # Errors
    /// Denied without the two signatures; a conflict while an older key is held; a wrong passphrase; those of the database and of files.
    pub async fn rotate_log_key(
        &self,
        passphrase: &str,
        kdf: KdfParams,
        mut told: impl FnMut(LogKeyStep) -> Result<()>,
    ) -> Result<LogKey> {
        let mut ring = self.key_file(passphrase)?;
        if self.older_key_counts() {
            return Err(RegistryError::Conflict {
                what: "the log changes its key already",
                next: "when everybody has learned the new one, run `tanba log retire-key`",
            });
        }
        // An interrupted retirement has left it.
        if ring.log_signer().vkeys().last() == Some(&self.verifier_key()) {
            ring.drop_old_log_key();
        }
        let now = self.publish().await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let signed = self.approved_change(&mut tx, LogKeyChange::Next).await?;
        let Ok(signed) = signed else { return self.refuse_change(tx, LogKeyChange::Next, signed).await };
        // A key that an interrupted call has made is taken.
        if ring.log_signer().vkeys().len() == 1 {
            ring.add_log_key(&mut OsEntropy)?;
            self.write_key_file(&ring, passphrase, kdf)?;
        }
        told(LogKeyStep::KeyMade)?;
        let signer = ring.log_signer();
        let mut file = stored(tx.sql()).await?;
        if file.is_empty() {
            let first = state_key(&signer, &file, None)?;
            file.extend(self.store(&mut tx, first, LogKeyChange::Next, &Value::Null).await?);
        }
        let statement = state_key(&signer, &file, Some(&now))?;
        self.store(&mut tx, statement, LogKeyChange::Next, &signed).await?;
        tx.commit_logged().await?;
        told(LogKeyStep::Stated)?;
        self.inner.vault.take_log_keys(ring);
        self.keep_log_keys().await?;
        told(LogKeyStep::Shown)?;
        self.publish_log_keys(&mut told).await
    }

    /// Ends the older of the log's two keys: it counts for no checkpoint after the present one, and is forgotten. Copies of the key file
    /// still hold it: destroy them.
    ///
    /// # Errors
    /// As [`Registry::rotate_log_key`]; a conflict where there is one key only.
    pub async fn retire_log_key(
        &self,
        passphrase: &str,
        kdf: KdfParams,
        mut told: impl FnMut(LogKeyStep) -> Result<()>,
    ) -> Result<LogKey> {
        let mut ring = self.key_file(passphrase)?;
        let held = ring.log_signer().vkeys();
        if self.older_key_counts() {
            let now = self.publish().await?;
            let mut tx = WriteTx::begin(&self.inner).await?;
            let signed = self.approved_change(&mut tx, LogKeyChange::Retirement).await?;
            let Ok(signed) = signed else { return self.refuse_change(tx, LogKeyChange::Retirement, signed).await };
            let statement = state_retirement(&ring.log_signer(), &stored(tx.sql()).await?, &now)?;
            self.store(&mut tx, statement, LogKeyChange::Retirement, &signed).await?;
            tx.commit_logged().await?;
            told(LogKeyStep::Stated)?;
        } else if held.len() == 1 || held.last() != Some(&self.verifier_key()) {
            return Err(RegistryError::Conflict {
                what: "the log has one key only",
                next: "give it the next one first: `tanba log rotate-key`",
            });
        }
        self.keep_log_keys().await?;
        told(LogKeyStep::Shown)?;
        ring.drop_old_log_key();
        self.write_key_file(&ring, passphrase, kdf)?;
        self.inner.vault.take_log_keys(ring);
        told(LogKeyStep::Forgotten)?;
        self.publish_log_keys(&mut told).await
    }

    /// Makes the files beside the log what the rows say, and has the log known by them.
    pub(crate) async fn keep_log_keys(&self) -> Result<()> {
        let file = {
            let mut sql = self.inner.pool.acquire().await?;
            stored(&mut sql).await?
        };
        let mut verifier = self.inner.vault.ring().log_signer().verifier().clone();
        if !file.is_empty() {
            verifier = verifier.following(&file)?;
            let newest = verifier.keys().pop().ok_or(RegistryError::Damaged { what: "keys of the log" })?;
            if !self.inner.vault.ring().log_signer().vkeys().contains(&newest.vkey) {
                return Err(RegistryError::DataFolder {
                    what: "has a key file from before the log changed its key".to_owned(),
                    next: "restore the newest copy of the key file: what the older key signs counts for nothing",
                });
            }
            verifier = LogVerifier::parse(&newest.vkey)?.following(&file)?;
            let mut tiles = TileDir::open_for_writing(&log_folder(&self.inner.dir))?;
            let shown = tiles.read(LOG_KEYS_PATH)?.unwrap_or_default();
            // What was shown to the world is never taken back.
            if !file.starts_with(&shown) {
                return Err(RegistryError::Damaged { what: "keys of the log" });
            }
            if shown != file {
                tiles.write(LOG_KEYS_PATH, &file)?;
            }
            let vkey = format!("{verifier}\n").into_bytes();
            if tiles.read(VERIFIER_KEY_PATH)?.as_ref() != Some(&vkey) {
                tiles.write(VERIFIER_KEY_PATH, &vkey)?;
            }
        }
        *self.inner.log_verifier.write().unwrap_or_else(std::sync::PoisonError::into_inner) = verifier;
        Ok(())
    }

    /// The file of keys beside the log.
    pub(crate) async fn shown_log_keys(&self) -> Result<Option<Vec<u8>>> {
        let folder = log_folder(&self.inner.dir);
        Self::aside(move || TileDir::open(&folder).read(LOG_KEYS_PATH)).await?.map_err(RegistryError::Io)
    }

    /// Writes what the key of a new register says of itself.
    pub(crate) async fn state_first_key(&self, tx: &mut WriteTx<'_>) -> Result<Vec<u8>> {
        let note = state_key(&self.inner.vault.ring().log_signer(), b"", None)?;
        insert(tx, &note).await?;
        Ok(note)
    }

    async fn publish_log_keys(&self, told: &mut impl FnMut(LogKeyStep) -> Result<()>) -> Result<LogKey> {
        self.publish().await?;
        told(LogKeyStep::Published)?;
        self.log_verifier().keys().pop().ok_or(RegistryError::Damaged { what: "keys of the log" })
    }

    /// Whether two keys are in force.
    fn older_key_counts(&self) -> bool {
        matches!(self.log_verifier().keys().as_slice(), [.., older, _] if older.until.is_none())
    }

    fn key_file(&self, passphrase: &str) -> Result<KeyRing> {
        Ok(KeyRing::open(&fs::read(key_file(&self.inner.dir))?, passphrase)?)
    }

    fn write_key_file(&self, ring: &KeyRing, passphrase: &str, kdf: KdfParams) -> Result<()> {
        let file = ring.rewrap(passphrase, kdf, &mut OsEntropy)?;
        Ok(write_durably(&self.inner.dir.join("unfinished"), &key_file(&self.inner.dir), &[&file])?)
    }

    /// A row of what was signed, and its entry, which holds its hash in the part that everybody reads.
    async fn store(
        &self,
        tx: &mut WriteTx<'_>,
        note: Vec<u8>,
        change: LogKeyChange,
        signed: &Value,
    ) -> Result<Vec<u8>> {
        let number = insert(tx, &note).await?;
        let entry = Entry::system(change.event()).details(json!({"statement": number, "approved": signed}));
        tx.log(&entry.states(&note)).await?;
        Ok(note)
    }

    async fn approved_change(
        &self,
        tx: &mut WriteTx<'_>,
        change: LogKeyChange,
    ) -> Result<std::result::Result<Value, NotApproved>> {
        self.approved(tx, None, &change.act(), &[]).await
    }

    async fn refuse_change(
        &self,
        tx: WriteTx<'_>,
        change: LogKeyChange,
        why: std::result::Result<Value, NotApproved>,
    ) -> Result<LogKey> {
        let Err(why) = why else { return Err(RegistryError::Damaged { what: "proposal" }) };
        let denial = Entry::denial("log_key.denied", None).details(json!({"change": change.event()}));
        self.deny_unapproved(tx, denial, why).await
    }
}

/// Holds the rows of statements against the entries that commit to them, and against the file beside the log.
pub(crate) async fn faults(pool: &SqlitePool, dir: &Path) -> Result<Vec<Fault>> {
    let mut sql = pool.begin().await?;
    // A folder that an older version wrote has no such rows yet.
    if !has_migration(&mut sql, SINCE_MIGRATION).await? {
        return Ok(Vec::new());
    }
    let mut faults = Vec::new();
    let mut fault = |what: &str| faults.push(Fault { path: LOG_KEYS_PATH.to_owned(), what: what.to_owned() });
    let notes: Vec<String> =
        sqlx::query_scalar("SELECT note FROM log_key_statements ORDER BY number").fetch_all(&mut *sql).await?;
    let leaves: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT leaf FROM log_entries WHERE event IN ('instance.founded', 'log_key.stated', 'log_key.retired') AND LENGTH(leaf) > 0 ORDER BY seq",
    )
    .fetch_all(&mut *sql)
    .await?;
    let stated: Vec<String> = leaves.iter().filter_map(|leaf| log_pruning::stated(leaf)).collect();
    // Entries that were pruned are the oldest; each statement has the hash of those before it.
    let pruned = if log_pruning::minimum(&mut sql).await? > 0 { notes.len().saturating_sub(stated.len()) } else { 0 };
    if !notes[pruned..].iter().map(|note| hex(&Sha256::digest(note))).eq(stated) {
        fault("the rows of the log's keys are not those that its entries commit to");
    }
    let shown = TileDir::open(&log_folder(dir)).read(LOG_KEYS_PATH)?.unwrap_or_default();
    // A statement that is a row already is shown at the next start at the latest.
    if !notes.concat().as_bytes().starts_with(&shown) {
        fault("it is not what the rows say");
    }
    Ok(faults)
}

async fn insert(tx: &mut WriteTx<'_>, note: &[u8]) -> Result<i64> {
    let number: i64 = sqlx::query_scalar("SELECT COUNT(*) + 1 FROM log_key_statements").fetch_one(tx.sql()).await?;
    let now = tx.now().micros();
    sqlx::query("INSERT INTO log_key_statements (number, note, stated_at) VALUES ($1, $2, $3)")
        .bind(number)
        .bind(str::from_utf8(note).map_err(|_| RegistryError::Damaged { what: "keys of the log" })?)
        .bind(now)
        .execute(tx.sql())
        .await?;
    Ok(number)
}

/// The statements, one behind the other.
async fn stored(sql: &mut SqliteConnection) -> Result<Vec<u8>> {
    let notes: Vec<String> =
        sqlx::query_scalar("SELECT note FROM log_key_statements ORDER BY number").fetch_all(sql).await?;
    Ok(notes.concat().into_bytes())
}
