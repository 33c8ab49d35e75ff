//! What the schemas ask: fields and numbers of things. One table for readers, which tell, and writers, which refuse. The lists of
//! values are in [`values`](super::values).

use super::super::marker::Marker;
use super::super::table::number;
use super::super::{ReadError, WriteError};
use super::values::{LOCI_NOT_RAPID, RAPID_CATEGORIES, RAPID_KITS, Schema};
use super::{CmfAllele, CmfFile, CmfLocus, CmfSpecimen};

/// The most alleles of a locus (`ALLELE`, `maxOccurs`).
pub(super) const MAX_ALLELES: usize = 8;
/// The most specimens of a file that are read.
pub(super) const MAX_SPECIMENS: usize = 2_000_000;

/// A field: its element or attribute, and what it takes.
#[derive(Debug)]
pub(in super::super) struct Field {
    pub(super) tag: &'static str,
    required: bool,
    least: usize,
    most: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    /// `xsd:dateTime` before the last year given.
    DateTime {
        before: u32,
    },
    /// A decimal number of so many digits, one of them after the point.
    Decimal {
        digits: usize,
    },
    /// A whole number of at least 1.
    Positive,
    /// One of these.
    One(&'static [&'static str]),
}

const fn field(tag: &'static str, required: bool, least: usize, most: usize, kind: Kind) -> Field {
    Field { tag, required, least, most, kind }
}

const fn text(tag: &'static str, most: usize) -> Field {
    field(tag, true, 1, most, Kind::Text)
}

const fn optional(tag: &'static str, most: usize) -> Field {
    field(tag, false, 0, most, Kind::Text)
}

/// `smalldatetime` of the import's database ends in 2079; rapid messages may be of any year.
const IMPORT_DATE: Kind = Kind::DateTime { before: 2079 };
const RAPID_DATE: Kind = Kind::DateTime { before: 9999 };
const LONGEST_DATE: usize = 35;

pub(super) const HEADER_VERSION: Field = field("HEADERVERSION", true, 1, 3, Kind::Decimal { digits: 2 });
pub(super) const MESSAGE_TYPE: Field = field("MESSAGETYPE", true, 6, 6, Kind::One(&["Import"]));
pub(super) const DESTINATION: Field = text("DESTINATIONORI", 10);
pub(super) const SOURCE_LAB: Field = text("SOURCELAB", 10);
pub(super) const SUBMITTED_BY: Field = text("SUBMITBYUSERID", 20);
pub(super) const SUBMITTED: Field = field("SUBMITDATETIME", true, 1, LONGEST_DATE, IMPORT_DATE);
pub(super) const BATCH_ID: Field = optional("BATCHID", 32);
/// Which values it takes depends on the schema: [`check_listed`].
pub(super) const KIT: Field = optional("KIT", 32);

pub(super) const SPECIMEN_ID: Field = text("SPECIMENID", 24);
pub(super) const CATEGORY: Field = text("SPECIMENCATEGORY", 32);
pub(super) const COMMENT: Field = optional("SPECIMENCOMMENT", 255);
pub(super) const SOURCE_ID: Field = field("SOURCEID", false, 0, 10, Kind::One(&["Yes", "No", "N/A"]));
pub(super) const CASE_ID: Field = optional("CASEID", 32);

pub(super) const LOCUS_NAME: Field = text("LOCUSNAME", 10);
pub(super) const READ_BY: Field = text("READINGBY", 20);
pub(super) const READ_AT: Field = field("READINGDATETIME", true, 1, LONGEST_DATE, IMPORT_DATE);
const ALLELE_VALUE: Field = text("ALLELEVALUE", 10);

/// Header of a rapid message.
pub(super) const RAPID_HEADER: [Field; 8] = [
    field("MESSAGEVERSION", true, 1, 4, Kind::Decimal { digits: 3 }),
    field("MESSAGETYPE", true, 1, 32, Kind::One(&["Rapid Import"])),
    field("MESSAGEID", true, 1, 38, Kind::Positive),
    field("MESSAGEDATETIME", true, 1, LONGEST_DATE, RAPID_DATE),
    text("MSGCREATORUSERID", 20),
    text("DESTINATIONORI", 10),
    text("SOURCEORI", 10),
    field("ALTSOURCEORI", false, 1, 10, Kind::Text),
];

