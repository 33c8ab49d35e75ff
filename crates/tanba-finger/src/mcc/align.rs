//! After relaxation: lay one print on the other and look at all minutiae, not only the paired ones.
//!
//! The recipe is [`Aligner::align`]. From the best supported pairs a rigid motion is fitted; minutiae that come to lie on each
//! other are matched one to one; the motion is refitted from them, with a local displacement that follows the skin's stretch;
//! and again, with a narrower tolerance. What then matches speaks for one finger, what should have matched and did not speaks
//! against ([`Evidence`]).

use super::params::ALIGN;
use super::relax::Assignment;
use super::similarity::Similarities;
use super::{Point, Prepared};
use crate::exact::Exact;
use pulp::{Arch, Simd, WithSimd};

/// Two minutiae that lie on each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Match {
    pub(crate) a: u16,
    pub(crate) b: u16,
    /// 1 on the same place in the same direction, 0 at the tolerance of both.
    pub(crate) closeness: f32,
}

/// What an alignment says, as sums over minutiae.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Evidence {
    /// Closeness of the matched minutiae.
    pub(crate) closeness: f32,
    /// Local similarity of the matched minutiae.
    pub(crate) similarity: f32,
    /// Matched minutiae of the same kind less those of different kinds.
    pub(crate) kinds: f32,
    /// Quality of the minutiae of either print that lie inside the other print and match nothing there.
    pub(crate) missing: f32,
}

/// Working memory of the alignment.
#[derive(Debug, Default)]
pub(crate) struct Aligner {
    seeds: Vec<(f32, usize)>,
    anchors: Vec<Anchor>,
    rests: Rests,
    /// Where the minutiae of the first print come to lie, by their numbers.
    displaced: Vec<Option<(f32, f32)>>,
    matcher: Matcher,
    best: Vec<Match>,
    /// The rigid motion under which minutiae match.
    pub(crate) motion: Motion,
}

/// Matches minutiae one to one, once it is known where those of the first print come to lie.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    near: Vec<Near>,
    used_a: Vec<bool>,
    used_b: Vec<bool>,
    /// Matched minutiae, closest first.
    pub(crate) matches: Vec<Match>,
}

/// A weighted correspondence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anchor {
    pub(crate) a: u16,
    pub(crate) b: u16,
    weight: f32,
}

impl Anchor {
    pub(crate) fn new(a: u16, b: u16, weight: f32) -> Self {
        Self { a, b, weight }
    }
}

/// Two minutiae near enough to be matched.
#[derive(Debug, Clone, Copy)]
struct Near {
    distance: f32,
    a: u16,
    b: u16,
}

impl Aligner {
    /// The best alignment from the best supported pairs; needs a relaxed assignment of at least two pairs.
    pub(crate) fn align(
        &mut self,
        a: &Prepared,
        b: &Prepared,
        assignment: &Assignment,
        similarities: &Similarities,
    ) -> Evidence {
        assignment.seeds(&mut self.seeds);
        self.seeds.truncate(ALIGN.seeds);
        self.best.clear();
        let mut best = Motion::default();
        for at in 0..self.seeds.len() {
            let motion = self.grow(a, b, assignment, self.seeds[at].1);
            if self.matcher.matches.len() > self.best.len() {
                core::mem::swap(&mut self.matcher.matches, &mut self.best);
                best = motion;
            }
        }
        core::mem::swap(&mut self.matcher.matches, &mut self.best);
        self.motion = best;
        let back = best.inverse();
        let inside = |other: &Prepared, motion: &Motion, p: &Point| {
            let (x, y) = motion.apply(p);
            other.hull.depth(x, y) > ALIGN.inside
        };
        self.matcher.evidence(a, b, similarities, |p| inside(b, &best, p), |p| inside(a, &back, p))
    }

    /// Minutiae that lie on each other, closest first.
    pub(crate) fn matches(&self) -> &[Match] {
        &self.matcher.matches
    }

