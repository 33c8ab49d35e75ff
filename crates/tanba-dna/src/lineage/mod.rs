//! Markers that are inherited unchanged along one line, and identity SNPs: Y-STR haplotypes and mitochondrial sequences.
//!
//! All of them go through the [`Panel`](crate::Panel) as autosomal loci do: where it does not permit them, they have no value here.

mod mitochondrial;
mod snp;
mod y_str;

pub use mitochondrial::{MtComparison, MtHaplotype, MtReference};
pub use snp::{Base, SnpComparison, SnpProfile};
pub use y_str::{YComparison, YHaplotype};
