//! Rules for records of each type (sections 8.2 to 8.99).

use super::values::{is_date, is_moment};
use super::{Findings, has, text};
use crate::ansi_nist::dictionary::{self, Codes, Entry};
use crate::ansi_nist::parse::DATA;
use crate::ansi_nist::{BinaryImage, Body, Compression, Field, Impression, Position, Record, Signature, Transaction};

/// What a type asks for beside length and IDC.
struct Rules {
    kind: u8,
    /// Fields that every record has.
    mandatory: &'static [u16],
    /// Fields that a record with an image has.
    image: &'static [u16],
    /// Fields that are dates, and times.
    dates: &'static [u16],
    moments: &'static [u16],
    /// Fields that stand where the image does not: missing fingers, a missing eye, a file elsewhere.
    instead: &'static [u16],
}

const SIZE: [u16; 7] = [6, 7, 8, 9, 10, 11, DATA];
const GRAY: [u16; 8] = [6, 7, 8, 9, 10, 11, 12, DATA];
const COLOUR: [u16; 8] = [6, 7, 8, 9, 10, 11, 12, DATA];
const NONE: Rules = Rules { kind: 0, mandatory: &[], image: &[], dates: &[], moments: &[], instead: &[] };
const EXTERNAL: [u16; 1] = [994];
/// Tables 22 to 93.
const RULES: [Rules; 15] = [
    Rules { kind: 1, dates: &[5], ..NONE },
    Rules { kind: 9, mandatory: &[3, 4], ..NONE },
    Rules { kind: 10, mandatory: &[3, 4, 5], image: &COLOUR, dates: &[5], instead: &EXTERNAL, ..NONE },
    Rules { kind: 13, mandatory: &[3, 4, 5, 13], image: &GRAY, dates: &[5], ..NONE },
    Rules { kind: 14, mandatory: &[3, 4, 5, 13], image: &GRAY, dates: &[5], instead: &[18], ..NONE },
    Rules { kind: 15, mandatory: &[3, 4, 5, 13], image: &GRAY, dates: &[5], instead: &[18], ..NONE },
    Rules { kind: 16, mandatory: &[3, 4, 5], image: &GRAY, dates: &[5], ..NONE },
    Rules { kind: 17, mandatory: &[3, 4, 5], image: &GRAY, dates: &[5], instead: &[28], ..NONE },
    Rules { kind: 18, mandatory: &[3, 4, 5, 11, 14, 15], dates: &[13, 14], ..NONE },
    Rules { kind: 19, mandatory: &[3, 4, 5, 13], image: &GRAY, dates: &[5], instead: &[18], ..NONE },
    Rules { kind: 20, mandatory: &[3, 4, 14, 21], image: &[DATA], dates: &[5], instead: &EXTERNAL, ..NONE },
    Rules { kind: 21, mandatory: &[4, 21], image: &[DATA], dates: &[5], instead: &EXTERNAL, ..NONE },
    Rules { kind: 22, mandatory: &[4, 101, 102], image: &[DATA], dates: &[3], instead: &EXTERNAL, ..NONE },
    Rules { kind: 98, mandatory: &[3, 4, 5, 6], moments: &[6], ..NONE },
    Rules { kind: 99, mandatory: &[4, 5, 100, 101, 103, 104, DATA], dates: &[5], ..NONE },
];
/// Tables of codes in the dictionary that name all codes there are: others are open, or our list of them is.
const CLOSED: [&str; 13] = [
    "scale",
    "format",
    "minutia",
    "m1",
    "efsminutia",
    "amputation",
    "eye",
    "cardinality",
    "monitoring",
    "ridges",
    "tonal",
    "growth",
    "edge",
];
/// Fields of numbers in records from Type 10 on, with the least and the most.
const NUMBERS: [(u16, u32, u32); 4] = [(6, 1, 99_999), (7, 1, 99_999), (9, 1, 99_999), (10, 1, 99_999)];
/// The same of the resolution of scanning; Types 17 and 20 have other fields there.
const SCANNED: [(u16, u32, u32); 2] = [(16, 1, 99_999), (17, 1, 99_999)];
const FIRST_WITH_SIZE: u8 = 10;
const BITS: (u16, u32, u32) = (12, 1, 99);
/// The least resolution of exemplars: 500 ppi less one per cent.
const LEAST_PPI: f64 = 495.0;

pub(super) fn check(record: &Record<'_>, transaction: &Transaction<'_>, findings: &mut Findings) {
    match &record.body {
        Body::Tagged(fields) => {
            tagged(record, fields, findings);
            match record.kind {
                1 => priority(record, findings),
                9 => minutiae(record, findings),
                13..=15 | 19 => print(record, transaction, findings),
                _ => {}
            }
        }
        Body::Image(image) => binary(record, image, findings),
        Body::Opaque { idc: Some(_), .. } if record.kind == 7 => {}
        Body::Opaque { .. } if record.kind == 8 => signature(record, findings),
        Body::Opaque { .. } => findings.record("record-not-understood", record, "the record could not be understood"),
    }
}

