//! Elementary functions with the same bits on every machine.
//!
//! The standard library's `sin`, `exp`, `atan2` and `ln` are the platform's, and platforms differ in the last bit; one
//! last bit is enough to grow another ridge. Here only `+ - * /`, square root, rounding and bit patterns are used, all of
//! which IEEE 754 fixes. Errors stay below 1e-10, far under what 32-bit pixels can hold.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, PI, TAU};

/// Coefficients of the arc tangent's series, from the highest power: 1/25, -1/23, ... 1. Constants, because a division takes longer than the
/// rest of a step.
const ATAN: [f64; 13] = odd_reciprocals(-1.0);
/// Coefficients of the logarithm's series in `(m - 1) / (m + 1)`, from the highest power: 1/17, ... 1.
const LN: [f64; 9] = odd_reciprocals(1.0);
/// Coefficients of the exponential series, from the highest power: 1/13!, ... 1.
const EXP: [f64; 14] = reciprocal_factorials();

const fn odd_reciprocals<const N: usize>(alternating: f64) -> [f64; N] {
    let mut out = [0.0; N];
    let (mut i, mut sign) = (0, 1.0);
    while i < N {
        out[N - 1 - i] = sign / (2 * i + 1) as f64;
        sign *= alternating;
        i += 1;
    }
    out
}

const fn reciprocal_factorials<const N: usize>() -> [f64; N] {
    let mut out = [0.0; N];
    let (mut i, mut factorial) = (0, 1.0);
    while i < N {
        out[N - 1 - i] = 1.0 / factorial;
        i += 1;
        factorial *= i as f64;
    }
    out
}

/// A polynomial from its coefficients, the highest power first: even and odd powers in two chains, since one waits for itself.
fn polynomial<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let x2 = x * x;
    let (mut even, mut odd) = (0.0, 0.0);
    for (i, c) in coefficients.iter().enumerate() {
        if (N - 1 - i).is_multiple_of(2) {
            even = c + x2 * even;
        } else {
            odd = c + x2 * odd;
        }
    }
    even + x * odd
}

/// Sine and cosine. Meant for `|x| < 1e6`; precision falls slowly beyond.
pub(crate) fn sin_cos(x: f64) -> (f64, f64) {
    let quarter = floor(x / FRAC_PI_2 + 0.5);
    let r = x - quarter as f64 * FRAC_PI_2;
    let r2 = r * r;
    // Taylor series on |r| <= pi/4.
    let s = r
        * (1.0
            + r2 * (-1.0 / 6.0
                + r2 * (1.0 / 120.0 + r2 * (-1.0 / 5040.0 + r2 * (1.0 / 362_880.0 + r2 * (-1.0 / 39_916_800.0))))));
    let c = 1.0
        + r2 * (-0.5
            + r2 * (1.0 / 24.0
                + r2 * (-1.0 / 720.0
                    + r2 * (1.0 / 40_320.0 + r2 * (-1.0 / 3_628_800.0 + r2 * (1.0 / 479_001_600.0))))));
    match quarter & 3 {
        0 => (s, c),
        1 => (c, -s),
        2 => (-s, -c),
        _ => (-c, s),
    }
}

/// The greatest integer that is not above `x`: inline, where the library's is a call on plain x86-64. `x` within the range of `i64`.
fn floor(x: f64) -> i64 {
    let cut = x as i64;
    cut - i64::from(x < cut as f64)
}

/// Arc tangent, in `[-pi/2, pi/2]`.
fn atan(x: f64) -> f64 {
    let a = x.abs();
    let (base, t) = if a > 2.414_213_562_373_095 {
        (FRAC_PI_2, -1.0 / a)
    } else if a > 0.414_213_562_373_095 {
        (FRAC_PI_4, (a - 1.0) / (a + 1.0))
    } else {
        (0.0, a)
    };
    let t2 = t * t;
    // Gregory's series on |t| <= tan(pi/8), from the small end.
    let sum = polynomial(&ATAN, t2);
    let v = base + t * sum;
    if x < 0.0 { -v } else { v }
}

/// Angle of the vector `(x, y)`, in `[-pi, pi]`; 0 for the zero vector.
pub(crate) fn atan2(y: f64, x: f64) -> f64 {
    if x == 0.0 && y == 0.0 {
        return 0.0;
    }
    if y.abs() > x.abs() {
        let v = atan(x / y);
        if y > 0.0 { FRAC_PI_2 - v } else { -FRAC_PI_2 - v }
    } else {
        let v = atan(y / x);
        if x > 0.0 {
            v
        } else if y >= 0.0 {
            v + PI
        } else {
            v - PI
        }
    }
}

/// `e^x`, 0 below -700, held at `e^700` above.
pub(crate) fn exp(x: f64) -> f64 {
    if x < -700.0 {
        return 0.0;
    }
    let x = x.min(700.0);
    let k = floor(x / LN_2 + 0.5);
    let r = x - k as f64 * LN_2;
    let sum = polynomial(&EXP, r);
    // k is within +-1011, so the exponent field is in range and positive.
    sum * f64::from_bits(((1023 + k) as u64) << 52)
}

/// Natural logarithm of a positive normal number.
pub(crate) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut e = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mut m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | (1023 << 52));
    if m > std::f64::consts::SQRT_2 {
        m /= 2.0;
        e += 1;
    }
    let t = (m - 1.0) / (m + 1.0);
    let t2 = t * t;
    let sum = polynomial(&LN, t2);
    e as f64 * LN_2 + 2.0 * t * sum
}

/// The angle brought into `[0, 2 pi)`.
pub(crate) fn wrap_tau(a: f64) -> f64 {
    let w = a - floor(a / TAU) as f64 * TAU;
    if w >= TAU { 0.0 } else { w }
}

/// The angle brought into `[-pi, pi)`.
pub(crate) fn wrap_pi(a: f64) -> f64 {
    a - floor((a + PI) / TAU) as f64 * TAU
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_agree_with_the_standard_library() {
        for i in -4000..4000 {
            let x = f64::from(i) * 0.0173;
            let (s, c) = sin_cos(x);
            assert!((s - x.sin()).abs() < 1e-9 && (c - x.cos()).abs() < 1e-9, "sin_cos({x})");
            assert!((atan(x) - x.atan()).abs() < 1e-9, "atan({x})");
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-9, "exp({x})");
            if x > 0.0 {
                assert!((ln(x) - x.ln()).abs() < 1e-9, "ln({x})");
            }
            let y = f64::from((i * 7919) % 4001) - 2000.0;
            assert!((atan2(y, x) - y.atan2(x)).abs() < 1e-9, "atan2({y}, {x})");
        }
    }

    #[test]
    fn angles_wrap_into_their_half_open_ranges() {
        for i in -100..100 {
            let a = f64::from(i) * 0.25 * PI;
            assert!((0.0..TAU).contains(&wrap_tau(a)));
            assert!(wrap_pi(a) >= -PI - 1e-12 && wrap_pi(a) < PI + 1e-12);
        }
    }
}
