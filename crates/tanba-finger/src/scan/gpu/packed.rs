//! How prints lie in a GPU's memory.
//!
//! A print is [`ROWS`] words of 64 bits, its fields one after the other. A gallery is cut into tiles of [`TILE`] prints, and a tile holds the first word
//! of all of them, then the second, so that neighbouring threads, each with a print of its own, read neighbouring words.

use super::super::{LANES, ScanPrint, ones, probe_weight};

/// Words of a packed print.
pub(super) const ROWS: usize = ScanPrint::BYTES / 8;
/// Prints of a tile: the threads of a GPU that go in step.
pub(super) const TILE: usize = 32;

fn rows(print: &ScanPrint) -> impl Iterator<Item = u64> {
    let (places, turns): ([u64; LANES / 2], [u64; LANES / 2]) = (pulp::cast(print.places), pulp::cast(print.turns));
    let (codes, words) = (print.codes.as_flattened(), print.words.as_flattened());
    codes.iter().copied().chain(places).chain(turns).chain(words.iter().copied())
}

/// A print as a probe: places and weights are those of [`super::super::ScanProbe`].
pub(super) fn probe(print: &ScanPrint) -> Vec<u64> {
    let mut probe = print.clone();
    probe.places.as_flattened_mut().iter_mut().for_each(|v| *v = v.saturating_mul(2));
    for ([_, weight], words) in probe.turns.iter_mut().zip(&probe.words) {
        *weight = probe_weight(ones(words));
    }
    rows(&probe).collect()
}

/// Prints of a gallery in tiles; the last one is filled up with prints that have nothing.
pub(super) fn tiled(prints: &[ScanPrint]) -> Vec<u64> {
    let mut words = vec![0; prints.len().div_ceil(TILE) * TILE * ROWS];
    for (tile, prints) in words.chunks_exact_mut(TILE * ROWS).zip(prints.chunks(TILE)) {
        for (place, print) in prints.iter().enumerate() {
            for (row, word) in rows(print).enumerate() {
                tile[row * TILE + place] = word;
            }
        }
    }
    words
}
