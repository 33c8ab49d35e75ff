//! What the types of a pack cannot say: unique clause ids, wordings in all languages, sources, dates, units.

use crate::lines::Lines;
use crate::pack::known_rows;
use crate::read::PackError;
use crate::refusal::Units;
use crate::retention::validate_rows;
use crate::rule::{ExemptionEffect, When};
use crate::{AccessRule, Confidence, GenomicPanel, Modality, Pack, PackStatus, Text, index};
use std::collections::BTreeSet;

/// A fault before its line is known.
#[derive(Debug)]
pub(crate) struct Fault {
    at: String,
    why: String,
    last: bool,
}

impl Fault {
    pub(crate) fn new(at: &str, why: impl Into<String>) -> Self {
        Self { at: at.to_owned(), why: why.into(), last: false }
    }

    pub(crate) fn twice(code: &str) -> Self {
        Self { last: true, ..Self::new(code, "the clause id is used twice; give each its own") }
    }

    pub(crate) fn unless_spoken(at: &str, text: &Text) -> Result<(), Self> {
        if text.has_blank() { Err(Self::new(at, "needs a wording in kk, ru and en")) } else { Ok(()) }
    }

    /// The error, with the line on which the clause or key stands.
    pub(crate) fn on(self, lines: &Lines) -> PackError {
        let line = if self.last { lines.last(&self.at) } else { lines.first(&self.at) };
        PackError::Invalid { line, at: self.at, why: self.why }
    }
}

pub(crate) fn validate(pack: &Pack) -> Result<(), Fault> {
    let doc = &pack.doc;
    named(&doc.id)?;
    if doc.jurisdiction.len() != 2 || !doc.jurisdiction.chars().all(|c| c.is_ascii_uppercase()) {
        return Err(Fault::new("jurisdiction", "must be two capital letters, as in ISO 3166, or EU or UN"));
    }
    if doc.valid_to.is_some_and(|end| end <= doc.valid_from) {
        return Err(Fault::new("valid_to", "must be after `valid_from`; it is the first day no longer inside"));
    }
    if doc.struck.as_ref().is_some_and(|struck| struck.on <= doc.valid_from) {
        return Err(Fault::new("struck", "must be after `valid_from`"));
    }
    if doc.supersedes.contains(&doc.id) {
        return Err(Fault::new("supersedes", "a pack cannot supersede itself"));
    }
    if doc.rules.is_empty() {
        return Err(Fault::new("rules", "must not be empty"));
    }
    clauses(pack)?;
    refusal(pack)?;
    situations(pack)?;
    for (_, rows) in pack.retention_fields() {
        validate_rows(rows.known().map(Vec::as_slice).unwrap_or_default())?;
    }
    for rules in [&doc.access, &doc.transfers] {
        known_rows(rules).iter().try_for_each(AccessRule::validate)?;
    }
    if let Some(panel) = &doc.panel {
        if doc.modality != Modality::Genomic {
            return Err(Fault::new("panel", "only a pack on genomic registration says which loci may be stored"));
        }
        panel.known().map_or(Ok(()), GenomicPanel::validate)?;
    }
    if let Some(withdrawal) = doc.withdrawal.known() {
        period("withdrawal", &withdrawal.delete_within)?;
    }
    if let Some(within) = doc.deletion.known().and_then(|deletion| deletion.decide_within.as_ref()) {
        period("deletion", within)?;
    }
    Ok(())
}

fn named(id: &str) -> Result<(), Fault> {
    let sound = !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if sound { Ok(()) } else { Err(Fault::new("id", "must be lower-case letters, digits and hyphens")) }
}

/// Every statement has an id of its own, a source, and its words in three languages.
fn clauses(pack: &Pack) -> Result<(), Fault> {
    let doc = &pack.doc;
    let mut codes = BTreeSet::new();
    for clause in pack.clauses() {
        if clause.code.is_empty() {
            return Err(Fault::new("rules", "a clause id is empty"));
        }
        if !codes.insert(clause.code) {
            return Err(Fault::twice(clause.code));
        }
        let ground = clause.ground;
        if ground.cite.trim().is_empty() || ground.source.trim().is_empty() {
            return Err(Fault::new(clause.code, "`cite` and `source` must not be empty"));
        }
        // Confidence X may be signed: an honest "unknown" blocks its act.
        let guessed = ground.confidence == Confidence::C && ground.verified_by.is_none();
        if pack.status() == PackStatus::Final && guessed {
            let why = "a final pack may not rest on confidence C; a lawyer must verify it (`verified_by`)";
            return Err(Fault::new(clause.code, why));
        }
        if let Some(text) = clause.text {
            Fault::unless_spoken(clause.code, text)?;
        }
    }
    for rule in &doc.rules {
        rule.needs.iter().try_for_each(|need| Fault::unless_spoken(&rule.code, &need.text))?;
    }
    Fault::unless_spoken("title", &doc.title)?;
    Fault::unless_spoken("instrument", &doc.instrument.title)
}

/// Steps in order, with sums in units that exist and terms that are periods.
fn refusal(pack: &Pack) -> Result<(), Fault> {
    let steps = pack.doc.refusal.known().map(Vec::as_slice).unwrap_or_default();
    if let Some(pair) = steps.windows(2).find(|pair| pair[0].order > pair[1].order) {
        return Err(Fault::new(&pair[1].code, "steps must stand in their order"));
    }
    for step in steps {
        match &step.amount {
            Some(Units::Indexed { index, .. }) if !pack.indices.iter().any(|table| table.code == *index) => {
                return Err(Fault::new(
                    &step.code,
                    format!("there is no table of the index {index}; add it under packs/indices"),
                ));
            }
            Some(Units::Money { currency, .. }) if !index::is_currency(currency) => {
                return Err(Fault::new(&step.code, format!("{currency} is no currency code of ISO 4217")));
            }
            _ => {}
        }
        if let Some(term) = &step.term {
            period(&step.code, term)?;
        }
    }
    Ok(())
}

/// Who is exempt, or must wait, must find in the pack what happens with them instead.
fn situations(pack: &Pack) -> Result<(), Fault> {
    for exemption in &pack.doc.exempt {
        let when = match exemption.effect {
            ExemptionEffect::NotSubject => When::Exempt,
            ExemptionEffect::Postpone => When::Postponed,
            // Nothing can be done instead before it is known; what is said must not look like knowledge.
            ExemptionEffect::NotKnown if exemption.ground.confidence == Confidence::X => continue,
            ExemptionEffect::NotKnown => {
                return Err(Fault::new(
                    &exemption.code,
                    "`not_known` goes with confidence X; if it is known, say what it does",
                ));
            }
        };
        if !pack.doc.obligations.iter().any(|duty| duty.when.contains(&when)) {
            return Err(Fault::new(
                &exemption.code,
                "no obligation says what happens instead; add one for `exempt` or `postponed`",
            ));
        }
    }
    Ok(())
}

/// A positive period of whole years, months, weeks, days or hours.
pub(crate) fn period(at: &str, text: &str) -> Result<jiff::Span, Fault> {
    // jiff also reads "5 years"; a pack writes periods in one way.
    let span: Option<jiff::Span> = text.starts_with('P').then(|| text.parse().ok()).flatten();
    span.filter(|span| span.is_positive())
        .ok_or_else(|| Fault::new(at, format!("`{text}` is no period; write P25Y, P6M, P30D or PT12H")))
}
