//! `tanba synth templates`: minutiae alone, as the extractor would read them, a file for each impression or one file for all.
//!
//! With `--form bin` all templates go into `templates.bin`, little-endian:
//!
//! - the 8 bytes `TANBATPL`, then the version `u32`, 1;
//! - for each template, ordered by finger and impression, its length `u32` (without these four bytes), then the number of the finger in
//!   its population `u64`, from 1; the impression `u32`, from 1; the position of the finger `u8` (ISO/IEC 19794-2 table 2); and the
//!   native template, the same bytes as in a `.tanba` file;
//! - a length of 0: the end.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde_json::json;
use tanba_finger::iso;
use tanba_formats::iso19794_2;
use tanba_synth::{ImpressionPreset, Population, TemplateFinger};

use super::ordered::write_in_order;
use super::{
    AS_OF, Interrupt, OutFile, finger_of, make_writable_folder, numbered, parse_date, parse_preset, places, touch_seed,
    write,
};
use crate::console::Console;
use crate::input::read_file;

/// What `templates.bin` begins with.
const HEAD: [u8; 12] = *b"TANBATPL\x01\0\0\0";
/// No further template.
const END: [u8; 4] = [0; 4];
/// Bytes of a template, about, with what stands before it.
const TEMPLATE_BYTES: u64 = 700;
/// Fingers that are made together for one file.
const FINGERS_TOGETHER: u64 = 64;

/// Options of `tanba synth templates`.
#[derive(Args)]
pub(crate) struct Templates {
    /// Fingers, each of another person.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
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
    /// Folder for the templates, named `<finger>_<impression>` with the ending of the form, or for `templates.bin`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Leave templates that are there already, as an interrupted run with the same options left them.
    #[arg(long)]
    resume: bool,
    /// How impressions are taken: clean, easy, fvc-like, hard, capacitive, sweep, ink, rolled, slap-finger or latent.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
    /// Native templates, ISO/IEC 19794-2 records, or all native ones in one file: for millions.
    #[arg(long, value_enum, default_value_t = Form::Tanba)]
    form: Form,
}

/// In what form templates are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Native, `.tanba`.
    Tanba,
    /// ISO/IEC 19794-2:2005, `.fmr`.
    Fmr,
    /// Native, all in `templates.bin`, each with its length before it.
    Bin,
}

impl Templates {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let fingers = places(self.first, self.count)?;
        if self.resume && self.form == Form::Bin {
            bail!("templates.bin is made whole or not at all: leave --resume away, or make parts of it with --first");
        }
        make_writable_folder(&self.out)?;
        let population = Population::new(self.seed, self.count, parse_date(AS_OF).map_err(anyhow::Error::msg)?);
        let bar = console.progress(fingers.end - fingers.start, "scattering minutiae");
        let interrupt = Interrupt::listen();
        let (minutiae, kept) = if self.form == Form::Bin {
            let pieces = fingers.start..fingers.end;
            (self.write_one(&population, pieces, &interrupt, || bar.inc(1))?, 0)
        } else {
            let one = |i: u64| {
                interrupt.check()?;
                let made = self.write_each(&population, i)?;
                bar.inc(1);
                Ok(made)
            };
            let sum = |a: (u64, u64), b: (u64, u64)| anyhow::Ok((a.0 + b.0, a.1 + b.1));
            fingers.clone().into_par_iter().map(one).try_reduce(|| (0, 0), sum)?
        };
        bar.finish_and_clear();
        let fingers = fingers.end - fingers.start;
        let templates = fingers * u64::from(self.impressions);
        console.answer(
            &json!({
                "fingers": fingers,
                "first": self.first,
                "templates": templates,
                "kept": kept,
                "minutiae": minutiae,
                "preset": self.preset.name(),
                "seed": self.seed,
            }),
            format_args!(
                "{templates} templates of {fingers} fingers, {} minutiae each on average",
                minutiae / templates
            ),
        );
        Ok(())
    }

    /// The files of one finger: minutiae, and files left as they were.
    fn write_each(&self, population: &Population, i: u64) -> anyhow::Result<(u64, u64)> {
        let (spec, seed) = finger_of(&population.person(i), i);
        let finger = TemplateFinger::from_seed(seed, spec);
        let (mut minutiae, mut kept) = (0, 0);
        for k in 0..self.impressions {
            let template = finger.touch(self.preset, touch_seed(seed, k));
            let (bytes, ending) = match self.form {
                Form::Fmr => (iso19794_2::write(&iso::to_record(&template, spec.finger))?, "fmr"),
                Form::Tanba | Form::Bin => (template.to_bytes(), "tanba"),
            };
            let path = self.out.join(format!("{}_{}.{ending}", numbered(i, self.count), k + 1));
            if self.resume && path.is_file() {
                if read_file(&path)? != bytes {
                    bail!(
                        "{} is of a run with another --seed or --preset: give those again, or another --out",
                        path.display()
                    );
                }
                kept += 1;
            } else {
                write(&path, &bytes)?;
            }
            minutiae += template.minutiae.len() as u64;
        }
        Ok((minutiae, kept))
    }

    /// All templates in one file.
    fn write_one(
        &self,
        population: &Population,
        fingers: std::ops::Range<u64>,
        interrupt: &Interrupt,
        done: impl Fn() + Sync,
    ) -> anyhow::Result<u64> {
        let path = self.out.join("templates.bin");
        let failed = || format!("cannot write {}; is the disk full?", path.display());
        let mut file = OutFile::create(&path)?;
        file.write_all(&HEAD).with_context(failed)?;
        let pieces = 0..(fingers.end - fingers.start).div_ceil(FINGERS_TOGETHER);
        let piece_bytes = FINGERS_TOGETHER * u64::from(self.impressions) * TEMPLATE_BYTES;
        let make = |piece: u64, bytes: &mut Vec<u8>| {
            let begin = fingers.start + piece * FINGERS_TOGETHER;
            let mut minutiae = 0;
            for i in begin..(begin + FINGERS_TOGETHER).min(fingers.end) {
                let (spec, seed) = finger_of(&population.person(i), i);
                let finger = TemplateFinger::from_seed(seed, spec);
                for k in 0..self.impressions {
                    let template = finger.touch(self.preset, touch_seed(seed, k));
                    let native = template.to_bytes();
                    // 13 bytes before a template of at most some thousand minutiae.
                    bytes.extend((native.len() as u32 + 13).to_le_bytes());
                    bytes.extend((i + 1).to_le_bytes());
                    bytes.extend((k + 1).to_le_bytes());
                    bytes.push(spec.finger.code());
                    bytes.extend(native);
                    minutiae += template.minutiae.len() as u64;
                }
                done();
            }
            Ok(minutiae)
        };
        let written = write_in_order(pieces, piece_bytes, interrupt, &mut file, make);
        let minutiae = written.map_err(|e| {
            if interrupt.check().is_err() {
                anyhow::anyhow!("interrupted; templates.bin is not there: give the command again")
            } else if e.is::<std::io::Error>() {
                e.context(failed())
            } else {
                e
            }
        })?;
        file.write_all(&END).with_context(failed)?;
        file.finish()?;
        Ok(minutiae)
    }
}
