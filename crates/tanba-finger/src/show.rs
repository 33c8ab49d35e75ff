//! Turns stages into pictures that a person can look at.

use crate::alignment::{Alignment, carry};
use crate::compare::RidgeWindow;
use crate::sink::{Flow, Mask, Plane, Stage, StageData};
use crate::{Minutia, MinutiaKind, Pattern};
use tanba_formats::Gray8;

/// A picture, three bytes (red, green, blue) for each pixel, row-major from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rgb8 {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `3 * width * height` bytes.
    pub pixels: Vec<u8>,
}

const LINE: [u8; 3] = [220, 40, 40];
const ENDING: [u8; 3] = [215, 30, 45];
const FORK: [u8; 3] = [20, 90, 220];
const UNKNOWN: [u8; 3] = [30, 150, 60];

impl Rgb8 {
    fn from_gray(width: usize, height: usize, gray: impl Iterator<Item = u8>) -> Self {
        Self { width, height, pixels: gray.flat_map(|g| [g, g, g]).collect() }
    }

    fn put(&mut self, x: i32, y: i32, color: [u8; 3]) {
        if x >= 0 && y >= 0 && (x as usize) < self.width && (y as usize) < self.height {
            let at = 3 * (y as usize * self.width + x as usize);
            self.pixels[at..at + 3].copy_from_slice(&color);
        }
    }

    fn line(&mut self, from: (f32, f32), to: (f32, f32), color: [u8; 3]) {
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0);
        for k in 0..=steps as i32 {
            let t = k as f32 / steps;
            let (x, y) = (from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1));
            self.put(x.round() as i32, y.round() as i32, color);
        }
    }
}

/// A stage as a picture. Orientations and minutiae are drawn over `image`, which should be the image at 500 ppi.
pub fn render(stage: &Stage<'_>, image: &Gray8) -> Rgb8 {
    match stage.data {
        StageData::Map(map) => render_map(map),
        StageData::Mask(mask) => render_mask(mask),
        StageData::Flow(flow) => render_flow(flow, image),
        StageData::Minutiae(minutiae) => render_minutiae(minutiae, image),
        StageData::Pattern(pattern) => render_pattern(pattern, image),
    }
}

/// A map of numbers, its range stretched over black to white (the lowest and highest hundredth are cut).
pub fn render_map(map: &Plane) -> Rgb8 {
    let mut sorted = map.data.clone();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |share: f32| sorted[((sorted.len() - 1) as f32 * share) as usize];
    let (low, high) = (at(0.01), at(0.99));
    let scale = 255.0 / (high - low).max(1e-6);
    Rgb8::from_gray(map.width, map.height, map.data.iter().map(|&v| ((v - low) * scale).clamp(0.0, 255.0) as u8))
}

/// A mask: set is black, as ridges are.
pub fn render_mask(mask: &Mask) -> Rgb8 {
    Rgb8::from_gray(mask.width, mask.height, mask.data.iter().map(|&b| if b { 0 } else { 255 }))
}

/// Orientations as short lines over the faded image; a surer one is longer.
pub fn render_flow(flow: &Flow, image: &Gray8) -> Rgb8 {
    let mut picture = faded(image);
    let every = (12 / flow.cell).max(1);
    for j in (0..flow.height).step_by(every) {
        for i in (0..flow.width).step_by(every) {
            let (x, y) = ((i as f32 + 0.5) * flow.cell as f32, (j as f32 + 0.5) * flow.cell as f32);
            let k = j * flow.width + i;
            let half = 0.5 * (every * flow.cell) as f32 * flow.cos2[k].hypot(flow.sin2[k]).sqrt();
            if half < 1.0 {
                continue;
            }
            let (sin, cos) = (0.5 * flow.sin2[k].atan2(flow.cos2[k])).sin_cos();
            picture.line((x - half * cos, y - half * sin), (x + half * cos, y + half * sin), LINE);
        }
    }
    picture
}

/// Minutiae over the faded image: a ring at the place, a tail in the direction; endings red, forks blue, others green.
pub fn render_minutiae(minutiae: &[Minutia], image: &Gray8) -> Rgb8 {
    let mut picture = faded(image);
    for m in minutiae {
        let color = match m.kind {
            MinutiaKind::Ending => ENDING,
            MinutiaKind::Bifurcation => FORK,
            MinutiaKind::Other => UNKNOWN,
        };
        let (sin, cos) = m.direction.sin_cos();
        for k in 0..24 {
            let (s, c) = (k as f32 * std::f32::consts::TAU / 24.0).sin_cos();
            picture.put((m.x + 4.0 * c).round() as i32, (m.y + 4.0 * s).round() as i32, color);
        }
        picture.line((m.x + 4.0 * cos, m.y - 4.0 * sin), (m.x + 14.0 * cos, m.y - 14.0 * sin), color);
    }
    picture
}

