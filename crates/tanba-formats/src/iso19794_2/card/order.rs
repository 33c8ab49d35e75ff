//! In which order a card wants its minutiae (table 12 of 2005): a byte of the comparison parameters.

use std::cmp::Ordering;

use super::{CardFormat, CardMinutia};

/// Bits 1 and 2 of the byte.
const ASCENDING: u8 = 0x01;
const DESCENDING: u8 = 0x02;
/// Bits 3 to 5.
const BY_XY: u8 = 0x04;
const BY_YX: u8 = 0x08;
const BY_ANGLE: u8 = 0x0c;
const BY_POLAR: u8 = 0x10;
const KEY_BITS: u8 = 0x1c;
/// Bit 6: in the compact size the coordinate that is sorted by goes beyond 255; its low byte alone is written, and begins anew.
const EXTENDED: u8 = 0x20;

/// How minutiae are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MinutiaOrder {
    /// What they are sorted by; `None` where any order will do.
    pub by: Option<SortKey>,
    /// From the largest to the smallest.
    pub descending: bool,
    /// The compact size has coordinates above 255 along the axis that is sorted by, ascending.
    pub extended: bool,
}

/// What minutiae are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// By x, those of the same x by y.
    CartesianXy,
    /// By y, those of the same y by x.
    CartesianYx,
    /// By angle.
    Angle,
    /// By distance from the centre of mass, those of the same distance by angle.
    Polar,
}

impl MinutiaOrder {
    /// The order of a byte; reserved bits are left out.
    pub fn from_code(code: u8) -> Self {
        let by = match code & KEY_BITS {
            BY_XY => Some(SortKey::CartesianXy),
            BY_YX => Some(SortKey::CartesianYx),
            BY_ANGLE => Some(SortKey::Angle),
            BY_POLAR => Some(SortKey::Polar),
            _ => None,
        }
        .filter(|_| code & (ASCENDING | DESCENDING) != 0);
        Self { by, descending: by.is_some() && code & DESCENDING != 0, extended: code & EXTENDED != 0 }
    }

    /// The byte.
    pub fn code(self) -> u8 {
        let key = match self.by {
            None => return if self.extended { EXTENDED } else { 0 },
            Some(SortKey::CartesianXy) => BY_XY,
            Some(SortKey::CartesianYx) => BY_YX,
            Some(SortKey::Angle) => BY_ANGLE,
            Some(SortKey::Polar) => BY_POLAR,
        };
        key | if self.descending { DESCENDING } else { ASCENDING } | if self.extended { EXTENDED } else { 0 }
    }

    /// Sorts; equals keep their order.
    pub fn sort(self, minutiae: &mut [CardMinutia]) {
        let Some(key) = self.by else { return };
        let centre = centre(minutiae.iter().map(|m| (m.x, m.y)));
        let ascending = |a: &CardMinutia, b: &CardMinutia| match key {
            SortKey::CartesianXy => (a.x, a.y).cmp(&(b.x, b.y)),
            SortKey::CartesianYx => (a.y, a.x).cmp(&(b.y, b.x)),
            SortKey::Angle => a.angle.cmp(&b.angle),
            SortKey::Polar => {
                let far = |m: &CardMinutia| distance((m.x, m.y), centre);
                far(a).cmp(&far(b)).then(a.angle.cmp(&b.angle))
            }
        };
        minutiae.sort_by(|a, b| match ascending(a, b) {
            order if self.descending => order.reverse(),
            order => order,
        });
    }
}

impl std::fmt::Display for MinutiaOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = match self.by {
            None => return f.write_str("none"),
            Some(SortKey::CartesianXy) => "Cartesian x-y",
            Some(SortKey::CartesianYx) => "Cartesian y-x",
            Some(SortKey::Angle) => "angle",
            Some(SortKey::Polar) => "polar",
        };
        let direction = if self.descending { "descending" } else { "ascending" };
        write!(f, "{key}, {direction}{}", if self.extended { ", extended" } else { "" })
    }
}

/// The centre of mass; whole units, rounded down.
pub(super) fn centre(points: impl Iterator<Item = (u16, u16)>) -> (u16, u16) {
    let (mut n, mut x, mut y) = (0_u64, 0, 0);
    for point in points {
        n += 1;
        x += u64::from(point.0);
        y += u64::from(point.1);
    }
    let n = n.max(1);
    // Means of what fits.
    ((x / n) as u16, (y / n) as u16)
}

/// The square of the distance.
pub(super) fn distance(a: (u16, u16), b: (u16, u16)) -> u64 {
    let square = |v: u16| u64::from(v) * u64::from(v);
    square(a.0.abs_diff(b.0)) + square(a.1.abs_diff(b.1))
}

/// Coordinates beyond a byte along the axis that is sorted by: a low byte that is smaller than the one before begins the next 256.
pub(super) struct Extension {
    axis: Option<SortKey>,
    last: u16,
}

impl Extension {
    pub(super) fn of(order: MinutiaOrder, format: CardFormat) -> Self {
        let applies = order.extended && !order.descending && format == CardFormat::Compact;
        let axis = order.by.filter(|by| applies && matches!(by, SortKey::CartesianXy | SortKey::CartesianYx));
        Self { axis, last: 0 }
    }

    pub(super) fn restored(&mut self, x: u16, y: u16) -> (u16, u16) {
        match self.axis {
            Some(SortKey::CartesianXy) => (self.grown(x), y),
            Some(SortKey::CartesianYx) => (x, self.grown(y)),
            _ => (x, y),
        }
    }

    fn grown(&mut self, low: u16) -> u16 {
        let same = (self.last & !0xff) | low;
        self.last = if low < (self.last & 0xff) { same.saturating_add(0x100) } else { same };
        self.last
    }

    /// [`Extension::restored`] backwards; what could not be restored comes back as it is, which is more than a byte holds.
    pub(super) fn shortened(&mut self, x: u16, y: u16) -> (u16, u16) {
        match self.axis {
            Some(SortKey::CartesianXy) => (self.low(x), y),
            Some(SortKey::CartesianYx) => (x, self.low(y)),
            _ => (x, y),
        }
    }

    fn low(&mut self, v: u16) -> u16 {
        let last = self.last;
        if self.grown(v & 0xff) == v {
            return v & 0xff;
        }
        self.last = last;
        // Smaller than the one before, or more than 255 further: not to be told from its low byte.
        v.max(super::COMPACT_MAX + 1)
    }
}

/// Compares two minutiae of a record for leaving out the worse first: poor quality, then far from the centre, then ridge endings, then
/// large angles.
pub(super) fn worse(a: &Rank, b: &Rank) -> Ordering {
    a.quality
        .cmp(&b.quality)
        .then(b.distance.cmp(&a.distance))
        .then(b.ending.cmp(&a.ending))
        .then(b.angle.cmp(&a.angle))
}

/// What decides whether a minutia is left out.
pub(super) struct Rank {
    /// The same for all where not all have one.
    pub(super) quality: u8,
    pub(super) distance: u64,
    pub(super) ending: bool,
    pub(super) angle: u8,
    pub(super) index: usize,
}
