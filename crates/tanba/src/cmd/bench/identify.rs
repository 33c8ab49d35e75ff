//! `tanba bench identify`: one against many people who do not exist: how long a search takes, whom it misses, and how many others it
//! names; and at what price more people can be enrolled.
//!
//! Templates are scattered (`tanba synth templates`), so no ridges are compared, and every error rate here is one of synthetic prints, but for
//! those under `real`.
//!
//! First everyone is enrolled. Then all searches run, many at once, with a threshold that anybody reaches: what they find gives the
//! thresholds and the rates ([`tail`], [`projection`], [`groups`]). Nothing of that depends on time, so equal seeds give equal rates,
//! and because no evidence lies near such a threshold, no search is widened: a register, which does widen some, misses no more.
//! Last, some searches are asked again alone, at the threshold found, for their time.

mod groups;
mod look;
mod people;
mod projection;
mod real;
mod report;
mod searches;
mod speed;
mod tail;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};
use tanba_gallery::{CASCADE, Effort, Enrolment, EntryId, Gallery, SearchOptions, Stats};
use tanba_synth::ImpressionPreset;

use crate::cmd::synth::output::{Interrupt, make_writable_folder};
use crate::cmd::synth::parse_preset;
use crate::console::Console;
use groups::Groups;
use look::{Ranks, missed};
pub(super) use people::{AS_OF, Made, People, coded};
use people::{EVERYONE, Enrolled};
use projection::Cost;
pub(super) use projection::Projection;
pub(super) use real::RealSet;
pub(super) use searches::{Found, Mated};
use searches::{Searches, Timed, Until, ask, minutes};
use speed::Speed;
pub(super) use speed::{on_this_machine, prints_per_s};

/// Below what any comparison gives: everyone who was compared in full is told.
const EVEN_THE_LEAST: f64 = -1e9;
/// Penetration at which misses of the first look are told.
const PENETRATION: f64 = 0.01;
/// People that the time of a comparison in full is measured on, and times it is.
const WEIGHED: u64 = 200;
const WEIGHINGS: u64 = 5;

/// Options of `tanba bench identify`.
#[derive(Args)]
pub(crate) struct Identify {
    /// People enrolled.
    #[arg(long, value_parser = clap::value_parser!(u64).range(10..=5_000_000))]
    people: u64,
    /// Fingers of each, enrolled and searched with: the index fingers first.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=10))]
    fingers: u64,
    /// Threads that a search may use while its time is measured.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1024))]
    threads: u64,
    /// Which people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How impressions are taken.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
    /// Whether images are made, a tenth of a second each, or templates without ridges.
    #[arg(long, value_enum, default_value_t = Made::Templates)]
    made: Made,
    /// Searches for people who are enrolled, and as many for people who are not.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(100..=100_000))]
    searches: u64,
    /// Fewer searches for people who are not enrolled: of many fingers a few of them say where strangers end, but it takes thousands of the others to
    /// see one miss in a thousand.
    #[arg(long, value_parser = clap::value_parser!(u64).range(100..=100_000))]
    strangers: Option<u64>,
    /// Of these, so many of each kind are asked again one after another, for their time.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    timed: u64,
    /// Share of the people that are compared in full after the first look; 1 for everyone.
    #[arg(long, default_value_t = 0.002)]
    share: f64,
    /// Search as if the operator may have exchanged the hands.
    #[arg(long)]
    exchanged: bool,
    /// Let a GPU take the first look.
    #[arg(long)]
    gpu: bool,
    /// A set of real prints named `<finger>_<impression>.<ext>`, enrolled and searched for among the others. With several fingers, a person
    /// is as many different fingers of the set.
    #[arg(long, value_name = "DIR")]
    real: Option<PathBuf>,
    /// Minutes after which no further search begins; what was measured by then is told.
    #[arg(long, default_value_t = 15.0)]
    minutes: f64,
    /// Draw errors, thresholds and times over the number of people into this folder.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
}

