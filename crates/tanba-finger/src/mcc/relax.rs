//! From local similarities to pairs that agree with each other: greedy assignment, then relaxation (LGS-R).

use super::params::MCC;
use super::similarity::Similarities;
use super::{Point, Prepared};
use core::f32::consts::{PI, TAU};

/// Levels into which similarities are sorted.
const LEVELS: usize = 1024;

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

/// Memory of the assignment, kept between comparisons.
#[derive(Debug, Default)]
pub(crate) struct Assignment {
    heads: Vec<u32>,
    order: Vec<u32>,
    used_a: Vec<bool>,
    used_b: Vec<bool>,
    pub(crate) pairs: Vec<Pair>,
    compatibility: Vec<f32>,
    belief: Vec<f32>,
    next: Vec<f32>,
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
        for &at in &self.order {
            let (i, j) = (at as usize / similarities.columns, at as usize % similarities.columns);
            if self.used_a[i] || self.used_b[j] {
                continue;
            }
            (self.used_a[i], self.used_b[j]) = (true, true);
            let local = similarities.values[at as usize];
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
        self.order.resize(self.heads[LEVELS] as usize, 0);
        for (at, &v) in similarities.values.iter().enumerate() {
            if v > 0.0 {
                let head = &mut self.heads[level(v)];
                self.order[*head as usize] = at as u32;
                *head += 1;
            }
        }
    }

    /// Lets every pair's belief follow those of the pairs that are compatible with it.
    pub(crate) fn relax(&mut self, a: &Prepared, b: &Prepared) {
        let n = self.pairs.len();
        if n < 2 {
            return;
        }
        self.compatibility.clear();
        self.compatibility.resize(n * n, 0.0);
        for t in 0..n {
            for k in t + 1..n {
                let (p, q) = (self.pairs[t], self.pairs[k]);
                let c = compatibility(
                    &a.points[usize::from(p.a)],
                    &b.points[usize::from(p.b)],
                    &a.points[usize::from(q.a)],
                    &b.points[usize::from(q.b)],
                );
                self.compatibility[t * n + k] = c;
                self.compatibility[k * n + t] = c;
            }
        }
        self.belief.clear();
        self.belief.extend(self.pairs.iter().map(|p| p.local));
        for _ in 0..MCC.relaxation_rounds {
            self.next.clear();
            for t in 0..n {
                let support: f32 =
                    self.compatibility[t * n..(t + 1) * n].iter().zip(&self.belief).map(|(c, b)| c * b).sum();
                self.next
                    .push(MCC.relaxation_own * self.belief[t] + (1.0 - MCC.relaxation_own) * support / (n - 1) as f32);
            }
            core::mem::swap(&mut self.belief, &mut self.next);
        }
        for (pair, &belief) in self.pairs.iter_mut().zip(&self.belief) {
            pair.belief = belief;
        }
    }

    /// Mean belief of the most efficient pairs: the global score of LGS-R.
    pub(crate) fn global(&mut self, cylinders: usize) -> f32 {
        let wanted = pairs_wanted(cylinders);
        self.pairs.sort_by(|p, q| (q.belief / q.local).total_cmp(&(p.belief / p.local)));
        // Fewer pairs than wanted count as pairs without belief.
        self.pairs.iter().take(wanted).map(|p| p.belief).sum::<f32>() / wanted as f32
    }
}

/// How many pairs make the global score, from the size of the smaller template.
fn pairs_wanted(cylinders: usize) -> usize {
    let share = sigmoid(cylinders as f32, MCC.pairs_centre, MCC.pairs_slope);
    (MCC.min_pairs + (share * (MCC.max_pairs - MCC.min_pairs)).round()) as usize
}

/// How well two pairs agree: distance, direction difference, and radial angle.
fn compatibility(at: &Point, bt: &Point, ak: &Point, bk: &Point) -> f32 {
    let (ax, ay, bx, by) = (ak.x - at.x, ak.y - at.y, bk.x - bt.x, bk.y - bt.y);
    let d1 = ((ax * ax + ay * ay).sqrt() - (bx * bx + by * by).sqrt()).abs();
    if d1 > 12.0 {
        return 0.0;
    }
    let d2 = turn((at.direction - ak.direction) - (bt.direction - bk.direction)).abs();
    let d3 = turn((ay.atan2(ax) - at.direction) - (by.atan2(bx) - bt.direction)).abs();
    let d4 = turn((ay.atan2(ax) - ak.direction) - (by.atan2(bx) - bk.direction)).abs();
    sigmoid(d1, 5.0, -1.6)
        * sigmoid(d2, PI / 12.0, -30.0)
        * sigmoid(d3, PI / 12.0, -30.0)
        * sigmoid(d4, PI / 12.0, -30.0)
}

fn turn(angle: f32) -> f32 {
    (angle + PI).rem_euclid(TAU) - PI
}

fn sigmoid(v: f32, centre: f32, slope: f32) -> f32 {
    1.0 / (1.0 + (-slope * (v - centre)).exp())
}
