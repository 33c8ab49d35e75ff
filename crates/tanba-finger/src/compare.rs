//! One impression against another: how much do their minutiae speak for the same finger?
//!
//! The recipe is [`compare`]: local similarities, one-to-one pairs, relaxation, score. It is symmetric in its arguments and
//! deterministic.

use crate::mcc::Prepared;
use crate::mcc::relax::Assignment;
use crate::mcc::similarity::Similarities;

/// The outcome of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Similarity, 0 (nothing in common) to 1. Not a probability: see [`crate::calibrate`].
    pub score: f32,
    /// The minutiae that were paired: index in the first template, index in the second, belief in the pair; best first.
    pub pairs: Vec<(usize, usize, f32)>,
}

/// Working memory of comparisons; one per thread, used again and again.
#[derive(Debug, Default)]
pub struct Scratch {
    similarities: Similarities,
    assignment: Assignment,
}

/// Compares two impressions and tells which minutiae were paired.
pub fn compare(a: &Prepared, b: &Prepared) -> Comparison {
    let mut scratch = Scratch::default();
    let score = score_only(a, b, &mut scratch);
    let swapped = in_order(a, b).2;
    let (first, second) = if swapped { (b, a) } else { (a, b) };
    let pairs = scratch
        .assignment
        .pairs
        .iter()
        .filter(|p| p.belief > 0.0)
        .map(|p| {
            let (i, j) = (
                usize::from(first.points[usize::from(p.a)].source),
                usize::from(second.points[usize::from(p.b)].source),
            );
            if swapped { (j, i, p.belief) } else { (i, j, p.belief) }
        })
        .collect();
    Comparison { score, pairs }
}

/// The score of [`compare`] alone, without allocating once `scratch` has grown.
pub fn score_only(a: &Prepared, b: &Prepared, scratch: &mut Scratch) -> f32 {
    let (a, b, _) = in_order(a, b);
    scratch.similarities.fill(a, b);
    scratch.assignment.assign(&scratch.similarities, a, b);
    if scratch.assignment.pairs.len() < 2 {
        return 0.0;
    }
    scratch.assignment.relax(a, b);
    scratch.assignment.global(a.cylinders().min(b.cylinders())).clamp(0.0, 1.0)
}

/// The two templates in an order that depends on their content only, so that the score does not depend on the caller's.
fn in_order<'p>(a: &'p Prepared, b: &'p Prepared) -> (&'p Prepared, &'p Prepared, bool) {
    if (a.cylinders(), a.key) <= (b.cylinders(), b.key) { (a, b, false) } else { (b, a, true) }
}
