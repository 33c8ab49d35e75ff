//! Bringing the index up to date, and taking off what retention erases.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sqlx::{Row, SqliteConnection};
use tanba_seal::index::{CHAIN_START, Label, OwnMap, PUBLISHED_EVENT, PublishedIndex, Tally, chain};
use tanba_seal::log::{Hash, leaf_hash};

use super::{DAMAGED, LastIndex, OwnMapAt, hash, tally, whole};
use crate::error::{RegistryError, Result};
use crate::journal::{Entry, open_payload};
use crate::params::INDEX_EVERY_SECONDS;
use crate::registry::{Inner, Registry};
use crate::rows;
use crate::store::WriteTx;

/// Entries read in one transaction, so that a register that is far behind lets others write in between.
const BATCH: usize = 2000;

/// What the index says of a record, and what it is made on.
struct Record {
    label: Label,
    tally: Tally,
    erased_head: Hash,
}

/// The index, being changed inside one transaction.
struct Filling {
    map: OwnMap,
    covers: u64,
    records: BTreeMap<String, Record>,
}

impl Filling {
    async fn begin(memory: &mut Option<OwnMapAt>, sql: &mut SqliteConnection) -> Result<Self> {
        let last = LastIndex::read(sql).await?;
        let map = OwnMapAt::take(memory, sql, last.as_ref()).await?;
        Ok(Self { map, covers: last.map_or(0, |last| last.index.covers), records: BTreeMap::new() })
    }

    /// Takes in the next entries, after holding whom they are about by the rows against what they say themselves. Returns how many were
    /// read, and how many were placed.
    async fn next(&mut self, inner: &Inner, tx: &mut WriteTx<'_>) -> Result<(usize, usize)> {
        let read = self.compare(inner, tx.sql()).await?;
        let due = sqlx::query(
            "SELECT s.seq, s.person_id, l.leaf FROM log_subjects s JOIN log_entries l ON l.seq = s.seq WHERE s.place IS NULL AND s.seq < $1 \
             AND NOT EXISTS (SELECT 1 FROM deferred_entries d WHERE d.log_seq = s.seq AND d.until > $2) ORDER BY s.seq, s.person_id",
        )
        .bind(whole(self.covers))
        .bind(tx.now().micros())
        .fetch_all(tx.sql())
        .await?;
        for row in &due {
            let person: String = row.try_get("person_id")?;
            let leaf: Vec<u8> = row.try_get("leaf")?;
            let tally = &mut self.record(inner, tx.sql(), &person).await?.tally;
            let place = tally.entries;
            tally.head = chain(&tally.head, place, &leaf_hash(&leaf));
            tally.entries += 1;
            sqlx::query("UPDATE log_subjects SET place = $1 WHERE person_id = $2 AND seq = $3")
                .bind(whole(place))
                .bind(person)
                .bind(row.try_get::<i64, _>("seq")?)
                .execute(tx.sql())
                .await?;
        }
        self.write(tx.sql()).await?;
        Ok((read, due.len()))
    }

    /// Goes on over the next entries of the log. Whom an entry is about stands in its sealed part, which its leaf commits to: rows that say
    /// something else were changed, and nothing is indexed by them.
    async fn compare(&mut self, inner: &Inner, sql: &mut SqliteConnection) -> Result<usize> {
        let from = whole(self.covers);
        let found = sqlx::query("SELECT * FROM log_entries WHERE seq >= $1 ORDER BY seq LIMIT $2")
            .bind(from)
            .bind(i64::try_from(BATCH).unwrap_or(i64::MAX))
            .fetch_all(&mut *sql)
            .await?;
        let covers = from + i64::try_from(found.len()).unwrap_or(0);
        let mut about: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        let subjects = sqlx::query("SELECT seq, person_id FROM log_subjects WHERE seq >= $1 AND seq < $2");
        for row in subjects.bind(from).bind(covers).fetch_all(&mut *sql).await? {
            about.entry(row.try_get("seq")?).or_default().insert(row.try_get("person_id")?);
        }
        for (row, expected) in found.iter().zip(from..) {
            if row.try_get::<i64, _>("seq")? != expected {
                return Err(RegistryError::Damaged { what: "log entry" });
            }
            // Of an entry that lost its words before there was an index nobody knows any more whom it was about.
            let Some(payload) = open_payload(inner, row)? else { continue };
            let told: BTreeSet<String> = payload.subjects.iter().map(ToString::to_string).collect();
            if about.remove(&expected).unwrap_or_default() != told {
                return Err(RegistryError::Damaged { what: "subjects of a log entry" });
            }
        }
        self.covers = u64::try_from(covers).map_err(|_| DAMAGED)?;
        Ok(found.len())
    }

    async fn record(&mut self, inner: &Inner, sql: &mut SqliteConnection, person: &str) -> Result<&mut Record> {
        if !self.records.contains_key(person) {
            let label = inner.vault.ring().own_label(person);
            let row =
                sqlx::query("SELECT * FROM own_index WHERE person_id = $1").bind(person).fetch_optional(sql).await?;
            let record = match row {
                Some(row) => Record { label, tally: tally(&row)?, erased_head: hash(&row, "erased_head")? },
                None => Record {
                    label,
                    tally: Tally { entries: 0, erased: 0, head: CHAIN_START },
                    erased_head: CHAIN_START,
                },
            };
            // A row that was changed by hand would go on from somewhere else than the map that is published.
            let held = (record.tally.entries > 0).then(|| record.tally.digest());
            if self.map.get(&label) != held {
                return Err(DAMAGED);
            }
            self.records.insert(person.to_owned(), record);
        }
        self.records.get_mut(person).ok_or(DAMAGED)
    }

