//! Where ridges shall run and how wide: direction and period of the whole finger, once on a lattice for everything that
//! needs them smoothly, and once as the filter that belongs to each pixel of the growth grid.

use crate::exact;

use super::orientation::OrientationField;
use super::parameters::{
    AXIS_X, BANK_DIRECTIONS, BANK_PERIOD_RANGE, BANK_PERIODS, CONTACT_CENTRE_Y, GROWTH_SCALE, LATTICE_STEP,
    MASTER_HEIGHT, MASTER_WIDTH, SKIN_REACH,
};
use super::period::PeriodField;

/// Pixels around a singular point within which the direction turns too fast to be interpolated.
const NEAR_SINGULAR: f64 = 2.0 * LATTICE_STEP as f64;
/// A plan's entry where there is no skin.
pub(super) const NO_SKIN: u16 = u16::MAX;

/// A node's index, and how far the point lies past it, in steps.
struct Place {
    node: usize,
    across: f32,
    down: f32,
}

/// Direction and period at the nodes of a square lattice over the master, [`LATTICE_STEP`] pixels apart.
#[derive(Debug, Clone)]
pub(super) struct FieldLattice {
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Cosine and sine of the doubled ridge direction.
    pub(super) doubled: Vec<(f32, f32)>,
    /// Ridge period, pixels.
    pub(super) period: Vec<f32>,
}

impl FieldLattice {
    pub(super) fn new(orientation: &OrientationField, period: &PeriodField) -> Self {
        let (columns, rows) = (MASTER_WIDTH / LATTICE_STEP + 2, MASTER_HEIGHT / LATTICE_STEP + 2);
        let mut doubled = Vec::with_capacity(columns * rows);
        let mut periods = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let (x, y) = ((column * LATTICE_STEP) as f64, (row * LATTICE_STEP) as f64);
                let (s, c) = exact::sin_cos(2.0 * orientation.at(x, y));
                doubled.push((c as f32, s as f32));
                periods.push(period.at(x, y) as f32);
            }
        }
        Self { columns, rows, doubled, period: periods }
    }

    /// Doubled direction (not of unit length) and period at a point of the master, bilinear.
    pub(super) fn at(&self, x: f32, y: f32) -> ((f32, f32), f32) {
        let place = self.place(x, y);
        let corners = self.corners(&place).map(|k| self.doubled[k]);
        let direction = (place.mix(corners.map(|c| c.0)), place.mix(corners.map(|c| c.1)));
        (direction, place.mix(self.corners(&place).map(|k| self.period[k])))
    }

    /// The value at a point of the master of anything given at the nodes, bilinear.
    pub(super) fn value(&self, of: &[f32], x: f32, y: f32) -> f32 {
        let place = self.place(x, y);
        place.mix(self.corners(&place).map(|k| of[k]))
    }

    fn place(&self, x: f32, y: f32) -> Place {
        let step = LATTICE_STEP as f32;
        let (u, v) = ((x / step).clamp(0.0, (self.columns - 2) as f32), (y / step).clamp(0.0, (self.rows - 2) as f32));
        let (column, row) = (u as usize, v as usize);
        Place { node: row * self.columns + column, across: u - column as f32, down: v - row as f32 }
    }

    fn corners(&self, place: &Place) -> [usize; 4] {
        [place.node, place.node + 1, place.node + self.columns, place.node + self.columns + 1]
    }
}

impl Place {
    fn mix(&self, [a, b, c, d]: [f32; 4]) -> f32 {
        (a + (b - a) * self.across) * (1.0 - self.down) + (c + (d - c) * self.across) * self.down
    }
}

/// The filter of every pixel of the growth grid.
pub(super) struct RidgePlan {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Direction bin times [`BANK_PERIODS`] plus period bin; [`NO_SKIN`] outside the finger.
    pub(super) kernel: Vec<u16>,
}

