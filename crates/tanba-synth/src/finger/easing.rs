//! How ridges bend aside rather than spread.
//!
//! Ridges keep their distance: they come about as folds of one preferred width (Kücken and Newell, "Fingerprint formation", Journal of
//! Theoretical Biology 235, 2005). Such a layered pattern bends easily, but where its lines fan out or crowd new ones must begin or old ones
//! end (de Gennes and Prost, "The Physics of Liquid Crystals", 1993, chapter 7: in smectics splay of the layers is cheap, and
//! the bend of their normal is not). A field of zeros and poles knows nothing of that, and asks for more minutiae, all of one sign over
//! wide regions and at the same places in every finger of a class. Here it is bent by a small, smooth angle `d` that takes
//! most of that away: the minimum of
//!
//! `sum w (div t + n . grad d)^2 + BEND (grad d)^2 + HOLD d^2`
//!
//! with `t` along the ridges, `n` across them, and `w` going to nothing at cores and deltas, whose turns must stay. It is quadratic, and solved
//! with conjugate gradients on a coarse lattice.

use crate::exact;
use crate::knob;

use super::orientation::OrientationField;
use super::parameters::{MASTER_HEIGHT, MASTER_WIDTH};
use super::plan::is_skin;

/// Pixels between the nodes of the lattice.
const STEP: usize = 16;
const COLUMNS: usize = MASTER_WIDTH / STEP + 2;
const ROWS: usize = MASTER_HEIGHT / STEP + 2;
/// Distance from a core or delta at which spreading weighs half, pixels.
const SOFT: f64 = 30.0;
/// Steps of the conjugate gradients: the rest is then below a hundredth of the angle.
const ITERATIONS: usize = 40;

/// The angle by which the ridges are bent, at the knots of a cubic spline.
#[derive(Debug, Clone)]
pub(super) struct Easing {
    knots: Vec<f64>,
}

/// One cell of the lattice: where to the unknown shall grow and by how much, and how much that weighs.
struct Cell {
    along: (f64, f64),
    growth: f64,
    weight: f64,
}

impl Easing {
    /// What eases the directions of a field.
    pub(super) fn of_direction(field: &OrientationField) -> Self {
        let across = |c: &Spread| Cell { along: (c.tangent.1, -c.tangent.0), growth: -c.spread, weight: c.weight };
        solved(&spreads(field).iter().map(across).collect::<Vec<_>>(), knob("LAM", 0.3), knob("HOLD", 1e-4))
    }

    /// What eases the period of a field, as a share of it.
    pub(super) fn of_period(field: &OrientationField) -> Self {
        let along = |c: &Spread| Cell { along: c.tangent, growth: c.spread, weight: c.weight };
        solved(&spreads(field).iter().map(along).collect::<Vec<_>>(), knob("PLAM", 2.0), knob("PHOLD", 1e-4))
    }

    /// The angle at a point of the master, radians counter-clockwise.
    pub(super) fn at(&self, x: f64, y: f64) -> f64 {
        let split = |v: f64, n: usize| {
            let v = (v / STEP as f64).clamp(0.0, (n - 1) as f64);
            let i = (v as usize).min(n - 2);
            (i, spline(v - i as f64))
        };
        let ((column, wx), (row, wy)) = (split(x, COLUMNS), split(y, ROWS));
        let mut sum = 0.0;
        for (k, b) in wy.iter().enumerate() {
            let row = (row + k).clamp(1, ROWS) - 1;
            let mut line = 0.0;
            for (l, a) in wx.iter().enumerate() {
                line += a * self.knots[row * COLUMNS + (column + l).clamp(1, COLUMNS) - 1];
            }
            sum += b * line;
        }
        sum
    }
}

/// Weights of the four knots round a place between the second and the third.
fn spline(t: f64) -> [f64; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        (1.0 - 3.0 * t + 3.0 * t2 - t3) / 6.0,
        (4.0 - 6.0 * t2 + 3.0 * t3) / 6.0,
        (1.0 + 3.0 * t + 3.0 * t2 - 3.0 * t3) / 6.0,
        t3 / 6.0,
    ]
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The smooth field that grows as the cells ask.
fn solved(cells: &[Cell], stiffness: f64, hold: f64) -> Easing {
    let asked: Vec<f64> = cells.iter().map(|c| c.weight * c.growth).collect();
    let mut rest = vec![0.0; COLUMNS * ROWS];
    add_back(cells, &asked, &mut rest);
    let mut knots = vec![0.0; COLUMNS * ROWS];
    let mut way = rest.clone();
    let mut applied = vec![0.0; COLUMNS * ROWS];
    let mut square = dot(&rest, &rest);
    for _ in 0..knob("ITER", ITERATIONS as f64) as usize {
        apply(cells, stiffness, hold, &way, &mut applied);
        let length = dot(&way, &applied);
        if length <= 0.0 {
            break;
        }
        let step = square / length;
        for i in 0..knots.len() {
            knots[i] += step * way[i];
            rest[i] -= step * applied[i];
        }
        let next = dot(&rest, &rest);
        let keep = next / square;
        square = next;
        for (w, r) in way.iter_mut().zip(&rest) {
            *w = r + keep * *w;
        }
    }
    Easing { knots }
}

