//! How long records are kept: a matrix of category, gravity and majority, each row with its own clock.
//!
//! Of the rows that fit a record, the one that says most decides. The clock starts with the latest event that the row names,
//! and ends with its period, an age, or an event such as death or acquittal, whichever comes first. Days are civil days; a
//! period that would end on a day that the month lacks ends on the month's last day, and hours are rounded up to days.

use crate::validate::{Fault, period};
use crate::{Date, Field, Mode, Pack, PackHash, Text, age_on, phrases};
use serde::{Deserialize, Serialize};

/// What is kept; each kind has its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionKind {
    /// The derived record: template, genomic profile.
    Profile,
    /// The sample: image, buccal swab.
    Sample,
    /// Entries of the log.
    Log,
}

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
    fn fits(&self, record: &RetentionRecord) -> Option<u8> {
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

/// What must be known of a record to say how long it may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRecord {
    /// What is kept.
    pub kind: RetentionKind,
    /// The group of the registration.
    pub category: String,
    /// Gravity of the offence, in the pack's words.
    pub gravity: Option<String>,
    /// Whether the person was a minor.
    pub minor: Option<bool>,
    /// Birth date, where it is known.
    pub born: Option<Date>,
    /// What happened, each on its day, in any order.
    pub events: Vec<(String, Date)>,
    /// The last day on which its necessity was reviewed and confirmed.
    pub reviewed: Option<Date>,
    /// An order to keep it longer.
    pub hold: Option<LegalHold>,
}

impl RetentionRecord {
    /// A record of which only one event is known: it was collected (a log entry: made) on a day.
    pub fn collected(kind: RetentionKind, category: &str, on: Date) -> Self {
        let event = if kind == RetentionKind::Log { "entry" } else { "collection" };
        Self {
            kind,
            category: category.to_owned(),
            gravity: None,
            minor: None,
            born: None,
            events: vec![(event.to_owned(), on)],
            reviewed: None,
            hold: None,
        }
    }

    fn last(&self, names: &[String]) -> Option<Date> {
        self.events.iter().filter(|(name, _)| names.contains(name)).map(|(_, on)| *on).max()
    }
}

/// An order to keep a record beyond its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHold {
    /// Authority that sanctioned it, in the pack's words; `None` where there is no order.
    pub authority: Option<String>,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    pub until: Date,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionState {
    /// Neither the law nor a sheet says how long. Production must not store it.
    NotKnown,
    /// The event from which the time runs has not happened.
    NotStarted,
    /// May be kept and used.
    Keep,
    /// May be kept and used; whoever must be told of the coming end is to be told now.
    Notice,
    /// Its necessity was not reviewed in time: it must not be used until it is.
    ReviewOverdue,
    /// Its time is over and an order keeps it: it must not be used.
    Held,
    /// Its time is over: it must be erased.
    Erase,
}

/// How long a record may be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetentionAnswer {
    /// Where it stands on the day of the question.
    pub state: RetentionState,
    /// First day on which it may no longer be kept; `None` where the law sets no end or it is not known.
    pub until: Option<Date>,
    /// Day by which its necessity must be reviewed.
    pub review_by: Option<Date>,
    /// Day from which somebody must be told of the end.
    pub notice_on: Option<Date>,
    /// Whether it may be used on the day of the question.
    pub usable: bool,
    /// An order to keep it was given and does not count: no sanction, of the wrong authority, or out of time.
    pub hold_refused: bool,
    /// Whether the law, or the sheet, gives an answer. Production must not store what has none.
    pub known: bool,
    /// The assumption that was used.
    pub assumed: Option<String>,
    /// Clause that decided.
    pub clause: String,
    /// In plain words.
    pub text: Text,
    /// Pack id.
    pub pack: String,
    /// Pack hash.
    pub pack_hash: PackHash,
}

/// How long `record` may be kept, and whether it may be used, on `as_of`.
pub fn retention(pack: &Pack, record: &RetentionRecord, as_of: Date, mode: Mode<'_>) -> RetentionAnswer {
    let at = match record.kind {
        RetentionKind::Profile => 0,
        RetentionKind::Sample => 1,
        RetentionKind::Log => 2,
    };
    let (field_code, field) = pack.retention_fields()[at];
    let mut answer = RetentionAnswer {
        state: RetentionState::NotKnown,
        until: None,
        review_by: None,
        notice_on: None,
        usable: false,
        hold_refused: false,
        known: false,
        assumed: None,
        clause: field_code.to_owned(),
        text: phrases::retention_not_known(),
        pack: pack.id().to_owned(),
        pack_hash: pack.hash(),
    };
    let own = match field {
        Field::Known { value: rows, .. } => most_specific(rows.iter(), record),
        Field::Unknown { .. } => None,
    };
    let assumed = || {
        let sheet = mode.sheet_for(pack)?;
        let rows = sheet.doc.retention.iter().filter(|row| row.kind == record.kind).map(|row| &row.row);
        Some((most_specific(rows, record)?, sheet))
    };
    let row = match own {
        Some(row) => {
            answer.clause = row.code.clone();
            Some(row)
        }
        None => assumed().map(|(row, sheet)| {
            answer.assumed = Some(format!("{}/{}", sheet.id(), row.code));
            row
        }),
    };
    if let Some(row) = row {
        (answer.known, answer.text) = (true, row.text.clone());
        run(pack, row, record, as_of, &mut answer);
    }
    // A regime that was struck down keeps nothing, whatever its rows say; what its log tells stays as long as they say.
    if let Some(struck) = pack.struck().filter(|struck| as_of >= struck.on && record.kind != RetentionKind::Log) {
        (answer.state, answer.usable) = (RetentionState::Erase, false);
        answer.until = Some(answer.until.map_or(struck.on, |until| until.min(struck.on)));
        (answer.clause, answer.text) = ("struck".to_owned(), struck.text.clone());
    }
    answer
}

