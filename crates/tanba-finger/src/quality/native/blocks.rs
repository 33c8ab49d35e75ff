//! Local blocks: which of them are print, which way their ridges run, and a strip cut across the ridges.

use super::frame::Frame;

/// Side of a block, pixels (ISO/IEC 29794-4: 32).
pub(super) const BLOCK: usize = 32;
/// Length of the strip across the ridges, pixels.
pub(super) const ACROSS: usize = 32;
/// Width of the strip along the ridges, pixels.
pub(super) const ALONG: usize = 16;
/// What a turned strip of 32 x 16 pixels can reach beyond the block on each side: half of what its diagonal of 36 has more.
const OVERLAP: usize = 2;
/// Side of the block with that margin.
const WINDOW: usize = BLOCK + 2 * OVERLAP;
/// A block whose gray levels deviate less than this share of the whole image's deviation is no print.
const FOREGROUND: f64 = 0.1;
/// Turned coordinates are rounded to this part of a pixel before the nearest pixel is taken. That is how the reference
/// implementation's turning works, and it decides about pixels on the border between two.
const STEPS: f64 = 1024.0;

/// How the strip is cut.
#[derive(Clone, Copy)]
pub(super) enum Cut {
    /// Turned by the block's normal and cut from its middle.
    Middle,
    /// The same, but cut two pixels to the left of and above the point about which it was turned: the reference implementation
    /// turns within a margin of two pixels and then leaves the margin out of account, and its expected outputs contain that.
    Aside,
    /// As `Aside`, turned a quarter further and cut the other way, which rounds differently.
    Sideways,
}

/// A strip: `[across][along]`, gray levels.
pub(super) type Strip = [[u8; ALONG]; ACROSS];

/// The blocks of an image, row-major.
pub(super) struct Blocks<'f> {
    frame: &'f Frame,
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Whether all of the block is print.
    pub(super) print: Vec<bool>,
    /// Direction across the ridges, radians in (-pi/2, pi/2].
    pub(super) normal: Vec<f64>,
}

impl<'f> Blocks<'f> {
    pub(super) fn of(frame: &'f Frame) -> Self {
        let count = |side: usize| side.saturating_sub(2 * OVERLAP) / BLOCK;
        let (columns, rows) = (count(frame.width), count(frame.height));
        let lively = lively(frame);
        let lively_columns = frame.width.div_ceil(BLOCK);
        let mut blocks = Self { frame, columns, rows, print: Vec::new(), normal: Vec::new() };
        for k in 0..columns * rows {
            let (x, y) = blocks.corner(k);
            let cells = [(x, y), (x + BLOCK - 1, y), (x, y + BLOCK - 1), (x + BLOCK - 1, y + BLOCK - 1)];
            blocks.print.push(cells.iter().all(|(x, y)| lively[y / BLOCK * lively_columns + x / BLOCK]));
            let g = frame.gradients(x, y, BLOCK, BLOCK);
            // The double of `xy` would be the true double-angle sine. The standard's expected values have it single.
            blocks.normal.push(0.5 * g.xy.atan2(g.xx - g.yy));
        }
        blocks
    }

    /// Left top pixel of a block: the blocks begin where their windows fit.
    fn corner(&self, k: usize) -> (usize, usize) {
        (OVERLAP + k % self.columns * BLOCK, OVERLAP + k / self.columns * BLOCK)
    }

    /// Numbers of the blocks that are print.
    pub(super) fn printed(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.print.len()).filter(|&k| self.print[k])
    }

    /// The strip across the ridges of a block.
    pub(super) fn strip(&self, k: usize, cut: Cut) -> Strip {
        let (x0, y0) = self.corner(k);
        // Coordinates of the window or, for cuts aside, of a window with a margin of two pixels more. What lies outside that or
        // outside the image is black.
        let (angle, margin) = match cut {
            Cut::Middle => (self.normal[k], 0),
            Cut::Aside => (self.normal[k], 2),
            Cut::Sideways => (self.normal[k] + std::f64::consts::FRAC_PI_2, 2),
        };
        let turn = Turn::new(angle, (WINDOW / 2 + margin) as f64);
        let pixel = |x: usize, y: usize| {
            let (x, y) = turn.source(x, y);
            let within = |v: i64| (0..(WINDOW + 2 * margin) as i64).contains(&v);
            let place = |v: i64, start: usize, n: usize| {
                usize::try_from(v + start as i64 - (OVERLAP + margin) as i64).ok().filter(|&v| v < n)
            };
            match (place(x, x0, self.frame.width), place(y, y0, self.frame.height)) {
                (Some(u), Some(v)) if within(x) && within(y) => self.frame.at(u, v),
                _ => 0,
            }
        };
        let (long, short) = ((WINDOW - ACROSS) / 2, (WINDOW - ALONG) / 2);
        std::array::from_fn(|a| {
            std::array::from_fn(|b| match cut {
                Cut::Middle | Cut::Aside => pixel(long + a, short + b),
                Cut::Sideways => pixel(short + b, long + a),
            })
        })
    }
}

