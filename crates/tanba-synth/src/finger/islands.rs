//! Pairs of minutiae that the flow does not need: short ridges, islands, enclosures, ridges that break off and go on beside.

use crate::exact;
use crate::random::Stream;

use super::orientation::OrientationField;
use super::parameters::{
    AXIS_X, CONTACT_CENTRE_Y, ISLAND_CLEAR, ISLAND_FADE, ISLAND_GAP, ISLAND_LENGTH, ISLAND_REACH, ISLAND_RICHNESS,
    ISLAND_TURN, ISLAND_TWIN, SKIN_REACH,
};
use super::plan::FieldLattice;

/// Two points round which the phase turns once each, in opposite senses.
#[derive(Debug, Clone)]
pub(super) struct Island {
    from: (f64, f64),
    to: (f64, f64),
    centre: (f64, f64),
    /// Beyond this distance from the centre nothing changes, pixels.
    reach: f64,
    /// The ridge normal for which the turn is meant.
    normal: (f64, f64),
}

impl Island {
    /// Those of one finger, so many to a pixel of skin.
    pub(super) fn draw(
        density: f64,
        orientation: &OrientationField,
        lattice: &FieldLattice,
        stream: &mut Stream,
    ) -> Vec<Self> {
        // The axis-parallel frame of the skin; what falls outside the skin is dropped below.
        let area = 4.0 * SKIN_REACH.0 * SKIN_REACH.1;
        // A finger has a richness of its own.
        let wanted = (area * density * stream.normal(1.0, ISLAND_RICHNESS).clamp(0.2, 1.8)) as usize;
        let mut all = Vec::new();
        for _ in 0..wanted {
            let (u, v) = (stream.uniform(-1.0, 1.0), stream.uniform(-1.0, 1.0));
            let length = stream.uniform(ISLAND_LENGTH.0, ISLAND_LENGTH.1);
            let turn = stream.normal(0.0, ISLAND_TURN) + if stream.chance(0.5) { std::f64::consts::PI } else { 0.0 };
            let twin = stream.chance(ISLAND_TWIN);
            let gap = stream.uniform(ISLAND_GAP.0, ISLAND_GAP.1);
            if u * u + v * v > 1.0 {
                continue;
            }
            let (x, y) = (AXIS_X + u * SKIN_REACH.0, CONTACT_CENTRE_Y + v * SKIN_REACH.1);
            let near = |p: &super::orientation::Singularity| {
                (x - p.x) * (x - p.x) + (y - p.y) * (y - p.y) < ISLAND_CLEAR * ISLAND_CLEAR
            };
            if orientation.loops.iter().chain(&orientation.deltas).any(near) {
                continue;
            }
            let ((c, s), period) = lattice.at(x as f32, y as f32);
            let theta = 0.5 * exact::atan2(f64::from(s), f64::from(c));
            let (sin, cos) = exact::sin_cos(theta);
            let (ts, tc) = exact::sin_cos(theta + turn);
            let half = (0.5 * length * tc, -0.5 * length * ts);
            let island = |x: f64, y: f64| Self {
                from: (x - half.0, y - half.1),
                to: (x + half.0, y + half.1),
                centre: (x, y),
                reach: ISLAND_REACH * length,
                normal: (sin, cos),
            };
            all.push(island(x, y));
            if twin {
                let gap = gap * f64::from(period);
                all.push(island(x + gap * sin, y + gap * cos));
            }
        }
        all
    }

    /// First and last column and row of what it changes.
    pub(super) fn span(&self) -> ((f64, f64), (f64, f64)) {
        (
            (self.centre.0 - self.reach, self.centre.0 + self.reach),
            (self.centre.1 - self.reach, self.centre.1 + self.reach),
        )
    }

    /// Cosine and sine by which the phase is turned on at a point whose phase grows along `normal`.
    pub(super) fn turn(&self, x: f64, y: f64, normal: (f64, f64)) -> (f64, f64) {
        let (ax, ay) = (x - self.from.0, y - self.from.1);
        let (bx, by) = (x - self.to.0, y - self.to.1);
        let angle = exact::atan2(ay * bx - ax * by, ax * bx + ay * by);
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let r = (dx * dx + dy * dy).sqrt() / self.reach;
        let t = ((1.0 - r) / ISLAND_FADE).clamp(0.0, 1.0);
        let fade = t * t * (3.0 - 2.0 * t);
        let sign = if normal.0 * self.normal.0 + normal.1 * self.normal.1 < 0.0 { -1.0 } else { 1.0 };
        let (s, c) = exact::sin_cos(sign * fade * angle);
        (c, s)
    }
}
