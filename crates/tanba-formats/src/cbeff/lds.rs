//! Biometric templates of passports and cards: the data objects of ISO/IEC 7816-11 as ICAO Doc 9303 part 10 has them in data groups 2
//! (faces), 3 (fingers) and 4 (irises).
//!
//! ```text
//! 75, 63 or 76 { 7F61 { 02 number of templates, 7F60 template ... } }
//! template: A1 { header }, 5F2E biometric data block (7F2E where it is made of data objects)
//! header: 80 version (2), 81 biometric type, 82 subtype, 83 date and time of creation (7), 85 validity period (8),
//!   86 creator (2), 87 owner of the block's format (2), 88 type of the block's format (2)
//! ```
//! A group without the data group around it, and a single template, are read too. Objects that are not listed here, such as those that
//! sign or encrypt (7F3D, 7D), are kept in their order.

pub use crate::tlv::DataObject;

use crate::tlv::{self, DATA_TEMPLATE, INFORMATION_GROUP, INFORMATION_HEADER, INFORMATION_TEMPLATE, Objects, Tlv};
use crate::{Decoded, Diagnostic, Finger, Outline};

/// Data groups 2, 3 and 4.
const FACES: u32 = 0x75;
const FINGERS: u32 = 0x63;
const IRISES: u32 = 0x76;
const NUMBER: u32 = 0x02;
const BLOCK: u32 = 0x5f2e;
/// In the header.
const VERSION: u32 = 0x80;
const TYPE: u32 = 0x81;
const SUBTYPE: u32 = 0x82;
const CREATION_DATE: u32 = 0x83;
const FORMAT_OWNER: u32 = 0x87;
const FORMAT_TYPE: u32 = 0x88;
/// The type of fingers (ISO/IEC 19785-3 table of types).
const FINGER: u32 = 0x08;

/// Biometric templates, in the data group of a passport or without one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BiometricTemplates {
    /// The tag of the data group around them: 0x75 faces, 0x63 fingers, 0x76 irises; `None` where there is none.
    pub data_group: Option<u32>,
    /// The templates, at most 255.
    pub templates: Vec<BiometricTemplate>,
    /// What else is in the group, as it is.
    pub others: Vec<DataObject>,
}

/// One template: a header and a block of biometric data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BiometricTemplate {
    /// The objects of the header, in their order.
    pub header: Vec<DataObject>,
    /// The biometric data block.
    pub block: Vec<u8>,
    /// Whether the block is made of data objects (tag 7F2E), and not of bytes (5F2E).
    pub block_of_objects: bool,
    /// What else is in the template, as it is.
    pub others: Vec<DataObject>,
}

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Its first object is none of those that hold templates.
    #[error(
        "these are no biometric templates: give data group 2, 3 or 4 of a passport, or a biometric information template"
    )]
    NotTemplates,
    /// The bytes end before the first template is complete.
    #[error(
        "the biometric templates end at byte {at}, before the first of them is complete: read them from the chip again"
    )]
    Truncated {
        /// Length of what is there.
        at: usize,
    },
}

/// Why templates cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// More of them than a byte counts.
    #[error("a group holds at most 255 biometric templates: write several")]
    TooMany,
    /// Data objects have lengths of at most four bytes.
    #[error("a biometric template is larger than 4 GiB")]
    TooLong,
}

/// Whether the bytes begin as biometric templates: a data group with a group in it, a group, or a template.
pub fn is_templates(bytes: &[u8]) -> bool {
    // The lengths, of which there may be more than bytes, are not looked at here.
    let after = |n: usize| bytes.get(n..).unwrap_or_default();
    let length = |at: usize| match bytes.get(at) {
        Some(more @ 0x81..=0x84) => usize::from(more - 0x80) + 1,
        _ => 1,
    };
    let grouped = |bytes: &[u8]| bytes.starts_with(&[0x7f, 0x61]) || bytes.starts_with(&[0x7f, 0x60]);
    match bytes.first() {
        Some(0x75 | 0x63 | 0x76) => grouped(after(1 + length(1))),
        _ => grouped(bytes),
    }
}

