//! `tanba dna validate`: the engine against files of cases whose answers are known. One file here per kind of case.

mod check;
mod dvi;
mod kinship;
mod matching;
mod mixture;
mod pedigree;
mod weight;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::console::Console;
use crate::input::read_file;

/// The format of the files.
const FORMAT: &str = "dna-vectors/1";

/// Options of `tanba dna validate`.
#[derive(Args)]
pub(crate) struct Validate {
    /// Files of cases (JSON, format `dna-vectors/1`).
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What became of one case.
pub(crate) struct Case {
    /// Its name in the file.
    pub(crate) id: String,
    /// The largest relative error of its numbers; 0 where they are exact or not numbers.
    pub(crate) rel_error: f64,
    /// What differs from the answer that is known, in words, beyond the tolerance of its kind.
    pub(crate) failure: Option<String>,
}

/// Runs the cases of one kind.
type Runner = fn(&Value) -> anyhow::Result<Vec<Case>>;

/// Who runs which kind.
const RUNNERS: &[(&str, Runner)] = &[
    ("mixture_continuous", mixture::run),
    ("codis_stringency", matching::codis_stringency),
    ("prum_rules", matching::prum_rules),
    ("search_1_to_n", matching::search_1_to_n),
    ("rmp", weight::rmp),
    ("ystr_haplotype", weight::ystr_haplotype),
    ("pairwise_kinship", kinship::pairs),
    ("missing_person", kinship::missing_persons),
    ("mutation_matrix", kinship::mutation_matrices),
    ("dvi", dvi::disasters),
];

impl Validate {
    /// Holds the engine against each file.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let mut answers = Vec::new();
        let mut text = String::new();
        let mut failed = 0;
        for path in &self.files {
            let here = || format!("cannot run the cases of {}", path.display());
            let vectors: Value =
                serde_json::from_slice(&read_file(path)?).context("it is not JSON").with_context(here)?;
            if vectors["format"] != FORMAT {
                bail!("{}: its format is not {FORMAT}", here());
            }
            let kind = vectors["kind"].as_str().context("it has no kind").with_context(here)?;
            let runner = RUNNERS.iter().find(|(of, _)| *of == kind);
            let (_, runner) = runner
                .with_context(|| {
                    let known: Vec<&str> = RUNNERS.iter().map(|(kind, _)| *kind).collect();
                    format!("the kind {kind:?} is not known; known are {}", known.join(", "))
                })
                .with_context(here)?;
            let started = Instant::now();
            let cases = runner(&vectors).with_context(here)?;
            let seconds = started.elapsed().as_secs_f64();
            let failures: Vec<&Case> = cases.iter().filter(|case| case.failure.is_some()).collect();
            let worst = cases.iter().map(|case| case.rel_error).fold(0.0, f64::max);
            failed += failures.len();
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{}: {} of {} cases pass; largest relative error {worst:.1e}; {seconds:.2} s",
                path.display(),
                cases.len() - failures.len(),
                cases.len()
            );
            for case in &failures {
                let _ = writeln!(text, "  FAILED {}: {}", case.id, case.failure.as_deref().unwrap_or_default());
            }
            answers.push(json!({
                "file": path.display().to_string(),
                "kind": kind,
                "cases": cases.len(),
                "passed": cases.len() - failures.len(),
                "failed": failures.len(),
                "max_rel_error": worst,
                "seconds": seconds,
                "failures": failures.iter().map(|case| json!({ "id": case.id, "what": case.failure })).collect::<Vec<_>>(),
            }));
        }
        let answer = match <[Value; 1]>::try_from(answers) {
            Ok([one]) => one,
            Err(several) => json!({ "files": several }),
        };
        console.answer(&answer, text.trim_end());
        if failed > 0 {
            bail!("{failed} cases do not give the answers that are known");
        }
        Ok(())
    }
}

/// A list of a file of cases.
fn list(value: &Value) -> anyhow::Result<&[Value]> {
    value.as_array().map(Vec::as_slice).context("a list is missing: is the file whole?")
}

/// A text of a file of cases.
fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().context("a text is missing: is the file whole?")
}
