//! Manners of taking an impression, and what they draw.

use serde::{Deserialize, Serialize};

use crate::random::Stream;

use super::params::{ImpressionParams, Sensor};

/// How an impression is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImpressionPreset {
    /// A well guided enrolment on a clean optical scanner: large centred contact, little of everything else.
    Clean,
    /// Unguided touches of willing people on a good optical scanner. With the project's own matcher the equal error rate is below
    /// half a percent.
    Easy,
    /// Unguided touches of a good optical scanner, spread as in the FVC sets: turned, shifted, wet, dry, distorted.
    FvcLike,
    /// Small contacts, strong distortion, very wet or dry skin, scratches. The equal error rate is above eight percent.
    Hard,
    /// A capacitive chip of 15 by 15 mm: small, blotchy, edges cut off.
    Capacitive,
    /// A finger drawn over a strip sensor: put together from slices.
    Sweep,
    /// Inked on paper, plain: large, dark, blotchy.
    Ink,
    /// Inked on paper, rolled from nail edge to nail edge.
    Rolled,
    /// A finger of a four-finger slap on a large glass: pressed less than when alone.
    SlapFinger,
    /// A trace left unawares on some surface: partial, faint, smeared, over the surface's own pattern.
    Latent,
}

impl ImpressionPreset {
    /// All presets.
    pub const ALL: [Self; 10] = [
        Self::Clean,
        Self::Easy,
        Self::FvcLike,
        Self::Hard,
        Self::Capacitive,
        Self::Sweep,
        Self::Ink,
        Self::Rolled,
        Self::SlapFinger,
        Self::Latent,
    ];

    /// The name used on the command line, such as `fvc-like`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Easy => "easy",
            Self::FvcLike => "fvc-like",
            Self::Hard => "hard",
            Self::Capacitive => "capacitive",
            Self::Sweep => "sweep",
            Self::Ink => "ink",
            Self::Rolled => "rolled",
            Self::SlapFinger => "slap-finger",
            Self::Latent => "latent",
        }
    }

    /// The preset of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

impl ImpressionParams {
    /// Draws a touch in the manner of a preset.
    pub fn draw(preset: ImpressionPreset, seed: u64) -> Self {
        let s = &mut Stream::new(seed, "impression parameters");
        match preset {
            ImpressionPreset::Clean => clean(s),
            ImpressionPreset::Easy => easy(s),
            ImpressionPreset::FvcLike => fvc_like(s),
            ImpressionPreset::Hard => hard(s),
            ImpressionPreset::Capacitive => capacitive(s),
            ImpressionPreset::Sweep => sweep(s),
            ImpressionPreset::Ink => ink(s),
            ImpressionPreset::Rolled => rolled(s),
            ImpressionPreset::SlapFinger => slap_finger(s),
            ImpressionPreset::Latent => latent(s),
        }
    }
}

fn normal(s: &mut Stream, mean: f64, deviation: f64) -> f32 {
    s.normal(mean, deviation) as f32
}

fn uniform(s: &mut Stream, low: f64, high: f64) -> f32 {
    s.uniform(low, high) as f32
}

fn clean(s: &mut Stream) -> ImpressionParams {
    ImpressionParams {
        rotation: normal(s, 0.0, 0.07),
        shift: (normal(s, 0.0, 8.0), normal(s, 0.0, 8.0)),
        contact_shift: (normal(s, 0.0, 6.0), normal(s, 0.0, 8.0)),
        contact: (normal(s, 132.0, 7.0), normal(s, 184.0, 8.0)),
        drag: (normal(s, 0.0, 3.0), normal(s, 0.0, 3.0)),
        torsion: normal(s, 0.0, 0.03),
        plasticity: uniform(s, 1.0, 2.0),
        stretch: normal(s, 1.0, 0.005),
        moisture: normal(s, 0.0, 0.12),
        patchiness: 0.15,
        grain: 0.2,
        contrast: uniform(s, 0.82, 0.95),
        background: 245,
        sensor_noise: 1.5,
        dirt: 0.05,
        pressure: normal(s, 0.0, 0.1),
        pores: uniform(s, 0.2, 0.6),
        tone: uniform(s, 0.2, 0.8),
        ..ImpressionParams::ideal()
    }
}

fn easy(s: &mut Stream) -> ImpressionParams {
    ImpressionParams {
        rotation: normal(s, 0.0, 0.13),
        shift: (normal(s, 0.0, 16.0), normal(s, 0.0, 18.0)),
        contact_shift: (normal(s, 0.0, 12.0), normal(s, 0.0, 18.0)),
        contact: (normal(s, 118.0, 9.0), normal(s, 162.0, 14.0)),
        drag: (normal(s, 0.0, 6.0), normal(s, 0.0, 7.0)),
        torsion: normal(s, 0.0, 0.06),
        plasticity: uniform(s, 0.8, 2.2),
        stretch: normal(s, 1.0, 0.01),
        moisture: normal(s, 0.0, 0.28),
        patchiness: uniform(s, 0.15, 0.45),
        grain: uniform(s, 0.25, 0.55),
        scratches: s.below(3) as u8,
        contrast: uniform(s, 0.7, 0.95),
        background: 232 + s.below(20) as u8,
        sensor_noise: uniform(s, 1.5, 3.0),
        dirt: uniform(s, 0.05, 0.25),
        pressure: normal(s, 0.0, 0.2),
        pores: uniform(s, 0.0, 0.7),
        tone: uniform(s, 0.0, 1.0),
        ..ImpressionParams::ideal()
    }
}

