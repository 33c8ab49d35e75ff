//! One touch of the glass: the master placed, pressed, wetted or dried, scratched, and seen through a sensor.

use serde::{Deserialize, Serialize};
use tanba_formats::{Finger, Gray8, Ppi};

use crate::exact;
use crate::random::Stream;

use super::noise::{bars, blur, grains, smooth};
use super::parameters::{
    AXIS_X, CLOSE_CONTACT, CONTACT_CENTRE_Y, IMPRESSION_SIDE_MAX, IMPRESSION_SIDE_MIN, MASTER_HEIGHT, MASTER_WIDTH,
    RIDGE_GAIN, STRAIN_MAX, VISIBLE_CONTACT, WARP_LATTICE,
};
use super::warp::Warp;
use super::{MasterFinger, PatternClass, TruthMinutia};

/// How an impression is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImpressionPreset {
    /// A well guided enrolment on a clean optical scanner: large centred contact, little of everything else.
    Clean,
    /// Unguided touches of a good optical scanner, spread as in the FVC sets: turned, shifted, wet, dry, distorted.
    FvcLike,
    /// Small contacts, strong distortion, very wet or dry skin, scratches.
    Hard,
    /// Inked on paper: large, dark, blotchy.
    Ink,
}

impl ImpressionPreset {
    /// All presets.
    pub const ALL: [Self; 4] = [Self::Clean, Self::FvcLike, Self::Hard, Self::Ink];

    /// The name used on the command line: `clean`, `fvc-like`, `hard`, `ink`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::FvcLike => "fvc-like",
            Self::Hard => "hard",
            Self::Ink => "ink",
        }
    }

    /// The preset of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// Everything about one touch that is not the finger itself. Lengths are pixels at 500 ppi, angles radians.
/// Out-of-range and non-finite values are brought into range, so any value gives an image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ImpressionParams {
    /// Image width, pixels (64 to 1024).
    pub width: u16,
    /// Image height, pixels (64 to 1024).
    pub height: u16,
    /// Rotation of the finger, counter-clockwise as seen.
    pub rotation: f32,
    /// Shift of the contact's centre from the middle of the image, to the right and down.
    pub shift: (f32, f32),
    /// Where on the finger the contact lies: shift from its usual centre, to the right and down.
    pub contact_shift: (f32, f32),
    /// Semi-axes of the contact ellipse, across and along the finger.
    pub contact: (f32, f32),
    /// Skin motion while pressed (Cappelli, Maio and Maltoni 2001): shift of the free skin.
    pub drag: (f32, f32),
    /// Turn of the free skin while pressed.
    pub torsion: f32,
    /// Skin plasticity, 0.2 stiff to 3 soft.
    pub plasticity: f32,
    /// Enlargement by pressure, 0.9 to 1.1.
    pub stretch: f32,
    /// -1 dry (thin broken ridges) to 1 wet (ridges run together).
    pub moisture: f32,
    /// How much the moisture differs from place to place, 0 to 1.
    pub patchiness: f32,
    /// Roughness of ridges: grains and pores, 0 to 1.
    pub grain: f32,
    /// Scratches of this touch.
    pub scratches: u8,
    /// Difference between skin and glass, 0 to 1.
    pub contrast: f32,
    /// Gray of the empty glass, 0 to 255.
    pub background: u8,
    /// Standard deviation of the sensor's noise, gray levels.
    pub sensor_noise: f32,
    /// Uneven light and dirt on the glass, 0 to 1.
    pub dirt: f32,
}

impl ImpressionParams {
    /// A perfect upright touch: no noise, no distortion.
    pub fn ideal() -> Self {
        Self {
            width: 388,
            height: 416,
            rotation: 0.0,
            shift: (0.0, 0.0),
            contact_shift: (0.0, 0.0),
            contact: (140.0, 190.0),
            drag: (0.0, 0.0),
            torsion: 0.0,
            plasticity: 1.0,
            stretch: 1.0,
            moisture: 0.0,
            patchiness: 0.0,
            grain: 0.0,
            scratches: 0,
            contrast: 0.9,
            background: 245,
            sensor_noise: 0.0,
            dirt: 0.0,
        }
    }

