//! Random fields for impressions: smooth ones, fine ones, and bars for creases and scratches.

use crate::exact;
use crate::random::Stream;

/// A smooth field with values about normal, unit deviation: cubic B-splines over a lattice of random values.
pub(super) fn smooth(width: usize, height: usize, cell: usize, stream: &mut Stream) -> Vec<f32> {
    SmoothField::new(width, height, cell, stream).filled(width, height)
}

/// The same, for whoever needs it at a few points only.
pub(super) struct SmoothField {
    cell: usize,
    columns: usize,
    rows: usize,
    lattice: Vec<f32>,
}

impl SmoothField {
    pub(super) fn new(width: usize, height: usize, cell: usize, stream: &mut Stream) -> Self {
        let (columns, rows) = (width / cell + 4, height / cell + 4);
        // The spline averages its lattice; this brings the deviation back to about one.
        let lattice = (0..columns * rows).map(|_| stream.normal(0.0, 2.0) as f32).collect();
        Self { cell, columns, rows, lattice }
    }

    /// The value at a point of the field.
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let cell = self.cell as f32;
        let (u, v) = ((x / cell).clamp(0.0, (self.columns - 3) as f32), (y / cell).clamp(0.0, (self.rows - 3) as f32));
        let (column, row) = ((u as usize).min(self.columns - 4), (v as usize).min(self.rows - 4));
        let (wx, wy) = (b_spline(u - column as f32), b_spline(v - row as f32));
        let line = |k: usize| {
            let knots = &self.lattice[(row + k) * self.columns + column..][..4];
            wx.iter().zip(knots).map(|(w, l)| w * l).sum::<f32>()
        };
        (0..4).map(|k| wy[k] * line(k)).sum()
    }

    pub(super) fn filled(&self, width: usize, height: usize) -> Vec<f32> {
        let (cell, columns) = (self.cell, self.columns);
        let weights: Vec<[f32; 4]> = (0..cell).map(|i| b_spline(i as f32 / cell as f32)).collect();
        let mut out = Vec::with_capacity(width * height);
        let mut row_values = vec![0.0_f32; columns];
        for y in 0..height {
            let (row, wy) = (y / cell, weights[y % cell]);
            let lines: [&[f32]; 4] =
                std::array::from_fn(|k| &self.lattice[(row + k) * columns..(row + k + 1) * columns]);
            for (c, v) in row_values.iter_mut().enumerate() {
                *v = (0..4).map(|k| wy[k] * lines[k][c]).sum();
            }
            let end = out.len() + width;
            for knots in row_values.windows(4) {
                let left = end - out.len();
                let piece = &weights[..cell.min(left)];
                out.extend(piece.iter().map(|w| w[0] * knots[0] + w[1] * knots[1] + w[2] * knots[2] + w[3] * knots[3]));
                if left <= cell {
                    break;
                }
            }
        }
        out
    }
}

/// Weights of the four knots round a place between the second and the third.
fn b_spline(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        (1.0 - 3.0 * t + 3.0 * t2 - t3) / 6.0,
        (4.0 - 6.0 * t2 + 3.0 * t3) / 6.0,
        (1.0 + 3.0 * t + 3.0 * t2 - 3.0 * t3) / 6.0,
        t3 / 6.0,
    ]
}

/// Fine noise with grains of about `radius` pixels and unit deviation: white noise through two box averages.
pub(super) fn grains(width: usize, height: usize, radius: usize, stream: &mut Stream) -> Vec<f32> {
    let mut field = vec![0.0; width * height];
    stream.fill_noise(&mut field);
    for _ in 0..2 {
        box_average(&mut field, width, height, radius);
    }
    let n = field.len() as f32;
    let mut square = 0.0_f32;
    for v in &field {
        square += v * v / n;
    }
    let gain = 1.0 / square.sqrt().max(1e-6);
    for v in &mut field {
        *v *= gain;
    }
    field
}

/// A separable mean over `2 radius + 1` pixels, the border held.
pub(super) fn box_average(field: &mut [f32], width: usize, height: usize, radius: usize) {
    let scale = 1.0 / (2 * radius + 1) as f32;
    // The line with its ends drawn out, so that the inner loops have no borders.
    let mut line = vec![0.0_f32; width + 2 * radius];
    for row in field.chunks_exact_mut(width) {
        line[..radius].fill(row[0]);
        line[radius..radius + width].copy_from_slice(row);
        line[radius + width..].fill(row[width - 1]);
        row.fill(0.0);
        for k in 0..=2 * radius {
            for (o, s) in row.iter_mut().zip(&line[k..k + width]) {
                *o += s;
            }
        }
        for o in row {
            *o *= scale;
        }
    }
    let source = field.to_vec();
    for y in 0..height {
        let out = &mut field[y * width..(y + 1) * width];
        out.fill(0.0);
        for k in 0..=2 * radius {
            let from = (y + k).saturating_sub(radius).min(height - 1);
            for (o, s) in out.iter_mut().zip(&source[from * width..(from + 1) * width]) {
                *o += s * scale;
            }
        }
    }
}

