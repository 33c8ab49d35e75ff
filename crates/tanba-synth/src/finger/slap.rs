//! Several fingers at once on a large glass: the four of a hand, or the two thumbs.

use serde::{Deserialize, Serialize};
use tanba_formats::{Finger, Gray8, Ppi};

use crate::exact;
use crate::random::{Stream, derive};

use super::{FingerSpec, Impression, ImpressionParams, ImpressionPreset, MasterFinger, PatternClass};

/// Pose of the hand and size of the picture. Lengths are pixels at 500 ppi, angles radians. Out-of-range and non-finite values are
/// brought into range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SlapParams {
    /// Width of the glass (400 to 2048); 1600 is 81 mm.
    pub width: u16,
    /// Height of the glass (400 to 2048).
    pub height: u16,
    /// Pixels per inch of the image (250 to 1000).
    pub ppi: u16,
    /// Turn of the whole hand, counter-clockwise as seen (within 0.8).
    pub rotation: f32,
    /// How far the fingers are spread: 0 pressed together, 1 as far apart as fits.
    pub spread: f32,
    /// Shift of the hand from the middle of the glass, to the right and down.
    pub shift: (f32, f32),
}

impl SlapParams {
    /// A pose as people take it: nearly upright, fingers a little apart.
    pub fn draw(seed: u64) -> Self {
        let mut s = Stream::new(seed, "slap pose");
        Self {
            width: 1600,
            height: 1500,
            ppi: 500,
            rotation: s.normal(0.0, 0.12) as f32,
            spread: s.uniform(0.1, 0.7) as f32,
            shift: (s.normal(0.0, 30.0) as f32, s.normal(0.0, 60.0) as f32),
        }
    }

    fn held(self) -> Self {
        let hold =
            |v: f32, low: f32, high: f32| if v.is_finite() { v.clamp(low, high) } else { 0.0_f32.clamp(low, high) };
        Self {
            width: self.width.clamp(400, 2048),
            height: self.height.clamp(400, 2048),
            ppi: self.ppi.clamp(super::parameters::PPI_RANGE.0, super::parameters::PPI_RANGE.1),
            rotation: hold(self.rotation, -0.8, 0.8),
            spread: hold(self.spread, 0.0, 1.0),
            shift: (hold(self.shift.0, -600.0, 600.0), hold(self.shift.1, -600.0, 600.0)),
        }
    }
}

/// How a slap is taken, beside the pose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlapTaking {
    /// The manner of each finger's impression: [`ImpressionPreset::SlapFinger`] on glass, [`ImpressionPreset::Ink`] on a card; others give
    /// their skin and sensor to fingers of a slap's size.
    pub preset: ImpressionPreset,
    /// Whether the middle joints of the fingers touch too, paler than the tips, as they do when the whole hand is laid flat.
    pub joints: bool,
}

impl Default for SlapTaking {
    /// Fingertips on glass.
    fn default() -> Self {
        Self { preset: ImpressionPreset::SlapFinger, joints: false }
    }
}

/// A picture of several fingers, with what is known about each.
#[derive(Debug, Clone)]
pub struct Slap {
    /// The whole glass.
    pub image: Gray8,
    /// The fingers from left to right.
    pub fingers: Vec<SlapFinger>,
}

/// One finger of a slap. All places are pixels of the whole image.
#[derive(Debug, Clone)]
pub struct SlapFinger {
    /// The finger alone, as it would be cut out; its minutiae and singular points are those of its own picture.
    pub impression: Impression,
    /// Where the upper left corner of that picture lies in the whole image; may be negative.
    pub corner: (i32, i32),
    /// The corners of the rectangle round the contact, in the finger's own direction: tip left, tip right, base right, base left.
    pub outline: [(f32, f32); 4],
    /// Turn of the finger, radians, counter-clockwise as seen.
    pub rotation: f32,
}

