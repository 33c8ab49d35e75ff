//! From patches to fingertips: the turn of the hand, which patches are the lower joints of a finger whose tip lies above them, and the box of
//! each fingertip from its tip to the distal crease.

use std::f32::consts::FRAC_PI_4;

use super::blobs::{Patch, turned, turned_back};
use super::energy::Energy;
use super::params::{
    BELOW_LEAN, BELOW_SIDE, BLUR, BOX_SHARE, COVER_FORM_MIN, CREASE_BELOW, CREASE_DIP, CREASE_FIRST, CREASE_LAST,
    CREASE_REST, CUT_AXIS_WEIGHT, EDGE, FINGER_FORM_MIN, FINGER_LENGTH_MIN, FINGER_TURN_MAX, FINGER_WIDTH_MAX,
    FINGER_WIDTH_MIN, HAND_PRIOR, JOINT_WEIGHT, LENGTH_LONGEST, LENGTH_USUAL, MERGED_WIDTH, PALE_SHARE, PER_CELL,
    TIP_EXTENSION, UPRIGHT_PRIOR, USUAL_ELONGATION,
};

/// A fingertip that may be one of those asked for. Pixels at 500 ppi.
#[derive(Debug, Clone)]
pub(super) struct Fingertip {
    pub(super) centre: (f32, f32),
    pub(super) half: (f32, f32),
    pub(super) rotation: f32,
    /// Mean ridge contrast inside.
    pub(super) strength: f32,
    /// Share of the box's ellipse that is skin.
    pub(super) fill: f32,
    /// Whether its skin reaches the edge of the image: left, top, right, bottom.
    pub(super) edges: [bool; 4],
}

impl Fingertip {
    /// Middle of the upper side.
    pub(super) fn tip(&self) -> (f32, f32) {
        let (x, y) = turned_back((0.0, -self.half.1), self.rotation);
        (self.centre.0 + x, self.centre.1 + y)
    }

    /// How much it speaks for itself: its area and contrast, less where the edge cuts it.
    pub(super) fn weight(&self) -> f32 {
        let sides = self.edges.iter().filter(|e| **e).count();
        4.0 * self.half.0 * self.half.1 * self.strength * self.fill * 0.6f32.powi(sides as i32)
    }
}

/// The turn of the hand, and the patches with touching fingers cut apart.
pub(super) fn hand(patches: Vec<Patch>, energy: &Energy) -> (f32, Vec<Patch>) {
    let (mut c, mut s) = (1e-3, 0.0);
    for patch in &patches {
        let moments = patch.moments();
        let (axis, sure) = if moments.across < MERGED_WIDTH {
            (moments.axis, moments.axis.0.hypot(moments.axis.1))
        } else {
            let (sin, cos) = (2.0 * patch.column_turn()).sin_cos();
            ((USUAL_ELONGATION * cos, USUAL_ELONGATION * sin), USUAL_ELONGATION)
        };
        // What the edge cuts off, the axis does not know.
        let cut = edges(patch, energy).iter().any(|e| *e);
        let weight = patch.area() * if cut { CUT_AXIS_WEIGHT } else { 1.0 };
        c += patch.area() * UPRIGHT_PRIOR;
        // Whatever is wider than high is not a finger lying on its side, but a rolled one, or cut off.
        if axis.0 > 0.0 {
            c += weight * sure * axis.0;
            s += weight * sure * axis.1;
        }
    }
    let rotation = (0.5 * f32::atan2(s, c)).clamp(-FRAC_PI_4, FRAC_PI_4);
    let parts = patches.into_iter().flat_map(|p| p.cut_apart(rotation)).collect();
    (rotation, parts)
}

/// The fingertips among the patches, from left to right as the hand lies.
pub(super) fn fingertips(patches: &[Patch], rotation: f32, energy: &Energy) -> Vec<Fingertip> {
    let placed: Vec<Placed<'_>> = patches.iter().map(|p| Placed::of(p, rotation, energy)).collect();
    let mut tips: Vec<Fingertip> = Vec::new();
    for (i, head) in placed.iter().enumerate() {
        let covered = placed.iter().enumerate().any(|(j, other)| i != j && other.covers(head));
        if !covered {
            let joints = placed.iter().filter(|other| head.covers(other));
            tips.extend(head.fingertip(joints, rotation, energy));
        }
    }
    tips.sort_by(|a, b| turned(a.centre, rotation).0.total_cmp(&turned(b.centre, rotation).0));
    tips
}

/// A patch in the hand's own frame.
struct Placed<'a> {
    patch: &'a Patch,
    centre: (f32, f32),
    top: f32,
    bottom: f32,
    width: f32,
    /// Area times contrast.
    weight: f32,
}

