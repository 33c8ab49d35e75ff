//! Transactions written in the traditional encoding, byte for byte the same each time.
//!
//! Lengths are computed. A length as it was read is kept where it is right, with its leading zeros, so that a well-formed file
//! that was read and not changed is written as it was. Everything else that would not be read back as it stands is refused.

use super::parse::{self, DATA, FIRST_WITH_DATA, IMAGE_HEADER_BYTES, LENGTH_BYTES};
use super::{BinaryImage, Body, FS, Field, GS, LENGTH, RS, Record, Transaction, US, WriteError};

/// A tag has up to so many digits after the point.
const MOST_NUMBER_DIGITS: usize = 4;
/// More digits than this has no length of a record.
const MOST_LENGTH_DIGITS: usize = 12;

/// Writes a transaction in the traditional encoding.
///
/// # Errors
/// [`WriteError`] for what would not be read back as it stands.
pub fn write(transaction: &Transaction<'_>) -> Result<Vec<u8>, WriteError> {
    if transaction.records.first().is_none_or(|r| r.kind != 1) {
        return Err(WriteError::NoHeader);
    }
    if transaction.records.iter().skip(1).any(|r| r.kind == 1) {
        return Err(WriteError::SecondHeader);
    }
    // Binary records do not name their type: only the contents of the header do.
    let binary = |r: &Record<'_>| !matches!(r.body, Body::Tagged(_));
    if transaction.records.iter().any(binary) && !contents_agree(transaction) {
        return Err(WriteError::ContentsDiffer);
    }
    let mut out = Vec::with_capacity(transaction.records.iter().map(size_hint).sum());
    for record in &transaction.records {
        if !record.extra.is_empty() {
            return Err(WriteError::OnlyInXml { kind: record.kind });
        }
        match &record.body {
            Body::Tagged(fields) => {
                tagged(record.kind, fields, record.number_digits.min(MOST_NUMBER_DIGITS), &mut out)?;
            }
            Body::Image(image) => binary_image(record.kind, image, &mut out)?,
            Body::Opaque { idc: Some(idc), data } if matches!(record.kind, 7 | 8) => {
                out.extend(length(LENGTH_BYTES + 1 + data.len())?);
                out.push(*idc);
                out.extend(&**data);
            }
            Body::Opaque { .. } => return Err(WriteError::NotUnderstood { kind: record.kind }),
        }
    }
    Ok(out)
}

/// What field 1.003 says when the records are these: the type of the first one and how many follow, then type and IDC of each.
pub(super) fn contents_of(records: &[Record<'_>]) -> Vec<u8> {
    let mut value = vec![b'1', US];
    value.extend(records.len().saturating_sub(1).to_string().bytes());
    for record in records.iter().skip(1) {
        value.push(RS);
        value.extend(record.kind.to_string().bytes());
        value.push(US);
        value.extend(format!("{:02}", record.idc().unwrap_or(0)).bytes());
    }
    value
}

fn contents_agree(transaction: &Transaction<'_>) -> bool {
    let Some((header, rest)) = transaction.records.split_first() else { return false };
    parse::contents(header).is_some_and(|kinds| kinds.iter().eq(rest.iter().map(|r| &r.kind)))
}

fn size_hint(record: &Record<'_>) -> usize {
    const TAG: usize = 10;
    match &record.body {
        Body::Tagged(fields) => fields.iter().map(|f| f.value.len().saturating_add(TAG)).sum(),
        Body::Image(image) => image.data.len().saturating_add(IMAGE_HEADER_BYTES),
        Body::Opaque { data, .. } => data.len().saturating_add(TAG),
    }
}

fn length(bytes: usize) -> Result<[u8; LENGTH_BYTES], WriteError> {
    u32::try_from(bytes).map(u32::to_be_bytes).map_err(|_| WriteError::TooLong)
}

fn binary_image(kind: u8, image: &BinaryImage<'_>, out: &mut Vec<u8>) -> Result<(), WriteError> {
    if !matches!(kind, 3..=6) {
        return Err(WriteError::NotUnderstood { kind });
    }
    out.extend(length(IMAGE_HEADER_BYTES.saturating_add(image.data.len()))?);
    out.extend([image.idc, image.impression]);
    out.extend(image.positions);
    out.push(image.scanning_resolution);
    out.extend(image.width.to_be_bytes());
    out.extend(image.height.to_be_bytes());
    out.push(image.compression);
    out.extend(&*image.data);
    Ok(())
}

fn tagged(kind: u8, fields: &[Field<'_>], digits: usize, out: &mut Vec<u8>) -> Result<(), WriteError> {
    if !matches!(kind, 1..=99) {
        return Err(WriteError::NotUnderstood { kind });
    }
    let stated = fields.first().filter(|f| f.number == LENGTH);
    let rest = if stated.is_some() { fields.get(1..).unwrap_or_default() } else { fields };
    let mut body = Vec::with_capacity(rest.iter().map(|f| f.value.len().saturating_add(10)).sum());
    for (i, field) in rest.iter().enumerate() {
        fits(kind, field, rest.get(i + 1..).unwrap_or_default())?;
        body.push(GS);
        body.extend(format!("{kind}.{:0digits$}:", field.number).bytes());
        body.extend(&*field.value);
    }
    body.push(FS);
    let head = format!("{kind}.{LENGTH:0digits$}:");
    let total = |digits: usize| head.len() + digits + body.len();
    out.extend(head.bytes());
    // As it was, where that is right.
    let kept = stated.map(|f| &*f.value).filter(|v| {
        v.len() <= MOST_LENGTH_DIGITS && v.iter().all(u8::is_ascii_digit) && number(v) == Some(total(v.len()))
    });
    match kept {
        Some(as_it_was) => out.extend(as_it_was),
        None => {
            let computed =
                (1..=MOST_LENGTH_DIGITS).map(total).zip(1..).find(|(n, digits)| n.to_string().len() == *digits);
            out.extend(computed.ok_or(WriteError::TooLong)?.0.to_string().bytes());
        }
    }
    out.extend(body);
    Ok(())
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Whether a field is read back as it stands, with these fields after it.
fn fits(kind: u8, field: &Field<'_>, after: &[Field<'_>]) -> Result<(), WriteError> {
    let at = (kind, field.number);
    let refused = |why| Err(WriteError::Field { kind: at.0, number: at.1, why });
    if field.number == 0 || field.number > 9999 {
        return refused("a field number has up to four digits and is not zero");
    }
    if field.number == LENGTH {
        return refused("the length stands first, and once");
    }
    if field.number == DATA && kind >= FIRST_WITH_DATA {
        let last = parse::data_length(&field.value, kind) == field.value.len();
        let text = field.value.len() < parse::SHORT_DATA && !field.value.contains(&GS);
        return match after.first() {
            None if last => Ok(()),
            Some(next) if text && next.number == DATA => Ok(()),
            _ => refused("the image stands last, and looks like no other field"),
        };
    }
    if field.value.iter().any(|b| matches!(*b, FS | GS)) {
        return refused("a text may not hold the separators of fields and records");
    }
    Ok(())
}