/// Singular points over the faded image: a core is a circle with a tail to where its loop opens, a delta a triangle whose corners
/// lie where its ridges leave. A line is the thicker, the surer the point.
pub fn render_pattern(pattern: &Pattern, image: &Gray8) -> Rgb8 {
    const RADIUS: f32 = 9.0;
    const TAIL: f32 = 26.0;
    const CIRCLE: usize = 80;
    let mut picture = faded(image);
    let spread = |confidence: f32| if confidence > 0.7 { &[-0.6, 0.0, 0.6][..] } else { &[0.0][..] };
    for core in &pattern.cores {
        let (sin, cos) = core.direction.sin_cos();
        for &d in spread(core.confidence) {
            for k in 0..CIRCLE {
                let (s, c) = (k as f32 * std::f32::consts::TAU / CIRCLE as f32).sin_cos();
                let (x, y) = (core.x + (RADIUS + d) * c, core.y + (RADIUS + d) * s);
                picture.put(x.round() as i32, y.round() as i32, ENDING);
            }
            let at = |r: f32| (core.x + r * cos + d * sin, core.y - r * sin + d * cos);
            picture.line(at(RADIUS), at(TAIL), ENDING);
        }
    }
    for delta in &pattern.deltas {
        for &d in spread(delta.confidence) {
            let corners = delta.directions.map(|a| {
                let (s, c) = a.sin_cos();
                (delta.x + (RADIUS + 4.0 + d) * c, delta.y - (RADIUS + 4.0 + d) * s)
            });
            for k in 0..3 {
                picture.line(corners[k], corners[(k + 1) % 3], FORK);
            }
        }
    }
    picture
}

/// Ink of the first print and of the second where one is laid on the other; both together are nearly black.
const FIRST: [f32; 3] = [0.0, 114.0, 178.0];
const SECOND: [f32; 3] = [213.0, 94.0, 0.0];
/// Share of the first print's ink that is left where nothing of the second lies.
const ALONE: f32 = 0.35;

/// The second print laid on the first as the skin was stretched, `zoom` picture pixels to a pixel: blue is the first, orange the
/// second, dark where both have a ridge. Both images at 500 ppi.
pub fn laid_on(first: &Gray8, second: &Gray8, windows: &[RidgeWindow], alignment: &Alignment, zoom: usize) -> Rgb8 {
    let zoom = zoom.max(1);
    let (width, height) = (first.width() * zoom, first.height() * zoom);
    let ink = |v: f32| 1.0 - v / 255.0;
    let mut pixels = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            let place = ((x as f32 + 0.5) / zoom as f32 - 0.5, (y as f32 + 0.5) / zoom as f32 - 0.5);
            let there = carry(windows, alignment, place);
            let a = ink(level(first, place)) * if there.is_some() { 1.0 } else { ALONE };
            let b = there.map_or(0.0, |p| ink(level(second, p)));
            for (one, other) in FIRST.iter().zip(SECOND) {
                let through = |ink: f32, colour: f32| 1.0 - ink * (1.0 - colour / 255.0);
                pixels.push((255.0 * through(a, *one) * through(b, other)) as u8);
            }
        }
    }
    Rgb8 { width, height, pixels }
}

/// The gray level at a place, bilinear; white outside.
fn level(image: &Gray8, (x, y): (f32, f32)) -> f32 {
    let (w, h) = (image.width(), image.height());
    if !(x >= 0.0 && y >= 0.0 && x < (w - 1) as f32 && y < (h - 1) as f32) {
        return 255.0;
    }
    let (i, j) = (x as usize, y as usize);
    let (u, v) = (x - i as f32, y - j as f32);
    let p = |i: usize, j: usize| f32::from(image.pixels()[j * w + i]);
    let top = p(i, j) * (1.0 - u) + p(i + 1, j) * u;
    let bottom = p(i, j + 1) * (1.0 - u) + p(i + 1, j + 1) * u;
    top * (1.0 - v) + bottom * v
}

/// The image at a third of its contrast on white, so that what is drawn over it stands out.
fn faded(image: &Gray8) -> Rgb8 {
    Rgb8::from_gray(image.width(), image.height(), image.pixels().iter().map(|&v| 255 - (255 - v) / 2))
}