/// Everything that was measured.
struct Measured {
    stats: Stats,
    enrol_s: f64,
    load_s: f64,
    segment_bytes: u64,
    found: Found,
    timed: Timed,
    projection: Projection,
    groups: Groups,
    cost: Option<Cost>,
    speed: Speed,
    sampled: usize,
    real: Value,
    interrupted: bool,
    out_of_time: bool,
}

impl Identify {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        if !(self.share > 0.0 && self.share <= 1.0) {
            bail!("the share of people to be compared in full is above 0 and at most 1, such as 0.01");
        }
        if let Some(folder) = &self.report {
            make_writable_folder(folder)?;
        }
        let gpu = self.gpu.then(crate::gpu::find).transpose()?;
        let interrupt = Interrupt::listen();
        let mut until = Until { interrupt: &interrupt, end: Instant::now() };
        let fingers = self.fingers as usize;
        let real = self.real.as_ref().map(|folder| RealSet::read(folder, fingers, &interrupt, console)).transpose()?;
        let wanted = self.searches.min(self.people);
        let people = People::new(self.seed, self.people + wanted, fingers, self.preset, self.made);
        let Enrolled { mut gallery, people: enrolled, sample, enrol_s, load_s, segment_bytes } =
            Enrolled::of(&people, self.people, &interrupt, console)?;
        if let Some(gpu) = gpu {
            gallery.look_on(gpu)?;
        }
        if interrupt.pressed() {
            bail!("interrupted while people were enrolled ({enrolled} of {}): nothing was measured", self.people);
        }

        until.end = Instant::now() + minutes(self.minutes);
        let options = SearchOptions {
            limit: gallery.people().max(1),
            effort: if self.share >= 1.0 { Effort::Exhaustive } else { Effort::Cascade { share: self.share } },
            hands_may_be_exchanged: self.exchanged,
            ..SearchOptions::new([EVERYONE], EVEN_THE_LEAST)
        };
        let strangers = self.strangers.map_or(wanted, |strangers| strangers.min(wanted));
        let (gallery, people) = (&gallery, &people);
        let searches = Searches { people, gallery, sample: &sample, enrolled, count: wanted, strangers, options };
        let found = searches.run(&until, console)?;
        if found.mated.is_empty() {
            bail!("there was no time for a single search: give more --minutes");
        }
        let projection = Projection::of(&found, enrolled);
        let thresholds = projection.direct.map(|at| at.threshold.value);

