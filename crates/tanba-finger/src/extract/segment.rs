//! Where on the image the finger is.

use super::cells::{Cells, smooth_cells};
use super::normalise::CELL;
use crate::params::ExtractParams;
use crate::sink::{Mask, Plane};

/// What segmentation tells apart, one sample per cell of [`CELL`] pixels.
pub(crate) struct Segments {
    /// Where the finger touched: cells whose smoothed gradient energy is a fair share of what is typical.
    pub(crate) print: Mask,
    /// Cells of the print with something to read: neither bare glass at its rim nor a blot in it.
    pub(crate) alive: Mask,
    /// Mean gray level beside the print less that on it; 0 where hardly anything lies beside it.
    pub(crate) ground: f32,
}

/// Finds the print on the image.
pub(crate) fn segment(image: &Plane, params: &ExtractParams) -> Segments {
    let (w, h) = (image.width, image.height);
    let mut energy = Cells::covering(w, h, CELL);
    let mut count = energy.clone();
    // Every second row: energy is smooth over a cell, and this is the one pass over the whole image.
    for y in (1..h - 1).step_by(2) {
        let (above, row, below) = (image.row(y - 1), image.row(y), image.row(y + 1));
        for x in 1..w - 1 {
            let (gx, gy) = (0.5 * (row[x + 1] - row[x - 1]), 0.5 * (below[x] - above[x]));
            let c = (y / CELL) * energy.width + x / CELL;
            energy.data[c] += gx * gx + gy * gy;
            count.data[c] += 1.0;
        }
    }
    let sigma = params.segment_sigma / CELL as f32;
    smooth_cells(&mut energy, sigma);
    smooth_cells(&mut count, sigma);
    for (e, &n) in energy.data.iter_mut().zip(&count.data) {
        *e /= n.max(1e-6);
    }
    // Typical is the middle of what is more than noise: neither the bare part of the image nor a strong rim counts.
    let mut above: Vec<f32> = energy.data.iter().copied().filter(|&e| e >= params.segment_floor).collect();
    above.sort_unstable_by(f32::total_cmp);
    let typical = above.get(above.len() / 2).copied().unwrap_or(0.0);
    let threshold = (params.segment_share * typical).max(params.segment_floor);
    let (width, height) = (energy.width, energy.height);
    let print: Vec<bool> = energy.data.iter().map(|&e| e >= threshold).collect();
    let range = ranges(image, width, height);
    let mut of_print: Vec<f32> = range.iter().zip(&print).filter(|&(_, &p)| p).map(|(&r, _)| r).collect();
    of_print.sort_unstable_by(f32::total_cmp);
    let flat = params.flat_share * of_print.get(of_print.len() / 2).copied().unwrap_or(0.0);
    let alive = Mask { width, height, data: print.iter().zip(&range).map(|(&p, &r)| p && r >= flat).collect() };
    let print = Mask { width, height, data: print };
    let ground = ground(image, &print);
    Segments { print, alive, ground }
}

/// How much lighter it is beside the print than on it, gray levels. Pure black is a frame that somebody put around it.
fn ground(image: &Plane, print: &Mask) -> f32 {
    const LEAST: f32 = 0.1;
    const FRAME: f32 = 2.0;
    let (mut on, mut beside, mut n_on, mut n_beside) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
    for y in (0..image.height).step_by(CELL) {
        for (x, &v) in image.row(y).iter().enumerate().step_by(2) {
            if print.data[y / CELL * print.width + x / CELL] {
                (on, n_on) = (on + f64::from(v), n_on + 1.0);
            } else if v > FRAME {
                (beside, n_beside) = (beside + f64::from(v), n_beside + 1.0);
            }
        }
    }
    if n_on == 0.0 || n_beside < f64::from(LEAST) * (n_on + n_beside) {
        return 0.0;
    }
    (beside / n_beside - on / n_on) as f32
}

/// Darkest to lightest pixel over each cell and its neighbours (12 pixels, so that a ridge and a valley are inside).
fn ranges(image: &Plane, width: usize, height: usize) -> Vec<f32> {
    let mut low = vec![f32::MAX; width * height];
    let mut high = vec![f32::MIN; width * height];
    for y in 0..image.height {
        for (c, piece) in image.row(y).chunks(CELL).enumerate() {
            let c = y / CELL * width + c;
            for &v in piece {
                low[c] = low[c].min(v);
                high[c] = high[c].max(v);
            }
        }
    }
    let mut range = vec![0.0; width * height];
    for y in 0..height {
        for x in 0..width {
            let (mut l, mut h) = (f32::MAX, f32::MIN);
            for yy in y.saturating_sub(1)..(y + 2).min(height) {
                for c in yy * width + x.saturating_sub(1)..yy * width + (x + 2).min(width) {
                    l = l.min(low[c]);
                    h = h.max(high[c]);
                }
            }
            range[y * width + x] = h - l;
        }
    }
    range
}
