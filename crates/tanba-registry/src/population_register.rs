//! The civil register next door: who someone is, by its own word.

use std::collections::{BTreeMap, BTreeSet};

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
}

/// A population register, asked by number or by name.
pub trait PopulationRegister: Send + Sync {
    /// The record of a number, or `None` where the register has none.
    fn fetch(&self, iin: &Iin) -> Option<CivilRecord>;

    /// Records whose names are spelled or sound like these, of people born in a year where one is given, at most `limit`;
    /// empty where the register cannot be asked by name.
    fn search_names(
        &self,
        family: &str,
        given: Option<&str>,
        born_year: Option<i16>,
        limit: usize,
    ) -> Vec<CivilRecord> {
        let _ = (family, given, born_year, limit);
        Vec::new()
    }
}

/// A register held in memory: for tests, the demonstration, and a country that is not connected yet.
#[derive(Debug, Default)]
pub struct MemoryRegister {
    records: BTreeMap<String, CivilRecord>,
    by_family: BTreeMap<String, BTreeSet<String>>,
}

impl MemoryRegister {
    /// A register of the given records.
    pub fn new(records: impl IntoIterator<Item = CivilRecord>) -> Self {
        let records: BTreeMap<String, CivilRecord> = records.into_iter().map(|r| (r.iin.clone(), r)).collect();
        let mut by_family: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for record in records.values() {
            for key in sounds_of(record, "family_name_") {
                by_family.entry(key).or_default().insert(record.iin.clone());
            }
        }
        Self { records, by_family }
    }
}

impl PopulationRegister for MemoryRegister {
    fn fetch(&self, iin: &Iin) -> Option<CivilRecord> {
        self.records.get(&iin.reveal()).cloned()
    }

    fn search_names(
        &self,
        family: &str,
        given: Option<&str>,
        born_year: Option<i16>,
        limit: usize,
    ) -> Vec<CivilRecord> {
        let given = given.map(phonetic::skeletons);
        let numbers: BTreeSet<&String> =
            phonetic::skeletons(family).iter().filter_map(|key| self.by_family.get(key)).flatten().collect();
        numbers
            .into_iter()
            .filter_map(|iin| self.records.get(iin))
            .filter(|record| born_year.is_none_or(|year| record.born.year() == year))
            .filter(|record| given.as_ref().is_none_or(|g| !g.is_disjoint(&sounds_of(record, "given_name_"))))
            .take(limit)
            .cloned()
            .collect()
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
