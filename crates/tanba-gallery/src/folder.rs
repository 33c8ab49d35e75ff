//! Where an archive keeps its files, as far as it needs to know.

/// Why a folder did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// No room is left.
    #[error("no room is left on the disk: free some, or move the gallery; searches go on meanwhile")]
    Full,
    /// There is no such file.
    #[error("the file is not there")]
    Missing,
    /// The file is there, and its content cannot be got out of it: damaged, or sealed under a key that is not at hand.
    #[error("the file cannot be opened: {0}")]
    Sealed(String),
    /// Anything else.
    #[error("the disk failed: {0}")]
    Failed(String),
}

/// A folder of named files, each of which is encrypted under a key of its own by whoever implements this. Nothing here asks for more than
/// single files: what belongs together is put together by [`Archive`](crate::Archive).
pub trait Folder: Send + Sync {
    /// Names of the files, in any order.
    ///
    /// # Errors
    /// [`FolderError::Failed`].
    fn names(&self) -> Result<Vec<String>, FolderError>;

    /// The content of a file.
    ///
    /// # Errors
    /// [`FolderError::Missing`]; [`FolderError::Sealed`] for a file that does not open.
    fn read(&self, name: &str) -> Result<zeroize::Zeroizing<Vec<u8>>, FolderError>;

    /// Writes a file, or puts another content in its place: durable when this returns, and at any moment before the file is as it was or as it
    /// will be, also when power fails.
    ///
    /// # Errors
    /// [`FolderError::Full`] where no room is left; the file is as it was, or as it should be, then.
    fn write(&self, name: &str, content: &[u8]) -> Result<(), FolderError>;

    /// Removes a file and destroys its key first, so that no copy of it opens again. Nothing where there is no such file.
    ///
    /// # Errors
    /// [`FolderError::Failed`]; the file is there, or its key destroyed, then.
    fn remove(&self, name: &str) -> Result<(), FolderError>;
}
