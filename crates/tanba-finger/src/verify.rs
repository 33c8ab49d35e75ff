//! Minutiae and ridges of two prints together: which way of laying them on each other do the ridges bear out, and what do the
//! minutiae say under it?
//!
//! The recipe is [`Verifier::verify`]. Each group of compatible pairs is a hypothesis; the ridges are followed outward from it
//! ([`crate::texture`]); the hypothesis with the most support is believed. Its settled windows carry every minutia of the first
//! print to the second, however the skin was stretched, and only where ridges agree a missing minutia counts.

use crate::compare::RidgeWindow;
use crate::fusion::RidgeEvidence;
use crate::mcc::align::{Anchor, Evidence, Match, Matcher, Motion};
use crate::mcc::params::ALIGN;
use crate::mcc::relax::Assignment;
use crate::mcc::similarity::Similarities;
use crate::mcc::{Point, Prepared};
use crate::texture::{Grower, Growth, Local, RidgeMap, STRIDE, Warp};

/// Hypotheses tried at most.
const HYPOTHESES: usize = 4;
/// Support from which on no further hypothesis is tried: no pair of different fingers comes near.
const CERTAIN: f32 = 12.0;
/// Weight of the settled windows around a minutia for it to be carried over.
const CARRIED: f32 = 0.2;
/// A minutia of the second print belongs to a settled window within this distance of its middle, samples.
const INSIDE: f32 = 9.0;

/// Working memory.
#[derive(Debug, Default)]
pub(crate) struct Verifier {
    warp: Warp,
    grower: Grower,
    seeds: Vec<(f32, usize)>,
    tried: Vec<usize>,
    anchors: Vec<Anchor>,
    places: Vec<(f32, f32)>,
    matcher: Matcher,
    /// The rigid part of the alignment believed in.
    pub(crate) motion: Motion,
}

impl Verifier {
    /// The growth and the evidence of the best hypothesis; needs a relaxed assignment of at least two pairs.
    pub(crate) fn verify(
        &mut self,
        a: (&Prepared, &RidgeMap),
        b: (&Prepared, &RidgeMap),
        assignment: &Assignment,
        similarities: &Similarities,
    ) -> RidgeEvidence {
        assignment.seeds(&mut self.seeds);
        self.grower.load(a.1, b.1);
        self.tried.clear();
        let mut best: Option<Growth> = None;
        for at in 0..self.seeds.len() {
            let seed = self.seeds[at].1;
            // A pair that agrees with an earlier seed is of the same hypothesis.
            let row = assignment.compatible_with(seed);
            if self.tried.iter().any(|&t| row[t] > ALIGN.seed_compatibility) {
                continue;
            }
            self.tried.push(seed);
            let growth = self.follow(a, b.0, assignment, seed);
            if best.is_none_or(|best| growth.support() > best.support()) {
                best = Some(growth);
                self.motion = self.warp.motion();
                self.grower.keep();
                if growth.support() > CERTAIN {
                    break;
                }
            }
            if self.tried.len() == HYPOTHESES {
                break;
            }
        }
        self.grower.restore();
        let growth = best.unwrap_or_default();
        RidgeEvidence { growth, minutiae: self.evidence(a.0, b.0, similarities) }
    }

    /// Grows from a seed and the pairs compatible with it.
    fn follow(&mut self, a: (&Prepared, &RidgeMap), b: &Prepared, assignment: &Assignment, seed: usize) -> Growth {
        assignment.anchors(seed, &mut self.anchors);
        let motion = Motion::fitted(a.0, b, &self.anchors);
        let first = |n: &Anchor| (a.0.points[usize::from(n.a)].x, a.0.points[usize::from(n.a)].y);
        let second = |n: &Anchor| (b.points[usize::from(n.b)].x, b.points[usize::from(n.b)].y);
        self.warp.fit(motion, self.anchors.iter().map(|n| (first(n), second(n))));
        self.places.clear();
        self.places.extend(self.anchors.iter().map(first));
        self.grower.grow(a.1, &self.warp, &self.places)
    }

    /// What the minutiae say under the settled windows.
    fn evidence(&mut self, a: &Prepared, b: &Prepared, similarities: &Similarities) -> Evidence {
        let scale = STRIDE as f32;
        let grower = &self.grower;
        self.matcher.run(a, b, ALIGN.tolerance, |p| {
            let Local { at, jacobian: [j0, j1, j2, j3], weight } = grower.predict((p.x / scale, -p.y / scale))?;
            if weight < CARRIED {
                return None;
            }
            // Rows count downward in the maps and upward here.
            let (u, v) = (j0 * p.cos - j1 * p.sin, -j2 * p.cos + j3 * p.sin);
            let norm = 1.0 / (u * u + v * v).sqrt().max(1e-6);
            Some(((at.0 * scale, -at.1 * scale), (u * norm, v * norm)))
        });
        let sample = |p: &Point| (p.x / scale, -p.y / scale);
        let second_holds = |p: &Point| {
            let (x, y) = sample(p);
            grower.settled().any(|(_, at, _)| (at.0 - x).powi(2) + (at.1 - y).powi(2) < INSIDE * INSIDE)
        };
        self.matcher.evidence(a, b, similarities, |p| grower.holds(sample(p)), second_holds)
    }

    /// The windows in which the ridges agree, seen from the first print or, `swapped`, from the second.
    pub(crate) fn windows(&self, swapped: bool) -> Vec<RidgeWindow> {
        let scale = STRIDE as f32;
        self.grower
            .settled()
            .map(|(a, b, agreement)| {
                let (a, b) = ((a.0 * scale, a.1 * scale), (b.0 * scale, b.1 * scale));
                let (first, second) = if swapped { (b, a) } else { (a, b) };
                RidgeWindow { first, second, agreement }
            })
            .collect()
    }

    /// Minutiae that lie on each other, closest first.
    pub(crate) fn matches(&self) -> &[Match] {
        &self.matcher.matches
    }
}
