//! The contextual filter: every place is filtered by the wave that belongs there (Hong, Wan and Jain, TPAMI 1998),
//! from a bank of quantised orientations and periods.

use super::cells::Cells;
use crate::params::ExtractParams;
use crate::sink::{Flow, Mask, Plane};
use std::f32::consts::{PI, TAU};

/// Orientations in the bank, over half a turn.
const ORIENTATIONS: usize = 32;
/// Periods in the bank, pixels: 12 % apart, so that a filter is never more than 6 % off.
const PERIODS: [f32; 8] = [5.5, 6.3, 7.1, 8.0, 9.0, 10.2, 11.5, 13.0];
/// Pixels from the middle of a filter to its edge.
const REACH: usize = 12;
/// Side of the tiles that share one filter, pixels.
pub(crate) const TILE: usize = 4;

/// One filter as the list of places that matter.
struct Filter {
    /// Offset from the top left of the filter's square, and weight.
    taps: Vec<(usize, usize, f32)>,
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

    /// The filter for a doubled-angle ridge orientation and a period.
    fn nearest(&self, cos2: f32, sin2: f32, period: f32) -> &Filter {
        let turn = 0.5 * sin2.atan2(cos2) / PI * ORIENTATIONS as f32;
        let o = (turn.round() as i32).rem_euclid(ORIENTATIONS as i32) as usize;
        let p = PERIODS.windows(2).take_while(|w| period > (w[0] * w[1]).sqrt()).count();
        &self.filters[p * ORIENTATIONS + o]
    }
}

impl Filter {
    fn new(orientation: usize, period: f32, params: &ExtractParams) -> Self {
        let (sin, cos) = (orientation as f32 * PI / ORIENTATIONS as f32).sin_cos();
        let (across, along) = (params.gabor_sigma_across, params.gabor_sigma_along);
        let mut taps = Vec::new();
        let r = REACH as i32;
        for y in -r..=r {
            for x in -r..=r {
                let (x, y) = (x as f32, y as f32);
                let (v, u) = (x * cos + y * sin, y * cos - x * sin);
                let bell = (-0.5 * ((u / across).powi(2) + (v / along).powi(2))).exp();
                if bell > 0.02 {
                    taps.push((
                        (y + r as f32) as usize,
                        (x + r as f32) as usize,
                        bell,
                        bell * (TAU * u / period).cos(),
                    ));
                }
            }
        }
        // Flat areas answer 0, a wave of amplitude 1 in step with the filter answers 1.
        let bells: f32 = taps.iter().map(|t| t.2).sum();
        let mean = taps.iter().map(|t| t.3).sum::<f32>() / bells;
        let mut answer = 0.0;
        for t in &mut taps {
            t.3 -= mean * t.2;
            let u = (t.0 as f32 - r as f32) * cos - (t.1 as f32 - r as f32) * sin;
            answer += t.3 * (TAU * u / period).cos();
        }
        Self { taps: taps.into_iter().map(|(y, x, _, g)| (y, x, g / answer)).collect() }
    }
}

/// The image filtered along its own flow, inside the print; zero outside.
pub(crate) fn enhance(image: &Plane, flow: &Flow, period: &Cells, print: &Mask, bank: &Bank) -> Plane {
    let (w, h) = (image.width, image.height);
    // The image with a margin, so that no filter has to look at its edge.
    let (tw, th) = (w.div_ceil(TILE), h.div_ceil(TILE));
    let stride = tw * TILE + 2 * REACH;
    let mut padded = vec![0.0f32; stride * (th * TILE + 2 * REACH)];
    for y in 0..h {
        padded[(y + REACH) * stride + REACH..][..w].copy_from_slice(image.row(y));
    }
    let mut out = Plane::zeros(w, h);
    for j in 0..th {
        for i in 0..tw {
            if !print.data[j * tw + i] {
                continue;
            }
            let (x, y) = ((i * TILE) as f32 + TILE as f32 / 2.0, (j * TILE) as f32 + TILE as f32 / 2.0);
            let (c, s) = flow.at(x, y);
            let filter = bank.nearest(c, s, period.at(x, y));
            let mut sums = [[0.0f32; TILE]; TILE];
            let corner = j * TILE * stride + i * TILE;
            for &(dy, dx, g) in &filter.taps {
                let at = corner + dy * stride + dx;
                for (r, sum) in sums.iter_mut().enumerate() {
                    let line = &padded[at + r * stride..at + r * stride + TILE];
                    for k in 0..TILE {
                        sum[k] += g * line[k];
                    }
                }
            }
            let width = TILE.min(w - i * TILE);
            for (r, sum) in sums.iter().enumerate().take(h.saturating_sub(j * TILE).min(TILE)) {
                out.data[(j * TILE + r) * w + i * TILE..][..width].copy_from_slice(&sum[..width]);
            }
        }
    }
    out
}
