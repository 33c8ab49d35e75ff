//! JPEG without loss (T.81 annex H), as older NIST files have it: each sample is told from its neighbours, and what it differs by is
//! Huffman coded. Two to sixteen bits, any predictor and point transform, gray or three components.

use super::segments::{Frame, Process, Reader, Segment, marker, stated};
use crate::image::ImageError;
use crate::image::admission::Gate;
use crate::image::entropy::{Bits, Table, Word};
use crate::image::luminance::{Losses, scale};

/// Huffman tables that a scan can choose from.
const TABLES: usize = 4;
/// A difference of so many bits has none: it is always 32 768.
const HALF_RANGE: u8 = 16;

pub(crate) fn gray(bytes: &[u8], gate: &mut Gate) -> Result<Vec<u8>, ImageError> {
    let mut reader = Reader::new(bytes);
    let mut image: Option<Image> = None;
    let mut tables = [const { None }; TABLES];
    let mut interval = 0_usize;
    // Until every component has its scan.
    loop {
        let segment = reader.next().ok_or_else(|| gate.truncated())?;
        match (segment.marker, &mut image) {
            (marker::CODES, _) => read_tables(segment.body, &mut tables, gate)?,
            (marker::RESTART_INTERVAL, _) => {
                let [high, low] = *segment.body.first_chunk().ok_or_else(|| gate.malformed("no restart interval"))?;
                interval = usize::from(u16::from_be_bytes([high, low]));
            }
            (marker::SCAN, None) => return Err(gate.malformed("no frame header before its samples")),
            (marker::SCAN, Some(image)) => {
                let scan = Scan::read(segment.body, image, gate)?;
                let end = image.decode(bytes, reader.at(), &scan, &tables, interval, gate)?;
                if image.planes.iter().all(|p| !p.is_empty()) {
                    break;
                }
                reader.resume(end);
            }
            (marker::END, _) => return Err(gate.truncated()),
            (_, None) => image = Image::of(&segment, bytes, gate)?,
            _ => {}
        }
    }
    let image = image.ok_or_else(|| gate.truncated())?;
    let mut losses = Losses::default();
    if image.precision > 8 {
        losses.depth();
    }
    let pixels = match <[Vec<u8>; 3]>::try_from(image.planes) {
        Ok([r, g, b]) => r.iter().zip(&g).zip(&b).map(|((r, g), b)| losses.rgb([*r, *g, *b])).collect(),
        // The first is the only one, or nothing is known of the others.
        Err(planes) => planes.into_iter().next().unwrap_or_default(),
    };
    losses.tell(gate);
    Ok(pixels)
}

fn read_tables(mut body: &[u8], tables: &mut [Option<Table>; TABLES], gate: &Gate) -> Result<(), ImageError> {
    let short = || gate.malformed("a Huffman table is too short");
    while let Some((&kind, rest)) = body.split_first() {
        let (counts, rest) = rest.split_first_chunk::<16>().ok_or_else(short)?;
        let symbols: usize = counts.iter().map(|c| usize::from(*c)).sum();
        let (symbols, rest) = rest.split_at_checked(symbols).ok_or_else(short)?;
        let slot =
            tables.get_mut(usize::from(kind)).ok_or_else(|| gate.malformed("a Huffman table numbered above 3"))?;
        let table = Table::new(counts, symbols).filter(|t| t.symbols().iter().all(|s| *s <= HALF_RANGE));
        *slot = Some(table.ok_or_else(|| gate.malformed("a Huffman table contradicts itself"))?);
        body = rest;
    }
    Ok(())
}

/// The samples of one component of a scan.
#[derive(Debug, Clone, Copy)]
struct Part {
    plane: usize,
    table: usize,
}

/// A scan header (B.2.3), as annex H reads it.
struct Scan {
    parts: Vec<Part>,
    predictor: u8,
    /// Bits that were shifted out.
    point: u32,
}

impl Scan {
    fn read(body: &[u8], image: &Image, gate: &Gate) -> Result<Self, ImageError> {
        let short = || gate.malformed("a scan header is too short");
        let (&count, rest) = body.split_first().ok_or_else(short)?;
        let (parts, rest) = rest.split_at_checked(2 * usize::from(count)).ok_or_else(short)?;
        let &[predictor, _, point, ..] = rest else { return Err(short()) };
        let parts: Option<Vec<Part>> = parts
            .chunks_exact(2)
            .map(|p| {
                let plane = image.ids.iter().position(|id| *id == p[0])?;
                Some(Part { plane, table: usize::from(p[1] >> 4) })
            })
            .collect();
        let parts = parts.filter(|p| !p.is_empty() && p.len() <= image.ids.len());
        let parts = parts.ok_or_else(|| gate.malformed("a scan of components that there are not"))?;
        let point = u32::from(point & 15);
        if !(1..=7).contains(&predictor) || point >= image.precision {
            return Err(gate.malformed("a predictor or point transform that does not exist"));
        }
        Ok(Self { parts, predictor, point })
    }
}

struct Image {
    width: usize,
    height: usize,
    precision: u32,
    ids: Vec<u8>,
    /// Samples of eight bits of every component; empty until its scan was read.
    planes: Vec<Vec<u8>>,
}

