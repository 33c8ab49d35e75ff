//! How long records are kept: rows of category, start, longest period, review.

use crate::read::{PackError, invalid};
use crate::{Date, Field, Mode, Pack, PackHash, Text, phrases};
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
pub struct RetentionRow {
    /// Clause id inside the pack or sheet.
    pub code: String,
    /// The group of registrations it holds for; `any` for all.
    pub category: String,
    /// The event from which it runs, such as `collection`.
    pub start_event: String,
    /// Longest period, as an ISO 8601 duration of whole years or months (`P25Y`).
    pub max_period: Option<String>,
    /// Longest time between two reviews of necessity, likewise.
    pub review_interval: Option<String>,
    /// Events that end it earlier.
    #[serde(default)]
    pub end_events: Vec<String>,
    /// In plain words.
    pub text: Text,
}

impl RetentionRow {
    pub(crate) fn validate(&self) -> Result<(), PackError> {
        if self.max_period.is_none() && self.review_interval.is_none() {
            return Err(invalid(&self.code, "needs `max_period` or `review_interval`"));
        }
        for period in [&self.max_period, &self.review_interval].into_iter().flatten() {
            let span: Option<jiff::Span> = period.parse().ok();
            if !span.is_some_and(|span| span.is_positive() && (span.get_years() > 0 || span.get_months() > 0)) {
                return Err(invalid(&self.code, "a period is written P25Y or P6M"));
            }
        }
        Ok(())
    }
}

/// How long a record may be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetentionAnswer {
    /// First day on which it may no longer be kept; `None` where the law sets no end or it is not known.
    pub until: Option<Date>,
    /// Day by which its necessity must be reviewed.
    pub review_by: Option<Date>,
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

/// How long a record of `category` that started on `start` may be kept.
pub fn retention(pack: &Pack, kind: RetentionKind, category: &str, start: Date, mode: Mode<'_>) -> RetentionAnswer {
    let at = match kind {
        RetentionKind::Profile => 0,
        RetentionKind::Sample => 1,
        RetentionKind::Log => 2,
    };
    let (field_code, field) = pack.retention_fields()[at];
    let fits = |row: &&RetentionRow| row.category == category || row.category == "any";
    let after = |period: &Option<String>| {
        let span: jiff::Span = period.as_deref()?.parse().ok()?;
        start.checked_add(span).ok()
    };
    let answer = |row: Option<&RetentionRow>, assumed: Option<String>, text: Text| RetentionAnswer {
        until: row.and_then(|row| after(&row.max_period)),
        review_by: row.and_then(|row| after(&row.review_interval)),
        known: row.is_some(),
        clause: row.map_or_else(|| field_code.to_owned(), |row| row.code.clone()),
        assumed,
        text,
        pack: pack.id().to_owned(),
        pack_hash: pack.hash(),
    };
    if let Field::Known { value: rows, .. } = field
        && let Some(row) = rows.iter().find(fits)
    {
        return answer(Some(row), None, row.text.clone());
    }
    let assumed = mode.sheet_for(pack).and_then(|sheet| {
        let row = sheet.doc.retention.iter().filter(|row| row.kind == kind).map(|row| &row.row).find(fits)?;
        Some((format!("{}/{}", sheet.id(), row.code), row))
    });
    match assumed {
        Some((code, row)) => {
            RetentionAnswer { clause: field_code.to_owned(), ..answer(Some(row), Some(code), row.text.clone()) }
        }
        None => answer(None, None, phrases::retention_not_known()),
    }
}
