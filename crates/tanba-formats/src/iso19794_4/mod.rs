//! Finger image records of ISO/IEC 19794-4 (2005 and 2011) and ANSI INCITS 381-2004: images of fingers and palms, still coded.
//!
//! | | ISO/IEC 19794-4:2005 | INCITS 381-2004 | ISO/IEC 19794-4:2011 |
//! |---|---|---|---|
//! | version | `"010"` | `"010"` | `"020"` |
//! | length of the record | 6 bytes | 6 bytes | 4 bytes |
//! | who made it | not stated | CBEFF product | not stated |
//! | resolution, depth and coding | of the record | of the record | of each image |
//! | date, device, certifications, algorithms of quality | device alone | device alone | of each image |
//! | segments, annotations, comments | none | none | after each image |
//! | code of PNG, of JPEG 2000 without loss | 5, 4 | 5, 4 | 6, 5 |
//!
//! The two records of version 010 are told apart by what lies where their headers end. INCITS 381-2009 (version 025) is not read. Images stay as
//! they are until [`FingerImage::decode`] is called.
//!
//! ```
//! use tanba_formats::iso19794_4::{self, Edition};
//!
//! fn to_older_edition(record: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//!     let record = iso19794_4::read(record)?.value;
//!     for image in &record.images {
//!         let pixels = image.decode()?.value;
//!         println!("{}: {} x {}", image.position.name(), pixels.width(), pixels.height());
//!     }
//!     Ok(iso19794_4::write_as(&record, Edition::Iso2005)?)
//! }
//! ```

mod blocks;
mod decode;
mod old;
mod outline;
mod v2011;

use crate::Decoded;
use crate::ansi_nist::{Impression, Position};
use crate::minutiae::{Capture, CbeffProduct};

pub use blocks::{Annotation, ImageBlock, Segment, Segmentation};

/// "FIR" and a zero, the beginning of every record.
const MAGIC: [u8; 4] = *b"FIR\0";
const VERSION_10: [u8; 4] = *b"010\0";
const VERSION_20: [u8; 4] = *b"020\0";
/// Magic and version.
const VERSIONED_BYTES: usize = 8;

/// Which standard and edition a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edition {
    /// ISO/IEC 19794-4:2005.
    Iso2005,
    /// ISO/IEC 19794-4:2011.
    Iso2011,
    /// ANSI INCITS 381-2004.
    Ansi2004,
}

impl std::fmt::Display for Edition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Iso2005 => "ISO/IEC 19794-4:2005",
            Self::Iso2011 => "ISO/IEC 19794-4:2011",
            Self::Ansi2004 => "ANSI INCITS 381-2004",
        })
    }
}

/// A record: images of one or several fingers, slaps or palms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerImageRecord {
    /// The edition that it was read from, or that its codes are of.
    pub edition: Edition,
    /// Who made the record; of INCITS 381 alone.
    pub product: Option<CbeffProduct>,
    /// The vendor's number of the capture device, 0 where not stated; that of 2011 stands at each image ([`Capture::device`]).
    pub capture_device: u16,
    /// Image acquisition level (table 1 of 2005: 31 is 500 ppi, 41 is 1000 ppi); not in 2011.
    pub acquisition_level: u16,
    /// The images.
    pub images: Vec<FingerImage>,
}

/// An image of a finger, several fingers or a palm, still coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerImage {
    /// Which finger or palm; the codes are those of ANSI/NIST-ITL.
    pub position: Position,
    /// Counts the images of the same position, from 1 in the editions of 2004 and 2005, from 0 in that of 2011.
    pub number: u8,
    /// How the impression was made; the codes are those of ANSI/NIST-ITL.
    pub impression: Impression,
    /// When, with what and how well it was taken. The older editions have one quality without an algorithm.
    pub capture: Capture,
    /// In what the resolutions are.
    pub scale_units: ScaleUnits,
    /// Resolution of the device across and down, in scale units.
    pub capture_resolution: (u16, u16),
    /// Resolution of the image across and down, in scale units.
    pub resolution: (u16, u16),
    /// Bits of a pixel, 1 to 16.
    pub depth: u8,
    /// How the image is coded, as stated.
    pub compression: Compression,
    /// Pixels in a row, as stated.
    pub width: u16,
    /// Rows, as stated.
    pub height: u16,
    /// The coded image.
    pub data: Vec<u8>,
    /// What follows the image; of 2011 alone.
    pub blocks: Vec<ImageBlock>,
}

/// In what resolutions are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScaleUnits {
    /// Code 1: pixels per inch.
    PerInch,
    /// Code 2: pixels per centimetre.
    PerCentimetre,
    /// Another code, which says nothing.
    Reserved(u8),
}

impl ScaleUnits {
    fn from_code(code: u8) -> Self {
        match code {
            1 => Self::PerInch,
            2 => Self::PerCentimetre,
            other => Self::Reserved(other),
        }
    }

    /// The code of the standards.
    pub fn code(self) -> u8 {
        match self {
            Self::PerInch => 1,
            Self::PerCentimetre => 2,
            Self::Reserved(code) => code,
        }
    }
}

/// How an image is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Pixels in whole bytes: one up to 8 bits, two above.
    None,
    /// Pixels of a depth other than 8 without gaps.
    Packed,
    /// Wavelet scalar quantisation.
    Wsq,
    /// JPEG with loss.
    Jpeg,
    /// JPEG 2000: with loss in 2011, either way in the older editions, which have one code for both.
    Jpeg2000,
    /// JPEG 2000 without loss.
    Jpeg2000Lossless,
    /// PNG.
    Png,
    /// Another code.
    Reserved(u8),
}

