//! One cylinder: the neighbourhood of a minutia in its own frame, as bits.

use super::hull::Hull;
use super::params::{MCC, SECTION_WORDS, SECTIONS, SIDE, WORDS};
use super::{Cylinder, Point};
use crate::exact::Exact;

/// Entries of the directional table over `[-pi, pi)`.
const DIRECTION_STEPS: usize = 720;

/// Tables shared by all cylinders.
pub(super) struct Coder {
    /// Cell centres in the minutia's frame, pixels; only those inside the circle, with their cell number.
    cells: Vec<(usize, f32, f32)>,
    /// Area under the directional Gaussian within one section, by direction difference.
    direction_area: Vec<f32>,
}

impl Coder {
    pub(super) fn new() -> Self {
        let step = cell_size();
        let mut cells = Vec::new();
        for i in 0..SIDE {
            for j in 0..SIDE {
                let x = (i as f32 - (SIDE as f32 - 1.0) / 2.0) * step;
                let y = (j as f32 - (SIDE as f32 - 1.0) / 2.0) * step;
                if x * x + y * y <= MCC.radius * MCC.radius {
                    cells.push((i * SIDE + j, x, y));
                }
            }
        }
        let direction_area = (0..DIRECTION_STEPS)
            .map(|i| {
                section_area((i as f32 + 0.5) / DIRECTION_STEPS as f32 * core::f32::consts::TAU - core::f32::consts::PI)
            })
            .collect();
        Self { cells, direction_area }
    }

    /// The cylinder of `points[centre]`; `None` where too little is known or nothing is near.
    pub(super) fn code(&self, points: &[Point], centre: usize, hull: &Hull) -> Option<Cylinder> {
        let (mask, valid) = self.mask(&points[centre], hull)?;
        let (values, neighbours) = self.values(points, centre);
        if neighbours < MCC.min_neighbours {
            return None;
        }
        let mut bits = [0u64; WORDS];
        for section in 0..SECTIONS {
            for &(cell, _, _) in &self.cells {
                if values[section][cell] >= MCC.cell_threshold {
                    bits[section * SECTION_WORDS + cell / 64] |= 1 << (cell % 64);
                }
            }
            for (word, &m) in bits[section * SECTION_WORDS..].iter_mut().zip(&mask) {
                *word &= m;
            }
        }
        let ones = bits.iter().map(|w| w.count_ones()).sum::<u32>() as u16;
        Some(Cylinder { bits, mask, ones, valid, point: centre as u16 })
    }

    /// Valid cells of the base and their number; `None` below the least valid fraction.
    fn mask(&self, m: &Point, hull: &Hull) -> Option<([u64; SECTION_WORDS], u16)> {
        // Deep inside the hull no cell can be farther outside than the margin.
        let all = hull.depth(m.x, m.y) + MCC.hull_margin >= MCC.radius;
        let mut mask = [0u64; SECTION_WORDS];
        let mut valid = 0u16;
        for &(cell, u, v) in &self.cells {
            let (x, y) = (m.x + u * m.cos - v * m.sin, m.y + u * m.sin + v * m.cos);
            if all || hull.holds(x, y, MCC.hull_margin) {
                mask[cell / 64] |= 1 << (cell % 64);
                valid += 1;
            }
        }
        (f32::from(valid) >= MCC.min_valid_cells * self.cells.len() as f32).then_some((mask, valid))
    }

    /// Summed contributions per section and cell, and how many minutiae contributed.
    fn values(&self, points: &[Point], centre: usize) -> ([[f32; SIDE * SIDE]; SECTIONS], usize) {
        let m = &points[centre];
        let reach = MCC.radius + 3.0 * MCC.sigma_space;
        let mut values = [[0f32; SIDE * SIDE]; SECTIONS];
        let mut neighbours = 0;
        for (i, t) in points.iter().enumerate() {
            let (dx, dy) = (t.x - m.x, t.y - m.y);
            if i == centre || dx * dx + dy * dy > reach * reach {
                continue;
            }
            neighbours += 1;
            let (u, v) = (dx * m.cos + dy * m.sin, dy * m.cos - dx * m.sin);
            let areas: [f32; SECTIONS] = core::array::from_fn(|k| {
                let section = -core::f32::consts::PI + (k as f32 + 0.5) * core::f32::consts::TAU / SECTIONS as f32;
                self.area(section - (m.direction - t.direction))
            });
            add_spatially(&mut values, u, v, &areas);
        }
        (values, neighbours)
    }

    fn area(&self, angle: f32) -> f32 {
        let turn = (angle + core::f32::consts::PI).rem_euclid(core::f32::consts::TAU) / core::f32::consts::TAU;
        self.direction_area[((turn * DIRECTION_STEPS as f32) as usize).min(DIRECTION_STEPS - 1)]
    }
}

/// Adds a neighbour at `(u, v)` (the minutia's frame) to the cells within three standard deviations.
fn add_spatially(values: &mut [[f32; SIDE * SIDE]; SECTIONS], u: f32, v: f32, areas: &[f32; SECTIONS]) {
    let step = cell_size();
    let reach = 3.0 * MCC.sigma_space;
    let scale = 1.0 / (MCC.sigma_space * core::f32::consts::TAU.sqrt());
    let centre = (SIDE as f32 - 1.0) / 2.0;
    let range = |w: f32| {
        let low = ((w - reach) / step + centre).ceil().max(0.0) as usize;
        let high = ((w + reach) / step + centre).floor();
        low..if high < 0.0 { low } else { (high as usize + 1).min(SIDE) }
    };
    for i in range(u) {
        let du = (i as f32 - centre) * step - u;
        for j in range(v) {
            let dv = (j as f32 - centre) * step - v;
            let d2 = du * du + dv * dv;
            if d2 <= reach * reach {
                let spatial = scale * (-d2 / (2.0 * MCC.sigma_space * MCC.sigma_space)).exp_exact();
                for (section, area) in values.iter_mut().zip(areas) {
                    section[i * SIDE + j] += spatial * area;
                }
            }
        }
    }
}

fn cell_size() -> f32 {
    2.0 * MCC.radius / SIDE as f32
}

/// Integral of the directional Gaussian over one section centred at `angle`, by Simpson's rule.
fn section_area(angle: f32) -> f32 {
    let half = core::f32::consts::PI / SECTIONS as f32;
    let density = |a: f32| {
        (-a * a / (2.0 * MCC.sigma_direction * MCC.sigma_direction)).exp_exact()
            / (MCC.sigma_direction * core::f32::consts::TAU.sqrt())
    };
    const INTERVALS: usize = 16;
    let h = 2.0 * half / INTERVALS as f32;
    let sum: f32 = (0..=INTERVALS)
        .map(|i| {
            let weight = if i == 0 || i == INTERVALS {
                1.0
            } else if i % 2 == 1 {
                4.0
            } else {
                2.0
            };
            weight * density(angle - half + i as f32 * h)
        })
        .sum();
    sum * h / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_share_one_unit_of_direction() {
        let coder = Coder::new();
        for angle in [0.0f32, 0.3, 2.0, -3.0] {
            let total: f32 =
                (0..SECTIONS).map(|k| coder.area(angle + k as f32 * core::f32::consts::TAU / SECTIONS as f32)).sum();
            // The Gaussian's tails beyond half a turn are cut off: about 4 parts in 10,000.
            assert!((total - 1.0).abs() < 0.01, "{total}");
        }
    }

    #[test]
    fn the_circle_has_the_published_number_of_cells() {
        assert_eq!(Coder::new().cells.len(), 208);
    }
}
