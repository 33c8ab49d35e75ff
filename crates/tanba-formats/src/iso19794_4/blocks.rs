//! What may follow an image of 2011 (clause 8.4): where its fingers lie, which are missing, and comments.
//!
//! ```text
//! block: identification code (2), length of the whole block (2), data
//! segmentation (code 1): algorithm's vendor and number (2 + 2), quality (1), quality algorithm's vendor and number (2 + 2),
//!   segments: number (1), of each position (1), quality (1), corners: number (1), of each x, y (2 + 2), orientation (1)
//! annotation (code 2): number (1), of each position (1), code (1)
//! comment (codes 3 to 255): text
//! a vendor's own: codes from 256
//! ```

use super::WriteError;
use crate::Outline;
use crate::ansi_nist::Position;
use crate::cursor::Cursor;

const BLOCK_HEADER_BYTES: usize = 4;
const SEGMENTATION: u16 = 1;
const ANNOTATION: u16 = 2;
const COMMENTS: std::ops::RangeInclusive<u16> = 3..=0xff;

/// One block after an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageBlock {
    /// Where the fingers of a slap lie.
    Segmentation(Segmentation),
    /// Which fingers are missing or unusable.
    Annotations(Vec<Annotation>),
    /// A text.
    Comment {
        /// Its code, 3 to 255.
        code: u16,
        /// The text, in the encoding of whoever wrote it.
        text: Vec<u8>,
    },
    /// A vendor's own block, or one that does not keep to its form.
    Other {
        /// Its code.
        code: u16,
        /// Its data, without the four bytes of code and length.
        data: Vec<u8>,
    },
    /// Bytes that are no block at all.
    Unstructured(Vec<u8>),
}

/// Where a program found fingers (table 12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segmentation {
    /// Vendor of the segmentation's algorithm, as the IBIA registered it.
    pub vendor: u16,
    /// The vendor's number of it.
    pub algorithm: u16,
    /// How sure it is: 0 to 100, 254 not stated, 255 failed.
    pub quality: u8,
    /// Vendor of the algorithm that judged the segments. Some makers write it after the number.
    pub quality_vendor: u16,
    /// The vendor's number of it.
    pub quality_algorithm: u16,
    /// The fingers, at most 255.
    pub segments: Vec<Segment>,
}

/// One finger of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Which finger.
    pub position: Position,
    /// 0 to 100, 254 not stated, 255 failed.
    pub quality: u8,
    /// Corners (column, row) in pixels: two of a rectangle, or at most 255 of a polygon.
    pub corners: Vec<(u16, u16)>,
    /// How the finger is turned, in the standard's units.
    pub orientation: u8,
}

/// Why a finger is missing or unusable (table 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotation {
    /// Which finger.
    pub position: Position,
    /// 1 amputated, 2 unusable.
    pub code: u8,
}

impl ImageBlock {
    pub(super) fn parse(mut area: &[u8]) -> Vec<Self> {
        let mut blocks = Vec::new();
        while !area.is_empty() {
            let Some((block, rest)) = Self::first(area) else {
                blocks.push(Self::Unstructured(area.to_vec()));
                break;
            };
            blocks.push(block);
            area = rest;
        }
        blocks
    }

    fn first(area: &[u8]) -> Option<(Self, &[u8])> {
        let [c1, c0, l1, l0] = *area.first_chunk::<BLOCK_HEADER_BYTES>()?;
        let (code, length) = (u16::from_be_bytes([c1, c0]), usize::from(u16::from_be_bytes([l1, l0])));
        let data = area.get(BLOCK_HEADER_BYTES..length)?;
        let understood = match code {
            SEGMENTATION => Segmentation::parse(data).map(Self::Segmentation),
            ANNOTATION => Self::annotations(data),
            code if COMMENTS.contains(&code) => Some(Self::Comment { code, text: data.to_vec() }),
            _ => None,
        };
        Some((understood.unwrap_or_else(|| Self::Other { code, data: data.to_vec() }), area.get(length..)?))
    }