        let real = match real {
            Some(set) if !until.over() => {
                let of_set = set.search(gallery, &sample, &searches.options, &until, console)?;
                set.to_json(&of_set, thresholds, self.share)
            }
            _ => Value::Null,
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads as usize)
            .build()
            .context("the threads cannot be started")?;
        let timed = searches.timed(self.timed, thresholds[0], &pool, &until, console)?;
        let cost = self.cost(&timed, people, enrolled)?;
        let out_of_time = !interrupt.pressed() && until.over();
        let measured = Measured {
            stats: gallery.stats(),
            enrol_s,
            load_s,
            segment_bytes,
            projection,
            groups: Groups::of(&found.mated, people, thresholds[0]),
            found,
            timed,
            cost,
            speed: Speed::measured(sample.prints()),
            sampled: sample.people(),
            real,
            interrupted: interrupt.pressed(),
            out_of_time,
        };
        if let Some(folder) = &self.report {
            let seconds = self.core_s(&measured.timed);
            report::draw(folder, &measured.projection, &measured.found, enrolled, cost, seconds)?;
            console.note(format_args!("plots: {}", folder.display()));
        }
        console.answer(&self.to_json(&measured), self.table(&measured));
        Ok(())
    }

    /// Mean core-seconds of a search.
    fn core_s(&self, timed: &Timed) -> Option<f64> {
        timed.mean_s().map(|seconds| seconds * self.threads as f64)
    }

    /// What looking at a person and comparing one in full cost: the second measured on a few people of whom all are compared, the
    /// first what is then left of the searches that were timed.
    fn cost(&self, timed: &Timed, people: &People, enrolled: u64) -> anyhow::Result<Option<Cost>> {
        let Some(mean) = self.core_s(timed) else { return Ok(None) };
        let mut few = Gallery::new();
        let count = WEIGHED.min(enrolled);
        let some: Vec<Enrolment> = (0..count)
            .map(|place| Enrolment::new(EntryId(place.into()), EVERYONE, people.prints(place, 0)))
            .filter(|person| !person.fingers.is_empty())
            .collect();
        few.insert_all(&some)?;
        let options = SearchOptions {
            effort: Effort::Exhaustive,
            hands_may_be_exchanged: self.exchanged,
            ..SearchOptions::new([EVERYONE], EVEN_THE_LEAST)
        };
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().context("a thread cannot be started")?;
        let (mut seconds, mut weighed) = (0.0, 0u64);
        for n in 0..WEIGHINGS {
            let probe = coded(&people.prints(n * enrolled / WEIGHINGS, 1));
            let begun = Instant::now();
            let answer = one.install(|| ask(&few, probe, &options))?;
            seconds += begun.elapsed().as_secs_f64();
            weighed += answer.map_or(0, |answer| answer.coverage().people_weighed);
        }
        let weigh = seconds / weighed.max(1) as f64;
        let look = (mean - weigh * timed.weighed as f64 / timed.ms.len() as f64).max(0.0) / enrolled.max(1) as f64;
        Ok(Some(Cost { look, weigh, share: self.share, fewest: CASCADE.fewest as f64 }))
    }

    fn to_json(&self, m: &Measured) -> Value {
        let mut answer = json!({
            "people": m.stats.people.values().sum::<usize>(),
            "fingers": self.fingers,
            "preset": self.preset.name(),
            "made": self.made.words(),
            "seed": self.seed,
            "threads": self.threads,
            "share": self.share,
            "exchanged": self.exchanged,
            "synthetic": true,
            "interrupted": m.interrupted,
            "out_of_time": m.out_of_time,
            "searches": m.found.mated.len(),
            "searches_for_strangers": m.found.strangers.len(),
            "projection": m.projection.to_json(m.cost),
            "projection_assumes": "the comparisons of a search are independent, their tail goes on beyond what was seen and has no end, and the first look \
                                   misses as many at any size",
            "groups": m.groups.to_json(),
            "worst_decile": m.groups.worst(),
            "real": m.real,
        });
        for part in [self.prices(m), self.errors(m)] {
            if let (Value::Object(answer), Value::Object(part)) = (&mut answer, part) {
                answer.extend(part);
            }
        }
        answer
    }

    /// Time and memory.
    fn prices(&self, m: &Measured) -> Value {
        let widened = |(searches, widened): (u64, u64)| 100.0 * widened as f64 / searches.max(1) as f64;
        json!({
            "bytes_per_finger": m.bytes_per_finger(m.stats.code_bytes),
            "resident_bytes_per_finger": m.bytes_per_finger(m.stats.code_bytes + m.stats.other_bytes),
            "enrol_s": m.enrol_s,
            "load_s": m.load_s,
            "segment_bytes": m.segment_bytes,
            "searches_timed": m.timed.ms.len(),
            "search_ms_median": m.search_ms(0.5),
            "search_ms_p99": m.search_ms(0.99),
            "core_s_per_search": self.core_s(&m.timed),
            "look_core_s_per_million_people": m.cost.map(|cost| 1e6 * cost.look),
            "weigh_core_s_per_1000_people": m.cost.map(|cost| 1e3 * cost.weigh),
            "widened": { "mated": widened(m.timed.widened[0]), "not_enrolled": widened(m.timed.widened[1]) },
            "fingers_per_s_per_core": m.speed.prints_per_s,
            "instructions": m.speed.instructions,
            "stream_bytes_per_s": m.speed.stream_bytes_per_s,
            "roof_fraction": m.speed.roof_fraction,
            "peak_rss_bytes": peak_rss_bytes(),
        })
    }

    /// Rates of error, in percent.
    fn errors(&self, m: &Measured) -> Value {
        let [strict, lax] = m.projection.direct;
        let pooled = m.projection.pooled.map(|at| at.map(|at| at.threshold.value));
        let ranks = |of: fn(&Ranks) -> f64| m.found.mated.iter().map(move |search| of(&search.ranks));
        let each = || m.found.mated.iter().flat_map(|search| search.ranks.each.iter().copied());
        json!({
            "fnir_at_fpir_1e3": 100.0 * strict.fnir.value,
            "fnir_at_fpir_1e3_ci95": strict.fnir.times(100.0).interval(),
            "fnir_at_fpir_1e2": 100.0 * lax.fnir.value,
            "fnir_at_fpir_1e2_ci95": lax.fnir.times(100.0).interval(),
            "fnir_at_fpir_1e3_if_all_were_compared": 100.0 * m.missed_in_full(strict.threshold.value),
            "fnir_at_fpir_1e2_if_all_were_compared": 100.0 * m.missed_in_full(lax.threshold.value),
            "threshold_1e3": strict.threshold.value,
            "threshold_1e3_ci95": strict.threshold.interval(),
            "threshold_1e2": lax.threshold.value,
            "threshold_1e2_ci95": lax.threshold.interval(),
            "threshold_1e3_of_all_comparisons": pooled.map(|at| at[0]),
            "threshold_1e2_of_all_comparisons": pooled.map(|at| at[1]),
            "adjudications_per_1000": m.adjudications(),
            "rank1": 100.0 * m.rank1(),
            "stage1_sample": m.sampled,
            "stage1_miss": 100.0 * missed(ranks(|r| r.first), PENETRATION),
            "stage1_miss_by_cylinders": 100.0 * missed(ranks(|r| r.first_by_cylinders), PENETRATION),
            "stage1_miss_one_finger": 100.0 * missed(each(), PENETRATION),
            "stage1_miss_all_fingers": 100.0 * missed(ranks(|r| r.all), PENETRATION),
            "stage1_miss_at_share": 100.0 * missed(ranks(|r| r.first), self.share),
            "stage1_share_for_miss_1e3": share_for(ranks(|r| r.first), 1e-3),
            "stage1_share_for_miss_1e2": share_for(ranks(|r| r.first), 1e-2),
            "cascade_miss": 100.0 * m.cascade_miss(),
        })
    }

    fn table(&self, m: &Measured) -> String {
        use std::fmt::Write as _;
        let [strict, lax] = m.projection.direct;
        let percent = |v: f64| 100.0 * v;
        let mut text = String::new();
        if m.interrupted || m.out_of_time {
            let why = if m.interrupted { "interrupted" } else { "out of time" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{why}: this is of the searches that were done by then");
        }
        let _ = write!(
            text,
            "{} people with {} fingers, synthetic ({}, {}), {} of them compared in full; {:.1} s to code, {:.1} s to load from encrypted segments, {:.0} bytes a finger\n\
             a search on {} threads: median {:.0} ms, 99 of 100 within {:.0} ms ({} searches)\n\
             first look: {:.2} million prints a second on a core ({}); {:.0} bytes a finger\n\
             synthetic, of {} searches for people enrolled and {} for others: missed {:.2} % [{:.2}, {:.2}] at FPIR 0.1 % (from {:.2} on), {:.2} % at FPIR 1 %\n\
             found first: {:.2} %; left out by the first look: {:.2} %; mates beyond the first 1 % of a first look: {:.2} %\n\
             {:.1} others named in 1,000 searches for nobody\n",
            m.stats.people.values().sum::<usize>(),
            self.fingers,
            self.preset.name(),
            self.made.words(),
            if self.share >= 1.0 { "all".to_owned() } else { format!("{} %", percent(self.share)) },
            m.enrol_s,
            m.load_s,
            m.bytes_per_finger(m.stats.code_bytes + m.stats.other_bytes),
            self.threads,
            m.search_ms(0.5).unwrap_or_default(),
            m.search_ms(0.99).unwrap_or_default(),
            m.timed.ms.len(),
            m.speed.prints_per_s / 1e6,
            m.speed.instructions,
            m.bytes_per_finger(m.stats.code_bytes),
            m.found.mated.len(),
            m.found.strangers.len(),
            percent(strict.fnir.value),
            percent(strict.fnir.low),
            percent(strict.fnir.high),
            strict.threshold.value,
            percent(lax.fnir.value),
            percent(m.rank1()),
            percent(m.cascade_miss()),
            percent(missed(m.found.mated.iter().map(|search| search.ranks.first), PENETRATION)),
            m.adjudications(),
        );
        let seconds =
            m.projection.sizes.iter().flatten().map(|size| m.cost.map_or(f64::NAN, |cost| cost.of(size.people)));
        for (line, seconds) in m.projection.lines().zip(seconds) {
            let _ = writeln!(text, "{line}, {seconds:.2} core-seconds");
        }
        if let Some(real) = m.real.as_object() {
            let number = |key: &str| real.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN);
            let ends = |key: &str, at: usize| real.get(key).and_then(|v| v[at].as_f64()).unwrap_or(f64::NAN);
            let _ = writeln!(
                text,
                "real, {}: missed {:.2} % [{:.2}, {:.2}] at the same threshold, {:.2} % at that of FPIR 1 %, of {} searches; found first {:.2} %; \
                 false answers {:.2} % of {}",
                real.get("set").and_then(Value::as_str).unwrap_or_default(),
                number("fnir_at_fpir_1e3"),
                ends("fnir_at_fpir_1e3_ci95", 0),
                ends("fnir_at_fpir_1e3_ci95", 1),
                number("fnir_at_fpir_1e2"),
                number("searches"),
                number("rank1"),
                number("fpir_at_threshold_1e3"),
                number("searches_not_enrolled"),
            );
        }
        text.trim_end().to_owned()
    }
}

