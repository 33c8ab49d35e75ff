//! The ridges around a minutia, laid straight: what the second network sees.

use super::maps::Maps;
use super::registers::{Machine, Work, dispatch};
use crate::exact::Exact;
use crate::scan::Instructions;
use crate::texture::STRIDE;
use crate::{Minutia, RidgeMap};

/// Rows, and places in a row.
pub(super) const SIDE: usize = 48;
/// From one place to the next, pixels at 500 ppi: 132 pixels across, about fifteen ridges.
const STEP: f32 = 2.75;
/// What there is to see at a place: ridge or valley, and whether it can be read.
pub(super) const CHANNELS: usize = 2;
/// Unreadable samples that are set around a map, so that whatever lies beyond has four of them around, once it is held to the rim.
const RIM: usize = 2;

/// Bits of a sample in a code: it is a ridge, it can be read.
const RIDGE: u8 = 1;
const READABLE: u8 = 2;
/// Where a sample's two bits begin in the code of a square: upper left, upper right, lower left, lower right.
const CORNERS: [u32; 4] = [0, 2, 4, 6];

/// A ridge map, spread out so that the four samples around a place are looked up in one step.
#[derive(Debug, Default)]
pub(super) struct Squares {
    width: usize,
    height: usize,
    /// For each sample, those of the rim included, the bits of itself and of its neighbours to the right, below and both.
    codes: Vec<u8>,
    /// Samples of the row above and of this one.
    rows: [Vec<u8>; 2],
}

impl Squares {
    /// Takes another map, in the memory there is.
    pub(super) fn spread(&mut self, ridges: &RidgeMap) {
        (self.width, self.height) = (ridges.width, ridges.height);
        let pitch = self.pitch();
        self.codes.clear();
        for row in &mut self.rows {
            row.clear();
            // Beside the rim there is more of it.
            row.resize(pitch + 1, 0);
        }
        for y in 0..=self.height + RIM {
            self.rows.swap(0, 1);
            let [above, here] = &mut self.rows;
            let inside = &mut here[RIM..][..ridges.width];
            match y.checked_sub(RIM).filter(|y| *y < ridges.height) {
                Some(y) => {
                    for (x, sample) in inside.iter_mut().enumerate() {
                        // What cannot be read is no ridge.
                        *sample = match (ridges.readable_at(x, y), ridges.ridge_at(x, y)) {
                            (true, true) => READABLE | RIDGE,
                            (true, false) => READABLE,
                            (false, _) => 0,
                        };
                    }
                }
                None => inside.fill(0),
            }
            if y > 0 {
                let upper = above.iter().zip(&above[1..]);
                let lower = here.iter().zip(&here[1..]);
                let square = |((a, b), (c, d)): ((&u8, &u8), (&u8, &u8))| a | b << 2 | c << 4 | d << 6;
                self.codes.extend(upper.zip(lower).map(square));
            }
        }
        // Squares below the last row of the rim.
        self.codes.resize(pitch * (self.height + 2 * RIM), 0);
    }

    /// Samples, those around the map included.
    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    fn pitch(&self) -> usize {
        self.width + 2 * RIM
    }
}

/// Writes the ridges around a minutia, in two blocks of one channel: columns run along its direction, rows to its left as seen, the minutia
/// in the middle. Of the four samples around each place it is the mean of (1 ridge, -1 valley, 0 not readable) and of (1 readable, 0 not); beyond
/// the map nothing can be read, nor where the numbers of a minutia are not finite. `None` where this machine has not these instructions.
pub(super) fn patch(with: Instructions, squares: &Squares, minutia: &Minutia, out: &mut Maps<1>) -> Option<()> {
    dispatch(with, Patch { squares, minutia, out })
}

struct Patch<'a> {
    squares: &'a Squares,
    minutia: &'a Minutia,
    out: &'a mut Maps<1>,
}

impl Work for Patch<'_> {
    type Output = ();

    /// Plain arithmetic without a fused step, of which the compiler makes such vectors as there are: the loops are short and apart for that.
    #[inline(always)]
    fn on<M: Machine>(self, _: M) {
        let Self { squares, minutia, out } = self;
        let (sin, cos) = minutia.direction.sin_cos_exact();
        let middle = |k: usize| (k as f32 - (SIDE as f32 - 1.0) / 2.0) * STEP;
        let pitch = squares.pitch();
        for row in 0..SIDE {
            let b = middle(row);
            let mut right = [0.0f32; SIDE];
            let mut below = [0.0f32; SIDE];
            let mut at = [0u32; SIDE];
            for k in 0..SIDE {
                let a = middle(k);
                let (column, row);
                (column, right[k]) = split(minutia.x + a * cos - b * sin, squares.width);
                (row, below[k]) = split(minutia.y - a * sin - b * cos, squares.height);
                at[k] = row * pitch as u32 + column;
            }
            let codes = at.map(|at| squares.codes[at as usize]);
            let mut seen = [[0.0f32; SIDE]; CHANNELS];
            for k in 0..SIDE {
                let corners = CORNERS.map(|corner| codes[k] >> corner);
                let readable = corners.map(|corner| f32::from(u8::from(corner & READABLE != 0)));
                let ridge = corners.map(|corner| f32::from(u8::from(corner & RIDGE != 0)));
                let mean = |of: [f32; 4]| {
                    let across = |a: f32, b: f32| a * (1.0 - right[k]) + b * right[k];
                    across(of[0], of[1]) * (1.0 - below[k]) + across(of[2], of[3]) * below[k]
                };
                seen[0][k] = mean(core::array::from_fn(|corner| 2.0 * ridge[corner] - readable[corner]));
                seen[1][k] = mean(readable);
            }
            for (channel, seen) in seen.iter().enumerate() {
                out.row_mut(channel, row).as_flattened_mut().copy_from_slice(seen);
            }
        }
    }
}

/// The last sample at or before a place, counted from the rim of a line of so many samples, and how far from there to the next the place
/// lies, 0 to 1. A place beyond the rim, or that is no number, is held to it.
#[inline(always)]
fn split(pixel: f32, length: usize) -> (u32, f32) {
    // The middle of a sample lies between its pixels.
    let sample = (pixel - (STRIDE as f32 - 1.0) / 2.0) / STRIDE as f32 + RIM as f32;
    // What is no number is above nothing.
    let held = if sample > 0.0 { sample } else { 0.0 };
    let last = (length + RIM) as f32;
    let held = if held < last { held } else { last };
    let index = held as u32;
    (index, held - index as f32)
}
