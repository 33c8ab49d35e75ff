//! `tanba bench quality`: does the quality score foretell this engine's errors? And, with `--fit`, the score fitted anew.
//!
//! Prints are compared within their set; the threshold is that of a false match rate on the set's own impostors. Then images
//! are rejected from the lowest quality on and the false non-match rate of the rest is told. Without folders the sets are
//! synthetic, one for each preset. The fit takes fingers of the seed and the curves are told for fingers of the next one, which
//! it has not seen.

mod plot;
mod spoiled;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use indicatif::ProgressBar;
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use tanba_finger::evaluate::ImpressionSet;
use tanba_finger::quality::fit::{self, Sample};
use tanba_finger::quality::model::{INPUT, INPUTS, Model};
use tanba_finger::quality::reject::{RejectCurve, Trial, by_errors, by_quality, gain};
use tanba_finger::{ExtractParams, NoSink, Prepared, Scratch, Template, extract, score_only};
use tanba_formats::Gray8;
use tanba_synth::{ImpressionPreset, MasterFinger};

use super::realism::{finger_of, images};
use crate::cmd::synth::output::write;
use crate::cmd::synth::{parse_preset, touch_seed};
use crate::console::Console;
use crate::input::read_image;

/// Presets whose prints people are registered or checked with, each kind of sensor once; traces and rolled prints are neither.
const PRESETS: [ImpressionPreset; 6] = [
    ImpressionPreset::Easy,
    ImpressionPreset::FvcLike,
    ImpressionPreset::Hard,
    ImpressionPreset::Capacitive,
    ImpressionPreset::Sweep,
    ImpressionPreset::Ink,
];
/// Fingers with spoiled touches for each finger of a preset: there are no errors to learn from in most presets.
const SPOILED_SHARE: u32 = 4;
/// Share of all impostors above the threshold that the fit measures scores by: strict, so that scores of good prints still tell
/// them apart.
const FIT_FMR: f64 = 1e-4;
/// Impostor pairs compared at most in a set.
const MOST_IMPOSTORS: usize = 40_000;
/// Shares of images whose rejection is told.
const TOLD: [f64; 6] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2];

/// Options of `tanba bench quality`.
#[derive(Args)]
pub(crate) struct Quality {
    /// Folders of images named `<finger>_<impression>.<ext>`, one set each; synthetic prints if none is given.
    folders: Vec<PathBuf>,
    /// Fit the score to synthetic prints of this seed and tell the new table; the curves are then those of the new score.
    #[arg(long)]
    fit: bool,
    /// Write the new table to this file.
    #[arg(long, value_name = "FILE", requires = "fit")]
    table: Option<PathBuf>,
    /// The same seed gives the same figures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Synthetic fingers of each preset.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    fingers: u32,
    /// Impressions of each.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(3..=100))]
    impressions: u32,
    /// How impressions are taken.
    #[arg(long, value_parser = parse_preset, value_delimiter = ',', default_values = PRESETS.map(ImpressionPreset::name))]
    preset: Vec<ImpressionPreset>,
    /// The false match rate at whose threshold false non-matches are counted.
    #[arg(long, default_value_t = 1e-3)]
    fmr: f64,
    /// Instead, the threshold at which this share of the genuine comparisons of each set is missed before anything is rejected.
    #[arg(long, conflicts_with = "fmr")]
    fnmr: Option<f64>,
    /// Write the curves as SVG to this file.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

/// A print of a set.
struct Print {
    template: Option<Template>,
    inputs: Option<[f32; INPUTS]>,
}

impl Print {
    fn of(image: &Gray8) -> Self {
        let template = extract(image, &ExtractParams::default(), &mut NoSink).ok();
        // What the extractor refuses has no quality.
        let inputs = template.as_ref().and_then(|_| tanba_finger::quality::inputs(image));
        Self { template, inputs }
    }
}

/// A set, compared.
struct Compared {
    name: String,
    prints: Vec<Print>,
    fingers: Vec<usize>,
    /// Genuine comparisons: the two images and their score.
    genuine: Vec<((usize, usize), f32)>,
    /// Impostor scores, best first.
    impostor: Vec<f32>,
    threshold: f32,
}

impl Quality {
    /// Measures, and fits if asked to.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let bar = console.progress(0, "looking and comparing");
        let fitted = self
            .fit
            .then(|| {
                let training = self.synthetic(self.seed, &bar)?;
                let model = fit::fit(&samples(&training), SOURCE);
                anyhow::Ok((model, fit::source(&model, &self.command())))
            })
            .transpose()?;
        let sets = if self.folders.is_empty() {
            self.synthetic(self.seed.wrapping_add(1), &bar)?
        } else {
            self.folders.iter().map(|f| self.real(f, &bar)).collect::<anyhow::Result<_>>()?
        };
        bar.finish_and_clear();
        let model = fitted.as_ref().map(|f| &f.0);
        let mut told: Vec<Told> = sets.iter().map(|set| Told::of(&set.name, &[set], model)).collect();
        if sets.len() > 1 {
            told.push(Told::of("all", &sets.iter().collect::<Vec<_>>(), model));
        }
        if let Some(path) = &self.plot {
            write(path, plot::svg(&told).as_bytes())?;
        }
        if let (Some(path), Some((_, table))) = (&self.table, &fitted) {
            write(path, table.as_bytes())?;
        }
        let mut human = human(&told);
        if let (None, Some((_, table))) = (&self.table, &fitted) {
            let _ = write!(human, "\n\n{table}");
        }
        console.answer(
            &json!({
                "seed": self.seed,
                "sets": told.iter().map(Told::to_json).collect::<Vec<_>>(),
                "table": fitted.as_ref().map(|f| &f.1),
            }),
            human,
        );
        Ok(())
    }