    /// Draws a touch in the manner of a preset.
    pub fn draw(preset: ImpressionPreset, seed: u64) -> Self {
        let mut s = Stream::new(seed, "impression parameters");
        let s = &mut s;
        let normal = |s: &mut Stream, mean: f64, deviation: f64| s.normal(mean, deviation) as f32;
        match preset {
            ImpressionPreset::Clean => Self {
                rotation: normal(s, 0.0, 0.07),
                shift: (normal(s, 0.0, 8.0), normal(s, 0.0, 8.0)),
                contact_shift: (normal(s, 0.0, 6.0), normal(s, 0.0, 8.0)),
                contact: (normal(s, 132.0, 7.0), normal(s, 184.0, 8.0)),
                drag: (normal(s, 0.0, 3.0), normal(s, 0.0, 3.0)),
                torsion: normal(s, 0.0, 0.03),
                plasticity: s.uniform(1.0, 2.0) as f32,
                stretch: normal(s, 1.0, 0.005),
                moisture: normal(s, 0.0, 0.12),
                patchiness: 0.15,
                grain: 0.2,
                contrast: s.uniform(0.82, 0.95) as f32,
                background: 245,
                sensor_noise: 1.5,
                dirt: 0.05,
                ..Self::ideal()
            },
            ImpressionPreset::FvcLike => {
                // Some touches of every series went badly.
                let bad = if s.chance(0.15) { 1.5 } else { 1.0 };
                Self {
                    rotation: normal(s, 0.0, 0.18),
                    shift: (normal(s, 0.0, 24.0), normal(s, 0.0, 28.0)),
                    contact_shift: (normal(s, 0.0, 20.0 * bad), normal(s, 0.0, 30.0 * bad)),
                    contact: (normal(s, 108.0, 13.0), normal(s, 146.0, 20.0)),
                    drag: (normal(s, 0.0, 11.0 * bad), normal(s, 0.0, 12.0 * bad)),
                    torsion: normal(s, 0.0, 0.11 * bad),
                    plasticity: s.uniform(0.6, 2.2) as f32,
                    stretch: normal(s, 1.0, 0.014),
                    moisture: normal(s, 0.0, 0.45 * bad),
                    patchiness: s.uniform(0.25, 0.75) as f32,
                    grain: (bad * s.uniform(0.35, 0.8)) as f32,
                    scratches: s.below(5) as u8,
                    contrast: s.uniform(0.6, 0.95) as f32,
                    background: 225 + s.below(28) as u8,
                    sensor_noise: s.uniform(1.5, 4.0) as f32,
                    dirt: s.uniform(0.05, 0.4) as f32,
                    ..Self::ideal()
                }
            }
            ImpressionPreset::Hard => Self {
                rotation: normal(s, 0.0, 0.3),
                shift: (normal(s, 0.0, 34.0), normal(s, 0.0, 40.0)),
                contact_shift: (normal(s, 0.0, 30.0), normal(s, 0.0, 42.0)),
                contact: (normal(s, 98.0, 14.0), normal(s, 130.0, 22.0)),
                drag: (normal(s, 0.0, 18.0), normal(s, 0.0, 20.0)),
                torsion: normal(s, 0.0, 0.2),
                plasticity: s.uniform(0.6, 2.0) as f32,
                stretch: normal(s, 1.0, 0.02),
                moisture: normal(s, 0.0, 0.62),
                patchiness: s.uniform(0.4, 1.0) as f32,
                grain: s.uniform(0.5, 1.0) as f32,
                scratches: 2 + s.below(8) as u8,
                contrast: s.uniform(0.4, 0.85) as f32,
                background: 190 + s.below(60) as u8,
                sensor_noise: s.uniform(3.0, 8.0) as f32,
                dirt: s.uniform(0.2, 0.8) as f32,
                ..Self::ideal()
            },
            ImpressionPreset::Ink => Self {
                rotation: normal(s, 0.0, 0.1),
                shift: (normal(s, 0.0, 10.0), normal(s, 0.0, 12.0)),
                contact_shift: (normal(s, 0.0, 10.0), normal(s, 0.0, 12.0)),
                contact: (normal(s, 148.0, 10.0), normal(s, 192.0, 10.0)),
                drag: (normal(s, 0.0, 6.0), normal(s, 0.0, 6.0)),
                torsion: normal(s, 0.0, 0.06),
                plasticity: s.uniform(0.8, 2.0) as f32,
                stretch: normal(s, 1.0, 0.01),
                moisture: normal(s, 0.22, 0.3),
                patchiness: s.uniform(0.4, 0.9) as f32,
                grain: s.uniform(0.6, 1.0) as f32,
                contrast: s.uniform(0.75, 0.95) as f32,
                background: 214 + s.below(24) as u8,
                sensor_noise: s.uniform(3.0, 5.0) as f32,
                dirt: 0.5,
                ..Self::ideal()
            },
        }
    }

