//! How the skin of one print is displaced against that of another: a rigid motion and a smooth local displacement.
//!
//! A finger is pressed, dragged and turned differently each time. The displacement that is left after the rigid motion is taken
//! for a draw of a smooth random field (an affine part and a local part, Wendland's compactly supported C2 function, which is
//! positive definite in the plane), observed at the matched minutiae with an error of position. Its best linear estimate is what
//! a thin plate with the same stiffness would do near the minutiae, and unlike a thin plate it comes to rest far from them.

use crate::mcc::align::Motion;

/// Most minutiae that a warp passes by: more of them change nothing and cost the cube of their number.
const MOST: usize = 40;
/// How far the local displacement of one place says something about that of another, pixels at 500 ppi.
const REACH: f32 = 160.0;
/// Typical local displacement, pixels.
const LOCAL: f32 = 6.0;
/// Typical relative stretch and shear.
const STRETCH: f32 = 0.04;
/// Error of a matched minutia's position, pixels (measured on synthetic prints: 1.8 at the median for one print).
const ERROR: f32 = 2.5;

/// A smooth map from the places of a first print to those of a second; pixels at 500 ppi, x right, y **up** from the top edge
/// (as the matcher counts).
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Warp {
    motion: Motion,
    centre: (f32, f32),
    places: Vec<(f32, f32)>,
    weights: Vec<(f32, f32)>,
    /// Affine displacement: `(dx, dy) = m * (place - centre)`, row by row.
    affine: [f32; 4],
    matrix: Vec<f64>,
    solved: Vec<(f64, f64)>,
}

impl Warp {
    /// The warp that best carries each first place to its second one; closest pairs first (later ones may be left out).
    pub(crate) fn fit(&mut self, motion: Motion, pairs: impl Iterator<Item = ((f32, f32), (f32, f32))>) {
        self.motion = motion;
        self.places.clear();
        self.weights.clear();
        for (from, to) in pairs.take(MOST) {
            let (x, y) = motion.carry(from.0, from.1);
            self.places.push(from);
            self.weights.push((to.0 - x, to.1 - y));
        }
        let n = self.places.len();
        self.affine = [0.0; 4];
        if n == 0 {
            return;
        }
        let sum = self.places.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
        self.centre = (sum.0 / n as f32, sum.1 / n as f32);
        self.matrix.clear();
        for i in 0..n {
            for j in 0..=i {
                let (p, q) = (self.places[i], self.places[j]);
                let affine =
                    (p.0 - self.centre.0) * (q.0 - self.centre.0) + (p.1 - self.centre.1) * (q.1 - self.centre.1);
                let noise = if i == j { ERROR * ERROR } else { 0.0 };
                let covariance = LOCAL * LOCAL * bump(p, q) + STRETCH * STRETCH * affine + noise;
                self.matrix.push(f64::from(covariance));
            }
        }
        solve(&mut self.matrix, &mut self.weights, &mut self.solved);
        for (p, w) in self.places.iter().zip(&self.weights) {
            let (u, v) = (p.0 - self.centre.0, p.1 - self.centre.1);
            for (m, value) in self.affine.iter_mut().zip([w.0 * u, w.0 * v, w.1 * u, w.1 * v]) {
                *m += STRETCH * STRETCH * value;
            }
        }
        for w in &mut self.weights {
            *w = (LOCAL * LOCAL * w.0, LOCAL * LOCAL * w.1);
        }
    }

    /// The rigid part.
    pub(crate) fn motion(&self) -> Motion {
        self.motion
    }

    /// Where a place of the first print comes to lie on the second.
    #[inline(always)]
    pub(crate) fn carry(&self, x: f32, y: f32) -> (f32, f32) {
        let (u, v) = (x - self.centre.0, y - self.centre.1);
        let [a, b, c, d] = self.affine;
        let (mut dx, mut dy) = (a * u + b * v, c * u + d * v);
        for (p, w) in self.places.iter().zip(&self.weights) {
            let k = bump((x, y), *p);
            dx += k * w.0;
            dy += k * w.1;
        }
        let (x, y) = self.motion.carry(x, y);
        (x + dx, y + dy)
    }
}

