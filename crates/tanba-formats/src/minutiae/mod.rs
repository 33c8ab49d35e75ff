//! Finger minutiae records as every standard has them: one value for ISO/IEC 19794-2 and ANSI INCITS 378, told apart by content.
//!
//! The standards agree on what matters for a comparison and differ in headers and units:
//!
//! | | ISO/IEC 19794-2:2005 | ISO/IEC 19794-2:2011 | INCITS 378-2004 | INCITS 378-2009 (and AM1) |
//! |---|---|---|---|---|
//! | version | `" 20"` | `"030"` | `" 20"` | `"030"` (`"035"`) |
//! | length of the record | 4 bytes | 4 bytes | 2 bytes, or 6 of which the first two are zero | 4 bytes |
//! | size and resolution | of the record | of each view | of the record | of each view |
//! | a unit of angle | 360 / 256 degrees | 360 / 256 degrees | 2 degrees | 2 degrees |
//! | "no quality" of a minutia | 0 | 254, 255 or no byte | 0 | 254, 255 |
//!
//! Conventions that all of them share, and Tanba's templates too: coordinates are pixels from the top left; angles grow
//! counter-clockwise from the right; an ending lies where the valley around the ridge forks (ISO also allows the end of the
//! ridge's skeleton, which the 2011 edition can say) and its angle points along the ridge into its body; a bifurcation lies
//! where the ridge forks and its angle points into the valley between the two branches. So only units change between them.

mod cursor;
mod extended;
mod outline;

pub use crate::iso19794_1::{Capture, CaptureTime, CertificationRecord, QualityRecord};
use crate::{Decoded, Finger, ansi378, iso19794_2};
pub(crate) use cursor::{MinutiaForm, WriteView, narrow, same_size};
pub use extended::{Core, Delta, ExtendedBlock, MAX_SINGULARITIES, RidgeCount, ZonalQuality};

/// "FMR" and a zero, the beginning of every record.
pub(crate) const MAGIC: [u8; 4] = *b"FMR\0";
/// The version of ISO/IEC 19794-2:2005 and of INCITS 378-2004.
pub(crate) const VERSION_20: [u8; 4] = *b" 20\0";
/// The version of ISO/IEC 19794-2:2011 and of INCITS 378-2009.
pub(crate) const VERSION_30: [u8; 4] = *b"030\0";
/// The version of INCITS 378-2009 amendment 1.
pub(crate) const VERSION_35: [u8; 4] = *b"035\0";
/// The largest coordinate: 14 bits.
pub const MAX_COORDINATE: u16 = 0x3fff;

/// Which standard and edition a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edition {
    /// ISO/IEC 19794-2:2005, record format.
    Iso2005,
    /// ISO/IEC 19794-2:2011, record format.
    Iso2011,
    /// ANSI INCITS 378-2004.
    Ansi2004,
    /// ANSI INCITS 378-2009.
    Ansi2009,
    /// ANSI INCITS 378-2009 with amendment 1 of 2010.
    Ansi2009Am1,
}

impl Edition {
    /// How many units of angle a full turn has: 256 (ISO), or 180 of two degrees each (ANSI).
    pub fn units_per_turn(self) -> u16 {
        if self.is_ansi() { 180 } else { 256 }
    }

    /// Whether this is an edition of INCITS 378.
    pub fn is_ansi(self) -> bool {
        matches!(self, Self::Ansi2004 | Self::Ansi2009 | Self::Ansi2009Am1)
    }

    /// An angle in this edition's units, in those of another: at most half a unit of the other off.
    pub(crate) fn angle_in(self, to: Self, angle: u8) -> u8 {
        let (from, into) = (u32::from(self.units_per_turn()), u32::from(to.units_per_turn()));
        // Rounded to the nearest; a full turn is zero again. `into` is at most 256, so the rest fits.
        ((u32::from(angle) * into * 2 + from) / (2 * from) % into) as u8
    }
}

impl std::fmt::Display for Edition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Iso2005 => "ISO/IEC 19794-2:2005",
            Self::Iso2011 => "ISO/IEC 19794-2:2011",
            Self::Ansi2004 => "ANSI INCITS 378-2004",
            Self::Ansi2009 => "ANSI INCITS 378-2009",
            Self::Ansi2009Am1 => "ANSI INCITS 378-2009/AM1",
        })
    }
}

