//! The contextual filter: every place is filtered by the wave that belongs there (Hong, Wan and Jain, TPAMI 1998).
//!
//! A round bell times a wave is a sum of products of one function of x and one of y:
//! `cos(ax + by) = cos(ax) cos(by) - sin(ax) sin(by)`. So the image is filtered along its rows with every frequency that is wanted
//! around, and what comes out is filtered down the columns with the one frequency that the place wants: some fifty multiplications
//! for each pixel, where the whole square would take six hundred.

use super::cells::Cells;
use crate::exact::Exact;
use crate::params::ExtractParams;
use crate::sink::{Flow, Mask, Plane};
use pulp::{Arch, Simd, WithSimd};
use std::f32::consts::TAU;

/// Shortest and longest period filtered for, pixels.
const PERIODS: [f32; 2] = [5.5, 13.0];
/// Frequencies along an axis for each cycle per pixel: a filter is never more than 0.008 cycles per pixel off on an axis, a
/// fifth of the spread of its own answer.
const PER_CYCLE: f32 = 64.0;
/// Frequencies along an axis: 0 to 12/64, which is a period of 5.3 pixels.
const WAVES: usize = 13;
/// Samples from the middle of the widest filter to its edge.
const WIDEST: usize = 12;
/// Side of the tiles that share one filter, pixels.
pub(crate) const TILE: usize = 4;
/// Columns that are filtered together, so that what the rows gave stays near.
const BLOCK: usize = 32;
/// Tiles side by side in a block.
const TILES: usize = BLOCK / TILE;
/// Rows of answers that are kept: those that the filters down the columns of one row of tiles reach over, and a power of two.
const ROWS: usize = 32;
/// A tile's samples, row by row.
type Tile = [f32; TILE * TILE];

/// The bell times waves of all frequencies, on one side of their middle; `REACH` samples from there to the edge, at most [`WIDEST`].
pub(crate) struct Bank<const REACH: usize> {
    /// Pixels to a sample of the image that it is for.
    pixels: f32,
    /// The bell times cosines, from the middle outward; the first is the bell itself.
    even: [[f32; WIDEST + 1]; WAVES],
    /// The bell times sines.
    odd: [[f32; WIDEST + 1]; WAVES],
    /// For each frequency across and down: what is taken of the bell itself, so that flat areas answer 0, and the scale by
    /// which a wave of amplitude 1 in step with the filter answers 1.
    level: [[(f32, f32); WAVES]; WAVES],
}

/// The bank for the full resolution: three spreads of the bell to each side.
pub(crate) type FullBank = Bank<WIDEST>;
/// The bank for half the resolution.
pub(crate) type HalfBank = Bank<{ WIDEST / 2 }>;

/// The filter of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Choice {
    /// Frequency across, in steps of the bank.
    across: usize,
    /// Frequency down.
    down: usize,
    /// The wave runs down to the left instead of to the right.
    mirrored: bool,
}

impl<const REACH: usize> Bank<REACH> {
    /// The bank for the given spread, and for an image with a sample for so many pixels.
    pub(crate) fn new(params: &ExtractParams, pixels: f32) -> Self {
        let sigma = params.gabor_sigma / pixels;
        let part = |wave: fn(f32) -> f32| -> [[f32; WIDEST + 1]; WAVES] {
            std::array::from_fn(|k| {
                std::array::from_fn(|d| {
                    let d = d as f32;
                    let bell = if d <= REACH as f32 { (-0.5 * (d / sigma).powi(2)).exp_exact() } else { 0.0 };
                    bell * wave(TAU * k as f32 / PER_CYCLE * pixels * d)
                })
            })
        };
        let (even, odd) = (part(Exact::cos_exact), part(Exact::sin_exact));
        // Over the whole square; sines cancel.
        let line = |values: &[f32]| values[0] + 2.0 * values[1..].iter().sum::<f32>();
        let mass = line(&even[0]);
        // The bell times a squared cosine and times a squared sine, along one axis.
        let squares = |k: usize| {
            let of = |part: &[f32; WIDEST + 1]| {
                let term = |d: usize| part[d] * part[d] / even[0][d].max(f32::MIN_POSITIVE);
                line(&std::array::from_fn::<f32, { WIDEST + 1 }, _>(term))
            };
            (of(&even[k]), of(&odd[k]))
        };
        let level = std::array::from_fn(|p| {
            std::array::from_fn(|q| {
                let wave = line(&even[p]) * line(&even[q]);
                let mean = wave / (mass * mass);
                let ((cc, ss), (dd, tt)) = (squares(p), squares(q));
                // cos^2(ax + by) without the mixed terms, which are odd in both.
                let answer = cc * dd + ss * tt - mean * wave;
                (mean, 1.0 / answer.max(f32::MIN_POSITIVE))
            })
        });
        Self { pixels, even, odd, level }
    }