impl<'a> Placed<'a> {
    fn of(patch: &'a Patch, rotation: f32, energy: &Energy) -> Self {
        let (top, bottom) = patch.extent(rotation, true, 0.01);
        let (left, right) = patch.extent(rotation, false, 0.04);
        let weight = patch.cells.iter().map(|p| sample(energy, *p)).sum();
        Self { patch, centre: turned(patch.moments().centre, rotation), top, bottom, width: right - left, weight }
    }

    /// Whether the other one is a lower joint of this finger: below it, and where its axis may go.
    fn covers(&self, other: &Self) -> bool {
        let down = other.centre.1 - self.centre.1;
        let aside = (other.centre.0 - self.centre.0).abs();
        // The lower joint presses less than the tip: what is much less than its joint is a scrap that the edge left of something else.
        self.weight > JOINT_WEIGHT * other.weight
            && self.bottom - self.top > COVER_FORM_MIN * self.width
            && down > 0.0
            && other.centre.1 > self.bottom
            && other.top > self.centre.1
            && aside < BELOW_SIDE * self.width.min(FINGER_WIDTH_MAX) + BELOW_LEAN * down
    }

    fn fingertip<'b>(
        &self,
        joints: impl Iterator<Item = &'b Placed<'a>>,
        hand: f32,
        energy: &Energy,
    ) -> Option<Fingertip>
    where
        'a: 'b,
    {
        let edges = edges(self.patch, energy);
        let rotation = self.axis(joints, hand, edges.iter().any(|e| *e));
        let (top, end) = inset(self.patch.extent(rotation, true, BOX_SHARE));
        // The width of the tip alone: a joint or a smear below may be wider.
        let upper = |v: f32, w: f32| v < top + LENGTH_USUAL * w;
        let mut sides = inset(self.patch.extent(rotation, false, BOX_SHARE));
        for _ in 0..2 {
            let w = (sides.1 - sides.0).min(FINGER_WIDTH_MAX);
            let cells = self.patch.cells.iter().copied().filter(|p| upper(turned(*p, rotation).1, w)).collect();
            sides = inset(Patch { cells }.extent(rotation, false, BOX_SHARE));
        }
        let width = sides.1 - sides.0;
        let middle = 0.5 * (sides.0 + sides.1);
        let top = tip(energy, rotation, (middle, top), width);
        let bottom = crease(energy, rotation, (middle, top), width, end);
        let half = (0.5 * width, 0.5 * (bottom - top));
        let cut = edges[0] || edges[2] || edges[1] || edges[3];
        let large_enough = |least: f32| if cut { 0.7 * least } else { least };
        let length = bottom - top;
        if width < large_enough(FINGER_WIDTH_MIN)
            || length < large_enough(FINGER_LENGTH_MIN)
            || length < FINGER_FORM_MIN * width
        {
            return None;
        }
        let centre = turned_back((middle, 0.5 * (top + bottom)), rotation);
        let inside = self.patch.cells.iter().filter(|p| {
            let (u, v) = turned((p.0 - centre.0, p.1 - centre.1), rotation);
            u.abs() <= half.0 && v.abs() <= half.1
        });
        let (mut strength, mut count) = (0.0f32, 0.0f32);
        for (x, y) in inside {
            strength += sample(energy, (*x, *y));
            count += 1.0;
        }
        let fill = count * PER_CELL * PER_CELL / (std::f32::consts::PI * half.0 * half.1).max(1.0);
        Some(Fingertip { centre, half, rotation, strength: strength / count.max(1.0), fill: fill.min(1.0), edges })
    }

    /// Turn of this finger: of its own long axis, of the line to its lower joints, and of the hand.
    fn axis<'b>(&self, joints: impl Iterator<Item = &'b Placed<'a>>, hand: f32, cut: bool) -> f32
    where
        'a: 'b,
    {
        let own = self.patch.moments().axis;
        // The rounder it is, the less its axis says. Rolled fingers are wider than long.
        let sure = if own.0 > 0.0 { own.0.hypot(own.1) / USUAL_ELONGATION } else { 0.0 };
        let weight = sure.min(1.0) * if cut { CUT_AXIS_WEIGHT } else { 1.0 };
        let mut c = weight * own.0 + HAND_PRIOR * (2.0 * hand).cos();
        let mut s = weight * own.1 + HAND_PRIOR * (2.0 * hand).sin();
        for joint in joints {
            let lean = hand + f32::atan2(joint.centre.0 - self.centre.0, joint.centre.1 - self.centre.1);
            c += 0.5 * HAND_PRIOR * (2.0 * lean).cos();
            s += 0.5 * HAND_PRIOR * (2.0 * lean).sin();
        }
        let rotation = 0.5 * f32::atan2(s, c);
        rotation.clamp(hand - FINGER_TURN_MAX, hand + FINGER_TURN_MAX)
    }
}

