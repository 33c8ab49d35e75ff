//! What the project's own extractor makes of true minutiae, by the skin they lie on.
//!
//! Fitted on 960 phase images of the presets `easy`, `fvc-like` and `hard` by `calibration::fitted` (a logistic
//! regression for what is missed, counts for what is added, quantiles for what is moved); a test beside it holds these numbers against
//! fresh images, and says what they should be when they fail. For other sensors they are taken as they are.

use tanba_finger::{Minutia, MinutiaKind};

use crate::exact;
use crate::random::Stream;

use super::super::ImpressionParams;
use super::super::impression::{ContactDistance, Moisture};

/// Log odds that a visible minutia is not found: constant, dryness, its square, wetness, its square, grain, nearness of the rim.
pub(super) const MISSED: [f64; 7] = [-1.96, 0.85, -0.26, -0.40, 0.23, 0.18, 2.47];
/// Logarithm of the false minutiae for each true one in contact: constant, dryness, wetness, grain.
pub(super) const ADDED: [f64; 4] = [-5.00, 1.56, 0.93, 0.73];
/// Standard deviation of the place along each axis, pixels, for most minutiae and for the badly placed ones.
pub(super) const PLACE: (f64, f64) = (1.5, 2.7);
/// Standard deviation of the direction, radians, for most and for the badly placed ones.
pub(super) const DIRECTION: (f64, f64) = (0.060, 0.16);
/// Share of the badly placed ones.
pub(super) const ASTRAY: f64 = 0.12;
/// Chance that the kind is told wrongly.
pub(super) const KIND_WRONG: f64 = 0.18;
/// Mean quality of a template 0-100: constant, dryness, wetness, grain; and what remains of it.
pub(super) const QUALITY: [f64; 4] = [125.0, -35.0, -12.0, -65.0];
pub(super) const QUALITY_REST: f64 = 12.0;
/// Elliptic distance from the contact's centre beyond which nothing is found, and from which the rim is felt.
pub(super) const REACH: f32 = 0.985;
pub(super) const RIM: f32 = 0.72;

/// An impression as an extractor sees it, without its pixels.
pub(super) struct View {
    contact: ContactDistance,
    moisture: Moisture,
    grain: f64,
    width: f64,
    height: f64,
}

/// The skin at a point of it.
#[derive(Clone, Copy)]
pub(super) struct Skin {
    dry: f64,
    wet: f64,
    grain: f64,
    rim: f64,
}

impl View {
    pub(super) fn new(params: &ImpressionParams, seed: u64) -> Self {
        Self {
            contact: ContactDistance::new(params),
            moisture: Moisture::new(params, seed),
            grain: f64::from(params.grain),
            width: f64::from(params.width),
            height: f64::from(params.height),
        }
    }

    /// `None` outside the image or the contact.
    pub(super) fn skin(&self, x: f64, y: f64) -> Option<Skin> {
        if x < 0.0 || y < 0.0 || x >= self.width || y >= self.height {
            return None;
        }
        let distance = self.contact.at(x as f32, y as f32);
        if distance > REACH {
            return None;
        }
        let moisture = f64::from(self.moisture.at(x, y));
        Some(Skin {
            dry: (-moisture).max(0.0),
            wet: moisture.max(0.0),
            grain: self.grain,
            rim: f64::from(((distance - RIM) / (REACH - RIM)).max(0.0)),
        })
    }
}

impl Skin {
    /// What the log odds of a miss are made of.
    pub(super) fn features(&self) -> [f64; 7] {
        [1.0, self.dry, self.dry * self.dry, self.wet, self.wet * self.wet, self.grain, self.rim * self.rim]
    }

    /// How bad it is, for comparison only.
    pub(super) fn badness(&self) -> f64 {
        self.dry + self.wet
    }
}

/// Chance that a minutia on this skin is not found.
pub(super) fn missed(skin: &Skin) -> f64 {
    let odds: f64 = MISSED.iter().zip(skin.features()).map(|(c, f)| c * f).sum();
    1.0 / (1.0 + exact::exp(-odds))
}

/// What the rate of false minutiae and the template's quality depend on: a touch's mean dryness, wetness and grain.
pub(super) fn touch_features(params: &ImpressionParams) -> [f64; 4] {
    let m = f64::from(params.moisture);
    [1.0, (-m).max(0.0), m.max(0.0), f64::from(params.grain)]
}

/// How many false minutiae an extractor adds to so many true ones.
pub(super) fn added(s: &mut Stream, touched: usize, params: &ImpressionParams) -> usize {
    let rate: f64 = ADDED.iter().zip(touch_features(params)).map(|(c, f)| c * f).sum();
    let mean = exact::exp(rate).min(1.0);
    (0..touched).filter(|_| s.chance(mean)).count()
}

/// A minutia as read: a little off in place and direction.
pub(super) fn found(s: &mut Stream, (x, y): (f64, f64), direction: f64, kind: MinutiaKind, skin: &Skin) -> Minutia {
    let astray = s.chance(ASTRAY);
    let (place, turn) = if astray { (PLACE.1, DIRECTION.1) } else { (PLACE.0, DIRECTION.0) };
    // Quantiles as measured (10 %: 56, median: 80, 90 %: 89); the slopes are own choice.
    let quality = 84.0 - 22.0 * skin.badness() - 12.0 * skin.rim;
    Minutia {
        x: (x + s.normal(0.0, place)) as f32,
        y: (y + s.normal(0.0, place)) as f32,
        direction: exact::wrap_tau(direction + s.normal(0.0, turn)) as f32,
        kind,
        quality: s.normal(quality, 11.0).clamp(5.0, 100.0) as u8,
    }
}

/// The quality that the template as a whole would be given.
pub(super) fn quality(params: &ImpressionParams, s: &mut Stream) -> u8 {
    let mean: f64 = QUALITY.iter().zip(touch_features(params)).map(|(c, f)| c * f).sum();
    s.normal(mean, QUALITY_REST).clamp(1.0, 100.0) as u8
}
