//! Records of one type each, field by field; what is missing or malformed is `None` or left out.

mod assurance;
mod dna;
mod image;

use super::{Body, Field, Record};

pub use assurance::{Assurance, CbeffData, LogEntry};
pub use dna::{AllelePair, Dna, Donor, Laboratory, StrLocus};
pub use image::{Context, Face, FacePoint, Iris, Quality, RecordImage, Source};

/// Field 999, the last of its number.
fn data<'r>(record: &'r Record<'_>) -> &'r [u8] {
    match &record.body {
        Body::Tagged(fields) => fields.iter().rfind(|f| f.number == super::parse::DATA).map_or(&[], |f| &f.value),
        _ => &[],
    }
}

fn text<'r>(record: &'r Record<'_>, number: u16) -> Option<&'r str> {
    record.field(number).and_then(Field::text).filter(|t| !t.is_empty())
}

fn number<T: std::str::FromStr>(record: &Record<'_>, number: u16) -> Option<T> {
    record.field(number).and_then(Field::number)
}

/// The subfields of a field.
fn rows<'r>(record: &'r Record<'_>, number: u16) -> impl Iterator<Item = Row<'r>> {
    record.rows(number).map(Row)
}

/// The items of one subfield.
struct Row<'r>(Vec<&'r str>);

impl<'r> Row<'r> {
    fn text(&self, i: usize) -> Option<&'r str> {
        self.0.get(i).copied().filter(|t| !t.is_empty())
    }

    fn number<T: std::str::FromStr>(&self, i: usize) -> Option<T> {
        self.text(i)?.parse().ok()
    }
}

/// The values of a field that repeats a single one.
fn values<'r>(record: &'r Record<'_>, number: u16) -> Vec<&'r str> {
    rows(record, number).filter_map(|r| r.text(0)).collect()
}

#[cfg(test)]
mod tests;
