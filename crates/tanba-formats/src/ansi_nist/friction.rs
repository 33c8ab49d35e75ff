//! Finger, palm and latent prints of a transaction: Types 3 to 6 with fixed fields, Types 13 to 15 with tagged ones.

use super::{BinaryImage, Body, Field, Impression, Position, Record};
use crate::image::{self, ImageError, ImageFormat};
use crate::{Decoded, Diagnostic, Gray8};

/// Fields of Types 13 to 15 (sections 8.13 to 8.15 of 2011).
const IMPRESSION: u16 = 3;
const WIDTH: u16 = 6;
const HEIGHT: u16 = 7;
const SCALE_UNITS: u16 = 8;
const ACROSS: u16 = 9;
const DOWN: u16 = 10;
const COMPRESSION: u16 = 11;
const BITS: u16 = 12;
const POSITIONS: u16 = 13;
const AMPUTATIONS: u16 = 18;
const SEGMENTS: u16 = 21;
const POLYGONS: u16 = 25;
const DATA: u16 = 999;
const CM_PER_INCH: f64 = 2.54;
/// The least scanning resolution, pixels per inch, and what Types 3 and 5 keep of it: every second pixel.
const LEAST_PPI: f64 = 500.0;
/// Corners of a polygon that are read; the standard allows 99.
const MOST_CORNERS: usize = 99;

/// A print and its image, still coded.
#[derive(Debug, Clone, PartialEq)]
pub struct FrictionRidge<'a> {
    /// Type of its record.
    pub kind: u8,
    /// Image designation character.
    pub idc: Option<u8>,
    /// Which finger or palm it may be of; several for a latent print, none where nothing is stated.
    pub positions: Vec<Position>,
    /// How it was taken.
    pub impression: Option<Impression>,
    /// How the image is coded, as stated.
    pub compression: Compression,
    /// Pixels in a row, as stated.
    pub width: u32,
    /// Rows, as stated.
    pub height: u32,
    /// Pixels per inch across and down, as stated.
    pub ppi: Option<(f64, f64)>,
    /// Bits of a pixel, as stated.
    pub bits: u8,
    /// Fingers that are missing from a slap (14.018).
    pub amputations: Vec<Amputation>,
    /// Where the sender's program found the fingers of a slap (14.021).
    pub segments: Vec<FingerSegment>,
    /// The same as polygons (14.025).
    pub polygons: Vec<SegmentPolygon>,
    /// The coded image.
    pub data: &'a [u8],
}

/// How an image is coded (table 15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// Wavelet scalar quantisation.
    Wsq,
    /// JPEG with loss.
    JpegB,
    /// JPEG without loss.
    JpegL,
    /// JPEG 2000, with or without loss.
    Jp2,
    /// PNG.
    Png,
    /// Another code.
    Other,
}

/// A finger of a slap, as a rectangle in pixels of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FingerSegment {
    /// Which finger.
    pub position: Position,
    /// First column.
    pub left: u32,
    /// The column after the last.
    pub right: u32,
    /// First row.
    pub top: u32,
    /// The row after the last.
    pub bottom: u32,
}

/// A finger of a slap, as a polygon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentPolygon {
    /// Which finger.
    pub position: Position,
    /// Its corners (column, row), in pixels of the image.
    pub corners: Vec<(u32, u32)>,
}

/// A finger that could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amputation {
    /// Which finger.
    pub position: Position,
    /// Why.
    pub code: AmputationCode,
}

/// Why a finger could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AmputationCode {
    /// XX: it is not there.
    Amputated,
    /// UP: it is bandaged, or could not be printed.
    UnableToPrint,
    /// Any other code.
    Other,
}

impl<'a> FrictionRidge<'a> {
    /// The print of a record, if it is one of a kind that holds prints; `native_ppi` is that of the transaction.
    pub(super) fn of(record: &'a Record<'_>, native_ppi: Option<f64>) -> Option<Self> {
        match (&record.body, record.kind) {
            (Body::Image(image), _) => Some(Self::binary(record.kind, image, native_ppi)),
            (Body::Tagged(_), 13..=15) => Some(Self::tagged(record)),
            _ => None,
        }
    }

