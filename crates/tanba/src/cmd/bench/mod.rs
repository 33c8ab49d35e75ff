//! `tanba bench`: how fast this machine does it. Figures are for comparing in one run; they judge no test.

mod console;
mod dna;
mod first_look;
mod fusion;
mod identify;
mod log;
mod persons;
mod quality;
mod rates;
mod realism;
mod slaps;
mod synth;

use clap::{Args, Subcommand};

use crate::console::Console;

/// What is measured.
#[derive(Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// How long the service takes for each page of the console, with many people in the register.
    Console(console::Pages),
    /// Whom the first look of a search leaves out, on real sets, and how fast it is with each kind of instructions.
    FirstLook(first_look::FirstLook),
    /// How fast one core searches genetic profiles of nobody, by match rule and by likelihood ratio.
    Dna(dna::Dna),
    /// The weights of the score and its calibration, fitted anew on prints of nobody.
    Fusion(fusion::Fusion),
    /// One against many people who do not exist: how long a search takes, whom it misses, and how many others it names.
    Identify(identify::Identify),
    /// How many entries the log takes a second so that they outlive a crash, and how long a proof takes in a large one.
    Log(log::Log),
    /// What the evidence of a whole person is worth: people who do not exist held against each other.
    Persons(persons::Persons),
    /// How well the quality score foretells the errors of this engine: error against reject. With `--fit`, the score is fitted anew.
    Quality(quality::Quality),
    /// Error rates by threshold and by group, on people who do not exist, as a file that a register publishes (`tanba evaluation add`).
    Rates(rates::Rates),
    /// Whether prints of nobody look real to the extractor and the matcher: distributions and error rates beside those of real sets.
    Realism(Box<realism::Realism>),
    /// How often slaps of nobody are cut into the right fingers, scored as NIST's evaluations do.
    Slaps(slaps::Slaps),
    /// How fast fingers, impressions, templates, people and profiles of nobody are made.
    Synth(synth::Synth),
}

impl Bench {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.what {
            What::Console(pages) => pages.run(console),
            What::FirstLook(command) => command.run(console),
            What::Dna(command) => command.run(console),
            What::Fusion(command) => command.run(console),
            What::Identify(command) => command.run(console),
            What::Log(command) => command.run(console),
            What::Persons(command) => command.run(console),
            What::Quality(command) => command.run(console),
            What::Rates(command) => command.run(console),
            What::Realism(command) => command.run(console),
            What::Slaps(command) => command.run(console),
            What::Synth(command) => command.run(console),
        }
    }
}
