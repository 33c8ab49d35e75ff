//! From ridge energy to connected patches of skin: threshold, opening (print, lines and handwriting are thinner than fingers), holes filled,
//! components; and patches in which fingers touch, cut apart between them.

use std::f32::consts::FRAC_PI_4;

use super::energy::Energy;
use super::params::{
    CUT_ANGLES, CUT_DEPTH, CUT_SIDE, CUT_VALLEY, HOLE_CELLS, MASK_SHARE, MASK_SIGMA, MASK_TYPICAL, OPENING_CELLS,
    PATCH_CELLS, PATCHES_MAX, PER_CELL, PUNCHED_BLACK, PUNCHED_CELLS, PUNCHED_MAX, PUNCHED_RIM, RIDGE_FLOOR,
    SINGLE_WIDTH, TRIM_SHARE,
};
use crate::extract::cells::smooth_grid;

/// A connected patch of ridges: the middles of its cells, pixels at 500 ppi.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    pub(super) cells: Vec<(f32, f32)>,
}

/// Moments of a patch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    pub(super) centre: (f32, f32),
    /// Turn of the long axis from upright, radians counter-clockwise as seen, as a doubled-angle vector of length 0 (round) to 1 (a line).
    pub(super) axis: (f32, f32),
    /// Full width across the long axis, if it is an ellipse, pixels.
    pub(super) across: f32,
}

/// Coordinates in a frame that is turned by an angle: the first to the right, the second down the finger.
pub(super) fn turned((x, y): (f32, f32), rotation: f32) -> (f32, f32) {
    let (s, c) = rotation.sin_cos();
    (c * x - s * y, s * x + c * y)
}

/// The inverse of [`turned`].
pub(super) fn turned_back((u, v): (f32, f32), rotation: f32) -> (f32, f32) {
    turned((u, v), -rotation)
}

/// The ridge energy above which a cell counts as skin: a share of what is typical here, so that faint rests of earlier fingers do not count.
pub(super) fn threshold(energy: &Energy) -> f32 {
    let mut above: Vec<f32> = energy.ridges.iter().copied().filter(|e| *e >= RIDGE_FLOOR).collect();
    above.sort_unstable_by(f32::total_cmp);
    let typical = above.get((above.len() as f32 * MASK_TYPICAL) as usize).copied().unwrap_or(0.0);
    (MASK_SHARE * typical).max(RIDGE_FLOOR)
}

/// The patches of an energy map, largest first, at most [`PATCHES_MAX`]. Holes in them get energy: a punched hole is no crease.
pub(super) fn patches(energy: &mut Energy, threshold: f32) -> Vec<Patch> {
    let (width, height) = (energy.width, energy.height);
    let mut smooth = energy.ridges.clone();
    smooth_grid(&mut smooth, width, height, MASK_SIGMA);
    let mut mask: Vec<bool> = smooth.iter().map(|e| *e >= threshold).collect();
    let punched = punched_holes(&energy.black, &mask, width, height);
    punched.iter().for_each(|i| mask[*i] = true);
    for i in punched.into_iter().chain(fill_holes(&mut mask, width, height)) {
        energy.ridges[i] = energy.ridges[i].max(threshold / MASK_SHARE);
    }
    let opened = open(&mask, width, height, OPENING_CELLS);
    let mut found: Vec<Patch> = components(&opened, width, height)
        .into_iter()
        .filter(|cells| cells.len() >= PATCH_CELLS)
        .flat_map(|cells| trimmed(&cells, width, height))
        .filter(|cells| cells.len() >= PATCH_CELLS)
        .map(|cells| Patch {
            cells: cells
                .iter()
                .map(|i| (((i % width) as f32 + 0.5) * PER_CELL, ((i / width) as f32 + 0.5) * PER_CELL))
                .collect(),
        })
        .collect();
    found.sort_by_key(|p| std::cmp::Reverse(p.cells.len()));
    found.truncate(PATCHES_MAX);
    found
}

impl Patch {
    /// Area, square pixels.
    pub(super) fn area(&self) -> f32 {
        self.cells.len() as f32 * PER_CELL * PER_CELL
    }

