//! Where a pixel of an impression lies on the master, and back.
//!
//! Skin that is pressed and then turned or pushed moves freely at its rim and not at all where it is in close contact (Cappelli,
//! Maio and Maltoni 2001): inside an ellipse nothing slips, far outside the skin moves rigidly, and in between the
//! motion is braked by half a cosine of the elliptic distance.

use crate::exact;

/// A whole placement of a finger on the sensor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Warp {
    /// Centre of the contact in the impression, pixels.
    pub(super) image_centre: (f64, f64),
    /// The point of the master that lies there.
    pub(super) master_centre: (f64, f64),
    /// Rotation of the finger, radians, counter-clockwise as seen.
    pub(super) rotation: f64,
    /// Enlargement by pressure, 1 for none.
    pub(super) stretch: f64,
    /// Semi-axes of the ellipse of close contact, pixels of the master.
    pub(super) close: (f64, f64),
    /// Rigid motion of the free skin: shift in pixels and turn in radians.
    pub(super) shift: (f64, f64),
    pub(super) turn: f64,
    /// Elliptic distance over which the brake lets go (the skin's plasticity); 0.3 is stiff, 2 is soft.
    pub(super) plasticity: f64,
}

impl Warp {
    /// The master point under a point of the impression.
    pub(super) fn to_master(self, x: f64, y: f64) -> (f64, f64) {
        let (s, c) = exact::sin_cos(self.rotation);
        let (dx, dy) = ((x - self.image_centre.0) / self.stretch, (y - self.image_centre.1) / self.stretch);
        // Back by the rotation; y grows downward, so the signs are those of a clockwise frame.
        let (mx, my) = (c * dx - s * dy, s * dx + c * dy);
        let brake = self.brake(mx, my);
        let (st, ct) = exact::sin_cos(self.turn);
        let (fx, fy) = (ct * mx - st * my + self.shift.0, st * mx + ct * my + self.shift.1);
        (self.master_centre.0 + mx + (fx - mx) * brake, self.master_centre.1 + my + (fy - my) * brake)
    }

    fn brake(&self, x: f64, y: f64) -> f64 {
        let (a, b) = self.close;
        let d = ((x / a) * (x / a) + (y / b) * (y / b)).sqrt() - 1.0;
        if d <= 0.0 {
            0.0
        } else if d >= self.plasticity {
            1.0
        } else {
            0.5 * (1.0 - exact::sin_cos(std::f64::consts::PI * d / self.plasticity).1)
        }
    }

    /// Derivative of [`Self::to_master`]: columns are the images of one pixel to the right and one down.
    fn jacobian(&self, x: f64, y: f64) -> [[f64; 2]; 2] {
        const H: f64 = 1e-3;
        let (a, b) = (self.to_master(x + H, y), self.to_master(x - H, y));
        let (c, d) = (self.to_master(x, y + H), self.to_master(x, y - H));
        [[(a.0 - b.0) / (2.0 * H), (c.0 - d.0) / (2.0 * H)], [(a.1 - b.1) / (2.0 * H), (c.1 - d.1) / (2.0 * H)]]
    }

    /// The point of the impression over a master point, by damped Newton steps; `None` where the skin has folded over and no
    /// point is found.
    pub(super) fn to_image(self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (s, c) = exact::sin_cos(self.rotation);
        let (dx, dy) = (x - self.master_centre.0, y - self.master_centre.1);
        let mut px = self.image_centre.0 + self.stretch * (c * dx + s * dy);
        let mut py = self.image_centre.1 + self.stretch * (c * dy - s * dx);
        for _ in 0..60 {
            let (mx, my) = self.to_master(px, py);
            let (ex, ey) = (x - mx, y - my);
            if ex * ex + ey * ey < 1e-12 {
                return Some((px, py));
            }
            let (ux, uy) = solve(self.jacobian(px, py), ex, ey)?;
            let step = (ux * ux + uy * uy).sqrt();
            let damp = if step > 12.0 { 12.0 / step } else { 1.0 };
            px += damp * ux;
            py += damp * uy;
        }
        None
    }

    /// A direction of the master (radians, counter-clockwise as seen) as it lies in the impression at the point `(x, y)`.
    pub(super) fn direction_to_image(&self, x: f64, y: f64, direction: f64) -> f64 {
        let (s, c) = exact::sin_cos(direction);
        match solve(self.jacobian(x, y), c, -s) {
            Some((ux, uy)) => exact::wrap_tau(exact::atan2(-uy, ux)),
            None => direction,
        }
    }
}

fn solve(j: [[f64; 2]; 2], ex: f64, ey: f64) -> Option<(f64, f64)> {
    let det = j[0][0] * j[1][1] - j[0][1] * j[1][0];
    if det.abs() < 1e-6 {
        return None;
    }
    Some(((j[1][1] * ex - j[0][1] * ey) / det, (j[0][0] * ey - j[1][0] * ex) / det))
}
