//! The measures, one function each.

use super::Measure;
use crate::exact::Exact;
use crate::extract::cells::{Cells, GradientRow, smooth_cells};
use crate::extract::{Analysis, CELL};
use crate::params::ExtractParams;

/// Square pixels at 500 ppi in a square millimetre.
pub(super) const PIXELS_PER_MM2: f32 = 387.5;
/// Side of the blocks that local measures are taken on, cells (32 pixels, as ISO/IEC 29794-4).
const BLOCK: usize = 8;

/// Cells from a side of the image within which a print counts as cut off by it (12 pixels, a little more than a ridge).
const CUT_DEPTH: usize = 3;

/// Local measures look at every second pixel of a row and every second row: they are means over hundreds.
const SKIP: usize = 2;

/// All measures of one capture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measures {
    pub(crate) print_area: f32,
    pub(crate) readable_area: f32,
    pub(crate) usable_area: f32,
    pub(crate) certainty: f32,
    pub(crate) ridge_clarity: f32,
    pub(crate) orientation_certainty: f32,
    pub(crate) orientation_flow: f32,
    pub(crate) frequency_peak: f32,
    pub(crate) period: f32,
    pub(crate) period_spread: f32,
    pub(crate) contrast: f32,
    pub(crate) gray_mean: f32,
    pub(crate) darkness: f32,
    pub(crate) uniformity: f32,
    pub(crate) minutiae: f32,
    pub(crate) good_minutiae: f32,
    pub(crate) centre_x: f32,
    pub(crate) centre_y: f32,
    /// Left, right, top, bottom.
    pub(crate) cut: [f32; 4],
}

impl Measures {
    /// Measures what the stages made.
    pub(crate) fn of(a: &Analysis) -> Self {
        let local = local_contrast(a);
        let (orientation_certainty, orientation_flow) = orientation(a);
        let (period, period_spread) = period(a);
        let (centre_x, centre_y) = centre(a);
        Self {
            print_area: cell_area(a, |k| f32::from(u8::from(a.print.data[k]))),
            readable_area: cell_area(a, |k| f32::from(u8::from(readable(a, k)))),
            usable_area: cell_area(a, |k| if readable(a, k) { a.certainty.data[k] } else { 0.0 }),
            certainty: mean(a, |k| a.certainty.data[k]),
            ridge_clarity: local.clarity,
            orientation_certainty,
            orientation_flow,
            frequency_peak: frequency_peak(a),
            period,
            period_spread,
            contrast: local.contrast,
            gray_mean: local.gray_mean,
            darkness: local.darkness,
            uniformity: local.uniformity,
            minutiae: a.minutiae.len() as f32,
            good_minutiae: a.minutiae.iter().map(|m| f32::from(m.quality) / 100.0).sum(),
            centre_x,
            centre_y,
            cut: cut(a),
        }
    }

    /// Whether what was read is ridges and not some other texture: at most one of four signs speaks against it.
    pub(crate) fn ridge_like(&self, params: &ExtractParams) -> bool {
        let against = [
            self.orientation_certainty < params.ridge_orientation_min,
            self.frequency_peak < params.ridge_frequency_min,
            self.orientation_flow > params.ridge_turn_max,
            self.orientation_flow < params.ridge_turn_min,
        ];
        against.iter().filter(|&&sign| sign).count() < 2
    }

    /// The measures with their names, units and meanings.
    pub(crate) fn list(&self) -> Vec<Measure> {
        let m = |name, value, unit, meaning| Measure { name, value, unit, meaning };
        vec![
            m("print_area", self.print_area, "mm2", "area that the finger touched"),
            m("readable_area", self.readable_area, "mm2", "area in which ridges can be read"),
            m("usable_area", self.usable_area, "mm2", "readable area, each part weighed by how well it is read"),
            m("certainty", self.certainty, "", "agreement of the print with its own ridge flow, 0-1"),
            m("ridge_clarity", self.ridge_clarity, "", "share of pixels that are clearly ridge or clearly valley, 0-1"),
            m("orientation_certainty", self.orientation_certainty, "", "how much one direction rules each block, 0-1"),
            m("orientation_flow", self.orientation_flow, "deg", "mean turn of the ridges from block to block"),
            m("frequency_peak", self.frequency_peak, "", "share of the spectrum that lies in one clear wave, 0-1"),
            m("ridge_period", self.period, "px", "median distance from ridge to ridge at 500 ppi"),
            m("period_spread", self.period_spread, "", "spread of the ridge distance over the print, relative"),
            m("contrast", self.contrast, "gray", "difference between valleys and ridges"),
            m("gray_mean", self.gray_mean, "gray", "mean gray level of the print, 0 black to 255 white"),
            m("darkness", self.darkness, "", "ridges against valleys: below 0 thin and dry, above 0 wide and wet"),
            m("uniformity", self.uniformity, "", "evenness of the ridge-valley contrast over the print, 0-1"),
            m("minutiae", self.minutiae, "", "ridge ends and forks found"),
            m("good_minutiae", self.good_minutiae, "", "sum of the minutiae's own qualities"),
            m("centre_x", self.centre_x, "", "middle of the print from the middle of the image, -1 left to 1 right"),
            m("centre_y", self.centre_y, "", "middle of the print from the middle of the image, -1 up to 1 down"),
            m("cut_left", self.cut[0], "mm", "length over which the print runs out of the image on the left"),
            m("cut_right", self.cut[1], "mm", "the same on the right"),
            m("cut_top", self.cut[2], "mm", "the same above"),
            m("cut_bottom", self.cut[3], "mm", "the same below"),
        ]
    }
}

