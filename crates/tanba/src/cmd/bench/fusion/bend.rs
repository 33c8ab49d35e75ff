//! Skin stretched by a third: what a finger pushed hard along the glass looks like, beyond what the generator's own skin does.

use tanba_finger::evaluate::Numbers;
use tanba_formats::Gray8;

/// The image with its content stretched and sheared smoothly along a line: where the bend is strongest by 20 to 50 %, over 60 to
/// 120 pixels.
pub(super) fn bend(image: &Gray8, numbers: &mut Numbers) -> Option<Gray8> {
    let (w, h) = (image.width(), image.height());
    let mut turn = || numbers.unit() * std::f64::consts::TAU;
    let (across, along) = (turn(), turn());
    let reach = 60.0 + 60.0 * numbers.unit();
    let strength = (0.2 + 0.3 * numbers.unit()) * reach;
    let (cx, cy) = (w as f64 * (0.35 + 0.3 * numbers.unit()), h as f64 * (0.35 + 0.3 * numbers.unit()));
    let mut out = Vec::with_capacity(w * h);
    for y in 0..h {
        for x in 0..w {
            let s = ((x as f64 - cx) * across.cos() + (y as f64 - cy) * across.sin()) / reach;
            let d = strength * s / (1.0 + s.abs());
            out.push(at(image, x as f64 + d * along.cos(), y as f64 + d * along.sin()));
        }
    }
    Gray8::new(w, h, image.ppi(), out).ok()
}

/// Bilinear; the edge is repeated outside.
fn at(image: &Gray8, x: f64, y: f64) -> u8 {
    let (w, h) = (image.width(), image.height());
    let (x, y) = (x.clamp(0.0, w as f64 - 1.001), y.clamp(0.0, h as f64 - 1.001));
    let (i, j) = (x as usize, y as usize);
    let (u, v) = (x - i as f64, y - j as f64);
    let p = |i: usize, j: usize| f64::from(image.pixels()[j.min(h - 1) * w + i.min(w - 1)]);
    let top = p(i, j) * (1.0 - u) + p(i + 1, j) * u;
    let bottom = p(i, j + 1) * (1.0 - u) + p(i + 1, j + 1) * u;
    (top * (1.0 - v) + bottom * v).round() as u8
}
