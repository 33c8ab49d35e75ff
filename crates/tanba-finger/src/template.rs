//! What is kept of a finger image for comparison.

use crate::{Recipe, RidgeMap};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What kind of ridge event a minutia is (ISO/IEC 19794-2 6.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MinutiaKind {
    /// A ridge ends.
    Ending,
    /// A ridge divides into two.
    Bifurcation,
    /// Not told apart.
    Other,
}

/// One minutia, in pixels at 500 ppi.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Minutia {
    /// Column from the left edge, pixels at 500 ppi.
    pub x: f32,
    /// Row from the top edge, pixels at 500 ppi, growing downward.
    pub y: f32,
    /// Direction in radians, `[0, 2 pi)`, counter-clockwise from the positive x axis as the image is seen
    /// (so `(cos, -sin)` in pixel coordinates). As ISO/IEC 19794-2: an ending points along the ridge into its body,
    /// a bifurcation along the valley between its two branches.
    pub direction: f32,
    /// Ending, bifurcation, or not told apart.
    pub kind: MinutiaKind,
    /// 0 (worst) to 100.
    pub quality: u8,
}

/// The minutiae of one impression, with the size of the image they were found in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// Which extractor found the minutiae.
    #[serde(default)]
    pub recipe: Recipe,
    /// Image width, pixels at 500 ppi.
    pub width: u16,
    /// Image height, pixels at 500 ppi.
    pub height: u16,
    /// Unified quality of the image, 0 (worst) to 100.
    pub quality: u8,
    /// The minutiae, best first.
    pub minutiae: Vec<Minutia>,
    /// Where the ridges are; `None` in a template that was not made of an image here (an ISO/IEC 19794-2 record, an old file).
    #[serde(skip)]
    pub ridges: Option<Arc<RidgeMap>>,
}
