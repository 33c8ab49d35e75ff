//! One row of the retention matrix, and when two rows compete.

use super::{RetentionKind, RetentionRecord};
use crate::validate::{Fault, period};
use crate::{Date, Text};
use serde::Deserialize;

/// One row of the retention matrix.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RetentionRow {
    /// Clause id inside the pack or sheet.
    pub code: String,
    /// The group of registrations it holds for; `any` for all.
    pub category: String,
    /// Gravity of the offence it holds for, in the pack's words; absent for all.
    #[serde(default)]
    pub gravity: Option<String>,
    /// Whether it holds for minors (`true`) or adults (`false`); absent for both.
    #[serde(default)]
    pub minor: Option<bool>,
    /// The event from which it runs, such as `collection` or `judgment_final`; the latest one counts.
    pub start_event: String,
    /// Longest period, as an ISO 8601 duration (`P25Y`).
    pub max_period: Option<String>,
    /// The age, in completed years, on whose birthday it ends.
    #[serde(default)]
    pub until_age: Option<u16>,
    /// Longest time between two reviews of necessity, as a duration.
    pub review_interval: Option<String>,
    /// How long before the end somebody must be told, as a duration.
    #[serde(default)]
    pub notice_before: Option<String>,
    /// Events that end it at once.
    #[serde(default)]
    pub end_events: Vec<String>,
    /// Events that, on or after the start, stop the clock until the next start.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Authorities that may order to keep longer; empty: nobody may.
    #[serde(default)]
    pub hold_by: Vec<String>,
    /// In plain words.
    pub text: Text,
}

impl RetentionRow {
    pub(crate) fn validate(&self) -> Result<(), Fault> {
        let timed = self.max_period.is_some() || self.review_interval.is_some() || self.until_age.is_some();
        if !timed && self.end_events.is_empty() {
            return Err(Fault::new(&self.code, "needs `max_period`, `until_age`, `review_interval` or `end_events`"));
        }
        for text in [&self.max_period, &self.review_interval, &self.notice_before].into_iter().flatten() {
            period(&self.code, text)?;
        }
        Ok(())
    }

    /// How much it says of a record, or `None` where it does not fit.
    pub(super) fn fits(&self, record: &RetentionRecord) -> Option<u8> {
        let said = |fits: bool, named: bool| fits.then_some(u8::from(named));
        let category = said(self.category == "any" || self.category == record.category, self.category != "any")?;
        let gravity = said(self.gravity.is_none() || self.gravity == record.gravity, self.gravity.is_some())?;
        let minor = said(self.minor.is_none() || self.minor == record.minor, self.minor.is_some())?;
        Some(category + gravity + minor)
    }

    /// How many of category, gravity and majority it names.
    fn named(&self) -> u8 {
        u8::from(self.category != "any") + u8::from(self.gravity.is_some()) + u8::from(self.minor.is_some())
    }

    /// The widest record that fits both rows, if there is one.
    fn meet(&self, other: &Self) -> Option<RetentionRecord> {
        let category = if self.category == "any" { &other.category } else { &self.category };
        let mut record = RetentionRecord::collected(RetentionKind::Profile, category, Date::ZERO);
        record.gravity = self.gravity.clone().or_else(|| other.gravity.clone());
        record.minor = self.minor.or(other.minor);
        (self.fits(&record).is_some() && other.fits(&record).is_some()).then_some(record)
    }
}

/// Refuses rows of which two would decide about one record: both say equally much of it, and none says more.
pub(crate) fn validate_rows(rows: &[RetentionRow]) -> Result<(), Fault> {
    for (at, row) in rows.iter().enumerate() {
        row.validate()?;
        let rivals = |earlier: &&RetentionRow| {
            earlier.named() == row.named()
                && earlier
                    .meet(row)
                    .is_some_and(|both| rows.iter().filter_map(|r| r.fits(&both)).max() == Some(row.named()))
        };
        if let Some(rival) = rows[..at].iter().find(rivals) {
            let why =
                format!("says as much of some record as {}; narrow one of them, or add a row for both", rival.code);
            return Err(Fault::new(&row.code, why));
        }
    }
    Ok(())
}
