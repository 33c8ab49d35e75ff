//! The joining of [`super::synthesis`] for filters of at most nine and seven taps, which all WSQ files have but test files: whole rows
//! are added up at once, from one plane into another and back.

use std::ops::Range;

use super::subbands::{Join, Rect, Subbands};
use super::synthesis::{Filters, mirrored};

/// Values beyond each end of a line that some tap asks for.
const MARGIN: usize = 2;

/// The right halves of the analysis filters, from the middle outwards.
pub(super) struct NineSeven {
    low: [f32; 5],
    high: [f32; 4],
}

impl NineSeven {
    /// `None` for longer filters, and for those of even length.
    pub(super) fn of(filters: &Filters) -> Option<Self> {
        fn padded<const N: usize>(half: &[f32]) -> Option<[f32; N]> {
            (half.len() <= N).then(|| std::array::from_fn(|i| half.get(i).copied().unwrap_or(0.0)))
        }
        let (low, high) = (padded(&filters.low)?, padded(&filters.high)?);
        (!filters.even).then_some(Self { low, high })
    }

    /// Joins everything, smallest parts first, but for parts of which `sent` says that all their bands are empty.
    pub(super) fn join_all(
        &self,
        plane: &mut [f32],
        stride: usize,
        subbands: &Subbands,
        sent: impl Fn(&Range<usize>) -> bool,
    ) {
        let mut other = vec![0_f32; plane.len()];
        let mut lines = [const { Vec::new() }; 2];
        for join in subbands.joins.iter().filter(|j| sent(&j.bands)) {
            self.columns(plane, &mut other, stride, join);
            self.rows(&other, plane, stride, join, &mut lines);
        }
    }

    /// Values of an even and of an odd place, from the low and high values around them.
    #[inline(always)]
    fn pair(&self, l: [f32; 4], h: [f32; 5]) -> (f32, f32) {
        let (low, high) = (&self.low, &self.high);
        let even = high[0] * l[1] + high[2] * (l[0] + l[2]) - low[1] * (h[1] + h[2]) - low[3] * (h[0] + h[3]);
        let odd = low[0] * h[2] + low[2] * (h[1] + h[3]) + low[4] * (h[0] + h[4])
            - high[1] * (l[1] + l[2])
            - high[3] * (l[0] + l[3]);
        (even, odd)
    }

    fn columns(&self, from: &[f32], to: &mut [f32], stride: usize, join: &Join) {
        let Rect { x, y, width, height } = join.rect;
        let (lows, highs) = (height.div_ceil(2), height / 2);
        let (low_at, high_at) = if join.turned_y { (highs, 0) } else { (0, lows) };
        let nothing = vec![0_f32; width];
        let row = |number: usize| &from[(y + number) * stride + x..][..width];
        let low = |k: usize, by: isize| row(low_at + mirrored(2 * (k as isize + by), height) / 2);
        let high = |k: usize, by: isize| {
            // A column of one place has no high value.
            if highs == 0 { &nothing[..] } else { row(high_at + mirrored(2 * (k as isize + by) + 1, height) / 2) }
        };
        let mut beyond = vec![0_f32; width];
        for k in 0..lows {
            let (l, h) = ([-1, 0, 1, 2].map(|by| low(k, by)), [-2, -1, 0, 1, 2].map(|by| high(k, by)));
            let Some(rest) = to.get_mut((y + 2 * k) * stride + x..) else { return };
            let (evens, rest) = rest.split_at_mut(width);
            let odds = if 2 * k + 1 < height { &mut rest[stride - width..][..width] } else { &mut beyond[..] };
            for i in 0..width {
                (evens[i], odds[i]) = self.pair(l.map(|l| l[i]), h.map(|h| h[i]));
            }
        }
    }

    fn rows(&self, from: &[f32], to: &mut [f32], stride: usize, join: &Join, lines: &mut [Vec<f32>; 2]) {
        let Rect { x, y, width, height } = join.rect;
        let (lows, highs) = (width.div_ceil(2), width / 2);
        let (low_at, high_at) = if join.turned_x { (highs, 0) } else { (0, lows) };
        for row in y..y + height {
            let line = &from[row * stride + x..][..width];
            let [low, high] = &mut *lines;
            for (values, odd, start, count) in [(low, 0, low_at, lows), (high, 1, high_at, highs)] {
                let inner = &line[start..start + count];
                // One value before and two after for low ones, two on both sides for high ones.
                values.resize(lows + 2 * MARGIN, 0.0);
                values[MARGIN..MARGIN + count].copy_from_slice(inner);
                for at in (0..MARGIN).chain(MARGIN + count..lows + 2 * MARGIN) {
                    let number = mirrored(2 * (at as isize - MARGIN as isize) + odd, width) / 2;
                    // A line of one place has no high value.
                    values[at] = inner.get(number).copied().unwrap_or(0.0);
                }
            }
            let [low, high] = &*lines;
            let l = [1, 2, 3, 4].map(|at: usize| &low[at..at + lows]);
            let h = [0, 1, 2, 3, 4].map(|at: usize| &high[at..at + lows]);
            // The last pair may be a half one.
            let out = &mut to[row * stride + x..][..width];
            let mut pairs = out.chunks_exact_mut(2);
            for (i, pair) in pairs.by_ref().enumerate() {
                (pair[0], pair[1]) = self.pair(l.map(|l| l[i]), h.map(|h| h[i]));
            }
            if let [last] = pairs.into_remainder() {
                let i = lows - 1;
                *last = self.pair(l.map(|l| l[i]), h.map(|h| h[i])).0;
            }
        }
    }
}
