//! The network.

use super::conv::{Conv, Kernel, Then};
use super::layers::{K1, K3, K3_WIDE, K5, Ran, Runner, Source, conv};
use super::maps::Maps;
use super::normalise::{normalise, padded};
use super::registers::{LANES, has, widest};
use super::room::{MOST_PIXELS_KEPT, Room, Rooms};
use super::weights::{EyeError, Weights};
use crate::Plane;
use crate::scan::Instructions;

/// Channels at a half, a quarter, an eighth and a sixteenth of the image's resolution, and of each answer: whole blocks of sixteen.
pub(super) const HALF: usize = 16;
pub(super) const QUARTER: usize = 32;
pub(super) const EIGHTH: usize = 64;
pub(super) const SIXTEENTH: usize = 96;
pub(super) const HEAD: usize = 16;

const _: () = assert!(
    HALF.is_multiple_of(LANES)
        && QUARTER.is_multiple_of(LANES)
        && EIGHTH.is_multiple_of(LANES)
        && SIXTEENTH.is_multiple_of(LANES)
        && HEAD == LANES,
    "channels come in blocks, and an answer is one"
);

/// A network that looks at prints, ready to run.
#[derive(Debug)]
pub struct Eye {
    // Down ...
    c2: Conv<1, 2>,
    c4: Conv<LANES, 2>,
    r4a: Residual,
    c8: Conv<LANES, 2>,
    r8a: Residual,
    r8b: Residual,
    c16: Conv<LANES, 2>,
    r16a: Residual,
    r16b: Residual,
    r16c: Residual,
    // ... and up again.
    u8: Conv<LANES, 1>,
    r8c: Residual,
    u4: Conv<LANES, 1>,
    r4b: Residual,
    // Answers.
    h8: Conv<LANES, 1>,
    h4r: Conv<LANES, 1>,
    m4: Conv<LANES, 1>,
    h4m: Conv<LANES, 1>,
    rooms: Rooms<Room>,
}

/// `relu(x + second(relu(first(x))))` (He et al., Deep residual learning for image recognition, CVPR 2016).
#[derive(Debug)]
struct Residual {
    names: [String; 2],
    first: Conv<LANES, 1>,
    second: Conv<LANES, 1>,
}

/// What the network says of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Width of the image, padded on the right to a multiple of 16 pixels.
    pub width: usize,
    /// Height of the image, padded below to a multiple of 16 pixels.
    pub height: usize,
    /// Sixteen maps of cells of 8 by 8 pixels.
    pub cells: Vec<Plane>,
    /// One value for each pixel of the padded image, a logit.
    pub ridge: Plane,
    /// Sixteen maps of cells of 4 by 4 pixels.
    pub minutiae: Vec<Plane>,
    /// What the cells are read from: 64 features of each, in blocks of sixteen.
    pub features: Maps,
}

