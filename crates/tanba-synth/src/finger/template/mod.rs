//! Fingers as minutiae alone, for populations too large to draw: a thousand times faster than a master.
//!
//! The pattern is the same model as the master's (class, direction, period, skin distortion, contact), but is not eased (see
//! `easing`: it would cost more than all the rest), and no ridges are grown:
//! minutiae are drawn with the master's density and a hard core, and point along the ridges to the side on which the
//! flow needs more lines. An impression drops, adds and jitters them as the project's own extractor does on phase images
//! ([`extractor`]), worse where that touch's skin is dry or wet, so that what is lost is lost together. Error rates measured on
//! such templates are optimistic all the same: see the crate's documentation.

#[cfg(test)]
mod calibration;
mod extractor;

use tanba_finger::{MinutiaKind, Recipe, Template};
use tanba_formats::Finger;

use crate::exact;
use crate::random::Stream;

use super::class::draw_one;
use super::impression::Placement;
use super::orientation::OrientationField;
use super::parameters::{
    AXIS_X, CONTACT_CENTRE_Y, MASTER_HEIGHT, MASTER_WIDTH, MINUTIA_CORE, MINUTIA_DENSITY, SKIN_REACH,
};
use super::period::PeriodField;
use super::{FingerSpec, ImpressionParams, ImpressionPreset, MasterMinutia, PatternClass};

/// A finger of minutiae without ridges. Not the minutiae of [`super::MasterFinger`] with the same seed: only the pattern is the same, before
/// it is eased.
#[derive(Debug, Clone)]
pub struct TemplateFinger {
    spec: FingerSpec,
    class: PatternClass,
    orientation: OrientationField,
    minutiae: Vec<MasterMinutia>,
}

impl TemplateFinger {
    /// The finger of this seed: the same on every machine.
    pub fn from_seed(seed: u64, spec: FingerSpec) -> Self {
        let class = spec.class.unwrap_or_else(|| draw_one(spec.finger, &mut Stream::new(seed, "class")));
        let orientation = OrientationField::draw(class, &mut Stream::new(seed, "orientation"));
        let period = PeriodField::from_spec(&spec, &orientation, &mut Stream::new(seed, "period"));
        let minutiae = scatter(&orientation, &period, &mut Stream::new(seed, "minutiae"));
        Self { spec, class, orientation, minutiae }
    }

    /// Which finger it is.
    pub fn finger(&self) -> Finger {
        self.spec.finger
    }

    /// Its pattern class.
    pub fn class(&self) -> PatternClass {
        self.class
    }

    /// The template of one touch in the manner of a preset: at most 255 minutiae, the best first.
    pub fn touch(&self, preset: ImpressionPreset, seed: u64) -> Template {
        self.template(&ImpressionParams::draw(preset, seed), seed)
    }

    /// The template of a touch with these parameters, as an extractor would read it from an image at 500 ppi.
    pub fn template(&self, params: &ImpressionParams, seed: u64) -> Template {
        let params = self.spec.fitted(&ImpressionParams { ppi: 500, ..*params });
        let placement = Placement::new(&params, seed);
        let view = extractor::View::new(&params, seed);
        let mut stream = Stream::new(seed, "template noise");
        let s = &mut stream;
        let mut minutiae = Vec::with_capacity(self.minutiae.len());
        let mut touched = 0;
        for m in &self.minutiae {
            let Some((x, y)) = placement.to_image(f64::from(m.x), f64::from(m.y)) else { continue };
            let Some(skin) = view.skin(x, y) else { continue };
            touched += 1;
            if s.chance(extractor::missed(&skin)) {
                continue;
            }
            let direction = placement.direction_to_image(x, y, f64::from(m.direction));
            let kind = if s.chance(extractor::KIND_WRONG) { other(m.kind) } else { m.kind };
            minutiae.push(extractor::found(s, (x, y), direction, kind, &skin));
        }
        for _ in 0..extractor::added(s, touched, &params) {
            // Where skin is bad: of two places, the worse one.
            let mut place = || {
                let (x, y) = (s.uniform(0.0, f64::from(params.width)), s.uniform(0.0, f64::from(params.height)));
                view.skin(x, y).map(|skin| (x, y, skin))
            };
            let (a, b) = (place(), place());
            let worse = match (a, b) {
                (Some(a), Some(b)) => Some(if a.2.badness() > b.2.badness() { a } else { b }),
                (a, b) => a.or(b),
            };
            if let Some((x, y, skin)) = worse {
                // False ones lie along the ridges like true ones, and point either way.
                let (mx, my) = placement.to_master(x, y);
                let along = if s.chance(0.5) { 0.0 } else { std::f64::consts::PI };
                let direction = placement.direction_to_image(x, y, self.orientation.at(mx, my) + along);
                let kind = if s.chance(0.5) { MinutiaKind::Ending } else { MinutiaKind::Bifurcation };
                minutiae.push(extractor::found(s, (x, y), direction, kind, &skin));
            }
        }
        let (width, height) = (f32::from(params.width), f32::from(params.height));
        minutiae.retain(|m| m.x >= 0.0 && m.y >= 0.0 && m.x < width && m.y < height);
        minutiae.sort_by_key(|m| std::cmp::Reverse(m.quality));
        minutiae.truncate(255);
        Template {
            recipe: Recipe::Unknown,
            width: params.width,
            height: params.height,
            quality: extractor::quality(&params, s),
            minutiae,
            ridges: None,
        }
    }
}

