//! Files of law that an operator gives: read from a folder, kept with the register, put into use while it runs (`law_delivery` says when).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use tanba_law::{KeyFile, LawFile, Library, Modality, Text, Told};

use crate::error::{RegistryError, Result};
use crate::ids::RowId;
use crate::journal::{Entry, hex};
use crate::law::LawBook;
use crate::registry::Registry;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// The name under which the file of trusted keys is kept beside the folder's files; no file of a folder has it.
const KEYS: &str = "/keys";

/// The file of a folder that says what a change of the law means for people, and the name under which it is kept.
const IMPACT: &str = "impact-assessment.md";

/// The files of a folder with law packs, and the keys by which their signatures are checked. None: the packs that come with the
/// program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LawFiles {
    files: Vec<LawFile>,
    keys: Option<String>,
    impact: Option<String>,
}

/// Files of law that were put into use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LawActivation {
    /// SHA-256 over all files, 64 hexadecimal digits.
    pub set_hash: String,
    /// The packs of the register's country with their hashes, in order of id.
    pub packs: Vec<(String, String)>,
    /// When.
    pub at: Instant,
    /// Where it stands in the log.
    pub log_seq: u64,
    /// Records that may not be used any more, because the law that they rest on no longer holds.
    pub blocked: u64,
}

/// The law of one modality, as people read it today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawToday {
    /// What is registered under it.
    pub modality: Modality,
    /// The pack.
    pub pack: String,
    /// Its hash.
    pub hash: String,
    /// Name of the pack.
    pub title: Text,
    /// Title of the act.
    pub act: Text,
    /// Its number.
    pub number: String,
    /// Its date, where that is known.
    pub date: Option<Date>,
    /// Why it no longer holds; `None` while it does.
    pub ended: Option<Text>,
    /// The pack is a draft, and this is a demonstration.
    pub demonstration: bool,
    /// What it asks.
    pub told: Told,
}

impl LawFiles {
    /// Reads every `*.yaml` of a folder, its `impact-assessment.md` where there is one, and the file of trusted keys, which lies elsewhere: whoever may change packs must not
    /// choose who signs them.
    ///
    /// # Errors
    /// A folder or file that cannot be read; a folder without packs.
    pub fn read(folder: &Path, keys: Option<&Path>) -> Result<Self> {
        let (mut files, mut impact) = (Vec::new(), None);
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "yaml") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.push(LawFile { name, text: std::fs::read_to_string(&path)? });
            } else if path.file_name().is_some_and(|name| name == IMPACT) {
                impact = Some(std::fs::read_to_string(&path)?);
            }
        }
        if files.is_empty() {
            return Err(RegistryError::LawFiles {
                problem: format!("{} holds no file that ends in .yaml", folder.display()),
            });
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { files, keys: keys.map(std::fs::read_to_string).transpose()?, impact })
    }

    /// The packs of a country by these files.
    pub(crate) fn library(&self, jurisdiction: &str) -> Result<Library> {
        let unusable = |e: &dyn std::fmt::Display| RegistryError::LawFiles { problem: e.to_string() };
        let keys = self.keys.as_deref().map(KeyFile::from_yaml).transpose().map_err(|e| unusable(&e))?;
        tanba_law::packs_of(jurisdiction, &self.files, keys.as_ref()).map_err(|e| unusable(&e))
    }

    /// What the change means for people, as its operator says.
    pub(crate) fn impact(&self) -> Option<&str> {
        self.impact.as_deref()
    }

    /// Every file by its name.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        let keys = self.keys.iter().map(|keys| (KEYS, keys.as_str()));
        let impact = self.impact.iter().map(|impact| (IMPACT, impact.as_str()));
        self.files.iter().map(|file| (file.name.as_str(), file.text.as_str())).chain(keys).chain(impact)
    }

    /// What names the set: see [`set_hash`].
    pub(crate) fn hash(&self) -> String {
        set_hash(self.named())
    }

    /// A set as it is kept.
    pub(crate) async fn of_set(sql: &mut SqliteConnection, set_hash: &str) -> Result<Self> {
        let found = sqlx::query("SELECT name, content FROM law_files WHERE set_hash = $1 ORDER BY place")
            .bind(set_hash)
            .fetch_all(sql)
            .await?;
        let mut set = Self::default();
        for row in &found {
            let (name, text): (String, String) = (row.try_get("name")?, row.try_get("content")?);
            match name.as_str() {
                KEYS => set.keys = Some(text),
                IMPACT => set.impact = Some(text),
                _ => set.files.push(LawFile { name, text }),
            }
        }
        if set.hash() != set_hash {
            return Err(RegistryError::Damaged { what: "files of law" });
        }
        Ok(set)
    }

    /// Keeps the set; it may be there already.
    pub(crate) async fn store(&self, sql: &mut SqliteConnection) -> Result<()> {
        let set_hash = self.hash();
        for (place, (name, content)) in self.named().enumerate() {
            sqlx::query("INSERT INTO law_files (set_hash, place, name, content) VALUES ($1, $2, $3, $4) ON CONFLICT (set_hash, place) DO NOTHING")
                .bind(&set_hash)
                .bind(i64::try_from(place).unwrap_or(i64::MAX))
                .bind(name)
                .bind(content)
                .execute(&mut *sql)
                .await?;
        }
        Ok(())
    }
}