impl Eye {
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
        Ok(Self {
            c2: conv(w, "c2", K5, [HALF, 1])?,
            c4: conv(w, "c4", K3, [QUARTER, HALF])?,
            r4a: Residual::of(w, "r4a", K3, QUARTER)?,
            c8: conv(w, "c8", K3, [EIGHTH, QUARTER])?,
            r8a: Residual::of(w, "r8a", K3, EIGHTH)?,
            r8b: Residual::of(w, "r8b", K3, EIGHTH)?,
            c16: conv(w, "c16", K3, [SIXTEENTH, EIGHTH])?,
            r16a: Residual::of(w, "r16a", K3, SIXTEENTH)?,
            r16b: Residual::of(w, "r16b", K3_WIDE, SIXTEENTH)?,
            r16c: Residual::of(w, "r16c", K3, SIXTEENTH)?,
            u8: conv(w, "u8", K1, [EIGHTH, SIXTEENTH])?,
            r8c: Residual::of(w, "r8c", K3, EIGHTH)?,
            u4: conv(w, "u4", K1, [QUARTER, EIGHTH])?,
            r4b: Residual::of(w, "r4b", K3, QUARTER)?,
            h8: conv(w, "h8", K1, [HEAD, EIGHTH])?,
            h4r: conv(w, "h4r", K1, [HEAD, QUARTER])?,
            m4: conv(w, "m4", K3, [QUARTER, QUARTER])?,
            h4m: conv(w, "h4m", K1, [HEAD, QUARTER])?,
            rooms: Rooms::default(),
        })
    }

    /// What the network says of an image (gray levels from 0, at 500 ppi), with the widest instructions there are. With weights so large
    /// that sums overflow, answers may be infinite or no numbers.
    pub fn look(&self, image: &Plane) -> Seen {
        widest(|with| self.look_with(with, image, &mut |_, _| {}))
    }

    /// The same with certain instructions, for measurements; `None` where this machine has them not. Each layer is told when it has run, by
    /// its name and multiply-adds.
    pub fn look_with(&self, with: Instructions, image: &Plane, ran: &mut Ran<'_>) -> Option<Seen> {
        if !has(with) {
            return None;
        }
        let mut room = self.rooms.take();
        let seen = self.look_in(&mut room, with, image, ran);
        if room.input.width() * room.input.height() <= MOST_PIXELS_KEPT {
            self.rooms.give_back(room);
        }
        seen
    }

    fn look_in(&self, room: &mut Room, with: Instructions, image: &Plane, ran: &mut Ran<'_>) -> Option<Seen> {
        let (width, height) = (padded(image.width), padded(image.height));
        room.fit(width, height);
        let Room { input, x2, x4, t4, x8, t8, x16, t16, low8, low16, head4, head8 } = room;
        let mut run = Runner { with, ran };

        normalise(image, input);
        run.step("normalise", 0);

        run.conv("c2", &self.c2, input, x2, Then::Relu)?;
        run.conv("c4", &self.c4, x2, x4, Then::Relu)?;
        run.residual(&self.r4a, x4, t4)?;
        run.conv("c8", &self.c8, x4, x8, Then::Relu)?;
        run.residual(&self.r8a, x8, t8)?;
        run.residual(&self.r8b, x8, t8)?;
        run.conv("c16", &self.c16, x8, x16, Then::Relu)?;
        run.residual(&self.r16a, x16, t16)?;
        run.residual(&self.r16b, x16, t16)?;
        run.residual(&self.r16c, x16, t16)?;

        run.up("u8", &self.u8, x16, low16, x8)?;
        run.residual(&self.r8c, x8, t8)?;
        run.up("u4", &self.u4, x8, low8, x4)?;
        run.residual(&self.r4b, x4, t4)?;

        run.conv("m4", &self.m4, x4, t4, Then::Relu)?;
        run.conv("h4m", &self.h4m, t4, head4, Then::Write)?;
        let minutiae = head4.planes();
        run.conv("h4r", &self.h4r, x4, head4, Then::Write)?;
        let ridge = head4.shuffled();
        run.conv("h8", &self.h8, x8, head8, Then::Write)?;
        let cells = head8.planes();
        let seen = Seen { width, height, cells, ridge, minutiae, features: x8.clone() };
        run.step("answers", 0);
        Some(seen)
    }
}

impl Residual {
    fn of(w: &mut Source<'_>, name: &str, kernel: Kernel, channels: usize) -> Result<Self, EyeError> {
        let names = [0, 1].map(|part| format!("{name}.{part}"));
        let first = conv(w, &names[0], kernel, [channels, channels])?;
        let second = conv(w, &names[1], kernel, [channels, channels])?;
        Ok(Self { names, first, second })
    }
}

impl Runner<'_, '_> {
    /// In place; `between` is for what is between both layers.
    fn residual(&mut self, residual: &Residual, x: &mut Maps, between: &mut Maps) -> Option<()> {
        let [first, second] = &residual.names;
        self.conv(first, &residual.first, x, between, Then::Relu)?;
        self.conv(second, &residual.second, between, x, Then::AddAndRelu)
    }

    /// What is known at half the resolution comes to `x`, which becomes `relu(x + up)`, with `up` made of `low` and seen twice as large.
    fn up(&mut self, name: &str, conv: &Conv<LANES, 1>, low: &Maps, up: &mut Maps, x: &mut Maps) -> Option<()> {
        self.conv(name, conv, low, up, Then::Write)?;
        x.join(up);
        self.step("join", 0);
        Some(())
    }
}
