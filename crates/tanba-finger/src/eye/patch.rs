//! The ridges around a minutia, laid straight: what the second network sees.

use super::maps::Maps;
use crate::exact::Exact;
use crate::texture::STRIDE;
use crate::{Minutia, RidgeMap};

/// Rows, and places in a row.
pub(super) const SIDE: usize = 48;
/// From one place to the next, pixels at 500 ppi: 132 pixels across, about fifteen ridges.
const STEP: f32 = 2.75;
/// What there is to see at a place: ridge or valley, and whether it can be read.
pub(super) const CHANNELS: usize = 2;

/// A ridge map, spread out so that a place is looked up in one step.
#[derive(Debug, Default)]
pub(super) struct Samples {
    width: usize,
    height: usize,
    /// (1 ridge, -1 valley, 0 not readable) and (1 readable, 0 not), with two zeros to every side of the map.
    data: Vec<[f32; CHANNELS]>,
}

/// Zeros around the map: whatever lies outside has four of them around, once it is held to the rim.
const RIM: usize = 2;

impl Samples {
    /// Takes another map, in the memory there is.
    pub(super) fn spread(&mut self, ridges: &RidgeMap) {
        (self.width, self.height) = (ridges.width, ridges.height);
        self.data.clear();
        self.data.resize(self.pitch() * (self.height + 2 * RIM), [0.0; CHANNELS]);
        let pitch = self.pitch();
        for y in 0..self.height {
            let row = &mut self.data[(y + RIM) * pitch + RIM..][..ridges.width];
            for (x, sample) in row.iter_mut().enumerate() {
                if ridges.readable_at(x, y) {
                    *sample = [if ridges.ridge_at(x, y) { 1.0 } else { -1.0 }, 1.0];
                }
            }
        }
    }

    /// Samples, those around the map included.
    pub(super) fn len(&self) -> usize {
        self.data.len()
    }

    fn pitch(&self) -> usize {
        self.width + 2 * RIM
    }

    /// The means of the four samples around a place, pixels; zeros outside the map, or where the place is no number.
    #[inline(always)]
    fn at(&self, x: f32, y: f32) -> [f32; CHANNELS] {
        // The middle of a sample lies between its pixels.
        let sample = |pixel: f32| (pixel - (STRIDE as f32 - 1.0) / 2.0) / STRIDE as f32;
        let ((column, right), (row, below)) = (split(sample(x), self.width), split(sample(y), self.height));
        let at = row * self.pitch() + column;
        let (upper, lower) = (&self.data[at..][..2], &self.data[at + self.pitch()..][..2]);
        core::array::from_fn(|k| {
            let across = |two: &[[f32; CHANNELS]]| two[0][k] * (1.0 - right) + two[1][k] * right;
            across(upper) * (1.0 - below) + across(lower) * below
        })
    }
}

/// The index (zeros of the rim counted) of the sample at or before a place on a line of so many samples, and how far the place lies towards
/// the next, 0 to 1.
#[inline(always)]
fn split(place: f32, length: usize) -> (usize, f32) {
    // Neither is taken for a number, so that what is none is held to the rim as well.
    let held = place.max(-(RIM as f32)).min(length as f32);
    let from_rim = held + RIM as f32;
    let index = from_rim as usize;
    (index, from_rim - index as f32)
}

/// Writes the ridges around a minutia: columns run along its direction, rows to its left as seen, with the minutia in the middle. A place
/// that is beyond the map, and every place of a minutia whose numbers are not finite, is zero.
pub(super) fn patch(samples: &Samples, minutia: &Minutia, out: &mut Maps<1>) {
    let (sin, cos) = minutia.direction.sin_cos_exact();
    let middle = |k: usize| (k as f32 - (SIDE as f32 - 1.0) / 2.0) * STEP;
    for row in 0..SIDE {
        let b = middle(row);
        let seen: [[f32; CHANNELS]; SIDE] = core::array::from_fn(|column| {
            let a = middle(column);
            samples.at(minutia.x + a * cos - b * sin, minutia.y - a * sin - b * cos)
        });
        for channel in 0..CHANNELS {
            for (place, seen) in out.row_mut(channel, row).iter_mut().zip(&seen) {
                place[0] = seen[channel];
            }
        }
    }
}
