//! Which part of the finger touches.

use crate::exact;
use crate::random::Stream;

use super::super::noise::smooth;
use super::params::ImpressionParams;

/// The rectangle of the image that holds all of the contact, pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Window {
    pub(super) fn around(params: &ImpressionParams) -> Self {
        let distance = ContactDistance::new(params);
        let (width, height) = params.image_size();
        // A turned ellipse reaches this far to each side; the outline wanders by a few percent.
        let reach = |a: f32, b: f32| 1.22 * (a * a + b * b).sqrt() + 2.0;
        let (sin, cos) = (distance.sin, distance.cos);
        let corner = 1.0 + 0.42 * f32::max(0.75, params.squareness);
        let across = reach(cos * distance.axes.0, sin * distance.axes.1) * corner.min(1.3);
        let along = reach(sin * distance.axes.0, cos * distance.axes.1) * corner.min(1.3);
        let cut = |v: f32, most: usize| v.clamp(0.0, most as f32) as usize;
        let (left, right) = (cut(distance.centre.0 - across, width), cut(distance.centre.0 + across + 1.0, width));
        let (top, bottom) = (cut(distance.centre.1 - along, height), cut(distance.centre.1 + along + 1.0, height));
        Self { left, top, width: right.saturating_sub(left), height: bottom.saturating_sub(top) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Index in the window of a pixel of the image.
    pub(super) fn index(&self, x: usize, y: usize) -> Option<usize> {
        let (u, v) = (x.checked_sub(self.left)?, y.checked_sub(self.top)?);
        (u < self.width && v < self.height).then_some(v * self.width + u)
    }
}

/// How firmly the finger touches at each pixel of the window: 1 inside, falling to 0 over the rim of an uneven outline.
pub(super) fn contact_map(params: &ImpressionParams, window: Window, seed: u64) -> Vec<f32> {
    let cell = ((52.0 * params.scale()) as usize).max(2);
    let uneven = smooth(window.width, window.height, cell, &mut Stream::new(seed, "contact"));
    let ragged = 0.026 * (0.4 + params.grain);
    let distance = ContactDistance::new(params);
    let mut map = Vec::with_capacity(window.width * window.height);
    for y in 0..window.height {
        let line = &uneven[y * window.width..(y + 1) * window.width];
        let row = (window.top + y) as f32;
        map.extend(line.iter().enumerate().map(|(x, uneven)| {
            let edge = distance.at((window.left + x) as f32, row) + ragged * uneven;
            let t = ((1.04 - edge) / 0.20).clamp(0.0, 1.0);
            t * t * (3.0 - 2.0 * t)
        }));
    }
    map
}

/// Elliptic distance from the contact's centre, 1 at its outline; in pixels of the image.
pub(in super::super) struct ContactDistance {
    centre: (f32, f32),
    axes: (f32, f32),
    sin: f32,
    cos: f32,
    squareness: f32,
}

impl ContactDistance {
    pub(in super::super) fn new(params: &ImpressionParams) -> Self {
        let scale = params.scale() as f32;
        let (sin, cos) = exact::sin_cos(f64::from(params.rotation));
        let centre = (
            scale * (f32::from(params.width) / 2.0 + params.shift.0),
            scale * (f32::from(params.height) / 2.0 + params.shift.1),
        );
        // Pressing harder brings more skin to the glass.
        let grow = scale * (1.0 + 0.07 * params.pressure);
        Self {
            centre,
            axes: (params.contact.0 * grow, params.contact.1 * grow),
            sin: sin as f32,
            cos: cos as f32,
            squareness: params.squareness,
        }
    }

    /// A fingertip is rounder at its tip and squarer toward the crease: a superellipse below the middle, and all round when rolled.
    pub(in super::super) fn at(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let u = (self.cos * dx - self.sin * dy) / self.axes.0;
        let v = (self.sin * dx + self.cos * dy) / self.axes.1;
        let round = (u * u + v * v).sqrt();
        let square = (u * u * u * u + v * v * v * v).sqrt().sqrt();
        round + (square - round) * (1.4 * v).clamp(0.0, 0.75).max(self.squareness)
    }
}