    /// Matches what lies together around one pair, then around what was matched, and so on outward.
    fn grow(&mut self, a: &Prepared, b: &Prepared, assignment: &Assignment, seed: usize) -> Motion {
        assignment.anchors(seed, &mut self.anchors);
        let mut motion = Motion::fitted(a, b, &self.anchors);
        for &tolerance in &ALIGN.tolerances {
            self.match_minutiae(a, b, &motion, tolerance);
            if self.matcher.matches.len() < 2 {
                break;
            }
            self.anchors.clear();
            self.anchors.extend(self.matcher.matches.iter().map(|m| Anchor::new(m.a, m.b, 1.0)));
            motion = Motion::fitted(a, b, &self.anchors);
        }
        motion
    }

    /// One-to-one matches within `tolerance` pixels of where the anchors around a minutia carry it, nearest first.
    fn match_minutiae(&mut self, a: &Prepared, b: &Prepared, motion: &Motion, tolerance: f32) {
        self.rests.fill(&self.anchors, a, b, motion);
        self.displaced.clear();
        // The widest vector instructions of the machine; the sums are the same with any.
        let displacing = Displacing { points: &a.points, motion, rests: &self.rests, displaced: &mut self.displaced };
        Arch::new().dispatch(displacing);
        let displaced = &self.displaced;
        self.matcher.run(a, b, tolerance, |p| {
            let turned = (motion.cos * p.cos - motion.sin * p.sin, motion.sin * p.cos + motion.cos * p.sin);
            Some((displaced[usize::from(p.number)]?, turned))
        });
    }
}

/// How many anchors go through the registers together.
const LANES: usize = 8;

/// Where a rigid motion puts the anchors' first minutiae and what is left to the second ones, in columns, filled up with anchors that
/// are too far off to count.
#[derive(Debug, Default)]
struct Rests {
    numbers: Vec<[u16; LANES]>,
    x: Vec<[f32; LANES]>,
    y: Vec<[f32; LANES]>,
    rest_x: Vec<[f32; LANES]>,
    rest_y: Vec<[f32; LANES]>,
}

impl Rests {
    fn fill(&mut self, anchors: &[Anchor], a: &Prepared, b: &Prepared, motion: &Motion) {
        const FAR: f32 = 1e9;
        let groups = anchors.len().div_ceil(LANES);
        let Self { numbers, x, y, rest_x, rest_y } = self;
        numbers.clear();
        numbers.resize(groups, [0; LANES]);
        for (column, value) in [(&mut *x, FAR), (&mut *y, FAR), (&mut *rest_x, 0.0), (&mut *rest_y, 0.0)] {
            column.clear();
            column.resize(groups, [value; LANES]);
        }
        for (k, anchor) in anchors.iter().enumerate() {
            let at = motion.apply(&a.points[usize::from(anchor.a)]);
            let q = &b.points[usize::from(anchor.b)];
            let (group, lane) = (k / LANES, k % LANES);
            numbers[group][lane] = anchor.a;
            (x[group][lane], y[group][lane]) = at;
            (rest_x[group][lane], rest_y[group][lane]) = (q.x - at.0, q.y - at.1);
        }
    }

