//! `tanba synth dna`: a database for `tanba dna search`, and queries whose answers are known.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tanba_dna::Category;
use tanba_synth::Population;

use super::{AS_OF, Interrupt, OutFile, make_folder, numbered, parse_date, write};
use crate::cmd::dna::Record;
use crate::console::Console;

/// Options of `tanba synth dna`.
#[derive(Args)]
pub(crate) struct Dna {
    /// Profiles in the database, of convicted people.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// Crime stains left by people of the database, spread evenly over it; as many again are left by nobody in it.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    stains: u64,
    /// The same seed gives the same bytes.
    #[arg(long)]
    seed: u64,
    /// Folder for `database.jsonl`, `stain-<n>.json` and `truth.json`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Dna {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        make_folder(&self.out)?;
        let as_of = parse_date(AS_OF).map_err(anyhow::Error::msg)?;
        // People beyond the database are those who left a stain without being in it.
        let population = Population::new(self.seed, self.count, as_of);
        let profile = |i: u64| population.person(i).genotype.profile();
        let specimen = |i: u64| format!("person-{}", numbered(i, self.count));

        let path = self.out.join("database.jsonl");
        let failed = || format!("cannot write {}", path.display());
        let interrupt = Interrupt::listen();
        let mut file = OutFile::create(&path)?;
        let bar = console.progress(self.count, "drawing profiles");
        for i in 0..self.count {
            let record = Record::new(specimen(i), Category::ConvictedPerson, &profile(i))?;
            serde_json::to_writer(&mut file, &record).with_context(failed)?;
            file.write_all(b"\n").with_context(failed)?;
            bar.inc(1);
            interrupt.check()?;
        }
        file.finish()?;
        bar.finish_and_clear();

        let stains = self.stains.min(self.count);
        let mut truth = serde_json::Map::new();
        for n in 0..2 * stains {
            let known = n < stains;
            let source = if known { n * (self.count / stains) } else { self.count + n };
            let name = format!("stain-{}", numbered(n, 2 * stains));
            let record = Record::new(name.clone(), Category::CrimeStain, &profile(source))?;
            write(&self.out.join(format!("{name}.json")), &serde_json::to_vec(&record)?)?;
            truth.insert(name, json!(known.then(|| specimen(source))));
        }
        write(&self.out.join("truth.json"), &serde_json::to_vec_pretty(&truth)?)?;
        console.answer(
            &json!({ "profiles": self.count, "stains": 2 * stains, "seed": self.seed }),
            format_args!("{} profiles and {} stains of nobody", self.count, 2 * stains),
        );
        Ok(())
    }
}
