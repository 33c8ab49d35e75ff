//! `tanba dna search`: genetic profiles against a database file, without a registry.
//!
//! A database is a JSON object a line: `{"specimen": "...", "category": "convicted_person", "profile": {"TH01": ["6", "9.3"]}}`.

mod by_lr;
mod by_rule;
mod files;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use tanba_dna::{
    Category, Comparison, Database, FrequencyTable, MinimumFrequency, Profile, Relation, Rule, SpecimenId, Stringency,
    Theta,
};

use crate::console::Console;
pub(crate) use files::Record;
use files::{load, read_frequencies, read_query, read_rule};

/// Options of `tanba dna search`.
#[derive(Args)]
pub(crate) struct Search {
    /// Database: a JSON object a line, with specimen, category and profile.
    database: PathBuf,
    /// Profile: a JSON object of locus to alleles, a database line, or CSV rows locus,allele1,allele2.
    profile: PathBuf,
    /// Why the profile is held, such as crime_stain; the profile's own word where it has one.
    #[arg(long)]
    category: Option<Category>,
    /// Categories to search; otherwise all that such a search is for.
    #[arg(long, value_delimiter = ',', value_name = "CATEGORY")]
    against: Vec<Category>,
    /// What each locus must reach: high, moderate or low.
    #[arg(long, value_parser = parse_stringency, default_value = "moderate")]
    stringency: Stringency,
    /// Loci that may fail it.
    #[arg(long, default_value_t = Rule::SAME_PROFILE.max_mismatches() as u8)]
    max_mismatches: u8,
    /// Loci that must be compared.
    #[arg(long, default_value_t = Rule::SAME_PROFILE.min_loci() as u8)]
    min_loci: u8,
    /// The match rule as a document (JSON, or TOML by its name), in place of the three options above; or `interpol`, a built-in document
    /// that says of each number how it is known.
    #[arg(long, value_name = "FILE|NAME", conflicts_with_all = ["stringency", "max_mismatches", "min_loci", "pruem"])]
    rule: Option<PathBuf>,
    /// Search by the rules of the Prüm states: wildcards, full and near matches.
    #[arg(long, conflicts_with_all = ["stringency", "max_mismatches", "min_loci", "relation"])]
    pruem: bool,
    /// Search by likelihood ratio: same, parent-child, full-siblings, half-siblings, grandparent, avuncular, first-cousins or
    /// second-cousins.
    #[arg(long, conflicts_with_all = ["stringency", "max_mismatches", "rule"], requires = "frequencies")]
    relation: Option<Relation>,
    /// The least log10 of the likelihood ratio of a lead.
    #[arg(long, default_value_t = 3.0, requires = "relation", allow_negative_numbers = true, value_name = "LOG10")]
    min_log10_lr: f64,
    /// The most leads to show, the best ones.
    #[arg(long, default_value_t = 100, requires = "relation")]
    most: usize,
    /// The probability of a mutation in one meiosis, for any relation but same.
    #[arg(long, requires = "relation", value_name = "RATE")]
    mutation_rate: Option<f64>,
    /// How alleles mutate (docs/dna/kinship.md, section 4).
    #[arg(long, requires = "mutation_rate", value_enum, default_value = "equal")]
    mutation_model: MutationKind,
    /// For stepwise: the probability of a mutation to or from a microvariant, in one meiosis.
    #[arg(long, requires = "mutation_rate", default_value_t = 0.0, value_name = "RATE")]
    mutation_rate2: f64,
    /// For the stepwise models: how much less likely each further step is.
    #[arg(long, requires = "mutation_rate", default_value_t = 0.1, value_name = "RANGE")]
    mutation_range: f64,
    /// With mutation, for parent-child, grandparent and avuncular: what the searched profile's person is; parent stands for the older one
    /// of the two, child for the younger.
    #[arg(long, requires = "mutation_rate", value_parser = ["parent", "child"])]
    query_is: Option<String>,
    /// For same: the probability that an allele of a heterozygote drops out.
    #[arg(long, default_value_t = 0.0, requires = "relation")]
    dropout: f64,
    /// For same: the probability that an allele drops in.
    #[arg(long, default_value_t = 0.0, requires = "relation")]
    dropin: f64,
    /// Allele frequencies, of one population or several, in any form that `tanba convert` reads.
    #[arg(long, value_name = "FILE")]
    frequencies: Option<PathBuf>,
    /// The least frequency of an allele; 5/2N of the table otherwise.
    #[arg(long, value_name = "FREQUENCY")]
    minimum_frequency: Option<f64>,
    /// Coancestry coefficient, 0 to below 1.
    #[arg(long, default_value_t = 0.01)]
    theta: f64,
}

