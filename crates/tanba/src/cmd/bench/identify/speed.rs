//! How fast the first look is, and how fast this machine could be at it at most.

use std::time::Instant;

use tanba_finger::scan::{Instructions, ScanPrint, ScanProbe, matrix_work, roof_work, scan_with};

/// Times each speed is measured; the best counts, because others share the machine.
const TIMES: usize = 40;
/// Words that memory is read by: far more than caches hold.
const WORDS: usize = 1 << 25;
/// Times that memory is read.
const READ: usize = 5;

/// Words for the roof: they and the probe fit the fastest cache. And how often they are gone through in one measurement.
const ROOF_WORDS: usize = 600;
const ROOF_REPEATS: usize = 400;
/// Prints that stay in a cache near the core, and how often they are gone through.
const NEAR: usize = 100;
const NEAR_REPEATS: usize = 40;

/// The speeds of one run.
pub(super) struct Speed {
    pub(super) prints_per_s: f64,
    pub(super) instructions: &'static str,
    /// Bytes that one core reads from memory in a second; `None` in a build without optimisation, whose loops are slower than memory.
    pub(super) stream_bytes_per_s: Option<f64>,
    /// Share of the popcount roof, measured in the same run, that the inner loop of the first look reaches.
    pub(super) roof_fraction: Option<f64>,
}

impl Speed {
    pub(super) fn measured(prints: &[ScanPrint]) -> Self {
        let stream_bytes_per_s = (!cfg!(debug_assertions)).then(stream_bytes_per_s);
        let found = prints
            .iter()
            .find(|print| print.comparable())
            .and_then(|probe| Some((probe, on_this_machine(probe).next()?)));
        let Some((probe, (with, instructions))) = found else {
            return Self { prints_per_s: 0.0, instructions: "none", stream_bytes_per_s, roof_fraction: None };
        };
        let prints_per_s = prints_per_s(with, probe, prints);
        let roof_fraction = roof_fraction(with, probe, prints);
        Self { prints_per_s, instructions, stream_bytes_per_s, roof_fraction }
    }
}

/// The instructions that this machine has, the widest first, with their names.
pub(in super::super) fn on_this_machine(any: &ScanPrint) -> impl Iterator<Item = (Instructions, &'static str)> {
    [(Instructions::Avx512, "AVX-512"), (Instructions::Avx2, "AVX2"), (Instructions::Plain, "plain")]
        .into_iter()
        .filter(move |(with, _)| scan_with(*with, any, &[], &mut []))
}

/// Prints a second and core that a first look goes through.
pub(in super::super) fn prints_per_s(with: Instructions, probe: &ScanPrint, prints: &[ScanPrint]) -> f64 {
    let mut scores = vec![0; prints.len()];
    let mut best = f64::INFINITY;
    for _ in 0..TIMES {
        let begun = Instant::now();
        scan_with(with, probe, prints, &mut scores);
        best = best.min(begun.elapsed().as_secs_f64());
    }
    prints.len() as f64 / best
}

/// What share of its roof the inner loop of the first look reaches: bytes of codes held against each other in a second, over those that the
/// same instructions join, count and add up when they do nothing else.
fn roof_fraction(with: Instructions, probe: &ScanPrint, prints: &[ScanPrint]) -> Option<f64> {
    let probe = ScanProbe::of(probe);
    let words: Vec<u64> = (0..ROOF_WORDS as u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
    let near = &prints[..prints.len().min(NEAR)];
    let roof = best_rate(|| roof_work(with, &probe, &words, ROOF_REPEATS));
    let matrix = best_rate(|| matrix_work(with, &probe, near, NEAR_REPEATS));
    Some(matrix? / roof?)
}

/// The most bytes in a second of some runs.
fn best_rate(work: impl Fn() -> Option<u64>) -> Option<f64> {
    let mut best = 0f64;
    for _ in 0..TIMES {
        let begun = Instant::now();
        let bytes = work()?;
        best = best.max(bytes as f64 / begun.elapsed().as_secs_f64());
    }
    Some(best)
}

/// The best of a few sums over more memory than caches hold.
fn stream_bytes_per_s() -> f64 {
    let words: Vec<u64> = (0..WORDS as u64).collect();
    let mut best = f64::INFINITY;
    for _ in 0..READ {
        let begun = Instant::now();
        let sum = core::hint::black_box(&words).iter().fold(0u64, |sum, word| sum.wrapping_add(*word));
        core::hint::black_box(sum);
        best = best.min(begun.elapsed().as_secs_f64());
    }
    (WORDS * size_of::<u64>()) as f64 / best
}
