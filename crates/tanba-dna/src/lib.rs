//! Forensic genetics: STR profiles, the loci that may be stored, match rules, exhaustive search, and what a match weighs.
//!
//! The way through it:
//!
//! ```text
//! text (JSON, CSV rows) + Panel -> Profile -> to_bytes -> (sealed and stored by others)
//! Profile + Category + Rule -> Database::search -> hits with a level per locus, and what was searched
//! Profile + FrequencyTable  -> match_probability -> how rare the shared profile is
//! ```
//!
//! Pure: no clock, no randomness, no file and no socket. A locus outside the [`Panel`] is refused at the door, so that
//! nothing but the permitted identification loci can reach a store. `Debug` of a [`Profile`] and of a [`Genotype`] shows
//! counts, never alleles.

mod allele;
mod category;
mod database;
mod error;
mod frequency;
pub mod kinship;
mod locus;
mod packed;
mod panel;
mod profile;
mod rule;
mod stored;
mod text;

pub use allele::{Allele, AlleleMark};
pub use category::{Category, Comparison, UnknownCategory};
pub use database::{Database, Hit, SearchAnswer, SpecimenId};
pub use error::DnaError;
pub use frequency::{
    Formula, FrequencyTable, LocusProbability, MatchProbability, MinimumFrequency, Theta, genotype_probability,
    match_probability,
};
pub use locus::{Locus, SexMarker};
pub use panel::Panel;
pub use profile::{Genotype, Profile};
pub use rule::{Agreement, LocusAgreement, ProfileComparison, Rule, Stringency};
