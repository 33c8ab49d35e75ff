//! Images of other kinds: faces and marks (Type 10), irises (17), sources (20) and contexts (21).

use super::{Row, data, number, rows, text, values};
use crate::ansi_nist::{Compression, Record};

/// What image records share.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordImage<'a> {
    /// Information designation character.
    pub idc: Option<u8>,
    /// Who took it.
    pub source_agency: Option<&'a str>,
    /// The day it was taken, YYYYMMDD.
    pub date: Option<&'a str>,
    /// Pixels in a row, as stated.
    pub width: Option<u32>,
    /// Rows, as stated.
    pub height: Option<u32>,
    /// Unit of the resolution: 0 none, 1 inch, 2 centimetre.
    pub unit: Option<u8>,
    /// Pixels per unit, across and down; a ratio where there is no unit.
    pub resolution: Option<(u32, u32)>,
    /// How it is coded, as stated.
    pub compression: Option<Compression>,
    /// Colour space.
    pub colour_space: Option<&'a str>,
    /// The coded image, or whatever the record holds.
    pub data: &'a [u8],
}

/// A quality and what measured it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quality<'a> {
    /// 0 to 100; 254 says that none was measured, 255 that measuring failed.
    pub value: Option<u8>,
    /// The vendor's number in hexadecimal digits.
    pub vendor: Option<&'a str>,
    /// The vendor's algorithm.
    pub algorithm: Option<&'a str>,
}

/// A face, scar, mark or tattoo (Type 10).
#[derive(Debug, Clone, PartialEq)]
pub struct Face<'a> {
    /// The image; a whole face has type `FACE`.
    pub image: RecordImage<'a>,
    /// `FACE`, `SCAR`, `MARK`, `TATTOO` or others.
    pub kind: Option<&'a str>,
    /// Subject acquisition profile.
    pub profile: Option<u8>,
    /// Pose: F, R, L, A or D.
    pub pose: Option<&'a str>,
    /// Yaw, pitch and roll in degrees.
    pub angles: Option<[i16; 3]>,
    /// Colour of the eyes.
    pub eyes: Option<&'a str>,
    /// Colours of the hair.
    pub hair: Vec<&'a str>,
    /// Expressions and the like.
    pub descriptions: Vec<&'a str>,
    /// Qualities.
    pub qualities: Vec<Quality<'a>>,
    /// Feature points.
    pub points: Vec<FacePoint<'a>>,
    /// NCIC codes of scars, marks and tattoos.
    pub marks: Vec<&'a str>,
    /// Descriptors of them: kind, class, subclass, description.
    pub mark_descriptions: Vec<[Option<&'a str>; 4]>,
    /// Their size in centimetres: height and width.
    pub mark_size: Option<(u32, u32)>,
}

/// A feature point of a face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacePoint<'a> {
    /// Its code, such as 3.5.
    pub code: &'a str,
    /// Pixels from the left.
    pub x: u32,
    /// Pixels from the top.
    pub y: u32,
}

/// An iris (Type 17).
#[derive(Debug, Clone, PartialEq)]
pub struct Iris<'a> {
    /// The image.
    pub image: RecordImage<'a>,
    /// Which eye: 0 unknown, 1 right, 2 left.
    pub eye: Option<u8>,
    /// Colour of the eye.
    pub colour: Option<&'a str>,
    /// Diameter in pixels.
    pub diameter: Option<u32>,
    /// Maker, model and serial number of the device.
    pub device: Option<[Option<&'a str>; 3]>,
    /// Why there is no image, where there is none.
    pub missing: Option<&'a str>,
    /// Qualities.
    pub qualities: Vec<Quality<'a>>,
}

/// The representation that other records were made from (Type 20).
#[derive(Debug, Clone, PartialEq)]
pub struct Source<'a> {
    /// The image, or what else the record holds.
    pub image: RecordImage<'a>,
    /// S: others are of one subject, D: of several.
    pub cardinality: Option<&'a str>,
    /// Codes of how it was acquired.
    pub acquisition: Vec<u8>,
    /// Type of the file and how it is decoded.
    pub file: Option<(&'a str, Option<&'a str>)>,
    /// The number that others refer to it by (fields 997).
    pub number: Option<u8>,
    /// Where it lies, when it is not in the record.
    pub external: Option<&'a str>,
    /// Comments.
    pub comment: Option<&'a str>,
}

