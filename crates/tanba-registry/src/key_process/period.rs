//! Keys for a time: of what is read all day long, and searched as a whole.
//!
//! A search compares with everybody, so whoever searches holds everybody's templates; and names are read in every step at a
//! counter. A witness cannot cosign each of these, so their key-encryption keys are given for a period: an entry of the log
//! says that it begins, witnesses have seen it, and the key process may refuse. When a period ends without another one, the
//! keys are wiped, and with them the gallery; whatever needs them is refused until there is a key.
//!
//! Genetic data is not daily work. The keys of a group of specimens are asked for when an act needs them, by an entry that bears the
//! act's purpose and what it rests on, and for that purpose alone; when the period ends they are wiped, and the group goes from the index
//! that is searched. Nothing asks again before the next act.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Row as _;
use tanba_dna::Category;
use tanba_seal::keyd::KeyPlace;
use tanba_seal::{DataKey, KeyRing};
use tokio::sync::Mutex;

use super::KeyLine;
use super::looking::wanted;
use crate::actor::Actor;
use crate::error::Result;
use crate::journal::{Entry, LookedAt};
use crate::key_process::KeyRefusal;
use crate::keys::separate_groups;
use crate::registry::Registry;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, ENTRUSTED_KEYS, OsEntropy, Wrapping};

/// The kinds of data whose keys the register has for a period of daily work.
const DAILY: [Domain; 3] = [Domain::Template, Domain::Identity, Domain::Case];

/// How long a period lasts, seconds: a stop of the supervisor ends searches and names within it. (Own choice.)
pub const KEY_PERIOD_S: i64 = 600;

/// The purpose of the period of daily work, as the rules of a key process name it.
const OPERATION: &str = "operation";

/// The periods that run; none while the register holds these keys itself.
#[derive(Default)]
pub(crate) struct KeyPeriod(Mutex<Periods>);

#[derive(Default)]
struct Periods {
    /// When that of daily work ends; none between two of them.
    daily: Option<Instant>,
    /// When that of a group ends, for each purpose that it was opened for.
    groups: BTreeMap<(String, Category), Instant>,
}

impl Periods {
    fn open_groups(&self) -> BTreeSet<Category> {
        self.groups.keys().map(|(_, group)| *group).collect()
    }
}

/// Why groups of specimens are to be opened.
pub(crate) struct Need<'a> {
    pub(crate) actor: &'a Actor,
    /// As the rules of a key process name it.
    pub(crate) purpose: &'a str,
    /// The pack and the clause that permit it, where a law was asked.
    pub(crate) law: Option<(&'a str, &'a str)>,
    /// What it rests on.
    pub(crate) details: Value,
}

/// A row of `domain_keys`.
struct LentKeys {
    label: String,
    wrapped: Vec<u8>,
    sealed: Vec<u8>,
}

