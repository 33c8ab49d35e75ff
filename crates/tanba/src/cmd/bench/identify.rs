//! `tanba bench identify`: one against many people who do not exist: how long a search takes, whom it misses, and how many others it
//! names.
//!
//! Templates are scattered (`tanba synth templates`), so no ridges are compared, and every error rate here is one of synthetic prints.

mod tail;

use std::time::Instant;

use anyhow::Context;
use clap::Args;
use rayon::prelude::*;
use serde_json::json;
use tanba_finger::scan::{Instructions, ScanPrint, scan_with};
use tanba_finger::{Prepared, Template};
use tanba_formats::Finger;
use tanba_gallery::{
    Candidate, Effort, Enrolment, EntryId, Gallery, Outcome, Population, Probe, SearchAnswer, SearchControl,
    SearchOptions,
};
use tanba_synth::{CalendarDate, FingerState, ImpressionPreset, Person, TemplateFinger};

use crate::cmd::synth::output::Interrupt;
use crate::cmd::synth::{parse_preset, touch_seed};
use crate::console::Console;
use tail::Tail;

/// The order in which fingers are offered: what a border lane takes first.
const ORDER: [Finger; 10] = [
    Finger::RightIndex,
    Finger::LeftIndex,
    Finger::RightThumb,
    Finger::LeftThumb,
    Finger::RightMiddle,
    Finger::LeftMiddle,
    Finger::RightRing,
    Finger::LeftRing,
    Finger::RightLittle,
    Finger::LeftLittle,
];
const EVERYONE: Population = Population(0);
/// The day at which ages are reckoned: a fixed one, as everywhere in the synthesis.
const AS_OF: CalendarDate = (2026, 1, 1);
/// Below what any comparison gives: everyone who was compared in full is told.
const EVEN_THE_LEAST: f64 = -1e9;
/// Prints that the speed of the first look is measured on: more than fit the caches.
const TIMED_PRINTS: usize = 20_000;
/// Times each speed is measured; the best counts, because others share the machine.
const TIMES: usize = 40;
/// Options of `tanba bench identify`.
#[derive(Args)]
pub(crate) struct Identify {
    /// People enrolled.
    #[arg(long, value_parser = clap::value_parser!(u64).range(10..=5_000_000))]
    people: u64,
    /// Fingers of each, enrolled and searched with: the index fingers first.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=10))]
    fingers: u64,
    /// Threads that a search may use.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1024))]
    threads: u64,
    /// Which people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How impressions are taken.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
    /// Searches for people who are enrolled, and as many for people who are not.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(100..=100_000))]
    searches: u64,
    /// Share of the people that are compared in full after the first look; 1 for everyone.
    #[arg(long, default_value_t = 0.003)]
    share: f64,
}

/// What the searches came to.
#[derive(Default)]
struct Found {
    /// The strongest evidence for the person who was searched for; absent where the first look left them out or they have no print.
    mate: Vec<Option<f64>>,
    /// Whether they came first.
    first: u64,
    /// Evidence for anybody else, search by search, the strongest first: people who are not enrolled.
    others: Vec<Vec<f64>>,
    ms: Vec<f64>,
}

impl Identify {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let searches = self.searches.min(self.people);
        let population = tanba_synth::Population::new(self.seed, self.people + searches, AS_OF);
        let interrupt = Interrupt::listen();
        let prints = |i: u64, touch: u32| self.prints(&population.person(i), touch);

