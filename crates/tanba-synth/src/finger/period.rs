//! The distance between ridges at each point.

use crate::exact;
use crate::random::Stream;

use super::FingerSpec;
use super::easing::Easing;
use super::orientation::OrientationField;
use super::parameters::{BANK_PERIOD_RANGE, GROWTH_SCALE, PERIOD_DEVIATION, PERIOD_MEAN, PERIOD_RANGE};

const WAVES: usize = 3;
/// Standard deviation of each smooth wave, as a fraction of the period: together about +-10 % (science C4.4).
const WAVE_DEVIATION: f64 = 0.03;
/// How much wider ridges are well below the lowest delta, and well above the highest core.
const WIDER_BELOW: f64 = 0.12;
const WIDER_ABOVE: f64 = 0.05;
/// Rows over which that sets in, pixels.
const SET_IN: f64 = 90.0;

/// The ridge period of one finger everywhere, pixels.
#[derive(Debug, Clone)]
pub(super) struct PeriodField {
    mean: f64,
    waves: [(f64, f64, f64, f64); WAVES],
    top: f64,
    bottom: f64,
    /// What the period gives way where ridges spread or crowd; none before [`Self::eased`].
    easing: Option<Easing>,
}

impl PeriodField {
    /// With the mean that the spec asks for, or one drawn for an adult.
    pub(super) fn from_spec(spec: &FingerSpec, field: &OrientationField, stream: &mut Stream) -> Self {
        let drawn = stream.normal(PERIOD_MEAN, PERIOD_DEVIATION);
        let mean = spec.period.map_or(drawn, f64::from);
        let mean = if mean.is_finite() { mean.clamp(PERIOD_RANGE.0, PERIOD_RANGE.1) } else { PERIOD_MEAN };
        Self::draw(mean, field, stream)
    }

    /// Mean period, pixels.
    pub(super) fn mean(&self) -> f64 {
        self.mean
    }

    fn draw(mean: f64, field: &OrientationField, stream: &mut Stream) -> Self {
        let top = field.loops.iter().map(|l| l.y).fold(f64::INFINITY, f64::min);
        let bottom = field.deltas.iter().map(|d| d.y).fold(f64::NEG_INFINITY, f64::max);
        let waves = std::array::from_fn(|_| {
            let (s, c) = exact::sin_cos(stream.uniform(0.0, std::f64::consts::TAU));
            let k = std::f64::consts::TAU / stream.uniform(160.0, 420.0);
            (stream.normal(0.0, WAVE_DEVIATION), k * c, k * s, stream.uniform(0.0, std::f64::consts::TAU))
        });
        Self {
            mean,
            waves,
            top: if top.is_finite() { top } else { 220.0 },
            bottom: if bottom.is_finite() { bottom } else { 340.0 },
            easing: None,
        }
    }

    /// The same period, wider where the ridges of the field spread, and narrower where they crowd.
    #[must_use]
    pub(super) fn eased(mut self, field: &OrientationField) -> Self {
        self.easing = Some(Easing::of_period(field));
        self
    }

    pub(super) fn at(&self, x: f64, y: f64) -> f64 {
        let mut factor = 1.0;
        for (a, kx, ky, phase) in self.waves {
            factor += a * exact::sin_cos(kx * x + ky * y + phase).0;
        }
        factor += WIDER_BELOW * ramp((y - self.bottom) / SET_IN) + WIDER_ABOVE * ramp((self.top - y) / SET_IN);
        if let Some(easing) = &self.easing {
            factor += easing.at(x, y);
        }
        let scale = GROWTH_SCALE as f64;
        (self.mean * factor).clamp(BANK_PERIOD_RANGE.0 * scale, BANK_PERIOD_RANGE.1 * scale)
    }
}

fn ramp(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
