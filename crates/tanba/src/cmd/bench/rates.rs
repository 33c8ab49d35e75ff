//! `tanba bench rates`: error rates by threshold and by group, as a file that a register publishes and on which thresholds may rest.
//!
//! Everybody who does not exist gives two touches of the index fingers: one is enrolled, one is asked with. Rates are those of ISO/IEC 19795-1;
//! their intervals rest on as many independent trials as there are (different people, not comparisons); groups are told as in ISO/IEC 19795-10,
//! false matches within the group.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use rayon::prelude::*;
use serde_json::json;
use tanba_finger::calibrate::{self, MATCHER};
use tanba_finger::evaluate::clopper_pearson;
use tanba_finger::{Prepared, Scratch};
use tanba_formats::Finger;
use tanba_gallery::{Probe, evidence_of, fusion};
use tanba_registry::{
    Evaluation, EvaluationData, GroupRates, MeasuredKind, MeasuredPoint, MeasuredRate, ThresholdKind, differentials,
};
use tanba_synth::{ImpressionPreset, Sex};

use super::identify::{AS_OF, Made, People, coded};
use crate::cmd::synth::output::{Interrupt, OutFile};
use crate::cmd::synth::parse_preset;
use crate::console::Console;
use crate::input::ByExtractor;

/// Index fingers.
const FINGERS: usize = 2;
/// Thresholds of a table: from 0 in tenths. One finger reaches 6 at most, a hand twice that.
const ROWS: usize = 130;
const STEPS_IN_ONE: f64 = 10.0;
/// People that a group must have to be told.
const FEWEST: usize = 10;

/// Options of `tanba bench rates`.
#[derive(Args)]
pub(crate) struct Rates {
    /// People; each is held against each other and against another touch of the own fingers.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(20..=5_000))]
    people: u64,
    /// Which people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How impressions are taken.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
    /// Write the evaluation to this file; one that is there is replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    by: ByExtractor,
}

type Hand = Vec<(Finger, Prepared)>;

/// Somebody, twice.
struct Somebody {
    sex: &'static str,
    age: String,
    enrolled: Hand,
    probe: Hand,
}

/// What was found by comparing with one person: the own evidence, and that of each other person by place.
struct Found {
    mate: Option<f64>,
    others: Vec<Option<f64>>,
}

impl Rates {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        // Before the work: a place that cannot be written is known at once.
        let out = OutFile::create(&self.out)?;
        let interrupt = Interrupt::listen();
        let people = People::new(self.seed, self.people, FINGERS, self.preset, Made::Images).read_by(self.by.extractor);
        let bar = console.progress(self.people, "making prints");
        let all: Vec<Somebody> = (0..self.people)
            .into_par_iter()
            .map(|place| {
                interrupt.check()?;
                let [enrolled, probe] = people.touches(place, [0, 1]).map(|touch| coded(&touch));
                let person = people.person(place);
                let from = person.born.age_at(AS_OF) / 10 * 10;
                let sex = if person.sex == Sex::Female { "female" } else { "male" };
                bar.inc(1);
                Ok(Somebody { sex, age: format!("{from}-{}", from + 9), enrolled, probe })
            })
            .collect::<anyhow::Result<_>>()?;
        bar.finish_and_clear();
        let offered: usize = (0..self.people).map(|place| 2 * people.offered(place)).sum();
        let read: usize = all.iter().map(|one| one.enrolled.len() + one.probe.len()).sum();
        let bar = console.progress(3 * self.people, "holding people against each other");
        let held = |of: &(dyn Fn(&Hand, &Hand, &mut Scratch) -> Option<f64> + Sync)| {
            let one = |at: usize, scratch: &mut Scratch| {
                interrupt.check()?;
                let mut against = |other: usize| of(&all[at].probe, &all[other].enrolled, scratch);
                let others = (0..all.len()).map(|other| if other == at { None } else { against(other) }).collect();
                let found = Found { mate: against(at), others };
                bar.inc(1);
                Ok(found)
            };
            (0..all.len())
                .into_par_iter()
                .map_init(Scratch::default, |s, at| one(at, s))
                .collect::<anyhow::Result<Vec<_>>>()
        };
        let right = held(&|probe, enrolled, scratch| single(probe, enrolled, Finger::RightIndex, scratch))?;
        let left = held(&|probe, enrolled, scratch| single(probe, enrolled, Finger::LeftIndex, scratch))?;
        let hands = held(&|probe, enrolled, scratch| {
            let whole = probe.len() == FINGERS && enrolled.len() == FINGERS;
            whole.then(|| evidence_of(&Probe { fingers: probe.clone() }, enrolled, true, scratch))
        })?;
        bar.finish_and_clear();
        let one_finger = [right, left];
        let evaluation = Evaluation {
            format: Evaluation::FORMAT.to_owned(),
            title: format!("{} people who do not exist, seed {}", self.people, self.seed),
            made_with: format!(
                "tanba {} bench rates --people {} --seed {} --preset {} --extractor {}",
                env!("CARGO_PKG_VERSION"),
                self.people,
                self.seed,
                self.preset.name(),
                self.by.extractor.recipe().name()
            ),
            data: EvaluationData {
                synthetic: true,
                about: "Synthetic prints of both index fingers, two touches each, of adults and children. They show what the program does \
                        with prints as its generator makes them, and not what it does with the people of a country."
                    .to_owned(),
                persons: self.people,
            },
            extractor: self.by.extractor.recipe().name().to_owned(),
            matcher: MATCHER.to_owned(),
            failure_to_acquire: MeasuredRate::of((offered - read) as u64, offered as u64),
            measured: vec![
                one_to_one(ThresholdKind::Verification, &one_finger, &all),
                searches(&hands, &all),
                one_to_one(ThresholdKind::CandidatesOneFinger, &one_finger, &all),
                same_finger(&all),
            ],
        };
        let file = serde_json::to_vec_pretty(&evaluation).context("the evaluation cannot be written as JSON")?;
        // A register takes what this command writes, or says why not: before it is there.
        Evaluation::parse(&file)?;
        out.finish_with(&file)?;
        let lines = evaluation.measured.iter().map(line);
        let human = std::iter::once(format!("{}: {}", self.out.display(), evaluation.title)).chain(lines);
        let answer = json!({"file": self.out, "evaluation": evaluation});
        console.answer(&answer, human.collect::<Vec<_>>().join("\n"));
        Ok(())
    }
}