impl Measured {
    fn bytes_per_finger(&self, bytes: usize) -> f64 {
        bytes as f64 / self.stats.impressions.max(1) as f64
    }

    fn search_ms(&self, quantile: f64) -> Option<f64> {
        self.timed.ms.get(((self.timed.ms.len() as f64 - 1.0) * quantile) as usize).copied()
    }

    /// Strangers named in 1,000 searches for people who are not enrolled.
    fn adjudications(&self) -> f64 {
        let threshold = self.projection.direct[0].threshold.value;
        let named: usize =
            self.found.strangers.iter().map(|all| all.iter().filter(|lr| **lr >= threshold).count()).sum();
        1000.0 * named as f64 / self.found.strangers.len().max(1) as f64
    }

    fn rank1(&self) -> f64 {
        self.found.mated.iter().filter(|search| search.first).count() as f64 / self.found.mated.len().max(1) as f64
    }

    /// Share of the mates below a threshold if the first look left nobody out.
    fn missed_in_full(&self, threshold: f64) -> f64 {
        let missed = self.found.mated.iter().filter(|search| search.in_full.is_none_or(|lr| lr < threshold)).count();
        missed as f64 / self.found.mated.len().max(1) as f64
    }

    /// Share of the mates that no search compared in full.
    fn cascade_miss(&self) -> f64 {
        let missed = self.found.mated.iter().filter(|search| search.mate.is_none()).count();
        missed as f64 / self.found.mated.len().max(1) as f64
    }
}

/// The share of the people that the first look must leave over so that it misses no more than this share of the mates.
fn share_for(ranks: impl Iterator<Item = f64>, miss: f64) -> Option<f64> {
    let mut ranks: Vec<f64> = ranks.collect();
    ranks.sort_by(f64::total_cmp);
    let allowed = (miss * ranks.len() as f64).floor() as usize;
    ranks.get(ranks.len().checked_sub(1 + allowed)?).copied()
}

/// The most memory that the program has held; where the system does not tell, nothing.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_for_a_miss_leaves_no_more_out_than_that() {
        let ranks: Vec<f64> = (0..1000).map(|k| f64::from(k) / 1e5).collect();
        let share = share_for(ranks.iter().copied(), 1e-2).unwrap();
        assert!((share - 0.00989).abs() < 1e-9, "{share}");
        assert_eq!(ranks.iter().filter(|rank| **rank > share).count(), 10);
        assert_eq!(share_for(core::iter::empty(), 0.1), None);
    }
}
