//! Images inside records that state their resolution: those of files, and bare pixels and JPEG, which only occur there.
//!
//! A JPEG file is never read as a finger (its compression destroys ridge detail where nobody watches over it); in a transaction the
//! sender has decided for it, and it is read with a word about it.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::admission::{Gate, Stated};
use super::{ImageError, ImageFormat, MAX_SIDE, detect, read_with};
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
    let mut gate = Gate::in_record(ImageFormat::Raw, stated(ppi));
    let (width, height) = gate.admit(u64::from(width), u64::from(height), None)?;
    let pixels = pixels.get(..width * height).ok_or_else(|| gate.truncated())?.to_vec();
    gate.finish(pixels)
}

/// A JPEG with loss, gray or of colours.
pub(crate) fn read_jpeg(bytes: &[u8], ppi: Option<(f64, f64)>) -> Result<Decoded<Gray8>, ImageError> {
    let mut gate = Gate::in_record(ImageFormat::Jpeg, stated(ppi));
    // Strict: a file that ends early is an error, and not a picture with a grey half.
    let options = DecoderOptions::new_safe()
        .set_strict_mode(true)
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| gate.malformed("its headers cannot be read"))?;
    let info = decoder.info().ok_or_else(|| gate.malformed("it has no frame"))?;
    gate.admit(u64::from(info.width), u64::from(info.height), None)?;
    gate.note("lossy-jpeg", "the image is a JPEG, which loses ridge detail: minutiae will be less reliable", None);
    if info.components > 1 {
        gate.note("colour-converted", "the image is in colour: its luminance is used", None);
    }
    let pixels = decoder.decode().map_err(|_| gate.malformed("it cannot be decoded to its end"))?;
    gate.finish(pixels)
}

/// Whether a JPEG is of the lossless kind: its frame is announced by the fourth marker of its kind (SOF3).
pub(crate) fn is_lossless_jpeg(bytes: &[u8]) -> bool {
    const LOSSLESS: u8 = 0xc3;
    const FRAMES: std::ops::RangeInclusive<u8> = 0xc0..=0xcf;
    /// Tables that share the range of the frames.
    const TABLES: [u8; 3] = [0xc4, 0xc8, 0xcc];
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>) {
        if FRAMES.contains(&marker) && !TABLES.contains(&marker) {
            return marker == LOSSLESS;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
    }
    false
}

fn stated(ppi: Option<(f64, f64)>) -> Option<Stated> {
    ppi.map(|(x, y)| Stated { x, y })
}