/// The instrument of a rapid message.
pub(super) const RAPID_DEVICE: [Field; 4] = [
    text("INSTRUMENTID", 32),
    field("MANUFACTURER", false, 1, 32, Kind::Text),
    field("MODEL", false, 1, 32, Kind::Text),
    field("SOFTWAREVERSION", false, 1, 32, Kind::Text),
];

/// A specimen of a rapid message, before its loci.
pub(super) const RAPID_SPECIMEN: [Field; 11] = [
    SPECIMEN_ID,
    field("SPECIMENCATEGORY", true, 1, 32, Kind::One(RAPID_CATEGORIES)),
    optional("SID", 32),
    optional("FBI_NUMBER_UCN", 9),
    field("UNIQUEEVENTID", true, 0, 32, Kind::Text),
    optional("BOOKINGCUSTOMID", 32),
    optional("ARRESTINGCUSTOMID", 32),
    field("ARRESTDATE", false, 1, LONGEST_DATE, RAPID_DATE),
    field("FINGERPRINTDATE", true, 1, LONGEST_DATE, RAPID_DATE),
    field("ARRESTOFFENSECATEGORY", true, 0, 300, Kind::Text),
    optional("SPECIMENCOMMENT", 512),
];

/// A locus of a rapid message, before its alleles.
pub(super) const RAPID_LOCUS: [Field; 3] =
    [LOCUS_NAME, field("KIT", false, 0, 32, Kind::One(RAPID_KITS)), optional("BATCHID", 32)];

/// Something that a schema does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) field: &'static str,
    pub(super) reason: &'static str,
}

impl From<Problem> for WriteError {
    fn from(problem: Problem) -> Self {
        Self::Unfit { field: problem.field, reason: problem.reason }
    }
}

/// Where problems go: readers go on, writers stop.
pub(super) type Found<'a> = &'a mut dyn FnMut(Problem);

impl Field {
    /// Whether a value is what the field takes.
    pub(super) fn check(&self, value: Option<&str>, found: Found<'_>) {
        let problem = |code, reason| Problem { code, field: self.tag, reason };
        let Some(value) = value else {
            if self.required {
                found(problem("cmf-missing", "it is required"));
            }
            return;
        };
        let length = value.chars().count();
        if length < self.least {
            found(problem("cmf-missing", "it is required and blank"));
        } else if length > self.most {
            found(problem("cmf-too-long", "it has more characters than the schema allows"));
        } else if value.trim() != value {
            found(problem("cmf-blanks", "it begins or ends with a blank"));
        } else {
            let (fits, reason) = match self.kind {
                Kind::Text => (true, ""),
                Kind::One(values) => (values.contains(&value), NOT_LISTED),
                Kind::DateTime { before } => {
                    (is_date_time(value, before), "it is no date and time as in 2002-02-14T21:51:44, or out of range")
                }
                Kind::Decimal { digits } => (is_decimal(value, digits), "it is no version number as in 3.2"),
                Kind::Positive => {
                    let digits = value.bytes().all(|b| b.is_ascii_digit()) && value.bytes().any(|b| b != b'0');
                    (digits, "it is no whole number above 0")
                }
            };
            if !fits {
                found(problem(if reason == NOT_LISTED { "cmf-not-listed" } else { "cmf-malformed" }, reason));
            }
        }
    }
}

const NOT_LISTED: &str = "it is not one of the values of the schema";

fn check_listed(field: &Field, value: &str, mut listed: impl Iterator<Item = &'static str>, found: Found<'_>) {
    if value.chars().count() >= field.least && !listed.any(|own| own == value) {
        found(Problem { code: "cmf-not-listed", field: field.tag, reason: NOT_LISTED });
    }
}

