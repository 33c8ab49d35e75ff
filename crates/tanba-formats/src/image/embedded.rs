//! Images inside records that state their resolution: those of files, and pixels and faxes without a header, which only occur there.
//!
//! A file with a lossy JPEG is refused unless its reader asks for it (its compression destroys ridge detail where nobody watches over
//! it); in a transaction the sender has decided for it, and it is read with a word about it.

use super::admission::{Gate, Stated};
use super::fax::{self, FaxCoding};
use super::{ImageError, ImageFormat, detect, jpeg, read_with};
use crate::{Decoded, Gray8};

/// An image in one of the formats of files; the record's resolution stands over its own.
pub(crate) fn read_coded(bytes: &[u8], ppi: Option<(f64, f64)>) -> Result<Decoded<Gray8>, ImageError> {
    let format = detect(bytes)?;
    read_with(bytes, format, Gate::in_record(format, stated(ppi)))
}

/// Pixels of eight bits, row by row.
pub(crate) fn read_raw(
    pixels: &[u8],
    width: u32,
    height: u32,
    ppi: Option<(f64, f64)>,
) -> Result<Decoded<Gray8>, ImageError> {
    let (gate, width, height) = headless(width, height, ppi)?;
    let pixels = pixels.get(..width * height).ok_or_else(|| gate.truncated())?.to_vec();
    gate.finish(pixels)
}

/// Black and white pixels, eight in a byte, each row from a whole byte; 1 is black, as in a fax.
pub(crate) fn read_bits(
    pixels: &[u8],
    width: u32,
    height: u32,
    ppi: Option<(f64, f64)>,
) -> Result<Decoded<Gray8>, ImageError> {
    let (gate, width, height) = headless(width, height, ppi)?;
    let bits = pixels.get(..width.div_ceil(8) * height).ok_or_else(|| gate.truncated())?;
    bilevel(bits, width, gate)
}

/// A fax without any header (ITU-T T.6, the only one that the binary records have).
pub(crate) fn read_fax(
    stored: &[u8],
    width: u32,
    height: u32,
    ppi: Option<(f64, f64)>,
) -> Result<Decoded<Gray8>, ImageError> {
    let (gate, width, height) = headless(width, height, ppi)?;
    let bits = fax::expand(stored, FaxCoding::Group4, width, height).ok_or_else(|| gate.truncated())?;
    bilevel(&bits, width, gate)
}

/// Lets in what has no header of its own: the record alone says how large it is.
fn headless(width: u32, height: u32, ppi: Option<(f64, f64)>) -> Result<(Gate, usize, usize), ImageError> {
    let mut gate = Gate::in_record(ImageFormat::Raw, stated(ppi));
    let (width, height) = gate.admit(u64::from(width), u64::from(height), None)?;
    Ok((gate, width, height))
}

fn bilevel(bits: &[u8], width: usize, mut gate: Gate) -> Result<Decoded<Gray8>, ImageError> {
    gate.note("bilevel", "the image is black and white only: minutiae will be less reliable", None);
    let gray = |row: &[u8], x: usize| if row[x / 8] >> (7 - x % 8) & 1 == 0 { 255 } else { 0 };
    let rows = bits.chunks_exact(width.div_ceil(8));
    gate.finish(rows.flat_map(|row| (0..width).map(move |x| gray(row, x))).collect())
}

/// Whether a JPEG is of the lossless kind.
pub(crate) fn is_lossless_jpeg(bytes: &[u8]) -> bool {
    jpeg::frame(bytes).is_some_and(|f| f.process == jpeg::Process::Lossless)
}

fn stated(ppi: Option<(f64, f64)>) -> Option<Stated> {
    ppi.map(|(x, y)| Stated { x, y })
}
