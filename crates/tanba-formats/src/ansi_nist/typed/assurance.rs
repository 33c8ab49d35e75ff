//! What vouches for other records (Type 98), and biometric data with a CBEFF header (Type 99).

use super::image::qualities;
use super::{Quality, data, rows, text};
use crate::ansi_nist::{Body, Field, Record};

/// The first of the fields that the owner of the format defines, and the first after them.
const OWNED: std::ops::Range<u16> = 200..900;

/// Information assurance (section 8.98).
#[derive(Debug, Clone, PartialEq)]
pub struct Assurance<'a> {
    /// Information designation character.
    pub idc: Option<u8>,
    /// The owner of the format.
    pub owner: Option<&'a str>,
    /// The agency.
    pub source_agency: Option<&'a str>,
    /// The owner's number of the format.
    pub format: Option<&'a str>,
    /// When it was made.
    pub created: Option<&'a str>,
    /// Fields that the owner defines, 98.200 to 98.899.
    pub owned: Vec<&'a Field<'a>>,
    /// What happened to the records.
    pub log: Vec<LogEntry<'a>>,
    /// Revision of the log.
    pub revision: Option<&'a str>,
}

/// An event in the log of Type 98.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry<'a> {
    /// What happened.
    pub event: Option<&'a str>,
    /// Why.
    pub reason: Option<&'a str>,
    /// To which record and field.
    pub place: Option<&'a str>,
    /// Who did it.
    pub agent: Option<&'a str>,
    /// What was there before.
    pub previous: Option<&'a str>,
}

/// Biometric data of any kind with its CBEFF header (section 8.99).
#[derive(Debug, Clone, PartialEq)]
pub struct CbeffData<'a> {
    /// Information designation character.
    pub idc: Option<u8>,
    /// The agency.
    pub source_agency: Option<&'a str>,
    /// The day it was made.
    pub date: Option<&'a str>,
    /// Version of the header.
    pub version: Option<&'a str>,
    /// Type of biometric data, as its code.
    pub kind: Option<&'a str>,
    /// Quality.
    pub quality: Option<Quality<'a>>,
    /// The owner of the format of the data.
    pub owner: Option<&'a str>,
    /// The owner's number of the format.
    pub format: Option<&'a str>,
    /// The data.
    pub data: &'a [u8],
}

impl<'a> Assurance<'a> {
    /// The assurance of a record, if it is of Type 98.
    pub fn of(record: &'a Record<'_>) -> Option<Self> {
        let Body::Tagged(fields) = &record.body else { return None };
        (record.kind == 98).then(|| Self {
            idc: record.idc(),
            owner: text(record, 3),
            source_agency: text(record, 4),
            format: text(record, 5),
            created: text(record, 6),
            owned: fields.iter().filter(|f| OWNED.contains(&f.number)).collect(),
            log: rows(record, 900)
                .map(|r| LogEntry {
                    event: r.text(0),
                    reason: r.text(1),
                    place: r.text(2),
                    agent: r.text(3),
                    previous: r.text(4),
                })
                .collect(),
            revision: text(record, 901),
        })
    }
}

impl<'a> CbeffData<'a> {
    /// The data of a record, if it is of Type 99.
    pub fn of(record: &'a Record<'_>) -> Option<Self> {
        (record.kind == 99).then(|| Self {
            idc: record.idc(),
            source_agency: text(record, 4),
            date: text(record, 5),
            version: text(record, 100),
            kind: text(record, 101),
            quality: qualities(record, 102).into_iter().next(),
            owner: text(record, 103),
            format: text(record, 104),
            data: data(record),
        })
    }
}