/// Where each finger's contact lies beside the middle of the hand (the thumb's: of the pair of thumbs), its own turn, and its size against the index finger: thumb to little
/// finger of a right hand, pixels at 500 ppi (own measures of one adult hand; the little finger starts a joint lower).
const POSE: [((f64, f64), f64, f32); 5] = [
    ((190.0, 0.0), 0.10, 1.16),
    ((-545.0, 40.0), 0.09, 1.0),
    ((-185.0, -75.0), 0.02, 1.03),
    ((175.0, -20.0), -0.04, 0.99),
    ((520.0, 170.0), -0.13, 0.84),
];

/// Share of the middle joints that do not touch though others do.
const JOINT_LIFTED: f64 = 0.3;
/// White between a fingertip and its middle joint, pixels at 500 ppi: the distal crease, 0.8 to 3 mm (own choice after a few real slaps).
const JOINT_GAP: (f64, f64) = (16.0, 60.0);

impl Slap {
    /// The fingers of these masters on one glass: any of one hand, or both thumbs. Where two have the same position, the later one is
    /// left out; masters of unknown position are left out too.
    pub fn of(masters: &[MasterFinger], params: &SlapParams, seed: u64) -> Self {
        Self::taken(masters, params, SlapTaking::default(), seed)
    }

    /// As [`Slap::of`], taken in some manner. The truth is of the fingertips alone.
    pub fn taken(masters: &[MasterFinger], params: &SlapParams, taking: SlapTaking, seed: u64) -> Self {
        let params = params.held();
        let glass = ImpressionParams {
            ppi: params.ppi,
            width: params.width,
            height: params.height,
            ..ImpressionParams::draw(taking.preset, seed)
        };
        let mut fingers: Vec<SlapFinger> = Vec::new();
        for master in masters {
            let finger = master.finger();
            if finger != Finger::Unknown && fingers.iter().all(|f| f.impression.finger != finger) {
                let seed = derive(seed, "slap finger", u64::from(finger.code()));
                fingers.push(SlapFinger::placed(master, &params, &glass, taking.preset, seed));
            }
        }
        fingers.sort_by(|a, b| a.outline[0].0.total_cmp(&b.outline[0].0));
        let joints: Vec<(Gray8, (i32, i32))> =
            if taking.joints { fingers.iter().filter_map(|f| f.joint(seed)).collect() } else { Vec::new() };
        let mut image = Canvas::empty(&glass, seed);
        fingers.iter().for_each(|f| image.darken(&f.impression.image, f.corner));
        joints.iter().for_each(|(joint, corner)| image.darken(joint, *corner));
        let image = image.finished(glass.ppi);
        Self { image, fingers }
    }
}

impl SlapFinger {
    fn placed(
        master: &MasterFinger,
        params: &SlapParams,
        glass: &ImpressionParams,
        preset: ImpressionPreset,
        seed: u64,
    ) -> Self {
        let code = usize::from(master.finger().code());
        let (digit, right) = if code <= 5 { (code - 1, true) } else { (code - 6, false) };
        let ((x, y), lean, size) = POSE[digit];
        // The left hand is the right one in a mirror.
        let side = if right { 1.0 } else { -1.0 };
        let spread = 0.82 + 0.25 * f64::from(params.spread);
        let lean = side * lean * (0.4 + 1.6 * f64::from(params.spread));
        let (s, c) = exact::sin_cos(f64::from(params.rotation));
        let (x, y) = (side * x * spread, y);
        let centre = (
            f64::from(params.width) / 2.0 + f64::from(params.shift.0) + c * x + s * y,
            f64::from(params.height) / 2.0 + f64::from(params.shift.1) + c * y - s * x,
        );
        // The size and place of a slap's finger, whatever the skin and the ground are like.
        let slap = ImpressionParams::draw(ImpressionPreset::SlapFinger, seed);
        let own = ImpressionParams {
            rotation: slap.rotation,
            shift: slap.shift,
            contact_shift: slap.contact_shift,
            contact: slap.contact,
            squareness: slap.squareness,
            ..ImpressionParams::draw(preset, seed)
        };
        let touch = ImpressionParams {
            rotation: params.rotation + lean as f32 + own.rotation,
            contact: (own.contact.0 * size, own.contact.1 * size),
            ppi: params.ppi,
            // The glass is laid on once for all fingers.
            background: 255,
            sensor_noise: 0.0,
            dirt: 0.0,
            // One hand is as moist as the other fingers of it are.
            moisture: 0.6 * glass.moisture + 0.6 * own.moisture,
            contrast: glass.contrast,
            width: 480,
            height: 540,
            ..own
        };
        let impression = master.impression(&touch, seed);
        let scale = f64::from(impression.params.ppi) / 500.0;
        let (width, height) = (impression.image.width() as f64, impression.image.height() as f64);
        let corner = ((centre.0 * scale - width / 2.0) as i32, (centre.1 * scale - height / 2.0) as i32);
        let (a, b) = impression.params.contact;
        let (a, b) = (f64::from(a) * scale, f64::from(b) * scale);
        let rotation = f64::from(impression.params.rotation);
        let (s, c) = exact::sin_cos(rotation);
        let middle = (f64::from(corner.0) + width / 2.0, f64::from(corner.1) + height / 2.0);
        let outline = [(-a, -b), (a, -b), (a, b), (-a, b)]
            .map(|(u, v)| ((middle.0 + c * u + s * v) as f32, (middle.1 + c * v - s * u) as f32));
        Self { impression, corner, outline, rotation: rotation as f32 }
    }

