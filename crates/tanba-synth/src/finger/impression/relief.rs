//! How much skin touches at each pixel, from the height of the ridges, their wear, moisture, pressure and grain.

use crate::random::Stream;

use super::super::MasterFinger;
use super::super::noise::{SmoothField, bars, blur, grains, smooth};
use super::super::parameters::{MASTER_HEIGHT, MASTER_WIDTH, PATCH_WEIGHT, RIDGE_GAIN, WARP_LATTICE};
use super::contact::Window;
use super::params::ImpressionParams;
use super::placement::Placement;

/// What touches, over the window of the contact.
pub(super) struct Relief {
    /// Share of the pixel that skin touches, 0 to 1.
    pub(super) touch: Vec<f32>,
    /// Whether creases, scratches or worn places hide the ridges.
    pub(super) hidden: Vec<bool>,
    /// Height of the unharmed ridge where the finger lies on the glass, -127 to 127; [`super::NO_CONTACT`] elsewhere.
    pub(super) ridges: Vec<i8>,
}

impl Relief {
    pub(super) fn new(
        master: &MasterFinger,
        params: &ImpressionParams,
        placement: &Placement,
        window: Window,
        contact: &[f32],
        seed: u64,
    ) -> Self {
        let (width, height) = (window.width, window.height);
        let scale = params.scale();
        let cell = |pixels: f64| ((pixels * scale) as usize).max(2);
        let radius = |pixels: f64| ((pixels * scale + 0.5) as usize).max(1);
        let fine = grains(width, height, radius(1.0), &mut Stream::new(seed, "fine grain"));
        let coarse = grains(width, height, radius(3.0), &mut Stream::new(seed, "coarse grain"));
        let wet = moisture_field(params, window, seed).filled(width, height);
        let rough = smooth(width, height, cell(40.0), &mut Stream::new(seed, "roughness"));
        let scratch = scratch_map(params, window, seed);
        let ground = MasterUnder::new(placement, window);
        let mut touch = vec![0.0; width * height];
        let mut hidden = vec![true; width * height];
        let mut ridges = vec![super::NO_CONTACT; width * height];
        let mut points = vec![(0.0, 0.0); width];
        for y in 0..height {
            ground.row(y, &mut points);
            for x in 0..width {
                let i = y * width + x;
                if contact[i] <= 0.0 {
                    continue;
                }
                let (mx, my) = points[x];
                let Some(skin) = master.skin_at(mx, my) else { continue };
                if contact[i] >= super::VISIBLE_CONTACT {
                    ridges[i] = (127.0 * skin.wave.clamp(-1.0, 1.0)) as i8;
                }
                let crease = skin.crease.max(scratch.as_ref().map_or(0.0, |s| s[i]));
                hidden[i] = contact[i] < super::VISIBLE_CONTACT || crease > 0.5 || skin.wear > super::WORN_AWAY;
                let moisture = params.moisture + PATCH_WEIGHT * params.patchiness * wet[i];
                let roughness = params.grain * (1.0 + 0.45 * rough[i]).clamp(0.25, 2.2);
                // Dry skin touches in grains; wet skin is smooth and floods the valleys. Worn skin has little relief and is rough.
                let dry = (-moisture).max(0.0) + 0.5 * skin.wear;
                let bias = 0.62 * moisture + 0.30 * params.pressure + 0.06;
                let noise = fine[i] * (0.28 * roughness + 0.35 * dry * roughness)
                    + coarse[i] * (0.24 * roughness + 0.30 * dry * roughness);
                // The rim of the contact is pressed less.
                let rim = -1.3 * (1.0 - contact[i]);
                // A pore is a pit on the ridge's crest; sweat closes it.
                let pore = skin.pore * params.pores * (1.0 - moisture.max(0.0)).max(0.0);
                let relief = 1.0 - 0.85 * skin.wear;
                let height = skin.wave * relief + bias + noise + rim - 3.0 * crease - 1.9 * pore;
                // Uneven sweat lightens the ridges themselves.
                let tone = 1.0 - (0.16 * roughness * (fine[i] + 0.45 * coarse[i])).clamp(-0.1, 0.55);
                touch[i] = logistic(RIDGE_GAIN * height) * tone * contact[i].min(0.3) / 0.3;
            }
        }
        blur(&mut touch, width, height, 0.16);
        Self { touch, hidden, ridges }
    }
}

/// How moist the skin is beyond its mean, over the window; to be weighted with the patchiness.
fn moisture_field(params: &ImpressionParams, window: Window, seed: u64) -> SmoothField {
    let cell = ((48.0 * params.scale()) as usize).max(2);
    SmoothField::new(window.width, window.height, cell, &mut Stream::new(seed, "moisture"))
}

/// The moisture of the skin at points of an impression, -1 dry to 1 wet: what decides there whether ridges break or run together.
pub(in super::super) struct Moisture {
    mean: f32,
    patchiness: f32,
    window: Window,
    field: SmoothField,
}

impl Moisture {
    pub(in super::super) fn new(params: &ImpressionParams, seed: u64) -> Self {
        let window = Window::around(params);
        let field = moisture_field(params, window, seed);
        Self { mean: params.moisture, patchiness: PATCH_WEIGHT * params.patchiness, window, field }
    }