        let bar = console.progress(self.people, "scattering minutiae");
        let made: Vec<Enrolment> = (0..self.people)
            .into_par_iter()
            .map(|i| {
                interrupt.check()?;
                bar.inc(1);
                Ok(Enrolment::new(EntryId(i.into()), EVERYONE, prints(i, 0)))
            })
            .collect::<anyhow::Result<_>>()?;
        bar.finish_and_clear();
        let timed: Vec<ScanPrint> = made
            .par_iter()
            .flat_map_iter(|person| person.fingers.iter())
            .map(|(_, template)| ScanPrint::of(&Prepared::new(template)))
            .take_any(TIMED_PRINTS)
            .collect();
        let begun = Instant::now();
        let mut gallery = Gallery::new();
        let made: Vec<Enrolment> = made.into_iter().filter(|person| !person.fingers.is_empty()).collect();
        gallery.insert_all(&made)?;
        drop(made);
        let load_s = begun.elapsed().as_secs_f64();

        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads as usize)
            .build()
            .context("the threads cannot be started")?;
        let options = SearchOptions {
            limit: gallery.people().max(1),
            effort: if self.share >= 1.0 { Effort::Exhaustive } else { Effort::Cascade { share: self.share } },
            ..SearchOptions::new([EVERYONE], EVEN_THE_LEAST)
        };
        let mut found = Found::default();
        let bar = console.progress(2 * searches, "searching");
        for k in 0..searches {
            interrupt.check()?;
            // Spread over everyone who is enrolled; and whoever comes after them is not.
            let enrolled = k * self.people / searches;
            let mut search = |probe: Vec<(Finger, Template)>| -> anyhow::Result<Option<SearchAnswer>> {
                let fingers = probe.iter().map(|(finger, template)| (*finger, Prepared::new(template))).collect();
                let probe = Probe { fingers };
                if !probe.fingers.iter().any(|(_, print)| print.comparable()) {
                    return Ok(None);
                }
                let begun = Instant::now();
                let answer = pool.install(|| gallery.search(&probe, &options, &SearchControl::default()))?;
                found.ms.push(begun.elapsed().as_secs_f64() * 1e3);
                Ok(Some(answer))
            };
            let (mated, other) = (search(prints(enrolled, 1))?, search(prints(self.people + k, 1))?);
            let mated = mated.as_ref().map_or(&[][..], candidates);
            let mate = mated.iter().position(|c| c.entry == EntryId(enrolled.into()));
            found.first += u64::from(mate == Some(0));
            found.mate.push(mate.map(|at| mated[at].log10_lr));
            found.others.push(other.as_ref().map_or(&[][..], candidates).iter().map(|c| c.log10_lr).collect());
            bar.inc(2);
        }
        bar.finish_and_clear();
        self.tell(console, &gallery, &found, load_s, &timed)
    }

    fn tell(
        &self,
        console: &Console,
        gallery: &Gallery,
        found: &Found,
        load_s: f64,
        timed: &[ScanPrint],
    ) -> anyhow::Result<()> {
        let tops: Vec<f64> = found.others.iter().map(|all| all.first().copied().unwrap_or(f64::NEG_INFINITY)).collect();
        let tail = Tail::fitted(&tops);
        let fnir = |threshold: f64| share_of(&found.mate, |lr| lr.is_none_or(|lr| lr < threshold));
        let at = |fpir: f64| {
            let (threshold, low, high) = tail.threshold(fpir);
            (threshold, fnir(threshold), [fnir(low), fnir(high)])
        };
        let ((threshold, fnir_3, fnir_3_ci), (threshold_2, fnir_2, fnir_2_ci)) = (at(1e-3), at(1e-2));
        let named: usize = found.others.iter().map(|all| all.iter().filter(|lr| **lr >= threshold).count()).sum();
        let adjudications = 1000.0 * named as f64 / found.others.len() as f64;
        let stage1_miss = share_of(&found.mate, Option::is_none);
        let rank1 = found.first as f64 / found.mate.len() as f64;
        let mut ms = found.ms.clone();
        ms.sort_by(f64::total_cmp);
        let quantile = |q: f64| ms.get(((ms.len() as f64 - 1.0) * q) as usize).copied();
        let speed = Speed::measured(timed);
        let bytes = size_of::<ScanPrint>() + size_of::<u32>();
        let percent = |v: f64| 100.0 * v;
        let answer = json!({
            "people": gallery.people(),
            "fingers": self.fingers,
            "preset": self.preset.name(),
            "seed": self.seed,
            "threads": self.threads,
            "share": self.share,
            "synthetic": true,
            "bytes_per_finger": bytes,
            "load_s": load_s,
            "searches": found.mate.len(),
            "search_ms_median": quantile(0.5),
            "search_ms_p99": quantile(0.99),
            "fingers_per_s_per_core": speed.prints_per_s,
            "instructions": speed.instructions,
            "fnir_at_fpir_1e3": percent(fnir_3),
            "fnir_at_fpir_1e3_ci95": fnir_3_ci.map(percent),
            "fnir_at_fpir_1e2": percent(fnir_2),
            "fnir_at_fpir_1e2_ci95": fnir_2_ci.map(percent),
            "threshold_1e3": threshold,
            "threshold_1e2": threshold_2,
            "adjudications_per_1000": adjudications,
            "rank1": percent(rank1),
            "stage1_miss": percent(stage1_miss),
            "peak_rss_bytes": peak_rss_bytes(),
        });
        let human = format!(
            "{} people with {} fingers, synthetic ({}), {} of them compared in full; {load_s:.1} s to load\n\
             a search on {} threads: median {:.0} ms, 99 of 100 within {:.0} ms\n\
             first look: {:.2} million prints a second on a core ({}); {bytes} bytes a finger\n\
             missed: {:.2} % [{:.2}, {:.2}] at FPIR 0.1 % (from {threshold:.2} on), {:.2} % at FPIR 1 %, {:.2} % by the first look alone\n\
             found first: {:.2} %; {adjudications:.1} others named in 1,000 searches for nobody",
            gallery.people(),
            self.fingers,
            self.preset.name(),
            if self.share >= 1.0 { "all".to_owned() } else { format!("{} %", percent(self.share)) },
            self.threads,
            quantile(0.5).unwrap_or_default(),
            quantile(0.99).unwrap_or_default(),
            speed.prints_per_s / 1e6,
            speed.instructions,
            percent(fnir_3),
            percent(fnir_3_ci[0]),
            percent(fnir_3_ci[1]),
            percent(fnir_2),
            percent(stage1_miss),
            percent(rank1),
        );
        console.answer(&answer, human);
        Ok(())
    }

    /// The fingers that a person offers, each touched once.
    fn prints(&self, person: &Person, touch: u32) -> Vec<(Finger, Template)> {
        let there = ORDER.iter().filter_map(|finger| {
            person.fingers.iter().find_map(|state| match state {
                FingerState::Present { spec, seed } if spec.finger == *finger => Some((*spec, *seed)),
                _ => None,
            })
        });
        there
            .take(self.fingers as usize)
            .map(|(spec, seed)| {
                (spec.finger, TemplateFinger::from_seed(seed, spec).touch(self.preset, touch_seed(seed, touch)))
            })
            .collect()
    }
}

