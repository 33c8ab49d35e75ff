//! From a coded image to pixels.

use super::{Compression, FingerImage, ScaleUnits};
use crate::ansi_nist::nominal;
use crate::image::{self, ImageError, MAX_PIXELS};
use crate::{Decoded, Diagnostic, Gray8};

const CM_PER_INCH: f64 = 2.54;
/// Bits of a pixel that are read.
const DEPTHS: std::ops::RangeInclusive<u8> = 1..=16;

impl FingerImage {
    /// Pixels per inch across and down, as stated; `None` where nothing sensible is.
    pub fn ppi(&self) -> Option<(f64, f64)> {
        let unit = match self.scale_units {
            ScaleUnits::PerInch => 1.0,
            ScaleUnits::PerCentimetre => CM_PER_INCH,
            ScaleUnits::Reserved(_) => return None,
        };
        let (across, down) = self.resolution;
        (across > 0 && down > 0).then(|| (nominal(f64::from(across) * unit), nominal(f64::from(down) * unit)))
    }

    /// The picture, at the resolution that the record states.
    ///
    /// Diagnostic codes, beside those of [`image::read`]: `compression-mismatch`, `size-mismatch`, `resolution-contradicted`,
    /// `lossy-jpeg`, `depth-reduced`.
    ///
    /// # Errors
    /// [`ImageError`] as for any image file.
    pub fn decode(&self) -> Result<Decoded<Gray8>, ImageError> {
        let bare = matches!(self.compression, Compression::None | Compression::Packed);
        let found = coding(&self.data);
        let mut got = match found {
            // Pixels can begin as anything; they are believed where there are enough of them.
            _ if bare && self.is_complete() => self.pixels(),
            Some(_) => image::read_coded(&self.data, self.ppi()),
            None if bare => self.pixels(),
            None => Err(image::detect(&self.data).err().unwrap_or(ImageError::NotAnImage)),
        }?;
        let mut note = |code, message| got.diagnostics.push(Diagnostic { code, message, offset: None });
        let as_stated = if bare { self.is_complete() } else { found == Some(self.compression.without_loss_told()) };
        if !as_stated {
            let message = "the image is not coded as its record says: it was told from its bytes".into();
            note("compression-mismatch", message);
        }
        // Of pixels that are not square, one side was stretched.
        let square = self.ppi().is_none_or(|(x, y)| x == y);
        let (w, h) = (got.value.width(), got.value.height());
        if square && (w, h) != (usize::from(self.width), usize::from(self.height)) {
            let stated = format!("the record states {} x {} pixels", self.width, self.height);
            note("size-mismatch", format!("{stated}; the image has {w} x {h}"));
        }
        Ok(got)
    }

    /// Whether there are as many bits as the pixels without coding have.
    fn is_complete(&self) -> bool {
        let pixels = u64::from(self.width) * u64::from(self.height);
        pixels > 0 && self.data.len() as u64 >= (pixels * u64::from(self.bits())).div_ceil(8)
    }

    /// Bits that a pixel takes without coding.
    fn bits(&self) -> u8 {
        match (self.compression, self.depth) {
            (Compression::Packed, depth) => depth,
            (_, 0..=8) => 8,
            _ => 16,
        }
    }

    fn pixels(&self) -> Result<Decoded<Gray8>, ImageError> {
        let (width, height) = (u32::from(self.width), u32::from(self.height));
        if self.depth == 8 {
            return image::read_raw(&self.data, width, height, self.ppi());
        }
        if !DEPTHS.contains(&self.depth) {
            return Err(ImageError::Unsupported { what: "an image without compression of more than 16 bits a pixel" });
        }
        let pixels = usize::from(self.width) * usize::from(self.height);
        if !self.is_complete() || pixels > MAX_PIXELS {
            // Says which of the two it is.
            return image::read_raw(&[], width, height, self.ppi());
        }
        // A value in the lowest bits, widened or narrowed to the whole range of a byte.
        let most = (1_u32 << self.depth) - 1;
        let values = Values { data: &self.data, bits: usize::from(self.bits()), at: 0 };
        let gray: Vec<u8> = values.take(pixels).map(|v| ((v.min(most) * 510 + most) / (2 * most)) as u8).collect();
        let mut got = image::read_raw(&gray, width, height, self.ppi())?;
        if self.depth > 8 {
            let message = format!("pixels of {} bits were reduced to 8", self.depth);
            got.diagnostics.push(Diagnostic { code: "depth-reduced", message, offset: None });
        }
        Ok(got)
    }
}

impl Compression {
    /// JPEG 2000 is told from its bytes, whether with loss or without.
    fn without_loss_told(self) -> Self {
        match self {
            Self::Jpeg2000Lossless => Self::Jpeg2000,
            other => other,
        }
    }
}

/// What the bytes themselves say.
fn coding(data: &[u8]) -> Option<Compression> {
    match data {
        [0xff, 0xa0, 0xff, ..] => Some(Compression::Wsq),
        [0xff, 0xd8, 0xff, ..] => Some(Compression::Jpeg),
        [0x89, b'P', b'N', b'G', ..] => Some(Compression::Png),
        [0, 0, 0, 12, b'j', b'P', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => Some(Compression::Jpeg2000),
        _ => None,
    }
}

/// Numbers of equally many bits (at most 16), the highest bit first.
struct Values<'a> {
    data: &'a [u8],
    bits: usize,
    /// Bits that were read.
    at: usize,
}

impl Iterator for Values<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let byte = |i: usize| u32::from(self.data.get(self.at / 8 + i).copied().unwrap_or(0));
        (self.at / 8 < self.data.len()).then_some(())?;
        let window = byte(0) << 16 | byte(1) << 8 | byte(2);
        let value = window << (8 + self.at % 8) >> (32 - self.bits);
        self.at += self.bits;
        Some(value)
    }
}
