//! The database: opening it, and the only way to change it.
//!
//! A [`WriteTx`] cannot be committed without a log entry: rows, the sequenced log row and the outbox become durable
//! together or not at all. Reads use the pool and can change nothing that way.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::MutexGuard;

use crate::error::{RegistryError, Result};
use crate::journal::{self, Entry};
use crate::registry::Inner;
use crate::time::Instant;

/// Opens the database file and brings its schema up to date.
pub(crate) async fn open(path: &Path) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::from_str("sqlite://")?
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: an answered act survives a power cut, not only a crash of the program.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        // Freed pages are overwritten: a deleted ciphertext does not linger in the file.
        .pragma("secure_delete", "ON");
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
    sqlx::migrate!("./migrations").run(&pool).await?;
    Ok(pool)
}

/// Opens the database of a cold folder for reading; nothing in the folder is changed.
pub(crate) async fn open_read_only(path: &Path) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(Duration::from_secs(10));
    Ok(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
}

/// The one open change. Dropped without [`WriteTx::commit`], it leaves nothing.
pub(crate) struct WriteTx<'r> {
    inner: &'r Inner,
    tx: Transaction<'static, Sqlite>,
    now: Instant,
    logged: bool,
    // One writer at a time in this process: SQLite has one write lock, and waiting here is fairer than its busy loop.
    _turn: MutexGuard<'r, ()>,
}

impl<'r> WriteTx<'r> {
    /// Takes the write lock at once, so that what is read inside is what the change is based on.
    pub(crate) async fn begin(inner: &'r Inner) -> Result<Self> {
        let turn = inner.writer.lock().await;
        let tx = inner.pool.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Self { inner, tx, now: inner.clock.now(), logged: false, _turn: turn })
    }

    /// The connection, for statements.
    pub(crate) fn sql(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }

    /// The instant at which everything in this change happens.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// Adds a log entry that goes with the change, beside the one that [`WriteTx::commit`] demands.
    pub(crate) async fn log(&mut self, entry: &Entry<'_>) -> Result<u64> {
        let seq = journal::append(self.inner, &mut self.tx, self.now, entry).await?;
        self.logged = true;
        Ok(seq)
    }

    /// Makes a change durable whose entry was written by [`WriteTx::log`], because a row of the change holds its place in
    /// the log. Without an entry nothing is committed.
    pub(crate) async fn commit_logged(self) -> Result<()> {
        if !self.logged {
            return Err(RegistryError::Damaged { what: "change without a log entry" });
        }
        self.tx.commit().await?;
        self.inner.publish_wanted.notify_one();
        Ok(())
    }

    /// Makes the change durable together with its log entry; returns the entry's place in the log.
    pub(crate) async fn commit(mut self, entry: &Entry<'_>) -> Result<u64> {
        let seq = self.log(entry).await?;
        self.tx.commit().await?;
        self.inner.publish_wanted.notify_one();
        Ok(seq)
    }
}