    fn binary(kind: u8, image: &'a BinaryImage<'_>, native_ppi: Option<f64>) -> Self {
        let full = match image.scanning_resolution {
            0 => Some(LEAST_PPI),
            _ => native_ppi,
        };
        let low = matches!(kind, 3 | 5);
        let ppi = full.map(|ppi| if low { ppi / 2.0 } else { ppi });
        let gray = matches!(kind, 3 | 4);
        Self {
            kind,
            idc: Some(image.idc),
            positions: image.stated_positions().collect(),
            impression: Some(Impression(image.impression)),
            compression: match image.compression {
                // A black and white image is coded as a fax, or not at all.
                1 if !gray => Compression::Other,
                code => Compression::from_code(code),
            },
            width: u32::from(image.width),
            height: u32::from(image.height),
            ppi: ppi.map(|ppi| (ppi, ppi)),
            bits: if gray { 8 } else { 1 },
            amputations: Vec::new(),
            segments: Vec::new(),
            polygons: Vec::new(),
            data: &image.data,
        }
    }

    fn tagged(record: &'a Record<'_>) -> Self {
        let number = |field| record.field(field).and_then(Field::number::<u32>);
        let rows = |field| record.field(field).into_iter().flat_map(Field::subfields);
        let slap = record.kind == 14;
        // The last one: some makers write texts in fields of this number before it.
        let data = match &record.body {
            Body::Tagged(fields) => fields.iter().rfind(|f| f.number == DATA).map_or(&[][..], |f| &f.value),
            _ => &[],
        };
        let ppi = {
            let unit = match number(SCALE_UNITS) {
                Some(1) => Some(1.0),
                Some(2) => Some(CM_PER_INCH),
                _ => None,
            };
            let axis = |field| Some(nominal(f64::from(number(field)?) * unit?)).filter(|v| *v > 0.0);
            axis(ACROSS).zip(axis(DOWN))
        };
        Self {
            kind: record.kind,
            idc: record.idc(),
            positions: rows(POSITIONS).filter_map(|items| item(&items, 0).map(Position)).collect(),
            impression: record.field(IMPRESSION).and_then(Field::number).map(Impression),
            compression: record
                .field(COMPRESSION)
                .and_then(Field::text)
                .map_or(Compression::Other, Compression::from_text),
            width: number(WIDTH).unwrap_or(0),
            height: number(HEIGHT).unwrap_or(0),
            ppi,
            bits: record.field(BITS).and_then(Field::number).unwrap_or(8),
            amputations: rows(AMPUTATIONS)
                .filter(|_| slap)
                .filter_map(|items| {
                    let code = match items.get(1)?.trim_ascii() {
                        b"XX" => AmputationCode::Amputated,
                        b"UP" => AmputationCode::UnableToPrint,
                        _ => AmputationCode::Other,
                    };
                    Some(Amputation { position: Position(item(&items, 0)?), code })
                })
                .collect(),
            segments: rows(SEGMENTS)
                .filter(|_| slap)
                .filter_map(|items| {
                    let at = |i| item(&items, i);
                    let position = Position(item(&items, 0)?);
                    Some(FingerSegment { position, left: at(1)?, right: at(2)?, top: at(3)?, bottom: at(4)? })
                })
                .collect(),
            polygons: rows(POLYGONS).filter(|_| slap).filter_map(|items| polygon(&items)).collect(),
            data,
        }
    }

    /// The finger, where the print is stated to be of exactly one.
    pub fn finger(&self) -> Option<crate::Finger> {
        match self.positions[..] {
            [position] => position.finger(),
            _ => None,
        }
    }

    /// The picture, at the resolution that the record states.
    ///
    /// Diagnostic codes, beside those of [`image::read`]: `compression-mismatch`, `size-mismatch`, `resolution-contradicted`,
    /// `lossy-jpeg`.
    ///
    /// # Errors
    /// [`ImageError`] as for any image file; a JPEG with loss is read, with a word about it.
    pub fn decode(&self) -> Result<Decoded<Gray8>, ImageError> {
        let (width, height) = (self.width as usize, self.height as usize);
        let found = Compression::of(self.data);
        let as_stated = found == Some(self.compression);
        let raw = self.compression == Compression::None
            && width.checked_mul(height).is_some_and(|n| n > 0 && self.data.len() >= n);
        let headerless = raw || matches!(self.kind, 5 | 6) && image::detect(self.data).is_err();
        let mut got = match found {
            _ if headerless && self.bits == 1 => self.bilevel(),
            _ if raw => self.raw(),
            // Some makers put a whole file into a binary record.
            None if image::detect(self.data).is_ok() => image::read_coded(self.data, self.ppi),
            Some(_) => image::read_coded(self.data, self.ppi),
            None if self.compression == Compression::None && !self.data.is_empty() => {
                Err(ImageError::Truncated { format: ImageFormat::Raw })
            }
            None => Err(image::detect(self.data).err().unwrap_or(ImageError::NotAnImage)),
        }?;
        let mut note = |code, message| got.diagnostics.push(Diagnostic { code, message, offset: None });
        if !headerless && !as_stated {
            note(
                "compression-mismatch",
                "the image is not coded as its record says: it was told from its bytes".into(),
            );
        }
        // Of pixels that are not square, one side was stretched.
        let square = self.ppi.is_none_or(|(x, y)| x == y);
        if square && (got.value.width(), got.value.height()) != (width, height) {
            let (w, h) = (got.value.width(), got.value.height());
            note("size-mismatch", format!("the record states {width} x {height} pixels; the image has {w} x {h}"));
        }
        Ok(got)
    }

