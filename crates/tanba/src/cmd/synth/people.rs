//! `tanba synth people`.

use std::path::PathBuf;

use clap::Args;
use rayon::prelude::*;
use serde_json::json;
use tanba_synth::{CalendarDate, FingerState, ImpressionPreset, MasterFinger, Population};

use super::prints::write_impression;
use super::{AS_OF, make_folder, numbered, parse_date, parse_preset, touch_seed, write};
use crate::console::Console;

/// Options of `tanba synth people`.
#[derive(Args)]
pub(crate) struct People {
    /// How many.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// The same seed gives the same bytes.
    #[arg(long)]
    seed: u64,
    /// Folder for `people.jsonl`, one person a line, and the prints.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The day at which ages are reckoned.
    #[arg(long, value_parser = parse_date, default_value = AS_OF)]
    as_of: CalendarDate,
    /// Impressions of each finger, in a folder per person, named `<finger>_<impression>.png`.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1000))]
    prints: u32,
    /// How impressions are taken: clean, fvc-like, hard or ink.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
}

impl People {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        make_folder(&self.out)?;
        let population = Population::new(self.seed, self.count, self.as_of);
        let mut lines = Vec::new();
        for person in population {
            serde_json::to_writer(&mut lines, &person)?;
            lines.push(b'\n');
        }
        write(&self.out.join("people.jsonl"), &lines)?;
        let mut prints = 0;
        if self.prints > 0 {
            let bar = console.progress(self.count, "growing fingers");
            prints = (0..self.count)
                .into_par_iter()
                .map(|i| {
                    let made = self.person_prints(&population, i)?;
                    bar.inc(1);
                    Ok(made)
                })
                .sum::<anyhow::Result<u64>>()?;
            bar.finish_and_clear();
        }
        console.answer(
            &json!({ "people": self.count, "impressions": prints, "seed": self.seed }),
            format_args!("{} people who do not exist, {prints} prints", self.count),
        );
        Ok(())
    }

    fn person_prints(&self, population: &Population, i: u64) -> anyhow::Result<u64> {
        let folder = self.out.join(numbered(i, self.count));
        make_folder(&folder)?;
        let mut made = 0;
        for state in &population.person(i).fingers {
            if let FingerState::Present { spec, seed } = state {
                let master = MasterFinger::from_seed(*seed, *spec);
                for k in 0..self.prints {
                    let name = format!("{}_{}", spec.finger.name(), k + 1);
                    write_impression(&master.touch(self.preset, touch_seed(*seed, k)), &folder, &name)?;
                    made += 1;
                }
            }
        }
        Ok(made)
    }
}
