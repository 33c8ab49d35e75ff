//! Writing a picture in any of the formats that are read: the same bytes for the same picture, always.

use super::wsq::{self, Comment};
use super::{ImageFormat, bmp, encode_png, jpeg, jpeg2000, pnm, tiff};
use crate::Gray8;

/// Bits per pixel that WSQ is written with: the specification's 0.75 for exchange, and the 2.25 of laboratories, lie within.
pub const WSQ_RATES: std::ops::RangeInclusive<f64> = 0.1..=6.0;
/// What fingers are exchanged with (IAFIS-IC-0110): some fifteen times smaller than the pixels.
pub const WSQ_RATE: f64 = 0.75;

/// How a picture is written, where its format leaves a choice.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteOptions {
    /// WSQ: the target rate in bits per pixel, one of [`WSQ_RATES`].
    pub bits_per_pixel: f64,
    /// WSQ: comments, such as those that [`wsq::comments`] read. NIST's is always written, with the size, resolution and rate of
    /// this picture; what else a given one says is kept.
    pub comments: Vec<Comment>,
    /// JPEG with loss: the quality from 1 to 100.
    pub quality: u8,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self { bits_per_pixel: WSQ_RATE, comments: Vec::new(), quality: 95 }
    }
}

/// Why a picture was not written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// The pixels do not make a picture of the stated size.
    #[error(
        "a colour picture of {width} x {height} pixels cannot be made from {len} bytes: give three bytes for each pixel and no empty side"
    )]
    Pixels {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes that there are.
        len: usize,
    },
    /// A side does not fit in the format.
    #[error(
        "a picture of {width} x {height} pixels cannot be written in this format, whose sides are {shortest} to {longest} pixels long: crop it, or choose PNG"
    )]
    Side {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
        /// The shortest side, pixels.
        shortest: usize,
        /// The longest side, pixels.
        longest: usize,
    },
    /// A rate that WSQ is not written with.
    #[error("WSQ is not written with {rate} bits per pixel: give a rate from {least} to {most}, such as 0.75")]
    Rate {
        /// What was asked for.
        rate: f64,
        /// The lowest rate.
        least: f64,
        /// The highest rate.
        most: f64,
    },
    /// A quality that JPEG does not have.
    #[error("a JPEG has no quality of {quality}: give one from 1 to 100")]
    Quality {
        /// What was asked for.
        quality: u8,
    },
    /// A comment is too long.
    #[error("a comment is longer than the {most} bytes that fit in a segment: shorten it or leave it out")]
    Comment {
        /// The longest comment, bytes.
        most: usize,
    },
}

/// Writes a picture with its resolution (which PNM and bare pixels have no place for). JPEG 2000 is written without loss.
///
/// # Errors
/// [`EncodeError`] for a side, rate, quality or comment that the format does not take.
pub fn write(image: &Gray8, format: ImageFormat, options: &WriteOptions) -> Result<Vec<u8>, EncodeError> {
    match format {
        ImageFormat::Png => Ok(encode_png(image)),
        ImageFormat::Bmp => bmp::encode(image),
        ImageFormat::Pnm => Ok(pnm::encode(image)),
        ImageFormat::Tiff => tiff::encode(image),
        ImageFormat::Wsq => {
            let (rate, least, most) = (options.bits_per_pixel, *WSQ_RATES.start(), *WSQ_RATES.end());
            if !WSQ_RATES.contains(&rate) {
                return Err(EncodeError::Rate { rate, least, most });
            }
            wsq::encode(image, rate, &options.comments)
        }
        ImageFormat::Jpeg => {
            let quality = options.quality;
            if !(1..=100).contains(&quality) {
                return Err(EncodeError::Quality { quality });
            }
            jpeg::encode_lossy(image, quality)
        }
        ImageFormat::JpegLossless => jpeg::encode_lossless(image),
        ImageFormat::Raw => Ok(image.pixels().to_vec()),
        ImageFormat::Jpeg2000 => jpeg2000::encode(image),
    }
}

#[cfg(test)]
mod tests;
