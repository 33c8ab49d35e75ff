//! The packs, sheets and index tables that come with the program.

use crate::{AssumptionSheet, IndexTable, Pack, PackError};
use std::sync::LazyLock;

const INDICES: &[&str] = &[include_str!("../packs/indices/kz-mci.yaml")];
const PACKS: &[&str] = &[
    include_str!("../packs/kz-2016-as-enacted.yaml"),
    include_str!("../packs/kz-2024-in-force.yaml"),
    include_str!("../packs/kz-genomic-2021.yaml"),
];
const SHEETS: &[&str] = &[include_str!("../packs/assumptions/kz-demo.yaml")];

static EMBEDDED: LazyLock<Library> = LazyLock::new(|| {
    Library::read(INDICES, PACKS, SHEETS).expect("the embedded packs are part of the program and are read by its tests")
});

/// A set of packs with what belongs to them.
#[derive(Debug, Clone)]
pub struct Library {
    packs: Vec<Pack>,
    sheets: Vec<AssumptionSheet>,
    indices: Vec<IndexTable>,
}

impl Library {
    /// The packs that come with the program.
    pub fn embedded() -> &'static Library {
        &EMBEDDED
    }

    fn read(indices: &[&str], packs: &[&str], sheets: &[&str]) -> Result<Self, PackError> {
        let indices = indices.iter().map(|text| IndexTable::from_yaml(text)).collect::<Result<Vec<_>, _>>()?;
        let packs = packs.iter().map(|text| Pack::from_yaml(text, &indices)).collect::<Result<Vec<_>, _>>()?;
        let sheets = sheets.iter().map(|text| AssumptionSheet::from_yaml(text)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { packs, sheets, indices })
    }

    /// All packs.
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The pack with this id.
    pub fn pack(&self, id: &str) -> Option<&Pack> {
        self.packs.iter().find(|pack| pack.id() == id)
    }

    /// All assumption sheets.
    pub fn sheets(&self) -> &[AssumptionSheet] {
        &self.sheets
    }

    /// The assumption sheet with this id.
    pub fn sheet(&self, id: &str) -> Option<&AssumptionSheet> {
        self.sheets.iter().find(|sheet| sheet.id() == id)
    }

    /// All index tables.
    pub fn indices(&self) -> &[IndexTable] {
        &self.indices
    }
}
