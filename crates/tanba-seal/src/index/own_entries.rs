//! The proof that a person takes away: all entries about the own records, and that there are no others.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    MapPath, PUBLISHED_EVENT, Tally,
    hash::{CHAIN_START, Label, chain},
};
use crate::log::{Checkpoint, Hash, LogError, LogVerifier, Policy, TlogProof, leaf_hash};

/// What the log entry that publishes the index says, in its field `index`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedIndex {
    /// Every entry before this place is in the index, but those whose time to be told has not come.
    pub covers: u64,
    /// The root of the map.
    pub root: Hash,
}

/// The JSON form: `{"covers": number, "root": base64}`.
#[derive(Serialize, Deserialize)]
struct PublishedIndexJson {
    covers: u64,
    root: String,
}

impl Serialize for PublishedIndex {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PublishedIndexJson { covers: self.covers, root: self.root.to_string() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublishedIndex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let PublishedIndexJson { covers, root } = Deserialize::deserialize(deserializer)?;
        let root = Hash::from_base64(&root).ok_or_else(|| serde::de::Error::custom("not a hash in base64"))?;
        Ok(Self { covers, root })
    }
}

/// The part of any entry that matters here.
#[derive(Deserialize)]
struct Place {
    seq: u64,
}

/// The part of an entry that publishes an index.
#[derive(Deserialize)]
struct Published {
    seq: u64,
    event: String,
    index: PublishedIndex,
}

impl PublishedIndex {
    /// Reads an entry that publishes an index, and the place that the entry says it has.
    ///
    /// # Errors
    /// [`LogError::BadProof`] for every other entry.
    pub fn read(entry: &[u8]) -> Result<(u64, Self), LogError> {
        let refuse = LogError::BadProof { what: "its last part is no entry that publishes the index" };
        match serde_json::from_slice::<Published>(entry) {
            Ok(Published { seq, event, index }) if event == PUBLISHED_EVENT => Ok((seq, index)),
            _ => Err(refuse),
        }
    }
}

/// All entries about one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEntries {
    /// What the record is called in the index.
    pub label: Label,
    /// How many entries, the oldest, retention has taken off.
    pub erased: u64,
    /// The head of the chain over those.
    pub start: Hash,
    /// The others, as they are in the log, in the order in which they entered the index.
    pub entries: Vec<Vec<u8>>,
    /// Where the map says so.
    pub path: MapPath,
}

/// All entries about a person's records, with the proof that there are no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEntries {
    /// The person's records: several where records were merged.
    pub records: Vec<RecordEntries>,
    /// The proof that the index is in the log, with the entry that publishes it as its extra data.
    pub published: TlogProof,
}

/// What a proof that holds has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The entries before this place are all accounted for.
    pub covers: u64,
    /// The log as it was signed.
    pub checkpoint: Checkpoint,
    /// What there is about each record.
    pub records: Vec<RecordTold>,
}

/// What a proof that holds has shown about one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordTold {
    /// The record.
    pub label: Label,
    /// What the index says of it.
    pub tally: Tally,
    /// Where in the log the listed entries are.
    pub places: Vec<u64>,
}

impl RecordEntries {
    /// What the index must say of the record if these entries are all.
    fn tally(&self) -> Result<Tally, LogError> {
        let count = u64::try_from(self.entries.len()).ok().and_then(|n| self.erased.checked_add(n));
        let entries = count.ok_or(LogError::BadProof { what: "it counts more entries than there can be" })?;
        Ok(Tally { entries, erased: self.erased, head: self.head_at(self.entries.len()) })
    }

    /// The head of the chain after the first `listed` of the entries here.
    fn head_at(&self, listed: usize) -> Hash {
        let places = self.erased..;
        places.zip(&self.entries[..listed]).fold(self.start, |head, (at, entry)| chain(&head, at, &leaf_hash(entry)))
    }