fn fvc_like(s: &mut Stream) -> ImpressionParams {
    // Some touches of every series went badly: hasty, beside the middle, with dry or wet hands.
    let bad = if s.chance(0.2) { 1.75 } else { 1.0 };
    let less = 1.0 - 0.25 * (bad - 1.0);
    ImpressionParams {
        rotation: normal(s, 0.0, 0.17 * bad),
        shift: (normal(s, 0.0, 22.0), normal(s, 0.0, 26.0)),
        contact_shift: (normal(s, 0.0, 18.0 * bad), normal(s, 0.0, 26.0 * bad)),
        contact: (normal(s, 121.0 * less, 14.0), normal(s, 164.0 * less, 21.0)),
        drag: (normal(s, 0.0, 10.0 * bad), normal(s, 0.0, 11.0 * bad)),
        torsion: normal(s, 0.0, 0.10 * bad),
        plasticity: uniform(s, 0.6, 2.2),
        stretch: normal(s, 1.0, 0.014),
        moisture: normal(s, 0.0, 0.42 * bad),
        patchiness: uniform(s, 0.25, 0.75),
        grain: (bad * s.uniform(0.35, 0.75)) as f32,
        scratches: s.below(5) as u8,
        contrast: uniform(s, 0.6, 0.95),
        background: 225 + s.below(28) as u8,
        sensor_noise: uniform(s, 1.5, 4.0),
        dirt: uniform(s, 0.05, 0.4),
        pressure: normal(s, 0.0, 0.3),
        pores: uniform(s, 0.0, 0.8),
        tone: uniform(s, 0.0, 1.0),
        ..ImpressionParams::ideal()
    }
}

fn hard(s: &mut Stream) -> ImpressionParams {
    ImpressionParams {
        rotation: normal(s, 0.0, 0.35),
        shift: (normal(s, 0.0, 34.0), normal(s, 0.0, 40.0)),
        contact_shift: (normal(s, 0.0, 34.0), normal(s, 0.0, 52.0)),
        contact: (normal(s, 91.0, 14.0), normal(s, 119.0, 21.0)),
        drag: (normal(s, 0.0, 21.0), normal(s, 0.0, 23.0)),
        torsion: normal(s, 0.0, 0.2),
        plasticity: uniform(s, 0.6, 2.0),
        stretch: normal(s, 1.0, 0.02),
        moisture: normal(s, 0.0, 0.66),
        patchiness: uniform(s, 0.4, 1.0),
        grain: uniform(s, 0.6, 1.0),
        scratches: 2 + s.below(8) as u8,
        contrast: uniform(s, 0.4, 0.85),
        background: 190 + s.below(60) as u8,
        sensor_noise: uniform(s, 3.0, 8.0),
        dirt: uniform(s, 0.2, 0.8),
        pressure: normal(s, 0.0, 0.45),
        pores: uniform(s, 0.0, 1.0),
        tone: uniform(s, 0.0, 1.0),
        ..ImpressionParams::ideal()
    }
}

fn capacitive(s: &mut Stream) -> ImpressionParams {
    ImpressionParams {
        sensor: Sensor::Capacitive,
        width: 300,
        height: 300,
        rotation: normal(s, 0.0, 0.16),
        shift: (normal(s, 0.0, 16.0), normal(s, 0.0, 18.0)),
        contact_shift: (normal(s, 0.0, 18.0), normal(s, 0.0, 28.0)),
        contact: (normal(s, 106.0, 15.0), normal(s, 142.0, 22.0)),
        drag: (normal(s, 0.0, 9.0), normal(s, 0.0, 10.0)),
        torsion: normal(s, 0.0, 0.1),
        plasticity: uniform(s, 0.6, 2.0),
        stretch: normal(s, 1.0, 0.014),
        moisture: normal(s, -0.05, 0.6),
        patchiness: uniform(s, 0.6, 1.0),
        grain: uniform(s, 0.6, 1.0),
        scratches: s.below(4) as u8,
        contrast: uniform(s, 0.45, 0.8),
        background: 236 + s.below(18) as u8,
        sensor_noise: uniform(s, 5.0, 10.0),
        dirt: uniform(s, 0.05, 0.3),
        pressure: normal(s, 0.0, 0.3),
        pores: uniform(s, 0.0, 0.5),
        ..ImpressionParams::ideal()
    }
}

