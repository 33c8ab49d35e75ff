//! How the 64 subbands lie in the plane (figure A.2): the picture split in four again and again, low frequencies at the top left.
//!
//! Splitting takes every second value, which turns the spectrum of a high band around: the lower half of what follows is then the
//! higher frequency. So that frequencies still grow to the right and downwards, such a part keeps its high half first. This is all
//! there is to the odd sizes too: of an odd length the low half has the one value more, wherever it lies.

use std::ops::Range;

/// A rectangle of the plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Rect {
    pub(super) fn area(self) -> usize {
        self.width * self.height
    }
}

/// Four parts that are joined to one.
#[derive(Debug, Clone)]
pub(super) struct Join {
    pub(super) rect: Rect,
    /// The high half lies left of the low one.
    pub(super) turned_x: bool,
    /// The high half lies above the low one.
    pub(super) turned_y: bool,
    /// The subbands within.
    pub(super) bands: Range<usize>,
}

/// Where each subband lies, and how they are joined.
pub(super) struct Subbands {
    /// In the order of the file.
    pub(super) bands: Vec<Rect>,
    /// Smallest first.
    pub(super) joins: Vec<Join>,
}

/// How far a part is split.
enum Plan {
    Band,
    Split(&'static [Plan; 4]),
}

const FOUR: Plan = Plan::Split(&[Plan::Band, Plan::Band, Plan::Band, Plan::Band]);
const SIXTEEN: Plan = Plan::Split(&[FOUR, FOUR, FOUR, FOUR]);
/// The lowest frequencies are split once more: bands 0 to 18.
const LOWEST: Plan = Plan::Split(&[Plan::Split(&[FOUR, Plan::Band, Plan::Band, Plan::Band]), FOUR, FOUR, FOUR]);
/// Bands 0 to 51: what ridges are made of.
const LOWER: Plan = Plan::Split(&[LOWEST, SIXTEEN, SIXTEEN, Plan::Band]);
/// Bands 52 to 63, of which the last four are never sent.
const WHOLE: Plan = Plan::Split(&[LOWER, FOUR, FOUR, FOUR]);

impl Subbands {
    pub(super) fn of(width: usize, height: usize) -> Self {
        let mut all = Self { bands: Vec::with_capacity(64), joins: Vec::with_capacity(21) };
        all.split(Rect { x: 0, y: 0, width, height }, (false, false), &WHOLE);
        all
    }

    fn split(&mut self, rect: Rect, (turned_x, turned_y): (bool, bool), plan: &Plan) {
        let Plan::Split(plans) = plan else {
            self.bands.push(rect);
            return;
        };
        let start = self.bands.len();
        let (left, top) = (first_half(rect.width, turned_x), first_half(rect.height, turned_y));
        for (quarter, plan) in plans.iter().enumerate() {
            let (right, bottom) = (quarter % 2 == 1, quarter / 2 == 1);
            let (x, width) = if right { (rect.x + left, rect.width - left) } else { (rect.x, left) };
            let (y, height) = if bottom { (rect.y + top, rect.height - top) } else { (rect.y, top) };
            self.split(Rect { x, y, width, height }, (right, bottom), plan);
        }
        self.joins.push(Join { rect, turned_x, turned_y, bands: start..self.bands.len() });
    }
}

fn first_half(length: usize, turned: bool) -> usize {
    if turned { length / 2 } else { length.div_ceil(2) }
}
