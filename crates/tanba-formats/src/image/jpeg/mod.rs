//! JPEG (ITU-T T.81): with loss by the `zune-jpeg` crate, without loss (annex H) here, since no crate reads all of it; and writers of
//! both for gray pictures.

mod baseline;
mod lossless;
mod lossless_write;
mod lossy;
mod outline;
mod segments;

pub(super) use baseline::encode as encode_lossy;
pub(super) use lossless::gray as lossless_gray;
pub(super) use lossless_write::encode as encode_lossless;
pub(super) use lossy::{gray as lossy_gray, strip};
pub(super) use outline::outline;
pub(super) use segments::{Process, frame};

#[cfg(test)]
mod tests;
