//! Finding records and fields.
//!
//! Where the next record begins is known twice: by the length in each record, and, for tagged ones, by the separator at their
//! end. The length leads, because the bytes of an image may hold separators; where it cannot be right, the separator decides.

use std::borrow::Cow;

use super::{BinaryImage, Body, FS, Field, GS, NUMBER_DIGITS, RS, Record, Transaction, US};
use crate::{Decoded, Diagnostic};

/// Bytes of length, and of the fixed fields of Types 3 to 6.
pub(super) const LENGTH_BYTES: usize = 4;
pub(super) const IMAGE_HEADER_BYTES: usize = 18;
/// The field that holds the bytes of an image, up to the end of its record.
pub(super) const DATA: u16 = 999;
/// The first record types that can have it.
pub(super) const FIRST_WITH_DATA: u8 = 9;
/// Longer texts before an image in a field of its number are not known.
pub(super) const SHORT_DATA: usize = 32;
/// More diagnostics than this say nothing new.
pub(super) const MOST_NOTES: usize = 100;
/// More records than this are in no transaction (contents are counted in two digits, and IDCs go up to 255).
pub(super) const MOST_RECORDS: usize = 1000;

/// The tag at the beginning of a field: record type, field number, and its length with the colon.
pub(super) fn tag(bytes: &[u8]) -> Option<(u8, u16, usize)> {
    let digits = |b: &[u8]| b.iter().take_while(|b| b.is_ascii_digit()).count();
    let kind = digits(bytes);
    let rest = bytes.get(kind..)?.strip_prefix(b".")?;
    let number = digits(rest);
    // Types have up to two digits; numbers three, and four in some domains' Type-2 records.
    if !(1..=2).contains(&kind) || !(1..=4).contains(&number) || rest.get(number) != Some(&b':') {
        return None;
    }
    let text = |b: &[u8]| std::str::from_utf8(b).ok()?.parse::<u16>().ok();
    let kind_number = u8::try_from(text(&bytes[..kind])?).ok()?;
    Some((kind_number, text(&rest[..number])?, kind + 1 + number + 1))
}

pub(super) fn transaction(bytes: &[u8]) -> Decoded<Transaction<'_>> {
    let mut reader = Reader { bytes, at: 0, notes: Vec::new() };
    let mut records = vec![reader.tagged(1)];
    let expected = contents(&records[0]);
    if expected.is_none() {
        reader.note("contents-missing", 0, "field 1.003 does not say which records follow".into());
    }
    for kind in expected.iter().flatten().copied().take(MOST_RECORDS) {
        if reader.at >= bytes.len() {
            let message = format!("field 1.003 counts records that are not there, the first of Type-{kind}");
            reader.note("record-missing", reader.at, message);
            break;
        }
        records.push(reader.record(Some(kind)));
    }
    if reader.at < bytes.len() && tag(&bytes[reader.at..]).is_some() {
        if expected.is_some() {
            let message = "there are records that field 1.003 does not count";
            reader.note("records-uncounted", reader.at, message.into());
        }
        while reader.at < bytes.len() && tag(&bytes[reader.at..]).is_some() && records.len() < MOST_RECORDS {
            records.push(reader.record(None));
        }
    }
    if reader.at < bytes.len() {
        let left = bytes.len() - reader.at;
        reader.note("trailing-data", reader.at, format!("{left} bytes follow the last record"));
    }
    Decoded { value: Transaction { records }, diagnostics: reader.notes }
}

