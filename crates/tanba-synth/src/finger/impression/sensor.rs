//! From contact to gray levels, as each kind of sensor or ground would show it.

use tanba_formats::{Gray8, Ppi};

use crate::exact;
use crate::random::Stream;

use super::super::noise::{blur, discs, grains, smooth};
use super::contact::{ContactDistance, Window};
use super::params::{ImpressionParams, Sensor};

/// The image. `touch` is the share of each pixel of the window that skin touches, `contact` how firmly the finger lies there.
pub(super) fn image(params: &ImpressionParams, window: Window, touch: &[f32], contact: &[f32], seed: u64) -> Gray8 {
    let (width, height) = params.image_size();
    let mut gray = ground(params, width, height, seed);
    let lay = Lay { params, window, touch, contact, width, height, seed };
    match params.sensor {
        Sensor::Optical => lay.optical(&mut gray),
        Sensor::Capacitive => lay.capacitive(&mut gray),
        Sensor::Sweep => lay.sweep(&mut gray),
        Sensor::Ink => lay.ink(&mut gray),
        Sensor::Latent => lay.latent(&mut gray),
    }
    let mut noise = vec![0_u8; width * height];
    Stream::new(seed, "sensor").fill_bytes(&mut noise);
    // A byte about its middle, uniform, has a deviation of 73.9.
    let gain = params.sensor_noise / 73.9;
    let pixels =
        gray.iter().zip(&noise).map(|(g, n)| (g + gain * (f32::from(*n) - 127.5) + 0.5).clamp(0.0, 255.0) as u8);
    let ppi = Ppi::new(f64::from(params.ppi)).unwrap_or(Ppi::NOMINAL);
    Gray8::new(width, height, ppi, pixels.collect()).expect("one byte per pixel, no empty side")
}

/// What is there before the finger: glass, chip, paper or any surface, with its light and dirt.
fn ground(params: &ImpressionParams, width: usize, height: usize, seed: u64) -> Vec<f32> {
    let scale = params.scale();
    let cell = |pixels: f64| ((pixels * scale) as usize).max(2);
    let base = f32::from(params.background);
    let light = smooth(width, height, cell(96.0), &mut Stream::new(seed, "light"));
    let mut gray: Vec<f32> = light.iter().map(|l| base * (1.0 + 0.035 * params.dirt * l)).collect();
    match params.sensor {
        Sensor::Optical => {
            // Specks, and the ghost of whoever touched it before.
            let mut stream = Stream::new(seed, "specks");
            let specks = (params.dirt * params.dirt * 220.0 * stream.uniform(0.3, 1.0) as f32) as u32;
            discs(&mut gray, width, specks, (0.5 * scale, 1.9 * scale), -0.45 * base, &mut stream);
            if params.dirt > 0.15 {
                let smear = smooth(width, height, cell(34.0), &mut Stream::new(seed, "smear"));
                for (g, s) in gray.iter_mut().zip(&smear) {
                    *g -= 0.05 * base * params.dirt * (s - 0.2).max(0.0);
                }
            }
        }
        Sensor::Capacitive | Sensor::Sweep => {}
        Sensor::Ink => {
            // Fibres of the paper, and finger marks of ink where it was held.
            let fibre = grains(width, height, ((scale + 0.5) as usize).max(1), &mut Stream::new(seed, "paper"));
            for (g, f) in gray.iter_mut().zip(&fibre) {
                *g += 2.6 * f;
            }
            let mut stream = Stream::new(seed, "spots");
            let spots = (params.dirt * 60.0) as u32;
            discs(&mut gray, width, spots, (0.4 * scale, 1.6 * scale), -70.0, &mut stream);
            printed_lines(&mut gray, width, scale, &mut Stream::new(seed, "form"));
        }
        Sensor::Latent => surface(&mut gray, width, height, scale, params.dirt, seed),
    }
    gray
}

/// Lines of the form on which prints are taken: near the edges of its boxes, straight, a pen's width, upright or level.
fn printed_lines(gray: &mut [f32], width: usize, scale: f64, stream: &mut Stream) {
    let height = gray.len() / width;
    let thick = ((1.6 * scale) as usize).max(1);
    let darker = stream.uniform(50.0, 120.0) as f32;
    for side in 0..4 {
        if stream.chance(0.45) {
            continue;
        }
        let inset = (scale * stream.uniform(4.0, 34.0)) as usize;
        let (across, along) = if side < 2 { (height, width) } else { (width, height) };
        let start = if side % 2 == 0 { inset } else { across.saturating_sub(inset + thick) };
        for line in start..(start + thick).min(across) {
            for k in 0..along {
                let i = if side < 2 { line * width + k } else { k * width + line };
                gray[i] -= darker;
            }
        }
    }
}