/// Where the fingertip begins: what is pale or has print on it above the patch belongs to it as far as its middle has ridges.
fn tip(energy: &Energy, rotation: f32, (middle, top): (f32, f32), width: f32) -> f32 {
    let width = width.min(FINGER_WIDTH_MAX);
    let reach = (0.2 * width / PER_CELL) as i32;
    let row = |v: f32| {
        let at = |i: i32| sample(energy, turned_back((middle + i as f32 * PER_CELL, v), rotation));
        (-reach..=reach).map(at).sum::<f32>() / (2 * reach + 1) as f32
    };
    let rows = |from: f32, length: f32| (0..(length / PER_CELL) as usize).map(move |k| from + k as f32 * PER_CELL);
    let body = rows(top, 0.5 * width).map(row).fold(0.0, f32::max);
    let above = (1..).map(|k| top - k as f32 * PER_CELL).take((TIP_EXTENSION * width / PER_CELL) as usize);
    above.take_while(|v| row(*v) >= PALE_SHARE * body).last().map_or(top, |v| v.min(top - BLUR) + BLUR)
}

/// Where the fingertip ends: at the first dip of the ridges along its axis where the distal crease may be, else where its skin ends, else at
/// the usual length.
fn crease(energy: &Energy, rotation: f32, (middle, top): (f32, f32), width: f32, end: f32) -> f32 {
    let width = width.min(FINGER_WIDTH_MAX);
    let rows = ((CREASE_LAST * width + width) / PER_CELL) as usize;
    let reach = (0.35 * width / PER_CELL) as i32;
    let mut profile: Vec<f32> = (0..rows)
        .map(|k| {
            let v = top + (k as f32 + 0.5) * PER_CELL;
            let sum: f32 = (-reach..=reach)
                .map(|i| sample(energy, turned_back((middle + i as f32 * PER_CELL, v), rotation)))
                .sum();
            sum / (2 * reach + 1) as f32
        })
        .collect();
    if profile.is_empty() {
        return end;
    }
    let length = profile.len();
    crate::extract::cells::smooth_grid(&mut profile, length, 1, 1.0);
    let at = |v: f32| ((v / PER_CELL) as usize).min(length - 1);
    let (first, last) = (at(CREASE_FIRST * width), at(CREASE_LAST * width));
    let body = profile[..first.max(1)].iter().copied().fold(0.0, f32::max);
    let mut deepest: Option<usize> = None;
    for k in first..last {
        let lowest_here = (k.saturating_sub(3)..(k + 4).min(length)).all(|i| profile[i] >= profile[k]);
        let after = profile[k..(k + at(0.5 * width)).min(length)].iter().copied().fold(0.0, f32::max);
        let skin_follows = after > CREASE_BELOW * body && profile[k] < CREASE_REST * after;
        let dip = lowest_here && skin_follows && profile[k] < CREASE_DIP * body;
        if dip && deepest.is_none_or(|d| profile[k] < profile[d]) {
            deepest = Some(k);
        }
    }
    // Toward the crease a finger grows narrow and pale: what was trimmed off there belongs to it as far as its middle has ridges.
    let pale = |k: usize| profile[k] >= PALE_SHARE * body;
    let from = at(end - top);
    if let Some(k) = deepest {
        let more = (from..k).rev().find(|r| pale(*r));
        let end = more.map_or(end, |r| end.max(top + (r as f32 + 1.0) * PER_CELL - BLUR));
        return (top + (k as f32 + 0.5) * PER_CELL).min(end.max(top + CREASE_FIRST * width));
    }
    let more = (from..at(LENGTH_USUAL * width)).take_while(|r| pale(*r)).last();
    let end = more.map_or(end, |r| end.max(top + (r as f32 + 1.0) * PER_CELL - BLUR));
    if end - top > LENGTH_LONGEST * width { top + LENGTH_USUAL * width } else { end }
}

/// The extent of the skin from that of its energy, which is blurred.
fn inset((low, high): (f32, f32)) -> (f32, f32) {
    (low + BLUR, high - BLUR)
}

/// The energy at a place, pixels at 500 ppi; nothing outside.
fn sample(energy: &Energy, (x, y): (f32, f32)) -> f32 {
    let (i, j) = ((x / PER_CELL).floor(), (y / PER_CELL).floor());
    if i < 0.0 || j < 0.0 || i >= energy.width as f32 || j >= energy.height as f32 {
        return 0.0;
    }
    energy.ridges[j as usize * energy.width + i as usize]
}

/// Whether a patch reaches the left, upper, right and lower edge.
fn edges(patch: &Patch, energy: &Energy) -> [bool; 4] {
    let (width, height) = (energy.width as f32 * PER_CELL, energy.height as f32 * PER_CELL);
    let near = |test: &dyn Fn(&(f32, f32)) -> bool| patch.cells.iter().filter(|p| test(p)).count() >= 4;
    [near(&|p| p.0 < EDGE), near(&|p| p.1 < EDGE), near(&|p| p.0 > width - EDGE), near(&|p| p.1 > height - EDGE)]
}
