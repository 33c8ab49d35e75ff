//! Measures the extractor on phase images, for the numbers in [`super::extractor`].

use tanba_finger::{ExtractParams, NoSink, extract};
use tanba_formats::Finger;

use super::super::{FingerSpec, ImpressionPreset, MasterFinger, RidgeMethod};
use super::extractor::{self, View};

/// A found minutia is the true one when it is this near, pixels and radians.
const NEAR: f32 = 9.0;
const ALIGNED: f32 = std::f32::consts::FRAC_PI_6;

#[derive(Default)]
struct Measured {
    /// Features of every visible true minutia, and whether it was missed.
    seen: Vec<([f64; 7], bool)>,
    /// Features of every touch, true minutiae in contact, false ones, quality.
    touches: Vec<([f64; 4], f64, f64, f64)>,
    /// Distance and turn of every found one.
    off: Vec<(f64, f64)>,
    wrong_kind: usize,
    qualities: Vec<f64>,
}

fn measure(fingers: u64, impressions: u64, seed: u64) -> Measured {
    let mut out = Measured::default();
    let presets =
        [ImpressionPreset::Easy, ImpressionPreset::FvcLike, ImpressionPreset::FvcLike, ImpressionPreset::Hard];
    for f in 0..fingers {
        let spec = FingerSpec::of(Finger::TEN[f as usize % 10]);
        let master = MasterFinger::with_method(seed * 1000 + f, spec, RidgeMethod::Phase);
        for k in 0..impressions {
            let touch = seed * 1_000_000 + f * 100 + k;
            let print = master.touch(presets[(f + k) as usize % presets.len()], touch);
            let view = View::new(&print.params, touch);
            let Ok(template) = extract(&print.image, &ExtractParams::default(), &mut NoSink) else { continue };
            let mut used = vec![false; template.minutiae.len()];
            let mut touched = 0.0;
            for t in print.minutiae.iter().filter(|t| t.visible) {
                let Some(skin) = view.skin(f64::from(t.x), f64::from(t.y)) else { continue };
                touched += 1.0;
                let near = template.minutiae.iter().enumerate().filter(|(i, _)| !used[*i]).filter_map(|(i, m)| {
                    let off = (m.x - t.x).hypot(m.y - t.y);
                    let turn = (m.direction - t.direction).rem_euclid(std::f32::consts::TAU);
                    let turn = turn.min(std::f32::consts::TAU - turn);
                    (off <= NEAR && turn <= ALIGNED).then_some((i, off, turn))
                });
                let best = near.min_by(|a, b| a.1.total_cmp(&b.1));
                out.seen.push((skin.features(), best.is_none()));
                if let Some((i, off, turn)) = best {
                    used[i] = true;
                    out.off.push((f64::from(off), f64::from(turn)));
                    out.wrong_kind += usize::from(template.minutiae[i].kind != t.kind);
                    out.qualities.push(f64::from(template.minutiae[i].quality));
                }
            }
            // A false one is near no true one at all, visible or not.
            let is_false =
                |m: &&tanba_finger::Minutia| print.minutiae.iter().all(|t| (m.x - t.x).hypot(m.y - t.y) > NEAR);
            let wrong = template.minutiae.iter().filter(is_false).count() as f64;
            let features = extractor::touch_features(&print.params);
            out.touches.push((features, touched, wrong, f64::from(template.quality)));
        }
    }
    out
}

/// Solves `a x = b` for a small symmetric positive system.
fn solve<const N: usize>(mut a: [[f64; N]; N], mut b: [f64; N]) -> [f64; N] {
    for i in 0..N {
        a[i][i] += 1e-9;
        for r in i + 1..N {
            let factor = a[r][i] / a[i][i];
            for c in i..N {
                a[r][c] -= factor * a[i][c];
            }
            b[r] -= factor * b[i];
        }
    }
    for i in (0..N).rev() {
        for c in i + 1..N {
            b[i] -= a[i][c] * b[c];
        }
        b[i] /= a[i][i];
    }
    b
}