    /// The command that fits the same table again.
    fn command(&self) -> String {
        let presets: Vec<&str> = self.preset.iter().map(|p| p.name()).collect();
        let presets = if self.preset == PRESETS { String::new() } else { format!(" --preset {}", presets.join(",")) };
        format!(
            "tanba bench quality --fit --seed {} --fingers {} --impressions {}{presets} --table crates/tanba-finger/src/quality/table.rs",
            self.seed, self.fingers, self.impressions
        )
    }

    /// A set for each preset, and one of touches that went wrong in all manners.
    fn synthetic(&self, seed: u64, bar: &ProgressBar) -> anyhow::Result<Vec<Compared>> {
        let of_preset = |&preset: &ImpressionPreset| {
            self.drawn(preset.name(), seed, self.fingers, &|master, touch| master.touch(preset, touch).image, bar)
        };
        let mut sets: Vec<Compared> = self.preset.iter().map(of_preset).collect::<anyhow::Result<_>>()?;
        sets.push(self.drawn("spoiled", seed, SPOILED_SHARE * self.fingers, &spoiled::touch, bar)?);
        Ok(sets)
    }

    fn drawn(
        &self,
        name: &str,
        seed: u64,
        fingers: u32,
        touch: &(dyn Fn(&MasterFinger, u64) -> Gray8 + Sync),
        bar: &ProgressBar,
    ) -> anyhow::Result<Compared> {
        bar.inc_length(u64::from(fingers * self.impressions));
        let prints: Vec<Print> = (0..fingers)
            .into_par_iter()
            .flat_map_iter(|f| {
                let (seed, spec) = finger_of(seed, f);
                let master = MasterFinger::from_seed(seed, spec);
                bar.inc(u64::from(self.impressions));
                let print = |i| Print::of(&touch(&master, touch_seed(seed, i)));
                (0..self.impressions).map(print).collect::<Vec<_>>()
            })
            .collect();
        let touches = |f: u32| (0..self.impressions).map(move |i| format!("{f:05}_{i:03}"));
        let names: Vec<String> = (0..fingers).flat_map(touches).collect();
        Ok(self.compared(name, &ImpressionSet::from_names(&names)?, prints))
    }

    fn real(&self, folder: &Path, bar: &ProgressBar) -> anyhow::Result<Compared> {
        let set =
            ImpressionSet::from_names(&images(folder)?).with_context(|| format!("{} is no set", folder.display()))?;
        bar.inc_length(set.len() as u64);
        let prints = set
            .impressions()
            .par_iter()
            .map(|i| {
                let image = read_image(&folder.join(&i.name), None)?;
                bar.inc(1);
                Ok(Print::of(&image.value))
            })
            .collect::<anyhow::Result<_>>()?;
        let full = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        let name = full.file_name().unwrap_or(full.as_os_str()).to_string_lossy();
        Ok(self.compared(&name, &set, prints))
    }

