//! A search: the same question to every shard, and one answer from what they say.

use crate::answer::{Candidate, Coverage, SearchAnswer, ShardFailure};
use crate::device::DeviceError;
use crate::evidence::PersonEvidence;
use crate::{EntryId, Filter, Population};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tanba_finger::Prepared;
use tanba_formats::Finger;

/// The fingers that are searched for: one impression or more of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Position and prepared template of each impression; a position that is not known is compared with all ten.
    pub fingers: Vec<(Finger, Prepared)>,
}

impl Probe {
    /// Refuses a probe that would find nobody and mean nothing.
    pub(crate) fn check(&self) -> Result<(), SearchError> {
        if self.fingers.iter().any(|(_, print)| print.comparable()) { Ok(()) } else { Err(SearchError::EmptyProbe) }
    }

    /// What is searched for, finger by finger, with its impressions. Those of one known position are alternatives and come together, when the
    /// first of them does; unknown ones may be of different fingers and stand alone.
    pub(crate) fn positions(&self) -> impl Iterator<Item = (Finger, impl Iterator<Item = &Prepared>)> {
        self.fingers.iter().enumerate().filter_map(|(at, &(position, _))| {
            let known = position != Finger::Unknown;
            let came_before = known && self.fingers[..at].iter().any(|(earlier, _)| *earlier == position);
            let rest = self.fingers[at..].iter().take(if known { usize::MAX } else { 1 });
            let impressions = rest.filter(move |(p, _)| *p == position).map(|(_, print)| print);
            (!came_before).then_some((position, impressions))
        })
    }
}

/// What may be searched, and what is worth telling.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOptions {
    /// The populations that this search may look into; nothing else is touched.
    pub populations: BTreeSet<Population>,
    /// Candidates named at most, at least one.
    pub limit: usize,
    /// Fused log10 likelihood ratio at which a person becomes a candidate.
    pub threshold: f64,
    /// Who is compared in full.
    pub effort: Effort,
    /// Whom the search is narrowed to; nobody is left out unless this says so.
    pub filter: Filter,
    /// Whether the operator may have exchanged the hands: fingers are then looked for on the other hand too, at twice the price of the
    /// first look, and what is found so counts a hundred times less.
    pub hands_may_be_exchanged: bool,
}

impl SearchOptions {
    /// A search of some populations as a register does it: ten candidates, a share of 0.2 %, nobody left out.
    pub fn new(populations: impl IntoIterator<Item = Population>, threshold: f64) -> Self {
        Self {
            populations: populations.into_iter().collect(),
            limit: 10,
            threshold,
            effort: Effort::default(),
            filter: Filter::default(),
            hands_may_be_exchanged: false,
        }
    }
}

/// How much of a gallery is compared in full.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effort {
    /// Everyone: the truth to measure by, and a hundred times slower.
    Exhaustive,
    /// Everyone is looked at with [`tanba_finger::scan`], by the fingers of the probe of which most is to be expected (half of
    /// them, two to four; [`CascadeParams::first`](crate::CascadeParams::first)); those in whom most
    /// agrees are looked at with its other fingers, and the best of them are compared in full. Where the strongest evidence then lies
    /// just below the threshold, five times as many are compared. Whoever all that leaves out is not found, however alike
    /// the fingers are: how often that happens is measured (docs/performance.md), not excluded, and the coverage tells how many were
    /// compared in full.
    Cascade {
        /// Share of the people of each machine that are compared in full, above 0 and at most 1; never fewer than 100.
        share: f64,
    },
}

impl Default for Effort {
    fn default() -> Self {
        Self::Cascade { share: 0.002 }
    }
}

/// How a running search can be watched and stopped.
#[derive(Clone, Copy, Default)]
pub struct SearchControl<'a> {
    /// Set to `true` to stop the search; its answer is incomplete then.
    pub cancel: Option<&'a AtomicBool>,
    /// Told from the searching threads, about every hundredth part of the work.
    pub progress: Option<&'a (dyn Fn(Progress) + Sync)>,
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// People compared so far.
    pub done: u64,
    /// People to be compared.
    pub total: u64,
}

