//! Time as the registry keeps it: microseconds for instants, civil dates for the law.

use std::sync::Mutex;

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// An instant, microseconds since 1970-01-01T00:00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// From microseconds since 1970-01-01T00:00:00 UTC.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00 UTC.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// This instant moved by whole seconds.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The civil date at a fixed offset from UTC, whole hours east.
    pub fn date(self, hours_east: i8) -> Date {
        self.civil(hours_east).date()
    }

    /// Date and time of day at a fixed offset from UTC, whole hours east.
    pub fn civil(self, hours_east: i8) -> DateTime {
        let stamp = Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        Offset::constant(hours_east).to_datetime(stamp)
    }

    /// The instant at which a civil date begins, at a fixed offset from UTC, whole hours east.
    pub fn of_civil(date: Date, hours_east: i8) -> Self {
        let stamp = Offset::constant(hours_east).to_timestamp(date.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH);
        Self(stamp.as_microsecond())
    }

    /// The hour of the civil day, 0 to 23, at a fixed offset from UTC.
    pub fn hour(self, hours_east: i8) -> u8 {
        let stamp = Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        Offset::constant(hours_east).to_datetime(stamp).hour().unsigned_abs()
    }

    /// The instant at which a civil day begins at a fixed offset from UTC.
    pub fn day_begins(date: Date, hours_east: i8) -> Self {
        let midnight = date.at(0, 0, 0, 0);
        Self(
            Offset::constant(hours_east)
                .to_timestamp(midnight)
                .map_or(if date.year() < 1970 { i64::MIN } else { i64::MAX }, Timestamp::as_microsecond),
        )
    }

    /// As RFC 3339 text in UTC.
    pub fn to_rfc3339(self) -> String {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
    }
}

/// Where the registry gets the time from. Tests and the demonstration travel in time; a service does not.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant(Timestamp::now().as_microsecond())
    }
}

/// A clock that is set by hand, and advances a little at every reading so that instants stay in order.
#[derive(Debug)]
pub struct SetClock(Mutex<Instant>);

impl SetClock {
    /// A clock standing at noon UTC of a date.
    pub fn at(date: Date) -> Self {
        let noon = date.at(12, 0, 0, 0);
        let stamp = Offset::UTC.to_timestamp(noon).unwrap_or(Timestamp::UNIX_EPOCH);
        Self(Mutex::new(Instant(stamp.as_microsecond())))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        now.0 = now.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX));
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        now.0 += 1;
        *now
    }
}
