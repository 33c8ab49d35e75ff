//! One finger of a slap as an image of its own: upright, with a margin, and without its neighbours.

use tanba_formats::Gray8;

use super::SlapFinger;
use super::params::CROP_SIDE_MAX;

/// Margin round the box of a finger that is cut out, inches: 16 pixels at 500 ppi, what the windows of the extractor reach over the skin.
pub const CROP_MARGIN: f32 = 0.032;

/// Cuts `finger` out of the image it was found on, turned upright, at the image's own resolution. What lies outside the image, and in the box of
/// one of the `others` but not in its own, becomes the ground's gray.
pub fn crop(image: &Gray8, finger: &SlapFinger, others: &[SlapFinger]) -> Gray8 {
    let margin = CROP_MARGIN * image.ppi().get() as f32;
    let side = |half: f32| ((2.0 * (half.max(0.0) + margin)).round() as usize).clamp(1, CROP_SIDE_MAX);
    let (width, height) = (side(finger.half.0), side(finger.half.1));
    let ground = ground(image);
    let (s, c) = finger.rotation.sin_cos();
    let mut pixels = Vec::with_capacity(width * height);
    for j in 0..height {
        let v = j as f32 + 0.5 - 0.5 * height as f32;
        for i in 0..width {
            let u = i as f32 + 0.5 - 0.5 * width as f32;
            let at = (finger.centre.0 + c * u + s * v, finger.centre.1 + c * v - s * u);
            let own = u.abs() <= finger.half.0 && v.abs() <= finger.half.1;
            let foreign = !own && others.iter().any(|o| o != finger && o.holds(at));
            pixels.push(if foreign { ground } else { between(image, at, ground) });
        }
    }
    // As many pixels as were pushed, and no empty side.
    Gray8::new(width, height, image.ppi(), pixels).unwrap_or_else(|_| image.clone())
}

impl SlapFinger {
    /// Whether a place of the image lies in the box.
    pub fn holds(&self, (x, y): (f32, f32)) -> bool {
        let (s, c) = self.rotation.sin_cos();
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        (c * dx - s * dy).abs() <= self.half.0 && (s * dx + c * dy).abs() <= self.half.1
    }
}

/// Gray of what is no finger: nine tenths of the pixels are darker or the same, which also holds on sheets of ink.
fn ground(image: &Gray8) -> u8 {
    let mut counts = [0usize; 256];
    image.pixels().iter().for_each(|p| counts[usize::from(*p)] += 1);
    let mut left = image.pixels().len() / 10 * 9;
    for (gray, n) in counts.iter().enumerate() {
        if *n > left {
            return gray as u8;
        }
        left -= n;
    }
    255
}

/// The gray at a place, bilinear between the middles of pixels.
fn between(image: &Gray8, (x, y): (f32, f32), ground: u8) -> u8 {
    let (x, y) = (x - 0.5, y - 0.5);
    let (i, j) = (x.floor(), y.floor());
    let (fx, fy) = (x - i, y - j);
    let at = |i: f32, j: f32| {
        let inside = i >= 0.0 && j >= 0.0 && i < image.width() as f32 && j < image.height() as f32;
        f32::from(if inside { image.pixels()[j as usize * image.width() + i as usize] } else { ground })
    };
    let top = at(i, j) + (at(i + 1.0, j) - at(i, j)) * fx;
    let bottom = at(i, j + 1.0) + (at(i + 1.0, j + 1.0) - at(i, j + 1.0)) * fx;
    (top + (bottom - top) * fy + 0.5) as u8
}