    /// Writes the records that changed to rows and map.
    async fn write(&mut self, sql: &mut SqliteConnection) -> Result<()> {
        for (person, record) in std::mem::take(&mut self.records) {
            sqlx::query(
                "INSERT INTO own_index (person_id, label, entries, head, erased, erased_head) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person_id) \
                 DO UPDATE SET entries = excluded.entries, head = excluded.head, erased = excluded.erased, erased_head = excluded.erased_head",
            )
            .bind(person)
            .bind(record.label.0.to_vec())
            .bind(whole(record.tally.entries))
            .bind(record.tally.head.0.to_vec())
            .bind(whole(record.tally.erased))
            .bind(record.erased_head.0.to_vec())
            .execute(&mut *sql)
            .await?;
            self.map.set(record.label, record.tally.digest());
        }
        Ok(())
    }

    /// Takes the oldest entries of every record off that are before a place in the log: they go on counting, and no row says any more whom
    /// they were about. Returns how many.
    async fn take_off(&mut self, inner: &Inner, tx: &mut WriteTx<'_>, stays: i64) -> Result<usize> {
        // What was told late stands after newer entries, and goes when they go.
        let gone = sqlx::query(
            "SELECT s.person_id, s.place, l.leaf FROM log_subjects s JOIN log_entries l ON l.seq = s.seq WHERE s.seq < $1 AND s.place IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM log_subjects o WHERE o.person_id = s.person_id AND o.seq >= $1 AND o.place < s.place) \
             ORDER BY s.person_id, s.place",
        )
        .bind(stays)
        .fetch_all(tx.sql())
        .await?;
        for row in &gone {
            let person: String = row.try_get("person_id")?;
            let leaf: Vec<u8> = row.try_get("leaf")?;
            let place: u64 = rows::number(row, "place")?;
            let record = self.record(inner, tx.sql(), &person).await?;
            if place != record.tally.erased {
                return Err(DAMAGED);
            }
            record.erased_head = chain(&record.erased_head, place, &leaf_hash(&leaf));
            record.tally.erased += 1;
            sqlx::query("DELETE FROM log_subjects WHERE person_id = $1 AND place = $2")
                .bind(person)
                .bind(whole(place))
                .execute(tx.sql())
                .await?;
        }
        self.write(tx.sql()).await?;
        Ok(gone.len())
    }

    fn entry(&self) -> Entry<'static> {
        let mut entry = Entry::system(PUBLISHED_EVENT);
        entry.index = Some(PublishedIndex { covers: self.covers, root: self.map.root() });
        entry
    }
}

/// Takes the rows that say whom entries before a place are about out of the database. The index is brought up to that place first, so
/// that they go on counting; what may not be told yet keeps its row until it was told.
pub(crate) async fn take_off(inner: &Inner, tx: &mut WriteTx<'_>, stays: i64) -> Result<()> {
    let mut filling = Filling::begin(&mut None, tx.sql()).await?;
    let mut changed = 0;
    loop {
        let (read, placed) = filling.next(inner, tx).await?;
        changed += placed;
        if read < BATCH || whole(filling.covers) >= stays {
            break;
        }
    }
    changed += filling.take_off(inner, tx, stays).await?;
    if changed > 0 {
        tx.log(&filling.entry()).await?;
    }
    Ok(())
}

impl Registry {
    /// Brings the index of own entries up to date and writes its root to the log, if there is anything new to say. Returns the place of
    /// the last entry that it wrote; it counts once that is published.
    ///
    /// # Errors
    /// Damaged where the rows of the index, or those that say whom an entry is about, are not what they were: then nothing is written.
    pub async fn publish_index(&self) -> Result<Option<u64>> {
        let mut memory = self.inner.own_map.lock().await;
        let mut published = None;
        loop {
            let mut tx = WriteTx::begin(&self.inner).await?;
            let before = LastIndex::read(tx.sql()).await?.map_or(0, |last| last.seq);
            let mut filling = Filling::begin(&mut memory, tx.sql()).await?;
            let (read, placed) = filling.next(&self.inner, &mut tx).await?;
            if placed == 0 && read < BATCH {
                *memory = Some(OwnMapAt { seq: before, map: filling.map });
                return Ok(published);
            }
            let seq = tx.commit(&filling.entry()).await?;
            // Not before it is durable: what is in memory is what was published.
            *memory = Some(OwnMapAt { seq, map: filling.map });
            published = Some(seq);
            if read < BATCH {
                return Ok(published);
            }
        }
    }

    /// Brings the index up to date every minute until the registry is dropped. Call it once, in a service.
    pub fn keep_index_published(&self) -> tokio::task::JoinHandle<()> {
        let registry = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(INDEX_EVERY_SECONDS)).await;
                if let Err(error) = registry.publish_index().await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the index of own entries was not published: people get no newer proof until this is mended"
                    );
                }
            }
        })
    }
}