/// The ridges in one cell: their tangent in image coordinates, how far they spread along it, how much that weighs.
struct Spread {
    tangent: (f64, f64),
    spread: f64,
    weight: f64,
}

/// Every cell between four nodes, row by row.
fn spreads(field: &OrientationField) -> Vec<Spread> {
    let step = STEP as f64;
    let mut angles = Vec::with_capacity(COLUMNS * ROWS);
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            angles.push(field.at((column * STEP) as f64, (row * STEP) as f64));
        }
    }
    let soft = knob("SOFT", SOFT);
    let mut out = Vec::with_capacity((COLUMNS - 1) * (ROWS - 1));
    for row in 0..ROWS - 1 {
        for column in 0..COLUMNS - 1 {
            let i = row * COLUMNS + column;
            let first = angles[i];
            // Against the first corner, since directions are known up to half a turn.
            let off = |j: usize| exact::wrap_pi(2.0 * (angles[j] - first)) / 2.0;
            let (right, below, both) = (off(i + 1), off(i + COLUMNS), off(i + COLUMNS + 1));
            let (gx, gy) = ((right + both - below) / (2.0 * step), (below + both - right) / (2.0 * step));
            let (s, c) = exact::sin_cos(first + (right + below + both) / 4.0);
            let (x, y) = ((column as f64 + 0.5) * step, (row as f64 + 0.5) * step);
            let mut weight = if is_skin(x, y) { 1.0 } else { 0.0 };
            for point in field.loops.iter().chain(&field.deltas) {
                let d2 = (x - point.x) * (x - point.x) + (y - point.y) * (y - point.y);
                weight *= d2 / (d2 + soft * soft);
            }
            out.push(Spread { tangent: (c, -s), spread: -s * gx - c * gy, weight });
        }
    }
    out
}

/// Adds the transpose of "how much the unknown grows along the cell's direction".
fn add_back(cells: &[Cell], values: &[f64], out: &mut [f64]) {
    let half = 0.5 / STEP as f64;
    for row in 0..ROWS - 1 {
        for column in 0..COLUMNS - 1 {
            let (k, i) = (row * (COLUMNS - 1) + column, row * COLUMNS + column);
            let (x, y) = (half * values[k] * cells[k].along.0, half * values[k] * cells[k].along.1);
            out[i] -= x + y;
            out[i + 1] += x - y;
            out[i + COLUMNS] += y - x;
            out[i + COLUMNS + 1] += x + y;
        }
    }
}

/// The matrix of the normal equations times a field.
fn apply(cells: &[Cell], stiffness: f64, hold: f64, field: &[f64], out: &mut [f64]) {
    let half = 0.5 / STEP as f64;
    let stiffness = stiffness / (STEP * STEP) as f64;
    for (o, f) in out.iter_mut().zip(field) {
        *o = hold * f;
    }
    let mut spread = Vec::with_capacity(cells.len());
    for row in 0..ROWS - 1 {
        for column in 0..COLUMNS - 1 {
            let (k, i) = (row * (COLUMNS - 1) + column, row * COLUMNS + column);
            let (a, b, c, d) = (field[i], field[i + 1], field[i + COLUMNS], field[i + COLUMNS + 1]);
            let cell = &cells[k];
            let growth = half * (cell.along.0 * (b - a + d - c) + cell.along.1 * (c - a + d - b));
            spread.push(cell.weight * growth);
        }
    }
    add_back(cells, &spread, out);
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let i = row * COLUMNS + column;
            if column + 1 < COLUMNS {
                let d = stiffness * (field[i + 1] - field[i]);
                out[i] -= d;
                out[i + 1] += d;
            }
            if row + 1 < ROWS {
                let d = stiffness * (field[i + COLUMNS] - field[i]);
                out[i] -= d;
                out[i + COLUMNS] += d;
            }
        }
    }
}
