//! Biometric information records in XML, read and written.
//!
//! ```text
//! BIR: Version, CBEFFVersion, BIRInfo, BDBInfo, SBInfo, BIR ..., BDB (base64), SB (base64), others: entry with key ...
//! ```
//! The schema orders elements; files do not always, and are read in any order. What cannot be understood is kept as the element that it
//! is, and written after the others. Blocks are kept byte for byte; their base64 is written anew.

use std::sync::Arc;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};

use super::{BdbInfo, Bir, BirInfo, Entry, Quality, RegistryId, SbInfo, Version};
use crate::xml::{self, Attribute, Element, Limits, XmlError};
use crate::{Decoded, Diagnostic};

/// The namespace of the schema.
pub const NAMESPACE: &str = "http://standards.iso.org/iso-iec/19785/-3/ed-2/";
const ROOT: &str = "BIR";
/// The best quality.
const MOST_QUALITY: u32 = 100;
/// Things that are told of a file; what comes later is like what came before.
const MOST_NOTES: usize = 100;

/// Base64 as files have it: with and without padding, and bits beyond the last byte.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
/// A record of all fingers, eyes and a face has some thousands.
const LIMITS: Limits = Limits { levels: 32, elements: 100_000, attributes: 32 };
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no XML that is read.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Other XML.
    #[error("this XML is no biometric information record: its root must be BIR")]
    NotABir,
}

/// Why a record cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record holds a name or a character that XML has no place for, or too many levels: remove it")]
pub struct WriteError;

/// Whether the bytes begin as a biometric information record in XML.
pub fn is_xml(bytes: &[u8]) -> bool {
    xml::root_name(bytes) == Some(ROOT)
}

/// Reads a record.
///
/// Diagnostic codes: `namespace-other`, `element-unknown` (kept; also one that stands twice), `value-invalid` (its element is kept),
/// `quality-out-of-range`, and those of XML: `xml-malformed`, `xml-cut`, `entity-unknown`, `attributes-left-out`.
///
/// # Errors
/// [`ReadError`] when it is no XML, passes a limit of it ([`XmlError`]), or is another kind of file.
pub fn read_xml(bytes: &[u8]) -> Result<Decoded<Bir>, ReadError> {
    let Decoded { value: root, diagnostics } = xml::parse(bytes, LIMITS)?;
    if root.name != ROOT {
        return Err(ReadError::NotABir);
    }
    let mut reader = Reader { namespace: root.namespace.clone(), notes: diagnostics };
    if root.namespace.as_deref() != Some(NAMESPACE) {
        let message = "the record is not in the namespace of ISO/IEC 19785-3: it is read all the same".into();
        reader.note("namespace-other", root.offset, message);
    }
    let value = reader.bir(root);
    Ok(Decoded { value, diagnostics: reader.notes })
}

struct Reader {
    /// That of the root, of which all that is understood must be.
    namespace: Option<Arc<str>>,
    notes: Vec<Diagnostic>,
}

/// The elements within one, taken out by name.
struct Fields<'a> {
    left: Vec<Element>,
    /// Those whose value was not understood.
    invalid: Vec<Element>,
    reader: &'a mut Reader,
}

