//! Transactions and profiles: the readers' own examples, which their tests begin with too.

use tanba_formats::{ansi_nist, genetic};

use crate::Seed;

/// A transaction goes to both encodings' targets: each reads the other's.
pub fn seeds() -> Vec<Seed> {
    let transactions = ansi_nist::build::examples();
    let both = |bytes: Vec<u8>| [("ansi_nist", bytes.clone()), ("ansi_nist_xml", bytes)];
    transactions.into_iter().flat_map(both).chain(genetic::examples::seeds()).collect()
}
