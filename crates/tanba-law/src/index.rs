//! Amounts that follow an index, such as the monthly calculation index (MCI) of Kazakhstan.

use crate::{Date, Field, Text};
use serde::{Deserialize, Serialize};

/// The values of one index through time, as data (`packs/indices/*.yaml`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexTable {
    /// Always `tanba-index/1`.
    pub format: String,
    /// Name by which packs refer to it, such as `KZ_MCI`.
    pub code: String,
    /// What it is.
    pub title: Text,
    /// ISO 4217 code of its currency.
    pub currency: String,
    /// Values, each from a day until the next row, in order of time.
    pub rows: Vec<IndexRow>,
    /// First day after the last row's validity.
    pub until: Date,
}

/// One value of an index.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexRow {
    /// First day on which it holds.
    pub from: Date,
    /// Whole units of the currency for one unit of the index.
    pub amount: Field<u64>,
}

impl IndexTable {
    /// The value on a day; `None` where the table does not know it.
    pub fn on(&self, day: Date) -> Option<u64> {
        if day >= self.until {
            return None;
        }
        self.rows.iter().rev().find(|row| row.from <= day)?.amount.known().copied()
    }
}

/// A sum of money as the law states it: units of an index, with the money where the index is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// Units of the index.
    pub units: u32,
    /// The index.
    pub index: String,
    /// The sum on the date of the question, in whole units of `currency`; `null` where the index value is not known.
    pub value: Option<u64>,
    /// ISO 4217 code; `null` with `value`.
    pub currency: Option<String>,
}

impl Amount {
    pub(crate) fn on(units: u32, index: &str, tables: &[IndexTable], day: Date) -> Self {
        let table = tables.iter().find(|table| table.code == index);
        let value = table.and_then(|table| table.on(day)).and_then(|one| one.checked_mul(u64::from(units)));
        let currency = table.filter(|_| value.is_some()).map(|table| table.currency.clone());
        Self { units, index: index.to_owned(), value, currency }
    }
}
