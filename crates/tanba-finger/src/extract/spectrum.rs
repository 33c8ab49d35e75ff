//! Short-time Fourier maps: in each window, which way the ridges run, how wide they are, and how sure that is
//! (Chikkerur, Cartwright and Govindaraju, Pattern Recognition 2007).
//!
//! Only the ridge band of the spectrum is computed, on a grid of 1/48 cycles per pixel: first along the rows, which
//! neighbouring windows in a column share, then down the columns.

use super::normalise::CELL;
use crate::exact::Exact;
use crate::params::ExtractParams;
use crate::sink::{Mask, Plane};
use pulp::Arch;
use std::f32::consts::TAU;

/// Side of a window, pixels.
const WINDOW: usize = 32;
/// Distance between windows, pixels.
pub(crate) const STEP: usize = 8;
/// Samples of the frequency axis per cycle per pixel.
const PER_CYCLE: f32 = 48.0;
/// Non-negative frequencies on each axis: 0 to 11/48 = 0.23 cycles per pixel.
const BINS: usize = 12;
/// Cosine and sine parts of one row, side by side.
const PARTS: usize = 2 * BINS;

/// What the windows say, one entry per [`STEP`] x [`STEP`] block.
pub(crate) struct Spectrum {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// `cos 2t` of the ridge orientation (x right, y down) times the concentration of the spectrum.
    pub(crate) cos2: Vec<f32>,
    /// `sin 2t` likewise.
    pub(crate) sin2: Vec<f32>,
    /// Ridges per pixel.
    pub(crate) frequency: Vec<f32>,
    /// Share of the window's energy that lies in the ridge band, 0-1.
    pub(crate) band_share: Vec<f32>,
}

/// Window and wave tables.
pub(crate) struct Waves {
    /// For each sample of a window: the taper times cosines, then sines, of all bins.
    along: Vec<[f32; PARTS]>,
    /// For each sample and bin: taper times cosine, taper times sine.
    down: Vec<[(f32, f32); BINS]>,
    /// For each bin pair (row bin, column bin): wave-normal `cos 2p`, `sin 2p` for a positive column bin, frequency;
    /// frequency 0 outside the ridge band.
    band: Vec<(f32, f32, f32)>,
}

impl Waves {
    /// The tables for the band of periods in the parameters.
    pub(crate) fn new(params: &ExtractParams) -> Self {
        let taper = |i: usize| 0.5 - 0.5 * (TAU * (i as f32 + 0.5) / WINDOW as f32).cos_exact();
        let phase = |i: usize, k: usize| TAU * k as f32 / PER_CYCLE * (i as f32 - (WINDOW / 2) as f32 + 0.5);
        let along = (0..WINDOW)
            .map(|i| {
                let mut parts = [0.0; PARTS];
                for k in 0..BINS {
                    parts[k] = taper(i) * phase(i, k).cos_exact();
                    parts[BINS + k] = taper(i) * phase(i, k).sin_exact();
                }
                parts
            })
            .collect();
        let down = (0..WINDOW)
            .map(|i| std::array::from_fn(|k| (taper(i) * phase(i, k).cos_exact(), taper(i) * phase(i, k).sin_exact())))
            .collect();
        let mut band = Vec::with_capacity(BINS * BINS);
        for ky in 0..BINS {
            for kx in 0..BINS {
                let (fx, fy) = (kx as f32 / PER_CYCLE, ky as f32 / PER_CYCLE);
                let f2 = fx * fx + fy * fy;
                let f = f2.sqrt();
                let inside = f >= 1.0 / params.period_max && f <= 1.0 / params.period_min;
                band.push(if inside { ((fx * fx - fy * fy) / f2, 2.0 * fx * fy / f2, f) } else { (0.0, 0.0, 0.0) });
            }
        }
        Self { along, down, band }
    }
}

/// The spectrum of every window whose centre lies on the print; others stay zero.
pub(crate) fn spectrum(image: &Plane, print: &Mask, waves: &Waves) -> Spectrum {
    // The widest vector instructions of the machine; the sums are the same with any.
    Arch::new().dispatch(
        #[inline(always)]
        || all_windows(image, print, waves),
    )
}

