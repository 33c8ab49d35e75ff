//! Time as the registry keeps it: microseconds for instants, civil dates for the law.

use std::sync::Mutex;

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::{RegistryError, Result};

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

    /// As RFC 3339 text in UTC.
    pub fn to_rfc3339(self) -> String {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
    }
}

/// The civil time of a register: by whose clock its days begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The time zone of this name in the IANA database, such as `Asia/Almaty`.
    ///
    /// # Errors
    /// [`RegistryError::Invalid`] for a name that is not there.
    pub fn named(name: &str) -> Result<Self> {
        TimeZone::get(name).map(Self).map_err(|_| RegistryError::Invalid {
            field: "time_zone",
            problem: "the IANA database has no such time zone: give a name such as Asia/Almaty".to_owned(),
        })
    }

    /// Greenwich's clock.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Date and time of day.
    pub fn civil(&self, at: Instant) -> DateTime {
        self.0.to_datetime(Timestamp::from_microsecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// The civil date.
    pub fn date(&self, at: Instant) -> Date {
        self.civil(at).date()
    }

    /// The hour of the civil day, 0 to 23.
    pub fn hour(&self, at: Instant) -> u8 {
        self.civil(at).hour().unsigned_abs()
    }

    /// The instant at which a civil day begins: where the clock is set forward at midnight, the first that there is.
    pub fn day_begins(&self, date: Date) -> Instant {
        let beyond = if date.year() < 1970 { i64::MIN } else { i64::MAX };
        Instant(date.to_zoned(self.0.clone()).map_or(beyond, |begins| begins.timestamp().as_microsecond()))
    }

    /// The instant of a date and time of day, by the earlier of two where the clock is set back; none beyond what instants can say.
    pub fn instant(&self, at: DateTime) -> Option<Instant> {
        Some(Instant(at.to_zoned(self.0.clone()).ok()?.timestamp().as_microsecond()))
    }

    /// How many seconds ahead of UTC the clock is at an instant.
    pub(crate) fn seconds_ahead(&self, at: Instant) -> i64 {
        let stamp = Timestamp::from_microsecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
        i64::from(self.0.to_offset(stamp).seconds())
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_begins_by_the_clock_of_the_country() {
        let hours = |zone: &str, day: Date| Zone::named(zone).unwrap().day_begins(day).micros() / 3_600_000_000 % 24;
        // Five hours ahead since 2024-03-01, six before; half an hour is no whole number of hours.
        assert_eq!((hours("Asia/Almaty", date(2026, 6, 1)), hours("Asia/Almaty", date(2024, 2, 1))), (19, 18));
        let kolkata = Zone::named("Asia/Kolkata").unwrap();
        let midnight = kolkata.day_begins(date(2026, 6, 1));
        assert_eq!(midnight.to_rfc3339(), "2026-05-31T18:30:00Z");
        assert_eq!((kolkata.date(midnight), kolkata.hour(midnight)), (date(2026, 6, 1), 0));
        assert_eq!(kolkata.date(Instant::from_micros(midnight.micros() - 1)), date(2026, 5, 31));
        // The clock jumped from midnight to one in Beirut on 2021-03-28.
        let beirut = Zone::named("Asia/Beirut").unwrap();
        assert_eq!(beirut.hour(beirut.day_begins(date(2021, 3, 28))), 1);
        assert!(Zone::named("Mars/Olympus").is_err());
    }

    #[test]
    fn the_clocks_of_the_law_packs_are_there() {
        for country in ["by", "fr", "in", "kw", "kz"] {
            assert!(Zone::named(tanba_law::time_zone(country).unwrap()).is_ok(), "{country}");
        }
    }
}
