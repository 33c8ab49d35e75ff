//! Where the log's files lie: a trait, and a version in memory.

use std::{collections::BTreeMap, io};

use super::{LogError, MAX_ENTRY_BYTES, TILE_WIDTH};

/// The longest file that a log can have: a full bundle of the longest entries, 16,777,472 bytes.
pub const MAX_FILE_BYTES: usize = TILE_WIDTH * (2 + MAX_ENTRY_BYTES);

/// A place that holds the log's files under relative paths with `/`.
///
/// Paths given to it are those of [`TilePath`](super::TilePath), [`CHECKPOINT_PATH`](super::CHECKPOINT_PATH) and
/// [`VERIFIER_KEY_PATH`](super::VERIFIER_KEY_PATH), never anything from outside.
pub trait TileStore {
    /// The file's bytes, or `None` if there is none. Of a file longer than [`MAX_FILE_BYTES`], which is none of the
    /// log's, only the first `MAX_FILE_BYTES + 1` bytes, so that it fails every check without filling memory.
    ///
    /// # Errors
    /// Any failure except that the file does not exist.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// Creates or replaces a file, atomically and durably: when this returns, the new bytes survive a loss of power,
    /// and until then a reader sees the old bytes, whole.
    ///
    /// # Errors
    /// Any failure; the old file, if any, must then still be there.
    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Removes the file `path`, or the folder with everything in it, if it exists. Need not be durable.
    ///
    /// # Errors
    /// Any failure except that it does not exist.
    fn remove(&mut self, path: &str) -> io::Result<()>;

    /// Calls `visit` with the path of every file there is, in any order, including files that are none of the log's.
    ///
    /// # Errors
    /// Any failure: a listing must not be silently incomplete.
    fn list(&self, visit: &mut dyn FnMut(&str)) -> io::Result<()>;
}

/// A [`TileStore`] in memory, for tests and for trying a log out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryStore {
    /// The files by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl TileStore for MemoryStore {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.files.get(path).cloned())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn remove(&mut self, path: &str) -> io::Result<()> {
        let prefix = format!("{path}/");
        self.files.retain(|name, _| name != path && !name.starts_with(&prefix));
        Ok(())
    }

    fn list(&self, visit: &mut dyn FnMut(&str)) -> io::Result<()> {
        self.files.keys().for_each(|path| visit(path));
        Ok(())
    }
}

/// Reads a file, with the path in the error.
pub(super) fn read(store: &impl TileStore, path: &str) -> Result<Option<Vec<u8>>, LogError> {
    store.read(path).map_err(|source| LogError::Store { path: path.to_owned(), source })
}

/// Writes a file, with the path in the error.
pub(super) fn write(store: &mut impl TileStore, path: &str, bytes: &[u8]) -> Result<(), LogError> {
    store.write(path, bytes).map_err(|source| LogError::Store { path: path.to_owned(), source })
}
