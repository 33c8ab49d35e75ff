//! The proof that a person takes away.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_seal::index::{CHAIN_START, OwnEntries, OwnMap, RecordEntries};
use tanba_seal::log::LogError;

use super::{LastIndex, OwnMapAt, hash};
use crate::actor::Actor;
use crate::error::{RegistryError, Result};
use crate::ids::PersonId;
use crate::journal::Entry;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;

const NOT_YET: RegistryError = RegistryError::Conflict {
    what: "the index of your entries is not published yet",
    next: "ask again in a minute or two",
};

impl Registry {
    /// Every entry about the signed-in person's records that may be told, with the proof that the log's index counts no others. Taking
    /// it is a look at the own record.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role; a conflict before the first index is published; damaged where the index is not
    /// what was published.
    pub async fn own_entries(&self, actor: &Actor) -> Result<OwnEntries> {
        let (person, records) = self.own_records(actor).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("own_record.viewed", actor).purpose("rights_of_the_person").about(person);
        tx.commit(&entry.details(json!({"proof": true}))).await?;

        let mut memory = self.inner.own_map.lock().await;
        // One state of the rows, whatever is written meanwhile.
        let mut rows = self.inner.pool.begin().await?;
        let last = LastIndex::read(&mut rows).await?.ok_or(NOT_YET)?;
        let map = OwnMapAt::take(&mut memory, &mut rows, Some(&last)).await?;
        let records = self.record_entries(&mut rows, &map, &records).await;
        *memory = Some(OwnMapAt { seq: last.seq, map });
        drop(memory);
        let mut published = match self.prove(last.seq).await {
            Err(RegistryError::Log(LogError::OutOfRange { .. })) => return Err(NOT_YET),
            proof => proof?,
        };
        published.extra = Some(last.leaf);
        Ok(OwnEntries { records: records?, published })
    }

    async fn record_entries(
        &self,
        sql: &mut SqliteConnection,
        map: &OwnMap,
        records: &BTreeSet<PersonId>,
    ) -> Result<Vec<RecordEntries>> {
        let mut told = Vec::with_capacity(records.len());
        for record in records {
            let person = record.to_string();
            let label = self.inner.vault.ring().own_label(&person);
            let row = sqlx::query("SELECT erased, erased_head FROM own_index WHERE person_id = $1")
                .bind(&person)
                .fetch_optional(&mut *sql)
                .await?;
            let (erased, start) = match &row {
                Some(row) => (rows::number(row, "erased")?, hash(row, "erased_head")?),
                None => (0, CHAIN_START),
            };
            let found = sqlx::query(
                "SELECT l.leaf FROM log_subjects s JOIN log_entries l ON l.seq = s.seq WHERE s.person_id = $1 AND s.place IS NOT NULL ORDER BY s.place",
            )
            .bind(&person)
            .fetch_all(&mut *sql)
            .await?;
            let entries = found.iter().map(|row| row.try_get("leaf")).collect::<std::result::Result<_, _>>()?;
            told.push(RecordEntries { label, erased, start, entries, path: map.path(&label) });
        }
        Ok(told)
    }
}