impl Registry {
    /// Whether the register opens most of its data only with keys that a key process gives for a time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn needs_key_period(&self) -> Result<bool> {
        Ok(!self.lent_keys().await?.is_empty())
    }

    async fn lent_keys(&self) -> Result<Vec<LentKeys>> {
        let rows = sqlx::query("SELECT domain, wrapped, sealed FROM domain_keys ORDER BY domain")
            .fetch_all(&self.inner.pool)
            .await?;
        let keys = rows.iter().map(|row| {
            Ok(LentKeys {
                label: row.try_get("domain")?,
                wrapped: row.try_get("wrapped")?,
                sealed: row.try_get("sealed")?,
            })
        });
        keys.collect()
    }

    /// Begins a period of daily work, or goes on with the one that runs: its entry is written, witnessed and shown to the key process, and
    /// with its answer everything but images and genetic data is open for [`KEY_PERIOD_S`] from the entry on. Does nothing where the
    /// register holds its keys itself.
    ///
    /// # Errors
    /// [`RegistryError::Keys`](crate::RegistryError::Keys), and then a period that runs ends when it would have; those of
    /// the database and of what is opened.
    pub async fn begin_key_period(&self) -> Result<()> {
        let mut periods = self.inner.period.0.lock().await;
        let mut daily = self.lent_keys().await?;
        if daily.is_empty() {
            return Ok(());
        }
        daily.retain(|keys| group_of(&keys.label).is_none());
        let entry = Entry::system("keys.period").purpose(OPERATION);
        let (keys, ends) = self.ask_for_period(entry, json!({}), &daily).await?;
        if periods.daily.is_none() {
            let into_use = async {
                self.borrow(&daily, &keys)?;
                if daily.iter().any(|keys| keys.label == Domain::Genomic.label()) {
                    self.separate_lent_groups().await?;
                }
                self.come_into_use().await
            };
            if let Err(why) = into_use.await {
                self.wipe().await;
                return Err(why);
            }
        }
        periods.daily = Some(ends);
        Ok(())
    }

    /// Opens groups of specimens for a purpose, for [`KEY_PERIOD_S`] from an entry on that says who needs them and why, unless they are
    /// open for that purpose already. Does nothing where the register holds its keys itself. Nothing may be written meanwhile.
    ///
    /// # Errors
    /// [`RegistryError::Keys`](crate::RegistryError::Keys); those of the database and of what is opened.
    pub(crate) async fn open_groups(&self, need: Need<'_>, groups: impl IntoIterator<Item = Category>) -> Result<()> {
        let mut periods = self.inner.period.0.lock().await;
        self.end_groups(&mut periods, self.inner.clock.now()).await;
        let needed = |group: &Category| {
            // One that was broken off while it was opened is not all there.
            !periods.groups.contains_key(&(need.purpose.to_owned(), *group)) || !self.genomic_index().is_open(*group)
        };
        let groups: BTreeSet<Category> = groups.into_iter().filter(needed).collect();
        if groups.is_empty() {
            return Ok(());
        }
        let mut lent = self.lent_keys().await?;
        lent.retain(|keys| group_of(&keys.label).is_some_and(|group| groups.contains(&group)));
        if lent.is_empty() {
            return Ok(());
        }
        let mut entry = Entry::look("keys.period", need.actor).purpose(need.purpose);
        if let Some((pack_hash, clause)) = need.law {
            entry = entry.law(pack_hash, clause);
        }
        let (keys, ends) = self.ask_for_period(entry, need.details, &lent).await?;
        periods.groups.extend(groups.iter().map(|group| ((need.purpose.to_owned(), *group), ends)));
        let closed: Vec<Category> =
            groups.iter().copied().filter(|group| !self.genomic_index().is_open(*group)).collect();
        let into_use = async {
            self.borrow(&lent, &keys)?;
            self.load_genomic(&closed).await
        };
        if let Err(why) = into_use.await {
            periods.groups.retain(|(_, group), _| !closed.contains(group));
            self.wipe_groups(closed).await;
            return Err(why);
        }
        Ok(())
    }

    /// The keys that open these, and until when: the entry is in the witnessed log before it is asked.
    async fn ask_for_period(
        &self,
        entry: Entry<'_>,
        mut details: Value,
        lent: &[LentKeys],
    ) -> Result<(Vec<DataKey>, Instant)> {
        // Nobody writes what nobody will answer to.
        self.key_process()?;
        let looked_at = LookedAt::new(lent.iter().map(|keys| record(&keys.label)).collect())?;
        details["domains"] = json!(lent.iter().map(|keys| &keys.label).collect::<Vec<_>>());
        details["seconds"] = json!(KEY_PERIOD_S);
        let tx = WriteTx::begin(&self.inner).await?;
        let ends = tx.now().plus_seconds(KEY_PERIOD_S);
        let seq = tx.commit(&entry.details(details).looks_at(&looked_at)).await?;
        let asked = lent.iter().map(|keys| wanted(place(&keys.label, "wrapped"), &keys.wrapped)).collect();
        Ok((self.release(seq, looked_at.opening(), asked).await?, ends))
    }

    fn borrow(&self, lent: &[LentKeys], keys: &[DataKey]) -> Result<()> {
        for (key, LentKeys { label, sealed, .. }) in keys.iter().zip(lent) {
            self.inner.vault.borrow_domain(&place(label, "keys").context(), key, sealed)?;
        }
        Ok(())
    }

    /// Ends the periods whose time is over: their keys are wiped, and what was opened with them for searches.
    pub async fn end_key_period(&self) {
        let mut periods = self.inner.period.0.lock().await;
        let now = self.inner.clock.now();
        self.end_groups(&mut periods, now).await;
        if periods.daily.is_some_and(|ends| ends <= now) {
            self.wipe().await;
            periods.daily = None;
            tracing::error!(
                "the key process gave no keys for another period: names and searches are closed until it does"
            );
        }
    }

    /// Keeps one period of daily work following the other until the registry is dropped, each begun in the middle of the one before, and
    /// ends those of groups. Call it once, in a service with a key process, and after [`Registry::begin_key_period`].
    pub fn keep_key_period_going(&self) -> tokio::task::JoinHandle<()> {
        const NEXT: Duration = Duration::from_secs(KEY_PERIOD_S.unsigned_abs() / 2);
        const AGAIN: Duration = Duration::from_secs(5);
        let registry = self.clone();
        tokio::spawn(async move {
            let now = tokio::time::Instant::now;
            let mut next = now() + if registry.gallery().is_ok() { NEXT } else { AGAIN };
            loop {
                tokio::time::sleep(AGAIN).await;
                if next <= now() {
                    let done = registry.begin_key_period().await;
                    if let Err(error) = &done {
                        tracing::warn!(error = error as &dyn std::error::Error, "no keys for the next period yet");
                    }
                    next = now() + if done.is_ok() { NEXT } else { AGAIN };
                }
                registry.end_key_period().await;
            }
        })
    }

    /// Has the register's own key-encryption keys sealed under keys of the key process, where they are not yet. They are still in the key
    /// file.
    pub(super) async fn lend(&self, line: &dyn KeyLine, keeper: &str, ring: &KeyRing) -> Result<()> {
        for label in ENTRUSTED_KEYS.into_iter().filter(|label| *label != Domain::Image.label()) {
            let there: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM domain_keys WHERE domain = $1")
                .bind(label)
                .fetch_one(&self.inner.pool)
                .await?;
            // A register that an older version has moved has its groups with its first period.
            if there > 0 || !ring.has_domain(label) {
                continue;
            }
            let (key, wrapped) = line.new_key(place(label, "wrapped")).await?;
            let sealed = seal_lent(ring, label, &key.open().map_err(KeyRefusal::from)?)?;
            let mut tx = WriteTx::begin(&self.inner).await?;
            insert_lent(&mut tx, label, &wrapped, keeper, sealed).await?;
            tx.commit(&Entry::system("keys.lent").details(json!({"keyd": keeper, "domain": label}))).await?;
        }
        Ok(())
    }

    /// Has a key for each group of specimens, where an older version had one for all that is with the key process, and wraps with them what
    /// that one wrapped: in one change, after which the one is gone. The keys of groups are wiped then, until somebody needs them.
    async fn separate_lent_groups(&self) -> Result<()> {
        let process = self.key_process()?;
        let keeper = process.line.standing().await?.name;
        let mut under = Vec::new();
        for group in Category::ALL {
            let label = Wrapping::Group(group).label();
            let (key, wrapped) = process.line.new_key(place(label, "wrapped")).await?;
            under.push((label, key.open().map_err(KeyRefusal::from)?, wrapped));
        }
        self.inner.vault.add_group_keys()?;
        let separated = async {
            let mut tx = WriteTx::begin(&self.inner).await?;
            for (label, key, wrapped) in &under {
                let sealed = seal_lent(&self.inner.vault.ring(), label, key)?;
                insert_lent(&mut tx, label, wrapped, &keeper, sealed).await?;
            }
            let keys = separate_groups(&self.inner.vault, tx.sql()).await?;
            sqlx::query("DELETE FROM domain_keys WHERE domain = $1")
                .bind(Domain::Genomic.label())
                .execute(tx.sql())
                .await?;
            tx.commit(&Entry::system("keys.separated").details(json!({"keyd": keeper, "keys": keys}))).await
        };
        let done = separated.await;
        self.inner.vault.give_back(Domain::Genomic);
        Category::ALL.into_iter().for_each(|group| self.inner.vault.give_back(Wrapping::Group(group)));
        done.map(drop)
    }

    /// As at the end of all periods, at once: the register has given its keys away.
    pub(super) async fn close_at_once(&self) {
        let mut periods = self.inner.period.0.lock().await;
        self.wipe().await;
        self.wipe_groups(Category::ALL).await;
        *periods = Periods::default();
    }

    /// Ends the periods of groups that are over.
    async fn end_groups(&self, periods: &mut Periods, now: Instant) {
        let before = periods.open_groups();
        periods.groups.retain(|_, ends| now < *ends);
        let open = periods.open_groups();
        self.wipe_groups(before.into_iter().filter(|group| !open.contains(group))).await;
    }

    /// Wipes the keys of groups, and takes them out of what is searched.
    async fn wipe_groups(&self, groups: impl IntoIterator<Item = Category>) {
        let _turn = self.inner.following.lock().await;
        for group in groups {
            self.inner.vault.give_back(Wrapping::Group(group));
            self.genomic_index_mut().close(group);
        }
    }

    /// Wipes the keys of daily work and what they have opened. What runs now ends with what it holds.
    async fn wipe(&self) {
        // Whoever brings a record into what is searched has done so before, or finds nothing to bring it into.
        let _turn = self.inner.following.lock().await;
        // What an older version has for all groups goes as well.
        for domain in DAILY.into_iter().chain([Domain::Genomic]) {
            self.inner.vault.give_back(domain);
        }
        self.close_gallery();
        self.inner.held.let_all_go();
    }
}

/// The keys of a domain, sealed under a key of the key process.
fn seal_lent(ring: &KeyRing, label: &str, under: &DataKey) -> Result<Vec<u8>> {
    Ok(ring.seal_domain(&place(label, "keys").context(), under, &mut OsEntropy)?)
}

/// Stores the keys of a domain as they are sealed under a key of the key process, with that key as it has wrapped it.
async fn insert_lent(tx: &mut WriteTx<'_>, label: &str, wrapped: &[u8], keeper: &str, sealed: Vec<u8>) -> Result<()> {
    let now = tx.now().micros();
    sqlx::query("INSERT INTO domain_keys (domain, wrapped, keeper, sealed, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(label)
        .bind(wrapped)
        .bind(keeper)
        .bind(sealed)
        .bind(now)
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// The group whose keys these are.
fn group_of(label: &str) -> Option<Category> {
    Category::ALL.into_iter().find(|group| Wrapping::Group(*group).label() == label)
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
