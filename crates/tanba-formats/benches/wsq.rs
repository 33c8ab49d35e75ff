//! How long a WSQ image of 832 x 768 pixels takes on one core: at most 10 ms to read. `cargo bench -p tanba-formats`.

use std::hint::black_box;
use std::time::Instant;

use tanba_formats::image::{ImageFormat, ReadOptions, WriteOptions, read, write};
use tanba_formats::{Gray8, Ppi};

const WIDTH: usize = 832;
const HEIGHT: usize = 768;
const RUNS: usize = 100;

fn main() {
    let picture = Gray8::new(WIDTH, HEIGHT, Ppi::NOMINAL, whorl()).expect("as many pixels as the size says");
    for bits_per_pixel in [0.75, 2.25] {
        let options = WriteOptions { bits_per_pixel, ..WriteOptions::default() };
        let file = write(&picture, ImageFormat::Wsq, &options).expect("a picture of a usual size");
        timed(&format!("write at {bits_per_pixel} bits per pixel"), || {
            let _ = black_box(write(black_box(&picture), ImageFormat::Wsq, &options));
        });
        timed(&format!("read {} bytes", file.len()), || {
            let _ = black_box(read(black_box(&file), &ReadOptions::default()));
        });
    }
}

/// Prints the tenth and the middle percentile: other programs of the machine only ever make a run longer.
fn timed(what: &str, run: impl Fn()) {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    #[allow(clippy::print_stdout)]
    {
        println!("{what}: {:.2} ms (p10), {:.2} ms (p50)", times[RUNS / 10], times[RUNS / 2]);
    }
}

/// Ridges around a core with grain on them, nine pixels from one ridge to the next.
fn whorl() -> Vec<u8> {
    let mut grain = 1_u32;
    (0..WIDTH * HEIGHT)
        .map(|i| {
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (x, y) = ((i % WIDTH) as f64 - 400.0, (i / WIDTH) as f64 - 380.0);
            let ridge = 128.0 + 90.0 * (x.hypot(1.2 * y) * 0.7).sin();
            (ridge + f64::from(grain >> 27)) as u8
        })
        .collect()
}
