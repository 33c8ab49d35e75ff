//! `tanba dna lineage snp`: identity SNPs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use tanba_dna::{Base, Formula, SnpComparison, Theta};
use tanba_formats::genetic::frequencies;

use super::{Answer, Asked, Inputs, files};
use crate::cmd::dna::case::remembered;
use crate::console::Console;
use crate::input::read_file;

/// Options of `tanba dna lineage snp`. A profile is a JSON object of SNP to bases or rows rs1490413,A,G. Relatives are weighed by
/// `tanba dna lr`, which takes SNPs as it takes other markers.
#[derive(Args)]
pub(super) struct Snp {
    #[command(flatten)]
    asked: Asked,
    /// Allele frequencies of one population, in any form that `tanba convert` reads; a SNP that it lacks is refused.
    #[arg(long, value_name = "FILE")]
    frequencies: PathBuf,
    /// Coancestry coefficient, 0 to below 1.
    #[arg(long, default_value_t = 0.01)]
    theta: f64,
    /// The least frequency of a base; one that nobody showed is an error otherwise.
    #[arg(long, default_value_t = 0.0, value_name = "FREQUENCY")]
    minimum_frequency: f64,
}

/// Frequencies of bases by number of the SNP.
type Table = BTreeMap<u32, BTreeMap<Base, f64>>;

impl Snp {
    pub(super) fn run(self, console: &Console) -> anyhow::Result<()> {
        let mut inputs = Vec::new();
        let theta = Theta::new(self.theta)?;
        if !(0.0..=1.0).contains(&self.minimum_frequency) {
            bail!("--minimum-frequency lies between 0 and 1");
        }
        let table = table(&self.frequencies, &mut inputs)?;
        let permitted: BTreeSet<u32> = table.keys().copied().collect();
        let frequency = |number: u32, base: Base| {
            Some(table.get(&number)?.get(&base).copied().unwrap_or(0.0).max(self.minimum_frequency))
        };
        let evidence = files::snp(&self.asked.evidence, &permitted, &mut inputs)?;
        let person = self.asked.person.as_ref().map(|path| files::snp(path, &permitted, &mut inputs)).transpose()?;
        let comparison = person.as_ref().map(|person| evidence.compare(person));
        let conclusion = comparison.as_ref().map(SnpComparison::conclusion);
        let asked = match &person {
            None => evidence,
            Some(person) => evidence.in_common_with(person).context("evidence and person have no SNP in common")?,
        };
        let log10_rmp = asked.log10_match_probability(frequency, Formula::Nrc410, theta)?;

        let mut answer = Answer::new("Identity SNPs");
        answer.set("snps", json!(asked.len()));
        let details = comparison.map_or_else(String::new, |comparison| {
            answer.set("comparison", json!(comparison));
            format!(
                "{} SNPs typed in both: {} equal, {} without a base in common",
                comparison.compared, comparison.equal, comparison.opposite
            )
        });
        answer.conclude(conclusion, &details, None);
        answer.line(&format!(
            "\nProbability that another person of the subpopulation shows these genotypes\n  10^{log10_rmp:.3} at {} SNPs, taken as independent; \
             theta {} (NRC 1996, equations 4.10)",
            asked.len(),
            self.theta
        ));
        answer.set("log10_match_probability", json!(log10_rmp));
        answer.set("theta", json!(self.theta));
        answer.weigh(conclusion, -log10_rmp, "an unrelated person");
        if let Some(path) = &self.asked.search {
            let most = self.asked.most();
            let people = files::snp_sample(path, &permitted, &mut inputs, console)?;
            let found = people.tally(most, |row| asked.apart(row));
            let share = asked.probability_within(most, frequency, Formula::Nrc410, theta)?;
            answer.found(&found, &[("frequencies", found.people as f64 * share)], "SNP");
        }
        answer.finish(&inputs, console);
        Ok(())
    }
}

/// The SNPs of a table: markers with a number of dbSNP and bases for alleles; other markers are passed over.
fn table(path: &Path, inputs: &mut Inputs) -> anyhow::Result<Table> {
    let failed = || format!("cannot use the frequencies {}", path.display());
    let bytes = read_file(path)?;
    inputs.push(remembered(path, &bytes));
    let populations = frequencies::read(&bytes).with_context(failed)?.value;
    let [population] = populations.as_slice() else {
        bail!("{}: it holds {} populations: give a table of one", failed(), populations.len());
    };
    let mut table = Table::new();
    for marker in &population.markers {
        let Some(number) = marker.marker.as_str().strip_prefix("rs").and_then(|digits| digits.parse().ok()) else {
            continue;
        };
        let base = |name: &str| match name.as_bytes() {
            [letter] => Base::of(*letter),
            _ => None,
        };
        let bases: Option<BTreeMap<Base, f64>> =
            marker.alleles.iter().map(|(name, p)| Some((base(name)?, *p))).collect();
        let bases =
            bases.with_context(|| format!("{}: {} has alleles other than A, C, G, T", failed(), marker.marker))?;
        table.insert(number, bases);
    }
    if table.is_empty() {
        bail!("{}: it names no SNP (rs and a number)", failed());
    }
    Ok(table)
}
