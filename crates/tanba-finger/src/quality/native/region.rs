//! The region of interest: where there is print at all, as one patch without holes; its gray, and the coherence of its blocks.
//!
//! Dark detail is widened (erosion), blurred, parted from the ground (Otsu 1979), blurred and parted again; holes are closed
//! and of several patches the one with the largest bounding box is kept. The blurs are done in whole numbers with kernels
//! rounded to 1/256, as the reference implementation's image library does: only so do the outlines come out the same.

use super::blocks::BLOCK;
use super::frame::Frame;

/// Radius of the erosion's square, pixels.
const ERODE: usize = 2;
/// Radii of the two blurs, pixels.
const BLUR: [usize; 2] = [20, 45];

/// Where there is print.
pub(super) struct Region {
    width: usize,
    inside: Vec<bool>,
}

impl Region {
    pub(super) fn of(frame: &Frame) -> Self {
        let (w, h) = (frame.width, frame.height);
        let mut picture = erode(&frame.pixels, w, h);
        for radius in BLUR {
            let blurred = blur(&picture, w, h, radius);
            let level = otsu(&blurred);
            picture = blurred.iter().map(|&v| if v > level { 255 } else { 0 }).collect();
        }
        let mut inside: Vec<bool> = picture.iter().map(|&v| v == 0).collect();
        close_holes(&mut inside, w, h);
        keep_largest(&mut inside, w, h);
        Self { width: w, inside }
    }

    /// Number of pixels.
    pub(super) fn pixels(&self) -> usize {
        self.inside.iter().filter(|&&v| v).count()
    }

    /// Mean gray of the region; white when there is none.
    pub(super) fn mean_gray(&self, frame: &Frame) -> f64 {
        let n = self.pixels();
        let sum: u64 = frame.pixels.iter().zip(&self.inside).filter(|(_, i)| **i).map(|(&v, _)| u64::from(v)).sum();
        if n == 0 { 255.0 } else { sum as f64 / n as f64 }
    }

    /// Sum and mean of the gradients' coherence over the blocks that the region touches.
    pub(super) fn coherence(&self, frame: &Frame) -> (f64, f64) {
        let (mut sum, mut n) = (0.0, 0.0f64);
        for y in (0..frame.height).step_by(BLOCK) {
            for x in (0..frame.width).step_by(BLOCK) {
                let (bw, bh) = (BLOCK.min(frame.width - x), BLOCK.min(frame.height - y));
                let rows = (y..y + bh).map(|y| &self.inside[y * self.width + x..y * self.width + x + bw]);
                if rows.flatten().any(|&v| v) {
                    let g = frame.gradients(x, y, bw, bh);
                    sum += if g.length > 0.0 { (g.xx - g.yy).hypot(2.0 * g.xy) / g.length } else { 0.0 };
                    n += 1.0;
                }
            }
        }
        (sum, sum / n.max(1.0))
    }
}

/// Smallest gray of the square around each pixel, the outside left out.
fn erode(pixels: &[u8], w: usize, h: usize) -> Vec<u8> {
    let span = |at: usize, n: usize| at.saturating_sub(ERODE)..(at + ERODE + 1).min(n);
    let least = |values: &mut dyn Iterator<Item = u8>| values.min().unwrap_or(u8::MAX);
    let rows: Vec<u8> = (0..w * h).map(|k| least(&mut span(k % w, w).map(|x| pixels[k / w * w + x]))).collect();
    (0..w * h).map(|k| least(&mut span(k / w, h).map(|y| rows[y * w + k % w]))).collect()
}

/// Gaussian blur whose deviation follows from the radius; the picture is mirrored at its rim, the outermost pixels once.
fn blur(pixels: &[u8], w: usize, h: usize, radius: usize) -> Vec<u8> {
    let kernel = kernel(radius);
    let mut across = vec![0u32; w * h];
    for y in 0..h {
        let padded: Vec<u32> = (0..w + 2 * radius).map(|i| u32::from(pixels[y * w + mirror(i, radius, w)])).collect();
        let row = &mut across[y * w..(y + 1) * w];
        for (i, &k) in kernel.iter().enumerate().filter(|(_, k)| **k > 0) {
            row.iter_mut().zip(&padded[i..]).for_each(|(sum, v)| *sum += k * v);
        }
    }
    let mut out = Vec::with_capacity(w * h);
    let mut row = vec![0u32; w];
    for y in 0..h {
        row.fill(0);
        for (i, &k) in kernel.iter().enumerate().filter(|(_, k)| **k > 0) {
            let from = mirror(y + i, radius, h) * w;
            row.iter_mut().zip(&across[from..from + w]).for_each(|(sum, v)| *sum += k * v);
        }
        out.extend(row.iter().map(|&v| ((v + (1 << 15)) >> 16) as u8));
    }
    out
}