/// Why a search was refused before it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// Nothing to search with.
    #[error(
        "no finger of the probe has enough minutiae to be compared: capture again; such a search would find nobody and mean nothing"
    )]
    EmptyProbe,
    /// Nowhere to search.
    #[error("the search names no population that it may look into: name at least one")]
    NoPopulation,
    /// No candidate could ever be told.
    #[error("the search would name at most 0 candidates: allow at least one")]
    NoLimit,
    /// A share of nobody, or of more than everybody.
    #[error("the share of people to be compared in full is above 0 and at most 1, such as 0.01")]
    Share,
    /// What is stored of a person cannot be read.
    #[error("what the gallery holds of this person is damaged: make the gallery anew from the register")]
    Damaged,
    /// A threshold that nothing compares with.
    #[error("the threshold is not a number: give a log10 likelihood ratio")]
    Threshold,
}

/// Part of a gallery: in this process or, later, on another machine.
pub trait Shard: Sync {
    /// People held in the named populations.
    fn people(&self, populations: &BTreeSet<Population>) -> u64;

    /// Compares the probe with everyone in the named populations, calling `done` with how many more people are done. Either all
    /// of them were compared at the given version, or the answer is a failure.
    ///
    /// # Errors
    /// [`ShardFailure`] when the shard cannot answer for everyone it holds.
    fn search(
        &self,
        version: u64,
        probe: &Probe,
        options: &SearchOptions,
        control: &SearchControl<'_>,
        done: &(dyn Fn(u64) + Sync),
    ) -> Result<ShardAnswer, ShardFailure>;
}

/// What one shard found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShardAnswer {
    /// At most the limit of the search, strongest first.
    pub candidates: Vec<Candidate>,
    /// People who reached the threshold.
    pub above_threshold: u64,
    /// Pairs of impressions compared.
    pub fingers_compared: u64,
    /// Of these, pairs that a device looked at.
    pub fingers_on_device: u64,
    /// Why the device did not look, where it should have; the processor did then.
    pub device_failure: Option<DeviceError>,
    /// People of whom at least one finger was compared.
    pub people_compared: u64,
    /// People of whom every finger in common with the probe was compared in full.
    pub people_weighed: u64,
    /// People with no finger in common with the probe.
    pub people_not_comparable: u64,
    /// People whom the filter left out.
    pub people_filtered_out: u64,
    /// Whether more people were compared in full because there was a doubt.
    pub widened: bool,
    /// Parts of the gallery that were searched.
    pub segments: u64,
    /// Names of segments that should have been searched and could not be read.
    pub segments_refused: Vec<String>,
}

impl SearchControl<'_> {
    /// Whether the search was asked to stop.
    pub fn cancelled(&self) -> bool {
        self.cancel.is_some_and(|c| c.load(Ordering::Relaxed))
    }
}

impl core::fmt::Debug for SearchControl<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SearchControl").field("cancelled", &self.cancelled()).finish_non_exhaustive()
    }
}

/// Asks every shard and puts their answers together. A shard that fails, panics or is cancelled leaves a gap in the coverage.
///
/// # Errors
/// [`SearchError`] when the question itself makes no sense.
pub fn search_shards(
    shards: &[&dyn Shard],
    version: u64,
    probe: &Probe,
    options: &SearchOptions,
    control: &SearchControl<'_>,
) -> Result<SearchAnswer, SearchError> {
    check(probe, options)?;
    let total = shards.iter().map(|s| s.people(&options.populations)).sum();
    let counter = AtomicU64::new(0);
    let report = |more: u64| {
        let before = counter.fetch_add(more, Ordering::Relaxed);
        if let Some(progress) = control.progress {
            let step = u64::max(total / 100, 1);
            if before / step != (before + more) / step {
                progress(Progress { done: before + more, total });
            }
        }
    };
    let answers: Vec<Result<ShardAnswer, ShardFailure>> = shards
        .par_iter()
        .map(|shard| {
            // A shard that panics has lost nothing of ours: it only read. Its part of the answer is missing.
            catch_unwind(AssertUnwindSafe(|| shard.search(version, probe, options, control, &report)))
                .unwrap_or(Err(ShardFailure::Failed))
        })
        .collect();
    Ok(together(answers, version, options))
}

fn check(probe: &Probe, options: &SearchOptions) -> Result<(), SearchError> {
    probe.check()?;
    if options.populations.is_empty() {
        return Err(SearchError::NoPopulation);
    }
    if options.limit == 0 {
        return Err(SearchError::NoLimit);
    }
    if options.threshold.is_nan() {
        return Err(SearchError::Threshold);
    }
    if let Effort::Cascade { share } = options.effort
        && !(share > 0.0 && share <= 1.0)
    {
        return Err(SearchError::Share);
    }
    Ok(())
}