/// A generalised linear model by Newton's method: `mean` gives the expected value and the weight for a linear predictor.
fn fit<const N: usize>(
    rows: &[([f64; N], f64, f64)],
    start: [f64; N],
    mean: impl Fn(f64, f64) -> (f64, f64),
) -> [f64; N] {
    let mut x = start;
    for _ in 0..40 {
        let (mut a, mut b) = ([[0.0; N]; N], [0.0; N]);
        for (features, exposure, outcome) in rows {
            let linear: f64 = x.iter().zip(features).map(|(c, f)| c * f).sum();
            let (expected, weight) = mean(linear, *exposure);
            for i in 0..N {
                b[i] += features[i] * (outcome - expected);
                for j in 0..N {
                    a[i][j] += weight * features[i] * features[j];
                }
            }
        }
        let step = solve(a, b);
        for (x, s) in x.iter_mut().zip(step) {
            *x += s.clamp(-100.0, 100.0);
        }
    }
    x
}

fn quantile(values: impl Iterator<Item = f64>, q: f64) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * q) as usize]
}

#[test]
fn the_numbers_describe_fresh_images() {
    let m = measure(20, 4, 77);
    let seen = m.seen.len() as f64;
    let missed = m.seen.iter().filter(|s| s.1).count() as f64 / seen;
    let odds = |f: &[f64; 7]| extractor::MISSED.iter().zip(f).map(|(c, f)| c * f).sum::<f64>();
    let expected = m.seen.iter().map(|(f, _)| 1.0 / (1.0 + (-odds(f)).exp())).sum::<f64>() / seen;
    assert!((missed - expected).abs() < 0.03, "missed {missed}, expected {expected}; {}", fitted());
    let rate = |f: &[f64; 4]| extractor::ADDED.iter().zip(f).map(|(c, f)| c * f).sum::<f64>().exp();
    let wrong: f64 = m.touches.iter().map(|t| t.2).sum();
    let expected: f64 = m.touches.iter().map(|(f, touched, _, _)| touched * rate(f)).sum();
    assert!((0.6..1.7).contains(&(wrong / expected)), "{wrong} false minutiae, expected {expected}; {}", fitted());
    // The median of a circular normal is 1.177 deviations.
    let median = quantile(m.off.iter().map(|o| o.0), 0.5);
    assert!((median / 1.177 / extractor::PLACE.0 - 1.0).abs() < 0.2, "{median} px; {}", fitted());
}

/// The numbers of [`extractor`] as they should be, from 960 images: what the test above says when they no longer hold.
fn fitted() -> String {
    let m = measure(160, 6, 1);
    let rows: Vec<_> = m.seen.iter().map(|(f, missed)| (*f, 1.0, f64::from(u8::from(*missed)))).collect();
    let logistic = |l: f64, _: f64| {
        let p = 1.0 / (1.0 + (-l).exp());
        (p, p * (1.0 - p))
    };
    let missed = fit(&rows, extractor::MISSED, logistic);
    let rows: Vec<_> = m.touches.iter().map(|(f, touched, wrong, _)| (*f, *touched, *wrong)).collect();
    let added = fit(&rows, extractor::ADDED, |l, n| (n * l.exp(), n * l.exp()));
    let rows: Vec<_> = m.touches.iter().map(|(f, _, _, q)| (*f, 1.0, *q)).collect();
    let quality = fit(&rows, [0.0; 4], |l, _| (l, 1.0));
    let rest = rows.iter().map(|(f, _, q)| (q - quality.iter().zip(f).map(|(c, f)| c * f).sum::<f64>()).abs());
    let at = |of: fn(&(f64, f64)) -> f64| [0.25, 0.5, 0.75, 0.9, 0.97].map(|q| quantile(m.off.iter().map(of), q));
    format!(
        "MISSED {missed:.2?}, ADDED {added:.2?}, QUALITY {quality:.1?} with a median rest of {:.1}; at 25, 50, 75, 90, 97 %: \
         distances {:.2?} px, turns {:.3?}; KIND_WRONG {:.3}; quality of minutiae at 10, 50, 90 %: {:?}",
        quantile(rest, 0.5),
        at(|o| o.0),
        at(|o| o.1),
        m.wrong_kind as f64 / m.off.len() as f64,
        [0.1, 0.5, 0.9].map(|q| quantile(m.qualities.iter().copied(), q)),
    )
}
