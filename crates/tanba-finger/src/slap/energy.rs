//! How much of the image looks like ridges, place by place: the energy of short waves of the periods that ridges have, in all directions
//! (a bank of Gabor filters, sampled on cells), and how far that energy agrees on one direction.
//!
//! A line of print, a border or the rim of a punched hole has energy at all periods, most of it at long ones; what is left of an earlier
//! finger on the glass has the right periods but is faint. So a cell counts by three things: its wave's contrast, the share that the
//! ridge band has of all contrast there, and the agreement on a direction.
//!
//! Method: Bigun and Granlund 1987 for the direction tensor; the bank is separable, so a column of cells shares the sums along its rows.

use std::f32::consts::{PI, TAU};
use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};
use tanba_formats::Gray8;

use super::params::{
    AGREEMENT, BAND_SHARE, BAND_SHARE_STRICT, BANDS, BLACK_GRAY, BLACK_VARIANCE, CELL, ENVELOPE, TENSOR_SIGMA,
    WAVE_ENERGY,
};
use crate::extract::cells::smooth_grid;

/// Directions of the bank from 0 to a quarter turn; those beyond come with them for nothing.
const QUARTERS: usize = 7;
/// Half length of a filter: three deviations of its envelope.
const REACH: usize = (3.0 * ENVELOPE) as usize;
/// Samples of a filter.
const TAPS: usize = 2 * REACH + 1;
/// Waves of the bank with a direction in the first quarter.
const WAVES: usize = BANDS.len() * QUARTERS;
/// What a row is summed into: cosine and sine parts of every wave, then the plain and the squared gray.
const PARTS: usize = 2 * WAVES + 2;

/// Ridges on cells of [`CELL`] pixels at 250 ppi.
#[derive(Debug, Clone)]
pub(super) struct Energy {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Contrast of the ridges in gray levels, nothing where it is no ridge.
    pub(super) ridges: Vec<f32>,
    /// The same without all that may be print or lines, and without much of the poorer ridges.
    pub(super) strict: Vec<f32>,
    /// Black without any drawing: what a punched hole looks like on a scan.
    pub(super) black: Vec<bool>,
}

/// Ridge energy of an image at [`super::params::WORKING_PPI`].
pub(super) fn energy(image: &Gray8) -> Energy {
    let bank = Bank::new();
    // The widest vector instructions of the machine; the sums are the same with any.
    let mut maps = Arch::new().dispatch(Run { bank: &bank, image });
    let (width, height) = (maps.width, maps.height);
    for map in [&mut maps.band, &mut maps.cos2, &mut maps.sin2, &mut maps.all] {
        smooth_grid(map, width, height, TENSOR_SIGMA);
    }
    let ramp = |v: f32, (none, full): (f32, f32)| ((v - none) / (full - none)).clamp(0.0, 1.0);
    let (mut ridges, mut strict) = (Vec::with_capacity(width * height), Vec::with_capacity(width * height));
    for i in 0..width * height {
        let band = maps.band[i].max(1e-6);
        let agreement = maps.cos2[i].hypot(maps.sin2[i]) / band;
        let share = band / (WAVE_ENERGY * maps.all[i]).max(1e-6);
        // A wave of amplitude a has the variance a^2 / 2, and a^2 / 4 in the bank.
        let contrast = (2.0 * band).sqrt() * ramp(agreement, AGREEMENT);
        ridges.push(contrast * ramp(share, BAND_SHARE));
        strict.push(contrast * ramp(share, BAND_SHARE_STRICT));
    }
    let black = (0..width * height).map(|i| maps.mean[i] < BLACK_GRAY && maps.all[i] < BLACK_VARIANCE).collect();
    Energy { width, height, ridges, strict, black }
}

impl Energy {
    /// A part of the map, columns and rows from the first pair of bounds to the second; the strict map alone where that is wanted.
    pub(super) fn part(&self, (left, top): (usize, usize), (right, bottom): (usize, usize), strict: bool) -> Self {
        fn cut<T: Copy>(map: &[T], width: usize, columns: Range<usize>, rows: Range<usize>) -> Vec<T> {
            rows.flat_map(|y| map[y * width..][columns.clone()].iter().copied()).collect()
        }
        let map = |map: &[f32]| cut(map, self.width, left..right, top..bottom);
        let only = map(&self.strict);
        Self {
            width: right - left,
            height: bottom - top,
            ridges: if strict { only.clone() } else { map(&self.ridges) },
            strict: only,
            black: cut(&self.black, self.width, left..right, top..bottom),
        }
    }
}

/// What the bank measures.
struct Maps {
    width: usize,
    height: usize,
    /// Energy of the whole bank.
    band: Vec<f32>,
    /// The same by direction, doubled angle.
    cos2: Vec<f32>,
    sin2: Vec<f32>,
    /// Half the variance of the gray under the envelope.
    all: Vec<f32>,
    /// Its mean; this one is not smoothed over cells.
    mean: Vec<f32>,
}

/// The filters along rows and down columns.
struct Bank {
    along: Vec<[f32; PARTS - 2]>,
    /// Envelope alone.
    envelope: [f32; TAPS],
    down: Vec<[(f32, f32); WAVES]>,
    /// Doubled angle of each wave, and whether its mirror image is another wave.
    direction: [(f32, f32, bool); WAVES],
}

