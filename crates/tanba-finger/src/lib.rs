//! Fingerprint science: an image becomes quality, minutiae, a template, a score.

mod template;

pub use template::{Minutia, MinutiaKind, Template};
