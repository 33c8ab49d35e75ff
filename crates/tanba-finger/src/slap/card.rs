//! Ten-print cards: a sheet with the ten rolled fingers in two rows of five boxes (right hand, then left hand, each from thumb to little
//! finger), and below them the plain impressions in four boxes (left four, left thumb, right thumb, right four), as on the FBI's FD-249 and
//! most national cards (ANSI/NIST-ITL figure of the ten-print card; boxes of 1.6 by 1.5 inches, the plain ones 2 inches high).
//!
//! The grid is laid where ridges lie in the middles of its boxes and not on their borders: a matched filter over the ridge energy of rows, then
//! of columns, at a few sizes. Then each box is segmented by itself. Printed lines and text do not matter, since they have no ridge energy
//! that survives the opening.
//!
//! What it cannot do: another order of the boxes, a card that is turned by more than about two degrees or upside down, a sheet with several
//! cards. Whether the rolled fingers stand in the right boxes is for a comparison with the plain ones to find out.

use serde::Serialize;
use tanba_formats::{Finger, Gray8, Ppi};

use super::blobs;
use super::energy::{Energy, energy};
use super::params::{
    CARD_COLUMNS, CARD_LINE_WEIGHT, CARD_MASS_MIN, CARD_OPENING_CELLS, CARD_OVERLAP, CARD_PLAIN, CARD_ROLLED,
    CARD_SIZES, CELL, PER_CELL,
};
use super::{Finding, SegmentError, SlapFinger, SlapKind, SlapRequest, segment_energy, working_image};

/// The fingers of a ten-print card.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// The rolled fingers that were found, by their boxes, in the order of their codes.
    pub rolled: Vec<SlapFinger>,
    /// The plain fingers that were found: left hand from left to right, both thumbs, right hand.
    pub plain: Vec<SlapFinger>,
    /// Where the boxes were taken to be: left, top, right, lower edge, pixels of the image; ten rolled, then the four plain ones.
    pub boxes: Vec<[f32; 4]>,
    /// What is odd.
    pub findings: Vec<Finding>,
}

/// The fingers on an image of a whole card, or of its part with the prints. `missing` are those that the person has not got.
///
/// # Errors
/// [`SegmentError`] for an image larger than 10 by 10 inches.
pub fn segment_card(image: &Gray8, missing: &[Finger]) -> Result<Card, SegmentError> {
    let work = working_image(image)?;
    let scale = (image.ppi().get() / Ppi::NOMINAL.get()) as f32;
    Ok(segment_map(&energy(&work), &work, missing).scaled(scale))
}

fn segment_map(energy: &Energy, work: &Gray8, missing: &[Finger]) -> Card {
    let threshold = blobs::threshold(energy);
    let Some(grid) = Grid::find(energy, work, threshold) else {
        return Card {
            rolled: Vec::new(),
            plain: Vec::new(),
            boxes: Vec::new(),
            findings: vec![Finding::NothingFound],
        };
    };
    let mut card = Card { rolled: Vec::new(), plain: Vec::new(), boxes: Vec::new(), findings: Vec::new() };
    for (k, finger) in Finger::TEN.into_iter().enumerate() {
        let place = grid.rolled(k);
        card.boxes.push(place);
        let found = in_box(energy, true, place, SlapKind::Single, missing, threshold);
        match found.0.first() {
            Some(f) if !missing.contains(&finger) => card.rolled.push(SlapFinger { finger, ..*f }),
            None if !missing.contains(&finger) => card.findings.push(Finding::EmptyBox { finger }),
            _ => {}
        }
    }
    for (k, (kind, thumb)) in PLAIN.into_iter().enumerate() {
        let place = grid.plain(k);
        card.boxes.push(place);
        if thumb.is_some_and(|t| missing.contains(&t)) {
            continue;
        }
        let (fingers, findings) = in_box(energy, false, place, kind, missing, threshold);
        match thumb {
            Some(finger) => match fingers.first() {
                Some(f) => card.plain.push(SlapFinger { finger, ..*f }),
                None => card.findings.push(Finding::EmptyBox { finger }),
            },
            None => {
                card.plain.extend(fingers);
                // Fingers of a card reach over their box as often as not.
                card.findings.extend(findings.into_iter().filter(|f| !matches!(f, Finding::AtEdge { .. })));
            }
        }
    }
    card
}