#[inline(always)]
fn all_windows(image: &Plane, print: &Mask, waves: &Waves) -> Spectrum {
    let (w, h) = (image.width, image.height);
    let (bw, bh) = (w.div_ceil(STEP), h.div_ceil(STEP));
    let zeros = vec![0.0; bw * bh];
    let mut out = Spectrum {
        width: bw,
        height: bh,
        cos2: zeros.clone(),
        sin2: zeros.clone(),
        frequency: zeros.clone(),
        band_share: zeros,
    };
    // A window sits on the middle of its block and may reach over the edge, where the image counts as flat.
    let margin = WINDOW / 2 - STEP / 2;
    let mut column = vec![[0.0f32; PARTS]; h + 2 * margin + STEP];
    let mut power = vec![0.0f32; h + 2 * margin + STEP];
    for i in 0..bw {
        let on_print =
            |j: usize| print.at(((i * STEP + STEP / 2) / CELL) as isize, ((j * STEP + STEP / 2) / CELL) as isize);
        let (Some(first), Some(last)) = ((0..bh).find(|&j| on_print(j)), (0..bh).rfind(|&j| on_print(j))) else {
            continue;
        };
        let left = (i * STEP) as isize - margin as isize;
        let from = (-left).max(0) as usize;
        let to = WINDOW.min((w as isize - left) as usize);
        for r in first * STEP..last * STEP + WINDOW {
            let mut parts = [0.0f32; PARTS];
            let mut energy = 0.0;
            if let Some(y) = r.checked_sub(margin).filter(|&y| y < h) {
                let row = image.row(y);
                for k in from..to {
                    let v = row[(left + k as isize) as usize];
                    energy += v * v;
                    for (p, &t) in parts.iter_mut().zip(&waves.along[k]) {
                        *p += v * t;
                    }
                }
            }
            column[r] = parts;
            power[r] = energy;
        }
        for j in first..=last {
            if on_print(j) {
                let rows = &column[j * STEP..j * STEP + WINDOW];
                let total: f32 = power[j * STEP..j * STEP + WINDOW].iter().sum();
                window(rows, total, waves, &mut out, j * bw + i);
            }
        }
    }
    out
}

/// Orientation, frequency and certainty of one window from its row parts.
#[inline(always)]
fn window(rows: &[[f32; PARTS]], total: f32, waves: &Waves, out: &mut Spectrum, at: usize) {
    // Energy at (kx, ky) and (kx, -ky), row by row of ky.
    let mut plus = [[0.0f32; BINS]; BINS];
    let mut minus = [[0.0f32; BINS]; BINS];
    for ky in 0..BINS {
        let (mut c, mut s) = ([0.0f32; PARTS], [0.0f32; PARTS]);
        for (parts, down) in rows.iter().zip(&waves.down) {
            let (cosine, sine) = down[ky];
            for k in 0..PARTS {
                c[k] += cosine * parts[k];
                s[k] += sine * parts[k];
            }
        }
        for kx in 0..BINS {
            let (ac, bc, a_s, b_s) = (c[kx], c[BINS + kx], s[kx], s[BINS + kx]);
            plus[ky][kx] = (ac - b_s).powi(2) + (a_s + bc).powi(2);
            minus[ky][kx] = (ac + b_s).powi(2) + (bc - a_s).powi(2);
        }
    }
    // Squared energies weigh the strongest wave above the rest of the window.
    let (mut c2, mut s2, mut sum, mut energy) = (0.0f32, 0.0f32, 0.0f32, 0.0f32);
    for ky in 0..BINS {
        for kx in 0..BINS {
            let (cos2, sin2, f) = waves.band[ky * BINS + kx];
            if f == 0.0 {
                continue;
            }
            // On the axes both signs are the same sample of the half plane.
            let (p, m) = (plus[ky][kx], if kx == 0 || ky == 0 { 0.0 } else { minus[ky][kx] });
            energy += p + m;
            let (p, m) = (p * p, m * m);
            c2 += (p + m) * cos2;
            s2 += (p - m) * sin2;
            sum += p + m;
        }
    }
    if sum <= 0.0 || total <= 0.0 {
        return;
    }
    let length = (c2 * c2 + s2 * s2).sqrt().max(1e-30);
    let (nc, ns) = (c2 / length, s2 / length);
    let (mut f_sum, mut f_weight) = (0.0f32, 1e-30f32);
    for ky in 0..BINS {
        for kx in 0..BINS {
            let (cos2, sin2, f) = waves.band[ky * BINS + kx];
            if f == 0.0 {
                continue;
            }
            let p = plus[ky][kx].powi(2) * (cos2 * nc + sin2 * ns).max(0.0);
            let m = if kx == 0 || ky == 0 { 0.0 } else { minus[ky][kx].powi(2) * (cos2 * nc - sin2 * ns).max(0.0) };
            f_sum += f * (p + m);
            f_weight += p + m;
        }
    }
    // Ridges lie across the wave normal: half a turn in the doubled angle.
    out.cos2[at] = -c2 / sum;
    out.sin2[at] = -s2 / sum;
    out.frequency[at] = f_sum / f_weight;
    // Parseval on this frequency grid: energies sum to PER_CYCLE^2 times the tapered window's own (mean taper^2 = 3/8
    // per axis), half of it in the half plane.
    let tapered = total * (3.0 / 8.0) * (3.0 / 8.0) * PER_CYCLE * PER_CYCLE * 0.5;
    out.band_share[at] = (energy / tapered).min(1.0);
}
