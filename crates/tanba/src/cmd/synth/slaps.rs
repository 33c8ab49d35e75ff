//! `tanba synth slaps`: the four fingers of a hand, or both thumbs, of people who do not exist on one large glass.
//!
//! Person `n` of the population gives `<n>_right.png`, `<n>_left.png` or `<n>_thumbs.png`, 1600 x 1500 pixels at 500 ppi, and the truth
//! beside it under the same name as `.json`. All places in it are pixels of the whole picture, all angles radians counter-clockwise as
//! seen. Fingers that the person has lost are not on the glass, and stand under `missing`; those that are bandaged or stiff stand under
//! `unable`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tanba_formats::image::{encode_png, encode_png_fast};
use tanba_formats::{Finger, Gray8};
use tanba_synth::{
    FingerState, ImpressionParams, MasterFinger, PatternClass, Person, Population, Slap, SlapFinger, SlapParams,
    TruthMinutia, sheet,
};

use super::prints::Mode;
use super::{AS_OF, Interrupt, OutFile, make_writable_folder, numbered, parse_date, places, touch_seed, write};
use crate::console::Console;
use crate::input::read_file;

/// Slaps on a sheet at most, at 500 ppi; fewer at more, so that they have as many pixels.
const MOST_ON_SHEET: u64 = 36;

/// Options of `tanba synth slaps`.
#[derive(Args)]
pub(crate) struct Slaps {
    /// People.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    count: u64,
    /// The same seed gives the same bytes.
    #[arg(long)]
    seed: u64,
    /// Make only the people from this one on, counted from 1: the same bytes as in the whole run.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    first: u64,
    /// Folder for `<person>_<hand>.png` and the truth `<person>_<hand>.json`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Which fingers: four of the right or left hand, both hands one after another, or both thumbs.
    #[arg(long, value_enum, default_value_t = Hand::Both)]
    hand: Hand,
    /// Leave slaps that are there already, as an interrupted run with the same options left them.
    #[arg(long)]
    resume: bool,
    /// How ridges are made.
    #[arg(long, value_enum, default_value_t = Mode::Fast)]
    mode: Mode,
    /// Pixels per inch, 250 to 1000.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(250..=1000))]
    ppi: u16,
    /// Write a picture of all slaps, up to 36, to this PNG.
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
}

/// Which fingers lie on the glass.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hand {
    /// Index to little finger of the right hand.
    Right,
    /// Index to little finger of the left hand.
    Left,
    /// A slap of the right hand and one of the left.
    Both,
    /// Both thumbs on one glass.
    Thumbs,
}

/// What one glass is of.
#[derive(Clone, Copy)]
struct Glass {
    name: &'static str,
    /// Places in [`Finger::TEN`].
    fingers: &'static [usize],
    /// Tells the slaps of one person apart.
    number: u32,
}

const RIGHT: Glass = Glass { name: "right", fingers: &[1, 2, 3, 4], number: 0 };
const LEFT: Glass = Glass { name: "left", fingers: &[6, 7, 8, 9], number: 1 };
const THUMBS: Glass = Glass { name: "thumbs", fingers: &[0, 5], number: 2 };

impl Hand {
    fn glasses(self) -> &'static [Glass] {
        match self {
            Self::Right => &[RIGHT],
            Self::Left => &[LEFT],
            Self::Both => &[RIGHT, LEFT],
            Self::Thumbs => &[THUMBS],
        }
    }
}

/// The truth beside a slap.
#[derive(Serialize)]
struct Truth {
    hand: &'static str,
    mode: &'static str,
    width: usize,
    height: usize,
    ppi: u16,
    /// The pose of the hand.
    pose: SlapParams,
    /// From left to right.
    fingers: Vec<FingerTruth>,
    /// Lost.
    missing: Vec<Finger>,
    /// There, but not to be laid on the glass.
    unable: Vec<Finger>,
}

