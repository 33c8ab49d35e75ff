//! Reading packs, index tables and assumption sheets: strict YAML of a bounded size, checked before use.
//!
//! `&` and `*` are refused anywhere in a file: without anchors and aliases, a small file cannot unfold into a large one.

use crate::consistency::{Conflict, Gap, conflicts, gaps};
use crate::content::PackDoc;
use crate::hash::canonical_json;
use crate::lines::Lines;
use crate::validate::{Fault, period, validate};
use crate::{AssumptionSheet, Calendar, IndexTable, Pack, PackHash};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use thiserror::Error;

/// Largest file, in bytes. The largest pack written so far has about 30 KiB.
const MAX_BYTES: usize = 256 * 1024;
/// Deepest nesting of brackets. The scanner's work grows with the square of it.
const MAX_BRACKETS: usize = 16;

/// Why a file of law is not used. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PackError {
    /// Too large.
    #[error("the file is larger than 256 KiB; a law pack is a few pages of rules")]
    TooLarge,
    /// Holds an anchor or an alias.
    #[error("the file holds `&` or `*` (line {line}); anchors and aliases are refused, write the text out")]
    Anchor {
        /// Line.
        line: usize,
    },
    /// Brackets too deep.
    #[error("brackets are nested deeper than 16 (line {line}); write the rule as a list")]
    TooDeep {
        /// Line.
        line: usize,
    },
    /// Not YAML, or not of the expected form; the text names line and column.
    #[error("the file does not read: {0}")]
    Malformed(String),
    /// The form line is not one that this program knows.
    #[error("the file's `format` is not `{expected}`")]
    Format {
        /// What it must be.
        expected: &'static str,
    },
    /// A value is out of range or contradicts another.
    #[error("{}`{at}`: {why}", line_words(*.line))]
    Invalid {
        /// Line of the clause or key.
        line: Option<usize>,
        /// Which clause or key.
        at: String,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// Rules contradict each other.
    #[error("{} pairs of rules put one person on two footings; {}; narrow one of them", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Conflicts(Vec<Conflict>),
    /// Rules leave ages between them without a word.
    #[error("{} groups have ages that no rule speaks of; {}; write a rule, or name the ages under `silence.left_open`", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Gaps(Vec<Gap>),
}

pub(crate) fn line_words(line: Option<usize>) -> String {
    line.map(|line| format!("line {line}: ")).unwrap_or_default()
}

impl Pack {
    /// Reads and checks a pack. `indices` are the tables by which its amounts become money.
    pub fn from_yaml(text: &str, indices: &[IndexTable]) -> Result<Self, PackError> {
        let (doc, canonical): (PackDoc, String) = read_yaml(text, "tanba-law-pack/2")?;
        let hash = PackHash::of(&canonical);
        let lines = Lines::of(text);
        let pack = Pack { doc, hash, canonical, lines, approval: None, indices: indices.to_vec() };
        validate(&pack).map_err(|fault| fault.on(&pack.lines))?;
        let contradicting = conflicts(&pack);
        if !contradicting.is_empty() {
            return Err(PackError::Conflicts(contradicting));
        }
        let open = gaps(&pack);
        if open.is_empty() { Ok(pack) } else { Err(PackError::Gaps(open)) }
    }
}

impl IndexTable {
    /// Reads and checks an index table.
    pub fn from_yaml(text: &str) -> Result<Self, PackError> {
        let (table, _): (Self, String) = read_yaml(text, "tanba-index/1")?;
        let in_order = table.rows.windows(2).all(|pair| pair[0].from < pair[1].from)
            && table.rows.last().is_some_and(|last| last.from < table.until);
        if !in_order {
            return Err(Fault::new("rows", "must be in order of time, the last before `until`").on(&Lines::of(text)));
        }
        Ok(table)
    }
}

impl Calendar {
    /// Reads and checks a calendar.
    pub fn from_yaml(text: &str) -> Result<Self, PackError> {
        let (calendar, _): (Self, String) = read_yaml(text, "tanba-calendar/1")?;
        calendar.validate().map_err(|fault| fault.on(&Lines::of(text)))?;
        Ok(calendar)
    }
}

impl AssumptionSheet {
    /// Reads and checks an assumption sheet.
    pub fn from_yaml(text: &str) -> Result<Self, PackError> {
        let (doc, canonical): (crate::sheet::SheetDoc, String) = read_yaml(text, "tanba-assumptions/1")?;
        let lines = Lines::of(text);
        let mut codes = BTreeSet::new();
        let panel_code = "panel".to_owned();
        let access = doc.access.iter().map(|row| (&row.rule.code, [&row.rule.text, &row.reason]));
        let retention = doc.retention.iter().map(|row| (&row.row.code, [&row.row.text, &row.reason]));
        let panel = doc.panel.iter().map(|row| (&panel_code, [&row.text, &row.reason]));
        for (code, texts) in access.chain(retention).chain(panel) {
            if !codes.insert(code.clone()) {
                return Err(Fault::twice(code).on(&lines));
            }
            for text in texts {
                Fault::unless_spoken(code, text).map_err(|fault| fault.on(&lines))?;
            }
        }
        for row in &doc.access {
            row.rule.validate().map_err(|fault| fault.on(&lines))?;
        }
        for row in &doc.retention {
            row.row.validate().map_err(|fault| fault.on(&lines))?;
        }
        if let Some(row) = &doc.panel {
            row.value.validate().map_err(|fault| fault.on(&lines))?;
        }
        if let Some(row) = &doc.withdrawal {
            let spoken = [&row.value.text, &row.reason].into_iter();
            spoken
                .map(|text| Fault::unless_spoken("withdrawal", text))
                .chain([period("withdrawal", &row.value.delete_within).map(drop)])
                .collect::<Result<(), Fault>>()
                .map_err(|fault| fault.on(&lines))?;
        }
        Ok(AssumptionSheet { hash: PackHash::of(&canonical), doc })
    }
}

/// Reads one document whose `format` must be `expected`; also gives its canonical JSON.
pub(crate) fn read_yaml<T: DeserializeOwned>(text: &str, expected: &'static str) -> Result<(T, String), PackError> {
    if text.len() > MAX_BYTES {
        return Err(PackError::TooLarge);
    }
    let line_at = |at: usize| text[..at].matches('\n').count() + 1;
    if let Some(at) = text.find(['&', '*']) {
        return Err(PackError::Anchor { line: line_at(at) });
    }
    let mut depth = 0usize;
    for (at, character) in text.char_indices() {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_BRACKETS {
            return Err(PackError::TooDeep { line: line_at(at) });
        }
    }
    let malformed = |error: serde_yaml_ng::Error| PackError::Malformed(error.to_string());
    // Twice: the untyped reading is what the hash covers, the typed one refuses unknown and repeated keys.
    let untyped: serde_json::Value = serde_yaml_ng::from_str(text).map_err(malformed)?;
    if untyped.get("format").is_some_and(|format| format != expected) {
        return Err(PackError::Format { expected });
    }
    let typed = serde_yaml_ng::from_str(text).map_err(malformed)?;
    Ok((typed, canonical_json(&untyped)))
}
