//! Writes a contact sheet of prints that belong to nobody, as PGM, to standard output:
//! `cargo run --release -p tanba-synth --example contact_sheet -- SEED FINGERS IMPRESSIONS [PRESET|all|master] > sheet.pgm`.

use std::io::Write;

use tanba_formats::{Finger, Gray8};
use tanba_synth::{FingerSpec, ImpressionPreset, MasterFinger, RidgeMethod, sheet};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize, default: u64| arguments.get(i).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (seed, fingers, impressions) = (number(0, 1), number(1, 10), number(2, 1));
    let mode = arguments.get(3).map_or("fvc-like", String::as_str);
    let mut images: Vec<Gray8> = Vec::new();
    for f in 0..fingers {
        let spec = FingerSpec::of(Finger::TEN[f as usize % 10]);
        let master = MasterFinger::with_method(seed + f, spec, RidgeMethod::Phase);
        if mode == "master" {
            images.push(master.render());
            continue;
        }
        if mode == "all" {
            images.extend(ImpressionPreset::ALL.map(|p| master.touch(p, seed + 1000 * f).image));
            continue;
        }
        for i in 0..impressions {
            let preset = ImpressionPreset::from_name(mode).unwrap_or(ImpressionPreset::FvcLike);
            images.push(master.touch(preset, seed + 1000 * f + i).image);
        }
    }
    let all = sheet(&images);
    let mut out = std::io::stdout().lock();
    write!(out, "P5\n{} {}\n255\n", all.width(), all.height())?;
    out.write_all(all.pixels())
}
