//! Disaster victims: unidentified persons (post mortem) against families that miss somebody (ante mortem).
//!
//! ```text
//! DviCase -> pair_table    every victim as every missing person: likelihood ratio, and how many markers exclude
//!         -> Joint::new    all assignments of victims to missing persons together: likelihoods, posteriors, best ones
//!         -> solve         undisputed pairs first, then what the joint assignments add; sets where brothers or sisters are alike
//! ```
//!
//! An assignment lets each victim be one missing person or nobody of them, and no missing person be two victims. Families have
//! nothing to do with each other, so its likelihood is a product over families; sums and maxima over all assignments are carried
//! out family by family, and the table of all assignments is never needed. With theta above 0 each family has a gene pool of its own,
//! which it shares with the victims that are held against it.
//!
//! Method: Vigeland, Egeland, *Joint DNA-based disaster victim identification*, Scientific Reports 11 (2021) 13661.

mod case;
mod draw;
mod joint;
mod pairs;
mod solve;

pub use case::{DviCase, Family, Victim};
pub use draw::DviPicture;
pub use joint::{Assignment, Joint, JointLimits};
pub use pairs::{MutationUse, PairTable, pair_table};
pub use solve::{Conclusion, Finding, Solution, SolveRules, solve};

#[cfg(test)]
mod tests;