/// Something that goes with other records, such as a picture of where a print was found (Type 21).
#[derive(Debug, Clone, PartialEq)]
pub struct Context<'a> {
    /// Information designation character.
    pub idc: Option<u8>,
    /// Who made it.
    pub source_agency: Option<&'a str>,
    /// Type of the file and how it is decoded.
    pub file: Option<(&'a str, Option<&'a str>)>,
    /// The number that others refer to it by (fields 995).
    pub number: Option<u8>,
    /// Where it lies, when it is not in the record.
    pub external: Option<&'a str>,
    /// Comments.
    pub comment: Option<&'a str>,
    /// The file.
    pub data: &'a [u8],
}

impl<'a> RecordImage<'a> {
    fn of(record: &'a Record<'_>, colour_space: u16) -> Self {
        Self {
            idc: record.idc(),
            source_agency: text(record, 4),
            date: text(record, 5),
            width: number(record, 6),
            height: number(record, 7),
            unit: number(record, 8),
            resolution: number(record, 9).zip(number(record, 10)),
            compression: text(record, 11).map(Compression::from_text),
            colour_space: text(record, colour_space),
            data: data(record),
        }
    }
}

impl<'a> Face<'a> {
    /// The face or mark of a record, if it is of Type 10.
    pub fn of(record: &'a Record<'_>) -> Option<Self> {
        (record.kind == 10).then(|| Self {
            image: RecordImage::of(record, 12),
            kind: text(record, 3),
            profile: number(record, 13),
            pose: text(record, 20),
            angles: rows(record, 25).next().and_then(|r| Some([r.number(0)?, r.number(1)?, r.number(2)?])),
            eyes: text(record, 27),
            hair: values(record, 28),
            descriptions: values(record, 26),
            qualities: qualities(record, 24),
            points: rows(record, 29)
                .filter_map(|r| Some(FacePoint { code: r.text(1)?, x: r.number(2)?, y: r.number(3)? }))
                .collect(),
            marks: values(record, 40),
            mark_descriptions: rows(record, 42).map(|r| std::array::from_fn(|i| r.text(i))).collect(),
            mark_size: rows(record, 41).next().and_then(|r| r.number(0).zip(r.number(1))),
        })
    }

    /// Whether it is a face, and not a scar, mark or tattoo.
    pub fn is_face(&self) -> bool {
        self.kind == Some("FACE")
    }
}

impl<'a> Iris<'a> {
    /// The iris of a record, if it is of Type 17.
    pub fn of(record: &'a Record<'_>) -> Option<Self> {
        (record.kind == 17).then(|| Self {
            image: RecordImage::of(record, 13),
            eye: number(record, 3),
            colour: text(record, 20),
            diameter: number(record, 26),
            device: rows(record, 19).next().map(|r| std::array::from_fn(|i| r.text(i))),
            missing: text(record, 28),
            qualities: qualities(record, 24),
        })
    }
}

impl<'a> Source<'a> {
    /// The source representation of a record, if it is of Type 20.
    pub fn of(record: &'a Record<'_>) -> Option<Self> {
        (record.kind == 20).then(|| Self {
            image: RecordImage::of(record, 13),
            cardinality: text(record, 3),
            acquisition: rows(record, 14).filter_map(|r| r.number(0)).collect(),
            file: file(record),
            number: number(record, 21),
            external: text(record, 994),
            comment: text(record, 20),
        })
    }
}

impl<'a> Context<'a> {
    /// The context of a record, if it is of Type 21.
    pub fn of(record: &'a Record<'_>) -> Option<Self> {
        (record.kind == 21).then(|| Self {
            idc: record.idc(),
            source_agency: text(record, 4),
            file: file(record),
            number: number(record, 21),
            external: text(record, 994),
            comment: text(record, 20),
            data: data(record),
        })
    }
}

fn file<'a>(record: &'a Record<'_>) -> Option<(&'a str, Option<&'a str>)> {
    let row = rows(record, 15).next()?;
    Some((row.text(0)?, row.text(1)))
}

pub(super) fn qualities<'a>(record: &'a Record<'_>, number: u16) -> Vec<Quality<'a>> {
    let quality = |r: Row<'a>| Quality { value: r.number(0), vendor: r.text(1), algorithm: r.text(2) };
    rows(record, number).map(quality).collect()
}