/// The work of [`Bank::run`]; a type and not a closure because closures are not inlined into the dispatched function.
struct Run<'a> {
    bank: &'a Bank,
    image: &'a Gray8,
}

impl WithSimd for Run<'_> {
    type Output = Maps;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Maps {
        self.bank.run(self.image)
    }
}

impl Bank {
    fn new() -> Self {
        let mut envelope = [0.0; TAPS];
        for (i, e) in envelope.iter_mut().enumerate() {
            *e = (-0.5 * ((i as f32 - REACH as f32) / ENVELOPE).powi(2)).exp();
        }
        let sum: f32 = envelope.iter().sum();
        envelope.iter_mut().for_each(|e| *e /= sum);
        let wave = |k: usize| {
            let angle = 0.5 * PI * (k % QUARTERS) as f32 / (QUARTERS - 1) as f32;
            (angle, TAU * BANDS[k / QUARTERS])
        };
        let mut along = vec![[0.0; PARTS - 2]; TAPS];
        let mut down = vec![[(0.0, 0.0); WAVES]; TAPS];
        let mut direction = [(0.0, 0.0, false); WAVES];
        for k in 0..WAVES {
            let (angle, f) = wave(k);
            let edge = k % QUARTERS == 0 || k % QUARTERS == QUARTERS - 1;
            direction[k] = ((2.0 * angle).cos(), (2.0 * angle).sin(), !edge);
            for i in 0..TAPS {
                let at = i as f32 - REACH as f32;
                let (u, v) = (f * angle.cos() * at, f * angle.sin() * at);
                along[i][k] = envelope[i] * u.cos();
                along[i][WAVES + k] = envelope[i] * u.sin();
                down[i][k] = (envelope[i] * v.cos(), envelope[i] * v.sin());
            }
        }
        Self { along, envelope, down, direction }
    }

    #[inline(always)]
    fn run(&self, image: &Gray8) -> Maps {
        let (w, h) = (image.width(), image.height());
        let (width, height) = (w.div_ceil(CELL), h.div_ceil(CELL));
        let zeros = vec![0.0; width * height];
        let mut maps = Maps {
            width,
            height,
            band: zeros.clone(),
            cos2: zeros.clone(),
            sin2: zeros.clone(),
            all: zeros.clone(),
            mean: zeros,
        };
        let mut column = vec![[0.0f32; PARTS]; h];
        for i in 0..width {
            let left = (i * CELL + CELL / 2) as isize - REACH as isize;
            for (y, parts) in column.iter_mut().enumerate() {
                let row = &image.pixels()[y * w..(y + 1) * w];
                *parts = [0.0; PARTS];
                for k in 0..TAPS {
                    // The edge is repeated outside: no step, no false energy.
                    let x = (left + k as isize).clamp(0, w as isize - 1) as usize;
                    let gray = f32::from(row[x]);
                    for (p, t) in parts[..PARTS - 2].iter_mut().zip(&self.along[k]) {
                        *p += gray * t;
                    }
                    parts[PARTS - 2] += self.envelope[k] * gray;
                    parts[PARTS - 1] += self.envelope[k] * gray * gray;
                }
            }
            for j in 0..height {
                self.cell(&column, j, &mut maps, j * width + i);
            }
        }
        maps
    }

    #[inline(always)]
    fn cell(&self, column: &[[f32; PARTS]], j: usize, maps: &mut Maps, at: usize) {
        let (mut cc, mut ss, mut cs, mut sc) = ([0.0f32; WAVES], [0.0f32; WAVES], [0.0f32; WAVES], [0.0f32; WAVES]);
        let (mut mean, mut square) = (0.0, 0.0);
        let top = (j * CELL + CELL / 2) as isize - REACH as isize;
        for k in 0..TAPS {
            let parts = &column[(top + k as isize).clamp(0, column.len() as isize - 1) as usize];
            let down = &self.down[k];
            for n in 0..WAVES {
                let (c, s) = down[n];
                cc[n] += c * parts[n];
                sc[n] += s * parts[n];
                cs[n] += c * parts[WAVES + n];
                ss[n] += s * parts[WAVES + n];
            }
            mean += self.envelope[k] * parts[PARTS - 2];
            square += self.envelope[k] * parts[PARTS - 1];
        }
        let (mut band, mut cos2, mut sin2) = (0.0, 0.0, 0.0);
        for n in 0..WAVES {
            let (c, s, mirrored) = self.direction[n];
            let plus = (cc[n] - ss[n]).powi(2) + (sc[n] + cs[n]).powi(2);
            let minus = if mirrored { (cc[n] + ss[n]).powi(2) + (sc[n] - cs[n]).powi(2) } else { 0.0 };
            band += plus + minus;
            cos2 += c * (plus + minus);
            sin2 += s * (plus - minus);
        }
        maps.band[at] = band;
        maps.cos2[at] = cos2;
        maps.sin2[at] = sin2;
        maps.mean[at] = mean;
        maps.all[at] = 0.5 * (square - mean * mean).max(0.0);
    }
}
