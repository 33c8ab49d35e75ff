//! Slow maps: numbers on a grid of square cells, smoothed there and interpolated back to pixels.

use crate::exact::Exact;
use crate::sink::{Plane, between};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// A number for each square cell of the image.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    pub(crate) cell: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<f32>,
}

impl Cells {
    /// Zeros on cells that cover `width` x `height` pixels.
    pub(crate) fn covering(width: usize, height: usize, cell: usize) -> Self {
        let (w, h) = (width.div_ceil(cell), height.div_ceil(cell));
        Self { cell, width: w, height: h, data: vec![0.0; w * h] }
    }

    /// For each cell the sum of what `add` adds, pixel by pixel, to lines of numbers when it is called for each row of the image.
    ///
    /// Whole rows are added before the pixels of a cell are, so that the work goes through vectors.
    pub(crate) fn sums<const N: usize>(
        (width, height): (usize, usize),
        cell: usize,
        mut add: impl FnMut(usize, &mut [Vec<f32>; N]),
    ) -> [Self; N] {
        let mut maps: [Self; N] = std::array::from_fn(|_| Self::covering(width, height, cell));
        let mut lines: [Vec<f32>; N] = std::array::from_fn(|_| vec![0.0; width]);
        for j in 0..height.div_ceil(cell) {
            lines.iter_mut().for_each(|line| line.fill(0.0));
            for y in j * cell..((j + 1) * cell).min(height) {
                add(y, &mut lines);
            }
            for (map, line) in maps.iter_mut().zip(&lines) {
                let row = &mut map.data[j * map.width..][..map.width];
                for (sum, piece) in row.iter_mut().zip(line.chunks(cell)) {
                    *sum = piece.iter().sum();
                }
            }
        }
        maps
    }

    /// The values along pixel row `y`, bilinear between cell centres, over at least the given columns of cells.
    pub(crate) fn interpolate_row(&self, y: usize, columns: &Range<usize>, out: &mut [f32]) {
        let size = self.cell as f32;
        let (j, fy) = between((y as f32 + 0.5) / size - 0.5, self.height);
        let top = &self.data[j * self.width..][..self.width];
        let bottom = &self.data[(j + 1).min(self.height - 1) * self.width..][..self.width];
        let line = |i: usize| top[i] + (bottom[i] - top[i]) * fy;
        // Piece by piece from one cell centre to the next; before the first and after the last the value stays.
        let half = self.cell / 2;
        let begin = columns.start.max(1);
        let mut here = line(begin - 1);
        let mut x = (half + (begin - 1) * self.cell).min(out.len());
        if columns.start == 0 {
            out[..x].fill(here);
        }
        let shift = 0.5 + half as f32 - 0.5 * size;
        let shares: Vec<f32> = (0..self.cell).map(|k| (k as f32 + shift) / size).collect();
        for i in begin..=columns.end.min(self.width) {
            let next = if i < self.width { line(i) } else { here };
            let piece = self.cell.min(out.len() - x);
            for (o, share) in out[x..x + piece].iter_mut().zip(&shares) {
                *o = here + (next - here) * share;
            }
            here = next;
            x += piece;
        }
    }

    /// The value at a place in pixels, bilinear between cell centres.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let (i, fx) = between(x / self.cell as f32 - 0.5, self.width);
        let (j, fy) = between(y / self.cell as f32 - 0.5, self.height);
        let (i1, j1) = ((i + 1).min(self.width - 1), (j + 1).min(self.height - 1));
        let v = |i: usize, j: usize| self.data[j * self.width + i];
        let top = v(i, j) * (1.0 - fx) + v(i1, j) * fx;
        let bottom = v(i, j1) * (1.0 - fx) + v(i1, j1) * fx;
        top * (1.0 - fy) + bottom * fy
    }
}

/// Twice the gradient of an image along one of its rows, not the first or last; 0 at both ends.
pub(crate) struct GradientRow {
    pub(crate) x: Vec<f32>,
    pub(crate) y: Vec<f32>,
}

