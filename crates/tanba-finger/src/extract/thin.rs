//! Thinning to lines one pixel wide (Zhang and Suen, CACM 27(3), 1984), sixty-four pixels at a time: the rule that takes a point
//! away is written in logic on whole words, a bit for each pixel.

use crate::sink::Mask;
use pulp::{Arch, Simd, WithSimd};

/// Pixels in a word.
const WORD: usize = u64::BITS as usize;

/// Ridge lines, a bit for each pixel, in rows that have a clear bit before the first pixel and one after the last, with a clear row
/// above and one below: neighbours need no checks.
///
/// A point is told by the number of its bit.
#[derive(Debug, Clone)]
pub(crate) struct Skeleton {
    /// Words in a row.
    words: usize,
    /// All rows.
    bits: Vec<u64>,
}

impl Skeleton {
    fn of(map: &Mask) -> Self {
        let words = (map.width + 2).div_ceil(WORD);
        let mut lines = Self { words, bits: vec![0; words * (map.height + 2)] };
        for (y, row) in map.data.chunks_exact(map.width).enumerate() {
            let line = &mut lines.bits[(y + 1) * words..][..words];
            let mut carried = 0;
            for (word, piece) in line.iter_mut().zip(row.chunks(WORD).chain([&[][..]])) {
                let bits = piece.iter().enumerate().fold(0, |bits, (k, &set)| bits | u64::from(set) << k);
                // A pixel's bit is one after its column.
                *word = bits << 1 | carried;
                carried = bits >> (WORD - 1);
            }
        }
        lines
    }

    /// The same as a mask of the original size.
    pub(crate) fn to_mask(&self, width: usize, height: usize) -> Mask {
        let at = |k: usize| self.is_set(self.point(k % width, k / width));
        Mask { width, height, data: (0..width * height).map(at).collect() }
    }

    /// Bits in a row.
    fn stride(&self) -> usize {
        self.words * WORD
    }

    fn point(&self, x: usize, y: usize) -> usize {
        (y + 1) * self.stride() + x + 1
    }

    /// Column and row of a point, pixels.
    pub(crate) fn place(&self, point: usize) -> (f32, f32) {
        ((point % self.stride()) as f32 - 1.0, (point / self.stride()) as f32 - 1.0)
    }

    /// Whether a point is on a line.
    pub(crate) fn is_set(&self, point: usize) -> bool {
        self.bits[point / WORD] >> (point % WORD) & 1 == 1
    }

    /// Takes a point away.
    pub(crate) fn clear(&mut self, point: usize) {
        self.bits[point / WORD] &= !(1 << (point % WORD));
    }

    /// The neighbour of a point in one of eight directions, clockwise from north.
    pub(crate) fn step(&self, point: usize, direction: usize) -> usize {
        let s = self.stride();
        // The two that go to the left and up are differences, the others sums.
        [point - s, point - s + 1, point + 1, point + s + 1, point + s, point + s - 1, point - 1, point - s - 1]
            [direction]
    }

    /// The neighbours of a point that are set, bit k for direction k.
    pub(crate) fn neighbours(&self, point: usize) -> u8 {
        // Three bits of a row, from the one before the point.
        let three = |at: usize| {
            let (word, shift) = ((at - 1) / WORD, (at - 1) % WORD);
            let next = self.bits.get(word + 1).copied().unwrap_or(0);
            ((u128::from(self.bits[word]) | u128::from(next) << WORD) >> shift) as u8 & 7
        };
        let (above, here, below) = (three(point - self.stride()), three(point), three(point + self.stride()));
        above >> 1 & 1
            | (above >> 2) << 1
            | (here >> 2) << 2
            | (below >> 2) << 3
            | (below >> 1 & 1) << 4
            | (below & 1) << 5
            | (here & 1) << 6
            | (above & 1) << 7
    }

    /// Points with at most one neighbour, in the order of the rows.
    pub(crate) fn ends(&self) -> Vec<usize> {
        self.points_where(|around| {
            let (mut one, mut two) = (0, 0);
            for n in around {
                two |= one & n;
                one |= n;
            }
            !two
        })
    }

    /// Points that one line leaves, or three, in the order of the rows.
    pub(crate) fn ends_and_forks(&self) -> Vec<usize> {
        // No point has more than four lines, so an odd number is one or three.
        self.points_where(|around| (0..8).fold(0, |odd, k| odd ^ (!around[k] & around[(k + 1) % 8])))
    }

