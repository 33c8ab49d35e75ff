//! What is known exactly about an impression, for others to measure against.

use serde::{Deserialize, Serialize};
use tanba_finger::{Minutia, MinutiaKind, Template};
use tanba_formats::Finger;

use super::{Impression, PatternClass};

/// A minutia of the master, moved exactly as the skin was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TruthMinutia {
    /// Column in the impression, pixels at 500 ppi; may lie outside the image.
    pub x: f32,
    /// Row, growing downward.
    pub y: f32,
    /// Direction as [`Minutia::direction`] has it.
    pub direction: f32,
    /// Ending or bifurcation.
    pub kind: MinutiaKind,
    /// Whether it lies in the image, in contact with the glass, and not under a crease or scratch.
    pub visible: bool,
}

/// Everything known about an impression, in the form written beside its image: no paths, no times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthRecord {
    /// Which finger.
    pub finger: Finger,
    /// Pattern class.
    pub class: PatternClass,
    /// Image width, pixels.
    pub width: u16,
    /// Image height, pixels.
    pub height: u16,
    /// Pixels per inch.
    pub ppi: f64,
    /// Rotation of the finger, radians counter-clockwise as seen.
    pub rotation: f32,
    /// Cores inside the image, pixels.
    pub cores: Vec<(f32, f32)>,
    /// Deltas inside the image, pixels.
    pub deltas: Vec<(f32, f32)>,
    /// All minutiae of the finger that lie in the image frame, visible or not.
    pub minutiae: Vec<TruthMinutia>,
}

impl Impression {
    /// The visible minutiae as a template, as a perfect extractor would give them. Quality is 100 throughout: the truth is certain.
    pub fn truth_template(&self) -> Template {
        let minutiae = self
            .minutiae
            .iter()
            .filter(|m| m.visible)
            .map(|m| Minutia { x: m.x, y: m.y, direction: m.direction, kind: m.kind, quality: 100 })
            .collect();
        Template { width: self.width(), height: self.height(), quality: 100, minutiae }
    }

    /// Everything known, for writing beside the image.
    pub fn truth_record(&self) -> TruthRecord {
        let inside = |&&(x, y): &&(f32, f32)| {
            x >= 0.0 && y >= 0.0 && x < f32::from(self.width()) && y < f32::from(self.height())
        };
        TruthRecord {
            finger: self.finger,
            class: self.class,
            width: self.width(),
            height: self.height(),
            ppi: self.image.ppi().get(),
            rotation: self.params.rotation,
            cores: self.cores.iter().filter(inside).copied().collect(),
            deltas: self.deltas.iter().filter(inside).copied().collect(),
            minutiae: self.minutiae.iter().filter(|m| inside(&&(m.x, m.y))).copied().collect(),
        }
    }
}
