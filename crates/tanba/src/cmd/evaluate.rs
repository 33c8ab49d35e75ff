//! `tanba evaluate`: accuracy and speed on sets of prints named `<finger>_<impression>.<ext>`.
//!
//! Read and extract every impression, compare every pair, count errors, draw fingers again for intervals; the counting itself
//! is `tanba_finger::evaluate`.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use tanba_finger::evaluate::{
    self as ev, Curve, Figures, ImpressionSet, Interval, REPLICATES, ScoreMatrix, Trials, det_svg, histogram_svg,
    mean_figures, mean_replicates, paired_difference,
};
use tanba_finger::{Prepared, Scratch, score_only};
use tanba_formats::Ppi;

use crate::console::Console;
use crate::input::{Print, parse_ppi, read_file, read_print, to_template};

/// Endings of images, and of templates; a folder of images is not searched for templates, which may be their ground truth.
const IMAGES: [&str; 8] = ["png", "bmp", "pgm", "ppm", "pbm", "pnm", "tif", "tiff"];
const TEMPLATES: [&str; 4] = ["fmr", "iso", "ist", "tanba"];
/// The bootstrap draws the same fingers for the same number of fingers; sets of a mean are drawn independently.
const SEED: u64 = 0x7a9e_0001;

/// Options of `tanba evaluate`.
#[derive(Args)]
pub(crate) struct Evaluate {
    /// Folders of prints named `<finger>_<impression>.<ext>`, one set each.
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Impostor comparisons: first impressions of different fingers, or all pairs of different fingers.
    #[arg(long, value_enum, default_value_t = Impostors::All)]
    impostors: Impostors,
    /// Resolution of a set in pixels per inch, by the folder's path or last component; may be given several times.
    #[arg(long, value_name = "DIR=N", value_parser = parse_set_ppi)]
    ppi: Vec<(String, Ppi)>,
    /// Write scores as an N x N matrix of little-endian f32 in sorted file order. `{set}` in the name is the set's; for several
    /// sets without it, a folder that gets `<set>.f32`.
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
    /// Compare with such a matrix of another matcher by paired bootstrap; named as for `--scores`.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Write DET curves and score histograms as SVG to this folder.
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
}

/// Which impostor comparisons count.
#[derive(Clone, Copy, ValueEnum)]
enum Impostors {
    /// First impressions of different fingers, as FVC does.
    Fvc,
    /// All pairs of different fingers.
    All,
}

fn parse_set_ppi(text: &str) -> Result<(String, Ppi), String> {
    let (set, ppi) = text.rsplit_once('=').ok_or("give it as DIR=N, such as fvc2002_db2_b=569")?;
    Ok((set.trim_end_matches('/').to_owned(), parse_ppi(ppi)?))
}

