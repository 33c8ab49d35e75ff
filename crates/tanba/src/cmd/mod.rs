//! The commands, one file each. A new one is a file, a line in `mod`, a variant with its help, and a line in [`Command::run`].

mod audit;
mod bench;
mod certificate;
mod convert;
mod cosigners;
mod demo;
mod dna;
mod erasure;
mod evaluate;
mod evaluation;
mod extract;
mod gallery;
mod init;
mod inspect;
pub(crate) mod keyd;
mod law;
mod log;
mod match_prints;
mod openapi;
mod own_entries;
mod quality;
mod release;
mod retention;
mod sanction;
mod segment;
pub(crate) mod serve;
mod synth;
mod templates;
mod train;
mod witness;

use clap::Subcommand;

use crate::console::Console;

/// What `tanba` can do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Measure how fast this machine does it.
    Bench(bench::Bench),
    /// The main job from beginning to end, on people who do not exist; then serve it.
    Demo(demo::Demo),
    /// Find the minutiae of a fingerprint image and write a template.
    Extract(extract::Extract),
    /// Ask the law: who must, may and must not be registered, and what stands in the packs.
    Law(law::Law),
    /// Say what a file of any format holds, as a tree.
    Inspect(inspect::Inspect),
    /// Write the same contents in another format.
    Convert(convert::Convert),
    /// Compare two prints, images or templates.
    Match(match_prints::Match),
    /// Judge a capture and say what would make it better.
    Quality(quality::Quality),
    /// Cut a slap, or a ten-print card, into its single fingers.
    Segment(segment::Segment),
    /// Measure accuracy and speed on sets of prints.
    Evaluate(evaluate::Evaluate),
    /// Add an evaluation of error rates to a register, which publishes it.
    Evaluation(evaluation::EvaluationCommand),
    /// Put people's prints into a gallery file (science: no registry, no log).
    Enrol(gallery::Enrol),
    /// Search prints in a gallery file.
    Identify(gallery::Identify),
    /// Make prints, people and profiles of nobody.
    Synth(synth::Synth),
    /// Work with genetic profiles.
    Dna(dna::Dna),
    /// Check the transparency log of a data folder, or prove an entry of it.
    Log(log::Log),
    /// Write a bundle for an outside auditor, or check one without the register.
    Audit(audit::Audit),
    /// Witness the logs of others: cosign what extends everything cosigned before.
    Witness(witness::Witness),
    /// Hold the keys apart from the register: no log entry, no key.
    Keyd(keyd::Keyd),
    /// The authority of a house that has no other: certificates between its services.
    Certificate(certificate::Certificate),
    /// What a court does on its own machine: sign a sanction, read and check one.
    Sanction(sanction::Sanction),
    /// Found a register: its keys, its first passphrase and account.
    Init(init::Init),
    /// The log of releases: that everybody was given the same program, and where it came from.
    Release(release::Release),
    /// What may no longer be kept: the plan of today, and its execution.
    Retention(retention::Retention),
    /// Move a register from one extractor to another: whose templates there are, and their renewal.
    Templates(templates::Templates),
    /// Run the service: the API, the public log, health and metrics.
    Serve(Box<serve::Serve>),
    /// Practise: a register for exercises, with nobody in it who exists.
    Train(train::Train),
    /// Print the description of the API (OpenAPI).
    #[command(name = "openapi")]
    OpenApi(openapi::OpenApi),
}

impl Command {
    /// Does it. A command answers once through the console; an error becomes a non-zero exit status.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self {
            Self::Bench(command) => command.run(console),
            Self::Demo(command) => command.run(console),
            Self::Extract(command) => command.run(console),
            Self::Law(command) => command.run(console),
            Self::Inspect(command) => command.run(console),
            Self::Convert(command) => command.run(console),
            Self::Match(command) => command.run(console),
            Self::Quality(command) => command.run(console),
            Self::Segment(command) => command.run(console),
            Self::Evaluate(command) => command.run(console),
            Self::Evaluation(command) => command.run(console),
            Self::Enrol(command) => command.run(console),
            Self::Identify(command) => command.run(console),
            Self::Synth(command) => command.run(console),
            Self::Dna(command) => command.run(console),
            Self::Log(command) => command.run(console),
            Self::Audit(command) => command.run(console),
            Self::Witness(command) => command.run(console),
            Self::Keyd(command) => command.run(console),
            Self::Certificate(command) => command.run(console),
            Self::Sanction(command) => command.run(console),
            Self::Init(command) => command.run(console),
            Self::Release(command) => command.run(console),
            Self::Retention(command) => command.run(console),
            Self::Templates(command) => command.run(console),
            Self::Serve(command) => command.run(console),
            Self::Train(command) => command.run(console),
            Self::OpenApi(command) => command.run(console),
        }
    }
}
