//! `tanba synth templates`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde_json::json;
use tanba_finger::iso;
use tanba_formats::{Finger, iso19794_2};
use tanba_synth::{FingerSpec, FingerState, ImpressionPreset, Population, TemplateFinger};

use super::{AS_OF, make_folder, numbered, parse_date, parse_preset, touch_seed, write};
use crate::console::Console;

/// Options of `tanba synth templates`.
#[derive(Args)]
pub(crate) struct Templates {
    /// Fingers, each of another person.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// Impressions of each finger.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    impressions: u32,
    /// The same seed gives the same bytes.
    #[arg(long)]
    seed: u64,
    /// Folder for the templates, named `<finger>_<impression>` with the ending of the form.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How impressions are taken: clean, fvc-like, hard or ink.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
    /// Native templates, or ISO/IEC 19794-2 records.
    #[arg(long, value_enum, default_value_t = Form::Tanba)]
    form: Form,
}

/// In what form templates are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Native, `.tanba`.
    Tanba,
    /// ISO/IEC 19794-2:2005, `.fmr`.
    Fmr,
}

impl Templates {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        make_folder(&self.out)?;
        let population = Population::new(self.seed, self.count, parse_date(AS_OF).map_err(anyhow::Error::msg)?);
        let bar = console.progress(self.count, "scattering minutiae");
        let minutiae = (0..self.count)
            .into_par_iter()
            .map(|i| {
                let (spec, seed) = finger_of(&population, i);
                let finger = TemplateFinger::from_seed(seed, spec);
                let mut minutiae = 0;
                for k in 0..self.impressions {
                    let template = finger.touch(self.preset, touch_seed(seed, k));
                    let (bytes, ending) = match self.form {
                        Form::Tanba => (template.to_bytes(), "tanba"),
                        Form::Fmr => (iso19794_2::write(&iso::to_record(&template, spec.finger))?, "fmr"),
                    };
                    let name = format!("{}_{}.{ending}", numbered(i, self.count), k + 1);
                    write(&self.out.join(name), &bytes)?;
                    minutiae += template.minutiae.len();
                }
                bar.inc(1);
                Ok(minutiae)
            })
            .sum::<anyhow::Result<usize>>()?;
        bar.finish_and_clear();
        let templates = self.count * u64::from(self.impressions);
        console.answer(
            &json!({
                "fingers": self.count,
                "templates": templates,
                "minutiae": minutiae,
                "preset": self.preset.name(),
                "seed": self.seed,
            }),
            format_args!(
                "{templates} templates of {} fingers, {} minutiae each on average",
                self.count,
                minutiae as u64 / templates
            ),
        );
        Ok(())
    }
}

/// Another position for each number, so that all ten occur.
fn finger_of(population: &Population, i: u64) -> (FingerSpec, u64) {
    let person = population.person(i);
    // The remainder is below ten.
    let place = (i % Finger::TEN.len() as u64) as usize;
    match person.fingers[place] {
        FingerState::Present { spec, seed } => (spec, seed),
        FingerState::Missing { finger } => (FingerSpec::of(finger), person.seed),
    }
}