/// Reads templates.
///
/// Diagnostic codes: `templates-missing` (fewer than stated, or more), `trailing-data` (bytes that are no data object, left out),
/// `header-missing`, `block-missing`.
///
/// # Errors
/// [`ReadError`] when it is another thing, or not even one template is complete.
pub fn read(bytes: &[u8]) -> Result<Decoded<BiometricTemplates>, ReadError> {
    if !is_templates(bytes) {
        return Err(ReadError::NotTemplates);
    }
    let truncated = ReadError::Truncated { at: bytes.len() };
    let mut reader = Reader { value: BiometricTemplates::default(), stated: None, notes: Vec::new() };
    let first = reader.objects(bytes, 0).into_iter().next().ok_or(truncated)?;
    match first.tag {
        FACES | FINGERS | IRISES => {
            reader.value.data_group = Some(first.tag);
            for object in reader.objects(first.value, first.value_at) {
                match object.tag {
                    INFORMATION_GROUP => reader.group(object),
                    INFORMATION_TEMPLATE => reader.template(object),
                    _ => reader.value.others.push(object.into()),
                }
            }
        }
        INFORMATION_GROUP => reader.group(first),
        _ => reader.template(first),
    }
    let there = reader.value.templates.len();
    if let Some((stated, at)) = reader.stated.filter(|(stated, _)| *stated != there) {
        reader.note("templates-missing", at, format!("{stated} templates are stated; {there} are there"));
    }
    if there == 0 {
        return Err(truncated);
    }
    Ok(Decoded { value: reader.value, diagnostics: reader.notes })
}

struct Reader {
    value: BiometricTemplates,
    /// How many templates there should be, and where that is said.
    stated: Option<(usize, usize)>,
    notes: Vec<Diagnostic>,
}

impl Reader {
    fn note(&mut self, code: &'static str, at: usize, message: String) {
        self.notes.push(Diagnostic { code, message, offset: Some(at) });
    }

    /// The objects of a value; what is none is told.
    fn objects<'a>(&mut self, bytes: &'a [u8], base: usize) -> Vec<Tlv<'a>> {
        let mut objects = Objects::new(bytes, base);
        let found = objects.by_ref().collect();
        let (rest, at) = objects.rest();
        if !rest.is_empty() {
            self.note("trailing-data", at, format!("{} bytes are no data object: left out", rest.len()));
        }
        found
    }

    fn group(&mut self, group: Tlv<'_>) {
        for object in self.objects(group.value, group.value_at) {
            match (object.tag, object.value) {
                (NUMBER, &[number]) if self.stated.is_none() => self.stated = Some((usize::from(number), object.at)),
                (INFORMATION_TEMPLATE, _) => self.template(object),
                _ => self.value.others.push(object.into()),
            }
        }
    }

    fn template(&mut self, template: Tlv<'_>) {
        let (mut header, mut block) = (None, None);
        let mut others = Vec::new();
        for object in self.objects(template.value, template.value_at) {
            match object.tag {
                INFORMATION_HEADER if header.is_none() => header = Some(self.objects(object.value, object.value_at)),
                BLOCK | DATA_TEMPLATE if block.is_none() => block = Some(object),
                _ => others.push(object.into()),
            }
        }
        if header.is_none() {
            self.note("header-missing", template.at, "a template has no header: nothing says what it holds".into());
        }
        let Some(block) = block else {
            self.note("block-missing", template.at, "a template has no biometric data: left out".into());
            return;
        };
        self.value.templates.push(BiometricTemplate {
            header: header.unwrap_or_default().into_iter().map(DataObject::from).collect(),
            block: block.value.to_vec(),
            block_of_objects: block.tag == DATA_TEMPLATE,
            others,
        });
    }
}

/// Writes templates in a group, and that in the data group where one is set.
///
/// # Errors
/// [`WriteError`] for more than 255 templates.
pub fn write(value: &BiometricTemplates) -> Result<Vec<u8>, WriteError> {
    let object = |tag, value: &[u8], out: &mut Vec<u8>| tlv::write(tag, value, out).ok_or(WriteError::TooLong);
    let number = u8::try_from(value.templates.len()).map_err(|_| WriteError::TooMany)?;
    let mut group = Vec::new();
    object(NUMBER, &[number], &mut group)?;
    for template in &value.templates {
        let mut header = Vec::new();
        for o in &template.header {
            object(o.tag, &o.value, &mut header)?;
        }
        let mut inner = Vec::new();
        object(INFORMATION_HEADER, &header, &mut inner)?;
        object(if template.block_of_objects { DATA_TEMPLATE } else { BLOCK }, &template.block, &mut inner)?;
        for o in &template.others {
            object(o.tag, &o.value, &mut inner)?;
        }
        object(INFORMATION_TEMPLATE, &inner, &mut group)?;
    }
    for o in &value.others {
        object(o.tag, &o.value, &mut group)?;
    }
    let mut out = Vec::new();
    object(INFORMATION_GROUP, &group, &mut out)?;
    let Some(tag) = value.data_group else { return Ok(out) };
    let mut around = Vec::new();
    object(tag, &out, &mut around)?;
    Ok(around)
}

