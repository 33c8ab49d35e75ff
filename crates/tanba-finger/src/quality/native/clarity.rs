//! Local clarity: how few pixels of a block's ridges are as light as a valley, and the reverse.

use super::blocks::{ALONG, Blocks, Cut, changes, ridges_and_valleys};

/// Mean width of ridges that can be, pixels at 500 ppi.
const RIDGE: (f64, f64) = (3.0, 10.0);
/// Mean width of valleys that can be, pixels at 500 ppi.
const VALLEY: (f64, f64) = (2.0, 10.0);
/// Widths are told in this unit, five pixels of a scanner of 125 ppi.
const UNIT: f64 = 20.0;

/// One value for each block of print, 0 (none) to 1 (clear).
pub(super) fn values(blocks: &Blocks<'_>) -> Vec<f64> {
    blocks.printed().map(|k| clarity(blocks, k)).collect()
}

fn clarity(blocks: &Blocks<'_>, k: usize) -> f64 {
    let strip = blocks.strip(k, Cut::Middle);
    let (ridge, level) = ridges_and_valleys(&strip);
    let changes = changes(&ridge);
    if changes.is_empty() {
        return 0.0;
    }
    // The first width is counted from the rim of the strip, the last change ends the last one.
    let widths = changes.iter().scan(0, |last, &at| Some(at - std::mem::replace(last, at)));
    let mut sums = [(0.0, 0usize); 2];
    for (i, width) in widths.enumerate() {
        let of = &mut sums[usize::from(ridge[0] == (i % 2 == 0))];
        *of = (of.0 + width as f64 / UNIT, of.1 + 1);
    }
    let mean = |(sum, n): (f64, usize)| if n == 0 { 0.0 } else { sum * (1.0 / n as f64) };
    let can_be = |width: f64, (least, most): (f64, f64)| width >= least / UNIT && width <= most / UNIT;
    if !can_be(mean(sums[1]), RIDGE) || !can_be(mean(sums[0]), VALLEY) {
        return 0.0;
    }
    let (mut wrong, mut all) = ([0usize; 2], [0usize; 2]);
    for ((line, &is_ridge), &level) in strip.iter().zip(&ridge).zip(&level) {
        let light = line.iter().filter(|&&v| f64::from(v) >= level).count();
        wrong[usize::from(is_ridge)] += if is_ridge { light } else { ALONG - light };
        all[usize::from(is_ridge)] += ALONG;
    }
    let share = |kind: usize| wrong[kind] as f64 / all[kind] as f64;
    1.0 - (share(0) + share(1)) / 2.0
}
