//! `tanba dna frequencies`: a table of allele frequencies from typed people, with the checks that it may be used.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};
use tanba_dna::survey::{Survey, hardy_weinberg, linkage, theta_between};
use tanba_formats::genetic::frequencies::write_long;
use tanba_formats::genetic::genotypes::{self, SampleGenotypes, Separator};

use crate::console::Console;
use crate::input::read_file;

/// The level of the tests, before it is divided by their number (Bonferroni).
const LEVEL: f64 = 0.05;

/// Options of `tanba dna frequencies`.
#[derive(Args)]
pub(crate) struct Frequencies {
    /// Typed people: a table of genotypes, with a column of the population where there are several.
    samples: PathBuf,
    /// The table to write (CSV).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The population's name, where the people have none of their own.
    #[arg(long, default_value = "not named")]
    population: String,
    /// Shuffles of each test; 0 leaves the tests out.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    shuffles: u32,
    /// Where the shuffling begins: the same answer for the same number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Frequencies {
    /// Counts, tests and writes.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let failed = || format!("cannot make a table of {}", self.samples.display());
        let read = genotypes::read(&read_file(&self.samples)?).with_context(failed)?;
        let mut people: BTreeMap<String, Vec<SampleGenotypes>> = BTreeMap::new();
        for sample in read.value.samples {
            let population = sample.category.clone().unwrap_or_else(|| self.population.clone());
            people.entry(population).or_default().push(sample);
        }
        let surveys = people
            .into_iter()
            .map(|(name, people)| Ok((name, Survey::of(&people).with_context(failed)?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        if surveys.is_empty() {
            bail!("{}: nobody was typed in it", failed());
        }
        let tables: Vec<_> = surveys.iter().map(|(name, survey)| survey.frequencies(name)).collect();
        let bytes = write_long(&tables, Separator::Comma).with_context(failed)?;
        std::fs::write(&self.out, bytes).with_context(|| format!("cannot write {}", self.out.display()))?;

        let mut human = format!("{} was written", self.out.display());
        let populations: Vec<Value> =
            surveys.iter().map(|(name, survey)| self.look_at(name, survey, &mut human)).collect();
        let all: Vec<&Survey> = surveys.iter().map(|(_, survey)| survey).collect();
        let theta = if all.len() > 1 { Some(theta_between(&all, self.seed).with_context(failed)?) } else { None };
        if let Some(theta) = &theta {
            let [low, high] = theta.interval;
            let _ = write!(
                human,
                "\ntheta between the {} populations: {:.5} (95 % of draws of loci: {low:.5} to {high:.5})",
                all.len(),
                theta.theta
            );
        }
        console.answer(
            &json!({ "out": self.out.display().to_string(), "populations": populations, "theta": theta }),
            human,
        );
        Ok(())
    }

    /// One population: heterozygotes, proportions, linkage.
    fn look_at(&self, name: &str, survey: &Survey, human: &mut String) -> Value {
        let typed: Vec<_> = survey.markers().iter().filter(|marker| marker.typed() > 1).collect();
        let mut markers = Vec::new();
        let mut suspicious = Vec::new();
        let level = LEVEL / typed.len().max(1) as f64;
        for marker in &typed {
            let test = (self.shuffles > 0).then(|| hardy_weinberg(marker, self.shuffles, self.seed)).flatten();
            if test.as_ref().is_some_and(|test| test.p_value < level) {
                suspicious.push(marker.name.as_str());
            }
            markers.push(json!({
                "marker": marker.name.as_str(),
                "people": marker.typed(),
                "left_out": marker.left_out,
                "observed_heterozygosity": marker.observed_heterozygosity(),
                "expected_heterozygosity": marker.expected_heterozygosity(),
                "hardy_weinberg": test,
            }));
        }
        let pairs = if self.shuffles > 0 { linkage(survey, self.shuffles, self.seed) } else { Vec::new() };
        let pair_level = LEVEL / pairs.len().max(1) as f64;
        let linked: Vec<_> = pairs.iter().filter(|pair| pair.p_value < pair_level).collect();
        let below = pairs.iter().filter(|pair| pair.p_value < LEVEL).count();
        // Writing to a string cannot fail.
        let _ = write!(human, "\n{name}: {} people, {} markers", survey.people(), typed.len());
        if self.shuffles > 0 {
            let _ = write!(
                human,
                "; genotypes out of Hardy-Weinberg proportions after Bonferroni: {}; linked pairs after Bonferroni: {} of {} \
                 ({below} below {LEVEL}, where {:.0} are expected by chance)",
                if suspicious.is_empty() { "none".to_owned() } else { suspicious.join(", ") },
                linked.len(),
                pairs.len(),
                LEVEL * pairs.len() as f64
            );
            if 1.0 / f64::from(self.shuffles + 1) > pair_level {
                let _ = write!(
                    human,
                    "; {} shuffles cannot reach Bonferroni's level of {pair_level:.1e} for pairs: give --shuffles {:.0}",
                    self.shuffles,
                    1.0 / pair_level
                );
            }
        }
        json!({
            "population": name,
            "people": survey.people(),
            "markers": markers,
            "hardy_weinberg_suspicious": suspicious,
            "linkage_pairs": pairs.len(),
            "linkage_below_level": below,
            "linkage_suspicious": linked,
        })
    }
}
