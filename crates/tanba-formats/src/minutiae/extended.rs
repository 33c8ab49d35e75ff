//! The extended data of a view: ridge counts, cores and deltas, zonal quality; what is not understood is kept as it is.
//!
//! ```text
//! block: type (2), length of the whole block (2), data | block | ...
//! ridge counts (type 1): method (1), then index, index, count of each (1 + 1 + 1)
//! cores and deltas (type 2): number of cores (1), cores, number of deltas (1), deltas
//! zonal quality (type 3, ISO alone): algorithm's vendor and number (2 + 2, of 2011 alone), width and height of a cell (1 + 1),
//!   bits of a cell (1), cells row by row, packed
//! ```
//! The standards differ in where they say that cores and deltas have angles: ISO in two bits above each x, ANSI in two bits
//! above the numbers, for all cores and for all deltas.

use super::{Edition, MAX_COORDINATE, WriteError};
use crate::Outline;

/// The most cores, and the most deltas, of a view: four bits.
pub const MAX_SINGULARITIES: usize = 15;

const BLOCK_HEADER_BYTES: usize = 4;
const RIDGE_COUNTS: u16 = 1;
const CORES_AND_DELTAS: u16 = 2;
const ZONAL_QUALITY: u16 = 3;
/// The vendor of an algorithm that nobody named.
const UNKNOWN_VENDOR: u16 = 0x0103;
/// Says that an angle follows, in the two bits above a number or an x.
const HAS_ANGLE: u8 = 1;

/// One block of extended data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtendedBlock {
    /// How many ridges lie between pairs of minutiae.
    RidgeCounts {
        /// How the pairs were chosen: 0 freely, 1 the nearest in four quadrants, 2 in eight octants.
        method: u8,
        /// The pairs.
        counts: Vec<RidgeCount>,
    },
    /// Where the ridge flow is singular.
    CoresAndDeltas {
        /// At most [`MAX_SINGULARITIES`].
        cores: Vec<Core>,
        /// At most [`MAX_SINGULARITIES`].
        deltas: Vec<Delta>,
    },
    /// How good the image is, cell by cell. INCITS 378 has no place for it.
    ZonalQuality(ZonalQuality),
    /// A block of another type (a vendor's own), or one that does not keep to its form.
    Other {
        /// Its type.
        kind: u16,
        /// Its data, without the four bytes of type and length.
        data: Vec<u8>,
    },
    /// Bytes that are no block at all.
    Unstructured(Vec<u8>),
}

/// Ridges between two minutiae.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RidgeCount {
    /// Index of the one minutia, counted from 0 in the order of the view.
    pub a: u8,
    /// Index of the other.
    pub b: u8,
    /// Ridges crossed between them.
    pub count: u8,
}

/// A core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Core {
    /// Pixels from the left.
    pub x: u16,
    /// Pixels from the top.
    pub y: u16,
    /// Direction in the edition's units.
    pub angle: Option<u8>,
}

/// A delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delta {
    /// Pixels from the left.
    pub x: u16,
    /// Pixels from the top.
    pub y: u16,
    /// The three directions that part here, in the edition's units.
    pub angles: Option<[u8; 3]>,
}

/// How good an image is, in cells from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZonalQuality {
    /// Vendor (as the IBIA registered it) and number of the algorithm; of 2011 alone.
    pub algorithm: Option<(u16, u16)>,
    /// Pixels of a cell across, not zero.
    pub cell_width: u8,
    /// Pixels of a cell down, not zero.
    pub cell_height: u8,
    /// Bits of a cell's quality, 1 to 8; all bits set are the best quality.
    pub bits: u8,
    /// The cells row by row, packed without gaps, the first in the highest bits.
    pub packed: Vec<u8>,
}

impl ZonalQuality {
    /// The quality of each cell of an image of this size (pixels), row by row; `None` where there are fewer.
    pub fn cells(&self, width: u16, height: u16) -> Option<Vec<u8>> {
        if self.cell_width == 0 || self.cell_height == 0 {
            return None;
        }
        let cells = |side: u16, cell: u8| usize::from(side).div_ceil(usize::from(cell));
        // At most 65535 a side.
        let count = cells(width, self.cell_width) * cells(height, self.cell_height);
        let bits = usize::from(self.bits);
        if !(1..=8).contains(&bits) || self.packed.len() < (count * bits).div_ceil(8) {
            return None;
        }
        let cell = |i: usize| {
            let byte = |at: usize| u16::from(self.packed.get(at).copied().unwrap_or(0));
            let (at, shift) = (i * bits / 8, i * bits % 8);
            let window = byte(at) << 8 | byte(at + 1);
            (window << shift >> (16 - bits)) as u8
        };
        Some((0..count).map(cell).collect())
    }

