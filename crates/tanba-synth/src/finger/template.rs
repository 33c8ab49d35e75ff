//! Fingers as minutiae alone, for populations too large to draw: a thousand times faster than a master.
//!
//! The pattern is the same model as the master's (class, direction, period, skin distortion, contact), but no ridges are grown:
//! minutiae are drawn with the master's density and a hard core, and point along the ridges to the side on which the
//! flow needs more lines. An impression drops, adds and jitters them as the project's own extractor was seen to do. What this
//! cannot give is the extractor's failures on bad skin, so error rates measured on such templates are optimistic.

use tanba_finger::{Minutia, MinutiaKind, Template};
use tanba_formats::Finger;

use crate::exact;
use crate::random::Stream;

use super::class::draw_one;
use super::impression::{ContactDistance, Placement};
use super::orientation::OrientationField;
use super::parameters::{
    AXIS_X, CONTACT_CENTRE_Y, MASTER_HEIGHT, MASTER_WIDTH, MINUTIA_CORE, MINUTIA_DENSITY, TEMPLATE_REACH,
};
use super::period::PeriodField;
use super::{FingerSpec, ImpressionParams, ImpressionPreset, MasterMinutia, PatternClass};

/// What an extractor does to the truth: measured with `examples/realism.rs` on each preset.
struct Repeatability {
    /// Chance that a visible minutia is not found.
    missed: f64,
    /// False minutiae for each visible true one.
    added: f64,
    /// Deviation of the place along each axis, pixels.
    place: f64,
    /// Deviation of the direction, radians.
    direction: f64,
    /// Chance that the kind is told wrongly.
    kind: f64,
}

fn repeatability(preset: ImpressionPreset) -> Repeatability {
    let (missed, added, kind) = match preset {
        ImpressionPreset::Clean => (0.10, 0.03, 0.10),
        ImpressionPreset::FvcLike => (0.14, 0.04, 0.14),
        ImpressionPreset::Hard => (0.17, 0.05, 0.19),
        _ => (0.10, 0.03, 0.15),
    };
    Repeatability { missed, added, place: 1.2, direction: 0.055, kind }
}

/// A finger of minutiae without ridges. Not the minutiae of [`super::MasterFinger`] with the same seed: only the pattern is the same.
#[derive(Debug, Clone)]
pub struct TemplateFinger {
    spec: FingerSpec,
    class: PatternClass,
    minutiae: Vec<MasterMinutia>,
}

impl TemplateFinger {
    /// The finger of this seed: the same on every machine.
    pub fn from_seed(seed: u64, spec: FingerSpec) -> Self {
        let class = spec.class.unwrap_or_else(|| draw_one(spec.finger, &mut Stream::new(seed, "class")));
        let orientation = OrientationField::draw(class, &mut Stream::new(seed, "orientation"));
        let period = PeriodField::from_spec(&spec, &orientation, &mut Stream::new(seed, "period"));
        let minutiae = scatter(&orientation, &period, &mut Stream::new(seed, "minutiae"));
        Self { spec, class, minutiae }
    }

    /// Which finger it is.
    pub fn finger(&self) -> Finger {
        self.spec.finger
    }

    /// Its pattern class.
    pub fn class(&self) -> PatternClass {
        self.class
    }

    /// The template of one touch in the manner of a preset.
    pub fn touch(&self, preset: ImpressionPreset, seed: u64) -> Template {
        let params = self.spec.fitted(&ImpressionParams::draw(preset, seed));
        let warp = Placement::new(&params, seed);
        let contact = ContactDistance::new(&params);
        let noise = repeatability(preset);
        let mut stream = Stream::new(seed, "template noise");
        let s = &mut stream;
        let (width, height) = (f64::from(params.width), f64::from(params.height));
        let mut minutiae = Vec::with_capacity(self.minutiae.len());
        for m in &self.minutiae {
            let Some((x, y)) = warp.to_image(f64::from(m.x), f64::from(m.y)) else { continue };
            if !touches(&params, &contact, x, y) || s.chance(noise.missed) {
                continue;
            }
            let direction = warp.direction_to_image(x, y, f64::from(m.direction));
            let kind = if s.chance(noise.kind) { other(m.kind) } else { m.kind };
            minutiae.push(found(s, (x, y), direction, kind, &noise));
        }
        let visible = minutiae.len();
        for _ in 0..visible {
            if s.chance(noise.added) {
                let (x, y) = (s.uniform(0.0, width), s.uniform(0.0, height));
                if touches(&params, &contact, x, y) {
                    let direction = s.uniform(0.0, std::f64::consts::TAU);
                    minutiae.push(found(s, (x, y), direction, MinutiaKind::Ending, &noise));
                }
            }
        }
        minutiae.retain(|m| m.x >= 0.0 && m.y >= 0.0 && f64::from(m.x) < width && f64::from(m.y) < height);
        minutiae.sort_by_key(|m| std::cmp::Reverse(m.quality));
        Template { width: params.width, height: params.height, quality: 70, minutiae }
    }
}

