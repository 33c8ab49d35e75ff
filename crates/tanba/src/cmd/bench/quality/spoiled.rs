//! Touches that went wrong, in all manners and degrees: what a score of quality has to tell apart.

use tanba_formats::Gray8;
use tanba_synth::{ImpressionParams, ImpressionPreset, MasterFinger, Sensor};

/// Steps of a smear.
const STEPS: u32 = 12;

/// A touch of willing people on which, one by one and often none, the faults of captures fall: those of the finger and its
/// placement, and those of the picture, smears and residue, on all of it or in one place.
pub(super) fn touch(master: &MasterFinger, seed: u64) -> Gray8 {
    let mut image = master.impression(&draw(seed), seed).image;
    if let Some(mut d) = fault(seed, 20, 0.25) {
        let (dx, dy) = (d.normal(11.0), d.normal(11.0));
        image = changed(&image, &mut d, |image, x, y| {
            let sum: u32 = (0..STEPS)
                .map(|i| {
                    let t = i as f32 / (STEPS - 1) as f32 - 0.5;
                    u32::from(pixel(image, x as f32 + t * dx, y as f32 + t * dy))
                })
                .sum();
            (sum / STEPS) as u8
        });
    }
    if let Some(mut d) = fault(seed, 21, 0.25) {
        let (cell, strength, own) = (d.uniform(3.0, 8.0), d.uniform(20.0, 110.0), d.next());
        image = changed(&image, &mut d, |image, x, y| {
            let veil = strength * residue(own, x as f32 / cell, y as f32 / cell);
            (f32::from(pixel(image, x as f32, y as f32)) + veil).clamp(0.0, 255.0) as u8
        });
    }
    image
}

/// The draws of a fault if it falls. Each has its own, so that they do not depend on each other.
fn fault(seed: u64, number: u64, likely: f32) -> Option<Draws> {
    let mut draws = Draws(seed ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    (draws.uniform(0.0, 1.0) < likely).then_some(draws)
}

/// The image with every pixel changed, or those of one disc.
fn changed(image: &Gray8, d: &mut Draws, value: impl Fn(&Gray8, usize, usize) -> u8) -> Gray8 {
    let (w, h) = (image.width(), image.height());
    let everywhere = d.uniform(0.0, 1.0) < 0.5;
    let (cx, cy) = (d.uniform(0.2, 0.8) * w as f32, d.uniform(0.2, 0.8) * h as f32);
    let radius = d.uniform(40.0, 130.0);
    let pixels = (0..w * h).map(|k| {
        let (x, y) = (k % w, k / w);
        let inside = everywhere || (x as f32 - cx).powi(2) + (y as f32 - cy).powi(2) < radius * radius;
        if inside { value(image, x, y) } else { image.pixels()[k] }
    });
    Gray8::new(w, h, image.ppi(), pixels.collect()).unwrap_or_else(|_| image.clone())
}

fn pixel(image: &Gray8, x: f32, y: f32) -> u8 {
    let at = |v: f32, n: usize| (v.round().max(0.0) as usize).min(n - 1);
    image.pixels()[at(y, image.height()) * image.width() + at(x, image.width())]
}

/// Smooth noise between -1 and 1: numbers on a lattice, linear between.
fn residue(seed: u64, x: f32, y: f32) -> f32 {
    let (i, j) = (x as u64, y as u64);
    let (fx, fy) = (x - i as f32, y - j as f32);
    let at = |i: u64, j: u64| Draws(seed ^ (i << 32) ^ j).uniform(-1.0, 1.0);
    let row = |j: u64| at(i, j) + fx * (at(i + 1, j) - at(i, j));
    row(j) + fy * (row(j + 1) - row(j))
}

fn draw(seed: u64) -> ImpressionParams {
    let mut p = ImpressionParams::draw(ImpressionPreset::Easy, seed);
    let fault = |number, likely| fault(seed, number, likely);
    if let Some(mut d) = fault(1, 0.3) {
        p.moisture = d.uniform(-1.0, -0.3);
    }
    if let Some(mut d) = fault(2, 0.3) {
        p.moisture = d.uniform(0.3, 1.0);
    }
    if let Some(mut d) = fault(3, 0.3) {
        p.contact = (d.uniform(60.0, 110.0), d.uniform(70.0, 140.0));
    }
    if let Some(mut d) = fault(4, 0.3) {
        p.contact_shift = (d.normal(35.0), d.normal(50.0));
    }
    if let Some(mut d) = fault(5, 0.3) {
        p.shift = (d.normal(60.0), d.normal(70.0));
    }
    if let Some(mut d) = fault(6, 0.3) {
        p.drag = (d.normal(20.0), d.normal(20.0));
        p.torsion = d.normal(0.18);
    }
    if let Some(mut d) = fault(7, 0.3) {
        p.grain = d.uniform(0.5, 1.0);
        p.patchiness = d.uniform(0.5, 1.0);
    }
    if let Some(mut d) = fault(8, 0.2) {
        p.scratches = d.uniform(4.0, 16.0) as u8;
        p.dirt = d.uniform(0.4, 1.0);
    }
    if let Some(mut d) = fault(9, 0.2) {
        p.contrast = d.uniform(0.08, 0.5);
        p.sensor_noise = d.uniform(3.0, 14.0);
    }
    if let Some(mut d) = fault(10, 0.2) {
        p.pressure = d.uniform(-1.0, 1.0);
    }
    if fault(11, 0.2).is_some() {
        p.sensor = Sensor::Capacitive;
    }
    p
}

/// Numbers from a seed (SplitMix64, Steele, Lea and Flood 2014).
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn uniform(&mut self, low: f32, high: f32) -> f32 {
        low + (self.next() >> 40) as f32 / (1u64 << 24) as f32 * (high - low)
    }

    /// About normal with mean 0: twelve uniform numbers added up, which needs no function that machines round differently.
    fn normal(&mut self, deviation: f32) -> f32 {
        let sum: f32 = (0..12).map(|_| self.uniform(-0.5, 0.5)).sum();
        deviation * sum
    }
}
