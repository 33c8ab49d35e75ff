//! One profile against many: columns of bytes in memory, kernels over blocks of 64 rows, and what a search is to find by chance.
//!
//! ```text
//! Profile --insert--> Columns (two bytes a locus, column after column) --Filter, 64 rows at once--> survivors
//! survivors --ProfileComparison, exactly--> hits                        (by match rule)
//! Columns --LrTable, one number per locus and genotype--> sums --again in f64--> leads   (by likelihood ratio)
//! ```

mod by_lr;
mod chance;
mod columns;
mod database;
mod filter;
mod lr_table;
mod pruem;
mod tail;
#[cfg(test)]
mod tests;

pub use by_lr::{Lead, LrAnswer, LrBound, LrSearch};
pub use chance::AdventitiousHits;
pub use database::{Database, Hit, SearchAnswer, SpecimenId};
pub use pruem::{PruemAnswer, PruemHit, PruemMatch, PruemRule, TwoValueProfile};
pub use tail::LeadsExpected;