impl Reader {
    fn note(&mut self, code: &'static str, offset: usize, message: String) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(Diagnostic { code, message, offset: Some(offset) });
        }
    }

    fn fields(&mut self, element: Element) -> Fields<'_> {
        Fields { left: element.children, invalid: Vec::new(), reader: self }
    }

    fn bir(&mut self, element: Element) -> Bir {
        let mut fields = self.fields(element);
        let version = fields.version("Version");
        let cbeff_version = fields.version("CBEFFVersion");
        let info = fields.one("BIRInfo", Self::bir_info).unwrap_or_default();
        let bdb_info = fields.one("BDBInfo", Self::bdb_info);
        let sb_info = fields.one("SBInfo", Self::sb_info);
        let (bdb, sb) = (fields.base64("BDB"), fields.base64("SB"));
        let mut others = Vec::new();
        for list in fields.all("others") {
            fields.others(list, &mut others);
        }
        let children = fields.all(ROOT);
        let unknown = fields.rest();
        let children = children.into_iter().map(|child| self.bir(child)).collect();
        Bir { version, cbeff_version, info, bdb_info, sb_info, children, bdb, sb, others, unknown }
    }

    fn bir_info(&mut self, element: Element) -> BirInfo {
        let mut fields = self.fields(element);
        BirInfo {
            creator: fields.text("Creator"),
            index: fields.text("Index"),
            payload: fields.base64("Payload"),
            integrity: fields.boolean("Integrity"),
            creation_date: fields.text("CreationDate"),
            not_valid_before: fields.text("NotValidBefore"),
            not_valid_after: fields.text("NotValidAfter"),
            unknown: fields.rest(),
        }
    }

    fn bdb_info(&mut self, element: Element) -> BdbInfo {
        let mut fields = self.fields(element);
        BdbInfo {
            challenge_response: fields.base64("ChallengeResponse"),
            index: fields.text("Index"),
            format: fields.one("Format", Self::registry_id),
            encryption: fields.boolean("Encryption"),
            creation_date: fields.text("CreationDate"),
            not_valid_before: fields.text("NotValidBefore"),
            not_valid_after: fields.text("NotValidAfter"),
            types: fields.words("Type"),
            subtypes: fields.words("Subtype"),
            level: fields.text("Level"),
            product: fields.one("Product", Self::registry_id),
            capture_device: fields.one("CaptureDevice", Self::registry_id),
            feature_extraction_algorithm: fields.one("FeatureExtractionAlgorithm", Self::registry_id),
            comparison_algorithm: fields.one("ComparisonAlgorithm", Self::registry_id),
            compression_algorithm: fields.one("CompressionAlgorithm", Self::registry_id),
            purpose: fields.text("Purpose"),
            quality: fields.one("Quality", Self::quality),
            unknown: fields.rest(),
        }
    }

    fn sb_info(&mut self, element: Element) -> SbInfo {
        let mut fields = self.fields(element);
        SbInfo { format: fields.one("Format", Self::registry_id), unknown: fields.rest() }
    }

    fn registry_id(&mut self, element: Element) -> RegistryId {
        let mut fields = self.fields(element);
        RegistryId { organization: fields.text("Organization"), kind: fields.text("Type"), unknown: fields.rest() }
    }

    fn quality(&mut self, element: Element) -> Quality {
        let offset = element.offset;
        let mut fields = self.fields(element);
        let quality = Quality {
            algorithm: fields.one("Algorithm", Self::registry_id),
            score: fields.parsed("Score", |text| text.trim().parse().ok()),
            failed: fields.text("QualityCalculationFailed"),
            unknown: fields.rest(),
        };
        if let Some(score) = quality.score.filter(|score| *score > MOST_QUALITY) {
            self.note("quality-out-of-range", offset, format!("a quality of {score} is above {MOST_QUALITY}"));
        }
        quality
    }
}

