//! What sizes and resolutions are let in, decided on the header before any pixel is read.

use super::resample::resample_axes;
use super::{ImageError, ImageFormat, PpiSource};
use crate::{Decoded, Diagnostic, Gray8, Ppi};

/// The lowest resolution at which ridges can be told apart, pixels per inch (the ridge period of a child is about 0.3 mm:
/// three pixels here).
pub const MIN_PPI: f64 = 250.0;
/// Above the resolution of every finger scanner, pixels per inch (ISO/IEC 19794-4 and ANSI/NIST-ITL stop at 4000).
pub const MAX_PPI: f64 = 4000.0;
/// The shortest side, pixels at 500 ppi: 3.3 mm, below every sensor sold.
pub const MIN_SIDE_AT_500: usize = 64;
/// The longest side, pixels: a whole ten-print card (8 inch) at 1000 ppi fits.
pub const MAX_SIDE: usize = 10_000;
/// The most pixels: four fingers (3.2 x 3 inch) at 1500 ppi fit.
pub const MAX_PIXELS: usize = 1 << 25;

/// Resolutions that image editors and operating systems write when they know none, pixels per inch.
const SCREEN_DEFAULTS: [f64; 2] = [72.0, 96.0];
/// How far a stated value may be from a screen default and still be one (PNG and BMP round to pixels per metre).
const SCREEN_TOLERANCE: f64 = 0.6;
/// At or below this, pixels per inch, a resolution is a placeholder (0 or 1) and not a statement.
const PLACEHOLDER: f64 = 1.5;
/// Relative difference of the two axes that rounding in a file explains.
const AXIS_TOLERANCE: f64 = 0.01;

/// Pixels per inch along x and y, as a file states them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stated {
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Stated {
    /// From pixels per metre; zero on either axis means nothing stated.
    pub(super) fn per_metre(x: f64, y: f64) -> Option<Self> {
        const METRES_PER_INCH: f64 = 0.0254;
        (x > 0.0 && y > 0.0).then_some(Self { x: x * METRES_PER_INCH, y: y * METRES_PER_INCH })
    }
}

#[derive(Debug, Clone, Copy)]
struct Admitted {
    width: usize,
    height: usize,
    ppi: (Ppi, Ppi),
}

/// Lets a header in or refuses it, and gathers what a person should know.
pub(super) struct Gate {
    format: ImageFormat,
    given: Option<Ppi>,
    /// What the record around the image states.
    record: Option<Stated>,
    /// Whether JPEG with loss may be read.
    lossy_jpeg: bool,
    admitted: Option<Admitted>,
    diagnostics: Vec<Diagnostic>,
}

impl Gate {
    pub(super) fn new(format: ImageFormat, given: Option<Ppi>) -> Self {
        Self { format, given, record: None, lossy_jpeg: false, admitted: None, diagnostics: Vec::new() }
    }

    /// For an image inside a record, whose resolution stands over that of the image, and whose sender chose its coding.
    pub(super) fn in_record(format: ImageFormat, record: Option<Stated>) -> Self {
        Self { record, lossy_jpeg: true, ..Self::new(format, None) }
    }

    /// The same gate, open to JPEG with loss or not.
    pub(super) fn with_lossy_jpeg(self, lossy_jpeg: bool) -> Self {
        Self { lossy_jpeg, ..self }
    }

    /// Lets `what` in, a JPEG with loss, with a word about it.
    pub(super) fn admit_lossy_jpeg(&mut self, what: &'static str) -> Result<(), ImageError> {
        if !self.lossy_jpeg {
            return Err(ImageError::Unsupported { what });
        }
        self.note("lossy-jpeg", "the image is a JPEG, which loses ridge detail: minutiae will be less reliable", None);
        Ok(())
    }

    /// Decides on the header. Readers call this before they allocate; the sides come back as the sizes to allocate.
    pub(super) fn admit(
        &mut self,
        width: u64,
        height: u64,
        stated: Option<Stated>,
    ) -> Result<(usize, usize), ImageError> {
        Self::size_allowed(width, height)?;
        let stated = self.of_record_or(stated);
        let (x, y) = self.resolution(stated)?;
        let at_500 = (width as f64 * 500.0 / x.get(), height as f64 * 500.0 / y.get());
        if at_500.0.min(at_500.1) < MIN_SIDE_AT_500 as f64 {
            return Err(ImageError::TooSmall { width, height, min: MIN_SIDE_AT_500 });
        }
        if at_500.0.max(at_500.1) > MAX_SIDE as f64 || at_500.0 * at_500.1 > MAX_PIXELS as f64 {
            return Err(too_large(width, height));
        }
        // The checks above bound both sides by MAX_SIDE.
        let (width, height) = (width as usize, height as usize);
        self.admitted = Some(Admitted { width, height, ppi: (x, y) });
        Ok((width, height))
    }

    /// The part of [`Gate::admit`] that needs no resolution, for formats that state it late.
    pub(super) fn size_allowed(width: u64, height: u64) -> Result<(), ImageError> {
        let most = MAX_SIDE as u64;
        if width > most || height > most || width * height > MAX_PIXELS as u64 {
            return Err(too_large(width, height));
        }
        Ok(())
    }

