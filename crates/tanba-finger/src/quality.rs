//! How good a capture is: independent measures, one score, and what to tell the person at the scanner.
//!
//! The measures are those of ISO/IEC 29794-4 in spirit (ridge clarity, orientation certainty and flow, the frequency
//! domain, uniformity, gray levels, minutiae), computed our own way; the score is Tanba's own and is not NFIQ 2.

mod advice;
pub mod fit;
mod measures;
pub mod model;
mod native;
pub mod reject;

use crate::extract::analyse;
use crate::params::ExtractParams;
use crate::sink::NoSink;
use serde::Serialize;
use tanba_formats::Gray8;

pub use advice::Advice;
pub(crate) use measures::Measures;
pub use native::{NativeMeasure, native_measures};

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
}

/// Judges a capture. Never fails: an image that is no fingerprint has quality 0 and the advice says so.
pub fn assess(image: &Gray8) -> QualityReport {
    let params = ExtractParams::default();
    match analyse(image, &params, &mut NoSink) {
        Ok(analysis) => {
            let measures = Measures::of(&analysis);
            if !advice::finger_seen(&measures, &params) {
                return QualityReport { quality: 0, measures: measures.list(), advice: vec![advice::NO_FINGER] };
            }
            QualityReport { quality: overall(&measures), advice: advice::advise(&measures), measures: measures.list() }
        }
        Err(_) => QualityReport { quality: 0, measures: Vec::new(), advice: vec![advice::WRONG_SIZE] },
    }
}

/// What the unified score of an image is made of, in the order of [`model::INPUT`]; none for what is no print.
pub fn inputs(image: &Gray8) -> Option<[f32; model::INPUTS]> {
    let params = ExtractParams::default();
    let measures = Measures::of(&analyse(image, &params, &mut NoSink).ok()?);
    advice::finger_seen(&measures, &params).then(|| model::inputs(&measures))
}

/// The score: how much area can be read and how well, how many minutiae that leaves, held down by whatever is worst.
pub(crate) fn overall(m: &Measures) -> u8 {
    let area = (m.usable_area / 130.0).min(1.0);
    let many = (m.good_minutiae / 28.0).min(1.0);
    let clear = ((m.certainty - 0.25) / 0.5).clamp(0.0, 1.0);
    (100.0 * (area.powf(0.5) * many.powf(0.5) * (0.3 + 0.7 * clear))).round().clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests;
