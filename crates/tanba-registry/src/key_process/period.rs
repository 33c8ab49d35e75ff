//! Keys for a time: of what is read all day long, and searched as a whole.
//!
//! A search compares with everybody, so whoever searches holds everybody's templates; and names are read in every step at a
//! counter. A witness cannot cosign each of these, so their key-encryption keys are given for a period: an entry of the log
//! says that it begins, witnesses have seen it, and the key process may refuse. When a period ends without another one, the
//! keys are wiped, and with them the gallery and the genomic index; whatever needs them is refused until there is a key.

use std::time::Duration;

use serde_json::json;
use sqlx::Row as _;
use tanba_seal::keyd::KeyPlace;
use tanba_seal::{DataKey, KeyRing};
use tokio::sync::Mutex;

use super::KeyLine;
use super::looking::wanted;
use crate::error::Result;
use crate::journal::{Entry, LookedAt};
use crate::key_process::KeyRefusal;
use crate::registry::Registry;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, OsEntropy};

/// The kinds of data whose keys the register has for a period.
pub(crate) const LENT: [Domain; 4] = [Domain::Template, Domain::Identity, Domain::Genomic, Domain::Case];

/// How long a period lasts, seconds: a stop of the supervisor ends searches and names within it. (Own choice.)
pub const KEY_PERIOD_S: i64 = 600;

/// The purpose of a period's entry, as the rules of a key process name it.
const PURPOSE: &str = "operation";

/// When the running period ends; none while the register holds these keys itself, and between two periods.
#[derive(Default)]
pub(crate) struct KeyPeriod(Mutex<Option<Instant>>);

impl Registry {
    /// Whether the register opens most of its data only with keys that a key process gives for a time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn needs_key_period(&self) -> Result<bool> {
        let n: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM domain_keys").fetch_one(&self.inner.pool).await?;
        Ok(n > 0)
    }

    /// Begins a period, or goes on with the one that runs: its entry is written, witnessed and shown to the key process, and
    /// with its answer everything is open for [`KEY_PERIOD_S`] from the entry on. Does nothing where the register holds its
    /// keys itself.
    ///
    /// # Errors
    /// [`RegistryError::Keys`](crate::RegistryError::Keys), and then a period that runs ends when it would have; those of
    /// the database and of what is opened.
    pub async fn begin_key_period(&self) -> Result<()> {
        let mut until = self.inner.period.0.lock().await;
        let rows = sqlx::query("SELECT domain, wrapped, sealed FROM domain_keys ORDER BY domain")
            .fetch_all(&self.inner.pool)
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        // Nobody writes what nobody will answer to.
        self.key_process()?;
        let (mut keys, mut sealed) = (Vec::new(), Vec::new());
        for row in &rows {
            let label: String = row.try_get("domain")?;
            keys.push(wanted(place(&label, "wrapped"), &row.try_get::<Vec<u8>, _>("wrapped")?));
            sealed.push((label, row.try_get::<Vec<u8>, _>("sealed")?));
        }
        let records = sealed.iter().map(|(label, _)| record(label)).collect();
        let looked_at = LookedAt::new(records)?;
        let tx = WriteTx::begin(&self.inner).await?;
        let ends = tx.now().plus_seconds(KEY_PERIOD_S);
        let details =
            json!({"domains": sealed.iter().map(|(label, _)| label).collect::<Vec<_>>(), "seconds": KEY_PERIOD_S});
        let entry = Entry::system("keys.period").purpose(PURPOSE).details(details);
        let seq = tx.commit(&entry.looks_at(&looked_at)).await?;
        let released = self.release(seq, looked_at.opening(), keys).await?;
        if until.is_none() {
            for (key, (label, sealed)) in released.iter().zip(&sealed) {
                self.inner.vault.borrow_domain(&place(label, "keys").context(), key, sealed)?;
            }
            if let Err(why) = self.come_into_use().await {
                self.wipe().await;
                return Err(why);
            }
        }
        *until = Some(ends);
        Ok(())
    }

    /// Ends the period that runs, if its time is over: its keys are wiped, and what was opened with them for searches.
    pub async fn end_key_period(&self) {
        let mut until = self.inner.period.0.lock().await;
        if until.is_some_and(|ends| ends <= self.inner.clock.now()) {
            self.wipe().await;
            *until = None;
            tracing::error!(
                "the key process gave no keys for another period: names, searches and genomic data are closed until it does"
            );
        }
    }

    /// Keeps one period following the other until the registry is dropped, each begun in the middle of the one before. Call it
    /// once, in a service with a key process, and after [`Registry::begin_key_period`].
    pub fn keep_key_period_going(&self) -> tokio::task::JoinHandle<()> {
        const NEXT: Duration = Duration::from_secs(KEY_PERIOD_S.unsigned_abs() / 2);
        const AGAIN: Duration = Duration::from_secs(5);
        let registry = self.clone();
        tokio::spawn(async move {
            let mut wait = if registry.gallery().is_ok() { NEXT } else { AGAIN };
            loop {
                tokio::time::sleep(wait).await;
                let done = registry.begin_key_period().await;
                if let Err(error) = &done {
                    tracing::warn!(error = error as &dyn std::error::Error, "no keys for the next period yet");
                }
                registry.end_key_period().await;
                wait = if done.is_ok() { NEXT } else { AGAIN };
            }
        })
    }

    /// Has the register's own key-encryption keys of these domains sealed under keys of the key process, where they are not yet.
    /// They are still in the key file.
    pub(super) async fn lend(&self, line: &dyn KeyLine, keeper: &str, ring: &KeyRing) -> Result<()> {
        for domain in LENT {
            let label = domain.label();
            let there: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM domain_keys WHERE domain = $1")
                .bind(label)
                .fetch_one(&self.inner.pool)
                .await?;
            if there > 0 {
                continue;
            }
            let (key, wrapped) = line.new_key(place(label, "wrapped")).await?;
            let key: DataKey = key.open().map_err(KeyRefusal::from)?;
            let sealed = ring.seal_domain(&place(label, "keys").context(), &key, &mut OsEntropy)?;
            let mut tx = WriteTx::begin(&self.inner).await?;
            let now = tx.now().micros();
            sqlx::query(
                "INSERT INTO domain_keys (domain, wrapped, keeper, sealed, created_at) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(label)
            .bind(wrapped)
            .bind(keeper)
            .bind(sealed)
            .bind(now)
            .execute(tx.sql())
            .await?;
            tx.commit(&Entry::system("keys.lent").details(json!({"keyd": keeper, "domain": label}))).await?;
        }
        Ok(())
    }

    /// As at the end of a period, at once: the register has given its keys away.
    pub(super) async fn close_at_once(&self) {
        let mut until = self.inner.period.0.lock().await;
        self.wipe().await;
        *until = None;
    }

    /// Wipes the keys of a period and what they have opened. What runs now ends with what it holds.
    async fn wipe(&self) {
        // Whoever brings a record into what is searched has done so before, or finds nothing to bring it into.
        let _turn = self.inner.following.lock().await;
        for domain in LENT {
            self.inner.vault.give_back(domain);
        }
        self.close_gallery();
        self.genomic_index_mut().close();
        self.inner.held.let_all_go();
    }
}

/// What a domain's keys are called as a record of a look.
fn record(label: &str) -> String {
    format!("domain-keys/{label}")
}

/// Where they belong.
pub(super) fn place(label: &str, field: &str) -> KeyPlace {
    let (domain, record) = (label.to_owned(), record(label));
    KeyPlace { domain, table: "domain_keys".to_owned(), record, field: field.to_owned() }
}
