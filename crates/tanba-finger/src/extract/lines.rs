//! Reading the ridge lines: hairs are cut, ends and forks found, directions traced.

use super::thin::Skeleton;
use crate::exact::Exact;

/// A point where a ridge line ends or forks, before any judgement.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Column and row in image pixels.
    pub(crate) x: f32,
    /// Row in image pixels.
    pub(crate) y: f32,
    /// An end (one branch) or a fork (three).
    pub(crate) fork: bool,
    /// Unit vectors (x right, y down) to where each branch is after the trace; for an end the ridge's body.
    pub(crate) branches: Vec<(f32, f32)>,
    /// Pixels followed along the shortest branch before it ended or forked, at most the trace length.
    pub(crate) reach: usize,
}

/// How many separate lines leave a point: half the changes around it (Rutovitz's crossing number).
pub(crate) fn crossing_number(bits: u8) -> u32 {
    (bits ^ bits.rotate_right(1)).count_ones() / 2
}

/// Cuts branches that end within `length` pixels of the fork they leave, and single points.
pub(crate) fn prune(skeleton: &mut Skeleton, length: usize) {
    let mut path = Vec::new();
    for end in skeleton.ends() {
        if !skeleton.is_set(end) {
            continue;
        }
        // A hair ends at a fork, a crumb at its own other end.
        if follow(skeleton, end, &[], length, &mut path) != Stop::Far {
            path.iter().for_each(|&p| skeleton.clear(p));
        }
    }
}

/// Why a trace stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Fork,
    End,
    Far,
}

/// Follows a line from `start`, never onto `barred` points, for at most `length` points; the points passed, `start`
/// first and the fork itself not, are put on `path`.
fn follow(skeleton: &Skeleton, start: usize, barred: &[usize], length: usize, path: &mut Vec<usize>) -> Stop {
    path.clear();
    let mut here = start;
    loop {
        path.push(here);
        if path.len() > length {
            return Stop::Far;
        }
        let bits = skeleton.neighbours(here);
        // Straight neighbours come first: a diagonal one may belong to the same step of a staircase.
        let next = [0, 2, 4, 6, 1, 3, 5, 7]
            .into_iter()
            .filter(|k| bits >> k & 1 == 1)
            .map(|k| skeleton.step(here, k))
            .find(|q| !barred.contains(q) && !path.contains(q));
        let Some(next) = next else { return Stop::End };
        if crossing_number(skeleton.neighbours(next)) >= 3 {
            return Stop::Fork;
        }
        here = next;
    }
}

/// All ends and forks of the lines, each with its branches traced for `length` pixels.
pub(crate) fn nodes(skeleton: &Skeleton, length: usize) -> Vec<Node> {
    let mut found = Vec::new();
    let (mut path, mut barred) = (Vec::new(), Vec::new());
    for p in skeleton.ends_and_forks() {
        let bits = skeleton.neighbours(p);
        let crossings = crossing_number(bits);
        let (x, y) = skeleton.place(p);
        let mut branches = Vec::new();
        let mut reach = length;
        // Each run of set neighbours is the root of one branch; the others' roots bar the way.
        let gap = (0..8).find(|k| bits >> k & 1 == 0).unwrap_or(0);
        let mut root: Vec<usize> = Vec::new();
        for k in gap + 1..=gap + 8 {
            if bits >> (k % 8) & 1 == 1 {
                root.push(skeleton.step(p, k % 8));
                continue;
            }
            if root.is_empty() {
                continue;
            }
            barred.clear();
            barred.push(p);
            let around = (0..8).filter(|k| bits >> k & 1 == 1).map(|k| skeleton.step(p, k));
            barred.extend(around.filter(|q| !root.contains(q)));
            let mut best = (p, 0);
            for start in root.drain(..) {
                let _ = follow(skeleton, start, &barred, length, &mut path);
                if path.len() > best.1 {
                    best = (path[path.len() - 1], path.len());
                }
            }
            reach = reach.min(best.1);
            let there = skeleton.place(best.0);
            let (dx, dy) = (there.0 - x, there.1 - y);
            let d = dx.hypot_exact(dy).max(1e-6);
            branches.push((dx / d, dy / d));
        }
        let wanted = if crossings == 1 { 1 } else { 3 };
        if branches.len() == wanted {
            found.push(Node { x, y, fork: crossings == 3, branches, reach });
        }
    }
    found
}
