//! Whether what the log cites is there: each entry's clause in the very pack, by its hash, that the entry names.

use std::collections::BTreeMap;

use serde::Deserialize;
use sqlx::Row;
use tanba_law::{Library, Pack};

use crate::error::{RegistryError, Result};
use crate::registry::Registry;
use crate::rows;

/// What a leaf says of the law.
#[derive(Deserialize)]
struct Cited {
    pack: Option<String>,
    clause: Option<String>,
}

impl Registry {
    /// Places in the log of entries whose clause is not found in the pack that they name. The packs are those that come with
    /// the program and all that were ever put into use here. Nothing, in a sound register.
    ///
    /// # Errors
    /// Those of the database; a damaged leaf.
    pub async fn unresolved_citations(&self) -> Result<Vec<u64>> {
        let embedded = Library::embedded();
        let stored: Vec<String> = sqlx::query_scalar("SELECT content FROM law_files ORDER BY set_hash, place")
            .fetch_all(&self.inner.pool)
            .await?;
        // Keys, signatures and tables of money stand among the files, and are no packs.
        let given: Vec<Pack> =
            stored.iter().filter_map(|text| Pack::from_yaml(text, embedded.indices()).ok()).collect();
        let packs: BTreeMap<String, &Pack> =
            embedded.packs().iter().chain(&given).map(|pack| (pack.hash().to_string(), pack)).collect();
        let entries = sqlx::query("SELECT seq, leaf FROM log_entries WHERE LENGTH(leaf) > 0 ORDER BY seq")
            .fetch_all(&self.inner.pool)
            .await?;
        let mut unresolved = Vec::new();
        for entry in &entries {
            let leaf: Vec<u8> = entry.try_get("leaf")?;
            let cited: Cited =
                serde_json::from_slice(&leaf).map_err(|_| RegistryError::Damaged { what: "log entry" })?;
            // Where there was no law at all, the hash is empty.
            let (Some(hash), Some(clause)) = (cited.pack.filter(|hash| !hash.is_empty()), cited.clause) else {
                continue;
            };
            if packs.get(&hash).is_none_or(|pack| pack.clause(&clause).is_none()) {
                unresolved.push(rows::number(entry, "seq")?);
            }
        }
        Ok(unresolved)
    }
}