    /// Notes something that the reader survived; a code is noted once.
    pub(super) fn note(&mut self, code: &'static str, message: impl Into<String>, offset: Option<usize>) {
        if !self.diagnostics.iter().any(|d| d.code == code) {
            self.diagnostics.push(Diagnostic { code, message: message.into(), offset });
        }
    }

    pub(super) fn malformed(&self, detail: impl Into<String>) -> ImageError {
        ImageError::Malformed { format: self.format, detail: detail.into() }
    }

    pub(super) fn truncated(&self) -> ImageError {
        ImageError::Truncated { format: self.format }
    }

    /// The image with square pixels, once all pixels are read. A reader that turned the picture gives the turned pixels
    /// and has told so with [`Gate::turned`].
    pub(super) fn finish(mut self, pixels: Vec<u8>) -> Result<Decoded<Gray8>, ImageError> {
        let Some(Admitted { width, height, ppi: (x, y) }) = self.admitted else {
            return Err(self.malformed("no image in it"));
        };
        let format = self.format;
        let image = |ppi| {
            Gray8::new(width, height, ppi, pixels).map_err(|e| ImageError::Malformed { format, detail: e.to_string() })
        };
        let value = if differ(x.get(), y.get()) {
            let (x, y) = (x.get(), y.get());
            self.note(
                "resolution-anisotropic",
                format!(
                    "the resolution is {x:.0} ppi across and {y:.0} ppi down: the image was rescaled to square pixels"
                ),
                None,
            );
            let finer = x.max(y);
            let ppi = Ppi::new(finer).unwrap_or(Ppi::NOMINAL);
            resample_axes(&image(ppi)?, finer / x, finer / y, ppi)
        } else {
            image(Ppi::new((x.get() + y.get()) / 2.0).unwrap_or(x))?
        };
        Ok(Decoded { value, diagnostics: self.diagnostics })
    }

    /// Says that rows became columns after admission.
    pub(super) fn turned(&mut self) {
        if let Some(a) = &mut self.admitted {
            (a.width, a.height) = (a.height, a.width);
            a.ppi = (a.ppi.1, a.ppi.0);
        }
    }

    /// The record's resolution, unless it is none; a word where the image in it states another.
    fn of_record_or(&mut self, stated: Option<Stated>) -> Option<Stated> {
        let Some(record) = self.record.filter(|r| !is_placeholder(*r)) else { return stated.or(self.record) };
        if let Some(s) = stated.filter(|s| !is_placeholder(*s))
            && (differ(s.x, record.x) || differ(s.y, record.y))
        {
            let message =
                format!("the record states {:.0} ppi and the image in it {:.0}: the record's is used", record.x, s.x);
            self.note("resolution-contradicted", message, None);
        }
        Some(record)
    }

    fn resolution(&mut self, stated: Option<Stated>) -> Result<(Ppi, Ppi), ImageError> {
        let stated = stated.filter(|s| s.x.is_finite() && s.y.is_finite());
        if let Some(given) = self.given {
            let given = in_range(given.get(), PpiSource::Caller)?;
            if let Some(s) = stated
                && !is_placeholder(s)
                && (differ(s.x, given.get()) || differ(s.y, given.get()))
            {
                self.note(
                    "resolution-overridden",
                    format!("the file states {:.0} ppi; {:.0} ppi was given and is used", s.x, given.get()),
                    None,
                );
            }
            return Ok((given, given));
        }
        match stated {
            None => self.note("resolution-missing", "the file states no resolution: 500 ppi is assumed", None),
            Some(s) if is_placeholder(s) => self.note(
                "resolution-screen-default",
                format!(
                    "the file states {:.0} ppi, which programs write when they know no resolution: 500 ppi is assumed",
                    s.x
                ),
                None,
            ),
            Some(s) => return Ok((in_range(s.x, PpiSource::File)?, in_range(s.y, PpiSource::File)?)),
        }
        Ok((Ppi::NOMINAL, Ppi::NOMINAL))
    }
}

pub(super) fn too_large(width: u64, height: u64) -> ImageError {
    ImageError::TooLarge { width, height, max_side: MAX_SIDE, max_pixels: MAX_PIXELS }
}

fn in_range(ppi: f64, source_of_ppi: PpiSource) -> Result<Ppi, ImageError> {
    // A file's rounding to whole pixels per metre must not push exactly 250 out.
    const ROUNDING: f64 = 0.05;
    if ppi > MAX_PPI + ROUNDING {
        return Err(ImageError::PpiTooHigh { ppi, source_of_ppi, max: MAX_PPI });
    }
    Ppi::new(ppi).filter(|p| p.get() >= MIN_PPI - ROUNDING).ok_or(ImageError::PpiTooLow {
        ppi,
        source_of_ppi,
        min: MIN_PPI,
    })
}

fn differ(a: f64, b: f64) -> bool {
    (a - b).abs() > AXIS_TOLERANCE * a.max(b)
}

fn is_placeholder(s: Stated) -> bool {
    let near_screen = |v: f64| SCREEN_DEFAULTS.iter().any(|d| (v - d).abs() <= SCREEN_TOLERANCE);
    (s.x <= PLACEHOLDER && s.y <= PLACEHOLDER) || (near_screen(s.x) && near_screen(s.y))
}
