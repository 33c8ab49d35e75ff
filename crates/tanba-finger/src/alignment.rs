//! Two prints laid on each other, for a person who compares them: the rigid motion, and where the ridges run differently.

use crate::RidgeWindow;
use crate::exact::Exact;
use crate::sink::{Flow, Mask};

/// Pixels at 500 ppi between the places at which orientations are compared: a little more than a ridge period.
const STEP: usize = 12;

/// Shorter doubled-angle vectors are too unsure to be compared (own choice: a third of a certain one).
const CERTAIN: f32 = 0.33;

/// The rigid motion that lays a first print on a second, in pixels at 500 ppi, x to the right and y downward.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alignment {
    /// Turn in radians, counter-clockwise as the image is seen.
    pub rotation: f32,
    /// Shift to the right after the turn about the top left corner.
    pub dx: f32,
    /// Shift downward after the turn.
    pub dy: f32,
}

impl Alignment {
    /// Where a place of the first print comes to lie on the second.
    ///
    /// ```
    /// use tanba_finger::Alignment;
    /// let quarter = Alignment { rotation: std::f32::consts::FRAC_PI_2, dx: 10.0, dy: 0.0 };
    /// let (x, y) = quarter.apply(5.0, 0.0);
    /// // What lay to the right of the corner lies above it after a quarter turn counter-clockwise.
    /// assert!((x - 10.0).abs() < 1e-4 && (y + 5.0).abs() < 1e-4);
    /// ```
    pub fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let (sin, cos) = self.rotation.sin_cos_exact();
        (cos * x + sin * y + self.dx, -sin * x + cos * y + self.dy)
    }
}

/// How far a ridge window speaks for the places around it, pixels at 500 ppi.
const AROUND: f32 = 60.0;

/// Where a place of the first print comes to lie on the second when the skin is stretched as the ridge windows say: each carries
/// what is around it along, turned as the whole print is. `None` beyond 60 pixels of any window.
pub fn carry(windows: &[RidgeWindow], alignment: &Alignment, (x, y): (f32, f32)) -> Option<(f32, f32)> {
    let (sin, cos) = alignment.rotation.sin_cos_exact();
    let (mut weight, mut to) = (0.0f32, (0.0f32, 0.0f32));
    for w in windows {
        let (u, v) = (x - w.first.0, y - w.first.1);
        let share = 1.0 - (u * u + v * v) / (AROUND * AROUND);
        if share > 0.0 {
            // The fourth power: the nearest windows say most, and the map stays smooth.
            let share = share.powi(4);
            weight += share;
            to.0 += share * (w.second.0 + cos * u + sin * v);
            to.1 += share * (w.second.1 - sin * u + cos * v);
        }
    }
    (weight > 0.0).then(|| (to.0 / weight, to.1 / weight))
}

/// How differently the ridges of two aligned prints run.
#[derive(Debug, Clone, PartialEq)]
pub struct OrientationDifference {
    /// Mean over the places where both prints can be read, degrees: 0 the same, 45 what chance would give.
    pub mean_degrees: f32,
    /// Place in the **first** print (pixels at 500 ppi) and the difference there, 0 to 90 degrees.
    pub places: Vec<(f32, f32, f32)>,
}

/// The difference of ridge orientation between two aligned prints, where both can be read; `None` where that is nowhere.
pub fn orientation_difference(
    first: (&Flow, &Mask),
    second: (&Flow, &Mask),
    alignment: &Alignment,
) -> Option<OrientationDifference> {
    let (flow, readable) = first;
    let mut places = Vec::new();
    for y in (STEP / 2..readable.height).step_by(STEP) {
        for x in (STEP / 2..readable.width).step_by(STEP) {
            let (px, py) = (x as f32, y as f32);
            let (qx, qy) = alignment.apply(px, py);
            if !readable.at(x as isize, y as isize) || !second.1.at(qx as isize, qy as isize) {
                continue;
            }
            let ((c, s), (d, t)) = (flow.at(px, py), second.0.at(qx, qy));
            if c.hypot_exact(s) < CERTAIN || d.hypot_exact(t) < CERTAIN {
                continue;
            }
            // Angles count downward here and the turn counts upward; doubled, because a ridge has no arrow.
            let expected = s.atan2_exact(c) - 2.0 * alignment.rotation;
            let turn = (t.atan2_exact(d) - expected + std::f32::consts::PI).rem_euclid(std::f32::consts::TAU);
            let degrees = 0.5 * (turn - std::f32::consts::PI).abs().to_degrees();
            places.push((px, py, degrees));
        }
    }
    let mean_degrees = places.iter().map(|p| p.2).sum::<f32>() / places.len() as f32;
    (!places.is_empty()).then_some(OrientationDifference { mean_degrees, places })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ridges of one direction everywhere, `angle` counted downward as [`Flow`] does.
    fn straight(angle: f32) -> (Flow, Mask) {
        let mut flow = Flow::covering(120, 120, 4);
        flow.cos2.fill((2.0 * angle).cos());
        flow.sin2.fill((2.0 * angle).sin());
        (flow, Mask { width: 120, height: 120, data: vec![true; 120 * 120] })
    }

    #[test]
    fn a_turned_print_agrees_with_itself_and_an_unturned_one_differs_by_the_turn() {
        let turn = 0.4_f32;
        let (flow, mask) = straight(0.3);
        // Turned counter-clockwise as seen: the downward angle grows smaller.
        let (turned, other) = straight(0.3 - turn);
        let alignment = Alignment { rotation: turn, dx: 0.0, dy: 40.0 };
        let same = orientation_difference((&flow, &mask), (&turned, &other), &alignment).unwrap();
        assert!(same.mean_degrees < 0.01, "{}", same.mean_degrees);
        let none = Alignment { rotation: 0.0, dx: 0.0, dy: 0.0 };
        let off = orientation_difference((&flow, &mask), (&turned, &other), &none).unwrap();
        assert!((off.mean_degrees - turn.to_degrees()).abs() < 0.01, "{}", off.mean_degrees);
    }

    #[test]
    fn windows_carry_what_is_around_them_and_nothing_else() {
        let alignment = Alignment { rotation: 0.3, dx: 5.0, dy: -7.0 };
        let window = |x: f32, y: f32| RidgeWindow { first: (x, y), second: alignment.apply(x, y), agreement: 0.8 };
        let windows = [window(50.0, 50.0), window(90.0, 50.0), window(70.0, 80.0)];
        let (x, y) = carry(&windows, &alignment, (66.0, 58.0)).unwrap();
        let (u, v) = alignment.apply(66.0, 58.0);
        assert!((x - u).abs() < 1e-3 && (y - v).abs() < 1e-3);
        assert_eq!(carry(&windows, &alignment, (200.0, 200.0)), None);
        assert_eq!(carry(&[], &alignment, (50.0, 50.0)), None);
    }

    #[test]
    fn prints_that_do_not_overlap_have_no_difference() {
        let (flow, mask) = straight(0.3);
        let apart = Alignment { rotation: 0.0, dx: 500.0, dy: 0.0 };
        assert_eq!(orientation_difference((&flow, &mask), (&flow, &mask), &apart), None);
    }
}
