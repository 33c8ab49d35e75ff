use super::{bits, filled, numbers, vectors};
use crate::eye::conv::{Conv, Kernel, Then};
use crate::eye::maps::Maps;
use crate::eye::registers::{LANES, dispatch};
use crate::scan::Instructions;
use proptest::prelude::*;

/// A layer, and its weights as a file has them.
struct Layer<const D: usize, const S: usize> {
    conv: Conv<D, S>,
    kernel: Kernel,
    inputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl<const D: usize, const S: usize> Layer<D, S> {
    /// Of blocks of channels.
    fn new(side: usize, dilation: usize, [outputs, inputs]: [usize; 2], seed: u64) -> Self {
        let (kernel, outputs, inputs) = (Kernel { side, dilation }, outputs * LANES, inputs * D);
        let mut next = numbers(seed);
        let weights: Vec<f32> = (0..outputs * inputs * side * side).map(|_| next()).collect();
        let bias: Vec<f32> = (0..outputs).map(|_| next()).collect();
        let conv = Conv::new(kernel, [outputs, inputs], &weights, &bias);
        Self { conv, kernel, inputs, weights, bias }
    }

    fn run(&self, with: Instructions, input: &Maps<D>, before: &Maps, then: Then) -> Maps {
        let mut out = before.clone();
        assert!(dispatch(with, self.conv.run(input, &mut out, then)).is_some(), "{with:?}");
        out
    }

    /// One output as it is defined, and how far rounding may lead away from it.
    fn defined(&self, input: &Maps<D>, channel: usize, x: usize, y: usize) -> (f64, f64) {
        let Kernel { side, dilation } = self.kernel;
        let (mut sum, mut size) = (f64::from(self.bias[channel]), f64::from(self.bias[channel].abs()));
        let place = |out: usize, tap: usize| (out * S + tap * dilation).checked_sub(side / 2 * dilation);
        for i in 0..self.inputs {
            for (row, column) in (0..side).flat_map(|row| (0..side).map(move |column| (row, column))) {
                let (Some(x), Some(y)) = (place(x, column), place(y, row)) else { continue };
                if x < input.width() && y < input.height() {
                    let weight = self.weights[((channel * self.inputs + i) * side + row) * side + column];
                    let product = f64::from(weight) * f64::from(input.row(i / D, y)[x][i % D]);
                    sum += product;
                    size += product.abs();
                }
            }
        }
        // Each step rounds once, by half a unit at most.
        (sum, size * (self.inputs * side * side) as f64 * f64::from(f32::EPSILON) / 2.0)
    }

    /// Holds a layer against its definition, with all instructions.
    fn check(&self, width: usize, height: usize, then: Then) {
        let input = filled::<D>(width * S, height * S, self.inputs / D, 7);
        let before = filled(width, height, self.bias.len() / LANES, 8);
        for with in vectors().into_iter().chain([Instructions::Plain]) {
            let out = self.run(with, &input, &before, then);
            for channel in 0..self.bias.len() {
                let (block, lane) = (channel / LANES, channel % LANES);
                for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
                    let (mut expected, tolerance) = self.defined(&input, channel, x, y);
                    if then == Then::AddAndRelu {
                        expected += f64::from(before.row(block, y)[x][lane]);
                    }
                    if then != Then::Write {
                        expected = expected.max(0.0);
                    }
                    let found = f64::from(out.row(block, y)[x][lane]);
                    assert!(
                        (found - expected).abs() <= tolerance + 1e-6,
                        "{with:?} {channel} {x} {y}: {found} {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_layer_is_what_it_is_defined_as() {
    for (width, height) in [(1, 1), (3, 2), (7, 5), (15, 4), (29, 3)] {
        Layer::<1, 2>::new(5, 1, [1, 1], 1).check(width, height, Then::Relu);
        Layer::<LANES, 2>::new(3, 1, [2, 1], 2).check(width, height, Then::Relu);
        Layer::<LANES, 1>::new(3, 1, [2, 2], 3).check(width, height, Then::AddAndRelu);
        Layer::<LANES, 1>::new(3, 2, [3, 1], 4).check(width, height, Then::AddAndRelu);
        Layer::<LANES, 1>::new(1, 1, [1, 4], 5).check(width, height, Then::Write);
    }
    Layer::<LANES, 1>::new(3, 1, [6, 6], 6).check(25, 2, Then::Relu);
}

/// Whether all instructions give the same bits.
fn same<const D: usize, const S: usize>(layer: &Layer<D, S>, width: usize, height: usize, then: Then, seed: u64) {
    let input = filled::<D>(width * S, height * S, layer.inputs / D, seed);
    let before = filled(width, height, layer.bias.len() / LANES, seed + 1);
    let plain = bits(&layer.run(Instructions::Plain, &input, &before, then));
    for with in vectors() {
        assert!(bits(&layer.run(with, &input, &before, then)) == plain, "{with:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_instruction_set_gives_the_same_bits(
        (width, height) in (1usize..48, 1usize..6),
        (outputs, inputs) in (1usize..=3, 1usize..=2),
        then in prop::sample::select(vec![Then::Write, Then::Relu, Then::AddAndRelu]),
        kind in 0..5,
        seed in 0u64..1 << 20,
    ) {
        match kind {
            0 => same(&Layer::<1, 2>::new(5, 1, [outputs, 1], seed), width, height, then, seed),
            1 => same(&Layer::<LANES, 2>::new(3, 1, [outputs, inputs], seed), width, height, then, seed),
            2 => same(&Layer::<LANES, 1>::new(3, 2, [outputs, inputs], seed), width, height, then, seed),
            3 => same(&Layer::<LANES, 1>::new(1, 1, [outputs, inputs], seed), width, height, then, seed),
            _ => same(&Layer::<LANES, 1>::new(3, 1, [outputs, inputs], seed), width, height, then, seed),
        }
    }
}
