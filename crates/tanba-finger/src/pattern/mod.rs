//! Singular points, pattern class and ridge counts: what an examiner names before looking at minutiae.
//!
//! - `field`: the orientation field at a fine and a coarse smoothing, and where it is singular (Kawagoe and Tojo 1984, the
//!   Poincaré index; Nilsson and Bigun 2003, complex filters of order +1 and -1).
//! - `points`: which of these places are cores and deltas.
//! - `class`: Henry's five classes, or that the print does not show it.
//! - `ridge_count`: ridges crossed between two places.
//! - `record`: all of it as the extended data of minutiae records.

mod class;
mod field;
mod points;
mod record;
mod ridge_count;

use serde::Serialize;
use tanba_formats::Gray8;

pub use record::{add_pattern, add_ridge_counts};
pub use ridge_count::{NeighbourCount, Neighbours, ridge_count, ridge_counts};

use crate::extract::{ExtractError, analyse};
use crate::params::ExtractParams;
use crate::sink::{Flow, Mask, Stage, StageData};

/// Henry's five classes as NIST names them, as the impression shows them: left and right are the sides of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PatternClass {
    /// Ridges enter at one side, rise and leave at the other.
    Arch,
    /// An arch with an upthrust: a core right above a delta.
    TentedArch,
    /// A loop that opens to the left of the image.
    LeftLoop,
    /// A loop that opens to the right of the image.
    RightLoop,
    /// Two cores: ridges that turn all the way round (plain whorls, double loops, pockets).
    Whorl,
    /// The print does not show it.
    Unknown,
}

impl PatternClass {
    /// All six.
    pub const ALL: [Self; 6] =
        [Self::Arch, Self::TentedArch, Self::LeftLoop, Self::RightLoop, Self::Whorl, Self::Unknown];

    /// The name used in JSON, such as `left_loop`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arch => "arch",
            Self::TentedArch => "tented_arch",
            Self::LeftLoop => "left_loop",
            Self::RightLoop => "right_loop",
            Self::Whorl => "whorl",
            Self::Unknown => "unknown",
        }
    }
}

/// Where ridges turn back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Core {
    /// Pixels at 500 ppi from the left.
    pub x: f32,
    /// Pixels at 500 ppi from the top.
    pub y: f32,
    /// The way along which the loop opens, away from its bend: radians in `[0, 2 pi)`, counter-clockwise from the right as
    /// minutiae have it.
    pub direction: f32,
    /// How much the flow around looks like one, 0 to 1.
    pub confidence: f32,
}

/// Where three flows of ridges meet.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Delta {
    /// Pixels at 500 ppi from the left.
    pub x: f32,
    /// Pixels at 500 ppi from the top.
    pub y: f32,
    /// The three ways along which ridges leave, ascending: radians in `[0, 2 pi)`, counter-clockwise from the right. They come of
    /// one fit and are a third of a turn apart.
    pub directions: [f32; 3],
    /// How much the flow around looks like one, 0 to 1.
    pub confidence: f32,
}

/// What [`pattern`] found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pattern {
    /// The class, or that it cannot be seen.
    pub class: PatternClass,
    /// How sure the class is, 0 to 1; 0 for an unknown one.
    pub confidence: f32,
    /// At most two, the surest first.
    pub cores: Vec<Core>,
    /// At most two, the surest first.
    pub deltas: Vec<Delta>,
    /// Ridges crossed between the surest core and the surest delta; `None` where one is missing or the line leaves the print.
    pub core_delta_count: Option<u16>,
}

/// Singular points and class of a fingerprint image.
///
/// Who runs [`crate::extract`] anyway gets the same from the stage `singular`.
///
/// # Errors
/// [`ExtractError`] when the image has no possible size or nothing on it can be read.
pub fn pattern(image: &Gray8) -> Result<Pattern, ExtractError> {
    let params = ExtractParams::default();
    let mut found = None;
    let analysis = analyse(image, &params, &mut |stage: Stage<'_>| {
        if let StageData::Pattern(pattern) = stage.data {
            found = Some(pattern.clone());
        }
    })?;
    let area = analysis.readable.count();
    found.filter(|_| area >= params.area_min).ok_or(ExtractError::NoRidges { area, needed: params.area_min })
}

impl Pattern {
    /// From the flow, where it can be read, and the map of ridges.
    pub(crate) fn of(flow: &Flow, readable: &Mask, ridges: &Mask) -> Self {
        let field = field::Field::new(flow, readable);
        let (cores, deltas) = points::find(&field);
        let (class, confidence) = class::classify(&field, &cores, &deltas);
        let core_delta_count = match (cores.first(), deltas.first()) {
            (Some(c), Some(d)) => ridge_count(ridges, readable, (c.x, c.y), (d.x, d.y)),
            _ => None,
        };
        Self { class, confidence, cores, deltas, core_delta_count }
    }
}

#[cfg(test)]
mod tests;
