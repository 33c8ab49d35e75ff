//! Fitting the unified score: from the scores of a matcher to the utility of each image, and from there to the curves.
//!
//! 1. A genuine comparison counts as score over threshold, held between 0 and [`CEILING`]: what lies far above the threshold
//!    makes no error and shall not rule the fit.
//! 2. The two images of a comparison share it: `z_ij = u_i + u_j`, solved for each finger by least squares. So a poor partner
//!    does not spoil an image's utility.
//! 3. `u` is fitted by a sum of monotone curves: non-negative least squares over the rises between knots, by coordinate
//!    descent, with a little ridge penalty that spreads what measures say together. The knots are quantiles.
//!
//! No randomness, sums in a fixed order: the same data give the same table.

use super::model::{Curve, INPUT, INPUTS, KNOTS, Model};
use core::fmt::Write as _;

/// A score counts for at most this many thresholds.
pub const CEILING: f32 = 2.0;
/// Quantiles of a measure at which its curve bends.
const QUANTILES: [f64; KNOTS] = [0.01, 0.1, 0.3, 0.5, 0.75, 0.98];
/// Penalty on the rises, as a share of the mean square of a column.
const RIDGE: f64 = 0.1;
/// Sweeps of the coordinate descent; a hundred are enough for the fourth digit.
const SWEEPS: usize = 2000;
/// The unified score of the images at these quantiles of all that were fitted, by predicted utility. So all of 0 to 100 is used.
/// Most errors of the mixture, which has many spoiled captures, are with its worst seventh (docs/finger/quality.md): that lies
/// below 50, from where evidence is weighed down, and the worse half of it below 30, where the registry asks for another capture.
const SCALE: [(f64, f32); KNOTS] = [(0.0, 0.0), (0.03, 15.0), (0.07, 30.0), (0.15, 50.0), (0.55, 75.0), (0.98, 100.0)];

/// One image for the fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// What [`super::inputs`] gave.
    pub inputs: [f32; INPUTS],
    /// Its utility.
    pub utility: f32,
}

/// Utilities of the impressions of one finger from their mutual scores over the threshold (`score(i, j)` for `i < j < n`);
/// none for fewer than three impressions.
pub fn utilities(n: usize, score: impl Fn(usize, usize) -> f32) -> Option<Vec<f32>> {
    if n < 3 {
        return None;
    }
    let mut rows = vec![0.0f32; n];
    for i in 0..n {
        for j in i + 1..n {
            let z = score(i, j).clamp(0.0, CEILING);
            rows[i] += z;
            rows[j] += z;
        }
    }
    // The normal equations of z_ij = u_i + u_j: row_i = (n - 2) u_i + sum u.
    let all = rows.iter().sum::<f32>() / (2 * (n - 1)) as f32;
    Some(rows.iter().map(|r| (r - all) / (n - 2) as f32).collect())
}

/// The model that fits the samples best.
pub fn fit(samples: &[Sample], source: &'static str) -> Model {
    let knots: [[f32; KNOTS]; INPUTS] = std::array::from_fn(|k| {
        let mut all: Vec<f32> = samples.iter().map(|s| s.inputs[k]).collect();
        all.sort_unstable_by(f32::total_cmp);
        growing(QUANTILES.map(|q| quantile(&all, q)))
    });
    let rises = KNOTS - 1;
    let columns = INPUTS * rises;
    // Column (k, b) of an image: how much of the way from knot b to b + 1 (or back, for what is bad) its value has gone.
    let row = |s: &Sample| -> Vec<f64> {
        let way = |k: usize, b: usize| {
            let (low, high) = (knots[k][b], knots[k][b + 1]);
            let gone = f64::from(((s.inputs[k] - low) / (high - low)).clamp(0.0, 1.0));
            if INPUT[k].good { gone } else { 1.0 - gone }
        };
        (0..columns).map(|c| way(c / rises, c % rises)).collect()
    };
    let n = samples.len().max(1) as f64;
    let mean_utility = samples.iter().map(|s| f64::from(s.utility)).sum::<f64>() / n;
    let mut means = vec![0.0; columns];
    for s in samples {
        row(s).iter().zip(&mut means).for_each(|(v, m)| *m += v / n);
    }
    let mut gram = vec![0.0; columns * columns];
    let mut target = vec![0.0; columns];
    for s in samples {
        let centred: Vec<f64> = row(s).iter().zip(&means).map(|(v, m)| v - m).collect();
        let u = f64::from(s.utility) - mean_utility;
        for (a, va) in centred.iter().enumerate() {
            target[a] += va * u / n;
            for (b, vb) in centred.iter().enumerate() {
                gram[a * columns + b] += va * vb / n;
            }
        }
    }
    let ridge = RIDGE * (0..columns).map(|c| gram[c * columns + c]).sum::<f64>() / columns as f64;
    let mut rise = vec![0.0f64; columns];
    for _ in 0..SWEEPS {
        for c in 0..columns {
            let row = &gram[c * columns..(c + 1) * columns];
            let rest: f64 = row.iter().zip(&rise).map(|(g, r)| g * r).sum::<f64>() - row[c] * rise[c];
            rise[c] = ((target[c] - rest) / (row[c] + ridge).max(f64::MIN_POSITIVE)).max(0.0);
        }
    }
    let base = mean_utility - means.iter().zip(&rise).map(|(m, r)| m * r).sum::<f64>();
    let curves = std::array::from_fn(|k| {
        let own = &rise[k * rises..(k + 1) * rises];
        // Good measures gain from the first knot up, bad ones from the last knot down.
        let worth = std::array::from_fn(|i| {
            short(if INPUT[k].good { own[..i].iter().sum::<f64>() } else { own[i..].iter().sum() } as f32 + 0.0)
        });
        Curve { knots: knots[k], worth }
    });
    let mut model = Model { base: short(base as f32), curves, scale: [(0.0, 0.0); KNOTS], source };
    let mut predicted: Vec<f32> = samples.iter().map(|s| model.utility(&s.inputs)).collect();
    predicted.sort_unstable_by(f32::total_cmp);
    let levels = growing(SCALE.map(|(q, _)| quantile(&predicted, q)));
    model.scale = std::array::from_fn(|i| (levels[i], SCALE[i].1));
    model
}

