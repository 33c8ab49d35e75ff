//! `tanba bench realism`: do prints of nobody look real to the project's own extractor and matcher?
//!
//! Real sets, synthetic images and synthetic templates go the same way: extract, look at the extractor's flow, compare all with
//! all, draw fingers again for intervals. What comes out are numbers and plots of numbers; nothing of an image is kept.

mod plot;
mod sample;
mod sheet;
mod singular;
mod source;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use tanba_finger::evaluate::{Figures, ImpressionSet, Interval, mean_figures, mean_replicates};
use tanba_synth::{CalendarDate, FingerSpec, ImpressionPreset, MasterFinger, Population, RidgeMethod, TemplateFinger};

use crate::cmd::synth::output::write;
use crate::cmd::synth::{parse_preset, touch_seed};
use crate::console::Console;
use crate::input::read_image;
use sample::Sample;
use source::{Kind, Source, figures_json};

/// Impressions of each finger for the comparison of all presets.
const BY_PRESET: u32 = 4;
/// The day at which ages are reckoned: a fixed one, as everywhere in the synthesis.
const AS_OF: CalendarDate = (2026, 1, 1);

/// Options of `tanba bench realism`.
#[derive(Args)]
pub(crate) struct Realism {
    /// Synthetic fingers.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    fingers: u32,
    /// Impressions of each.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..=100))]
    impressions: u32,
    /// The same seed gives the same figures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How impressions are taken.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
    /// How prints are made; all three ways unless some are named.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Mode::Fast, Mode::Growth, Mode::Template])]
    mode: Vec<Mode>,
    /// Compare all presets with each other too, with four impressions of each finger.
    #[arg(long)]
    presets: bool,
    /// Folders of real images named `<finger>_<impression>.<ext>`, one set each; the intervals of their mean are what the synthetic
    /// prints are held against.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    real: Vec<PathBuf>,
    /// Folders of real images that are shown beside the others and are no part of the mean.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    beside: Vec<PathBuf>,
    /// Write the distributions as SVG to this folder.
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
    /// Write a picture of synthetic prints, a row for each preset, to this PNG.
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
}

/// How prints are made.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Images, ridges by phase.
    Fast,
    /// Images, ridges grown.
    Growth,
    /// Templates without images.
    Template,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Growth => "growth",
            Self::Template => "template",
        }
    }
}

/// One preset at both levels.
struct OfPreset {
    preset: ImpressionPreset,
    image: Source,
    template: Source,
}

impl Realism {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let sets = self.real_sets()?;
        let bar = console.progress(self.work(&sets), "looking and comparing");
        let mut sources = Vec::new();
        for (folder, set, kind) in &sets {
            sources.push(real(folder, set, *kind, &bar)?);
        }
        for mode in [Mode::Fast, Mode::Growth, Mode::Template].into_iter().filter(|m| self.mode.contains(m)) {
            sources.push(self.synthetic(mode, self.preset, self.impressions, mode.name(), &bar)?);
        }
        let mut presets = Vec::new();
        if self.presets {
            for preset in ImpressionPreset::ALL {
                let image = self.synthetic(Mode::Fast, preset, BY_PRESET, preset.name(), &bar)?;
                let template = self.synthetic(Mode::Template, preset, BY_PRESET, preset.name(), &bar)?;
                presets.push(OfPreset { preset, image, template });
            }
        }
        bar.finish_and_clear();

