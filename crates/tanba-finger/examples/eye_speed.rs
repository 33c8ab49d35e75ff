//! How fast the learned look at a print is on one core, and how near to what the core can do.
//!
//! ```text
//! cargo run --release -p tanba-finger --example eye_speed -- [WEIGHTS]
//! ```
//!
//! Without a weights file it takes invented weights, which take as long.
#![allow(clippy::print_stdout)] // figures are what it is for

use std::process::ExitCode;
use std::time::{Duration, Instant};

use tanba_finger::Plane;
use tanba_finger::eye::{Eye, invented, peak_work};
use tanba_finger::scan::Instructions;

/// Images that are timed; of each layer the fastest counts.
const TIMES: usize = 15;
const SIZES: [(usize, usize); 3] = [(388, 374), (300, 300), (640, 480)];

fn main() -> ExitCode {
    let bytes = match std::env::args().nth(1) {
        None => invented(1),
        Some(path) => match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                println!("{path}: {error}");
                return ExitCode::FAILURE;
            }
        },
    };
    let eye = match Eye::read(&bytes) {
        Ok(eye) => eye,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    for with in [Instructions::Avx512, Instructions::Avx2, Instructions::Plain] {
        // Without vectors it takes seconds.
        let times = if with == Instructions::Plain { 1 } else { TIMES };
        let measured = SIZES.iter().take(times).try_for_each(|size| of_size(&eye, with, *size, times));
        if measured.is_none() {
            println!("{with:?}: this machine has not these instructions");
        }
    }
    ExitCode::SUCCESS
}

/// `None` where this machine has not these instructions.
fn of_size(eye: &Eye, with: Instructions, (width, height): (usize, usize), times: usize) -> Option<()> {
    let image = stripes(width, height);
    let mut layers: Vec<(String, u64, Duration)> = Vec::new();
    let (mut whole, mut peak) = (Duration::MAX, 0.0f64);
    for time in 0..times {
        peak = peak.max(peak_of(with)?);
        let begun = Instant::now();
        let (mut layer, mut last) = (0, begun);
        let seen = eye.look_with(with, &image, &mut |name, work| {
            let (took, now) = (last.elapsed(), Instant::now());
            if time == 0 {
                layers.push((name.to_owned(), work, took));
            } else {
                layers[layer].2 = layers[layer].2.min(took);
            }
            (layer, last) = (layer + 1, now);
        })?;
        whole = whole.min(begun.elapsed());
        std::hint::black_box(seen);
    }
    let work: u64 = layers.iter().map(|layer| layer.1).sum();
    let rate = |work: u64, took: Duration| work as f64 * 2e-9 / took.as_secs_f64();
    println!(
        "{with:?}, {width} x {height}: {:.2} ms, {:.2} GMAC, {:.1} GFLOP/s, {:.0} % of the peak of {peak:.1}",
        whole.as_secs_f64() * 1e3,
        work as f64 * 1e-9,
        rate(work, whole),
        rate(work, whole) / peak * 100.0
    );
    for (name, work, took) in &layers {
        let rate = rate(*work, *took);
        println!("  {name:9} {:7.3} ms {rate:7.1} GFLOP/s {:4.0} %", took.as_secs_f64() * 1e3, rate / peak * 100.0);
    }
    Some(())
}

/// Fused multiply-adds in registers alone, GFLOP/s.
fn peak_of(with: Instructions) -> Option<f64> {
    let repeats = if with == Instructions::Plain { 2_000 } else { 400_000 };
    let begun = Instant::now();
    let work = peak_work(with, repeats)?;
    Some(work as f64 * 2e-9 / begun.elapsed().as_secs_f64())
}

/// Ridges of nine pixels, bent.
fn stripes(width: usize, height: usize) -> Plane {
    let mut image = Plane::zeros(width, height);
    for (at, v) in image.data.iter_mut().enumerate() {
        let (x, y) = ((at % width) as f32, (at / width) as f32);
        *v = 128.0 + 90.0 * (0.7 * y + (0.02 * x).sin() * 12.0).sin();
    }
    image
}
