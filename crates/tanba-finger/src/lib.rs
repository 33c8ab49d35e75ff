//! Fingerprint science: an image becomes quality, minutiae, a template, a score.

mod alignment;
pub mod any_file;
pub mod calibrate;
mod compare;
pub mod evaluate;
mod exact;
mod extract;
pub mod eye;
mod fusion;
pub mod iso;
mod mcc;
mod params;
pub mod pattern;
pub mod quality;
mod recipe;
pub mod scan;
pub mod show;
mod sink;
pub mod slap;
mod template;
mod template_bytes;
mod texture;
mod verify;

pub use alignment::{Alignment, OrientationDifference, carry, orientation_difference};
pub use compare::{Comparison, RidgeWindow, Scratch, compare, parts, score_of_minutiae, score_only};
pub use extract::{ExtractError, Extractor, FilteredRidges, LearnedRidges, extract};
pub use fusion::{Contribution, NUMBERS, Parts};
pub use mcc::Prepared;
pub use params::{ExtractParams, ReadParams};
pub use pattern::{Core, Delta, Pattern, PatternClass};
pub use quality::{Advice, Measure, NativeMeasure, QualityReport, assess, native_measures};
pub use recipe::{NoSuchExtractor, Recipe, default_extractor, extractor_named};
pub use sink::{Flow, Mask, NoSink, Plane, Stage, StageData, StageSink};
pub use template::{Minutia, MinutiaKind, Template};
pub use template_bytes::{TemplateBytesError, crc32};
pub use texture::RidgeMap;
