//! A finger that does not exist: its ridges without any noise, and every minutia of them.

use serde::{Deserialize, Serialize};
use tanba_finger::MinutiaKind;
use tanba_formats::Finger;

use crate::random::Stream;

use super::PatternClass;
use super::class::draw_one;
use super::growth::{self, Grown};
use super::minutiae;
use super::noise::bars;
use super::orientation::OrientationField;
use super::parameters::{AXIS_X, CREASE_CHANCE, CREASE_COUNT_MAX, GROWTH_SCALE, MASTER_HEIGHT, MASTER_WIDTH};
use super::period::PeriodField;
use super::phase;
use super::plan::{FieldLattice, RidgePlan};

/// What is fixed about a finger beforehand; the rest follows from the seed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FingerSpec {
    /// Which finger: decides how likely each class is.
    pub finger: Finger,
    /// Pattern class; drawn with the finger's natural frequencies where `None`.
    pub class: Option<PatternClass>,
    /// Mean ridge period in pixels at 500 ppi; drawn for an adult where `None`. Held within 6.5 to 11.5.
    pub period: Option<f32>,
    /// How worn the ridges are, 0 (not) to 1 (hardly any relief left, as after years of manual work).
    pub wear: f32,
}

impl FingerSpec {
    /// An adult's finger, not worn, everything else from the seed.
    pub fn of(finger: Finger) -> Self {
        Self { finger, class: None, period: None, wear: 0.0 }
    }

    /// The same with this pattern class.
    #[must_use]
    pub fn with_class(mut self, class: PatternClass) -> Self {
        self.class = Some(class);
        self
    }
}

/// A minutia of the noise-free master.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MasterMinutia {
    /// Column, pixels at 500 ppi.
    pub x: f32,
    /// Row, pixels at 500 ppi, growing downward.
    pub y: f32,
    /// Direction as [`tanba_finger::Minutia::direction`] has it.
    pub direction: f32,
    /// Ending or bifurcation.
    pub kind: MinutiaKind,
}

/// The ridges of one finger, 512 x 544 pixels at 500 ppi, without noise.
#[derive(Debug, Clone)]
pub struct MasterFinger {
    pub(super) spec: FingerSpec,
    pub(super) class: PatternClass,
    pub(super) period: f32,
    /// Cosine of the ridge phase: 1 on the crest of a ridge, -1 in the middle of a valley.
    pub(super) wave: Vec<f32>,
    /// Depth of lasting creases, 0 none to 1 no ridge left.
    pub(super) crease: Vec<f32>,
    pub(super) minutiae: Vec<MasterMinutia>,
    pub(super) cores: Vec<(f32, f32)>,
    pub(super) deltas: Vec<(f32, f32)>,
}

/// How ridges come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RidgeMethod {
    /// Grown from noise pixel by pixel (Cappelli, Maio and Maltoni 2000).
    #[default]
    Growth,
    /// Phase on a coarse lattice, then one pass of the growth filter: several times faster. The same seed gives the same class,
    /// direction and period as growth, and other minutiae.
    Phase,
}

impl MasterFinger {
    /// The finger of this seed, grown: the same on every machine.
    pub fn from_seed(seed: u64, spec: FingerSpec) -> Self {
        Self::with_method(seed, spec, RidgeMethod::Growth)
    }

    /// The finger of this seed by this method: the same on every machine.
    pub fn with_method(seed: u64, spec: FingerSpec, method: RidgeMethod) -> Self {
        let class = spec.class.unwrap_or_else(|| draw_one(spec.finger, &mut Stream::new(seed, "class")));
        let orientation = OrientationField::draw(class, &mut Stream::new(seed, "orientation"));
        let period = PeriodField::from_spec(&spec, &orientation, &mut Stream::new(seed, "period"));

        let scale = GROWTH_SCALE as f64;
        let lattice = FieldLattice::new(&orientation, &period);
        let plan = RidgePlan::new(&orientation, &lattice);
        let grown = match method {
            RidgeMethod::Growth => growth::grow(&plan, &mut Stream::new(seed, "ridges")),
            RidgeMethod::Phase => phase::synthesise(&lattice, &plan, &mut Stream::new(seed, "phase")),
        };
        let minutiae = minutiae::find(&plan, &grown)
            .into_iter()
            .map(|v| MasterMinutia {
                x: (v.x * scale) as f32,
                y: (v.y * scale) as f32,
                direction: v.direction as f32,
                kind: v.kind,
            })
            .collect();
        let place = |s: &super::orientation::Singularity| (s.x as f32, s.y as f32);
        Self {
            spec,
            class,
            period: period.mean() as f32,
            wave: full_size_wave(&plan, &grown),
            crease: creases(&mut Stream::new(seed, "creases")),
            minutiae,
            cores: orientation.loops.iter().map(place).collect(),
            deltas: orientation.deltas.iter().map(place).collect(),
        }
    }