impl Compression {
    fn from_code(code: u8, edition: Edition) -> Self {
        match (code, edition) {
            (0, _) => Self::None,
            (1, _) => Self::Packed,
            (2, _) => Self::Wsq,
            (3, _) => Self::Jpeg,
            (4, _) => Self::Jpeg2000,
            (5, Edition::Iso2011) => Self::Jpeg2000Lossless,
            (6, Edition::Iso2011) | (5, _) => Self::Png,
            (other, _) => Self::Reserved(other),
        }
    }

    /// The code of an edition.
    pub fn code(self, edition: Edition) -> u8 {
        match (self, edition) {
            (Self::None, _) => 0,
            (Self::Packed, _) => 1,
            (Self::Wsq, _) => 2,
            (Self::Jpeg, _) => 3,
            (Self::Png, Edition::Iso2011) => 6,
            (Self::Png, _) | (Self::Jpeg2000Lossless, Edition::Iso2011) => 5,
            (Self::Jpeg2000 | Self::Jpeg2000Lossless, _) => 4,
            (Self::Reserved(code), _) => code,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Packed => "none, packed bits",
            Self::Wsq => "WSQ",
            Self::Jpeg => "JPEG",
            Self::Jpeg2000 => "JPEG 2000",
            Self::Jpeg2000Lossless => "JPEG 2000 without loss",
            Self::Png => "PNG",
            Self::Reserved(_) => "reserved",
        }
    }
}

/// Why a record was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Another thing, known by its first bytes.
    #[error("this is {what}, and not a finger image record: {instead}")]
    Another {
        /// What it is, with its article.
        what: &'static str,
        /// What to do with it.
        instead: &'static str,
    },
    /// The first bytes are of nothing that is known.
    #[error("this is not a finger image record: give an ISO/IEC 19794-4 or ANSI INCITS 381 file")]
    NotARecord,
    /// A record of an edition that is not read.
    #[error(
        "this finger image record is of an edition that is not read (ANSI INCITS 381-2009, or later): export it as ISO/IEC 19794-4:2011"
    )]
    Unsupported,
    /// The bytes end before the first image is complete.
    #[error("the finger image record ends at byte {at}, before its first image is complete: copy or export it again")]
    Truncated {
        /// Length of what is there.
        at: usize,
    },
}

/// Why a record cannot be written: a value does not fit its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A number or length above what its field holds.
    #[error("{what} does not fit a finger image record of this edition (at most {most}): keep fewer or smaller images")]
    TooMuch {
        /// What is too much.
        what: &'static str,
        /// The most that fits.
        most: u64,
    },
    /// A record shows something.
    #[error("a finger image record needs at least one image")]
    NoImage,
    /// The edition states resolution, depth and coding once for all images.
    #[error(
        "the images differ in resolution, depth or coding, which this edition states only once: write one record for each"
    )]
    ImagesDiffer,
}

/// Whether the bytes begin as a finger image record (of any edition).
pub fn is_record(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Reads a record of any edition. What is damaged after the first complete image is left out with a diagnostic.
///
/// Diagnostic codes: `length-mismatch`, `trailing-data`, `views-missing`, `resolution-zero`, `position-unknown`, `compression-unknown`.
///
/// # Errors
/// [`ReadError`] when it is another thing or edition, or not even one image is complete.
pub fn read(bytes: &[u8]) -> Result<Decoded<FingerImageRecord>, ReadError> {
    if !is_record(bytes) {
        return Err(another(bytes));
    }
    let truncated = ReadError::Truncated { at: bytes.len() };
    match *bytes.get(MAGIC.len()..).and_then(<[u8]>::first_chunk::<4>).ok_or(truncated)? {
        VERSION_10 => old::read(bytes),
        VERSION_20 => v2011::read(bytes),
        _ => Err(ReadError::Unsupported),
    }
}

/// What the bytes are, where they are no finger image record.
fn another(bytes: &[u8]) -> ReadError {
    let (what, instead) = match bytes {
        [b'F', b'A', b'C', 0, ..] => ("a face image record (ISO/IEC 19794-5)", "it holds no finger"),
        [b'I', b'I', b'R', 0, ..] => ("an iris image record (ISO/IEC 19794-6)", "it holds no finger"),
        [b'F', b'M', b'R', 0, ..] => {
            ("a finger minutiae record (ISO/IEC 19794-2)", "read it as minutiae; it holds no image")
        }
        [0xff, 0xd8, 0xff, ..] => ("a JPEG file", "give the image in a record, or as PNG or WSQ"),
        _ if crate::image::detect(bytes).is_ok() => ("an image file", "read it as an image"),
        _ => return ReadError::NotARecord,
    };
    ReadError::Another { what, instead }
}

/// Writes a record in the edition that it is of.
///
/// # Errors
/// [`WriteError`] when something does not fit its field, or images differ where the edition states once what holds for all.
pub fn write(record: &FingerImageRecord) -> Result<Vec<u8>, WriteError> {
    write_as(record, record.edition)
}

/// Writes a record in any edition. What the edition has no place for is left out: the maker, the capture, blocks after the image.
///
/// # Errors
/// Those of [`write`].
pub fn write_as(record: &FingerImageRecord, edition: Edition) -> Result<Vec<u8>, WriteError> {
    match edition {
        Edition::Iso2011 => v2011::write(record),
        Edition::Iso2005 | Edition::Ansi2004 => old::write(record, edition),
    }
}

#[cfg(test)]
mod tests;
