//! Amounts that follow an index, such as the monthly calculation index (MCI) of Kazakhstan.

use crate::refusal::Units;
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

/// A sum of money as the law states it: units of an index, with the money where the index is known; or money alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// Units of the index; `null` where the law names money.
    pub units: Option<u32>,
    /// The index; `null` with `units`.
    pub index: Option<String>,
    /// The sum on the date of the question, in whole units of `currency`; `null` where the index value is not known.
    pub value: Option<u64>,
    /// ISO 4217 code; `null` with `value`.
    pub currency: Option<String>,
}

impl Amount {
    pub(crate) fn on(stated: &Units, tables: &[IndexTable], day: Date) -> Self {
        match stated {
            Units::Money { sum, currency } => {
                Self { units: None, index: None, value: Some(*sum), currency: Some(currency.clone()) }
            }
            Units::Indexed { units, index } => {
                let table = tables.iter().find(|table| table.code == *index);
                let value = table.and_then(|table| table.on(day)).and_then(|one| one.checked_mul(u64::from(*units)));
                let currency = table.filter(|_| value.is_some()).map(|table| table.currency.clone());
                Self { units: Some(*units), index: Some(index.clone()), value, currency }
            }
        }
    }
}

/// Codes of ISO 4217 in use, without funds, metals and codes for testing.
const CURRENCIES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP \
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK \
    JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN \
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS \
    TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

/// Whether `code` is a currency of ISO 4217.
pub(crate) fn is_currency(code: &str) -> bool {
    CURRENCIES.split(' ').any(|known| known == code)
}
