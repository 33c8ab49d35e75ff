//! The direction of ridges at each point: zeros and poles (Sherlock and Monro 1993) with the individual angular corrections of
//! Vizcaya and Gerhardt (1996), here as short Fourier series, over the dome of the fingertip.
//!
//! Points are pixels of the master, `y` downward; angles are counter-clockwise as the image is seen.

use crate::exact;
use crate::random::Stream;

use super::PatternClass;
use super::easing::Easing;
use super::parameters::{AXIS_X, MASTER_HEIGHT};

/// Harmonics of each singularity's angular correction.
const HARMONICS: usize = 3;
/// Standard deviation of the first harmonic's coefficients, radians; the k-th has 1/k of it.
const CORRECTION_DEVIATION: f64 = 0.15;
/// A bare zero opens like a parabola; real loops have nearly parallel legs. This much of the angle's sine is taken off around
/// the tail's direction (between 0, a parabola, and 1), on average and with its deviation between fingers.
const NARROWING: (f64, f64) = (0.62, 0.10);
/// How far from the core that reaches, pixels.
const NARROWING_REACH: f64 = 120.0;
/// Mean and deviation of the extra turn of a loop round its core, radians (half of what its tail turns).
const LOOP_TILT: (f64, f64) = (-0.13, 0.07);
/// How far from the core that reaches, pixels.
const TILT_REACH: f64 = 95.0;
/// Plane waves in the smooth bending that every finger has of its own.
const WAVES: usize = 4;
/// Standard deviation of a wave's amplitude, radians.
const WAVE_DEVIATION: f64 = 0.065;
/// Distance from the axis at which the dome is steepest, pixels.
const DOME_HALF_WIDTH: f64 = 190.0;

/// A core (index +1/2) or a delta (index -1/2).
#[derive(Debug, Clone)]
pub(super) struct Singularity {
    pub(super) x: f64,
    pub(super) y: f64,
    correction: [(f64, f64); HARMONICS],
    /// How far the loop's legs are drawn parallel, and toward where its tail lies.
    narrowing: f64,
    tail: f64,
}

impl Singularity {
    fn draw(x: f64, y: f64, stream: &mut Stream) -> Self {
        let correction = std::array::from_fn(|k| {
            let deviation = CORRECTION_DEVIATION / (k + 1) as f64;
            (stream.normal(0.0, deviation), stream.normal(0.0, deviation))
        });
        Self { x, y, correction, narrowing: 0.0, tail: 0.0 }
    }

    /// The corrected angle under which the point is seen from the singularity: still one full turn around it.
    fn angle(&self, x: f64, y: f64) -> f64 {
        let (dx, dy) = (x - self.x, self.y - y);
        let r = (dx * dx + dy * dy).sqrt();
        if r < 1e-9 {
            return 0.0;
        }
        let (c, s) = (dx / r, dy / r);
        let (mut ck, mut sk) = (c, s);
        let raw = exact::atan2(dy, dx);
        let mut angle = raw;
        if self.narrowing > 0.0 {
            let near = exact::exp(-0.5 * (r / NARROWING_REACH) * (r / NARROWING_REACH));
            angle -= self.narrowing * near * exact::sin_cos(raw - self.tail).0;
        }
        for (a, b) in self.correction {
            angle += a * ck + b * sk;
            (ck, sk) = (ck * c - sk * s, sk * c + ck * s);
        }
        angle
    }
}

#[derive(Debug, Clone)]
struct Wave {
    amplitude: f64,
    kx: f64,
    ky: f64,
    phase: f64,
}

/// The ridge direction of one finger everywhere.
#[derive(Debug, Clone)]
pub(super) struct OrientationField {
    pub(super) loops: Vec<Singularity>,
    pub(super) deltas: Vec<Singularity>,
    /// Slope of the dome at its flanks, at the tip.
    dome: f64,
    /// Row at which the dome has flattened out.
    dome_base: f64,
    /// Turn of the ridges round the core, radians: loops hang steeper than zero and pole alone would have them.
    tilt: f64,
    /// Height of an arch's bump in slope, 0 for other classes.
    bump: f64,
    bump_y: f64,
    centre_y: f64,
    waves: Vec<Wave>,
    /// What the ridges bend aside so as to spread less; none before [`Self::eased`].
    easing: Option<Easing>,
}

