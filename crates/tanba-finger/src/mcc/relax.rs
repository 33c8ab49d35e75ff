//! From local similarities to pairs that agree with each other: greedy assignment, then relaxation (LGS-R).

use super::align::Anchor;
use super::params::{ALIGN, MCC};
use super::similarity::Similarities;
use super::{Point, Prepared};
use crate::exact::Exact;

/// Levels into which similarities are sorted.
const LEVELS: usize = 512;

/// A pair of minutiae, one of each template, and how strongly it is believed in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    /// Index into the points of the first template.
    pub(crate) a: u16,
    /// Index into the points of the second template.
    pub(crate) b: u16,
    /// Local similarity of the cylinders.
    pub(crate) local: f32,
    /// Belief after relaxation.
    pub(crate) belief: f32,
}

/// Pairs and their compatibility, in memory that is kept between comparisons.
#[derive(Debug, Default)]
pub(crate) struct Assignment {
    heads: Vec<u32>,
    order: Vec<(u16, u16)>,
    used_a: Vec<bool>,
    used_b: Vec<bool>,
    /// One-to-one, best local similarity first.
    pub(crate) pairs: Vec<Pair>,
    columns: Columns,
    /// `pairs.len()` squared, symmetric, 0 on the diagonal.
    compatibility: Vec<f32>,
    belief: Vec<f32>,
    next: Vec<f32>,
    ranked: Vec<(f32, f32)>,
}

impl Assignment {
    /// The best one-to-one pairs by local similarity, best first.
    pub(crate) fn assign(&mut self, similarities: &Similarities, a: &Prepared, b: &Prepared) {
        self.sort(similarities);
        self.used_a.clear();
        self.used_a.resize(similarities.rows, false);
        self.used_b.clear();
        self.used_b.resize(similarities.columns, false);
        self.pairs.clear();
        let most = similarities.rows.min(similarities.columns);
        for &(i, j) in &self.order {
            let (i, j) = (usize::from(i), usize::from(j));
            if self.used_a[i] || self.used_b[j] {
                continue;
            }
            (self.used_a[i], self.used_b[j]) = (true, true);
            let local = similarities.values[i * similarities.columns + j];
            self.pairs.push(Pair { a: a.cylinders[i].point, b: b.cylinders[j].point, local, belief: local });
            if self.pairs.len() == most {
                break;
            }
        }
    }

    /// Places of the positive similarities, best first: a counting sort by level, stable within a level.
    fn sort(&mut self, similarities: &Similarities) {
        let level = |v: f32| ((1.0 - v) * (LEVELS - 1) as f32) as usize;
        self.heads.clear();
        self.heads.resize(LEVELS + 1, 0);
        for &v in &similarities.values {
            if v > 0.0 {
                self.heads[level(v) + 1] += 1;
            }
        }
        for l in 0..LEVELS {
            self.heads[l + 1] += self.heads[l];
        }
        self.order.clear();
        self.order.resize(self.heads[LEVELS] as usize, (0, 0));
        for (i, row) in similarities.values.chunks_exact(similarities.columns.max(1)).enumerate() {
            for (j, &v) in row.iter().enumerate() {
                if v > 0.0 {
                    let head = &mut self.heads[level(v)];
                    self.order[*head as usize] = (i as u16, j as u16);
                    *head += 1;
                }
            }
        }
    }

    /// Lets every pair's belief follow those of the pairs that are compatible with it.
    pub(crate) fn relax(&mut self, a: &Prepared, b: &Prepared) {
        let n = self.pairs.len();
        self.columns.fill(&self.pairs, a, b);
        self.compatibility.clear();
        self.compatibility.resize(n * n, 0.0);
        pulp::Arch::new().dispatch(CompatibilityRows { columns: &self.columns, rows: &mut self.compatibility });
        self.belief.clear();
        self.belief.extend(self.pairs.iter().map(|p| p.local));
        let others = n.saturating_sub(1).max(1) as f32;
        for _ in 0..MCC.relaxation_rounds {
            self.next.clear();
            for t in 0..n {
                let support = self.support(t) / others;
                self.next.push(MCC.relaxation_own * self.belief[t] + (1.0 - MCC.relaxation_own) * support);
            }
            core::mem::swap(&mut self.belief, &mut self.next);
        }
        for (pair, &belief) in self.pairs.iter_mut().zip(&self.belief) {
            pair.belief = belief;
        }
    }

    /// Summed belief of the pairs compatible with pair `t`.
    fn support(&self, t: usize) -> f32 {
        self.compatible_with(t).iter().zip(&self.belief).map(|(c, b)| c * b).sum()
    }