impl CmfFile {
    pub(super) fn header(&self) -> [(&'static Field, Option<&str>); 8] {
        [
            (&HEADER_VERSION, Some(&self.header_version)),
            (&MESSAGE_TYPE, Some(&self.message_type)),
            (&DESTINATION, Some(&self.destination)),
            (&SOURCE_LAB, Some(&self.source_lab)),
            (&SUBMITTED_BY, Some(&self.submitted_by)),
            (&SUBMITTED, Some(&self.submitted)),
            (&BATCH_ID, self.batch_id.as_deref()),
            (&KIT, self.kit.as_deref()),
        ]
    }

    pub(super) fn check_header(&self, schema: Schema, found: Found<'_>) {
        for (field, value) in self.header() {
            field.check(value, found);
        }
        self.kit.iter().for_each(|kit| check_listed(&KIT, kit, schema.kits(), found));
        if self.specimens.is_empty() {
            found(Problem { code: "cmf-missing", field: "SPECIMEN", reason: "a file has at least one" });
        }
        check_others(&self.others, found);
    }
}

impl CmfSpecimen {
    pub(super) fn fields(&self) -> [(&'static Field, Option<&str>); 5] {
        [
            (&SPECIMEN_ID, Some(&self.id)),
            (&CATEGORY, Some(&self.category)),
            (&COMMENT, self.comment.as_deref()),
            (&SOURCE_ID, self.source_id.as_deref()),
            (&CASE_ID, self.case_id.as_deref()),
        ]
    }

    /// The specimen without its loci's own fields.
    pub(super) fn check(&self, schema: Schema, found: Found<'_>) {
        for (field, value) in self.fields() {
            field.check(value, found);
        }
        check_listed(&CATEGORY, &self.category, schema.categories(), found);
        check_loci(self.loci.iter().map(|locus| locus.name.as_str()), schema.max_loci(), found);
        check_others(&self.others, found);
    }
}

impl CmfLocus {
    pub(super) fn fields(&self) -> [(&'static Field, Option<&str>); 5] {
        [
            (&LOCUS_NAME, Some(&self.name)),
            (&READ_BY, Some(&self.read_by)),
            (&READ_AT, Some(&self.read_at)),
            (&BATCH_ID, self.batch_id.as_deref()),
            (&KIT, self.kit.as_deref()),
        ]
    }

    pub(super) fn check(&self, schema: Schema, found: Found<'_>) {
        for (field, value) in self.fields() {
            field.check(value, found);
        }
        check_listed(&LOCUS_NAME, &self.name, schema.loci(), found);
        self.kit.iter().for_each(|kit| check_listed(&KIT, kit, schema.kits(), found));
        check_alleles(self.alleles.iter().map(|allele| allele.value.as_str()), found);
        if self.alleles.iter().filter(|allele| allele.required).count() > 1 {
            let reason = "at most one allele of a locus may be required for a hit";
            found(Problem { code: "cmf-allele-required", field: "ALLELEREQUIRED", reason });
        }
        check_others(&self.others, found);
    }
}

/// The name of a locus of a rapid message.
pub(super) fn check_rapid_locus_name(name: &str, found: Found<'_>) {
    let listed = Schema::V2017.loci().filter(|name| !LOCI_NOT_RAPID.contains(name));
    check_listed(&LOCUS_NAME, name, listed, found);
}

/// Names of loci: not too many, each once, whichever way it is spelled.
pub(super) fn check_loci<'a>(names: impl Iterator<Item = &'a str>, most: usize, found: Found<'_>) {
    let problem = |code, reason| Problem { code, field: "LOCUS", reason };
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if seen.len() == most {
            return found(problem("cmf-too-many", "a specimen has more loci than the schema allows"));
        }
        let canonical = Marker::find(name).map_or(name, |marker| marker.name);
        if seen.contains(&canonical) {
            found(problem("cmf-locus-twice", "a locus stands twice in a specimen"));
        }
        seen.push(canonical);
    }
    if seen.is_empty() {
        found(problem("cmf-missing", "a specimen has at least one"));
    }
}

/// Alleles of a locus: one to eight, each once.
pub(super) fn check_alleles<'a>(values: impl Iterator<Item = &'a str>, found: Found<'_>) {
    let problem = |code, reason| Problem { code, field: "ALLELE", reason };
    let mut seen: Vec<&str> = Vec::new();
    for value in values {
        ALLELE_VALUE.check(Some(value), found);
        if seen.len() == MAX_ALLELES {
            return found(problem("cmf-too-many", "a locus has more than eight alleles"));
        }
        if seen.contains(&value) {
            found(problem("cmf-allele-twice", "an allele stands twice at a locus: a homozygote is written once"));
        }
        seen.push(value);
    }
    if seen.is_empty() {
        found(problem("cmf-missing", "a locus has at least one"));
    }
}

