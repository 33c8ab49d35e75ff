//! `tanba dna lineage mt`: mitochondrial haplotypes.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tanba_dna::{MtComparison, MtReference};

use super::{Answer, Asked, Counting, by_counting, files};
use crate::console::Console;

/// Options of `tanba dna lineage mt`. A haplotype is `16024-16365 73-340: 263G 315.1C`, or a JSON object of ranges and differences.
#[derive(Args)]
pub(super) struct Mt {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    counting: Counting,
    /// The reference sequence, rCRS (GenBank NC_012920), as FASTA; the program carries none.
    #[arg(long, value_name = "FASTA")]
    rcrs: PathBuf,
}

impl Mt {
    pub(super) fn run(self, console: &Console) -> anyhow::Result<()> {
        let mut inputs = Vec::new();
        let reference = MtReference::new(&files::text(&self.rcrs, &mut inputs)?)
            .with_context(|| format!("cannot use {}", self.rcrs.display()))?;
        let evidence = files::mt(&self.asked.evidence, &reference, &mut inputs)?;
        let person = self.asked.person.as_ref().map(|path| files::mt(path, &reference, &mut inputs)).transpose()?;
        let comparison = person.as_ref().map(|person| evidence.compare(person, &reference));
        let conclusion = comparison.as_ref().map(MtComparison::conclusion);
        let asked = match &person {
            None => evidence,
            Some(person) => {
                evidence.in_common_with(person).context("evidence and person have no position in common")?
            }
        };
        let sample = files::mt_sample(&self.counting.sample, &reference, &mut inputs)?;
        let most = self.asked.most();
        let tally = sample.tally(most, |row| asked.apart(row, &reference, most));
        let weight = self.counting.weight(&tally, None)?;

        let mut answer = Answer::new("Mitochondrial haplotypes");
        let ranges: Vec<String> = asked.ranges().collect();
        answer.set("ranges", json!(ranges));
        let details = comparison.map_or_else(String::new, |comparison| {
            answer.set("positions", json!(comparison.positions));
            answer.set("differences", json!(comparison.differences));
            answer.set("differences_apart_from_length", json!(comparison.apart_from_length));
            answer.set("identical", json!(comparison.identical));
            let shown = |count: Option<usize>| {
                count.map_or_else(|| format!("more than {}", MtComparison::MOST_DIFFERENCES), |count| count.to_string())
            };
            format!(
                "{} positions read in both ({}): {} differences, {} apart from the length of stretches",
                comparison.positions,
                ranges.join(" "),
                shown(comparison.differences),
                shown(comparison.apart_from_length)
            )
        });
        answer.conclude(conclusion, &details, Some("maternal"));
        answer.estimates(&weight);
        answer.weigh(conclusion, weight.log10_lr, "an unrelated person, by the upper limit");
        if let Some(path) = &self.asked.search {
            let people = files::mt_sample(path, &reference, &mut inputs)?;
            let found = people.tally(most, |row| asked.apart(row, &reference, most));
            answer.found(&found, &[("counting", by_counting(&tally, &found))], "position");
        }
        answer.finish(&inputs, console);
        Ok(())
    }
}
