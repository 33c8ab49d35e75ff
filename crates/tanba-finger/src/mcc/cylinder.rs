//! One cylinder: the neighbourhood of a minutia in its own frame, as bits.

use super::hull::{self, Edge, Hull};
use super::params::{MCC, SECTION_WORDS, SECTIONS, SIDE, WORDS};
use super::{Cylinder, Point};
use crate::exact::Exact;

/// Entries of the directional table over `[-pi, pi)`.
const DIRECTION_STEPS: usize = 720;
/// Cells of a row that one neighbour can reach, at most, and a few more: a whole register.
const REACH: usize = 8;
/// Cells of a row in working memory: a neighbour at its end writes zeros beyond it.
const ROW: usize = SIDE + REACH;
/// Rows of cells that make a word.
const WORD_ROWS: usize = 64 / SIDE;

const _: () = assert!(6.0 * MCC.sigma_space / (2.0 * MCC.radius / SIDE as f32) + 1.0 <= REACH as f32);

/// Summed contributions to the cells of each section.
type Values = [[[f32; ROW]; SIDE]; SECTIONS];

/// Tables shared by all cylinders.
pub(super) struct Coder {
    /// Cell centres along a side, in the minutia's frame, pixels.
    centres: [f32; SIDE],
    /// Cells inside the circle, and how many.
    circle: [u64; SECTION_WORDS],
    in_circle: u16,
    /// Area under the directional Gaussian within one section, by direction difference.
    direction_area: Vec<f32>,
}

impl Coder {
    pub(super) fn new() -> Self {
        let step = cell_size();
        let centres = core::array::from_fn(|i| (i as f32 - (SIDE as f32 - 1.0) / 2.0) * step);
        let mut circle = [0u64; SECTION_WORDS];
        for (i, x) in centres.iter().enumerate() {
            for (j, y) in centres.iter().enumerate() {
                if x * x + y * y <= MCC.radius * MCC.radius {
                    circle[i / WORD_ROWS] |= 1 << (i % WORD_ROWS * SIDE + j);
                }
            }
        }
        let direction_area = (0..DIRECTION_STEPS)
            .map(|i| {
                section_area((i as f32 + 0.5) / DIRECTION_STEPS as f32 * core::f32::consts::TAU - core::f32::consts::PI)
            })
            .collect();
        Self { centres, circle, in_circle: set_bits(&circle), direction_area }
    }

    /// The cylinders of all points around which enough is known and something near. The widest instructions that the machine has are used;
    /// the result is the same.
    pub(super) fn code_all(&self, points: &[Point], hull: &Hull) -> Vec<Cylinder> {
        pulp::Arch::new().dispatch(CodeAll { coder: self, points, hull })
    }

    /// The cylinder of `points[centre]`; `None` where too little is known or nothing is near.
    #[inline(always)]
    fn code(&self, points: &[Point], centre: usize, hull: &Hull, edges: &[Edge]) -> Option<Cylinder> {
        let (mask, valid) = self.mask(&points[centre], hull, edges)?;
        let mut values: Values = [[[0.0; ROW]; SIDE]; SECTIONS];
        if self.add_neighbours(&mut values, points, centre) < MCC.min_neighbours {
            return None;
        }
        let mut bits = [0u64; WORDS];
        for (section, bits) in values.iter().zip(bits.as_chunks_mut::<SECTION_WORDS>().0) {
            for (word, (rows, m)) in bits.iter_mut().zip(section.as_chunks::<WORD_ROWS>().0.iter().zip(&mask)) {
                for (at, row) in rows.iter().enumerate() {
                    let mut set = 0u32;
                    for j in 0..SIDE {
                        set |= if row[j] >= MCC.cell_threshold { 1 << j } else { 0 };
                    }
                    *word |= u64::from(set) << (SIDE * at);
                }
                *word &= m;
            }
        }
        Some(Cylinder { bits, mask, ones: set_bits(&bits), valid, point: centre as u16 })
    }

