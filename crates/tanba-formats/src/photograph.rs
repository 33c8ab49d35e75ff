//! Photographs that people look at and machines compare nothing with: JPEG or PNG, decoded once to know that they open.
//!
//! A fingerprint is never read from a JPEG; this is for pictures of whole hands.

use std::io::Cursor;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::options::DecoderOptions;

/// The largest file, bytes: a phone's best photograph is smaller.
pub const MAX_BYTES: usize = 12 << 20;
/// The most pixels: 24 million, a common camera's, take 72 MB while they are decoded.
pub const MAX_PIXELS: u64 = 24_000_000;
/// The shortest side on which a hand can be judged, pixels.
pub const MIN_SIDE: u64 = 240;

/// What a photograph turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Photograph {
    /// How it is coded.
    pub format: PhotographFormat,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// How a photograph is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotographFormat {
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// PNG (ISO/IEC 15948).
    Png,
}

impl PhotographFormat {
    /// The media type for HTTP.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// Why a photograph was refused. No variant carries anything of the picture itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhotographError {
    /// The first bytes are neither of a JPEG nor of a PNG.
    #[error("this is not a JPEG or PNG photograph: take it again, or save it as JPEG")]
    NotAPhotograph,
    /// More bytes than a photograph needs.
    #[error("the photograph is larger than 12 MiB: save it smaller")]
    TooLarge,
    /// More pixels than are decoded, or fewer than can be judged.
    #[error(
        "the photograph of {width} x {height} pixels is too small or too large: give at least 240 pixels on each side and at most 24 million in all"
    )]
    Size {
        /// Pixels in a row.
        width: u64,
        /// Rows.
        height: u64,
    },
    /// The file does not decode to its end.
    #[error("the photograph is damaged or ends too early: take or copy it again")]
    Damaged,
}

/// Decodes a photograph to its last pixel and says what it is.
///
/// # Errors
/// [`PhotographError`] for anything but a complete JPEG or PNG of sensible size.
pub fn check(bytes: &[u8]) -> Result<Photograph, PhotographError> {
    if bytes.len() > MAX_BYTES {
        return Err(PhotographError::TooLarge);
    }
    match bytes {
        [0xff, 0xd8, 0xff, ..] => jpeg(bytes),
        [0x89, b'P', b'N', b'G', ..] => png(bytes),
        _ => Err(PhotographError::NotAPhotograph),
    }
}

/// What [`check`] has found before, by the first bytes alone.
pub fn format_of(bytes: &[u8]) -> Option<PhotographFormat> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(PhotographFormat::Jpeg),
        [0x89, b'P', b'N', b'G', ..] => Some(PhotographFormat::Png),
        _ => None,
    }
}

fn jpeg(bytes: &[u8]) -> Result<Photograph, PhotographError> {
    // Strict: a file that ends early is an error, and not a picture with a grey half.
    let options = DecoderOptions::new_safe().set_strict_mode(true);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| PhotographError::Damaged)?;
    let info = decoder.info().ok_or(PhotographError::Damaged)?;
    let (width, height) = admitted(u64::from(info.width), u64::from(info.height))?;
    decoder.decode().map_err(|_| PhotographError::Damaged)?;
    Ok(Photograph { format: PhotographFormat::Jpeg, width, height })
}

fn png(bytes: &[u8]) -> Result<Photograph, PhotographError> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MAX_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(|_| PhotographError::Damaged)?;
    let (width, height) = admitted(u64::from(header.width), u64::from(header.height))?;
    let mut reader = decoder.read_info().map_err(|_| PhotographError::Damaged)?;
    while reader.next_row().map_err(|_| PhotographError::Damaged)?.is_some() {}
    Ok(Photograph { format: PhotographFormat::Png, width, height })
}

fn admitted(width: u64, height: u64) -> Result<(u32, u32), PhotographError> {
    let wrong = PhotographError::Size { width, height };
    if width.min(height) < MIN_SIDE || width.saturating_mul(height) > MAX_PIXELS {
        return Err(wrong);
    }
    Ok((u32::try_from(width).map_err(|_| wrong.clone())?, u32::try_from(height).map_err(|_| wrong)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        crate::image::encode_png_rgb(width, height, &vec![120; width as usize * height as usize * 3]).unwrap()
    }

    #[test]
    fn a_whole_png_is_taken_and_a_cut_one_refused() {
        let whole = png_of(300, 260);
        assert_eq!(check(&whole), Ok(Photograph { format: PhotographFormat::Png, width: 300, height: 260 }));
        for cut in [whole.len() / 2, 40, 9] {
            assert_eq!(check(&whole[..cut]), Err(PhotographError::Damaged), "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_photograph_or_has_no_sensible_size_is_refused() {
        assert_eq!(check(b""), Err(PhotographError::NotAPhotograph));
        assert_eq!(check(b"GIF89a......"), Err(PhotographError::NotAPhotograph));
        assert_eq!(check(&png_of(100, 300)), Err(PhotographError::Size { width: 100, height: 300 }));
        assert_eq!(check(&vec![0xff; MAX_BYTES + 1]), Err(PhotographError::TooLarge));
        // A JPEG that claims 65535 x 65535 pixels and has none of them.
        let bomb = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0xff, 0xff, 0xff, 0xff, 1, 1, 0x11, 0];
        assert!(matches!(check(&bomb), Err(PhotographError::Damaged | PhotographError::Size { .. })));
    }
}
