//! The civil register next door: who someone is, by its own word.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tanba_law::Iin;

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

/// A population register, asked by number.
pub trait PopulationRegister: Send + Sync {
    /// The record of a number, or `None` where the register has none.
    fn fetch(&self, iin: &Iin) -> Option<CivilRecord>;
}

/// A register held in memory: for tests, the demonstration, and a country that is not connected yet.
#[derive(Debug, Default)]
pub struct MemoryRegister {
    records: BTreeMap<String, CivilRecord>,
}

impl MemoryRegister {
    /// A register of the given records.
    pub fn new(records: impl IntoIterator<Item = CivilRecord>) -> Self {
        Self { records: records.into_iter().map(|r| (r.iin.clone(), r)).collect() }
    }
}

impl PopulationRegister for MemoryRegister {
    fn fetch(&self, iin: &Iin) -> Option<CivilRecord> {
        self.records.get(&iin.reveal()).cloned()
    }
}
