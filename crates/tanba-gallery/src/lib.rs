//! 1:N search: which of the enrolled people could these fingers be of?
//!
//! Every finger of the probe is held against the same finger of every person in the populations that the search may look into; the
//! evidence of the fingers is added up ([`fusion`]); the answer says what was covered ([`Coverage`]) and cannot be read as "no hit" unless
//! everything was ([`SearchAnswer::outcome`]). How a search goes is in `cascade.rs`; how people lie in memory in `chunk.rs` and `part.rs`;
//! how they are kept on disk, in segments that can be made anew from the register, in [`Archive`].
//!
//! A clone of a [`Gallery`] is a snapshot: it is cheap, and changes to the original do not reach it.

mod answer;
mod archive;
mod cascade;
mod chunk;
mod device;
mod evidence;
mod file;
mod folder;
pub mod fusion;
mod gallery;
mod part;
mod search;
mod segment;
mod traits;

pub use answer::{Candidate, Coverage, FingerEvidence, Outcome, SearchAnswer, ShardFailure};
pub use archive::{Archive, ArchiveError, Refused, Save, Upkeep};
pub use cascade::{CASCADE, CascadeParams, look_evidence, look_order};
pub use device::{DeviceError, DevicePrints, LookDevice, OnDevice};
pub use evidence::evidence_of;
pub use file::{FILE_MARK, GalleryFileError};
pub use folder::{Folder, FolderError};
pub use gallery::{Enrolment, EntryId, Gallery, InsertError, MOST_IMPRESSIONS, Population, Stats, Verification};
pub use search::{
    Effort, Probe, Progress, SearchControl, SearchError, SearchOptions, Shard, ShardAnswer, search_shards,
};
pub use segment::SegmentError;
pub use traits::{Filter, Sex, Traits};
