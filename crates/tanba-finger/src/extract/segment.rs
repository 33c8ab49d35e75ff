//! Where on the image the finger is.

use super::cells::{Cells, smooth_cells};
use super::normalise::CELL;
use crate::params::ExtractParams;
use crate::sink::{Mask, Plane};

/// The print: cells whose smoothed gradient energy is a fair share of what is typical for this image.
/// One sample per cell of [`CELL`] pixels.
pub(crate) fn segment(image: &Plane, params: &ExtractParams) -> Mask {
    let (w, h) = (image.width, image.height);
    let mut energy = Cells::covering(w, h, CELL);
    let mut count = energy.clone();
    for y in 1..h - 1 {
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
    Mask { width: energy.width, height: energy.height, data: energy.data.iter().map(|&e| e >= threshold).collect() }
}
