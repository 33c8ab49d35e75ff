//! Fingerprint science: an image becomes quality, minutiae, a template, a score.

mod extract;
mod params;
pub mod show;
mod sink;
mod template;

pub use extract::{ExtractError, extract};
pub use params::ExtractParams;
pub use sink::{Flow, Mask, NoSink, Plane, Stage, StageData, StageSink};
pub use template::{Minutia, MinutiaKind, Template};
