//! Clopper-Pearson limits of a share: what few or no errors in so many independent trials still allow.
//!
//! Clopper and Pearson, Biometrika 26 (1934). The limits are quantiles of beta distributions; the regularised incomplete beta
//! function is evaluated by its continued fraction (Abramowitz and Stegun 26.5.8) and inverted by halving.

/// Chance outside a 95 % interval at either end.
const TAIL: f64 = 0.025;

/// The 95 % Clopper-Pearson interval of a share of which `errors` in `trials` were seen. Both may be fractional: a rate over
/// correlated comparisons, put on the number of independent ones. Without trials anything is possible.
pub fn clopper_pearson(errors: f64, trials: f64) -> (f64, f64) {
    if trials.is_nan() || trials <= 0.0 {
        return (0.0, 1.0);
    }
    let errors = errors.clamp(0.0, trials);
    let low = if errors > 0.0 { quantile(TAIL, errors, trials - errors + 1.0) } else { 0.0 };
    let high = if errors < trials { quantile(1.0 - TAIL, errors + 1.0, trials - errors) } else { 1.0 };
    (low, high)
}

/// Where the beta distribution's share below is `share`.
fn quantile(share: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // Each step halves the width: after 60 it is below the last digit.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if below(middle, a, b) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function.
fn below(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    // The fraction converges fast on this side of the mean.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

/// The continued fraction, by the modified Lentz method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    /// Keeps a denominator from being 0.
    const TINY: f64 = 1e-300;
    const STEPS: u32 = 2000;
    let safe = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / safe(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..STEPS {
        let m = f64::from(m);
        for term in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / safe(1.0 + term * d);
            c = safe(1.0 + term / c);
            h *= d * c;
        }
        if (d * c - 1.0).abs() < 1e-14 {
            break;
        }
    }
    h
}

/// Logarithm of the gamma function for positive arguments: Stirling's series (Abramowitz and Stegun 6.1.41) from 10 on, reached
/// by the recurrence.
fn ln_gamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 10.0 {
        shift -= x.ln();
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r / 1188.0)))) / x;
    shift + (x - 0.5) * x.ln() - x + 0.5 * core::f64::consts::TAU.ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_the_closed_forms_where_there_are_any() {
        // No errors: 1 - 0.025^(1/n); all errors: its mirror.
        for n in [1.0, 10.0, 45.0, 2880.0, 1e6] {
            let (low, high) = clopper_pearson(0.0, n);
            let closed = -(TAIL.ln() / n).exp_m1();
            assert!(low == 0.0 && (high / closed - 1.0).abs() < 1e-9, "{n}: {high} {closed}");
            let (low, high) = clopper_pearson(n, n);
            assert!(high == 1.0 && (1.0 - low - closed).abs() < 1e-12, "{n}: {low}");
        }
        // One of two: the beta distributions are polynomials, 2x - x^2 = 0.025 and x^2 = 0.975.
        let (low, high) = clopper_pearson(1.0, 2.0);
        assert!((low - (1.0 - 0.975_f64.sqrt())).abs() < 1e-12 && (high - 0.975_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_tails_hold_what_they_say() {
        // Summed binomial chances at the limits, the definition of the interval.
        let at_most = |k: u32, n: u32, p: f64| -> f64 {
            let mut term = (1.0 - p).powi(n as i32);
            let mut sum = term;
            for i in 0..k {
                term *= f64::from(n - i) / f64::from(i + 1) * p / (1.0 - p);
                sum += term;
            }
            sum
        };
        for (k, n) in [(1, 30), (5, 100), (30, 400), (36, 40)] {
            let (low, high) = clopper_pearson(f64::from(k), f64::from(n));
            assert!((at_most(k, n, high) - TAIL).abs() < 1e-9, "{k} of {n}");
            assert!((1.0 - at_most(k - 1, n, low) - TAIL).abs() < 1e-9, "{k} of {n}");
        }
    }

    #[test]
    fn without_trials_anything_is_possible() {
        assert_eq!(clopper_pearson(0.0, 0.0), (0.0, 1.0));
        assert_eq!(clopper_pearson(1.0, f64::NAN), (0.0, 1.0));
    }
}
