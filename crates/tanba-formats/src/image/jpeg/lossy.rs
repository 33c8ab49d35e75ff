//! Reading JPEG with loss, through the `zune-jpeg` crate.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::segments::{Reader, marker, segment, stated};
use crate::image::admission::Gate;
use crate::image::luminance::luma;
use crate::image::{ImageError, MAX_SIDE};

/// A JPEG with loss, gray or of colours, as luminance.
pub(crate) fn gray(bytes: &[u8], gate: &mut Gate) -> Result<Vec<u8>, ImageError> {
    gate.admit_lossy_jpeg("a JPEG, whose compression destroys ridge detail")?;
    let mut decoder = decoder(bytes);
    decoder.decode_headers().map_err(|_| gate.malformed("its headers cannot be read"))?;
    let info = decoder.info().ok_or_else(|| gate.malformed("it has no frame"))?;
    gate.admit(u64::from(info.width), u64::from(info.height), stated(bytes))?;
    if info.components > 1 {
        gate.note("colour-converted", "the image is in colour: its luminance is used", None);
    }
    match decoder.input_colorspace() {
        Some(ColorSpace::Luma | ColorSpace::YCbCr | ColorSpace::RGB) => {}
        _ => return Err(ImageError::Unsupported { what: "a JPEG in a printing colour space" }),
    }
    luminance(&mut decoder).ok_or_else(|| gate.malformed("it cannot be decoded to its end"))
}

/// One strip or tile of a TIFF: a JPEG that leaves its tables to `tables`, of at most this size. Its size and luminance; `None`
/// where it cannot be read. `rgb` where its colours are stored as they are.
pub(crate) fn strip(tables: &[u8], stored: &[u8], most: (usize, usize), rgb: bool) -> Option<(usize, usize, Vec<u8>)> {
    let body = stored.strip_prefix(&[0xff, marker::START])?;
    // Between the start and the end of an image that has nothing else.
    let end = Reader::new(tables).find(|s| s.marker == marker::END).map_or(tables.len(), |s| s.at);
    let tables = tables.get(2..end).unwrap_or_default();
    // Without a word about it, three components would be taken for luminance and two differences.
    let colours = if rgb { segment(marker::ADOBE, b"Adobe\0\x64\0\0\0\0\0") } else { Vec::new() };
    let whole = [&[0xff, marker::START][..], &colours, tables, body].concat();
    let mut decoder = decoder(&whole);
    decoder.decode_headers().ok()?;
    let (width, height) = decoder.dimensions()?;
    if width > most.0 || height > most.1 {
        return None;
    }
    Some((width, height, luminance(&mut decoder)?))
}

fn luminance(decoder: &mut JpegDecoder<ZCursor<&[u8]>>) -> Option<Vec<u8>> {
    if decoder.input_colorspace()? != ColorSpace::RGB {
        return decoder.decode().ok();
    }
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(ColorSpace::RGB));
    let rgb = decoder.decode().ok()?;
    Some(rgb.chunks_exact(3).map(|p| luma([p[0], p[1], p[2]])).collect())
}

fn decoder(bytes: &[u8]) -> JpegDecoder<ZCursor<&[u8]>> {
    // Strict: a file that ends early is an error, and not a picture with a grey half.
    let options = DecoderOptions::new_safe()
        .set_strict_mode(true)
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    JpegDecoder::new_with_options(ZCursor::new(bytes), options)
}