    fn points_where(&self, wanted: impl Fn([u64; 8]) -> u64) -> Vec<usize> {
        let mut points = Vec::new();
        for word in (self.words..self.bits.len() - self.words).filter(|&w| self.bits[w] != 0) {
            let row = |at: usize| {
                let get = |at: usize| self.bits.get(at).copied().unwrap_or(0);
                [get(at.wrapping_sub(1)), self.bits[at], get(at + 1)]
            };
            let around = around(row(word - self.words), row(word), row(word + self.words));
            let mut left = self.bits[word] & wanted(around);
            while left != 0 {
                points.push(word * WORD + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
        points
    }
}

/// The neighbours of sixty-four pixels, one word for each direction clockwise from north; of each row the word before, the word itself
/// and the word after.
#[inline(always)]
fn around(above: [u64; 3], here: [u64; 3], below: [u64; 3]) -> [u64; 8] {
    let west = |row: [u64; 3]| row[1] << 1 | row[0] >> (WORD - 1);
    let east = |row: [u64; 3]| row[1] >> 1 | row[2] << (WORD - 1);
    [above[1], east(above), east(here), east(below), below[1], west(below), west(here), west(above)]
}

/// Thins the ridges of a map.
pub(crate) fn thin(map: &Mask) -> Skeleton {
    let mut lines = Skeleton::of(map);
    // The widest vector instructions of the machine.
    Arch::new().dispatch(Thinning(&mut lines));
    lines
}

/// The work of [`thin`]; a type and not a closure because closures are not inlined into the dispatched function.
struct Thinning<'a>(&'a mut Skeleton);

impl WithSimd for Thinning<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Skeleton { words, bits } = self.0;
        // A word before the first and one after the last, for the neighbours of the corners.
        let mut grid = vec![0; bits.len() + 2];
        grid[1..=bits.len()].copy_from_slice(bits);
        let mut next = grid.clone();
        loop {
            let mut taken = 0;
            for second in [false, true] {
                taken |= half_step(&grid, &mut next, *words, second);
                std::mem::swap(&mut grid, &mut next);
            }
            if taken == 0 {
                break;
            }
        }
        let n = bits.len();
        bits.copy_from_slice(&grid[1..=n]);
    }
}

/// One of the two half-steps of a turn, on all points at once; what was taken, any bit of it. The first and the last row are clear and
/// stay so.
#[inline(always)]
fn half_step(grid: &[u64], next: &mut [u64], words: usize, second: bool) -> u64 {
    let n = grid.len() - 2 - 2 * words;
    let row = |from: usize| [&grid[from..][..n], &grid[from + 1..][..n], &grid[from + 2..][..n]];
    let (above, here, below) = (row(0), row(words), row(2 * words));
    let next = &mut next[words + 1..][..n];
    let mut taken = 0;
    for k in 0..n {
        let of = |row: [&[u64]; 3]| [row[0][k], row[1][k], row[2][k]];
        let gone = here[1][k] & removable(around(of(above), of(here), of(below)), second);
        next[k] = here[1][k] & !gone;
        taken |= gone;
    }
    taken
}

/// Where the half-step takes a set point away: two to six neighbours in one run, and the sides of this half open.
#[inline(always)]
fn removable(around: [u64; 8], second: bool) -> u64 {
    // Seen once, and seen more than once: neighbours, gaps between them, and beginnings of runs.
    let (mut neighbour, mut neighbours, mut gap, mut gaps, mut run, mut runs) = (0, 0, 0, 0, 0, 0);
    for k in 0..8 {
        let (n, after) = (around[k], around[(k + 1) % 8]);
        neighbours |= neighbour & n;
        neighbour |= n;
        gaps |= gap & !n;
        gap |= !n;
        runs |= run & (!n & after);
        run |= !n & after;
    }
    let [north, _, east, _, south, _, west, _] = around;
    let open = if second {
        !(north & east & west) & !(north & south & west)
    } else {
        !(north & east & south) & !(east & south & west)
    };
    neighbours & gaps & run & !runs & open
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule of the paper, point by point.
    fn slowly(map: &Mask) -> Mask {
        let mut map = map.clone();
        const AROUND: [(isize, isize); 8] = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)];
        loop {
            let before = map.clone();
            for half in 0..2 {
                let now = map.clone();
                for k in (0..now.data.len()).filter(|&k| now.data[k]) {
                    let (x, y) = ((k % now.width) as isize, (k / now.width) as isize);
                    let n = AROUND.map(|(dx, dy)| now.at(x + dx, y + dy));
                    let count = n.iter().filter(|&&v| v).count();
                    let rises = (0..8).filter(|&k| !n[k] && n[(k + 1) % 8]).count();
                    let [p, q] = if half == 0 { [[0, 2, 4], [2, 4, 6]] } else { [[0, 2, 6], [0, 4, 6]] };
                    let open = [p, q].iter().all(|side| side.iter().any(|&k| !n[k]));
                    if (2..=6).contains(&count) && rises == 1 && open {
                        map.data[k] = false;
                    }
                }
            }
            if map == before {
                return map;
            }
        }
    }

    #[test]
    fn words_thin_as_points_do() {
        // Blots of all kinds over widths on both sides of a word's end, from a fixed sequence.
        let mut state = 1u32;
        for width in [61, 62, 63, 64, 65, 126, 127, 130] {
            let height = 40;
            let mut map = Mask::none(width, height);
            for _ in 0..60 {
                let mut next = |n: usize| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 16) as usize % n
                };
                let (x, y, w, h) = (next(width), next(height), 1 + next(12), 1 + next(8));
                let value = next(4) != 0;
                for y in y..(y + h).min(height) {
                    map.data[y * width..][x..(x + w).min(width)].fill(value);
                }
            }
            let thinned = thin(&map);
            let mask = thinned.to_mask(width, height);
            assert_eq!(mask, slowly(&map), "{width}");
            let points = |wanted: &dyn Fn(u8) -> bool| -> Vec<usize> {
                let all = (0..width * height).filter(|&k| mask.data[k]).map(|k| thinned.point(k % width, k / width));
                all.filter(|&p| wanted(thinned.neighbours(p))).collect()
            };
            assert_eq!(thinned.ends(), points(&|bits| bits.count_ones() <= 1));
            let lines = |bits: u8| (bits ^ bits.rotate_right(1)).count_ones() / 2;
            assert_eq!(thinned.ends_and_forks(), points(&|bits| matches!(lines(bits), 1 | 3)));
        }
    }
}