/// A surface with a pattern of its own: grain of wood, brushed metal, printed lines, cloth, or plaster.
fn surface(gray: &mut [f32], width: usize, height: usize, scale: f64, dirt: f32, seed: u64) {
    let mut stream = Stream::new(seed, "surface");
    let kind = stream.below(5);
    let strength = 10.0 + 30.0 * dirt;
    let turn = stream.uniform(0.0, std::f64::consts::PI);
    let (s, c) = exact::sin_cos(turn);
    let cell = |pixels: f64| ((pixels * scale) as usize).max(2);
    let bend = smooth(width, height, cell(60.0), &mut Stream::new(seed, "bend"));
    let period = scale * stream.uniform(7.0, 26.0);
    let k = std::f64::consts::TAU / period;
    let mut pattern: Vec<f32> = match kind {
        // Wood and printed lines: waves along one direction, bent or straight, soft or hard.
        0 | 2 => (0..width * height)
            .map(|i| {
                let (x, y) = ((i % width) as f64, (i / width) as f64);
                let wander = if kind == 0 { 5.0 * scale * f64::from(bend[i]) } else { 0.0 };
                let wave = exact::sin_cos(k * (x * s + y * c + wander)).1 as f32;
                if kind == 0 { wave } else { (4.0 * (wave - 0.55)).clamp(-1.0, 1.0) }
            })
            .collect(),
        // Cloth: two such waves crossed.
        3 => (0..width * height)
            .map(|i| {
                let (x, y) = ((i % width) as f64, (i / width) as f64);
                let (u, v) = (x * s + y * c, x * c - y * s);
                (exact::sin_cos(k * u).1 * exact::sin_cos(k * v).1) as f32 * 1.4
            })
            .collect(),
        // Brushed metal: noise drawn out along the rows.
        1 => {
            let mut lines = grains(width, height, 1, &mut stream);
            for row in lines.chunks_exact_mut(width) {
                let mut carried = 0.0;
                for v in row {
                    carried = 0.93 * carried + 0.37 * *v;
                    *v = carried;
                }
            }
            lines
        }
        // Plaster and painted walls.
        _ => grains(width, height, ((2.0 * scale) as usize).max(1), &mut stream),
    };
    blur(&mut pattern, width, height, 0.15);
    let stain = smooth(width, height, cell(44.0), &mut Stream::new(seed, "stain"));
    for ((g, p), stain) in gray.iter_mut().zip(&pattern).zip(&stain) {
        *g += strength * (0.6 * p + 0.5 * dirt * stain);
    }
    let lines = 2 + stream.below(5);
    let mut depth = vec![0.0; width * height];
    for _ in 0..lines {
        let at = (stream.uniform(0.0, width as f64), stream.uniform(0.0, height as f64));
        let angle = stream.uniform(0.0, std::f64::consts::PI);
        let (length, half) = (scale * stream.uniform(60.0, 400.0), scale * stream.uniform(0.6, 2.0));
        super::super::noise::bars(&mut depth, width, at, angle, length, half, &mut stream);
    }
    let side = if stream.chance(0.5) { 1.0 } else { -1.0 };
    for (g, d) in gray.iter_mut().zip(&depth) {
        *g += side * 45.0 * d;
    }
}

/// A print to be laid into a picture.
struct Lay<'a> {
    params: &'a ImpressionParams,
    window: Window,
    touch: &'a [f32],
    contact: &'a [f32],
    width: usize,
    height: usize,
    seed: u64,
}