/// One finger of a slap, in pixels of the whole picture.
#[derive(Serialize)]
struct FingerTruth {
    finger: Finger,
    class: PatternClass,
    /// The rectangle round the contact: tip left, tip right, base right, base left, as the finger lies.
    outline: [(f32, f32); 4],
    rotation: f32,
    /// Upper left corner, width and height of the part of the picture that holds the finger alone; may reach over the edge.
    corner: (i32, i32),
    size: (u16, u16),
    /// Mean ridge period of the grown finger, pixels at 500 ppi.
    period: f32,
    params: ImpressionParams,
    cores: Vec<(f32, f32)>,
    deltas: Vec<(f32, f32)>,
    /// All that lie in the picture, visible or not.
    minutiae: Vec<TruthMinutia>,
}

/// What is read again of a truth that an earlier run left.
#[derive(Deserialize)]
struct Kept {
    mode: String,
    pose: SlapParams,
    fingers: Vec<KeptFinger>,
}

#[derive(Deserialize)]
struct KeptFinger {
    minutiae: Vec<TruthMinutia>,
}

/// What came of one slap, or of many.
#[derive(Default)]
struct Made {
    fingers: u64,
    minutiae: u64,
    kept: u64,
    shown: Vec<Gray8>,
}

impl Slaps {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let people = places(self.first, self.count)?;
        make_writable_folder(&self.out)?;
        // Begun now, so that a place that cannot be written is told before the work.
        let sheet_file = self.sheet.as_deref().map(OutFile::create).transpose()?;
        let population = Population::new(self.seed, self.count, parse_date(AS_OF).map_err(anyhow::Error::msg)?);
        let interrupt = Interrupt::listen();
        let hands = self.hand.glasses();
        // Each slap by itself: a sheet is full before the work is.
        let slaps = people.start * hands.len() as u64..people.end * hands.len() as u64;
        let total = slaps.end - slaps.start;
        let bar = console.progress(total, "laying fingers on the glass");
        let work = |n: u64, show: bool| {
            interrupt.check()?;
            // The remainder is below two.
            let glass = hands[(n % hands.len() as u64) as usize];
            let made = self.slap(&population, n / hands.len() as u64, glass, show)?;
            bar.inc(1);
            Ok(made)
        };
        let most = MOST_ON_SHEET * 500 * 500 / (u64::from(self.ppi) * u64::from(self.ppi));
        let shown = if sheet_file.is_some() { most.clamp(1, MOST_ON_SHEET).min(total) } else { 0 };
        let first = (slaps.start..slaps.start + shown).into_par_iter().map(|n| work(n, true));
        let first = first.collect::<anyhow::Result<Vec<Made>>>()?;
        let rest = (slaps.start + shown..slaps.end).into_par_iter().map(|n| work(n, false));
        let rest = rest.try_reduce(Made::default, |a, b| Ok(a.and(b)))?;
        let made = first.into_iter().fold(rest, Made::and);
        bar.finish_and_clear();
        if let Some(file) = sheet_file {
            file.finish_with(&encode_png(&sheet(&made.shown)))?;
        }
        console.answer(
            &json!({
                "people": people.end - people.start,
                "first": self.first,
                "slaps": total,
                "kept": made.kept,
                "fingers": made.fingers,
                "minutiae": made.minutiae,
                "mode": self.mode.name(),
                "ppi": self.ppi,
                "seed": self.seed,
            }),
            format_args!("{total} slaps of {} people, {} fingers", people.end - people.start, made.fingers),
        );
        Ok(())
    }

    fn slap(&self, population: &Population, i: u64, glass: Glass, show: bool) -> anyhow::Result<Made> {
        let person = population.person(i);
        let seed = touch_seed(person.seed, glass.number);
        let pose = SlapParams { ppi: self.ppi, ..SlapParams::draw(seed) };
        let name = format!("{}_{}", numbered(i, self.count), glass.name);
        let (picture, json) = (self.out.join(format!("{name}.png")), self.out.join(format!("{name}.json")));
        let kept =
            if self.resume && picture.is_file() && json.is_file() { Some(self.kept(&json, &pose)?) } else { None };
        if let Some(kept) = &kept
            && !show
        {
            return Ok(Made { kept: 1, ..count(kept.fingers.iter().map(|f| &f.minutiae[..])) });
        }
        let slap = Slap::of(&self.masters(&person, glass), &pose, seed);
        let truth = self.truth(&person, glass, pose, &slap);
        if kept.is_none() {
            write(&picture, &encode_png_fast(&slap.image))?;
            write(&json, &serde_json::to_vec(&truth)?)?;
        }
        let made = count(truth.fingers.iter().map(|f| &f.minutiae[..]));
        Ok(Made { kept: u64::from(kept.is_some()), shown: show.then_some(slap.image).into_iter().collect(), ..made })
    }

    fn kept(&self, path: &Path, pose: &SlapParams) -> anyhow::Result<Kept> {
        let kept: Kept = serde_json::from_slice(&read_file(path)?)
            .with_context(|| format!("{} is no truth of this program: give another --out", path.display()))?;
        let same = kept.pose.ppi == pose.ppi && (kept.pose.rotation - pose.rotation).abs() < 1e-5;
        if !same || kept.mode != self.mode.name() {
            bail!(
                "{} is of a run with another --seed, --mode or --ppi: give those again, or another --out",
                path.display()
            );
        }
        Ok(kept)
    }

    fn masters(&self, person: &Person, glass: Glass) -> Vec<MasterFinger> {
        let able: Vec<Finger> = person.capturable_fingers().collect();
        let states = glass.fingers.iter().map(|at| &person.fingers[*at]);
        let laid = states.filter_map(|state| match state {
            FingerState::Present { spec, seed } if able.contains(&spec.finger) => {
                Some(MasterFinger::with_method(*seed, *spec, self.mode.method()))
            }
            FingerState::Present { .. } | FingerState::Missing { .. } => None,
        });
        laid.collect()
    }

    fn truth(&self, person: &Person, glass: Glass, pose: SlapParams, slap: &Slap) -> Truth {
        let (mut missing, mut unable) = (Vec::new(), Vec::new());
        let laid = |finger: Finger| slap.fingers.iter().any(|f| f.impression.finger == finger);
        for at in glass.fingers {
            match &person.fingers[*at] {
                FingerState::Missing { finger } => missing.push(*finger),
                FingerState::Present { spec, .. } if !laid(spec.finger) => unable.push(spec.finger),
                FingerState::Present { .. } => {}
            }
        }
        let (width, height) = (slap.image.width(), slap.image.height());
        Truth {
            hand: glass.name,
            mode: self.mode.name(),
            width,
            height,
            ppi: self.ppi,
            pose,
            fingers: slap.fingers.iter().map(|finger| finger_truth(finger, width, height)).collect(),
            missing,
            unable,
        }
    }
}

