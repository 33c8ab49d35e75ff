//! How prints lie in a GPU's memory.
//!
//! A print is [`ROWS`] words of 64 bits: the words of its cylinders, one cylinder after the other; its minutiae, place and direction in one word;
//! how many there are. What the kernel can count itself (the set bits of a cylinder) is left out. A gallery is cut into tiles of [`TILE`] prints, and
//! a tile holds the first word of all of them, then the second, so that neighbouring threads, each with a print of its own, read neighbouring words.

use super::super::{LANES, ScanPrint, WORDS};

/// Words of a packed print.
pub(super) const ROWS: usize = LANES * WORDS + LANES + 1;
/// Prints of a tile: the threads of a GPU that go in step.
pub(super) const TILE: usize = 32;

/// A print alone, as a probe.
pub(super) fn alone(print: &ScanPrint) -> [u64; ROWS] {
    let mut rows = [0; ROWS];
    let (words, rest) = rows.split_at_mut(LANES * WORDS);
    for (lane, cylinder) in words.chunks_exact_mut(WORDS).enumerate() {
        for (word, packed) in cylinder.iter_mut().enumerate() {
            *packed = print.words[word][lane];
        }
    }
    for (lane, packed) in rest[..LANES].iter_mut().enumerate() {
        let bits = |v: i16| u64::from(v as u16);
        *packed =
            bits(print.x[lane]) | bits(print.y[lane]) << 16 | bits(print.cos[lane]) << 32 | bits(print.sin[lane]) << 48;
    }
    rest[LANES] = u64::from(print.count).min(LANES as u64);
    rows
}

/// Prints of a gallery in tiles; the last one is filled up with prints that have nothing.
pub(super) fn tiled(prints: &[ScanPrint]) -> Vec<u64> {
    let mut words = vec![0; prints.len().div_ceil(TILE) * TILE * ROWS];
    for (tile, prints) in words.chunks_exact_mut(TILE * ROWS).zip(prints.chunks(TILE)) {
        for (place, print) in prints.iter().enumerate() {
            for (row, word) in alone(print).into_iter().enumerate() {
                tile[row * TILE + place] = word;
            }
        }
    }
    words
}
