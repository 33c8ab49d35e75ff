//! Minutiae as what they are in the ridge phase: points around which it turns once (Larkin and Fletcher 2007).
//!
//! Round each cell of four pixels the phase steps are summed; a total of +-1 turn is a minutia, its place the zero of the complex
//! wave inside the cell. On one side of it there is one more line; its direction points there, and it is an ending
//! if that line is a ridge, a bifurcation if it is a valley.

use std::f64::consts::TAU;
use std::sync::OnceLock;

use tanba_finger::MinutiaKind;

use crate::exact;

use super::growth::{Grown, normal_of, period_of};
use super::parameters::{BANK_DIRECTIONS, BANK_PERIODS, PAIR_DISTANCE};
use super::plan::RidgePlan;

/// Distance ahead of and behind the minutia at which the extra line is looked at, in periods.
const LOOK: [f64; 3] = [0.45, 0.65, 0.85];

/// A minutia on the growth grid.
#[derive(Clone)]
pub(super) struct Vortex {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Radians, counter-clockwise as seen, as in [`tanba_finger::Minutia`].
    pub(super) direction: f64,
    pub(super) kind: MinutiaKind,
    /// Ridge period there.
    period: f64,
}

/// Every minutia of the grown ridges, in raster order.
pub(super) fn find(plan: &RidgePlan, grown: &Grown) -> Vec<Vortex> {
    let mut found = Vec::new();
    let carriers = carriers();
    for y in 0..plan.height - 1 {
        for x in 0..plan.width - 1 {
            if !may_turn(plan, grown, carriers, y * plan.width + x) {
                continue;
            }
            let cell = Cell::new(plan, grown, x, y);
            let turns = cell.turns();
            if turns != 0 {
                found.push(cell.vortex(plan, grown, x, y, f64::from(turns)));
            }
        }
    }
    without_pairs(&found)
}

/// A kernel's normal, and its wave a pixel to the right, below, and both.
struct Carrier {
    normal: (f32, f32),
    steps: [(f32, f32); 3],
}

fn carriers() -> &'static [Carrier] {
    static CARRIERS: OnceLock<Vec<Carrier>> = OnceLock::new();
    CARRIERS.get_or_init(|| {
        let carrier = |kernel: usize| {
            let (nx, ny) = normal_of(kernel / BANK_PERIODS);
            let k = TAU / period_of(kernel % BANK_PERIODS);
            let step = |dx: f64, dy: f64| {
                let (s, c) = exact::sin_cos(-k * (nx * dx + ny * dy));
                (c as f32, s as f32)
            };
            Carrier { normal: (nx as f32, ny as f32), steps: [step(1.0, 0.0), step(0.0, 1.0), step(1.0, 1.0)] }
        };
        (0..BANK_DIRECTIONS * BANK_PERIODS).map(carrier).collect()
    })
}

/// Whether the phase can turn round the cell at all: not where its corners all lie on one side, the carrier taken out. Nearly every
/// cell ends here.
fn may_turn(plan: &RidgePlan, grown: &Grown, carriers: &[Carrier], i: usize) -> bool {
    let corners = [i + 1, i + plan.width, i + plan.width + 1];
    if !plan.is_skin(i) || corners.iter().any(|&j| !plan.is_skin(j)) {
        return false;
    }
    let first = &carriers[usize::from(plan.kernel[i])];
    let (a, b) = (grown.even[i], grown.odd[i]);
    corners.iter().zip(&first.steps).any(|(&j, step)| {
        let normal = carriers[usize::from(plan.kernel[j])].normal;
        let sign = if normal.0 * first.normal.0 + normal.1 * first.normal.1 < 0.0 { -1.0 } else { 1.0 };
        let (e, o) = (grown.even[j], sign * grown.odd[j]);
        let (re, im) = (e * step.0 - o * step.1, e * step.1 + o * step.0);
        // Less than an eighth of a turn from the first corner each, no two of them are a quarter apart.
        let (along, off) = (re * a + im * b, im * a - re * b);
        along <= 0.0 || off.abs() > along
    })
}

/// Drops pairs of opposite turn so close that the ridges between them hardly waver.
fn without_pairs(found: &[Vortex]) -> Vec<Vortex> {
    let mut kept = vec![true; found.len()];
    for i in 0..found.len() {
        for j in i + 1..found.len() {
            let (a, b) = (&found[i], &found[j]);
            // Raster order: nothing further down can be near.
            if b.y - a.y > PAIR_DISTANCE * a.period + 1.0 {
                break;
            }
            let (dx, dy) = (a.x - b.x, a.y - b.y);
            let near = dx * dx + dy * dy < PAIR_DISTANCE * PAIR_DISTANCE * a.period * a.period;
            if near && kept[i] && kept[j] && exact::sin_cos(a.direction - b.direction).1 < -0.5 {
                kept[i] = false;
                kept[j] = false;
            }
        }
    }
    let kept = found.iter().zip(kept).filter(|(_, keep)| *keep);
    kept.map(|(v, _)| v.clone()).collect()
}

/// Four neighbouring pixels with the carrier wave taken out.
struct Cell {
    /// The complex wave at (0,0), (1,0), (1,1), (0,1), without the mean carrier.
    still: [(f64, f64); 4],
    normal: (f64, f64),
}

