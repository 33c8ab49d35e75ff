//! Short-time Fourier maps: in each window, which way the ridges run, how wide they are, and how sure that is
//! (Chikkerur, Cartwright and Govindaraju, Pattern Recognition 2007).
//!
//! Only the ridge band of the spectrum is computed, on a grid of 1/36 cycles per pixel: first along the rows, which
//! neighbouring windows in a column share, then down the columns.

use super::normalise::CELL;
use crate::exact::Exact;
use crate::params::ExtractParams;
use crate::sink::{Mask, Plane};
use pulp::{Arch, Simd, WithSimd};
use std::f32::consts::TAU;

/// Side of a window, pixels.
const WINDOW: usize = 32;
/// Samples on each side of its middle.
const HALF: usize = WINDOW / 2;
/// Distance between windows, pixels.
pub(crate) const STEP: usize = 8;
/// Samples of the frequency axis per cycle per pixel: a little finer than the window tells apart.
const PER_CYCLE: f32 = 36.0;
/// Non-negative frequencies on each axis: 0 to 7/36 = 0.19 cycles per pixel.
const BINS: usize = 8;
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

/// Window and wave tables. Samples at the same distance before and behind the middle of a window meet the same cosine and sines of
/// opposite sign, so all is done on their sums and differences, from the middle outward.
pub(crate) struct Waves {
    /// For each distance: the taper times cosines of all bins.
    even: [[f32; BINS]; HALF],
    /// ... and times sines.
    odd: [[f32; BINS]; HALF],
    /// For each row bin that reaches into the ridge band, what the column bins are worth.
    band: Vec<Band>,
}

/// The ridge band in one row of bins.
#[derive(Clone, Copy)]
struct Band {
    /// 1 inside the band, 0 outside.
    inside: [f32; BINS],
    /// The same where the opposite sign of the column bin is another sample: not on the axes.
    mirrored: [f32; BINS],
    /// Doubled angle of the wave normal for a positive column bin, 0 outside.
    cos2: [f32; BINS],
    sin2: [f32; BINS],
    /// Cycles per pixel.
    frequency: [f32; BINS],
}

impl Waves {
    /// The tables for the band of periods in the parameters.
    pub(crate) fn new(params: &ExtractParams) -> Self {
        let taper = |d: f32| 0.5 + 0.5 * (TAU * d / WINDOW as f32).cos_exact();
        let part = |wave: fn(f32) -> f32| -> [[f32; BINS]; HALF] {
            std::array::from_fn(|d| {
                let d = d as f32 + 0.5;
                std::array::from_fn(|k| taper(d) * wave(TAU * k as f32 / PER_CYCLE * d))
            })
        };
        let band = |ky: usize| {
            let of = |value: fn(f32, f32, f32) -> f32| -> [f32; BINS] {
                std::array::from_fn(|kx| {
                    let (fx, fy) = (kx as f32 / PER_CYCLE, ky as f32 / PER_CYCLE);
                    let f = fx.hypot_exact(fy);
                    let inside = f >= 1.0 / params.period_max && f <= 1.0 / params.period_min;
                    if inside { value(fx, fy, f) } else { 0.0 }
                })
            };
            Band {
                inside: of(|_, _, _| 1.0),
                mirrored: of(|fx, fy, _| if fx > 0.0 && fy > 0.0 { 1.0 } else { 0.0 }),
                cos2: of(|fx, fy, f| (fx * fx - fy * fy) / (f * f)),
                sin2: of(|fx, fy, f| 2.0 * fx * fy / (f * f)),
                frequency: of(|_, _, f| f),
            }
        };
        let reaches = |b: &Band| b.inside.iter().any(|v| *v > 0.0);
        let band = (0..BINS).map(band).take_while(reaches).collect();
        Self { even: part(Exact::cos_exact), odd: part(Exact::sin_exact), band }
    }
}

/// The spectrum of every window whose centre lies on the print; others stay zero.
pub(crate) fn spectrum(image: &Plane, print: &Mask, waves: &Waves) -> Spectrum {
    // The widest vector instructions of the machine; the sums are the same with any.
    Arch::new().dispatch(AllWindows { image, print, waves })
}

/// The work of [`spectrum`]; a type and not a closure because closures are not inlined into the dispatched function.
struct AllWindows<'a> {
    image: &'a Plane,
    print: &'a Mask,
    waves: &'a Waves,
}