        if let Some(folder) = &self.plots {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
            for (name, svg) in plot::all(&sources, &presets) {
                write(&folder.join(name), svg.as_bytes())?;
            }
        }
        if let Some(path) = &self.sheet {
            write(path, &sheet::by_preset(self.seed))?;
        }
        let mean = Mean::of(&sources);
        console.answer(&self.to_json(&sources, mean.as_ref(), &presets), table(&sources, mean.as_ref(), &presets));
        Ok(())
    }

    /// The real sets, before anything long begins.
    fn real_sets(&self) -> anyhow::Result<Vec<(&Path, ImpressionSet, Kind)>> {
        let all = self.real.iter().map(|f| (f, Kind::Real)).chain(self.beside.iter().map(|f| (f, Kind::Beside)));
        all.map(|(folder, kind)| {
            let set = ImpressionSet::from_names(&images(folder)?)
                .with_context(|| format!("{} is no set", folder.display()))?;
            Ok((folder.as_path(), set, kind))
        })
        .collect()
    }

    /// Steps of the progress bar: each print is looked at and compared.
    fn work(&self, sets: &[(&Path, ImpressionSet, Kind)]) -> u64 {
        let real: u64 = sets.iter().map(|s| s.1.len() as u64).sum();
        let main = self.mode.len() as u64 * u64::from(self.impressions);
        let presets = if self.presets { 2 * ImpressionPreset::ALL.len() as u64 * u64::from(BY_PRESET) } else { 0 };
        2 * (real + u64::from(self.fingers) * (main + presets))
    }

    /// Makes prints of people's fingers, one of each person and all positions in turn, and looks at them.
    fn synthetic(
        &self,
        mode: Mode,
        preset: ImpressionPreset,
        impressions: u32,
        name: &str,
        bar: &ProgressBar,
    ) -> anyhow::Result<Source> {
        let samples: Vec<Sample> = (0..self.fingers)
            .into_par_iter()
            .flat_map_iter(|f| {
                let (seed, spec) = finger_of(self.seed, f);
                let touches = 0..impressions;
                let samples: Vec<Sample> = match mode {
                    Mode::Template => {
                        let finger = TemplateFinger::from_seed(seed, spec);
                        touches.map(|i| Sample::of_template(finger.touch(preset, touch_seed(seed, i)))).collect()
                    }
                    Mode::Fast | Mode::Growth => {
                        let method = if mode == Mode::Fast { RidgeMethod::Phase } else { RidgeMethod::Growth };
                        let master = MasterFinger::with_method(seed, spec, method);
                        let print = |i| Sample::of_impression(&master.touch(preset, touch_seed(seed, i)), &master);
                        touches.map(print).collect()
                    }
                };
                bar.inc(u64::from(impressions));
                samples
            })
            .collect();
        let names: Vec<String> =
            (0..self.fingers).flat_map(|f| (0..impressions).map(move |i| format!("{f:05}_{i:03}"))).collect();
        let set = ImpressionSet::from_names(&names)?;
        let kind = if mode == Mode::Template { Kind::Template } else { Kind::Image };
        Ok(Source::of(name, kind, &set, samples, bar))
    }

    fn to_json(&self, sources: &[Source], mean: Option<&Mean>, presets: &[OfPreset]) -> Value {
        let sources: Vec<Value> = sources
            .iter()
            .map(|source| {
                let mut value = source.to_json();
                if let (Some(mean), Kind::Image | Kind::Template) = (mean, source.kind) {
                    value["inside_real"] = mean.holds(&source.figures);
                }
                value
            })
            .collect();
        let by_preset: Map<String, Value> = presets
            .iter()
            .map(|p| {
                (p.preset.name().to_owned(), json!({"image": p.image.to_json(), "template": p.template.to_json()}))
            })
            .collect();
        json!({
            "seed": self.seed,
            "fingers": self.fingers,
            "impressions": self.impressions,
            "preset": self.preset.name(),
            "sources": sources,
            "real_mean": mean.map(Mean::to_json),
            "presets": by_preset,
        })
    }
}

/// Seed and looks of finger `f` of a run: those that `tanba synth prints` takes.
pub(super) fn finger_of(seed: u64, f: u32) -> (u64, FingerSpec) {
    let person = Population::new(seed, u64::MAX, AS_OF).person(u64::from(f));
    let (spec, seed) = crate::cmd::synth::finger_of(&person, u64::from(f));
    (seed, spec)
}

/// Looks at every image of a real set.
fn real(folder: &Path, set: &ImpressionSet, kind: Kind, bar: &ProgressBar) -> anyhow::Result<Source> {
    let samples: Vec<Sample> = set
        .impressions()
        .par_iter()
        .map(|i| {
            let image = read_image(&folder.join(&i.name), None)?;
            bar.inc(1);
            Ok(Sample::of_image(&image.value))
        })
        .collect::<anyhow::Result<_>>()?;
    let full = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    let name = full.file_name().unwrap_or(full.as_os_str()).to_string_lossy();
    Ok(Source::of(&name, kind, set, samples, bar))
}

