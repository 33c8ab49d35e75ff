//! `tanba bench`: how fast this machine does it. Figures are for comparing in one run; they judge no test.

mod console;

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
}

impl Bench {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.what {
            What::Console(pages) => pages.run(console),
        }
    }
}
