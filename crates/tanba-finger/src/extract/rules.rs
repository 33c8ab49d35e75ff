//! Which ends and forks are minutiae: breaks, pores, touching ridges and the rim of the print are not.

use super::cells::Cells;
use super::gabor::TILE;
use super::lines::Node;
use crate::exact::Exact;
use crate::params::ExtractParams;
use crate::sink::{Flow, Mask};
use crate::{Minutia, MinutiaKind};
use std::f32::consts::TAU;

/// A node with the direction it would have as a minutia, and how good it looks.
#[derive(Debug, Clone)]
struct Candidate {
    x: f32,
    y: f32,
    fork: bool,
    /// Unit vector of the minutia direction, x right, y down.
    dir: (f32, f32),
    quality: f32,
    alive: bool,
}

/// The minutiae among the nodes, best first.
pub(crate) fn judge(
    nodes: &[Node],
    rim: &Cells,
    flow: &Flow,
    period: &Cells,
    certainty: &Cells,
    params: &ExtractParams,
) -> Vec<Minutia> {
    let mut all: Vec<Candidate> = nodes
        .iter()
        .filter_map(|n| {
            let d = rim.at(n.x, n.y);
            let need = if n.fork { 0.6 * params.border } else { params.border };
            (d >= need).then(|| candidate(n, flow, period, certainty, d, params))
        })
        .collect();
    drop_pairs(&mut all, period, params);
    let mut minutiae: Vec<Minutia> = all
        .iter()
        .filter(|c| c.alive)
        .map(|c| Minutia {
            x: c.x,
            y: c.y,
            // Counter-clockwise as seen: rows grow downward.
            direction: (-c.dir.1).atan2_exact(c.dir.0).rem_euclid(TAU),
            kind: if c.fork { MinutiaKind::Bifurcation } else { MinutiaKind::Ending },
            quality: (100.0 * c.quality).round().clamp(1.0, 100.0) as u8,
        })
        .map(Minutia::rounded)
        .collect();
    minutiae.sort_by(|a, b| b.quality.cmp(&a.quality).then(a.y.total_cmp(&b.y)).then(a.x.total_cmp(&b.x)));
    minutiae.truncate(params.minutiae_max);
    minutiae
}

/// Direction: the line of the flow field, its sense from the traced ridge.
fn candidate(n: &Node, flow: &Flow, period: &Cells, certainty: &Cells, rim: f32, params: &ExtractParams) -> Candidate {
    let angle = flow.angle_at(n.x, n.y);
    let (sin, cos) = angle.sin_cos_exact();
    // Two branches of a fork leave forward and one backward: their sum points forward, as an end's single branch does.
    let (sx, sy) = n.branches.iter().fold((0.0, 0.0), |(x, y), b| (x + b.0, y + b.1));
    let sense = if sx * cos + sy * sin >= 0.0 { 1.0 } else { -1.0 };
    let sure = certainty.at(n.x, n.y);
    let reach = n.reach as f32 / params.trace_length as f32;
    let inside = (rim / (3.0 * params.border)).min(1.0);
    // The event itself, so that it stays in place when more pressure turns an end into a fork.
    let shift =
        if n.fork { params.fork_shift * period.at(n.x, n.y) - params.fork_shift_less } else { -params.ending_shift };
    Candidate {
        x: n.x + shift * sense * cos,
        y: n.y + shift * sense * sin,
        fork: n.fork,
        dir: (sense * cos, sense * sin),
        quality: sure * (0.5 + 0.5 * reach) * (0.6 + 0.4 * inside),
        alive: true,
    }
}

/// Pairs that explain each other away.
fn drop_pairs(all: &mut [Candidate], period: &Cells, params: &ExtractParams) {
    for i in 0..all.len() {
        for j in i + 1..all.len() {
            let (a, b) = (&all[i], &all[j]);
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let d = dx.hypot_exact(dy);
            if d > 30.0 {
                continue;
            }
            let lambda = period.at(a.x, a.y);
            let facing = a.dir.0 * b.dir.0 + a.dir.1 * b.dir.1;
            // An end's body lies along its direction: facing ends look away from each other.
            let out = a.dir.0 * dx + a.dir.1 * dy;
            let broken = !a.fork && !b.fork && d < params.broken_ridge * lambda && facing < -0.7 && out < 0.3 * d;
            let lake = a.fork && b.fork && d < params.lake * lambda && facing < -0.5;
            // An end beside a fork of the opposite sense: a hair or a touching, not two events.
            let hair = a.fork != b.fork && d < params.lake * lambda && facing < -0.5;
            if broken || lake || hair {
                all[i].alive = false;
                all[j].alive = false;
            } else if d < params.knot {
                let worse = if a.quality < b.quality { i } else { j };
                all[worse].alive = false;
            }
        }
    }
}

/// Distance in pixels from the middle of each tile to the nearest place outside the mask or the image, by two sweeps of
/// a 3-4 chamfer over the tiles.
pub(crate) fn distance_inside(mask: &Mask) -> Cells {
    let (w, h) = (mask.width as isize, mask.height as isize);
    let (straight, slant) = (TILE as f32, 4.0 / 3.0 * TILE as f32);
    let mut d: Vec<f32> = mask.data.iter().map(|&m| if m { f32::MAX } else { 0.0 }).collect();
    let mut sweep = |order: &mut dyn Iterator<Item = isize>, near: [(isize, isize, f32); 4]| {
        for k in order {
            let (x, y) = (k % w, k / w);
            if d[k as usize] == 0.0 {
                continue;
            }
            for (dx, dy, cost) in near {
                let (x, y) = (x + dx, y + dy);
                let inside = (0..w).contains(&x) && (0..h).contains(&y);
                let from = if inside { d[(y * w + x) as usize] } else { 0.0 };
                d[k as usize] = d[k as usize].min(from + cost);
            }
        }
    };
    sweep(&mut (0..w * h), [(-1, 0, straight), (0, -1, straight), (-1, -1, slant), (1, -1, slant)]);
    sweep(&mut (0..w * h).rev(), [(1, 0, straight), (0, 1, straight), (1, 1, slant), (-1, 1, slant)]);
    // From the middle of the tile outside to its edge.
    d.iter_mut().for_each(|v| *v = (*v - 0.5 * TILE as f32).max(0.0));
    Cells { cell: TILE, width: mask.width, height: mask.height, data: d }
}
