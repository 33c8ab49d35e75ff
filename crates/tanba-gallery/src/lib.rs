//! 1:N search: which of the enrolled people could these fingers be of?
//!
//! In process, and exhaustive unless a search asks for less ([`Effort`]): every finger of the probe is compared with the same finger
//! of every person in the populations that the search may look into; the evidence of the fingers is added up ([`fusion`]); the answer says what was
//! covered ([`Coverage`]) and cannot be read as "no hit" unless everything was ([`SearchAnswer::outcome`]).
//!
//! Not handled yet: exchanged fingers (a right index captured as a left one finds nothing unless it is offered as
//! [`tanba_formats::Finger::Unknown`]), and galleries larger than memory.
//!
//! A clone of a [`Gallery`] is a snapshot: it is cheap, and changes to the original do not reach it.

mod answer;
mod file;
pub mod fusion;
mod gallery;
mod hot;
mod search;

pub use answer::{Candidate, Coverage, FingerEvidence, Outcome, SearchAnswer, ShardFailure};
pub use file::{FILE_MARK, GalleryFileError};
pub use gallery::{Enrolment, EntryId, Gallery, InsertError, MOST_IMPRESSIONS, Population};
pub use search::{
    Effort, Probe, Progress, SearchControl, SearchError, SearchOptions, Shard, ShardAnswer, search_shards,
};