    /// The filter for a doubled-angle ridge orientation and a period in samples.
    fn nearest(&self, cos2: f32, sin2: f32, period: f32) -> Choice {
        let steps = PER_CYCLE / (period * self.pixels).clamp(PERIODS[0], PERIODS[1]);
        let length = cos2.hypot_exact(sin2);
        let c = if length > 0.0 { cos2 / length } else { 1.0 };
        // The wave runs across the ridge: for a ridge at angle t along (-sin t, cos t).
        let step = |square: f32| ((steps * (0.5 * square).max(0.0).sqrt()).round() as usize).min(WAVES - 1);
        Choice { across: step(1.0 - c), down: step(1.0 + c), mirrored: sin2 > 0.0 }
    }
}

/// The image filtered along its own flow, inside the print; zero outside.
pub(crate) fn enhance<const REACH: usize>(
    image: &Plane,
    flow: &Flow,
    period: &Cells,
    print: &Mask,
    bank: &Bank<REACH>,
) -> Plane {
    let (w, h) = (image.width, image.height);
    let (tw, th) = (w.div_ceil(TILE), h.div_ceil(TILE));
    let mut choices = vec![None; tw * th];
    for (k, choice) in choices.iter_mut().enumerate().filter(|(k, _)| print.data[*k]) {
        let place = |v: usize| (v * TILE) as f32 + TILE as f32 / 2.0;
        let (x, y) = (place(k % tw), place(k / tw));
        let (c, s) = flow.at(x, y);
        *choice = Some(bank.nearest(c, s, period.at(x, y)));
    }
    let mut out = Plane::zeros(w, h);
    let mut rows = RowAnswers::new(image, bank);
    for left in (0..w).step_by(BLOCK) {
        // The widest vector instructions of the machine; the sums are the same with any.
        Arch::new().dispatch(Block { left, choices: &choices, rows: &mut rows, out: &mut out });
    }
    out
}

/// The work of [`enhance`] on a block of columns; a type and not a closure because closures are not inlined into the dispatched
/// function.
struct Block<'a, 'b, const REACH: usize> {
    left: usize,
    choices: &'a [Option<Choice>],
    rows: &'a mut RowAnswers<'b, REACH>,
    out: &'a mut Plane,
}

impl<const REACH: usize> WithSimd for Block<'_, '_, REACH> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        block(simd, self.left, self.choices, self.rows, self.out);
    }
}

/// One block of columns, from the top to the bottom.
#[inline(always)]
fn block<const REACH: usize, S: Simd>(
    simd: S,
    left: usize,
    choices: &[Option<Choice>],
    rows: &mut RowAnswers<'_, REACH>,
    out: &mut Plane,
) {
    let (tw, th) = (out.width.div_ceil(TILE), out.height.div_ceil(TILE));
    let tiles = left / TILE..((left + BLOCK) / TILE).min(tw);
    let of_row = |j: usize| &choices[j * tw..][tiles.clone()];
    // The frequencies across that the tiles of each row want, a bit for each, and the bell alone with any of them.
    let bits = |j: usize| of_row(j).iter().flatten().fold(0u32, |bits, c| bits | 1 | 1 << c.across);
    let wanted: Vec<u32> = (0..th).map(bits).collect();
    rows.begin(left);
    for j in (0..th).filter(|&j| wanted[j] != 0) {
        rows.reach(simd, j, &wanted);
        for (i, choice) in of_row(j).iter().enumerate() {
            let Some(choice) = choice else { continue };
            let answer = rows.tile(simd, j, i, *choice);
            let x = left + i * TILE;
            let n = TILE.min(out.width - x);
            for (r, line) in answer.chunks_exact(TILE).enumerate().take(out.height - j * TILE) {
                out.data[(j * TILE + r) * out.width + x..][..n].copy_from_slice(&line[..n]);
            }
        }
    }
}

/// What the filters along the rows of one block answer, for as many rows as the filters down the columns reach over.
struct RowAnswers<'a, const REACH: usize> {
    image: &'a Plane,
    bank: &'a Bank<REACH>,
    left: usize,
    /// The row after the last that was filtered, counted from the first that any filter can reach.
    next: usize,
    /// For each frequency and tile of the block, the bell times cosines.
    even: Vec<[Column; TILES]>,
    /// ... and times sines.
    odd: Vec<[Column; TILES]>,
}

/// Answers in the columns of one tile, row by row, in a ring that is written twice, so that any [`ROWS`] of them lie together.
type Column = [f32; 2 * ROWS * TILE];