/// The plain boxes from left to right.
const PLAIN: [(SlapKind, Option<Finger>); 4] = [
    (SlapKind::LeftFour, None),
    (SlapKind::Single, Some(Finger::LeftThumb)),
    (SlapKind::Single, Some(Finger::RightThumb)),
    (SlapKind::RightFour, None),
];

/// The fingers in a box, pixels at 500 ppi of the whole card.
fn in_box(
    energy: &Energy,
    strict: bool,
    place: [f32; 4],
    kind: SlapKind,
    missing: &[Finger],
    threshold: f32,
) -> (Vec<SlapFinger>, Vec<Finding>) {
    let overlap = [-CARD_OVERLAP, -CARD_OVERLAP, CARD_OVERLAP, CARD_OVERLAP];
    let at = |k: usize, most: usize| (((place[k] + overlap[k]) / PER_CELL).max(0.0) as usize).min(most);
    let (left, top) = (at(0, energy.width), at(1, energy.height));
    let (right, bottom) = (at(2, energy.width), at(3, energy.height));
    if right <= left || bottom <= top {
        return (Vec::new(), Vec::new());
    }
    let mut part = energy.part((left, top), (right, bottom), strict);
    // What is faint beside the rest of the card is the trace of something else.
    let least = 0.5 * threshold;
    let found = segment_energy(&mut part, &SlapRequest { kind, missing: missing.to_vec() }, least);
    let moved = found
        .fingers
        .into_iter()
        .map(|f| SlapFinger { centre: (f.centre.0 + left as f32 * PER_CELL, f.centre.1 + top as f32 * PER_CELL), ..f });
    (moved.collect(), found.findings)
}

/// Where the boxes are, pixels at 500 ppi.
#[derive(Debug, Clone, Copy)]
struct Grid {
    left: f32,
    top: f32,
    /// Size against the nominal one.
    size: f32,
}

impl Grid {
    fn find(energy: &Energy, work: &Gray8, threshold: f32) -> Option<Self> {
        let mask: Vec<bool> = energy.strict.iter().map(|e| *e >= threshold).collect();
        let opened = blobs::open(&mask, energy.width, energy.height, CARD_OPENING_CELLS);
        let skin: Vec<f32> = opened.iter().map(|m| f32::from(u8::from(*m))).collect();
        let rows: Vec<f32> = skin.chunks_exact(energy.width.max(1)).map(|r| r.iter().sum()).collect();
        let mass: f32 = rows.iter().sum();
        if mass < CARD_MASS_MIN {
            return None;
        }
        let lines = Lines::of(work);
        let mut best: Option<(f32, Self)> = None;
        for k in 0..CARD_SIZES.2 {
            let size = CARD_SIZES.0 + (CARD_SIZES.1 - CARD_SIZES.0) * k as f32 / (CARD_SIZES.2 - 1) as f32;
            let cell = |v: f32| v * size / PER_CELL;
            let (rolled, plain) = (cell(CARD_ROLLED.1), cell(CARD_PLAIN));
            let (top_score, top) = matched(
                &rows,
                2.0 * rolled + plain,
                |y| if y < 2.0 * rolled { waves(y / rolled) } else { 0.5 + 0.5 * waves((y - 2.0 * rolled) / plain) },
                |_| 0.0,
            );
            let mut columns = vec![0.0f32; energy.width];
            let upper = (top.max(0.0) as usize, ((top + 2.0 * rolled).max(0.0) as usize).min(energy.height));
            for y in upper.0..upper.1 {
                for (c, s) in columns.iter_mut().zip(&skin[y * energy.width..]) {
                    *c += s;
                }
            }
            let width = cell(CARD_ROLLED.0);
            let dark = lines.columns(upper);
            let of_all: f32 = columns.iter().sum();
            let (left_score, left) = matched(
                &columns,
                CARD_COLUMNS as f32 * width,
                |x| waves(x / width),
                |left| {
                    let borders = (0..=CARD_COLUMNS).map(|c| (left + c as f32 * width) as i32);
                    let found = borders.map(|x| (x - 1..=x + 1).map(|x| near(&dark, x)).fold(0.0, f32::max));
                    CARD_LINE_WEIGHT * of_all * found.sum::<f32>()
                },
            );
            let score = top_score + left_score;
            if best.is_none_or(|b| score > b.0) {
                best = Some((score, Self { left: left * PER_CELL, top: top * PER_CELL, size }));
            }
        }
        best.map(|b| b.1)
    }

