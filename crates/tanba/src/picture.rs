//! Drawing for `--show`: prints in gray, what is said about them in colour.

use std::path::Path;

use anyhow::Context;
use tanba_finger::show::Rgb8;
use tanba_finger::{Alignment, Minutia, MinutiaKind, RidgeWindow, Template, carry};
use tanba_formats::image::encode_png_rgb;
use tanba_formats::{Gray8, Ppi};

/// How many picture pixels a pixel at 500 ppi becomes: thin lines stay thin beside the ridges.
const ZOOM: usize = 2;
/// White between two prints, picture pixels.
const GAP: usize = 24;
/// How far prints fade toward white, so that colours stand out.
const FADE: f32 = 0.45;
/// Radius of a minutia's ring and length of its tail, picture pixels.
const RING: f32 = 7.0;
const TAIL: f32 = 20.0;
/// Minutiae that nothing was paired with.
const UNPAIRED: [u8; 3] = [150, 150, 150];
/// Pairs: colours that also the colour-blind tell apart (Okabe and Ito 2008), used in turn.
const PAIRS: [[u8; 3]; 7] =
    [[0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167], [230, 159, 0], [86, 180, 233], [140, 100, 20]];

/// A print to draw: its minutiae, and its image at 500 ppi where there is one.
pub(crate) struct Shown<'a> {
    pub(crate) template: &'a Template,
    pub(crate) image: Option<&'a Gray8>,
}

/// Two prints side by side; paired minutiae have one colour and a line between them, fainter where the belief is less.
pub(crate) fn pairs(a: &Shown<'_>, b: &Shown<'_>, pairs: &[(usize, usize, f32)]) -> Canvas {
    let ((aw, ah), (bw, bh)) = (a.size(), b.size());
    let mut canvas = Canvas::white((aw + bw) * ZOOM + GAP, ah.max(bh) * ZOOM);
    let right = (aw * ZOOM + GAP) as f32;
    canvas.lay(a, 0);
    canvas.lay(b, aw * ZOOM + GAP);
    let strongest = pairs.iter().map(|p| p.2).fold(f32::MIN_POSITIVE, f32::max);
    let at = |m: &Minutia, left: f32| (m.x * ZOOM as f32 + left, m.y * ZOOM as f32);
    let colour = |k: usize| PAIRS[k % PAIRS.len()];
    for (k, (i, j, belief)) in pairs.iter().enumerate() {
        if let (Some(m), Some(n)) = (a.template.minutiae.get(*i), b.template.minutiae.get(*j)) {
            canvas.line(at(m, 0.0), at(n, right), colour(k), 0.15 + 0.35 * belief / strongest);
        }
    }
    for (shown, left, side) in [(a, 0.0, 0), (b, right, 1)] {
        for (i, m) in shown.template.minutiae.iter().enumerate() {
            let pair = pairs.iter().position(|p| [p.0, p.1][side] == i);
            canvas.minutia(at(m, left), m, pair.map_or(UNPAIRED, colour));
        }
    }
    canvas
}

/// The minutiae of a print, on its image where there is one.
pub(crate) fn minutiae(print: &Shown<'_>) -> Canvas {
    let (width, height) = print.size();
    let mut canvas = Canvas::white(width * ZOOM, height * ZOOM);
    canvas.lay(print, 0);
    for m in &print.template.minutiae {
        canvas.minutia((m.x * ZOOM as f32, m.y * ZOOM as f32), m, PAIRS[0]);
    }
    canvas
}

/// An image with outlines drawn on it, the first side of each twice as thick: the tip of a finger. Large images are made smaller.
pub(crate) fn outlines(image: &Gray8, outlines: &[[(f32, f32); 4]]) -> Canvas {
    let step = image.width().max(image.height()).div_ceil(OVERVIEW_SIDE).max(1);
    let (width, height) = (image.width().div_ceil(step), image.height().div_ceil(step));
    let mut canvas = Canvas::white(width, height);
    for y in 0..height {
        for x in 0..width {
            let (mut sum, mut count) = (0u32, 0u32);
            for row in image.pixels().chunks_exact(image.width()).skip(y * step).take(step) {
                for v in &row[x * step..((x + 1) * step).min(row.len())] {
                    sum += u32::from(*v);
                    count += 1;
                }
            }
            canvas.blend(x as i32, y as i32, [(sum / count.max(1)) as u8; 3], 1.0);
        }
    }
    for (k, corners) in outlines.iter().enumerate() {
        let at = |i: usize| (corners[i % 4].0 / step as f32, corners[i % 4].1 / step as f32);
        for i in 0..4 {
            canvas.stroke(at(i), at(i + 1), PAIRS[k % PAIRS.len()]);
        }
        let down = |p: (f32, f32)| (p.0, p.1 + 2.0);
        canvas.stroke(down(at(0)), down(at(1)), PAIRS[k % PAIRS.len()]);
    }
    canvas
}

/// Longest side of a picture with outlines, pixels.
const OVERVIEW_SIDE: usize = 1600;

/// Pixels at 500 ppi between the lines of the grid that shows the stretch.
const GRID: usize = 32;

/// The second print laid on the first: see [`tanba_finger::show::laid_on`].
pub(crate) fn laid_on(first: &Gray8, second: &Gray8, windows: &[RidgeWindow], alignment: &Alignment) -> Canvas {
    let Rgb8 { width, height, pixels } = tanba_finger::show::laid_on(first, second, windows, alignment, ZOOM);
    Canvas { width, height, pixels }
}

