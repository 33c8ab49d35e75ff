//! Ridges grown from noise by a filter that follows direction and period (Cappelli, Maio and Maltoni 2000), on a half-size grid.
//!
//! The quadrature twin of the last pass gives the phase, and with it every minutia exactly (see [`super::minutiae`]).

use std::sync::OnceLock;

use pulp::{Arch, Simd, WithSimd};

use crate::exact;
use crate::random::Stream;

use super::islands::Island;
use super::parameters::{
    BANK_DIRECTIONS, BANK_PERIOD_RANGE, BANK_PERIODS, FILTER_RADIUS, FILTER_SIGMA_ACROSS, FILTER_SIGMA_ALONG,
    GROWTH_GAIN, GROWTH_PASSES, GROWTH_REFINING_PASSES, GROWTH_SCALE,
};
use super::plan::RidgePlan;

const SIDE: usize = 2 * FILTER_RADIUS + 1;
/// Rows of a kernel are padded with zeros to this many lanes, for vector code.
const LANES: usize = 16;

/// One kernel: `SIDE` rows of `LANES` weights.
type Kernel = [[f32; LANES]; SIDE];

/// Even (cosine) and odd (sine) kernels for every direction and period.
struct Bank {
    even: Vec<Kernel>,
    odd: Vec<Kernel>,
}

/// The filter's unit normal in image coordinates, for a direction bin: the phase grows along it.
pub(super) fn normal_of(direction_bin: usize) -> (f64, f64) {
    let theta = direction_bin as f64 * std::f64::consts::PI / BANK_DIRECTIONS as f64;
    let (s, c) = exact::sin_cos(theta);
    // Ridge direction as seen is (c, -s) in image coordinates; its normal is (s, c).
    (s, c)
}

/// Period of a period bin, pixels of the growth grid.
pub(super) fn period_of(period_bin: usize) -> f64 {
    let (low, high) = BANK_PERIOD_RANGE;
    low + (high - low) * period_bin as f64 / (BANK_PERIODS - 1) as f64
}

fn bank() -> &'static Bank {
    static BANK: OnceLock<Bank> = OnceLock::new();
    BANK.get_or_init(|| {
        let mut even = Vec::with_capacity(BANK_DIRECTIONS * BANK_PERIODS);
        let mut odd = Vec::with_capacity(BANK_DIRECTIONS * BANK_PERIODS);
        for d in 0..BANK_DIRECTIONS {
            for p in 0..BANK_PERIODS {
                let (e, o) = kernels(normal_of(d), period_of(p));
                even.push(e);
                odd.push(o);
            }
        }
        Bank { even, odd }
    })
}

/// A zero-mean Gabor pair, scaled to answer 1 to a unit wave of its own direction and period.
fn kernels((nx, ny): (f64, f64), period: f64) -> (Kernel, Kernel) {
    let (across, along) = (FILTER_SIGMA_ACROSS * period, FILTER_SIGMA_ALONG * period);
    let k = std::f64::consts::TAU / period;
    let mut envelope = [[0.0; SIDE]; SIDE];
    let mut wave = [[(0.0, 0.0); SIDE]; SIDE];
    let (mut sum_envelope, mut sum_even) = (0.0, 0.0);
    for row in 0..SIDE {
        for col in 0..SIDE {
            let (dx, dy) = (col as f64 - FILTER_RADIUS as f64, row as f64 - FILTER_RADIUS as f64);
            let (u, v) = (dx * nx + dy * ny, dx * ny - dy * nx);
            let g = exact::exp(-0.5 * (u * u / (across * across) + v * v / (along * along)));
            let (s, c) = exact::sin_cos(k * u);
            envelope[row][col] = g;
            wave[row][col] = (g * c, g * s);
            sum_envelope += g;
            sum_even += g * c;
        }
    }
    let offset = sum_even / sum_envelope;
    let (mut answer_even, mut answer_odd) = (0.0, 0.0);
    for row in 0..SIDE {
        for col in 0..SIDE {
            let (dx, dy) = (col as f64 - FILTER_RADIUS as f64, row as f64 - FILTER_RADIUS as f64);
            let (s, c) = exact::sin_cos(k * (dx * nx + dy * ny));
            wave[row][col].0 -= offset * envelope[row][col];
            answer_even += wave[row][col].0 * c;
            answer_odd += wave[row][col].1 * s;
        }
    }
    let mut even = [[0.0; LANES]; SIDE];
    let mut odd = [[0.0; LANES]; SIDE];
    for row in 0..SIDE {
        for col in 0..SIDE {
            even[row][col] = (wave[row][col].0 / answer_even) as f32;
            // Correlating cos(a + k u) with sin(k u) answers -sin a.
            odd[row][col] = (-wave[row][col].1 / answer_odd) as f32;
        }
    }
    (even, odd)
}

/// The grown ridge wave and its quadrature, pixel by pixel. The sign of `odd` is that of the pixel's own filter normal.
pub(super) struct Grown {
    /// In phase: positive on ridges.
    pub(super) even: Vec<f32>,
    /// A quarter period later along the filter's normal.
    pub(super) odd: Vec<f32>,
}

