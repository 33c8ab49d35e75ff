//! Maximum of a smooth function in a box: quasi-Newton steps (Broyden, Fletcher, Goldfarb and Shanno 1970; Nocedal and Wright
//! 2006, chapter 6) with a backtracking line search.

/// Iterations after which a climb is given up as not converged.
const MAX_ITERATIONS: usize = 300;
/// The longest step in any coordinate; the scale is logarithmic, so 2 is a factor of 7.
const LONGEST_STEP: f64 = 2.0;
/// A slope below this in every free coordinate is a summit: a step of 1 then gains less than 1e-4.
const FLAT: f64 = 1e-4;
/// Gains below this, several times in a row, are rounding.
const NO_GAIN: f64 = 1e-9;
/// Part of the gain that the slope promises which a step must bring (Armijo).
const SUFFICIENT: f64 = 1e-4;

/// Where a climb ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Summit {
    pub(super) at: Vec<f64>,
    pub(super) value: f64,
    pub(super) evaluations: usize,
    /// Whether it ended because nothing more was to be gained.
    pub(super) converged: bool,
}

/// Climbs from a place inside the bounds. The function returns its value and gradient; a value that is not finite is a place not to go.
pub(super) fn climb(
    start: Vec<f64>,
    bounds: &[[f64; 2]],
    mut function: impl FnMut(&[f64]) -> (f64, Vec<f64>),
) -> Summit {
    let n = start.len();
    let mut x = start;
    let (mut value, mut gradient) = function(&x);
    let mut evaluations = 1;
    let mut inverse = identity(n);
    let mut fresh = true;
    let mut idle = 0;
    let mut converged = false;
    for _ in 0..MAX_ITERATIONS {
        if !value.is_finite() {
            break;
        }
        let free: Vec<bool> = (0..n)
            .map(|i| {
                let outwards = if gradient[i] > 0.0 { x[i] >= bounds[i][1] } else { x[i] <= bounds[i][0] };
                !outwards
            })
            .collect();
        let steepest = (0..n).filter(|i| free[*i]).map(|i| gradient[i].abs()).fold(0.0, f64::max);
        if steepest < FLAT || idle >= 3 {
            converged = true;
            break;
        }
        let mut direction: Vec<f64> = (0..n)
            .map(|i| if free[i] { (0..n).filter(|j| free[*j]).map(|j| inverse[i][j] * gradient[j]).sum() } else { 0.0 })
            .collect();
        let mut promise: f64 = direction.iter().zip(&gradient).map(|(d, g)| d * g).sum();
        if promise <= 0.0 || !promise.is_finite() {
            inverse = identity(n);
            fresh = true;
            direction = (0..n).map(|i| if free[i] { gradient[i] } else { 0.0 }).collect();
            promise = direction.iter().map(|d| d * d).sum();
        }
        let longest = direction.iter().map(|d| d.abs()).fold(0.0, f64::max);
        // Without any knowledge of the curvature a first step of at most 0.3 is tried.
        let most = if fresh { 0.3 } else { LONGEST_STEP };
        let mut length = (most / longest).min(1.0);
        let mut next = None;
        for _ in 0..40 {
            let there: Vec<f64> =
                (0..n).map(|i| (x[i] + length * direction[i]).clamp(bounds[i][0], bounds[i][1])).collect();
            let (v, g) = function(&there);
            evaluations += 1;
            if v.is_finite() && v >= value + SUFFICIENT * length * promise - 1e-12 * value.abs() {
                next = Some((there, v, g));
                break;
            }
            // The parabola through value, slope and new value has its top here.
            let top =
                if v.is_finite() { promise * length * length / (2.0 * (promise * length - (v - value))) } else { 0.0 };
            length = top.clamp(0.1 * length, 0.5 * length);
        }
        let Some((there, v, g)) = next else {
            if fresh {
                // Not even along the slope is there anything to gain: a summit as sharp as rounding allows.
                converged = steepest < 1e-2 * value.abs().max(1.0);
                break;
            }
            inverse = identity(n);
            fresh = true;
            continue;
        };
        let step: Vec<f64> = (0..n).map(|i| there[i] - x[i]).collect();
        let bend: Vec<f64> = (0..n).map(|i| gradient[i] - g[i]).collect();
        update(&mut inverse, &step, &bend, fresh);
        idle = if v - value < NO_GAIN * value.abs().max(1.0) { idle + 1 } else { 0 };
        fresh = false;
        (x, value, gradient) = (there, v, g);
    }
    Summit { at: x, value, evaluations, converged }
}

fn identity(n: usize) -> Vec<Vec<f64>> {
    (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect()
}

/// The BFGS update of the inverse of the negative curvature; skipped where the step met none.
fn update(inverse: &mut [Vec<f64>], step: &[f64], bend: &[f64], fresh: bool) {
    let n = step.len();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let curvature = dot(step, bend);
    if curvature <= 1e-10 * dot(step, step).sqrt() * dot(bend, bend).sqrt() {
        return;
    }
    if fresh {
        let size = curvature / dot(bend, bend);
        for (i, row) in inverse.iter_mut().enumerate() {
            row.fill(0.0);
            row[i] = size;
        }
    }
    let moved: Vec<f64> = inverse.iter().map(|row| dot(row, bend)).collect();
    let factor = (1.0 + dot(bend, &moved) / curvature) / curvature;
    for i in 0..n {
        for j in 0..n {
            inverse[i][j] += factor * step[i] * step[j] - (moved[i] * step[j] + step[i] * moved[j]) / curvature;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_valley_and_a_bound() {
        // Rosenbrock's valley (1960), whose floor is at (1, 1).
        let valley = |x: &[f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            (-(a * a + 100.0 * b * b), vec![2.0 * a + 400.0 * b * x[0], -200.0 * b])
        };
        let free = climb(vec![-1.2, 1.0], &[[-5.0, 5.0]; 2], valley);
        assert!(free.converged && free.value > -1e-8, "{free:?}");
        // Bounded at 0.5, the best is (0.5, 0.25).
        let bound = climb(vec![-1.2, 1.0], &[[-5.0, 0.5], [-5.0, 5.0]], valley);
        assert!(bound.converged && (bound.at[0] - 0.5).abs() < 1e-9 && (bound.at[1] - 0.25).abs() < 1e-5, "{bound:?}");
    }

    #[test]
    fn a_place_without_value_is_not_gone_to() {
        let summit = climb(vec![0.1], &[[-9.0, 9.0]], |x| {
            if x[0] <= 0.0 { (f64::NEG_INFINITY, vec![0.0]) } else { (x[0].ln() - 3.0 * x[0], vec![1.0 / x[0] - 3.0]) }
        });
        assert!((summit.at[0] - 1.0 / 3.0).abs() < 1e-4, "{summit:?}");
        let nowhere = climb(vec![1.0], &[[-9.0, 9.0]], |_| (f64::NEG_INFINITY, vec![0.0]));
        assert!(!nowhere.converged);
    }
}
