//! A finger that does not exist: its ridges without any noise, and every minutia of them.

use serde::{Deserialize, Serialize};
use tanba_finger::MinutiaKind;
use tanba_formats::Finger;

use crate::random::Stream;

use super::ImpressionParams;
use super::PatternClass;
use super::class::draw_one;
use super::growth::{self, Grown};
use super::islands::Island;
use super::minutiae;
use super::noise::{bars, smooth};
use super::orientation::OrientationField;
use super::parameters::{
    AXIS_X, CREASE_CHANCE, CREASE_COUNT_MAX, DRYNESS_WEIGHT, GROWTH_ISLANDS, GROWTH_SCALE, LATTICE_STEP, MASTER_HEIGHT,
    MASTER_WIDTH, PHASE_ISLANDS, PORE_RADIUS, PORE_SPACING, WEAR_CELL, WRINKLES,
};
use super::period::PeriodField;
use super::phase;
use super::plan::{FieldLattice, RidgePlan, is_skin};

/// What is fixed about a finger beforehand; the rest follows from the seed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FingerSpec {
    /// Which finger: decides how likely each class is.
    pub finger: Finger,
    /// Pattern class; drawn with the finger's natural frequencies where `None`.
    pub class: Option<PatternClass>,
    /// Mean ridge period in pixels at 500 ppi; drawn for an adult where `None`. Held within 6.5 to 11.5.
    pub period: Option<f32>,
    /// How worn the ridges are, 0 (not) to 1 (hardly any relief left, as after years of manual work). It lies in patches.
    pub wear: f32,
    /// Size of the finger today against the grown one, 0.5 to 1.2. The period is the grown finger's, and the ridges are the same at every
    /// size: 12 and 18 years of one person differ here only.
    pub size: f32,
    /// How creased the skin is, 0 (not) to 1 (wrinkled all over); as is common among adults where `None`.
    pub creases: Option<f32>,
    /// Scars that go through the ridges.
    pub scars: u8,
    /// How dry the skin is, 0 sweating, 0.5 usual, 1 cracking: moves the moisture of every touch.
    pub dryness: f32,
    /// How much its moisture differs from place to place, 0 to 1 (0.375 is usual).
    pub moisture_variance: f32,
    /// How far the skin stretches, 1 a child's, 0 the very old's (0.8 is usual).
    pub elasticity: f32,
    /// How well pores can be seen, 0 not at all, 1 as well as the touch allows.
    pub pores: f32,
}

impl FingerSpec {
    /// An adult's finger, not worn, everything else from the seed.
    pub fn of(finger: Finger) -> Self {
        Self {
            finger,
            class: None,
            period: None,
            wear: 0.0,
            size: 1.0,
            creases: None,
            scars: 0,
            dryness: 0.5,
            moisture_variance: 0.375,
            elasticity: 0.8,
            pores: 1.0,
        }
    }