    fn told(&self, index: &PublishedIndex) -> Result<RecordTold, LogError> {
        let refuse = |what| Err(LogError::BadProof { what });
        if self.erased == 0 && self.start != CHAIN_START {
            return refuse("its chain begins with entries that it does not count");
        }
        let mut seen = BTreeSet::new();
        let mut places = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let Ok(Place { seq }) = serde_json::from_slice(entry) else {
                return refuse("an entry in it is no entry of a register's log");
            };
            if seq >= index.covers {
                return refuse("an entry in it is newer than the index");
            }
            if !seen.insert(seq) {
                return refuse("it lists an entry twice");
            }
            places.push(seq);
        }
        let tally = self.tally()?;
        let digest = (tally.entries > 0).then(|| tally.digest());
        self.path.verify(&self.label, digest.as_ref(), &index.root)?;
        Ok(RecordTold { label: self.label, tally, places })
    }

    /// Whether this record has everything that it had in an earlier proof.
    fn extends(&self, earlier: &Self) -> Result<(), LogError> {
        let refuse = |what| Err(LogError::BadProof { what });
        let (now, then) = (self.tally()?, earlier.tally()?);
        if now.entries < then.entries || self.erased < earlier.erased {
            return refuse("it has fewer entries than the earlier one");
        }
        // Of what retention has taken off since, only the head of the chain is left to compare.
        if self.erased > then.entries {
            return Ok(());
        }
        let gone = usize::try_from(self.erased - earlier.erased).unwrap_or(usize::MAX);
        let kept = earlier.entries.get(gone..).unwrap_or_default();
        if earlier.head_at(gone.min(earlier.entries.len())) != self.start || !self.entries.starts_with(kept) {
            return refuse("entries of the earlier one are missing or changed");
        }
        Ok(())
    }
}

impl OwnEntries {
    /// Checks that the log signed for by `verifier` holds the index, and that the index counts exactly these entries.
    ///
    /// # Errors
    /// [`LogError::BadCheckpoint`]; [`LogError::BadProof`] where an entry was left out, added, changed or moved.
    pub fn verify(&self, verifier: &LogVerifier) -> Result<Told, LogError> {
        self.told(self.published.verify(verifier, self.entry()?)?)
    }

    /// The same with a checkpoint that a quorum of the policy's witnesses has cosigned.
    ///
    /// # Errors
    /// Those of [`Policy::check`]; as [`OwnEntries::verify`].
    pub fn verify_witnessed(&self, policy: &Policy) -> Result<Told, LogError> {
        self.told(self.published.verify_witnessed(policy, self.entry()?)?.checkpoint)
    }

    /// Checks that nothing of an earlier proof is missing here: the same records, and all of their entries. Both are to
    /// be verified besides.
    ///
    /// # Errors
    /// [`LogError::BadProof`].
    pub fn extends(&self, earlier: &Self) -> Result<(), LogError> {
        if PublishedIndex::read(self.entry()?)?.1.covers < PublishedIndex::read(earlier.entry()?)?.1.covers {
            return Err(LogError::BadProof { what: "it is older than the earlier one" });
        }
        for then in &earlier.records {
            let Some(now) = self.records.iter().find(|record| record.label == then.label) else {
                return Err(LogError::BadProof { what: "a record of the earlier one is missing" });
            };
            now.extends(then)?;
        }
        Ok(())
    }

    /// The entry that publishes the index.
    fn entry(&self) -> Result<&[u8], LogError> {
        self.published
            .extra
            .as_deref()
            .ok_or(LogError::BadProof { what: "it lacks the entry that publishes the index" })
    }

    fn told(&self, checkpoint: Checkpoint) -> Result<Told, LogError> {
        let (seq, index) = PublishedIndex::read(self.entry()?)?;
        if seq != self.published.index || index.covers > seq {
            return Err(LogError::BadProof {
                what: "the entry that publishes the index stands elsewhere than it says",
            });
        }
        if self.records.is_empty() {
            return Err(LogError::BadProof { what: "it is about no record" });
        }
        let labels: BTreeSet<_> = self.records.iter().map(|record| record.label).collect();
        if labels.len() != self.records.len() {
            return Err(LogError::BadProof { what: "it lists a record twice" });
        }
        let records = self.records.iter().map(|record| record.told(&index)).collect::<Result<_, _>>()?;
        Ok(Told { covers: index.covers, checkpoint, records })
    }
}