impl Lay<'_> {
    /// Calls for each pixel of the window in contact: the picture's gray, touch, contact and index in the window.
    fn each(&self, gray: &mut [f32], mut to: impl FnMut(&mut f32, f32, f32, usize)) {
        let w = self.window;
        for y in 0..w.height {
            let line = &mut gray[(w.top + y) * self.width + w.left..][..w.width];
            for (x, g) in line.iter_mut().enumerate() {
                let i = y * w.width + x;
                if self.contact[i] > 0.0 {
                    to(g, self.touch[i], self.contact[i], i);
                }
            }
        }
    }

    fn field(&self, cell: f64, label: &str) -> Vec<f32> {
        let cell = ((cell * self.params.scale()) as usize).max(2);
        smooth(self.window.width, self.window.height, cell, &mut Stream::new(self.seed, label))
    }

    /// Skin darkens the glass; between ridges it is near and dims it a little. Scanners differ in how hard they draw black from white, and
    /// the middle of the finger is pressed most.
    fn optical(&self, gray: &mut [f32]) {
        let depth = self.field(70.0, "depth");
        let contrast = self.params.contrast;
        let hard = self.params.tone;
        let distance = ContactDistance::new(self.params);
        let window = self.window;
        self.each(gray, |g, touch, contact, i| {
            let (x, y) = (window.left + i % window.width, window.top + i / window.width);
            let off = distance.at(x as f32, y as f32).min(1.0);
            let touch = touch + hard * (touch * touch * (3.0 - 2.0 * touch) - touch);
            let deep = contrast * (0.97 + 0.05 * depth[i].clamp(-1.0, 1.0) - 0.12 * off * off);
            *g *= 1.0 - (deep * touch + 0.05 * contact * (1.0 - hard)).min(1.0);
        });
        let (gain, lift) = (1.0 + 0.3 * hard, 6.0 * hard);
        for g in gray {
            *g = 128.0 + lift + gain * (*g - 128.0);
        }
    }

    /// Capacity reaches a little past the skin, and charges differ from cell to cell, row to row and place to place.
    fn capacitive(&self, gray: &mut [f32]) {
        let (width, height) = (self.width, self.height);
        let mut touch = self.touch.to_vec();
        blur(&mut touch, self.window.width, self.window.height, 0.2);
        let (depth, patch) = (self.field(30.0, "depth"), self.field(16.0, "charge"));
        let contrast = self.params.contrast;
        self.each(gray, |g, _, contact, i| {
            let deep = contrast * (0.78 + 0.16 * depth[i] + 0.10 * patch[i]).clamp(0.2, 1.0);
            *g *= 1.0 - (deep * touch[i] + 0.12 * contact * (1.0 + 0.5 * depth[i]).clamp(0.0, 2.0)).min(1.0);
        });
        let mut stream = Stream::new(self.seed, "chip");
        let rows: Vec<f32> = (0..height).map(|_| stream.normal(0.0, 2.2) as f32).collect();
        let columns: Vec<f32> = (0..width).map(|_| stream.normal(0.0, 1.4) as f32).collect();
        for (line, row) in gray.chunks_exact_mut(width).zip(&rows) {
            for (g, column) in line.iter_mut().zip(&columns) {
                *g += row + column;
            }
        }
        for _ in 0..stream.below(12) {
            let at = stream.below((width * height) as u32) as usize;
            gray[at] = if stream.chance(0.5) { 255.0 } else { 20.0 };
        }
    }

    /// Warmth is taken slice by slice; each slice has its own level, and the sensor warms up on the way.
    fn sweep(&self, gray: &mut [f32]) {
        use super::super::parameters::SWEEP_SLICE;
        let slice = ((SWEEP_SLICE as f64 * self.params.scale()) as usize).max(1);
        let depth = self.field(50.0, "depth");
        let contrast = self.params.contrast;
        let mut stream = Stream::new(self.seed, "slices");
        let slices = self.height / slice + 1;
        let level: Vec<(f32, f32)> =
            (0..slices).map(|_| (stream.normal(0.0, 3.0) as f32, stream.normal(1.0, 0.05) as f32)).collect();
        let (window, height) = (self.window, self.height);
        self.each(gray, |g, touch, contact, i| {
            let y = window.top + i / window.width;
            let fading = 1.0 - 0.3 * y as f32 / height as f32;
            let deep = contrast * fading * level[y / slice].1 * (0.85 + 0.12 * depth[i]).clamp(0.2, 1.0);
            *g *= 1.0 - (deep * touch + 0.14 * contact).min(1.0);
        });
        for (y, line) in gray.chunks_exact_mut(self.width).enumerate() {
            let seam = if y % slice == 0 { -4.0 } else { 0.0 };
            for g in line {
                *g += level[y / slice].0 + seam;
            }
        }
    }

    /// Ink covers or does not; it lies thick in places and runs out in others.
    fn ink(&self, gray: &mut [f32]) {
        let load = self.field(64.0, "ink");
        let blot = grains(
            self.window.width,
            self.window.height,
            ((2.0 * self.params.scale()) as usize).max(1),
            &mut Stream::new(self.seed, "blots"),
        );
        let (contrast, dirt) = (self.params.contrast, self.params.dirt);
        self.each(gray, |g, touch, contact, i| {
            let load = 0.25 * dirt * load[i];
            let cover = ((touch - 0.42 + load + 0.09 * blot[i]) * 3.2 + 0.5).clamp(0.0, 1.0);
            let film = 0.10 * contact * (1.0 + 2.0 * load).clamp(0.0, 2.0);
            *g *= 1.0 - (contrast * cover * (0.92 + 0.08 * blot[i]).clamp(0.5, 1.0) + film).min(1.0);
        });
    }

    /// A residue that holds powder here and not there, darker or brighter than its ground.
    fn latent(&self, gray: &mut [f32]) {
        let (hold, smear) = (self.field(36.0, "residue"), self.field(20.0, "smear"));
        let mut stream = Stream::new(self.seed, "powder");
        // Bright powder on dark ground and the reverse.
        let dark = self.params.background > 110 || stream.chance(0.3);
        let mut touch = self.touch.to_vec();
        for _ in 0..1 + stream.below(3) {
            blur(&mut touch, self.window.width, self.window.height, 0.2);
        }
        let contrast = self.params.contrast;
        self.each(gray, |g, _, contact, i| {
            let there = (0.62 + 0.36 * hold[i] - 0.30 * (smear[i] - 0.8).max(0.0)).clamp(0.0, 1.0);
            let change = 170.0 * contrast * there * (touch[i] + 0.16 * contact);
            *g += if dark { -change } else { change };
        });
    }
}
