//! WSQ, the FBI's compression of gray fingerprints (IAFIS-IC-0110, version 3, 1997): a wavelet, a scalar quantiser, Huffman codes.
//!
//! ```text
//! segments -> tables and size -> admitted? -> code words -> 64 subbands (dequantised) -> joined four at a time -> pixels
//! ```
//! The file carries its own filters, bin widths and codes, so this reads what any encoder wrote. A file states no resolution but
//! in NIST's comment. Besides the code words, reading takes five bytes for each pixel that the gate admitted.

mod analysis;
mod comments;
mod encode;
mod segments;
mod subbands;
mod synthesis;
mod words;

pub use comments::{Comment, comments};
pub(super) use encode::encode;

use super::ImageError;
use super::admission::{Gate, Stated};
use words::Symbol;
use segments::{Quantiser, Step, Stream};
use subbands::Subbands;
use synthesis::Synthesis;

/// What the specification calls the bands that are never sent: the highest quarter in both directions.
const BANDS_SENT: usize = 60;

pub(super) fn gray(bytes: &[u8], gate: &mut Gate) -> Result<Vec<u8>, ImageError> {
    let mut stream = Stream::new(bytes);
    // Everything up to the first block of code words: now the size is known, and nothing has been allocated for it.
    let mut step = stream.next(gate)?;
    let frame = stream.frame().ok_or_else(|| gate.malformed("no frame header before its pixels"))?;
    let quantiser = stream.quantiser().ok_or_else(|| gate.malformed("no quantiser table"))?.clone();
    let synthesis = Synthesis::new(stream.filters().ok_or_else(|| gate.malformed("no filters"))?);
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
    synthesis.join_all(&mut plane, width, &subbands, |bands| bands.clone().any(|b| quantiser.sends(b)));
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
    /// Coefficients of this band so far.
    at: usize,
}

impl<'a> Placer<'a> {
    fn new(plane: &'a mut [f32], stride: usize, subbands: &'a Subbands, quantiser: &'a Quantiser) -> Self {
        let mut placer = Self { plane, stride, subbands, quantiser, band: 0, at: 0 };
        placer.skip_finished();
        placer
    }

    fn is_full(&self) -> bool {
        self.band == BANDS_SENT
    }

    /// Steps over bands that are complete or empty.
    fn skip_finished(&mut self) {
        while self.band < BANDS_SENT {
            let area = if self.quantiser.sends(self.band) { self.subbands.bands[self.band].area() } else { 0 };
            if self.at < area {
                return;
            }
            self.at -= area;
            self.band += 1;
        }
    }

    /// `None` where there is no place left.
    fn put(&mut self, symbol: Symbol) -> Option<()> {
        match symbol {
            Symbol::Zeros(run) => self.at += usize::from(run),
            Symbol::Coefficient(level) => {
                if self.is_full() {
                    return None;
                }
                let band = self.subbands.bands[self.band];
                let place = (band.y + self.at / band.width) * self.stride + band.x + self.at % band.width;
                *self.plane.get_mut(place)? = self.quantiser.value(self.band, level);
                self.at += 1;
            }
        }
        self.skip_finished();
        (self.band < BANDS_SENT || self.at == 0).then_some(())
    }
}

#[cfg(test)]
pub(crate) mod tests;
