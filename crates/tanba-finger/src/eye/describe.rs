//! The second network: what the ridges around a minutia look like, in numbers, and what a whole print does.
//!
//! ```text
//! ridges around a minutia, laid straight: 48 x 48, 2 maps --> 5x5/2, 16 maps --> 3x3/2, 32 --> 3x3, 32 --> 3x3/2, 64 --> 3x3, 64
//!    --> linear: 256 numbers, the descriptor; their signs are its code
//! descriptors of a print --> linear, 768 --> root of the mean over its minutiae --> linear, 192, of length 127, rounded: its vector
//! ```
//!
//! It sees the ridge map alone, so that a template that has one can be described without its image.

use super::conv::{Conv, Then};
use super::layers::{K3, K5, Ran, Runner, Source, conv, linear};
use super::maps::Maps;
use super::patch::{CHANNELS, SIDE, Squares, patch};
use super::registers::{LANES, has, widest};
use super::room::{MOST_PIXELS_KEPT, Rooms};
use super::weights::{EyeError, Weights};
use crate::scan::Instructions;
use crate::texture::STRIDE;
use crate::{Minutia, RidgeMap};
use std::sync::LazyLock;

/// Trained from `training/`, half floats, the project's own.
const WEIGHTS: &[u8] = include_bytes!("../../weights/descriptor.bin");

/// Checksum of the weights: codes of other weights cannot be compared.
pub(crate) const DESCRIPTOR_CHECKSUM: u32 = match WEIGHTS.last_chunk() {
    Some(checksum) => u32::from_le_bytes(*checksum),
    None => 0,
};

/// Numbers that describe a minutia.
pub const DESCRIPTOR: usize = 256;
/// Numbers of a print's vector.
pub const VECTOR: usize = 192;

/// Channels at a half, a quarter and an eighth of the patch's resolution.
const HALF: usize = 16;
const QUARTER: usize = 32;
const EIGHTH: usize = 64;
/// Places at an eighth.
const PLACES: usize = (SIDE / 8) * (SIDE / 8);
/// Numbers between descriptors and vector.
const HIDDEN: usize = 768;
/// Keeps the root of a mean of zeros away from where it is steepest, as in training.
const FLOOR: f32 = 1e-4;
/// Length of a print's vector.
const LENGTH: f32 = 127.0;
/// Minutiae of which the last layers are run at once: four tiles of the widest registers, more than most prints have.
const MOST: usize = 56;

/// A network that describes minutiae, ready to run.
#[derive(Debug)]
pub struct DescriptorNet {
    a: Conv<1, 2>,
    b: Conv<LANES, 2>,
    b2: Conv<LANES, 1>,
    c: Conv<LANES, 2>,
    c2: Conv<LANES, 1>,
    e: Conv<LANES, 1>,
    v1: Conv<LANES, 1>,
    v2: Conv<LANES, 1>,
    rooms: Rooms<Room>,
}

