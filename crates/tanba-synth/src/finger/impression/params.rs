//! Everything about one touch that is not the finger itself.

use serde::{Deserialize, Serialize};

use crate::exact;

use super::super::parameters::{IMPRESSION_SIDE_MAX, IMPRESSION_SIDE_MIN, PPI_RANGE};

/// What a finger is pressed on, or what its trace is seen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensor {
    /// Glass over a prism: bright, ridges dark where skin wets it.
    Optical,
    /// A small chip that measures capacity: soft contrast, patterns of rows, columns and single cells, edges cut off.
    Capacitive,
    /// A strip over which the finger is drawn: slices put together, each a little off (thermal and swipe sensors).
    Sweep,
    /// Ink on paper: blots, bare places, fibres.
    Ink,
    /// A latent trace made visible on some surface, with the surface's own pattern.
    Latent,
}

/// Everything about one touch that is not the finger itself. Lengths are pixels at 500 ppi whatever [`Self::ppi`] is, angles radians.
/// Out-of-range and non-finite values are brought into range, so any value gives an image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ImpressionParams {
    /// What it is pressed on.
    pub sensor: Sensor,
    /// Resolution of the image, pixels per inch (250 to 1000).
    pub ppi: u16,
    /// Width of the field of view, pixels at 500 ppi (64 to 2048).
    pub width: u16,
    /// Height of the field of view, pixels at 500 ppi (64 to 2048).
    pub height: u16,
    /// Rotation of the finger, counter-clockwise as seen.
    pub rotation: f32,
    /// Shift of the contact's centre from the middle of the image, to the right and down.
    pub shift: (f32, f32),
    /// Where on the finger the contact lies: shift from its usual centre, to the right and down.
    pub contact_shift: (f32, f32),
    /// Semi-axes of the contact, across and along the finger.
    pub contact: (f32, f32),
    /// Outline of the contact: 0 an ellipse, 1 nearly a rectangle, as when a finger is rolled.
    pub squareness: f32,
    /// Size of the finger against the grown one of its master, 0.5 to 1.2: below 1 for children (the ridges are the same, only closer).
    pub size: f32,
    /// Skin motion while pressed (Cappelli, Maio and Maltoni 2001): shift of the free skin.
    pub drag: (f32, f32),
    /// Turn of the free skin while pressed.
    pub torsion: f32,
    /// Skin plasticity, 0.2 stiff to 3 soft.
    pub plasticity: f32,
    /// Enlargement by pressure, 0.9 to 1.1.
    pub stretch: f32,
    /// How firmly it is pressed: -1 (thin ridges, gaps) to 1 (broad flattened ridges).
    pub pressure: f32,
    /// -1 dry (thin broken ridges) to 1 wet (ridges run together).
    pub moisture: f32,
    /// How much the moisture differs from place to place, 0 to 1.
    pub patchiness: f32,
    /// Roughness of ridges: grains, 0 to 1.
    pub grain: f32,
    /// How open the pores are, 0 to 1.
    pub pores: f32,
    /// Scratches of this touch.
    pub scratches: u8,
    /// Difference between skin and ground, 0 to 1.
    pub contrast: f32,
    /// How hard an optical scanner draws black from white, 0 (every gray kept) to 1.
    pub tone: f32,
    /// Gray of the empty ground, 0 to 255.
    pub background: u8,
    /// Standard deviation of the sensor's noise, gray levels.
    pub sensor_noise: f32,
    /// Uneven light, dirt on the glass, stains on the ground, 0 to 1.
    pub dirt: f32,
}

impl ImpressionParams {
    /// A perfect upright touch: no noise, no distortion.
    pub fn ideal() -> Self {
        Self {
            sensor: Sensor::Optical,
            ppi: 500,
            width: 388,
            height: 416,
            rotation: 0.0,
            shift: (0.0, 0.0),
            contact_shift: (0.0, 0.0),
            contact: (140.0, 190.0),
            squareness: 0.0,
            size: 1.0,
            drag: (0.0, 0.0),
            torsion: 0.0,
            plasticity: 1.0,
            stretch: 1.0,
            pressure: 0.0,
            moisture: 0.0,
            patchiness: 0.0,
            grain: 0.0,
            pores: 0.0,
            scratches: 0,
            contrast: 0.9,
            tone: 0.0,
            background: 245,
            sensor_noise: 0.0,
            dirt: 0.0,
        }
    }

    /// Pixels of the image for one at 500 ppi.
    pub(in super::super) fn scale(&self) -> f64 {
        f64::from(self.ppi) / 500.0
    }

    /// Width and height of the image, pixels.
    pub(in super::super) fn image_size(&self) -> (usize, usize) {
        let side = |v: u16| (usize::from(v) * usize::from(self.ppi) / 500).max(1);
        (side(self.width), side(self.height))
    }

    /// The same with every value finite and in its range.
    pub(in super::super) fn held(self) -> Self {
        let hold = |v: f32, low: f32, high: f32, default: f32| if v.is_finite() { v.clamp(low, high) } else { default };
        let pair = |v: (f32, f32), most: f32| (hold(v.0, -most, most, 0.0), hold(v.1, -most, most, 0.0));
        Self {
            sensor: self.sensor,
            ppi: self.ppi.clamp(PPI_RANGE.0, PPI_RANGE.1),
            width: self.width.clamp(IMPRESSION_SIDE_MIN, IMPRESSION_SIDE_MAX),
            height: self.height.clamp(IMPRESSION_SIDE_MIN, IMPRESSION_SIDE_MAX),
            rotation: exact::wrap_pi(f64::from(hold(self.rotation, -1e3, 1e3, 0.0))) as f32,
            shift: pair(self.shift, 1000.0),
            contact_shift: pair(self.contact_shift, 400.0),
            contact: (hold(self.contact.0, 20.0, 400.0, 120.0), hold(self.contact.1, 20.0, 400.0, 160.0)),
            squareness: hold(self.squareness, 0.0, 1.0, 0.0),
            size: hold(self.size, 0.5, 1.2, 1.0),
            drag: pair(self.drag, 60.0),
            torsion: hold(self.torsion, -0.8, 0.8, 0.0),
            plasticity: hold(self.plasticity, 0.2, 3.0, 1.0),
            stretch: hold(self.stretch, 0.9, 1.1, 1.0),
            pressure: hold(self.pressure, -1.0, 1.0, 0.0),
            moisture: hold(self.moisture, -1.0, 1.0, 0.0),
            patchiness: hold(self.patchiness, 0.0, 1.0, 0.0),
            grain: hold(self.grain, 0.0, 1.0, 0.0),
            pores: hold(self.pores, 0.0, 1.0, 0.0),
            scratches: self.scratches.min(40),
            contrast: hold(self.contrast, 0.0, 1.0, 0.9),
            tone: hold(self.tone, 0.0, 1.0, 0.0),
            background: self.background,
            sensor_noise: hold(self.sensor_noise, 0.0, 64.0, 0.0),
            dirt: hold(self.dirt, 0.0, 1.0, 0.0),
        }
    }
}