    /// The middle joint of the finger, if it touches: a paler, squarer patch below the distal crease, with ridges across; its picture and where
    /// the upper left corner of that lies.
    fn joint(&self, seed: u64) -> Option<(Gray8, (i32, i32))> {
        let seed = derive(seed, "slap joint", u64::from(self.impression.finger.code()));
        let mut s = Stream::new(seed, "slap joint");
        if s.chance(JOINT_LIFTED) {
            return None;
        }
        let tip = &self.impression.params;
        let contact = (tip.contact.0 * s.uniform(0.65, 0.95) as f32, s.uniform(60.0, 130.0) as f32);
        let gap = s.uniform(JOINT_GAP.0, JOINT_GAP.1) as f32;
        let touch = ImpressionParams {
            contact,
            squareness: 1.0,
            moisture: tip.moisture - s.uniform(0.0, 0.6) as f32,
            pressure: tip.pressure - 0.3,
            contrast: tip.contrast * s.uniform(0.45, 0.95) as f32,
            ..*tip
        };
        let spec = FingerSpec::of(self.impression.finger).with_class(PatternClass::Arch);
        let picture = MasterFinger::from_seed(seed, spec).impression(&touch, seed);
        let scale = f32::from(tip.ppi) / 500.0;
        let down = scale * (tip.contact.1 + gap + picture.params.contact.1);
        let (sin, cos) = exact::sin_cos(f64::from(tip.rotation));
        let shift = ((down * sin as f32) as i32, (down * cos as f32) as i32);
        Some((picture.image, (self.corner.0 + shift.0, self.corner.1 + shift.1)))
    }
}

/// The glass with what lies on it.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn empty(glass: &ImpressionParams, seed: u64) -> Self {
        let empty = super::impression::empty_glass(glass, seed);
        Self { width: empty.width(), height: empty.height(), pixels: empty.into_pixels() }
    }

    /// Every finger darkens the glass where it lies.
    fn darken(&mut self, picture: &Gray8, corner: (i32, i32)) {
        for v in 0..picture.height() {
            let y = corner.1 + v as i32;
            if y < 0 || y as usize >= self.height {
                continue;
            }
            let line = &picture.pixels()[v * picture.width()..(v + 1) * picture.width()];
            for (u, gray) in line.iter().enumerate() {
                let x = corner.0 + u as i32;
                if x >= 0 && (x as usize) < self.width {
                    let pixel = &mut self.pixels[y as usize * self.width + x as usize];
                    *pixel = ((u32::from(*pixel) * u32::from(*gray) + 127) / 255) as u8;
                }
            }
        }
    }

    fn finished(self, ppi: u16) -> Gray8 {
        let ppi = Ppi::new(f64::from(ppi)).unwrap_or(Ppi::NOMINAL);
        Gray8::new(self.width, self.height, ppi, self.pixels).expect("as many pixels as the empty glass")
    }
}
