//! Touches that went wrong, in all manners and degrees: what a score of quality has to tell apart.

use tanba_synth::{ImpressionParams, ImpressionPreset, Sensor};

/// A touch of willing people on which, one by one and often none, the faults of captures fall.
pub(super) fn draw(seed: u64) -> ImpressionParams {
    let mut p = ImpressionParams::draw(ImpressionPreset::Easy, seed);
    // Each fault has draws of its own, so that they do not depend on each other.
    let fault = |number: u64, likely: f32| {
        let mut draws = Draws(seed ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d));
        (draws.uniform(0.0, 1.0) < likely).then_some(draws)
    };
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
    fn uniform(&mut self, low: f32, high: f32) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let unit = ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32;
        low + unit * (high - low)
    }

    /// About normal with mean 0: twelve uniform numbers added up, which needs no function that machines round differently.
    fn normal(&mut self, deviation: f32) -> f32 {
        let sum: f32 = (0..12).map(|_| self.uniform(-0.5, 0.5)).sum();
        deviation * sum
    }
}
