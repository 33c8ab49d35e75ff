//! How fast a GPU takes the first look of a search, beside one core of the processor; fails where a score differs.
//!
//! ```text
//! cargo run --release -p tanba-finger --features cuda --example scan_on_gpu -- [PRINTS] [PROBES]
//! ```
#![allow(clippy::print_stdout)] // figures are what it is for

use std::process::ExitCode;
use std::time::Instant;

use tanba_finger::scan::gpu::{Gpu, GpuError};
use tanba_finger::scan::{ScanPrint, scan};
use tanba_finger::{Minutia, MinutiaKind, Prepared, Recipe, Template};

/// Different prints; a gallery repeats them. Its time does not depend on that: the GPU's caches hold a small part of a million.
const DIFFERENT: usize = 2000;
/// Passes that are timed; the fastest counts.
const TIMES: usize = 5;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<usize>());
    let (Ok(prints), Ok(probes)) = (numbers.next().unwrap_or(Ok(1_000_000)), numbers.next().unwrap_or(Ok(32))) else {
        println!("usage: scan_on_gpu [PRINTS] [PROBES], two whole numbers");
        return ExitCode::FAILURE;
    };
    match measured(prints.max(1), probes.max(1)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all scores were the same.
fn measured(prints: usize, probes: usize) -> Result<bool, GpuError> {
    let begun = Instant::now();
    let gpu = Gpu::find()?;
    println!("{}: found, kernel compiled and compared in {:.2} s", gpu.name(), begun.elapsed().as_secs_f64());

    let different: Vec<ScanPrint> = (0..DIFFERENT as u64).map(print).collect();
    let gallery: Vec<ScanPrint> = (0..prints).map(|at| different[at % DIFFERENT].clone()).collect();
    let probes: Vec<ScanPrint> = (0..probes as u64).map(|at| print(at * 7)).collect();
    let begun = Instant::now();
    let uploaded = gpu.upload(&gallery)?;
    println!("{prints} prints packed and sent in {:.2} s", begun.elapsed().as_secs_f64());

    let (mut here, mut there) = (vec![0; prints], vec![0; prints * probes.len()]);
    let one = fastest(|| uploaded.scan(&probes[0], &mut here))?;
    let many = fastest(|| uploaded.scan_all(&probes, &mut there))?;
    let core = fastest(|| {
        scan(&probes[0], &gallery, &mut here);
        Ok(())
    })?;
    let per_s = |seconds: f64, probes: usize| (prints * probes) as f64 / seconds / 1e6;
    println!("GPU, one probe a pass:  {:10.2} million prints/s, scores brought back", per_s(one, 1));
    println!(
        "GPU, {:3} probes a pass: {:10.2} million prints/s, scores brought back",
        probes.len(),
        per_s(many, probes.len())
    );
    println!("one core:               {:10.2} million prints/s", per_s(core, 1));

    let mut differ = 0;
    for (probe, there) in probes.iter().zip(there.chunks_exact(prints)) {
        scan(probe, &gallery, &mut here);
        differ += here.iter().zip(there).filter(|(a, b)| a != b).count();
    }
    println!("{differ} of {} scores differ", there.len());
    Ok(differ == 0)
}

fn fastest(mut pass: impl FnMut() -> Result<(), GpuError>) -> Result<f64, GpuError> {
    let mut fastest = f64::INFINITY;
    for _ in 0..TIMES {
        let begun = Instant::now();
        pass()?;
        fastest = fastest.min(begun.elapsed().as_secs_f64());
    }
    Ok(fastest)
}

/// A print of nobody: minutiae scattered by chance (a linear congruential generator).
fn print(seed: u64) -> ScanPrint {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: f32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32 * below
    };
    let minutiae = (0..45)
        .map(|k| Minutia {
            x: 40.0 + next(260.0),
            y: 40.0 + next(320.0),
            direction: next(core::f32::consts::TAU),
            kind: MinutiaKind::Ending,
            quality: 100 - k,
        })
        .collect();
    let template = Template { recipe: Recipe::Unknown, width: 400, height: 500, quality: 70, minutiae, ridges: None };
    ScanPrint::of(&Prepared::new(&template))
}
