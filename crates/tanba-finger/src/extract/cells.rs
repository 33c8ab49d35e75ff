//! Slow maps: numbers on a grid of square cells, smoothed there and interpolated back to pixels.

use crate::exact::Exact;
use crate::sink::between;

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

    /// The values along pixel row `y`, bilinear between cell centres.
    pub(crate) fn interpolate_row(&self, y: usize, out: &mut [f32]) {
        let size = self.cell as f32;
        let (j, fy) = between((y as f32 + 0.5) / size - 0.5, self.height);
        let top = &self.data[j * self.width..][..self.width];
        let bottom = &self.data[(j + 1).min(self.height - 1) * self.width..][..self.width];
        let line = |i: usize| top[i] + (bottom[i] - top[i]) * fy;
        // Piece by piece from one cell centre to the next; before the first and after the last the value stays.
        let half = self.cell / 2;
        let mut here = line(0);
        let first = half.min(out.len());
        out[..first].fill(here);
        let mut x = first;
        let shift = 0.5 + half as f32 - 0.5 * size;
        for i in 1..=self.width {
            let next = if i < self.width { line(i) } else { here };
            let piece = self.cell.min(out.len() - x);
            for (k, o) in out[x..x + piece].iter_mut().enumerate() {
                *o = here + (next - here) * ((k as f32 + shift) / size);
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

/// Gaussian smoothing of a cell map; nothing comes in from outside the map (the weights are cut there, not renormalised:
/// callers divide by an equally smoothed weight map where that matters).
pub(crate) fn smooth_cells(map: &mut Cells, sigma: f32) {
    smooth_grid(&mut map.data, map.width, map.height, sigma);
}

/// Gaussian smoothing of a row-major grid, as [`smooth_cells`].
pub(crate) fn smooth_grid(data: &mut [f32], width: usize, height: usize, sigma: f32) {
    let kernel = gaussian(sigma);
    let r = kernel.len() / 2;
    let mut line = vec![0.0; width + 2 * r];
    for row in data.chunks_exact_mut(width) {
        line[r..r + width].copy_from_slice(row);
        row.fill(0.0);
        for (k, &g) in kernel.iter().enumerate() {
            for (o, &v) in row.iter_mut().zip(&line[k..k + width]) {
                *o += g * v;
            }
        }
    }
    let source = data.to_vec();
    for y in 0..height {
        let row = &mut data[y * width..(y + 1) * width];
        row.fill(0.0);
        for (k, &g) in kernel.iter().enumerate() {
            let Some(from) = (y + k).checked_sub(r).filter(|&v| v < height) else { continue };
            for (o, &v) in row.iter_mut().zip(&source[from * width..(from + 1) * width]) {
                *o += g * v;
            }
        }
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