impl<'a, const REACH: usize> RowAnswers<'a, REACH> {
    fn new(image: &'a Plane, bank: &'a Bank<REACH>) -> Self {
        let rings = || vec![[[0.0; 2 * ROWS * TILE]; TILES]; WAVES];
        Self { image, bank, left: 0, next: 0, even: rings(), odd: rings() }
    }

    /// Another block of columns.
    fn begin(&mut self, left: usize) {
        (self.left, self.next) = (left, 0);
    }

    /// Sees to it that everything which row `j` of the tiles looks at is there.
    #[inline(always)]
    fn reach<S: Simd>(&mut self, simd: S, j: usize, wanted: &[u32]) {
        let end = j * TILE + TILE + 2 * REACH;
        // Rows are counted from `REACH` above the image.
        for row in self.next.max(j * TILE)..end {
            // A row serves the tiles within reach of it.
            let first = row.saturating_sub(2 * REACH + TILE - 1).div_ceil(TILE);
            let bits = wanted[first..=(row / TILE).min(wanted.len() - 1)].iter().fold(0, |all, w| all | w);
            self.filter(simd, row, bits);
        }
        self.next = end;
    }

    /// Filters one row with the frequencies of which the bits are set.
    #[inline(always)]
    fn filter<S: Simd>(&mut self, simd: S, row: usize, bits: u32) {
        let bank = self.bank;
        // The row with a margin, so that no filter has to look at its edge; beyond the image all is flat.
        let mut line = [0.0f32; BLOCK + 2 * WIDEST];
        if let Some(y) = row.checked_sub(REACH).filter(|&y| y < self.image.height) {
            let whole = self.image.row(y);
            let (from, to) = (self.left.saturating_sub(REACH), (self.left + BLOCK + REACH).min(whole.len()));
            line[from + REACH - self.left..][..to - from].copy_from_slice(&whole[from..to]);
        }
        // What lies at the same distance on both sides meets the same cosine, and sines of opposite sign.
        let (mut sums, mut differences) = ([[0.0f32; BLOCK]; WIDEST + 1], [[0.0f32; BLOCK]; WIDEST + 1]);
        sums[0].copy_from_slice(&line[REACH..][..BLOCK]);
        for d in 1..=REACH {
            let (right, left) = (&line[REACH + d..][..BLOCK], &line[REACH - d..][..BLOCK]);
            for x in 0..BLOCK {
                sums[d][x] = right[x] + left[x];
                differences[d][x] = right[x] - left[x];
            }
        }
        let mut left = bits;
        while left != 0 {
            let k = left.trailing_zeros() as usize;
            left &= left - 1;
            put(&weighed::<REACH, S>(simd, &sums, &bank.even[k]), row, &mut self.even[k]);
            put(&weighed::<REACH, S>(simd, &differences, &bank.odd[k]), row, &mut self.odd[k]);
        }
    }

    /// The answer of a tile's own filter; `i` counts the tiles of the block.
    #[inline(always)]
    fn tile<S: Simd>(&self, simd: S, j: usize, i: usize, choice: Choice) -> Tile {
        let bank = self.bank;
        let Choice { across, down, mirrored } = choice;
        let top = j * TILE % ROWS * TILE;
        let cosine = folded::<REACH, false, S>(simd, &self.even[across][i][top..], &bank.even[down]);
        let sine = folded::<REACH, true, S>(simd, &self.odd[across][i][top..], &bank.odd[down]);
        let bell = folded::<REACH, false, S>(simd, &self.even[0][i][top..], &bank.even[0]);
        let (mean, scale) = bank.level[across][down];
        let sign = if mirrored { scale } else { -scale };
        let mut out = [0.0; TILE * TILE];
        for k in 0..TILE * TILE {
            out[k] = scale * cosine[k] + sign * sine[k] - scale * mean * bell[k];
        }
        out
    }
}

/// The weighted sum of lines, from the middle outward.
#[inline(always)]
fn weighed<const REACH: usize, S: Simd>(
    simd: S,
    lines: &[[f32; BLOCK]; WIDEST + 1],
    weights: &[f32; WIDEST + 1],
) -> [f32; BLOCK] {
    let mut out = [0.0f32; BLOCK];
    for (piece, out) in S::as_mut_simd_f32s(&mut out).0.iter_mut().enumerate() {
        let mut sum = simd.splat_f32s(0.0);
        for d in 0..=REACH {
            let line = S::as_simd_f32s(&lines[d]).0[piece];
            // Never fused, so that all machines have the same sums.
            sum = simd.add_f32s(sum, simd.mul_f32s(simd.splat_f32s(weights[d]), line));
        }
        *out = sum;
    }
    out
}

