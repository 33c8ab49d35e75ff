//! What the key process remembers: nothing but its own log, read from the beginning.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::log::Hash;

/// For how long released entries are remembered, seconds: at least as long as an entry may be old, and an hour for the
/// limit on keys.
pub(super) const REMEMBERED_S: u64 = 3600;

/// An entry of the key process's own log. It names no record and no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Event {
    /// Keys were released on the entry `index` of the register's log, in the checkpoint of `size` and `root`.
    Released { time: u64, index: u64, size: u64, root: String, purpose: String, keys: u64 },
    /// The supervisor stopped releases.
    Stopped { time: u64, serial: u64 },
    /// The supervisor lifted the stop.
    Resumed { time: u64, serial: u64 },
    /// A key-encryption key was destroyed in its token, by the order of two people; `key` was its name there.
    Destroyed { time: u64, serial: u64, domain: String, version: u32, key: String },
    /// The register's log showed another history at a size that had been relied on; this is its signed checkpoint.
    Forked { time: u64, size: u64, checkpoint: String },
}

/// The state after some events.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// The time of the last event: time does not go back below it, whatever the clock does.
    pub(super) time: u64,
    /// The checkpoint relied on last.
    pub(super) head: Option<(u64, Hash)>,
    pub(super) stopped_since: Option<u64>,
    /// The serial of the last order.
    pub(super) serial: u64,
    /// Time, entry and number of keys of the last hour's releases.
    recent: VecDeque<(u64, u64, u64)>,
}

/// What the key process tells of itself to anyone who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// Since when releases are stopped (POSIX seconds), if they are.
    pub stopped_since: Option<u64>,
    /// The serial of the last order obeyed.
    pub last_order: u64,
    /// The size of the register's log in the checkpoint relied on last.
    pub relied_on: u64,
    /// Entries in its own log.
    pub events: u64,
}

impl State {
    /// The state after one more event; `None` if the event cannot be what it says.
    pub(super) fn after(&self, event: &Event) -> Option<Self> {
        let mut next = self.clone();
        match event {
            Event::Released { time, index, size, root, keys, .. } => {
                next.time = next.time.max(*time);
                next.head = Some((*size, Hash::from_base64(root)?));
                next.recent.push_back((*time, *index, *keys));
                let forgotten = next.time.saturating_sub(REMEMBERED_S);
                next.recent.retain(|(time, ..)| *time >= forgotten);
            }
            Event::Stopped { time, serial } => {
                next.time = next.time.max(*time);
                next.serial = *serial;
                next.stopped_since = next.stopped_since.or(Some(*time));
            }
            Event::Resumed { time, serial } => {
                next.time = next.time.max(*time);
                next.serial = *serial;
                next.stopped_since = None;
            }
            Event::Destroyed { time, serial, .. } => {
                next.time = next.time.max(*time);
                next.serial = *serial;
            }
            Event::Forked { time, .. } => {
                next.time = next.time.max(*time);
                next.stopped_since = next.stopped_since.or(Some(*time));
            }
        }
        Some(next)
    }

    /// Whether keys were released on this entry, as far as is remembered.
    pub(super) fn used(&self, index: u64) -> bool {
        self.recent.iter().any(|(_, used, _)| *used == index)
    }

    /// Keys released in the hour before `now`.
    pub(super) fn keys_in_hour(&self, now: u64) -> u64 {
        self.recent.iter().filter(|(time, ..)| now.saturating_sub(*time) < 3600).map(|(.., keys)| keys).sum()
    }
}