    /// The same with every value finite and in its range.
    pub(super) fn held(self) -> Self {
        let hold = |v: f32, low: f32, high: f32, default: f32| if v.is_finite() { v.clamp(low, high) } else { default };
        let pair = |v: (f32, f32), most: f32| (hold(v.0, -most, most, 0.0), hold(v.1, -most, most, 0.0));
        Self {
            width: self.width.clamp(IMPRESSION_SIDE_MIN, IMPRESSION_SIDE_MAX),
            height: self.height.clamp(IMPRESSION_SIDE_MIN, IMPRESSION_SIDE_MAX),
            rotation: exact::wrap_pi(f64::from(hold(self.rotation, -1e3, 1e3, 0.0))) as f32,
            shift: pair(self.shift, 1000.0),
            contact_shift: pair(self.contact_shift, 400.0),
            contact: (hold(self.contact.0, 20.0, 400.0, 120.0), hold(self.contact.1, 20.0, 400.0, 160.0)),
            drag: pair(self.drag, 60.0),
            torsion: hold(self.torsion, -0.8, 0.8, 0.0),
            plasticity: hold(self.plasticity, 0.2, 3.0, 1.0),
            stretch: hold(self.stretch, 0.9, 1.1, 1.0),
            moisture: hold(self.moisture, -1.0, 1.0, 0.0),
            patchiness: hold(self.patchiness, 0.0, 1.0, 0.0),
            grain: hold(self.grain, 0.0, 1.0, 0.0),
            scratches: self.scratches.min(40),
            contrast: hold(self.contrast, 0.0, 1.0, 0.9),
            background: self.background,
            sensor_noise: hold(self.sensor_noise, 0.0, 64.0, 0.0),
            dirt: hold(self.dirt, 0.0, 1.0, 0.0),
        }
    }
}

/// One impression with everything that is known about it.
#[derive(Debug, Clone)]
pub struct Impression {
    /// The image, 500 ppi, ridges dark.
    pub image: Gray8,
    /// Every minutia of the finger, moved exactly as the skin was, in the master's order.
    pub minutiae: Vec<TruthMinutia>,
    /// Cores, pixels of the image; may lie outside it.
    pub cores: Vec<(f32, f32)>,
    /// Deltas, pixels of the image; may lie outside it.
    pub deltas: Vec<(f32, f32)>,
    /// Which finger.
    pub finger: Finger,
    /// Pattern class.
    pub class: PatternClass,
    /// The parameters as used, brought into range.
    pub params: ImpressionParams,
}

impl Impression {
    /// Image width, pixels.
    pub fn width(&self) -> u16 {
        self.params.width
    }

    /// Image height, pixels.
    pub fn height(&self) -> u16 {
        self.params.height
    }
}

impl MasterFinger {
    /// A touch drawn in the manner of a preset.
    pub fn touch(&self, preset: ImpressionPreset, seed: u64) -> Impression {
        self.impression(&ImpressionParams::draw(preset, seed), seed)
    }