/// The names of the images of a folder.
pub(super) fn images(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot open the folder {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.with_context(|| format!("cannot list {}", folder.display()))?.file_name();
        let name =
            name.into_string().ok().with_context(|| format!("{} holds a name that is no text", folder.display()))?;
        if crate::input::is_image_name(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        bail!("{} holds no images: give a folder of files named <finger>_<impression>.<ext>", folder.display());
    }
    Ok(names)
}

/// The mean of the real sets.
struct Mean {
    figures: Figures,
    interval: Interval,
}

impl Mean {
    fn of(sources: &[Source]) -> Option<Self> {
        let real: Vec<&Source> = sources.iter().filter(|s| s.kind == Kind::Real).collect();
        let figures: Vec<Figures> = real.iter().map(|s| s.figures).collect();
        let replicates: Vec<Vec<Figures>> = real.iter().map(|s| s.replicates.clone()).collect();
        (!real.is_empty())
            .then(|| Self { figures: mean_figures(&figures), interval: Interval::of(&mean_replicates(&replicates)) })
    }

    fn to_json(&self) -> Value {
        Value::Object(figures_json(&self.figures, &self.interval))
    }

    /// For each error rate, whether it lies inside the interval of the mean.
    fn holds(&self, figures: &Figures) -> Value {
        let limits = self.interval.low.named().into_iter().zip(self.interval.high.named());
        let held = figures
            .named()
            .into_iter()
            .zip(limits)
            .map(|((name, v), ((_, low), (_, high)))| (name.to_owned(), json!(low <= v && v <= high)));
        Value::Object(held.filter(|(name, _)| ["eer", "fmr1000"].contains(&name.as_str())).collect())
    }
}

fn table(sources: &[Source], mean: Option<&Mean>, presets: &[OfPreset]) -> String {
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        source::quantile(&values, 0.5).map_or("-".to_owned(), |v| format!("{v:.1}"))
    };
    let rates = |f: &Figures, i: &Interval| {
        format!(
            "{:6.2} [{:5.2}, {:5.2}] {:8.2} [{:5.2}, {:5.2}] {:8.2} {:6.2}",
            f.eer, i.low.eer, i.high.eer, f.fmr1000, i.low.fmr1000, i.high.fmr1000, f.zerofmr, f.fte
        )
    };
    let row = |name: &str, s: &Source| {
        let hits = s
            .extractor()
            .map_or("     -     -".to_owned(), |t| format!("{:6.1}{:6.1}", 100.0 * t.recall(), 100.0 * t.precision()));
        format!(
            "{name:24} {:>8} {:>7} {:>7} {hits} {}",
            middle(s.minutiae()),
            middle(s.period()),
            middle(s.quality()),
            rates(&s.figures, &s.interval)
        )
    };
    let mut out = format!(
        "{:24} {:>8} {:>7} {:>7} {:>6}{:>6} {:>6} {:>14} {:>8} {:>14} {:>8} {:>6}   (medians; rates in percent)",
        "source", "minutiae", "period", "quality", "recall", "prec", "EER", "95 %", "FMR1000", "95 %", "ZeroFMR", "FTE"
    );
    // Writing to a string cannot fail.
    for s in sources {
        let _ = write!(out, "\n{}", row(&s.name, s));
    }
    if let Some(mean) = mean {
        let _ = write!(
            out,
            "\n{:24} {:>8} {:>7} {:>7} {:>12} {}",
            "mean of real",
            "",
            "",
            "",
            "",
            rates(&mean.figures, &mean.interval)
        );
    }
    for p in presets {
        let _ = write!(out, "\n{}", row(&format!("{} image", p.preset.name()), &p.image));
        let _ = write!(out, "\n{}", row(&format!("{} template", p.preset.name()), &p.template));
    }
    out
}