    /// Which finger it is.
    pub fn finger(&self) -> Finger {
        self.spec.finger
    }

    /// Its pattern class.
    pub fn class(&self) -> PatternClass {
        self.class
    }

    /// Mean ridge period, pixels at 500 ppi.
    pub fn period(&self) -> f32 {
        self.period
    }

    /// Width and height of the master, pixels at 500 ppi.
    pub fn size(&self) -> (usize, usize) {
        (MASTER_WIDTH, MASTER_HEIGHT)
    }

    /// Every minutia, in raster order.
    pub fn minutiae(&self) -> &[MasterMinutia] {
        &self.minutiae
    }

    /// Cores, pixels of the master.
    pub fn cores(&self) -> &[(f32, f32)] {
        &self.cores
    }

    /// Deltas, pixels of the master.
    pub fn deltas(&self) -> &[(f32, f32)] {
        &self.deltas
    }

    /// The noise-free ridges as an image, ridges dark.
    pub fn render(&self) -> tanba_formats::Gray8 {
        let pixels = self.wave.iter().map(|w| (127.5 - 127.5 * w).clamp(0.0, 255.0) as u8).collect();
        tanba_formats::Gray8::new(MASTER_WIDTH, MASTER_HEIGHT, tanba_formats::Ppi::NOMINAL, pixels)
            .expect("the wave has one value per pixel of the master")
    }
}

/// The grown wave at full size, its amplitude levelled: interpolated with a windowed sinc, which the half-size grid samples well
/// enough (its shortest period is 3 pixels).
fn full_size_wave(plan: &RidgePlan, grown: &Grown) -> Vec<f32> {
    let amplitude: Vec<f32> = grown.even.iter().zip(&grown.odd).map(|(e, o)| (e * e + o * o).sqrt()).collect();
    let wave = doubled(&grown.even, plan.width, plan.height);
    let amplitude = doubled(&amplitude, plan.width, plan.height);
    wave.iter().zip(&amplitude).map(|(w, a)| (w / (a.max(0.0) + 0.03)).clamp(-1.0, 1.0)).collect()
}

/// Lanczos-3 weights half-way between samples, normalised.
const HALF_WAY: [f32; 6] = [0.024_457, -0.135_870, 0.611_413, 0.611_413, -0.135_870, 0.024_457];

/// An image of twice the size; even pixels are the original ones.
fn doubled(from: &[f32], width: usize, height: usize) -> Vec<f32> {
    let mut wide = vec![0.0; 2 * width * height];
    for y in 0..height {
        let row = &from[y * width..(y + 1) * width];
        for x in 0..width {
            wide[y * 2 * width + 2 * x] = row[x];
            wide[y * 2 * width + 2 * x + 1] =
                (0..6).map(|k| HALF_WAY[k] * row[(x + k).saturating_sub(2).min(width - 1)]).sum();
        }
    }
    let stride = 2 * width;
    let mut out = vec![0.0; 2 * stride * height];
    for y in 0..height {
        out[2 * y * stride..(2 * y + 1) * stride].copy_from_slice(&wide[y * stride..(y + 1) * stride]);
        let odd_row = &mut out[(2 * y + 1) * stride..(2 * y + 2) * stride];
        for (k, weight) in HALF_WAY.iter().enumerate() {
            let source = (y + k).saturating_sub(2).min(height - 1);
            for (o, s) in odd_row.iter_mut().zip(&wide[source * stride..(source + 1) * stride]) {
                *o += weight * s;
            }
        }
    }
    out
}

/// Lasting creases: short pale lines that cross the ridges, mostly level, on some fingers.
fn creases(stream: &mut Stream) -> Vec<f32> {
    let mut depth = vec![0.0; MASTER_WIDTH * MASTER_HEIGHT];
    if stream.chance(CREASE_CHANCE) {
        let count = 1 + stream.below(CREASE_COUNT_MAX);
        for _ in 0..count {
            let x = AXIS_X + stream.normal(0.0, 60.0);
            let y = stream.uniform(180.0, 480.0);
            let angle = stream.normal(0.0, 0.35);
            let length = stream.uniform(25.0, 120.0);
            let width = stream.uniform(1.0, 2.6);
            bars(&mut depth, MASTER_WIDTH, (x, y), angle, length, width, stream);
        }
    }
    depth
}
