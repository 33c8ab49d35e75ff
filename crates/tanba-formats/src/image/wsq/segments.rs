//! The segments of a WSQ file (annex B): what stands between two markers, and where code words begin.

use super::huffman::{Table, Words};
use super::synthesis::Filters;
use crate::image::ImageError;
use crate::image::admission::Gate;

const START: u8 = 0xa0;
const END: u8 = 0xa1;
const FRAME: u8 = 0xa2;
const BLOCK: u8 = 0xa3;
const FILTERS: u8 = 0xa4;
const QUANTISER: u8 = 0xa5;
const CODES: u8 = 0xa6;
const RESTART_INTERVAL: u8 = 0xa7;
const COMMENT: u8 = 0xa8;

/// Bands that a quantiser table has widths for.
const BANDS: usize = 64;
/// Huffman tables that a block can choose from.
const TABLES: usize = 8;
/// The longest filter read, taps; the FBI's have nine and seven.
const MAX_TAPS: usize = 31;

/// Size and gray scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) width: u16,
    pub(super) height: u16,
    /// What each value is multiplied with before `shift` is added.
    pub(super) scale: f32,
    pub(super) shift: f32,
}

/// Bin widths of every subband (B.2.4.3).
#[derive(Debug, Clone)]
pub(super) struct Quantiser {
    /// Where in a bin its value lies, from the edge nearer zero counted backwards.
    centre: f32,
    /// Width of the bins and of the one around zero.
    bins: [(f32, f32); BANDS],
}

impl Quantiser {
    /// A band of width zero has no coefficients in the file.
    pub(super) fn sends(&self, band: usize) -> bool {
        self.bins[band].0 != 0.0
    }

    /// The value that a level stands for (A.4.4).
    pub(super) fn value(&self, band: usize, level: i32) -> f32 {
        let (bin, zero) = self.bins[band];
        match level {
            0 => 0.0,
            1.. => bin * (level as f32 - self.centre) + zero / 2.0,
            _ => bin * (level as f32 + self.centre) - zero / 2.0,
        }
    }
}

/// What comes next in the file.
pub(super) enum Step {
    /// Code words, with the table of this number.
    Block(u8),
    /// The end of the image.
    End,
}

/// The file, read segment by segment.
pub(super) struct Stream<'a> {
    bytes: &'a [u8],
    at: usize,
    frame: Option<Frame>,
    quantiser: Option<Quantiser>,
    filters: Option<Filters>,
    tables: [Option<Table>; TABLES],
    ppi: Option<f64>,
}

impl<'a> Stream<'a> {
    /// `bytes` begin with the start marker.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 2, frame: None, quantiser: None, filters: None, tables: [const { None }; TABLES], ppi: None }
    }

    pub(super) fn frame(&self) -> Option<Frame> {
        self.frame
    }

    pub(super) fn quantiser(&self) -> Option<&Quantiser> {
        self.quantiser.as_ref()
    }

    pub(super) fn filters(&self) -> Option<&Filters> {
        self.filters.as_ref()
    }

    pub(super) fn ppi(&self) -> Option<f64> {
        self.ppi
    }

    /// Reads segments up to the next code words or the end.
    pub(super) fn next(&mut self, gate: &Gate) -> Result<Step, ImageError> {
        loop {
            let marker = match self.bytes.get(self.at..self.at + 2) {
                Some([0xff, marker]) => *marker,
                Some(_) => return Err(gate.malformed("no marker where a segment should begin")),
                None => return Err(gate.truncated()),
            };
            self.at += 2;
            match marker {
                END => return Ok(Step::End),
                START => return Err(gate.malformed("a second image begins inside the first")),
                _ => {}
            }
            let length = self.bytes.get(self.at..self.at + 2).ok_or_else(|| gate.truncated())?;
            let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
            let body = self.bytes.get(self.at..self.at + length).ok_or_else(|| gate.truncated())?;
            let mut body = Body(body.get(2..).ok_or_else(|| gate.malformed("a segment without a length"))?);
            self.at += length;
            let short = || gate.malformed("a segment is too short");
            match marker {
                BLOCK => return Ok(Step::Block(body.byte().ok_or_else(short)?)),
                FRAME if self.frame.is_some() => return Err(gate.malformed("two frame headers")),
                FRAME => self.frame = Some(body.frame().ok_or_else(short)?),
                FILTERS => self.filters = Some(body.filters(gate)?),
                QUANTISER => self.quantiser = Some(body.quantiser().ok_or_else(short)?),
                CODES => {
                    while !body.0.is_empty() {
                        let number = body.byte().ok_or_else(short)?;
                        let slot = self.tables.get_mut(usize::from(number));
                        let slot = slot.ok_or_else(|| gate.malformed("a Huffman table numbered above 7"))?;
                        *slot = Some(body.table(gate)?);
                    }
                }
                COMMENT => self.ppi = self.ppi.or_else(|| ppi_of(body.0)),
                RESTART_INTERVAL => {}
                _ => return Err(gate.malformed("an unknown segment")),
            }
        }
    }

    /// The code words that begin here.
    pub(super) fn words(&self, table: u8, gate: &Gate) -> Result<Words<'_>, ImageError> {
        let table = self.tables.get(usize::from(table)).and_then(Option::as_ref);
        let table = table.ok_or_else(|| gate.malformed("code words without their Huffman table"))?;
        Ok(Words::new(self.bytes, self.at, table))
    }

    /// Goes on after code words that ended at `at`.
    pub(super) fn resume(&mut self, at: usize) {
        self.at = at;
    }
}

