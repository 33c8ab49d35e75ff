//! What evidence weighs: likelihood ratios of two profiles, lineage markers by counting and by models, confidence.

mod relation;
mod same_source;
mod two;

pub use relation::{Kappa, Relation};
pub(crate) use two::next_allele;
pub use two::{Hypothesis, LocusLr, Mutation, ParentRole, TwoPeople};