impl Registry {
    /// Reads a folder of law every minute, and delivers what changed to the supervisor; what lost its law is deleted at once, not
    /// tomorrow. What cannot be used is refused once, and the law in use stays. Call it once, in a service.
    pub fn keep_law_going(&self, folder: PathBuf, keys: Option<PathBuf>) -> tokio::task::JoinHandle<()> {
        const EVERY: std::time::Duration = std::time::Duration::from_secs(60);
        let registry = self.clone();
        tokio::spawn(async move {
            let mut refused = None;
            loop {
                tokio::time::sleep(EVERY).await;
                let read = (folder.clone(), keys.clone());
                let law = Self::aside(move || LawFiles::read(&read.0, read.1.as_deref())).await.flatten();
                let done = match law {
                    Ok(law) if refused.as_ref() == Some(&law) => continue,
                    Ok(law) => {
                        let done = registry.deliver_law(&law).await;
                        refused = done.is_err().then_some(law);
                        done
                    }
                    Err(error) => Err(error),
                };
                let done = match done {
                    Ok(Some(delivery)) => {
                        tracing::warn!(
                            set = delivery.set_hash,
                            blocked = delivery.blocked,
                            "law packs wait for the supervisor's acknowledgement; what they end has ended"
                        );
                        registry.run_retention().await.map(drop)
                    }
                    other => other.map(drop),
                };
                // One that was acknowledged before a crash counts now.
                let counts = registry.activate_acknowledged().await;
                let done = done.and(counts.map(drop));
                if let Err(error) = done {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the folder of law could not be followed; the law in use stays, and it will be tried again in a minute"
                    );
                }
            }
        })
    }

    /// Inside a transaction: the law that was asked before it is still the one in use.
    pub(crate) fn demand_same_law(&self, asked: &Arc<LawBook>) -> Result<()> {
        if Arc::ptr_eq(asked, &self.inner.law()) {
            return Ok(());
        }
        Err(RegistryError::Conflict {
            what: "the law changed meanwhile",
            next: "send the same request again; it is answered by the law of now",
        })
    }

    /// The law of today as people read it, one part for each modality of which this register has packs.
    pub fn law_today(&self) -> Vec<LawToday> {
        let (law, today) = (self.inner.law(), self.today());
        let modalities = [Modality::Fingerprint, Modality::Genomic, Modality::Face, Modality::Iris];
        let told = |modality| {
            let pack = law.version(modality, today)?;
            let ended = match pack.pack().struck().filter(|struck| today >= struck.on) {
                Some(struck) => Some(struck.text.clone()),
                None => law.in_force(modality, today).is_none().then(|| pack.pack().history().clone()),
            };
            Some(LawToday {
                modality,
                pack: pack.pack().id().to_owned(),
                hash: pack.pack().hash().to_string(),
                title: pack.pack().title().clone(),
                act: pack.pack().instrument().title.clone(),
                number: pack.pack().instrument().number.clone(),
                date: pack.pack().instrument().date,
                ended,
                demonstration: pack.is_demonstration(),
                told: pack.told(),
            })
        };
        modalities.into_iter().filter_map(told).collect()
    }

    /// The law in use: its packs with their hashes, in order of id.
    pub fn law_in_use(&self) -> Vec<(String, String)> {
        packs(&self.inner.law())
    }

    /// The rows and the log entry of files that are put into use: those of a delivery, by its place in the log, or those of the founding.
    pub(crate) async fn write_activation(
        &self,
        tx: &mut WriteTx<'_>,
        book: &LawBook,
        delivery: Option<i64>,
    ) -> Result<LawActivation> {
        let (now, set_hash, packs) = (tx.now(), book.files().hash(), packs(book));
        let signed: Vec<_> = book
            .packs()
            .filter_map(|pack| {
                pack.approval()
                    .map(|by| json!({"pack": pack.id(), "legal": by.legal, "technical": by.technical, "on": by.on}))
            })
            .collect();
        let details = json!({"set": set_hash, "packs": packs, "signed": signed, "delivered": delivery});
        let log_seq = tx.log(&Entry::system("law.activated").purpose("administration").details(details)).await?;
        book.files().store(tx.sql()).await?;
        sqlx::query("INSERT INTO law_activations (id, set_hash, activated_at, log_seq, delivery_seq) VALUES ($1, $2, $3, $4, $5)")
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(&set_hash)
            .bind(now.micros())
            .bind(i64::try_from(log_seq).unwrap_or(i64::MAX))
            .bind(delivery)
            .execute(tx.sql())
            .await?;
        Ok(LawActivation { set_hash, packs, at: now, log_seq, blocked: 0 })
    }
}

/// SHA-256 over all names and contents of a set, each with its length before it: 64 hexadecimal digits.
pub(crate) fn set_hash<'a>(named: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut hash = Sha256::new();
    for part in named.flat_map(|(name, text)| [name, text]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// The packs of a book with their hashes, in order of id.
pub(crate) fn packs(book: &LawBook) -> Vec<(String, String)> {
    let mut packs: Vec<_> = book.packs().map(|pack| (pack.id().to_owned(), pack.hash().to_string())).collect();
    packs.sort();
    packs
}