fn together(answers: Vec<Result<ShardAnswer, ShardFailure>>, version: u64, options: &SearchOptions) -> SearchAnswer {
    let mut coverage = Coverage {
        version,
        threshold: options.threshold,
        shards_expected: answers.len(),
        shards_answered: 0,
        failures: Vec::new(),
        fingers_compared: 0,
        fingers_on_device: 0,
        device_failures: Vec::new(),
        people_compared: 0,
        people_weighed: 0,
        people_not_comparable: 0,
        people_filtered_out: 0,
        widened: false,
        segments_searched: 0,
        segments_refused: Vec::new(),
    };
    let mut candidates = Vec::new();
    let mut above_threshold = 0;
    for answer in answers {
        match answer {
            Ok(shard) => {
                coverage.shards_answered += 1;
                coverage.fingers_compared += shard.fingers_compared;
                coverage.fingers_on_device += shard.fingers_on_device;
                coverage.device_failures.extend(shard.device_failure);
                coverage.people_compared += shard.people_compared;
                coverage.people_weighed += shard.people_weighed;
                coverage.people_not_comparable += shard.people_not_comparable;
                coverage.people_filtered_out += shard.people_filtered_out;
                coverage.widened |= shard.widened;
                coverage.segments_searched += shard.segments;
                coverage.segments_refused.extend(shard.segments_refused);
                above_threshold += shard.above_threshold;
                candidates.extend(shard.candidates);
            }
            Err(failure) => coverage.failures.push(failure),
        }
    }
    candidates.sort_by(Candidate::rank);
    candidates.truncate(options.limit);
    SearchAnswer::new(candidates, above_threshold, coverage)
}

/// Builds a shard's answer person by person.
pub(crate) struct SearchAnswerParts<'a> {
    options: &'a SearchOptions,
    answer: ShardAnswer,
    strongest: Option<f64>,
}

impl<'a> SearchAnswerParts<'a> {
    pub(crate) fn new(options: &'a SearchOptions) -> Self {
        Self { options, answer: ShardAnswer::default(), strongest: None }
    }

    /// A person who was compared in full.
    pub(crate) fn add(&mut self, entry: EntryId, population: Population, evidence: PersonEvidence) {
        self.answer.fingers_compared += evidence.compared;
        if evidence.fingers.is_empty() {
            self.answer.people_not_comparable += 1;
            return;
        }
        self.answer.people_weighed += 1;
        let PersonEvidence { fingers, log10_lr, .. } = evidence;
        self.strongest = Some(self.strongest.map_or(log10_lr, |s| s.max(log10_lr)));
        if log10_lr < self.options.threshold {
            return;
        }
        self.answer.above_threshold += 1;
        self.answer.candidates.push(Candidate { entry, population, log10_lr, fingers });
        // Twice the limit, then half of it goes: the cost per candidate stays constant.
        if self.answer.candidates.len() >= 2 * self.options.limit.min(usize::MAX / 2) {
            self.shorten();
        }
    }

    /// What the first look came to: pairs of prints looked at, people who were, people of whom there was nothing to look at, and people
    /// left out as was asked.
    pub(crate) fn looked(&mut self, pairs: u64, people: u64, nothing: u64, filtered_out: u64) {
        self.answer.fingers_compared += pairs;
        self.answer.people_compared += people;
        self.answer.people_not_comparable += nothing;
        self.answer.people_filtered_out += filtered_out;
    }

    /// Pairs among those looked at that a device looked at.
    pub(crate) fn looked_on_device(&mut self, pairs: u64) {
        self.answer.fingers_on_device += pairs;
    }

    /// A device that should have looked did not.
    pub(crate) fn device_failed(&mut self, failure: DeviceError) {
        self.answer.device_failure = Some(failure);
    }

    /// The strongest evidence so far.
    pub(crate) fn strongest(&self) -> Option<f64> {
        self.strongest
    }

    /// More people are compared than was meant at first.
    pub(crate) fn widened(&mut self) {
        self.answer.widened = true;
    }

    pub(crate) fn finish(mut self) -> ShardAnswer {
        if self.options.effort == Effort::Exhaustive {
            self.answer.people_compared = self.answer.people_weighed;
        }
        self.shorten();
        self.answer
    }

    fn shorten(&mut self) {
        self.answer.candidates.sort_by(Candidate::rank);
        self.answer.candidates.truncate(self.options.limit);
    }
}
