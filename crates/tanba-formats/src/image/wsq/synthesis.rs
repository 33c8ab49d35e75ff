//! Four subbands become one part of the picture again (A.3): down each column, then along each row.
//!
//! In one direction, and for filters of odd length, low values stand for the even places and high ones for the odd places of a line
//! that is mirrored at its first and last place. With h0 and h1 the analysis filters (low and high), the line is the sum of the
//! low values under (-1)^n h1(n) and of the high ones under (-1)^n h0(n).
//!
//! For filters of even length, a low and a high value stand for the gap between the places 2k and 2k + 1, and the line is mirrored
//! beyond its ends, so that its first and last place come twice; high values change their sign there. With t places beyond the
//! gap, low values are summed under -(-1)^t h1(t), high ones under (-1)^t h0(t) to the right and -(-1)^t h0(t) to the left.
//!
//! All sums are taken in the order of the taps, whatever the machine.

use std::ops::Range;

use super::nine_seven::NineSeven;
use super::subbands::{Join, Rect, Subbands};

/// The right halves of the analysis filters, from the middle outwards.
#[derive(Debug, Clone)]
pub(super) struct Filters {
    pub(super) low: Vec<f32>,
    pub(super) high: Vec<f32>,
    /// Their lengths are even: there is no middle tap.
    pub(super) even: bool,
}

/// Joins everything, smallest parts first, but for parts of which `sent` says that all their bands are empty.
pub(super) fn join_all(
    filters: &Filters,
    plane: &mut [f32],
    stride: usize,
    subbands: &Subbands,
    sent: impl Fn(&Range<usize>) -> bool,
) {
    match NineSeven::of(filters) {
        Some(short) => short.join_all(plane, stride, subbands, sent),
        None => Synthesis::new(filters).join_all(plane, stride, subbands, sent),
    }
}

/// Columns that are worked on together: they fit in the first cache with all their rows of a part.
const LANES: usize = 32;

/// A tap: how many values before or after, and the weight.
type Tap = (isize, f32);

/// Taps over low and over high values.
#[derive(Debug, Default)]
struct Phase {
    low: Vec<Tap>,
    high: Vec<Tap>,
}

/// The filters, sorted by what they do.
pub(super) struct Synthesis {
    /// For even places.
    even: Phase,
    /// For odd places.
    odd: Phase,
    /// Values beyond the ends that some tap asks for.
    margin: usize,
    mirror: Mirror,
}

/// What a line is mirrored at, at both ends.
#[derive(Debug, Clone, Copy)]
enum Mirror {
    /// Its first and its last place.
    Place,
    /// The gap before the first and the one after the last place.
    Gap,
}

impl Synthesis {
    pub(super) fn new(filters: &Filters) -> Self {
        let (even, odd, mirror) = if filters.even {
            (around_gaps(filters, 0), around_gaps(filters, 1), Mirror::Gap)
        } else {
            let (even, odd) = around_places(filters);
            (even, odd, Mirror::Place)
        };
        Self { even, odd, margin: filters.low.len().max(filters.high.len()) + 1, mirror }
    }

    pub(super) fn join_all(
        &self,
        plane: &mut [f32],
        stride: usize,
        subbands: &Subbands,
        sent: impl Fn(&Range<usize>) -> bool,
    ) {
        let mut scratch = Scratch::default();
        for join in subbands.joins.iter().filter(|j| sent(&j.bands)) {
            self.columns(plane, stride, join, &mut scratch);
            self.rows(plane, stride, join, &mut scratch);
        }
    }

    fn columns(&self, plane: &mut [f32], stride: usize, join: &Join, scratch: &mut Scratch) {
        let Rect { x, y, width, height } = join.rect;
        for left in (x..x + width).step_by(LANES) {
            let lanes = LANES.min(x + width - left);
            scratch.gather(height, (self.margin, self.mirror), join.turned_y, LANES, |row, out| {
                let start = (y + row) * stride + left;
                out[..lanes].copy_from_slice(&plane[start..start + lanes]);
            });
            for k in 0..height.div_ceil(2) {
                for (odd, phase) in [(0, &self.even), (1, &self.odd)] {
                    let mut sum = [0_f32; LANES];
                    for (taps, values) in [(&phase.low, &scratch.low), (&phase.high, &scratch.high)] {
                        for &(offset, weight) in taps {
                            let at = (k + self.margin).wrapping_add_signed(offset) * LANES;
                            for (s, v) in sum.iter_mut().zip(&values[at..at + LANES]) {
                                *s += weight * v;
                            }
                        }
                    }
                    if 2 * k + odd < height {
                        let start = (y + 2 * k + odd) * stride + left;
                        plane[start..start + lanes].copy_from_slice(&sum[..lanes]);
                    }
                }
            }
        }
    }

