//! Moving a register's keys to a key process.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use sqlx::Row as _;
use tanba_seal::{KdfParams, KeyRing};

use super::period::place;
use super::{KEPT, KeyLine};
use crate::error::{RegistryError, Result};
use crate::journal::Entry;
use crate::registry::{Registry, key_file, write_durably};
use crate::store::WriteTx;
use crate::vault::{Domain, ENTRUSTED_KEYS, OsEntropy, key_place};

/// Keys that are wrapped anew in one transaction.
const AT_ONCE: i64 = 200;

/// What came of a move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MovedKeys {
    /// Keys that the key process wraps now.
    pub keys: u64,
    /// Notes on samples that were sealed with them and go with the template now.
    pub notes: u64,
}

impl Registry {
    /// Moves the keys of images to a key process: from now on none is made without it, those that there are it wraps
    /// anew. The register's own key-encryption keys of what else is about people are sealed under keys of the process, so that
    /// they are open for periods only ([`Registry::begin_key_period`]). All of them go from the key file, and from memory.
    /// `told` hears how many were moved. Broken off anywhere, the next call goes on.
    ///
    /// Backups of the data folder and of the key file still open what they hold: destroy them after the move.
    ///
    /// # Errors
    /// [`RegistryError::Keys`]; invalid where the keys are with another key process; those of the database and of the file.
    pub async fn move_keys_to(
        &self,
        line: Arc<dyn KeyLine>,
        passphrase: &str,
        kdf: KdfParams,
        mut told: impl FnMut(u64),
    ) -> Result<MovedKeys> {
        let standing = line.standing().await?;
        let invalid = |problem: String| RegistryError::Invalid { field: "keyd", problem };
        // Before anything is changed: the passphrase is that of the file which is to be written anew.
        let file = key_file(&self.inner.dir);
        let ring = KeyRing::open(&fs::read(&file)?, passphrase)?;
        match self.key_process_named().await? {
            Some(name) if name == standing.name => {}
            Some(name) => return Err(invalid(format!("this is {}, and the keys are with {name}", standing.name))),
            None => {
                let mut tx = WriteTx::begin(&self.inner).await?;
                sqlx::query("UPDATE instance SET keyd = $1 WHERE id = 1")
                    .bind(&standing.name)
                    .execute(tx.sql())
                    .await?;
                let details = json!({"keyd": standing.name, "domains": ENTRUSTED_KEYS});
                tx.commit(&Entry::system("keys.entrusted").details(details)).await?;
            }
        }
        let mut moved = MovedKeys::default();
        for domain in KEPT {
            while self.move_some(&*line, &standing.name, domain, &mut moved).await? {
                told(moved.keys);
            }
        }
        self.lend(&*line, &standing.name, &ring).await?;
        forget(&file, &self.inner.dir, passphrase, kdf)?;
        self.close_at_once().await;
        self.publish().await?;
        Ok(moved)
    }

    /// How many keys of images the register holds itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn own_image_keys(&self) -> Result<u64> {
        let n: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM data_keys WHERE domain = 'image' AND wrapped IS NOT NULL AND keeper IS NULL",
        )
        .fetch_one(&self.inner.pool)
        .await?;
        Ok(n.unsigned_abs())
    }

    /// Moves some keys of a domain; `false` where there was none left.
    async fn move_some(&self, line: &dyn KeyLine, keeper: &str, domain: Domain, moved: &mut MovedKeys) -> Result<bool> {
        let vault = &self.inner.vault;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let found = sqlx::query(
            "SELECT owner_id, wrapped FROM data_keys WHERE domain = $1 AND wrapped IS NOT NULL AND keeper IS NULL ORDER BY owner_id LIMIT $2",
        )
        .bind(domain.label())
        .bind(AT_ONCE)
        .fetch_all(tx.sql())
        .await?;
        if found.is_empty() {
            return Ok(false);
        }
        let mut notes = 0;
        for row in &found {
            let owner: String = row.try_get("owner_id")?;
            let wrapped: Vec<u8> = row.try_get("wrapped")?;
            if domain == Domain::Image {
                notes += self.move_notes(&mut tx, now, &owner, &wrapped).await?;
            }
            let key = vault.hand_over(domain, &owner, &wrapped)?;
            let anew = line.wrap(key_place(domain, &owner), key).await?;
            sqlx::query("UPDATE data_keys SET wrapped = $1, keeper = $2 WHERE owner_id = $3 AND domain = $4")
                .bind(anew)
                .bind(keeper)
                .bind(&owner)
                .bind(domain.label())
                .execute(tx.sql())
                .await?;
        }
        let details = json!({"keyd": keeper, "domain": domain.label(), "keys": found.len(), "notes": notes});
        tx.commit(&Entry::system("keys.moved").details(details)).await?;
        moved.keys += found.len() as u64;
        moved.notes += notes;
        Ok(true)
    }
}