const CORNERS: [(usize, usize); 4] = [(0, 0), (1, 0), (1, 1), (0, 1)];

impl Cell {
    fn new(plan: &RidgePlan, grown: &Grown, x: usize, y: usize) -> Self {
        let at = |(dx, dy): (usize, usize)| (y + dy) * plan.width + x + dx;
        let first = normal_of(plan.direction(at((0, 0))));
        let mut normals = [(0.0, 0.0); 4];
        let mut signs = [1.0; 4];
        let (mut kx, mut ky) = (0.0, 0.0);
        for (i, &corner) in CORNERS.iter().enumerate() {
            let (nx, ny) = normal_of(plan.direction(at(corner)));
            // The filter's normal is known up to its sign; bring all four to the side of the first.
            if nx * first.0 + ny * first.1 < 0.0 {
                signs[i] = -1.0;
            }
            normals[i] = (nx * signs[i], ny * signs[i]);
            let k = TAU / period_of(plan.period(at(corner)));
            kx += normals[i].0 * k / 4.0;
            ky += normals[i].1 * k / 4.0;
        }
        let still = std::array::from_fn(|i| {
            let index = at(CORNERS[i]);
            let (e, o) = (f64::from(grown.even[index]), signs[i] * f64::from(grown.odd[index]));
            let (s, c) = exact::sin_cos(-(kx * CORNERS[i].0 as f64 + ky * CORNERS[i].1 as f64));
            (e * c - o * s, e * s + o * c)
        });
        let length = (kx * kx + ky * ky).sqrt().max(1e-9);
        Self { still, normal: (kx / length, ky / length) }
    }

    /// Turns of the phase round the cell, from x toward y. The carrier has none, so it may be left out.
    fn turns(&self) -> i32 {
        let mut sum = 0.0;
        for i in 0..4 {
            let (a, b) = (self.still[i], self.still[(i + 1) % 4]);
            sum += exact::atan2(b.1 * a.0 - b.0 * a.1, a.0 * b.0 + a.1 * b.1);
        }
        (sum / TAU + 0.5).floor() as i32
    }

    /// Where the bilinear wave is zero, in `[0, 1]` each (Newton from the middle).
    fn zero(&self) -> (f64, f64) {
        let [a, b, c, d] = self.still;
        let (mut u, mut v) = (0.5, 0.5);
        for _ in 0..12 {
            let value =
                |p: f64, q: f64, r: f64, s: f64| (p * (1.0 - u) + q * u) * (1.0 - v) + (s * (1.0 - u) + r * u) * v;
            let (f, g) = (value(a.0, b.0, c.0, d.0), value(a.1, b.1, c.1, d.1));
            let by_u = |p: f64, q: f64, r: f64, s: f64| (q - p) * (1.0 - v) + (r - s) * v;
            let by_v = |p: f64, q: f64, r: f64, s: f64| (s - p) * (1.0 - u) + (r - q) * u;
            let (fu, fv) = (by_u(a.0, b.0, c.0, d.0), by_v(a.0, b.0, c.0, d.0));
            let (gu, gv) = (by_u(a.1, b.1, c.1, d.1), by_v(a.1, b.1, c.1, d.1));
            let det = fu * gv - fv * gu;
            if det.abs() < 1e-12 {
                break;
            }
            u = (u - (f * gv - g * fv) / det).clamp(0.0, 1.0);
            v = (v - (g * fu - f * gu) / det).clamp(0.0, 1.0);
        }
        (u, v)
    }

    fn vortex(&self, plan: &RidgePlan, grown: &Grown, x: usize, y: usize, turns: f64) -> Vortex {
        let (u, v) = self.zero();
        let (px, py) = (x as f64 + u, y as f64 + v);
        // With one positive turn, lines are closer on the side at a quarter turn back from the normal.
        let (dx, dy) = (turns * self.normal.1, -turns * self.normal.0);
        let period = period_of(plan.period(y * plan.width + x));
        let mut ahead = 0.0;
        for step in LOOK {
            ahead += sample(plan, &grown.even, px + dx * step * period, py + dy * step * period);
            ahead -= sample(plan, &grown.even, px - dx * step * period, py - dy * step * period);
        }
        let kind = if ahead > 0.0 { MinutiaKind::Ending } else { MinutiaKind::Bifurcation };
        Vortex { x: px, y: py, direction: exact::wrap_tau(exact::atan2(-dy, dx)), kind, period }
    }
}

/// Bilinear value, held at the border.
fn sample(plan: &RidgePlan, of: &[f32], x: f64, y: f64) -> f64 {
    let x = x.clamp(0.0, (plan.width - 1) as f64 - 1e-6);
    let y = y.clamp(0.0, (plan.height - 1) as f64 - 1e-6);
    let (x0, y0) = (x.floor() as usize, y.floor() as usize);
    let (u, v) = (x - x0 as f64, y - y0 as f64);
    let at = |dx: usize, dy: usize| f64::from(of[(y0 + dy) * plan.width + x0 + dx]);
    (at(0, 0) * (1.0 - u) + at(1, 0) * u) * (1.0 - v) + (at(0, 1) * (1.0 - u) + at(1, 1) * u) * v
}