fn tagged(record: &Record<'_>, fields: &[Field<'_>], findings: &mut Findings) {
    let rules = RULES.iter().find(|r| r.kind == record.kind).unwrap_or(&NONE);
    findings.require(record, rules.mandatory);
    // Where something stands for the image, none of its fields need be there; where part of it is there, all are.
    let any = rules.image.iter().any(|n| has(record, *n));
    let instead = rules.instead.iter().any(|n| has(record, *n));
    if any || !instead {
        findings.require(record, rules.image);
    }
    for number in rules.dates {
        // Up to the edition of 2007 Type 99 had a time there.
        if text(record, *number).is_some_and(|t| !(is_date(t) || record.kind == 99 && is_moment(t))) {
            findings.field("date-malformed", record, *number, "a date is written YYYYMMDD and is a day that exists");
        }
    }
    for number in rules.moments {
        if text(record, *number).is_some_and(|t| !is_moment(t)) {
            findings.field("time-malformed", record, *number, "a time is written YYYYMMDDHHMMSSZ");
        }
    }
    let mut numbers: Vec<u16> = fields.iter().map(|f| f.number).collect();
    numbers.sort_unstable();
    for pair in numbers.windows(2) {
        if let [a, b] = pair
            && a == b
        {
            findings.field("field-repeated", record, *a, "a field stands once, with subfields where it repeats");
        }
    }
    for field in fields.iter().filter(|f| f.number != DATA) {
        if let Some(entry) = dictionary::field(record.kind, field.number) {
            codes(record, field, entry, findings);
        }
    }
    if record.kind >= FIRST_WITH_SIZE && rules.image.len() >= SIZE.len() {
        NUMBERS.iter().for_each(|n| range(record, *n, findings));
        if !matches!(record.kind, 17 | 20) {
            SCANNED.iter().for_each(|n| range(record, *n, findings));
        }
        // Of a face it is the colour space.
        if record.kind != 10 {
            range(record, BITS, findings);
        }
    }
}

fn range(record: &Record<'_>, (number, least, most): (u16, u32, u32), findings: &mut Findings) {
    match text(record, number).map(str::parse::<u32>) {
        Some(Err(_)) => findings.field("value-malformed", record, number, "the value is not a whole number"),
        Some(Ok(value)) if !(least..=most).contains(&value) => {
            findings.field("value-out-of-range", record, number, &format!("the value is not {least} to {most}"));
        }
        _ => {}
    }
}

/// Values of a field, and its items, against tables that name all of them.
fn codes(record: &Record<'_>, field: &Field<'_>, entry: &Entry, findings: &mut Findings) {
    let closed = |codes: Codes| match codes {
        Codes::Position | Codes::Impression => true,
        Codes::Table(name) => CLOSED.contains(&name),
    };
    let mut told = false;
    for subfield in field.subfields() {
        for (i, item) in subfield.iter().enumerate() {
            let codes = if entry.items.is_empty() { entry.codes } else { entry.items.get(i).and_then(|e| e.codes) };
            let Some(codes) = codes.filter(|c| closed(*c) && !item.is_empty() && !told) else { continue };
            if !std::str::from_utf8(item).is_ok_and(|code| codes.has(code)) {
                findings.field("code-unknown", record, field.number, "a code is not one of the standard's table");
                told = true;
            }
        }
    }
}

fn priority(record: &Record<'_>, findings: &mut Findings) {
    range(record, (crate::ansi_nist::header::number::PRIORITY, 1, 9), findings);
}

/// Counts and what belongs together in the blocks of a Type-9 record.
fn minutiae(record: &Record<'_>, findings: &mut Findings) {
    /// Number of minutiae, and the field of them.
    const COUNTED: [(u16, u16); 2] = [(10, 12), (136, 137)];
    const STANDARD: [u16; 4] = [5, 6, 10, 11];
    const INCITS: [u16; 8] = [126, 127, 128, 129, 130, 131, 132, 134];
    const EXTENDED: [u16; 2] = [300, 302];
    for (number, of) in COUNTED {
        let Some(field) = record.field(of) else { continue };
        let stated = text(record, number).and_then(|t| t.parse::<usize>().ok());
        if stated.is_some_and(|n| n != field.subfields().count()) {
            findings.field("count-mismatch", record, number, &format!("the count is not that of field 9.{of:03}"));
        }
    }
    let mut block = |fields: std::ops::RangeInclusive<u16>, mandatory: &[u16]| {
        let Body::Tagged(all) = &record.body else { return false };
        let there = all.iter().any(|f| fields.contains(&f.number));
        if there {
            findings.require(record, mandatory);
        }
        there
    };
    let there = [block(5..=12, &STANDARD), block(126..=150, &INCITS), block(300..=399, &EXTENDED)];
    let vendors = matches!(&record.body, Body::Tagged(all) if all.iter().any(|f| (13..=225).contains(&f.number)));
    if !there.contains(&true) && !vendors {
        findings.record("field-missing", record, "there are no fields of any block of features");
    }
}

