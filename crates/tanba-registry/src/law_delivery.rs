//! A change of the law is delivered to the supervisor, and counts once the supervisor has acknowledged it.
//!
//! The rule: what a delivered set allows is allowed when it was acknowledged; what it ends (a law that is struck down, or whose time is
//! over) has ended at once, because collecting and using under a law that no longer holds must never wait. What has ended stays ended
//! until a set is acknowledged that says otherwise. Where the supervisor is silent, the law in use stays. The law of the founding counts
//! from the founding on: nobody is there yet who could acknowledge it, and its entry names its packs.
//!
//! Delivering, and putting into use, is one transaction each: the log entry, the files, and the end of use of whatever rests on a law that
//! no longer holds. Every registration asks the law again inside its own transaction, so none is later than that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tanba_law::{Modality, Pack, Text, diff};

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::LawDeliveryId;
use crate::journal::{Entry, open_payload};
use crate::law::LawBook;
use crate::law_files::{LawActivation, LawFiles, packs};
use crate::log_pruning;
use crate::registry::{Mode, Registry};
use crate::returns::LeafHead;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// The event of a delivery.
const DELIVERED: &str = "law.delivered";
/// The event of an acknowledgement.
const ACKNOWLEDGED: &str = "law.acknowledged";

/// A change of the law, delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LawDelivery {
    /// The delivery.
    pub id: LawDeliveryId,
    /// SHA-256 over all files, 64 hexadecimal digits.
    pub set_hash: String,
    /// Where it stands in the log.
    pub log_seq: u64,
    /// Records that may not be used any more, because the set ends the law that they rest on.
    pub blocked: u64,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LawDeliveryState {
    /// For the supervisor.
    Waiting,
    /// Another one came before it was acknowledged.
    Replaced,
    /// Acknowledged, and put into use with the next transaction.
    Acknowledged,
    /// Put into use.
    InUse,
}

impl LawDeliveryState {
    /// The name in the database and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Replaced => "replaced",
            Self::Acknowledged => "acknowledged",
            Self::InUse => "in_use",
        }
    }
}

/// What a delivery changes of one pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackChange {
    /// The pack.
    pub pack: String,
    /// Its name.
    pub title: Text,
    /// `added`, `removed` or `changed`.
    pub kind: String,
    /// Every change of a pack that stays, in words.
    pub changes: Vec<Text>,
}

/// A delivery as the supervisor reads it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LawDeliveryView {
    /// The delivery.
    pub id: LawDeliveryId,
    /// SHA-256 over its files.
    pub set_hash: String,
    /// Where it stands.
    pub state: LawDeliveryState,
    /// When it was delivered.
    pub delivered_at: Instant,
    /// Where that stands in the log.
    pub log_seq: u64,
    /// When it was acknowledged.
    pub acknowledged_at: Option<Instant>,
    /// When it was put into use: later than that.
    pub activated_at: Option<Instant>,
    /// What it means for people, in its operator's words; `None` where the folder says nothing.
    pub impact: Option<String>,
    /// What it changes, against the law in use; empty but for the delivery that waits.
    pub changes: Vec<PackChange>,
    /// Files beside the packs that it adds, takes away or changes: tables, assumption sheets, signatures, the keys of signers.
    pub files: Vec<String>,
    /// Packs of the law in use that it ends, which did not wait.
    pub ends: Vec<String>,
}

impl LawBook {
    /// The set that came last, in use or not.
    fn newest(&self) -> &LawFiles {
        self.delivered.last().unwrap_or(self).files()
    }

