//! Seed corpora for the fuzz targets, made by the project's own writers: `cargo run --bin seeds -- corpus` fills a folder for each
//! target, and `cargo +nightly fuzz run NAME` finds it.

mod examples;
mod images;
mod prints;
mod records;

use std::path::Path;

/// The name of a target and a file to start from.
type Seed = (&'static str, Vec<u8>);

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "corpus".into());
    let mut seeds: Vec<Seed> = [records::seeds(), images::seeds(), examples::seeds()].concat();
    // Whoever takes any file takes all of these.
    let all: Vec<Seed> = seeds.iter().map(|(_, bytes)| ("file", bytes.clone())).collect();
    seeds.extend(all);
    seeds.extend(prints::seeds());
    for (i, (target, bytes)) in seeds.into_iter().enumerate() {
        let folder = Path::new(&folder).join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("seed-{i:03}")), bytes)?;
    }
    Ok(())
}