/// Positions, segments and resolution of a print of Types 13 to 15 and 19.
fn print(record: &Record<'_>, transaction: &Transaction<'_>, findings: &mut Findings) {
    const POSITIONS: u16 = 13;
    const MOST_POSITIONS: usize = 6;
    const SEGMENTS: u16 = 21;
    let positions: Vec<_> = record.field(POSITIONS).into_iter().flat_map(Field::subfields).collect();
    let codes = positions.iter().filter_map(|p| std::str::from_utf8(p.first()?).ok()?.trim().parse::<u8>().ok());
    for code in codes.clone() {
        let fits = match record.kind {
            14 => !Position(code).is_palm() && code < 60,
            15 => Position(code).is_palm(),
            19 => (60..=79).contains(&code),
            _ => true,
        };
        if !fits {
            findings.field("position-unfit", record, POSITIONS, "the position is not one that this type is for");
        }
    }
    let most = if record.kind == 13 { MOST_POSITIONS } else { 1 };
    if positions.len() > most {
        findings.field("value-out-of-range", record, POSITIONS, &format!("at most {most} positions stand here"));
    }
    if codes.clone().any(|c| c == 19) && record.kind == 14 {
        findings.require(record, &[14, 15]);
    }
    let latent = record.kind == 13;
    let impression = text(record, 3).and_then(|t| t.parse().ok()).map(Impression);
    let stated = crate::ansi_nist::FrictionRidge::of(record, transaction.native_ppi());
    if let Some(print) = stated {
        let outside = |s: &crate::ansi_nist::FingerSegment| {
            s.left >= s.right || s.top >= s.bottom || s.right > print.width || s.bottom > print.height
        };
        if print.segments.iter().any(outside) {
            findings.field("segment-outside", record, SEGMENTS, "a segment is empty or reaches beyond the image");
        }
        let low = print.ppi.is_some_and(|(x, y)| x.min(y) < LEAST_PPI);
        if low && !latent && !print.data.is_empty() {
            findings.field("resolution-low", record, 9, "exemplar prints have 500 ppi or more");
        }
        if let (Some(found), stated) = (Compression::of(print.data), print.compression)
            && found != stated
        {
            findings.field("value-malformed", record, 11, "the image is not coded as its record says");
        }
    }
    if matches!(record.kind, 14 | 15) && impression.is_some_and(Impression::is_latent) {
        findings.field("value-malformed", record, 3, "latent prints belong in records of Type 13");
    }
}

/// Types 3 to 6.
fn binary(record: &Record<'_>, image: &BinaryImage<'_>, findings: &mut Findings) {
    if Impression(image.impression).name() == "reserved" {
        findings.field("code-unknown", record, 3, "the code is not an impression type");
    }
    if image.stated_positions().next().is_none() {
        findings.field("field-missing", record, 4, "a print has a position, if only 0 for unknown");
    }
    if image.stated_positions().any(|p| p.is_palm() || p.name() == "reserved") {
        findings.field("position-unfit", record, 4, "the position is not a finger");
    }
    if image.scanning_resolution > 1 {
        findings.field("code-unknown", record, 5, "the scanning resolution is 0 or 1");
    }
    for (number, size) in [(6, image.width), (7, image.height)] {
        if size == 0 {
            findings.field("value-out-of-range", record, number, "an image has at least a pixel");
        }
    }
    let most = if matches!(record.kind, 3 | 4) { 6 } else { 1 };
    if image.compression > most {
        findings.field("code-unknown", record, 8, "the code is not a compression");
    }
    if image.data.is_empty() {
        findings.field("image-missing", record, 9, "there is no image");
    }
}

fn signature(record: &Record<'_>, findings: &mut Findings) {
    let Some(signature) = Signature::of(record) else {
        findings.record("record-not-understood", record, "the fixed fields of the signature are not complete");
        return;
    };
    for (number, code, most) in
        [(3, signature.signer, 1), (4, signature.representation, 2), (5, signature.scanning_resolution, 1)]
    {
        if code > most {
            findings.field("code-unknown", record, number, &format!("the code is 0 to {most}"));
        }
    }
    if signature.data.is_empty() {
        findings.field("image-missing", record, 8, "there is no signature");
    }
}
