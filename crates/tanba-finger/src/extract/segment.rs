//! Where on the image the finger is.

use super::cells::{Cells, GradientRow, smooth_cells};
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
    // Every second row: energy is smooth over a cell, and this is the one pass over the whole image.
    let mut gradient = GradientRow::new(w);
    let [mut energy, mut count] = Cells::sums((w, h), CELL, |y, [energy, count]| {
        if y % 2 == 0 || y == h - 1 {
            return;
        }
        gradient.take(image, y);
        for ((e, gx), gy) in energy.iter_mut().zip(&gradient.x).zip(&gradient.y) {
            *e += 0.25 * (gx * gx + gy * gy);
        }
        count[1..w - 1].iter_mut().for_each(|n| *n += 1.0);
    });
    let sigma = params.segment_sigma / CELL as f32;
    smooth_cells(&mut energy, sigma);
    smooth_cells(&mut count, sigma);
    for (e, &n) in energy.data.iter_mut().zip(&count.data) {
        *e /= n.max(1e-6);
    }
    // Typical is the middle of what is more than noise: neither the bare part of the image nor a strong rim counts.
    let mut above: Vec<f32> = energy.data.iter().copied().filter(|&e| e >= params.segment_floor).collect();
    let typical = middle(&mut above);
    let threshold = (params.segment_share * typical).max(params.segment_floor);
    let (width, height) = (energy.width, energy.height);
    let print: Vec<bool> = energy.data.iter().map(|&e| e >= threshold).collect();
    let range = ranges(image, width, height);
    let mut of_print: Vec<f32> = range.iter().zip(&print).filter(|&(_, &p)| p).map(|(&r, _)| r).collect();
    let flat = params.flat_share * middle(&mut of_print);
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

/// The upper median; 0 of nothing.
fn middle(values: &mut [f32]) -> f32 {
    let at = values.len() / 2;
    if at < values.len() { *values.select_nth_unstable_by(at, f32::total_cmp).1 } else { 0.0 }
}

/// Darkest to lightest pixel over each cell and its neighbours (12 pixels, so that a ridge and a valley are inside).
fn ranges(image: &Plane, width: usize, height: usize) -> Vec<f32> {
    let mut low = vec![f32::MAX; width * height];
    let mut high = vec![f32::MIN; width * height];
    let (mut dark, mut light) = (vec![0.0f32; image.width], vec![0.0f32; image.width]);
    for j in 0..height {
        dark.fill(f32::MAX);
        light.fill(f32::MIN);
        for y in j * CELL..((j + 1) * CELL).min(image.height) {
            for ((d, l), &v) in dark.iter_mut().zip(&mut light).zip(image.row(y)) {
                (*d, *l) = (d.min(v), l.max(v));
            }
        }
        // Over the cell, and then over it and those beside it.
        let least: Vec<f32> = dark.chunks(CELL).map(|p| p.iter().copied().fold(f32::MAX, f32::min)).collect();
        let most: Vec<f32> = light.chunks(CELL).map(|p| p.iter().copied().fold(f32::MIN, f32::max)).collect();
        for i in 0..width {
            let near = i.saturating_sub(1)..(i + 2).min(width);
            low[j * width + i] = least[near.clone()].iter().copied().fold(f32::MAX, f32::min);
            high[j * width + i] = most[near].iter().copied().fold(f32::MIN, f32::max);
        }
    }
    let mut range = vec![0.0; width * height];
    for (y, row) in range.chunks_exact_mut(width).enumerate() {
        let near = y.saturating_sub(1)..(y + 2).min(height);
        for (x, r) in row.iter_mut().enumerate() {
            let rows = near.clone().map(|y| y * width + x);
            let (l, h) = rows.fold((f32::MAX, f32::MIN), |(l, h), c| (l.min(low[c]), h.max(high[c])));
            *r = h - l;
        }
    }
    range
}