fn other(kind: MinutiaKind) -> MinutiaKind {
    if kind == MinutiaKind::Ending { MinutiaKind::Bifurcation } else { MinutiaKind::Ending }
}

/// Within the image and well inside the contact.
fn touches(params: &ImpressionParams, contact: &ContactDistance, x: f64, y: f64) -> bool {
    x >= 0.0
        && y >= 0.0
        && x < f64::from(params.width)
        && y < f64::from(params.height)
        && contact.at(x as f32, y as f32) < TEMPLATE_REACH
}

fn found(s: &mut Stream, (x, y): (f64, f64), direction: f64, kind: MinutiaKind, noise: &Repeatability) -> Minutia {
    Minutia {
        x: (x + s.normal(0.0, noise.place)) as f32,
        y: (y + s.normal(0.0, noise.place)) as f32,
        direction: exact::wrap_tau(direction + s.normal(0.0, noise.direction)) as f32,
        kind,
        quality: s.normal(70.0, 15.0).clamp(5.0, 100.0) as u8,
    }
}

/// Minutiae over the part of the finger that impressions reach.
fn scatter(orientation: &OrientationField, period: &PeriodField, stream: &mut Stream) -> Vec<MasterMinutia> {
    let area = (MASTER_WIDTH * MASTER_HEIGHT) as f64;
    // A finger has a richness of its own.
    let wanted = (area * MINUTIA_DENSITY * stream.normal(1.0, 0.12).clamp(0.6, 1.5)) as usize;
    let mut placed: Vec<MasterMinutia> = Vec::with_capacity(wanted);
    for _ in 0..4 * wanted {
        if placed.len() == wanted {
            break;
        }
        let x = stream.uniform(0.0, MASTER_WIDTH as f64);
        let y = stream.uniform(0.0, MASTER_HEIGHT as f64);
        // Soft core: the nearer the next one, the likelier it is refused.
        let near = placed
            .iter()
            .map(|m| {
                let (dx, dy) = (f64::from(m.x) - x, f64::from(m.y) - y);
                dx * dx + dy * dy
            })
            .fold(f64::INFINITY, f64::min);
        let core = MINUTIA_CORE * stream.uniform(0.4, 1.6);
        if near < core * core {
            continue;
        }
        // Nobody's contact reaches the corners.
        let (u, v) = ((x - AXIS_X) / 205.0, (y - CONTACT_CENTRE_Y) / 285.0);
        if u * u + v * v > 1.0 {
            continue;
        }
        let theta = orientation.at(x, y);
        let along =
            if stream.unit() < starting_share(orientation, period, x, y, theta) { 0.0 } else { std::f64::consts::PI };
        let kind = if stream.chance(0.52) { MinutiaKind::Ending } else { MinutiaKind::Bifurcation };
        let direction = exact::wrap_tau(theta + along) as f32;
        placed.push(MasterMinutia { x: x as f32, y: y as f32, direction, kind });
    }
    placed
}

/// Share of the minutiae at a point whose extra line lies ahead along `theta`: the divergence of the line density decides, because
/// lines must begin where ridges spread or come closer.
fn starting_share(orientation: &OrientationField, period: &PeriodField, x: f64, y: f64, theta: f64) -> f64 {
    const STEP: f64 = 3.0;
    let (s, c) = exact::sin_cos(theta);
    let lines = |x: f64, y: f64| {
        let (sn, cn) = exact::sin_cos(orientation.at(x, y));
        // The same sense along the ridge as at the middle; image rows grow downward.
        let sense = if sn * s + cn * c < 0.0 { -1.0 } else { 1.0 };
        let f = sense / period.at(x, y);
        (f * cn, -f * sn)
    };
    let f = 1.0 / period.at(x, y);
    let here = (f * c, -f * s);
    let (right, below) = (lines(x + STEP, y), lines(x, y + STEP));
    let divergence = (right.0 - here.0 + below.1 - here.1) / STEP;
    0.5 + 0.5 * (divergence / MINUTIA_DENSITY).clamp(-1.0, 1.0)
}
