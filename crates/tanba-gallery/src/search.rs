//! A search: the same question to every shard, and one answer from what they say.

use crate::answer::{Candidate, Coverage, FingerEvidence, SearchAnswer, ShardFailure};
use crate::{EntryId, Population, fusion};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tanba_finger::{Prepared, Scratch, score_only};
use tanba_formats::Finger;

/// The fingers that are searched for: one impression or more of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Position and prepared template of each impression; a position that is not known is compared with all ten.
    pub fingers: Vec<(Finger, Prepared)>,
}

impl Probe {
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
}

/// How much of a gallery is compared in full.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Effort {
    /// Everyone.
    #[default]
    Exhaustive,
    /// Everyone is looked at with [`tanba_finger::scan`], and those in whom most agrees are compared in full. Whoever the first look
    /// leaves out is not found, however alike the fingers are: how often that happens is measured, not excluded.
    FirstLook {
        /// Share of the people of each shard and population that are compared in full, above 0 and at most 1; never fewer than 20.
        share: f64,
    },
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
    /// People of whom at least one finger was compared.
    pub people_compared: u64,
    /// People of whom every finger in common with the probe was compared in full.
    pub people_weighed: u64,
    /// People with no finger in common with the probe.
    pub people_not_comparable: u64,
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
    Ok(together(answers, version, options.limit))
}

fn check(probe: &Probe, options: &SearchOptions) -> Result<(), SearchError> {
    if probe.fingers.iter().all(|(_, p)| !p.comparable()) {
        return Err(SearchError::EmptyProbe);
    }
    if options.populations.is_empty() {
        return Err(SearchError::NoPopulation);
    }
    if options.limit == 0 {
        return Err(SearchError::NoLimit);
    }
    if options.threshold.is_nan() {
        return Err(SearchError::Threshold);
    }
    if let Effort::FirstLook { share } = options.effort
        && !(share > 0.0 && share <= 1.0)
    {
        return Err(SearchError::Share);
    }
    Ok(())
}

fn together(answers: Vec<Result<ShardAnswer, ShardFailure>>, version: u64, limit: usize) -> SearchAnswer {
    let mut coverage = Coverage {
        version,
        shards_expected: answers.len(),
        shards_answered: 0,
        failures: Vec::new(),
        fingers_compared: 0,
        people_compared: 0,
        people_weighed: 0,
        people_not_comparable: 0,
    };
    let mut candidates = Vec::new();
    let mut above_threshold = 0;
    for answer in answers {
        match answer {
            Ok(shard) => {
                coverage.shards_answered += 1;
                coverage.fingers_compared += shard.fingers_compared;
                coverage.people_compared += shard.people_compared;
                coverage.people_weighed += shard.people_weighed;
                coverage.people_not_comparable += shard.people_not_comparable;
                above_threshold += shard.above_threshold;
                candidates.extend(shard.candidates);
            }
            Err(failure) => coverage.failures.push(failure),
        }
    }
    candidates.sort_by(Candidate::rank);
    candidates.truncate(limit);
    SearchAnswer::new(candidates, above_threshold, coverage)
}

/// Builds a shard's answer person by person.
pub(crate) struct SearchAnswerParts<'a> {
    options: &'a SearchOptions,
    answer: ShardAnswer,
}

impl<'a> SearchAnswerParts<'a> {
    pub(crate) fn new(options: &'a SearchOptions) -> Self {
        Self { options, answer: ShardAnswer::default() }
    }

    pub(crate) fn add(&mut self, entry: EntryId, population: Population, evidence: PersonEvidence) {
        self.answer.fingers_compared += evidence.compared;
        if evidence.fingers.is_empty() {
            self.answer.people_not_comparable += 1;
            return;
        }
        self.answer.people_compared += 1;
        self.answer.people_weighed += 1;
        let log10_lr = evidence.fingers.iter().map(|f| f.log10_lr).sum();
        if log10_lr < self.options.threshold {
            return;
        }
        self.answer.above_threshold += 1;
        self.answer.candidates.push(Candidate { entry, population, log10_lr, fingers: evidence.fingers });
        // Twice the limit, then half of it goes: the cost per candidate stays constant.
        if self.answer.candidates.len() >= 2 * self.options.limit.min(usize::MAX / 2) {
            self.shorten();
        }
    }

    /// People who were looked at and are not compared in full, those of whom there was nothing to look at, and pairs looked at.
    pub(crate) fn left_out(&mut self, looked_at: u64, nothing: u64, fingers: u64) {
        self.answer.people_compared += looked_at;
        self.answer.people_not_comparable += nothing;
        self.answer.fingers_compared += fingers;
    }

    pub(crate) fn finish(mut self) -> ShardAnswer {
        self.shorten();
        self.answer
    }

    fn shorten(&mut self) {
        self.answer.candidates.sort_by(Candidate::rank);
        self.answer.candidates.truncate(self.options.limit);
    }
}

/// What the probe's fingers say about one person.
#[derive(Debug, Default)]
pub(crate) struct PersonEvidence {
    /// One per position of the probe that the person has too.
    pub(crate) fingers: Vec<FingerEvidence>,
    /// Pairs of impressions compared.
    pub(crate) compared: u64,
}

/// Compares the probe with one person, position by position: impressions of one position on either side, and all fingers for an
/// unknown position, are alternatives to each other; positions add up.
pub(crate) fn person_evidence<'p>(
    probe: &Probe,
    enrolled: &(impl Iterator<Item = (Finger, &'p Prepared)> + Clone),
    scratch: &mut Scratch,
) -> PersonEvidence {
    let mut evidence = PersonEvidence::default();
    let mut alternatives: Vec<f64> = Vec::new();
    for (position, impressions) in probe.positions() {
        let known = position != Finger::Unknown;
        alternatives.clear();
        let mut best: Option<(f32, Finger)> = None;
        for impression in impressions.filter(|print| print.comparable()) {
            for (finger, theirs) in enrolled.clone() {
                if !theirs.comparable() || (known && finger != Finger::Unknown && finger != position) {
                    continue;
                }
                let score = score_only(impression, theirs, scratch);
                evidence.compared += 1;
                alternatives.push(fusion::of_comparison(score, impression.quality(), theirs.quality()));
                if best.is_none_or(|(s, _)| score > s) {
                    best = Some((score, finger));
                }
            }
        }
        if let (Some(log10_lr), Some((score, enrolled))) = (fusion::of_alternatives(&alternatives), best) {
            evidence.fingers.push(FingerEvidence { probe: position, enrolled, score, log10_lr });
        }
    }
    evidence
}