    /// Box of the rolled finger with this place among the ten.
    fn rolled(self, k: usize) -> [f32; 4] {
        let (w, h) = (self.size * CARD_ROLLED.0, self.size * CARD_ROLLED.1);
        let (x, y) = ((k % CARD_COLUMNS) as f32, (k / CARD_COLUMNS) as f32);
        [self.left + x * w, self.top + y * h, self.left + (x + 1.0) * w, self.top + (y + 1.0) * h]
    }

    /// Plain box with this place from the left: the slaps are two columns wide, a thumb half a one.
    fn plain(self, k: usize) -> [f32; 4] {
        const EDGES: [f32; 5] = [0.0, 2.0, 2.5, 3.0, 5.0];
        let w = self.size * CARD_ROLLED.0;
        let top = self.top + 2.0 * self.size * CARD_ROLLED.1;
        [self.left + EDGES[k] * w, top, self.left + EDGES[k + 1] * w, top + self.size * CARD_PLAIN]
    }
}

/// The value at a place of a profile; nothing outside.
fn near(profile: &[f32], at: i32) -> f32 {
    usize::try_from(at).ok().and_then(|i| profile.get(i)).copied().unwrap_or(0.0)
}

/// How dark each column of pixels is, cell by cell down the card.
struct Lines {
    width: usize,
    /// Sum of the darkness (0 to 1) over the rows of a cell, row of cells by row of cells, for each column of pixels.
    dark: Vec<f32>,
}

impl Lines {
    fn of(work: &Gray8) -> Self {
        let width = work.width();
        let mut dark = vec![0.0; width * work.height().div_ceil(CELL)];
        for (y, row) in work.pixels().chunks_exact(width).enumerate() {
            for (d, p) in dark[y / CELL * width..].iter_mut().zip(row) {
                *d += f32::from(255 - p) / 255.0;
            }
        }
        Self { width, dark }
    }

    /// How much darker than its surroundings the darkest column of pixels in each column of cells is, over some rows of cells; 0 to 1.
    fn columns(&self, (top, bottom): (usize, usize)) -> Vec<f32> {
        let mut sum = vec![0.0; self.width];
        for row in self.dark.chunks_exact(self.width).take(bottom).skip(top) {
            for (s, d) in sum.iter_mut().zip(row) {
                *s += d / ((bottom - top) * CELL) as f32;
            }
        }
        let around: Vec<f32> = (0..self.width)
            .map(|x| {
                let part = &sum[x.saturating_sub(4 * CELL)..(x + 4 * CELL).min(self.width)];
                part.iter().sum::<f32>() / part.len().max(1) as f32
            })
            .collect();
        (0..self.width.div_ceil(CELL))
            .map(|c| {
                let cell = c * CELL..((c + 1) * CELL).min(self.width);
                cell.map(|x| sum[x] - around[x]).fold(0.0, f32::max).min(1.0)
            })
            .collect()
    }
}

/// 1 in the middle of each unit, -1 at its ends.
fn waves(x: f32) -> f32 {
    -(std::f32::consts::TAU * x).cos()
}

/// The best place of a pattern of some length on a profile: the pattern's weight inside, a loss for all that lies outside. The pattern may reach
/// a tenth of its length over the ends.
fn matched(profile: &[f32], length: f32, weight: impl Fn(f32) -> f32, bonus: impl Fn(f32) -> f32) -> (f32, f32) {
    let slack = (0.1 * length) as i32;
    let last = (profile.len() as f32 - length).max(0.0) as i32 + slack;
    let mut best = (f32::MIN, 0.0);
    for start in -slack..=last {
        let sum: f32 = profile
            .iter()
            .enumerate()
            .map(|(i, p)| {
                let at = i as f32 + 0.5 - start as f32;
                p * if at < 0.0 || at > length { -0.5 } else { weight(at) }
            })
            .sum();
        let sum = sum + bonus(start as f32);
        if sum > best.0 {
            best = (sum, start as f32);
        }
    }
    best
}

impl Card {
    /// All places multiplied.
    pub(super) fn scaled(mut self, scale: f32) -> Self {
        for finger in self.rolled.iter_mut().chain(&mut self.plain) {
            *finger = finger.scaled(scale);
        }
        for place in &mut self.boxes {
            *place = place.map(|v| v * scale);
        }
        self
    }
}
