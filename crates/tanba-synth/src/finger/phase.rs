//! Ridges from their phase, on a coarse lattice (fast).
//!
//! A ridge pattern is the cosine of a phase that grows by one turn per period across the ridges (AM-FM model: Larkin and Fletcher
//! 2007). With direction and period given, neighbouring nodes of a lattice know by how much their phases should differ; this cannot hold
//! everywhere, and where it fails round a cell by a whole turn there is a minutia. Starting from chance, each node takes the
//! mean of what its neighbours expect it to be: the growth of Cappelli, Maio and Maltoni with the carrier wave taken out, on one
//! node for 64 pixels. Minutiae appear and annihilate as they do there, and a few passes over the lattice cost less than one over
//! the pixels.
//!
//! The normal of a ridge is known up to its sign only. Turning it round conjugates the phase, so the link between two nodes whose
//! normals point apart conjugates too; round a core or delta one link always does, and nothing special has to be done.

use std::f64::consts::TAU;

use crate::exact;
use crate::random::Stream;

use super::growth::{Grown, refine};
use super::islands::Island;
use super::parameters::{
    GROWTH_SCALE, LATTICE_STEP, PHASE_DIAGONAL, PHASE_GAIN, PHASE_OWN, PHASE_PASSES, PHASE_REFINING_PASSES,
};
use super::plan::{FieldLattice, RidgePlan};

/// What a link asks: multiply by this phase factor, and conjugate first where the normals point apart.
#[derive(Clone, Copy)]
struct Link {
    cos: f32,
    sin: f32,
    apart: bool,
}

/// A node's ridge normal in image coordinates times its wave number, radians per pixel.
type WaveVector = (f32, f32);

/// Ridges that follow the fields, drawn from the stream.
pub(super) fn synthesise(lattice: &FieldLattice, plan: &RidgePlan, islands: &[Island], stream: &mut Stream) -> Grown {
    let vectors = wave_vectors(lattice);
    let mut amplitudes = anneal(lattice, &vectors, stream);
    place(lattice, &vectors, islands, &mut amplitudes);
    let guess = spread(lattice, plan, &vectors, &amplitudes);
    refine(plan, &guess, PHASE_REFINING_PASSES)
}

fn wave_vectors(lattice: &FieldLattice) -> Vec<WaveVector> {
    let vector = |(&(c, s), &period): (&(f32, f32), &f32)| {
        // Ridge direction as seen is (cos, -sin) of the angle in image coordinates; its normal is (sin, cos).
        let (sin, cos) = exact::sin_cos(0.5 * exact::atan2(f64::from(s), f64::from(c)));
        let k = TAU / f64::from(period);
        ((k * sin) as f32, (k * cos) as f32)
    };
    lattice.doubled.iter().zip(&lattice.period).map(vector).collect()
}

/// Offsets of the links that lead forward from a node, in columns and rows.
const FORWARD: [(isize, usize); 4] = [(1, 0), (0, 1), (1, 1), (-1, 1)];

/// The complex amplitude at each node.
fn anneal(lattice: &FieldLattice, vectors: &[WaveVector], stream: &mut Stream) -> Vec<(f32, f32)> {
    let (columns, rows) = (lattice.columns, lattice.rows);
    let mut noise = vec![0.0; 2 * columns * rows];
    stream.fill_noise(&mut noise);
    let mut now: Vec<(f32, f32)> = noise.chunks_exact(2).map(|n| (n[0], n[1])).collect();
    let links: [Vec<Link>; 4] = FORWARD.map(|offset| links(lattice, vectors, offset));
    let mut next = vec![(0.0, 0.0); columns * rows];
    for _ in 0..PHASE_PASSES {
        for (n, z) in next.iter_mut().zip(&now) {
            *n = (PHASE_OWN * z.0, PHASE_OWN * z.1);
        }
        for ((dx, dy), links) in FORWARD.into_iter().zip(&links) {
            let weight = if dx != 0 && dy != 0 { PHASE_DIAGONAL } else { 1.0 };
            for row in 0..rows - dy {
                let (first, last) = span(columns, dx);
                for column in first..last {
                    let i = row * columns + column;
                    let j = (i + dy * columns).wrapping_add_signed(dx);
                    let link = links[i];
                    let (a, b) = (now[i], now[j]);
                    let (p, q) = if link.apart {
                        // Both ways the neighbour is conjugated and turned back.
                        (turned((b.0, -b.1), (link.cos, -link.sin)), turned((a.0, -a.1), (link.cos, -link.sin)))
                    } else {
                        (turned(b, (link.cos, -link.sin)), turned(a, (link.cos, link.sin)))
                    };
                    next[i] = (next[i].0 + weight * p.0, next[i].1 + weight * p.1);
                    next[j] = (next[j].0 + weight * q.0, next[j].1 + weight * q.1);
                }
            }
        }
        for (z, n) in now.iter_mut().zip(&next) {
            let (re, im) = (PHASE_GAIN * n.0, PHASE_GAIN * n.1);
            // Ridges stop growing at their full height.
            let over = (re * re + im * im).sqrt().max(1.0);
            *z = (re / over, im / over);
        }
    }
    now
}

