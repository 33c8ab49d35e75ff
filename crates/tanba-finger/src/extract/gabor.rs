//! The contextual filter: every place is filtered by the wave that belongs there (Hong, Wan and Jain, TPAMI 1998),
//! from a bank of quantised orientations and periods.

use super::cells::{Cells, smooth_cells};
use crate::exact::Exact;
use crate::params::ExtractParams;
use crate::sink::{Flow, Mask, Plane};
use pulp::Arch;
use std::f32::consts::{PI, TAU};

/// Orientations in the bank, over half a turn.
const ORIENTATIONS: usize = 32;
/// Periods in the bank, pixels: 12 % apart, so that a filter is never more than 6 % off.
const PERIODS: [f32; 8] = [5.5, 6.3, 7.1, 8.0, 9.0, 10.2, 11.5, 13.0];
/// Pixels from the middle of a filter to its edge.
const REACH: usize = 12;
/// Weights of the bell below this are left out.
const NEGLIGIBLE: f32 = 0.02;
/// Side of the tiles that share one filter, pixels.
pub(crate) const TILE: usize = 4;

/// One filter, row by row.
struct Filter {
    rows: Vec<FilterRow>,
}

/// The part of one row of the filter's square that matters.
struct FilterRow {
    /// Row in the square.
    dy: usize,
    /// First column in the square.
    dx: usize,
    /// Weights from there on.
    weights: Vec<f32>,
}

/// All filters, built once for each set of parameters.
pub(crate) struct Bank {
    filters: Vec<Filter>,
    /// The bank's periods, in samples of the image that it is for.
    periods: [f32; PERIODS.len()],
}

impl Bank {
    /// The bank for the given spreads, and for an image with a sample for so many pixels.
    pub(crate) fn new(params: &ExtractParams, pixels: f32) -> Self {
        let periods = PERIODS.map(|p| p / pixels);
        let (across, along) = (params.gabor_sigma_across / pixels, params.gabor_sigma_along / pixels);
        let filters = (0..ORIENTATIONS * PERIODS.len())
            .map(|k| Filter::new(k % ORIENTATIONS, periods[k / ORIENTATIONS], across, along))
            .collect();
        Self { filters, periods }
    }

    /// Index of the filter for a doubled-angle ridge orientation and a period.
    fn nearest(&self, cos2: f32, sin2: f32, period: f32) -> usize {
        let turn = 0.5 * sin2.atan2_exact(cos2) / PI * ORIENTATIONS as f32;
        let o = (turn.round() as i32).rem_euclid(ORIENTATIONS as i32) as usize;
        let p = self.periods.windows(2).take_while(|w| period > (w[0] * w[1]).sqrt()).count();
        p * ORIENTATIONS + o
    }
}

impl Filter {
    fn new(orientation: usize, period: f32, across: f32, along: f32) -> Self {
        let (sin, cos) = (orientation as f32 * PI / ORIENTATIONS as f32).sin_cos_exact();
        const SIDE: usize = 2 * REACH + 1;
        let place = |k: usize| {
            let (x, y) = ((k % SIDE) as f32 - REACH as f32, (k / SIDE) as f32 - REACH as f32);
            (x * cos + y * sin, y * cos - x * sin)
        };
        let bell: Vec<f32> = (0..SIDE * SIDE)
            .map(|k| {
                let (v, u) = place(k);
                let bell = (-0.5 * ((u / across).powi(2) + (v / along).powi(2))).exp_exact();
                if bell > NEGLIGIBLE { bell } else { 0.0 }
            })
            .collect();
        let wave: Vec<f32> = (0..SIDE * SIDE).map(|k| (TAU * place(k).1 / period).cos_exact()).collect();
        // Flat areas answer 0, a wave of amplitude 1 in step with the filter answers 1.
        let mean = bell.iter().zip(&wave).map(|(b, w)| b * w).sum::<f32>() / bell.iter().sum::<f32>();
        let answer: f32 = bell.iter().zip(&wave).map(|(b, w)| b * (w - mean) * w).sum();
        let rows = (0..SIDE)
            .filter_map(|dy| {
                let row = dy * SIDE..(dy + 1) * SIDE;
                let first = bell[row.clone()].iter().position(|&b| b > 0.0)?;
                let last = bell[row.clone()].iter().rposition(|&b| b > 0.0)?;
                let weights = row.map(|k| bell[k] * (wave[k] - mean) / answer).skip(first).take(last + 1 - first);
                Some(FilterRow { dy, dx: first, weights: weights.collect() })
            })
            .collect();
        Self { rows }
    }

