//! What an image file says about itself.

use super::{ImageFormat, detect};
use crate::Outline;

/// The outline of an image file: format, size, depth, resolution, compression and comments, as the file states them. Nothing is
/// decoded and nothing refused: what cannot be read is said so.
pub fn outline(bytes: &[u8]) -> Outline {
    match detect(bytes) {
        Ok(format) => Outline::leaf("image", format),
        Err(e) => Outline::leaf("image", e),
    }
}