    /// How far the skin is displaced at `(x, y)`: a line through the rests of the anchors around (minutia `i`'s own left out),
    /// the nearer the weightier, drawn to the rigid motion; `None` where no anchor is near enough to tell.
    #[inline(always)]
    fn displacement(&self, i: u16, x: f32, y: f32) -> Option<(f32, f32)> {
        const PER_AREA: f32 = 1.0 / (ALIGN.stretch_radius * ALIGN.stretch_radius);
        // Normal equations of `rest = c + g (u, v)`, with c and g held small; lane by lane.
        let mut sums = [[0.0f32; LANES]; 12];
        for group in 0..self.numbers.len() {
            let (ax, ay, rx, ry) = (&self.x[group], &self.y[group], &self.rest_x[group], &self.rest_y[group]);
            for k in 0..LANES {
                let (u, v) = (ax[k] - x, ay[k] - y);
                let share = (1.0 - (u * u + v * v) * PER_AREA).max(0.0);
                let w = if self.numbers[group][k] == i { 0.0 } else { share * share * share };
                let (wu, wv) = (w * u, w * v);
                let terms = [
                    w,
                    wu,
                    wv,
                    wu * u,
                    wu * v,
                    wv * v,
                    w * rx[k],
                    wu * rx[k],
                    wv * rx[k],
                    w * ry[k],
                    wu * ry[k],
                    wv * ry[k],
                ];
                for n in 0..terms.len() {
                    sums[n][k] += terms[n];
                }
            }
        }
        let [sw, su, sv, suu, suv, svv, xw, xu, xv, yw, yu, yv] = sums.map(|lanes| {
            let half = |k: usize| lanes[k] + lanes[k + LANES / 2];
            (half(0) + half(2)) + (half(1) + half(3))
        });
        if sw < ALIGN.support {
            return None;
        }
        let (sw, suu, svv) = (sw + ALIGN.stretch_stiffness, suu + ALIGN.shear_stiffness, svv + ALIGN.shear_stiffness);
        // First row of the inverse, by cofactors.
        let (c0, c1, c2) = (suu * svv - suv * suv, suv * sv - su * svv, su * suv - suu * sv);
        let scale = 1.0 / (sw * c0 + su * c1 + sv * c2);
        Some(((c0 * xw + c1 * xu + c2 * xv) * scale, (c0 * yw + c1 * yu + c2 * yv) * scale))
    }
}

/// Where each minutia of the first print comes to lie; a type and not a closure because closures are not inlined into the dispatched
/// function.
struct Displacing<'a> {
    points: &'a [Point],
    motion: &'a Motion,
    rests: &'a Rests,
    displaced: &'a mut Vec<Option<(f32, f32)>>,
}

impl WithSimd for Displacing<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for p in self.points {
            let (x, y) = self.motion.apply(p);
            let displacement = self.rests.displacement(p.number, x, y);
            self.displaced.push(displacement.map(|(dx, dy)| (x + dx, y + dy)));
        }
    }
}

impl Matcher {
    /// One-to-one matches, nearest first, within `tolerance` pixels of where `carry` says that a minutia of the first print lies
    /// and points to.
    pub(crate) fn run(
        &mut self,
        a: &Prepared,
        b: &Prepared,
        tolerance: f32,
        carry: impl Fn(&Point) -> Option<((f32, f32), (f32, f32))>,
    ) {
        self.near.clear();
        for (i, p) in a.points.iter().enumerate() {
            let Some(((x, y), (cos, sin))) = carry(p) else { continue };
            for (j, q) in b.points.iter().enumerate() {
                let d2 = (q.x - x) * (q.x - x) + (q.y - y) * (q.y - y);
                if d2 < tolerance * tolerance {
                    let turn = (cos * q.cos + sin * q.sin).clamp(-1.0, 1.0).acos_exact();
                    if turn < ALIGN.direction_tolerance {
                        let distance = d2.sqrt() / tolerance + turn / ALIGN.direction_tolerance;
                        self.near.push(Near { distance, a: i as u16, b: j as u16 });
                    }
                }
            }
        }
        self.near.sort_by(|m, n| m.distance.total_cmp(&n.distance).then((m.a, m.b).cmp(&(n.a, n.b))));
        self.used_a.clear();
        self.used_a.resize(a.points.len(), false);
        self.used_b.clear();
        self.used_b.resize(b.points.len(), false);
        self.matches.clear();
        for near in &self.near {
            let (i, j) = (usize::from(near.a), usize::from(near.b));
            if !self.used_a[i] && !self.used_b[j] {
                (self.used_a[i], self.used_b[j]) = (true, true);
                self.matches.push(Match { a: near.a, b: near.b, closeness: 1.0 - near.distance / 2.0 });
            }
        }
    }

