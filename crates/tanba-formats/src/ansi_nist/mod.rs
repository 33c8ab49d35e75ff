//! ANSI/NIST-ITL transactions (.an2, .nist, .eft, .xml): what police and border forces send each other.
//!
//! The standard has two encodings of one content. Both are read into, and written from, the same records and fields: the
//! traditional one here, NIEM XML in [`xml`].
//!
//! ```text
//! transaction: Type-1 record (who, when, which records follow) | record | record | ...
//! tagged record (Types 1, 2, 9 and above): type.number:value GS type.number:value ... FS
//!   value: subfield RS subfield ..., subfield: item US item ...; field 999 holds the bytes of an image
//! binary record (Types 3 to 8): length (4), IDC (1), fixed fields by type, image
//! ```
//! The editions from 2000 to 2015 are read. A reader that refuses is of no use where files come from a hundred makers: whatever
//! can be listed is listed, and what was wrong is told. Nothing is copied but the list of fields; images stay where they are
//! until [`FrictionRidge::decode`] is called. Names of fields and meanings of codes are in [`dictionary`].

pub mod build;
pub mod dictionary;
mod features;
mod friction;
mod header;
mod outline;
mod parse;
mod position;
mod signature;
mod typed;
mod validate;
mod write;
pub mod xml;

use std::borrow::Cow;

use crate::Decoded;

pub(crate) use friction::nominal;

pub use features::{
    EfsCore, EfsDelta, EfsMinutia, ExtendedFeatures, FeatureSet, MinutiaeSet, Pattern, Region, incits_record,
};
pub use friction::{Amputation, AmputationCode, Compression, FingerSegment, FrictionRidge, SegmentPolygon};
pub use header::{Header, Listed};
pub use position::{Impression, Position};
pub use signature::Signature;
pub use typed::{
    AllelePair, Assurance, CbeffData, Context, Dna, Donor, Face, FacePoint, Iris, Laboratory, LogEntry, Quality,
    RecordImage, Source, StrLocus,
};
pub use validate::{Profile, validate};
pub use write::write;

/// Between records of tagged fields.
const FS: u8 = 0x1c;
/// Between fields.
const GS: u8 = 0x1d;
/// Between subfields.
const RS: u8 = 0x1e;
/// Between items.
const US: u8 = 0x1f;

/// The field of a record's length, in every tagged record.
const LENGTH: u16 = 1;

/// Digits of a field number since the edition of 2000; more where the number needs them.
pub const NUMBER_DIGITS: usize = 3;

/// A transaction: its records in the order of the file, Type-1 first.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction<'a> {
    /// The records.
    pub records: Vec<Record<'a>>,
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<'a> {
    /// Its type, 1 to 99.
    pub kind: u8,
    /// What is in it.
    pub body: Body<'a>,
    /// Where it begins in the file.
    pub offset: usize,
    /// Digits that its field numbers are filled up to: [`NUMBER_DIGITS`], or two before the edition of 2000.
    pub number_digits: usize,
    /// Elements of the XML encoding that have no field.
    pub extra: Vec<xml::Foreign>,
}

/// The contents of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Body<'a> {
    /// Fields with numbers, in the order of the file.
    Tagged(Vec<Field<'a>>),
    /// A fingerprint image with fixed fields: Types 3 to 6.
    Image(BinaryImage<'a>),
    /// Types 7 and 8, and what could not be understood.
    Opaque {
        /// Image designation character, which ties records together.
        idc: Option<u8>,
        /// Everything after it.
        data: Cow<'a, [u8]>,
    },
}

/// A field of a tagged record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its number within the record type: 3 for 14.003.
    pub number: u16,
    /// Its value, with the separators of subfields and items.
    pub value: Cow<'a, [u8]>,
}

/// A fingerprint image of Types 3 (250 ppi), 4 (500 ppi), 5 and 6 (the same in black and white).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinaryImage<'a> {
    /// Image designation character.
    pub idc: u8,
    /// Impression type.
    pub impression: u8,
    /// Up to six positions that the print may be of; 255 fills what is not used.
    pub positions: [u8; 6],
    /// 0: scanned at the least resolution allowed, 1: at that of field 1.011.
    pub scanning_resolution: u8,
    /// Pixels in a row.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Code of the compression.
    pub compression: u8,
    /// The image.
    pub data: Cow<'a, [u8]>,
}

