//! Minutiae of a record as a drawing: a ring for an ending, a square for a bifurcation, a tail along the ridge.

use tanba_registry::{FileMinutiae, MinutiaKind};

/// Sets of minutiae drawn.
pub(super) const MOST: usize = 20;
/// Radius of a minutia and length of its tail, pixels at 500 ppi.
const RADIUS: f32 = 4.0;
const TAIL: f32 = 11.0;
/// The longest side of a drawing, pixels at 500 ppi: a damaged record may place minutiae far outside.
const LONGEST: f32 = 2000.0;

/// A drawing in pixels at 500 ppi.
pub(super) struct Drawing {
    pub(super) view: Option<usize>,
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) marks: Vec<Mark>,
}

/// A minutia.
pub(super) struct Mark {
    pub(super) x: f32,
    pub(super) y: f32,
    /// Where its tail begins and ends.
    pub(super) from: (f32, f32),
    pub(super) to: (f32, f32),
    pub(super) forked: bool,
}

impl Drawing {
    pub(super) fn of(set: &FileMinutiae) -> Self {
        let furthest = |at: fn(&tanba_registry::Minutia) -> f32| set.minutiae.iter().map(at).fold(64.0, f32::max);
        let mark = |m: &tanba_registry::Minutia| {
            let (sin, cos) = m.direction.sin_cos();
            let along = |length: f32| (tenth(m.x + length * cos), tenth(m.y - length * sin));
            Mark {
                x: tenth(m.x),
                y: tenth(m.y),
                from: along(RADIUS),
                to: along(TAIL),
                forked: m.kind == MinutiaKind::Bifurcation,
            }
        };
        Self {
            view: set.view,
            width: furthest(|m| m.x + TAIL).max(f32::from(set.width)).min(LONGEST).ceil(),
            height: furthest(|m| m.y + TAIL).max(f32::from(set.height)).min(LONGEST).ceil(),
            marks: set.minutiae.iter().map(mark).collect(),
        }
    }
}

impl Mark {
    /// The corner of the square of a bifurcation.
    pub(super) fn corner(&self) -> (f32, f32) {
        (tenth(self.x - RADIUS), tenth(self.y - RADIUS))
    }
}

fn tenth(v: f32) -> f32 {
    (v * 10.0).round() / 10.0
}
