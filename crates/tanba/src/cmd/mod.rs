//! The commands, one file each. A new one is a file, a line in `mod`, a variant with its help, and a line in [`Command::run`].

mod extract;
mod log;

use clap::Subcommand;

use crate::console::Console;

/// What `tanba` can do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Find the minutiae of a fingerprint image and write a template.
    Extract(extract::Extract),
    /// Check the transparency log of a data folder, or prove an entry of it.
    Log(log::Log),
}

impl Command {
    /// Does it. A command answers once through the console; an error becomes a non-zero exit status.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self {
            Self::Extract(command) => command.run(console),
            Self::Log(command) => command.run(console),
        }
    }
}
