//! Pairs of minutiae that the flow does not need: short ridges, islands, enclosures, ridges that begin and end again within a print.
//!
//! Ridges that grow into each other from everywhere leave little but what the flow asks for, and that evenly spread; in people's prints
//! there are as many pairs of opposite sense besides, close together, in no fingers at the same place. Here they are put into the
//! phase of the grown ridges: it turns once round one end and once back round the other (Larkin and Fletcher 2007), so that one more
//! ridge, or one less, runs between the two, and a last pass of the growth filter smooths what is left and right of it.

use crate::exact;
use crate::random::Stream;

use super::orientation::OrientationField;
use super::parameters::{
    AXIS_X, CONTACT_CENTRE_Y, ISLAND_CLEAR, ISLAND_FADE, ISLAND_GAP, ISLAND_LENGTH, ISLAND_REACH, ISLAND_RICHNESS,
    ISLAND_TURN, ISLAND_TWIN, SKIN_REACH,
};
use super::plan::{FieldLattice, quick_angle};

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

    /// By how much the phase is turned on at a point whose phase grows along `normal`, radians (to a thousandth). Angles of several
    /// islands add.
    pub(super) fn turn(&self, x: f64, y: f64, normal: (f64, f64)) -> f32 {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let r2 = (dx * dx + dy * dy) / (self.reach * self.reach);
        if r2 >= 1.0 {
            return 0.0;
        }
        let (ax, ay) = (x - self.from.0, y - self.from.1);
        let (bx, by) = (x - self.to.0, y - self.to.1);
        // The angle under which the island is seen: a turn round one end, a turn back round the other.
        let angle = quick_angle((ay * bx - ax * by) as f32, (ax * bx + ay * by) as f32);
        let t = ((1.0 - r2.sqrt()) / ISLAND_FADE).min(1.0) as f32;
        let fade = t * t * (3.0 - 2.0 * t);
        let same = normal.0 * self.normal.0 + normal.1 * self.normal.1 >= 0.0;
        if same { fade * angle } else { -fade * angle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phase_turns_once_round_each_end_and_not_round_both() {
        let island = Island {
            from: (80.0, 100.0),
            to: (120.0, 100.0),
            centre: (100.0, 100.0),
            reach: ISLAND_REACH * 40.0,
            normal: (0.0, 1.0),
        };
        let turns = |x: f64, y: f64, r: f64| {
            let at = |i: i32| {
                let (s, c) = exact::sin_cos(f64::from(i) / 360.0 * std::f64::consts::TAU);
                f64::from(island.turn(x + r * c, y + r * s, (0.1, 0.9)))
            };
            let sum: f64 = (0..360).map(|i| exact::wrap_pi(at(i + 1) - at(i))).sum();
            (sum / std::f64::consts::TAU).round() as i32
        };
        assert_eq!((turns(80.0, 100.0, 6.0), turns(120.0, 100.0, 6.0)), (1, -1));
        assert_eq!((turns(100.0, 100.0, 45.0), turns(100.0, 120.0, 8.0)), (0, 0));
        assert_eq!(island.turn(100.0, 161.0, (0.0, 1.0)), 0.0);
    }
}
