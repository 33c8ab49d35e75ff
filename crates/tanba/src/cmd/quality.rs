//! `tanba quality`: how good is a capture, and what to tell the person at the scanner?

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, json};
use tanba_finger::assess;
use tanba_formats::Ppi;
use tanba_formats::image::resample;

use crate::console::Console;
use crate::input::{self, parse_ppi};

/// Options of `tanba quality`.
#[derive(Args)]
pub(crate) struct Quality {
    /// Fingerprint image: PNG, BMP, PGM or TIFF.
    image: PathBuf,
    /// Resolution in pixels per inch, over what the file states.
    #[arg(long, value_parser = parse_ppi)]
    ppi: Option<Ppi>,
}

impl Quality {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let read = input::read_image(&self.image, self.ppi)?;
        for d in &read.diagnostics {
            console.note(format_args!("note: {}", d.message));
        }
        let report = assess(&resample(&read.value, Ppi::NOMINAL));
        let measures: Map<_, _> = report.measures.iter().map(|m| (m.name.to_owned(), json!(m.value))).collect();
        let mut human = format!("quality {} of 100", report.quality);
        for m in &report.measures {
            // Writing to a string cannot fail.
            let _ = write!(human, "\n  {:24} {:>8.2} {:6} {}", m.name, m.value, m.unit, m.meaning);
        }
        for a in &report.advice {
            let _ = write!(human, "\n{}", a.message);
        }
        console.answer(
            &json!({
                "quality": report.quality,
                "measures": measures,
                "advice": report.advice,
                "diagnostics": input::to_json(&read.diagnostics),
            }),
            human,
        );
        Ok(())
    }
}