impl Fields<'_> {
    fn is(&self, element: &Element, name: &str) -> bool {
        element.name == name && element.namespace == self.reader.namespace
    }

    /// The first element of that name.
    fn take(&mut self, name: &str) -> Option<Element> {
        let at = self.left.iter().position(|e| self.is(e, name))?;
        Some(self.left.remove(at))
    }

    fn all(&mut self, name: &str) -> Vec<Element> {
        let (found, left) = std::mem::take(&mut self.left).into_iter().partition(|e| self.is(e, name));
        self.left = left;
        found
    }

    /// An element that holds others.
    fn one<T>(&mut self, name: &str, read: fn(&mut Reader, Element) -> T) -> Option<T> {
        let element = self.take(name)?;
        Some(read(self.reader, element))
    }

    /// Keeps an element whose value is none of its kind.
    fn keep(&mut self, element: Element) {
        let message = format!("the value of {} cannot be understood: it is kept as it is", element.name);
        self.reader.note("value-invalid", element.offset, message);
        self.invalid.push(element);
    }

    /// An element that holds a text alone.
    fn parsed<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let element = self.take(name)?;
        let plain = element.children.is_empty() && element.attributes.is_empty();
        let value = if plain { read(&element.text) } else { None };
        if value.is_none() {
            self.keep(element);
        }
        value
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.parsed(name, |text| Some(text.to_owned()))
    }

    fn words(&mut self, name: &str) -> Option<Vec<String>> {
        self.parsed(name, |text| Some(text.split_ascii_whitespace().map(str::to_owned).collect()))
    }

    fn boolean(&mut self, name: &str) -> Option<bool> {
        self.parsed(name, |text| match text.trim() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    fn base64(&mut self, name: &str) -> Option<Vec<u8>> {
        self.parsed(name, |text| {
            let dense: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
            BASE64.decode(&dense).or_else(|_| BASE64_URL.decode(&dense)).ok()
        })
    }

    fn version(&mut self, name: &str) -> Option<Version> {
        let element = self.take(name)?;
        let number = |name: &str| {
            let mut found = element.children.iter().filter(|e| e.name == name);
            found.next().filter(|_| found.next().is_none()).and_then(|e| e.text.trim().parse().ok())
        };
        match (number("Major"), number("Minor"), element.children.len()) {
            (Some(major), Some(minor), 2) => Some(Version { major, minor }),
            _ => {
                self.keep(element);
                None
            }
        }
    }

    /// The entries of a list; one with something else in it stays as it is.
    fn others(&mut self, list: Element, entries: &mut Vec<Entry>) {
        let is_entry = |e: &Element| {
            let only_key = matches!(&e.attributes[..], [a] if a.name == "key" && a.namespace.is_none());
            e.name == "entry" && e.children.is_empty() && only_key
        };
        if list.attributes.is_empty() && list.children.iter().all(is_entry) {
            let entry = |e: Element| Entry { key: e.attribute("key").unwrap_or_default().to_owned(), value: e.text };
            entries.extend(list.children.into_iter().map(entry));
        } else {
            self.keep(list);
        }
    }

    /// What was not taken.
    fn rest(mut self) -> Vec<Element> {
        for element in &self.left {
            let message =
                "an element has no place in the schema of ISO/IEC 19785-3, or stands twice: it is kept as it is";
            self.reader.note("element-unknown", element.offset, message.into());
        }
        self.left.append(&mut self.invalid);
        // In the order of the file.
        self.left.sort_by_key(|e| e.offset);
        self.left
    }
}

/// Writes a record: elements in the order of the schema, unknown ones after them.
///
/// # Errors
/// [`WriteError`] when a text or a name cannot stand in XML.
pub fn write_xml(bir: &Bir) -> Result<Vec<u8>, WriteError> {
    xml::write(&bir_element(bir), LIMITS).map_err(|_| WriteError)
}

/// An element that is being filled.
struct Made(Element);

impl Made {
    fn new(name: &str) -> Self {
        Self(Element { namespace: Some(NAMESPACE.into()), name: name.into(), ..Element::default() })
    }

    fn with(mut self, child: Option<Element>) -> Self {
        self.0.children.extend(child);
        self
    }

    fn text(self, name: &str, value: Option<impl ToString>) -> Self {
        self.with(value.map(|v| Element { text: v.to_string(), ..Self::new(name).0 }))
    }

    fn base64(self, name: &str, value: Option<&Vec<u8>>) -> Self {
        self.text(name, value.map(|v| general_purpose::STANDARD.encode(v)))
    }

    fn id(self, name: &str, value: Option<&RegistryId>) -> Self {
        self.with(value.map(|v| {
            Self::new(name)
                .text("Organization", v.organization.as_ref())
                .text("Type", v.kind.as_ref())
                .finished(&v.unknown)
        }))
    }

    fn version(self, name: &str, value: Option<Version>) -> Self {
        self.with(value.map(|v| Self::new(name).text("Major", Some(v.major)).text("Minor", Some(v.minor)).0))
    }

    fn finished(mut self, unknown: &[Element]) -> Element {
        self.0.children.extend_from_slice(unknown);
        self.0
    }
}

fn bir_element(bir: &Bir) -> Element {
    let mut made = Made::new(ROOT)
        .version("Version", bir.version)
        .version("CBEFFVersion", bir.cbeff_version)
        .with(Some(bir_info_element(&bir.info)))
        .with(bir.bdb_info.as_ref().map(bdb_info_element))
        .with(bir.sb_info.as_ref().map(|i| Made::new("SBInfo").id("Format", i.format.as_ref()).finished(&i.unknown)));
    made.0.children.extend(bir.children.iter().map(bir_element));
    made = made.base64("BDB", bir.bdb.as_ref()).base64("SB", bir.sb.as_ref());
    if !bir.others.is_empty() {
        let mut others = Made::new("others");
        others.0.children.extend(bir.others.iter().map(|e| Element {
            attributes: vec![Attribute { namespace: None, name: "key".into(), value: e.key.clone() }],
            text: e.value.clone(),
            ..Made::new("entry").0
        }));
        made = made.with(Some(others.0));
    }
    made.finished(&bir.unknown)
}

fn bir_info_element(info: &BirInfo) -> Element {
    Made::new("BIRInfo")
        .text("Creator", info.creator.as_ref())
        .text("Index", info.index.as_ref())
        .base64("Payload", info.payload.as_ref())
        .text("Integrity", info.integrity)
        .text("CreationDate", info.creation_date.as_ref())
        .text("NotValidBefore", info.not_valid_before.as_ref())
        .text("NotValidAfter", info.not_valid_after.as_ref())
        .finished(&info.unknown)
}

fn bdb_info_element(info: &BdbInfo) -> Element {
    let quality = info.quality.as_ref().map(|q| {
        Made::new("Quality")
            .id("Algorithm", q.algorithm.as_ref())
            .text("Score", q.score)
            .text("QualityCalculationFailed", q.failed.as_ref())
            .finished(&q.unknown)
    });
    Made::new("BDBInfo")
        .base64("ChallengeResponse", info.challenge_response.as_ref())
        .text("Index", info.index.as_ref())
        .id("Format", info.format.as_ref())
        .text("Encryption", info.encryption)
        .text("CreationDate", info.creation_date.as_ref())
        .text("NotValidBefore", info.not_valid_before.as_ref())
        .text("NotValidAfter", info.not_valid_after.as_ref())
        .text("Type", info.types.as_ref().map(|t| t.join(" ")))
        .text("Subtype", info.subtypes.as_ref().map(|t| t.join(" ")))
        .text("Level", info.level.as_ref())
        .id("Product", info.product.as_ref())
        .id("CaptureDevice", info.capture_device.as_ref())
        .id("FeatureExtractionAlgorithm", info.feature_extraction_algorithm.as_ref())
        .id("ComparisonAlgorithm", info.comparison_algorithm.as_ref())
        .id("CompressionAlgorithm", info.compression_algorithm.as_ref())
        .text("Purpose", info.purpose.as_ref())
        .with(quality)
        .finished(&info.unknown)
}
