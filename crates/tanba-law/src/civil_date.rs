//! Calendar dates and ages in whole years.

use serde::{Deserialize, Serialize};

/// A calendar date where the person stands (the capture date, not UTC).
pub use jiff::civil::Date;

/// On which day of a common year a person born on 29 February becomes a year older.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum LeapBirthday {
    /// 1 March: the year is complete only when 28 February is over. Neither a duty nor a permission starts early.
    FirstOfMarch,
    /// 28 February.
    LastOfFebruary,
}

/// Age in completed years on `day`; `None` before birth.
///
/// A year is completed at the start of the birthday, so the band `[16,inf)` begins on the sixteenth birthday itself.
pub fn age_on(born: Date, day: Date, leap: LeapBirthday) -> Option<u16> {
    if day < born {
        return None;
    }
    let years = i32::from(day.year()) - i32::from(born.year());
    let (mut month, mut dom) = (born.month(), born.day());
    if (month, dom) == (2, 29) && !day.in_leap_year() {
        (month, dom) = match leap {
            LeapBirthday::FirstOfMarch => (3, 1),
            LeapBirthday::LastOfFebruary => (2, 28),
        };
    }
    let had_birthday = (day.month(), day.day()) >= (month, dom);
    u16::try_from(years - i32::from(!had_birthday)).ok()
}
