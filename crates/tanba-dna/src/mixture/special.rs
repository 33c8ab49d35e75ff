//! The gamma function and the gamma distribution, with the derivatives that a fit needs.
//!
//! Stirling's series and the series and continued fraction of the incomplete gamma function are those of Abramowitz and
//! Stegun (1964), 6.1.40, 6.3.18, 6.5.29 and 6.5.31; the derivatives follow term by term.

/// Stirling's series is used from here on: its first neglected term is then below 1e-15.
const STIRLING_FROM: f64 = 10.0;
/// Half the logarithm of 2 pi.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;
/// Beyond this argument the series of the incomplete gamma function grows too large, and the continued fraction takes over.
const SERIES_TO: f64 = 100.0;
/// Terms after which a series that has not settled is given up; convergent ones need some `a` + 8 sqrt(`a`) at most.
const MAX_TERMS: u32 = 100_000;

/// ln Γ(x) and its derivative ψ(x), for x > 0. The absolute error of both is about 1e-14 for moderate x.
pub(crate) fn ln_gamma_digamma(x: f64) -> (f64, f64) {
    // Γ(z) = Γ(x) p with p = x (x+1) ... (z-1), so both follow from z large enough for the asymptotic series.
    let (mut z, mut p, mut dp) = (x, 1.0, 0.0);
    while z < STIRLING_FROM {
        dp = dp * z + p;
        p *= z;
        z += 1.0;
    }
    let (ln_z, r) = (z.ln(), 1.0 / z);
    let r2 = r * r;
    let series = r
        * (1.0 / 12.0
            + r2 * (-1.0 / 360.0
                + r2 * (1.0 / 1260.0 + r2 * (-1.0 / 1680.0 + r2 * (1.0 / 1188.0 - r2 * 691.0 / 360_360.0)))));
    let slope = r2
        * (1.0 / 12.0
            + r2 * (-1.0 / 120.0
                + r2 * (1.0 / 252.0
                    + r2 * (-1.0 / 240.0 + r2 * (1.0 / 132.0 + r2 * (-691.0 / 32_760.0 + r2 / 12.0))))));
    let ln_gamma = (z - 0.5) * ln_z - z + HALF_LN_TAU + series;
    let digamma = ln_z - 0.5 * r - slope;
    if z == x { (ln_gamma, digamma) } else { (ln_gamma - p.ln(), digamma - dp / p) }
}

/// The logarithm of a distribution function with its derivatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LnCdf {
    /// ln P(a, x).
    pub(crate) value: f64,
    /// Its derivative with respect to a.
    pub(crate) by_shape: f64,
    /// Its derivative with respect to ln x.
    pub(crate) by_ln_x: f64,
}

/// ln P(a, x): the logarithm of the probability that a gamma variable of shape `a` > 0 and scale 1 is at most `x` > 0.
pub(crate) fn ln_gamma_cdf(a: f64, x: f64) -> LnCdf {
    if x > SERIES_TO && x > a + 1.0 {
        return ln_cdf_by_fraction(a, x);
    }
    // P(a, x) = x^a e^-x / Γ(a+1) * sum of x^n / ((a+1) ... (a+n)); all terms are positive.
    let (mut term, mut dterm, mut sum, mut dsum, mut n) = (1.0, 0.0, 1.0, 0.0, 0_u32);
    loop {
        n += 1;
        let r = 1.0 / (a + f64::from(n));
        term *= x * r;
        dterm = dterm * x * r - r * term;
        sum += term;
        dsum += dterm;
        if (term < sum * 1e-17 && dterm.abs() <= dsum.abs() * 1e-14) || n == MAX_TERMS {
            break;
        }
    }
    let (ln_gamma, digamma) = ln_gamma_digamma(a + 1.0);
    let ln_x = x.ln();
    LnCdf {
        // Rounding must not make a probability larger than 1.
        value: (a * ln_x - x - ln_gamma + sum.ln()).min(0.0),
        by_shape: ln_x - digamma + dsum / sum,
        by_ln_x: a / sum,
    }
}

/// Through the upper tail Q = 1 - P, where `x` is far above the mean.
fn ln_cdf_by_fraction(a: f64, x: f64) -> LnCdf {
    let q = upper_tail(a, x);
    let h = 1e-5 * a.max(1e-3);
    let dq = (upper_tail(a + h, x) - upper_tail((a - h).max(0.0), x)) / (h + h.min(a));
    let density_x = (a * x.ln() - x - ln_gamma_digamma(a).0).exp();
    LnCdf { value: (-q).ln_1p(), by_shape: -dq / (1.0 - q), by_ln_x: density_x / (1.0 - q) }
}

