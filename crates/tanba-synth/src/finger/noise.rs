//! Random fields for impressions: smooth ones, fine ones, and bars for creases and scratches.

use crate::exact;
use crate::random::Stream;

/// A smooth field with values about normal, unit deviation: cubic B-splines over a lattice of random values.
pub(super) fn smooth(width: usize, height: usize, cell: usize, stream: &mut Stream) -> Vec<f32> {
    let (columns, rows) = (width / cell + 4, height / cell + 4);
    // The spline averages its lattice; this brings the deviation back to about one.
    let lattice: Vec<f32> = (0..columns * rows).map(|_| stream.normal(0.0, 2.0) as f32).collect();
    let weights: Vec<[f32; 4]> = (0..cell)
        .map(|i| {
            let t = i as f32 / cell as f32;
            let (t2, t3) = (t * t, t * t * t);
            [
                (1.0 - 3.0 * t + 3.0 * t2 - t3) / 6.0,
                (4.0 - 6.0 * t2 + 3.0 * t3) / 6.0,
                (1.0 + 3.0 * t + 3.0 * t2 - 3.0 * t3) / 6.0,
                t3 / 6.0,
            ]
        })
        .collect();
    let mut out = vec![0.0; width * height];
    let mut row_values = vec![0.0_f32; columns];
    for y in 0..height {
        let (row, wy) = (y / cell, weights[y % cell]);
        for (c, v) in row_values.iter_mut().enumerate() {
            *v = (0..4).map(|k| wy[k] * lattice[(row + k) * columns + c]).sum();
        }
        for (x, o) in out[y * width..(y + 1) * width].iter_mut().enumerate() {
            let (column, wx) = (x / cell, weights[x % cell]);
            *o = (0..4).map(|k| wx[k] * row_values[column + k]).sum();
        }
    }
    out
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
    let mut line = vec![0.0_f32; width];
    for row in field.chunks_exact_mut(width) {
        for (x, o) in line.iter_mut().enumerate() {
            *o = (0..=2 * radius).map(|k| row[(x + k).saturating_sub(radius).min(width - 1)]).sum::<f32>() * scale;
        }
        row.copy_from_slice(&line);
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
    let mut line = vec![0.0_f32; width];
    for row in field.chunks_exact_mut(width) {
        for x in 0..width {
            line[x] = centre * row[x] + side * (row[x.saturating_sub(1)] + row[(x + 1).min(width - 1)]);
        }
        row.copy_from_slice(&line);
    }
    let source = field.to_vec();
    for y in 0..height {
        let (above, below) = (y.saturating_sub(1) * width, (y + 1).min(height - 1) * width);
        for x in 0..width {
            field[y * width + x] = centre * source[y * width + x] + side * (source[above + x] + source[below + x]);
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