/// Why a transaction was not read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionError {
    /// The first bytes are of something else.
    #[error("this is not an ANSI/NIST-ITL transaction: it must begin with field 1.001")]
    NotATransaction,
    /// XML that is not read.
    #[error(transparent)]
    Xml(#[from] xml::XmlError),
}

/// Why a transaction cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The first record is not of Type 1.
    #[error("a transaction begins with a Type-1 record: put one first")]
    NoHeader,
    /// There is another record of Type 1.
    #[error("a transaction has one Type-1 record: write the others in transactions of their own")]
    SecondHeader,
    /// Field 1.003 does not list the records.
    #[error("field 1.003 does not list the records that follow: call Transaction::update_contents first")]
    ContentsDiffer,
    /// The record could not be understood when it was read, or its contents do not go with its type.
    #[error("the contents of a Type-{kind} record were not understood: leave it out")]
    NotUnderstood {
        /// Type of the record.
        kind: u8,
    },
    /// The record has elements that only XML can hold.
    #[error("a Type-{kind} record has XML elements that are no fields: clear Record::extra to write it without them")]
    OnlyInXml {
        /// Type of the record.
        kind: u8,
    },
    /// The record cannot be expressed in XML.
    #[error("a Type-{kind} record has no form in XML, or its values do not fit it: use the traditional encoding")]
    NotInXml {
        /// Type of the record.
        kind: u8,
    },
    /// A field would not be read back as it is.
    #[error("field {kind}.{number:03} cannot be written: {why}")]
    Field {
        /// Type of the record.
        kind: u8,
        /// Number of the field.
        number: u16,
        /// Why not.
        why: &'static str,
    },
    /// A record of more than four gigabytes, or more elements than a reader takes.
    #[error(
        "a record is longer than can be said, or has more values than XML takes: use a smaller image, or fewer values"
    )]
    TooLong,
    /// An element that is kept has a name or a character that XML does not allow.
    #[error("an XML element that is kept has a name or a character that XML does not allow: remove it")]
    ElementName,
}

/// Whether the bytes begin as a transaction in the traditional encoding: with field 1.001 (1.01 and 1.1 before the year 2000).
pub fn is_transaction(bytes: &[u8]) -> bool {
    matches!(parse::tag(bytes), Some((1, 1, _)))
}

/// Reads a transaction in either encoding. What is damaged is told, and the reading goes on as far as records can be found.
///
/// Diagnostic codes: `length-mismatch`, `record-cut`, `record-missing`, `record-unexpected`, `records-uncounted`,
/// `contents-missing`, `field-malformed`, `trailing-data`; in XML those of [`xml::read`].
///
/// # Errors
/// [`TransactionError`] when it is another thing.
pub fn read(bytes: &[u8]) -> Result<Decoded<Transaction<'_>>, TransactionError> {
    if is_transaction(bytes) {
        return Ok(parse::transaction(bytes));
    }
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if start.starts_with(b"<") { Ok(xml::read(bytes)?) } else { Err(TransactionError::NotATransaction) }
}

impl<'a> Transaction<'a> {
    /// The version of the standard, such as 400 for 2007 (field 1.002).
    pub fn version(&self) -> Option<u16> {
        self.header(2)?.number()
    }

    /// What the transaction asks for or answers, as its domain names it (field 1.004).
    pub fn kind(&self) -> Option<&str> {
        self.header(4)?.text()
    }

    /// Pixels per inch of the scanner, which binary records refer to (field 1.011, pixels per millimetre there).
    pub fn native_ppi(&self) -> Option<f64> {
        const MM_PER_INCH: f64 = 25.4;
        let per_mm: f64 = self.header(11)?.text()?.parse().ok()?;
        (per_mm > 0.0 && per_mm.is_finite()).then_some(nominal(per_mm * MM_PER_INCH))
    }

