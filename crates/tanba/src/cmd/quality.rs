//! `tanba quality`: how good is a capture, and what to tell the person at the scanner?

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::{Map, Value, json};
use tanba_finger::{ExtractParams, NativeMeasure, NoSink, QualityReport, assess, extract, native_measures};
use tanba_formats::Ppi;
use tanba_formats::image::resample;

use crate::console::Console;
use crate::input::{self, parse_ppi};

/// Options of `tanba quality`.
#[derive(Args)]
pub(crate) struct Quality {
    /// Fingerprint image: PNG, BMP, PGM, TIFF, WSQ or JPEG 2000.
    image: PathBuf,
    /// Resolution in pixels per inch, over what the file states.
    #[arg(long, value_parser = parse_ppi)]
    ppi: Option<Ppi>,
    /// Show the native measures of ISO/IEC 29794-4 too (in JSON they always are).
    #[arg(long)]
    native: bool,
}

impl Quality {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let read = input::read_image(&self.image, self.ppi)?;
        for d in &read.diagnostics {
            console.note(format_args!("note: {}", d.message));
        }
        let image = resample(&read.value, Ppi::NOMINAL);
        let report = assess(&image);
        let minutiae = extract(&image, &ExtractParams::default(), &mut NoSink).map(|t| t.minutiae).unwrap_or_default();
        let start = Instant::now();
        let native = native_measures(&image, &minutiae);
        let native_ms = start.elapsed().as_secs_f64() * 1e3;
        console.answer(
            &json!({
                "quality": report.quality,
                "measures": named(report.measures.iter().map(|m| (m.name, f64::from(m.value)))),
                "advice": report.advice,
                "losses": report.losses,
                "native_measures": named(native.iter().map(|m| (m.name, m.value))),
                "native_ms": native_ms,
                "diagnostics": input::to_json(&read.diagnostics),
            }),
            human(&report, self.native.then_some((&native, native_ms))),
        );
        Ok(())
    }
}

fn named<'n>(values: impl Iterator<Item = (&'n str, f64)>) -> Map<String, Value> {
    values.map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

/// What a person reads: the score and what to do first, then why.
fn human(report: &QualityReport, native: Option<(&Vec<NativeMeasure>, f64)>) -> String {
    let mut out = format!("quality {} of 100", report.quality);
    // Writing to a string cannot fail.
    if report.advice.is_empty() {
        out.push_str("\nnothing to do better");
    }
    for a in &report.advice {
        let _ = write!(out, "\n{} ({})", a.message, a.code);
    }
    if !report.losses.is_empty() {
        let losses = report.losses.iter().map(|l| format!("{} {:.0}", l.name, l.points)).collect::<Vec<_>>().join(", ");
        let _ = write!(out, "\npoints lost by each measure alone: {losses}");
    }
    for m in &report.measures {
        let _ = write!(out, "\n  {:24} {:>8.2} {:6} {}", m.name, m.value, m.unit, m.meaning);
    }
    if let Some((native, ms)) = native {
        let _ =
            write!(out, "\nnative measures of ISO/IEC 29794-4 (measures only, no score of that standard), {ms:.0} ms");
        for m in native {
            let _ = write!(out, "\n  {:40} {:>12.5}", m.name, m.value);
        }
    }
    out
}