/// What is known about a finger, moved from its own picture to the whole one.
fn finger_truth(finger: &SlapFinger, width: usize, height: usize) -> FingerTruth {
    let own = &finger.impression;
    let moved = |x: f32, y: f32| {
        // Corners lie within some thousands: exact.
        let place = (x + finger.corner.0 as f32, y + finger.corner.1 as f32);
        let inside = place.0 >= 0.0 && place.1 >= 0.0 && place.0 < width as f32 && place.1 < height as f32;
        inside.then_some(place)
    };
    let points = |points: &[(f32, f32)]| points.iter().filter_map(|(x, y)| moved(*x, *y)).collect();
    let minutiae = own.minutiae.iter().filter_map(|m| moved(m.x, m.y).map(|(x, y)| TruthMinutia { x, y, ..*m }));
    FingerTruth {
        finger: own.finger,
        class: own.class,
        outline: finger.outline,
        rotation: finger.rotation,
        corner: finger.corner,
        size: (own.width(), own.height()),
        period: own.period,
        params: own.params,
        cores: points(&own.cores),
        deltas: points(&own.deltas),
        minutiae: minutiae.collect(),
    }
}

fn count<'a>(fingers: impl Iterator<Item = &'a [TruthMinutia]>) -> Made {
    fingers.fold(Made::default(), |made, minutiae| Made {
        fingers: made.fingers + 1,
        minutiae: made.minutiae + minutiae.iter().filter(|m| m.visible).count() as u64,
        ..made
    })
}

impl Made {
    fn and(mut self, other: Self) -> Self {
        self.fingers += other.fingers;
        self.minutiae += other.minutiae;
        self.kept += other.kept;
        self.shown.extend(other.shown);
        self
    }
}