impl OrientationField {
    pub(super) fn draw(class: PatternClass, stream: &mut Stream) -> Self {
        let cx = AXIS_X + stream.normal(0.0, 13.0);
        let cy = 232.0 + stream.normal(0.0, 20.0);
        let mut loops = Vec::new();
        let mut deltas = Vec::new();
        let mut dome_base = cy + 190.0;
        let mut bump = 0.0;
        let mut tilt = 0.0;
        match class {
            PatternClass::Arch => {
                bump = stream.uniform(0.5, 1.1);
                dome_base = cy + 230.0;
            }
            PatternClass::TentedArch => {
                let height = stream.uniform(45.0, 85.0);
                loops.push(Singularity::draw(cx, cy + 10.0, stream));
                deltas.push(Singularity::draw(cx + stream.normal(0.0, 7.0), cy + 10.0 + height, stream));
            }
            PatternClass::LeftLoop | PatternClass::RightLoop => {
                let side = if class == PatternClass::RightLoop { -1.0 } else { 1.0 };
                loops.push(Singularity::draw(cx, cy, stream));
                tilt = -side * stream.normal(LOOP_TILT.0, LOOP_TILT.1);
                let (dx, dy) = (stream.uniform(76.0, 146.0), stream.uniform(86.0, 162.0));
                deltas.push(Singularity::draw(cx + side * dx, cy + dy, stream));
            }
            PatternClass::Whorl => {
                let apart = stream.uniform(16.0, 62.0);
                // The wide ones are double loops, whose cores lie obliquely.
                let oblique = stream.normal(0.0, 0.3) * apart;
                let top = cy - 0.3 * apart;
                loops.push(Singularity::draw(cx - oblique / 2.0, top, stream));
                loops.push(Singularity::draw(cx + oblique / 2.0, top + apart, stream));
                for side in [-1.0, 1.0] {
                    let (dx, dy) = (stream.uniform(92.0, 152.0), stream.uniform(66.0, 136.0));
                    deltas.push(Singularity::draw(cx + side * dx, top + apart + dy, stream));
                }
            }
        }
        let waves = (0..WAVES)
            .map(|_| {
                let turn = exact::sin_cos(stream.uniform(0.0, std::f64::consts::TAU));
                let k = std::f64::consts::TAU / stream.uniform(170.0, 480.0);
                Wave {
                    amplitude: stream.normal(0.0, WAVE_DEVIATION),
                    kx: k * turn.1,
                    ky: k * turn.0,
                    phase: stream.uniform(0.0, std::f64::consts::TAU),
                }
            })
            .collect();
        let narrowing = stream.normal(NARROWING.0, NARROWING.1).clamp(0.2, 0.9);
        let mut field = Self {
            loops,
            deltas,
            dome: stream.uniform(1.1, 2.1),
            dome_base,
            tilt,
            bump,
            bump_y: cy + stream.uniform(10.0, 60.0),
            centre_y: cy,
            waves,
            easing: None,
        };
        field.narrow_loops(narrowing);
        field
    }

    /// Finds where each loop's tail lies, and draws its legs together round it.
    fn narrow_loops(&mut self, narrowing: f64) {
        const PROBE: f64 = 0.5;
        let tails: Vec<f64> = self
            .loops
            .iter()
            .map(|l| {
                // On a tiny circle the direction is half the corrected angle plus an offset; the tail is where it equals the angle.
                let offset = self.at(l.x + PROBE, l.y) - 0.5 * l.angle(l.x + PROBE, l.y);
                let (s, c) = exact::sin_cos(2.0 * offset);
                2.0 * offset + exact::wrap_pi(l.angle(l.x + c, l.y - s) - 2.0 * offset)
            })
            .collect();
        for (l, tail) in self.loops.iter_mut().zip(tails) {
            l.narrowing = narrowing;
            l.tail = tail;
        }
    }