/// Ridges that follow the plan, grown from the stream's noise.
pub(super) fn grow(plan: &RidgePlan, islands: &[Island], stream: &mut Stream) -> Grown {
    let mut noise = vec![0.0; plan.width * plan.height];
    stream.fill_noise(&mut noise);
    let grown = refine(plan, &noise, GROWTH_PASSES);
    refine(plan, &with_islands(plan, islands, &grown), GROWTH_REFINING_PASSES)
}

/// The ridges with the phase turned round the ends of the islands.
fn with_islands(plan: &RidgePlan, islands: &[Island], grown: &Grown) -> Vec<f32> {
    let scale = GROWTH_SCALE as f64;
    let normals: Vec<(f64, f64)> = (0..BANK_DIRECTIONS).map(normal_of).collect();
    let mut turns = vec![0.0_f32; grown.even.len()];
    for island in islands {
        let ((left, right), (top, bottom)) = island.span();
        let pixel = |v: f64, n: usize| ((v / scale).max(0.0) as usize).min(n);
        for y in pixel(top, plan.height)..pixel(bottom + scale, plan.height) {
            for x in pixel(left, plan.width)..pixel(right + scale, plan.width) {
                let i = y * plan.width + x;
                if plan.is_skin(i) {
                    turns[i] += island.turn(x as f64 * scale, y as f64 * scale, normals[plan.direction(i)]);
                }
            }
        }
    }
    let turned = |((even, odd), turn): ((&f32, &f32), &f32)| {
        if *turn == 0.0 {
            return *even;
        }
        let (s, c) = exact::sin_cos(f64::from(*turn));
        even * c as f32 - odd * s as f32
    };
    grown.even.iter().zip(&grown.odd).zip(&turns).map(turned).collect()
}

/// Ridges that follow the plan, drawn out of a first guess by so many passes of the filter.
pub(super) fn refine(plan: &RidgePlan, guess: &[f32], passes: usize) -> Grown {
    let bank = bank();
    let mut field = Padded::new(plan.width, plan.height);
    field.load(guess);
    let mut next = vec![0.0; plan.width * plan.height];
    for _ in 0..passes {
        field.filter(plan, &bank.even, &mut next);
        for v in &mut next {
            *v = (GROWTH_GAIN * *v).clamp(-1.0, 1.0);
        }
        field.load(&next);
    }
    let mut odd = vec![0.0; plan.width * plan.height];
    field.filter(plan, &bank.even, &mut next);
    field.filter(plan, &bank.odd, &mut odd);
    Grown { even: next, odd }
}

/// An image with a margin, so that filters need no bounds at the border.
struct Padded {
    width: usize,
    height: usize,
    stride: usize,
    pixels: Vec<f32>,
}

/// The work of [`Padded::filter`]; a type and not a closure because closures are not inlined into the dispatched function.
struct FilterRows<'a> {
    image: &'a Padded,
    plan: &'a RidgePlan,
    kernels: &'a [Kernel],
    out: &'a mut [f32],
}

impl WithSimd for FilterRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.image.filter_rows(self.plan, self.kernels, self.out);
    }
}

impl Padded {
    fn new(width: usize, height: usize) -> Self {
        let stride = width + LANES;
        Self { width, height, stride, pixels: vec![0.0; stride * (height + SIDE)] }
    }

    fn load(&mut self, from: &[f32]) {
        for y in 0..self.height {
            let start = (y + FILTER_RADIUS) * self.stride + FILTER_RADIUS;
            self.pixels[start..start + self.width].copy_from_slice(&from[y * self.width..(y + 1) * self.width]);
        }
    }

    /// The answer of every pixel's own kernel, 0 where the plan has no skin.
    fn filter(&self, plan: &RidgePlan, kernels: &[Kernel], out: &mut [f32]) {
        // Compiled for each instruction set; the sums are written so that all of them give the same bits.
        Arch::new().dispatch(FilterRows { image: self, plan, kernels, out });
    }

    #[inline(always)]
    fn filter_rows(&self, plan: &RidgePlan, kernels: &[Kernel], out: &mut [f32]) {
        for y in 0..self.height {
            for x in 0..self.width {
                let i = y * self.width + x;
                let Some(kernel) = kernels.get(usize::from(plan.kernel[i])) else {
                    out[i] = 0.0;
                    continue;
                };
                let mut lanes = [0.0_f32; LANES];
                for (row, weights) in kernel.iter().enumerate() {
                    let start = (y + row) * self.stride + x;
                    let source: &[f32; LANES] =
                        self.pixels[start..start + LANES].try_into().expect("the slice has LANES pixels");
                    for lane in 0..LANES {
                        lanes[lane] += weights[lane] * source[lane];
                    }
                }
                // Summed as a tree, always the same one: float addition is not associative.
                let mut step = LANES / 2;
                while step > 0 {
                    for lane in 0..step {
                        lanes[lane] += lanes[lane + step];
                    }
                    step /= 2;
                }
                out[i] = lanes[0];
            }
        }
    }
}
