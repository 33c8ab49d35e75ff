//! `tanba dna power`: is it worth testing this relative?

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::json;
use tanba_dna::Theta;
use tanba_dna::kinship::case::familias::Part;
use tanba_dna::kinship::{PowerQuestion, power};

use super::case::{inputs_json, open, provenance};
use crate::console::Console;

/// Options of `tanba dna power`.
#[derive(Args)]
pub(crate) struct PowerOf {
    /// The case with the family (docs/dna/case.schema.json); its victims are not looked at.
    case: PathBuf,
    /// The missing person.
    #[arg(long, value_name = "ID")]
    missing: String,
    /// Relatives who would be tested, beside those who are typed.
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    test: Vec<String>,
    /// How many families to simulate.
    #[arg(long, default_value_t = 1000)]
    simulations: usize,
    /// Seed of the simulation: the same seed gives the same answer.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Likelihood ratio from which a person counts as found.
    #[arg(long, default_value_t = 1e4)]
    threshold: f64,
}

impl PowerOf {
    /// Simulates.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let opened = open(&self.case, Part::Victims)?;
        let case =
            opened.file.dvi(opened.table.as_ref()).with_context(|| format!("cannot use {}", self.case.display()))?;
        anyhow::ensure!(
            case.linkage().is_none(),
            "power is simulated marker by marker: take `linked` out of the case and keep one marker of each group"
        );
        let family = (case.families().iter())
            .find(|f| f.pedigree.place(&self.missing).is_some_and(|place| f.missing.contains(&place)))
            .with_context(|| format!("no family misses {}", self.missing))?;
        let place =
            |id: &String| family.pedigree.place(id).with_context(|| format!("{id} is not in family {}", family.name));
        let test = self.test.iter().map(place).collect::<anyhow::Result<Vec<_>>>()?;
        let question = PowerQuestion {
            pedigree: &family.pedigree,
            markers: case.markers(),
            genotypes: &family.genotypes,
            missing: place(&self.missing)?,
            test: &test,
            threshold: self.threshold,
            theta: Theta::new(case.theta())?,
        };
        let found = power(&question, self.simulations, &mut ChaCha12Rng::seed_from_u64(self.seed))?;
        let [low, middle, high] = found.log10_lr_points;
        let tested = if self.test.is_empty() { "nobody more".to_owned() } else { self.test.join(", ") };
        let text = format!(
            "If {tested} is tested, of {} simulated families:\n  the missing person reaches a likelihood ratio of {} in {:.1} %\n  log10 LR: mean {:.2}; 5 % {low:.2}, median {middle:.2}, 95 % {high:.2}\n  an unrelated person is excluded at one marker or more in {:.2} %\ntheta {}, seed {}\n\n{}",
            found.simulations,
            self.threshold,
            100.0 * found.inclusion,
            found.mean_log10_lr,
            100.0 * found.exclusion,
            case.theta(),
            self.seed,
            provenance(&opened.inputs)
        );
        let answer = json!({
            "inclusion_power": found.inclusion,
            "exclusion_power": found.exclusion,
            "mean_log10_lr": found.mean_log10_lr,
            "log10_lr_points": { "5": low, "50": middle, "95": high },
            "threshold": self.threshold,
            "theta": case.theta(),
            "simulations": found.simulations,
            "seed": self.seed,
            "version": env!("CARGO_PKG_VERSION"),
            "inputs": inputs_json(&opened.inputs),
        });
        console.answer(&answer, text);
        Ok(())
    }
}