    /// A touch with these parameters; the seed decides the grain of the noise and nothing of the geometry.
    pub fn impression(&self, params: &ImpressionParams, seed: u64) -> Impression {
        let params = params.held();
        let warp = params.warp();
        let (width, height) = (usize::from(params.width), usize::from(params.height));
        let contact = contact_map(&params, seed);
        let scratch = scratch_map(&params, seed);
        let (wave, crease) = self.placed(&warp, width, height);
        let relief = self.pressed(&params, wave, &contact, &crease, &scratch, seed);
        let image = params.sensed(relief, &contact, seed);

        let hidden = |i: usize| contact[i] < VISIBLE_CONTACT || crease[i] > 0.5 || scratch[i] > 0.5;
        let minutiae = self.minutiae.iter().filter_map(|m| {
            let (x, y) = warp.to_image(f64::from(m.x), f64::from(m.y))?;
            let direction = warp.direction_to_image(x, y, f64::from(m.direction)) as f32;
            let inside = x >= 0.0 && y >= 0.0 && x < width as f64 && y < height as f64;
            let visible = inside && !hidden(y as usize * width + x as usize);
            Some(TruthMinutia { x: x as f32, y: y as f32, direction, kind: m.kind, visible })
        });
        let place = |points: &[(f32, f32)]| {
            let moved = points.iter().filter_map(|p| warp.to_image(f64::from(p.0), f64::from(p.1)));
            moved.map(|(x, y)| (x as f32, y as f32)).collect()
        };
        Impression {
            image,
            minutiae: minutiae.collect(),
            cores: place(&self.cores),
            deltas: place(&self.deltas),
            finger: self.spec.finger,
            class: self.class,
            params,
        }
    }

    /// The ridge wave and the creases as the warp lays them into the image; -1 (valley) where the master ends.
    fn placed(&self, warp: &Warp, width: usize, height: usize) -> (Vec<f32>, Vec<f32>) {
        let columns = width / WARP_LATTICE + 2;
        let rows = height / WARP_LATTICE + 2;
        let lattice: Vec<(f32, f32)> = (0..rows * columns)
            .map(|i| {
                let (x, y) = ((i % columns) * WARP_LATTICE, (i / columns) * WARP_LATTICE);
                let (mx, my) = warp.to_master(x as f64, y as f64);
                (mx as f32, my as f32)
            })
            .collect();
        let mut wave = Vec::with_capacity(width * height);
        let mut crease = Vec::with_capacity(width * height);
        let step = 1.0 / WARP_LATTICE as f32;
        for y in 0..height {
            let (row, v) = (y / WARP_LATTICE, (y % WARP_LATTICE) as f32 * step);
            for x in 0..width {
                let (column, u) = (x / WARP_LATTICE, (x % WARP_LATTICE) as f32 * step);
                let i = row * columns + column;
                let (a, b, c, d) = (lattice[i], lattice[i + 1], lattice[i + columns], lattice[i + columns + 1]);
                let mix = |a: f32, b: f32, c: f32, d: f32| (a + (b - a) * u) * (1.0 - v) + (c + (d - c) * u) * v;
                let (mx, my) = (mix(a.0, b.0, c.0, d.0), mix(a.1, b.1, c.1, d.1));
                wave.push(cubic(&self.wave, mx, my));
                crease.push(nearest(&self.crease, mx, my));
            }
        }
        (wave, crease)
    }

    /// How much skin touches at each pixel, 0 to 1, from the height of the relief.
    fn pressed(
        &self,
        params: &ImpressionParams,
        mut wave: Vec<f32>,
        contact: &[f32],
        crease: &[f32],
        scratch: &[f32],
        seed: u64,
    ) -> Vec<f32> {
        let (width, height) = (usize::from(params.width), usize::from(params.height));
        let fine = grains(width, height, 1, &mut Stream::new(seed, "fine grain"));
        let coarse = grains(width, height, 3, &mut Stream::new(seed, "coarse grain"));
        let wet = smooth(width, height, 48, &mut Stream::new(seed, "moisture"));
        let rough = smooth(width, height, 40, &mut Stream::new(seed, "roughness"));
        let relief = 1.0 - 0.85 * self.spec.wear.clamp(0.0, 1.0);
        for (i, w) in wave.iter_mut().enumerate() {
            let moisture = params.moisture + 0.45 * params.patchiness * wet[i];
            let roughness = params.grain * (1.0 + 0.45 * rough[i]).clamp(0.25, 2.2);
            // Dry skin touches in grains; wet skin is smooth and floods the valleys.
            let dry = (-moisture).max(0.0);
            let bias = 0.62 * moisture + 0.06;
            let noise = fine[i] * (0.28 * roughness + 0.35 * dry * roughness)
                + coarse[i] * (0.24 * roughness + 0.30 * dry * roughness);
            // The rim of the contact is pressed less.
            let rim = -1.3 * (1.0 - contact[i]);
            let height = *w * relief + bias + noise + rim - 3.0 * crease[i].max(scratch[i]);
            // Pores and uneven sweat lighten the ridges themselves.
            let tone = 1.0 - (0.16 * roughness * (fine[i] + 0.45 * coarse[i])).clamp(-0.1, 0.55);
            *w = logistic(RIDGE_GAIN * height) * tone * contact[i].min(0.3) / 0.3;
        }
        blur(&mut wave, width, height, 0.16);
        wave
    }
}

