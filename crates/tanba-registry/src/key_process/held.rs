//! Keys to write with, held while an encounter is at the counter.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{Row as _, SqliteConnection};
use tanba_seal::DataKey;

use super::KeyRefusal;
use crate::actor::Actor;
use crate::encounter::EncounterRow;
use crate::error::Result;
use crate::ids::EncounterId;
use crate::journal::Entry;
use crate::keys::{destroyed, key_for_writing};
use crate::registry::Registry;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, Vault, key_place};

/// How long a key is held at most, seconds: whoever comes back to an encounter after that opens it with a look.
const HELD_S: i64 = 4 * 3600;

/// A key of an encounter at the counter.
pub(crate) struct HeldKey {
    key: Arc<DataKey>,
    /// As it stands, or is about to stand, in its row.
    wrapped: Vec<u8>,
    keeper: String,
    since: Instant,
}

/// All of them.
#[derive(Default)]
pub(crate) struct HeldKeys(Mutex<HashMap<EncounterId, Arc<HeldKey>>>);

impl HeldKeys {
    /// The held key of an encounter; those that were held too long go.
    fn get(&self, id: EncounterId, now: Instant) -> Option<Arc<HeldKey>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, key| now < key.since.plus_seconds(HELD_S));
        held.get(&id).cloned()
    }

    /// Holds a key, unless another one of the encounter is held already; the one that is held.
    fn hold(&self, id: EncounterId, key: HeldKey) -> Arc<HeldKey> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(held.entry(id).or_insert_with(|| Arc::new(key)))
    }

    /// Forgets all of them.
    pub(crate) fn let_all_go(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Forgets the key of an encounter that has left the counter.
    pub(crate) fn let_go(&self, id: EncounterId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// The key that the images of an encounter are sealed with.
pub(crate) enum WritingKey {
    /// Of the register's own key file.
    Own,
    /// Made by the key process.
    Held(Arc<HeldKey>),
}

impl WritingKey {
    /// The key, its row stored where there was none.
    pub(crate) async fn in_row(
        self,
        vault: &Vault,
        sql: &mut SqliteConnection,
        now: Instant,
        owner: &str,
    ) -> Result<Arc<DataKey>> {
        let held = match self {
            Self::Own => return key_for_writing(vault, sql, now, owner, Domain::Image).await.map(Arc::new),
            Self::Held(held) => held,
        };
        sqlx::query(
            "INSERT INTO data_keys (owner_id, domain, wrapped, created_at, destroyed_at, keeper) VALUES ($1, $2, $3, $4, NULL, $5) ON CONFLICT (owner_id, domain) DO NOTHING",
        )
        .bind(owner)
        .bind(Domain::Image.label())
        .bind(&held.wrapped)
        .bind(now.micros())
        .bind(&held.keeper)
        .execute(&mut *sql)
        .await?;
        let there: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT wrapped FROM data_keys WHERE owner_id = $1 AND domain = $2")
                .bind(owner)
                .bind(Domain::Image.label())
                .fetch_one(sql)
                .await?;
        if there.as_ref() != Some(&held.wrapped) {
            return Err(destroyed());
        }
        Ok(Arc::clone(&held.key))
    }
}

impl Registry {
    /// The key to seal images of an open encounter with. Where the encounter has one that is not held any more, getting it
    /// is a look.
    pub(crate) async fn image_key_for_writing(&self, actor: &Actor, row: &EncounterRow) -> Result<WritingKey> {
        let now = self.inner.clock.now();
        if let Some(held) = self.inner.held.get(row.id, now) {
            return Ok(WritingKey::Held(held));
        }
        let Some(keeper) = self.key_process_named().await? else { return Ok(WritingKey::Own) };
        let owner = row.id.to_string();
        let there = sqlx::query("SELECT wrapped, keeper FROM data_keys WHERE owner_id = $1 AND domain = $2")
            .bind(&owner)
            .bind(Domain::Image.label())
            .fetch_optional(&self.inner.pool)
            .await?;
        let (key, wrapped) = match there {
            None => {
                let process = self.key_process()?;
                let (key, wrapped) = process.line.new_key(key_place(Domain::Image, &owner)).await?;
                (key.open().map_err(KeyRefusal::from)?, wrapped)
            }
            Some(there) => {
                let wrapped: Option<Vec<u8>> = there.try_get("wrapped")?;
                let wrapped = wrapped.ok_or_else(destroyed)?;
                if there.try_get::<Option<String>, _>("keeper")?.is_none() {
                    return Ok(WritingKey::Own);
                }
                // Nobody looks where nothing can be opened.
                self.key_process()?;
                let tx = WriteTx::begin(&self.inner).await?;
                let entry = Entry::look("encounter.resumed", actor).purpose("registration").about(row.person);
                let mut keys = self.look_at_images(tx, entry, &[row.id]).await?;
                (keys.take(row.id).ok_or_else(destroyed)?, wrapped)
            }
        };
        let held = HeldKey { key: Arc::new(key), wrapped, keeper, since: now };
        Ok(WritingKey::Held(self.inner.held.hold(row.id, held)))
    }
}
