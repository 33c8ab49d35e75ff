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
///
/// Works on runs along the rows, joined by union-find where they touch.
pub(crate) fn flip_small(map: &mut Mask, what: bool, area: usize) {
    let w = map.width;
    let mut runs = pieces(map, what);
    for k in 0..runs.len() {
        let root = root_of(&mut runs, k);
        if runs[root].area < area {
            let Run { row, from, to, .. } = runs[k];
            map.data[row * w + from..row * w + to].fill(!what);
        }
    }
}

/// Samples of the largest 8-connected piece of set ones.
pub(crate) fn largest_piece(map: &Mask) -> usize {
    pieces(map, true).iter().map(|r| r.area).max().unwrap_or(0)
}

/// The runs of one value, joined to pieces.
fn pieces(map: &Mask, what: bool) -> Vec<Run> {
    let (w, h) = (map.width, map.height);
    let mut runs: Vec<Run> = Vec::new();
    let mut above = 0..0;
    for y in 0..h {
        let row = &map.data[y * w..(y + 1) * w];
        let start_of_row = runs.len();
        let mut x = 0;
        let mut near = above.start;
        while let Some(skip) = row[x..].iter().position(|&v| v == what) {
            let from = x + skip;
            x = from + row[from..].iter().position(|&v| v != what).unwrap_or(w - from);
            let this = runs.len();
            runs.push(Run { row: y, from, to: x, root: this, area: x - from });
            // Runs of the row above that touch this one, corners counting for islands.
            let reach = usize::from(what);
            while near < above.end && runs[near].to + reach <= from {
                near += 1;
            }
            let mut k = near;
            while k < above.end && runs[k].from < x + reach {
                join(&mut runs, k, this);
                k += 1;
            }
            if x == w {
                break;
            }
        }
        above = start_of_row..runs.len();
    }
    runs
}

/// Samples of one value side by side, `from..to` in a row.
struct Run {
    row: usize,
    from: usize,
    to: usize,
    /// Another run of the same piece, itself for the first.
    root: usize,
    /// Samples of the whole piece, right for a root.
    area: usize,
}

fn root_of(runs: &mut [Run], mut k: usize) -> usize {
    while runs[k].root != k {
        runs[k].root = runs[runs[k].root].root;
        k = runs[k].root;
    }
    k
}

fn join(runs: &mut [Run], a: usize, b: usize) {
    let (a, b) = (root_of(runs, a), root_of(runs, b));
    if a != b {
        let (first, second) = (a.min(b), a.max(b));
        runs[second].root = first;
        runs[first].area += runs[second].area;
    }
}

#[cfg(test)]
mod tests {
    use super::flip_small;
    use crate::sink::Mask;

    fn mask(rows: &[&str]) -> Mask {
        let data = rows.iter().flat_map(|r| r.bytes().map(|b| b == b'#')).collect();
        Mask { width: rows[0].len(), height: rows.len(), data }
    }

    #[test]
    fn islands_join_at_corners_and_holes_do_not() {
        let drawn = ["#..#....", ".##...#.", "........", "##.##.##", "#.#.#..#", "##.#####"];
        let mut islands = mask(&drawn);
        flip_small(&mut islands, true, 4);
        assert_eq!(islands, mask(&["#..#....", ".##.....", "........", "##.##.##", "#.#.#..#", "##.#####"]));
        let mut holes = mask(&drawn);
        flip_small(&mut holes, false, 2);
        // The hole at (1, 4) touches others only at corners; the one at (3, 4) too; so does (2, 5).
        assert_eq!(holes, mask(&["#..#....", ".##...#.", "........", "##.##.##", "#####..#", "########"]));
    }

    #[test]
    fn a_spiral_is_one_piece() {
        let drawn = ["#######", "#.....#", "#.###.#", "#.#.#.#", "#.#...#", "#.#####", "#......"];
        let mut map = mask(&drawn);
        flip_small(&mut map, true, 26);
        assert_eq!(map, mask(&drawn));
        flip_small(&mut map, true, 100);
        assert_eq!(map.count(), 0);
    }
}
