//! Why no key was released.

use crate::{SealError, log::LogError};

/// Why the key process said no. Nothing here carries a record's identifier or a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeydError {
    /// The request is not well formed.
    #[error("request refused: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// The supervisor has stopped releases, or the log has forked.
    #[error(
        "releases are stopped since {since} (POSIX seconds): only an order signed by the supervisor's key lifts it"
    )]
    Stopped {
        /// Since when.
        since: u64,
    },
    /// The entry is not proved to be in a log that the policy accepts.
    #[error("the look is not proved to be in the log: {0}")]
    NotProved(#[from] LogError),
    /// The proof's checkpoint is smaller than the one relied on, or the proof of consistency begins elsewhere.
    #[error("the last checkpoint relied on has {size} entries: prove the look and the consistency from there")]
    Behind {
        /// The size relied on.
        size: u64,
    },
    /// Two histories of one log, both signed and witnessed.
    #[error("the log has forked at {size} entries: releases are stopped; the supervisor has both checkpoints")]
    Forked {
        /// The size at which the two differ.
        size: u64,
    },
    /// The entry does not permit what is asked.
    #[error("the log entry does not permit this: {why}; write an entry that names the look, and prove that")]
    NotPermitted {
        /// What does not fit.
        why: &'static str,
    },
    /// The entry was used before.
    #[error("keys were released on this log entry already: every look needs an entry of its own")]
    Replayed,
    /// More keys than the rules allow in an hour.
    #[error("no more than {per_hour} keys are released in an hour: wait, or ask the supervisor for another rule")]
    TooMany {
        /// The limit.
        per_hour: u64,
    },
    /// An order is not valid.
    #[error("order refused: {what}")]
    BadOrder {
        /// What is wrong.
        what: &'static str,
    },
    /// A wrapped key does not open.
    #[error("a wrapped key does not open: {0}")]
    Key(#[from] SealError),
    /// The key process's own log fails: nothing is released.
    #[error("the key process's own log failed, so nothing was released: {0}")]
    OwnLog(#[source] LogError),
}

impl KeydError {
    /// A short name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::Stopped { .. } => "stopped",
            Self::NotProved(_) => "not_proved",
            Self::Behind { .. } => "behind",
            Self::Forked { .. } => "forked",
            Self::NotPermitted { .. } => "not_permitted",
            Self::Replayed => "replayed",
            Self::TooMany { .. } => "too_many",
            Self::BadOrder { .. } => "bad_order",
            Self::Key(SealError::Token(_)) => "token",
            Self::Key(_) => "key",
            Self::OwnLog(_) => "own_log",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed { .. } => 400,
            Self::NotProved(_) | Self::NotPermitted { .. } | Self::BadOrder { .. } => 403,
            Self::Behind { .. } | Self::Replayed | Self::Forked { .. } => 409,
            Self::Key(SealError::Token(_)) => 503,
            Self::Key(_) => 422,
            Self::Stopped { .. } => 423,
            Self::TooMany { .. } => 429,
            Self::OwnLog(_) => 500,
        }
    }
}
