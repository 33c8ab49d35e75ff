//! Memory for the maps of one image, kept for the next: to ask the system for it takes a tenth of the time of a look.

use super::maps::Maps;
use super::net::{EIGHTH, HALF, HEAD, QUARTER, SIXTEENTH};
use super::registers::LANES;
use std::sync::{Mutex, PoisonError};

/// The maps of one image, at all resolutions.
#[derive(Debug)]
pub(super) struct Room {
    /// The image.
    pub(super) input: Maps<1>,
    pub(super) x2: Maps,
    pub(super) x4: Maps,
    pub(super) x8: Maps,
    pub(super) x16: Maps,
    /// Between two layers.
    pub(super) t4: Maps,
    pub(super) t8: Maps,
    pub(super) t16: Maps,
    /// On their way up.
    pub(super) low8: Maps,
    pub(super) low16: Maps,
    /// Answers.
    pub(super) head4: Maps,
    pub(super) head8: Maps,
}

impl Default for Room {
    fn default() -> Self {
        let maps = |channels| Maps::none(channels / LANES);
        Self {
            input: Maps::none(1),
            x2: maps(HALF),
            x4: maps(QUARTER),
            x8: maps(EIGHTH),
            x16: maps(SIXTEENTH),
            t4: maps(QUARTER),
            t8: maps(EIGHTH),
            t16: maps(SIXTEENTH),
            low8: maps(QUARTER),
            low16: maps(EIGHTH),
            head4: maps(HEAD),
            head8: maps(HEAD),
        }
    }
}

impl Room {
    /// Makes room for an image of this size, multiples of sixteen.
    pub(super) fn fit(&mut self, width: usize, height: usize) {
        self.input.fit(width, height);
        self.x2.fit(width / 2, height / 2);
        for maps in [&mut self.x4, &mut self.t4, &mut self.head4] {
            maps.fit(width / 4, height / 4);
        }
        for maps in [&mut self.x8, &mut self.t8, &mut self.low8, &mut self.head8] {
            maps.fit(width / 8, height / 8);
        }
        for maps in [&mut self.x16, &mut self.t16, &mut self.low16] {
            maps.fit(width / 16, height / 16);
        }
    }
}

/// Largest image whose room is kept, pixels: two inches square, more than any finger. It takes 56 MB.
pub(super) const MOST_PIXELS_KEPT: usize = 1000 * 1000;

/// Rooms that nobody is in: as many as there were looks at one time.
#[derive(Debug, Default)]
pub(super) struct Rooms<R>(Mutex<Vec<R>>);

impl<R: Default> Rooms<R> {
    pub(super) fn take(&self) -> R {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(super) fn give_back(&self, room: R) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(room);
    }
}