/// Evidence of one finger, if both sides have it.
fn single(probe: &Hand, enrolled: &Hand, finger: Finger, scratch: &mut Scratch) -> Option<f64> {
    let of = |hand: &Hand| hand.iter().find(|(position, _)| *position == finger).cloned();
    let (probe, enrolled) = (of(probe)?, of(enrolled)?);
    Some(evidence_of(&Probe { fingers: vec![probe] }, &[enrolled], false, scratch))
}

/// One finger against one: what a service asks, and each comparison of a search by one finger.
fn one_to_one(kind: ThresholdKind, fingers: &[Vec<Found>; 2], all: &[Somebody]) -> MeasuredKind {
    let found = || fingers.iter().flat_map(|finger| finger.iter().enumerate());
    let mated: Vec<f64> = found().filter_map(|(_, found)| found.mate).collect();
    let others: Vec<f64> = found().flat_map(|(_, found)| found.others.iter().flatten().copied()).collect();
    let threshold = kind.own().0;
    let groups = groups(all, |within| {
        let own = found().filter(|(at, _)| within[*at]);
        let mated: Vec<f64> = own.clone().filter_map(|(_, found)| found.mate).collect();
        let others =
            own.flat_map(|(_, found)| found.others.iter().zip(within).filter(|(_, w)| **w).filter_map(|(lr, _)| *lr));
        let others: Vec<f64> = others.collect();
        let trials = (mated.len() as f64, others.len() as f64 / 2.0);
        point(threshold, &mated, &others, trials)
    });
    // A pair of fingers is compared twice, once from either side.
    let trials = (mated.len() as f64, others.len() as f64 / 2.0);
    table(kind, 1, &mated, &others, trials, groups)
}

/// Both fingers among everybody: a search names somebody wrongly if anybody else reaches the threshold.
fn searches(hands: &[Found], all: &[Somebody]) -> MeasuredKind {
    let kind = ThresholdKind::Candidates;
    let most = |found: &Found| found.others.iter().flatten().copied().reduce(f64::max);
    let mated: Vec<f64> = hands.iter().filter_map(|found| found.mate).collect();
    let strangers: Vec<f64> = hands.iter().filter_map(most).collect();
    let people = strangers.len().saturating_sub(1).max(1) as u64;
    let (own, of) = kind.own();
    let threshold = fusion::threshold_among(own, of, people);
    let groups = groups(all, |within| {
        let own = hands.iter().zip(within).filter(|(_, w)| **w).map(|(found, _)| found);
        let mated: Vec<f64> = own.clone().filter_map(|found| found.mate).collect();
        let strangers: Vec<f64> = own.filter_map(most).collect();
        let trials = (mated.len() as f64, strangers.len() as f64);
        point(threshold, &mated, &strangers, trials)
    });
    let trials = (mated.len() as f64, strangers.len() as f64);
    table(kind, people, &mated, &strangers, trials, groups)
}