/// Whether the middle of a cell can be read.
fn readable(a: &Analysis, cell: usize) -> bool {
    let (x, y) = (cell % a.print.width * CELL, cell / a.print.width * CELL);
    a.readable.data[y * a.readable.width + x]
}

/// Sum over all cells, in square millimetres per full cell.
fn cell_area(a: &Analysis, share: impl Fn(usize) -> f32) -> f32 {
    (0..a.print.data.len()).map(share).sum::<f32>() * (CELL * CELL) as f32 / PIXELS_PER_MM2
}

/// Mean over the readable cells; 0 when there are none.
fn mean(a: &Analysis, value: impl Fn(usize) -> f32) -> f32 {
    let (mut sum, mut n) = (0.0, 0.0f32);
    for k in (0..a.print.data.len()).filter(|&k| readable(a, k)) {
        sum += value(k);
        n += 1.0;
    }
    sum / n.max(1.0)
}

struct LocalContrast {
    clarity: f32,
    contrast: f32,
    gray_mean: f32,
    darkness: f32,
    uniformity: f32,
}

/// Gray levels of ridges against valleys, block by block: the enhanced image says which is which.
fn local_contrast(a: &Analysis) -> LocalContrast {
    let (w, h) = (a.image.width, a.image.height);
    let side = BLOCK * CELL;
    let (mut clarity, mut contrast, mut square, mut gray, mut dark, mut n) =
        (0.0f32, 0.0f32, 0.0f32, 0.0f32, 0.0f32, 0.0f32);
    for y0 in (0..h).step_by(side) {
        for x0 in (0..w).step_by(side) {
            let pixels = || {
                (y0..(y0 + side).min(h))
                    .step_by(SKIP)
                    .flat_map(move |y| (x0..(x0 + side).min(w)).step_by(SKIP).map(move |x| y * w + x))
                    .filter(|&p| a.readable.data[p])
            };
            let (mut ridge, mut valley, mut nr, mut nv) = (0.0f32, 0.0f32, 0.0f32, 0.0f32);
            for p in pixels() {
                if a.enhanced.data[p] > 0.0 {
                    ridge += a.image.data[p];
                    nr += 1.0;
                } else {
                    valley += a.image.data[p];
                    nv += 1.0;
                }
            }
            // A sliver of a block has no statistics.
            if nr + nv < 0.3 * (side * side / (SKIP * SKIP)) as f32 || nr == 0.0 || nv == 0.0 {
                continue;
            }
            let (ridge, valley) = (ridge / nr, valley / nv);
            let middle = 0.5 * (ridge + valley);
            let (mut right, mut darker) = (0.0f32, 0.0f32);
            for p in pixels() {
                let is_dark = a.image.data[p] < middle;
                right += f32::from(u8::from(is_dark == (a.enhanced.data[p] > 0.0)));
                darker += f32::from(u8::from(is_dark));
            }
            let total = nr + nv;
            clarity += total * (2.0 * right / total - 1.0).max(0.0);
            dark += 2.0 * darker - total;
            contrast += total * (valley - ridge);
            square += total * (valley - ridge).powi(2);
            gray += total * middle;
            n += total;
        }
    }
    let n = n.max(1.0);
    let mean = contrast / n;
    let spread = (square / n - mean * mean).max(0.0).sqrt();
    LocalContrast {
        clarity: clarity / n,
        contrast: mean,
        gray_mean: gray / n,
        darkness: dark / n,
        uniformity: 1.0 - (spread / mean.max(1.0)).min(1.0),
    }
}