fn most_specific<'a>(
    rows: impl Iterator<Item = &'a RetentionRow>,
    record: &RetentionRecord,
) -> Option<&'a RetentionRow> {
    rows.filter_map(|row| Some((row.fits(record)?, row))).max_by_key(|(said, _)| *said).map(|(_, row)| row)
}

/// Runs one row's clock.
fn run(pack: &Pack, row: &RetentionRow, record: &RetentionRecord, as_of: Date, answer: &mut RetentionAnswer) {
    let ended = record.last(&row.end_events);
    let Some(start) = record.last(std::slice::from_ref(&row.start_event)) else {
        answer.until = ended;
        answer.state = RetentionState::NotStarted;
        answer.usable = ended.is_none_or(|ended| as_of < ended);
        if !answer.usable {
            answer.state = RetentionState::Erase;
        }
        return;
    };
    if row.until_age.is_some() && record.born.is_none() {
        // Without a birth date nobody can say when it ends.
        (answer.known, answer.text) = (false, phrases::born_needed());
        return;
    }
    let stopped = record.last(&row.unless).is_some_and(|event| event >= start);
    let by_period = row.max_period.as_ref().filter(|_| !stopped).and_then(|text| after(start, text));
    let by_age = row.until_age.zip(record.born).and_then(|(age, born)| birthday(pack, born, age));
    answer.until = [by_period, by_age, ended].into_iter().flatten().min();
    let reviewed = record.reviewed.map_or(start, |reviewed| reviewed.max(start));
    answer.review_by = row.review_interval.as_ref().and_then(|text| after(reviewed, text));
    answer.notice_on = answer.until.zip(row.notice_before.as_ref()).and_then(|(until, text)| before(until, text));

    let reached = |day: Option<Date>| day.is_some_and(|day| as_of >= day);
    let hold = record.hold.as_ref();
    let ordered = hold.is_some_and(|hold| {
        let authorised = hold.authority.as_ref().is_some_and(|authority| row.hold_by.contains(authority));
        authorised && as_of >= hold.from && as_of < hold.until
    });
    answer.hold_refused = hold.is_some() && !ordered;
    answer.state = if reached(answer.until) {
        if ordered { RetentionState::Held } else { RetentionState::Erase }
    } else if reached(answer.review_by) {
        RetentionState::ReviewOverdue
    } else if reached(answer.notice_on) {
        RetentionState::Notice
    } else {
        RetentionState::Keep
    };
    answer.usable = matches!(answer.state, RetentionState::Keep | RetentionState::Notice);
    answer.text = match answer.state {
        RetentionState::Held => phrases::held(),
        _ if answer.hold_refused => phrases::hold_without_sanction(),
        _ => row.text.clone(),
    };
}

fn after(day: Date, text: &str) -> Option<Date> {
    day.checked_add(in_days(text)?).ok()
}

fn before(day: Date, text: &str) -> Option<Date> {
    day.checked_sub(in_days(text)?).ok()
}

/// The period with its hours rounded up to days: nothing here is finer than a day.
fn in_days(text: &str) -> Option<jiff::Span> {
    let span: jiff::Span = text.parse().ok()?;
    let days = i32::try_from(span.get_days()).ok()?.checked_add(span.get_hours().saturating_add(23) / 24)?;
    jiff::Span::new()
        .try_years(span.get_years())
        .and_then(|whole| whole.try_months(span.get_months()))
        .and_then(|whole| whole.try_weeks(span.get_weeks()))
        .and_then(|whole| whole.try_days(days))
        .ok()
}

/// The day on which somebody completes `age` years, by the pack's rule on 29 February.
fn birthday(pack: &Pack, born: Date, age: u16) -> Option<Date> {
    let year = born.year().checked_add(i16::try_from(age).ok()?)?;
    // The day itself or its neighbour, as the pack counts.
    let near = Date::new(year, born.month(), born.day().min(28)).ok()?;
    (0..4).find_map(|days| {
        let day = near.checked_add(jiff::Span::new().days(days)).ok()?;
        (age_on(born, day, pack.leap_birthday())? >= age).then_some(day)
    })
}