impl WithSimd for AllWindows<'_> {
    type Output = Spectrum;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Spectrum {
        all_windows(self.image, self.print, self.waves)
    }
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
        // Columns of the image under the window, and where in the window they lie.
        let from = (i * STEP).saturating_sub(margin);
        let to = (i * STEP + WINDOW - margin).min(w);
        let skip = margin.saturating_sub(i * STEP);
        for r in first * STEP..last * STEP + WINDOW {
            let mut samples = [0.0f32; WINDOW];
            if let Some(y) = r.checked_sub(margin).filter(|&y| y < h) {
                samples[skip..][..to - from].copy_from_slice(&image.row(y)[from..to]);
            }
            (column[r], power[r]) = along(&samples, waves);
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

/// Cosine and sine parts of one row of a window, and its energy.
#[inline(always)]
fn along(samples: &[f32; WINDOW], waves: &Waves) -> ([f32; PARTS], f32) {
    // Nearer and farther samples apart, so that additions need not wait for one another.
    let (mut cosines, mut sines) = ([[0.0f32; BINS]; 2], [[0.0f32; BINS]; 2]);
    for d in 0..HALF / 2 {
        for (part, d) in [d, d + HALF / 2].into_iter().enumerate() {
            let (ahead, behind) = (samples[HALF + d], samples[HALF - 1 - d]);
            for k in 0..BINS {
                cosines[part][k] += (ahead + behind) * waves.even[d][k];
                sines[part][k] += (ahead - behind) * waves.odd[d][k];
            }
        }
    }
    let mut parts = [0.0; PARTS];
    for k in 0..BINS {
        parts[k] = cosines[0][k] + cosines[1][k];
        parts[BINS + k] = sines[0][k] + sines[1][k];
    }
    // Eight sums side by side, as a vector holds them.
    let mut energy = [0.0f32; 8];
    for piece in samples.chunks_exact(8) {
        for (e, v) in energy.iter_mut().zip(piece) {
            *e += v * v;
        }
    }
    (parts, energy.iter().sum())
}

/// Orientation, frequency and certainty of one window from its row parts.
#[inline(always)]
fn window(rows: &[[f32; PARTS]], total: f32, waves: &Waves, out: &mut Spectrum, at: usize) {
    let (mut sums, mut differences) = ([[0.0f32; PARTS]; HALF], [[0.0f32; PARTS]; HALF]);
    for d in 0..HALF {
        let (below, above) = (&rows[HALF + d], &rows[HALF - 1 - d]);
        for k in 0..PARTS {
            sums[d][k] = below[k] + above[k];
            differences[d][k] = below[k] - above[k];
        }
    }
    // Squared energies at (kx, ky) and (kx, -ky), row by row of ky: they weigh the strongest wave above the rest of the window.
    let (mut plus, mut minus) = ([[0.0f32; BINS]; BINS], [[0.0f32; BINS]; BINS]);
    let (mut c2, mut s2, mut sum, mut energy) = ([0.0f32; BINS], [0.0f32; BINS], [0.0f32; BINS], [0.0f32; BINS]);
    for (ky, band) in waves.band.iter().enumerate() {
        let (mut c, mut s) = ([0.0f32; PARTS], [0.0f32; PARTS]);
        for d in 0..HALF {
            let (cosine, sine) = (waves.even[d][ky], waves.odd[d][ky]);
            for k in 0..PARTS {
                c[k] += cosine * sums[d][k];
                s[k] += sine * differences[d][k];
            }
        }
        for kx in 0..BINS {
            let (ac, bc, a_s, b_s) = (c[kx], c[BINS + kx], s[kx], s[BINS + kx]);
            let p = band.inside[kx] * ((ac - b_s) * (ac - b_s) + (a_s + bc) * (a_s + bc));
            let m = band.mirrored[kx] * ((ac + b_s) * (ac + b_s) + (bc - a_s) * (bc - a_s));
            energy[kx] += p + m;
            let (p, m) = (p * p, m * m);
            c2[kx] += (p + m) * band.cos2[kx];
            s2[kx] += (p - m) * band.sin2[kx];
            sum[kx] += p + m;
            (plus[ky][kx], minus[ky][kx]) = (p, m);
        }
    }
    let [c2, s2, sum, energy] = [c2, s2, sum, energy].map(|bins| bins.iter().sum::<f32>());
    if sum <= 0.0 || total <= 0.0 {
        return;
    }
    let length = c2.hypot_exact(s2).max(1e-30);
    let (nc, ns) = (c2 / length, s2 / length);
    let (mut f_sum, mut f_weight) = ([0.0f32; BINS], [0.0f32; BINS]);
    for (ky, band) in waves.band.iter().enumerate() {
        for kx in 0..BINS {
            let (c, s) = (band.cos2[kx] * nc, band.sin2[kx] * ns);
            let weight = plus[ky][kx] * (c + s).max(0.0) + minus[ky][kx] * (c - s).max(0.0);
            f_sum[kx] += band.frequency[kx] * weight;
            f_weight[kx] += weight;
        }
    }
    let [f_sum, f_weight] = [f_sum, f_weight].map(|bins| bins.iter().sum::<f32>());
    // Ridges lie across the wave normal: half a turn in the doubled angle.
    out.cos2[at] = -c2 / sum;
    out.sin2[at] = -s2 / sum;
    out.frequency[at] = f_sum / f_weight.max(1e-30);
    // Parseval on this frequency grid: energies sum to PER_CYCLE^2 times the tapered window's own (mean taper^2 = 3/8
    // per axis), half of it in the half plane.
    let tapered = total * (3.0 / 8.0) * (3.0 / 8.0) * PER_CYCLE * PER_CYCLE * 0.5;
    out.band_share[at] = (energy / tapered).min(1.0);
}