/// Wendland's C2 function of the distance of two places: 1 on each other, 0 from [`REACH`] on.
#[inline(always)]
fn bump(p: (f32, f32), q: (f32, f32)) -> f32 {
    let (dx, dy) = (p.0 - q.0, p.1 - q.1);
    let r = ((dx * dx + dy * dy).sqrt() * (1.0 / REACH)).min(1.0);
    let t = (1.0 - r) * (1.0 - r);
    t * t * (4.0 * r + 1.0)
}

/// Solves the positive definite system of a lower triangle (row by row) in place for two right-hand sides (Cholesky).
fn solve(lower: &mut [f64], sides: &mut [(f32, f32)], solved: &mut Vec<(f64, f64)>) {
    let n = sides.len();
    let row = |i: usize| i * (i + 1) / 2;
    for i in 0..n {
        for j in 0..=i {
            let (before, this) = lower.split_at_mut(row(i));
            let sum: f64 = if i == j {
                this[..j].iter().map(|v| v * v).sum()
            } else {
                before[row(j)..row(j) + j].iter().zip(&this[..j]).map(|(a, b)| a * b).sum()
            };
            // The noise on the diagonal keeps every pivot above it, up to rounding.
            this[j] = if i == j { (this[j] - sum).max(1e-6).sqrt() } else { (this[j] - sum) / before[row(j) + j] };
        }
    }
    solved.clear();
    for i in 0..n {
        let mut s = (f64::from(sides[i].0), f64::from(sides[i].1));
        for (l, v) in lower[row(i)..].iter().zip(&*solved) {
            s = (s.0 - l * v.0, s.1 - l * v.1);
        }
        let pivot = lower[row(i) + i];
        solved.push((s.0 / pivot, s.1 / pivot));
    }
    for i in (0..n).rev() {
        let pivot = lower[row(i) + i];
        let v = (solved[i].0 / pivot, solved[i].1 / pivot);
        solved[i] = v;
        for j in 0..i {
            let l = lower[row(i) + j];
            solved[j] = (solved[j].0 - l * v.0, solved[j].1 - l * v.1);
        }
        sides[i] = (v.0 as f32, v.1 as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warp_follows_its_pairs_and_rests_far_away() {
        let motion = Motion { cos: 0.8, sin: 0.6, x: 20.0, y: -10.0 };
        // Skin dragged to the right on the left side only.
        let truth = |x: f32, y: f32| {
            let (u, v) = motion.carry(x, y);
            (u + 8.0 * (-(x - 50.0) * (x - 50.0) / 8000.0).exp(), v)
        };
        let places: Vec<(f32, f32)> = (0..30).map(|i| ((i % 6) as f32 * 50.0, -(i / 6) as f32 * 60.0)).collect();
        let mut warp = Warp::default();
        warp.fit(motion, places.iter().map(|&p| (p, truth(p.0, p.1))));
        for (x, y) in [(25.0, -30.0), (75.0, -90.0), (130.0, -200.0), (220.0, -150.0)] {
            let ((u, v), (s, t)) = (warp.carry(x, y), truth(x, y));
            assert!((u - s).hypot(v - t) < 1.2, "{:?} {:?}", (u, v), (s, t));
        }
        let mut single = Warp::default();
        single.fit(motion, std::iter::once(((0.0, 0.0), (25.0, -10.0))));
        let (near, far) = (single.carry(0.0, 0.0), single.carry(400.0, 0.0));
        assert!((near.0 - 20.0) > 3.0 && (far.0 - motion.carry(400.0, 0.0).0).abs() < 1e-3, "{near:?} {far:?}");
    }
}
