//! One impression against another: how much do their minutiae speak for the same finger?
//!
//! The recipe is [`score_only`]: local similarities, one-to-one pairs, relaxation, alignment, and one score from the parts. It is
//! symmetric in its arguments and deterministic.

use crate::alignment::Alignment;
use crate::mcc::Prepared;
use crate::mcc::align::{Aligner, Evidence};
use crate::mcc::params::SCORE;
use crate::mcc::relax::Assignment;
use crate::mcc::similarity::Similarities;

/// The outcome of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Similarity, 0 (nothing in common) to 1. Not a probability: see [`crate::calibrate`].
    pub score: f32,
    /// The minutiae that lie on each other when the prints are aligned: index in the first template, index in the second, and
    /// how closely they agree (0 to 1); closest first. Empty where the prints have too little in common to be aligned.
    pub pairs: Vec<(usize, usize, f32)>,
    /// How the first print is laid on the second; `None` where there are no pairs.
    pub alignment: Option<Alignment>,
}

/// Working memory of comparisons; one per thread, used again and again.
#[derive(Debug, Default)]
pub struct Scratch {
    similarities: Similarities,
    assignment: Assignment,
    aligner: Aligner,
}

/// Compares two impressions and tells which minutiae were paired.
pub fn compare(a: &Prepared, b: &Prepared) -> Comparison {
    let mut scratch = Scratch::default();
    let score = score_only(a, b, &mut scratch);
    let (first, second, swapped) = in_order(a, b);
    let source = |of: &Prepared, i: u16| usize::from(of.points[usize::from(i)].source);
    let pairs = scratch
        
        .aligner
        .matches()
        .iter()
        .map(|m| {
            let (i, j) = (source(first, m.a), source(second, m.b));
            if swapped { (j, i, m.closeness) } else { (i, j, m.closeness) }
        })
        .collect();
    let alignment = (scratch.aligner.matches().len() > 1).then(|| {
        let motion = if swapped { scratch.aligner.motion.inverse() } else { scratch.aligner.motion };
        // The matcher counts y upward, pictures count it downward.
        Alignment { rotation: motion.sin.atan2(motion.cos), dx: motion.x, dy: -motion.y }
    });
    Comparison { score, pairs, alignment }
}

/// The score of [`compare`] alone, without allocating once `scratch` has grown.
pub fn score_only(a: &Prepared, b: &Prepared, scratch: &mut Scratch) -> f32 {
    let (a, b, _) = in_order(a, b);
    scratch.aligner.clear();
    scratch.similarities.fill(a, b);
    scratch.assignment.assign(&scratch.similarities, a, b);
    if scratch.assignment.pairs.len() < 2 {
        return 0.0;
    }
    scratch.assignment.relax(a, b);
    let relaxed = scratch.assignment.global(a.cylinders().min(b.cylinders()));
    // Most prints of different fingers have so little in common that laying them on each other is not worth the time.
    let evidence =
        (relaxed >= SCORE.align_from).then(|| scratch.aligner.align(a, b, &scratch.assignment, &scratch.similarities));
    score_of(relaxed, evidence)
}

/// One number from the parts.
fn score_of(relaxed: f32, evidence: Option<Evidence>) -> f32 {
    // The smallest positive score: keeps the logarithm finite.
    let log_odds = SCORE.relaxation * relaxed.max(1e-4).ln()
        + match evidence {
            Some(e) => {
                SCORE.closeness * e.closeness
                    + SCORE.similarity * e.similarity
                    + SCORE.kinds * e.kinds
                    + SCORE.missing * e.missing
            }
            None => -SCORE.not_aligned,
        };
    1.0 / (1.0 + (-(log_odds - SCORE.middle) / SCORE.spread).exp())
}

/// The two templates in an order that depends on their content only, so that the score does not depend on the caller's.
fn in_order<'p>(a: &'p Prepared, b: &'p Prepared) -> (&'p Prepared, &'p Prepared, bool) {
    if (a.cylinders(), a.key) <= (b.cylinders(), b.key) { (a, b, false) } else { (b, a, true) }
}

/// Development only.
#[doc(hidden)]
pub fn parts(a: &Prepared, b: &Prepared, scratch: &mut Scratch, comparer: &mut Dev) -> Option<[f32; 20]> {
    let (a, b, _) = in_order(a, b);
    scratch.similarities.fill(a, b);
    scratch.assignment.assign(&scratch.similarities, a, b);
    if scratch.assignment.pairs.len() < 2 {
        return None;
    }
    scratch.assignment.relax(a, b);
    let relaxed = scratch.assignment.global(a.cylinders().min(b.cylinders()));
    let mut out = [0.0; 20];
    out[0] = relaxed;
    out[1] = f32::from(a.quality().min(b.quality()));
    out[2] = a.minutiae().min(b.minutiae()) as f32;
    out[3] = a.minutiae().max(b.minutiae()) as f32;
    if relaxed < SCORE.align_from {
        out[15] = score_of(relaxed, None);
        return Some(out);
    }
    let e = scratch.aligner.align(a, b, &scratch.assignment, &scratch.similarities);
    out[15] = score_of(relaxed, Some(e));
    out[4] = scratch.aligner.matches().len() as f32;
    (out[5], out[6], out[7], out[8]) = (e.closeness, e.similarity, e.kinds, e.missing);
    if let (Some(ra), Some(rb)) = (&a.ridges, &b.ridges) {
        let (w, e) = comparer.0.verify((a, ra), (b, rb), &scratch.assignment, &scratch.similarities);
        out[9..14].copy_from_slice(&[comparer.0.matches().len() as f32, w.settled, w.tried, w.agreement, w.common]);
        out[16..20].copy_from_slice(&[e.closeness, e.similarity, e.kinds, e.missing]);
    }
    Some(out)
}

/// Development only.
#[doc(hidden)]
#[derive(Default)]
#[allow(missing_docs)]
pub struct Dev(crate::verify::Verifier);