/// Where pixels of a turned picture come from.
struct Turn {
    cos: f64,
    sin: f64,
    shift: (f64, f64),
}

impl Turn {
    /// Counter-clockwise as seen, by `angle` in radians, about (c, c).
    fn new(angle: f64, c: f64) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self { cos, sin, shift: (c - cos * c + sin * c, c - sin * c - cos * c) }
    }

    fn source(&self, x: usize, y: usize) -> (i64, i64) {
        let (x, y) = (x as f64, y as f64);
        let steps = |v: f64| (v * STEPS).round_ties_even() as i64;
        let nearest = |v: i64| (v + STEPS as i64 / 2) >> STEPS.log2() as u32;
        (
            nearest(steps(self.cos * x) + steps(self.shift.0 - self.sin * y)),
            nearest(steps(self.sin * x) + steps(self.shift.1 + self.cos * y)),
        )
    }
}

/// For each block from the top left corner (those at the right and lower rim may be smaller), whether its gray levels vary
/// enough.
fn lively(frame: &Frame) -> Vec<bool> {
    let deviation = |x0: usize, x1: usize, y0: usize, y1: usize| {
        let (mut sum, mut square) = (0u64, 0u64);
        for y in y0..y1 {
            for &v in &frame.pixels[y * frame.width + x0..y * frame.width + x1] {
                sum += u64::from(v);
                square += u64::from(v) * u64::from(v);
            }
        }
        let n = ((x1 - x0) * (y1 - y0)) as f64;
        let mean = sum as f64 / n;
        (square as f64 / n - mean * mean).max(0.0).sqrt()
    };
    let limit = FOREGROUND * deviation(0, frame.width, 0, frame.height);
    (0..frame.height)
        .step_by(BLOCK)
        .flat_map(|y| (0..frame.width).step_by(BLOCK).map(move |x| (x, y)))
        .map(|(x, y)| deviation(x, (x + BLOCK).min(frame.width), y, (y + BLOCK).min(frame.height)) > limit)
        .collect()
}

/// Which lines across a strip are ridge, and the gray level that parts ridge from valley there: the straight line fitted to the
/// profile of means.
pub(super) fn ridges_and_valleys(strip: &Strip) -> ([bool; ACROSS], [f64; ACROSS]) {
    /// Coefficients are rounded to this, so that a flat profile has no ridges on any machine.
    const DECIMALS: f64 = 1e10;
    let profile = means(strip);
    let n = ACROSS as f64;
    let middle = (n + 1.0) / 2.0;
    let mean = profile.iter().sum::<f64>() / n;
    let (mut xy, mut xx) = (0.0, 0.0);
    for (i, v) in profile.iter().enumerate() {
        let x = (i + 1) as f64 - middle;
        xy += x * v;
        xx += x * x;
    }
    let rounded = |v: f64| (v * DECIMALS).round() / DECIMALS;
    let slope = xy / xx;
    let start = rounded(mean - slope * middle);
    let slope = rounded(slope);
    let level: [f64; ACROSS] = std::array::from_fn(|i| (i + 1) as f64 * slope + start);
    (std::array::from_fn(|i| profile[i] < level[i]), level)
}

/// Mean gray of each line across the strip.
pub(super) fn means(strip: &Strip) -> [f64; ACROSS] {
    strip.map(|line| f64::from(line.iter().map(|&v| u32::from(v)).sum::<u32>()) / ALONG as f64)
}

/// Places `i` such that line `i + 1` is of another kind than line `i`.
pub(super) fn changes(ridge: &[bool]) -> Vec<usize> {
    (0..ridge.len().saturating_sub(1)).filter(|&i| ridge[i] != ridge[i + 1]).collect()
}