impl Registry {
    /// Has the key process wrap every key that is with it again, under the newest version of its own keys, so that older versions can be
    /// retired. `told` hears how many were wrapped. Nobody may be at the counter. Called again, it begins anew, which does no harm.
    ///
    /// # Errors
    /// [`RegistryError::Keys`]; those of the database.
    pub async fn rewrap_keys(&self, mut told: impl FnMut(u64)) -> Result<u64> {
        let (mut after, mut done) = (String::new(), self.rewrap_lent().await?);
        loop {
            let mut tx = WriteTx::begin(&self.inner).await?;
            let found = sqlx::query(
                "SELECT owner_id, domain, wrapped FROM data_keys WHERE keeper IS NOT NULL AND wrapped IS NOT NULL \
                 AND owner_id || ' ' || domain > $1 ORDER BY owner_id || ' ' || domain LIMIT $2",
            )
            .bind(&after)
            .bind(AT_ONCE)
            .fetch_all(tx.sql())
            .await?;
            if found.is_empty() {
                return Ok(done);
            }
            for row in &found {
                let (owner, label): (String, String) = (row.try_get("owner_id")?, row.try_get("domain")?);
                let domain = KEPT.into_iter().find(|domain| domain.label() == label);
                let domain = domain.ok_or(RegistryError::Damaged { what: "data key" })?;
                let anew = self.key_process()?.line.rewrap(key_place(domain, &owner), row.try_get("wrapped")?).await?;
                sqlx::query("UPDATE data_keys SET wrapped = $1 WHERE owner_id = $2 AND domain = $3")
                    .bind(anew)
                    .bind(&owner)
                    .bind(&label)
                    .execute(tx.sql())
                    .await?;
                after = format!("{owner} {label}");
            }
            tx.commit(&Entry::system("keys.rewrapped").details(json!({"keys": found.len()}))).await?;
            done += found.len() as u64;
            told(done);
        }
    }

    /// The same of the keys that open the register's own for a period.
    async fn rewrap_lent(&self) -> Result<u64> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        let found = sqlx::query("SELECT domain, wrapped FROM domain_keys").fetch_all(tx.sql()).await?;
        if found.is_empty() {
            return Ok(0);
        }
        for row in &found {
            let label: String = row.try_get("domain")?;
            let anew = self.key_process()?.line.rewrap(place(&label, "wrapped"), row.try_get("wrapped")?).await?;
            sqlx::query("UPDATE domain_keys SET wrapped = $1 WHERE domain = $2")
                .bind(anew)
                .bind(&label)
                .execute(tx.sql())
                .await?;
        }
        tx.commit(&Entry::system("keys.rewrapped").details(json!({"keys": found.len()}))).await?;
        Ok(found.len() as u64)
    }

    /// How many keys are with the key process.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn entrusted_keys(&self) -> Result<u64> {
        let n: i64 =
            sqlx::query_scalar("SELECT (SELECT COUNT(*) FROM data_keys WHERE keeper IS NOT NULL AND wrapped IS NOT NULL) + (SELECT COUNT(*) FROM domain_keys)")
                .fetch_one(&self.inner.pool)
                .await?;
        Ok(n.unsigned_abs())
    }
}

/// Takes the domains that a key process holds out of the key file.
fn forget(file: &Path, dir: &Path, passphrase: &str, kdf: KdfParams) -> Result<()> {
    let mut ring = KeyRing::open(&fs::read(file)?, passphrase)?;
    let entrusted = ENTRUSTED_KEYS.into_iter().chain([Domain::Genomic.label()]);
    let held: Vec<&str> = entrusted.filter(|label| ring.has_domain(label)).collect();
    if held.is_empty() {
        return Ok(());
    }
    for label in held {
        ring.remove_domain(label)?;
    }
    write_durably(&dir.join("unfinished"), file, &[&ring.rewrap(passphrase, kdf, &mut OsEntropy)?])?;
    Ok(())
}
