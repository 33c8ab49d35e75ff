//! The key process: no log, no key.
//!
//! A register that holds its own key-encryption keys can look without leaving a trace, whatever its code says. So the keys
//! go to a second party, the [`Keyd`], which knows nothing of persons and demands, for every data key that it unwraps,
//! a proof that the look is already an entry of the log that everyone sees:
//!
//! 1. a [`TlogProof`](crate::log::TlogProof) of the entry in a checkpoint that the [`Policy`](crate::log::Policy) accepts,
//!    so that witnesses have seen it, and not too long ago;
//! 2. that this checkpoint extends the one that was relied on last: a log that forks or goes back is refused;
//! 3. that the entry is of that place in the log, recent, not a denial, not used before, for a purpose whose rule names
//!    the key's domain; and that its commitment to the records looked at opens to the record of every key asked for.
//!
//! Whatever it releases is an entry of a log of its own, durable before the keys leave; its state is nothing but that log,
//! read from the beginning. A stop ordered by the supervisor's key is lifted by that key alone.
//!
//! Everything here is pure: the time (POSIX seconds) and the store are arguments. What it does not do yet, and who may do
//! what while a part is away, is in `docs/seal/keys.md`.

mod error;
mod keeper;
mod look;
mod order;
mod request;
mod state;

pub use error::KeydError;
pub use keeper::{Keyd, Rules, found_keyd};
pub use look::{Opening, commit_records};
pub use order::{Order, OrderKind};
pub use request::{KeyPlace, Release, ReleasedKey, WantedKey};
pub use state::Standing;
