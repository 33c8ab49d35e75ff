//! The index of own entries: how a person finds out that an entry about them was left out (`docs/seal/own-index.md`).
//!
//! A log proves that an entry is in it, and not that there are no others about the same person. The index closes that gap: a map
//! from a *label* for each record to the number of entries about it and the head of a hash chain over them. The root of the
//! map is an entry of the log itself, so witnesses cosign it with the rest. Whoever holds [`OwnEntries`] can check, offline,
//! that the entries in it are all that the map counts; a list with one left out does not lead to the root.
//!
//! Everything here is a pure function of its arguments; who a label stands for is known to whoever holds the key ring
//! ([`KeyRing::own_label`](crate::KeyRing::own_label)).

mod hash;
mod map;
mod own_entries;
mod path;
mod text;

pub use hash::{CHAIN_START, Label, Tally, chain};
pub use map::OwnMap;
pub use own_entries::{OwnEntries, PublishedIndex, RecordEntries, RecordTold, Told};
pub use path::MapPath;
pub use text::MAX_OWN_ENTRIES_BYTES;

/// The `event` of the log entry that publishes a root.
pub const PUBLISHED_EVENT: &str = "index.published";