    fn parse(data: &[u8], edition: Edition) -> Option<Self> {
        let (algorithm, data) = match edition {
            Edition::Iso2011 => {
                let ([v1, v0, a1, a0], data) = data.split_first_chunk::<4>()?;
                (Some((u16::from_be_bytes([*v1, *v0]), u16::from_be_bytes([*a1, *a0]))), data)
            }
            _ => (None, data),
        };
        let (&[cell_width, cell_height, bits], packed) = data.split_first_chunk::<3>()?;
        let sensible = cell_width > 0 && cell_height > 0 && (1..=8).contains(&bits);
        sensible.then(|| Self { algorithm, cell_width, cell_height, bits, packed: packed.to_vec() })
    }

    fn write(&self, to: Edition, out: &mut Vec<u8>) {
        if to == Edition::Iso2011 {
            let (vendor, algorithm) = self.algorithm.unwrap_or((UNKNOWN_VENDOR, 0));
            out.extend(vendor.to_be_bytes());
            out.extend(algorithm.to_be_bytes());
        }
        out.extend([self.cell_width, self.cell_height, self.bits]);
        out.extend(&self.packed);
    }
}

impl ExtendedBlock {
    pub(super) fn parse(mut area: &[u8], edition: Edition) -> Vec<Self> {
        let mut blocks = Vec::new();
        while !area.is_empty() {
            let Some((block, rest)) = Self::first(area, edition) else {
                blocks.push(Self::Unstructured(area.to_vec()));
                break;
            };
            blocks.push(block);
            area = rest;
        }
        blocks
    }

    fn first(area: &[u8], edition: Edition) -> Option<(Self, &[u8])> {
        let [k1, k0, l1, l0] = *area.first_chunk::<BLOCK_HEADER_BYTES>()?;
        let (kind, length) = (u16::from_be_bytes([k1, k0]), usize::from(u16::from_be_bytes([l1, l0])));
        let data = area.get(BLOCK_HEADER_BYTES..length)?;
        let understood = match kind {
            RIDGE_COUNTS => Self::ridge_counts(data),
            CORES_AND_DELTAS => Self::cores_and_deltas(data, edition),
            ZONAL_QUALITY if !edition.is_ansi() => ZonalQuality::parse(data, edition).map(Self::ZonalQuality),
            _ => None,
        };
        Some((understood.unwrap_or_else(|| Self::Other { kind, data: data.to_vec() }), &area[length..]))
    }

    fn ridge_counts(data: &[u8]) -> Option<Self> {
        let (method, pairs) = data.split_first()?;
        let (pairs, rest) = pairs.as_chunks::<3>();
        let counts = pairs.iter().map(|&[a, b, count]| RidgeCount { a, b, count }).collect();
        rest.is_empty().then_some(Self::RidgeCounts { method: *method, counts })
    }

    fn cores_and_deltas(data: &[u8], edition: Edition) -> Option<Self> {
        let mut input = Singularities { data, edition };
        let cores = input.list(|point, angles| {
            let [angle] = angles.unwrap_or_default();
            Core { x: point.0, y: point.1, angle: angles.map(|_| angle) }
        })?;
        let deltas = input.list(|point, angles| Delta { x: point.0, y: point.1, angles })?;
        input.data.is_empty().then_some(Self::CoresAndDeltas { cores, deltas })
    }

    pub(super) fn write(&self, from: Edition, to: Edition, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let mut data = Vec::new();
        let kind = match self {
            Self::Unstructured(bytes) => {
                out.extend(bytes);
                return Ok(());
            }
            Self::Other { kind, data: bytes } => {
                data.extend(bytes);
                *kind
            }
            Self::RidgeCounts { method, counts } => {
                data.push(*method);
                data.extend(counts.iter().flat_map(|c| [c.a, c.b, c.count]));
                RIDGE_COUNTS
            }
            Self::CoresAndDeltas { cores, deltas } => {
                let cores: Vec<_> = cores.iter().map(|c| ((c.x, c.y), c.angle.map(|a| [a]))).collect();
                write_list(&cores, from, to, &mut data)?;
                let deltas: Vec<_> = deltas.iter().map(|d| ((d.x, d.y), d.angles)).collect();
                write_list(&deltas, from, to, &mut data)?;
                CORES_AND_DELTAS
            }
            // The type is reserved there, and nothing takes its place.
            Self::ZonalQuality(_) if to.is_ansi() => return Ok(()),
            Self::ZonalQuality(zones) => {
                zones.write(to, &mut data);
                ZONAL_QUALITY
            }
        };
        let length = u16::try_from(data.len() + BLOCK_HEADER_BYTES)
            .map_err(|_| WriteError::TooMuch { what: "a block of extended data", most: usize::from(u16::MAX) })?;
        out.extend(kind.to_be_bytes());
        out.extend(length.to_be_bytes());
        out.extend(data);
        Ok(())
    }
}