impl ImpressionParams {
    pub(super) fn warp(&self) -> Warp {
        let f = f64::from;
        let close = (CLOSE_CONTACT * f(self.contact.0), CLOSE_CONTACT * f(self.contact.1));
        let drag = (f(self.drag.0) * f(self.drag.0) + f(self.drag.1) * f(self.drag.1)).sqrt();
        let pull = drag + f(self.torsion).abs() * f(self.contact.1);
        // The brake's steepest slope is pi / 2 over the plasticity; skin strained beyond this would fold.
        let softest = std::f64::consts::FRAC_PI_2 * pull / (STRAIN_MAX * close.0.min(close.1));
        Warp {
            image_centre: (
                f(f32::from(self.width)) / 2.0 + f(self.shift.0),
                f(f32::from(self.height)) / 2.0 + f(self.shift.1),
            ),
            master_centre: (AXIS_X + f(self.contact_shift.0), CONTACT_CENTRE_Y + f(self.contact_shift.1)),
            rotation: f(self.rotation),
            stretch: f(self.stretch),
            close,
            shift: (f(self.drag.0), f(self.drag.1)),
            turn: f(self.torsion),
            plasticity: f(self.plasticity).max(softest),
        }
    }

    /// From contact to gray levels: background, light, dirt, sensor noise.
    fn sensed(&self, mut skin: Vec<f32>, contact: &[f32], seed: u64) -> Gray8 {
        let (width, height) = (usize::from(self.width), usize::from(self.height));
        let light = smooth(width, height, 96, &mut Stream::new(seed, "light"));
        let smudge = smooth(width, height, 28, &mut Stream::new(seed, "dirt"));
        let speck = grains(width, height, 1, &mut Stream::new(seed, "specks"));
        let mut noise = vec![0.0; width * height];
        Stream::new(seed, "sensor").fill_noise(&mut noise);
        let glass = f32::from(self.background);
        // Uniform noise in [-1, 1) has a deviation of 0.577.
        let noise_gain = self.sensor_noise / 0.577;
        for (i, s) in skin.iter_mut().enumerate() {
            let shade = 1.0 + 0.035 * self.dirt * light[i];
            // Specks stick where the glass is smudged.
            let dirty = self.dirt * ((smudge[i] - 0.6).max(0.0) * (speck[i] - 1.7).max(0.0)).min(1.0);
            let depth = self.contrast * (0.93 + 0.07 * light[i].clamp(-1.0, 1.0));
            // Between ridges the skin is near the glass and dims it a little.
            let haze = 0.05 * contact[i];
            let gray = glass * shade * (1.0 - (depth * *s + haze).min(1.0)) * (1.0 - 0.6 * dirty);
            *s = gray + noise_gain * noise[i];
        }
        let pixels = skin.iter().map(|v| (v + 0.5).clamp(0.0, 255.0) as u8).collect();
        Gray8::new(width, height, Ppi::NOMINAL, pixels).expect("one byte per pixel, no empty side")
    }
}

