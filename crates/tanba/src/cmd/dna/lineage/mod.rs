//! `tanba dna lineage`: markers inherited along one line (Y-STR, mitochondrial) and identity SNPs: compared, weighed, searched.

mod files;
mod mt;
mod snp;
mod y;

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tanba_dna::{Conclusion, HaplotypeCount, HaplotypeWeight, Tally, Theta, verbal_support};

use super::case::{inputs_json, provenance, ratio};
use crate::console::Console;

/// Options of `tanba dna lineage`.
#[derive(Args)]
pub(crate) struct Lineage {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// A Y-STR haplotype: counting with its upper limit, kappa, and the discrete Laplace model.
    Y(y::Y),
    /// A mitochondrial haplotype: strings over the common ranges, counting with its upper limit.
    Mt(mt::Mt),
    /// Identity SNPs: how rare the genotypes are.
    Snp(snp::Snp),
}

/// What all three take.
#[derive(Args)]
struct Asked {
    /// The evidence.
    evidence: PathBuf,
    /// The person held against it; without one the evidence alone is weighed.
    person: Option<PathBuf>,
    /// Search these people or stains too: a JSON object a line with specimen and haplotype, or a table.
    #[arg(long, value_name = "FILE")]
    search: Option<PathBuf>,
    /// Differences up to which somebody found is named.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=20), value_name = "N")]
    max_mismatches: u8,
}

/// How a haplotype is counted.
#[derive(Args)]
struct Counting {
    /// People whose haplotypes are known, in the forms of --search; a column or field `people` (or `n`) counts those of a row.
    #[arg(long, value_name = "FILE")]
    sample: PathBuf,
    /// Confidence of the upper limit.
    #[arg(long, default_value_t = 0.95)]
    confidence: f64,
    /// Coancestry coefficient, 0 to below 1.
    #[arg(long, default_value_t = 0.0)]
    theta: f64,
}

/// Name and SHA-256 of everything that was read.
type Inputs = Vec<(String, String)>;

impl Lineage {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.kind {
            Kind::Y(y) => y.run(console),
            Kind::Mt(mt) => mt.run(console),
            Kind::Snp(snp) => snp.run(console),
        }
    }
}

impl Asked {
    fn most(&self) -> usize {
        self.max_mismatches.into()
    }
}

impl Counting {
    /// The weight of what a tally of the sample found.
    fn weight(&self, tally: &Tally<'_>, singletons: Option<u64>) -> anyhow::Result<HaplotypeWeight> {
        anyhow::ensure!(
            tally.people > 0,
            "nobody in {} was typed everywhere where this haplotype was ({} people were not): use another sample",
            self.sample.display(),
            tally.not_comparable
        );
        let count = HaplotypeCount::new(tally.equal, tally.people)?;
        Ok(HaplotypeWeight::of(count, singletons, self.confidence, Theta::new(self.theta)?)?)
    }
}

/// The answer as it grows.
struct Answer {
    json: serde_json::Map<String, Value>,
    text: String,
}

impl Answer {
    fn new(title: &str) -> Self {
        Self { json: serde_json::Map::new(), text: format!("{title}\n") }
    }

