//! Frequency domain analysis: how much of a block's profile across the ridges is one wave.

use super::blocks::{ACROSS, Blocks, Cut, means};

/// Weight of the two neighbours of the strongest frequency.
const NEIGHBOURS: f64 = 0.3;

/// One value for each block of print, 0 to 1.
pub(super) fn values(blocks: &Blocks<'_>) -> Vec<f64> {
    let wave = std::array::from_fn(|i| (std::f64::consts::TAU * i as f64 / ACROSS as f64).sin_cos());
    blocks.printed().map(|k| peak(&means(&blocks.strip(k, Cut::Sideways)), &wave)).collect()
}

/// Amplitude of the strongest frequency and part of its neighbours', over the sum of all below the highest one.
fn peak(profile: &[f64; ACROSS], wave: &[(f64, f64); ACROSS]) -> f64 {
    // A real profile has a symmetric spectrum: half of it says all.
    let amplitude: [f64; ACROSS / 2] = std::array::from_fn(|i| {
        let (mut re, mut im) = (0.0, 0.0);
        for (x, v) in profile.iter().enumerate() {
            let (sin, cos) = wave[(i + 1) * x % ACROSS];
            re += v * cos;
            im -= v * sin;
        }
        re.hypot(im)
    });
    let mut strongest = 0;
    for i in 1..amplitude.len() {
        if amplitude[i] > amplitude[strongest] {
            strongest = i;
        }
    }
    // A single swing over the whole strip counts as a full peak, by the standard's expected values.
    if strongest == 0 {
        return 1.0;
    }
    let above = amplitude.get(strongest + 1).unwrap_or(&amplitude[strongest - 1]);
    let all: f64 = amplitude[..ACROSS / 2 - 1].iter().sum();
    (amplitude[strongest] + NEIGHBOURS * (amplitude[strongest - 1] + above)) / all
}
