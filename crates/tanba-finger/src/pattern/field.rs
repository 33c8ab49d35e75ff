//! The doubled-angle field `z = (cos 2t, sin 2t)` of a print, and its zeros.
//!
//! Round a core `z` turns once with the way round it (index +1), round a delta once against it (index -1). Both senses are the same
//! whether rows grow downward or upward. A zero is found between four cells round which `z` turns, and placed between them
//! where the bilinear interpolation of `z` vanishes.

use std::f32::consts::{PI, TAU};

use crate::exact::Exact;
use crate::extract::cells::smooth_grid;
use crate::sink::{Flow, Mask};

/// Standard deviation of the fine smoothing, pixels: less leaves pairs of points on creases and pores.
const FINE: f32 = 5.0;
/// Standard deviation of the coarse smoothing, pixels: a point that is not there any more is an accident of the capture.
const COARSE: f32 = 16.0;

/// A row-major grid of complex numbers.
pub(super) struct Grid {
    /// Side of a cell, pixels.
    pub(super) cell: f32,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) re: Vec<f32>,
    pub(super) im: Vec<f32>,
}

/// The field as seen at two scales.
pub(super) struct Field {
    /// As the extractor gives it, nothing where it cannot be read.
    pub(super) raw: Grid,
    pub(super) fine: Grid,
    /// Of cells twice as wide.
    pub(super) coarse: Grid,
    /// Whether a raw cell can be read.
    pub(super) readable: Vec<bool>,
}

/// A zero of the field, pixels at 500 ppi.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Zero {
    pub(super) x: f32,
    pub(super) y: f32,
    /// A core, else a delta.
    pub(super) core: bool,
}

impl Field {
    pub(super) fn new(flow: &Flow, readable: &Mask) -> Self {
        let (width, height) = (flow.width, flow.height);
        let middle = |k: usize| k * flow.cell + flow.cell / 2;
        let reads: Vec<bool> =
            (0..width * height).map(|k| readable.at(middle(k % width) as isize, middle(k / width) as isize)).collect();
        let masked = |map: &[f32]| map.iter().zip(&reads).map(|(&v, &r)| if r { v } else { 0.0 }).collect();
        let raw = Grid { cell: flow.cell as f32, width, height, re: masked(&flow.cos2), im: masked(&flow.sin2) };
        let fine = raw.smoothed(FINE);
        let coarse = raw.halved().smoothed(COARSE);
        Self { raw, fine, coarse, readable: reads }
    }

    /// Whether a place in pixels can be read.
    pub(super) fn reads(&self, x: f32, y: f32) -> bool {
        let (i, j) = (x / self.raw.cell, y / self.raw.cell);
        i >= 0.0
            && j >= 0.0
            && (i as usize) < self.raw.width
            && (j as usize) < self.raw.height
            && self.readable[j as usize * self.raw.width + i as usize]
    }

    /// How many of the cells within `radius` pixels of a place can be read, 0 to 1.
    pub(super) fn share_readable(&self, x: f32, y: f32, radius: f32) -> f32 {
        let (mut all, mut read) = (0.0, 0.0);
        self.raw.around(x, y, radius, |_, _, k| {
            all += 1.0;
            read += f32::from(u8::from(k.is_some_and(|k| self.readable[k])));
        });
        read / f32::max(all, 1.0)
    }

    /// Answer of the complex filter of order +1 (a core) or -1 (a delta) at a place: how much the flow within reach is that of a
    /// bare core or delta, 0 to 1, and the angle `a` of `2t = +-phi + a`, with `phi` the angle under which a cell is seen (rows growing
    /// downward). Gaussian of `sigma` pixels.
    pub(super) fn symmetry(&self, x: f32, y: f32, core: bool, sigma: f32) -> (f32, f32) {
        let raw = &self.raw;
        let (mut re, mut im, mut all) = (0.0, 0.0, 0.0);
        raw.around(x, y, 2.5 * sigma, |dx, dy, k| {
            let Some(k) = k else { return };
            let r2 = dx * dx + dy * dy;
            let r = r2.sqrt();
            if r < 0.5 {
                return;
            }
            let weight = (-0.5 * r2 / (sigma * sigma)).exp_exact();
            // z times e^(-i phi) for a core, e^(i phi) for a delta.
            let (c, s) = (dx / r, if core { -dy / r } else { dy / r });
            let (u, v) = (raw.re[k], raw.im[k]);
            re += weight * (u * c - v * s);
            im += weight * (u * s + v * c);
            all += weight * u.hypot_exact(v);
        });
        (re.hypot_exact(im) / f32::max(all, 1e-6), im.atan2_exact(re))
    }
}

impl Grid {
    fn smoothed(&self, sigma: f32) -> Self {
        let smooth = |map: &[f32]| {
            let mut map = map.to_vec();
            smooth_grid(&mut map, self.width, self.height, sigma / self.cell);
            map
        };
        Self { re: smooth(&self.re), im: smooth(&self.im), ..*self }
    }