impl Evaluate {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        for (set, _) in &self.ppi {
            if !self.folders.iter().any(|f| names(f, set)) {
                bail!("--ppi names {set}, which is none of the sets given");
            }
        }
        let mut sets = Vec::new();
        for folder in &self.folders {
            sets.push(self.measure(folder, console)?);
        }
        if let Some(folder) = &self.plots {
            plot(&sets, folder)?;
        }
        let mean = Mean::of(&sets);
        let json_sets: Vec<Value> = sets.iter().map(Set::to_json).collect();
        console.answer(&json!({ "sets": json_sets, "mean": mean.to_json() }), table(&sets, &mean));
        Ok(())
    }

    /// Everything about one set.
    fn measure(&self, folder: &Path, console: &Console) -> anyhow::Result<Set> {
        let name = set_name(folder);
        let set =
            ImpressionSet::from_names(&list(folder)?).with_context(|| format!("{} is no set", folder.display()))?;
        let ppi = self.ppi.iter().find(|(s, _)| names(folder, s)).map(|(_, ppi)| *ppi);

        let bar = console.progress(set.len() as u64, "extracting");
        let impressions: Vec<Extraction> = set
            .impressions()
            .par_iter()
            .map(|i| {
                let extraction = Extraction::of(&folder.join(&i.name), ppi);
                bar.inc(1);
                extraction
            })
            .collect();
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

        let (scores, match_us) = compare_all(&impressions, console);
        if let Some(path) = &self.scores {
            let path = self.matrix_path(path, &name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
            }
            std::fs::write(&path, scores.to_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let failed: Vec<bool> = impressions.iter().map(|e| e.prepared.is_err()).collect();
        let impostors = match self.impostors {
            Impostors::Fvc => ev::Impostors::Fvc,
            Impostors::All => ev::Impostors::All,
        };
        let trials = Trials::of(&set, &scores, &failed, impostors);
        let against = self.against.as_ref().map(|path| -> anyhow::Result<_> {
            let path = self.matrix_path(path, &name);
            let theirs = ScoreMatrix::from_bytes(&read_file(&path)?, set.len())
                .with_context(|| format!("cannot compare with {}", path.display()))?;
            // Their failures stand in the matrix as scores of 0.
            let theirs = Trials::of(&set, &theirs, &vec![false; set.len()], impostors);
            Ok((theirs.figures(), paired_difference(&trials, &theirs, REPLICATES, SEED)))
        });
        let replicates = trials.bootstrap(REPLICATES, SEED.wrapping_add(text_number(&name)));
        Ok(Set {
            figures: trials.figures(),
            replicates,
            against: against.transpose()?,
            times: Times::of(impressions.iter().filter_map(|e| e.ms).collect(), match_us),
            name,
            trials,
        })
    }

    fn matrix_path(&self, given: &Path, set: &str) -> PathBuf {
        let text = given.to_string_lossy();
        if text.contains("{set}") {
            PathBuf::from(text.replace("{set}", set))
        } else if self.folders.len() == 1 {
            given.to_path_buf()
        } else {
            given.join(format!("{set}.f32"))
        }
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
    fn of(path: &Path, ppi: Option<Ppi>) -> Self {
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
        let template = to_template(print.value, path);
        let ms = timed.then(|| started.elapsed().as_secs_f64() * 1e3);
        Self { prepared: template.map(|(t, _)| Prepared::new(&t)), ms, resolution_assumed }
    }
}

/// All scores, and the microseconds that each comparison took.
fn compare_all(impressions: &[Extraction], console: &Console) -> (ScoreMatrix, Vec<f64>) {
    let n = impressions.len();
    let bar = console.progress(n as u64, "comparing");
    let rows: Vec<Vec<(usize, f32, f64)>> = (0..n)
        .into_par_iter()
        .map_init(Scratch::default, |scratch, i| {
            bar.inc(1);
            let Ok(a) = &impressions[i].prepared else { return Vec::new() };
            let others = (i + 1..n).filter_map(|j| impressions[j].prepared.as_ref().ok().map(|b| (j, b)));
            others
                .map(|(j, b)| {
                    let started = Instant::now();
                    let score = score_only(a, b, scratch);
                    (j, score, started.elapsed().as_secs_f64() * 1e6)
                })
                .collect()
        })
        .collect();
    bar.finish_and_clear();
    let mut scores = ScoreMatrix::zero(n);
    let mut times = Vec::new();
    for (i, row) in rows.into_iter().enumerate() {
        for (j, score, us) in row {
            scores.set(i, j, score);
            times.push(us);
        }
    }
    (scores, times)
}

/// What was measured on one set.
struct Set {
    name: String,
    trials: Trials,
    figures: Figures,
    replicates: Vec<Figures>,
    /// The other matcher's figures, and the difference to it.
    against: Option<(Figures, ev::Difference)>,
    times: Times,
}

impl Set {
    fn to_json(&self) -> Value {
        let mut keys = figures_json(&self.figures, &Interval::of(&self.replicates));
        keys.insert("name".into(), json!(self.name));
        self.times.add_to(&mut keys);
        keys.insert("genuine".into(), json!(self.trials.genuine()));
        keys.insert("impostors".into(), json!(self.trials.impostors()));
        keys.insert("fingers".into(), json!(self.trials.fingers()));
        if let Some((theirs, difference)) = &self.against {
            let theirs: Map<_, _> = theirs.named().iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
            keys.insert("against".into(), Value::Object(theirs));
            keys.insert("difference".into(), Value::Object(figures_json(&difference.figures, &difference.interval)));
        }
        Value::Object(keys)
    }
}

/// The mean over the sets.
struct Mean {
    figures: Figures,
    interval: Interval,
    times: Times,
    genuine: usize,
    impostors: usize,
}

impl Mean {
    fn of(sets: &[Set]) -> Self {
        let figures: Vec<Figures> = sets.iter().map(|s| s.figures).collect();
        let replicates: Vec<Vec<Figures>> = sets.iter().map(|s| s.replicates.clone()).collect();
        Self {
            figures: mean_figures(&figures),
            interval: Interval::of(&mean_replicates(&replicates)),
            times: Times::mean(sets),
            genuine: sets.iter().map(|s| s.trials.genuine()).sum(),
            impostors: sets.iter().map(|s| s.trials.impostors()).sum(),
        }
    }

    fn to_json(&self) -> Value {
        let mut keys = figures_json(&self.figures, &self.interval);
        self.times.add_to(&mut keys);
        // Counts are of all sets together.
        keys.insert("genuine".into(), json!(self.genuine));
        keys.insert("impostors".into(), json!(self.impostors));
        Value::Object(keys)
    }
}

/// Medians of a set; `None` where nothing was timed.
#[derive(Clone, Copy)]
struct Times {
    extract_ms_median: Option<f64>,
    extract_ms_p95: Option<f64>,
    match_us_median: Option<f64>,
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

    fn mean(sets: &[Set]) -> Self {
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

    fn add_to(self, keys: &mut Map<String, Value>) {
        keys.insert("extract_ms_median".into(), json!(self.extract_ms_median));
        keys.insert("extract_ms_p95".into(), json!(self.extract_ms_p95));
        keys.insert("match_us_median".into(), json!(self.match_us_median));
    }
}

fn figures_json(figures: &Figures, interval: &Interval) -> Map<String, Value> {
    let mut keys = Map::new();
    let (low, high) = (interval.low.named(), interval.high.named());
    for (i, (name, value)) in figures.named().into_iter().enumerate() {
        keys.insert(name.to_owned(), json!(value));
        keys.insert(format!("{name}_ci95"), json!([low[i].1, high[i].1]));
    }
    keys
}

fn table(sets: &[Set], mean: &Mean) -> String {
    let width = sets.iter().map(|s| s.name.len()).max().unwrap_or(0).max(4);
    let time = |t: Option<f64>| t.map_or("-".to_owned(), |t| format!("{t:.0}"));
    let row = |name: &str, f: &Figures, i: &Interval, t: &Times| {
        format!(
            "{name:width$} {:5.2} [{:5.2}, {:5.2}] {:7.2} {:8.2} {:9.2} {:8.2} {:6.2} {:6.2} {:>8} {:>6}",
            f.eer,
            i.low.eer,
            i.high.eer,
            f.fmr100,
            f.fmr1000,
            f.fmr10000,
            f.zerofmr,
            f.fte,
            f.rank1,
            time(t.extract_ms_median),
            time(t.match_us_median)
        )
    };
    let mut out = format!(
        "{:width$} {:>5} {:>14} {:>7} {:>8} {:>9} {:>8} {:>6} {:>6} {:>8} {:>6}   (percent; times in ms and us)",
        "set", "EER", "95 %", "FMR100", "FMR1000", "FMR10000", "ZeroFMR", "FTE", "rank1", "extract", "match"
    );
    // Writing to a string cannot fail.
    for s in sets {
        let _ = write!(out, "\n{}", row(&s.name, &s.figures, &Interval::of(&s.replicates), &s.times));
        if let Some((theirs, d)) = &s.against {
            let _ = write!(
                out,
                "\n{:width$} against EER {:.2}: difference {:+.2} [{:+.2}, {:+.2}]; FMR1000 {:.2}: {:+.2} [{:+.2}, {:+.2}]",
                "",
                theirs.eer,
                d.figures.eer,
                d.interval.low.eer,
                d.interval.high.eer,
                theirs.fmr1000,
                d.figures.fmr1000,
                d.interval.low.fmr1000,
                d.interval.high.fmr1000
            );
        }
    }
    if sets.len() > 1 {
        let _ = write!(out, "\n{}", row("mean", &mean.figures, &mean.interval, &mean.times));
    }
    out
}

fn plot(sets: &[Set], folder: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot write plots to {}", folder.display());
    std::fs::create_dir_all(folder).with_context(failed)?;
    let curves: Vec<Curve<'_>> = sets.iter().map(|s| Curve { name: &s.name, trials: &s.trials }).collect();
    std::fs::write(folder.join("det.svg"), det_svg(&curves)).with_context(failed)?;
    for curve in &curves {
        std::fs::write(folder.join(format!("scores-{}.svg", curve.name)), histogram_svg(curve)).with_context(failed)?;
    }
    Ok(())
}

/// The names of the images of a folder, or of its templates where it has no image.
fn list(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot open the folder {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.with_context(|| format!("cannot list {}", folder.display()))?.file_name();
        names.push(
            name.into_string().ok().with_context(|| format!("{} holds a name that is no text", folder.display()))?,
        );
    }
    let of = |endings: &[&str]| {
        let ends =
            |n: &String| n.rsplit_once('.').is_some_and(|(_, e)| endings.contains(&e.to_ascii_lowercase().as_str()));
        names.iter().filter(|n| ends(n)).cloned().collect::<Vec<_>>()
    };
    let images = of(&IMAGES);
    let found = if images.is_empty() { of(&TEMPLATES) } else { images };
    if found.is_empty() {
        bail!("{} holds no prints: give a folder of files named <finger>_<impression>.<ext>", folder.display());
    }
    Ok(found)
}

fn set_name(folder: &Path) -> String {
    let full = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    full.file_name().unwrap_or(full.as_os_str()).to_string_lossy().into_owned()
}

/// Whether `set` is the folder's path or its last component.
fn names(folder: &Path, set: &str) -> bool {
    Path::new(set) == folder || set_name(folder) == set
}

/// A number for a name, so that each set of a mean is drawn by itself (FNV-1a).
fn text_number(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}
