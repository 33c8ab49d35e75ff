//! Convolution.
//!
//! Every output is one sum that begins with the bias and takes the products one by one, each in a fused multiply-add, in one order: block
//! of input channels, row of the kernel, column, channel. So registers of any width give the same bits. (What is outside the image is a
//! zero of the border, which adds nothing.)
//!
//! Registers hold the sums of neighbouring pixels for one or two blocks of 16 outputs; the weights of a tap are loaded once for all of
//! them, an input once for both blocks.

use super::maps::{BORDER, Maps};
use super::registers::{LANES, MOST_PIXELS, Machine, Work};

/// Weights of one input for sixteen outputs: a line of the cache.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; LANES]);

/// A layer: a square kernel over blocks of `D` input channels (1 or 16), at every `S`th pixel, with as much padding as keeps the size
/// (divided by `S`).
#[derive(Debug)]
pub(super) struct Conv<const D: usize, const S: usize> {
    kernel: Kernel,
    inputs: usize,
    outputs: usize,
    /// Output block, input block, row, column, channel.
    weights: Vec<Line>,
    bias: Vec<Line>,
}

/// Extent of a kernel, pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel {
    pub(super) side: usize,
    pub(super) dilation: usize,
}

impl Kernel {
    /// How far it reaches to each side.
    fn reach(self) -> usize {
        (self.side / 2) * self.dilation
    }
}

/// What becomes of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It is written.
    Write,
    /// Below zero it is zero.
    Relu,
    /// What stands in its place is added first.
    AddAndRelu,
}

impl<const D: usize, const S: usize> Conv<D, S> {
    /// A layer of `outputs` by `inputs` channels, weights (output, input, row, column) and biases (output) as the file has them.
    pub(super) fn new(kernel: Kernel, [outputs, inputs]: [usize; 2], weights: &[f32], bias: &[f32]) -> Self {
        let taps = kernel.side * kernel.side;
        assert!(
            !kernel.side.is_multiple_of(2) && kernel.reach() <= BORDER,
            "a kernel reaches beyond the border of the maps"
        );
        assert!(outputs.is_multiple_of(LANES) && inputs.is_multiple_of(D), "channels do not come in whole blocks");
        assert!(weights.len() == outputs * inputs * taps && bias.len() == outputs, "weights of another layer");
        let (inputs, outputs) = (inputs / D, outputs / LANES);
        let mut packed = Vec::with_capacity(outputs * inputs * taps * D);
        for (output, input, tap) in
            (0..outputs).flat_map(|o| (0..inputs).flat_map(move |i| (0..taps).map(move |t| (o, i, t))))
        {
            for d in 0..D {
                let weight = |lane| weights[((output * LANES + lane) * inputs * D + input * D + d) * taps + tap];
                packed.push(Line(core::array::from_fn(weight)));
            }
        }
        let bias = bias.as_chunks::<LANES>().0.iter().map(|bias| Line(*bias)).collect();
        Self { kernel, inputs, outputs, weights: packed, bias }
    }

    /// Multiply-adds for maps of this size.
    pub(super) fn work(&self, out: &Maps) -> u64 {
        (self.weights.len() * LANES * out.width() * out.height()) as u64
    }

    /// The layer, to be run over `input`.
    pub(super) fn run<'a>(&'a self, input: &'a Maps<D>, out: &'a mut Maps, then: Then) -> Run<'a, D, S> {
        assert!(input.blocks() == self.inputs && out.blocks() == self.outputs, "maps of another layer");
        assert!(
            input.width() == out.width() * S && input.height() == out.height() * S,
            "maps of {} by {} do not become {} by {}",
            input.width(),
            input.height(),
            out.width(),
            out.height()
        );
        Run { conv: self, input, out, then }
    }
}

/// A layer with what it reads and writes.
pub(super) struct Run<'a, const D: usize, const S: usize> {
    conv: &'a Conv<D, S>,
    input: &'a Maps<D>,
    out: &'a mut Maps,
    then: Then,
}