/// The value at a quantile; 0 when there are none.
fn quantile(sorted: &[f32], q: f64) -> f32 {
    sorted.get((q * sorted.len().saturating_sub(1) as f64) as usize).copied().unwrap_or(0.0)
}

/// Knots must grow: where many images have one value, the next knots are moved a little up.
fn growing(mut knots: [f32; KNOTS]) -> [f32; KNOTS] {
    knots[0] = short(knots[0]);
    for i in 1..KNOTS {
        knots[i] = short(knots[i]).max(short(knots[i - 1] + 1e-3));
    }
    knots
}

/// Four digits after the point are enough, and a table of them is readable.
fn short(v: f32) -> f32 {
    (v * 1e4).round() / 1e4
}

/// The model as the source of `quality/table.rs`.
pub fn source(model: &Model, command: &str) -> String {
    let list = |v: [f32; KNOTS]| v.map(|x| format!("{x:?}")).join(", ");
    let mut out = format!(
        "//! The fitted curves of the unified score; made by\n//! `{command}`,\n//! never by hand.\n\nuse super::model::{{Curve, Model}};\n\n\
         /// The model in use.\n#[rustfmt::skip]\npub const MODEL: Model = Model {{\n    base: {:?},\n    curves: [\n",
        model.base
    );
    for (input, curve) in INPUT.iter().zip(&model.curves) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "        // {}\n        Curve {{\n            knots: [{}],\n            worth: [{}],\n        }},",
            input.name,
            list(curve.knots),
            list(curve.worth)
        );
    }
    let scale = model.scale.map(|(u, q)| format!("({u:?}, {q:?})")).join(", ");
    let _ = write!(out, "    ],\n    scale: [{scale}],\n    source: {:?},\n}};\n", model.source);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utilities_part_what_two_images_share() {
        let truth = [0.2f32, 0.5, 0.9, 0.4];
        let got = utilities(4, |i, j| truth[i] + truth[j]).expect("four impressions");
        assert!(got.iter().zip(truth).all(|(g, t)| (g - t).abs() < 1e-6), "{got:?}");
        assert_eq!(utilities(2, |_, _| 1.0), None);
    }

    /// Samples whose utility is a known sum: rising in input 0, falling in input 8, nothing else; the rest is other numbers.
    fn samples() -> Vec<Sample> {
        let number = |i: usize, k: usize| {
            // A multiplicative generator's steps from scattered starts: numbers that have nothing to do with each other.
            let mut z = ((i * INPUTS + k) as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (z >> 40) as f32 / (1u64 << 24) as f32
        };
        (0..400)
            .map(|i| {
                let inputs = std::array::from_fn(|k| number(i, k));
                Sample { inputs, utility: 0.3 + 0.5 * inputs[0] - 0.2 * inputs[8] }
            })
            .collect()
    }

    #[test]
    fn a_known_sum_is_found_again() {
        let model = fit(&samples(), "test");
        for s in samples() {
            assert!((model.utility(&s.inputs) - s.utility).abs() < 0.03, "{} {}", model.utility(&s.inputs), s.utility);
        }
        let reach = |k: usize| {
            let w = model.curves[k].worth;
            w.iter().fold(0.0f32, |a, b| a.max(*b)) - w.iter().fold(f32::MAX, |a, b| a.min(*b))
        };
        assert!((reach(0) - 0.5).abs() < 0.05 && (reach(8) - 0.2).abs() < 0.05, "{:?}", model.curves);
        assert!((1..8).all(|k| reach(k) < 0.02), "{:?}", model.curves);
    }

    #[test]
    fn curves_never_turn_and_the_table_names_all_inputs() {
        let model = fit(&samples(), "test");
        for (input, curve) in INPUT.iter().zip(&model.curves) {
            assert!(curve.knots.windows(2).all(|w| w[0] < w[1]), "{curve:?}");
            assert!(curve.worth.windows(2).all(|w| if input.good { w[0] <= w[1] } else { w[0] >= w[1] }), "{curve:?}");
        }
        let text = source(&model, "tanba bench quality --fit");
        assert!(INPUT.iter().all(|i| text.contains(i.name)));
    }
}
