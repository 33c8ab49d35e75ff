//! Calendar days without a clock.

use serde::{Deserialize, Serialize};

/// A day of the Gregorian calendar as `(year, month, day)`: the form in which callers pass "today".
pub type CalendarDate = (i16, u8, u8);

/// A birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BirthDate {
    /// Gregorian year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl BirthDate {
    /// Completed years at a day; negative before birth. A birth on 29 February is a year older on 1 March.
    pub fn age_at(self, (year, month, day): CalendarDate) -> i32 {
        let years = i32::from(year) - i32::from(self.year);
        years - i32::from((month, day) < (self.month, self.day))
    }

    /// `YYYY-MM-DD`.
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// Days since 1970-01-01 of the birthday of that many years; a birth on 29 February has it on 1 March of a common year.
    pub(super) fn birthday(self, years: i32) -> i32 {
        let year = (i32::from(self.year) + years).clamp(-9999, 9999) as i16;
        let common = from_days(to_days((year, 2, 28)) + 1).month == 3;
        if (self.month, self.day) == (2, 29) && common {
            to_days((year, 3, 1))
        } else {
            to_days((year, self.month, self.day))
        }
    }

    /// Age in years with their fraction: completed years, and the share of the running one.
    pub(super) fn exact_age_at(self, as_of: CalendarDate) -> f64 {
        let years = self.age_at(as_of);
        let (last, next) = (self.birthday(years), self.birthday(years + 1));
        f64::from(years) + f64::from(to_days(as_of) - last) / f64::from(next - last)
    }

    /// The day before today by so many days.
    pub(super) fn days_before(as_of: CalendarDate, days: i32) -> Self {
        from_days(to_days(as_of) - days)
    }
}

/// Days since 1970-01-01 of a day; months and days out of range are brought into it.
pub(super) fn to_days((year, month, day): CalendarDate) -> i32 {
    let (month, day) = (i32::from(month.clamp(1, 12)), i32::from(day.clamp(1, 31)));
    // Counted in years that begin with March, so that the leap day is the last.
    let year = i32::from(year) - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

pub(super) fn from_days(days: i32) -> BirthDate {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + i32::from(month <= 2);
    BirthDate { year: year.clamp(-9999, 9999) as i16, month: month as u8, day: day as u8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_lead_to_dates_and_back() {
        assert_eq!(to_days((1970, 1, 1)), 0);
        assert_eq!(to_days((2000, 3, 1)), 11_017);
        for days in (-60_000..60_000).step_by(13) {
            let d = from_days(days);
            assert_eq!(to_days((d.year, d.month, d.day)), days);
        }
    }

    #[test]
    fn age_counts_completed_years() {
        let born = BirthDate { year: 2008, month: 2, day: 29 };
        assert_eq!(born.age_at((2024, 2, 28)), 15);
        assert_eq!(born.age_at((2024, 2, 29)), 16);
        assert_eq!(born.age_at((2025, 2, 28)), 16);
        assert_eq!(born.age_at((2025, 3, 1)), 17);
        assert_eq!(born.exact_age_at((2025, 3, 1)), 17.0);
        assert!((born.exact_age_at((2025, 8, 31)) - 17.5).abs() < 0.01);
    }
}
