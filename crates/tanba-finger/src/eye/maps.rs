//! Feature maps between layers.

use super::registers::LANES;
use crate::Plane;

/// Zeros around every map, as many as any kernel reaches beyond it, so that no kernel asks where the edge is.
pub(super) const BORDER: usize = 2;

/// Maps of one size, in blocks of `D` channels: block by block, row by row, pixel by pixel, the channels of a block side by side. A border
/// of zeros is around each block and nothing ever writes to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Maps<const D: usize = LANES> {
    width: usize,
    height: usize,
    blocks: usize,
    data: Vec<[f32; D]>,
}

impl<const D: usize> Maps<D> {
    /// Maps without a pixel, until [`Self::fit`] gives them a size.
    pub(super) fn none(blocks: usize) -> Self {
        Self { width: 0, height: 0, blocks, data: Vec::new() }
    }

    /// Makes the maps of this size, in the memory they have if it is enough. Outside the border, values are those of any maps that were
    /// here before.
    pub(super) fn fit(&mut self, width: usize, height: usize) {
        if (self.width, self.height) == (width, height) && !self.data.is_empty() {
            return;
        }
        (self.width, self.height) = (width, height);
        let pitch = self.pitch();
        self.data.resize(self.blocks * pitch * (height + 2 * BORDER), [0.0; D]);
        for block in self.data.chunks_exact_mut(pitch * (height + 2 * BORDER)) {
            for (y, row) in block.chunks_exact_mut(pitch).enumerate() {
                if (BORDER..BORDER + height).contains(&y) {
                    row[..BORDER].fill([0.0; D]);
                    row[BORDER + width..].fill([0.0; D]);
                } else {
                    row.fill([0.0; D]);
                }
            }
        }
    }

    /// Samples in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Blocks of `D` channels.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// One row of a block: the channels of each pixel, left to right. Outside the maps it panics, as an index of a slice does.
    pub fn row(&self, block: usize, y: usize) -> &[[f32; D]] {
        &self.data[self.at(block, y)..][..self.width]
    }

    pub(super) fn row_mut(&mut self, block: usize, y: usize) -> &mut [[f32; D]] {
        let at = self.at(block, y);
        &mut self.data[at..][..self.width]
    }

    /// Where a row begins in [`Self::all`].
    #[inline(always)]
    fn at(&self, block: usize, y: usize) -> usize {
        assert!(block < self.blocks && y < self.height, "row {y} of block {block} is outside the maps");
        self.under(block, y) + BORDER * self.pitch() + BORDER
    }

    /// Where the window of a kernel that reaches [`BORDER`] pixels to every side begins, around the first pixel of a row.
    #[inline(always)]
    pub(super) fn under(&self, block: usize, y: usize) -> usize {
        (block * (self.height + 2 * BORDER) + y) * self.pitch()
    }

    /// From a pixel to the one below.
    #[inline(always)]
    pub(super) fn pitch(&self) -> usize {
        self.width + 2 * BORDER
    }

    /// Everything, borders included.
    #[inline(always)]
    pub(super) fn all(&self) -> &[[f32; D]] {
        &self.data
    }
}

impl Maps {
    /// `self = relu(self + up)`, where each pixel of `up`, half as wide and high, stands for four.
    pub(super) fn join(&mut self, up: &Self) {
        for block in 0..self.blocks {
            for y in 0..self.height {
                let from = up.row(block, y / 2);
                for (pair, up) in self.row_mut(block, y).chunks_exact_mut(2).zip(from) {
                    for pixel in pair {
                        for (v, up) in pixel.iter_mut().zip(up) {
                            let sum = *v + up;
                            *v = if sum > 0.0 { sum } else { 0.0 };
                        }
                    }
                }
            }
        }
    }

    /// The maps of the first block, one plane each.
    pub(super) fn planes(&self) -> Vec<Plane> {
        let mut planes = vec![Plane::zeros(self.width, self.height); LANES];
        for y in 0..self.height {
            for (x, pixel) in self.row(0, y).iter().enumerate() {
                for (plane, &v) in planes.iter_mut().zip(pixel) {
                    plane.data[y * self.width + x] = v;
                }
            }
        }
        planes
    }

    /// The first block as one map four times as wide and high: channel `4 * row + column` is that pixel of a square of four by four.
    pub(super) fn shuffled(&self) -> Plane {
        let mut plane = Plane::zeros(4 * self.width, 4 * self.height);
        for (y, row) in plane.data.chunks_exact_mut(4 * self.width.max(1)).enumerate() {
            for (four, pixel) in row.chunks_exact_mut(4).zip(self.row(0, y / 4)) {
                four.copy_from_slice(&pixel[y % 4 * 4..][..4]);
            }
        }
        plane
    }
}
