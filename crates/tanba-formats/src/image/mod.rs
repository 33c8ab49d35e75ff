//! Image files of single fingers and slaps: PNG, BMP, PGM/PPM/PBM, TIFF, WSQ, JPEG 2000 and JPEG bytes become a [`Gray8`] with a
//! resolution, and are written from one.
//!
//! ```text
//! bytes -> format by magic -> header -> admitted? (sizes, resolution) -> pixels -> gray -> square pixels
//! ```
//! Nothing is allocated for pixels before the header was admitted, so a small hostile file cannot ask for much memory.

mod admission;
mod bmp;
mod embedded;
mod encode;
mod entropy;
mod error;
mod fax;
mod jpeg;
mod jpeg2000;
mod luminance;
mod outline;
mod png;
mod pnm;
mod resample;
mod tiff;
mod write;
pub mod wsq;

use crate::{Decoded, Gray8, Ppi};
use admission::Gate;

pub(crate) use embedded::{is_lossless_jpeg, read_bits, read_coded, read_fax, read_raw};

pub use admission::{MAX_PIXELS, MAX_PPI, MAX_SIDE, MIN_PPI, MIN_SIDE_AT_500};
pub use encode::{encode_png, encode_png_fast, encode_png_rgb};
pub use error::{ImageError, ImageFormat, PpiSource};
pub use outline::outline;
pub use resample::{resample, thumbnail};
pub use write::{EncodeError, WSQ_RATE, WSQ_RATES, WriteOptions, write};

/// What the caller knows about an image better than the file does.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ReadOptions {
    /// Resolution to use instead of the one in the file, pixels per inch on both axes.
    pub ppi: Option<Ppi>,
    /// Whether a JPEG with loss is read, rather than refused: for looking at it, or for comparing it where nothing better exists.
    pub lossy_jpeg: bool,
}

impl ReadOptions {
    /// The usual, with a resolution to use instead of that in the file.
    pub fn with_ppi(ppi: Option<Ppi>) -> Self {
        Self { ppi, ..Self::default() }
    }
}

/// Reads an image file. The format is told from its first bytes, never from a name.
///
/// The result has the resolution of the file (or of `options`), between [`MIN_PPI`] and [`MAX_PPI`]; bring it to 500 ppi
/// with [`resample`]. Diagnostic codes: `resolution-missing`, `resolution-screen-default` (both: 500 ppi assumed),
/// `resolution-overridden`, `resolution-anisotropic`, `colour-converted`, `alpha-composited`, `depth-reduced`, `bilevel`,
/// `white-is-zero`, `orientation-applied`, `further-images-ignored`, `lossy-jpeg`.
///
/// # Errors
/// [`ImageError`] for anything that is not a complete image of a supported format, of sensible size and resolution.
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<Decoded<Gray8>, ImageError> {
    let format = detect(bytes)?;
    read_with(bytes, format, Gate::new(format, options.ppi).with_lossy_jpeg(options.lossy_jpeg))
}

fn read_with(bytes: &[u8], format: ImageFormat, mut gate: Gate) -> Result<Decoded<Gray8>, ImageError> {
    let pixels = match format {
        ImageFormat::Png => png::gray(bytes, &mut gate),
        ImageFormat::Bmp => bmp::gray(bytes, &mut gate),
        ImageFormat::Pnm => pnm::gray(bytes, &mut gate),
        ImageFormat::Tiff => tiff::gray(bytes, &mut gate),
        ImageFormat::Wsq => wsq::gray(bytes, &mut gate),
        ImageFormat::Jpeg => jpeg::lossy_gray(bytes, &mut gate),
        ImageFormat::JpegLossless => jpeg::lossless_gray(bytes, &mut gate),
        ImageFormat::Jpeg2000 => jpeg2000::gray(bytes, &mut gate),
        // Only inside records, by functions of their own.
        ImageFormat::Raw => return Err(ImageError::NotAnImage),
    }?;
    gate.finish(pixels)
}

/// Tells the format from the first bytes.
///
/// # Errors
/// [`ImageError::Empty`], [`ImageError::Unsupported`] for a known format that is not read, [`ImageError::NotAnImage`].
pub fn detect(bytes: &[u8]) -> Result<ImageFormat, ImageError> {
    let unsupported = |what| Err(ImageError::Unsupported { what });
    match bytes {
        [] => Err(ImageError::Empty),
        [0x89, b'P', b'N', b'G', ..] => Ok(ImageFormat::Png),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Ok(ImageFormat::Tiff),
        [b'P', b'1'..=b'6', b' ' | b'\t' | b'\r' | b'\n' | b'#', ..] => Ok(ImageFormat::Pnm),
        [b'B', b'M', ..] if bytes.len() < 26 || bmp::plausible(bytes) => Ok(ImageFormat::Bmp),
        [0xff, 0xd8, 0xff, ..] if is_lossless_jpeg(bytes) => Ok(ImageFormat::JpegLossless),
        [0xff, 0xd8, 0xff, ..] => Ok(ImageFormat::Jpeg),
        [0xff, 0xa0, 0xff, ..] => Ok(ImageFormat::Wsq),
        [0, 0, 0, 12, b'j', b'P', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => Ok(ImageFormat::Jpeg2000),
        [b'G', b'I', b'F', b'8', ..] => unsupported("a GIF image"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => unsupported("a WebP image"),
        [b'%', b'P', b'D', b'F', ..] => unsupported("a PDF document"),
        [b'F', b'M', b'R', 0, ..] => {
            unsupported("a minutiae record (ISO/IEC 19794-2 or ANSI INCITS 378), which holds no image")
        }
        [b'F', b'A', b'C', 0, ..] => unsupported("a face image record (ISO/IEC 19794-5), which holds no finger"),
        [b'I', b'I', b'R', 0, ..] => unsupported("an iris image record (ISO/IEC 19794-6), which holds no finger"),
        _ if bytes.starts_with(b"1.001:") || bytes.starts_with(b"1.01:") => unsupported("an ANSI/NIST-ITL transaction"),
        [b'F', b'I', b'R', 0, ..] => unsupported(
            "a finger image record (ISO/IEC 19794-4 or INCITS 381), which inspect and convert read as a record",
        ),
        _ => Err(ImageError::NotAnImage),
    }
}

/// An encoder, for tests of what holds WSQ images.
#[cfg(test)]
pub(crate) use wsq::tests as wsq_for_tests;

#[cfg(test)]
mod tests;
