//! `tanba dna lineage y`: Y-STR haplotypes.

use std::collections::BTreeMap;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tanba_dna::{DiscreteLaplace, HaplotypeSample, Repeats, Sample, YHaplotype};

use super::{Answer, Asked, Counting, by_counting, files};
use crate::console::Console;

/// Clusters up to which the discrete Laplace model is tried, and starts and seed of each fit.
const MOST_CLUSTERS: usize = 8;
const STARTS: usize = 4;
const SEED: u64 = 1;

/// Options of `tanba dna lineage y`. A haplotype is a JSON object of locus to alleles or rows locus,allele1,allele2.
#[derive(Args)]
pub(super) struct Y {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    counting: Counting,
    /// Clusters of the discrete Laplace model; otherwise as many as the Bayesian information criterion asks for.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=64))]
    clusters: Option<u8>,
}

/// The discrete Laplace model of a sample at the loci that it can be of.
struct Model {
    fit: DiscreteLaplace,
    haplotype: Repeats,
    people: u64,
    left_out: Vec<&'static str>,
}

impl Y {
    pub(super) fn run(self, console: &Console) -> anyhow::Result<()> {
        let mut inputs = Vec::new();
        let evidence = files::y(&self.asked.evidence, &mut inputs)?;
        let person = self.asked.person.as_ref().map(|path| files::y(path, &mut inputs)).transpose()?;
        let comparison = person.as_ref().map(|person| evidence.compare(person));
        let conclusion = comparison.as_ref().map(tanba_dna::YComparison::conclusion);
        // What is counted is what both show: loci of the one alone say nothing of the other.
        let asked = match &person {
            None => evidence,
            Some(person) => evidence.in_common_with(person).context("evidence and person have no locus in common")?,
        };
        let sample = files::y_sample(&self.counting.sample, &mut inputs, console)?;
        let most = self.asked.most();
        let tally = sample.tally(most, |row| asked.apart(row));
        let singletons = sample.singletons(|row| asked.apart(row).and_then(|_| row.in_common_with(&asked)));
        let weight = self.counting.weight(&tally, Some(singletons))?;
        let model = self.model(&asked, &sample)?;

        let mut answer = Answer::new("Y-STR haplotypes");
        answer.set("loci", json!(asked.loci().count()));
        let details = comparison.map_or_else(String::new, |comparison| {
            let differing = match comparison.differing.len() {
                0 => "none differs".to_owned(),
                _ => format!("{} differ", comparison.differing.join(", ")),
            };
            answer.set("differing", json!(comparison.differing));
            answer.set("one_step", json!(comparison.one_step));
            format!("{} loci typed in both, {differing}", comparison.compared)
        });
        answer.conclude(conclusion, &details, Some("paternal"));
        answer.estimates(&weight);
        answer.line(&match weight.kappa {
            None => "  kappa                      not defined for a haplotype that the sample holds".to_owned(),
            Some(kappa) => format!(
                "  kappa                      {:.3e} (kappa {:.4}; Brenner 2010)",
                kappa.match_probability, kappa.kappa
            ),
        });
        tell(&mut answer, model.as_ref())?;
        answer.weigh(conclusion, weight.log10_lr, "an unrelated man, by the upper limit");
        if let Some(path) = &self.asked.search {
            let people = files::y_sample(path, &mut inputs, console)?;
            let found = people.tally(most, |row| asked.apart(row));
            let mut expected = vec![("counting", by_counting(&tally, &found))];
            // A model of some loci would count people who differ at the others.
            if let Some(model) = model.as_ref().filter(|model| model.left_out.is_empty()) {
                let share = model.fit.probability_within(&model.haplotype, most)?;
                expected.push(("discrete_laplace", found.people as f64 * share));
            }
            answer.found(&found, &expected, "locus");
        }
        answer.finish(&inputs, console);
        Ok(())
    }

    /// The model, where the haplotype has loci of one whole repeat number; others have no place in it.
    fn model(&self, asked: &YHaplotype, sample: &Sample<YHaplotype>) -> anyhow::Result<Option<Model>> {
        let (loci, left_out): (Vec<_>, Vec<_>) = asked.loci().partition(|locus| asked.repeats(&[locus]).is_some());
        let Some(haplotype) = asked.repeats(&loci).filter(|_| !loci.is_empty()) else { return Ok(None) };
        let mut counts: BTreeMap<Repeats, u64> = BTreeMap::new();
        for (row, people) in sample.haplotypes() {
            if let Some(repeats) = row.repeats(&loci) {
                let sum = counts.entry(repeats).or_default();
                *sum = sum.saturating_add(people);
            }
        }
        if counts.is_empty() {
            return Ok(None);
        }
        let people = HaplotypeSample::new(counts)?;
        let fit = match self.clusters {
            Some(clusters) => DiscreteLaplace::fit(&people, clusters.into(), STARTS, SEED)?,
            None => DiscreteLaplace::fit_by_bic(&people, MOST_CLUSTERS, STARTS, SEED)?,
        };
        Ok(Some(Model { fit, haplotype, people: people.people(), left_out }))
    }
}

fn tell(answer: &mut Answer, model: Option<&Model>) -> anyhow::Result<()> {
    let Some(Model { fit, haplotype, people, left_out }) = model else {
        answer.set("discrete_laplace", Value::Null);
        answer.line("  discrete Laplace           no locus of one whole repeat number, or nobody typed at all of them");
        return Ok(());
    };
    let probability = fit.probability(haplotype)?;
    answer.line(&format!(
        "  discrete Laplace           {probability:.3e} (clusters: {}, loci: {}, {people} men; Andersen, Eriksen, Morling 2013)",
        fit.clusters().len(),
        haplotype.len(),
    ));
    if !left_out.is_empty() {
        answer.line(&format!("    without {}, for which the model has no distance", left_out.join(", ")));
    }
    answer.line("  The model understates matches between men of one line; the ratio below does not use it.");
    answer.set(
        "discrete_laplace",
        json!({
            "match_probability": probability,
            "clusters": fit.clusters().len(),
            "people": people,
            "loci": haplotype.len(),
            "left_out": left_out,
        }),
    );
    Ok(())
}
