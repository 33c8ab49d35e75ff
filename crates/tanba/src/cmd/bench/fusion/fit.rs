//! Logistic and isotonic regression, and the cost of likelihood ratios.

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

/// A monotone curve from score to log10 likelihood ratio: pool adjacent violators (Ayer and others 1955).
pub(super) struct Isotonic {
    /// Score, mated weight, other weight, pooled from low to high.
    blocks: Vec<Block>,
    mated: f64,
    others: f64,
}

#[derive(Clone, Copy)]
struct Block {
    low: f32,
    high: f32,
    mated: f64,
    others: f64,
}

impl Isotonic {
    pub(super) fn fitted(trials: impl Iterator<Item = (f32, bool, f64)>) -> Self {
        let mut all: Vec<(f32, bool, f64)> = trials.collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut blocks: Vec<Block> = Vec::new();
        for (score, mated, weight) in all {
            let (m, o) = if mated { (weight, 0.0) } else { (0.0, weight) };
            blocks.push(Block { low: score, high: score, mated: m, others: o });
            while let [.., a, b] = blocks[..]
                && (a.mated * (b.mated + b.others) >= b.mated * (a.mated + a.others) || a.high == b.low)
            {
                blocks.pop();
                blocks.pop();
                blocks.push(Block { low: a.low, high: b.high, mated: a.mated + b.mated, others: a.others + b.others });
            }
        }
        let (mated, others) = blocks.iter().fold((0.0, 0.0), |s, b| (s.0 + b.mated, s.1 + b.others));
        Self { blocks, mated, others }
    }

    /// log10 likelihood ratio of a block.
    fn lr(&self, b: &Block) -> f64 {
        ((b.mated / self.mated).max(1e-12) / (b.others / self.others).max(1e-12)).log10()
    }

    /// The likelihood ratios of the trials that were fitted: what no monotone curve can better.
    pub(super) fn of_own(&self) -> Vec<(f64, bool, f64)> {
        self.blocks
            .iter()
            .flat_map(|b| {
                let lr = self.lr(b);
                [(lr, true, b.mated), (lr, false, b.others)]
            })
            .filter(|t| t.2 > 0.0)
            .collect()
    }

    /// The curve read off at knots between its lowest value and the cap, at even steps of the likelihood ratio.
    pub(super) fn knots(&self, count: usize, cap: f64) -> Vec<(f32, f64)> {
        // Middles of the blocks; the ends of the curve hold what they hold.
        let points: Vec<(f32, f64)> =
            self.blocks.iter().map(|b| (0.5 * (b.low + b.high), self.lr(b).clamp(-cap, cap))).collect();
        let floor = self.floor();
        let at = |lr: f64| {
            let above = points.iter().position(|p| p.1 >= lr).unwrap_or(points.len() - 1);
            match above.checked_sub(1).map(|k| points[k]) {
                Some(a) if points[above].1 > a.1 => {
                    let b = points[above];
                    a.0 + ((lr - a.1) / (b.1 - a.1)) as f32 * (b.0 - a.0)
                }
                _ => points[above].0,
            }
        };
        let mut knots: Vec<(f32, f64)> = (0..count)
            .map(|k| {
                let lr = floor + (cap - floor) * k as f64 / (count - 1) as f64;
                ((at(lr) * 1e4).round() / 1e4, (lr * 100.0).round() / 100.0)
            })
            .collect();
        knots.dedup_by(|b, a| b.0 <= a.0);
        knots
    }

    /// The lowest likelihood ratio that at least thirty mated pairs stand for (rule of 30).
    fn floor(&self) -> f64 {
        let (mut mated, mut others) = (0.0, 0.0);
        let share = 30.0 / 10_000.0 * self.mated;
        for b in &self.blocks {
            mated += b.mated;
            others += b.others;
            if mated >= share {
                break;
            }
        }
        ((mated / self.mated) / (others / self.others)).log10()
    }
}

/// Between knots a line, beyond them their ends.
pub(super) fn interpolate(knots: &[(f32, f64)], score: f32) -> f64 {
    let after = knots.iter().position(|k| score < k.0).unwrap_or(knots.len());
    match (after.checked_sub(1).map(|k| knots[k]), knots.get(after)) {
        (Some(a), Some(b)) => a.1 + f64::from((score - a.0) / (b.0 - a.0)) * (b.1 - a.1),
        (Some(end), None) => end.1,
        (None, _) => knots[0].1,
    }
}

/// Cost of log10 likelihood ratios in bits (Brümmer and du Preez 2006).
pub(super) fn cllr(trials: impl Iterator<Item = (f64, bool, f64)>) -> f64 {
    let (mut mated, mut others) = ((0.0, 0.0), (0.0, 0.0));
    for (lr, is_mated, weight) in trials {
        let lr = lr * std::f64::consts::LN_10;
        let (sum, x) = if is_mated { (&mut mated, -lr) } else { (&mut others, lr) };
        sum.0 += weight * x.exp().ln_1p() / std::f64::consts::LN_2;
        sum.1 += weight;
    }
    0.5 * (mated.0 / mated.1 + others.0 / others.1)
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

    #[test]
    fn isotonic_ratios_of_separated_scores_cost_nothing_and_of_mixed_ones_a_bit() {
        let separated = Isotonic::fitted((0..100).map(|k| (k as f32, k >= 50, 1.0)));
        assert!(cllr(separated.of_own().into_iter()) < 1e-6);
        let mixed = Isotonic::fitted((0..100).map(|k| ((k / 2) as f32, k % 2 == 0, 1.0)));
        assert!((cllr(mixed.of_own().into_iter()) - 1.0).abs() < 1e-9);
    }
}
