//! From records and fields to elements.
//!
//! A record is written as the table has it and read again: a field that did not come back as it is (one that the table lacks, a
//! value that is no text) is added in elements of Tanba's own, which lead when they are read.

use std::collections::BTreeMap;

use super::emit::{Writer, push};
use super::read::{self, Values};
use super::{LIMITS, MOST_ELEMENTS, NAMESPACES, OWN, ROOT, map};
use crate::ansi_nist::dictionary::Domain;
use crate::ansi_nist::parse::{DATA, FIRST_WITH_DATA};
use crate::ansi_nist::{BinaryImage, Body, LENGTH, Record, Signature, Transaction, WriteError};
use crate::xml;

pub(super) fn transaction(transaction: &Transaction<'_>) -> Result<Vec<u8>, WriteError> {
    if transaction.records.first().is_none_or(|r| r.kind != 1) {
        return Err(WriteError::NoHeader);
    }
    if transaction.records.iter().skip(1).any(|r| r.kind == 1) {
        return Err(WriteError::SecondHeader);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<itl:");
    out.push_str(ROOT);
    out.push_str(&declarations());
    out.push_str(">\n");
    let interpol = Domain::of(transaction) == Some(Domain::IntI);
    for record in &transaction.records {
        out.push_str(&self::record(record, interpol)?);
    }
    push(&mut out, format_args!("</itl:{ROOT}>\n"));
    // What no reader would take is not written; text has no "<" of its own.
    if out.matches("</").count() > MOST_ELEMENTS {
        return Err(WriteError::TooLong);
    }
    Ok(out.into_bytes())
}

/// The prefixes of the standard and of our own elements; kept elements declare their namespaces themselves.
fn declarations() -> String {
    NAMESPACES.into_iter().chain([OWN]).fold(String::new(), |mut text, (prefix, uri)| {
        push(&mut text, format_args!("\n    xmlns:{prefix}=\"{uri}\""));
        text
    })
}

fn record(record: &Record<'_>, interpol: bool) -> Result<String, WriteError> {
    let refused = WriteError::NotInXml { kind: record.kind };
    let of_kind = map::of_kind(record.kind).ok_or(refused.clone())?;
    for foreign in &record.extra {
        xml::fragment(&foreign.element, LIMITS).map_err(|_| WriteError::ElementName)?;
    }
    let fields = match (&record.body, record.kind) {
        (Body::Tagged(fields), 1 | 2 | 9..) => {
            let mut found = BTreeMap::new();
            for field in fields.iter().filter(|f| f.number != LENGTH) {
                let image = field.number == DATA && record.kind >= FIRST_WITH_DATA;
                let values: Values = if image {
                    vec![vec![field.value.to_vec()]]
                } else {
                    field.subfields().map(|s| s.iter().map(|i| i.to_vec()).collect()).collect()
                };
                if found.insert(field.number, values).is_some() && !image {
                    let why = "in XML a field stands once";
                    return Err(WriteError::Field { kind: record.kind, number: field.number, why });
                }
            }
            found
        }
        (Body::Image(image), 3..=6) => of_image(image),
        (Body::Opaque { idc: Some(idc), data }, 7) => numbered([(2, number(*idc)), (3, data.to_vec())]),
        (Body::Opaque { .. }, 8) => of_signature(&Signature::of(record).ok_or(refused.clone())?),
        _ => return Err(refused),
    };
    let mut writer = Writer::new(&fields, record, interpol);
    writer.record(of_kind, &[]);
    let differ: Vec<u16> = {
        let wrapped = format!("<itl:{ROOT}{}>{}</itl:{ROOT}>", declarations(), writer.out);
        let again = xml::parse(wrapped.as_bytes(), LIMITS).map_err(|_| refused)?.value.children.into_iter().next();
        let again = again.map(|element| read::fields(of_kind, &element)).unwrap_or_default();
        let same = |number: &u16| again.get(number).map(trimmed) == fields.get(number).map(trimmed);
        fields.keys().filter(|n| !same(n)).copied().collect()
    };
    if differ.is_empty() {
        return Ok(writer.out);
    }
    let mut writer = Writer::new(&fields, record, interpol);
    writer.record(of_kind, &differ);
    Ok(writer.out)
}

/// Subfields without the empty items at their ends: those say nothing, and elements that are not there cannot stand for them.
fn trimmed(values: &Values) -> Vec<&[Vec<u8>]> {
    let used = |items: &Vec<Vec<u8>>| items.iter().rposition(|i| !i.is_empty()).map_or(0, |last| last + 1);
    values.iter().map(|items| items.get(..used(items)).unwrap_or_default()).collect()
}

fn number(n: impl Into<u16>) -> Vec<u8> {
    n.into().to_string().into_bytes()
}

fn numbered<const N: usize>(fields: [(u16, Vec<u8>); N]) -> BTreeMap<u16, Values> {
    fields.into_iter().map(|(n, value)| (n, vec![vec![value]])).collect()
}

fn of_image(image: &BinaryImage<'_>) -> BTreeMap<u16, Values> {
    let used = image.positions.iter().rposition(|p| *p != BinaryImage::NO_POSITION).map_or(0, |last| last + 1);
    let mut fields = numbered([
        (2, number(image.idc)),
        (3, number(image.impression)),
        (5, number(image.scanning_resolution)),
        (6, number(image.width)),
        (7, number(image.height)),
        (8, number(image.compression)),
        (9, image.data.to_vec()),
    ]);
    fields.insert(4, image.positions.iter().take(used).map(|p| vec![number(*p)]).collect());
    fields
}

fn of_signature(signature: &Signature<'_>) -> BTreeMap<u16, Values> {
    numbered([
        (2, number(signature.idc)),
        (3, number(signature.signer)),
        (4, number(signature.representation)),
        (5, number(signature.scanning_resolution)),
        (6, number(signature.width)),
        (7, number(signature.height)),
        (8, signature.data.to_vec()),
    ])
}