/// A record: views of one or several fingers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerMinutiaeRecord {
    /// The edition it was read from, or whose units its angles are in.
    pub edition: Edition,
    /// Who made the record; ANSI only.
    pub product: Option<CbeffProduct>,
    /// What the fingers were captured with.
    pub capture_device: CaptureDevice,
    /// The views, at most 255.
    pub views: Vec<FingerView>,
}

/// The CBEFF product identifier of INCITS 378: the encoder of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CbeffProduct {
    /// The owner's number as the IBIA registered it; 0x0103 is an unknown vendor.
    pub owner: u16,
    /// The owner's own number of the product.
    pub kind: u16,
}

impl CbeffProduct {
    /// The IBIA's number for a vendor that is not known: the field must not be zero, and Tanba has no registered number.
    pub const UNKNOWN: Self = Self { owner: 0x0103, kind: 0 };
}

/// What the fingers were captured with; all zero where not stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaptureDevice {
    /// Certifications as bits; the highest is the FBI's image quality specification (appendix F).
    pub certifications: u8,
    /// The vendor's number of the device: 12 bits in the editions of 2004 and 2005, 16 in the later ones.
    pub id: u16,
}

/// One impression of one finger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerView {
    /// Which finger.
    pub position: Finger,
    /// Counts several views of the same finger, 0 to 15 (the later editions have room for 255).
    pub view_number: u8,
    /// How the impression was made.
    pub impression: ImpressionType,
    /// Quality of the impression, 0 to 100; `None` where the record says that nobody measured it.
    pub quality: Option<u8>,
    /// Image width, pixels.
    pub width: u16,
    /// Image height, pixels.
    pub height: u16,
    /// Horizontal resolution, pixels per centimetre (197 is 500 ppi).
    pub x_per_cm: u16,
    /// Vertical resolution, pixels per centimetre.
    pub y_per_cm: u16,
    /// At most 255.
    pub minutiae: Vec<RecordMinutia>,
    /// Ridge counts, cores and deltas, and what is not understood; at most 65535 bytes when written.
    pub extended: Vec<ExtendedBlock>,
    /// What the later editions say of the capture: everything in that of 2011, of which INCITS 378-2009 has the first quality record
    /// alone. A device of 0 here is that of [`FingerMinutiaeRecord::capture_device`].
    pub capture: Capture,
    /// Where ridge endings lie, of 2011 alone: 0 where the valley forks, 1 at the end of the ridge's skeleton.
    pub ridge_ending_type: u8,
}

/// A minutia in the record's own units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordMinutia {
    /// Type code.
    pub kind: RecordMinutiaKind,
    /// Pixels from the left, at most [`MAX_COORDINATE`].
    pub x: u16,
    /// Pixels from the top, at most [`MAX_COORDINATE`].
    pub y: u16,
    /// Direction, counter-clockwise from the right, in units of the edition ([`Edition::units_per_turn`]).
    pub angle: u8,
    /// 1 (worst) to 100; 0 is "not reported".
    pub quality: u8,
}

/// Minutia type (two bits, the same in all editions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordMinutiaKind {
    /// Code 0: neither, or not told apart.
    Other,
    /// Code 1: a ridge ending.
    Ending,
    /// Code 2: a ridge bifurcation.
    Bifurcation,
}

/// Impression type (four bits in the older editions, a byte in the later ones).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImpressionType {
    /// Code 0.
    LiveScanPlain,
    /// Code 1.
    LiveScanRolled,
    /// Code 2: from ink on paper.
    NonliveScanPlain,
    /// Code 3: from ink on paper.
    NonliveScanRolled,
    /// Code 8: a swipe sensor.
    Swipe,
    /// Any other code, kept as it is.
    Reserved(u8),
}

impl RecordMinutiaKind {
    /// `None` for the reserved code 3.
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Other),
            1 => Some(Self::Ending),
            2 => Some(Self::Bifurcation),
            _ => None,
        }
    }

    /// The code of the standard.
    pub fn code(self) -> u8 {
        match self {
            Self::Other => 0,
            Self::Ending => 1,
            Self::Bifurcation => 2,
        }
    }
}

impl ImpressionType {
    pub(crate) fn from_code(code: u8) -> Self {
        match code {
            0 => Self::LiveScanPlain,
            1 => Self::LiveScanRolled,
            2 => Self::NonliveScanPlain,
            3 => Self::NonliveScanRolled,
            8 => Self::Swipe,
            other => Self::Reserved(other),
        }
    }