    /// Compares the prints of a set and finds its threshold.
    fn compared(&self, name: &str, set: &ImpressionSet, prints: Vec<Print>) -> Compared {
        let impostors = set.thinned(MOST_IMPOSTORS);
        let fingers: Vec<usize> = set.impressions().iter().map(|i| i.finger).collect();
        let prepared: Vec<Option<Prepared>> =
            prints.par_iter().map(|p| p.template.as_ref().map(Prepared::new)).collect();
        let scores: Vec<Vec<(usize, f32)>> = (0..set.len())
            .into_par_iter()
            .map_init(Scratch::default, |scratch, i| {
                let mut score = |j: usize| match (&prepared[i], &prepared[j]) {
                    (Some(a), Some(b)) => score_only(a, b, scratch),
                    _ => 0.0,
                };
                (i + 1..set.len()).filter(|&j| set.compared(i, j, impostors)).map(|j| (j, score(j))).collect()
            })
            .collect();
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for (i, row) in scores.into_iter().enumerate() {
            for (j, score) in row {
                if fingers[i] == fingers[j] { genuine.push(((i, j), score)) } else { impostor.push(score) }
            }
        }
        let threshold = match self.fnmr {
            Some(share) => {
                let mut all: Vec<f32> = genuine.iter().map(|g| g.1).collect();
                all.sort_unstable_by(f32::total_cmp);
                all.get((share * all.len() as f64) as usize).copied().unwrap_or(0.0)
            }
            None => {
                impostor.sort_unstable_by(|a, b| b.total_cmp(a));
                // The lowest threshold that no more than that share of the impostors reaches.
                let allowed = (self.fmr * impostor.len() as f64) as usize;
                impostor.get(allowed).map_or(0.0, |s| s.next_up())
            }
        };
        Compared {
            name: name.to_owned(),
            prints,
            fingers,
            genuine,
            impostor,
            threshold: threshold.max(f32::MIN_POSITIVE),
        }
    }
}

/// Said in the table of what it was fitted on; the command beside it says the rest.
const SOURCE: &str = "tanba-synth, fingers and presets of the command above";

/// Utilities and inputs of all prints of fingers with at least three readable impressions. The threshold is that of all sets
/// together, so that a poor kind of capture is told from a good one.
fn samples(sets: &[Compared]) -> Vec<Sample> {
    let mut impostor: Vec<f32> = sets.iter().flat_map(|s| &s.impostor).copied().collect();
    impostor.sort_unstable_by(|a, b| b.total_cmp(a));
    let threshold = impostor.get((FIT_FMR * impostor.len() as f64) as usize).map_or(1.0, |s| s.next_up());
    let mut out = Vec::new();
    for set in sets {
        let fingers = set.fingers.iter().max().map_or(0, |m| m + 1);
        let score = |i: usize, j: usize| {
            let at = set.genuine.binary_search_by_key(&(i, j), |g| g.0);
            at.map_or(0.0, |at| set.genuine[at].1) / threshold
        };
        for f in 0..fingers {
            let own: Vec<(usize, [f32; INPUTS])> = (0..set.prints.len())
                .filter(|&i| set.fingers[i] == f)
                .filter_map(|i| Some((i, set.prints[i].inputs?)))
                .collect();
            let Some(utility) = fit::utilities(own.len(), |a, b| score(own[a].0, own[b].0)) else { continue };
            out.extend(own.iter().zip(utility).map(|(&(_, inputs), utility)| Sample { inputs, utility }));
        }
    }
    out
}

