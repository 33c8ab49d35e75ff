//! `tanba dna`: forensic genetics without a registry.

mod case;
mod dvi;
mod frequencies;
mod lineage;
mod lr;
mod mixture;
mod power;
mod search;
mod validate;

use clap::{Args, Subcommand};

use crate::console::Console;
pub(crate) use search::Record;

/// Options of `tanba dna`.
#[derive(Args)]
pub(crate) struct Dna {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Weigh a mixture for and against a person's having contributed, with a report, electropherogram and model check.
    Mixture(mixture::Mixture),
    /// Make a table of allele frequencies from typed people, and check proportions, linkage and theta.
    Frequencies(frequencies::Frequencies),
    /// Search a profile in a database by a match rule or by likelihood ratio. A hit is a lead, never an identification.
    Search(Box<search::Search>),
    /// What genotypes say about who is related to whom: the likelihood ratio of hypotheses, each a pedigree.
    Lr(lr::Lr),
    /// Y-STR and mitochondrial haplotypes and identity SNPs: compared, weighed against a sample, searched.
    Lineage(Box<lineage::Lineage>),
    /// Unidentified persons against families that miss somebody: all of them together. Proposals for experts.
    Dvi(dvi::Dvi),
    /// Whether it is worth testing a relative of a missing person, by simulation.
    Power(power::PowerOf),
    /// Hold the engine against files of cases whose answers are known (`dna-vectors/1`): a laboratory's own validation.
    Validate(validate::Validate),
}

impl Dna {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.task {
            Task::Frequencies(frequencies) => frequencies.run(console),
            Task::Search(search) => search.run(console),
            Task::Mixture(mixture) => mixture.run(console),
            Task::Lr(lr) => lr.run(console),
            Task::Lineage(lineage) => lineage.run(console),
            Task::Dvi(dvi) => dvi.run(console),
            Task::Power(power) => power.run(console),
            Task::Validate(validate) => validate.run(console),
        }
    }
}
