//! Case files: what a laboratory writes down, in TOML or JSON.
//!
//! The form is published as `docs/dna/case.schema.json`, which a test holds against these types. A case names a table of
//! frequencies or carries them; reading the named file is for the caller, who hands it to [`CaseFile::kinship`] or
//! [`CaseFile::dvi`].

mod build;
pub mod familias;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use build::CasePedigree;

/// What a file must call its form.
pub const FORMAT: &str = "tanba-dna-case/1";

/// A case file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// The form of the file: `tanba-dna-case/1`.
    pub format: String,
    /// What the case is called in the report.
    #[serde(default)]
    pub title: String,
    /// The coancestry coefficient theta, at least 0 and below 1.
    #[serde(default)]
    pub theta: f64,
    /// Where frequencies come from.
    #[serde(default)]
    pub frequencies: Frequencies,
    /// How every marker mutates that has no model of its own; nothing mutates where this is missing.
    #[serde(default)]
    pub mutation: Option<Mutation>,
    /// Markers that carry their own frequencies or settings, by name.
    #[serde(default)]
    pub markers: BTreeMap<String, MarkerEntry>,
    /// Groups of linked markers; all others are independent.
    #[serde(default)]
    pub linked: Vec<LinkedEntry>,
    /// Genotypes: person, marker, alleles (two; one or twice the same for a homozygote and for a male on X; one and `F` or `?` where
    /// the other may have been lost).
    #[serde(default)]
    pub profiles: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Hypotheses of a kinship case, at least two.
    #[serde(default)]
    pub hypotheses: Vec<HypothesisEntry>,
    /// The name of the hypothesis that the others are held against; the last one where this is missing.
    #[serde(default)]
    pub against: Option<String>,
    /// Unidentified persons of a disaster.
    #[serde(default)]
    pub victims: Vec<VictimEntry>,
    /// Families that miss somebody.
    #[serde(default)]
    pub families: Vec<FamilyEntry>,
}

/// Where frequencies come from, and what is done where a table has gaps.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Frequencies {
    /// A table of frequencies, a path beside the case file.
    #[serde(default)]
    pub file: Option<String>,
    /// The population, where the table has several.
    #[serde(default)]
    pub population: Option<String>,
    /// The frequency of alleles that the table does not have; such an allele is an error where this is missing.
    #[serde(default)]
    pub unseen: Option<f64>,
    /// What is done where the frequencies of a marker do not add up to 1.
    #[serde(default)]
    pub sum: SumRule,
}

/// What is done where frequencies do not add up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SumRule {
    /// It is an error.
    #[default]
    Refuse,
    /// What is missing is one more allele, called `rest`.
    Rest,
    /// All are divided by their sum.
    Scale,
}

/// Mutation in fathers and mothers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    /// Of fathers.
    pub male: MutationEntry,
    /// Of mothers.
    pub female: MutationEntry,
}

/// A mutation model. Rates are probabilities for one meiosis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum MutationEntry {
    /// Nothing mutates.
    None {},
    /// Every other allele is as likely.
    Equal {
        /// Probability of a mutation.
        rate: f64,
    },
    /// In proportion to the frequencies.
    Proportional {
        /// Expected probability of a mutation.
        rate: f64,
    },
    /// By whole repeats; a rate of its own to microvariants.
    Stepwise {
        /// Probability of a mutation by whole repeats.
        rate: f64,
        /// Probability of a mutation to or from a microvariant.
        #[serde(default)]
        rate2: f64,
        /// How much less likely each further step is.
        range: f64,
    },
    /// By places on the ladder, so that frequencies stay as they are.
    StepwiseStationary {
        /// Expected probability of a mutation.
        rate: f64,
        /// How much less likely each further step is.
        range: f64,
    },
    /// To the neighbours on the ladder.
    Onestep {
        /// Probability of a mutation.
        rate: f64,
    },
    /// A matrix: a row for each allele of the parent; rows and columns in the order of the alleles as texts (`10` before `9`).
    Custom {
        /// The rows.
        matrix: Vec<Vec<f64>>,
    },
}

/// A marker's own settings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MarkerEntry {
    /// Frequencies by allele, in place of those of the table.
    #[serde(default)]
    pub alleles: Option<BTreeMap<String, f64>>,
    /// Whether it lies on the X chromosome.
    #[serde(default)]
    pub x: bool,
    /// The frequency of a silent allele; the others are multiplied by 1 minus it.
    #[serde(default)]
    pub silent: Option<f64>,
    /// Its mutation.
    #[serde(default)]
    pub mutation: Option<Mutation>,
}

/// Markers that lie close together on one chromosome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkedEntry {
    /// Two to eight markers, in the order in which they lie on the chromosome.
    pub markers: Vec<String>,
    /// The recombination fraction between each marker and the next, at least 0 and at most 0.5: the mean of both sexes, on X that of
    /// mothers.
    pub recombination: Vec<f64>,
}

/// A person of a pedigree. Parents are named both or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    /// The id; profiles use it.
    pub id: String,
    /// The father's id.
    #[serde(default)]
    pub father: Option<String>,
    /// The mother's id.
    #[serde(default)]
    pub mother: Option<String>,
    /// Sex.
    #[serde(default)]
    pub sex: SexEntry,
}

/// Sex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SexEntry {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Not known.
    #[default]
    Unknown,
}

/// A hypothesis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HypothesisEntry {
    /// A short name, such as `H1`.
    pub name: String,
    /// What it says, in words, for the report.
    #[serde(default)]
    pub text: String,
    /// Its probability beforehand, up to a common factor.
    #[serde(default = "one")]
    pub prior: f64,
    /// Everybody in it, typed or not; unrelated persons too.
    pub persons: Vec<PersonEntry>,
    /// Groups of identical twins, by id. A direct reference sample is the twin of its person.
    #[serde(default)]
    pub twins: Vec<Vec<String>>,
}

fn one() -> f64 {
    1.0
}

/// An unidentified person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VictimEntry {
    /// The id of the sample; profiles use it.
    pub id: String,
    /// Sex.
    #[serde(default)]
    pub sex: SexEntry,
}

/// A family that misses somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FamilyEntry {
    /// Its name.
    pub name: String,
    /// Its members, the missing ones among them.
    pub persons: Vec<PersonEntry>,
    /// Groups of identical twins, by id. A direct reference sample is the twin of its person.
    #[serde(default)]
    pub twins: Vec<Vec<String>>,
    /// Ids of those who are missing.
    pub missing: Vec<String>,
}