    /// Means of two by two cells; an odd last row or column is left alone.
    fn halved(&self) -> Self {
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        let half = |map: &[f32]| {
            let at = |i: usize, j: usize| map[j.min(self.height - 1) * self.width + i.min(self.width - 1)];
            let mut out = Vec::with_capacity(width * height);
            for j in 0..height {
                out.extend((0..width).map(|i| {
                    let (i, j) = (2 * i, 2 * j);
                    (at(i, j) + at(i + 1, j) + at(i, j + 1) + at(i + 1, j + 1)) / 4.0
                }));
            }
            out
        };
        Self { cell: 2.0 * self.cell, width, height, re: half(&self.re), im: half(&self.im) }
    }

    /// Calls `f` with the offset in pixels and the index of every cell whose middle is within `radius` of a place; no index outside.
    fn around(&self, x: f32, y: f32, radius: f32, mut f: impl FnMut(f32, f32, Option<usize>)) {
        let low = |v: f32| ((v - radius) / self.cell).floor() as isize;
        let high = |v: f32| ((v + radius) / self.cell).ceil() as isize;
        for j in low(y)..=high(y) {
            for i in low(x)..=high(x) {
                let (dx, dy) = ((i as f32 + 0.5) * self.cell - x, (j as f32 + 0.5) * self.cell - y);
                if dx * dx + dy * dy > radius * radius {
                    continue;
                }
                let inside = (0..self.width as isize).contains(&i) && (0..self.height as isize).contains(&j);
                f(dx, dy, inside.then(|| j as usize * self.width + i as usize));
            }
        }
    }

    /// All zeros, in raster order.
    pub(super) fn zeros(&self) -> Vec<Zero> {
        let mut found = Vec::new();
        for j in 0..self.height.saturating_sub(1) {
            for i in 0..self.width.saturating_sub(1) {
                let k = j * self.width + i;
                // Once round: right, down, left, up.
                let corners = [k, k + 1, k + 1 + self.width, k + self.width];
                // Most squares lie on one side of a line through the origin and cannot hold a zero.
                let one_sided =
                    |map: &[f32]| corners.iter().all(|&c| map[c] > 0.0) || corners.iter().all(|&c| map[c] < 0.0);
                if one_sided(&self.re) || one_sided(&self.im) || corners.iter().any(|&c| self.empty(c)) {
                    continue;
                }
                let angle = corners.map(|c| self.im[c].atan2_exact(self.re[c]));
                let turned: f32 = (0..4).map(|c| wrapped(angle[(c + 1) % 4] - angle[c])).sum();
                if turned.abs() > PI {
                    let (u, v) = self.vanishes_at(corners);
                    let place = |n: usize, part: f32| (n as f32 + 0.5 + part) * self.cell;
                    found.push(Zero { x: place(i, u), y: place(j, v), core: turned > 0.0 });
                }
            }
        }
        found
    }

    fn empty(&self, k: usize) -> bool {
        self.re[k] == 0.0 && self.im[k] == 0.0
    }

    /// Where in the square the bilinear field is zero, 0 to 1 each way: a few steps of Newton's method from its middle.
    fn vanishes_at(&self, corners: [usize; 4]) -> (f32, f32) {
        const STEPS: usize = 6;
        let form = |map: &[f32]| {
            let [a, b, c, d] = corners.map(|k| map[k]);
            // a + u p + v q + u v r
            (a, b - a, d - a, a - b + c - d)
        };
        let (re, im) = (form(&self.re), form(&self.im));
        let (mut u, mut v) = (0.5f32, 0.5f32);
        for _ in 0..STEPS {
            let value = |f: (f32, f32, f32, f32)| f.0 + u * f.1 + v * f.2 + u * v * f.3;
            let (fu, fv) = (re.1 + v * re.3, re.2 + u * re.3);
            let (gu, gv) = (im.1 + v * im.3, im.2 + u * im.3);
            let det = fu * gv - fv * gu;
            if det.abs() < 1e-12 {
                break;
            }
            let (f, g) = (value(re), value(im));
            u = (u - (f * gv - g * fv) / det).clamp(0.0, 1.0);
            v = (v - (g * fu - f * gu) / det).clamp(0.0, 1.0);
        }
        (u, v)
    }

    /// The field at a place in pixels, bilinear between cell middles.
    pub(super) fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let (i, fx) = crate::sink::between(x / self.cell - 0.5, self.width);
        let (j, fy) = crate::sink::between(y / self.cell - 0.5, self.height);
        let (i1, j1) = ((i + 1).min(self.width - 1), (j + 1).min(self.height - 1));
        let mix = |m: &[f32]| {
            let top = m[j * self.width + i] * (1.0 - fx) + m[j * self.width + i1] * fx;
            let bottom = m[j1 * self.width + i] * (1.0 - fx) + m[j1 * self.width + i1] * fx;
            top * (1.0 - fy) + bottom * fy
        };
        (mix(&self.re), mix(&self.im))
    }
}

/// An angle brought to `[-pi, pi)`.
pub(super) fn wrapped(angle: f32) -> f32 {
    (angle + PI).rem_euclid(TAU) - PI
}
