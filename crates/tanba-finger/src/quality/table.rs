//! The fitted curves of the unified score; made by
//! `tanba bench quality --fit --seed 1 --fingers 30 --impressions 6 --table crates/tanba-finger/src/quality/table.rs`,
//! never by hand.

use super::model::{Curve, Model};

/// The model in use.
#[rustfmt::skip]
pub const MODEL: Model = Model {
    base: -0.2054,
    curves: [
        // usable_area
        Curve {
            knots: [29.8706, 58.3664, 94.8208, 125.6588, 160.1951, 228.467],
            worth: [0.0, 0.1231, 0.1869, 0.2122, 0.2313, 0.3149],
        },
        // good_minutiae
        Curve {
            knots: [4.89, 11.25, 19.21, 26.64, 35.33, 61.57],
            worth: [0.0, 0.0657, 0.0862, 0.0862, 0.0862, 0.1574],
        },
        // minutia_quality
        Curve {
            knots: [0.366, 0.5162, 0.6575, 0.7233, 0.7794, 0.833],
            worth: [0.0, 0.2103, 0.2847, 0.2847, 0.2847, 0.2847],
        },
        // certainty
        Curve {
            knots: [0.4615, 0.5935, 0.719, 0.7764, 0.8307, 0.8842],
            worth: [0.0, 0.0228, 0.0228, 0.0228, 0.0228, 0.0228],
        },
        // ridge_clarity
        Curve {
            knots: [0.4347, 0.5343, 0.6323, 0.6921, 0.7522, 0.8198],
            worth: [0.0, 0.0386, 0.0386, 0.0386, 0.0386, 0.0386],
        },
        // orientation_certainty
        Curve {
            knots: [0.2701, 0.5002, 0.7006, 0.7753, 0.8447, 0.9079],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // frequency_peak
        Curve {
            knots: [0.3735, 0.5489, 0.684, 0.7335, 0.7869, 0.8413],
            worth: [0.0, 0.2154, 0.2154, 0.2154, 0.2154, 0.2154],
        },
        // uniformity
        Curve {
            knots: [0.0, 0.5825, 0.7046, 0.7429, 0.7842, 0.8477],
            worth: [0.0, 0.0699, 0.2653, 0.2698, 0.2698, 0.3192],
        },
        // orientation_flow
        Curve {
            knots: [4.4585, 5.4577, 6.0342, 6.6001, 8.2623, 17.8647],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // period_spread
        Curve {
            knots: [0.0394, 0.0591, 0.0752, 0.0905, 0.1144, 0.1923],
            worth: [0.0667, 0.0138, 0.0, 0.0, 0.0, 0.0],
        },
        // dryness
        Curve {
            knots: [0.0, 0.001, 0.002, 0.003, 0.0772, 0.3009],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // wetness
        Curve {
            knots: [0.0, 0.001, 0.002, 0.0186, 0.1075, 0.2806],
            worth: [0.0804, 0.0734, 0.0524, 0.0277, 0.0, 0.0],
        },
    ],
    scale: [(-0.2054, 0.0), (0.4571, 15.0), (0.6102, 30.0), (0.7507, 50.0), (0.9581, 75.0), (1.0638, 100.0)],
    source: "tanba-synth, fingers and presets of the command above",
};
