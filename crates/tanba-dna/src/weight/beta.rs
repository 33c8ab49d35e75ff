//! The regularised incomplete beta function and its inverse, for exact limits of binomial proportions.
//!
//! The continued fraction is that of DLMF 8.17.22 (National Institute of Standards and Technology, *Digital Library of Mathematical
//! Functions*), evaluated by the modified Lentz method.

/// I_x(a, b) for a, b > 0 and x in 0..=1.
pub(crate) fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let ln_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * x.ln() + b * (-x).ln_1p();
    // The fraction converges fast on one side of the mean; the other side is its mirror image.
    if x < (a + 1.0) / (a + b + 2.0) {
        ln_front.exp() * fraction(x, a, b) / a
    } else {
        1.0 - ln_front.exp() * fraction(1.0 - x, b, a) / b
    }
}

/// The x at which I_x(a, b) reaches `probability`, by bisection of the doubles between 0 and 1.
pub(crate) fn inverse_incomplete_beta(probability: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    // Halving bit patterns instead of numbers reaches small x with full relative precision in 62 steps.
    while high.to_bits() - low.to_bits() > 1 {
        let middle = f64::from_bits(low.to_bits() + (high.to_bits() - low.to_bits()) / 2);
        if incomplete_beta(middle, a, b) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    const MOST_STEPS: u32 = 10_000;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut value = d;
    for m in 1..=MOST_STEPS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            step = c * d;
            value *= step;
        }
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        for x in [1e-6_f64, 0.1, 0.37, 0.5, 0.9, 0.999] {
            let near = |got: f64, expected: f64| assert!((got / expected - 1.0).abs() < 1e-12, "{x} {got} {expected}");
            near(incomplete_beta(x, 1.0, 1.0), x);
            near(incomplete_beta(x, 3.0, 1.0), x.powi(3));
            near(incomplete_beta(x, 1.0, 200.0), -(200.0 * (-x).ln_1p()).exp_m1());
            near(incomplete_beta(x, 2.0, 2.0), x * x * (3.0 - 2.0 * x));
            near(inverse_incomplete_beta(incomplete_beta(x, 2.0, 2.0), 2.0, 2.0), x);
        }
    }

    /// The tail of a binomial, summed up, is an incomplete beta function.
    #[test]
    fn binomial_tails() {
        for (n, k, p) in [(20_u32, 3_u32, 0.2_f64), (185, 2, 0.0336), (50, 40, 0.7)] {
            let mut term = (1.0 - p).powi(n as i32);
            let mut below = 0.0;
            for i in 0..k {
                below += term;
                term *= f64::from(n - i) / f64::from(i + 1) * p / (1.0 - p);
            }
            let got = incomplete_beta(p, f64::from(k), f64::from(n - k + 1));
            assert!((got - (1.0 - below)).abs() < 1e-12, "{n} {k} {p}: {got} {below}");
        }
    }
}
