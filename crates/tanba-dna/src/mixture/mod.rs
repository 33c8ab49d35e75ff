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

mod case;
mod check;
mod compile;
mod conservative;
mod deconvolve;
mod draw;
mod error;
mod evidence;
mod fit;
mod heights;
mod hypothesis;
mod ladder;
mod likelihood;
mod noncontributors;
mod optimise;
mod parameters;
mod plot;
mod qualitative;
pub mod report;
mod simulate;
#[cfg(test)]
mod slow;
mod special;
mod sum;
#[cfg(test)]
mod tests;
mod transitions;
pub mod vectors;
mod ways;

use crate::Allele;

pub use case::{CASE_FORMAT, MixtureCase};
pub use check::{ModelCheck, PeakCheck};
pub use conservative::{Chain, ConservativeRatio, Sampling};
pub use deconvolve::{Deconvolution, GenotypePosterior};
pub use error::MixtureError;
pub use evidence::{
    Evidence, MAX_ALLELES, MAX_CONTRIBUTORS, MAX_MARKERS, MAX_REPLICATES, MAX_UNKNOWNS, MarkerEvidence, OwnSettings,
    Peak, Reference, Settings,
};
pub use fit::{Fit, FitOptions, LikelihoodRatio, SAME_MAXIMUM};
pub use hypothesis::{Contributor, Hypothesis, Kin, Question, Related, Relative};
pub use likelihood::{Likelihood, MarkerLikelihoods};
pub use noncontributors::{MAX_NONCONTRIBUTORS, NonContributors};
pub use parameters::Parameters;
pub use plot::{electropherogram, model_check_plot};
pub use qualitative::{DropOutFit, Qualitative};
