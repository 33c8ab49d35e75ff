//! The checkpoint with cosignatures, beside the newest one: what a log with witnesses shows to the world.
//!
//! [`integrate`](super::integrate) signs a checkpoint at once, and witnesses answer later or not at all. So the last one
//! that a quorum has cosigned has a file of its own, which is replaced only by a later one: while witnesses are away, what
//! they have seen before remains provable.

use super::{
    CHECKPOINT_PATH, LOG_KEYS_PATH, LogError, Policy, TileStore, WITNESSED_PATH, Witnessed, checkpoint::Checkpoint,
    note::Note, store,
};

/// Stores a checkpoint with its cosignatures, if it satisfies the policy.
///
/// # Errors
/// [`LogError::NotWitnessed`] or [`LogError::BadCheckpoint`] by the policy; [`LogError::OutOfRange`] if it lies beyond what
/// is published, [`LogError::BadCheckpoint`] if a larger one is stored already, or another one of this size: nothing was
/// written then. [`LogError::Store`].
pub fn publish_witnessed(store: &mut impl TileStore, policy: &Policy, note: &[u8]) -> Result<Witnessed, LogError> {
    let refuse = |what| LogError::BadCheckpoint { what };
    let witnessed = with_keys(store, policy)?.check(note)?;
    let new = &witnessed.checkpoint;
    let published = head(store, CHECKPOINT_PATH)?.ok_or(refuse("this store has no checkpoint"))?;
    if new.size > published.size {
        return Err(LogError::OutOfRange { asked: new.size, size: published.size });
    }
    if new.size == published.size && new.root != published.root {
        return Err(refuse("it has another root than the published one of its size"));
    }
    if let Some(old) = head(store, WITNESSED_PATH)?
        && (old.size > new.size || (old.size == new.size && old.root != new.root))
    {
        return Err(refuse("a later one has been witnessed"));
    }
    store::write(store, WITNESSED_PATH, note)?;
    Ok(witnessed)
}

/// The stored checkpoint with its cosignatures, by a policy; `None` if none was stored yet.
///
/// # Errors
/// As [`Policy::check`]; [`LogError::Store`].
pub fn read_witnessed(store: &impl TileStore, policy: &Policy) -> Result<Option<Witnessed>, LogError> {
    let policy = with_keys(store, policy)?;
    store::read(store, WITNESSED_PATH)?.map(|note| policy.check(&note)).transpose()
}

/// A policy with the keys that the log in this store has had.
fn with_keys(store: &impl TileStore, policy: &Policy) -> Result<Policy, LogError> {
    let policy = policy.clone();
    match store::read(store, LOG_KEYS_PATH)? {
        Some(keys) => policy.following(&keys),
        None => Ok(policy),
    }
}

/// What a checkpoint of this log's own store says.
fn head(store: &impl TileStore, path: &str) -> Result<Option<Checkpoint>, LogError> {
    store::read(store, path)?.map(|note| Checkpoint::read(Note::parse(&note)?.text)).transpose()
}