/// A square grid on the first print, and the same grid on the second as its skin was stretched, where ridges show it.
pub(crate) fn stretch(a: &Shown<'_>, b: &Shown<'_>, windows: &[RidgeWindow], alignment: &Alignment) -> Canvas {
    let ((aw, ah), (bw, bh)) = (a.size(), b.size());
    let mut canvas = Canvas::white((aw + bw) * ZOOM + GAP, ah.max(bh) * ZOOM);
    canvas.lay(a, 0);
    canvas.lay(b, aw * ZOOM + GAP);
    let left = (aw * ZOOM + GAP) as f32;
    let zoom = ZOOM as f32;
    let near = |p: (f32, f32)| carry(windows, alignment, p);
    for j in 0..ah.div_ceil(GRID) {
        for i in 0..aw.div_ceil(GRID) {
            let corner = |di: usize, dj: usize| (((i + di) * GRID) as f32, ((j + dj) * GRID) as f32);
            for next in [corner(1, 0), corner(0, 1)] {
                let from = corner(0, 0);
                if let (Some(p), Some(q)) = (near(from), near(next)) {
                    canvas.stroke((from.0 * zoom, from.1 * zoom), (next.0 * zoom, next.1 * zoom), PAIRS[0]);
                    canvas.stroke((p.0 * zoom + left, p.1 * zoom), (q.0 * zoom + left, q.1 * zoom), PAIRS[1]);
                }
            }
        }
    }
    canvas
}

impl Shown<'_> {
    fn size(&self) -> (usize, usize) {
        let furthest = |at: fn(&Minutia) -> f32| self.template.minutiae.iter().map(at).fold(0.0, f32::max) as usize + 1;
        match self.image {
            Some(image) => (image.width(), image.height()),
            // A damaged record may place minutiae far outside; the picture stays of a sensible size.
            None => (
                usize::from(self.template.width).max(furthest(|m| m.x)).clamp(64, 2000),
                usize::from(self.template.height).max(furthest(|m| m.y)).clamp(64, 2000),
            ),
        }
    }
}

/// An RGB picture.
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn white(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![255; 3 * width * height] }
    }

    /// Writes it as a PNG.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let failed = || format!("cannot write {}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(failed)?;
        }
        // Sides are a few thousand pixels.
        let png = encode_png_rgb(self.width as u32, self.height as u32, &self.pixels)?;
        std::fs::write(path, png).with_context(failed)
    }

    /// Lays the faded image with its left edge at `left`.
    fn lay(&mut self, shown: &Shown<'_>, left: usize) {
        let Some(image) = shown.image else { return };
        let zoomed = Ppi::new(image.ppi().get() * ZOOM as f64)
            .map_or_else(|| image.clone(), |ppi| tanba_formats::image::resample(image, ppi));
        for (y, row) in zoomed.pixels().chunks_exact(zoomed.width()).enumerate().take(self.height) {
            for (x, v) in row.iter().enumerate() {
                let faded = 255.0 - (255.0 - f32::from(*v)) * (1.0 - FADE);
                self.blend((left + x) as i32, y as i32, [faded as u8; 3], 1.0);
            }
        }
    }

    fn minutia(&mut self, (x, y): (f32, f32), m: &Minutia, colour: [u8; 3]) {
        // A ring for an ending, a square for a fork: the kind does not hang on colour.
        if m.kind == MinutiaKind::Bifurcation {
            let (l, t, r, b) = (x - RING + 1.0, y - RING + 1.0, x + RING - 1.0, y + RING - 1.0);
            for (from, to) in [((l, t), (r, t)), ((r, t), (r, b)), ((r, b), (l, b)), ((l, b), (l, t))] {
                self.stroke(from, to, colour);
            }
        } else {
            let point = |k: i32| {
                let (sin, cos) = (k as f32 * std::f32::consts::TAU / 20.0).sin_cos();
                (x + RING * cos, y + RING * sin)
            };
            for k in 0..20 {
                self.stroke(point(k), point(k + 1), colour);
            }
        }
        let (sin, cos) = m.direction.sin_cos();
        self.stroke((x + RING * cos, y - RING * sin), (x + TAIL * cos, y - TAIL * sin), colour);
    }

    /// A line two pixels wide.
    fn stroke(&mut self, from: (f32, f32), to: (f32, f32), colour: [u8; 3]) {
        for shift in [-0.35, 0.35] {
            self.line((from.0 + shift, from.1 + shift), (to.0 + shift, to.1 + shift), colour, 0.8);
        }
    }

    /// A smooth line: each step shares its ink between the two nearest pixels across the line (Wu 1991).
    fn line(&mut self, from: (f32, f32), to: (f32, f32), colour: [u8; 3], ink: f32) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let steps = dx.abs().max(dy.abs()).ceil().clamp(1.0, (self.width + self.height) as f32);
        let steep = dy.abs() > dx.abs();
        for k in 0..=steps as i32 {
            let t = k as f32 / steps;
            let (x, y) = (from.0 + t * dx, from.1 + t * dy);
            let (along, across) = if steep { (y.round(), x) } else { (x.round(), y) };
            let near = across.floor();
            for (step, share) in [(0.0, 1.0 - (across - near)), (1.0, across - near)] {
                let (px, py) = if steep { (near + step, along) } else { (along, near + step) };
                self.blend(px as i32, py as i32, colour, ink * share);
            }
        }
    }

    fn blend(&mut self, x: i32, y: i32, colour: [u8; 3], ink: f32) {
        if x < 0 || y < 0 || x as usize >= self.width || y as usize >= self.height {
            return;
        }
        let at = 3 * (y as usize * self.width + x as usize);
        for (p, c) in self.pixels[at..at + 3].iter_mut().zip(colour) {
            *p = (f32::from(*p) + (f32::from(c) - f32::from(*p)) * ink.clamp(0.0, 1.0)).round() as u8;
        }
    }
}
