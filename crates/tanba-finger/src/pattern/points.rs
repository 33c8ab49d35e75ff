//! Which zeros of the field are cores and deltas.

use std::f32::consts::TAU;

use super::field::{Field, Zero};
use super::{Core, Delta};
use crate::exact::Exact;

/// Most cores and most deltas that a finger has: whorls have two of each.
const MOST: usize = 2;
/// A point of the fine field must have one of its kind in the coarse field this near, pixels.
const PERSISTS_WITHIN: f32 = 28.0;
/// A core and a delta nearer than this are one accident and vanish together, pixels (about two ridges).
const CANCEL: f32 = 20.0;
/// Radius about a point in which the print must be readable, pixels, and how much of it.
const MARGIN: f32 = 16.0;
const MARGIN_SHARE: f32 = 0.95;
/// Reach of the filter that measures how much the flow is that of a core or delta, pixels (standard deviation).
const SYMMETRY_REACH: f32 = 14.0;
/// Points of less confidence than this are dropped: true ones of synthetic prints of all presets but latents have more (cores 0.77,
/// deltas 0.92), false ones on the backgrounds of latents 0.80 in the middle.
const CORE_MIN: f32 = 0.75;
const DELTA_MIN: f32 = 0.9;

/// Cores and deltas, the surest first.
pub(super) fn find(field: &Field) -> (Vec<Core>, Vec<Delta>) {
    let mut zeros = persisting(&field.fine.zeros(), &field.coarse.zeros());
    zeros.retain(|z| field.share_readable(z.x, z.y, MARGIN) >= MARGIN_SHARE);
    cancel(&mut zeros);
    let mut cores = Vec::new();
    let mut deltas = Vec::new();
    for z in zeros {
        let (confidence, a) = field.symmetry(z.x, z.y, z.core, SYMMETRY_REACH);
        if confidence < if z.core { CORE_MIN } else { DELTA_MIN } {
            continue;
        }
        // Rows grow downward in the field, angles of the answer are as seen.
        if z.core {
            cores.push(Core { x: z.x, y: z.y, direction: as_seen(a), confidence });
        } else {
            // The flow 2t = a - phi runs along the ray where 3 phi = a.
            let mut directions = [0.0, 1.0, 2.0].map(|k| as_seen((a + k * TAU) / 3.0));
            directions.sort_by(f32::total_cmp);
            deltas.push(Delta { x: z.x, y: z.y, directions, confidence });
        }
    }
    // Stable, so equals stay in raster order.
    cores.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    deltas.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    cores.truncate(MOST);
    deltas.truncate(MOST);
    (cores, deltas)
}

/// Fine zeros that are still there in the coarse field: each coarse zero keeps one, nearest pairs first.
fn persisting(fine: &[Zero], coarse: &[Zero]) -> Vec<Zero> {
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for (c, there) in coarse.iter().enumerate() {
        for (f, here) in fine.iter().enumerate() {
            let away = (here.x - there.x).hypot_exact(here.y - there.y);
            if here.core == there.core && away <= PERSISTS_WITHIN {
                pairs.push((away, c, f));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut taken, mut kept) = (vec![false; coarse.len()], vec![false; fine.len()]);
    for (_, c, f) in pairs {
        if !taken[c] && !kept[f] {
            (taken[c], kept[f]) = (true, true);
        }
    }
    fine.iter().zip(kept).filter(|(_, k)| *k).map(|(z, _)| *z).collect()
}

/// Takes the nearest core and delta away as long as they are too near to be two events.
fn cancel(zeros: &mut Vec<Zero>) {
    loop {
        let mut nearest: Option<(f32, usize, usize)> = None;
        for i in 0..zeros.len() {
            for j in i + 1..zeros.len() {
                let away = (zeros[i].x - zeros[j].x).hypot_exact(zeros[i].y - zeros[j].y);
                if zeros[i].core != zeros[j].core && away < CANCEL && nearest.is_none_or(|n| away < n.0) {
                    nearest = Some((away, i, j));
                }
            }
        }
        let Some((_, i, j)) = nearest else { return };
        // The later one first, so that the other's place stays.
        zeros.remove(j);
        zeros.remove(i);
    }
}

/// An angle of the image's own axes, rows growing downward, as seen: counter-clockwise, in `[0, 2 pi)`.
fn as_seen(angle: f32) -> f32 {
    let turned = (-angle).rem_euclid(TAU);
    if turned >= TAU { 0.0 } else { turned }
}
