//! Fingerprint science: an image becomes quality, minutiae, a template, a score.

mod compare;
pub mod evaluate;
mod mcc;
mod template;
mod template_bytes;

pub use compare::{Comparison, Scratch, compare, score_only};
pub use mcc::Prepared;
pub use template::{Minutia, MinutiaKind, Template};
pub use template_bytes::TemplateBytesError;
