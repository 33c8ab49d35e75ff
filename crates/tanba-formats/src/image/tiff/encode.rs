//! Writing TIFF: gray, one strip without compression, the directory before it.

use super::directory::tag;
use crate::Gray8;
use crate::image::EncodeError;

/// Field types (TIFF 6.0 page 15).
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;
/// Resolutions are written with so many parts of a pixel per inch.
const PARTS: u32 = 10_000;
/// Bytes of the header, of an entry, and of the directory around its entries.
const HEADER: u32 = 8;
const ENTRY: u32 = 12;
const AROUND: u32 = 6;

/// The TIFF of a picture, with its resolution.
pub(crate) fn encode(image: &Gray8) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = (image.width(), image.height());
    let sides = u32::try_from(width).ok().zip(u32::try_from(height).ok());
    let too_large = EncodeError::Side { width, height, shortest: 1, longest: usize::from(u16::MAX) };
    let size = u32::try_from(image.pixels().len()).ok().filter(|n| *n < u32::MAX - 1024);
    let Some(((w, h), size)) = sides.zip(size) else { return Err(too_large) };
    let mut entries = [
        (tag::IMAGE_WIDTH, LONG, w),
        (tag::IMAGE_LENGTH, LONG, h),
        (tag::BITS_PER_SAMPLE, SHORT, 8),
        (tag::COMPRESSION, SHORT, 1),
        (tag::PHOTOMETRIC, SHORT, 1),
        (tag::STRIP_OFFSETS, LONG, 0),
        (tag::SAMPLES_PER_PIXEL, SHORT, 1),
        (tag::ROWS_PER_STRIP, LONG, h),
        (tag::STRIP_BYTE_COUNTS, LONG, size),
        (tag::X_RESOLUTION, RATIONAL, 0),
        (tag::Y_RESOLUTION, RATIONAL, 0),
        (tag::RESOLUTION_UNIT, SHORT, 2),
    ];
    // Behind the directory the one fraction that both resolutions are, then the pixels.
    let fraction_at = HEADER + AROUND + ENTRY * entries.len() as u32;
    let pixels_at = fraction_at + 8;
    for (tag, _, value) in &mut entries {
        match *tag {
            tag::STRIP_OFFSETS => *value = pixels_at,
            tag::X_RESOLUTION | tag::Y_RESOLUTION => *value = fraction_at,
            _ => {}
        }
    }
    let mut file = b"II*\0".to_vec();
    file.extend(HEADER.to_le_bytes());
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        // Little-endian, so that a short value stands first in its four bytes.
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    for v in fraction(image.ppi().get()) {
        file.extend(v.to_le_bytes());
    }
    file.extend(image.pixels());
    Ok(file)
}

/// A resolution as whole pixels per inch, or in parts.
fn fraction(ppi: f64) -> [u32; 2] {
    // Saturating casts.
    if ppi.fract() == 0.0 { [ppi as u32, 1] } else { [(ppi * f64::from(PARTS)).round() as u32, PARTS] }
}
