//! What a transaction lacks by the rules of the standard and of a domain.
//!
//! Reading is lenient; this is where it is said what another system may refuse. Each finding has a stable code, and its message
//! begins with the field it is about, or with the type of the record.

mod domains;
mod records;
mod values;

use super::{Body, Field, Record, Transaction, parse};
use crate::Diagnostic;

/// Whose rules a transaction is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// ANSI/NIST-ITL 1-2011 with its updates.
    Base,
    /// The FBI's Electronic Biometric Transmission Specification, as far as its rules are public.
    Ebts,
    /// INTERPOL's implementation (INT-I), as far as its rules are public.
    IntI,
}

/// More findings than this say nothing new.
const MOST_FINDINGS: usize = 500;

/// Holds a transaction to the rules of a profile; those of the standard are part of every one.
///
/// Codes: `field-missing`, `field-repeated`, `value-malformed`, `value-out-of-range`, `code-unknown`, `date-malformed`,
/// `time-malformed`, `contents-mismatch`, `idc-missing`, `idc-out-of-range`, `idc-repeated`, `idc-unlinked`, `position-unfit`,
/// `count-mismatch`, `segment-outside`, `image-missing`, `resolution-low`, `record-not-understood`, `domain-unexpected`,
/// `transaction-unknown`, `record-cardinality`.
pub fn validate(transaction: &Transaction<'_>, profile: Profile) -> Vec<Diagnostic> {
    let mut findings = Findings::default();
    header(transaction, &mut findings);
    contents(transaction, &mut findings);
    links(transaction, &mut findings);
    for record in &transaction.records {
        records::check(record, transaction, &mut findings);
    }
    match profile {
        Profile::Base => {}
        Profile::Ebts => domains::ebts(transaction, &mut findings),
        Profile::IntI => domains::interpol(transaction, &mut findings),
    }
    findings.0
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Diagnostic>);

impl Findings {
    fn record(&mut self, code: &'static str, record: &Record<'_>, message: &str) {
        self.add(code, record.offset, format!("Type-{}: {message}", record.kind));
    }

    fn field(&mut self, code: &'static str, record: &Record<'_>, number: u16, message: &str) {
        self.add(code, record.offset, format!("{}.{number:03}: {message}", record.kind));
    }

    fn add(&mut self, code: &'static str, offset: usize, message: String) {
        if self.0.len() < MOST_FINDINGS {
            self.0.push(Diagnostic { code, message, offset: Some(offset) });
        }
    }

    /// Tells of each of the fields that is not there, or says nothing.
    fn require(&mut self, record: &Record<'_>, numbers: &[u16]) {
        for number in numbers.iter().filter(|n| !has(record, **n)) {
            self.field("field-missing", record, *number, "the field is mandatory here");
        }
    }
}

fn has(record: &Record<'_>, number: u16) -> bool {
    record.field(number).is_some_and(|f| !f.value.is_empty())
}

fn text<'r>(record: &'r Record<'_>, number: u16) -> Option<&'r str> {
    record.field(number).and_then(Field::text).filter(|t| !t.is_empty())
}

/// The Type-1 record (section 8.1).
fn header(transaction: &Transaction<'_>, findings: &mut Findings) {
    use super::header::number::{CONTENTS, CONTROL, DATE, DESTINATION, KIND, NATIVE, NOMINAL, ORIGIN, TIME, VERSION};
    const MANDATORY: [u16; 9] = [VERSION, CONTENTS, KIND, DATE, DESTINATION, ORIGIN, CONTROL, NATIVE, NOMINAL];
    /// The least native resolution where images refer to it: 500 ppi less the tolerance of one per cent.
    const LEAST_PER_MM: f64 = 19.49;
    let Some(header) = transaction.records.first().filter(|r| r.kind == 1) else {
        findings.add("field-missing", 0, "1.001: a transaction begins with a Type-1 record".into());
        return;
    };
    findings.require(header, &MANDATORY);
    if text(header, TIME).is_some_and(|t| !values::is_moment(t)) {
        findings.field("time-malformed", header, TIME, "a time is written YYYYMMDDHHMMSSZ");
    }
    let per_mm = |n| text(header, n).map(str::parse::<f64>);
    for number in [NATIVE, NOMINAL] {
        if per_mm(number).is_some_and(|v| !v.is_ok_and(|v| v.is_finite() && v >= 0.0)) {
            findings.field(
                "value-malformed",
                header,
                number,
                "a resolution is written as two digits, a point and two more",
            );
        }
    }
    let scanned = |r: &Record<'_>| matches!(&r.body, Body::Image(i) if i.scanning_resolution == 1);
    let low = per_mm(NATIVE).and_then(Result::ok).is_some_and(|v| v < LEAST_PER_MM);
    if low && transaction.records.iter().any(scanned) {
        findings.field(
            "resolution-low",
            header,
            NATIVE,
            "records of fixed fields refer to a resolution of 500 ppi or more",
        );
    }
}

/// Field 1.003 against the records that follow.
fn contents(transaction: &Transaction<'_>, findings: &mut Findings) {
    use super::header::number::CONTENTS;
    let Some((header, rest)) = transaction.records.split_first() else { return };
    let listed = super::Header::of(transaction).map(|h| h.contents).unwrap_or_default();
    let mut differ = |message: &str| findings.field("contents-mismatch", header, CONTENTS, message);
    if !has(header, CONTENTS) {
        return;
    }
    let number = |i| header.field(CONTENTS).and_then(|f| f.item(0, i)).and_then(|n| n.parse::<usize>().ok());
    if (number(0), number(1)) != (Some(1), Some(rest.len())) {
        differ("the first pair is 1 and the number of records that follow");
    }
    let pairs = listed.iter().map(|l| (l.kind, l.idc)).eq(rest.iter().map(|r| (r.kind, r.idc())));
    if !pairs || parse::contents(header).is_none_or(|all| all.len() != listed.len()) {
        differ("the types and IDCs listed are not those of the records that follow");
    }
}

/// Information designation characters (section 7.3.1).
fn links(transaction: &Transaction<'_>, findings: &mut Findings) {
    const LARGEST: u8 = 99;
    const MINUTIAE: u8 = 9;
    /// Types whose records are images with a number of their own.
    const NUMBERED: [u8; 12] = [3, 4, 5, 6, 8, 10, 13, 14, 15, 16, 17, 19];
    let mut seen: Vec<(u8, u8)> = Vec::new();
    for record in transaction.records.iter().skip(1) {
        let Some(idc) = record.idc() else {
            findings.field("idc-missing", record, 2, "a record after the first has an IDC");
            continue;
        };
        if idc > LARGEST {
            findings.field("idc-out-of-range", record, 2, "an IDC is 0 to 99");
        }
        if NUMBERED.contains(&record.kind) && seen.contains(&(record.kind, idc)) {
            findings.field("idc-repeated", record, 2, "another record of this type has the same IDC");
        }
        seen.push((record.kind, idc));
    }
    let image = |idc| seen.iter().any(|(kind, other)| NUMBERED.contains(kind) && *other == idc);
    let images = seen.iter().any(|(kind, _)| matches!(kind, 4 | 13..=15 | 19));
    for record in transaction.records.iter().filter(|r| r.kind == MINUTIAE && images) {
        if record.idc().is_some_and(|idc| !image(idc)) {
            findings.field("idc-unlinked", record, 2, "there are images, and none with the IDC of these minutiae");
        }
    }
}

#[cfg(test)]
mod tests;
