//! The fitted curves of the unified score; made by
//! `tanba bench quality --fit --seed 1 --fingers 30 --impressions 6 --table crates/tanba-finger/src/quality/table.rs`,
//! never by hand.

use super::model::{Curve, Model};

/// The model in use.
#[rustfmt::skip]
pub const MODEL: Model = Model {
    base: -0.465,
    curves: [
        // usable_area
        Curve {
            knots: [32.6163, 59.7862, 96.7947, 127.4726, 163.0022, 233.7645],
            worth: [0.0, 0.075, 0.1308, 0.1574, 0.2004, 0.3113],
        },
        // good_minutiae
        Curve {
            knots: [4.79, 10.44, 17.55, 23.51, 31.42, 60.91],
            worth: [0.0, 0.0829, 0.1786, 0.1786, 0.1786, 0.257],
        },
        // minutia_quality
        Curve {
            knots: [0.3611, 0.531, 0.6746, 0.7395, 0.7962, 0.8521],
            worth: [0.0, 0.3407, 0.4517, 0.4517, 0.4517, 0.4517],
        },
        // certainty
        Curve {
            knots: [0.465, 0.6013, 0.7221, 0.7794, 0.8383, 0.89],
            worth: [0.0, 0.0321, 0.0321, 0.0321, 0.0321, 0.0321],
        },
        // ridge_clarity
        Curve {
            knots: [0.4312, 0.5315, 0.628, 0.6888, 0.751, 0.8221],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // orientation_certainty
        Curve {
            knots: [0.2671, 0.5038, 0.7082, 0.7845, 0.8517, 0.9191],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // frequency_peak
        Curve {
            knots: [0.3776, 0.5546, 0.6832, 0.7359, 0.7944, 0.8479],
            worth: [0.0, 0.2588, 0.2588, 0.2588, 0.2588, 0.2588],
        },
        // uniformity
        Curve {
            knots: [0.0, 0.5381, 0.6912, 0.7369, 0.7806, 0.8518],
            worth: [0.0, 0.0289, 0.2691, 0.2792, 0.3023, 0.3707],
        },
        // orientation_flow
        Curve {
            knots: [4.0721, 5.0536, 5.6169, 6.2058, 7.7964, 17.784],
            worth: [0.0209, 0.0209, 0.0209, 0.0209, 0.0089, 0.0],
        },
        // period_spread
        Curve {
            knots: [0.0332, 0.0497, 0.0663, 0.0823, 0.1093, 0.1871],
            worth: [0.0338, 0.0099, 0.0, 0.0, 0.0, 0.0],
        },
        // dryness
        Curve {
            knots: [0.0, 0.001, 0.002, 0.003, 0.0803, 0.3029],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // wetness
        Curve {
            knots: [0.0, 0.001, 0.002, 0.0158, 0.0996, 0.2694],
            worth: [0.0966, 0.0709, 0.0504, 0.0504, 0.0, 0.0],
        },
    ],
    scale: [(-0.4441, 0.0), (0.314, 15.0), (0.5165, 30.0), (0.6896, 50.0), (0.9682, 75.0), (1.1077, 100.0)],
    source: "tanba-synth, fingers and presets of the command above",
};