    pub(super) fn moments(&self) -> Moments {
        let n = self.cells.len().max(1) as f64;
        let (mut sx, mut sy, mut xx, mut yy, mut xy) = (0.0f64, 0.0f64, 0.0f64, 0.0f64, 0.0f64);
        for (x, y) in &self.cells {
            let (x, y) = (f64::from(*x), f64::from(*y));
            sx += x;
            sy += y;
            xx += x * x;
            yy += y * y;
            xy += x * y;
        }
        let (cx, cy) = (sx / n, sy / n);
        let (xx, yy, xy) = (xx / n - cx * cx, yy / n - cy * cy, xy / n - cx * cy);
        let trace = (xx + yy).max(1e-6);
        let difference = (yy - xx).hypot(2.0 * xy);
        Moments {
            centre: (cx as f32, cy as f32),
            axis: (((yy - xx) / trace) as f32, (2.0 * xy / trace) as f32),
            // The deviation of a uniform ellipse is half its half axis.
            across: (4.0 * (0.5 * (trace - difference)).max(0.0).sqrt()) as f32,
        }
    }

    /// Lowest and highest of a turned coordinate, cut by a share of the cells at each end, widened by half a cell.
    pub(super) fn extent(&self, rotation: f32, down: bool, share: f32) -> (f32, f32) {
        let mut at: Vec<f32> = self
            .cells
            .iter()
            .map(|p| {
                let (u, v) = turned(*p, rotation);
                if down { v } else { u }
            })
            .collect();
        at.sort_unstable_by(f32::total_cmp);
        let skip = (at.len() as f32 * share) as usize;
        match (at.get(skip), at.get(at.len().saturating_sub(1 + skip))) {
            (Some(low), Some(high)) => (low - 0.5 * PER_CELL, high + 0.5 * PER_CELL),
            _ => (0.0, 0.0),
        }
    }

    /// The turn at which the columns of the patch are most unequal: along the fingers, where several lie side by side in it.
    pub(super) fn column_turn(&self) -> f32 {
        let mut best = (f32::MIN, 0.0);
        for step in -15..=15i32 {
            let rotation = step as f32 / 15.0 * FRAC_PI_4;
            let mut columns = std::collections::BTreeMap::<i32, f32>::new();
            for p in &self.cells {
                *columns.entry((turned(*p, rotation).0 / (2.0 * PER_CELL)).floor() as i32).or_default() += 1.0;
            }
            let sum: f32 = columns.values().map(|n| n * n).sum();
            if sum > best.0 {
                best = (sum, rotation);
            }
        }
        best.1
    }

    /// The fingers that touch each other in this patch, each by itself.
    pub(super) fn cut_apart(self, rotation: f32) -> Vec<Patch> {
        self.cut(rotation, CUT_DEPTH)
    }

    fn cut(self, rotation: f32, depth: usize) -> Vec<Patch> {
        if depth == 0 {
            return vec![self];
        }
        let Some((x, slope)) = self.valley(rotation) else { return vec![self] };
        let (left, right): (Vec<_>, Vec<_>) = self.cells.iter().partition(|p| {
            let (u, v) = turned(**p, rotation);
            u - slope * v < x
        });
        if left.len() < PATCH_CELLS || right.len() < PATCH_CELLS {
            return vec![self];
        }
        let mut parts = Patch { cells: left }.cut(rotation, depth - 1);
        parts.extend(Patch { cells: right }.cut(rotation, depth - 1));
        parts
    }