/// Puts a row of answers in its place.
#[inline(always)]
fn put(answers: &[f32; BLOCK], row: usize, columns: &mut [Column; TILES]) {
    for (piece, column) in answers.chunks_exact(TILE).zip(columns) {
        for at in [row % ROWS, row % ROWS + ROWS] {
            column[at * TILE..][..TILE].copy_from_slice(piece);
        }
    }
}

/// A tile filtered down its columns, whose first row is the first in reach: weights from the middle outward, of opposite signs above
/// and below where `ODD`.
#[inline(always)]
fn folded<const REACH: usize, const ODD: bool, S: Simd>(simd: S, column: &[f32], weights: &[f32; WIDEST + 1]) -> Tile {
    let column = &column[..(2 * REACH + TILE) * TILE];
    let mut out: Tile = [0.0; TILE * TILE];
    for (piece, out) in S::as_mut_simd_f32s(&mut out).0.iter_mut().enumerate() {
        let at = |row: usize| S::as_simd_f32s(&column[row * TILE..][..TILE * TILE]).0[piece];
        let mut sum = simd.mul_f32s(simd.splat_f32s(weights[0]), at(REACH));
        for d in 1..=REACH {
            let (below, above) = (at(REACH + d), at(REACH - d));
            let both = if ODD { simd.sub_f32s(below, above) } else { simd.add_f32s(below, above) };
            sum = simd.add_f32s(sum, simd.mul_f32s(simd.splat_f32s(weights[d]), both));
        }
        *out = sum;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The filter as it is defined, over the whole square: the bell times a wave without its mean, on the scale on which its own wave
    /// answers 1.
    fn slowly(image: &Plane, (x, y): (isize, isize), (a, b): (f32, f32), sigma: f32) -> f32 {
        let reach = WIDEST as isize;
        let square = || (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)));
        let bell = |(dx, dy): (isize, isize)| (-((dx * dx + dy * dy) as f32) / (2.0 * sigma * sigma)).exp();
        let wave = |(dx, dy): (isize, isize)| (a * dx as f32 + b * dy as f32).cos();
        let pixel = |(dx, dy): (isize, isize)| {
            let (x, y) = (x + dx, y + dy);
            let inside = (0..image.width as isize).contains(&x) && (0..image.height as isize).contains(&y);
            if inside { image.row(y as usize)[x as usize] } else { 0.0 }
        };
        let mean = square().map(|d| bell(d) * wave(d)).sum::<f32>() / square().map(bell).sum::<f32>();
        let answer =
            |of: &dyn Fn((isize, isize)) -> f32| square().map(|d| bell(d) * (wave(d) - mean) * of(d)).sum::<f32>();
        answer(&pixel) / answer(&wave)
    }

    #[test]
    fn rows_and_columns_make_the_whole_filter() {
        let params = ExtractParams::default();
        let bank = FullBank::new(&params, 1.0);
        // Noise from a fixed sequence, on a picture whose sides are no multiples of a tile or a block.
        let (width, height) = (75, 61);
        let mut state = 7u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let image = Plane { width, height, data: (0..width * height).map(|_| noise()).collect() };
        let print = Mask { data: vec![true; 19 * 16], ..Mask::none(19, 16) };
        for (degrees, period) in [(0.0f32, 9.0), (30.0, 7.0), (90.0, 5.0), (120.0, 12.0), (171.0, 20.0)] {
            let (sin2, cos2) = (2.0 * degrees.to_radians()).sin_cos();
            let mut flow = Flow::covering(width, height, TILE);
            flow.cos2.fill(cos2);
            flow.sin2.fill(sin2);
            let mut periods = Cells::covering(width, height, TILE);
            periods.data.fill(period);
            let out = enhance(&image, &flow, &periods, &print, &bank);
            // The frequency that was asked for, to half a step of the bank on each axis.
            let choice = bank.nearest(cos2, sin2, period);
            let step = TAU / PER_CYCLE;
            let (a, b) =
                (step * choice.across as f32 * if choice.mirrored { -1.0 } else { 1.0 }, step * choice.down as f32);
            let wanted = TAU / period.clamp(PERIODS[0], PERIODS[1]);
            let (sin, cos) = degrees.to_radians().sin_cos();
            let off = |s: f32| (a + s * wanted * sin).abs().max((b - s * wanted * cos).abs());
            assert!(off(1.0).min(off(-1.0)) <= 0.51 * step, "{degrees} {period}: {a} {b}");
            for (x, y) in [(0, 0), (37, 30), (31, 32), (74, 60), (5, 58)] {
                let (fast, slow) =
                    (out.row(y)[x], slowly(&image, (x as isize, y as isize), (a, b), params.gabor_sigma));
                assert!((fast - slow).abs() < 1e-4, "{degrees} {period} at {x},{y}: {fast} {slow}");
            }
        }
    }
}