/// Index of the pixel that stands for place `i` of a line that begins `radius` before the picture.
fn mirror(i: usize, radius: usize, n: usize) -> usize {
    let period = (2 * n).saturating_sub(2).max(1);
    let place = (i as i64 - radius as i64).rem_euclid(period as i64) as usize;
    place.min(period - place).min(n - 1)
}

/// A Gaussian of the radius in 256 parts; what rounding leaves over is carried to the next part, the rest goes to the middle.
fn kernel(radius: usize) -> Vec<u32> {
    // The deviation that goes with a radius where none is asked for (OpenCV, getGaussianKernel).
    let deviation = 0.3 * (radius as f64 - 1.0) + 0.8;
    let at = |i: usize| (-0.5 * ((i as f64 - radius as f64) / deviation).powi(2)).exp();
    let sum: f64 = (0..=2 * radius).map(at).sum();
    let mut parts = vec![0u32; 2 * radius + 1];
    let (mut left, mut used) = (0.0, 0);
    for i in 0..radius {
        let exact = at(i) / sum * 256.0 + left;
        let part = exact.round_ties_even();
        left = exact - part;
        parts[i] = part as u32;
        parts[2 * radius - i] = part as u32;
        used += 2 * part as u32;
    }
    parts[radius] = 256 - used;
    parts
}

/// The gray level up to which is dark, such that dark and light differ most (Otsu 1979).
fn otsu(pixels: &[u8]) -> u8 {
    let mut counts = [0u64; 256];
    pixels.iter().for_each(|&v| counts[usize::from(v)] += 1);
    let scale = 1.0 / pixels.len() as f64;
    let all: f64 = counts.iter().enumerate().map(|(i, &n)| i as f64 * n as f64).sum::<f64>() * scale;
    let (mut dark, mut dark_mean, mut best) = (0.0f64, 0.0f64, (0.0, 0));
    for (i, &n) in counts.iter().enumerate() {
        let share = n as f64 * scale;
        dark_mean *= dark;
        dark += share;
        let light = 1.0 - dark;
        if dark.min(light) < f64::from(f32::EPSILON) {
            continue;
        }
        dark_mean = (dark_mean + i as f64 * share) / dark;
        let light_mean = (all - dark * dark_mean) / light;
        let between = dark * light * (dark_mean - light_mean).powi(2);
        if between > best.0 {
            best = (between, i as u8);
        }
    }
    best.1
}

/// Ground that is not joined to the rim becomes print.
fn close_holes(inside: &mut [bool], w: usize, h: usize) {
    let mut outside = vec![false; w * h];
    for k in (0..w * h).filter(|k| k % w == 0 || k % w == w - 1 || k / w == 0 || k / w == h - 1) {
        if !inside[k] && !outside[k] {
            spread(k, w, h, |n| !inside[n] && !std::mem::replace(&mut outside[n], true));
        }
    }
    inside.iter_mut().zip(outside).for_each(|(i, o)| *i = !o);
}

/// Of several patches the one with the largest bounding box stays, the first of equal ones.
fn keep_largest(inside: &mut [bool], w: usize, h: usize) {
    let mut patch = vec![0usize; w * h];
    let mut best = (0, 0);
    let mut patches = 0;
    for k in 0..w * h {
        if !inside[k] || patch[k] != 0 {
            continue;
        }
        patches += 1;
        let (mut low, mut high) = ((w, h), (0, 0));
        spread(k, w, h, |n| {
            if !inside[n] || patch[n] != 0 {
                return false;
            }
            patch[n] = patches;
            low = (low.0.min(n % w), low.1.min(n / w));
            high = (high.0.max(n % w), high.1.max(n / w));
            true
        });
        let area = (high.0 - low.0 + 1) * (high.1 - low.1 + 1);
        if area > best.0 {
            best = (area, patches);
        }
    }
    inside.iter_mut().zip(patch).for_each(|(i, p)| *i = p != 0 && p == best.1);
}

/// Visits all pixels that are joined to `from` by sides; `enter` says whether a pixel belongs and has not been entered yet.
fn spread(from: usize, w: usize, h: usize, mut enter: impl FnMut(usize) -> bool) {
    let mut stack = Vec::new();
    if enter(from) {
        stack.push(from);
    }
    while let Some(k) = stack.pop() {
        let (x, y) = (k % w, k / w);
        let beside = [(x > 0, k.wrapping_sub(1)), (x + 1 < w, k + 1), (y > 0, k.wrapping_sub(w)), (y + 1 < h, k + w)];
        for (_, n) in beside.into_iter().filter(|b| b.0) {
            if enter(n) {
                stack.push(n);
            }
        }
    }
}