    /// The black and white scan of Types 5 and 6: bits, or a fax (ANSI/EIA-538) where the record says that it is coded.
    fn bilevel(&self) -> Result<Decoded<Gray8>, ImageError> {
        if self.compression != Compression::None {
            return image::read_fax(self.data, self.width, self.height, self.ppi);
        }
        let bits = (self.width as usize).div_ceil(8).saturating_mul(self.height as usize);
        if self.data.len() > bits {
            let detail = "more pixels than its record states".into();
            return Err(ImageError::Malformed { format: ImageFormat::Raw, detail });
        }
        image::read_bits(self.data, self.width, self.height, self.ppi)
    }

    fn raw(&self) -> Result<Decoded<Gray8>, ImageError> {
        if self.bits != 8 {
            return Err(ImageError::Unsupported { what: "an image without compression of other than 8 bits a pixel" });
        }
        image::read_raw(self.data, self.width, self.height, self.ppi)
    }
}

impl Compression {
    fn from_code(code: u8) -> Self {
        match code {
            0 => Self::None,
            1 => Self::Wsq,
            2 => Self::JpegB,
            3 => Self::JpegL,
            4 | 5 => Self::Jp2,
            6 => Self::Png,
            _ => Self::Other,
        }
    }

    pub(super) fn from_text(text: &str) -> Self {
        match text {
            "NONE" => Self::None,
            "WSQ20" | "WSQ" => Self::Wsq,
            "JPEGB" => Self::JpegB,
            "JPEGL" => Self::JpegL,
            "JP2" | "JP2L" => Self::Jp2,
            "PNG" => Self::Png,
            // Records of 2000 may have the code of the binary records here.
            digit => digit.parse().map_or(Self::Other, Self::from_code),
        }
    }

    /// The code of records from Type 10 on.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::None => Some("NONE"),
            Self::Wsq => Some("WSQ20"),
            Self::JpegB => Some("JPEGB"),
            Self::JpegL => Some("JPEGL"),
            Self::Jp2 => Some("JP2"),
            Self::Png => Some("PNG"),
            Self::Other => None,
        }
    }

    /// Its name as people say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "not compressed",
            Self::Wsq => "WSQ",
            Self::JpegB => "JPEG",
            Self::JpegL => "JPEG without loss",
            Self::Jp2 => "JPEG 2000",
            Self::Png => "PNG",
            Self::Other => "another coding",
        }
    }

    /// What the bytes themselves say.
    pub(super) fn of(data: &[u8]) -> Option<Self> {
        match data {
            [0xff, 0xa0, 0xff, ..] => Some(Self::Wsq),
            [0xff, 0xd8, 0xff, ..] => Some(if image::is_lossless_jpeg(data) { Self::JpegL } else { Self::JpegB }),
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [0, 0, 0, 12, b'j', b'P', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => Some(Self::Jp2),
            _ => None,
        }
    }
}

/// Whole pixels per millimetre or centimetre miss the nominal resolutions by a little: within a tenth of a percent they are meant.
pub(crate) fn nominal(ppi: f64) -> f64 {
    const NOMINAL: [f64; 4] = [250.0, 500.0, 1000.0, 2000.0];
    // 197 pixels per centimetre are 500.38.
    NOMINAL.into_iter().find(|n| (ppi - n).abs() <= 0.001 * n).unwrap_or(ppi)
}

fn item<T: std::str::FromStr>(items: &[&[u8]], i: usize) -> Option<T> {
    std::str::from_utf8(items.get(i)?).ok()?.trim().parse().ok()
}

fn polygon(items: &[&[u8]]) -> Option<SegmentPolygon> {
    let corners: usize = item(items, 1)?;
    let corners = (0..corners.min(MOST_CORNERS))
        .map(|i| Some((item(items, 2 + 2 * i)?, item(items, 3 + 2 * i)?)))
        .collect::<Option<_>>()?;
    Some(SegmentPolygon { position: Position(item(items, 0)?), corners })
}