impl GradientRow {
    /// Room for the rows of an image so wide.
    pub(crate) fn new(width: usize) -> Self {
        Self { x: vec![0.0; width], y: vec![0.0; width] }
    }

    /// Takes the gradient of row `y`.
    pub(crate) fn take(&mut self, image: &Plane, y: usize) {
        let inner = 1..image.width - 1;
        let (above, row, below) = (image.row(y - 1), image.row(y), image.row(y + 1));
        for ((g, after), before) in self.x[inner.clone()].iter_mut().zip(&row[2..]).zip(row) {
            *g = after - before;
        }
        for ((g, after), before) in self.y[inner.clone()].iter_mut().zip(&below[inner.clone()]).zip(&above[inner]) {
            *g = after - before;
        }
    }
}

/// Gaussian smoothing of a cell map; nothing comes in from outside the map (the weights are cut there, not renormalised:
/// callers divide by an equally smoothed weight map where that matters).
pub(crate) fn smooth_cells(map: &mut Cells, sigma: f32) {
    smooth_grid(&mut map.data, map.width, map.height, sigma);
}

/// Gaussian smoothing of a row-major grid, as [`smooth_cells`].
pub(crate) fn smooth_grid(data: &mut [f32], width: usize, height: usize, sigma: f32) {
    let kernel = gaussian(sigma);
    // The widest vector instructions of the machine; the sums are the same with any.
    Arch::new().dispatch(Smoothing { data, width, height, kernel: &kernel });
}

/// The work of [`smooth_grid`]; a type and not a closure because closures are not inlined into the dispatched function.
struct Smoothing<'a> {
    data: &'a mut [f32],
    width: usize,
    height: usize,
    kernel: &'a [f32],
}

impl WithSimd for Smoothing<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { data, width, height, kernel } = self;
        let r = kernel.len() / 2;
        // A margin of zeros on all sides, and room for the last piece of a row.
        let stride = (width + 2 * r).next_multiple_of(PIECE) + PIECE;
        let mut source = vec![0.0; stride * (height + 2 * r)];
        for (row, line) in data.chunks_exact(width).zip(source.chunks_exact_mut(stride).skip(r)) {
            line[r..r + width].copy_from_slice(row);
        }
        let mut rows = vec![0.0; source.len()];
        for (line, out) in source.chunks_exact(stride).zip(rows.chunks_exact_mut(stride)).skip(r).take(height) {
            weigh(out, width, kernel, |k| &line[k..]);
        }
        let mut out = vec![0.0; stride];
        for (y, row) in data.chunks_exact_mut(width).enumerate() {
            weigh(&mut out, width, kernel, |k| &rows[(y + k) * stride..][..stride]);
            row.copy_from_slice(&out[..width]);
        }
    }
}

/// Numbers that go through the registers together.
const PIECE: usize = 16;

/// The weighted sum of lines, one for each weight, over at least `width` numbers.
#[inline(always)]
fn weigh<'a>(out: &mut [f32], width: usize, weights: &[f32], line: impl Fn(usize) -> &'a [f32]) {
    for x in (0..width).step_by(PIECE) {
        let mut sum = [0.0f32; PIECE];
        for (k, weight) in weights.iter().enumerate() {
            for (s, v) in sum.iter_mut().zip(&line(k)[x..x + PIECE]) {
                *s += weight * v;
            }
        }
        out[x..x + PIECE].copy_from_slice(&sum);
    }
}

/// A sampled Gaussian of sum 1, cut at three sigmas.
fn gaussian(sigma: f32) -> Vec<f32> {
    let r = (3.0 * sigma).ceil() as i32;
    let mut k: Vec<f32> = (-r..=r).map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp_exact()).collect();
    let sum: f32 = k.iter().sum();
    k.iter_mut().for_each(|v| *v /= sum);
    k
}
