//! The image without its nearly white frame, and gradients of its blocks.

use tanba_formats::Gray8;

/// Rows and columns from the rim whose mean gray is above this are frame (ISO/IEC 29794-4).
const NEARLY_WHITE: f64 = 250.0;

/// What is left of an image when its frame is cut off, row-major.
pub(super) struct Frame {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Column and row of the image at which it begins.
    pub(super) origin: (usize, usize),
    pub(super) pixels: Vec<u8>,
}

/// Sums over a block of the squared gradient: `xx`, `yy`, `xy`, per pixel, and of its doubled-angle length.
pub(super) struct Gradients {
    pub(super) xx: f64,
    pub(super) yy: f64,
    pub(super) xy: f64,
    pub(super) length: f64,
}

impl Frame {
    /// An image that is frame throughout stays whole.
    pub(super) fn cut(image: &Gray8) -> Self {
        let (w, h, all) = (image.width(), image.height(), image.pixels());
        let row = |y: usize| all[y * w..(y + 1) * w].iter().map(|&v| u64::from(v)).sum::<u64>() as f64 / w as f64;
        let column = |x: usize| (0..h).map(|y| u64::from(all[y * w + x])).sum::<u64>() as f64 / h as f64;
        let (top, bottom) = inner(h, row);
        let (left, right) = inner(w, column);
        let pixels = (top..=bottom).flat_map(|y| all[y * w + left..=y * w + right].iter().copied()).collect();
        Self { width: right - left + 1, height: bottom - top + 1, origin: (left, top), pixels }
    }

    pub(super) fn at(&self, x: usize, y: usize) -> u8 {
        self.pixels[y * self.width + x]
    }

    /// Gradients within the block at (x0, y0), never beyond it: central differences inside, one-sided ones at its edges. Zero
    /// along a side of one pixel.
    pub(super) fn gradients(&self, x0: usize, y0: usize, width: usize, height: usize) -> Gradients {
        let at = |x: usize, y: usize| f64::from(self.at(x0 + x, y0 + y));
        let mut sum = Gradients { xx: 0.0, yy: 0.0, xy: 0.0, length: 0.0 };
        for y in 0..height {
            let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
            for x in 0..width {
                let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
                let gx = (at(right, y) - at(left, y)) / (right - left).max(1) as f64;
                let gy = (at(x, below) - at(x, above)) / (below - above).max(1) as f64;
                sum.xx += gx * gx;
                sum.yy += gy * gy;
                sum.xy += gx * gy;
                // The length of the doubled-angle vector (gx2 - gy2, 2 gx gy) is the squared gradient.
                sum.length += gx * gx + gy * gy;
            }
        }
        let n = (width * height) as f64;
        Gradients { xx: sum.xx / n, yy: sum.yy / n, xy: sum.xy / n, length: sum.length / n }
    }
}

/// First and last line to keep, given the mean gray of each line.
fn inner(n: usize, mean: impl Fn(usize) -> f64) -> (usize, usize) {
    let print = |i: &usize| mean(*i) <= NEARLY_WHITE;
    match ((0..n).find(print), (0..n).rfind(print)) {
        (Some(first), Some(last)) => (first, last),
        _ => (0, n - 1),
    }
}
