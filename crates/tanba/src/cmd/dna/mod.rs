//! `tanba dna`: forensic genetics without a registry.

mod mixture;
mod frequencies;
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
            Task::Validate(validate) => validate.run(console),
        }
    }
}
