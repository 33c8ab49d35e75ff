//! What the person at the terminal, or the script, gets to see: one answer on standard output, everything else on standard
//! error.

use std::cell::Cell;
use std::fmt::Display;
use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use tracing_subscriber::EnvFilter;

/// The two ways out of the program.
pub(crate) struct Console {
    json: bool,
    answered: Cell<bool>,
    aside: Cell<bool>,
}

/// Sends log lines to standard error; `RUST_LOG` chooses which (warnings by default).
pub(crate) fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

impl Console {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, answered: Cell::new(false), aside: Cell::new(false) }
    }

    /// From now on standard output belongs to the command's own bytes: the answer and the error go to standard error.
    pub(crate) fn step_aside(&self) {
        self.aside.set(true);
    }

    /// Gives the command's one answer: `json` to a script, `human` to a person. A command calls it at most once.
    pub(crate) fn answer(&self, json: &Value, human: impl Display) {
        self.answered.set(true);
        if self.json {
            self.out(json);
        } else {
            self.out(human);
        }
    }

    fn out(&self, text: impl Display) {
        if self.aside.get() {
            line(&mut std::io::stderr(), text);
        } else {
            line(&mut std::io::stdout(), text);
        }
    }

    /// A word on standard error while the command works.
    pub(crate) fn note(&self, text: impl Display) {
        line(&mut std::io::stderr(), text);
    }

    /// Tells the error as one chain on standard error, and as `error` on standard output where a script asked for JSON and
    /// has not been answered.
    pub(crate) fn fail(&self, error: &anyhow::Error) {
        line(&mut std::io::stderr(), format_args!("tanba: {error:#}"));
        if self.json && !self.answered.get() {
            self.out(json!({ "error": format!("{error:#}") }));
        }
    }

    /// A progress bar on standard error, invisible where that is no terminal.
    pub(crate) fn progress(&self, len: u64, what: &'static str) -> ProgressBar {
        let bar = ProgressBar::new(len).with_message(what);
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:32} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar
    }
}

/// Writes a line; a reader that went away (`tanba ... | head`) is no fault of the command.
fn line(out: &mut impl Write, text: impl Display) {
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}
