//! Where a pixel of an impression lies on the master, and back.
//!
//! Skin that is pressed and then turned or pushed moves freely at its rim and not at all where it is in close contact (Cappelli,
//! Maio and Maltoni 2001): inside an ellipse nothing slips, far outside the skin moves rigidly, and in between the
//! motion is braked by half a cosine of the elliptic distance.

use crate::exact;

/// Where and how a finger lies on the sensor.
#[derive(Debug, Clone, Copy)]
pub(super) struct WarpParams {
    /// Centre of the contact in the impression, pixels.
    pub(super) image_centre: (f64, f64),
    /// The point of the master that lies there.
    pub(super) master_centre: (f64, f64),
    /// Rotation of the finger, radians, counter-clockwise as seen.
    pub(super) rotation: f64,
    /// Enlargement by pressure and by the finger's size, 1 for none.
    pub(super) stretch: f64,
    /// Semi-axes of the ellipse of close contact, pixels of the master.
    pub(super) close: (f64, f64),
    /// Rigid motion of the free skin: shift in pixels and turn in radians.
    pub(super) shift: (f64, f64),
    pub(super) turn: f64,
    /// Elliptic distance over which the brake lets go (the skin's plasticity); 0.3 is stiff, 2 is soft.
    pub(super) plasticity: f64,
}

/// The same, made ready for many points.
#[derive(Debug, Clone)]
pub(super) struct Warp {
    params: WarpParams,
    /// Sine and cosine of the rotation, over the stretch.
    rotation: (f64, f64),
    /// Sine of the free skin's turn, and its cosine less one.
    turn: (f64, f64),
}

/// A point and the derivative there: columns are the images of one pixel to the right and one down.
type PointAndJacobian = ((f64, f64), [[f64; 2]; 2]);

impl Warp {
    pub(super) fn new(params: WarpParams) -> Self {
        let (s, c) = exact::sin_cos(params.rotation);
        let (st, ct) = exact::sin_cos(params.turn);
        Self { params, rotation: (s / params.stretch, c / params.stretch), turn: (st, ct - 1.0) }
    }

    /// The master point under a point of the impression.
    pub(super) fn to_master(&self, x: f64, y: f64) -> (f64, f64) {
        let p = &self.params;
        let (mx, my) = self.turned(x, y);
        let brake = self.brake(mx, my).0;
        let (px, py) = self.pull(mx, my);
        (p.master_centre.0 + mx + px * brake, p.master_centre.1 + my + py * brake)
    }

    /// Back by rotation and stretch, from the contact's centre; y grows downward, so the signs are those of a clockwise frame.
    fn turned(&self, x: f64, y: f64) -> (f64, f64) {
        let (dx, dy) = (x - self.params.image_centre.0, y - self.params.image_centre.1);
        let (s, c) = self.rotation;
        (c * dx - s * dy, s * dx + c * dy)
    }

    /// Where free skin would have gone, relative to the point.
    fn pull(&self, mx: f64, my: f64) -> (f64, f64) {
        let (st, ct1) = self.turn;
        (ct1 * mx - st * my + self.params.shift.0, st * mx + ct1 * my + self.params.shift.1)
    }

    /// How free the skin is, 0 to 1, and the gradient of that.
    fn brake(&self, x: f64, y: f64) -> (f64, (f64, f64)) {
        let (a, b) = self.params.close;
        let (u, v) = (x / a, y / b);
        let r = (u * u + v * v).sqrt();
        let d = r - 1.0;
        if d <= 0.0 {
            (0.0, (0.0, 0.0))
        } else if d >= self.params.plasticity {
            (1.0, (0.0, 0.0))
        } else {
            let k = std::f64::consts::PI / self.params.plasticity;
            let (s, c) = exact::sin_cos(k * d);
            let slope = 0.5 * k * s / r;
            (0.5 * (1.0 - c), (slope * u / a, slope * v / b))
        }
    }

    fn with_jacobian(&self, x: f64, y: f64) -> PointAndJacobian {
        let p = &self.params;
        let (mx, my) = self.turned(x, y);
        let (brake, (bx, by)) = self.brake(mx, my);
        let (px, py) = self.pull(mx, my);
        let (st, ct1) = self.turn;
        // Derivative over the turned frame, then through the turn itself.
        let k =
            [[1.0 + ct1 * brake + px * bx, -st * brake + px * by], [st * brake + py * bx, 1.0 + ct1 * brake + py * by]];
        let (s, c) = self.rotation;
        let j = k.map(|[a, b]| [a * c + b * s, b * c - a * s]);
        ((p.master_centre.0 + mx + px * brake, p.master_centre.1 + my + py * brake), j)
    }

    /// The point of the impression over a master point, by damped Newton steps; `None` where the skin has folded over and no
    /// point is found.
    pub(super) fn to_image(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let p = &self.params;
        let (dx, dy) = (x - p.master_centre.0, y - p.master_centre.1);
        let (s, c) = (self.rotation.0 * p.stretch * p.stretch, self.rotation.1 * p.stretch * p.stretch);
        let mut px = p.image_centre.0 + c * dx + s * dy;
        let mut py = p.image_centre.1 + c * dy - s * dx;
        for _ in 0..60 {
            let ((mx, my), jacobian) = self.with_jacobian(px, py);
            let (ex, ey) = (x - mx, y - my);
            if ex * ex + ey * ey < 1e-12 {
                return Some((px, py));
            }
            let (ux, uy) = solve(jacobian, ex, ey)?;
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
        match solve(self.with_jacobian(x, y).1, c, -s) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn drawn(s: &mut Stream) -> Warp {
        Warp::new(WarpParams {
            image_centre: (200.0, 210.0),
            master_centre: (256.0, 262.0),
            rotation: s.normal(0.0, 0.4),
            stretch: s.uniform(0.6, 1.1),
            close: (45.0, 60.0),
            shift: (s.normal(0.0, 12.0), s.normal(0.0, 12.0)),
            turn: s.normal(0.0, 0.15),
            plasticity: s.uniform(1.3, 2.5),
        })
    }

    #[test]
    fn the_derivative_is_that_of_the_warp() {
        const H: f64 = 1e-4;
        let mut s = Stream::new(1, "warp test");
        for _ in 0..500 {
            let w = drawn(&mut s);
            let (x, y) = (s.uniform(60.0, 340.0), s.uniform(40.0, 380.0));
            let (a, b) = (w.to_master(x + H, y), w.to_master(x - H, y));
            let (c, d) = (w.to_master(x, y + H), w.to_master(x, y - H));
            let slow = [[a.0 - b.0, c.0 - d.0], [a.1 - b.1, c.1 - d.1]];
            let (point, fast) = w.with_jacobian(x, y);
            assert_eq!(point, w.to_master(x, y));
            for (f, s) in fast.as_flattened().iter().zip(slow.as_flattened()) {
                assert!((f - s / (2.0 * H)).abs() < 1e-4, "{fast:?} {slow:?}");
            }
        }
    }

    #[test]
    fn there_and_back_is_where_it_was() {
        let mut s = Stream::new(2, "warp test");
        for _ in 0..500 {
            let w = drawn(&mut s);
            let (x, y) = (s.uniform(60.0, 340.0), s.uniform(40.0, 380.0));
            let (mx, my) = w.to_master(x, y);
            if let Some((u, v)) = w.to_image(mx, my) {
                let again = w.to_master(u, v);
                assert!((again.0 - mx).abs() < 1e-5 && (again.1 - my).abs() < 1e-5);
            }
        }
    }
}
