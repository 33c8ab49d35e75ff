//! Logistic regression, and a fitted curve read off at a few knots.

use tanba_finger::evaluate::Isotonic;

/// Newton steps; the regression converges in about eight.
const STEPS: usize = 25;
/// Weight of "no influence" on each standardised number, in pairs: keeps a number that hardly varies from running away.
const RIDGE: f64 = 1.0;

/// Weights of a logistic regression of "mated" on the numbers (the first of which is constant), by Newton's method on
/// standardised numbers.
pub(super) fn logistic(rows: &[(Vec<f64>, bool, f64)]) -> Vec<f32> {
    let n = rows.first().map_or(0, |r| r.0.len());
    let total: f64 = rows.iter().map(|r| r.2).sum();
    let mean: Vec<f64> =
        (0..n).map(|k| if k == 0 { 0.0 } else { rows.iter().map(|r| r.2 * r.0[k]).sum::<f64>() / total }).collect();
    let spread: Vec<f64> = (0..n)
        .map(|k| {
            let v = rows.iter().map(|r| r.2 * (r.0[k] - mean[k]).powi(2)).sum::<f64>() / total;
            // What never varies has no weight.
            if k == 0 { 1.0 } else { v.sqrt() }
        })
        .collect();
    let standard = |x: &[f64], k: usize| if spread[k] > 1e-9 { (x[k] - mean[k]) / spread[k] } else { 0.0 };
    let mut w = vec![0.0; n];
    for _ in 0..STEPS {
        let mut gradient: Vec<f64> = (0..n).map(|k| if k == 0 { 0.0 } else { -RIDGE * w[k] }).collect();
        let mut hessian = vec![0.0; n * n];
        for k in 0..n {
            hessian[k * n + k] = RIDGE;
        }
        for (x, mated, weight) in rows {
            let s: Vec<f64> = (0..n).map(|k| standard(x, k)).collect();
            let z: f64 = s.iter().zip(&w).map(|(a, b)| a * b).sum();
            let p = 1.0 / (1.0 + (-z).exp());
            let (g, c) = (weight * (f64::from(u8::from(*mated)) - p), weight * p * (1.0 - p));
            for i in 0..n {
                gradient[i] += g * s[i];
                for j in 0..=i {
                    hessian[i * n + j] += c * s[i] * s[j];
                }
            }
        }
        let step = solve(&mut hessian, &gradient, n);
        let longest = step.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        // Far from the optimum a whole step may overshoot.
        let damp = if longest > 2.0 { 2.0 / longest } else { 1.0 };
        w.iter_mut().zip(&step).for_each(|(w, s)| *w += damp * s);
        if longest < 1e-6 {
            break;
        }
    }
    let mut out: Vec<f64> = (0..n).map(|k| if spread[k] > 1e-9 { w[k] / spread[k] } else { 0.0 }).collect();
    out[0] -= (1..n).map(|k| out[k] * mean[k]).sum::<f64>();
    out.iter().map(|v| (*v * 1000.0).round() as f32 / 1000.0).collect()
}

/// Solves a symmetric positive definite system given by its lower triangle (Cholesky).
fn solve(a: &mut [f64], b: &[f64], n: usize) -> Vec<f64> {
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum();
            a[i * n + j] =
                if i == j { (a[i * n + i] - sum).max(1e-12).sqrt() } else { (a[i * n + j] - sum) / a[j * n + j] };
        }
    }
    let mut x = b.to_vec();
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| a[i * n + k] * x[k]).sum();
        x[i] = (x[i] - sum) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| a[k * n + i] * x[k]).sum();
        x[i] = (x[i] - sum) / a[i * n + i];
    }
    x
}

/// A curve read off at knots between its lowest value and the cap, at even steps of the likelihood ratio.
pub(super) fn knots(curve: &Isotonic, count: usize, cap: f64) -> Vec<(f64, f64)> {
    // Middles of the blocks; the ends of the curve hold what they hold.
    let points: Vec<(f64, f64)> = curve
        .blocks
        .iter()
        .map(|b| (f64::from(0.5 * (b.scores.0 + b.scores.1)), curve.log10_lr(b).clamp(-cap, cap)))
        .collect();
    let floor = floor(curve);
    // Backwards, from likelihood ratio to score: the first place that reaches it, also where the curve lies flat at the cap.
    let at = |lr: f64| {
        let reached = points.iter().position(|p| p.1 >= lr).unwrap_or(points.len() - 1);
        let b = points[reached];
        match reached.checked_sub(1).map(|k| points[k]) {
            Some(a) if b.1 > a.1 => a.0 + (lr - a.1) / (b.1 - a.1) * (b.0 - a.0),
            _ => b.0,
        }
    };
    let mut knots: Vec<(f64, f64)> = (0..count)
        .map(|k| {
            let lr = floor + (cap - floor) * k as f64 / (count - 1) as f64;
            ((at(lr) * 1e4).round() / 1e4, (lr * 100.0).round() / 100.0)
        })
        .collect();
    knots.dedup_by(|b, a| b.0 <= a.0);
    knots
}

/// The lowest log10 likelihood ratio that at least thirty mated pairs stand for (rule of 30).
fn floor(curve: &Isotonic) -> f64 {
    let (mut mated, mut others) = (0.0, 0.0);
    let share = 30.0 / 10_000.0 * curve.genuine;
    for b in &curve.blocks {
        mated += b.genuine;
        others += b.impostors;
        if mated >= share {
            break;
        }
    }
    ((mated / curve.genuine) / (others / curve.impostors)).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regression_finds_the_weights_that_made_the_data() {
        let truth = [-0.5, 1.5, -2.0];
        let mut rows = Vec::new();
        // A grid with the exact share of either outcome: the optimum is the truth up to the ridge.
        for i in -6..=6 {
            for j in -6..=6 {
                let x = vec![1.0, f64::from(i) * 0.3, f64::from(j) * 0.3];
                let p = 1.0 / (1.0 + (-(truth[0] + truth[1] * x[1] + truth[2] * x[2])).exp());
                rows.push((x.clone(), true, 1000.0 * p));
                rows.push((x, false, 1000.0 * (1.0 - p)));
            }
        }
        for (w, t) in logistic(&rows).iter().zip(truth) {
            assert!((f64::from(*w) - t).abs() < 0.01, "{w} {t}");
        }
    }
}