impl RidgePlan {
    pub(super) fn new(orientation: &OrientationField, lattice: &FieldLattice) -> Self {
        let (width, height) = (MASTER_WIDTH / GROWTH_SCALE, MASTER_HEIGHT / GROWTH_SCALE);
        let scale = GROWTH_SCALE as f64;
        let mut kernel = vec![NO_SKIN; width * height];
        for y in 0..height {
            for x in 0..width {
                let (mx, my) = (x as f64 * scale, y as f64 * scale);
                if is_skin(mx, my) {
                    let ((c, s), period) = lattice.at(mx as f32, my as f32);
                    let theta = 0.5 * f64::from(quick_angle(s, c));
                    kernel[y * width + x] = kernel_of(theta, f64::from(period) / scale);
                }
            }
        }
        // Where the direction turns within a step of the lattice, it is asked itself.
        for point in orientation.loops.iter().chain(&orientation.deltas) {
            let low = |v: f64| ((v - NEAR_SINGULAR) / scale).max(0.0) as usize;
            let high = |v: f64, most: usize| (((v + NEAR_SINGULAR) / scale).max(0.0) as usize + 1).min(most);
            for y in low(point.y)..high(point.y, height) {
                for x in low(point.x)..high(point.x, width) {
                    let (mx, my) = (x as f64 * scale, y as f64 * scale);
                    if is_skin(mx, my) {
                        let period = lattice.at(mx as f32, my as f32).1;
                        kernel[y * width + x] = kernel_of(orientation.at(mx, my), f64::from(period) / scale);
                    }
                }
            }
        }
        Self { width, height, kernel }
    }

    /// Direction bin of a pixel; 0 outside the finger.
    pub(super) fn direction(&self, i: usize) -> usize {
        if self.kernel[i] == NO_SKIN { 0 } else { usize::from(self.kernel[i]) / BANK_PERIODS }
    }

    /// Period bin of a pixel; 0 outside the finger.
    pub(super) fn period(&self, i: usize) -> usize {
        if self.kernel[i] == NO_SKIN { 0 } else { usize::from(self.kernel[i]) % BANK_PERIODS }
    }

    /// Whether a pixel belongs to the finger.
    pub(super) fn is_skin(&self, i: usize) -> bool {
        self.kernel[i] != NO_SKIN
    }
}

/// Whether a point of the master belongs to the finger: an ellipse round the usual contact, cut by the master's frame.
pub(super) fn is_skin(x: f64, y: f64) -> bool {
    let (u, v) = ((x - AXIS_X) / SKIN_REACH.0, (y - CONTACT_CENTRE_Y) / SKIN_REACH.1);
    u * u + v * v <= 1.0
}

/// From a ridge direction (radians) and a period (pixels of the growth grid).
fn kernel_of(theta: f64, period: f64) -> u16 {
    let (low, high) = BANK_PERIOD_RANGE;
    let direction = (theta / std::f64::consts::PI * BANK_DIRECTIONS as f64 + 0.5).floor();
    let direction = direction.rem_euclid(BANK_DIRECTIONS as f64) as usize;
    let q = ((period - low) / (high - low)).clamp(0.0, 1.0) * (BANK_PERIODS - 1) as f64;
    (direction * BANK_PERIODS + (q + 0.5).floor() as usize) as u16
}

/// Angle of a vector to a thousandth of a radian: far below the bank's step, and the same everywhere.
pub(super) fn quick_angle(y: f32, x: f32) -> f32 {
    use std::f32::consts::{FRAC_PI_2, PI};
    let (ax, ay) = (x.abs(), y.abs());
    let (low, high) = if ax < ay { (ax, ay) } else { (ay, ax) };
    let t = low / high.max(1e-12);
    let t2 = t * t;
    let a = t * (0.999_215 + t2 * (-0.321_176 + t2 * (0.146_264 + t2 * -0.038_993)));
    let a = if ax < ay { FRAC_PI_2 - a } else { a };
    let a = if x < 0.0 { PI - a } else { a };
    if y < 0.0 { -a } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_angles_are_near_enough() {
        for i in 0..2000 {
            let a = f64::from(i) * 0.003_1 - 3.1;
            let (s, c) = exact::sin_cos(a);
            assert!((f64::from(quick_angle(s as f32, c as f32)) - a).abs() < 2e-3, "{a}");
        }
    }
}
