//! WSQ, the FBI's compression of gray fingerprints (IAFIS-IC-0110, version 3, 1997): a wavelet, a scalar quantiser, Huffman codes.
//!
//! ```text
//! segments -> tables and size -> admitted? -> code words -> 64 subbands (dequantised) -> joined four at a time -> pixels
//! ```
//! The file carries its own filters, bin widths and codes, so this reads what any encoder wrote. A file states no resolution but
//! in NIST's comment. Besides the code words, reading takes nine bytes for each pixel that the gate admitted.

mod analysis;
mod comments;
mod encode;
mod nine_seven;
mod outline;
mod segments;
mod subbands;
mod synthesis;
mod words;

pub use comments::{Comment, comments};
pub(super) use encode::encode;
pub(super) use outline::outline;

use super::ImageError;
use super::admission::{Gate, Stated};
use segments::{Quantiser, Step, Stream};
use subbands::Subbands;
use synthesis::join_all;
use words::Symbol;

/// What the specification calls the bands that are never sent: the highest quarter in both directions.
const BANDS_SENT: usize = 60;

pub(super) fn gray(bytes: &[u8], gate: &mut Gate) -> Result<Vec<u8>, ImageError> {
    let mut stream = Stream::new(bytes);
    // Everything up to the first block of code words: now the size is known, and nothing has been allocated for it.
    let mut step = stream.next(gate)?;
    let frame = stream.frame().ok_or_else(|| gate.malformed("no frame header before its pixels"))?;
    let quantiser = stream.quantiser().ok_or_else(|| gate.malformed("no quantiser table"))?.clone();
    let filters = stream.filters().ok_or_else(|| gate.malformed("no filters"))?.clone();
    let stated = stream.ppi().map(|ppi| Stated { x: ppi, y: ppi });
    let (width, height) = gate.admit(u64::from(frame.width), u64::from(frame.height), stated)?;

    let subbands = Subbands::of(width, height);
    let mut plane = vec![0_f32; width * height];
    let mut placer = Placer::new(&mut plane, width, &subbands, &quantiser);
    while let Step::Block(table) = step {
        let mut words = stream.words(table, gate)?;
        while let Some(symbol) = words.next(gate)? {
            placer.put(symbol).ok_or_else(|| gate.malformed("more coefficients than pixels"))?;
        }
        let end = words.end();
        stream.resume(end);
        step = stream.next(gate)?;
    }
    if !placer.is_full() {
        return Err(gate.truncated());
    }
    join_all(&filters, &mut plane, width, &subbands, |bands| bands.clone().any(|b| quantiser.sends(b)));
    Ok(plane.iter().map(|v| to_gray(v * frame.scale + frame.shift)).collect())
}

/// Rounded to the nearest gray value (annex A: a half goes up).
fn to_gray(v: f32) -> u8 {
    // The cast saturates, and makes 0 of a value that is not a number.
    (v + 0.5) as u8
}

/// Puts coefficients in their places: subband by subband, each row by row, bands that were not sent left out.
struct Placer<'a> {
    plane: &'a mut [f32],
    stride: usize,
    subbands: &'a Subbands,
    quantiser: &'a Quantiser,
    band: usize,
    /// Where the next coefficient goes, and what is left of its row and band.
    place: usize,
    columns: usize,
    rows: usize,
}

impl<'a> Placer<'a> {
    fn new(plane: &'a mut [f32], stride: usize, subbands: &'a Subbands, quantiser: &'a Quantiser) -> Self {
        let mut placer = Self { plane, stride, subbands, quantiser, band: 0, place: 0, columns: 0, rows: 0 };
        placer.begin_band();
        placer
    }

    fn is_full(&self) -> bool {
        self.band == BANDS_SENT
    }

    /// Begins the next band from here that has coefficients.
    fn begin_band(&mut self) {
        while self.band < BANDS_SENT {
            let band = self.subbands.bands[self.band];
            if self.quantiser.sends(self.band) && band.area() > 0 {
                (self.place, self.columns, self.rows) = (band.y * self.stride + band.x, band.width, band.height);
                return;
            }
            self.band += 1;
        }
    }

    /// Steps over coefficients; `None` where there are not so many left.
    #[inline]
    fn advance(&mut self, count: usize) -> Option<()> {
        if count < self.columns {
            self.place += count;
            self.columns -= count;
            return Some(());
        }
        self.advance_rows(count)
    }

    fn advance_rows(&mut self, mut count: usize) -> Option<()> {
        while count >= self.columns {
            if self.is_full() {
                return (count == 0).then_some(());
            }
            count -= self.columns;
            self.rows -= 1;
            if self.rows == 0 {
                self.band += 1;
                self.begin_band();
            } else {
                let width = self.subbands.bands[self.band].width;
                self.place += self.columns + self.stride - width;
                self.columns = width;
            }
        }
        self.place += count;
        self.columns -= count;
        Some(())
    }

    /// `None` where there is no place left.
    #[inline]
    fn put(&mut self, symbol: Symbol) -> Option<()> {
        match symbol {
            Symbol::Zeros(run) => self.advance(usize::from(run)),
            Symbol::Coefficient(level) => {
                if self.is_full() {
                    return None;
                }
                *self.plane.get_mut(self.place)? = self.quantiser.value(self.band, level);
                self.advance(1)
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
