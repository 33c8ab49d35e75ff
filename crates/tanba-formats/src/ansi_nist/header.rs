//! The Type-1 record, field by field (section 8.1).

use super::{Field, Record, Transaction};

/// Fields of the record.
pub(super) mod number {
    pub(crate) const VERSION: u16 = 2;
    pub(crate) const CONTENTS: u16 = 3;
    pub(crate) const KIND: u16 = 4;
    pub(crate) const DATE: u16 = 5;
    pub(crate) const PRIORITY: u16 = 6;
    pub(crate) const DESTINATION: u16 = 7;
    pub(crate) const ORIGIN: u16 = 8;
    pub(crate) const CONTROL: u16 = 9;
    pub(crate) const REFERENCE: u16 = 10;
    pub(crate) const NATIVE: u16 = 11;
    pub(crate) const NOMINAL: u16 = 12;
    pub(crate) const DOMAIN: u16 = 13;
    pub(crate) const TIME: u16 = 14;
    pub(crate) const CHARSETS: u16 = 15;
    pub(crate) const PROFILES: u16 = 16;
    pub(crate) const AGENCIES: u16 = 17;
}

/// Who sends what to whom.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Header<'a> {
    /// Version of the standard: 300 is 2000, 400 is 2007, 500 to 502 are 2011 and its updates.
    pub version: Option<u16>,
    /// The records that are listed to follow, in their order.
    pub contents: Vec<Listed>,
    /// Type of transaction, as the domain names it.
    pub kind: Option<&'a str>,
    /// The day it was sent, YYYYMMDD.
    pub date: Option<&'a str>,
    /// 1 (most urgent) to 9.
    pub priority: Option<u8>,
    /// Who receives it.
    pub destination: Option<&'a str>,
    /// Who sends it.
    pub origin: Option<&'a str>,
    /// The sender's number of it.
    pub control_number: Option<&'a str>,
    /// The control number of what it answers.
    pub answers: Option<&'a str>,
    /// Pixels per millimetre that the scanner has.
    pub native_resolution: Option<f64>,
    /// Pixels per millimetre that images have, where they are all the same.
    pub nominal_resolution: Option<f64>,
    /// The domain: name and version.
    pub domain: Option<(&'a str, Option<&'a str>)>,
    /// When it was sent, YYYYMMDDHHMMSSZ.
    pub time: Option<&'a str>,
    /// Character sets: index, name and version.
    pub character_sets: Vec<[&'a str; 3]>,
    /// Application profiles: organisation, name and version.
    pub profiles: Vec<[&'a str; 3]>,
    /// Names of the agencies: destination and origin.
    pub agency_names: Option<[&'a str; 2]>,
}

/// A record as the header lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its type.
    pub kind: u8,
    /// Its information designation character.
    pub idc: Option<u8>,
}

impl<'a> Header<'a> {
    /// The header of a transaction; what is missing or no number is `None`.
    pub fn of(transaction: &'a Transaction<'_>) -> Option<Self> {
        let record = transaction.records.first().filter(|r| r.kind == 1)?;
        let text = |n| record.field(n).and_then(Field::text).filter(|t| !t.is_empty());
        let decimal = |n| text(n)?.parse::<f64>().ok().filter(|v| v.is_finite() && *v >= 0.0);
        Some(Self {
            version: text(number::VERSION).and_then(|v| v.parse().ok()),
            contents: listed(record),
            kind: text(number::KIND),
            date: text(number::DATE),
            priority: text(number::PRIORITY).and_then(|v| v.parse().ok()),
            destination: text(number::DESTINATION),
            origin: text(number::ORIGIN),
            control_number: text(number::CONTROL),
            answers: text(number::REFERENCE),
            native_resolution: decimal(number::NATIVE),
            nominal_resolution: decimal(number::NOMINAL),
            domain: record.field(number::DOMAIN).and_then(|f| {
                let name = f.item(0, 0).filter(|n| !n.is_empty())?;
                Some((name, f.item(0, 1).filter(|v| !v.is_empty())))
            }),
            time: text(number::TIME),
            character_sets: triples(record, number::CHARSETS),
            profiles: triples(record, number::PROFILES),
            agency_names: record.field(number::AGENCIES).map(|f| {
                let name = |i| f.item(0, i).unwrap_or_default();
                [name(0), name(1)]
            }),
        })
    }
}

fn listed(record: &Record<'_>) -> Vec<Listed> {
    let number = |b: Option<&&[u8]>| std::str::from_utf8(b?).ok()?.trim().parse::<u8>().ok();
    let subfields = record.field(number::CONTENTS).into_iter().flat_map(Field::subfields).skip(1);
    subfields.filter_map(|s| Some(Listed { kind: number(s.first())?, idc: number(s.get(1)) })).collect()
}

fn triples<'a>(record: &'a Record<'_>, number: u16) -> Vec<[&'a str; 3]> {
    let text = |b: Option<&&'a [u8]>| b.and_then(|b| std::str::from_utf8(b).ok()).map_or("", str::trim);
    let subfields = record.field(number).into_iter().flat_map(Field::subfields);
    subfields.map(|s| [text(s.first()), text(s.get(1)), text(s.get(2))]).collect()
}
