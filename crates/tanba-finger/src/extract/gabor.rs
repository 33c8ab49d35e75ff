//! The contextual filter: every place is filtered by the wave that belongs there (Hong, Wan and Jain, TPAMI 1998),
//! from a bank of quantised orientations and periods.

use super::cells::Cells;
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
}

impl Bank {
    /// The bank for the given spreads.
    pub(crate) fn new(params: &ExtractParams) -> Self {
        let filters = (0..ORIENTATIONS * PERIODS.len())
            .map(|k| Filter::new(k % ORIENTATIONS, PERIODS[k / ORIENTATIONS], params))
            .collect();
        Self { filters }
    }

    /// Index of the filter for a doubled-angle ridge orientation and a period.
    fn nearest(cos2: f32, sin2: f32, period: f32) -> usize {
        let turn = 0.5 * sin2.atan2(cos2) / PI * ORIENTATIONS as f32;
        let o = (turn.round() as i32).rem_euclid(ORIENTATIONS as i32) as usize;
        let p = PERIODS.windows(2).take_while(|w| period > (w[0] * w[1]).sqrt()).count();
        p * ORIENTATIONS + o
    }
}

impl Filter {
    fn new(orientation: usize, period: f32, params: &ExtractParams) -> Self {
        let (sin, cos) = (orientation as f32 * PI / ORIENTATIONS as f32).sin_cos();
        let (across, along) = (params.gabor_sigma_across, params.gabor_sigma_along);
        const SIDE: usize = 2 * REACH + 1;
        let place = |k: usize| {
            let (x, y) = ((k % SIDE) as f32 - REACH as f32, (k / SIDE) as f32 - REACH as f32);
            (x * cos + y * sin, y * cos - x * sin)
        };
        let bell: Vec<f32> = (0..SIDE * SIDE)
            .map(|k| {
                let (v, u) = place(k);
                let bell = (-0.5 * ((u / across).powi(2) + (v / along).powi(2))).exp();
                if bell > NEGLIGIBLE { bell } else { 0.0 }
            })
            .collect();
        let wave: Vec<f32> = (0..SIDE * SIDE).map(|k| (TAU * place(k).1 / period).cos()).collect();
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
                Bank::nearest(c, s, period.at(x, y))
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
