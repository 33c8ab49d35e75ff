//! The database: opening it, and the only way to change it.
//!
//! A [`WriteTx`] cannot be committed without a log entry: rows, the sequenced log row and the outbox become durable
//! together or not at all. Reads use the pool and can change nothing that way.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::MutexGuard;

use crate::error::{RegistryError, Result};
use crate::journal::{self, Entry};
use crate::registry::Inner;
use crate::time::Instant;
use crate::vault::Vault;

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

/// Whether a database, which may be an older version's in a cold folder, has had a migration.
pub(crate) async fn has_migration(sql: &mut SqliteConnection, version: i64) -> Result<bool> {
    let had: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM _sqlx_migrations WHERE version = $1")
        .bind(version)
        .fetch_one(sql)
        .await?;
    Ok(had > 0)
}

/// How long a register that ends waits for each of those who still use its database.
const CLOSING_PATIENCE: Duration = Duration::from_secs(10);

/// Closes every connection and folds the write-ahead log into the database, so that the file can be copied or replaced by itself: a log left
/// beside an older database that is put back would be played into it. Two connections that end at once leave it to the next, which this takes.
/// Where something of this program or another one still uses the database after ten seconds, the log stays beside it, and a warning says so:
/// nothing that was answered is in danger, but the two files then belong together.
pub(crate) async fn close(pool: &SqlitePool, path: &Path) -> Result<()> {
    if tokio::time::timeout(CLOSING_PATIENCE, pool.close()).await.is_err() {
        tracing::warn!(
            "the database was still in use ten seconds after the register was ended; what was not answered is undone"
        );
    }
    let mut last = SqliteConnectOptions::new().filename(path).busy_timeout(CLOSING_PATIENCE).connect().await?;
    // The first column of its row: whether somebody kept it from folding in everything.
    let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut last).await?;
    if busy != 0 {
        tracing::warn!(
            "another program reads the database, so part of it is still in the file beside it that ends in -wal: end that program before you \
             copy or replace the database, or copy both files together"
        );
    }
    last.close().await?;
    Ok(())
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

    /// The keys of what is written.
    pub(crate) fn vault(&self) -> Arc<Vault> {
        Arc::clone(&self.inner.vault)
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

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use sqlx::Row as _;
    use sqlx::migrate::Migrator;

    use super::*;

    /// A database as it was after a migration, with rows.
    async fn older(path: &Path, version: i64, rows: &[&'static str]) {
        let all = sqlx::migrate!("./migrations");
        let then: Vec<_> = all.iter().filter(|m| m.version <= version).cloned().collect();
        let then = Migrator { migrations: Cow::Owned(then), ..Migrator::DEFAULT };
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        then.run(&pool).await.unwrap();
        for row in rows {
            sqlx::query(*row).execute(&pool).await.unwrap();
        }
        pool.close().await;
    }

    /// A database as the first version wrote it, with a finger that was stated and a print that was captured.
    async fn first_version(path: &Path) {
        let rows = [
            "INSERT INTO organisations (id, code, name, body, created_at) VALUES ('o', 'o', 'o', 'o', 1)",
            "INSERT INTO sites (id, organisation_id, code, name, kind, created_at) VALUES ('si', 'o', 'si', 'si', 'office', 1)",
            "INSERT INTO stations (id, site_id, code, created_at) VALUES ('st', 'si', 'st', 1)",
            "INSERT INTO accounts (id, login, password_hash, organisation_id, natural_person, created_at) VALUES ('a', 'a', 'a', 'o', 'a', 1)",
            "INSERT INTO persons (id, state, created_at) VALUES ('p', 'provisional', 1)",
            "INSERT INTO encounters (id, person_id, station_id, account_id, client_key, request_hash, trigger_code, state, category, pack, pack_hash, clause, sealed_facts, opened_at) VALUES ('e', 'p', 'st', 'a', 'k', x'00', 't', 'open', 'must', 'p', 'h', 'c', x'00', 2)",
            "INSERT INTO finger_states (encounter_id, finger, state, recorded_at) VALUES ('e', 3, 'worn', 5), ('e', 4, 'missing', 6)",
            "INSERT INTO samples (id, encounter_id, finger, attempt, kept, quality, sealed_image, sealed_template, captured_at) VALUES ('s', 'e', 2, 1, 1, 70, x'00', x'00', 7)",
            "INSERT INTO refusals (id, encounter_id, step, consequence, authority, clause, pack_hash, refused_at, appealed_at) VALUES ('r', 'e', 1, 'fine', '', 'c', 'h', 8, 9)",
            "INSERT INTO specimens (id, category, client_key, request_hash, sealed_label, sealed_profile, loci, state, pack, pack_hash, clause, entered_by, entered_at) VALUES ('g', 'crime_stain', 'k', x'00', x'01', x'02', 20, 'active', 'p', 'h', 'c', 'a', 10)",
            "INSERT INTO searches (id, kind, populations, gallery_version, shards_expected, shards_answered, people_compared, outcome, searched_at) VALUES ('q', 'genomic', 'convicted', 0, 1, 1, 1, 'candidates', 11)",
            "INSERT INTO genomic_hits (id, search_id, specimen_id, loci_compared, mismatches, state) VALUES ('i', 'q', 'g', 20, 0, 'open')",
        ];
        older(path, 1, &rows).await;
    }

    #[tokio::test]
    async fn an_order_from_before_there_were_orders_about_hits_is_about_its_answer() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tanba.sqlite");
        let rows = [
            "INSERT INTO organisations (id, code, name, body, created_at) VALUES ('o', 'o', 'o', 'o', 1)",
            "INSERT INTO accounts (id, login, password_hash, organisation_id, natural_person, created_at) VALUES ('a', 'a', 'a', 'o', 'a', 1)",
            "INSERT INTO log_entries (seq, happened_at, event, outcome, leaf, sealed_payload) VALUES (0, 1, 'e', 'look', x'00', x'00'), (1, 2, 'e', 'effect', x'00', x'00')",
            "INSERT INTO access_requests (id, account_id, act, data_class, purpose, legal_basis, permitted, reason_code, pack_hash, clause, log_seq, asked_at) \
             VALUES ('r', 'a', 'read', 'd', 'p', 'l', 1, 'c', 'h', 'c', 0, 1)",
            "INSERT INTO recipient_orders (id, kind, cause, cause_id, request_id, organisation_id, partner, due_on, log_seq, ordered_at) \
             VALUES ('x', 'delete', 'erased', 's', 'r', 'o', '', '2026-11-30', 1, 2), ('y', 'delete', 'erased', 's', 'r', 'o', 'interpol', '2026-11-30', 1, 2)",
        ];
        older(&path, 34, &rows).await;
        let pool = open(&path).await.unwrap();
        let orders = sqlx::query("SELECT request_id, hit_id, answered_seq, partner FROM recipient_orders ORDER BY id")
            .fetch_all(&pool)
            .await
            .unwrap();
        for (order, partner) in orders.iter().zip(["", "interpol"]) {
            assert_eq!((order.get::<String, _>(0), order.get::<Option<String>, _>(1)), ("r".to_owned(), None));
            assert_eq!((order.get::<i64, _>(2), order.get::<String, _>(3)), (0, partner.to_owned()));
        }
        assert_eq!(orders.len(), 2);
        let again = "INSERT INTO recipient_orders SELECT 'z', kind, cause, cause_id, request_id, hit_id, answered_seq, organisation_id, partner, \
                     owner_id, sealed_values, due_on, log_seq, ordered_at, acknowledged_by, acknowledged_at FROM recipient_orders WHERE id = 'x'";
        assert!(sqlx::query(again).execute(&pool).await.is_err(), "one order to each recipient");
        let strays = sqlx::query("PRAGMA foreign_key_check").fetch_all(&pool).await.unwrap();
        assert!(strays.is_empty());
    }

    #[tokio::test]
    async fn a_database_of_the_first_version_is_found_again_with_everything_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tanba.sqlite");
        first_version(&path).await;
        let pool = open(&path).await.unwrap();
        let states = sqlx::query("SELECT finger, state, recorded_at FROM finger_states ORDER BY finger")
            .fetch_all(&pool)
            .await
            .unwrap();
        let states: Vec<(i64, String, i64)> = states.iter().map(|r| (r.get(0), r.get(1), r.get(2))).collect();
        assert_eq!(states, [(3, "worn".to_owned(), 5), (4, "missing".to_owned(), 6)]);
        let sample = sqlx::query("SELECT quality, sealed_notes, image_blind, recipe, recipe_tried FROM samples")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(
            (sample.get::<i64, _>(0), sample.get::<Option<Vec<u8>>, _>(1), sample.get::<Option<Vec<u8>>, _>(2)),
            (70, None, None)
        );
        // Nobody has looked what made its template.
        assert_eq!((sample.get::<Option<i64>, _>(3), sample.get::<Option<i64>, _>(4)), (Some(0), None));
        let refusal = sqlx::query("SELECT appealed_at, appeal_outcome FROM refusals").fetch_one(&pool).await.unwrap();
        assert_eq!((refusal.get::<i64, _>(0), refusal.get::<Option<String>, _>(1)), (9, None));
        // Tables that were made anew hold what they held, and still belong together.
        let hit = sqlx::query("SELECT h.state, h.method, h.query_id, s.sealed_profile, s.sealed_lineage FROM genomic_hits h JOIN specimens s ON s.id = h.specimen_id")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!((hit.get::<String, _>(0), hit.get::<String, _>(1)), ("open".to_owned(), "rule".to_owned()));
        assert_eq!((hit.get::<Option<String>, _>(2), hit.get::<Option<Vec<u8>>, _>(3)), (None, Some(vec![2])));
        let strays = sqlx::query("PRAGMA foreign_key_check").fetch_all(&pool).await.unwrap();
        assert!(strays.is_empty());
    }
}