    fn annotations(data: &[u8]) -> Option<Self> {
        let (number, pairs) = data.split_first()?;
        let (pairs, rest) = pairs.as_chunks::<2>();
        let whole = rest.is_empty() && pairs.len() == usize::from(*number);
        let of = |&[position, code]: &[u8; 2]| Annotation { position: Position(position), code };
        whole.then(|| Self::Annotations(pairs.iter().map(of).collect()))
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let mut data = Vec::new();
        let code = match self {
            Self::Unstructured(bytes) => {
                out.extend(bytes);
                return Ok(());
            }
            Self::Segmentation(segmentation) => {
                segmentation.write(&mut data)?;
                SEGMENTATION
            }
            Self::Annotations(annotations) => {
                data.push(count(annotations.len(), "the number of annotations")?);
                data.extend(annotations.iter().flat_map(|a| [a.position.0, a.code]));
                ANNOTATION
            }
            Self::Comment { code, text: bytes } | Self::Other { code, data: bytes } => {
                data.extend(bytes);
                *code
            }
        };
        let length = u16::try_from(data.len() + BLOCK_HEADER_BYTES)
            .map_err(|_| WriteError::TooMuch { what: "a block after an image", most: u64::from(u16::MAX) })?;
        out.extend(code.to_be_bytes());
        out.extend(length.to_be_bytes());
        out.extend(data);
        Ok(())
    }

    pub(super) fn outline(&self) -> Outline {
        match self {
            Self::Segmentation(s) => {
                let segments = s.segments.iter().map(|segment| {
                    let corners: Vec<_> = segment.corners.iter().map(|(x, y)| format!("{x}, {y}")).collect();
                    Outline::leaf(segment.position.name(), corners.join("; "))
                });
                Outline::leaf("segmentation", format!("vendor {:#06x}, algorithm {:#06x}", s.vendor, s.algorithm))
                    .with_all(segments)
            }
            Self::Annotations(all) => Outline::of("annotations").with_all(all.iter().map(|a| {
                let why = match a.code {
                    1 => "amputated",
                    2 => "unusable",
                    _ => "reserved",
                };
                Outline::leaf(a.position.name(), why)
            })),
            Self::Comment { text, .. } => Outline::leaf("comment", String::from_utf8_lossy(text)),
            Self::Other { code, data } => {
                Outline::leaf(format!("extended data of code {code:#06x}"), format!("{} bytes", data.len()))
            }
            Self::Unstructured(bytes) => {
                Outline::leaf("extended data", format!("{} bytes that are no block", bytes.len()))
            }
        }
    }
}

impl Segmentation {
    /// `None` where it does not keep to its form to the last byte.
    fn parse(data: &[u8]) -> Option<Self> {
        let mut input = Cursor::new(data, 0);
        let (vendor, algorithm, quality) = (input.short()?, input.short()?, input.byte()?);
        let (quality_vendor, quality_algorithm) = (input.short()?, input.short()?);
        let mut segments = Vec::new();
        for _ in 0..input.byte()? {
            let [position, quality, number] = input.take::<3>()?;
            let mut corners = Vec::new();
            for _ in 0..number {
                corners.push((input.short()?, input.short()?));
            }
            segments.push(Segment { position: Position(position), quality, corners, orientation: input.byte()? });
        }
        let whole = input.at == data.len();
        whole.then_some(Self { vendor, algorithm, quality, quality_vendor, quality_algorithm, segments })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        out.extend(self.vendor.to_be_bytes());
        out.extend(self.algorithm.to_be_bytes());
        out.push(self.quality);
        out.extend(self.quality_vendor.to_be_bytes());
        out.extend(self.quality_algorithm.to_be_bytes());
        out.push(count(self.segments.len(), "the number of segments")?);
        for segment in &self.segments {
            out.extend([segment.position.0, segment.quality]);
            out.push(count(segment.corners.len(), "the number of corners of a segment")?);
            for (x, y) in &segment.corners {
                out.extend(x.to_be_bytes());
                out.extend(y.to_be_bytes());
            }
            out.push(segment.orientation);
        }
        Ok(())
    }
}

fn count(n: usize, what: &'static str) -> Result<u8, WriteError> {
    u8::try_from(n).map_err(|_| WriteError::TooMuch { what, most: u64::from(u8::MAX) })
}
