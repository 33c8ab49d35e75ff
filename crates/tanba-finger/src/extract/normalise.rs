//! Local normalisation: every part of the print gets mean 0 and variance 1, ridges positive.

use super::cells::{Cells, smooth_cells};
use crate::params::ExtractParams;
use crate::sink::{Mask, Plane};
use std::ops::Range;

/// Side of the cells that local statistics are gathered on, pixels.
pub(crate) const CELL: usize = 4;

/// The image with local mean removed and local contrast made equal; dark (ridge) is positive. The statistics are those
/// of the living part of the print only, so that the white around it does not lift the mean at its edge; outside it the
/// result fades to 0, so that the rim is no ridge.
pub(crate) fn normalise(image: &Plane, alive: &Mask, params: &ExtractParams) -> Plane {
    let (w, h) = (image.width, image.height);
    let [mut sum, mut square] = Cells::sums((w, h), CELL, |y, [sum, square]| {
        for ((s, q), &v) in sum.iter_mut().zip(square).zip(image.row(y)) {
            *s += v;
            *q += v * v;
        }
    });
    let mut weight = Cells::covering(w, h, CELL);
    for (c, &alive) in alive.data.iter().enumerate() {
        // A trace of weight everywhere keeps the division defined far from the print.
        let k = if alive { 1.0 } else { 1e-3 };
        let side = |at: usize, end: usize| CELL.min(end - at * CELL);
        weight.data[c] = k * (side(c % weight.width, w) * side(c / weight.width, h)) as f32;
        sum.data[c] *= k;
        square.data[c] *= k;
    }
    let sigma = params.normalise_sigma / CELL as f32;
    for map in [&mut weight, &mut sum, &mut square] {
        smooth_cells(map, sigma);
    }
    let mut mean = sum;
    let mut gain = square;
    for c in 0..weight.data.len() {
        let m = mean.data[c] / weight.data[c];
        let variance = (gain.data[c] / weight.data[c] - m * m).max(params.normalise_floor * params.normalise_floor);
        mean.data[c] = m;
        gain.data[c] = 1.0 / variance.sqrt();
    }
    let mut fade = Cells::covering(w, h, CELL);
    for (f, &a) in fade.data.iter_mut().zip(&alive.data) {
        *f = f32::from(u8::from(a));
    }
    let mut out = Plane::zeros(w, h);
    let clip = params.normalise_clip;
    let (mut mean_row, mut gain_row, mut fade_row) = (vec![0.0; w], vec![0.0; w], vec![0.0; w]);
    for y in 0..h {
        let Some(columns) = columns_near(alive, y / CELL) else { continue };
        mean.interpolate_row(y, &columns, &mut mean_row);
        gain.interpolate_row(y, &columns, &mut gain_row);
        fade.interpolate_row(y, &columns, &mut fade_row);
        let pixels = columns.start * CELL..(columns.end * CELL).min(w);
        let row = &mut out.data[y * w..(y + 1) * w][pixels.clone()];
        let (image, mean, gain) = (&image.row(y)[pixels.clone()], &mean_row[pixels.clone()], &gain_row[pixels.clone()]);
        for ((((o, &v), &m), &g), &f) in row.iter_mut().zip(image).zip(mean).zip(gain).zip(&fade_row[pixels]) {
            *o = ((m - v) * (g * f)).clamp(-clip, clip);
        }
    }
    out
}

/// Columns of cells, from the first to the last, in which something near a row of cells is alive; beyond them all is faded to 0.
fn columns_near(alive: &Mask, row: usize) -> Option<Range<usize>> {
    let rows = row.saturating_sub(1)..(row + 2).min(alive.height);
    let of_row = |j: usize| &alive.data[j * alive.width..][..alive.width];
    let first = rows.clone().filter_map(|j| of_row(j).iter().position(|&a| a)).min()?;
    let last = rows.filter_map(|j| of_row(j).iter().rposition(|&a| a)).max()?;
    Some(first.saturating_sub(1)..(last + 2).min(alive.width))
}
