//! Writing PNG: the same bytes for the same pixels, always.

use png::{BitDepth, ColorType, Compression, Encoder, Filter, PixelDimensions, Unit};

use super::EncodeError;
use crate::Gray8;

/// Inches in a metre.
const INCHES_PER_METRE: f64 = 1.0 / 0.0254;

/// A gray PNG with its resolution (pHYs), without a time or any other text.
pub fn encode_png(image: &Gray8) -> Vec<u8> {
    encode_gray(image, Effort::USUAL)
}

/// The same picture written several times faster, some 15 % larger: for pictures by the million.
pub fn encode_png_fast(image: &Gray8) -> Vec<u8> {
    encode_gray(image, Effort::LEAST)
}

fn encode_gray(image: &Gray8, effort: Effort) -> Vec<u8> {
    let per_metre = (image.ppi().get() * INCHES_PER_METRE).round().clamp(1.0, f64::from(u32::MAX)) as u32;
    // Sides beyond u32 do not fit in memory as u8 pixels of any machine this runs on.
    let (width, height) = (image.width() as u32, image.height() as u32);
    encode(width, height, ColorType::Grayscale, Some(per_metre), image.pixels(), effort).unwrap_or_default()
}

/// A colour PNG of `width * height` RGB triples, without resolution.
///
/// # Errors
/// [`EncodeError`] when the number of bytes is not three times the number of pixels, or a side is zero.
pub fn encode_png_rgb(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let wrong = EncodeError::Pixels { width, height, len: rgb.len() };
    if u64::from(width) * u64::from(height) * 3 != rgb.len() as u64 || rgb.is_empty() {
        return Err(wrong);
    }
    encode(width, height, ColorType::Rgb, None, rgb, Effort::USUAL).map_err(|_| wrong)
}

/// How hard to look for short bytes. One fixed filter each: scans and drawings alike, and no search whose outcome a newer encoder
/// could change.
#[derive(Clone, Copy)]
struct Effort {
    compression: Compression,
    filter: Filter,
}

impl Effort {
    const USUAL: Self = Self { compression: Compression::Balanced, filter: Filter::Paeth };
    const LEAST: Self = Self { compression: Compression::Fast, filter: Filter::Up };
}

fn encode(
    width: u32,
    height: u32,
    colour: ColorType,
    per_metre: Option<u32>,
    pixels: &[u8],
    effort: Effort,
) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(effort.compression);
    encoder.set_filter(effort.filter);
    encoder.set_pixel_dims(per_metre.map(|n| PixelDimensions { xppu: n, yppu: n, unit: Unit::Meter }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(out)
}
