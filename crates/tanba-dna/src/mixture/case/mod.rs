//! Case files: a stain, references, frequencies and settings in one document (JSON, or TOML read into the same value).
//!
//! docs/dna/mixture.schema.json is the published schema; a test holds it against these types.

mod build;
mod tables;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

pub use build::MixtureCase;

use crate::Relation;

/// What `format` says.
pub const CASE_FORMAT: &str = "tanba-mixture/1";

/// A case file as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    pub(super) format: String,
    #[serde(default)]
    pub(super) title: String,
    /// How many people left the stain.
    pub(super) contributors: usize,
    /// Reference of the person in question.
    pub(super) person_of_interest: String,
    /// References of people who contributed under both hypotheses.
    #[serde(default)]
    pub(super) known: Vec<String>,
    /// Unknown contributors who are related to somebody.
    #[serde(default)]
    pub(super) related: Vec<RelatedUnknown>,
    /// One entry an amplification.
    pub(super) replicates: Vec<Replicate>,
    pub(super) references: Vec<Person>,
    pub(super) frequencies: Frequencies,
    #[serde(default)]
    pub(super) model: Model,
    /// The kit's name: its markers count as typed, its dyes choose among `thresholds`.
    pub(super) kit: Option<String>,
    pub(super) sizes: Option<Sizes>,
    /// Markers to leave out.
    #[serde(default)]
    pub(super) leave_out: Vec<String>,
    #[serde(default)]
    pub(super) fit: Fit,
    pub(super) conservative: Option<Conservative>,
    /// How many random people to try in the place of the person of interest.
    #[serde(default)]
    pub(super) non_contributors: usize,
}

/// An unknown contributor who is related to somebody.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RelatedUnknown {
    /// A number from 1, or [`INSTEAD`].
    pub(super) unknown: Who,
    pub(super) relation: Relation,
    /// A reference's id, or the number of another unknown contributor.
    pub(super) to: Who,
}

/// Who stands in the place of the person of interest under the second hypothesis.
pub(super) const INSTEAD: &str = "instead";

/// Somebody by name or by number.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Who {
    Number(usize),
    Name(String),
}

/// Peaks of one amplification: in the file itself, or a sample of a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Replicate {
    pub(super) name: String,
    pub(super) markers: Option<BTreeMap<String, Vec<CasePeak>>>,
    pub(super) file: Option<String>,
    pub(super) sample: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CasePeak {
    pub(super) allele: String,
    pub(super) height: f64,
    pub(super) size: Option<f64>,
}

impl std::fmt::Debug for CasePeak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CasePeak(..)")
    }
}

/// A reference: in the file itself, or a sample of a table.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) genotypes: Option<BTreeMap<String, Vec<String>>>,
    pub(super) file: Option<String>,
    pub(super) sample: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Person({:?})", self.id)
    }
}

/// Allele frequencies: in the file itself, or a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Frequencies {
    pub(super) population: Option<String>,
    pub(super) file: Option<String>,
    pub(super) markers: Option<BTreeMap<String, BTreeMap<String, f64>>>,
}

/// Fragment lengths of a kit: in the file itself, or a table `marker,allele,size`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sizes {
    pub(super) file: Option<String>,
    pub(super) markers: Option<BTreeMap<String, BTreeMap<String, f64>>>,
}

/// What is modelled, and what the laboratory knows of its process.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Model {
    pub(super) degradation: bool,
    pub(super) back_stutter: bool,
    pub(super) forward_stutter: bool,
    pub(super) double_back_stutter: bool,
    pub(super) height_by_replicate: bool,
    pub(super) theta: f64,
    pub(super) drop_in: f64,
    pub(super) drop_in_rate: f64,
    pub(super) minimum_frequency: Option<f64>,
    /// Analytical threshold, RFU.
    pub(super) threshold: f64,
    /// The same for single dyes, by the kit's name of the dye.
    pub(super) thresholds: BTreeMap<String, f64>,
    /// What single markers have of their own.
    pub(super) markers: BTreeMap<String, OwnModel>,
}

/// What a marker has of its own; the rest is that of all.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnModel {
    pub(super) theta: Option<f64>,
    pub(super) drop_in: Option<f64>,
    pub(super) drop_in_rate: Option<f64>,
    pub(super) threshold: Option<f64>,
}

impl Default for Model {
    fn default() -> Self {
        let usual = super::Settings::default();
        Self {
            degradation: usual.degradation,
            back_stutter: usual.back_stutter,
            forward_stutter: usual.forward_stutter,
            double_back_stutter: usual.double_back_stutter,
            height_by_replicate: usual.height_by_replicate,
            theta: usual.theta,
            drop_in: usual.drop_in,
            drop_in_rate: usual.drop_in_rate,
            minimum_frequency: usual.minimum_frequency,
            threshold: 50.0,
            thresholds: BTreeMap::new(),
            markers: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fit {
    pub(super) starts: usize,
    pub(super) seed: u64,
}

impl Default for Fit {
    fn default() -> Self {
        let usual = super::FitOptions::default();
        Self { starts: usual.starts, seed: usual.seed }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Conservative {
    pub(super) draws: usize,
    pub(super) quantile: f64,
}

impl Default for Conservative {
    fn default() -> Self {
        let usual = super::Sampling::default();
        Self { draws: usual.draws, quantile: usual.quantile }
    }
}

/// Reads the values of a document; errors of serde name the field.
pub(super) fn parse(value: &Value) -> Result<CaseFile, super::MixtureError> {
    let bad = |at: &str, reason: String| super::MixtureError::BadCase { at: at.to_owned(), reason };
    let file: CaseFile = serde_json::from_value(value.clone()).map_err(|error| {
        bad("the document", format!("{}; see docs/dna/mixture.schema.json", without_values(&error)))
    })?;
    if file.format != CASE_FORMAT {
        return Err(bad("format", format!("it must be {CASE_FORMAT}")));
    }
    Ok(file)
}

/// serde's own words show what it found, which may be an allele: kept is what comes before.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("invalid type") || text.starts_with("invalid value") {
        let expected = text.split_once(", expected ").map_or("another kind of value", |(_, expected)| expected);
        return format!("a value is not what it should be: expected {expected}");
    }
    text
}

#[cfg(test)]
mod tests;
