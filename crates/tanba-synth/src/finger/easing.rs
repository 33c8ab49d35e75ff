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

use super::orientation::OrientationField;
use super::parameters::{
    DIRECTION_STIFFNESS, EASING_HOLD, EASING_ITERATIONS, EASING_SOFT, EASING_STEP, MASTER_HEIGHT, MASTER_WIDTH,
    PERIOD_STIFFNESS,
};
use super::plan::is_skin;

/// Short for the lattice below.
const STEP: usize = EASING_STEP;
const COLUMNS: usize = MASTER_WIDTH / STEP + 2;
const ROWS: usize = MASTER_HEIGHT / STEP + 2;

/// By how much the direction is bent, or which share the period is wider, at the knots of a cubic spline.
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
        solved(&spreads(field).iter().map(across).collect::<Vec<_>>(), DIRECTION_STIFFNESS, EASING_ITERATIONS)
    }

    /// What eases the period of a field, as a share of it.
    pub(super) fn of_period(field: &OrientationField) -> Self {
        let along = |c: &Spread| Cell { along: c.tangent, growth: c.spread, weight: c.weight };
        solved(&spreads(field).iter().map(along).collect::<Vec<_>>(), PERIOD_STIFFNESS, EASING_ITERATIONS)
    }

    /// The angle (radians counter-clockwise) or the share of the period at a point of the master.
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
fn solved(cells: &[Cell], stiffness: f64, steps: usize) -> Easing {
    let asked: Vec<f64> = cells.iter().map(|c| c.weight * c.growth).collect();
    let mut rest = vec![0.0; COLUMNS * ROWS];
    add_back(cells, &asked, &mut rest);
    let mut knots = vec![0.0; COLUMNS * ROWS];
    let mut way = rest.clone();
    let mut applied = vec![0.0; COLUMNS * ROWS];
    let mut square = dot(&rest, &rest);
    for _ in 0..steps {
        apply(cells, stiffness, &way, &mut applied);
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
                weight *= d2 / (d2 + EASING_SOFT * EASING_SOFT);
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
fn apply(cells: &[Cell], stiffness: f64, field: &[f64], out: &mut [f64]) {
    let half = 0.5 / STEP as f64;
    let stiffness = stiffness / (STEP * STEP) as f64;
    for (o, f) in out.iter_mut().zip(field) {
        *o = EASING_HOLD * f;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finger::PatternClass;
    use crate::random::Stream;

    /// Mean square of the spread where it counts.
    fn spreading(field: &OrientationField) -> f64 {
        let all = spreads(field);
        all.iter().map(|c| c.weight * c.spread * c.spread).sum::<f64>() / all.iter().map(|c| c.weight).sum::<f64>()
    }

    #[test]
    fn eased_ridges_spread_less_and_bend_little() {
        let (mut before, mut after) = (0.0, 0.0);
        for class in PatternClass::ALL {
            for seed in 0..4 {
                let field = OrientationField::draw(class, &mut Stream::new(seed, "orientation"));
                let easing = Easing::of_direction(&field);
                let turn = easing.knots.iter().map(|k| k.abs()).fold(0.0, f64::max);
                assert!(turn < 0.9, "{class:?} {seed}: {turn}");
                before += spreading(&field);
                after += spreading(&field.eased());
            }
        }
        assert!(after < 0.75 * before, "{before} {after}");
    }

    #[test]
    fn more_steps_change_nothing() {
        let field = OrientationField::draw(PatternClass::LeftLoop, &mut Stream::new(3, "orientation"));
        let along = |c: &Spread| Cell { along: c.tangent, growth: c.spread, weight: c.weight };
        let cells: Vec<Cell> = spreads(&field).iter().map(along).collect();
        for stiffness in [DIRECTION_STIFFNESS, PERIOD_STIFFNESS] {
            let (short, long) = [1, 3].map(|k| solved(&cells, stiffness, k * EASING_ITERATIONS)).into();
            let off = short.knots.iter().zip(&long.knots).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(off < 0.005, "{stiffness}: {off}");
        }
    }
}