impl Image {
    /// `None` where the segment is no frame header.
    fn of(segment: &Segment<'_>, bytes: &[u8], gate: &mut Gate) -> Result<Option<Self>, ImageError> {
        let Some(frame) = Frame::read(segment) else { return Ok(None) };
        if frame.process != Process::Lossless {
            return Err(gate.malformed("its frame is not of the lossless kind"));
        }
        // One component is not sampled relative to any other, whatever its numbers.
        let whole = frame.components.iter().all(|c| c.sampling == (1, 1));
        if !matches!((frame.components.len(), whole), (1, _) | (3, true)) {
            return Err(ImageError::Unsupported { what: "a lossless JPEG with subsampled or uncommon colours" });
        }
        if !(2..=16).contains(&frame.precision) || frame.height == 0 || frame.width == 0 {
            return Err(gate.malformed("a size or depth that does not exist"));
        }
        let (width, height) = gate.admit(u64::from(frame.width), u64::from(frame.height), stated(bytes))?;
        let ids: Vec<u8> = frame.components.iter().map(|c| c.id).collect();
        let planes = vec![Vec::new(); ids.len()];
        Ok(Some(Self { width, height, precision: u32::from(frame.precision), ids, planes }))
    }

    /// Reads the samples of a scan; the place where its code words end.
    fn decode(
        &mut self,
        bytes: &[u8],
        at: usize,
        scan: &Scan,
        tables: &[Option<Table>; TABLES],
        interval: usize,
        gate: &Gate,
    ) -> Result<usize, ImageError> {
        let count = scan.parts.len();
        // Each sample has at least one bit: nothing is allocated for samples that cannot be there.
        if bytes.len().saturating_sub(at).saturating_mul(8) < self.width * self.height * count {
            return Err(gate.truncated());
        }
        if !interval.is_multiple_of(self.width) {
            return Err(gate.malformed("a restart within a row"));
        }
        let rows_between = interval / self.width;
        let coders: Option<Vec<&Table>> = scan.parts.iter().map(|p| tables.get(p.table)?.as_ref()).collect();
        let coders = coders.ok_or_else(|| gate.malformed("samples without their Huffman table"))?;
        let first = 1_u16 << (self.precision - scan.point - 1);
        let mut planes: Vec<Vec<u8>> =
            scan.parts.iter().map(|_| Vec::with_capacity(self.width * self.height)).collect();
        let (mut above, mut row) = (vec![vec![0_u16; self.width]; count], vec![vec![0_u16; self.width]; count]);
        let mut bits = Bits::new(bytes, at);
        let mut fresh = true;
        for y in 0..self.height {
            if rows_between > 0 && y > 0 && y % rows_between == 0 {
                if !bits.restart(marker::RESTARTS) {
                    return Err(gate.malformed("a restart marker is missing"));
                }
                fresh = true;
            }
            for x in 0..self.width {
                for (i, table) in coders.iter().enumerate() {
                    let (above, row) = (&above[i], &mut row[i]);
                    let predicted = match (x, fresh) {
                        (0, true) => first,
                        (0, false) => above[0],
                        (_, true) => row[x - 1],
                        _ => predict(scan.predictor, row[x - 1], above[x], above[x - 1]),
                    };
                    row[x] = predicted.wrapping_add(difference(&mut bits, table, gate)?);
                }
            }
            for (plane, row) in planes.iter_mut().zip(&row) {
                let mask = ((1_u32 << self.precision) - 1) as u16;
                plane.extend(row.iter().map(|v| scale(v << scan.point & mask, self.precision)));
            }
            std::mem::swap(&mut above, &mut row);
            fresh = false;
        }
        for (part, plane) in scan.parts.iter().zip(planes) {
            self.planes[part.plane] = plane;
        }
        // The bits after the last sample are padding.
        Ok(bits.end())
    }
}

/// A difference, modulo 2^16 (H.1.2.2).
#[inline]
fn difference(bits: &mut Bits<'_>, table: &Table, gate: &Gate) -> Result<u16, ImageError> {
    let size = match bits.word(table) {
        Word::Symbol(size) => size,
        Word::Unknown => return Err(gate.malformed("bits that are no code word")),
        Word::Ended => return Err(gate.truncated()),
    };
    match size {
        0 => Ok(0),
        HALF_RANGE => Ok(0x8000),
        _ => {
            let v = bits.number(u32::from(size)).ok_or_else(|| gate.truncated())?;
            // Numbers without their highest bit are the negative ones (F.2.2.1).
            let negative = v >> (size - 1) == 0;
            Ok(if negative { v.wrapping_sub(((1_u32 << size) - 1) as u16) } else { v })
        }
    }
}

/// A sample from those left, above, and left above (table H.1).
#[inline]
pub(super) fn predict(predictor: u8, left: u16, above: u16, corner: u16) -> u16 {
    let (a, b, c) = (i32::from(left), i32::from(above), i32::from(corner));
    let v = match predictor {
        1 => a,
        2 => b,
        3 => c,
        4 => a + b - c,
        5 => a + ((b - c) >> 1),
        6 => b + ((a - c) >> 1),
        _ => (a + b) >> 1,
    };
    // Modulo 2^16, as all of it.
    v as u16
}