/// How firmly the finger touches at each pixel: 1 inside, falling to 0 over the rim of an uneven ellipse.
fn contact_map(params: &ImpressionParams, seed: u64) -> Vec<f32> {
    let (width, height) = (usize::from(params.width), usize::from(params.height));
    let uneven = smooth(width, height, 52, &mut Stream::new(seed, "contact"));
    let ragged = params.grain;
    let distance = ContactDistance::new(params);
    let mut map = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let d = distance.at(x as f32, y as f32);
            let edge = d + 0.026 * (0.4 + ragged) * uneven[y * width + x];
            let t = ((1.04 - edge) / 0.20).clamp(0.0, 1.0);
            map.push(t * t * (3.0 - 2.0 * t));
        }
    }
    map
}

/// Elliptic distance from the contact's centre, 1 at its outline.
pub(super) fn contact_distance(params: &ImpressionParams, x: f32, y: f32) -> f32 {
    ContactDistance::new(params).at(x, y)
}

struct ContactDistance {
    centre: (f32, f32),
    axes: (f32, f32),
    sin: f32,
    cos: f32,
}

impl ContactDistance {
    fn new(params: &ImpressionParams) -> Self {
        let (sin, cos) = exact::sin_cos(f64::from(params.rotation));
        let centre = (f32::from(params.width) / 2.0 + params.shift.0, f32::from(params.height) / 2.0 + params.shift.1);
        Self { centre, axes: params.contact, sin: sin as f32, cos: cos as f32 }
    }

    /// A fingertip is rounder at its tip and squarer toward the crease: a superellipse below the middle.
    fn at(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let u = (self.cos * dx - self.sin * dy) / self.axes.0;
        let v = (self.sin * dx + self.cos * dy) / self.axes.1;
        let round = (u * u + v * v).sqrt();
        let square = (u * u * u * u + v * v * v * v).sqrt().sqrt();
        round + (square - round) * (1.4 * v).clamp(0.0, 0.75)
    }
}

fn scratch_map(params: &ImpressionParams, seed: u64) -> Vec<f32> {
    let (width, height) = (usize::from(params.width), usize::from(params.height));
    let mut depth = vec![0.0; width * height];
    let mut stream = Stream::new(seed, "scratches");
    for _ in 0..params.scratches {
        let x = stream.uniform(0.1, 0.9) * width as f64;
        let y = stream.uniform(0.1, 0.9) * height as f64;
        let angle = stream.uniform(-1.6, 1.6);
        let (length, half) = (stream.uniform(15.0, 90.0), stream.uniform(0.7, 1.7));
        bars(&mut depth, width, (x, y), angle, length, half, &mut stream);
    }
    depth
}

/// `1 / (1 + e^-x)`, near enough for shading and the same everywhere.
fn logistic(x: f32) -> f32 {
    0.5 + 0.5 * x / (1.0 + x * x).sqrt()
}

/// Catmull-Rom value of the master at a point, -1 outside.
fn cubic(of: &[f32], x: f32, y: f32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    if !(fx >= 1.0 && fy >= 1.0 && fx < (MASTER_WIDTH - 2) as f32 && fy < (MASTER_HEIGHT - 2) as f32) {
        return -1.0;
    }
    let weights = |t: f32| {
        let (t2, t3) = (t * t, t * t * t);
        [-0.5 * t + t2 - 0.5 * t3, 1.0 - 2.5 * t2 + 1.5 * t3, 0.5 * t + 2.0 * t2 - 1.5 * t3, -0.5 * t2 + 0.5 * t3]
    };
    let (wx, wy) = (weights(x - fx), weights(y - fy));
    let start = (fy as usize - 1) * MASTER_WIDTH + fx as usize - 1;
    let mut sum = 0.0;
    for (row, w) in wy.iter().enumerate() {
        let line = &of[start + row * MASTER_WIDTH..start + row * MASTER_WIDTH + 4];
        sum += w * (wx[0] * line[0] + wx[1] * line[1] + wx[2] * line[2] + wx[3] * line[3]);
    }
    sum
}

/// The nearest value of the master, 0 outside.
fn nearest(of: &[f32], x: f32, y: f32) -> f32 {
    let (x, y) = ((x + 0.5).floor(), (y + 0.5).floor());
    if x >= 0.0 && y >= 0.0 && x < MASTER_WIDTH as f32 && y < MASTER_HEIGHT as f32 {
        of[y as usize * MASTER_WIDTH + x as usize]
    } else {
        0.0
    }
}