/// The types of the records that follow, from field 1.003: a subfield each of type and IDC, after one of 1 and their number.
pub(super) fn contents(header: &Record<'_>) -> Option<Vec<u8>> {
    let field = header.field(3)?;
    let kind = |subfield: &[u8]| {
        let item = subfield.split(|b| *b == US).next()?;
        std::str::from_utf8(item).ok()?.trim().parse().ok()
    };
    field.value.split(|b| *b == RS).skip(1).map(kind).collect()
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    notes: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn note(&mut self, code: &'static str, offset: usize, message: String) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(Diagnostic { code, message, offset: Some(offset) });
        }
    }

    /// The record that begins here, of the type that the contents promise or that its tag names. Moves on by at least a byte.
    fn record(&mut self, expected: Option<u8>) -> Record<'a> {
        let start = self.at;
        let found = tag(&self.bytes[start..]);
        match (found, expected) {
            // A length of four bytes never looks like a tag: it would be of half a gigabyte.
            (Some((kind, ..)), _) => {
                if let Some(expected) = expected.filter(|e| *e != kind) {
                    let message = format!("a record of Type-{kind} stands where field 1.003 promises Type-{expected}");
                    self.note("record-unexpected", start, message);
                }
                self.tagged(kind)
            }
            (None, Some(kind @ 3..=8)) => self.binary(kind),
            (None, kind) => {
                let kind = kind.unwrap_or_default();
                self.note("record-unexpected", start, format!("no record begins here, where Type-{kind} is promised"));
                self.at = self.bytes.len();
                let body = Body::Opaque { idc: None, data: self.bytes[start..].into() };
                Record { offset: start, ..Record::new(kind, body) }
            }
        }
    }

    fn tagged(&mut self, kind: u8) -> Record<'a> {
        let start = self.at;
        let end = self.tagged_end(start);
        let record = &self.bytes[start..end];
        self.at = end;
        let mut fields = Vec::new();
        let mut rest = record.strip_suffix(&[FS]).unwrap_or(record);
        let mut broken = None;
        while !rest.is_empty() {
            let offset = start + record.len() - rest.len();
            let found = tag(rest).filter(|(k, ..)| *k == kind);
            let Some((_, number, tag_bytes)) = found else {
                // What follows a lost separator or tag belongs to nothing that could be named.
                broken = broken.or(Some(offset));
                rest = after_separator(rest);
                continue;
            };
            let value = &rest[tag_bytes..];
            let length = if number == DATA && kind >= FIRST_WITH_DATA {
                data_length(value, kind)
            } else {
                value.iter().position(|b| *b == GS).unwrap_or(value.len())
            };
            fields.push(Field { number, value: Cow::Borrowed(&value[..length]) });
            rest = value.get(length + 1..).unwrap_or_default();
        }
        if let Some(offset) = broken {
            self.note("field-malformed", offset, format!("a field of the Type-{kind} record has no tag of its own"));
        }
        let number_digits = record.split(|b| *b == b':').next().and_then(|tag| tag.split(|b| *b == b'.').nth(1));
        let number_digits = number_digits.map_or(NUMBER_DIGITS, <[u8]>::len);
        Record { offset: start, number_digits, ..Record::new(kind, Body::Tagged(fields)) }
    }

    /// Where a tagged record ends, with its separator.
    fn tagged_end(&mut self, start: usize) -> usize {
        let rest = &self.bytes[start..];
        let tag_bytes = tag(rest).map_or(0, |t| t.2);
        let value = rest[tag_bytes..].split(|b| matches!(*b, GS | FS)).next().unwrap_or_default();
        let stated = std::str::from_utf8(value).ok().and_then(|v| v.trim().parse::<usize>().ok());
        if let Some(length) = stated.filter(|l| *l > tag_bytes && *l <= rest.len()) {
            let after = &rest[length..];
            // A separator at the end, or at least a record or nothing after it.
            if rest[length - 1] == FS || after.is_empty() || tag(after).is_some_and(|t| t.1 == 1) {
                return start + length;
            }
        }
        let separator = rest.iter().position(|b| *b == FS);
        match separator {
            Some(at) => {
                self.note("length-mismatch", start, "a record's length is wrong: its separator was taken".into());
                start + at + 1
            }
            None => {
                self.note("record-cut", start, "the last record is cut off".into());
                self.bytes.len()
            }
        }
    }

    fn binary(&mut self, kind: u8) -> Record<'a> {
        let start = self.at;
        let rest = &self.bytes[start..];
        let stated = rest.first_chunk::<LENGTH_BYTES>().map(|l| u32::from_be_bytes(*l) as usize);
        let least = if kind <= 6 { IMAGE_HEADER_BYTES } else { LENGTH_BYTES + 1 };
        let length = match stated {
            Some(length) if (least..=rest.len()).contains(&length) => length,
            _ => {
                let message = format!("the Type-{kind} record is cut off, or its length is wrong");
                self.note("record-cut", start, message);
                rest.len()
            }
        };
        self.at = start + length;
        let record = &rest[..length];
        let body = match record.first_chunk::<IMAGE_HEADER_BYTES>() {
            Some(header) if kind <= 6 => {
                let [_, _, _, _, idc, impression, p0, p1, p2, p3, p4, p5, resolution, w1, w0, h1, h0, compression] =
                    *header;
                Body::Image(BinaryImage {
                    idc,
                    impression,
                    positions: [p0, p1, p2, p3, p4, p5],
                    scanning_resolution: resolution,
                    width: u16::from_be_bytes([w1, w0]),
                    height: u16::from_be_bytes([h1, h0]),
                    compression,
                    data: record[IMAGE_HEADER_BYTES..].into(),
                })
            }
            _ => Body::Opaque {
                idc: record.get(LENGTH_BYTES).copied(),
                data: record.get(LENGTH_BYTES + 1..).unwrap_or_default().into(),
            },
        };
        Record { offset: start, ..Record::new(kind, body) }
    }
}

/// How long the value of a data field is: up to the end of the record, but for makers who write a short text there and the image
/// in a second field of the same number.
pub(super) fn data_length(value: &[u8], kind: u8) -> usize {
    let short = value.iter().take(SHORT_DATA).position(|b| *b == GS);
    short.filter(|at| tag(&value[at + 1..]).is_some_and(|t| (t.0, t.1) == (kind, DATA))).unwrap_or(value.len())
}

/// What follows the next separator of fields.
fn after_separator(bytes: &[u8]) -> &[u8] {
    let at = bytes.iter().position(|b| *b == GS);
    at.map_or(&[], |at| &bytes[at + 1..])
}