    fn rows(&self, plane: &mut [f32], stride: usize, join: &Join, scratch: &mut Scratch) {
        let Rect { x, y, width, height } = join.rect;
        let pairs = width.div_ceil(2);
        let mut sums = [vec![0_f32; pairs], vec![0_f32; pairs]];
        for row in y..y + height {
            let line = &mut plane[row * stride + x..][..width];
            scratch.gather(width, (self.margin, self.mirror), join.turned_x, 1, |i, out| out[0] = line[i]);
            for (sum, phase) in sums.iter_mut().zip([&self.even, &self.odd]) {
                sum.fill(0.0);
                for (taps, values) in [(&phase.low, &scratch.low), (&phase.high, &scratch.high)] {
                    for &(offset, weight) in taps {
                        let start = self.margin.wrapping_add_signed(offset);
                        for (s, v) in sum.iter_mut().zip(&values[start..]) {
                            *s += weight * v;
                        }
                    }
                }
            }
            for (i, v) in line.iter_mut().enumerate() {
                *v = sums[i % 2][i / 2];
            }
        }
    }
}

/// The phases of filters of odd length.
fn around_places(filters: &Filters) -> (Phase, Phase) {
    let (mut even, mut odd) = (Phase::default(), Phase::default());
    for (n, weight) in alternated(&filters.high) {
        // The low value at place p is number p / 2; the odd place 2k + 1 finds it n places on.
        if n % 2 == 0 { even.low.push((n / 2, weight)) } else { odd.low.push(((n + 1) / 2, weight)) }
    }
    for (n, weight) in alternated(&filters.low) {
        // The high value at place p is number (p - 1) / 2.
        if n % 2 == 0 { odd.high.push((n / 2, weight)) } else { even.high.push(((n - 1) / 2, weight)) }
    }
    (even, odd)
}

/// A phase of filters of even length: what the gaps around the place 2k + `odd` give to it.
fn around_gaps(filters: &Filters, odd: isize) -> Phase {
    let mut phase = Phase::default();
    let reach = filters.low.len().max(filters.high.len()) as isize;
    for gap in -reach..=reach {
        // The place lies `t` places right of the gap 2 (k + gap), or left of it.
        let right = odd - 2 * gap - 1;
        let (t, side) = if right >= 0 { (right, 1.0) } else { (2 * gap - odd, -1.0) };
        let sign = if t % 2 == 0 { 1.0 } else { -1.0 };
        if let Some(weight) = filters.high.get(t as usize) {
            phase.low.push((gap, -sign * weight));
        }
        if let Some(weight) = filters.low.get(t as usize) {
            phase.high.push((gap, sign * side * weight));
        }
    }
    phase
}

/// A symmetric filter with every second sign changed, from its first tap to its last.
fn alternated(half: &[f32]) -> Vec<Tap> {
    let reach = half.len() as isize - 1;
    (-reach..=reach)
        .map(|n| {
            let weight = half[n.unsigned_abs()];
            (n, if n % 2 == 0 { weight } else { -weight })
        })
        .collect()
}

/// Low and high values of some lines, with what mirrors them at both ends.
#[derive(Default)]
struct Scratch {
    low: Vec<f32>,
    high: Vec<f32>,
}

impl Scratch {
    /// Takes a line of `length` groups of `lanes` values apart into low and high ones, `margin` groups more at each end.
    fn gather(
        &mut self,
        length: usize,
        (margin, mirror): (usize, Mirror),
        turned: bool,
        lanes: usize,
        mut read: impl FnMut(usize, &mut [f32]),
    ) {
        let (lows, highs) = (length.div_ceil(2), length / 2);
        let (low_at, high_at) = if turned { (highs, 0) } else { (0, lows) };
        for (values, odd, start, count) in [(&mut self.low, 0, low_at, lows), (&mut self.high, 1, high_at, highs)] {
            // Both have as many groups, so that a tap finds something wherever it reaches.
            let groups = lows + 2 * margin;
            values.clear();
            values.resize(groups * lanes, 0.0);
            let within = margin..margin + count;
            for (i, out) in values[margin * lanes..][..count * lanes].chunks_exact_mut(lanes).enumerate() {
                read(start + i, out);
            }
            for group in (0..groups).filter(|g| !within.contains(g)) {
                let beyond = group as isize - margin as isize;
                if let Some((number, negative)) = mirror.number(beyond, odd, length, count) {
                    let out = &mut values[group * lanes..][..lanes];
                    read(start + number, out);
                    if negative {
                        out.iter_mut().for_each(|v| *v = -*v);
                    }
                }
            }
        }
    }
}

impl Mirror {
    /// Which of the `count` low (`odd` 0) or high (1) values stands for one beyond them, and whether with its sign changed;
    /// `None` where it is zero.
    fn number(self, beyond: isize, odd: isize, length: usize, count: usize) -> Option<(usize, bool)> {
        match self {
            Self::Place => {
                let place = mirrored(2 * beyond + odd, length);
                // A line of one place has no high value.
                (place % 2 == odd as usize).then_some((place / 2, false))
            }
            Self::Gap => {
                // The line and its mirror image repeat after twice its length, which are as many gaps as it has places.
                let gap = beyond.rem_euclid(length as isize) as usize;
                if gap < count {
                    return Some((gap, false));
                }
                let image = length - 1 - gap;
                // Of an odd length, the gap between the last place and its image has a high value of zero.
                (image < count).then_some((image, odd == 1))
            }
        }
    }
}

/// A place of the line for any place beyond it: mirrored at the first and the last, which are not repeated.
pub(super) fn mirrored(place: isize, length: usize) -> usize {
    let last = length as isize - 1;
    if last == 0 {
        return 0;
    }
    let folded = place.rem_euclid(2 * last);
    folded.min(2 * last - folded) as usize
}