    /// The parameters in range, and made for a finger of this size and skin.
    pub(super) fn fitted(&self, params: &ImpressionParams) -> ImpressionParams {
        let hold = |v: f32, low: f32, high: f32, usual: f32| if v.is_finite() { v.clamp(low, high) } else { usual };
        let size = hold(self.size, 0.5, 1.2, 1.0);
        let (a, b) = params.contact;
        ImpressionParams {
            size: params.size * size,
            contact: (a * size, b * size),
            moisture: params.moisture + DRYNESS_WEIGHT * (0.5 - hold(self.dryness, 0.0, 1.0, 0.5)),
            patchiness: params.patchiness * (0.7 + 0.8 * hold(self.moisture_variance, 0.0, 1.0, 0.375)),
            plasticity: params.plasticity * (0.6 + 0.5 * hold(self.elasticity, 0.0, 1.0, 0.8)),
            pores: params.pores * hold(self.pores, 0.0, 1.0, 1.0),
            ..*params
        }
        .held()
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
    /// Depth of lasting creases and scars, 0 none to 255 no ridge left; empty where there are none.
    pub(super) crease: Vec<u8>,
    /// Depth of pores, 0 to 255.
    pub(super) pore: Vec<u8>,
    /// How worn the ridges are at the nodes of the field lattice; empty where they are not.
    wear: Vec<f32>,
    lattice: FieldLattice,
    /// Direction and period everywhere, for whoever trains on them.
    pub(super) orientation: OrientationField,
    pub(super) period_field: PeriodField,
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
        let orientation = OrientationField::draw(class, &mut Stream::new(seed, "orientation")).eased();
        let period = PeriodField::from_spec(&spec, &orientation, &mut Stream::new(seed, "period")).eased(&orientation);

        let scale = GROWTH_SCALE as f64;
        let lattice = FieldLattice::new(&orientation, &period);
        let plan = RidgePlan::new(&orientation, &lattice);
        let islands = |density| Island::draw(density, &orientation, &lattice, &mut Stream::new(seed, "islands"));
        let grown = match method {
            RidgeMethod::Growth => growth::grow(&plan, &islands(GROWTH_ISLANDS), &mut Stream::new(seed, "ridges")),
            RidgeMethod::Phase => {
                phase::synthesise(&lattice, &plan, &islands(PHASE_ISLANDS), &mut Stream::new(seed, "phase"))
            }
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
        let wave = full_size_wave(&plan, &grown);
        Self {
            spec,
            class,
            period: period.mean() as f32,
            crease: creases(&spec, seed),
            pore: pores(&wave, &mut Stream::new(seed, "pores")),
            wear: wear(&spec, &lattice, &mut Stream::new(seed, "wear")),
            wave,
            lattice,
            minutiae,
            cores: orientation.loops.iter().map(place).collect(),
            deltas: orientation.deltas.iter().map(place).collect(),
            orientation,
            period_field: period,
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

    /// Whether a point of the master is skin.
    pub(super) fn has_skin(&self, x: f64, y: f64) -> bool {
        x >= 0.0 && y >= 0.0 && x < MASTER_WIDTH as f64 && y < MASTER_HEIGHT as f64 && is_skin(x, y)
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

/// Lasting marks: creases that cross the ridges, mostly level; fine wrinkles of aged skin in all directions; scars, longer, wider and bent.
fn creases(spec: &FingerSpec, seed: u64) -> Vec<u8> {
    let mut depth = Vec::new();
    let mut bar = |at: (f64, f64), angle: f64, length: f64, width: f64, stream: &mut Stream| {
        depth.resize(MASTER_WIDTH * MASTER_HEIGHT, 0.0);
        bars(&mut depth, MASTER_WIDTH, at, angle, length, width, stream);
    };
    let stream = &mut Stream::new(seed, "creases");
    let common = stream.chance(CREASE_CHANCE);
    let (few, many) = match spec.creases {
        None if common => (1 + stream.below(CREASE_COUNT_MAX), 0),
        None => (0, 0),
        Some(density) => {
            let density = if density.is_finite() { density.clamp(0.0, 1.0) } else { 0.0 };
            let few = f64::from(density) * f64::from(CREASE_COUNT_MAX) + stream.unit();
            let wrinkles = (density - 0.25).max(0.0) / 0.75 * WRINKLES;
            (few as u32, wrinkles as u32)
        }
    };
    for _ in 0..few {
        let at = (AXIS_X + stream.normal(0.0, 60.0), stream.uniform(180.0, 480.0));
        let angle = stream.normal(0.0, 0.35);
        let (length, width) = (stream.uniform(25.0, 120.0), stream.uniform(1.0, 2.6));
        bar(at, angle, length, width, stream);
    }
    for _ in 0..many {
        let at = (AXIS_X + stream.normal(0.0, 75.0), stream.uniform(120.0, 480.0));
        // Along the finger and across it more often than between.
        let upright = if stream.chance(0.5) { std::f64::consts::FRAC_PI_2 } else { 0.0 };
        let angle = upright + stream.normal(0.0, 0.4);
        let (length, width) = (stream.uniform(20.0, 90.0), stream.uniform(0.5, 1.3));
        bar(at, angle, length, width, stream);
    }
    let stream = &mut Stream::new(seed, "scars");
    for _ in 0..spec.scars.min(12) {
        let at = (AXIS_X + stream.normal(0.0, 65.0), stream.uniform(150.0, 400.0));
        let angle = stream.uniform(0.0, std::f64::consts::PI);
        let (length, width) = (stream.uniform(50.0, 190.0), stream.uniform(1.6, 4.2));
        bar(at, angle, length, width, stream);
    }
    depth.iter().map(|d| (d * 255.0) as u8).collect()
}

/// Pores on the crests of the ridges: one near each point of a shaken grid, moved to where the ridge is highest.
fn pores(wave: &[f32], stream: &mut Stream) -> Vec<u8> {
    let mut depth = vec![0_u8; MASTER_WIDTH * MASTER_HEIGHT];
    let (columns, rows) =
        ((MASTER_WIDTH as f64 / PORE_SPACING) as usize - 1, (MASTER_HEIGHT as f64 / PORE_SPACING) as usize - 1);
    for row in 1..rows {
        for column in 1..columns {
            let x = (column as f64 + stream.uniform(0.0, 1.0)) * PORE_SPACING;
            let y = (row as f64 + stream.uniform(0.0, 1.0)) * PORE_SPACING;
            let r = stream.uniform(PORE_RADIUS.0, PORE_RADIUS.1);
            let (mut cx, mut cy) = (x as usize, y as usize);
            // Uphill to the crest: half a period at most.
            for _ in 0..5 {
                let around = (cy - 1..=cy + 1).flat_map(|v| (cx - 1..=cx + 1).map(move |u| (u, v)));
                let best =
                    around.max_by(|a, b| wave[a.1 * MASTER_WIDTH + a.0].total_cmp(&wave[b.1 * MASTER_WIDTH + b.0]));
                match best {
                    Some(b) if b != (cx, cy) => (cx, cy) = b,
                    _ => break,
                }
                if cx < 4 || cy < 4 || cx + 5 > MASTER_WIDTH || cy + 5 > MASTER_HEIGHT {
                    break;
                }
            }
            if cx < 4 || cy < 4 || cx + 5 > MASTER_WIDTH || cy + 5 > MASTER_HEIGHT {
                continue;
            }
            if wave[cy * MASTER_WIDTH + cx] < 0.6 {
                continue;
            }
            for v in cy - 2..=cy + 2 {
                for u in cx - 2..=cx + 2 {
                    let (dx, dy) = (u as f64 - cx as f64, v as f64 - cy as f64);
                    let cover = (r + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
                    let cell = &mut depth[v * MASTER_WIDTH + u];
                    *cell = (*cell).max((cover * 255.0) as u8);
                }
            }
        }
    }
    depth
}

/// Wear at the nodes of the lattice: strongest on the pad, in patches.
fn wear(spec: &FingerSpec, lattice: &FieldLattice, stream: &mut Stream) -> Vec<f32> {
    let wear = if spec.wear.is_finite() { spec.wear.clamp(0.0, 1.0) } else { 0.0 };
    if wear <= 0.0 {
        return Vec::new();
    }
    let cell = WEAR_CELL as usize / LATTICE_STEP;
    let patch = smooth(lattice.columns, lattice.rows, cell, stream);
    patch.iter().map(|p| (wear * (0.85 + 0.4 * p)).clamp(0.0, 1.0)).collect()
}

impl MasterFinger {
    /// How worn the ridges are at a point of the master, 0 to 1.
    pub(super) fn wear_at(&self, x: f32, y: f32) -> f32 {
        if self.wear.is_empty() {
            return 0.0;
        }
        self.lattice.value(&self.wear, x, y)
    }
}