    /// Compatibility of every pair with pair `t`, after [`Self::relax`].
    pub(crate) fn compatible_with(&self, t: usize) -> &[f32] {
        let n = self.pairs.len();
        &self.compatibility[t * n..(t + 1) * n]
    }

    /// Every pair by the support that it has from the others, most first: where to begin an alignment.
    pub(crate) fn seeds(&self, seeds: &mut Vec<(f32, usize)>) {
        seeds.clear();
        seeds.extend((0..self.pairs.len()).map(|t| {
            let row = self.compatible_with(t);
            (row.iter().zip(&self.pairs).map(|(c, p)| c * p.local).sum::<f32>(), t)
        }));
        seeds.sort_by(|p, q| q.0.total_cmp(&p.0).then(p.1.cmp(&q.1)));
    }

    /// A seed and the pairs compatible with it: where an alignment begins.
    pub(crate) fn anchors(&self, seed: usize, anchors: &mut Vec<Anchor>) {
        anchors.clear();
        for (k, (pair, &compatible)) in self.pairs.iter().zip(self.compatible_with(seed)).enumerate() {
            if k == seed || compatible > ALIGN.seed_compatibility {
                anchors.push(Anchor::new(pair.a, pair.b, pair.local));
            }
        }
    }

    /// Mean belief of the most efficient pairs (those that lost least by relaxation): the global score of LGS-R for templates
    /// of which the smaller has `cylinders`.
    pub(crate) fn global(&mut self, cylinders: usize) -> f32 {
        let wanted = pairs_wanted(cylinders);
        self.ranked.clear();
        self.ranked.extend(self.pairs.iter().map(|p| (p.belief / p.local, p.belief)));
        self.ranked.sort_by(|p, q| q.0.total_cmp(&p.0));
        // Fewer pairs than wanted count as pairs without belief.
        self.ranked.iter().take(wanted).map(|p| p.1).sum::<f32>() / wanted as f32
    }
}

/// How many pairs make the global score, from the size of the smaller template.
fn pairs_wanted(cylinders: usize) -> usize {
    let share = 1.0 / (1.0 + (-MCC.pairs_slope * (cylinders as f32 - MCC.pairs_centre)).exp_exact());
    (MCC.min_pairs + (share * (MCC.max_pairs - MCC.min_pairs)).round()) as usize
}

/// The pairs' coordinates as columns, so that a row of compatibilities is plain vector arithmetic.
#[derive(Debug, Default)]
struct Columns {
    ax: Vec<f32>,
    ay: Vec<f32>,
    bx: Vec<f32>,
    by: Vec<f32>,
    /// The turn from b to a as a unit vector: `exp(i (direction_a - direction_b))`.
    turn_cos: Vec<f32>,
    turn_sin: Vec<f32>,
}

impl Columns {
    fn fill(&mut self, pairs: &[Pair], a: &Prepared, b: &Prepared) {
        let of = |column: &mut Vec<f32>, value: fn(&Point, &Point) -> f32| {
            column.clear();
            column.extend(pairs.iter().map(|p| value(&a.points[usize::from(p.a)], &b.points[usize::from(p.b)])));
        };
        of(&mut self.ax, |a, _| a.x);
        of(&mut self.ay, |a, _| a.y);
        of(&mut self.bx, |_, b| b.x);
        of(&mut self.by, |_, b| b.y);
        of(&mut self.turn_cos, |a, b| a.cos * b.cos + a.sin * b.sin);
        of(&mut self.turn_sin, |a, b| a.sin * b.cos - a.cos * b.sin);
    }