fn sweep(s: &mut Stream) -> ImpressionParams {
    ImpressionParams {
        sensor: Sensor::Sweep,
        width: 280,
        height: 440,
        rotation: normal(s, 0.0, 0.09),
        shift: (normal(s, 0.0, 12.0), normal(s, 0.0, 14.0)),
        contact_shift: (normal(s, 0.0, 12.0), normal(s, 0.0, 18.0)),
        contact: (normal(s, 116.0, 9.0), normal(s, 190.0, 14.0)),
        drag: (normal(s, 0.0, 5.0), normal(s, 0.0, 14.0)),
        torsion: normal(s, 0.0, 0.05),
        plasticity: uniform(s, 0.8, 2.0),
        stretch: normal(s, 1.0, 0.01),
        moisture: normal(s, 0.0, 0.35),
        patchiness: uniform(s, 0.3, 0.7),
        grain: uniform(s, 0.3, 0.7),
        contrast: uniform(s, 0.55, 0.8),
        background: 200 + s.below(30) as u8,
        sensor_noise: uniform(s, 3.0, 7.0),
        dirt: uniform(s, 0.1, 0.4),
        pressure: normal(s, 0.0, 0.25),
        ..ImpressionParams::ideal()
    }
}

fn ink(s: &mut Stream) -> ImpressionParams {
    ImpressionParams {
        sensor: Sensor::Ink,
        width: 420,
        height: 460,
        rotation: normal(s, 0.0, 0.1),
        shift: (normal(s, 0.0, 10.0), normal(s, 0.0, 12.0)),
        contact_shift: (normal(s, 0.0, 10.0), normal(s, 0.0, 12.0)),
        contact: (normal(s, 148.0, 10.0), normal(s, 192.0, 10.0)),
        drag: (normal(s, 0.0, 6.0), normal(s, 0.0, 6.0)),
        torsion: normal(s, 0.0, 0.06),
        plasticity: uniform(s, 0.8, 2.0),
        stretch: normal(s, 1.0, 0.01),
        moisture: normal(s, 0.22, 0.3),
        patchiness: uniform(s, 0.4, 0.9),
        grain: uniform(s, 0.5, 0.9),
        contrast: uniform(s, 0.75, 0.95),
        background: 214 + s.below(24) as u8,
        sensor_noise: uniform(s, 3.0, 5.0),
        dirt: uniform(s, 0.2, 0.7),
        pressure: normal(s, 0.1, 0.25),
        ..ImpressionParams::ideal()
    }
}

fn rolled(s: &mut Stream) -> ImpressionParams {
    ImpressionParams {
        width: 640,
        height: 640,
        shift: (normal(s, 0.0, 14.0), normal(s, 0.0, 16.0)),
        contact_shift: (normal(s, 0.0, 8.0), normal(s, -4.0, 12.0)),
        contact: (normal(s, 222.0, 12.0), normal(s, 232.0, 12.0)),
        squareness: uniform(s, 0.3, 0.6),
        // Rolling carries the skin along, to the side above all.
        drag: (normal(s, 0.0, 14.0), normal(s, 0.0, 7.0)),
        ..ink(s)
    }
}

fn slap_finger(s: &mut Stream) -> ImpressionParams {
    ImpressionParams {
        width: 420,
        height: 480,
        rotation: normal(s, 0.0, 0.05),
        contact_shift: (normal(s, 0.0, 14.0), normal(s, 4.0, 18.0)),
        contact: (normal(s, 108.0, 10.0), normal(s, 160.0, 18.0)),
        drag: (normal(s, 0.0, 5.0), normal(s, 0.0, 6.0)),
        torsion: normal(s, 0.0, 0.05),
        shift: (0.0, 0.0),
        ..easy(s)
    }
}

fn latent(s: &mut Stream) -> ImpressionParams {
    ImpressionParams {
        sensor: Sensor::Latent,
        width: 400,
        height: 440,
        rotation: normal(s, 0.0, 0.5),
        shift: (normal(s, 0.0, 40.0), normal(s, 0.0, 46.0)),
        contact_shift: (normal(s, 0.0, 40.0), normal(s, 0.0, 56.0)),
        contact: (normal(s, 84.0, 18.0), normal(s, 112.0, 26.0)),
        squareness: uniform(s, 0.0, 0.5),
        drag: (normal(s, 0.0, 20.0), normal(s, 0.0, 22.0)),
        torsion: normal(s, 0.0, 0.2),
        plasticity: uniform(s, 0.6, 2.0),
        stretch: normal(s, 1.0, 0.02),
        moisture: normal(s, -0.15, 0.4),
        patchiness: uniform(s, 0.6, 1.0),
        grain: uniform(s, 0.6, 1.0),
        scratches: s.below(6) as u8,
        contrast: uniform(s, 0.35, 0.8),
        background: 120 + s.below(100) as u8,
        sensor_noise: uniform(s, 4.0, 9.0),
        dirt: uniform(s, 0.5, 1.0),
        pressure: normal(s, 0.0, 0.4),
        pores: uniform(s, 0.0, 0.6),
        ..ImpressionParams::ideal()
    }
}