/// How alleles mutate.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum MutationKind {
    /// Every other allele is as likely.
    Equal,
    /// In proportion to the frequencies.
    Proportional,
    /// By whole repeats, with a rate of its own to microvariants.
    Stepwise,
    /// By places on the ladder, so that frequencies stay as they are.
    StepwiseStationary,
    /// To the neighbours on the ladder.
    Onestep,
}

/// What is asked, read and checked.
struct Question<'a> {
    query: &'a Profile,
    category: Category,
    against: &'a [Category],
    database: &'a Database,
    specimens: &'a [String],
    tables: &'a [FrequencyTable],
}

impl Search {
    /// Searches.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let (query, own) = read_query(&self.profile)?;
        let category = self.category.or(own).context(
            "why the profile is held decides what it may be compared with: give --category, such as crime_stain",
        )?;
        let against = if self.against.is_empty() { self.meant_for(category) } else { self.against.clone() };
        let quality = against.contains(&Category::Elimination);
        let rule = match &self.rule {
            Some(path) => read_rule(path)?,
            None => Rule::new(self.stringency, self.max_mismatches, self.min_loci)?.into(),
        };
        let tables = self.frequencies.as_deref().map(read_frequencies).transpose()?.unwrap_or_default();
        let (database, specimens) = load(&self.database, quality, console)?;
        let asked = Question {
            query: &query,
            category,
            against: &against,
            database: &database,
            specimens: &specimens,
            tables: &tables,
        };
        let (json, human) = match self.relation {
            Some(relation) => self.by_lr(&asked, relation)?,
            None if self.pruem => self.by_pruem(&asked)?,
            None => self.by_rule(&asked, &rule)?,
        };
        console.answer(&json, human);
        Ok(())
    }

    /// The categories that such a search is for.
    fn meant_for(&self, category: Category) -> Vec<Category> {
        match self.relation {
            None | Some(Relation::Same) => category.same_source_categories().collect(),
            Some(_) => Category::ALL
                .into_iter()
                .filter(|other| category.compared_with(*other) == Some(Comparison::Kinship))
                .collect(),
        }
    }

    fn theta(&self) -> anyhow::Result<Theta> {
        Ok(Theta::new(self.theta)?)
    }

    fn minimum(&self) -> MinimumFrequency {
        self.minimum_frequency.map_or(MinimumFrequency::FiveOverTwoN, MinimumFrequency::AtLeast)
    }
}

impl Question<'_> {
    /// The name of a specimen in the database file.
    fn name(&self, specimen: SpecimenId) -> &str {
        usize::try_from(specimen.0).ok().and_then(|at| self.specimens.get(at)).map_or("?", String::as_str)
    }
}

fn parse_stringency(text: &str) -> Result<Stringency, String> {
    [Stringency::High, Stringency::Moderate, Stringency::Low]
        .into_iter()
        .find(|s| stringency_name(*s) == text)
        .ok_or_else(|| "a stringency is high, moderate or low".to_owned())
}

fn stringency_name(stringency: Stringency) -> &'static str {
    match stringency {
        Stringency::High => "high",
        Stringency::Moderate => "moderate",
        Stringency::Low => "low",
    }
}