    /// The filter's answer on [`TILE`] rows of `W` pixels; `corner` is where the first pixel's square begins.
    #[inline(always)]
    fn answer<const W: usize>(&self, padded: &[f32], stride: usize, corner: usize) -> [[f32; W]; TILE] {
        let mut sums = [[0.0f32; W]; TILE];
        for row in &self.rows {
            let n = row.weights.len() + W - 1;
            let at = corner + row.dy * stride + row.dx;
            let lines: [&[f32]; TILE] = std::array::from_fn(|r| &padded[at + r * stride..][..n]);
            let [a, b, c, d] = lines.map(|line| line.windows(W));
            for ((((&g, a), b), c), d) in row.weights.iter().zip(a).zip(b).zip(c).zip(d) {
                for (sum, line) in sums.iter_mut().zip([a, b, c, d]) {
                    for (s, v) in sum.iter_mut().zip(line) {
                        *s += g * v;
                    }
                }
            }
        }
        sums
    }
}

/// The image filtered along its own flow, inside the print; zero outside.
pub(crate) fn enhance(image: &Plane, flow: &Flow, period: &Cells, print: &Mask, bank: &Bank) -> Plane {
    // The widest vector instructions of the machine; the sums are the same with any.
    Arch::new().dispatch(
        #[inline(always)]
        || enhance_tiles(image, flow, period, print, bank),
    )
}

#[inline(always)]
fn enhance_tiles(image: &Plane, flow: &Flow, period: &Cells, print: &Mask, bank: &Bank) -> Plane {
    let (w, h) = (image.width, image.height);
    // The image with a margin, so that no filter has to look at its edge.
    let (tw, th) = (w.div_ceil(TILE), h.div_ceil(TILE));
    let stride = tw * TILE + 2 * REACH;
    let mut padded = vec![0.0f32; stride * (th * TILE + 2 * REACH)];
    for y in 0..h {
        padded[(y + REACH) * stride + REACH..][..w].copy_from_slice(image.row(y));
    }
    let mut out = Plane::zeros(w, h);
    let mut chosen = vec![None; tw];
    for j in 0..th {
        for (i, choice) in chosen.iter_mut().enumerate() {
            let (x, y) = ((i * TILE) as f32 + TILE as f32 / 2.0, (j * TILE) as f32 + TILE as f32 / 2.0);
            *choice = print.data[j * tw + i].then(|| {
                let (c, s) = flow.at(x, y);
                bank.nearest(c, s, period.at(x, y))
            });
        }
        let mut i = 0;
        while i < tw {
            let Some(k) = chosen[i] else {
                i += 1;
                continue;
            };
            let filter = &bank.filters[k];
            let corner = j * TILE * stride + i * TILE;
            // Neighbours that want the same filter go together.
            let run = chosen[i..].iter().take_while(|&&c| c == Some(k)).count();
            let mut put = |r: usize, sums: &[f32]| {
                if j * TILE + r < h {
                    let n = sums.len().min(w - i * TILE);
                    out.data[(j * TILE + r) * w + i * TILE..][..n].copy_from_slice(&sums[..n]);
                }
            };
            i += if run >= 4 {
                let sums = filter.answer::<{ 4 * TILE }>(&padded, stride, corner);
                sums.iter().enumerate().for_each(|(r, s)| put(r, s));
                4
            } else if run >= 2 {
                let sums = filter.answer::<{ 2 * TILE }>(&padded, stride, corner);
                sums.iter().enumerate().for_each(|(r, s)| put(r, s));
                2
            } else {
                let sums = filter.answer::<TILE>(&padded, stride, corner);
                sums.iter().enumerate().for_each(|(r, s)| put(r, s));
                1
            };
        }
    }
    out
}

/// The image filtered along its own flow on half its resolution, and brought back: a sixteenth of the work, and good enough to
/// see where ridges run, since no ridge is finer than 5 pixels.
///
/// Where a second opinion on the orientation differs from the first, both are tried, and the one whose filter finds more of a
/// wave is taken.
pub(crate) fn enhance_coarsely(
    image: &Plane,
    (flow, second): (&Flow, &Flow),
    period: &Cells,
    print: &Mask,
    half_bank: &Bank,
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
