//! `tanba synth prints`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde_json::json;
use tanba_formats::image::encode_png;
use tanba_formats::{Finger, Gray8};
use tanba_synth::{FingerState, Impression, ImpressionPreset, MasterFinger, Person, Population, sheet};

use super::{AS_OF, make_folder, numbered, parse_date, parse_preset, touch_seed, write};
use crate::console::Console;

/// Prints on a sheet at most: more are too small to see anything.
const MOST_ON_SHEET: usize = 400;

/// Options of `tanba synth prints`.
#[derive(Args)]
pub(crate) struct Prints {
    /// Fingers, each of another person.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    count: u64,
    /// Impressions of each finger.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    impressions: u32,
    /// The same seed gives the same bytes.
    #[arg(long)]
    seed: u64,
    /// Folder for `<finger>_<impression>.png` and the truth `<finger>_<impression>.json`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How ridges are made.
    #[arg(long, value_enum, default_value_t = Mode::Fast)]
    mode: Mode,
    /// How impressions are taken: clean, fvc-like, hard or ink.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
    /// Write a picture of all prints, up to 400, to this PNG.
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
}

/// How ridges are made.
#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Phase synthesis, some 60 ms for a finger.
    Fast,
}

impl Prints {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let Mode::Fast = self.mode;
        make_folder(&self.out)?;
        let population = Population::new(self.seed, self.count, parse_date(AS_OF).map_err(anyhow::Error::msg)?);
        let bar = console.progress(self.count, "growing fingers");
        let made: Vec<(usize, Vec<Gray8>)> = (0..self.count)
            .into_par_iter()
            .map(|i| {
                let (master, seed) = finger_of(&population.person(i), i);
                let mut minutiae = 0;
                let mut shown = Vec::new();
                for k in 0..self.impressions {
                    let impression = master.touch(self.preset, touch_seed(seed, k));
                    let name = format!("{}_{}", numbered(i, self.count), k + 1);
                    write_impression(&impression, &self.out, &name)?;
                    minutiae += impression.minutiae.iter().filter(|m| m.visible).count();
                    let place = i * u64::from(self.impressions) + u64::from(k);
                    if self.sheet.is_some() && place < MOST_ON_SHEET as u64 {
                        shown.push(impression.image);
                    }
                }
                bar.inc(1);
                Ok((minutiae, shown))
            })
            .collect::<anyhow::Result<_>>()?;
        bar.finish_and_clear();
        let minutiae: usize = made.iter().map(|m| m.0).sum();
        if let Some(path) = &self.sheet {
            let images: Vec<Gray8> = made.into_iter().flat_map(|m| m.1).collect();
            write(path, &encode_png(&sheet(&images)))?;
        }
        let prints = self.count * u64::from(self.impressions);
        console.answer(
            &json!({
                "fingers": self.count,
                "impressions": prints,
                "minutiae": minutiae,
                "preset": self.preset.name(),
                "seed": self.seed,
            }),
            format_args!(
                "{prints} prints of {} fingers, {} visible minutiae each on average",
                self.count,
                minutiae as u64 / prints
            ),
        );
        Ok(())
    }
}

/// Writes `name.png` and the truth `name.json`.
pub(super) fn write_impression(impression: &Impression, folder: &Path, name: &str) -> anyhow::Result<()> {
    write(&folder.join(format!("{name}.png")), &encode_png(&impression.image))?;
    let truth = serde_json::to_vec(&impression.truth_record())?;
    write(&folder.join(format!("{name}.json")), &truth)
}

/// A finger of a person, another position for each number, with its seed.
fn finger_of(person: &Person, i: u64) -> (MasterFinger, u64) {
    // The remainder is below ten.
    let first = (i % Finger::TEN.len() as u64) as usize;
    let states = person.fingers[first..].iter().chain(&person.fingers[..first]);
    let present = states.filter_map(|state| match state {
        FingerState::Present { spec, seed } => Some((MasterFinger::from_seed(*seed, *spec), *seed)),
        FingerState::Missing { .. } => None,
    });
    // Somebody without any finger gets one for this purpose.
    present.take(1).next().unwrap_or_else(|| {
        (MasterFinger::from_seed(person.seed, tanba_synth::FingerSpec::of(Finger::TEN[first])), person.seed)
    })
}
