//! `tanba synth`: people, prints and profiles of nobody, the same bytes for the same seed.

mod dna;
mod ordered;
pub(super) mod output;
mod people;
mod prints;
mod slaps;
mod stream;
mod templates;
mod truth;

use std::path::Path;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use tanba_formats::Finger;
use tanba_synth::{CalendarDate, FingerSpec, FingerState, ImpressionPreset, Person};

use crate::console::Console;

use output::{Destination, Interrupt, OutFile, make_writable_folder, write};

/// The day at which ages are reckoned unless another is given: a fixed one, so that a seed alone decides.
const AS_OF: &str = "2026-01-01";

/// Options of `tanba synth`.
#[derive(Args)]
pub(crate) struct Synth {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Fingerprints with their ground truth beside them.
    Prints(prints::Prints),
    /// Several fingers at once on a large glass, with the place of each.
    Slaps(slaps::Slaps),
    /// People with names, numbers and fingers, and prints of them if wanted.
    People(people::People),
    /// Minutiae templates alone, some ninety times faster than prints.
    Templates(templates::Templates),
    /// A database of genetic profiles and queries whose answers are known.
    Dna(Box<dna::Dna>),
}

impl Synth {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.what {
            What::Prints(command) => command.run(console),
            What::Slaps(command) => command.run(console),
            What::People(command) => command.run(console),
            What::Templates(command) => command.run(console),
            What::Dna(command) => command.run(console),
        }
    }
}

pub(super) fn parse_preset(text: &str) -> Result<ImpressionPreset, String> {
    ImpressionPreset::from_name(text)
        .ok_or_else(|| format!("a preset is one of {}", ImpressionPreset::ALL.map(ImpressionPreset::name).join(", ")))
}

/// A day as `YYYY-MM-DD`.
fn parse_date(text: &str) -> Result<CalendarDate, String> {
    let mut parts = text.split('-');
    let mut next = || parts.next().and_then(|p| p.parse::<u16>().ok());
    match (next(), next(), next()) {
        (Some(year @ 1900..=2200), Some(month @ 1..=12), Some(day @ 1..=31)) => {
            Ok((year as i16, month as u8, day as u8))
        }
        _ => Err("a day is written as 2026-01-31".to_owned()),
    }
}

/// The seed of the `k`-th touch of a finger; the generator hashes it, so being different is all that is asked of it.
pub(super) fn touch_seed(finger_seed: u64, k: u32) -> u64 {
    finger_seed.wrapping_add((u64::from(k) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// The places, counted from 0, from `first`, counted from 1, to the end of a population.
fn places(first: u64, count: u64) -> anyhow::Result<std::ops::Range<u64>> {
    if first > count {
        bail!("--first is {first}, but --count is {count}: give 1 to {count}");
    }
    Ok(first.saturating_sub(1)..count)
}

/// `i` counted from 1, with zeros so that names sort as numbers up to `count`.
fn numbered(i: u64, count: u64) -> String {
    let digits = count.to_string().len().max(3);
    format!("{:0digits$}", i + 1)
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))
}

/// The finger that stands for person `i` in sets of prints and templates, with its seed: another position for each number, the next
/// one that is there.
pub(super) fn finger_of(person: &Person, i: u64) -> (FingerSpec, u64) {
    // The remainder is below ten.
    let first = (i % Finger::TEN.len() as u64) as usize;
    let states = person.fingers[first..].iter().chain(&person.fingers[..first]);
    let mut present = states.filter_map(|state| match state {
        FingerState::Present { spec, seed } => Some((*spec, *seed)),
        FingerState::Missing { .. } => None,
    });
    // Somebody without any finger gets one for this purpose.
    present.next().unwrap_or((FingerSpec::of(Finger::TEN[first]), person.seed))
}
