//! Ridge-valley uniformity: widths of neighbouring ridges and valleys against each other.

use super::blocks::{ACROSS, Blocks, Cut, changes, ridges_and_valleys};

/// One ratio for each pair of neighbours in each block of print.
pub(super) fn values(blocks: &Blocks<'_>) -> Vec<f64> {
    blocks.printed().flat_map(|k| ratios(&ridges_and_valleys(&blocks.strip(k, Cut::Aside)).0)).collect()
}

/// Widths are read from the far end; the last line, the two at the rims and the first whole one are left out, and every second
/// ratio is inverted so that all say the same kind over the other. This is the order in which the expected values come out.
fn ratios(ridge: &[bool; ACROSS]) -> Vec<f64> {
    let changes = changes(&ridge[..ACROSS - 1]);
    let widths: Vec<f64> = changes.windows(2).skip(1).rev().map(|w| (w[1] - w[0]) as f64).collect();
    let Some(&first) = changes.first() else { return Vec::new() };
    let inverted = usize::from(ridge[first + 1]);
    widths
        .windows(2)
        .enumerate()
        .map(|(i, w)| if i >= inverted && (i - inverted) % 2 == 0 { 1.0 / (w[0] / w[1]) } else { w[0] / w[1] })
        .collect()
}
