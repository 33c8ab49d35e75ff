//! The fitted curves of the unified score; made by
//! `tanba bench quality --fit --seed 1 --fingers 30 --impressions 6 --table crates/tanba-finger/src/quality/table.rs`,
//! never by hand.

use super::model::{Curve, Model};

/// The model in use.
#[rustfmt::skip]
pub const MODEL: Model = Model {
    base: -0.1214,
    curves: [
        // usable_area
        Curve {
            knots: [28.9683, 56.8167, 92.4788, 123.692, 157.4754, 217.085],
            worth: [0.0, 0.1478, 0.2225, 0.2556, 0.2694, 0.3339],
        },
        // good_minutiae
        Curve {
            knots: [4.82, 10.72, 18.65, 25.85, 34.6, 57.55],
            worth: [0.0, 0.0867, 0.1135, 0.1135, 0.1135, 0.2019],
        },
        // minutia_quality
        Curve {
            knots: [0.3573, 0.5016, 0.6495, 0.7142, 0.7713, 0.8278],
            worth: [0.0, 0.2411, 0.2637, 0.2637, 0.2637, 0.2637],
        },
        // certainty
        Curve {
            knots: [0.4435, 0.5858, 0.7131, 0.771, 0.8261, 0.8771],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // ridge_clarity
        Curve {
            knots: [0.4376, 0.5379, 0.6352, 0.6942, 0.7515, 0.8185],
            worth: [0.0, 0.0475, 0.0475, 0.0475, 0.0475, 0.0475],
        },
        // orientation_certainty
        Curve {
            knots: [0.3076, 0.5161, 0.7054, 0.7782, 0.8459, 0.9088],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // frequency_peak
        Curve {
            knots: [0.3473, 0.5363, 0.6496, 0.6988, 0.7542, 0.8174],
            worth: [0.0, 0.1604, 0.1604, 0.1604, 0.1604, 0.1604],
        },
        // uniformity
        Curve {
            knots: [0.0, 0.5999, 0.7109, 0.7459, 0.7844, 0.8469],
            worth: [0.0, 0.0557, 0.2187, 0.2283, 0.2283, 0.2759],
        },
        // orientation_flow
        Curve {
            knots: [4.4331, 5.4497, 6.0168, 6.5878, 8.1745, 16.9364],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // period_spread
        Curve {
            knots: [0.0334, 0.0508, 0.0662, 0.0792, 0.1005, 0.1638],
            worth: [0.0458, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // dryness
        Curve {
            knots: [0.0, 0.001, 0.002, 0.003, 0.0734, 0.3001],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // wetness
        Curve {
            knots: [0.0, 0.001, 0.002, 0.0237, 0.1113, 0.2848],
            worth: [0.083, 0.0691, 0.0623, 0.0229, 0.0, 0.0],
        },
    ],
    scale: [(0.0169, 0.0), (0.4923, 15.0), (0.6823, 30.0), (0.7821, 50.0), (0.9762, 75.0), (1.083, 100.0)],
    source: "tanba-synth, fingers and presets of the command above",
};
