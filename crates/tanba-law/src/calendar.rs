//! Working days: weekends and holidays of a country as data (`packs/calendars/*.yaml`), and the end of a period that is counted in them.

use crate::validate::Fault;
use crate::{Date, Ground, Text};
use jiff::civil::Weekday;
use serde::Deserialize;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeekDay {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl WeekDay {
    fn of(day: Date) -> Self {
        match day.weekday() {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// The working days of one country.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Always `tanba-calendar/1`.
    pub format: String,
    /// ISO 3166 code of the country, or EU.
    pub jurisdiction: String,
    /// What it is.
    pub title: Text,
    /// Days of the week on which nobody works.
    pub weekend: Vec<WeekDay>,
    /// Where weekends and holidays are laid down.
    pub ground: Ground,
    /// Years of which the holidays are known, in order.
    pub years: Vec<CalendarYear>,
}

/// The holidays of one year.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    /// The year.
    pub year: i16,
    /// Holidays, and working days that were given free for them.
    pub closed: Vec<Date>,
    /// Days of the weekend that were worked.
    #[serde(default)]
    pub worked: Vec<Date>,
    /// Where it was read.
    pub ground: Ground,
}

/// The end of a period that is counted in working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingDays {
    /// The last day inside.
    pub last: Date,
    /// Whether the holidays of every year that was counted through are known. Where they are not, the true end may lie later, never
    /// earlier.
    pub holidays_known: bool,
}

impl Calendar {
    pub(crate) fn validate(&self) -> Result<(), Fault> {
        if self.weekend.len() > 3 {
            return Err(Fault::new("weekend", "has more than three days; name those on which nobody works"));
        }
        if !self.years.windows(2).all(|pair| pair[0].year < pair[1].year) {
            return Err(Fault::new("years", "must be in order, each year once"));
        }
        for year in &self.years {
            if let Some(stray) = year.closed.iter().chain(&year.worked).find(|day| day.year() != year.year) {
                return Err(Fault::new("years", format!("{stray} does not lie in {}", year.year)));
            }
            if let Some(both) = year.worked.iter().find(|day| year.closed.contains(day)) {
                return Err(Fault::new("years", format!("{both} is closed and worked at once")));
            }
        }
        Fault::unless_spoken("title", &self.title)
    }

    fn year(&self, day: Date) -> Option<&CalendarYear> {
        self.years.iter().find(|year| year.year == day.year())
    }

    /// Whether a day is worked; where the holidays of its year are not known, every day but those of the weekend.
    pub fn works(&self, day: Date) -> bool {
        let weekend = self.weekend.contains(&WeekDay::of(day));
        match self.year(day) {
            Some(year) => year.worked.contains(&day) || !(weekend || year.closed.contains(&day)),
            None => !weekend,
        }
    }
}

/// The last of `days` working days after `from`, which itself is not counted. Without a calendar every day counts: a body that must do
/// something in time is never given longer than the law gives it.
pub fn working_days_after(calendar: Option<&Calendar>, from: Date, days: u8) -> WorkingDays {
    let mut end = WorkingDays { last: from, holidays_known: calendar.is_some() };
    let mut left = days;
    // 255 working days are less than two years of any calendar that is read.
    for _ in 0..1000 {
        if left == 0 {
            break;
        }
        let Ok(next) = end.last.tomorrow() else { break };
        end.last = next;
        end.holidays_known &= calendar.is_some_and(|calendar| calendar.year(next).is_some());
        left -= u8::from(calendar.is_none_or(|calendar| calendar.works(next)));
    }
    end
}
