//! Mixtures: what a stain of several people weighs for and against a person's having contributed.
//!
//! The model is the continuous one of gamma peak heights (Cowell, Graversen, Lauritzen and Mortera 2015; Bleka, Storvik and Gill
//! 2016): degradation, back and forward stutter, drop-out, drop-in, coancestry, replicates, known contributors. The sum over the
//! genotypes of the unknown is exact and goes allele by allele, never by enumeration. docs/dna/mixtures.md has every formula.
//!
//! ```text
//! MarkerEvidence + Reference + Settings -> Evidence      checked once
//! Evidence + Hypothesis -> Likelihood                    compiled: positions, chains, steps
//! Likelihood + Parameters -> ln likelihood per marker    [`Likelihood::at`]
//! Likelihood -> Fit                                      maximum likelihood from several starts
//! ```

mod compile;
mod draw;
mod error;
mod evidence;
mod fit;
mod heights;
mod hypothesis;
mod likelihood;
mod optimise;
mod parameters;
mod qualitative;
mod special;
mod sum;
mod transitions;
pub mod vectors;

use crate::Allele;

pub use error::MixtureError;
pub use evidence::{
    Evidence, MAX_ALLELES, MAX_CONTRIBUTORS, MAX_MARKERS, MAX_REPLICATES, MAX_UNKNOWNS, MarkerEvidence, Peak,
    Reference, Settings,
};
pub use fit::{Fit, FitOptions, LikelihoodRatio, SAME_MAXIMUM};
pub use hypothesis::{Contributor, Hypothesis};
pub use likelihood::{Likelihood, MarkerLikelihoods};
pub use parameters::Parameters;
pub use qualitative::{DropOutFit, Qualitative};
