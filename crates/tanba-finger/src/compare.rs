//! One impression against another: how much do their minutiae and ridges speak for the same finger?
//!
//! The recipe is [`Scratch::weigh`]: local similarities, one-to-one pairs, relaxation; then, where that leaves a chance,
//! the prints laid on each other by their minutiae, and by their ridges where both templates have them; and one score from the
//! parts. It is symmetric in its arguments and deterministic.

use crate::alignment::Alignment;
use crate::exact::Exact;
use crate::fusion::{Contribution, Parts};
use crate::mcc::Prepared;
use crate::mcc::align::{Aligner, Match};
use crate::mcc::params::SCORE;
use crate::mcc::relax::Assignment;
use crate::mcc::similarity::Similarities;
use crate::verify::Verifier;

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
    /// Where the ridges of both were found to run on each other, however the skin was stretched; empty where a template has
    /// none or the prints could not be aligned.
    pub ridges: Vec<RidgeWindow>,
    /// What each part of the comparison added to the score.
    pub contributions: Vec<Contribution>,
}

/// A small window (about 2.4 mm) in which the ridges of two prints run on each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RidgeWindow {
    /// Middle of the window on the first print, pixels at 500 ppi.
    pub first: (f32, f32),
    /// Where that comes to lie on the second print.
    pub second: (f32, f32),
    /// Share of ridge on ridge and valley on valley less the rest, 0.45 (just enough) to 1.
    pub agreement: f32,
}

/// Working memory of comparisons; one per thread, used again and again.
#[derive(Debug, Default)]
pub struct Scratch {
    similarities: Similarities,
    assignment: Assignment,
    aligner: Aligner,
    verifier: Verifier,
}

/// Compares two impressions and tells which minutiae were paired, where ridges agree, and what made the score.
pub fn compare(a: &Prepared, b: &Prepared) -> Comparison {
    let mut scratch = Scratch::default();
    let (first, second, swapped) = in_order(a, b);
    let parts = scratch.weigh(first, second, true);
    // The ridges' alignment where there is one: it knows more.
    let with_ridges = parts.ridges.is_some();
    let (matches, motion): (&[Match], _) = if with_ridges {
        (scratch.verifier.matches(), scratch.verifier.motion)
    } else if parts.minutiae.is_some() {
        (scratch.aligner.matches(), scratch.aligner.motion)
    } else {
        (&[], scratch.aligner.motion)
    };
    let source = |of: &Prepared, i: u16| usize::from(of.points[usize::from(i)].source);
    let pairs = matches
        .iter()
        .map(|m| {
            let (i, j) = (source(first, m.a), source(second, m.b));
            if swapped { (j, i, m.closeness) } else { (i, j, m.closeness) }
        })
        .collect();
    let alignment = (matches.len() > 1).then(|| {
        let motion = if swapped { motion.inverse() } else { motion };
        // The matcher counts y upward, pictures count it downward.
        Alignment { rotation: motion.sin.atan2_exact(motion.cos), dx: motion.x, dy: -motion.y }
    });
    let ridges = if with_ridges { scratch.verifier.windows(swapped) } else { Vec::new() };
    Comparison { score: parts.score(), pairs, alignment, ridges, contributions: parts.contributions() }
}

/// The score of [`compare`] alone, without allocating once `scratch` has grown.
pub fn score_only(a: &Prepared, b: &Prepared, scratch: &mut Scratch) -> f32 {
    let (a, b, _) = in_order(a, b);
    scratch.weigh(a, b, true).score()
}

/// The score of the minutiae alone, as if neither template had ridges: several times faster, and on the same scale, for
/// a first look at many.
pub fn score_of_minutiae(a: &Prepared, b: &Prepared, scratch: &mut Scratch) -> f32 {
    let (a, b, _) = in_order(a, b);
    scratch.weigh(a, b, false).score()
}

/// The parts of a comparison as numbers with names: what a fit of the score's weights needs.
pub fn parts(a: &Prepared, b: &Prepared, scratch: &mut Scratch) -> Parts {
    let (a, b, _) = in_order(a, b);
    scratch.weigh(a, b, true)
}

impl Scratch {
    /// The method. The templates must be [`in_order`].
    fn weigh(&mut self, a: &Prepared, b: &Prepared, with_ridges: bool) -> Parts {
        self.similarities.fill(a, b);
        self.assignment.assign(&self.similarities, a, b);
        if self.assignment.pairs.len() < 2 {
            return Parts::default();
        }
        self.assignment.relax(a, b);
        let relaxed = self.assignment.global(a.cylinders().min(b.cylinders()));
        let mut parts = Parts { relaxed, ..Parts::default() };
        // Most prints of different fingers have so little in common that laying them on each other is not worth the time.
        if relaxed < SCORE.align_from {
            return parts;
        }
        parts.minutiae = Some(self.aligner.align(a, b, &self.assignment, &self.similarities));
        if with_ridges && let (Some(ra), Some(rb)) = (a.ridges(), b.ridges()) {
            parts.ridges = Some(self.verifier.verify((a, ra), (b, rb), &self.assignment, &self.similarities));
        }
        parts
    }
}

/// The two templates in an order that depends on their content only, so that the score does not depend on the caller's.
fn in_order<'p>(a: &'p Prepared, b: &'p Prepared) -> (&'p Prepared, &'p Prepared, bool) {
    if (a.cylinders(), a.key) <= (b.cylinders(), b.key) { (a, b, false) } else { (b, a, true) }
}
