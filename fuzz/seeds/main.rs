//! Seed corpora for the fuzz targets, made by the project's own writers: `cargo run --bin seeds -- corpus` fills a folder for each
//! target, and `cargo +nightly fuzz run NAME` finds it. `cargo run --bin seeds -- corpus 20` adds twenty damaged copies of each seed,
//! for runs without coverage.

mod examples;
mod images;
mod prints;
mod records;
mod variants;

use std::path::Path;

/// The name of a target and a file to start from.
type Seed = (&'static str, Vec<u8>);

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "corpus".into());
    let each = arguments.next().and_then(|number| number.parse().ok()).unwrap_or(0);
    let mut seeds: Vec<Seed> = [records::seeds(), images::seeds(), examples::seeds()].concat();
    // Whoever takes any file takes all of these.
    let all: Vec<Seed> = seeds.iter().map(|(_, bytes)| ("file", bytes.clone())).collect();
    seeds.extend(all);
    seeds.extend(prints::seeds());
    seeds.extend(examples::of_the_house());
    let damaged = variants::of(&seeds, each);
    for (i, (target, bytes)) in seeds.into_iter().chain(damaged).enumerate() {
        let folder = Path::new(&folder).join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("seed-{i:05}")), bytes)?;
    }
    Ok(())
}