/// The resolution in NIST's comment: lines of a name and a value.
fn ppi_of(comment: &[u8]) -> Option<f64> {
    let text = comment.strip_prefix(b"NIST_COM")?;
    let line = text.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(b"PPI "))?;
    let ppi: f64 = std::str::from_utf8(line).ok()?.trim().parse().ok()?;
    // Programs write -1 where they know none.
    (ppi > 0.0).then_some(ppi)
}

/// What is left of a segment.
struct Body<'a>(&'a [u8]);

impl Body<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[b]| b)
    }

    fn short(&mut self) -> Option<u16> {
        self.take::<2>().map(u16::from_be_bytes)
    }

    /// A decimal exponent and a whole number.
    fn decimal(&mut self) -> Option<f32> {
        let exponent = i32::from(self.byte()?);
        Some((f64::from(self.short()?) * 10_f64.powi(-exponent)) as f32)
    }

    fn frame(&mut self) -> Option<Frame> {
        let [_black, _white] = self.take()?;
        let (height, width) = (self.short()?, self.short()?);
        let (shift, scale) = (self.decimal()?, self.decimal()?);
        Some(Frame { width, height, scale, shift })
    }

    fn quantiser(&mut self) -> Option<Quantiser> {
        let centre = self.decimal()?;
        let mut bins = [(0.0, 0.0); BANDS];
        for bin in &mut bins {
            *bin = (self.decimal()?, self.decimal()?);
        }
        Some(Quantiser { centre, bins })
    }

    /// The right halves of the analysis filters, each from its middle outwards (B.2.4.2).
    fn filters(&mut self, gate: &Gate) -> Result<Filters, ImageError> {
        let short = || gate.malformed("its filters are too short");
        let [low, high] = self.take().ok_or_else(short)?.map(usize::from);
        if low.max(high) > MAX_TAPS || low.min(high) == 0 {
            return Err(gate.malformed("its filters are too long or empty"));
        }
        if low % 2 != high % 2 {
            return Err(gate.malformed("one filter of even and one of odd length"));
        }
        let even = low % 2 == 0;
        let mut half = |taps: usize| (0..taps.div_ceil(2)).map(|_| self.tap()).collect::<Option<Vec<_>>>();
        let low = half(low).ok_or_else(short)?;
        let high = half(high).ok_or_else(short)?;
        Ok(Filters { low, high, even })
    }

    fn tap(&mut self) -> Option<f32> {
        let [sign, exponent] = self.take()?;
        let size = u32::from_be_bytes(self.take()?);
        let size = f64::from(size) * 10_f64.powi(-i32::from(exponent));
        Some(if sign == 0 { size } else { -size } as f32)
    }

    fn table(&mut self, gate: &Gate) -> Result<Table, ImageError> {
        let short = || gate.malformed("a Huffman table is too short");
        let counts: [u8; 16] = self.take().ok_or_else(short)?;
        let symbols: usize = counts.iter().map(|c| usize::from(*c)).sum();
        let (symbols, rest) = self.0.split_at_checked(symbols).ok_or_else(short)?;
        self.0 = rest;
        Table::new(&counts, symbols).ok_or_else(|| gate.malformed("a Huffman table contradicts itself"))
    }
}
