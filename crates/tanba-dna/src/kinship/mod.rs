//! Kinship: what genotypes say about who is related to whom.
//!
//! ```text
//! Marker (alleles, frequencies, mutation) + Pedigree + genotypes -> LikelihoodEngine -> ln likelihood, one marker or one group of linked markers at a time
//! ```
//!
//! Exact: every likelihood is a finite sum, carried out by eliminating one variable after the other. Formulas and worked
//! examples: `docs/dna/kinship.md`.

pub mod case;
mod descent;
mod draw;
pub mod dvi;
mod eliminate;
mod error;
mod hypothesis;
mod ibd;
mod likelihood;
mod linked;
mod marker;
mod model;
mod mutation;
mod network;
mod pedigree;
mod plan;
mod power;
mod theta;

pub(crate) use descent::{Descent, MutationPowers};
pub use draw::{MAX_DRAWN, draw};
pub use error::KinshipError;
pub use hypothesis::{Hypothesis, KinshipAnswer, KinshipCase, TypedPerson};
pub use ibd::IbdStates;
pub use likelihood::LikelihoodEngine;
pub use linked::Linkage;
pub use marker::{AllelePair, Inheritance, MAX_ALLELES, Marker};
pub use mutation::{MutationMatrix, MutationModel};
pub use pedigree::{MAX_PERSONS, Pedigree, Person, Sex};
pub use power::{Power, PowerQuestion, power};

/// A person of a pedigree, for tests.
#[cfg(test)]
pub(crate) fn person(id: &str, parents: Option<(&str, &str)>, sex: Sex) -> Person {
    Person { id: id.into(), father: parents.map(|p| p.0.into()), mother: parents.map(|p| p.1.into()), sex }
}
