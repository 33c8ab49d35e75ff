//! Tests of keys, envelopes and the log, from outside.

mod crash;
mod destroy;
mod formats;
mod hostile;
mod keyd;
mod lent;
mod log_cycle;
mod log_keys;
mod merkle;
mod oracle;
mod own_index;
mod policy;
mod post_quantum;
mod pruning;
mod sanction;
mod seal_cycle;
mod tamper;
mod witness;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// Repeatable bytes for tests.
pub(crate) fn entropy(seed: u64) -> impl FnMut(&mut [u8]) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    move |out: &mut [u8]| rng.fill_bytes(out)
}