/// A finger against the others of its hands, and against itself a moment later.
fn same_finger(all: &[Somebody]) -> MeasuredKind {
    let log10_lr = |a: &Prepared, b: &Prepared| calibrate::log10_lr(tanba_finger::compare(a, b).score);
    let pairs: Vec<(bool, f64)> = all
        .par_iter()
        .flat_map_iter(|one| {
            let against = |(finger, print): &(Finger, Prepared)| {
                let of = one.enrolled.iter().map(|(other, enrolled)| (other == finger, log10_lr(print, enrolled)));
                of.collect::<Vec<_>>()
            };
            one.probe.iter().flat_map(against).collect::<Vec<_>>()
        })
        .collect();
    let of = |same: bool| -> Vec<f64> { pairs.iter().filter(|(s, _)| *s == same).map(|(_, lr)| *lr).collect() };
    let (mated, others) = (of(true), of(false));
    let trials = (mated.len() as f64, others.len() as f64);
    table(ThresholdKind::SameFinger, 1, &mated, &others, trials, Vec::new())
}

/// Groups of ten people at least, each with what the threshold does to it.
fn groups(all: &[Somebody], of: impl Fn(&[bool]) -> Option<MeasuredPoint>) -> Vec<GroupRates> {
    let mut named: BTreeMap<(&str, &str), Vec<bool>> = BTreeMap::new();
    for (at, one) in all.iter().enumerate() {
        for name in [("sex", one.sex), ("age", one.age.as_str())] {
            named.entry(name).or_insert_with(|| vec![false; all.len()])[at] = true;
        }
    }
    let told = named.into_iter().filter_map(|((way, group), within)| {
        let persons = within.iter().filter(|w| **w).count();
        let point = (persons >= FEWEST).then(|| of(&within)).flatten()?;
        Some(GroupRates {
            way: way.to_owned(),
            group: group.to_owned(),
            persons: persons as u64,
            threshold: point.threshold,
            false_positive: point.false_positive,
            false_negative: point.false_negative,
        })
    });
    told.collect()
}

fn table(
    kind: ThresholdKind,
    people: u64,
    mated: &[f64],
    others: &[f64],
    trials: (f64, f64),
    groups: Vec<GroupRates>,
) -> MeasuredKind {
    let points = (0..ROWS).filter_map(|step| point(step as f64 / STEPS_IN_ONE, mated, others, trials)).collect();
    MeasuredKind { kind, people, mated: mated.len() as u64, non_mated: others.len() as u64, points, groups }
}

/// What a threshold does, with intervals on so many independent mated and non-mated trials; `None` without any.
fn point(threshold: f64, mated: &[f64], others: &[f64], trials: (f64, f64)) -> Option<MeasuredPoint> {
    if mated.is_empty() || others.is_empty() {
        return None;
    }
    let rate = |hits: usize, of: usize, trials: f64| {
        let value = hits as f64 / of as f64;
        let (low, high) = clopper_pearson(value * trials, trials);
        // Halving ends a last digit beside the rate.
        MeasuredRate { value, low: low.min(value), high: high.max(value) }
    };
    let missed = mated.iter().filter(|lr| **lr < threshold).count();
    let named = others.iter().filter(|lr| **lr >= threshold).count();
    Some(MeasuredPoint {
        threshold,
        false_positive: rate(named, others.len(), trials.1),
        false_negative: rate(missed, mated.len(), trials.0),
    })
}

/// A kind in a line: what the program's own threshold does.
fn line(measured: &MeasuredKind) -> String {
    let (own, of) = measured.kind.own();
    let own = if of > 1 { fusion::threshold_among(own, of, measured.people) } else { own };
    let at = (own * STEPS_IN_ONE).round() / STEPS_IN_ONE;
    let Some(point) = measured.at(at) else { return format!("{}: nothing at {at}", measured.kind.name()) };
    let percent = |rate: &MeasuredRate| {
        format!("{:.3} % [{:.3}, {:.3}]", 100.0 * rate.value, 100.0 * rate.low, 100.0 * rate.high)
    };
    let groups = measured.groups.iter().map(|g| (g.way.as_str(), g.group.as_str(), g.false_negative));
    let apart: String = differentials(groups)
        .iter()
        .map(|d| {
            let (worst, best) = (100.0 * d.worst_rate.value, 100.0 * d.best_rate.value);
            format!("; {} {worst:.1} % missed, {} {best:.1} %", d.worst, d.best)
        })
        .collect();
    format!(
        "{} at {at} (of {}): false {}, missed {}; {} mated, {} non-mated{apart}",
        measured.kind.name(),
        measured.people,
        percent(&point.false_positive),
        percent(&point.false_negative),
        measured.mated,
        measured.non_mated,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_misses_what_lies_below_it_and_names_what_reaches_it() {
        let at = |threshold| point(threshold, &[1.0, 2.0, 3.0, 4.0], &[0.0, 1.0], (4.0, 2.0)).unwrap();
        assert_eq!((at(1.0).false_negative.value, at(1.0).false_positive.value), (0.0, 0.5));
        assert_eq!((at(1.1).false_negative.value, at(1.1).false_positive.value), (0.25, 0.0));
        assert!(at(1.1).false_positive.high > 0.8, "none of two says nearly nothing");
        assert_eq!(point(1.0, &[], &[1.0], (0.0, 1.0)), None);
    }
}
