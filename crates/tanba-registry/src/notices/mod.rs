//! Notices of looks: whoever was looked at, and may be told now, is told by the state's messaging service (docs/notices.md).
//!
//! [`queue`] goes through the log and makes a row of each look that is to be told, once; [`sending`] hands them to a [`Messenger`], each
//! person's in order, until each was taken or refused; [`choice`] is the person's own no and what the own page shows; [`standing`] counts
//! what waits, and calls the supervisor.

mod choice;
mod queue;
mod sending;
mod standing;

use std::pin::Pin;

use jiff::civil::Date;

pub use choice::{OwnNotices, RefusedNotice};
pub(crate) use queue::{forget_before, registered};
pub use sending::NoticeRound;
pub use standing::NoticeStanding;

use crate::ids::RowId;

/// What a messaging service is told of one look: nothing of a body, no name, no number, no words of anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The same with every try, so that nobody is told twice.
    pub key: RowId,
    /// By what the messaging service knows the person, as the population register says; it tells nobody else anything.
    pub recipient: String,
    /// The person's language: `kk`, `ru` or `en`.
    pub language: String,
    /// What kind of look, as `noun.verb`.
    pub kind: String,
    /// The code of the organisation that looked.
    pub authority: String,
    /// Its name.
    pub authority_name: String,
    /// On which civil day.
    pub day: Date,
    /// The look's place in the log.
    pub entry: u64,
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The service has taken it, now or with an earlier try.
    Taken,
    /// It will never take this one; a code says why.
    Refused(String),
    /// It is away, or not well: the same is tried again.
    Again(String),
}

/// A try that goes on.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Delivery> + Send + 'a>>;

/// The way to a messaging service. The program speaks HTTP; tests note down what they are given.
pub trait Messenger: Send + Sync {
    /// Hands one notice over. A second try bears the same key.
    fn send<'a>(&'a self, notice: &'a Notice) -> Sending<'a>;
}