    /// The packs of the law in use that hold today and that another set ends.
    fn ended_by(&self, other: &Self, today: jiff::civil::Date) -> Vec<String> {
        let struck = |pack: &&Pack| pack.struck().is_some_and(|struck| today >= struck.on);
        let in_force = [Modality::Fingerprint, Modality::Genomic, Modality::Face, Modality::Iris]
            .into_iter()
            .filter(|modality| other.own_in_force(*modality, today).is_none())
            .filter_map(|modality| Some(self.own_in_force(modality, today)?.pack().id().to_owned()));
        let by_judgment = other.packs().filter(struck).map(Pack::id);
        let by_judgment = by_judgment.filter(|id| self.pack(id).is_some_and(|pack| !struck(&pack)));
        in_force.chain(by_judgment.map(str::to_owned)).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

impl Registry {
    /// Delivers files of law to the supervisor; `None` where they came last already. From the commit on, nothing is collected or used by a
    /// law that they end; what was, waits for a plan of deletion. Everything else that they change counts once it is acknowledged.
    ///
    /// # Errors
    /// Files that are not sound, or not signed as the register's mode asks; the law in use stays, and the log says that they were
    /// refused. A conflict where another set came at the same moment.
    pub async fn deliver_law(&self, files: &LawFiles) -> Result<Option<LawDelivery>> {
        let before = self.inner.law();
        if before.newest() == files {
            return Ok(None);
        }
        let offered = match LawBook::open(before.jurisdiction(), self.mode(), files.clone()) {
            Ok(offered) => offered,
            Err(why) => {
                let details = json!({"set": files.hash(), "problem": why.to_string()});
                let tx = WriteTx::begin(&self.inner).await?;
                tx.commit(&Entry::denial("law.refused", None).details(details)).await?;
                return Err(why);
            }
        };
        let mut tx = WriteTx::begin(&self.inner).await?;
        self.demand_same_law(&before)?;
        let (now, set_hash) = (tx.now(), files.hash());
        let id = LawDeliveryId::fresh(now.micros(), fresh_bytes()?);
        let ends = before.ended_by(&offered, self.today());
        let details = json!({"delivery": id, "set": set_hash, "packs": packs(&offered), "ends": ends});
        let log_seq = tx.log(&Entry::system(DELIVERED).details(details)).await?;
        files.store(tx.sql()).await?;
        sqlx::query("UPDATE law_deliveries SET state = 'replaced' WHERE state = 'waiting'").execute(tx.sql()).await?;
        sqlx::query("INSERT INTO law_deliveries (id, set_hash, state, log_seq, delivered_at) VALUES ($1, $2, 'waiting', $3, $4)")
            .bind(id.to_string())
            .bind(&set_hash)
            .bind(i64::try_from(log_seq).unwrap_or(i64::MAX))
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let mut book = LawBook::clone(&before);
        book.delivered.push(offered);
        let blocked = self.commit_law(tx, Arc::new(book)).await?;
        Ok(Some(LawDelivery { id, set_hash, log_seq, blocked }))
    }

    /// The supervisor has received a change of the law: it counts from now on.
    ///
    /// # Errors
    /// Denied without the supervisor's role; not found; a conflict where it does not wait any more.
    pub async fn acknowledge_law(&self, actor: &Actor, id: LawDeliveryId) -> Result<Option<LawActivation>> {
        self.demand(actor, Role::Supervisor, "acknowledge a change of the law").await?;
        let set: Option<String> = sqlx::query_scalar("SELECT set_hash FROM law_deliveries WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.inner.pool)
            .await?;
        self.demand_proof(actor, "acknowledge a change of the law", json!([id, set])).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = sqlx::query("SELECT state, set_hash, log_seq FROM law_deliveries WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(tx.sql())
            .await?
            .ok_or(RegistryError::NotFound { what: "delivery of law" })?;
        if state(&row)? != LawDeliveryState::Waiting {
            return Err(RegistryError::Conflict {
                what: "this change of the law does not wait",
                next: "look at the changes again: it was acknowledged, or a later one took its place",
            });
        }
        let said = json!({"delivery": id, "set": row.try_get::<String, _>("set_hash")?});
        // What is acknowledged is what was delivered: an administrator of the database may have changed the row meanwhile.
        if !self.entry_says(tx.sql(), row.try_get("log_seq")?, DELIVERED, &said).await?.unwrap_or(false) {
            return Err(RegistryError::Damaged { what: "delivery of law" });
        }
        let entry = Entry::effect(ACKNOWLEDGED, actor).purpose("supervision");
        let ack_seq = tx.log(&entry.details(said)).await?;
        sqlx::query("UPDATE law_deliveries SET state = 'acknowledged', acknowledged_by = $1, acknowledged_at = $2, ack_seq = $3 WHERE id = $4")
            .bind(actor.account().to_string())
            .bind(tx.now().micros())
            .bind(i64::try_from(ack_seq).unwrap_or(i64::MAX))
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        tx.commit_logged().await?;
        self.activate_acknowledged().await
    }

    /// Puts the set that was acknowledged last into use, in a transaction later than its acknowledgement; `None` where there is none, or
    /// the clock stands before it. A service does this every minute, for the case that it was stopped between the two.
    ///
    /// # Errors
    /// Damaged where the log does not hold the acknowledgement that the row names; files that cannot be used any more.
    pub async fn activate_acknowledged(&self) -> Result<Option<LawActivation>> {
        let before = self.inner.law();
        let mut tx = WriteTx::begin(&self.inner).await?;
        self.demand_same_law(&before)?;
        let found =
            sqlx::query("SELECT * FROM law_deliveries WHERE state = 'acknowledged' ORDER BY log_seq DESC LIMIT 1")
                .fetch_optional(tx.sql())
                .await?;
        let Some(row) = found else { return Ok(None) };
        if rows::instant(&row, "acknowledged_at")? >= tx.now() {
            return Ok(None);
        }
        let (id, set_hash): (LawDeliveryId, String) = (rows::id(&row, "id")?, row.try_get("set_hash")?);
        let said = json!({"delivery": id, "set": set_hash});
        if !self.entry_says(tx.sql(), row.try_get("ack_seq")?, ACKNOWLEDGED, &said).await?.unwrap_or(false) {
            return Err(RegistryError::Damaged { what: "acknowledgement of a law" });
        }
        let files = LawFiles::of_set(tx.sql(), &set_hash).await?;
        let delivery: i64 = row.try_get("log_seq")?;
        let mut book = LawBook::open(before.jurisdiction(), self.mode(), files)?;
        book.delivered = delivered_since(tx.sql(), &book, delivery).await?;
        let mut activation = self.write_activation(&mut tx, &book, Some(delivery)).await?;
        sqlx::query("UPDATE law_deliveries SET state = 'in_use', activated_at = $1 WHERE state = 'acknowledged'")
            .bind(tx.now().micros())
            .execute(tx.sql())
            .await?;
        activation.blocked = self.commit_law(tx, Arc::new(book)).await?;
        Ok(Some(activation))
    }

    /// Commits a change of the law with the end of use of what rests on a law that it ends; gives how many records those are.
    async fn commit_law(&self, mut tx: WriteTx<'_>, book: Arc<LawBook>) -> Result<u64> {
        // The rows are written under the new law, and whoever waits for the writer's turn finds it in use.
        let taken_out = {
            let mut law = self.inner.law.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            std::mem::replace(&mut *law, Arc::clone(&book))
        };
        let finish = async {
            let blocked = self.block_what_lost_its_law(&mut tx, &book).await?;
            tx.commit_logged().await?;
            Ok::<_, RegistryError>(blocked)
        };
        match finish.await {
            Ok(blocked) => {
                self.out_of_searches(&blocked).await;
                Ok(blocked.len() as u64)
            }
            Err(why) => {
                *self.inner.law.write().unwrap_or_else(std::sync::PoisonError::into_inner) = taken_out;
                Err(why)
            }
        }
    }

    /// Changes of the law, the newest first; of the one that waits, everything that it changes.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's role.
    pub async fn law_deliveries(&self, actor: &Actor) -> Result<Vec<LawDeliveryView>> {
        self.demand(actor, Role::Supervisor, "see changes of the law").await?;
        let mut sql = self.inner.pool.acquire().await?;
        let found =
            sqlx::query("SELECT * FROM law_deliveries ORDER BY log_seq DESC LIMIT 50").fetch_all(&mut *sql).await?;
        let law = self.inner.law();
        let mut views = Vec::new();
        for row in &found {
            let files = LawFiles::of_set(&mut sql, &row.try_get::<String, _>("set_hash")?).await?;
            let mut view = LawDeliveryView {
                id: rows::id(row, "id")?,
                set_hash: row.try_get("set_hash")?,
                state: state(row)?,
                delivered_at: rows::instant(row, "delivered_at")?,
                log_seq: rows::number(row, "log_seq")?,
                acknowledged_at: rows::instant_opt(row, "acknowledged_at")?,
                activated_at: rows::instant_opt(row, "activated_at")?,
                impact: files.impact().map(str::to_owned),
                changes: Vec::new(),
                files: Vec::new(),
                ends: Vec::new(),
            };
            if view.state == LawDeliveryState::Waiting {
                let offered = LawBook::open(law.jurisdiction(), self.mode(), files)?;
                view.ends = law.ended_by(&offered, self.today());
                (view.changes, view.files) = changes(&law, &offered);
            }
            views.push(view);
        }
        Ok(views)
    }

    /// Whether an entry of the log is of this event and its sealed part says these things; `None` where the law on keeping logs has erased that part.
    async fn entry_says(
        &self,
        sql: &mut SqliteConnection,
        seq: i64,
        event: &str,
        said: &serde_json::Value,
    ) -> Result<Option<bool>> {
        let row = sqlx::query("SELECT * FROM log_entries WHERE seq = $1").bind(seq).fetch_optional(&mut *sql).await?;
        let Some(row) = row else { return Ok(Some(false)) };
        let leaf: Vec<u8> = row.try_get("leaf")?;
        let pruned = leaf.is_empty() && seq < log_pruning::minimum(sql).await?;
        let told = if pruned { row.try_get("event")? } else { LeafHead::parse(&leaf).map(|leaf| leaf.event) };
        if told.is_none_or(|told| told != event) {
            return Ok(Some(false));
        }
        let Some(payload) = open_payload(&self.inner, &row)? else { return Ok(None) };
        let says = |(key, value): (&String, &serde_json::Value)| payload.details.get(key) == Some(value);
        Ok(Some(payload.event == event && said.as_object().is_some_and(|said| said.iter().all(says))))
    }

    /// The law in use is the one that the log says was put into use last.
    pub(crate) async fn demand_law_of_the_log(&self) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let last = sqlx::query("SELECT set_hash, log_seq FROM law_activations ORDER BY log_seq DESC LIMIT 1")
            .fetch_optional(&mut *sql)
            .await?;
        let Some(row) = last else { return Ok(()) };
        let said = json!({"set": row.try_get::<String, _>("set_hash")?});
        // An entry that has lost its words by its age still says that something was put into use.
        if self.entry_says(&mut sql, row.try_get("log_seq")?, "law.activated", &said).await?.unwrap_or(true) {
            Ok(())
        } else {
            Err(RegistryError::Damaged { what: "law in use" })
        }
    }
}

/// The law of a register as its rows say: what is in use, and what was delivered since.
pub(crate) async fn stored_law(sql: &mut SqliteConnection, jurisdiction: &str, mode: Mode) -> Result<LawBook> {
    let last = sqlx::query("SELECT set_hash, delivery_seq FROM law_activations ORDER BY log_seq DESC LIMIT 1")
        .fetch_optional(&mut *sql)
        .await?;
    let (files, delivery) = match last {
        Some(row) => {
            let files = LawFiles::of_set(sql, &row.try_get::<String, _>("set_hash")?).await?;
            (files, row.try_get::<Option<i64>, _>("delivery_seq")?)
        }
        None => (LawFiles::default(), None),
    };
    let mut book = LawBook::open(jurisdiction, mode, files)?;
    book.delivered = delivered_since(sql, &book, delivery.unwrap_or(-1)).await?;
    Ok(book)
}

/// Sets that were delivered after another one, oldest first.
async fn delivered_since(sql: &mut SqliteConnection, book: &LawBook, delivery: i64) -> Result<Vec<LawBook>> {
    let sets: Vec<String> =
        sqlx::query_scalar("SELECT set_hash FROM law_deliveries WHERE log_seq > $1 ORDER BY log_seq")
            .bind(delivery)
            .fetch_all(&mut *sql)
            .await?;
    let mut books = Vec::new();
    for set in &sets {
        books.push(LawBook::open(book.jurisdiction(), book.mode, LawFiles::of_set(sql, set).await?)?);
    }
    Ok(books)
}

/// What one set changes of another: its packs in words, and the names of other files.
fn changes(before: &LawBook, after: &LawBook) -> (Vec<PackChange>, Vec<String>) {
    let by_id =
        |book: &LawBook| book.packs().map(|pack| (pack.id().to_owned(), pack.clone())).collect::<BTreeMap<_, _>>();
    let (old, new) = (by_id(before), by_id(after));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = ids.into_iter().filter_map(|id| {
        let (pack, kind, told) = match (old.get(id), new.get(id)) {
            (Some(was), Some(is)) => {
                let told: Vec<Text> = diff(was, is).iter().map(tanba_law::Change::told).collect();
                (is, "changed", told)
            }
            (None, Some(is)) => (is, "added", Vec::new()),
            (was, None) => (was?, "removed", Vec::new()),
        };
        let same = kind == "changed" && told.is_empty();
        (!same).then(|| PackChange {
            pack: id.clone(),
            title: pack.title().clone(),
            kind: kind.to_owned(),
            changes: told,
        })
    });
    let (was, is): (BTreeMap<&str, &str>, BTreeMap<&str, &str>) =
        (before.files().named().collect(), after.files().named().collect());
    let names: BTreeSet<&str> = was.keys().chain(is.keys()).copied().collect();
    let files = names.into_iter().filter(|name| was.get(name) != is.get(name)).map(str::to_owned);
    (changed.collect(), files.collect())
}

fn state(row: &SqliteRow) -> Result<LawDeliveryState> {
    let name: String = row.try_get("state")?;
    [LawDeliveryState::Waiting, LawDeliveryState::Replaced, LawDeliveryState::Acknowledged, LawDeliveryState::InUse]
        .into_iter()
        .find(|one| one.name() == name)
        .ok_or(RegistryError::Damaged { what: "delivery of law" })
}