pub(super) fn check_others(others: &[(String, String)], found: Found<'_>) {
    if !others.is_empty() {
        let reason = "an element that the schema does not name: take it out before writing";
        found(Problem { code: "cmf-unknown-element", field: "another element", reason });
    }
}

/// The place of an allele among others: `<9`, `9`, `9.1`, `10`, `>10`, then what is no number (CMF 3.2, ALLELEVALUE).
pub(super) fn order(value: &str) -> (u8, u64, &str) {
    let (class, rest) = match value.as_bytes().first() {
        Some(b'<') => (0, value.get(1..).unwrap_or_default()),
        Some(b'>') => (2, value.get(1..).unwrap_or_default()),
        _ => (1, value),
    };
    match number(rest) {
        // The bits of positive numbers are in the order of the numbers.
        Some(n) => (class, n.to_bits(), value),
        None => (3, 0, value),
    }
}

/// Alleles in the order that CMF asks for.
pub(super) fn sorted(alleles: &[CmfAllele]) -> Vec<&CmfAllele> {
    let mut sorted: Vec<_> = alleles.iter().collect();
    sorted.sort_by(|a, b| order(&a.value).cmp(&order(&b.value)));
    sorted
}

/// `xsd:dateTime` after the first second of 1900 and before a year.
fn is_date_time(text: &str, before: u32) -> bool {
    let digits = |part: &str, length: usize| {
        (part.len() == length && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().ok()).flatten()
    };
    let read = || -> Option<bool> {
        let (date, time) = text.split_once('T')?;
        let mut date = date.split('-');
        let (year, month, day) = (digits(date.next()?, 4)?, digits(date.next()?, 2)?, digits(date.next()?, 2)?);
        if date.next().is_some() {
            return None;
        }
        let time = match time.strip_suffix('Z') {
            Some(time) => time,
            None => match time.rfind(['+', '-']) {
                Some(at) => {
                    let (hours, minutes) = time.get(at + 1..)?.split_once(':')?;
                    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
                    if hours * 60 + minutes > 14 * 60 || minutes > 59 {
                        return None;
                    }
                    time.get(..at)?
                }
                None => time,
            },
        };
        let mut time = time.split(':');
        let (hour, minute, second) = (digits(time.next()?, 2)?, digits(time.next()?, 2)?, time.next()?);
        let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
        let second = digits(second, 2)?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u32::from(leap),
            _ => 31,
        };
        let valid = time.next().is_none()
            && !fraction.is_empty()
            && fraction.bytes().all(|b| b.is_ascii_digit())
            && (1..=12).contains(&month)
            && (1..=days).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        // The first day of 1900 and what is left of the last year are given up, so that no time zone can cross the bounds.
        Some(valid && (1900..before).contains(&year) && (year, month, day) > (1900, 1, 1))
    };
    read().unwrap_or(false)
}

/// Digits with at most one after a point.
fn is_decimal(text: &str, digits: usize) -> bool {
    let (whole, tenth) = text.split_once('.').unwrap_or((text, ""));
    let all = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    all(whole)
        && all(tenth)
        && !whole.is_empty()
        && tenth.len() <= 1
        && !text.ends_with('.')
        && whole.len() + tenth.len() <= digits
}

/// What readers of either message return for too many specimens.
pub(super) fn too_many_specimens() -> ReadError {
    ReadError::TooMuch { what: "specimens", most: MAX_SPECIMENS }
}
