//! How long records are kept: a matrix of category, gravity and majority, each row with its own clock.
//!
//! Of the rows that fit a record, the one that says most decides. The clock starts with the latest event that the row names,
//! and ends with its period, an age, or an event such as death or acquittal, whichever comes first. Days are civil days; a
//! period that would end on a day that the month lacks ends on the month's last day, and hours are rounded up to days.

use crate::{Date, Field, Mode, Pack, PackHash, Text, age_on, phrases};
use serde::{Deserialize, Serialize};

mod row;

pub use row::RetentionRow;
pub(crate) use row::validate_rows;

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
pub(crate) fn in_days(text: &str) -> Option<jiff::Span> {
    let span: jiff::Span = text.parse().ok()?;
    let days = span.get_days().checked_add(span.get_hours().saturating_add(23) / 24)?;
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
