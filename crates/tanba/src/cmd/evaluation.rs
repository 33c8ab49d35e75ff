//! `tanba evaluation`: an evaluation of error rates into a register, which publishes it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tanba_registry::Evaluation;

use crate::alone::AloneWithKeys;
use crate::console::Console;
use crate::input;

/// Options of `tanba evaluation`.
#[derive(Args)]
#[command(
    after_help = "`tanba bench rates` writes such a file. In a running service an administrator or a supervisor adds it on the page of thresholds. The passphrase comes in TANBA_PASSPHRASE, in the file that TANBA_PASSPHRASE_FILE names, or is asked for."
)]
pub(crate) struct EvaluationCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Add an evaluation to a register that is not open: it is published, and thresholds may rest on it.
    Add {
        /// The file (tanba-evaluation/1).
        file: PathBuf,
        #[command(flatten)]
        register: AloneWithKeys,
    },
}

impl EvaluationCommand {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let What::Add { file, register } = self.what;
        let bytes = input::read_file(&file)?;
        // Before anybody is asked for a passphrase.
        let title = Evaluation::parse(&bytes)?.title;
        register.with(async |registry| {
            let hash = registry.add_evaluation(None, &bytes).await?;
            console.answer(&json!({"evaluation": hash}), format!("Added {title:?}\nSHA-256 {hash}"));
            Ok(())
        })
    }
}
