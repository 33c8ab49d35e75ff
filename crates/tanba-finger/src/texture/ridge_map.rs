//! Where the ridges of a print are, one bit for each square of [`STRIDE`] pixels.

use crate::sink::{Mask, Plane};

/// Pixels at 500 ppi along a side of one sample: 250 samples per inch still show the finest ridges (5 pixels at 500 ppi).
pub(crate) const STRIDE: usize = 2;
/// Samples along a side of the cells in which a print is readable or not, so that a cell is a byte of a row.
pub(crate) const CELL: usize = 8;
/// Samples in a word of a row.
const WORD: usize = 64;

/// Ridge or valley, and readable or not, for each sample of a print; 250 samples per inch, row-major from the top left of the
/// image, 64 samples to a word (the first in the lowest bit).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RidgeMap {
    /// Samples in a row.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
    /// Words in a row.
    pub(crate) words: usize,
    /// Set on a ridge; zero where the print is not readable.
    pub(crate) ridges: Vec<u64>,
    /// Set where the print is readable; whole cells of [`CELL`] samples.
    pub(crate) readable: Vec<u64>,
}

impl RidgeMap {
    /// A map of nothing readable.
    pub(crate) fn blank(width: usize, height: usize) -> Self {
        let words = width.div_ceil(WORD);
        Self { width, height, words, ridges: vec![0; words * height], readable: vec![0; words * height] }
    }

    /// The map of an enhanced image at 500 ppi (ridges positive) and the pixels in which it can be read, both of one size.
    pub fn of(enhanced: &Plane, readable: &Mask) -> Self {
        let mut map = Self::blank(enhanced.width / STRIDE, enhanced.height / STRIDE);
        for top in (0..map.height).step_by(CELL) {
            for left in (0..map.width).step_by(CELL) {
                // A cell counts when its middle can be read: the map is a sixth of a ridge period finer than that matters.
                let middle = |at: usize, end: usize| (STRIDE * at + STRIDE * CELL / 2).min(end - 1);
                if !readable.data[middle(top, enhanced.height) * enhanced.width + middle(left, enhanced.width)] {
                    continue;
                }
                for y in top..(top + CELL).min(map.height) {
                    let rows = [enhanced.row(STRIDE * y), enhanced.row(STRIDE * y + 1)];
                    for x in left..(left + CELL).min(map.width) {
                        let (word, bit) = (y * map.words + x / WORD, x % WORD);
                        let sum: f32 = rows.iter().map(|r| r[STRIDE * x] + r[STRIDE * x + 1]).sum();
                        map.readable[word] |= 1 << bit;
                        map.ridges[word] |= u64::from(sum > 0.0) << bit;
                    }
                }
            }
        }
        map
    }

    /// Twenty-four samples of a row, the first in the lowest bit; the place must be inside.
    #[inline(always)]
    pub(crate) fn bits(&self, of: Bits, x: usize, y: usize) -> u32 {
        let words = match of {
            Bits::Ridges => &self.ridges,
            Bits::Readable => &self.readable,
        };
        let (word, bit) = (y * self.words + x / WORD, x % WORD);
        let low = words[word] >> bit;
        let high = if bit > WORD - 24 && x / WORD + 1 < self.words { words[word + 1] << (WORD - bit) } else { 0 };
        (low | high) as u32 & 0x00ff_ffff
    }

    /// Cells in a row, and rows of them.
    pub(crate) fn cells(&self) -> (usize, usize) {
        (self.width.div_ceil(CELL), self.height.div_ceil(CELL))
    }

    /// Makes a cell readable.
    pub(crate) fn set_cell(&mut self, i: usize, j: usize) {
        for y in j * CELL..((j + 1) * CELL).min(self.height) {
            for x in i * CELL..((i + 1) * CELL).min(self.width) {
                self.readable[y * self.words + x / WORD] |= 1 << (x % WORD);
            }
        }
    }

    /// Makes a sample a ridge.
    pub(crate) fn set_ridge(&mut self, x: usize, y: usize) {
        self.ridges[y * self.words + x / WORD] |= 1 << (x % WORD);
    }

    /// Whether a sample inside the map is a ridge.
    #[inline(always)]
    pub(crate) fn ridge_at(&self, x: usize, y: usize) -> bool {
        self.ridges[y * self.words + x / WORD] >> (x % WORD) & 1 == 1
    }

    /// Whether a sample inside the map is readable.
    #[inline(always)]
    pub(crate) fn readable_at(&self, x: usize, y: usize) -> bool {
        self.readable[y * self.words + x / WORD] >> (x % WORD) & 1 == 1
    }

    /// Readable samples.
    pub fn area(&self) -> usize {
        self.readable.iter().map(|w| w.count_ones() as usize).sum()
    }
}

/// Which of the two maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bits {
    /// Set on a ridge.
    Ridges,
    /// Set where the print can be read.
    Readable,
}
