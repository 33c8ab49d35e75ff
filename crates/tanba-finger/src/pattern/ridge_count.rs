//! Ridges crossed on the straight line between two places, as the extended data of ISO/IEC 19794-2 and the core-delta count of
//! Henry's system need it.
//!
//! The map of ridges is read along the line half a pixel at a time, as a mean over a short bar across the line and two pixels along
//! it, so that a frayed edge is no row of ridges when the line runs along it. A ridge begins when the mean passes two thirds and ends when it falls
//! below one third. Ridges on which the places themselves lie are not counted, as neither core nor delta is counted
//! (Henry) and a minutia lies on its own ridge.

use serde::Serialize;

use crate::Minutia;
use crate::exact::Exact;
use crate::sink::Mask;

/// Step along the line, pixels.
const STEP: f32 = 0.5;
/// Half the bar across the line, pixels: under half the narrowest ridge.
const BAR: f32 = 1.0;
/// The mean at which a ridge begins, and at which it ends.
const BEGINS: f32 = 2.0 / 3.0;
const ENDS: f32 = 1.0 / 3.0;
/// Readings of which the mean is taken along the line: two pixels, less than the narrowest ridge.
const PIECE: usize = 4;
/// A ridge this near to either place belongs to it, pixels: less than from the middle of the narrowest valley to its ridge.
const OWN: f32 = 1.0;

/// Ridges crossed between two places in pixels at 500 ppi, `ridges` and `readable` being those of the stages of that name. `None`
/// where a place is no number or the line leaves the readable area.
pub fn ridge_count(ridges: &Mask, readable: &Mask, from: (f32, f32), to: (f32, f32)) -> Option<u16> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot_exact(dy);
    let inside = |p: (f32, f32)| readable.at(p.0.floor() as isize, p.1.floor() as isize);
    if !length.is_finite() || !inside(from) || !inside(to) {
        return None;
    }
    let steps = (length / STEP).ceil().max(1.0) as usize;
    let (ux, uy) = (dx / length.max(1e-6), dy / length.max(1e-6));
    let mut read = Vec::with_capacity(steps + 1);
    for k in 0..=steps {
        let t = length * k as f32 / steps as f32;
        let (x, y) = (from.0 + t * ux, from.1 + t * uy);
        if !inside((x, y)) {
            return None;
        }
        let bar = [-BAR, 0.0, BAR].map(|s| bilinear(ridges, x - s * uy, y + s * ux));
        read.push((bar[0] + 2.0 * bar[1] + bar[2]) / 4.0);
    }
    let mut count = 0u16;
    let mut began: Option<f32> = None;
    for (k, piece) in read.windows(PIECE).enumerate() {
        let mean = piece.iter().sum::<f32>() / PIECE as f32;
        let t = length * (k as f32 + 0.5 * (PIECE - 1) as f32) / steps as f32;
        match began {
            None if mean >= BEGINS => began = Some(t),
            Some(start) if mean <= ENDS => {
                count += u16::from(start > OWN && t < length - OWN);
                began = None;
            }
            _ => {}
        }
    }
    Some(count)
}

/// The map at a place between the middles of its pixels, 0 valley to 1 ridge.
fn bilinear(map: &Mask, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (fx, fy) = (x - left, y - top);
    let at = |i: f32, j: f32| f32::from(u8::from(map.at(i as isize, j as isize)));
    let above = at(left, top) * (1.0 - fx) + at(left + 1.0, top) * fx;
    let below = at(left, top + 1.0) * (1.0 - fx) + at(left + 1.0, top + 1.0) * fx;
    above * (1.0 - fy) + below * fy
}

/// Which neighbours of a minutia ridges are counted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbours {
    /// The nearest in each quarter round it, reckoned from its direction (method 1 of ISO/IEC 19794-2).
    Quadrants,
    /// The nearest in each eighth (method 2).
    Octants,
}

impl Neighbours {
    /// The method's number in the record.
    pub fn code(self) -> u8 {
        match self {
            Self::Quadrants => 1,
            Self::Octants => 2,
        }
    }

    fn sectors(self) -> usize {
        match self {
            Self::Quadrants => 4,
            Self::Octants => 8,
        }
    }
}

/// Ridges between a minutia and a neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NeighbourCount {
    /// Index of the minutia.
    pub a: u16,
    /// Index of its neighbour.
    pub b: u16,
    /// Ridges crossed.
    pub count: u16,
}

/// Ridge counts from each minutia to its nearest neighbours, minutia by minutia and sector by sector counter-clockwise from its
/// direction. A neighbour to which the line leaves the readable area is left out.
pub fn ridge_counts(
    minutiae: &[Minutia],
    ridges: &Mask,
    readable: &Mask,
    neighbours: Neighbours,
) -> Vec<NeighbourCount> {
    let sectors = neighbours.sectors();
    let mut counts = Vec::new();
    for (a, m) in minutiae.iter().enumerate() {
        let mut nearest: Vec<Option<(f32, usize)>> = vec![None; sectors];
        for (b, n) in minutiae.iter().enumerate() {
            let (dx, dy) = (n.x - m.x, n.y - m.y);
            if a == b || !dx.is_finite() || !dy.is_finite() {
                continue;
            }
            let angle = ((-dy).atan2_exact(dx) - m.direction).rem_euclid(std::f32::consts::TAU);
            let sector = ((angle / std::f32::consts::TAU * sectors as f32) as usize).min(sectors - 1);
            let away = dx.hypot_exact(dy);
            if nearest[sector].is_none_or(|(d, _)| away < d) {
                nearest[sector] = Some((away, b));
            }
        }
        for (_, b) in nearest.into_iter().flatten() {
            let n = &minutiae[b];
            if let (Some(count), Ok(a), Ok(b)) =
                (ridge_count(ridges, readable, (m.x, m.y), (n.x, n.y)), u16::try_from(a), u16::try_from(b))
            {
                counts.push(NeighbourCount { a, b, count });
            }
        }
    }
    counts
}
