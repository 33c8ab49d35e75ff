//! Orientation flow: how much the direction of a block differs from those of its eight neighbours.

use super::blocks::Blocks;

/// Differences up to this are a flow like any other and say nothing, radians.
const LEAST: f64 = 4.0 * std::f64::consts::PI / 180.0;
/// What 1 stands for above that.
const RANGE: f64 = std::f64::consts::FRAC_PI_2 - LEAST;

/// One value for each block whose neighbours are all print and that differs by more than four degrees.
pub(super) fn values(blocks: &Blocks<'_>) -> Vec<f64> {
    let w = blocks.columns;
    let mut out = Vec::new();
    for y in 1..blocks.rows.saturating_sub(1) {
        for x in 1..w.saturating_sub(1) {
            let around = || (y - 1..=y + 1).flat_map(|v| (x - 1..=x + 1).map(move |u| v * w + u));
            if !around().all(|k| blocks.print[k]) {
                continue;
            }
            let own = blocks.normal[y * w + x];
            let difference = around().map(|k| (own - blocks.normal[k]).abs()).sum::<f64>() / 8.0;
            if difference > LEAST {
                out.push((difference - LEAST) / RANGE);
            }
        }
    }
    out
}
