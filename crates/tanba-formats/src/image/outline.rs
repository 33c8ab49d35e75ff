//! What an image file says about itself, in the words of its format.

use super::{ImageFormat, bmp, detect, jpeg, jpeg2000, png, pnm, tiff, wsq};
use crate::Outline;

/// The most nodes below one node: more segments than any scanner writes.
pub(super) const MOST_NODES: usize = 256;

/// The outline of an image file: format, size, depth, resolution, compression and comments, as the file states them. No pixel is
/// decoded and nothing refused: where a file is damaged, the outline ends with a word about it.
pub fn outline(bytes: &[u8]) -> Outline {
    let format = match detect(bytes) {
        Ok(format) => format,
        Err(e) => return Outline::leaf("image", e),
    };
    let root = Outline::leaf("image", format).with(Outline::leaf("length", format_args!("{} bytes", bytes.len())));
    root.with_all(match format {
        ImageFormat::Png => png::outline(bytes),
        ImageFormat::Bmp => bmp::outline(bytes),
        ImageFormat::Pnm => pnm::outline(bytes),
        ImageFormat::Tiff => tiff::outline(bytes),
        ImageFormat::Wsq => wsq::outline(bytes),
        ImageFormat::Jpeg | ImageFormat::JpegLossless => jpeg::outline(bytes),
        ImageFormat::Jpeg2000 => jpeg2000::outline(bytes),
        ImageFormat::Raw => Vec::new(),
    })
}

/// The end of the outline of a file that is cut off or damaged.
pub(super) fn damaged(at: usize) -> Outline {
    Outline::leaf("damaged", "what follows cannot be read").at(at)
}

/// A resolution per inch, from one per metre.
pub(super) fn resolution(label: &str, per_metre: (f64, f64)) -> Outline {
    const METRES_PER_INCH: f64 = 0.0254;
    let (x, y) = (per_metre.0 * METRES_PER_INCH, per_metre.1 * METRES_PER_INCH);
    Outline::leaf(label, format_args!("{x:.1} x {y:.1} ppi"))
}

/// Bytes as text, whatever they are.
pub(super) fn text(label: &str, bytes: &[u8]) -> Outline {
    Outline::leaf(label, String::from_utf8_lossy(bytes))
}
