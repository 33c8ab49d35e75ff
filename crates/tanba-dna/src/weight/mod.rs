//! What evidence weighs: likelihood ratios of two profiles, lineage markers by counting and by models, confidence.

mod beta;
mod counting;
mod discrete_laplace;
mod haplotype;
mod populations;
mod rarity;
mod related;
mod relation;
mod same_source;
mod two;

pub use counting::{BrennerKappa, HaplotypeCount};
pub(crate) use discrete_laplace::uniform;
pub use discrete_laplace::{Cluster, DiscreteLaplace, HaplotypeSample, Repeats};
pub use haplotype::HaplotypeWeight;
pub(crate) use haplotype::all_but;
pub use populations::{PopulationRange, ProbabilityInterval};
pub use rarity::{
    Formula, LocusProbability, MatchProbability, genotype_probability, marked_probability, match_probability,
};
pub use relation::{Kappa, Relation};
pub(crate) use two::{Given, next_allele};
pub use two::{Hypothesis, LocusLr, Mutation, ParentRole, TwoPeople};
