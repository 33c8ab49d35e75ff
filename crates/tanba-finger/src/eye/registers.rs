//! Sixteen f32 that are worked on at once, one of each channel of a block. Every machine gives the same bits: each operation is IEEE 754's,
//! rounded once.

#[cfg(target_arch = "x86_64")]
use super::x86;
use crate::scan::Instructions;

/// Channels of a block.
pub(super) const LANES: usize = 16;

/// Instructions on registers. `self` proves that this processor has them.
pub(super) trait Machine: Copy {
    type Lanes: Copy;
    /// Blocks of outputs that are summed up together, 1 or 2.
    const BLOCKS: usize;
    /// Neighbouring pixels of a row that are summed up together, at most [`MOST_PIXELS`]: so many that all sums, the weights and an input
    /// are in registers.
    const PIXELS: usize;

    fn load(self, lanes: &[f32; LANES]) -> Self::Lanes;
    fn store(self, a: Self::Lanes) -> [f32; LANES];
    fn splat(self, v: f32) -> Self::Lanes;
    fn add(self, a: Self::Lanes, b: Self::Lanes) -> Self::Lanes;
    /// `a * b + sum`, rounded once.
    fn fma(self, a: Self::Lanes, b: Self::Lanes, sum: Self::Lanes) -> Self::Lanes;
    /// What is not above 0 (or no number) becomes 0.
    fn relu(self, a: Self::Lanes) -> Self::Lanes;
}

/// Most pixels that any machine sums up together.
pub(super) const MOST_PIXELS: usize = 14;

/// Work that is compiled for each instruction set.
pub(super) trait Work {
    type Output;
    fn on<M: Machine>(self, machine: M) -> Self::Output;
}

/// Does the work with these instructions; `None` where this machine has them not.
pub(super) fn dispatch<W: Work>(with: Instructions, work: W) -> Option<W::Output> {
    match with {
        Instructions::Plain => Some(work.on(Plain)),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 | Instructions::Avx512 => x86::dispatch(with, work),
        #[cfg(not(target_arch = "x86_64"))]
        Instructions::Avx2 | Instructions::Avx512 => None,
    }
}

/// Nothing to do, to ask what there is.
struct Nothing;

impl Work for Nothing {
    type Output = ();

    fn on<M: Machine>(self, _: M) {}
}

/// Whether this machine has these instructions.
pub(super) fn has(with: Instructions) -> bool {
    dispatch(with, Nothing).is_some()
}

/// What `run` gives with the widest instructions there are; it gives `None` where this machine has them not.
pub(super) fn widest<T>(run: impl FnMut(Instructions) -> Option<T>) -> T {
    [Instructions::Avx512, Instructions::Avx2, Instructions::Plain]
        .into_iter()
        .find_map(run)
        .unwrap_or_else(|| unreachable!("every machine has plain instructions"))
}

/// What every processor has: arrays, of which the compiler makes such vectors as there are.
#[derive(Clone, Copy)]
pub(super) struct Plain;

impl Machine for Plain {
    type Lanes = [f32; LANES];
    const BLOCKS: usize = 1;
    const PIXELS: usize = 4;

    #[inline(always)]
    fn load(self, lanes: &[f32; LANES]) -> [f32; LANES] {
        *lanes
    }
    #[inline(always)]
    fn store(self, a: [f32; LANES]) -> [f32; LANES] {
        a
    }
    #[inline(always)]
    fn splat(self, v: f32) -> [f32; LANES] {
        [v; LANES]
    }
    #[inline(always)]
    fn add(self, a: [f32; LANES], mut b: [f32; LANES]) -> [f32; LANES] {
        for (b, a) in b.iter_mut().zip(a) {
            *b += a;
        }
        b
    }
    #[inline(always)]
    fn fma(self, a: [f32; LANES], b: [f32; LANES], mut sum: [f32; LANES]) -> [f32; LANES] {
        for k in 0..LANES {
            sum[k] = fused(a[k], b[k], sum[k]);
        }
        sum
    }
    #[inline(always)]
    fn relu(self, mut a: [f32; LANES]) -> [f32; LANES] {
        for v in &mut a {
            // Not `max`, which leaves the sign of a zero open.
            *v = if *v > 0.0 { *v } else { 0.0 };
        }
        a
    }
}

/// `a * b + sum`, rounded once.
#[inline(always)]
fn fused(a: f32, b: f32, sum: f32) -> f32 {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
        a.mul_add(b, sum)
    } else {
        // Where no instruction does it, the platform's C library would.
        libm::fmaf(a, b, sum)
    }
}

/// Fused multiply-adds in registers and nothing else, for measurements: what no layer can be faster than.
struct Peak {
    repeats: usize,
    /// Not known when it is compiled.
    of: [f32; 2],
}

impl Peak {
    /// `N` sums that do not wait for each other.
    #[inline(always)]
    fn sums<M: Machine, const N: usize>(self, m: M) -> (u64, [f32; LANES]) {
        let (a, b) = (m.splat(self.of[0]), m.splat(self.of[1]));
        let mut sums = [a; N];
        for _ in 0..self.repeats {
            for sum in &mut sums {
                *sum = m.fma(*sum, a, b);
            }
        }
        let mut all = sums[0];
        for sum in &sums[1..] {
            all = m.add(all, *sum);
        }
        ((self.repeats * N * LANES) as u64, m.store(all))
    }
}

impl Work for Peak {
    type Output = (u64, [f32; LANES]);

    #[inline(always)]
    fn on<M: Machine>(self, m: M) -> Self::Output {
        match M::BLOCKS * M::PIXELS {
            24.. => self.sums::<M, 24>(m),
            6.. => self.sums::<M, 6>(m),
            _ => self.sums::<M, 4>(m),
        }
    }
}

/// Multiplies and adds in registers `repeats` times: the roof over any layer, for whoever times it. Tells how many multiply-adds that were;
/// `None` where this machine has not these instructions.
pub fn peak_work(with: Instructions, repeats: usize) -> Option<u64> {
    let (work, sums) = dispatch(with, Peak { repeats, of: core::hint::black_box([0.5, 1.0]) })?;
    core::hint::black_box(sums);
    Some(work)
}
