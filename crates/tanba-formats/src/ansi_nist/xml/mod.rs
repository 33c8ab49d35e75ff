//! Transactions in the NIEM encoding: the same records and fields as in the traditional encoding, in XML.
//!
//! One table (`map.txt`) says which element is which field, subfield and item, for both directions. What has no element in it is
//! written in elements of Tanba's own, in the places that the standard leaves to users, and found there again; elements that
//! are not in the table are kept as they are in [`Record::extra`](super::Record::extra).

mod emit;
mod map;
mod read;
mod values;
mod write;

use super::{Transaction, WriteError};
use crate::Decoded;
use crate::xml::{self, Limits};

pub use crate::xml::{Attribute, Element};

/// Elements inside of each other; the encoding has at most 14 levels.
pub const DEEPEST: usize = 40;
/// Elements in all. A latent print with all its features has some ten thousand.
pub const MOST_ELEMENTS: usize = 300_000;

const LIMITS: Limits = Limits { levels: DEEPEST, elements: MOST_ELEMENTS, attributes: 64 };

const ROOT: &str = "NISTBiometricInformationExchangePackage";
/// The namespaces that are written, with the prefixes of `map.txt`.
const INTERPOL: (&str, &str) = ("int-i", "http://interpol.gov/int-i/1.0");
const NAMESPACES: [(&str, &str); 4] = [
    ("itl", "http://biometrics.nist.gov/standard/2011"),
    ("biom", "http://niem.gov/niem/biometrics/1.0"),
    ("nc", "http://niem.gov/niem/niem-core/2.0"),
    INTERPOL,
];
/// Fields that have no element of their own.
const OWN: (&str, &str) = ("tanba", "urn:tanba:itl:1");
/// `<tanba:Field number="18">` holds `<tanba:Subfield>`s of `<tanba:Item>`s; bytes that are no text of XML stand in base64.
const OWN_FIELD: &str = "Field";
const OWN_SUBFIELD: &str = "Subfield";
const OWN_ITEM: &str = "Item";
const OWN_NUMBER: &str = "number";
const OWN_ENCODING: &str = "encoding";
const OWN_BASE64: &str = "base64";

/// An element that has no place among the fields, and where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The names of the elements around it without prefixes, from the record down, without that of the record itself.
    pub path: Vec<&'static str>,
    /// The element.
    pub element: Element,
}

/// Why a file is not read as a transaction in XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XmlError {
    /// Other XML, or none.
    #[error(
        "this is not an ANSI/NIST-ITL transaction in XML: its root must be NISTBiometricInformationExchangePackage"
    )]
    NotATransaction,
    /// Text in another character set.
    #[error("this XML is not in UTF-8: convert its text first")]
    NotUtf8,
    /// A document type declaration, which no transaction has and which can be used to attack a reader.
    #[error("this XML declares a document type, which no transaction has: remove it if you trust the file")]
    DocumentType,
    /// More than [`MOST_ELEMENTS`].
    #[error("this XML has more elements than any transaction")]
    TooManyElements,
    /// Deeper than [`DEEPEST`].
    #[error("this XML is nested more deeply than any transaction")]
    TooDeep,
}

impl From<xml::XmlError> for XmlError {
    fn from(error: xml::XmlError) -> Self {
        match error {
            xml::XmlError::NotUtf8 => Self::NotUtf8,
            xml::XmlError::NoElement => Self::NotATransaction,
            xml::XmlError::DocumentType => Self::DocumentType,
            xml::XmlError::TooMuch { most: DEEPEST, .. } => Self::TooDeep,
            xml::XmlError::TooMuch { .. } => Self::TooManyElements,
        }
    }
}

/// The value of an attribute, whatever its namespace: makers differ in it.
fn attribute<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.attributes.iter().find(|a| a.name == name).map(|a| &*a.value)
}

/// The text of the first element in it that has nothing inside, or its own.
fn first_text(element: &Element) -> &str {
    let mut element = element;
    while let Some(first) = element.children.first() {
        element = first;
    }
    element.text.trim()
}

/// Reads a transaction in XML.
///
/// Diagnostic codes: `element-unknown`, `value-unexpected`, `base64-malformed`, `entity-unknown`, `records-left-out`,
/// `xml-malformed`, `xml-cut`, and
/// those of the traditional encoding about contents: `contents-missing`, `record-missing`, `records-uncounted`.
///
/// # Errors
/// [`XmlError`] when it is another thing, or larger than any transaction.
pub fn read(bytes: &[u8]) -> Result<Decoded<Transaction<'static>>, XmlError> {
    let tree = xml::parse(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), LIMITS)?;
    read::transaction(&tree.value, tree.diagnostics)
}

/// Writes a transaction in XML, with the namespaces of the update of 2015 (INTERPOL's where it is of that domain).
///
/// Texts that some makers write in fields 999 before the image are left out, and empty items at the ends of subfields.
///
/// # Errors
/// [`WriteError`] when there is no header, or a record could not be understood when it was read.
pub fn write(transaction: &Transaction<'_>) -> Result<Vec<u8>, WriteError> {
    write::transaction(transaction)
}

#[cfg(test)]
mod tests;
