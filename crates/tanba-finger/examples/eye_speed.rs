//! How fast the learned look at a print and the description of its minutiae are on one core, and how near to what the core can do.
//!
//! ```text
//! cargo run --release -p tanba-finger --example eye_speed -- [WEIGHTS [DESCRIPTOR_WEIGHTS]]
//! ```
//!
//! Without weights files it takes invented weights, which take as long.
#![allow(clippy::print_stdout)] // figures are what it is for

use std::f32::consts::TAU;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tanba_finger::eye::{DescriptorNet, Eye, EyeError, Ran, invented, invented_descriptor, peak_work};
use tanba_finger::scan::Instructions;
use tanba_finger::{Mask, Minutia, MinutiaKind, Plane, RidgeMap};

/// Images that are timed; of each layer the fastest counts.
const TIMES: usize = 15;
/// Of images, pixels.
const SIZES: [(usize, usize); 3] = [(388, 374), (300, 300), (640, 480)];
/// Minutiae of a print: those of a small one and of a large one.
const COUNTS: [usize; 2] = [24, 45];

fn main() -> ExitCode {
    let mut paths = std::env::args().skip(1);
    let mut bytes = |invented: fn(u64) -> Vec<u8>| match paths.next() {
        None => Ok(invented(1)),
        Some(path) => std::fs::read(&path).map_err(|error| format!("{path}: {error}")),
    };
    let said = |error: EyeError| error.to_string();
    let eye = bytes(invented).and_then(|bytes| Eye::read(&bytes).map_err(said));
    let net = bytes(invented_descriptor).and_then(|bytes| DescriptorNet::read(&bytes).map_err(said));
    let (eye, net) = match (eye, net) {
        (Ok(eye), Ok(net)) => (eye, net),
        (Err(error), _) | (_, Err(error)) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    for with in [Instructions::Avx512, Instructions::Avx2, Instructions::Plain] {
        if of_all(&eye, &net, with).is_none() {
            println!("{with:?}: this machine has not these instructions");
        }
    }
    ExitCode::SUCCESS
}

/// `None` where this machine has not these instructions.
fn of_all(eye: &Eye, net: &DescriptorNet, with: Instructions) -> Option<()> {
    // Without vectors an image takes seconds.
    let (times, sizes) = if with == Instructions::Plain { (1, 1) } else { (TIMES, SIZES.len()) };
    for (width, height) in &SIZES[..sizes] {
        let image = stripes(*width, *height);
        timed(with, &format!("{width} x {height}"), times, |ran| {
            std::hint::black_box(eye.look_with(with, &image, ran)?);
            Some(())
        })?;
    }
    let (width, height) = SIZES[0];
    let readable = Mask { width, height, data: vec![true; width * height] };
    let mut enhanced = stripes(width, height);
    enhanced.data.iter_mut().for_each(|v| *v -= 128.0);
    let ridges = RidgeMap::of(&enhanced, &readable);
    for count in COUNTS {
        let minutiae = spiral(count, width, height);
        timed(with, &format!("{count} minutiae and their vector"), times, |ran| {
            let descriptors = net.describe_with(with, &ridges, &minutiae, ran)?;
            std::hint::black_box(net.vector_with(with, &descriptors, ran)?);
            Some(())
        })?;
    }
    Some(())
}

/// Times what `run` does, layer by layer (those of one name together); `None` where it gives that.
fn timed(with: Instructions, what: &str, times: usize, mut run: impl FnMut(&mut Ran<'_>) -> Option<()>) -> Option<()> {
    let mut fastest: Vec<(String, u64, Duration)> = Vec::new();
    let (mut whole, mut peak) = (Duration::MAX, 0.0f64);
    for time in 0..times {
        peak = peak.max(peak_of(with)?);
        let mut layers: Vec<(String, u64, Duration)> = Vec::new();
        let begun = Instant::now();
        let mut last = begun;
        run(&mut |name, work| {
            let (took, now) = (last.elapsed(), Instant::now());
            match layers.iter_mut().find(|layer| layer.0 == name) {
                Some(layer) => (layer.1, layer.2) = (layer.1 + work, layer.2 + took),
                None => layers.push((name.to_owned(), work, took)),
            }
            last = now;
        })?;
        whole = whole.min(begun.elapsed());
        if time == 0 {
            fastest = layers;
        } else {
            fastest.iter_mut().zip(layers).for_each(|(fastest, layer)| fastest.2 = fastest.2.min(layer.2));
        }
    }
    let work: u64 = fastest.iter().map(|layer| layer.1).sum();
    let rate = |work: u64, took: Duration| work as f64 * 2e-9 / took.as_secs_f64();
    println!(
        "{with:?}, {what}: {:.2} ms, {:.3} GMAC, {:.1} GFLOP/s, {:.0} % of the peak of {peak:.1}",
        whole.as_secs_f64() * 1e3,
        work as f64 * 1e-9,
        rate(work, whole),
        rate(work, whole) / peak * 100.0
    );
    for (name, work, took) in &fastest {
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

/// Minutiae in all directions, from the middle outward.
fn spiral(count: usize, width: usize, height: usize) -> Vec<Minutia> {
    let at = |k: usize| {
        let (turn, out) = (k as f32 * 2.4, (k as f32 / count as f32).sqrt() * 0.45);
        let (x, y) = (width as f32 * (0.5 + out * turn.cos()), height as f32 * (0.5 + out * turn.sin()));
        Minutia { x, y, direction: turn % TAU, kind: MinutiaKind::Ending, quality: 50 }
    };
    (0..count).map(at).collect()
}