    /// The code of the standard.
    pub fn code(self) -> u8 {
        match self {
            Self::LiveScanPlain => 0,
            Self::LiveScanRolled => 1,
            Self::NonliveScanPlain => 2,
            Self::NonliveScanRolled => 3,
            Self::Swipe => 8,
            Self::Reserved(code) => code,
        }
    }
}

/// Why a record was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The first bytes are of something else.
    #[error("this is not a finger minutiae record: give an ISO/IEC 19794-2 or ANSI INCITS 378 file")]
    NotARecord,
    /// A record of an edition that is not read, or not by this reader.
    #[error("this minutiae record is {what}, which is not read here: export it as ISO/IEC 19794-2:2005")]
    Unsupported {
        /// Which edition or standard.
        what: &'static str,
    },
    /// The bytes end before the first view is complete.
    #[error("the minutiae record ends at byte {at}, before its first view is complete: copy or export it again")]
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
    #[error("{what} does not fit a minutiae record of this edition (at most {most}): keep fewer or rescale")]
    TooMuch {
        /// What is too much.
        what: &'static str,
        /// The most that fits.
        most: usize,
    },
    /// A number below what a card wants.
    #[error("{what} is too small for this card (at least {least}): capture more of the finger, or another finger")]
    TooLittle {
        /// What is too little.
        what: &'static str,
        /// The least that will do.
        least: usize,
    },
    /// Card formats are in millimetres, and the view does not say how large its pixels are.
    #[error("the view states no resolution, without which it has no size in millimetres: give the resolution")]
    ResolutionMissing,
    /// The edition states size and resolution once for all views.
    #[error(
        "the views differ in image size or resolution, which this edition states only once: write one record for each view"
    )]
    ViewsDiffer,
}

/// Whether the bytes begin as a finger minutiae record (of any edition).
pub fn is_record(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Tells the edition from the header. Where two standards share a version, their length fields tell them apart.
///
/// # Errors
/// [`ReadError`] when it is another thing or version, or too short to tell.
pub fn edition(bytes: &[u8]) -> Result<Edition, ReadError> {
    if !is_record(bytes) {
        return Err(ReadError::NotARecord);
    }
    let truncated = ReadError::Truncated { at: bytes.len() };
    let version = bytes.get(4..).and_then(<[u8]>::first_chunk::<4>).ok_or(truncated)?;
    match *version {
        VERSION_20 if ansi378::has_2004_length(bytes) => Ok(Edition::Ansi2004),
        VERSION_20 => Ok(Edition::Iso2005),
        VERSION_30 if iso19794_2::has_2011_lengths(bytes) => Ok(Edition::Iso2011),
        VERSION_30 => Ok(Edition::Ansi2009),
        VERSION_35 => Ok(Edition::Ansi2009Am1),
        _ => Err(ReadError::Unsupported { what: "of an unknown version" }),
    }
}

/// Reads a record of any edition. What is damaged after the first complete view is left out with a diagnostic.
///
/// Diagnostic codes: `length-mismatch`, `trailing-data`, `views-missing`, `extended-data-missing`, `position-unknown`,
/// `minutia-type-reserved`, `minutia-outside`, `angle-out-of-range`, `quality-out-of-range`, `resolution-zero`,
/// `ridge-endings-at-skeleton`.
///
/// # Errors
/// [`ReadError`] when it is another thing or edition, or not even one view is complete.
pub fn read(bytes: &[u8]) -> Result<Decoded<FingerMinutiaeRecord>, ReadError> {
    match edition(bytes)? {
        Edition::Iso2005 | Edition::Iso2011 => iso19794_2::read(bytes),
        Edition::Ansi2004 | Edition::Ansi2009 | Edition::Ansi2009Am1 => ansi378::read(bytes),
    }
}

/// Writes a record in any edition: angles and extended data in its units, and what it has no place for left out (the product and
/// the capture, zonal quality in INCITS 378, angles of cores where not all have one).
///
/// # Errors
/// [`WriteError`] when something does not fit its field, or views differ in size where the edition states it once.
pub fn write(record: &FingerMinutiaeRecord, edition: Edition) -> Result<Vec<u8>, WriteError> {
    match edition {
        Edition::Iso2005 => iso19794_2::write(record),
        Edition::Iso2011 => iso19794_2::write_2011(record),
        Edition::Ansi2004 => ansi378::write_2004(record),
        Edition::Ansi2009 => ansi378::write_2009(record),
        Edition::Ansi2009Am1 => ansi378::write_2009_am1(record),
    }
}

#[cfg(test)]
mod tests;
