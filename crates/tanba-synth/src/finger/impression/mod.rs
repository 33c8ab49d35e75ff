//! One touch: the master placed, pressed, wetted or dried, scratched, and seen through a sensor.

mod contact;
mod params;
mod placement;
mod presets;
mod relief;
mod sensor;

use tanba_formats::{Finger, Gray8};

pub(super) use contact::ContactDistance;
pub use params::{ImpressionParams, Sensor};
pub(super) use placement::Placement;
pub use presets::ImpressionPreset;
pub(super) use relief::Moisture;

use super::parameters::{VISIBLE_CONTACT, WORN_AWAY};
use super::{MasterFinger, PatternClass, TruthMinutia};
use contact::{Window, contact_map};
use relief::Relief;

/// Of [`Impression::true_ridges`]: no skin lies on the glass here.
pub const NO_CONTACT: i8 = i8::MIN;

/// One impression with everything that is known about it.
#[derive(Debug, Clone)]
pub struct Impression {
    /// The image, ridges dark (on a latent's dark ground they can be bright).
    pub image: Gray8,
    /// Every minutia of the finger, moved exactly as the skin was, in the master's order. Pixels of the image.
    pub minutiae: Vec<TruthMinutia>,
    /// Cores, pixels of the image; may lie outside it.
    pub cores: Vec<(f32, f32)>,
    /// Deltas, pixels of the image; may lie outside it.
    pub deltas: Vec<(f32, f32)>,
    /// Which finger.
    pub finger: Finger,
    /// Pattern class.
    pub class: PatternClass,
    /// Mean ridge period of the grown finger, pixels at 500 ppi.
    pub period: f32,
    /// The parameters as used, brought into range, with the finger's own size in them.
    pub params: ImpressionParams,
    /// Where ridges can be seen, a byte for each pixel of the image: 1 where skin is in contact and not creased, scratched or worn away.
    pub(super) visible: Vec<u8>,
    /// See [`Self::true_ridges`].
    pub(super) ridges: Vec<i8>,
    /// Seed of the touch, from which the placement can be had again.
    pub(super) seed: u64,
}

impl Impression {
    /// Image width, pixels.
    pub fn width(&self) -> u16 {
        self.image.width() as u16
    }

    /// Image height, pixels.
    pub fn height(&self) -> u16 {
        self.image.height() as u16
    }
}

/// What the sensor shows when nothing touches it.
pub(super) fn empty_glass(params: &ImpressionParams, seed: u64) -> Gray8 {
    let params = params.held();
    // One pixel of the glass, untouched.
    let nowhere = Window { left: 0, top: 0, width: 1, height: 1 };
    sensor::image(&params, nowhere, &[0.0], &[0.0], seed)
}

impl MasterFinger {
    /// A touch drawn in the manner of a preset.
    pub fn touch(&self, preset: ImpressionPreset, seed: u64) -> Impression {
        self.impression(&ImpressionParams::draw(preset, seed), seed)
    }

    /// A touch with these parameters; the seed decides the grain of the noise, and for a sweep sensor where its slices slip. A finger
    /// smaller than its master ([`super::FingerSpec::size`]) makes its contact smaller too.
    pub fn impression(&self, params: &ImpressionParams, seed: u64) -> Impression {
        let params = self.spec.fitted(params);
        let placement = Placement::new(&params, seed);
        let (width, height) = params.image_size();
        let window = Window::around(&params);
        let mut visible = vec![0_u8; width * height];
        let mut ridges = vec![NO_CONTACT; width * height];
        let image = if window.is_empty() {
            empty_glass(&params, seed)
        } else {
            let contact = contact_map(&params, window, seed);
            let relief = Relief::new(self, &params, &placement, window, &contact, seed);
            for y in 0..window.height {
                let start = (window.top + y) * width + window.left;
                ridges[start..][..window.width].copy_from_slice(&relief.ridges[y * window.width..][..window.width]);
                let line = &mut visible[start..][..window.width];
                for (v, hidden) in line.iter_mut().zip(&relief.hidden[y * window.width..]) {
                    *v = u8::from(!hidden);
                }
            }
            sensor::image(&params, window, &relief.touch, &contact, seed)
        };

        let minutiae = (0_u16..).zip(&self.minutiae).filter_map(|(number, m)| {
            let (x, y) = placement.to_image(f64::from(m.x), f64::from(m.y))?;
            let direction = placement.direction_to_image(x, y, f64::from(m.direction)) as f32;
            let inside = x >= 0.0 && y >= 0.0 && x < width as f64 && y < height as f64;
            let visible = inside && visible[y as usize * width + x as usize] == 1;
            Some(TruthMinutia { x: x as f32, y: y as f32, direction, kind: m.kind, visible, number })
        });
        let minutiae = minutiae.collect();
        let place = |points: &[(f32, f32)]| {
            let moved = points.iter().filter_map(|p| placement.to_image(f64::from(p.0), f64::from(p.1)));
            moved.map(|(x, y)| (x as f32, y as f32)).collect()
        };
        Impression {
            image,
            minutiae,
            cores: place(&self.cores),
            deltas: place(&self.deltas),
            finger: self.spec.finger,
            class: self.class,
            period: self.period,
            params,
            visible,
            ridges,
            seed,
        }
    }
}
