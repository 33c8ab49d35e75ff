//! The transparency log's files in a directory.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Component, Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use tanba_seal::log::{MAX_FILE_BYTES, TileStore};

/// Files being written, before they are renamed to their place; left-overs of a crash are never read.
const UNFINISHED: &str = ".unfinished";

/// Numbers the unfinished files of this process.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A log's folder on disk: `checkpoint`, `tile/...` and `log.vkey` under a root.
///
/// A write goes to a file aside, which is synchronised, renamed to its place, and made durable by synchronising the
/// folders. One process writes at a time; any number may read.
#[derive(Debug, Clone)]
pub struct TileDir {
    root: PathBuf,
}

impl TileDir {
    /// The log at `root`, for reading. Nothing is touched; a folder that does not exist is an empty log.
    #[must_use]
    pub fn open(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The log at `root`, for writing: makes the folder if need be and clears what an interrupted write has left.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open_for_writing(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        let mut dir = Self::open(root);
        dir.remove(UNFINISHED)?;
        Ok(dir)
    }

    fn locate(&self, path: &str) -> io::Result<PathBuf> {
        let relative = Path::new(path);
        let plain = relative.components().all(|c| matches!(c, Component::Normal(_)));
        if path.is_empty() || !plain {
            return Err(io::Error::new(ErrorKind::InvalidInput, "not a path within the log"));
        }
        Ok(self.root.join(relative))
    }

    /// Makes the folder `path` and every missing one above it, durably.
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let above = path.parent().ok_or(ErrorKind::NotFound)?;
        self.make_folder(above)?;
        match fs::create_dir(path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        sync_folder(above)
    }

    fn visit_folder(&self, folder: &Path, relative: &str, visit: &mut dyn FnMut(&str)) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            // Removed since it was listed.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if relative.is_empty() && entry.file_name() == OsStr::new(UNFINISHED) {
                continue;
            }
            let name = format!("{relative}{}", entry.file_name().to_string_lossy());
            // A link to a folder is not followed: it is listed as what it is, a stray file.
            if entry.file_type()?.is_dir() {
                self.visit_folder(&entry.path(), &format!("{name}/"), visit)?;
            } else {
                visit(&name);
            }
        }
        Ok(())
    }
}

impl TileStore for TileDir {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let path = self.locate(path)?;
        let about = match fs::metadata(&path) {
            // Under a plain file there is no file either.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            about => about?,
        };
        // Opening a pipe would wait for someone to write to it.
        if !about.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "not a plain file"));
        }
        let file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let target = self.locate(path)?;
        let unfinished = self.root.join(UNFINISHED);
        self.make_folder(&unfinished)?;
        let temporary = unfinished.join(format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        let folder = target.parent().ok_or(ErrorKind::InvalidInput)?;
        self.make_folder(folder)?;
        fs::rename(&temporary, &target)?;
        sync_folder(folder)
    }

    fn remove(&mut self, path: &str) -> io::Result<()> {
        let path = self.locate(path)?;
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn list(&self, visit: &mut dyn FnMut(&str)) -> io::Result<()> {
        self.visit_folder(&self.root, "", visit)
    }
}

/// Makes the entries of a folder durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use tanba_seal::{
        KdfParams, KeyRing,
        log::{MemoryStore, fsck, integrate},
    };

    use super::*;

    #[test]
    fn a_log_on_disk_has_the_files_of_one_in_memory_and_passes_fsck() {
        let root = tempfile::tempdir().unwrap();
        let mut count = 0_u8;
        let mut entropy = |out: &mut [u8]| {
            for byte in out {
                count = count.wrapping_mul(5).wrapping_add(1);
                *byte = count;
            }
        };
        let (_, ring) =
            KeyRing::create("a test passphrase", &["image"], "log.example", KdfParams::MINIMUM, &mut entropy).unwrap();
        let signer = ring.log_signer();
        let mut dir = TileDir::open_for_writing(&root.path().join("data/log")).unwrap();
        let mut memory = MemoryStore::default();
        for (first, count) in [(0, 0), (0, 200), (200, 100)] {
            let entries: Vec<Vec<u8>> = (first..first + count).map(|i| format!("entry {i}").into_bytes()).collect();
            integrate(&mut dir, &signer, first, &entries).unwrap();
            integrate(&mut memory, &signer, first, &entries).unwrap();
        }
        let mut on_disk = MemoryStore::default();
        dir.list(&mut |path| {
            on_disk.files.insert(path.to_owned(), dir.read(path).unwrap().unwrap());
        })
        .unwrap();
        assert_eq!(on_disk, memory);
        assert!(fsck(&dir, signer.verifier(), None).unwrap().ok);

        // What a killed writer leaves aside is no fault, and goes when the next one starts.
        let left = root.path().join("data/log").join(UNFINISHED).join("1-0");
        fs::create_dir_all(left.parent().unwrap()).unwrap();
        fs::write(&left, b"half a ti").unwrap();
        assert!(fsck(&dir, signer.verifier(), None).unwrap().ok);
        TileDir::open_for_writing(&root.path().join("data/log")).unwrap();
        assert!(!left.exists());
    }

    #[test]
    fn paths_outside_the_log_are_refused_and_a_missing_log_is_empty() {
        let root = tempfile::tempdir().unwrap();
        let dir = TileDir::open(&root.path().join("none"));
        for path in ["", "../secret", "/etc/hostname", "tile/../../x", "./checkpoint"] {
            assert_eq!(dir.read(path).unwrap_err().kind(), ErrorKind::InvalidInput, "{path}");
        }
        assert_eq!(dir.read("checkpoint").unwrap(), None);
        dir.list(&mut |path| panic!("{path} in an empty log")).unwrap();
    }

    #[test]
    fn a_file_longer_than_any_of_a_log_is_cut() {
        let root = tempfile::tempdir().unwrap();
        let file = File::create(root.path().join("checkpoint")).unwrap();
        file.set_len(1 << 40).unwrap();
        let bytes = TileDir::open(root.path()).read("checkpoint").unwrap().unwrap();
        assert_eq!(bytes.len(), MAX_FILE_BYTES + 1);
    }
}
