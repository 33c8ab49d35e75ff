//! From a folder of prints to the scores of all pairs.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use tanba_finger::evaluate::ScoreMatrix;
use tanba_finger::{Extractor, Prepared, Recipe, Scratch, Template, compare, score_only};
use tanba_formats::image::resample;
use tanba_formats::{Gray8, Ppi};

use super::{Set, Source, unless_interrupted};
use crate::cmd::synth::output::Interrupt;
use crate::console::Console;
use crate::input::{self, Print, read_print, to_template};
use crate::picture::{Canvas, Shown, pairs};

/// Comparisons that are timed, about; all of a small set, every so many-th of a large one.
const TIMED: usize = 1 << 20;

/// The scores of a set.
pub(super) struct Compared {
    pub(super) scores: ScoreMatrix,
    /// Which impressions have no template.
    pub(super) failed: Vec<bool>,
    pub(super) times: Times,
}

impl Compared {
    /// Extracts and compares everything; tells of failures and guessed resolutions on standard error.
    pub(super) fn of(source: &Source, interrupt: &Interrupt, console: &Console) -> anyhow::Result<Self> {
        let (set, name) = (&source.set, &source.name);
        let bar = console.progress(set.len() as u64, "extracting");
        let impressions: Vec<Extraction> = set
            .impressions()
            .par_iter()
            .map(|i| {
                unless_interrupted(interrupt)?;
                let extraction = Extraction::of(&source.folder.join(&i.name), source.ppi, source.extractor);
                bar.inc(1);
                Ok(extraction)
            })
            .collect::<anyhow::Result<_>>()?;
        bar.finish_and_clear();
        for (i, e) in set.impressions().iter().zip(&impressions) {
            if let Err(reason) = &e.prepared {
                console.note(format_args!("note: {name}/{} counts as a failure: {reason:#}", i.name));
            }
        }
        let assumed = impressions.iter().filter(|e| e.resolution_assumed).count();
        if assumed > 0 {
            console.note(format_args!(
                "note: {name}: {assumed} of {} images state no resolution: 500 ppi is assumed",
                set.len()
            ));
        }
        let (scores, match_us) = compare_all(&impressions, interrupt, console)?;
        Ok(Self {
            scores,
            failed: impressions.iter().map(|e| e.prepared.is_err()).collect(),
            times: Times::of(impressions.iter().filter_map(|e| e.ms).collect(), match_us),
        })
    }
}

/// One impression: its prepared template or why there is none, and how long that took.
struct Extraction {
    prepared: anyhow::Result<Prepared>,
    /// Milliseconds from the decoded image to the template; none for templates and unreadable files.
    ms: Option<f64>,
    resolution_assumed: bool,
}

impl Extraction {
    fn of(path: &Path, ppi: Option<Ppi>, extractor: &dyn Extractor) -> Self {
        let print = match read_print(path, ppi) {
            Ok(print) => print,
            Err(e) => return Self { prepared: Err(e), ms: None, resolution_assumed: false },
        };
        let resolution_assumed = print
            .diagnostics
            .iter()
            .any(|d| d.code.starts_with("resolution-missing") || d.code == "resolution-screen-default");
        let timed = matches!(print.value, Print::Image(_));
        let started = Instant::now();
        let template = to_template(print.value, path, extractor);
        let ms = timed.then(|| started.elapsed().as_secs_f64() * 1e3);
        Self { prepared: template.map(|(t, _)| Prepared::new(&t)), ms, resolution_assumed }
    }
}

/// All scores, and the microseconds that comparisons took.
fn compare_all(
    impressions: &[Extraction],
    interrupt: &Interrupt,
    console: &Console,
) -> anyhow::Result<(ScoreMatrix, Vec<f64>)> {
    let n = impressions.len();
    let every = (n * n / 2 / TIMED).max(1);
    let bar = console.progress(n as u64, "comparing");
    let rows: Vec<(Vec<f32>, Vec<f64>)> = (0..n)
        .into_par_iter()
        .map_init(Scratch::default, |scratch, i| {
            unless_interrupted(interrupt)?;
            bar.inc(1);
            let mut times = Vec::new();
            let Ok(a) = &impressions[i].prepared else { return Ok((Vec::new(), times)) };
            let scores = (i + 1..n).map(|j| {
                let Ok(b) = &impressions[j].prepared else { return 0.0 };
                let started = Instant::now();
                let score = score_only(a, b, scratch);
                if (i + j) % every == 0 {
                    times.push(started.elapsed().as_secs_f64() * 1e6);
                }
                score
            });
            let scores = scores.collect();
            Ok((scores, times))
        })
        .collect::<anyhow::Result<_>>()?;
    bar.finish_and_clear();
    let mut scores = ScoreMatrix::zero(n);
    let mut times = Vec::new();
    for (i, (row, of_row)) in rows.into_iter().enumerate() {
        for (j, score) in row.into_iter().enumerate() {
            scores.set(i, i + 1 + j, score);
        }
        times.extend(of_row);
    }
    Ok((scores, times))
}

