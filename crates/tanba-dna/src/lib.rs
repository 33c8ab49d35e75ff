//! Forensic genetics: STR profiles, the loci that may be stored, match rules, exhaustive search, and what a match weighs.
//!
//! The way through it:
//!
//! ```text
//! text (JSON, CSV rows) + Panel -> Profile -> to_bytes -> (sealed and stored by others)
//! Profile + Category + Rule -> Database::search -> hits with a level per locus, and what was searched
//! Profile + TwoPeople (relation or drop-out, frequencies) -> Database::search_by_lr -> leads; leads_to_expect, before
//! Profile + FrequencyTable  -> match_probability -> how rare the shared profile is
//! lineage markers           -> HaplotypeCount, DiscreteLaplace -> how rare a haplotype is
//! typed people              -> survey -> a table of frequencies, with its checks
//! ```
//!
//! Pure: no clock, no randomness, no file and no socket. A locus outside the [`Panel`] is refused at the door, so that
//! nothing but the permitted identification loci can reach a store. `Debug` of a [`Profile`] and of a [`Genotype`] shows
//! counts, never alleles.

mod allele;
mod category;
mod error;
mod frequency;
pub mod kinship;
mod lineage;
mod locus;
pub mod mixture;
mod panel;
mod profile;
mod rule;
mod search;
mod sourced_rule;
mod stored;
pub mod survey;
mod text;
mod weight;
mod words;

pub use allele::{Allele, AlleleMark};
pub use category::{Category, Comparison, UnknownCategory};
pub use error::DnaError;
pub use frequency::{FrequencyTable, MinimumFrequency, Theta};
pub use lineage::{
    Apart, Base, Conclusion, Found, LENGTH_VARIANTS, MtComparison, MtHaplotype, MtReference, Sample, SnpComparison,
    SnpProfile, Tally, YComparison, YHaplotype,
};
pub use locus::{Locus, SexMarker};
pub use panel::Panel;
pub use profile::{Genotype, Profile};
pub use rule::{Agreement, LocusAgreement, ProfileComparison, Rule, Stringency};
pub use search::{
    AdventitiousHits, Database, Hit, Lead, LeadsExpected, LrAnswer, LrBound, LrSearch, PruemAnswer, PruemHit,
    PruemMatch, PruemRule, SearchAnswer, SpecimenId, TwoValueProfile,
};
pub use sourced_rule::{Confidence, FieldSource, SourcedRule};
pub use weight::{
    BrennerKappa, Cluster, DiscreteLaplace, Formula, HaplotypeCount, HaplotypeSample, HaplotypeWeight, Hypothesis,
    Kappa, LocusLr, LocusProbability, MatchProbability, Mutation, ParentRole, PopulationRange, ProbabilityInterval,
    Relation, Repeats, TwoPeople, genotype_probability, marked_probability, match_probability,
};
pub use words::verbal_support;