    /// Valid cells of the base and their number; `None` below the least valid fraction.
    #[inline(always)]
    fn mask(&self, m: &Point, hull: &Hull, edges: &[Edge]) -> Option<([u64; SECTION_WORDS], u16)> {
        // Deep inside the hull no cell can be farther outside than the margin.
        if hull.depth(m.x, m.y) + MCC.hull_margin >= MCC.radius {
            return Some((self.circle, self.in_circle));
        }
        let mut mask = [0u64; SECTION_WORDS];
        for (i, u) in self.centres.iter().enumerate() {
            let (mut x, mut y) = ([0.0; SIDE], [0.0; SIDE]);
            for (j, v) in self.centres.iter().enumerate() {
                (x[j], y[j]) = (m.x + u * m.cos - v * m.sin, m.y + u * m.sin + v * m.cos);
            }
            mask[i / WORD_ROWS] |= u64::from(hull::hold(edges, &x, &y, MCC.hull_margin)) << (i % WORD_ROWS * SIDE);
        }
        for (word, circle) in mask.iter_mut().zip(&self.circle) {
            *word &= circle;
        }
        let valid = set_bits(&mask);
        (f32::from(valid) >= MCC.min_valid_cells * f32::from(self.in_circle)).then_some((mask, valid))
    }

    /// Sums contributions, and tells how many minutiae contributed.
    #[inline(always)]
    fn add_neighbours(&self, values: &mut Values, points: &[Point], centre: usize) -> usize {
        let m = &points[centre];
        let reach = MCC.radius + 3.0 * MCC.sigma_space;
        let mut neighbours = 0;
        for (i, t) in points.iter().enumerate() {
            let (dx, dy) = (t.x - m.x, t.y - m.y);
            if i == centre || dx * dx + dy * dy > reach * reach {
                continue;
            }
            neighbours += 1;
            let (u, v) = (dx * m.cos + dy * m.sin, dy * m.cos - dx * m.sin);
            let mut areas = [0.0; SECTIONS];
            for (k, area) in areas.iter_mut().enumerate() {
                let section = -core::f32::consts::PI + (k as f32 + 0.5) * core::f32::consts::TAU / SECTIONS as f32;
                *area = self.area(section - (m.direction - t.direction));
            }
            add_spatially(values, u, v, &areas);
        }
        neighbours
    }

    #[inline(always)]
    fn area(&self, angle: f32) -> f32 {
        let turn = turned(angle + core::f32::consts::PI) / core::f32::consts::TAU;
        self.direction_area[((turn * DIRECTION_STEPS as f32) as usize).min(DIRECTION_STEPS - 1)]
    }
}

/// `angle.rem_euclid(TAU)` without the division where the angle is within two turns: the remainder is exact either way.
#[inline(always)]
fn turned(angle: f32) -> f32 {
    const TAU: f32 = core::f32::consts::TAU;
    if angle.abs() >= 2.0 * TAU {
        return angle.rem_euclid(TAU);
    }
    let rest = if angle >= TAU {
        angle - TAU
    } else if angle <= -TAU {
        angle + TAU
    } else {
        angle
    };
    if rest < 0.0 { rest + TAU } else { rest }
}

/// The work of [`Coder::code_all`]; a type and not a closure because closures are not inlined into the dispatched function.
struct CodeAll<'a> {
    coder: &'a Coder,
    points: &'a [Point],
    hull: &'a Hull,
}

impl pulp::WithSimd for CodeAll<'_> {
    type Output = Vec<Cylinder>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Vec<Cylinder> {
        let edges = self.hull.edges();
        let mut cylinders = Vec::with_capacity(self.points.len());
        for centre in 0..self.points.len() {
            if let Some(cylinder) = self.coder.code(self.points, centre, self.hull, &edges) {
                cylinders.push(cylinder);
            }
        }
        cylinders
    }
}

fn set_bits(words: &[u64]) -> u16 {
    words.iter().map(|w| w.count_ones()).sum::<u32>() as u16
}

