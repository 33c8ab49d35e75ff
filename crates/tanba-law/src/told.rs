//! A pack as the people whom it concerns read it: who must, may and must not, what is taken, what a refusal leads to, how long it is kept,
//! what they can take back or have erased. Every sentence is the pack's own, with its clause and how well it is known.

use crate::mode::ActivePack;
use crate::retention::RetentionKind;
use crate::{Basis, Confidence, Field, Ground, Samples, Text};

/// A sentence of the law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// In plain words; where the law is not known, why not.
    pub text: Text,
    /// Clause id inside the pack or the sheet.
    pub clause: String,
    /// The act and, where it is known, the article.
    pub cite: String,
    /// How well it is known.
    pub confidence: Confidence,
    /// It stands in a demonstration's assumption sheet and not in the law.
    pub assumed: bool,
}

/// A rule on registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRule {
    /// Must, may or must not.
    pub basis: Basis,
    /// The rule.
    pub sentence: Sentence,
    /// What must be given before anything is taken.
    pub needs: Vec<Text>,
}

/// What the law asks of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Rules, in the order in which they are tried.
    pub rules: Vec<ToldRule>,
    /// What holds for everyone else.
    pub silence: Sentence,
    /// Who is exempt, for good or for now.
    pub exempt: Vec<Sentence>,
    /// What is taken, or why that is not known.
    pub samples: Result<Samples, Sentence>,
    /// What the registering body owes to people.
    pub obligations: Vec<Sentence>,
    /// What a refusal may lead to, in order; empty: nothing.
    pub refusal: Vec<Sentence>,
    /// How long templates and profiles, samples, and the log are kept.
    pub kept: Vec<(RetentionKind, Vec<Sentence>)>,
    /// What follows when a consent is taken back.
    pub withdrawal: Sentence,
    /// Who may ask for deletion.
    pub deletion: Sentence,
}

fn sentence(text: &Text, clause: &str, ground: &Ground) -> Sentence {
    Sentence {
        text: text.clone(),
        clause: clause.to_owned(),
        cite: ground.cite.clone(),
        confidence: ground.confidence,
        assumed: false,
    }
}

fn assumed(text: &Text, clause: &str) -> Sentence {
    let cite = "assumption".to_owned();
    Sentence { text: text.clone(), clause: clause.to_owned(), cite, confidence: Confidence::C, assumed: true }
}

impl ActivePack<'_> {
    /// The pack as the people whom it concerns read it.
    pub fn told(&self) -> Told {
        let pack = self.pack();
        let doc = &pack.doc;
        let sheet = self.mode().sheet_for(pack).map(|sheet| &sheet.doc);
        let rules = doc.rules.iter().map(|rule| ToldRule {
            basis: rule.basis,
            sentence: sentence(&rule.text, &rule.code, &rule.ground),
            needs: rule.needs.iter().map(|need| need.text.clone()).collect(),
        });
        let kinds = [RetentionKind::Profile, RetentionKind::Sample, RetentionKind::Log];
        let kept = kinds.into_iter().zip(pack.retention_fields()).map(|(kind, (code, field))| {
            let sentences = match field {
                Field::Known { value: rows, ground } => {
                    rows.iter().map(|row| sentence(&row.text, &row.code, ground)).collect()
                }
                Field::Unknown { reason, ground } => {
                    let rows = sheet.iter().flat_map(|sheet| &sheet.retention).filter(|row| row.kind == kind);
                    let rows: Vec<_> = rows.map(|row| assumed(&row.row.text, &row.row.code)).collect();
                    if rows.is_empty() { vec![sentence(reason, code, ground)] } else { rows }
                }
            };
            (kind, sentences)
        });
        Told {
            rules: rules.collect(),
            silence: sentence(&doc.silence.text, &doc.silence.code, &doc.silence.ground),
            exempt: doc.exempt.iter().map(|row| sentence(&row.text, &row.code, &row.ground)).collect(),
            samples: match &doc.samples {
                Field::Known { value, .. } => Ok(value.clone()),
                Field::Unknown { reason, ground } => Err(sentence(reason, "samples", ground)),
            },
            obligations: doc.obligations.iter().map(|row| sentence(&row.text, &row.code, &row.ground)).collect(),
            refusal: match &doc.refusal {
                Field::Known { value: steps, .. } => {
                    let mut steps: Vec<_> = steps.iter().collect();
                    steps.sort_by_key(|step| step.order);
                    steps.iter().map(|step| sentence(&step.text, &step.code, &step.ground)).collect()
                }
                Field::Unknown { reason, ground } => vec![sentence(reason, "refusal", ground)],
            },
            kept: kept.collect(),
            withdrawal: match (&doc.withdrawal, sheet.and_then(|sheet| sheet.withdrawal.as_ref())) {
                (Field::Known { value, ground }, _) => sentence(&value.text, "withdrawal", ground),
                (Field::Unknown { .. }, Some(row)) => assumed(&row.value.text, "withdrawal"),
                (Field::Unknown { reason, ground }, None) => sentence(reason, "withdrawal", ground),
            },
            deletion: match &doc.deletion {
                Field::Known { value, ground } => sentence(&value.text, "deletion", ground),
                Field::Unknown { reason, ground } => sentence(reason, "deletion", ground),
            },
        }
    }
}
