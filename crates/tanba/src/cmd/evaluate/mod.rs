//! `tanba evaluate`: accuracy and speed on sets of prints named `<finger>_<impression>.<ext>`.
//!
//! Read and extract every impression, compare every pair ([`prints`]), count errors and draw fingers again for intervals
//! ([`analysis`]), set by set, sensor by sensor and pooled; then tell ([`answer`]) and draw ([`plots`], [`page`]). The counting itself
//! is `tanba_finger::evaluate`.
//!
//! Everything that can be known to fail is looked at before the work. Memory grows with the square of the number of impressions of a
//! set: about 12 bytes times that (18 with `--against`; the comparisons of several sets are held once more, pooled), so 1.2 GB for
//! 10,000 impressions.

mod analysis;
mod answer;
mod matrices;
mod page;
mod plots;
pub(super) mod prints;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use tanba_finger::Extractor;
use tanba_finger::evaluate::{self as ev, ImpressionSet, ScoreMatrix, Trials, WorstPairs};
use tanba_formats::Ppi;

use crate::cmd::synth::output::{Interrupt, make_writable_folder, write};
use crate::console::Console;
use crate::input::{ByExtractor, parse_ppi};
use analysis::{Analysis, Members};
use answer::Answer;
use matrices::Against;
use prints::{Compared, Times};

/// The bootstrap draws the same fingers for the same name and number of fingers; sets of a mean are drawn independently.
const SEED: u64 = 0x7a9e_0001;
/// Impressions of a set at most: its comparisons take about 5 GB.
const MOST_IMPRESSIONS: usize = 20_000;

/// Options of `tanba evaluate`.
#[derive(Args)]
pub(crate) struct Evaluate {
    /// Folders of prints named `<finger>_<impression>.<ext>`, one set each. All before the last `_` names the finger; where that has
    /// a `_` too (`<person>_<finger>_<impression>`), all before it names the person.
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Impostor comparisons: first impressions of different fingers, or all pairs of different fingers.
    #[arg(long, value_enum, default_value_t = Impostors::All)]
    impostors: Impostors,
    /// Resolution of a set in pixels per inch, by the folder's path or last component; may be given several times.
    #[arg(long, value_name = "DIR=N", value_parser = parse_set_ppi)]
    ppi: Vec<(String, Ppi)>,
    /// The sensor of a set (path or last component of the folder); may be given several times. Sets of one sensor are pooled, with
    /// no comparisons between sets, and told together. Without it every set is a sensor of its own.
    #[arg(long, value_name = "DIR=NAME", value_parser = parse_sensor)]
    sensor: Vec<(String, String)>,
    /// What the bootstrap draws: fingers, or persons with all their fingers.
    #[arg(long, value_enum, default_value_t = Resample::Finger)]
    resample: Resample,
    /// Write scores as an N x N matrix of little-endian f32 in sorted file order, upper triangle. `{set}` in the name is the set's; a
    /// folder gets `<set>.f32`, and so does a name without `{set}` for several sets.
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
    /// Compare with such matrices of another matcher by paired bootstrap. One name for all sets: a file, a name with `{set}`
    /// (`scores/{set}.saf.f32`), or a folder with `<set>.f32` or one `<set>.<matcher>.f32`. Or `SET=FILE` for each set.
    #[arg(long, value_name = "FILE")]
    against: Vec<String>,
    /// Write DET curves, score histograms, likelihood ratios, who is left out and the worst pairs to this folder, with an
    /// `index.html` that shows them all. The pictures show prints: keep the folder as safe as the prints.
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
    /// How many of the worst genuine and impostor pairs of each set are drawn.
    #[arg(long, value_name = "N", default_value_t = 8, requires = "plots", value_parser = clap::value_parser!(u16).range(0..=100))]
    worst: u16,
    #[command(flatten)]
    by: ByExtractor,
}

/// Which impostor comparisons count.
#[derive(Clone, Copy, ValueEnum)]
enum Impostors {
    /// First impressions of different fingers, as FVC does.
    Fvc,
    /// All pairs of different fingers.
    All,
}

/// What the bootstrap draws.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Resample {
    /// Fingers.
    Finger,
    /// Persons, with all their fingers.
    Person,
}

fn parse_set_ppi(text: &str) -> Result<(String, Ppi), String> {
    let (set, ppi) = text.rsplit_once('=').ok_or("give it as DIR=N, such as fvc2002_db2_b=569")?;
    Ok((set.trim_end_matches('/').to_owned(), parse_ppi(ppi)?))
}