fn candidates(answer: &SearchAnswer) -> &[Candidate] {
    match answer.outcome() {
        Outcome::NoHit => &[],
        Outcome::Hits(found) => found,
        Outcome::Incomplete { so_far } => so_far,
    }
}

fn share_of<T>(all: &[T], is_one: impl Fn(&T) -> bool) -> f64 {
    all.iter().filter(|one| is_one(one)).count() as f64 / all.len().max(1) as f64
}

/// How fast the first look is.
struct Speed {
    prints_per_s: f64,
    instructions: &'static str,
}

impl Speed {
    fn measured(prints: &[ScanPrint]) -> Self {
        let (mut scores, mut none) = (vec![0; prints.len()], Vec::new());
        let all = [(Instructions::Avx512, "AVX-512"), (Instructions::Avx2, "AVX2"), (Instructions::Plain, "plain")];
        let Some((probe, (with, instructions))) =
            prints.first().zip(all.into_iter().find(|(with, _)| scan_with(*with, &prints[0], &[], &mut none)))
        else {
            return Self { prints_per_s: 0.0, instructions: "none" };
        };
        let mut best = f64::INFINITY;
        for _ in 0..TIMES {
            let begun = Instant::now();
            scan_with(with, probe, prints, &mut scores);
            best = best.min(begun.elapsed().as_secs_f64());
        }
        let prints_per_s = prints.len() as f64 / best;
        Self { prints_per_s, instructions }
    }
}

/// The most memory that the program has held; where the system does not tell, nothing.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib << 10)
}
