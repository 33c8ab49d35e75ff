//! The segments of a WSQ file (annex B): what stands between two markers, and where code words begin.

use super::comments::ppi_of;
use super::synthesis::Filters;
use super::words::Words;
use crate::image::ImageError;
use crate::image::admission::Gate;
use crate::image::entropy::Table;

/// Markers (table B.1), after a byte of ones.
pub(super) mod marker {
    pub(crate) const START: u8 = 0xa0;
    pub(crate) const END: u8 = 0xa1;
    pub(crate) const FRAME: u8 = 0xa2;
    pub(crate) const BLOCK: u8 = 0xa3;
    pub(crate) const FILTERS: u8 = 0xa4;
    pub(crate) const QUANTISER: u8 = 0xa5;
    pub(crate) const CODES: u8 = 0xa6;
    pub(crate) const RESTART_INTERVAL: u8 = 0xa7;
    pub(crate) const COMMENT: u8 = 0xa8;
    /// The first and the last of the markers that stand among code words.
    pub(crate) const RESTARTS: std::ops::RangeInclusive<u8> = 0xb0..=0xb7;
}

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
    /// Gray values of black and white on the scanner.
    pub(super) black: u8,
    pub(super) white: u8,
    /// Numbers of the encoder and of its program, as their certificate has them.
    pub(super) encoder: u8,
    pub(super) software: u16,
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
    /// Where in a bin its value lies.
    pub(super) fn centre(&self) -> f32 {
        self.centre
    }

    /// How many bands have coefficients in the file.
    pub(super) fn bands_sent(&self) -> usize {
        (0..BANDS).filter(|band| self.sends(*band)).count()
    }

    /// A band of width zero has no coefficients in the file.
    pub(super) fn sends(&self, band: usize) -> bool {
        self.bins[band].0 != 0.0
    }

    /// The value that a level stands for (A.4.4).
    #[inline]
    pub(super) fn value(&self, band: usize, level: i32) -> f32 {
        if level == 0 {
            return 0.0;
        }
        let (bin, zero) = self.bins[band];
        // Signs are as good as random: no branch on them.
        (bin * (level.unsigned_abs() as f32 - self.centre) + zero / 2.0).copysign(level as f32)
    }
}

/// What comes next in the file.
pub(super) enum Step {
    /// Code words, with the table of this number.
    Block(u8),
    /// The end of the image.
    End,
}

/// One segment.
pub(super) enum Part<'a> {
    /// Code words follow, with the table of this number.
    Block(u8),
    /// The text of a comment.
    Comment(&'a [u8]),
    /// A header or table, which the stream now knows.
    Other,
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

    /// Where the next segment or code word begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Reads segments up to the next code words or the end.
    pub(super) fn next(&mut self, gate: &Gate) -> Result<Step, ImageError> {
        loop {
            match self.part(gate)? {
                Part::Block(table) => return Ok(Step::Block(table)),
                Part::End => return Ok(Step::End),
                Part::Comment(text) => self.ppi = self.ppi.or_else(|| ppi_of(text)),
                Part::Other => {}
            }
        }
    }

    /// Reads one segment.
    pub(super) fn part(&mut self, gate: &Gate) -> Result<Part<'a>, ImageError> {
        let marker = match self.bytes.get(self.at..self.at + 2) {
            Some([0xff, marker]) => *marker,
            Some(_) => return Err(gate.malformed("no marker where a segment should begin")),
            None => return Err(gate.truncated()),
        };
        self.at += 2;
        match marker {
            marker::END => return Ok(Part::End),
            marker::START => return Err(gate.malformed("a second image begins inside the first")),
            _ => {}
        }
        let length = self.bytes.get(self.at..self.at + 2).ok_or_else(|| gate.truncated())?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let body = self.bytes.get(self.at..self.at + length).ok_or_else(|| gate.truncated())?;
        let body = body.get(2..).ok_or_else(|| gate.malformed("a segment without a length"))?;
        self.at += length;
        let short = || gate.malformed("a segment is too short");
        let mut fields = Body(body);
        match marker {
            marker::BLOCK => return Ok(Part::Block(fields.byte().ok_or_else(short)?)),
            marker::FRAME if self.frame.is_some() => return Err(gate.malformed("two frame headers")),
            marker::FRAME => self.frame = Some(fields.frame().ok_or_else(short)?),
            marker::FILTERS => self.filters = Some(fields.filters(gate)?),
            marker::QUANTISER => self.quantiser = Some(fields.quantiser().ok_or_else(short)?),
            marker::CODES => {
                while !fields.0.is_empty() {
                    let number = fields.byte().ok_or_else(short)?;
                    let slot = self.tables.get_mut(usize::from(number));
                    let slot = slot.ok_or_else(|| gate.malformed("a Huffman table numbered above 7"))?;
                    *slot = Some(fields.table(gate)?);
                }
            }
            marker::COMMENT => return Ok(Part::Comment(body)),
            marker::RESTART_INTERVAL => {}
            _ => return Err(gate.malformed("an unknown segment")),
        }
        Ok(Part::Other)
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

    /// Goes on after code words that nobody read.
    pub(super) fn skip_words(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let is_marker = |w: &[u8]| w[0] == 0xff && w[1] != 0 && !marker::RESTARTS.contains(&w[1]);
        self.at += rest.windows(2).position(is_marker).unwrap_or(rest.len());
    }
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
        let [black, white] = self.take()?;
        let (height, width) = (self.short()?, self.short()?);
        let (shift, scale) = (self.decimal()?, self.decimal()?);
        // Older files may end here.
        let (encoder, software) = (self.byte().unwrap_or(0), self.short().unwrap_or(0));
        Some(Frame { width, height, scale, shift, black, white, encoder, software })
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
