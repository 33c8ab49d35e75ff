//! Pattern classes, how often each finger shows them, and how the fingers of one person agree.

use serde::{Deserialize, Serialize};
use tanba_formats::Finger;

use crate::exact;
use crate::random::Stream;

/// The five classes of Henry's system, as seen in the impression (not in the finger).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatternClass {
    /// Ridges enter at one side, rise and leave at the other: no core, no delta.
    Arch,
    /// An arch with an upthrust: a core right above a delta.
    TentedArch,
    /// A loop that opens to the left of the image; its delta is at the right.
    LeftLoop,
    /// A loop that opens to the right of the image; its delta is at the left.
    RightLoop,
    /// Two cores between two deltas.
    Whorl,
}

impl PatternClass {
    /// All five.
    pub const ALL: [Self; 5] = [Self::Arch, Self::TentedArch, Self::LeftLoop, Self::RightLoop, Self::Whorl];

    /// The name used in JSON and on the command line, such as `left_loop`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arch => "arch",
            Self::TentedArch => "tented_arch",
            Self::LeftLoop => "left_loop",
            Self::RightLoop => "right_loop",
            Self::Whorl => "whorl",
        }
    }
}

/// Arch, tented arch, radial loop, ulnar loop, whorl, in percent, for thumb to little finger. The means over the fingers are
/// the natural frequencies that the SFinGe papers use (3.7, 2.9, loops 65.5, 27.9); the spread over the fingers follows the
/// common finding that radial loops and arches gather on the index finger and whorls on thumb and ring finger.
const BY_FINGER: [[f64; 5]; 5] = [
    [3.0, 1.5, 0.5, 53.0, 42.0],
    [7.0, 7.0, 17.0, 39.0, 30.0],
    [4.5, 3.5, 2.0, 74.0, 16.0],
    [2.5, 1.5, 1.0, 55.0, 40.0],
    [1.5, 1.0, 0.5, 85.5, 11.5],
];

/// Share of the variance of the pattern's liability that the ten fingers of one person have in common (own choice; twin
/// studies of ridge counts give values of this size).
const SHARED_VARIANCE: f64 = 0.45;

impl PatternClass {
    /// The classes of one person's ten fingers, in the order of [`Finger::TEN`].
    ///
    /// A threshold model: each finger has a normal liability, partly shared over the fingers, and arch < tented arch < loop <
    /// whorl are its ranges.
    pub fn ten_from_seed(seed: u64) -> [Self; 10] {
        let stream = &mut Stream::new(seed, "ten classes");
        let shared = stream.normal(0.0, 1.0) * SHARED_VARIANCE.sqrt();
        Finger::TEN.map(|finger| {
            let liability = shared + stream.normal(0.0, (1.0 - SHARED_VARIANCE).sqrt());
            from_quantile(finger, normal_cdf(liability), stream.unit())
        })
    }
}

/// The class of one finger alone.
pub(super) fn draw_one(finger: Finger, stream: &mut Stream) -> PatternClass {
    from_quantile(finger, stream.unit(), stream.unit())
}

fn from_quantile(finger: Finger, quantile: f64, side: f64) -> PatternClass {
    let code = finger.code();
    // An unknown finger is drawn as a random one would be: the position is spread by the side draw itself.
    let (digit, right) = match code {
        1..=5 => (usize::from(code) - 1, true),
        6..=10 => (usize::from(code) - 6, false),
        _ => (((side * 5.0) as usize).min(4), ((side * 10.0) as u32).is_multiple_of(2)),
    };
    let side = if code == 0 { (side * 10.0).fract() } else { side };
    let [arch, tented, radial, ulnar, _] = BY_FINGER[digit];
    let percent = quantile * 100.0;
    if percent < arch {
        PatternClass::Arch
    } else if percent < arch + tented {
        PatternClass::TentedArch
    } else if percent < arch + tented + radial + ulnar {
        // The little finger is at the right of a right hand's print, so ulnar loops open to the right there.
        let ulnar_loop = side * (radial + ulnar) >= radial;
        if ulnar_loop == right { PatternClass::RightLoop } else { PatternClass::LeftLoop }
    } else {
        PatternClass::Whorl
    }
}

/// Standard normal distribution function (Abramowitz and Stegun 7.1.26; error below 2e-7).
fn normal_cdf(x: f64) -> f64 {
    let z = x.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let poly =
        t * (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let upper = 0.5 * poly * exact::exp(-z * z);
    if x < 0.0 { upper } else { 1.0 - upper }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_their_natural_frequencies_and_sides() {
        let mut counts = [0_u32; 5];
        let mut right_hand_right_loops = 0_u32;
        let mut right_hand_loops = 0_u32;
        let mut whorl_people = [0_u32; 11];
        const PEOPLE: u64 = 4000;
        for seed in 0..PEOPLE {
            let ten = PatternClass::ten_from_seed(seed);
            for (i, c) in ten.iter().enumerate() {
                counts[PatternClass::ALL.iter().position(|a| a == c).unwrap()] += 1;
                if i < 5 && matches!(c, PatternClass::LeftLoop | PatternClass::RightLoop) {
                    right_hand_loops += 1;
                    right_hand_right_loops += u32::from(*c == PatternClass::RightLoop);
                }
            }
            whorl_people[ten.iter().filter(|c| **c == PatternClass::Whorl).count()] += 1;
        }
        let percent = counts.map(|c| f64::from(c) * 100.0 / (PEOPLE as f64 * 10.0));
        for (got, want) in percent.iter().zip([3.7, 2.9, 32.75, 32.75, 27.9]) {
            assert!((got - want).abs() < 1.5, "{percent:?}");
        }
        assert!(f64::from(right_hand_right_loops) > 0.85 * f64::from(right_hand_loops));
        // Independent fingers would give nobody ten whorls (0.28^10); the shared liability gives some.
        assert!(whorl_people[10] > 5, "{whorl_people:?}");
    }
}