    /// How well pair `t` agrees with every pair: distance, direction difference, and the radial angle seen from either minutia.
    /// Each of the four differences, as a share of its tolerance, passes a soft step that is 1 at 0, 1/2 at the tolerance
    /// (MCC has logistic steps; an eighth power needs no exponential). Angles enter through their cosines.
    #[inline(always)]
    fn compatibility_row(&self, t: usize, row: &mut [f32]) {
        let n = row.len();
        let (ax, ay, bx, by) = (&self.ax[..n], &self.ay[..n], &self.bx[..n], &self.by[..n]);
        let (tc, ts) = (&self.turn_cos[..n], &self.turn_sin[..n]);
        let direction = 2.0 / (MCC.direction_tolerance * MCC.direction_tolerance);
        let radial = 2.0 / (MCC.radial_tolerance * MCC.radial_tolerance);
        let fourth = |x: f32| {
            let square = x * x;
            square * square
        };
        for k in 0..n {
            let (dax, day) = (ax[k] - ax[t], ay[k] - ay[t]);
            let (dbx, dby) = (bx[k] - bx[t], by[k] - by[t]);
            // Minutiae on one place have no radial angle; the small constant makes it right angles, which is far off.
            let ra = (dax * dax + day * day + 1e-6).sqrt();
            let rb = (dbx * dbx + dby * dby + 1e-6).sqrt();
            let tolerance = MCC.distance_tolerance + MCC.distance_share * ra.min(rb);
            let d1 = (ra - rb) / tolerance;
            let d2 = 1.0 - (tc[t] * tc[k] + ts[t] * ts[k]);
            // b's displacement turned by t's and by k's turn, against a's.
            let (dot, cross) = (dax * dbx + day * dby, day * dbx - dax * dby);
            let unit = 1.0 / (ra * rb);
            let d3 = 1.0 - (tc[t] * dot + ts[t] * cross) * unit;
            let d4 = 1.0 - (tc[k] * dot + ts[k] * cross) * unit;
            let steps = (1.0 + fourth(d1 * d1))
                * (1.0 + fourth(direction * d2))
                * (1.0 + fourth(radial * d3))
                * (1.0 + fourth(radial * d4));
            row[k] = 1.0 / steps;
        }
        row[t] = 0.0;
    }
}

/// All rows at once, compiled for each instruction set.
struct CompatibilityRows<'a> {
    columns: &'a Columns,
    rows: &'a mut [f32],
}

impl pulp::WithSimd for CompatibilityRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let n = self.columns.ax.len();
        for (t, row) in self.rows.chunks_exact_mut(n.max(1)).enumerate() {
            self.columns.compatibility_row(t, row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f32::consts::PI;

    /// The slow, obvious form: angles as angles.
    fn reference(at: &Point, bt: &Point, ak: &Point, bk: &Point) -> f32 {
        let turn = |angle: f32| (angle + PI).rem_euclid(2.0 * PI) - PI;
        let step = |d: f32, tolerance: f32| 1.0 / (1.0 + (d / tolerance).powi(8));
        let (ra, rb) = ((ak.x - at.x).hypot(ak.y - at.y), (bk.x - bt.x).hypot(bk.y - bt.y));
        let (va, vb) = ((ak.y - at.y).atan2(ak.x - at.x), (bk.y - bt.y).atan2(bk.x - bt.x));
        step(ra - rb, MCC.distance_tolerance + MCC.distance_share * ra.min(rb))
            * step(turn((at.direction - bt.direction) - (ak.direction - bk.direction)), MCC.direction_tolerance)
            * step(turn((va - at.direction) - (vb - bt.direction)), MCC.radial_tolerance)
            * step(turn((va - ak.direction) - (vb - bk.direction)), MCC.radial_tolerance)
    }

    #[test]
    fn compatibility_is_that_of_the_angles() {
        let a = [
            Point::drawn(0.0, 0.0, 0.3),
            Point::drawn(60.0, 10.0, 1.0),
            Point::drawn(20.0, -70.0, 4.0),
            Point::drawn(-40.0, 30.0, 6.0),
        ];
        let b = [
            Point::drawn(5.0, 5.0, 0.4),
            Point::drawn(63.0, 22.0, 1.15),
            Point::drawn(33.0, -60.0, 3.9),
            Point::drawn(-70.0, 31.0, 0.1),
        ];
        let mut columns = Columns::default();
        let fill = |f: fn(&Point, &Point) -> f32| a.iter().zip(&b).map(|(a, b)| f(a, b)).collect::<Vec<_>>();
        columns.ax = fill(|a, _| a.x);
        columns.ay = fill(|a, _| a.y);
        columns.bx = fill(|_, b| b.x);
        columns.by = fill(|_, b| b.y);
        columns.turn_cos = fill(|a, b| (a.direction - b.direction).cos());
        columns.turn_sin = fill(|a, b| (a.direction - b.direction).sin());
        for t in 0..4 {
            let mut row = [0.0; 4];
            columns.compatibility_row(t, &mut row);
            for k in 0..4 {
                let slow = if t == k { 0.0 } else { reference(&a[t], &b[t], &a[k], &b[k]) };
                // 2 (1 - cos d) stands for d squared: 1 % less at the tolerance, to the fourth power.
                assert!((row[k] - slow).abs() < 0.03, "{t} {k}: {} {slow}", row[k]);
            }
        }
    }
}
