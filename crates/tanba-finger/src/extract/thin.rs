//! Thinning to lines one pixel wide (Zhang and Suen, CACM 27(3), 1984).

use crate::sink::Mask;

/// The eight neighbours clockwise from north, as offsets in a row-major grid of this stride.
pub(crate) fn ring(stride: usize) -> [isize; 8] {
    let s = stride as isize;
    [-s, 1 - s, 1, s + 1, s, s - 1, -1, -1 - s]
}

/// The neighbours of `p` that are set, bit k for neighbour k of [`ring`].
pub(crate) fn neighbours(grid: &[u8], p: usize, ring: &[isize; 8]) -> u8 {
    let mut bits = 0;
    for (k, &d) in ring.iter().enumerate() {
        bits |= (grid[p.wrapping_add_signed(d)] & 1) << k;
    }
    bits
}

/// Ridge lines on a grid that is one pixel larger than the mask on each side (so that neighbours need no checks).
#[derive(Debug, Clone)]
pub(crate) struct Skeleton {
    /// Samples in a row of the grid: the mask's width + 2.
    pub(crate) stride: usize,
    /// 1 on a line.
    pub(crate) grid: Vec<u8>,
}

impl Skeleton {
    /// The same as a mask of the original size.
    pub(crate) fn to_mask(&self, width: usize, height: usize) -> Mask {
        let mut mask = Mask::none(width, height);
        for y in 0..height {
            for x in 0..width {
                mask.data[y * width + x] = self.grid[(y + 1) * self.stride + x + 1] != 0;
            }
        }
        mask
    }
}

/// For each pattern of neighbours, whether the two half-steps may take the point away.
fn removable() -> [[bool; 2]; 256] {
    std::array::from_fn(|bits| {
        let n = |k: usize| bits >> (k % 8) & 1;
        let count: usize = (0..8).map(n).sum();
        let rises = (0..8).filter(|&k| n(k) == 0 && n(k + 1) == 1).count();
        let thick = (2..=6).contains(&count) && rises == 1;
        // North 0, east 2, south 4, west 6.
        let first = n(0) * n(2) * n(4) == 0 && n(2) * n(4) * n(6) == 0;
        let second = n(0) * n(2) * n(6) == 0 && n(0) * n(4) * n(6) == 0;
        [thick && first, thick && second]
    })
}

/// Thins the ridges of a map.
pub(crate) fn thin(map: &Mask) -> Skeleton {
    let stride = map.width + 2;
    let mut grid = vec![0u8; stride * (map.height + 2)];
    for y in 0..map.height {
        for x in 0..map.width {
            grid[(y + 1) * stride + x + 1] = u8::from(map.data[y * map.width + x]);
        }
    }
    let ring = ring(stride);
    let removable = removable();
    // Only points on the rim can go; after each half-step the rim is what stood beside what went.
    let mut rim: Vec<usize> =
        (0..grid.len()).filter(|&p| grid[p] == 1 && neighbours(&grid, p, &ring) != 0xff).collect();
    let mut gone: Vec<usize> = Vec::new();
    let mut queued = vec![false; grid.len()];
    loop {
        let mut changed = false;
        for half in 0..2 {
            gone.clear();
            gone.extend(
                rim.iter()
                    .copied()
                    .filter(|&p| grid[p] == 1 && removable[usize::from(neighbours(&grid, p, &ring))][half]),
            );
            for &p in &gone {
                grid[p] = 0;
            }
            changed |= !gone.is_empty();
            rim.iter().for_each(|&p| queued[p] = true);
            for &p in &gone {
                for &d in &ring {
                    let q = p.wrapping_add_signed(d);
                    if grid[q] == 1 && !queued[q] {
                        queued[q] = true;
                        rim.push(q);
                    }
                }
            }
            rim.retain(|&p| {
                queued[p] = false;
                grid[p] == 1
            });
        }
        if !changed {
            return Skeleton { stride, grid };
        }
    }
}
