//! Transcendental functions with one result everywhere.
//!
//! Those of the standard library are the platform's, and differ in the last bit from one C library, and from one processor, to the
//! next. A template must not: two offices that extract the same image are to hold the same bytes. These are the pure Rust ones of
//! `libm`; additions and multiplications are IEEE 754 and are never fused, whatever vector instructions a machine has.

/// Numbers with exact functions; named after those of the standard library.
pub(crate) trait Exact: Sized {
    fn sin_cos_exact(self) -> (Self, Self);
    fn sin_exact(self) -> Self {
        self.sin_cos_exact().0
    }
    fn cos_exact(self) -> Self {
        self.sin_cos_exact().1
    }
    fn atan2_exact(self, x: Self) -> Self;
    fn acos_exact(self) -> Self;
    fn exp_exact(self) -> Self;
    fn ln_exact(self) -> Self;
    fn log10_exact(self) -> Self;
    /// Without the care for overflow that pictures never need.
    fn hypot_exact(self, y: Self) -> Self;
}

macro_rules! exact {
    ($t:ty, $sincos:ident, $atan2:ident, $acos:ident, $exp:ident, $ln:ident, $log10:ident) => {
        impl Exact for $t {
            fn sin_cos_exact(self) -> (Self, Self) {
                libm::$sincos(self)
            }
            fn atan2_exact(self, x: Self) -> Self {
                libm::$atan2(self, x)
            }
            fn acos_exact(self) -> Self {
                libm::$acos(self)
            }
            fn exp_exact(self) -> Self {
                libm::$exp(self)
            }
            fn ln_exact(self) -> Self {
                libm::$ln(self)
            }
            fn log10_exact(self) -> Self {
                libm::$log10(self)
            }
            #[inline(always)]
            fn hypot_exact(self, y: Self) -> Self {
                (self * self + y * y).sqrt()
            }
        }
    };
}

exact!(f32, sincosf, atan2f, acosf, expf, logf, log10f);
exact!(f64, sincos, atan2, acos, exp, log, log10);
