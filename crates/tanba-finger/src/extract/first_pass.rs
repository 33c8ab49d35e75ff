//! The first pass of the contextual filter, on half the resolution.

use super::cells::{Cells, smooth_cells};
use super::gabor::{HalfBank, TILE, enhance};
use crate::exact::Exact;
use crate::params::ExtractParams;
use crate::sink::{Flow, Mask, Plane};

/// The image filtered along its own flow on half its resolution, and brought back: an eighth of the work, and good enough to
/// see where ridges run, since no ridge is finer than 5 pixels.
///
/// Where a second opinion on the orientation differs from the first, both are tried, and the one whose filter finds more of a
/// wave is taken.
pub(crate) fn enhance_coarsely(
    image: &Plane,
    (flow, second): (&Flow, &Flow),
    period: &Cells,
    print: &Mask,
    half_bank: &HalfBank,
    params: &ExtractParams,
) -> Plane {
    let (w, h) = (image.width / 2, image.height / 2);
    let mut half = Plane::zeros(w, h);
    for (y, row) in half.data.chunks_exact_mut(w).enumerate() {
        let (a, b) = (image.row(2 * y), image.row(2 * y + 1));
        for ((o, a), b) in row.iter_mut().zip(a.chunks_exact(2)).zip(b.chunks_exact(2)) {
            *o = 0.25 * (a[0] + a[1] + b[0] + b[1]);
        }
    }
    let flow = Flow { cell: flow.cell / 2, ..flow.clone() };
    let period = Cells { cell: period.cell / 2, data: period.data.iter().map(|p| 0.5 * p).collect(), ..*period };
    let mut tiles = Mask::none(w.div_ceil(TILE), h.div_ceil(TILE));
    for j in 0..tiles.height {
        for i in 0..tiles.width {
            // Four tiles of the image, those that it has.
            let four = [(0, 0), (1, 0), (0, 1), (1, 1)];
            tiles.data[j * tiles.width + i] =
                four.iter().any(|&(di, dj)| print.at((2 * i + di) as isize, (2 * j + dj) as isize));
        }
    }
    let mut coarse = enhance(&half, &flow, &period, &tiles, half_bank);
    let other = Flow { cell: second.cell / 2, ..second.clone() };
    let disputed = disputed(&flow, &other, &tiles);
    if disputed.data.contains(&true) {
        // Only there, and as far around as answers are compared.
        let reach = (params.second_sigma / TILE as f32).ceil() as usize;
        let around = grown(&disputed, reach);
        let again = enhance(&half, &other, &period, &Mask { data: both(&around, &tiles), ..around }, half_bank);
        prefer_stronger(&mut coarse, &again, &disputed, params);
    }
    doubled(&coarse, image.width, image.height)
}

/// Tiles on which two opinions of the orientation differ by more than a filter's tolerance (15 degrees).
fn disputed(first: &Flow, second: &Flow, tiles: &Mask) -> Mask {
    const AGREE: f32 = 0.866; // cosine of twice the angle
    let mut out = Mask::none(tiles.width, tiles.height);
    for k in (0..out.data.len()).filter(|&k| tiles.data[k]) {
        let place = |v: usize| (v * TILE) as f32 + TILE as f32 / 2.0;
        let (x, y) = (place(k % tiles.width), place(k / tiles.width));
        let ((c, s), (d, t)) = (first.at(x, y), second.at(x, y));
        out.data[k] = c * d + s * t < AGREE * (c.hypot_exact(s) * d.hypot_exact(t));
    }
    out
}

fn both(a: &Mask, b: &Mask) -> Vec<bool> {
    a.data.iter().zip(&b.data).map(|(a, b)| *a && *b).collect()
}

/// The mask and all within `reach` tiles of it, each way.
fn grown(mask: &Mask, reach: usize) -> Mask {
    let (w, h) = (mask.width, mask.height);
    let mut rows = Mask::none(w, h);
    let mut out = Mask::none(w, h);
    for k in (0..w * h).filter(|&k| mask.data[k]) {
        let (x, y) = (k % w, k / w);
        rows.data[y * w + x.saturating_sub(reach)..=y * w + (x + reach).min(w - 1)].fill(true);
    }
    for k in (0..w * h).filter(|&k| rows.data[k]) {
        let (x, y) = (k % w, k / w);
        for y in y.saturating_sub(reach)..=(y + reach).min(h - 1) {
            out.data[y * w + x] = true;
        }
    }
    out
}

/// Takes the second filter's answer on disputed tiles where it is clearly the stronger one around.
fn prefer_stronger(first: &mut Plane, second: &Plane, disputed: &Mask, params: &ExtractParams) {
    let (tw, w, h) = (disputed.width, first.width, first.height);
    let energy = |image: &Plane| {
        let mut map = Cells::covering(w, h, TILE);
        for y in 0..h {
            for (i, piece) in image.row(y).chunks(TILE).enumerate() {
                map.data[y / TILE * tw + i] += piece.iter().map(|v| v * v).sum::<f32>();
            }
        }
        smooth_cells(&mut map, 0.5 * params.second_sigma / TILE as f32);
        map.data
    };
    let (one, other) = (energy(first), energy(second));
    let gain = params.second_gain * params.second_gain;
    for k in (0..disputed.data.len()).filter(|&k| disputed.data[k] && other[k] > gain * one[k]) {
        let (x, y) = (k % tw * TILE, k / tw * TILE);
        for y in y..(y + TILE).min(h) {
            let row = y * w + x..y * w + (x + TILE).min(w);
            first.data[row.clone()].copy_from_slice(&second.data[row]);
        }
    }
}

/// Twice the resolution, bilinear: a sample's middle lies between two pixels.
fn doubled(coarse: &Plane, width: usize, height: usize) -> Plane {
    let mut out = Plane::zeros(width, height);
    let (w, h) = (coarse.width, coarse.height);
    let mut line = vec![0.0f32; w];
    for (y, row) in out.data.chunks_exact_mut(width).enumerate() {
        // Three quarters of the nearer row and a quarter of the next.
        let near = (y / 2).min(h - 1);
        let next = if y % 2 == 0 { near.saturating_sub(1) } else { (near + 1).min(h - 1) };
        for ((l, a), b) in line.iter_mut().zip(coarse.row(near)).zip(coarse.row(next)) {
            *l = 0.75 * a + 0.25 * b;
        }
        for (x, pair) in row.chunks_mut(2).enumerate() {
            let x = x.min(w - 1);
            let (left, right) = (line[x.saturating_sub(1)], line[(x + 1).min(w - 1)]);
            pair[0] = 0.75 * line[x] + 0.25 * left;
            if let Some(second) = pair.get_mut(1) {
                *second = 0.75 * line[x] + 0.25 * right;
            }
        }
    }
    out
}