/// Orientation certainty of the unfiltered print, and turn of the flow from block to block in degrees.
fn orientation(a: &Analysis) -> (f32, f32) {
    let (w, h) = (a.normal.width, a.normal.height);
    let mut gradient = GradientRow::new(w);
    let [mut c, mut s, mut e] = Cells::sums((w, h), CELL, |y, [c, s, e]| {
        if y % SKIP == 0 || y == h - 1 {
            return;
        }
        gradient.take(&a.normal, y);
        for ((((c, s), e), gx), gy) in c.iter_mut().zip(s).zip(e).zip(&gradient.x).zip(&gradient.y) {
            let (xx, yy) = (gx * gx, gy * gy);
            *c += xx - yy;
            *s += 2.0 * gx * gy;
            *e += xx + yy;
        }
    });
    for map in [&mut c, &mut s, &mut e] {
        smooth_cells(map, BLOCK as f32 / 3.0);
    }
    let (c, s, e, cw, ch) = (c.data, s.data, e.data, a.print.width, a.print.height);
    let n = cw * ch;
    let certainty = mean(a, |k| c[k].hypot_exact(s[k]) / e[k].max(1e-6));
    let (mut turn, mut pairs) = (0.0f32, 0.0f32);
    let step = BLOCK / 2;
    for k in (0..n).filter(|&k| readable(a, k)) {
        for other in [(k % cw + step < cw).then_some(k + step), (k / cw + step < ch).then_some(k + step * cw)] {
            let Some(o) = other.filter(|&o| readable(a, o)) else { continue };
            let dot = a.flow.cos2[k] * a.flow.cos2[o] + a.flow.sin2[k] * a.flow.sin2[o];
            let cross = a.flow.cos2[k] * a.flow.sin2[o] - a.flow.sin2[k] * a.flow.cos2[o];
            turn += 0.5 * cross.atan2_exact(dot).abs();
            pairs += 1.0;
        }
    }
    (certainty, (turn / pairs.max(1.0)).to_degrees())
}

/// How much of the Fourier windows' energy is one wave in the ridge band.
fn frequency_peak(a: &Analysis) -> f32 {
    let (mut sum, mut n) = (0.0f32, 0.0f32);
    let step = crate::extract::spectrum::STEP;
    for j in 0..a.windows.height {
        for i in 0..a.windows.width {
            let (x, y) = ((i * step + step / 2).min(a.image.width - 1), (j * step + step / 2).min(a.image.height - 1));
            if a.readable.data[y * a.image.width + x] {
                let k = j * a.windows.width + i;
                sum += a.windows.band_share[k] * a.windows.cos2[k].hypot_exact(a.windows.sin2[k]);
                n += 1.0;
            }
        }
    }
    sum / n.max(1.0)
}

/// Median ridge period, and the spread (half the middle 80 %) relative to it.
fn period(a: &Analysis) -> (f32, f32) {
    let mut all: Vec<f32> = (0..a.print.data.len())
        .filter(|&k| readable(a, k))
        .map(|k| a.period.at((k % a.print.width * CELL) as f32 + 2.0, (k / a.print.width * CELL) as f32 + 2.0))
        .collect();
    if all.is_empty() {
        return (0.0, 0.0);
    }
    all.sort_unstable_by(f32::total_cmp);
    let at = |share: f32| all[((all.len() - 1) as f32 * share) as usize];
    (at(0.5), 0.5 * (at(0.9) - at(0.1)) / at(0.5))
}

/// Middle of the readable area, relative to the middle of the image.
fn centre(a: &Analysis) -> (f32, f32) {
    let (mut x, mut y, mut n) = (0.0f32, 0.0f32, 0.0f32);
    for k in (0..a.print.data.len()).filter(|&k| readable(a, k)) {
        x += (k % a.print.width) as f32 + 0.5;
        y += (k / a.print.width) as f32 + 0.5;
        n += 1.0;
    }
    if n == 0.0 {
        return (0.0, 0.0);
    }
    (2.0 * x / n / a.print.width as f32 - 1.0, 2.0 * y / n / a.print.height as f32 - 1.0)
}

/// How long the readable area is where it meets each side of the image, mm.
fn cut(a: &Analysis) -> [f32; 4] {
    let (w, h) = (a.print.width, a.print.height);
    // Filters know less near the rim, so that the outermost cells are often lost: one of the outer few is enough.
    let met = |n: usize, cells: &dyn Fn(usize, usize) -> usize, depth: usize| {
        let along = (0..n).filter(|&i| (0..CUT_DEPTH.min(depth)).any(|d| readable(a, cells(i, d))));
        along.count() as f32 * CELL as f32 / PIXELS_PER_MM2.sqrt()
    };
    [
        met(h, &|i, d| i * w + d, w),
        met(h, &|i, d| i * w + w - 1 - d, w),
        met(w, &|i, d| d * w + i, h),
        met(w, &|i, d| (h - 1 - d) * w + i, h),
    ]
}