impl DescriptorNet {
    /// The network of this program.
    pub fn shared() -> &'static Self {
        static NET: LazyLock<DescriptorNet> = LazyLock::new(|| {
            DescriptorNet::read(WEIGHTS).unwrap_or_else(|e| unreachable!("weights of this program: {e}"))
        });
        &NET
    }

    /// Reads a weights file. Tensors that the network has no place for are left alone.
    ///
    /// # Errors
    /// [`EyeError`] says what is wrong; no input panics.
    pub fn read(bytes: &[u8]) -> Result<Self, EyeError> {
        let weights = Weights::read(bytes)?;
        Self::of(&mut |name, shape| weights.tensor(name, shape))
    }

    /// The network of these tensors.
    pub(super) fn of(w: &mut Source<'_>) -> Result<Self, EyeError> {
        // The file goes channel by channel; here the sixteen channels of a block lie side by side, place by place.
        let input = |k: usize| {
            let (block, place, lane) = (k / LANES / PLACES, k / LANES % PLACES, k % LANES);
            (block * LANES + lane) * PLACES + place
        };
        Ok(Self {
            a: conv(w, "a", K5, [HALF, CHANNELS])?,
            b: conv(w, "b", K3, [QUARTER, HALF])?,
            b2: conv(w, "b2", K3, [QUARTER, QUARTER])?,
            c: conv(w, "c", K3, [EIGHTH, QUARTER])?,
            c2: conv(w, "c2", K3, [EIGHTH, EIGHTH])?,
            e: linear(w, "e", [DESCRIPTOR, EIGHTH * PLACES], input)?,
            v1: linear(w, "v1", [HIDDEN, DESCRIPTOR], |k| k)?,
            v2: linear(w, "v2", [VECTOR, HIDDEN], |k| k)?,
            rooms: Rooms::default(),
        })
    }

    /// Describes minutiae (pixels at 500 ppi) by the ridges in a square of 132 pixels around each, with the widest instructions there
    /// are: one descriptor each, in their order, whatever others there are. Where no ridge is seen, as far outside the map, it is that of an
    /// empty patch.
    pub fn describe(&self, ridges: &RidgeMap, minutiae: &[Minutia]) -> Vec<[f32; DESCRIPTOR]> {
        widest(|with| self.describe_with(with, ridges, minutiae, &mut |_, _| {}))
    }

    /// The same with certain instructions, for measurements; `None` where this machine has them not. Each layer is told when it has run, by
    /// its name and multiply-adds, most of them once a minutia.
    pub fn describe_with(
        &self,
        with: Instructions,
        ridges: &RidgeMap,
        minutiae: &[Minutia],
        ran: &mut Ran<'_>,
    ) -> Option<Vec<[f32; DESCRIPTOR]>> {
        if !has(with) {
            return None;
        }
        let mut room = self.rooms.take();
        let mut run = Runner { with, ran };
        room.squares.spread(ridges);
        run.step("spread", 0);
        let mut descriptors = Vec::with_capacity(minutiae.len());
        let described =
            minutiae.chunks(MOST).try_for_each(|some| self.describe_in(&mut room, &mut run, some, &mut descriptors));
        self.give_back(room);
        described.map(|()| descriptors)
    }

    fn describe_in(
        &self,
        room: &mut Room,
        run: &mut Runner<'_, '_>,
        minutiae: &[Minutia],
        descriptors: &mut Vec<[f32; DESCRIPTOR]>,
    ) -> Option<()> {
        let Room { squares, input, x2, x4, t4, x8, t8, flat, numbers, .. } = room;
        flat.fit(minutiae.len(), 1);
        numbers.fit(minutiae.len(), 1);
        for (k, minutia) in minutiae.iter().enumerate() {
            patch(run.with, squares, minutia, input)?;
            run.step("patch", 0);
            run.conv("a", &self.a, input, x2, Then::Relu)?;
            run.conv("b", &self.b, x2, x4, Then::Relu)?;
            run.conv("b2", &self.b2, x4, t4, Then::Relu)?;
            run.conv("c", &self.c, t4, x8, Then::Relu)?;
            run.conv("c2", &self.c2, x8, t8, Then::Relu)?;
            let rows = (0..t8.blocks()).flat_map(|block| (0..t8.height()).map(move |y| (block, y)));
            for (place, pixel) in rows.flat_map(|(block, y)| t8.row(block, y)).enumerate() {
                flat.row_mut(place, 0)[k] = *pixel;
            }
            run.step("flat", 0);
        }
        run.conv("e", &self.e, flat, numbers, Then::Write)?;
        descriptors.extend((0..minutiae.len()).map(|k| column(numbers, k)));
        run.step("answers", 0);
        Some(())
    }

    /// The code of a descriptor: bit `i`, from the lowest of the first word on, is set where number `i` is above zero.
    pub fn code(descriptor: &[f32; DESCRIPTOR]) -> [u64; DESCRIPTOR / 64] {
        let mut code = [0; DESCRIPTOR / 64];
        for (i, number) in descriptor.iter().enumerate() {
            code[i / 64] |= u64::from(*number > 0.0) << (i % 64);
        }
        code
    }

    /// The vector of a print from the descriptors of its minutiae, with the widest instructions there are: of length 127, so that the
    /// cosine between two prints is the product of their vectors over 127 squared. `None` without a minutia, and where its length is zero or
    /// not finite.
    pub fn vector(&self, descriptors: &[[f32; DESCRIPTOR]]) -> Option<[i8; VECTOR]> {
        rounded(&widest(|with| self.sums(with, descriptors, &mut |_, _| {}))?)
    }

    /// The same with certain instructions, for measurements; the outer `None` where this machine has them not.
    pub fn vector_with(
        &self,
        with: Instructions,
        descriptors: &[[f32; DESCRIPTOR]],
        ran: &mut Ran<'_>,
    ) -> Option<Option<[i8; VECTOR]>> {
        self.sums(with, descriptors, ran).map(|sums| rounded(&sums?))
    }

    /// A print's vector before it has its length; the inner `None` without a minutia.
    pub(super) fn sums(
        &self,
        with: Instructions,
        descriptors: &[[f32; DESCRIPTOR]],
        ran: &mut Ran<'_>,
    ) -> Option<Option<[f32; VECTOR]>> {
        if !has(with) {
            return None;
        }
        if descriptors.is_empty() {
            return Some(None);
        }
        let mut room = self.rooms.take();
        let sums = self.sums_in(&mut room, &mut Runner { with, ran }, descriptors);
        self.give_back(room);
        sums.map(Some)
    }

    fn sums_in(
        &self,
        room: &mut Room,
        run: &mut Runner<'_, '_>,
        descriptors: &[[f32; DESCRIPTOR]],
    ) -> Option<[f32; VECTOR]> {
        let Room { numbers, hidden, pooled, sums, .. } = room;
        // In the order of the minutiae.
        let mut totals = [[0.0f32; LANES]; HIDDEN / LANES];
        for descriptors in descriptors.chunks(MOST) {
            numbers.fit(descriptors.len(), 1);
            hidden.fit(descriptors.len(), 1);
            for (k, descriptor) in descriptors.iter().enumerate() {
                for (block, lanes) in descriptor.as_chunks().0.iter().enumerate() {
                    numbers.row_mut(block, 0)[k] = *lanes;
                }
            }
            run.conv("v1", &self.v1, numbers, hidden, Then::Relu)?;
            for (block, totals) in totals.iter_mut().enumerate() {
                for pixel in hidden.row(block, 0) {
                    for (total, v) in totals.iter_mut().zip(pixel) {
                        *total += v;
                    }
                }
            }
        }
        let count = descriptors.len() as f32;
        for (block, totals) in totals.iter().enumerate() {
            pooled.row_mut(block, 0)[0] = totals.map(|total| (total / count + FLOOR).sqrt());
        }
        run.step("pool", 0);
        run.conv("v2", &self.v2, pooled, sums, Then::Write)?;
        Some(column(sums, 0))
    }

    fn give_back(&self, room: Room) {
        if room.squares.len() <= MOST_PIXELS_KEPT / (STRIDE * STRIDE) {
            self.rooms.give_back(room);
        }
    }
}