    /// What the matches say, and what is missing: minutiae of either print that lie inside the other and match nothing.
    pub(crate) fn evidence(
        &mut self,
        a: &Prepared,
        b: &Prepared,
        similarities: &Similarities,
        first_inside: impl Fn(&Point) -> bool,
        second_inside: impl Fn(&Point) -> bool,
    ) -> Evidence {
        let mut evidence = Evidence::default();
        self.used_a.clear();
        self.used_a.resize(a.points.len(), false);
        self.used_b.clear();
        self.used_b.resize(b.points.len(), false);
        for m in &self.matches {
            let (i, j) = (usize::from(m.a), usize::from(m.b));
            (self.used_a[i], self.used_b[j]) = (true, true);
            evidence.closeness += m.closeness;
            if let (Some(row), Some(column)) = (a.cylinder_of(i), b.cylinder_of(j)) {
                evidence.similarity += similarities.values[row * similarities.columns + column];
            }
            evidence.kinds += if a.points[i].kind == b.points[j].kind { 1.0 } else { -1.0 };
        }
        let missing = |points: &[Point], used: &[bool], inside: &dyn Fn(&Point) -> bool| {
            points.iter().zip(used).filter(|(p, used)| !**used && inside(p)).map(|(p, _)| p.quality).sum::<f32>()
        };
        evidence.missing =
            missing(&a.points, &self.used_a, &first_inside) + missing(&b.points, &self.used_b, &second_inside);
        evidence
    }
}

/// A rigid motion of the first print onto the second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Motion {
    pub(crate) cos: f32,
    pub(crate) sin: f32,
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl Default for Motion {
    fn default() -> Self {
        Self { cos: 1.0, sin: 0.0, x: 0.0, y: 0.0 }
    }
}

impl Motion {
    /// Least squares over positions; directions add as if each minutia had a second point a lever's length ahead.
    pub(crate) fn fitted(a: &Prepared, b: &Prepared, anchors: &[Anchor]) -> Self {
        let points = |n: &Anchor| (&a.points[usize::from(n.a)], &b.points[usize::from(n.b)]);
        let mut sum = [0.0f32; 5];
        for n in anchors {
            let (p, q) = points(n);
            for (s, v) in sum.iter_mut().zip([1.0, p.x, p.y, q.x, q.y]) {
                *s += n.weight * v;
            }
        }
        let weight = sum[0].max(f32::MIN_POSITIVE);
        let [_, px, py, qx, qy] = sum.map(|s| s / weight);
        let (mut cos, mut sin) = (0.0f32, 0.0f32);
        let lever = ALIGN.direction_lever * ALIGN.direction_lever;
        for n in anchors {
            let (p, q) = points(n);
            let (u, v, s, t) = (p.x - px, p.y - py, q.x - qx, q.y - qy);
            cos += n.weight * (u * s + v * t + lever * (p.cos * q.cos + p.sin * q.sin));
            sin += n.weight * (u * t - v * s + lever * (p.cos * q.sin - p.sin * q.cos));
        }
        let norm = (cos * cos + sin * sin).sqrt();
        let (cos, sin) = if norm > 0.0 { (cos / norm, sin / norm) } else { (1.0, 0.0) };
        Self { cos, sin, x: qx - cos * px + sin * py, y: qy - sin * px - cos * py }
    }

    fn apply(&self, p: &Point) -> (f32, f32) {
        self.carry(p.x, p.y)
    }

    /// Where a place of the first print comes to lie.
    #[inline(always)]
    pub(crate) fn carry(&self, x: f32, y: f32) -> (f32, f32) {
        (self.cos * x - self.sin * y + self.x, self.sin * x + self.cos * y + self.y)
    }

    pub(crate) fn inverse(&self) -> Self {
        Self {
            cos: self.cos,
            sin: -self.sin,
            x: -(self.cos * self.x + self.sin * self.y),
            y: self.sin * self.x - self.cos * self.y,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_motion_is_undone_by_its_inverse() {
        let motion = Motion { cos: 0.6, sin: 0.8, x: 30.0, y: -7.0 };
        let p = Point::drawn(12.0, 5.0, 0.0);
        let (x, y) = motion.apply(&p);
        let (x, y) = motion.inverse().apply(&Point { x, y, ..p });
        assert!((x - p.x).abs() < 1e-4 && (y - p.y).abs() < 1e-4, "{x} {y}");
    }
}
