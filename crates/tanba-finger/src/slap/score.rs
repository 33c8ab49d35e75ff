//! How well segmented fingers agree with the truth, as NIST's evaluations judge: a finger is right when its position is and each side of its box
//! lies within a tolerance of the true side; a slap is right when all its fingers are and nothing else is offered as one.
//!
//! SlapSeg II and III allow 64 pixels at 500 ppi at the left, right and upper side; the lower side is judged round the distal crease, which
//! hands show more or less clearly. Here it has the same 64 pixels upward and downward, which is stricter downward.

use serde::Serialize;
use tanba_formats::Finger;

use super::SlapFinger;

/// How far a side may be from the true one, inches: 64 pixels at 500 ppi.
pub const SIDE_TOLERANCE: f32 = 0.128;

/// A finger that is really there: position, and the corners of its box (tip left, tip right, base right, base left, as it lies).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrueFinger {
    /// Which finger.
    pub finger: Finger,
    /// Corners, pixels of the image.
    pub outline: [(f32, f32); 4],
}

/// How one true finger was found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FingerScore {
    /// The true finger.
    pub finger: Finger,
    /// The position given to the box that is right, or nearly; none where no box comes near.
    pub given: Option<Finger>,
    /// How far the left, upper, right and lower side of the box lie outside the true ones (negative: inside), inches.
    pub sides: [f32; 4],
    /// Whether sides and position are right.
    pub right: bool,
}

/// How a slap was segmented.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SlapScore {
    /// For each true finger.
    pub fingers: Vec<FingerScore>,
    /// Boxes that belong to no true finger.
    pub false_fingers: usize,
    /// Whether everything is right.
    pub right: bool,
}

/// Scores the boxes of a slap against the truth; `ppi` is the image's resolution.
pub fn score(found: &[SlapFinger], truth: &[TrueFinger], ppi: f64) -> SlapScore {
    let mut used = vec![false; found.len()];
    let mut fingers = Vec::with_capacity(truth.len());
    for finger in truth {
        // The box nearest by its worst side; each true finger has its own.
        let nearest = (0..found.len())
            .filter(|i| !used[*i])
            .map(|i| (i, sides(&found[i], finger, ppi)))
            .min_by(|a, b| worst(&a.1).total_cmp(&worst(&b.1)));
        let scored = match nearest {
            Some((i, sides)) if worst(&sides) <= 3.0 * SIDE_TOLERANCE => {
                used[i] = true;
                let right = worst(&sides) <= SIDE_TOLERANCE && found[i].finger == finger.finger;
                FingerScore { finger: finger.finger, given: Some(found[i].finger), sides, right }
            }
            _ => FingerScore { finger: finger.finger, given: None, sides: [0.0; 4], right: false },
        };
        fingers.push(scored);
    }
    let false_fingers = used.iter().filter(|u| !**u).count();
    let right = false_fingers == 0 && fingers.iter().all(|f| f.right);
    SlapScore { fingers, false_fingers, right }
}

fn worst(sides: &[f32; 4]) -> f32 {
    sides.iter().fold(0.0, |most, s| most.max(s.abs()))
}

/// How far the middles of the sides lie outside the true sides, measured across these, inches.
fn sides(found: &SlapFinger, truth: &TrueFinger, ppi: f64) -> [f32; 4] {
    let [tip_left, tip_right, base_right, base_left] = truth.outline;
    let middle = |a: (f32, f32), b: (f32, f32)| (0.5 * (a.0 + b.0), 0.5 * (a.1 + b.1));
    let true_sides = [
        middle(tip_left, base_left),
        middle(tip_left, tip_right),
        middle(tip_right, base_right),
        middle(base_left, base_right),
    ];
    let centre = middle(true_sides[0], true_sides[2]);
    let p = found.polygon();
    let found_sides = [middle(p[0], p[3]), middle(p[0], p[1]), middle(p[1], p[2]), middle(p[2], p[3])];
    std::array::from_fn(|k| {
        let out = (true_sides[k].0 - centre.0, true_sides[k].1 - centre.1);
        let length = out.0.hypot(out.1).max(1e-6);
        let off = (found_sides[k].0 - true_sides[k].0, found_sides[k].1 - true_sides[k].1);
        (off.0 * out.0 + off.1 * out.1) / length / ppi as f32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(finger: Finger, x: f32, bottom: f32) -> SlapFinger {
        let half = (100.0, 150.0 + 0.5 * bottom);
        SlapFinger { finger, centre: (x, 300.0 + 0.5 * bottom), half, rotation: 0.0, confidence: 1.0 }
    }

    fn truth(finger: Finger, x: f32) -> TrueFinger {
        TrueFinger { finger, outline: found(finger, x, 0.0).polygon() }
    }

    #[test]
    fn sides_may_be_64_pixels_off_and_no_more() {
        use Finger::{RightIndex, RightMiddle};
        let two = [truth(RightIndex, 200.0), truth(RightMiddle, 500.0)];
        let cases = [
            (found(RightIndex, 200.0, 63.0), true),
            (found(RightIndex, 200.0, 65.0), false),
            (found(RightIndex, 200.0, -65.0), false),
            (found(RightIndex, 263.0, 0.0), true),
            (found(RightIndex, 135.0, 0.0), false),
            (found(RightMiddle, 200.0, 0.0), false),
        ];
        for (first, right) in cases {
            let scored = score(&[found(RightMiddle, 500.0, 0.0), first], &two, 500.0);
            assert_eq!(
                (scored.right, scored.fingers[0].right, scored.fingers[1].right),
                (right, right, true),
                "{first:?}"
            );
        }
        // At 1000 ppi the same pixels are half as far.
        assert!(score(&[found(RightIndex, 200.0, 100.0)], &two[..1], 1000.0).right);
    }

    #[test]
    fn a_finger_too_few_or_too_many_is_wrong() {
        use Finger::{RightIndex, RightMiddle};
        let two = [truth(RightIndex, 200.0), truth(RightMiddle, 500.0)];
        let one = score(&[found(RightIndex, 200.0, 0.0)], &two, 500.0);
        assert_eq!((one.right, one.fingers[1].given), (false, None));
        let all = [found(RightIndex, 200.0, 0.0), found(RightMiddle, 500.0, 0.0)];
        let more = score(&all, &two[..1], 500.0);
        assert_eq!((more.right, more.false_fingers, more.fingers[0].right), (false, 1, true));
    }
}