    pub(in super::super) fn at(&self, x: f64, y: f64) -> f32 {
        let (u, v) = (x as f32 - self.window.left as f32, y as f32 - self.window.top as f32);
        self.mean + self.patchiness * self.field.at(u, v)
    }
}

/// The master at one point.
pub(in super::super) struct SkinPoint {
    /// Height of the ridge, -1 in the valley to 1 on the crest.
    pub(in super::super) wave: f32,
    /// Depth of creases and scars, 0 to 1.
    pub(in super::super) crease: f32,
    /// Depth of a pore, 0 to 1.
    pub(in super::super) pore: f32,
    /// How worn the ridges are there, 0 to 1.
    pub(in super::super) wear: f32,
}

impl MasterFinger {
    /// The skin at a point of the master; `None` outside the finger.
    pub(in super::super) fn skin_at(&self, x: f32, y: f32) -> Option<SkinPoint> {
        let (fx, fy) = (x.floor(), y.floor());
        if !(fx >= 1.0 && fy >= 1.0 && fx < (MASTER_WIDTH - 2) as f32 && fy < (MASTER_HEIGHT - 2) as f32) {
            return None;
        }
        let (u, v) = (x - fx, y - fy);
        let start = (fy as usize - 1) * MASTER_WIDTH + fx as usize - 1;
        let (wx, wy) = (catmull_rom(u), catmull_rom(v));
        let mut wave = 0.0;
        for (row, w) in wy.iter().enumerate() {
            let line: &[f32; 4] = self.wave[start + row * MASTER_WIDTH..][..4].try_into().expect("four pixels");
            wave += w * (wx[0] * line[0] + wx[1] * line[1] + wx[2] * line[2] + wx[3] * line[3]);
        }
        let bilinear = |of: &[u8]| {
            if of.is_empty() {
                return 0.0;
            }
            let i = start + MASTER_WIDTH + 1;
            let at = |k: usize| f32::from(of[i + k]);
            let (a, b) =
                (at(0) + (at(1) - at(0)) * u, at(MASTER_WIDTH) + (at(MASTER_WIDTH + 1) - at(MASTER_WIDTH)) * u);
            (a + (b - a) * v) / 255.0
        };
        let (crease, pore) = (bilinear(&self.crease), bilinear(&self.pore));
        Some(SkinPoint { wave, crease, pore, wear: self.wear_at(x, y) })
    }
}

/// Catmull-Rom weights of the four samples round a place.
fn catmull_rom(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [-0.5 * t + t2 - 0.5 * t3, 1.0 - 2.5 * t2 + 1.5 * t3, 0.5 * t + 2.0 * t2 - 1.5 * t3, -0.5 * t2 + 0.5 * t3]
}

/// Master points under the window's pixels: the warp on a lattice, interpolated between its nodes.
struct MasterUnder {
    columns: usize,
    nodes: Vec<(f32, f32)>,
}

impl MasterUnder {
    fn new(placement: &Placement, window: Window) -> Self {
        let (columns, rows) = (window.width / WARP_LATTICE + 2, window.height / WARP_LATTICE + 2);
        let nodes = (0..rows * columns).map(|i| {
            let (x, y) = (window.left + (i % columns) * WARP_LATTICE, window.top + (i / columns) * WARP_LATTICE);
            let (mx, my) = placement.to_master(x as f64, y as f64);
            (mx as f32, my as f32)
        });
        Self { columns, nodes: nodes.collect() }
    }

    fn row(&self, y: usize, out: &mut [(f32, f32)]) {
        let (row, v) = (y / WARP_LATTICE, (y % WARP_LATTICE) as f32 / WARP_LATTICE as f32);
        let above = &self.nodes[row * self.columns..(row + 1) * self.columns];
        let below = &self.nodes[(row + 1) * self.columns..(row + 2) * self.columns];
        for (column, pixels) in out.chunks_mut(WARP_LATTICE).enumerate() {
            let node = |k: usize| {
                let (a, b) = (above[k], below[k]);
                (a.0 + (b.0 - a.0) * v, a.1 + (b.1 - a.1) * v)
            };
            let (a, b) = (node(column), node(column + 1));
            for (k, p) in pixels.iter_mut().enumerate() {
                let u = k as f32 / WARP_LATTICE as f32;
                *p = (a.0 + (b.0 - a.0) * u, a.1 + (b.1 - a.1) * u);
            }
        }
    }
}

/// Scratches of this touch, where there are any.
fn scratch_map(params: &ImpressionParams, window: Window, seed: u64) -> Option<Vec<f32>> {
    if params.scratches == 0 {
        return None;
    }
    let scale = params.scale();
    let (width, height) = params.image_size();
    let mut depth = vec![0.0; window.width * window.height];
    let mut stream = Stream::new(seed, "scratches");
    for _ in 0..params.scratches {
        let x = stream.uniform(0.1, 0.9) * width as f64 - window.left as f64;
        let y = stream.uniform(0.1, 0.9) * height as f64 - window.top as f64;
        let angle = stream.uniform(-1.6, 1.6);
        let (length, half) = (scale * stream.uniform(15.0, 90.0), scale * stream.uniform(0.7, 1.7));
        bars(&mut depth, window.width, (x, y), angle, length, half, &mut stream);
    }
    Some(depth)
}

/// `1 / (1 + e^-x)`, near enough for shading and the same everywhere.
fn logistic(x: f32) -> f32 {
    0.5 + 0.5 * x / (1.0 + x * x).sqrt()
}
