//! The civil register next door: who someone is, by its own word.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tanba_law::Iin;

use crate::phonetic;

/// What a population register says of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CivilRecord {
    /// The individual identification number.
    pub iin: String,
    /// Date of birth.
    pub born: Date,
    /// `citizen`, `foreigner`, `stateless`, ... as law packs name it.
    pub status: String,
    /// Names by kind and script, such as `family_name_kk`, `given_name_ru`, `family_name_latin`.
    pub names: BTreeMap<String, String>,
    /// `male` or `female`.
    pub sex: String,
    /// The individual identification numbers of parents or other legal guardians.
    #[serde(default)]
    pub guardians: Vec<String>,
    /// The numbers of the identity documents that the register knows as the person's.
    #[serde(default)]
    pub documents: Vec<String>,
    /// By what the state's messaging service knows the person; it says nothing to anybody else.
    #[serde(default)]
    pub message_address: Option<String>,
}

/// The population register does not answer. That says nothing about anybody: whoever it may know is not unknown to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the population register does not answer ({why}): try again, and tell the administrator if it lasts")]
pub struct RegisterAway {
    /// What keeps it from answering, in words that name nobody.
    pub why: String,
}

/// A population register, asked by number or by name.
///
/// # Errors
/// Every question fails with [`RegisterAway`] where the register is not reached; "none" is only what it has said itself.
pub trait PopulationRegister: Send + Sync {
    /// The record of a number, or `None` where the register has none.
    fn fetch(&self, iin: &Iin) -> Result<Option<CivilRecord>, RegisterAway>;

    /// Sends a person a one-time code by the channel that the register knows of them; false where it sends none, and the code is
    /// given on a slip.
    fn send_code(&self, to: &Iin, code: &str) -> Result<bool, RegisterAway> {
        let _ = (to, code);
        Ok(false)
    }

    /// By what the state's messaging service knows a person; none where they cannot be reached by it.
    fn message_address(&self, of: &Iin) -> Result<Option<String>, RegisterAway> {
        Ok(self.fetch(of)?.and_then(|record| record.message_address))
    }

    /// Records whose names are spelled or sound like these, of people born in a year where one is given, at most `limit`;
    /// empty where the register cannot be asked by name.
    fn search_names(
        &self,
        family: &str,
        given: Option<&str>,
        born_year: Option<i16>,
        limit: usize,
    ) -> Result<Vec<CivilRecord>, RegisterAway> {
        let _ = (family, given, born_year, limit);
        Ok(Vec::new())
    }
}

/// A register held in memory: for tests, the demonstration, and a country that is not connected yet.
#[derive(Debug, Default)]
pub struct MemoryRegister {
    kept: RwLock<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    records: BTreeMap<String, CivilRecord>,
    by_family: BTreeMap<String, BTreeSet<String>>,
}

impl MemoryRegister {
    /// A register of the given records.
    pub fn new(records: impl IntoIterator<Item = CivilRecord>) -> Self {
        let register = Self::default();
        for record in records {
            register.put(record);
        }
        register
    }

    /// Takes a record up, in the place of an earlier one of the same number: people marry, move, and lose or gain a guardian.
    pub fn put(&self, record: CivilRecord) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let sounds = sounds_of(&record, "family_name_");
        let number = record.iin.clone();
        if let Some(earlier) = kept.records.insert(number.clone(), record) {
            for key in sounds_of(&earlier, "family_name_") {
                kept.by_family.get_mut(&key).map(|numbers| numbers.remove(&number));
            }
        }
        for key in sounds {
            kept.by_family.entry(key).or_default().insert(number.clone());
        }
    }

    fn kept(&self) -> RwLockReadGuard<'_, Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PopulationRegister for MemoryRegister {
    fn fetch(&self, iin: &Iin) -> Result<Option<CivilRecord>, RegisterAway> {
        Ok(self.kept().records.get(&iin.reveal()).cloned())
    }

    fn search_names(
        &self,
        family: &str,
        given: Option<&str>,
        born_year: Option<i16>,
        limit: usize,
    ) -> Result<Vec<CivilRecord>, RegisterAway> {
        let given = given.map(phonetic::skeletons);
        let kept = self.kept();
        let numbers: BTreeSet<&String> =
            phonetic::skeletons(family).iter().filter_map(|key| kept.by_family.get(key)).flatten().collect();
        Ok(numbers
            .into_iter()
            .filter_map(|iin| kept.records.get(iin))
            .filter(|record| born_year.is_none_or(|year| record.born.year() == year))
            .filter(|record| given.as_ref().is_none_or(|g| !g.is_disjoint(&sounds_of(record, "given_name_"))))
            .take(limit)
            .cloned()
            .collect())
    }
}

/// How a part of a record's name sounds, in every script that it is kept in.
fn sounds_of(record: &CivilRecord, part: &str) -> BTreeSet<String> {
    record
        .names
        .iter()
        .filter(|(name, _)| name.starts_with(part))
        .flat_map(|(_, value)| phonetic::skeletons(value))
        .collect()
}