/// A light symmetric 3-tap blur in both directions; `side` is the weight of each neighbour.
pub(super) fn blur(field: &mut [f32], width: usize, height: usize, side: f32) {
    let centre = 1.0 - 2.0 * side;
    let mut line = vec![0.0_f32; width + 2];
    for row in field.chunks_exact_mut(width) {
        line[0] = row[0];
        line[1..=width].copy_from_slice(row);
        line[width + 1] = row[width - 1];
        for (o, w) in row.iter_mut().zip(line.windows(3)) {
            *o = centre * w[1] + side * (w[0] + w[2]);
        }
    }
    let source = field.to_vec();
    for y in 0..height {
        let row = |y: usize| &source[y * width..(y + 1) * width];
        let (above, here, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(height - 1)));
        let out = &mut field[y * width..(y + 1) * width];
        for (((o, a), h), b) in out.iter_mut().zip(above).zip(here).zip(below) {
            *o = centre * h + side * (a + b);
        }
    }
}

/// Adds small round spots of this depth at random places: radii within the range, pixels.
pub(super) fn discs(field: &mut [f32], width: usize, count: u32, radii: (f64, f64), depth: f32, stream: &mut Stream) {
    let height = field.len() / width;
    for _ in 0..count {
        let (cx, cy) = (stream.uniform(0.0, width as f64), stream.uniform(0.0, height as f64));
        let r = stream.uniform(radii.0, radii.1);
        let depth = depth * stream.uniform(0.3, 1.0) as f32;
        let low = |v: f64| (v - r - 1.0).max(0.0) as usize;
        let high = |v: f64, most: usize| ((v + r + 2.0) as usize).min(most);
        for y in low(cy)..high(cy, height) {
            for x in low(cx)..high(cx, width) {
                let (dx, dy) = (x as f64 - cx, y as f64 - cy);
                let cover = (r + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0) as f32;
                field[y * width + x] += depth * cover;
            }
        }
    }
}

/// Adds one pale bar with ragged edges to a depth map: centre, angle, length and half width in pixels. It wanders a little.
pub(super) fn bars(
    depth: &mut [f32],
    width: usize,
    (cx, cy): (f64, f64),
    angle: f64,
    length: f64,
    half_width: f64,
    stream: &mut Stream,
) {
    let height = depth.len() / width;
    let (s, c) = exact::sin_cos(angle);
    let bend = stream.normal(0.0, 0.08);
    let steps = length.max(1.0) as i64;
    let mut ragged = 0.0;
    for i in 0..=steps {
        let t = i as f64 - length / 2.0;
        ragged = 0.8 * ragged + stream.normal(0.0, 0.25);
        let off = bend * t * t / length + 0.6 * ragged;
        // Bars taper to their ends.
        let ratio = 2.0 * t.abs() / length;
        let end = 1.0 - ratio * ratio * ratio * ratio;
        let r = half_width * (0.35 + 0.65 * end.max(0.0));
        let (px, py) = (cx + c * t - s * off, cy + s * t + c * off);
        let reach = r.ceil() + 1.0;
        let (x0, x1) = ((px - reach).floor().max(0.0), (px + reach).min(width as f64 - 1.0));
        let (y0, y1) = ((py - reach).floor().max(0.0), (py + reach).min(height as f64 - 1.0));
        let mut y = y0;
        while y <= y1 {
            let mut x = x0;
            while x <= x1 {
                let d = ((x - px) * (x - px) + (y - py) * (y - py)).sqrt();
                let v = (1.0 - (d - r + 0.5)).clamp(0.0, 1.0) as f32;
                let cell = &mut depth[y as usize * width + x as usize];
                *cell = cell.max(v);
                x += 1.0;
            }
            y += 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_at_a_point_is_the_field_there() {
        let draw = || Stream::new(3, "smooth test");
        let (width, height, cell) = (131, 77, 12);
        let whole = smooth(width, height, cell, &mut draw());
        let field = SmoothField::new(width, height, cell, &mut draw());
        assert_eq!(whole.len(), width * height);
        for i in (0..whole.len()).step_by(7) {
            let at = field.at((i % width) as f32, (i / width) as f32);
            assert!((at - whole[i]).abs() < 1e-4, "{i}: {at} {}", whole[i]);
        }
        let square: f32 = whole.iter().map(|v| v * v).sum::<f32>() / whole.len() as f32;
        assert!((0.4..2.0).contains(&square), "{square}");
    }
}
