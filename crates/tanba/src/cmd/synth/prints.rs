//! `tanba synth prints`: fingers of nobody as files with the truth beside them ([`super::truth`]), or as one stream for a trainer
//! ([`super::stream`]).

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde_json::json;
use tanba_formats::Gray8;
use tanba_formats::image::{encode_png, encode_png_fast};
use tanba_synth::{Impression, ImpressionParams, ImpressionPreset, MasterFinger, Population, RidgeMethod, sheet};

use super::ordered::write_in_order;
use super::truth::{Files, ImageForm, TruthForm};
use super::{
    AS_OF, Destination, Interrupt, OutFile, finger_of, make_writable_folder, numbered, parse_date, parse_preset,
    places, stream, touch_seed, write,
};
use crate::console::Console;

/// Prints on a sheet at most: more are too small to see anything.
const MOST_ON_SHEET: u64 = 400;
/// Pixels on a sheet at most, which are all in memory at once.
const SHEET_PIXELS: u64 = 128 << 20;
/// Bytes that one piece of a stream should have at most: a finger of many impressions is made in several pieces, for each of which
/// its ridges are made again.
const PIECE_BYTES: u64 = 8 << 20;
/// Impressions from which the ridges' own time no longer counts.
const PIECE_IMPRESSIONS: u64 = 32;

/// Options of `tanba synth prints`.
#[derive(Args)]
pub(crate) struct Prints {
    /// Fingers, each of another person.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    count: u64,
    /// Impressions of each finger.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    impressions: u32,
    /// The same seed gives the same bytes.
    #[arg(long)]
    seed: u64,
    /// Make only the fingers from this one on, counted from 1: the same bytes as in the whole run.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    first: u64,
    /// Folder for `<finger>_<impression>.png` and the truth `<finger>_<impression>.json`.
    #[arg(long, value_name = "DIR", required_unless_present = "stream")]
    out: Option<PathBuf>,
    /// One stream of records instead of files, to a file, a pipe or `-` for standard output: see docs/synth-stream.md.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "image", "truth", "resume", "sheet"])]
    stream: Option<PathBuf>,
    /// Leave impressions that are there already, as an interrupted run with the same options left them.
    #[arg(long)]
    resume: bool,
    /// How ridges are made.
    #[arg(long, value_enum, default_value_t = Mode::Fast)]
    mode: Mode,
    /// How impressions are taken: clean, easy, fvc-like, hard, capacitive, sweep, ink, rolled, slap-finger or latent; several with commas
    /// between them are taken in turn by the impressions of a finger.
    #[arg(long, value_parser = parse_preset, value_delimiter = ',', default_value = "fvc-like")]
    preset: Vec<ImpressionPreset>,
    /// Pixels per inch, 250 to 1000.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(250..=1000))]
    ppi: u16,
    /// How pictures are written.
    #[arg(long, value_enum, default_value_t = ImageForm::Png)]
    image: ImageForm,
    /// How the truth is written: several forms with commas between them.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "json")]
    truth: Vec<TruthForm>,
    /// Side of a cell of direction, period and mask, 1 to 64 pixels of the image.
    #[arg(long, default_value_t = 8, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(1..=64))]
    cell: u16,
    /// Write a picture of all prints, up to 400, to this PNG.
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
}

/// How ridges are made.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Mode {
    /// Phase synthesis: a finger in some 14 ms, three times faster.
    Fast,
    /// Grown from noise, pixel by pixel.
    Growth,
}

impl Mode {
    pub(super) fn method(self) -> RidgeMethod {
        match self {
            Self::Fast => RidgeMethod::Phase,
            Self::Growth => RidgeMethod::Growth,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Growth => "growth",
        }
    }
}

/// What came of one finger, or of many.
#[derive(Default)]
struct Made {
    /// Visible minutiae.
    minutiae: u64,
    /// Impressions left as an earlier run made them.
    kept: u64,
    /// For the sheet.
    shown: Vec<Gray8>,
}

