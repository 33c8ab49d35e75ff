//! How good a capture is: independent measures, one score, and what to tell the person at the scanner.
//!
//! The measures are those of ISO/IEC 29794-4 in spirit (ridge clarity, orientation certainty and flow, the frequency
//! domain, uniformity, gray levels, minutiae), computed our own way from what extraction makes anyway; that standard's own
//! native measures are in [`native_measures`], apart. The score ([`model`], fitted by [`fit`], judged by [`reject`]) predicts
//! this engine's errors. It is Tanba's own and is not NFIQ 2.

mod advice;
pub mod fit;
mod measures;
pub mod model;
mod native;
pub mod reject;
mod table;

use crate::extract::{Analysis, analyse};
use crate::params::ExtractParams;
use crate::sink::NoSink;
use serde::Serialize;
use tanba_formats::Gray8;

pub use advice::Advice;
pub(crate) use measures::Measures;
pub use native::{NativeMeasure, native_measures};
pub use table::MODEL;

/// One named property of a capture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// Stable name, such as `ridge_clarity`.
    pub name: &'static str,
    /// The value, in `unit`.
    pub value: f32,
    /// Unit; empty for plain ratios.
    pub unit: &'static str,
    /// What it says, for a person.
    pub meaning: &'static str,
}

/// What [`assess`] found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QualityReport {
    /// Unified quality: 0 (cannot be compared) to 100; prints of higher quality match better.
    pub quality: u8,
    /// All measures, always the same ones in the same order; empty when the image has no possible size.
    pub measures: Vec<Measure>,
    /// What would make the next capture better, most useful first; empty when nothing is wrong.
    pub advice: Vec<Advice>,
    /// What holds the unified quality down, most first.
    pub losses: Vec<model::Loss>,
}

impl QualityReport {
    fn nothing(measures: Vec<Measure>, advice: Advice) -> Self {
        Self { quality: 0, measures, advice: vec![advice], losses: Vec::new() }
    }

    pub(crate) fn of(analysis: &Analysis, measures: &Measures, params: &ExtractParams) -> Self {
        if !advice::finger_seen(measures, params) {
            return Self::nothing(measures.list(), advice::NO_FINGER);
        }
        if analysis.ground < params.ground_min {
            return Self::nothing(measures.list(), advice::INVERTED);
        }
        Self {
            quality: overall(measures),
            advice: advice::advise(measures),
            losses: MODEL.losses(&model::inputs(measures)),
            measures: measures.list(),
        }
    }
}

/// Judges a capture. Never fails: an image that is no fingerprint has quality 0 and the advice says so.
pub fn assess(image: &Gray8) -> QualityReport {
    let params = ExtractParams::default();
    match analyse(image, &params, &mut NoSink) {
        Ok(analysis) => QualityReport::of(&analysis, &Measures::of(&analysis), &params),
        Err(_) => QualityReport::nothing(Vec::new(), advice::WRONG_SIZE),
    }
}

/// What the unified score of an image is made of, in the order of [`model::INPUT`]; none for what is no print.
pub fn inputs(image: &Gray8) -> Option<[f32; model::INPUTS]> {
    let params = ExtractParams::default();
    let measures = Measures::of(&analyse(image, &params, &mut NoSink).ok()?);
    advice::finger_seen(&measures, &params).then(|| model::inputs(&measures))
}

/// The unified score of what is a print, 1 to 100; extraction keeps it in the template.
pub(crate) fn overall(m: &Measures) -> u8 {
    MODEL.quality(&model::inputs(m))
}

#[cfg(test)]
mod tests;