/// Error against reject of one set or of several together.
struct Told {
    name: String,
    images: usize,
    genuine: usize,
    failed: usize,
    curve: RejectCurve,
    best: RejectCurve,
    gain: f64,
    /// What each input alone would gain.
    alone: Vec<(&'static str, f64)>,
    /// Of all images, lowest first.
    quality: Vec<f64>,
}

impl Told {
    fn of(name: &str, sets: &[&Compared], model: Option<&Model>) -> Self {
        let (mut trials, mut prints) = (Vec::new(), Vec::new());
        for set in sets {
            let first = prints.len();
            trials.extend(
                set.genuine
                    .iter()
                    .map(|&((i, j), score)| Trial { images: (first + i, first + j), missed: score < set.threshold }),
            );
            prints.extend(&set.prints);
        }
        let of_print = |p: &Print| match (model, &p.inputs, &p.template) {
            (Some(model), Some(inputs), _) => f64::from(model.quality(inputs)),
            (None, _, Some(template)) => f64::from(template.quality),
            _ => 0.0,
        };
        let mut quality: Vec<f64> = prints.iter().map(|p| of_print(p)).collect();
        let order = by_quality(&quality);
        let alone = INPUT.iter().enumerate().map(|(k, input)| {
            let sign = if input.good { 1.0 } else { -1.0 };
            let values: Vec<f64> =
                prints.iter().map(|p| p.inputs.map_or(f64::NEG_INFINITY, |v| sign * f64::from(v[k]))).collect();
            (input.name, gain(&trials, &by_quality(&values)))
        });
        let alone = alone.collect();
        let told = (RejectCurve::of(&trials, &order), RejectCurve::of(&trials, &by_errors(order.len(), &trials)));
        let gain = gain(&trials, &order);
        quality.sort_unstable_by(f64::total_cmp);
        Self {
            name: name.to_owned(),
            images: prints.len(),
            genuine: trials.len(),
            failed: prints.iter().filter(|p| p.template.is_none()).count(),
            curve: told.0,
            best: told.1,
            gain,
            alone,
            quality,
        }
    }

    fn to_json(&self) -> Value {
        let at = |curve: &RejectCurve| -> Map<String, Value> {
            TOLD.iter().map(|&r| (format!("{r}"), json!(curve.at(r)))).collect()
        };
        let quantiles: Map<String, Value> = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95]
            .iter()
            .map(|&q| (format!("{q}"), json!(quantile(&self.quality, q))))
            .collect();
        json!({
            "name": self.name,
            "images": self.images,
            "failed": self.failed,
            "genuine": self.genuine,
            "fnmr_at_reject": at(&self.curve),
            "fnmr_at_reject_ideal": at(&self.best),
            "area": self.curve.area(),
            "area_random": self.curve.fnmr[0],
            "area_ideal": self.best.area(),
            "gain": self.gain,
            "gain_alone": self.alone.iter().map(|(n, g)| ((*n).to_owned(), json!(g))).collect::<Map<_, _>>(),
            "quality": quantiles,
        })
    }
}

fn quantile(sorted: &[f64], q: f64) -> f64 {
    sorted.get(((sorted.len().max(1) - 1) as f64 * q).round() as usize).copied().unwrap_or(0.0)
}

fn human(told: &[Told]) -> String {
    let mut out = format!(
        "{:18} {:>6} {:>8}   FNMR in percent with so many percent of the images rejected{:10}{:>6} {:>6}\n{:34}",
        "set", "images", "genuine", "", "gain", "quality at 5, 25, 50, 95 %", ""
    );
    // Writing to a string cannot fail.
    for share in TOLD {
        let _ = write!(out, " {:>6}", format!("{:.0} %", 100.0 * share));
    }
    for t in told {
        let _ = write!(out, "\n{:18} {:>6} {:>8}", t.name, t.images, t.genuine);
        for share in TOLD {
            let _ = write!(out, " {:6.2}", 100.0 * t.curve.at(share));
        }
        let _ = write!(out, "{:31}{:6.2}", "", t.gain);
        for q in [0.05, 0.25, 0.5, 0.95] {
            let _ = write!(out, " {:4.0}", quantile(&t.quality, q));
        }
        let _ = write!(out, "\n{:34}", "  if the errors were known");
        for share in TOLD {
            let _ = write!(out, " {:6.2}", 100.0 * t.best.at(share));
        }
    }
    if let Some(last) = told.last() {
        let _ = write!(out, "\ngain of each measure alone ({}):", last.name);
        for (name, gain) in &last.alone {
            let _ = write!(out, "\n  {name:24} {gain:6.2}");
        }
    }
    out
}
