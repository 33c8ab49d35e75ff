//! The fitted curves of the unified score; made by
//! `tanba bench quality --fit --seed 1 --fingers 40 --impressions 6 --preset easy,fvc-like,hard,capacitive,sweep,ink,slap-finger --table crates/tanba-finger/src/quality/table.rs`,
//! never by hand.

use super::model::{Curve, Model};

/// The model in use.
#[rustfmt::skip]
pub const MODEL: Model = Model {
    base: 0.1955,
    curves: [
        // usable_area
        Curve {
            knots: [35.0325, 60.9223, 100.4628, 126.3988, 155.9061, 217.0195],
            worth: [-0.0, 0.0, 0.0, 0.0102, 0.0102, 0.0223],
        },
        // good_minutiae
        Curve {
            knots: [5.23, 10.77, 17.95, 23.51, 29.87, 44.36],
            worth: [-0.0, 0.2445, 0.4128, 0.4325, 0.444, 0.444],
        },
        // minutia_quality
        Curve {
            knots: [0.4485, 0.6141, 0.7076, 0.7573, 0.8029, 0.8539],
            worth: [-0.0, 0.0682, 0.0682, 0.0682, 0.0682, 0.0682],
        },
        // certainty
        Curve {
            knots: [0.513, 0.6611, 0.7471, 0.8008, 0.8504, 0.8917],
            worth: [-0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // ridge_clarity
        Curve {
            knots: [0.4388, 0.5662, 0.6541, 0.7086, 0.7651, 0.8288],
            worth: [-0.0, 0.0297, 0.0297, 0.0297, 0.0297, 0.0297],
        },
        // orientation_certainty
        Curve {
            knots: [0.3877, 0.5926, 0.7355, 0.8018, 0.8668, 0.9191],
            worth: [-0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // frequency_peak
        Curve {
            knots: [0.4838, 0.6301, 0.7089, 0.7585, 0.8059, 0.8496],
            worth: [-0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        // uniformity
        Curve {
            knots: [0.4567, 0.6532, 0.7148, 0.7506, 0.7886, 0.8582],
            worth: [-0.0, 0.0, 0.0, 0.0, 0.0133, 0.0604],
        },
        // orientation_flow
        Curve {
            knots: [4.1987, 5.1159, 5.6367, 6.1506, 7.3878, 10.664],
            worth: [0.0, 0.0, 0.0, 0.0, 0.0, -0.0],
        },
        // period_spread
        Curve {
            knots: [0.0332, 0.049, 0.0655, 0.0797, 0.103, 0.1661],
            worth: [0.0305, 0.0038, 0.0038, 0.0038, 0.0038, -0.0],
        },
        // dryness
        Curve {
            knots: [0.0, 0.001, 0.002, 0.003, 0.0821, 0.3029],
            worth: [0.0354, 0.0354, 0.0354, 0.0354, 0.0354, -0.0],
        },
        // wetness
        Curve {
            knots: [0.0, 0.001, 0.002, 0.011, 0.1023, 0.273],
            worth: [0.0426, 0.0382, 0.0382, 0.0382, 0.0228, -0.0],
        },
    ],
    scale: [(0.35, 0.0), (0.55, 15.0), (0.725, 30.0), (0.875, 50.0), (1.025, 75.0), (1.175, 100.0)],
    source: "tanba-synth, all fingers and presets of the command",
};
