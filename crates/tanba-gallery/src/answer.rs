//! What a search answers, and what the answer covers.

use crate::{DeviceError, EntryId, Population};
use tanba_formats::Finger;

/// The evidence of one finger of the probe about one person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FingerEvidence {
    /// Position that the probe's finger was said to be.
    pub probe: Finger,
    /// Position of the person's finger that answered best.
    pub enrolled: Finger,
    /// Best score against the person's impressions.
    pub score: f32,
    /// log10 likelihood ratio that this finger contributed.
    pub log10_lr: f64,
}

/// A person who could be the one searched for.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Whose fingers.
    pub entry: EntryId,
    /// Where they were found.
    pub population: Population,
    /// log10 likelihood ratio of all fingers together.
    pub log10_lr: f64,
    /// Each finger's part.
    pub fingers: Vec<FingerEvidence>,
}

impl Candidate {
    /// Strongest first; equally strong ones in the order of their ids, so that an answer does not depend on the machine.
    pub(crate) fn rank(a: &Self, b: &Self) -> core::cmp::Ordering {
        b.log10_lr.total_cmp(&a.log10_lr).then(a.entry.cmp(&b.entry)).then(a.population.cmp(&b.population))
    }
}

/// Why a shard gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShardFailure {
    /// The search was cancelled while the shard worked.
    #[error("the search was cancelled before this part of the gallery was done")]
    Cancelled,
    /// The shard broke.
    #[error("this part of the gallery failed; search again, and look at the machine's log if it fails again")]
    Failed,
    /// The shard holds another version of the gallery than the one asked for.
    #[error("this part of the gallery is at version {found}, the search is at version {wanted}: search again")]
    OtherVersion {
        /// Version that the search was pinned to.
        wanted: u64,
        /// Version of the shard.
        found: u64,
    },
}

/// What was searched.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// Version of the gallery that was searched.
    pub version: u64,
    /// Evidence (log10 likelihood ratio) from which on people were named.
    pub threshold: f64,
    /// Shards that the gallery has.
    pub shards_expected: usize,
    /// Shards that answered for the whole of what they hold.
    pub shards_answered: usize,
    /// Why the others did not.
    pub failures: Vec<ShardFailure>,
    /// Pairs of impressions compared.
    pub fingers_compared: u64,
    /// Of these, pairs that a device took the first look at.
    pub fingers_on_device: u64,
    /// Why devices did not look where they should have. The processor did then, so that nothing is missing.
    pub device_failures: Vec<DeviceError>,
    /// People of whom at least one finger was compared, be it by a first look.
    pub people_compared: u64,
    /// Of these, people of whom every finger in common with the probe was compared in full.
    pub people_weighed: u64,
    /// People in the populations searched with no finger in common with the probe: nothing can be said of them.
    pub people_not_comparable: u64,
    /// People whom the filter of the search left out: nothing is said of them.
    pub people_filtered_out: u64,
    /// Whether more people were compared in full than was meant, because the strongest evidence lay just below the threshold.
    pub widened: bool,
    /// Parts of the gallery (segments, and what is not in one yet) that were searched.
    pub segments_searched: u64,
    /// Names of segments that should have been searched and could not be read.
    pub segments_refused: Vec<String>,
}

impl Coverage {
    /// Whether every shard answered, for every segment that it should hold.
    pub fn complete(&self) -> bool {
        self.shards_answered == self.shards_expected && self.failures.is_empty() && self.segments_refused.is_empty()
    }
}

/// What a search found. Only [`Self::outcome`] tells, so that an answer with gaps can never pass for "no hit".
#[derive(Debug, Clone, PartialEq)]
pub struct SearchAnswer {
    candidates: Vec<Candidate>,
    /// Candidates at or above the threshold, also those beyond the limit.
    above_threshold: u64,
    coverage: Coverage,
}

/// The reading of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome<'a> {
    /// Everything was searched and nobody reached the threshold. Under [`Effort::Cascade`](crate::Effort::Cascade) that is said of those
    /// whom it left over, under a filter of those whom it keeps; how many they are stands in the coverage.
    NoHit,
    /// Everything was searched; these people reached the threshold, strongest first.
    Hits(&'a [Candidate]),
    /// Part of the gallery did not answer: whom the rest holds is unknown. Search again.
    Incomplete {
        /// Those found in the parts that did answer.
        so_far: &'a [Candidate],
    },
}

impl SearchAnswer {
    pub(crate) fn new(candidates: Vec<Candidate>, above_threshold: u64, coverage: Coverage) -> Self {
        Self { candidates, above_threshold, coverage }
    }

    /// What the answer means.
    pub fn outcome(&self) -> Outcome<'_> {
        match (self.coverage.complete(), self.candidates.is_empty()) {
            (false, _) => Outcome::Incomplete { so_far: &self.candidates },
            (true, true) => Outcome::NoHit,
            (true, false) => Outcome::Hits(&self.candidates),
        }
    }

    /// What was searched; part of every logged answer.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// How many people reached the threshold, also those that the limit cut off.
    pub fn above_threshold(&self) -> u64 {
        self.above_threshold
    }
}