/// Medians of a set; `None` where nothing was timed.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) extract_ms_median: Option<f64>,
    extract_ms_p95: Option<f64>,
    pub(super) match_us_median: Option<f64>,
}

impl Times {
    fn of(extract_ms: Vec<f64>, match_us: Vec<f64>) -> Self {
        let quantile = |mut times: Vec<f64>, share: f64| {
            times.sort_by(f64::total_cmp);
            let last = times.len().checked_sub(1)?;
            times.get((last as f64 * share).round() as usize).copied()
        };
        Self {
            extract_ms_median: quantile(extract_ms.clone(), 0.5),
            extract_ms_p95: quantile(extract_ms, 0.95),
            match_us_median: quantile(match_us, 0.5),
        }
    }

    /// The mean of several sets.
    pub(super) fn mean(sets: &[Set]) -> Self {
        let mean = |of: fn(&Self) -> Option<f64>| {
            let known: Vec<f64> = sets.iter().filter_map(|s| of(&s.times)).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        };
        Self {
            extract_ms_median: mean(|t| t.extract_ms_median),
            extract_ms_p95: mean(|t| t.extract_ms_p95),
            match_us_median: mean(|t| t.match_us_median),
        }
    }

    pub(super) fn add_to(self, keys: &mut Map<String, Value>) {
        keys.insert("extract_ms_median".into(), json!(self.extract_ms_median));
        keys.insert("extract_ms_p95".into(), json!(self.extract_ms_p95));
        keys.insert("match_us_median".into(), json!(self.match_us_median));
    }
}

/// The names of the images of a folder, or of its templates where it has no image.
pub(in crate::cmd) fn list(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot open the folder {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.with_context(|| format!("cannot list {}", folder.display()))?.file_name();
        names.push(
            name.into_string().ok().with_context(|| format!("{} holds a name that is no text", folder.display()))?,
        );
    }
    let of = |is_one: fn(&str) -> bool| names.iter().filter(|n| is_one(n)).cloned().collect::<Vec<_>>();
    // A folder of images is not searched for templates, which may be their ground truth.
    let images = of(input::is_image_name);
    let found = if images.is_empty() { of(input::is_template_name) } else { images };
    if found.is_empty() {
        bail!("{} holds no prints: give a folder of files named <finger>_<impression>.<ext>", folder.display());
    }
    Ok(found)
}

/// A print that is read again to be looked at.
pub(super) struct Look {
    template: Template,
    image: Option<Gray8>,
}

impl Look {
    /// A print without minutiae where none could be found, and without an image where it could not be read.
    pub(super) fn at(path: &Path, ppi: Option<Ppi>, extractor: &dyn Extractor) -> Self {
        let blank = |image: Option<&Gray8>| {
            let side = |of: fn(&Gray8) -> usize| image.map_or(0, |i| u16::try_from(of(i)).unwrap_or(u16::MAX));
            let (width, height) = (side(Gray8::width), side(Gray8::height));
            Template { recipe: Recipe::Unknown, width, height, quality: 0, minutiae: Vec::new(), ridges: None }
        };
        let Ok(print) = read_print(path, ppi) else { return Self { template: blank(None), image: None } };
        let image = match &print.value {
            Print::Image(image) => Some(resample(image, Ppi::NOMINAL)),
            Print::Template(_) => None,
        };
        match to_template(print.value, path, extractor) {
            Ok((template, _)) => Self { template, image },
            Err(_) => Self { template: blank(image.as_ref()), image },
        }
    }

    /// The two side by side, with the pairs that the comparison found; and how many those are.
    pub(super) fn beside(&self, other: &Self) -> (Canvas, usize) {
        let found = compare(&Prepared::new(&self.template), &Prepared::new(&other.template));
        (pairs(&self.shown(), &other.shown(), &found.pairs), found.pairs.len())
    }

    fn shown(&self) -> Shown<'_> {
        Shown { template: &self.template, image: self.image.as_ref() }
    }
}
