//! Registers of x86-64 processors. The intrinsics come from `pulp`, whose tokens prove that the processor has them, so that nothing here
//! is `unsafe`.

use super::registers::{LANES, Machine, Work};
use crate::scan::Instructions;
use core::arch::x86_64::{__m256, __m512};
use pulp::x86::{V3, V4};

struct On<M, W>(M, W);

impl<M: Machine, W: Work> pulp::NullaryFnOnce for On<M, W> {
    type Output = W::Output;

    #[inline(always)]
    fn call(self) -> W::Output {
        self.1.on(self.0)
    }
}

/// Does the work in vectors; `None` where this machine has them not.
pub(super) fn dispatch<W: Work>(with: Instructions, work: W) -> Option<W::Output> {
    match with {
        Instructions::Plain => None,
        Instructions::Avx2 => V3::try_new().map(|machine| machine.vectorize(On(machine, work))),
        Instructions::Avx512 => V4::try_new().map(|machine| machine.vectorize(On(machine, work))),
    }
}

impl Machine for V4 {
    type Lanes = __m512;
    // 28 sums, two weights and an input in 32 registers.
    const BLOCKS: usize = 2;
    const PIXELS: usize = 14;

    #[inline(always)]
    fn load(self, lanes: &[f32; LANES]) -> __m512 {
        pulp::cast(*lanes)
    }
    #[inline(always)]
    fn store(self, a: __m512) -> [f32; LANES] {
        pulp::cast(a)
    }
    #[inline(always)]
    fn splat(self, v: f32) -> __m512 {
        self.avx512f._mm512_set1_ps(v)
    }
    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        self.avx512f._mm512_add_ps(a, b)
    }
    #[inline(always)]
    fn fma(self, a: __m512, b: __m512, sum: __m512) -> __m512 {
        self.avx512f._mm512_fmadd_ps(a, b, sum)
    }
    #[inline(always)]
    fn relu(self, a: __m512) -> __m512 {
        // The second one where the first is no number, or both are zeros.
        self.avx512f._mm512_max_ps(a, self.avx512f._mm512_setzero_ps())
    }
}

/// Two halves.
type Halves = [__m256; 2];

impl Machine for V3 {
    type Lanes = Halves;
    // Twelve sums, two weights and an input in 16 registers.
    const BLOCKS: usize = 1;
    const PIXELS: usize = 6;

    #[inline(always)]
    fn load(self, lanes: &[f32; LANES]) -> Halves {
        pulp::cast(*lanes)
    }
    #[inline(always)]
    fn store(self, a: Halves) -> [f32; LANES] {
        pulp::cast(a)
    }
    #[inline(always)]
    fn splat(self, v: f32) -> Halves {
        [self.avx._mm256_set1_ps(v); 2]
    }
    #[inline(always)]
    fn add(self, a: Halves, b: Halves) -> Halves {
        [self.avx._mm256_add_ps(a[0], b[0]), self.avx._mm256_add_ps(a[1], b[1])]
    }
    #[inline(always)]
    fn fma(self, a: Halves, b: Halves, sum: Halves) -> Halves {
        [self.fma._mm256_fmadd_ps(a[0], b[0], sum[0]), self.fma._mm256_fmadd_ps(a[1], b[1], sum[1])]
    }
    #[inline(always)]
    fn relu(self, a: Halves) -> Halves {
        let zero = self.avx._mm256_setzero_ps();
        [self.avx._mm256_max_ps(a[0], zero), self.avx._mm256_max_ps(a[1], zero)]
    }
}
