//! The picture becomes 64 subbands (A.2): each part along its rows, then down its columns, with the FBI's filters of nine and seven
//! taps. The inverse of [`super::synthesis`], of which this follows the conventions.
//!
//! A line is mirrored at its first and last place. Low value k lies under the even place 2k, high value k under the odd place
//! 2k + 1. All sums are taken in one order, whatever the machine.

use super::subbands::{Join, Rect, Subbands};
use super::synthesis::mirrored;

/// The right halves of the filters, from the middle outwards (part 3 of the specification), low and high.
pub(super) const LOW: [f64; 5] =
    [0.852698679009403, 0.377402855612654, -0.110624404418423, -0.023849465019380, 0.037828455506995];
pub(super) const HIGH: [f64; 4] = [0.788485616405664, -0.418092273222212, -0.040689417609558, 0.064538882628938];

/// Values beyond the ends that some tap asks for, in pairs of an even and an odd place.
const MARGIN: usize = 2;
/// Columns that are worked on together.
const LANES: usize = 32;

/// Splits everything, largest parts first.
pub(super) fn split_all(plane: &mut [f32], stride: usize, subbands: &Subbands) {
    let mut scratch = Scratch::default();
    for join in subbands.joins.iter().rev() {
        rows(plane, stride, join, &mut scratch);
        columns(plane, stride, join, &mut scratch);
    }
}

fn rows(plane: &mut [f32], stride: usize, join: &Join, scratch: &mut Scratch) {
    let Rect { x, y, width, height } = join.rect;
    for row in y..y + height {
        let Some(line) = plane.get_mut(row * stride + x..row * stride + x + width) else { return };
        scratch.gather(width, 1, |place, out| out[0] = line[place]);
        scratch.filter();
        let (lows, highs) = (width.div_ceil(2), width / 2);
        let (low_at, high_at) = if join.turned_x { (highs, 0) } else { (0, lows) };
        line[low_at..low_at + lows].copy_from_slice(&scratch.low[..lows]);
        line[high_at..high_at + highs].copy_from_slice(&scratch.high[..highs]);
    }
}

fn columns(plane: &mut [f32], stride: usize, join: &Join, scratch: &mut Scratch) {
    let Rect { x, y, width, height } = join.rect;
    let (lows, highs) = (height.div_ceil(2), height / 2);
    let (low_at, high_at) = if join.turned_y { (highs, 0) } else { (0, lows) };
    for left in (x..x + width).step_by(LANES) {
        let lanes = LANES.min(x + width - left);
        scratch.gather(height, LANES, |place, out| {
            let start = (y + place) * stride + left;
            out[..lanes].copy_from_slice(&plane[start..start + lanes]);
        });
        scratch.filter();
        for (values, start, count) in [(&scratch.low, low_at, lows), (&scratch.high, high_at, highs)] {
            for (i, group) in values.chunks_exact(LANES).take(count).enumerate() {
                let start = (y + start + i) * stride + left;
                plane[start..start + lanes].copy_from_slice(&group[..lanes]);
            }
        }
    }
}

/// Some lines side by side, their even and odd places apart and mirrored at both ends, and what the filters make of them.
#[derive(Default)]
struct Scratch {
    lanes: usize,
    even: Vec<f32>,
    odd: Vec<f32>,
    low: Vec<f32>,
    high: Vec<f32>,
}

impl Scratch {
    /// Takes in a line of `length` groups of `lanes` values.
    fn gather(&mut self, length: usize, lanes: usize, read: impl Fn(usize, &mut [f32])) {
        self.lanes = lanes;
        let pairs = length.div_ceil(2) + 2 * MARGIN;
        for (values, odd) in [(&mut self.even, 0), (&mut self.odd, 1)] {
            values.resize(pairs * lanes, 0.0);
            if length == 0 {
                continue;
            }
            for (pair, out) in values.chunks_exact_mut(lanes).enumerate() {
                let place = 2 * (pair as isize - MARGIN as isize) + odd;
                read(mirrored(place, length), out);
            }
        }
    }

    /// Low and high values of all pairs; where the line is of odd length, the last high value means nothing.
    fn filter(&mut self) {
        let n = self.even.len() - 2 * MARGIN * self.lanes;
        let [l0, l1, l2, l3, l4] = LOW.map(|v| v as f32);
        let [h0, h1, h2, h3] = HIGH.map(|v| v as f32);
        let lanes = self.lanes;
        let at = |values: &'_ [f32], pairs: isize| (MARGIN as isize + pairs) as usize * lanes..values.len();
        let even = |pairs| &self.even[at(&self.even, pairs)][..n];
        let odd = |pairs| &self.odd[at(&self.odd, pairs)][..n];
        self.low.resize(n, 0.0);
        self.high.resize(n, 0.0);
        let (e, o) = ([even(-2), even(-1), even(0), even(1), even(2)], [odd(-2), odd(-1), odd(0), odd(1)]);
        for i in 0..n {
            self.low[i] = l0 * e[2][i]
                + l1 * (o[1][i] + o[2][i])
                + l2 * (e[1][i] + e[3][i])
                + l3 * (o[0][i] + o[3][i])
                + l4 * (e[0][i] + e[4][i]);
            self.high[i] =
                h0 * o[2][i] + h1 * (e[2][i] + e[3][i]) + h2 * (o[1][i] + o[3][i]) + h3 * (e[1][i] + e[4][i]);
        }
    }
}