impl ExtendedBlock {
    pub(super) fn outline(&self, edition: Edition) -> Outline {
        let degrees = |angle: &u8| format!("{:.0}°", f32::from(*angle) * 360.0 / f32::from(edition.units_per_turn()));
        match self {
            Self::RidgeCounts { method, counts } => {
                let method = match method {
                    0 => "non-specific",
                    1 => "four neighbours",
                    2 => "eight neighbours",
                    _ => "reserved method",
                };
                Outline::leaf("ridge counts", format!("{} ({method})", counts.len()))
            }
            Self::CoresAndDeltas { cores, deltas } => Outline::of("cores and deltas")
                .with_all(cores.iter().map(|c| {
                    let angle = c.angle.as_ref().map(degrees).unwrap_or_default();
                    Outline::leaf("core", format!("{}, {} {angle}", c.x, c.y).trim_end())
                }))
                .with_all(deltas.iter().map(|d| {
                    let angles: Vec<_> = d.angles.iter().flatten().map(degrees).collect();
                    Outline::leaf("delta", format!("{}, {} {}", d.x, d.y, angles.join(" ")).trim_end())
                })),
            Self::ZonalQuality(z) => Outline::leaf(
                "zonal quality",
                format!("cells of {} x {}, {} bits", z.cell_width, z.cell_height, z.bits),
            ),
            Self::Other { kind, data } => {
                Outline::leaf(format!("extended data of type {kind:#06x}"), format!("{} bytes", data.len()))
            }
            Self::Unstructured(bytes) => {
                Outline::leaf("extended data", format!("{} bytes that are no block", bytes.len()))
            }
        }
    }
}

/// A point of the ridge flow and its angles, if it has them.
type Point<const N: usize> = ((u16, u16), Option<[u8; N]>);

/// Cores or deltas with their number; ANSI writes angles only where every one has them.
fn write_list<const N: usize>(
    points: &[Point<N>],
    from: Edition,
    to: Edition,
    out: &mut Vec<u8>,
) -> Result<(), WriteError> {
    if points.len() > MAX_SINGULARITIES {
        return Err(WriteError::TooMuch { what: "the number of cores or deltas", most: MAX_SINGULARITIES });
    }
    let ansi = to.is_ansi();
    let all = !points.is_empty() && points.iter().all(|p| p.1.is_some());
    // At most MAX_SINGULARITIES.
    out.push(points.len() as u8 | if ansi && all { HAS_ANGLE << 6 } else { 0 });
    for &((x, y), angles) in points {
        if x > MAX_COORDINATE || y > MAX_COORDINATE {
            return Err(WriteError::TooMuch { what: "a coordinate", most: usize::from(MAX_COORDINATE) });
        }
        let angles = angles.filter(|_| !ansi || all);
        let flag = if !ansi && angles.is_some() { u16::from(HAS_ANGLE) << 14 } else { 0 };
        out.extend((flag | x).to_be_bytes());
        out.extend(y.to_be_bytes());
        out.extend(angles.into_iter().flatten().map(|a| from.angle_in(to, a)));
    }
    Ok(())
}

struct Singularities<'a> {
    data: &'a [u8],
    edition: Edition,
}

impl Singularities<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.data.split_first_chunk::<N>()?;
        self.data = rest;
        Some(*taken)
    }

    fn list<T, const N: usize>(&mut self, make: impl Fn((u16, u16), Option<[u8; N]>) -> T) -> Option<Vec<T>> {
        let [number] = self.take::<1>()?;
        let all_have_angles = self.edition.is_ansi() && number >> 6 == HAS_ANGLE;
        let number = usize::from(if self.edition.is_ansi() { number & 0x3f } else { number });
        if number > MAX_SINGULARITIES {
            return None;
        }
        let mut found = Vec::with_capacity(number);
        for _ in 0..number {
            let (x, y) = (u16::from_be_bytes(self.take()?), u16::from_be_bytes(self.take()?));
            let has_angles = all_have_angles || (!self.edition.is_ansi() && x >> 14 == u16::from(HAS_ANGLE));
            let turn = self.edition.units_per_turn();
            let angles = if has_angles {
                // Below the turn, which is at most 256.
                Some(self.take::<N>()?.map(|a| (u16::from(a) % turn) as u8))
            } else {
                None
            };
            found.push(make((x & MAX_COORDINATE, y & MAX_COORDINATE), angles));
        }
        Some(found)
    }
}
