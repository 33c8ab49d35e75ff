//! The unified score: a sum of monotone curves of a few measures, fitted to this engine's own scores.
//!
//! The sum predicts an image's utility (ISO/IEC 29794-1): what it adds to the scores that its finger's other impressions get
//! with it, in units of a strict threshold ([`super::fit`]). Each curve is straight between six knots and
//! never turns: more readable area never makes a print worse. So every score can be taken apart into what each measure gave and
//! took. Only measures that extraction needs anyway are in it.

use super::Measures;
use serde::Serialize;

/// Number of measures in the sum.
pub const INPUTS: usize = 12;
/// Knots of a curve.
pub const KNOTS: usize = 6;

/// A measure in the sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Input {
    /// Name: that of the measure, or of what is made of measures here.
    pub name: &'static str,
    /// Whether more of it is better; otherwise more of it is worse.
    pub good: bool,
}

const fn more(name: &'static str) -> Input {
    Input { name, good: true }
}

const fn less(name: &'static str) -> Input {
    Input { name, good: false }
}

/// What the sum is made of, in order.
pub const INPUT: [Input; INPUTS] = [
    more("usable_area"),
    more("good_minutiae"),
    more("minutia_quality"),
    more("certainty"),
    more("ridge_clarity"),
    more("orientation_certainty"),
    more("frequency_peak"),
    more("uniformity"),
    less("orientation_flow"),
    less("period_spread"),
    less("dryness"),
    less("wetness"),
];

/// The darkness of a print that is neither dry nor wet (ridges a little narrower than valleys).
const PLAIN_DARKNESS: f32 = -0.1;

/// What one image brings to the sum, in the order of [`INPUT`]; always finite.
pub(crate) fn inputs(m: &Measures) -> [f32; INPUTS] {
    [
        m.usable_area,
        m.good_minutiae,
        m.good_minutiae / m.minutiae.max(1.0),
        m.certainty,
        m.ridge_clarity,
        m.orientation_certainty,
        m.frequency_peak,
        m.uniformity,
        m.orientation_flow,
        m.period_spread,
        (PLAIN_DARKNESS - m.darkness).max(0.0),
        (m.darkness - PLAIN_DARKNESS).max(0.0),
    ]
}

/// One curve of the sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    /// Values of the measure at which the curve bends, growing.
    pub knots: [f32; KNOTS],
    /// What the measure is worth at each knot, against the knot where it is worth least.
    pub worth: [f32; KNOTS],
}

impl Curve {
    /// What a value is worth: linear between the knots, constant beyond them.
    pub fn at(&self, value: f32) -> f32 {
        let above = self.knots.iter().position(|&k| value < k).unwrap_or(KNOTS);
        match above {
            0 => self.worth[0],
            KNOTS => self.worth[KNOTS - 1],
            i => {
                let (low, high) = (self.knots[i - 1], self.knots[i]);
                self.worth[i - 1] + (value - low) / (high - low) * (self.worth[i] - self.worth[i - 1])
            }
        }
    }
}

/// What one input costs the score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Loss {
    /// Name of the input.
    pub name: &'static str,
    /// Points of the unified score.
    pub points: f32,
}

/// The sum and how it is read as a number from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// What every image has.
    pub base: f32,
    /// A curve for each input.
    pub curves: [Curve; INPUTS],
    /// Utility and the quality that it is told as, both growing; linear between.
    pub scale: [(f32, f32); KNOTS],
    /// On what it was fitted.
    pub source: &'static str,
}

impl Model {
    /// The predicted utility of an image.
    pub fn utility(&self, inputs: &[f32; INPUTS]) -> f32 {
        self.curves.iter().zip(inputs).fold(self.base, |sum, (curve, &value)| sum + curve.at(value))
    }

    /// The unified score, 1 to 100: 0 is kept for what is no print.
    pub fn quality(&self, inputs: &[f32; INPUTS]) -> u8 {
        self.scaled(self.utility(inputs)).round().clamp(1.0, 100.0) as u8
    }

    /// By how much the score would be higher if one input alone were as good as can be; largest first, those below a point left
    /// out.
    pub fn losses(&self, inputs: &[f32; INPUTS]) -> Vec<Loss> {
        let utility = self.utility(inputs);
        let mut losses: Vec<Loss> = INPUT
            .iter()
            .zip(self.curves.iter().zip(inputs))
            .map(|(input, (curve, &value))| {
                let best = curve.worth.iter().fold(f32::MIN, |a, &b| a.max(b));
                let points = self.scaled(utility - curve.at(value) + best) - self.scaled(utility);
                Loss { name: input.name, points }
            })
            .filter(|loss| loss.points >= 1.0)
            .collect();
        losses.sort_by(|a, b| b.points.total_cmp(&a.points));
        losses
    }

    fn scaled(&self, utility: f32) -> f32 {
        Curve { knots: self.scale.map(|s| s.0), worth: self.scale.map(|s| s.1) }.at(utility)
    }
}
