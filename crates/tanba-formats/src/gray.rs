//! The one image type that the rest of the house works on.

/// Resolution in pixels per inch, finite and positive.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Ppi(f64);

impl Ppi {
    /// The nominal resolution of fingerprint processing (ISO/IEC 19794-4, ANSI/NIST-ITL): 500 pixels per inch.
    pub const NOMINAL: Self = Self(500.0);

    /// `None` unless `value` is finite and above zero.
    pub fn new(value: f64) -> Option<Self> {
        (value.is_finite() && value > 0.0).then_some(Self(value))
    }

    /// Pixels per inch.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// An 8-bit gray image, row-major from the top left; 0 is black (a ridge on a usual scan), 255 white.
#[derive(Debug, Clone, PartialEq)]
pub struct Gray8 {
    width: usize,
    height: usize,
    ppi: Ppi,
    pixels: Vec<u8>,
}

/// The pixel buffer does not have `width * height` bytes, or a side is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an image of {width} x {height} pixels cannot be made from {len} bytes: give width * height bytes and no empty side"
)]
pub struct GrayError {
    width: usize,
    height: usize,
    len: usize,
}

impl Gray8 {
    /// An image from its pixels.
    ///
    /// # Errors
    /// [`GrayError`] when `pixels.len() != width * height` or a side is zero.
    pub fn new(width: usize, height: usize, ppi: Ppi, pixels: Vec<u8>) -> Result<Self, GrayError> {
        match width.checked_mul(height) {
            Some(n) if n > 0 && n == pixels.len() => Ok(Self { width, height, ppi, pixels }),
            _ => Err(GrayError { width, height, len: pixels.len() }),
        }
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Resolution.
    pub fn ppi(&self) -> Ppi {
        self.ppi
    }

    /// All pixels, row-major.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixels, taken out.
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }
}
