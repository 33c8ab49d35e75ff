//! `tanba extract`: image to template.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tanba_finger::pattern::add_pattern;
use tanba_finger::{Pattern, Stage, StageData, StageSink, Template, iso};
use tanba_formats::image::resample;
use tanba_formats::minutiae::Edition;
use tanba_formats::{Finger, Ppi, ansi378, iso19794_2};

use crate::console::Console;
use crate::input::{self, ByExtractor, parse_ppi};
use crate::stages::Stages;

/// Options of `tanba extract`.
#[derive(Args)]
pub(crate) struct Extract {
    /// Fingerprint image: PNG, BMP, PGM, TIFF, WSQ or JPEG 2000.
    image: PathBuf,
    /// Where to write the template: ISO/IEC 19794-2:2005 where the name ends in .fmr, ANSI INCITS 378-2004 where it ends in
    /// .ansi or .fmr378, native otherwise.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Resolution in pixels per inch, over what the file states.
    #[arg(long, value_parser = parse_ppi)]
    ppi: Option<Ppi>,
    /// Write a picture of every stage to this folder.
    #[arg(long, value_name = "DIR")]
    show: Option<PathBuf>,
    #[command(flatten)]
    by: ByExtractor,
}

impl Extract {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let read = input::read_image(&self.image, self.ppi)?;
        for d in &read.diagnostics {
            console.note(format_args!("note: {}", d.message));
        }
        let stated = read.value.ppi().get();
        let started = Instant::now();
        let image = resample(&read.value, Ppi::NOMINAL);
        let extractor = self.by.extractor;
        let cannot = || format!("no template of {}", self.image.display());
        let mut pattern = None;
        let mut keep = |stage: &Stage<'_>| {
            if let StageData::Pattern(found) = stage.data {
                pattern = Some(found.clone());
            }
        };
        let (template, ms) = match &self.show {
            None => {
                let template = extractor.extract(&image, &mut |stage: Stage<'_>| keep(&stage)).with_context(cannot)?;
                (template, started.elapsed().as_secs_f64() * 1e3)
            }
            Some(folder) => {
                // Pictures of the stages up to a refusal are what shows why.
                let mut stages = Stages::new(&image);
                let result = extractor.extract(&image, &mut |stage: Stage<'_>| {
                    keep(&stage);
                    stages.stage(stage);
                });
                let ms = started.elapsed().as_secs_f64() * 1e3;
                stages.write(folder)?;
                (result.with_context(cannot)?, ms)
            }
        };
        // Not every extractor looks for one.
        let pattern = pattern.as_ref();
        std::fs::write(&self.out, encode(&template, pattern, &self.out)?)
            .with_context(|| format!("cannot write {}", self.out.display()))?;
        console.answer(
            &json!({
                "extractor": template.recipe.name(),
                "minutiae": template.minutiae.len(),
                "quality": template.quality,
                "class": pattern.map(|p| p.class),
                "class_confidence": pattern.map(|p| p.confidence),
                "cores": pattern.map(|p| &p.cores),
                "deltas": pattern.map(|p| &p.deltas),
                "core_delta_count": pattern.and_then(|p| p.core_delta_count),
                "width": template.width,
                "height": template.height,
                "ppi": stated,
                "ms": ms,
                "diagnostics": input::to_json(&read.diagnostics),
            }),
            format_args!(
                "{} minutiae by {}, quality {} of 100, pattern {}, in {ms:.0} ms: {}",
                template.minutiae.len(),
                template.recipe,
                template.quality,
                pattern.map_or("not looked for".to_owned(), |p| p.class.name().replace('_', " ")),
                self.out.display()
            ),
        );
        Ok(())
    }
}

/// The form that the ending names: `.fmr`, `.ansi` or `.fmr378`, native otherwise. Records hold cores and deltas too.
fn encode(template: &Template, pattern: Option<&Pattern>, name: &Path) -> anyhow::Result<Vec<u8>> {
    let ending = name.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let record = |edition| {
        let mut record = iso::to_record_of(template, Finger::Unknown, edition);
        if let Some(pattern) = pattern {
            add_pattern(&mut record, pattern);
        }
        record
    };
    Ok(match ending.as_str() {
        "fmr" => iso19794_2::write(&record(Edition::Iso2005))?,
        "ansi" | "fmr378" => ansi378::write_2004(&record(Edition::Ansi2004))?,
        _ => template.to_bytes(),
    })
}
