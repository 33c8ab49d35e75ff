//! Reading packs, index tables and assumption sheets: strict YAML of a bounded size, checked before use.
//!
//! `&` and `*` are refused anywhere in a file: without anchors and aliases, a small file cannot unfold into a large one.

use crate::consistency::{Conflict, conflicts};
use crate::hash::canonical_json;
use crate::pack::PackDoc;
use crate::{AssumptionSheet, Field, IndexTable, Pack, PackHash, Text};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use thiserror::Error;

/// Largest file, in bytes. The largest pack written so far has about 30 KiB.
const MAX_BYTES: usize = 256 * 1024;
/// Deepest nesting of brackets. The scanner's work grows with the square of it.
const MAX_BRACKETS: usize = 16;

/// Why a file of law is not used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PackError {
    /// Too large.
    #[error("the file is larger than 256 KiB; a law pack is a few pages of rules")]
    TooLarge,
    /// Holds an anchor or an alias.
    #[error("the file holds `&` or `*` (line {line}); anchors and aliases are refused, write the text out")]
    Anchor {
        /// Line, from 1.
        line: usize,
    },
    /// Brackets too deep.
    #[error("brackets are nested deeper than 16; write the rule as a list")]
    TooDeep,
    /// Not YAML, or not of the expected form.
    #[error("the file does not read: {0}")]
    Malformed(String),
    /// The form line is not one that this program knows.
    #[error("the file's `format` is not `{expected}`")]
    Format {
        /// What it must be.
        expected: &'static str,
    },
    /// A value is out of range or contradicts another.
    #[error("`{at}`: {why}")]
    Invalid {
        /// Which part.
        at: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Rules contradict each other.
    #[error("{} states have contradicting rules; first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Conflicts(Vec<Conflict>),
}

impl Pack {
    /// Reads and checks a pack. `indices` are the tables by which its amounts become money.
    pub fn from_yaml(text: &str, indices: &[IndexTable]) -> Result<Self, PackError> {
        let (doc, canonical): (PackDoc, String) = read_yaml(text)?;
        if doc.format != "tanba-law-pack/1" {
            return Err(PackError::Format { expected: "tanba-law-pack/1" });
        }
        let hash = PackHash::of(&canonical);
        let pack = Pack { doc, hash, canonical, indices: indices.to_vec() };
        validate(&pack)?;
        let found = conflicts(&pack);
        if found.is_empty() { Ok(pack) } else { Err(PackError::Conflicts(found)) }
    }
}

impl IndexTable {
    /// Reads and checks an index table.
    pub fn from_yaml(text: &str) -> Result<Self, PackError> {
        let (table, _): (Self, String) = read_yaml(text)?;
        if table.format != "tanba-index/1" {
            return Err(PackError::Format { expected: "tanba-index/1" });
        }
        let in_order = table.rows.windows(2).all(|pair| pair[0].from < pair[1].from)
            && table.rows.last().is_some_and(|last| last.from < table.until);
        if !in_order {
            return Err(invalid("rows", "must be in order of time, the last before `until`"));
        }
        Ok(table)
    }
}

impl AssumptionSheet {
    /// Reads and checks an assumption sheet.
    pub fn from_yaml(text: &str) -> Result<Self, PackError> {
        let (doc, canonical): (crate::sheet::SheetDoc, String) = read_yaml(text)?;
        if doc.format != "tanba-assumptions/1" {
            return Err(PackError::Format { expected: "tanba-assumptions/1" });
        }
        let mut codes = BTreeSet::new();
        let access = doc.access.iter().map(|row| (&row.rule.code, [&row.rule.text, &row.reason]));
        let retention = doc.retention.iter().map(|row| (&row.row.code, [&row.row.text, &row.reason]));
        for (code, texts) in access.chain(retention) {
            if !codes.insert(code.clone()) {
                return Err(invalid(code, "the code is used twice"));
            }
            texts.into_iter().try_for_each(|text| spoken(code, text))?;
        }
        for row in &doc.retention {
            row.row.validate()?;
        }
        Ok(AssumptionSheet { hash: PackHash::of(&canonical), doc })
    }
}

fn read_yaml<T: DeserializeOwned>(text: &str) -> Result<(T, String), PackError> {
    if text.len() > MAX_BYTES {
        return Err(PackError::TooLarge);
    }
    if let Some(at) = text.find(['&', '*']) {
        return Err(PackError::Anchor { line: text[..at].matches('\n').count() + 1 });
    }
    let mut depth = 0usize;
    for character in text.chars() {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_BRACKETS {
            return Err(PackError::TooDeep);
        }
    }
    let malformed = |error: serde_yaml_ng::Error| PackError::Malformed(error.to_string());
    // Twice: the typed reading refuses unknown and repeated keys, the untyped one is what the hash covers.
    let typed = serde_yaml_ng::from_str(text).map_err(malformed)?;
    let untyped: serde_json::Value = serde_yaml_ng::from_str(text).map_err(malformed)?;
    Ok((typed, canonical_json(&untyped)))
}

/// What the types cannot say: unique clause ids, wordings in all languages, sources, sensible dates.
fn validate(pack: &Pack) -> Result<(), PackError> {
    let doc = &pack.doc;
    if doc.id.is_empty() || !doc.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return Err(invalid("id", "must be lower-case letters, digits and hyphens"));
    }
    if doc.valid_to.is_some_and(|end| end <= doc.valid_from) {
        return Err(invalid("valid_to", "must be after `valid_from`"));
    }
    if doc.rules.is_empty() {
        return Err(invalid("rules", "must not be empty"));
    }
    let mut codes = BTreeSet::new();
    for clause in pack.clauses() {
        if clause.code.is_empty() || !codes.insert(clause.code) {
            return Err(invalid(clause.code, "the clause id is empty or used twice"));
        }
        if clause.ground.cite.trim().is_empty() || clause.ground.source.trim().is_empty() {
            return Err(invalid(clause.code, "`cite` and `source` must not be empty"));
        }
        if let Some(text) = clause.text {
            spoken(clause.code, text)?;
        }
    }
    for rule in &doc.rules {
        rule.needs.iter().try_for_each(|need| spoken(&rule.code, &need.text))?;
    }
    [&doc.title, &doc.history, &doc.instrument.title].into_iter().try_for_each(|text| spoken("title", text))?;
    if let Field::Known { value: steps, .. } = &doc.refusal {
        if steps.windows(2).any(|pair| pair[0].order > pair[1].order) {
            return Err(invalid("refusal", "steps must be in order"));
        }
        for step in steps {
            if let Some(amount) = &step.amount
                && !pack.indices.iter().any(|table| table.code == amount.index)
            {
                return Err(invalid(&step.code, "there is no table of this index"));
            }
        }
    }
    for (_, rows) in pack.retention_fields() {
        rows.known().into_iter().flatten().try_for_each(crate::RetentionRow::validate)?;
    }
    Ok(())
}

fn spoken(at: &str, text: &Text) -> Result<(), PackError> {
    if text.has_blank() { Err(invalid(at, "needs a wording in kk, ru and en")) } else { Ok(()) }
}

pub(crate) fn invalid(at: &str, why: &'static str) -> PackError {
    PackError::Invalid { at: at.to_owned(), why }
}
