//! Markers that are inherited unchanged along one line, and identity SNPs: Y-STR haplotypes and mitochondrial sequences.
//!
//! All of them go through the [`Panel`](crate::Panel) as autosomal loci do: where it does not permit them, they have no value here.
//! Texts and stored bytes of each are in `text` and `stored`; [`Sample`] is people whose haplotypes are known, for counting and for
//! searching.

mod bases;
mod mitochondrial;
mod mt_compare;
mod mt_reference;
mod sample;
mod snp;
mod stored;
mod text;
mod y_str;

use serde::Serialize;

pub use mitochondrial::MtHaplotype;
pub use mt_compare::MtComparison;
pub use mt_reference::{LENGTH_VARIANTS, MtReference};
pub use sample::{Apart, Found, Sample, Tally};
pub use snp::{Base, SnpComparison, SnpProfile};
pub use y_str::{YComparison, YHaplotype};

/// What a comparison of two samples says of their coming from one person (or, for lineages, from one line).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Nothing was typed in both.
    NotComparable,
    /// They agree: the person, and everybody of the same line, is not excluded.
    NotExcluded,
    /// They differ by what one mutation or one lost allele makes.
    Inconclusive,
    /// They differ by more.
    Exclusion,
}
