//! Where a pixel of the image lies on the master, and back: resolution, the slices of a sweep sensor, and the skin's own warp.

use crate::exact;
use crate::random::Stream;

use super::super::parameters::{
    AXIS_X, CLOSE_CONTACT, CONTACT_CENTRE_Y, STRAIN_MAX, SWEEP_DRIFT, SWEEP_SLICE, SWEEP_SLIP, SWEEP_SPEED,
};
use super::super::warp::{Warp, WarpParams};
use super::params::{ImpressionParams, Sensor};

/// A whole placement of a finger in an image.
pub(in super::super) struct Placement {
    scale: f64,
    sweep: Option<Sweep>,
    warp: Warp,
}

/// What the slices of a sweep sensor do to a straight picture: every row is of some other row, moved a little to the side.
struct Sweep {
    /// The true row of each row, growing, pixels at 500 ppi.
    row: Vec<f64>,
    /// How far each row is moved to the right.
    slip: Vec<f64>,
}

impl Placement {
    /// The parameters must be [`ImpressionParams::held`].
    pub(in super::super) fn new(params: &ImpressionParams, seed: u64) -> Self {
        let sweep = (params.sensor == Sensor::Sweep)
            .then(|| Sweep::draw(usize::from(params.height), &mut Stream::new(seed, "sweep")));
        Self { scale: params.scale(), sweep, warp: warp(params) }
    }

    /// The master point under a point of the image.
    pub(in super::super) fn to_master(&self, x: f64, y: f64) -> (f64, f64) {
        let (mut u, mut v) = (x / self.scale, y / self.scale);
        if let Some(sweep) = &self.sweep {
            (u, v) = sweep.straight(u, v);
        }
        self.warp.to_master(u, v)
    }

    /// The point of the image over a master point; `None` where the skin has folded over and no point is found.
    pub(in super::super) fn to_image(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (mut u, mut v) = self.warp.to_image(x, y)?;
        if let Some(sweep) = &self.sweep {
            (u, v) = sweep.swept(u, v);
        }
        Some((u * self.scale, v * self.scale))
    }

    /// A direction of the master (radians, counter-clockwise as seen) as it lies at the point `(x, y)` of the image. Between two slices
    /// ridges jump; the direction is that within the slices.
    pub(in super::super) fn direction_to_image(&self, x: f64, y: f64, direction: f64) -> f64 {
        let (u, v) = (x / self.scale, y / self.scale);
        match &self.sweep {
            None => self.warp.direction_to_image(u, v, direction),
            Some(sweep) => {
                let (su, sv) = sweep.straight(u, v);
                let direction = self.warp.direction_to_image(su, sv, direction);
                let (s, c) = exact::sin_cos(direction);
                exact::wrap_tau(exact::atan2(s / sweep.speed(v), c))
            }
        }
    }

    /// Pixels of the image across which one period of the master reaches at `(x, y)`, for a ridge direction of the image.
    pub(in super::super) fn period_to_image(&self, x: f64, y: f64, direction: f64, period: f64) -> f64 {
        const STEP: f64 = 0.5;
        let (s, c) = exact::sin_cos(direction);
        // A step across the ridges (their normal is (s, c) in image coordinates), and how far it leads over the master.
        let (a, b) = (self.to_master(x - STEP * s, y - STEP * c), self.to_master(x + STEP * s, y + STEP * c));
        // Only what of it lies across the ridges there counts; over a short way the rest is small.
        let way = ((b.0 - a.0) * (b.0 - a.0) + (b.1 - a.1) * (b.1 - a.1)).sqrt().max(1e-6);
        period * 2.0 * STEP / way
    }
}

impl Sweep {
    fn draw(rows: usize, stream: &mut Stream) -> Self {
        let (mut row, mut slip) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        let (mut at, mut aside, mut speed) = (0.0, 0.0, 1.0);
        for y in 0..rows {
            if y % SWEEP_SLICE == 0 {
                // The reconstruction guesses the finger's speed from the overlap of two slices, and is a little off each time.
                speed = (1.0 + 0.7 * (speed - 1.0) + stream.normal(0.0, SWEEP_SPEED)).clamp(0.75, 1.3);
                aside += stream.normal(0.0, SWEEP_DRIFT);
                aside *= 0.95;
            }
            row.push(at);
            slip.push(aside + if y % SWEEP_SLICE == 0 { stream.normal(0.0, SWEEP_SLIP) } else { 0.0 });
            at += speed;
        }
        // Errors add up; the whole keeps its length.
        let stretch = (rows as f64 - 1.0).max(1.0) / row.last().copied().unwrap_or(1.0).max(1.0);
        for r in &mut row {
            *r *= stretch;
        }
        Self { row, slip }
    }

    /// From the image as it came out to the finger as it was.
    fn straight(&self, u: f64, v: f64) -> (f64, f64) {
        let (i, t) = self.place(v);
        let row = self.row[i] + (self.row[i + 1] - self.row[i]) * t;
        (u - self.slip[i], row)
    }

    /// From the finger as it was to the image as it came out.
    fn swept(&self, u: f64, v: f64) -> (f64, f64) {
        let last = self.row.len() - 2;
        let i = self.row.partition_point(|r| *r <= v).saturating_sub(1).min(last);
        let t = (v - self.row[i]) / (self.row[i + 1] - self.row[i]);
        let out = i as f64 + t;
        let i = if out < 0.0 { 0 } else { (out as usize).min(last) };
        (u + self.slip[i], out)
    }

    /// Rows of the finger for one row of the image.
    fn speed(&self, v: f64) -> f64 {
        let i = self.place(v).0;
        (self.row[i + 1] - self.row[i]).max(0.1)
    }

    fn place(&self, v: f64) -> (usize, f64) {
        // Beyond both ends the first and last rows go on.
        let i = v.floor().clamp(0.0, (self.row.len() - 2) as f64) as usize;
        (i, v - i as f64)
    }
}

fn warp(params: &ImpressionParams) -> Warp {
    let f = f64::from;
    let size = f(params.size);
    // Lengths on the master are those of the grown finger.
    let contact = (f(params.contact.0) / size, f(params.contact.1) / size);
    let close = (CLOSE_CONTACT * contact.0, CLOSE_CONTACT * contact.1);
    let drag = (f(params.drag.0) * f(params.drag.0) + f(params.drag.1) * f(params.drag.1)).sqrt();
    let pull = drag + f(params.torsion).abs() * contact.1;
    // The brake's steepest slope is pi / 2 over the plasticity; skin strained beyond this would fold.
    let softest = std::f64::consts::FRAC_PI_2 * pull / (STRAIN_MAX * close.0.min(close.1));
    Warp::new(WarpParams {
        image_centre: (
            f(f32::from(params.width)) / 2.0 + f(params.shift.0),
            f(f32::from(params.height)) / 2.0 + f(params.shift.1),
        ),
        master_centre: (AXIS_X + f(params.contact_shift.0), CONTACT_CENTRE_Y + f(params.contact_shift.1)),
        rotation: f(params.rotation),
        stretch: f(params.stretch) * size,
        close,
        shift: (f(params.drag.0), f(params.drag.1)),
        turn: f(params.torsion),
        plasticity: f(params.plasticity).max(softest),
    })
}
