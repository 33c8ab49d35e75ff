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
    near: Vec<Near>,
    used_a: Vec<bool>,
    used_b: Vec<bool>,
    current: Vec<Match>,
    /// Matched minutiae of the best alignment, closest first.
    pub(crate) matches: Vec<Match>,
    /// The rigid motion under which they match.
    pub(crate) motion: Motion,
}

/// A weighted correspondence, and how far the rigid motion leaves it off.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    a: u16,
    b: u16,
    weight: f32,
    /// Where the motion puts the first minutia.
    at: (f32, f32),
    /// What is left to the second one.
    rest: (f32, f32),
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
        self.seeds.clear();
        self.seeds.extend((0..assignment.pairs.len()).map(|t| {
            let row = assignment.compatible_with(t);
            (row.iter().zip(&assignment.pairs).map(|(c, p)| c * p.local).sum::<f32>(), t)
        }));
        self.seeds.sort_by(|p, q| q.0.total_cmp(&p.0).then(p.1.cmp(&q.1)));
        self.seeds.truncate(ALIGN.seeds);

        self.matches.clear();
        let mut best = Motion::default();
        for at in 0..self.seeds.len() {
            let motion = self.grow(a, b, assignment, self.seeds[at].1);
            if self.current.len() > self.matches.len() {
                core::mem::swap(&mut self.current, &mut self.matches);
                best = motion;
            }
        }
        self.motion = best;
        self.evidence(a, b, &best, similarities)
    }

    /// Matches what lies together under the motion of one pair and those compatible with it, into `self.current`.
    fn grow(&mut self, a: &Prepared, b: &Prepared, assignment: &Assignment, seed: usize) -> Motion {
        self.anchors.clear();
        for (k, (pair, &compatible)) in assignment.pairs.iter().zip(assignment.compatible_with(seed)).enumerate() {
            if k == seed || compatible > ALIGN.seed_compatibility {
                self.anchors.push(Anchor {
                    a: pair.a,
                    b: pair.b,
                    weight: pair.local,
                    at: (0.0, 0.0),
                    rest: (0.0, 0.0),
                });
            }
        }
        let mut motion = Motion::fitted(a, b, &self.anchors);
        for (round, &tolerance) in ALIGN.tolerances.iter().enumerate() {
            // The first round has only the seed's neighbourhood to go by: rigid.
            self.match_minutiae(a, b, &motion, tolerance, round > 0);
            if self.current.len() < 2 {
                break;
            }
            self.anchors.clear();
            let anchor = |m: &Match| Anchor { a: m.a, b: m.b, weight: 1.0, at: (0.0, 0.0), rest: (0.0, 0.0) };
            self.anchors.extend(self.current.iter().map(anchor));
            motion = Motion::fitted(a, b, &self.anchors);
        }
        motion
    }

    /// One-to-one matches within `tolerance` pixels, nearest first.
    fn match_minutiae(&mut self, a: &Prepared, b: &Prepared, motion: &Motion, tolerance: f32, stretch: bool) {
        for anchor in &mut self.anchors {
            let q = &b.points[usize::from(anchor.b)];
            anchor.at = motion.apply(&a.points[usize::from(anchor.a)]);
            anchor.rest = (q.x - anchor.at.0, q.y - anchor.at.1);
        }
        self.near.clear();
        for (i, p) in a.points.iter().enumerate() {
            let (mut x, mut y) = motion.apply(p);
            if stretch {
                let (dx, dy) = self.displacement(i, x, y);
                (x, y) = (x + dx, y + dy);
            }
            let (cos, sin) = (motion.cos * p.cos - motion.sin * p.sin, motion.sin * p.cos + motion.cos * p.sin);
            for (j, q) in b.points.iter().enumerate() {
                let d2 = (q.x - x) * (q.x - x) + (q.y - y) * (q.y - y);
                if d2 < tolerance * tolerance {
                    let turn = (cos * q.cos + sin * q.sin).clamp(-1.0, 1.0).acos();
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
        self.current.clear();
        for near in &self.near {
            let (i, j) = (usize::from(near.a), usize::from(near.b));
            if !self.used_a[i] && !self.used_b[j] {
                (self.used_a[i], self.used_b[j]) = (true, true);
                self.current.push(Match { a: near.a, b: near.b, closeness: 1.0 - near.distance / 2.0 });
            }
        }
    }

    /// How far the skin is displaced at `(x, y)`: the mean rest of the anchors around, without minutia `i`'s own, drawn to 0.
    fn displacement(&self, i: usize, x: f32, y: f32) -> (f32, f32) {
        let (mut weight, mut dx, mut dy) = (ALIGN.stretch_stiffness, 0.0, 0.0);
        for anchor in &self.anchors {
            let (u, v) = (anchor.at.0 - x, anchor.at.1 - y);
            let share = 1.0 - (u * u + v * v) / (ALIGN.stretch_radius * ALIGN.stretch_radius);
            if share > 0.0 && usize::from(anchor.a) != i {
                let w = share * share * share;
                weight += w;
                dx += w * anchor.rest.0;
                dy += w * anchor.rest.1;
            }
        }
        (dx / weight, dy / weight)
    }

    fn evidence(&mut self, a: &Prepared, b: &Prepared, motion: &Motion, similarities: &Similarities) -> Evidence {
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
        let back = motion.inverse();
        for (own, used, other, motion) in [(a, &self.used_a, b, motion), (b, &self.used_b, a, &back)] {
            for (p, _) in own.points.iter().zip(used).filter(|(_, used)| !**used) {
                let (x, y) = motion.apply(p);
                if other.hull.depth(x, y) > ALIGN.inside {
                    evidence.missing += p.quality;
                }
            }
        }
        evidence
    }
}

/// A rigid motion of the first print onto the second.
#[derive(Debug, Clone, Copy)]
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
    fn fitted(a: &Prepared, b: &Prepared, anchors: &[Anchor]) -> Self {
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
        (self.cos * p.x - self.sin * p.y + self.x, self.sin * p.x + self.cos * p.y + self.y)
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
        let p = Point {
            x: 12.0,
            y: 5.0,
            direction: 0.0,
            cos: 1.0,
            sin: 0.0,
            quality: 1.0,
            kind: crate::MinutiaKind::Other,
            source: 0,
        };
        let (x, y) = motion.apply(&p);
        let (x, y) = motion.inverse().apply(&Point { x, y, ..p });
        assert!((x - p.x).abs() < 1e-4 && (y - p.y).abs() < 1e-4, "{x} {y}");
    }
}