impl<const D: usize, const S: usize> Work for Run<'_, D, S> {
    type Output = ();

    #[inline(always)]
    fn on<M: Machine>(mut self, m: M) {
        let mut block = 0;
        while block < self.conv.outputs {
            if M::BLOCKS == 2 && block + 2 <= self.conv.outputs {
                self.blocks::<M, 2>(m, block);
                block += 2;
            } else {
                self.blocks::<M, 1>(m, block);
                block += 1;
            }
        }
    }
}

impl<const D: usize, const S: usize> Run<'_, D, S> {
    /// `B` blocks of outputs from `block` on.
    #[inline(always)]
    fn blocks<M: Machine, const B: usize>(&mut self, m: M, block: usize) {
        let width = self.out.width();
        // As many as are needed, and of about one width: none is left with few pixels.
        let tiles = width.div_ceil(M::PIXELS);
        for y in 0..self.out.height() {
            for tile in 0..tiles {
                let (x, end) = (tile * width / tiles, (tile + 1) * width / tiles);
                macro_rules! of_width {
                    ($($n:literal)*) => {
                        match end - x {
                            $($n if $n <= M::PIXELS => self.tile::<M, B, $n>(m, block, y, x),)*
                            _ => unreachable!("no tile is wider than {MOST_PIXELS} pixels"),
                        }
                    };
                }
                of_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
            }
        }
    }

    /// `N` neighbouring pixels.
    #[inline(always)]
    fn tile<M: Machine, const B: usize, const N: usize>(&mut self, m: M, block: usize, y: usize, x: usize) {
        let sums = self.sums::<M, B, N>(m, block, y, x);
        for b in 0..B {
            let out = &mut self.out.row_mut(block + b, y)[x..][..N];
            for p in 0..N {
                let mut sum = sums[b][p];
                if self.then == Then::AddAndRelu {
                    sum = m.add(sum, m.load(&out[p]));
                }
                if self.then != Then::Write {
                    sum = m.relu(sum);
                }
                out[p] = m.store(sum);
            }
        }
    }

    #[inline(always)]
    fn sums<M: Machine, const B: usize, const N: usize>(
        &self,
        m: M,
        block: usize,
        y: usize,
        x: usize,
    ) -> [[M::Lanes; N]; B] {
        let Conv { kernel, inputs, weights, bias, .. } = self.conv;
        let (side, dilation) = (kernel.side, kernel.dilation);
        let (all, pitch) = (self.input.all(), self.input.pitch());
        let taps = side * side * D;
        let mut sums = [[m.splat(0.0); N]; B];
        for b in 0..B {
            sums[b] = [m.load(&bias[block + b].0); N];
        }
        for input in 0..*inputs {
            // The tap at the upper left.
            let corner = self.input.under(input, y * S) + x * S + (BORDER - kernel.reach()) * (pitch + 1);
            let mut tap = input * taps;
            for row in 0..side {
                for column in 0..side {
                    let pixels: &[[[f32; D]; S]; N] =
                        fixed(all[corner + (row * pitch + column) * dilation..].as_chunks().0);
                    let mut lines = [const { &[Line([0.0; LANES]); D] }; B];
                    for b in 0..B {
                        lines[b] = fixed(&weights[(block + b) * inputs * taps + tap..]);
                    }
                    for d in 0..D {
                        let mut weights = [m.splat(0.0); B];
                        for b in 0..B {
                            weights[b] = m.load(&lines[b][d].0);
                        }
                        for p in 0..N {
                            let v = m.splat(pixels[p][0][d]);
                            for b in 0..B {
                                sums[b][p] = m.fma(weights[b], v, sums[b][p]);
                            }
                        }
                    }
                    tap += D;
                }
            }
        }
        sums
    }
}

/// As many as there must be: borders and packing see to it.
#[inline(always)]
fn fixed<T, const N: usize>(of: &[T]) -> &[T; N] {
    of.first_chunk().unwrap_or_else(|| unreachable!("a tap lies outside its maps"))
}