    /// Makes field 1.003 list the records that follow, as they are.
    pub fn update_contents(&mut self) {
        const CONTENTS: u16 = 3;
        let value = write::contents_of(&self.records).into();
        let Some(Body::Tagged(fields)) = self.records.first_mut().map(|r| &mut r.body) else { return };
        match fields.iter_mut().find(|f| f.number == CONTENTS) {
            Some(field) => field.value = value,
            None => {
                let at = fields.iter().take_while(|f| f.number < CONTENTS).count();
                fields.insert(at, Field { number: CONTENTS, value });
            }
        }
    }

    /// Every fingerprint, palm print or latent print with its image: Types 3 to 6 and 13 to 15, in the order of the file.
    pub fn friction_ridges(&self) -> impl Iterator<Item = FrictionRidge<'_>> {
        self.records.iter().filter_map(|r| FrictionRidge::of(r, self.native_ppi()))
    }

    fn header(&self, number: u16) -> Option<&Field<'a>> {
        self.records.first()?.field(number)
    }
}

impl BinaryImage<'_> {
    /// In [`positions`](Self::positions): no position.
    pub const NO_POSITION: u8 = 255;

    /// The positions that are stated.
    pub fn stated_positions(&self) -> impl Iterator<Item = Position> {
        self.positions.iter().filter(|p| **p != Self::NO_POSITION).map(|p| Position(*p))
    }
}

impl<'a> Record<'a> {
    /// A tagged record of these fields, which are sorted by number; the length is added when it is written.
    pub fn tagged(kind: u8, mut fields: Vec<Field<'a>>) -> Self {
        fields.sort_by_key(|f| f.number);
        Self::new(kind, Body::Tagged(fields))
    }

    /// A record of this content.
    pub fn new(kind: u8, body: Body<'a>) -> Self {
        Self { kind, body, offset: 0, number_digits: NUMBER_DIGITS, extra: Vec::new() }
    }

    /// A field of a tagged record; the first one where a number occurs twice.
    pub fn field(&self, number: u16) -> Option<&Field<'a>> {
        match &self.body {
            Body::Tagged(fields) => fields.iter().find(|f| f.number == number),
            _ => None,
        }
    }

    /// The subfields of a field, each of its items as text without blanks around it; what is no UTF-8 is empty.
    fn rows(&self, number: u16) -> impl Iterator<Item = Vec<&str>> {
        self.field(number).into_iter().flat_map(Field::rows)
    }

    /// The image designation character, which says what belongs together (field 2).
    pub fn idc(&self) -> Option<u8> {
        match &self.body {
            // The field of a Type-1 record with this number is its version.
            Body::Tagged(_) if self.kind == 1 => None,
            Body::Tagged(_) => self.field(2)?.number(),
            Body::Image(image) => Some(image.idc),
            Body::Opaque { idc, .. } => *idc,
        }
    }
}

impl<'a> Field<'a> {
    /// A field with this value.
    pub fn new(number: u16, value: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { number, value: value.into() }
    }

    /// A field of subfields, each of its items; empty items at the ends of subfields are left out, since they say nothing.
    pub fn of_items<I: AsRef<str>>(number: u16, subfields: &[Vec<I>]) -> Self {
        let joined = |items: &Vec<I>| {
            let items = items.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("\u{1f}");
            items.trim_end_matches('\u{1f}').to_owned()
        };
        let value = subfields.iter().map(joined).collect::<Vec<_>>().join("\u{1e}");
        Self::new(number, value.into_bytes())
    }

    /// The whole value as text without blanks around it, where it is text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.value).ok().map(str::trim)
    }

    /// The whole value as a number.
    pub fn number<T: std::str::FromStr>(&self) -> Option<T> {
        self.text()?.parse().ok()
    }

    /// Its subfields with their items as text.
    fn rows(&self) -> impl Iterator<Item = Vec<&str>> {
        self.subfields()
            .map(|items| items.into_iter().map(|i| std::str::from_utf8(i).unwrap_or_default().trim()).collect())
    }

    /// Its subfields, each a list of items; one of one where the value has no structure.
    pub fn subfields(&self) -> impl Iterator<Item = Vec<&[u8]>> {
        self.value.split(|b| *b == RS).map(|subfield| subfield.split(|b| *b == US).collect())
    }
}

#[cfg(test)]
mod tests;