fn other(kind: MinutiaKind) -> MinutiaKind {
    if kind == MinutiaKind::Ending { MinutiaKind::Bifurcation } else { MinutiaKind::Ending }
}

/// Minutiae over the part of the finger that impressions reach.
fn scatter(orientation: &OrientationField, period: &PeriodField, stream: &mut Stream) -> Vec<MasterMinutia> {
    let area = (MASTER_WIDTH * MASTER_HEIGHT) as f64;
    // A finger has a richness of its own.
    let wanted = (area * MINUTIA_DENSITY * stream.normal(1.0, 0.12).clamp(0.6, 1.5)) as usize;
    let mut placed: Vec<MasterMinutia> = Vec::with_capacity(wanted);
    let (mut columns, mut rows) = (Vec::with_capacity(wanted), Vec::with_capacity(wanted));
    for _ in 0..4 * wanted {
        if placed.len() == wanted {
            break;
        }
        let x = stream.uniform(0.0, MASTER_WIDTH as f64);
        let y = stream.uniform(0.0, MASTER_HEIGHT as f64);
        // Nobody's contact reaches the corners.
        let (u, v) = ((x - AXIS_X) / SKIN_REACH.0, (y - CONTACT_CENTRE_Y) / SKIN_REACH.1);
        if u * u + v * v > 1.0 {
            continue;
        }
        // Soft core: the nearer the next one, the likelier it is refused.
        let core = (MINUTIA_CORE * stream.uniform(0.4, 1.6)) as f32;
        let (px, py) = (x as f32, y as f32);
        // Counted rather than searched, so that it runs on vectors.
        let near = |(ox, oy): (&f32, &f32)| u32::from((ox - px) * (ox - px) + (oy - py) * (oy - py) < core * core);
        if columns.iter().zip(&rows).map(near).sum::<u32>() > 0 {
            continue;
        }
        columns.push(px);
        rows.push(py);
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
/// lines must begin where ridges spread. How the period changes is left out: it is a tenth of what the direction does.
fn starting_share(orientation: &OrientationField, period: &PeriodField, x: f64, y: f64, theta: f64) -> f64 {
    const STEP: f64 = 3.0;
    let (s, c) = exact::sin_cos(theta);
    let along = |x: f64, y: f64| {
        let (sn, cn) = exact::sin_cos(orientation.at(x, y));
        // The same sense along the ridge as at the middle; image rows grow downward.
        let sense = if sn * s + cn * c < 0.0 { -1.0 } else { 1.0 };
        (sense * cn, -sense * sn)
    };
    let (right, below) = (along(x + STEP, y), along(x, y + STEP));
    let divergence = (right.0 - c + below.1 + s) / (STEP * period.at(x, y));
    0.5 + 0.5 * (divergence / MINUTIA_DENSITY).clamp(-1.0, 1.0)
}