/// All channels of one pixel of maps one pixel high.
fn column<const N: usize>(maps: &Maps, x: usize) -> [f32; N] {
    core::array::from_fn(|channel| maps.row(channel / LANES, 0)[x][channel % LANES])
}

/// Of length 127, in whole numbers.
fn rounded(sums: &[f32; VECTOR]) -> Option<[i8; VECTOR]> {
    let length = sums.iter().fold(0.0f32, |sum, v| sum + v * v).sqrt();
    (length > 0.0 && length.is_finite()).then(|| sums.map(|v| (v / length * LENGTH).round() as i8))
}

/// Memory for the maps of one print, kept for the next.
#[derive(Debug)]
struct Room {
    squares: Squares,
    /// One patch, at all resolutions.
    input: Maps<1>,
    x2: Maps,
    x4: Maps,
    t4: Maps,
    x8: Maps,
    t8: Maps,
    /// Of many patches, side by side: what the descriptors are made of, the descriptors, what the vector is made of.
    flat: Maps,
    numbers: Maps,
    hidden: Maps,
    /// Of the whole print.
    pooled: Maps,
    sums: Maps,
}

impl Default for Room {
    fn default() -> Self {
        let square = |channels: usize, side| {
            let mut maps = Maps::none(channels / LANES);
            maps.fit(side, side);
            maps
        };
        let mut input = Maps::none(CHANNELS);
        input.fit(SIDE, SIDE);
        Self {
            squares: Squares::default(),
            input,
            x2: square(HALF, SIDE / 2),
            x4: square(QUARTER, SIDE / 4),
            t4: square(QUARTER, SIDE / 4),
            x8: square(EIGHTH, SIDE / 8),
            t8: square(EIGHTH, SIDE / 8),
            flat: Maps::none(EIGHTH / LANES * PLACES),
            numbers: Maps::none(DESCRIPTOR / LANES),
            hidden: Maps::none(HIDDEN / LANES),
            pooled: square(HIDDEN, 1),
            sums: square(VECTOR, 1),
        }
    }
}