/// Adds a neighbour at `(u, v)` (the minutia's frame) to the cells within three standard deviations.
#[inline(always)]
fn add_spatially(values: &mut Values, u: f32, v: f32, areas: &[f32; SECTIONS]) {
    let step = cell_size();
    let reach = 3.0 * MCC.sigma_space;
    let scale = 1.0 / (MCC.sigma_space * core::f32::consts::TAU.sqrt());
    let centre = (SIDE as f32 - 1.0) / 2.0;
    let range = |w: f32| {
        let low = ((w - reach) / step + centre).ceil().max(0.0) as usize;
        let high = ((w + reach) / step + centre).floor();
        low..if high < 0.0 { low } else { (high as usize + 1).min(SIDE) }
    };
    let (rows, columns) = (range(u), range(v));
    if columns.is_empty() {
        return;
    }
    // Squared; cells beyond the last are infinitely far.
    let mut across = [f32::INFINITY; REACH];
    for (j, across) in columns.clone().zip(&mut across) {
        let dv = (j as f32 - centre) * step - v;
        *across = dv * dv;
    }
    for i in rows {
        let du = (i as f32 - centre) * step - u;
        let mut spatial = [0.0; REACH];
        for (spatial, across) in spatial.iter_mut().zip(&across) {
            let d2 = du * du + across;
            let near = scale * exp_of_little(-d2 / (2.0 * MCC.sigma_space * MCC.sigma_space));
            *spatial = if d2 <= reach * reach { near } else { 0.0 };
        }
        for (section, area) in values.iter_mut().zip(areas) {
            for (cell, spatial) in section[i][columns.start..columns.start + REACH].iter_mut().zip(&spatial) {
                *cell += spatial * area;
            }
        }
    }
}

/// `exp_exact` of numbers from -80 to 0, to the bit, in a form that makes vectors: the same steps (those of `libm`, from FreeBSD's
/// `e_expf.c`) without branches.
#[inline(always)]
fn exp_of_little(x: f32) -> f32 {
    const LN2_HIGH: f32 = 6.931_457_5e-1;
    const LN2_LOW: f32 = 1.428_606_8e-6;
    const PER_LN2: f32 = core::f32::consts::LOG2_E;
    /// Added to a number between 0 and 65,535, its lowest bits are the nearest whole number: single precision has no fraction there.
    const TO_WHOLE: f32 = 8_388_608.0;
    // x = r - n ln 2. A conversion to a whole number is none of the vector instructions: what is nearest is one too many at times.
    let halves = 0.5 - PER_LN2 * x;
    let sum = halves + TO_WHOLE;
    let nearest = sum - TO_WHOLE;
    let (n, whole) = (sum.to_bits() & 0xffff, nearest);
    let (n, whole) = if nearest > halves { (n.wrapping_sub(1), whole - 1.0) } else { (n, whole) };
    // The bits at which the steps change: 2^-14, half of and one and a half times the logarithm of 2.
    let size = x.to_bits() & 0x7fff_ffff;
    let (n, whole) = if size > 0x3f85_1592 { (n, whole) } else { (1, 1.0) };
    let (n, whole) = if size > 0x3eb1_7218 { (n, whole) } else { (0, 0.0) };
    let (high, low) = (x + whole * LN2_HIGH, -whole * LN2_LOW);
    let r = high - low;
    let rr = r * r;
    let c = r - rr * (1.666_662_5e-1 + rr * -2.766_733_3e-3);
    let y = 1.0 + (r * c / (2.0 - c) - low + high);
    if size > 0x3900_0000 { y * f32::from_bits(127u32.wrapping_sub(n) << 23) } else { 1.0 + x }
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
        assert_eq!(Coder::new().in_circle, 208);
    }

    #[test]
    fn exponentials_are_those_of_the_library() {
        // Every 1009th number from 0 to -80.
        for bits in (0..=80f32.to_bits()).step_by(1009).chain([0, 1, 0x3900_0000, 0x3900_0001, 0x3f85_1592]) {
            let x = -f32::from_bits(bits);
            assert_eq!(exp_of_little(x).to_bits(), x.exp_exact().to_bits(), "{x}");
        }
    }

    #[test]
    fn turns_are_remainders() {
        for bits in (0..=20f32.to_bits()).step_by(1009).chain([core::f32::consts::TAU.to_bits()]) {
            for angle in [f32::from_bits(bits), -f32::from_bits(bits)] {
                assert_eq!(turned(angle), angle.rem_euclid(core::f32::consts::TAU), "{angle}");
            }
        }
    }
}