    /// The line down the hand that crosses least skin beside two fingers: its place at height zero and its slope.
    fn valley(&self, rotation: f32) -> Option<(f32, f32)> {
        let mut best: Option<(f32, f32, f32)> = None;
        for step in -CUT_ANGLES..=CUT_ANGLES {
            let slope = 0.08 * step as f32;
            let across: Vec<f32> = self
                .cells
                .iter()
                .map(|p| {
                    let (u, v) = turned(*p, rotation);
                    u - slope * v
                })
                .collect();
            let (low, high) = across.iter().fold((f32::MAX, f32::MIN), |(l, h), u| (l.min(*u), h.max(*u)));
            let columns = ((high - low) / PER_CELL) as usize + 1;
            if high - low < SINGLE_WIDTH || columns > 4096 {
                continue;
            }
            let mut counts = vec![0.0f32; columns];
            for u in &across {
                counts[((u - low) / PER_CELL) as usize] += 1.0;
            }
            smooth_grid(&mut counts, columns, 1, 1.0);
            let side = (CUT_SIDE / PER_CELL) as usize;
            for i in side..columns.saturating_sub(side) {
                let left = counts[..=i - side / 2].iter().copied().fold(0.0, f32::max);
                let right = counts[i + side / 2..].iter().copied().fold(0.0, f32::max);
                let ratio = counts[i] / left.min(right).max(1.0);
                if ratio < CUT_VALLEY && best.is_none_or(|b| ratio < b.0) {
                    best = Some((ratio, low + (i as f32 + 0.5) * PER_CELL, slope));
                }
            }
        }
        best.map(|(_, x, slope)| (x, slope))
    }
}

/// Sets every hole of up to [`HOLE_CELLS`] cells that does not reach the edge of the map. Gives the cells of those that are as wide as high: a
/// crease is not.
fn fill_holes(mask: &mut [bool], width: usize, height: usize) -> Vec<usize> {
    let mut filled = Vec::new();
    let empty: Vec<bool> = mask.iter().map(|m| !m).collect();
    for cells in components(&empty, width, height) {
        let open = |i: &usize| {
            let (x, y) = (i % width, i / width);
            x == 0 || y == 0 || x == width - 1 || y == height - 1
        };
        if cells.len() <= HOLE_CELLS && !cells.iter().any(open) {
            cells.iter().for_each(|i| mask[*i] = true);
            let side = |at: fn(usize, usize) -> usize| {
                let (low, high) = cells.iter().fold((usize::MAX, 0), |(l, h), i| {
                    let v = at(*i, width);
                    (l.min(v), h.max(v))
                });
                high - low + 1
            };
            let (across, down) = (side(|i, width| i % width), side(|i, width| i / width));
            if across.min(down) >= PUNCHED_CELLS && 2 * across.max(down) <= 3 * across.min(down) {
                filled.extend(cells);
            }
        }
    }
    filled
}

/// The cells of holes that were punched through skin, with their rims, where nothing can be seen.
fn punched_holes(black: &[bool], mask: &[bool], width: usize, height: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let sizes = PUNCHED_BLACK.0..=PUNCHED_BLACK.1;
    let holes = components(black, width, height).into_iter().filter(|hole| sizes.contains(&hole.len()));
    for hole in holes.take(PUNCHED_MAX) {
        let mut set = vec![false; width * height];
        hole.iter().for_each(|i| set[*i] = true);
        let away = distance(&set, width, height);
        let zone = |cells: u32| move |d: &u32| *d <= 3 * cells;
        let (rim, ring) = (zone(PUNCHED_RIM), zone(PUNCHED_RIM + 2));
        let around: Vec<usize> = (0..away.len()).filter(|i| ring(&away[*i]) && !rim(&away[*i])).collect();
        let skin = around.iter().filter(|i| mask[**i]).count();
        if 2 * skin > around.len() {
            found.extend((0..away.len()).filter(|i| rim(&away[*i])));
        }
    }
    found
}

/// What discs of a radius fit into. Beyond the map all counts as set: a finger that the edge cuts keeps its form.
pub(super) fn open(mask: &[bool], width: usize, height: usize, r: i32) -> Vec<bool> {
    let disc: Vec<(i32, i32)> =
        (-r..=r).flat_map(|y| (-r..=r).map(move |x| (x, y))).filter(|(x, y)| x * x + y * y <= r * r + 1).collect();
    let at = |x: i32, y: i32| {
        (x >= 0 && y >= 0 && x < width as i32 && y < height as i32).then(|| y as usize * width + x as usize)
    };
    let mut opened = vec![false; mask.len()];
    for y in 0..height as i32 {
        for x in 0..width as i32 {
            if disc.iter().all(|(dx, dy)| at(x + dx, y + dy).is_none_or(|i| mask[i])) {
                for i in disc.iter().filter_map(|(dx, dy)| at(x + dx, y + dy)) {
                    opened[i] = true;
                }
            }
        }
    }
    opened
}

