//! The register's side of the key process: images that it opens only when the look is in the witnessed log, and everything
//! else that is about people only for a period that is in the witnessed log ([`period`]): what is read every day for the purpose of daily
//! operation, and the genetic data of a group for the purpose that needs it.
//!
//! Keys of images are wrapped by a key process that this program does not control (`tanba_seal::keyd`). To read, an entry
//! that commits to the records is written, published, and cosigned by the log's witnesses; with its proof the key process
//! is asked for the keys, and nothing is opened before it has answered. To write, a new key is made there and held in
//! memory for as long as its encounter is at the counter, so that captures wait for nobody's signature.
//!
//! Where a register has no key process, the same calls use its own key file.

mod held;
mod line;
mod looking;
mod moving;
mod period;

pub(crate) use held::HeldKeys;
pub use line::{Asked, KeyLine, KeyRefusal};
pub(crate) use looking::OpenedKeys;
pub use moving::MovedKeys;
pub use period::KEY_PERIOD_S;
pub(crate) use period::{KeyPeriod, Need};

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::error::{RegistryError, Result};
use crate::registry::Registry;
use crate::vault::Domain;

/// The kinds of data whose keys a key process holds, one for each record.
const KEPT: [Domain; 1] = [Domain::Image];

/// A key process that is spoken to.
pub(crate) struct KeyProcess {
    line: Arc<dyn KeyLine>,
    /// How long a look waits for the witnesses: they are asked at once, and a quorum that is not there by then is away.
    patience: Duration,
    /// The size of this log that it relied on last. Whoever asks for keys holds it, so that proofs of consistency follow
    /// each other.
    relied_on: Mutex<u64>,
}

impl Registry {
    /// Has a key process release the keys that are with it; a look waits for the log's witnesses no longer than `patience`.
    /// Call it once, before the register is used.
    ///
    /// # Errors
    /// [`RegistryError::Keys`] where it does not answer; invalid where the register's keys are with another one, or with
    /// none yet ([`Registry::move_keys_to`]), or where there is one already.
    pub async fn keep_keys_with(&self, line: Arc<dyn KeyLine>, patience: Duration) -> Result<()> {
        let standing = line.standing().await?;
        let invalid = |problem: String| RegistryError::Invalid { field: "keyd", problem };
        match self.key_process_named().await? {
            Some(name) if name == standing.name => {}
            Some(name) => {
                return Err(invalid(format!("this is {}, and the register's keys are with {name}", standing.name)));
            }
            None => {
                return Err(invalid(
                    "the register holds its keys itself: stop it and move them with `tanba keyd adopt`".to_owned(),
                ));
            }
        }
        let found = KeyProcess { line, patience, relied_on: Mutex::new(standing.relied_on) };
        self.inner.key_process.set(found).map_err(|_| invalid("there is one already".to_owned()))
    }

    /// The name of the key process that the register's keys are with.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn key_process_named(&self) -> Result<Option<String>> {
        Ok(sqlx::query_scalar("SELECT keyd FROM instance WHERE id = 1").fetch_one(&self.inner.pool).await?)
    }

    fn key_process(&self) -> Result<&KeyProcess> {
        self.inner.key_process.get().ok_or(RegistryError::Keys {
            code: "not_connected".to_owned(),
            why: "this register's keys are with a key process, and it was started without: start it with --keyd"
                .to_owned(),
        })
    }
}
