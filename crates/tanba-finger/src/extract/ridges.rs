//! The ridge map: where the enhanced image is ridge, without specks and pores.

use crate::sink::{Mask, Plane};

/// Ridge where the enhanced image is positive and readable; small islands removed, small holes filled.
pub(crate) fn ridge_map(enhanced: &Plane, readable: &Mask, island: usize, hole: usize) -> Mask {
    let mut map = Mask {
        width: enhanced.width,
        height: enhanced.height,
        data: enhanced.data.iter().zip(&readable.data).map(|(&v, &m)| m && v > 0.0).collect(),
    };
    flip_small(&mut map, true, island);
    flip_small(&mut map, false, hole);
    map
}

/// Flips every 4-connected (holes) or 8-connected (islands) piece of value `what` that has fewer than `area` samples.
pub(crate) fn flip_small(map: &mut Mask, what: bool, area: usize) {
    let (w, h) = (map.width, map.height);
    let mut seen = vec![false; map.data.len()];
    let mut piece: Vec<usize> = Vec::new();
    for start in 0..map.data.len() {
        if map.data[start] != what || seen[start] {
            continue;
        }
        piece.clear();
        piece.push(start);
        seen[start] = true;
        let mut next = 0;
        while let Some(&p) = piece.get(next) {
            next += 1;
            let (x, y) = (p % w, p / w);
            for yy in y.saturating_sub(1)..=(y + 1).min(h - 1) {
                for xx in x.saturating_sub(1)..=(x + 1).min(w - 1) {
                    let q = yy * w + xx;
                    let near = what || xx == x || yy == y;
                    if near && !seen[q] && map.data[q] == what {
                        seen[q] = true;
                        piece.push(q);
                    }
                }
            }
        }
        if piece.len() < area {
            for &p in &piece {
                map.data[p] = !what;
            }
        }
    }
}