/// Q(a, x) for x > a + 1 by Legendre's continued fraction, evaluated from the front (Lentz's method).
fn upper_tail(a: f64, x: f64) -> f64 {
    if a == 0.0 {
        return 0.0;
    }
    let tiny = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut h = d;
    for n in 1..MAX_TERMS {
        let n = f64::from(n);
        let an = -n * (n - a);
        b += 2.0;
        d = an * d + b;
        d = if d.abs() < tiny { 1.0 / tiny } else { 1.0 / d };
        c = b + an / c;
        if c.abs() < tiny {
            c = tiny;
        }
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    (a * x.ln() - x - ln_gamma_digamma(a).0).exp() * h
}

/// P(a, x); 1 for shape 0, whose variable is always 0.
pub(crate) fn gamma_cdf(a: f64, x: f64) -> f64 {
    if a <= 0.0 { 1.0 } else { ln_gamma_cdf(a, x).value.exp() }
}

/// Q(a, x) = 1 - P(a, x), accurate where it is small.
pub(crate) fn gamma_upper(a: f64, x: f64) -> f64 {
    if a <= 0.0 {
        0.0
    } else if x > a + 1.0 && x > 2.0 {
        upper_tail(a, x)
    } else {
        -ln_gamma_cdf(a, x).value.exp_m1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        // Abramowitz and Stegun (1964), tables 6.1 and 6.3, and closed forms.
        let euler = 0.577_215_664_901_532_9;
        for (x, ln_gamma, digamma) in [
            (1.0, 0.0, -euler),
            (2.0, 0.0, 1.0 - euler),
            (0.5, 0.572_364_942_924_700_1, -euler - 2.0 * std::f64::consts::LN_2),
            (10.0, 362_880_f64.ln(), 2.251_752_589_066_721),
            (1.25, 0.906_402_477_055_477_f64.ln(), -0.227_453_533_376_265_4),
            (101.0, 363.739_375_555_563_5, 4.610_161_852_738_087),
        ] {
            let (l, d) = ln_gamma_digamma(x);
            assert!((l - ln_gamma).abs() < 2e-13 * ln_gamma.abs().max(1.0), "ln gamma {x}: {l}");
            assert!((d - digamma).abs() < 2e-13, "digamma {x}: {d}");
        }
        for x in [0.01, 1.0, 3.0, 50.0, 90.0, 120.0] {
            // Shape 1 is the exponential distribution, shape 2 the sum of two.
            let one = ln_gamma_cdf(1.0, x).value;
            assert!((one - (-(-x).exp_m1()).ln()).abs() < 1e-14, "{x} {one}");
            let two = ln_gamma_cdf(2.0, x).value;
            let direct = 1.0 - (1.0 + x) * (-x).exp();
            if direct > 1e-3 {
                assert!((two - direct.ln()).abs() < 1e-12, "{x} {two}");
            }
            let upper = gamma_upper(2.0, x);
            assert!((upper / ((1.0 + x) * (-x).exp()) - 1.0).abs() < 1e-10, "{x} {upper}");
        }
        // Shape 1/2 is half the square of a normal deviate: P(1/2, 1/2) is that of one standard deviation.
        assert!((gamma_cdf(0.5, 0.5) - 0.682_689_492_137_085_9).abs() < 1e-14);
        assert!((gamma_cdf(0.5, 2.0) - 0.954_499_736_103_641_6).abs() < 1e-14);
    }

    proptest! {
        #[test]
        fn recurrences_and_derivatives(a in 1e-6..300.0f64, x in 1e-3..300.0f64) {
            let (l, d) = ln_gamma_digamma(a);
            let (l1, d1) = ln_gamma_digamma(a + 1.0);
            prop_assert!((l1 - l - a.ln()).abs() < 1e-11);
            prop_assert!((d1 - d - 1.0 / a).abs() < 1e-11 * (1.0 / a).max(1.0));
            // P(a, x) - P(a+1, x) = x^a e^-x / Γ(a+1)
            let step = (a * x.ln() - x - l1).exp();
            prop_assert!((gamma_cdf(a, x) - gamma_cdf(a + 1.0, x) - step).abs() < 1e-12);
            prop_assert!((gamma_cdf(a, x) + gamma_upper(a, x) - 1.0).abs() < 1e-12);
            let here = ln_gamma_cdf(a, x);
            let h = 1e-5 * a;
            let by_shape = (ln_gamma_cdf(a + h, x).value - ln_gamma_cdf(a - h, x).value) / (2.0 * h);
            let by_ln_x = (ln_gamma_cdf(a, x * 1.00001).value - ln_gamma_cdf(a, x / 1.00001).value) / (2.0 * 1.00001f64.ln());
            prop_assert!((here.by_shape - by_shape).abs() < 1e-6 + 1e-5 * by_shape.abs() + 1e-14 * here.value.abs() / h + 1e-14 / h, "{here:?} {by_shape}");
            prop_assert!((here.by_ln_x - by_ln_x).abs() < 1e-6 + 1e-5 * by_ln_x.abs(), "{here:?} {by_ln_x}");
        }

        #[test]
        fn extreme_arguments_stay_probabilities(a in -12.0..5.0f64, x in -12.0..7.0f64) {
            let (a, x) = (10f64.powf(a), 10f64.powf(x));
            let here = ln_gamma_cdf(a, x);
            prop_assert!(here.value <= 0.0 && here.value.is_finite() && here.by_shape.is_finite() && here.by_ln_x >= 0.0);
        }
    }
}