fn parse_sensor(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((set, name)) if !set.is_empty() && !name.trim().is_empty() => {
            Ok((set.trim_end_matches('/').to_owned(), name.trim().to_owned()))
        }
        _ => Err("give it as DIR=NAME, such as fvc2002_db1_b=optical".to_owned()),
    }
}

/// A folder of prints, before anything was read.
struct Source {
    folder: PathBuf,
    name: String,
    sensor: String,
    ppi: Option<Ppi>,
    set: ImpressionSet,
    /// What makes templates of its images.
    extractor: &'static dyn Extractor,
}

/// A set that was measured.
struct Set {
    source: Source,
    trials: Trials,
    /// The other matcher's.
    theirs: Option<Trials>,
    worst: WorstPairs,
    times: Times,
    analysis: Analysis,
}

/// Several sets together, or one.
struct Pool {
    name: String,
    /// Numbers of its sets.
    sets: Vec<usize>,
    /// Both matchers' comparisons; `None` for one set alone, which has them.
    pooled: Option<(Trials, Option<Trials>)>,
    analysis: Analysis,
}

impl Evaluate {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let interrupt = Interrupt::listen();
        let sources = self.sources()?;
        let against = Against::find(&self.against, &sources)?;
        if let Some(folder) = &self.plots {
            make_writable_folder(folder)?;
        }
        let scores = self.scores.as_deref().map(|given| matrices::outputs(given, &sources)).transpose()?;

        let mut sets: Vec<Set> = Vec::new();
        for (k, source) in sources.into_iter().enumerate() {
            let compared = Compared::of(&source, &interrupt, console)?;
            if let Some(paths) = &scores {
                write(&paths[k], &compared.scores.to_bytes())?;
            }
            let set = self.measure(source, &compared, against.as_ref().map(|a| (a, k)), &interrupt)?;
            for (count, kind) in [(set.analysis.genuine, "genuine"), (set.analysis.impostors, "impostor")] {
                if count == 0 {
                    console.note(format_args!(
                        "note: {} has no {kind} comparisons: its error rates say nothing",
                        set.source.name
                    ));
                }
            }
            sets.push(set);
        }
        let sensors = sensors(&sets, &interrupt)?;
        let all: Vec<usize> = (0..sets.len()).collect();
        let pooled = Pool::of("all sets", &all, &sets, &interrupt)?;

        let answer = Answer {
            sets: &sets,
            sensors: &sensors,
            pooled: &pooled,
            against: against.as_ref().map(|a| a.name.as_str()),
            grouped: !self.sensor.is_empty(),
        };
        if let Some(folder) = &self.plots {
            let drawn = plots::draw(&answer, folder, &interrupt, console)?;
            let page = page::html(&answer, &drawn);
            write(&folder.join("index.html"), page.as_bytes())?;
            console.note(format_args!("plots and pictures: {}", folder.join("index.html").display()));
        }
        console.answer(&answer.to_json(), answer.table());
        Ok(())
    }

    /// Lists the folders, and refuses options that name none of them.
    fn sources(&self) -> anyhow::Result<Vec<Source>> {
        let named =
            self.ppi.iter().map(|(set, _)| ("--ppi", set)).chain(self.sensor.iter().map(|(s, _)| ("--sensor", s)));
        for (option, set) in named {
            if !self.folders.iter().any(|f| names(f, set)) {
                bail!("{option} names {set}, which is none of the sets given");
            }
        }
        let mut sources: Vec<Source> = Vec::new();
        for folder in &self.folders {
            let own = set_name(folder);
            // Two folders of one name get results of their own.
            let mut name = own.clone();
            for n in 2.. {
                if !sources.iter().any(|s| s.name == name) {
                    break;
                }
                name = format!("{own}-{n}");
            }
            let set = ImpressionSet::from_names(&prints::list(folder)?)
                .with_context(|| format!("{} is no set", folder.display()))?;
            ensure!(
                set.len() <= MOST_IMPRESSIONS,
                "{} has {} impressions; comparing all with all takes too much memory above {MOST_IMPRESSIONS}: divide the set by \
                 fingers into several folders",
                folder.display(),
                set.len()
            );
            let sensor = self.sensor.iter().find(|(s, _)| names(folder, s)).map_or(&name, |(_, sensor)| sensor).clone();
            let ppi = self.ppi.iter().find(|(s, _)| names(folder, s)).map(|(_, ppi)| *ppi);
            let extractor = self.by.extractor;
            sources.push(Source { folder: folder.clone(), name, sensor, ppi, set, extractor });
        }
        Ok(sources)
    }

    /// Counts one set.
    fn measure(
        &self,
        source: Source,
        compared: &Compared,
        against: Option<(&Against, usize)>,
        interrupt: &Interrupt,
    ) -> anyhow::Result<Set> {
        let set = &source.set;
        let impostors = match self.impostors {
            Impostors::Fvc => ev::Impostors::Fvc,
            Impostors::All => ev::Impostors::All,
        };
        let trials = |scores: &ScoreMatrix, failed: &[bool]| {
            let trials = Trials::of(set, scores, failed, impostors);
            if self.resample == Resample::Person { trials.drawn_by_person(set.persons()) } else { trials }
        };
        let ours = trials(&compared.scores, &compared.failed);
        let theirs = against
            .map(|(against, k)| -> anyhow::Result<Trials> {
                // Their failures stand in the matrix as scores of 0.
                Ok(trials(&against.read(k, set.len())?, &vec![false; set.len()]))
            })
            .transpose()?;
        let members = Members::of(set, &ours);
        let analysis = Analysis::of(&ours, theirs.as_ref(), members, seed(&source.name), interrupt)?;
        let most = if self.plots.is_some() { usize::from(self.worst) } else { 0 };
        let worst = WorstPairs::of(set, &compared.scores, &compared.failed, impostors, most);
        Ok(Set { trials: ours, theirs, worst, times: compared.times, analysis, source })
    }
}

