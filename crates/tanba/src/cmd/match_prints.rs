//! `tanba match`: are two prints of one finger?

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tanba_finger::calibrate::{Decision, log10_lr, threshold};
use tanba_finger::{Prepared, compare};
use tanba_formats::Ppi;

use crate::console::Console;
use crate::input::{ByExtractor, parse_ppi, read_print, to_template};
use crate::parts_chart::parts_svg;
use crate::picture::{Shown, laid_on, pairs, stretch};

/// Options of `tanba match`.
#[derive(Args)]
pub(crate) struct Match {
    /// First image or template.
    a: PathBuf,
    /// Second image or template.
    b: PathBuf,
    /// False match rate that the decision allows, 0.00001 to 1.
    #[arg(long, default_value_t = 1e-4)]
    fmr: f64,
    /// Resolution of both images in pixels per inch, over what the files state.
    #[arg(long, value_parser = parse_ppi)]
    ppi: Option<Ppi>,
    /// Write to this folder what the comparison saw: the paired minutiae, the second print laid on the first, the stretch of the
    /// skin, and what each part added to the score.
    #[arg(long, value_name = "DIR")]
    show: Option<PathBuf>,
    #[command(flatten)]
    by: ByExtractor,
}

impl Match {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let least = threshold(self.fmr).with_context(|| {
            format!("no threshold is known for a false match rate of {}: give one from 0.00001 to 1", self.fmr)
        })?;
        let read = |path| {
            let print = read_print(path, self.ppi)?;
            for d in &print.diagnostics {
                console.note(format_args!("note: {}: {}", path.display(), d.message));
            }
            to_template(print.value, path, self.by.extractor)
        };
        let ((a, image_a), (b, image_b)) = (read(&self.a)?, read(&self.b)?);
        let (prepared_a, prepared_b) = (Prepared::new(&a), Prepared::new(&b));
        let started = Instant::now();
        let found = compare(&prepared_a, &prepared_b);
        let ms = started.elapsed().as_secs_f64() * 1e3;
        if let Some(folder) = &self.show {
            let shown = |template, image| Shown { template, image };
            let picture = pairs(&shown(&a, image_a.as_ref()), &shown(&b, image_b.as_ref()), &found.pairs);
            picture.write(&folder.join("match.png"))?;
            if let (Some(alignment), false) = (&found.alignment, found.ridges.is_empty()) {
                let (first, second) = (shown(&a, image_a.as_ref()), shown(&b, image_b.as_ref()));
                stretch(&first, &second, &found.ridges, alignment).write(&folder.join("stretch.png"))?;
                if let (Some(first), Some(second)) = (&image_a, &image_b) {
                    laid_on(first, second, &found.ridges, alignment).write(&folder.join("ridges.png"))?;
                }
            }
            std::fs::write(folder.join("parts.svg"), parts_svg(&found.contributions))
                .with_context(|| format!("cannot write {}", folder.join("parts.svg").display()))?;
        }
        let decision = Decision::at(found.score, least);
        let lr = log10_lr(found.score);
        let words = match decision {
            Decision::Match => "match",
            Decision::NoMatch => "no match",
        };
        console.answer(
            &json!({
                "score": found.score,
                "log10_lr": lr,
                "decision": decision.name(),
                "fmr": self.fmr,
                "threshold": least,
                "pairs": found.pairs.len(),
                "ridge_windows": found.ridges.len(),
                "contributions": found.contributions,
                "minutiae": [a.minutiae.len(), b.minutiae.len()],
                "ms": ms,
            }),
            format_args!(
                "{words} at a false match rate of {}: score {:.4} (threshold {least:.4}), log10 likelihood ratio {lr:+.1}, {} pairs",
                self.fmr,
                found.score,
                found.pairs.len()
            ),
        );
        Ok(())
    }
}