impl Prints {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let fingers = places(self.first, self.count)?;
        let population = Population::new(self.seed, self.count, parse_date(AS_OF).map_err(anyhow::Error::msg)?);
        let made = match (&self.stream, &self.out) {
            (Some(path), _) => self.write_stream(path, &population, fingers.clone(), console)?,
            (None, Some(folder)) => Some(self.write_files(folder, &population, fingers.clone(), console)?),
            (None, None) => bail!("give --out or --stream"),
        };
        // Whoever read the stream went away: there is nobody to answer.
        let Some(made) = made else { return Ok(()) };
        let fingers = fingers.end - fingers.start;
        let prints = fingers * u64::from(self.impressions);
        console.answer(
            &json!({
                "fingers": fingers,
                "first": self.first,
                "impressions": prints,
                "kept": made.kept,
                "minutiae": made.minutiae,
                "mode": self.mode.name(),
                "preset": self.preset.iter().map(|p| p.name()).collect::<Vec<_>>().join(","),
                "ppi": self.ppi,
                "seed": self.seed,
            }),
            format_args!(
                "{prints} prints of {fingers} fingers, {} visible minutiae each on average",
                made.minutiae / prints
            ),
        );
        Ok(())
    }

    fn write_files(
        &self,
        folder: &Path,
        population: &Population,
        fingers: std::ops::Range<u64>,
        console: &Console,
    ) -> anyhow::Result<Made> {
        let json = self.truth.contains(&TruthForm::Json);
        if !json && (self.resume || self.image == ImageForm::Raw) {
            bail!("--resume and --image raw need the truth as JSON: give --truth json, or json with others");
        }
        make_writable_folder(folder)?;
        // Begun now, so that a place that cannot be written is told before the work.
        let sheet_file = self.sheet.as_deref().map(OutFile::create).transpose()?;
        let interrupt = Interrupt::listen();
        let bar = console.progress(fingers.end - fingers.start, "growing fingers");
        let work = |i: u64, shown: u64| {
            let made = self.finger(folder, population, i, shown, &interrupt)?;
            bar.inc(1);
            Ok(made)
        };
        let impressions = u64::from(self.impressions);
        let shown = if sheet_file.is_some() { MOST_ON_SHEET.min(SHEET_PIXELS / self.pixels()).max(1) } else { 0 };
        let with_shown = fingers.start + shown.div_ceil(impressions).min(fingers.end - fingers.start);
        let shown_of = |i: u64| (shown - (i - fingers.start) * impressions).min(impressions);
        let first = (fingers.start..with_shown)
            .into_par_iter()
            .map(|i| work(i, shown_of(i)))
            .collect::<anyhow::Result<Vec<Made>>>()?;
        let rest = (with_shown..fingers.end).into_par_iter().map(|i| work(i, 0));
        let rest = rest.try_reduce(Made::default, |a, b| Ok(a.and(b)))?;
        let made = first.into_iter().fold(rest, Made::and);
        bar.finish_and_clear();
        if let Some(file) = sheet_file {
            file.finish_with(&encode_png(&sheet(&made.shown)))?;
        }
        Ok(made)
    }

    /// Writes all impressions of a finger, and gives the first `shown` of them.
    fn finger(
        &self,
        folder: &Path,
        population: &Population,
        i: u64,
        shown: u64,
        interrupt: &Interrupt,
    ) -> anyhow::Result<Made> {
        let (spec, seed) = finger_of(&population.person(i), i);
        let mut master = None;
        let mut made = Made::default();
        for k in 0..self.impressions {
            interrupt.check()?;
            let (params, touch) = self.touch(seed, k);
            let name = self.name(i, k);
            let files = Files {
                image: self.image,
                truth: &self.truth,
                cell: usize::from(self.cell),
                mode: self.mode.name(),
                preset: self.preset_of(k).name(),
            };
            let kept = if self.resume { files.kept(folder, &name, &params)? } else { None };
            made.kept += u64::from(kept.is_some());
            made.minutiae += kept.unwrap_or_default();
            let show = u64::from(k) < shown;
            if kept.is_none() || show {
                // Where everything is there already, no ridges are made.
                let master = master.get_or_insert_with(|| MasterFinger::with_method(seed, spec, self.mode.method()));
                let impression = master.impression(&params, touch);
                if kept.is_none() {
                    files.write(folder, &name, master, &impression)?;
                    made.minutiae += visible(&impression);
                }
                if show {
                    made.shown.push(impression.image);
                }
            }
        }
        Ok(made)
    }

    /// `None` when whoever reads the stream has gone away.
    fn write_stream(
        &self,
        path: &Path,
        population: &Population,
        fingers: std::ops::Range<u64>,
        console: &Console,
    ) -> anyhow::Result<Option<Made>> {
        let mut out = Destination::open(path)?;
        if matches!(out, Destination::Stdout(_)) {
            console.step_aside();
        }
        let interrupt = Interrupt::listen();
        let impressions = u64::from(self.impressions);
        let each = stream::about(self.pixels());
        let group = (PIECE_BYTES / each).clamp(1, PIECE_IMPRESSIONS.min(impressions));
        // A finger is made in so many pieces.
        let parts = impressions.div_ceil(group);
        let bar = console.progress((fingers.end - fingers.start) * impressions, "growing fingers");
        let make = |piece: u64, bytes: &mut Vec<u8>| {
            let (i, part) = (piece / parts, piece % parts);
            let (spec, seed) = finger_of(&population.person(i), i);
            let master = MasterFinger::with_method(seed, spec, self.mode.method());
            let mut minutiae = 0;
            // Both ends are at most the impressions, which are 1000 at most.
            for k in (part * group) as u32..((part + 1) * group).min(impressions) as u32 {
                interrupt.check()?;
                let (params, touch) = self.touch(seed, k);
                let impression = master.impression(&params, touch);
                let cell = usize::from(self.cell);
                stream::record((i + 1, k + 1), &self.name(i, k), &master, &impression, cell, bytes);
                minutiae += visible(&impression);
                bar.inc(1);
            }
            Ok(minutiae)
        };
        let pieces = fingers.start * parts..fingers.end * parts;
        let mut write_all = || -> anyhow::Result<u64> {
            out.write_all(&stream::HEAD)?;
            let minutiae = write_in_order(pieces.clone(), group * each, &interrupt, &mut out, make)?;
            out.write_all(&stream::END)?;
            Ok(minutiae)
        };
        let written = write_all().and_then(|minutiae| out.finish().map(|()| minutiae));
        bar.finish_and_clear();
        match written {
            Ok(minutiae) => Ok(Some(Made { minutiae, ..Made::default() })),
            Err(e) if e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) => Ok(None),
            Err(_) if interrupt.check().is_err() => {
                bail!("interrupted; the stream is not whole: give the command again")
            }
            Err(e) if e.is::<io::Error>() => {
                Err(e.context(format!("cannot write the stream to {}; is the disk full?", Destination::named(path))))
            }
            Err(e) => Err(e),
        }
    }

    fn touch(&self, finger_seed: u64, k: u32) -> (ImpressionParams, u64) {
        let seed = touch_seed(finger_seed, k);
        (ImpressionParams { ppi: self.ppi, ..ImpressionParams::draw(self.preset_of(k), seed) }, seed)
    }

    /// The manner of the k-th impression, counted from 0.
    fn preset_of(&self, k: u32) -> ImpressionPreset {
        self.preset[k as usize % self.preset.len()]
    }

    fn name(&self, i: u64, k: u32) -> String {
        format!("{}_{}", numbered(i, self.count), k + 1)
    }

    /// Pixels of the largest impression: a preset has one size.
    fn pixels(&self) -> u64 {
        let side = |side: u16| u64::from(side) * u64::from(self.ppi) / 500;
        let of = |preset| {
            let params = ImpressionParams::draw(preset, 0);
            side(params.width) * side(params.height)
        };
        self.preset.iter().map(|preset| of(*preset)).max().unwrap_or(0).max(1)
    }
}

impl Made {
    fn and(mut self, other: Self) -> Self {
        self.minutiae += other.minutiae;
        self.kept += other.kept;
        self.shown.extend(other.shown);
        self
    }
}

fn visible(impression: &Impression) -> u64 {
    impression.minutiae.iter().filter(|m| m.visible).count() as u64
}

/// Writes `name.png` and the truth `name.json`.
pub(super) fn write_impression(impression: &Impression, folder: &Path, name: &str) -> anyhow::Result<()> {
    write(&folder.join(format!("{name}.png")), &encode_png_fast(&impression.image))?;
    let truth = serde_json::to_vec(&impression.truth_record())?;
    write(&folder.join(format!("{name}.json")), &truth)
}