impl BiometricTemplate {
    /// A template of one finger: `format` is the owner and type of the block's format, (0x0101, 7) for an image of ISO/IEC 19794-4,
    /// (0x0101, 2) for minutiae of ISO/IEC 19794-2.
    pub fn of_finger(finger: Finger, format: (u16, u16), block: Vec<u8>) -> Self {
        let number = |tag, value: u16| DataObject { tag, value: value.to_be_bytes().to_vec() };
        let header = vec![
            number(VERSION, 0x0101),
            DataObject { tag: TYPE, value: vec![FINGER as u8] },
            DataObject { tag: SUBTYPE, value: vec![subtype(finger)] },
            number(FORMAT_OWNER, format.0),
            number(FORMAT_TYPE, format.1),
        ];
        Self { header, block, block_of_objects: false, others: Vec::new() }
    }

    /// What the template is of: 0x02 a face, 0x08 a finger, 0x10 an iris; `None` where nothing is stated.
    pub fn biometric_type(&self) -> Option<u32> {
        self.number(TYPE)
    }

    /// Which finger; `None` where the template is of another thing, or does not say.
    pub fn finger(&self) -> Option<Finger> {
        let subtype_stated = self.number(SUBTYPE)?;
        let fits = |f: &Finger| u32::from(subtype(*f)) == subtype_stated;
        Finger::TEN.into_iter().find(fits).filter(|_| self.biometric_type() == Some(FINGER))
    }

    /// Owner and type of the block's format.
    pub fn format(&self) -> Option<(u32, u32)> {
        self.number(FORMAT_OWNER).zip(self.number(FORMAT_TYPE))
    }

    /// The number in an object of the header of at most four bytes.
    fn number(&self, tag: u32) -> Option<u32> {
        let object = self.header.iter().find(|o| o.tag == tag)?;
        let fits = (1..=4).contains(&object.value.len());
        fits.then(|| object.value.iter().fold(0, |n, b| n << 8 | u32::from(*b)))
    }
}

/// The subtype of a finger: two bits for the hand, three for the finger; 0 says nothing.
fn subtype(finger: Finger) -> u8 {
    match finger.code() {
        0 => 0,
        code @ 1..=5 => code << 2 | 0b01,
        code => (code - 5) << 2 | 0b10,
    }
}

impl BiometricTemplates {
    /// The templates as a tree; blocks that are finger records are shown too.
    pub fn outline(&self) -> Outline {
        let group = self.data_group.map(|tag| match tag {
            FACES => "data group 2 (faces)",
            FINGERS => "data group 3 (fingers)",
            _ => "data group 4 (irises)",
        });
        Outline::leaf("biometric templates", group.unwrap_or("without a data group"))
            .with_all(self.templates.iter().map(BiometricTemplate::outline))
            .with_all(self.others.iter().map(other))
    }
}

impl BiometricTemplate {
    fn outline(&self) -> Outline {
        let header = self.header.iter().map(|o| {
            let hex: String = o.value.iter().map(|b| format!("{b:02x}")).collect();
            match o.tag {
                VERSION => Outline::leaf("patron header version", hex),
                TYPE => Outline::leaf(
                    "biometric type",
                    match self.biometric_type() {
                        Some(0x02) => "face".into(),
                        Some(FINGER) => "finger".into(),
                        Some(0x10) => "iris".into(),
                        _ => hex,
                    },
                ),
                SUBTYPE => Outline::leaf("biometric subtype", self.finger().map_or(hex, |f| f.name().into())),
                // YYYYMMDDhhmmss in digits of four bits.
                CREATION_DATE => Outline::leaf("creation date and time", hex),
                FORMAT_OWNER => Outline::leaf("format owner", hex),
                FORMAT_TYPE => Outline::leaf("format type", hex),
                tag => Outline::leaf(format!("data object {tag:X}"), hex),
            }
        });
        Outline::of("biometric template")
            .with_all(header)
            .with(super::block_outline("biometric data block", &self.block))
            .with_all(self.others.iter().map(other))
    }
}

fn other(object: &DataObject) -> Outline {
    Outline::leaf(format!("data object {:X}", object.tag), format!("{} bytes", object.value.len()))
}
