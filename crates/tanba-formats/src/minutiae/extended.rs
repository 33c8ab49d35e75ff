//! The extended data of a view: ridge counts, cores and deltas; what is not understood is kept as it is.
//!
//! ```text
//! block: type (2), length of the whole block (2), data | block | ...
//! ridge counts (type 1): method (1), then index, index, count of each (1 + 1 + 1)
//! cores and deltas (type 2): number of cores (1), cores, number of deltas (1), deltas
//! ```
//! The standards differ in where they say that cores and deltas have angles: ISO in two bits above each x, ANSI in two bits
//! above the numbers, for all cores and for all deltas.

use super::{Edition, MAX_COORDINATE, WriteError};

/// The most cores, and the most deltas, of a view: four bits.
pub const MAX_SINGULARITIES: usize = 15;

const BLOCK_HEADER_BYTES: usize = 4;
const RIDGE_COUNTS: u16 = 1;
const CORES_AND_DELTAS: u16 = 2;
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
    /// A block of another type (a vendor's own, zonal quality), or one that does not keep to its form.
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
        };
        let length = u16::try_from(data.len() + BLOCK_HEADER_BYTES)
            .map_err(|_| WriteError::TooMuch { what: "a block of extended data", most: usize::from(u16::MAX) })?;
        out.extend(kind.to_be_bytes());
        out.extend(length.to_be_bytes());
        out.extend(data);
        Ok(())
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