impl Pool {
    fn of(name: &str, numbers: &[usize], sets: &[Set], interrupt: &Interrupt) -> anyhow::Result<Self> {
        if let [only] = numbers {
            let analysis = sets[*only].analysis.clone();
            return Ok(Self { name: name.to_owned(), sets: numbers.to_vec(), pooled: None, analysis });
        }
        let of = |trials: fn(&Set) -> Option<&Trials>| {
            let all: Option<Vec<&Trials>> = numbers.iter().map(|&k| trials(&sets[k])).collect();
            all.map(|all| Trials::pooled(&all))
        };
        let ours = of(|s| Some(&s.trials)).unwrap_or_else(|| Trials::pooled(&[]));
        let theirs = of(|s| s.theirs.as_ref());
        let members =
            Members::together(numbers.iter().map(|&k| (sets[k].source.name.as_str(), &sets[k].analysis.members)));
        let analysis = Analysis::of(&ours, theirs.as_ref(), members, seed(name), interrupt)?;
        Ok(Self { name: name.to_owned(), sets: numbers.to_vec(), pooled: Some((ours, theirs)), analysis })
    }

    /// Its comparisons, and the other matcher's.
    fn trials<'s>(&'s self, sets: &'s [Set]) -> (&'s Trials, Option<&'s Trials>) {
        match &self.pooled {
            Some((ours, theirs)) => (ours, theirs.as_ref()),
            None => {
                let set = &sets[self.sets[0]];
                (&set.trials, set.theirs.as_ref())
            }
        }
    }
}

/// The sets by sensor, in the order in which the sensors come.
fn sensors(sets: &[Set], interrupt: &Interrupt) -> anyhow::Result<Vec<Pool>> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    for (k, set) in sets.iter().enumerate() {
        match groups.iter_mut().find(|(name, _)| *name == set.source.sensor) {
            Some((_, numbers)) => numbers.push(k),
            None => groups.push((&set.source.sensor, vec![k])),
        }
    }
    groups.iter().map(|(name, numbers)| Pool::of(name, numbers, sets, interrupt)).collect()
}

/// An error once somebody has pressed Ctrl-C.
fn unless_interrupted(interrupt: &Interrupt) -> anyhow::Result<()> {
    ensure!(!interrupt.pressed(), "interrupted: nothing was evaluated; files of sets that were done are whole");
    Ok(())
}

fn set_name(folder: &Path) -> String {
    let full = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    full.file_name().unwrap_or(full.as_os_str()).to_string_lossy().into_owned()
}

/// Whether `set` is the folder's path or its last component.
fn names(folder: &Path, set: &str) -> bool {
    Path::new(set) == folder || set_name(folder) == set
}

/// A seed for a name, so that each set of a mean is drawn by itself (FNV-1a).
fn seed(name: &str) -> u64 {
    let number = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    SEED.wrapping_add(number)
}
