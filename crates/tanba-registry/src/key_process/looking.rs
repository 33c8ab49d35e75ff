//! Keys for a look: logged, witnessed and proved before anything is opened.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sqlx::{Row as _, SqliteConnection};
use tanba_seal::DataKey;
use tanba_seal::keyd::{KeyPlace, Opening, Release, WantedKey};
use tanba_seal::log::{self, Checkpoint, TlogProof};

use super::KeyRefusal;
use crate::error::{RegistryError, Result};
use crate::ids::EncounterId;
use crate::journal::{Entry, LookedAt};
use crate::keys::key_for_reading;
use crate::registry::{Registry, log_folder};
use crate::store::WriteTx;
use crate::tile_dir::TileDir;
use crate::vault::{Domain, Vault, key_place};

/// How often the key process is told anew where the log stood, if it remembers another place.
const TRIES: usize = 3;

/// The keys of one look, by record. They are wiped when it ends.
pub(crate) struct OpenedKeys(BTreeMap<EncounterId, DataKey>);

impl OpenedKeys {
    /// The key of a record from the register's own key file, for what is logged with what is made of it.
    pub(crate) async fn own(vault: &Vault, sql: &mut SqliteConnection, record: EncounterId) -> Result<Self> {
        let key = key_for_reading(vault, sql, &record.to_string(), Domain::Image).await?;
        Ok(Self(key.map(|key| (record, key)).into_iter().collect()))
    }

    /// The key of a record; `None` where none was made or it was destroyed.
    pub(crate) fn of(&self, record: EncounterId) -> Option<&DataKey> {
        self.0.get(&record)
    }

    /// The same, to be kept.
    pub(crate) fn take(&mut self, record: EncounterId) -> Option<DataKey> {
        self.0.remove(&record)
    }
}

/// A key as a request names it.
pub(super) fn wanted(place: KeyPlace, wrapped: &[u8]) -> WantedKey {
    let KeyPlace { domain, table, record, field } = place;
    WantedKey { domain, table, record, field, wrapped: BASE64.encode(wrapped) }
}

impl Registry {
    /// Writes the entry of a look at the images of these records, and gives their keys once it is where it cannot be taken
    /// back: in the database if the register holds the keys itself, and in the witnessed log if a key process does. The
    /// checks that the look depends on were made in `tx`.
    pub(crate) async fn look_at_images(
        &self,
        tx: WriteTx<'_>,
        entry: Entry<'_>,
        records: &[EncounterId],
    ) -> Result<OpenedKeys> {
        let looked_at = LookedAt::new(records.iter().map(ToString::to_string).collect())?;
        let seq = tx.commit(&entry.looks_at(&looked_at)).await?;
        let (mut keys, mut at, mut asked) = (BTreeMap::new(), Vec::new(), Vec::new());
        for &record in records {
            let owner = record.to_string();
            let row = sqlx::query(
                "SELECT wrapped, keeper FROM data_keys WHERE owner_id = $1 AND domain = $2 AND wrapped IS NOT NULL",
            )
            .bind(&owner)
            .bind(Domain::Image.label())
            .fetch_optional(&self.inner.pool)
            .await?;
            let Some(row) = row else { continue };
            let wrapped: Vec<u8> = row.try_get("wrapped")?;
            if row.try_get::<Option<String>, _>("keeper")?.is_none() {
                keys.insert(record, self.inner.vault.open_key(Domain::Image, &owner, &wrapped)?);
            } else if !at.contains(&record) {
                asked.push(wanted(key_place(Domain::Image, &owner), &wrapped));
                at.push(record);
            }
        }
        if !asked.is_empty() {
            let released = self.release(seq, looked_at.opening(), asked).await?;
            keys.extend(at.into_iter().zip(released));
        }
        Ok(OpenedKeys(keys))
    }

    /// The keys that the key process gives for the entry at `seq`, in the order of `keys`.
    pub(super) async fn release(&self, seq: u64, opening: Opening, keys: Vec<WantedKey>) -> Result<Vec<DataKey>> {
        let process = self.key_process()?;
        self.publish().await?;
        self.wait_for_witnesses(seq, process.patience).await?;
        let asked = keys.len();
        let mut relied_on = process.relied_on.lock().await;
        for _ in 0..TRIES {
            let old = *relied_on;
            let (size, mut request) = self.proved(seq, old).await?;
            (request.opening, request.keys) = (opening.clone(), keys.clone());
            match process.line.release(&request).await {
                Ok(released) if released.len() == asked => {
                    *relied_on = size;
                    return released
                        .iter()
                        .map(|key| key.open().map_err(|error| KeyRefusal::from(error).into()))
                        .collect();
                }
                Ok(_) => return Err(RegistryError::Damaged { what: "answer of the key process" }),
                Err(KeyRefusal::Refused { size: Some(seen), .. }) if seen != old => *relied_on = seen,
                Err(refusal) => return Err(refusal.into()),
            }
        }
        Err(RegistryError::Keys {
            code: "behind".to_owned(),
            why: "the key process remembers this log at another size every time: somebody else uses it with this log's key"
                .to_owned(),
        })
    }

    /// A request without its keys: the entry, its proof, and the consistency of the log since `old`; and the proof's size.
    async fn proved(&self, seq: u64, old: u64) -> Result<(u64, Release)> {
        let verifier = self.log_verifier();
        let folder = log_folder(&self.inner.dir);
        let made = tokio::task::spawn_blocking(move || {
            let tiles = TileDir::open(&folder);
            let proof = TlogProof::make(&tiles, &verifier, seq)?;
            let size = Checkpoint::open(&proof.checkpoint, &verifier)?.size;
            let entry = log::read_entry(&tiles, size, seq)?;
            // A smaller log than the one relied on was set back, and has nothing to prove; the key process says so.
            let consistency = match old {
                0 => Vec::new(),
                old if old > size => Vec::new(),
                old => log::prove_consistency(&tiles, old, size)?,
            };
            Ok::<_, RegistryError>((size, proof, entry, consistency))
        });
        let (size, proof, entry, consistency) = made.await.map_err(|e| RegistryError::Io(io::Error::other(e)))??;
        let text = |bytes| String::from_utf8(bytes).map_err(|_| RegistryError::Damaged { what: "log entry" });
        let request = Release {
            proof: text(proof.to_bytes())?,
            entry: text(entry)?,
            old,
            consistency: consistency.iter().map(ToString::to_string).collect(),
            opening: Opening { salt: String::new(), records: Vec::new() },
            keys: Vec::new(),
        };
        Ok((size, request))
    }

    /// Until a quorum of the witnesses has cosigned the entry, where the log has witnesses.
    async fn wait_for_witnesses(&self, seq: u64, patience: Duration) -> Result<()> {
        let mut seen = self.inner.witnessed.subscribe();
        let there = seen.wait_for(|size| size.is_none_or(|size| size > seq));
        match tokio::time::timeout(patience, there).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(RegistryError::Keys {
                code: "not_witnessed".to_owned(),
                why: "too few of the log's witnesses have cosigned the look: it is in the log, and nothing was opened"
                    .to_owned(),
            }),
        }
    }
}