    /// Ridge direction at a point, radians in `[0, pi)`.
    pub(super) fn at(&self, x: f64, y: f64) -> f64 {
        let mut theta = self.dome_at(x, y);
        for l in &self.loops {
            theta += 0.5 * l.angle(x, y);
        }
        for d in &self.deltas {
            theta -= 0.5 * d.angle(x, y);
        }
        for w in &self.waves {
            theta += w.amplitude * exact::sin_cos(w.kx * x + w.ky * y + w.phase).0;
        }
        if let (Some(l), true) = (self.loops.first(), self.tilt != 0.0) {
            let d2 = ((x - l.x) * (x - l.x) + (y - l.y) * (y - l.y)) / (TILT_REACH * TILT_REACH);
            theta += self.tilt * exact::exp(-0.5 * d2);
        }
        if let Some(easing) = &self.easing {
            theta += easing.at(x, y);
        }
        exact::wrap_tau(2.0 * theta) / 2.0
    }

    /// The same field, bent so that its ridges spread and crowd less, as [`Easing`] says.
    #[must_use]
    pub(super) fn eased(mut self) -> Self {
        self.easing = Some(Easing::of_direction(&self));
        self
    }

    /// The ridges bow over the tip: rising from the left, falling to the right, level at the crease.
    fn dome_at(&self, x: f64, y: f64) -> f64 {
        let u = ((x - AXIS_X) / DOME_HALF_WIDTH).clamp(-1.1, 1.1);
        let top = self.centre_y - 150.0;
        let v = ((self.dome_base - y) / (self.dome_base - top)).clamp(0.0, 1.0);
        let rise = v * v * (3.0 - 2.0 * v);
        // Cubic near the axis, so that the singularities alone shape the centre.
        let flank = u * (0.35 + 0.65 * u * u);
        let mut slope = self.dome * rise * flank;
        if self.bump > 0.0 {
            let dx = (x - AXIS_X) / 62.0;
            let dy = (y - self.bump_y) / (0.24 * MASTER_HEIGHT as f64);
            slope += self.bump * 1.6 * dx * exact::exp(0.5 - 0.5 * dx * dx) * exact::exp(-0.5 * dy * dy);
        }
        -exact::atan2(slope, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{PI, TAU};

    /// Turns of the orientation round a circle.
    fn index(field: &OrientationField, x: f64, y: f64, r: f64) -> f64 {
        let steps = 400;
        let angle = |i: i32| {
            let (s, c) = exact::sin_cos(f64::from(i) / f64::from(steps) * TAU);
            field.at(x + r * c, y - r * s)
        };
        let mut sum = 0.0;
        for i in 0..steps {
            sum += exact::wrap_pi(2.0 * (angle(i + 1) - angle(i))) / 2.0;
        }
        sum / TAU
    }

    #[test]
    fn cores_and_deltas_have_their_index() {
        for seed in 0..20 {
            for class in PatternClass::ALL {
                let field = OrientationField::draw(class, &mut Stream::new(seed, "orientation"));
                for l in &field.loops {
                    assert!((index(&field, l.x, l.y, 4.0) - 0.5).abs() < 1e-6, "{class:?}");
                }
                for d in &field.deltas {
                    assert!((index(&field, d.x, d.y, 4.0) + 0.5).abs() < 1e-6, "{class:?}");
                }
                assert!(index(&field, 208.0, 260.0, 400.0).abs() < 1e-6, "{class:?}");
            }
        }
    }

    #[test]
    fn a_right_loop_opens_to_the_right() {
        for seed in 0..20 {
            let field = OrientationField::draw(PatternClass::RightLoop, &mut Stream::new(seed, "orientation"));
            assert!(field.deltas[0].x < field.loops[0].x);
            // The loop's tail leaves downward to the right: there the direction is that of the ray itself.
            let l = &field.loops[0];
            let best = (0..360)
                .map(|i| f64::from(i).to_radians())
                .filter(|a| {
                    let t = field.at(l.x + 6.0 * a.cos(), l.y - 6.0 * a.sin());
                    exact::wrap_pi(2.0 * (t - a)).abs() < 0.06
                })
                .map(exact::wrap_pi)
                .next()
                .expect("a core has one radial direction");
            assert!(best > -PI * 0.6 && best < 0.1, "{best}");
        }
    }
}