/// Columns whose neighbour at this offset exists.
fn span(columns: usize, dx: isize) -> (usize, usize) {
    if dx < 0 { (1, columns) } else { (0, columns - dx.unsigned_abs()) }
}

fn links(lattice: &FieldLattice, vectors: &[WaveVector], (dx, dy): (isize, usize)) -> Vec<Link> {
    let (columns, rows) = (lattice.columns, lattice.rows);
    let mut out = vec![Link { cos: 1.0, sin: 0.0, apart: false }; columns * rows];
    let step = LATTICE_STEP as f64;
    let (first, last) = span(columns, dx);
    for row in 0..rows - dy {
        for column in first..last {
            let i = row * columns + column;
            let j = (i + dy * columns).wrapping_add_signed(dx);
            let (a, b) = (vectors[i], vectors[j]);
            let apart = a.0 * b.0 + a.1 * b.1 < 0.0;
            let sign = if apart { -1.0 } else { 1.0 };
            let mean = (f64::from(a.0 + sign * b.0) / 2.0, f64::from(a.1 + sign * b.1) / 2.0);
            let (sin, cos) = exact::sin_cos(step * (mean.0 * dx as f64 + mean.1 * dy as f64));
            out[i] = Link { cos: cos as f32, sin: sin as f32, apart };
        }
    }
    out
}

fn turned(z: (f32, f32), by: (f32, f32)) -> (f32, f32) {
    (z.0 * by.0 - z.1 * by.1, z.0 * by.1 + z.1 * by.0)
}

/// Turns the phase round the ends of the islands.
fn place(lattice: &FieldLattice, vectors: &[WaveVector], islands: &[Island], amplitudes: &mut [(f32, f32)]) {
    let step = LATTICE_STEP as f64;
    let mut turns = vec![0.0_f32; amplitudes.len()];
    for island in islands {
        let ((left, right), (top, bottom)) = island.span();
        let node = |v: f64, n: usize| ((v / step).max(0.0) as usize).min(n);
        for row in node(top, lattice.rows)..node(bottom + step, lattice.rows) {
            for column in node(left, lattice.columns)..node(right + step, lattice.columns) {
                let i = row * lattice.columns + column;
                let normal = (f64::from(vectors[i].0), f64::from(vectors[i].1));
                turns[i] += island.turn(column as f64 * step, row as f64 * step, normal);
            }
        }
    }
    for (z, turn) in amplitudes.iter_mut().zip(turns) {
        let (s, c) = exact::sin_cos(f64::from(turn));
        *z = turned(*z, (c as f32, s as f32));
    }
}

/// The wave on the growth grid: each node's own plane wave, faded into its neighbours'.
fn spread(lattice: &FieldLattice, plan: &RidgePlan, vectors: &[WaveVector], amplitudes: &[(f32, f32)]) -> Vec<f32> {
    /// Growth pixels from one node to the next.
    const REACH: usize = LATTICE_STEP / GROWTH_SCALE;
    const SIDE: usize = 2 * REACH - 1;
    let mut out = vec![0.0; plan.width * plan.height];
    for row in 0..lattice.rows {
        for column in 0..lattice.columns {
            let i = row * lattice.columns + column;
            let (kx, ky) = (f64::from(vectors[i].0), f64::from(vectors[i].1));
            let offset = |k: usize| (k as f64 - (REACH - 1) as f64) * GROWTH_SCALE as f64;
            let fade = |k: usize| 1.0 - (k as f32 - (REACH - 1) as f32).abs() / REACH as f32;
            let across: [(f32, f32); SIDE] = std::array::from_fn(|k| {
                let (s, c) = exact::sin_cos(kx * offset(k));
                (c as f32 * fade(k), s as f32 * fade(k))
            });
            for k in 0..SIDE {
                let Some(y) = (row * REACH + k).checked_sub(REACH - 1).filter(|y| *y < plan.height) else { continue };
                let (s, c) = exact::sin_cos(ky * offset(k));
                let z = turned(amplitudes[i], (c as f32 * fade(k), s as f32 * fade(k)));
                for (l, wave) in across.iter().enumerate() {
                    let Some(x) = (column * REACH + l).checked_sub(REACH - 1).filter(|x| *x < plan.width) else {
                        continue;
                    };
                    out[y * plan.width + x] += z.0 * wave.0 - z.1 * wave.1;
                }
            }
        }
    }
    out
}