    fn set(&mut self, key: &str, value: Value) {
        self.json.insert(key.to_owned(), value);
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// What the comparison of evidence and person says; `line` is the line that both are of by inheritance, if there is one.
    fn conclude(&mut self, conclusion: Option<Conclusion>, details: &str, line: Option<&str>) {
        self.set("conclusion", json!(conclusion));
        let Some(conclusion) = conclusion else { return };
        let says = match conclusion {
            Conclusion::NotComparable => "nothing was typed in both".to_owned(),
            Conclusion::NotExcluded => match line {
                Some(line) => {
                    format!("match: the person is not excluded, and neither is anybody of the same {line} line")
                }
                None => "match: the person is not excluded".to_owned(),
            },
            Conclusion::Inconclusive => match line {
                Some(line) => {
                    format!(
                        "mismatch, inconclusive: one mutation would explain it; so would a relative of the {line} line"
                    )
                }
                None => "mismatch, inconclusive: alleles that dropped out would explain it".to_owned(),
            },
            Conclusion::Exclusion => "exclusion: they do not come from the same person".to_owned(),
        };
        self.line(&format!("\nComparison\n  {details}\n  {says}"));
    }

    /// The likelihood ratio, where the comparison leaves one to tell.
    fn weigh(&mut self, conclusion: Option<Conclusion>, log10_lr: f64, against: &str) {
        let told = matches!(conclusion, None | Some(Conclusion::NotExcluded));
        self.set("log10_lr", if told { json!(log10_lr) } else { Value::Null });
        self.set("impossible", json!(conclusion == Some(Conclusion::Exclusion)));
        self.set("verbal", if told { json!(verbal_support(log10_lr)) } else { Value::Null });
        if !told {
            self.line("\nNo likelihood ratio is told for samples that do not match.");
            return;
        }
        let words = verbal_support(log10_lr).unwrap_or("the findings hardly distinguish the two");
        let findings = if conclusion.is_some() { "The findings are" } else { "A match would be" };
        let shown = ratio(log10_lr * std::f64::consts::LN_10);
        self.line(&format!(
            "\nLikelihood ratio {shown}   log10 {log10_lr:.4}\n  {findings} {shown} times as probable if both are of one person than if the \
             other is {against}.\n  In words: {words}"
        ));
    }

    /// Counts and estimates.
    fn estimates(&mut self, weight: &HaplotypeWeight) {
        self.line(&format!(
            "\nHow often the haplotype is seen\n  people of the sample       {} of {}\n  x/N                        {:.3e}\n  \
             (x+1)/(N+1)                {:.3e}\n  upper limit, {:>5.1} %       {:.3e} (Clopper, Pearson 1934)",
            weight.count.seen(),
            weight.count.of(),
            weight.frequency,
            weight.augmented,
            100.0 * weight.confidence,
            weight.upper_limit,
        ));
        self.set("estimates", json!(weight));
    }

    /// Who was found; `expected` says how many to expect by chance, by method.
    fn found(&mut self, tally: &Tally<'_>, expected: &[(&str, f64)], unit: &str) {
        let mut text =
            format!("\nSearch\n  {} searched, {} lack something that is asked", tally.people, tally.not_comparable);
        for (method, expected) in expected {
            let _ = write!(text, "\n  {expected:.3} to be expected by chance ({method})");
        }
        let hits: Vec<Value> = tally
            .found
            .iter()
            .map(|found| {
                let step = found.apart.is_one_step();
                let far = match found.apart.differences {
                    0 => "no difference".to_owned(),
                    1 if step => format!("one {unit}, one mutation step"),
                    n => format!("{n} {unit} differ"),
                };
                let _ = write!(text, "\n  {} ({}): {far}", found.name, found.people);
                json!({
                    "specimen": found.name,
                    "people": found.people,
                    "differences": found.apart.differences,
                    "one_step": step,
                })
            })
            .collect();
        self.line(&text);
        self.set("hits", Value::from(hits));
        self.set("profiles_searched", json!(tally.people));
        self.set("profiles_not_comparable", json!(tally.not_comparable));
        let expected = expected.iter().map(|(method, expected)| ((*method).to_owned(), json!(expected)));
        self.set("adventitious_hits_expected", Value::Object(expected.collect()));
    }

    fn finish(mut self, inputs: &Inputs, console: &Console) {
        self.set("inputs", inputs_json(inputs));
        self.set("version", json!(env!("CARGO_PKG_VERSION")));
        self.line(
            "\nWords after the ENFSI guideline for evaluative reporting in forensic science (2015). A likelihood ratio is not the\n\
             probability that both are of one person.",
        );
        let text = format!("{}\n{}", self.text, provenance(inputs));
        console.answer(&Value::Object(self.json), text);
    }
}

/// How many people at most so far away are to be expected among those searched, by counting in the sample.
fn by_counting(sample: &Tally<'_>, searched: &Tally<'_>) -> f64 {
    searched.people as f64 * (sample.within as f64 + 1.0) / (sample.people as f64 + 1.0)
}