/// A patch opened once more, by a share of its own thickness: what hangs on it and is much thinner is handwriting or a scrap of something else,
/// and a narrow neck is no finger. Cells of a map of `width` x `height`.
fn trimmed(cells: &[usize], width: usize, height: usize) -> Vec<Vec<usize>> {
    let bounds =
        |at: &dyn Fn(usize) -> usize| cells.iter().fold((usize::MAX, 0), |(l, h), i| (l.min(at(*i)), h.max(at(*i))));
    let (left, right) = bounds(&|i| i % width);
    let (top, bottom) = bounds(&|i| i / width);
    // A frame of one cell, that is empty where the map goes on.
    let (w, h) = (right - left + 3, bottom - top + 3);
    let mut inside = vec![false; w * h];
    for i in cells {
        inside[(i / width - top + 1) * w + i % width - left + 1] = true;
    }
    let beyond = |x: usize, y: usize| {
        (left == 0 && x == 0)
            || (top == 0 && y == 0)
            || (right + 1 == width && x == w - 1)
            || (bottom + 1 == height && y == h - 1)
    };
    let empty: Vec<bool> = (0..w * h).map(|k| !inside[k] && !beyond(k % w, k / w)).collect();
    let depth = distance(&empty, w, h);
    let deepest = (0..w * h).filter(|k| inside[*k]).map(|k| depth[k]).max().unwrap_or(0);
    // A patch that fills the map has no rim to be trimmed.
    if deepest == u32::MAX {
        return vec![cells.to_vec()];
    }
    let radius = (TRIM_SHARE * deepest as f32) as u32;
    let core: Vec<bool> = (0..w * h).map(|k| inside[k] && depth[k] > radius).collect();
    let reach = distance(&core, w, h);
    let kept: Vec<bool> = (0..w * h).map(|k| inside[k] && reach[k] <= radius).collect();
    let back = |k: &usize| (k / w + top - 1) * width + k % w + left - 1;
    components(&kept, w, h).iter().map(|part| part.iter().map(back).collect()).collect()
}

/// Three times the distance of each cell from the nearest one that is set (chamfer 3-4; Borgefors 1986).
fn distance(set: &[bool], width: usize, height: usize) -> Vec<u32> {
    let mut d: Vec<u32> = set.iter().map(|s| if *s { 0 } else { u32::MAX }).collect();
    let mut relax = |x: usize, y: usize, steps: [(i32, i32, u32); 4]| {
        let mut least = d[y * width + x];
        for (dx, dy, cost) in steps {
            let (nx, ny) = (x as i32 + dx, y as i32 + dy);
            if nx >= 0 && ny >= 0 && (nx as usize) < width && (ny as usize) < height {
                least = least.min(d[ny as usize * width + nx as usize].saturating_add(cost));
            }
        }
        d[y * width + x] = least;
    };
    for y in 0..height {
        for x in 0..width {
            relax(x, y, [(-1, 0, 3), (0, -1, 3), (-1, -1, 4), (1, -1, 4)]);
        }
    }
    for y in (0..height).rev() {
        for x in (0..width).rev() {
            relax(x, y, [(1, 0, 3), (0, 1, 3), (1, 1, 4), (-1, 1, 4)]);
        }
    }
    d
}

/// Connected sets (by sides), in the order of their first cell.
pub(super) fn components(mask: &[bool], width: usize, height: usize) -> Vec<Vec<usize>> {
    let mut seen = vec![false; mask.len()];
    let mut found = Vec::new();
    for start in 0..mask.len() {
        if !mask[start] || seen[start] {
            continue;
        }
        seen[start] = true;
        let mut cells = vec![start];
        let mut next = 0;
        while next < cells.len() {
            let i = cells[next];
            next += 1;
            let (x, y) = (i % width, i / width);
            let around = [
                (x > 0).then(|| i - 1),
                (x + 1 < width).then_some(i + 1),
                (y > 0).then(|| i - width),
                (y + 1 < height).then_some(i + width),
            ];
            for j in around.into_iter().flatten() {
                if mask[j] && !seen[j] {
                    seen[j] = true;
                    cells.push(j);
                }
            }
        }
        found.push(cells);
    }
    found
}
