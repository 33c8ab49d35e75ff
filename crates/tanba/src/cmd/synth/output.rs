//! Files that are whole or not there, and work that can be stopped.
//!
//! Every file is written beside its place under a name that ends in `.part`, and moved there when its last byte is on the disk.
//! A full disk, an error or Ctrl-C removes the part; a killed process can leave one, and the next run overwrites it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};

/// Bytes gathered before they go to the file.
const BUFFER: usize = 1 << 18;

/// A file under way. Dropped before [`Self::finish`], it leaves nothing.
pub(crate) struct OutFile {
    writer: Option<BufWriter<File>>,
    part: PathBuf,
    path: PathBuf,
}

impl OutFile {
    /// Begins a file at this place.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        if path.is_dir() {
            bail!("cannot write {}, which is a folder: give the name of a file", path.display());
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { writer: Some(BufWriter::with_capacity(BUFFER, file)), part, path: path.to_owned() })
    }

    /// Puts the whole file in its place.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        let failed = || format!("cannot write {}; is the disk full?", self.path.display());
        let writer = self.writer.take().context("the file is finished only once")?;
        writer.into_inner().map_err(io::IntoInnerError::into_error).with_context(failed)?;
        std::fs::rename(&self.part, &self.path).with_context(failed)
    }

    /// Writes these bytes, and puts the whole file in its place.
    pub(crate) fn finish_with(mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.write_all(bytes).with_context(|| format!("cannot write {}; is the disk full?", self.path.display()))?;
        self.finish()
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.as_mut().map_or(Ok(0), |w| w.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for OutFile {
    fn drop(&mut self) {
        // After `finish` the part is no longer there, and this does nothing.
        if self.writer.take().is_some() || self.part.exists() {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// A small file at once.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    OutFile::create(path)?.finish_with(bytes)
}

/// Makes the folder if it is not there, and finds out whether files can be made in it: before the work, not after it.
pub(crate) fn make_writable_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    // Dropped unfinished, it leaves nothing.
    OutFile::create(&folder.join("probe"))
        .map(drop)
        .with_context(|| format!("no files can be made in the folder {}: give another", folder.display()))
}

/// The name of standard output on the command line.
const STDOUT: &str = "-";

/// Where one long run of bytes goes.
pub(crate) enum Destination {
    /// A file that is whole or not there.
    File(OutFile),
    /// A pipe or device that is there already, which gets the bytes as they come.
    Special(File),
    /// Standard output.
    Stdout(Stdout),
}

impl Destination {
    /// Opens it; `-` is standard output, unless that is a terminal.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        if path == Path::new(STDOUT) {
            let stdout = io::stdout();
            if stdout.is_terminal() {
                bail!("standard output is a terminal, which shows no bytes: give a file, or send them into a program");
            }
            return Ok(Self::Stdout(stdout));
        }
        // A file beside a pipe, moved over it, would be no pipe any more.
        if std::fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir()) {
            let opened = OpenOptions::new().write(true).open(path);
            return opened.map(Self::Special).with_context(|| format!("cannot write {}", path.display()));
        }
        OutFile::create(path).map(Self::File)
    }

    /// What to call it in an error.
    pub(crate) fn named(path: &Path) -> impl std::fmt::Display {
        if path == Path::new(STDOUT) { Path::new("standard output").display() } else { path.display() }
    }

    /// After the last byte.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        match self {
            Self::File(file) => file.finish(),
            Self::Special(_) | Self::Stdout(_) => Ok(self.flush()?),
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::File(file) => file,
            Self::Special(file) => file,
            Self::Stdout(stdout) => stdout,
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

/// Whether somebody pressed Ctrl-C. The first time ends the work between two files; the second ends the program at once.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Begins to listen.
    pub(crate) fn listen() -> Self {
        let flag = Arc::new(AtomicBool::new(false));
        let set = Arc::clone(&flag);
        std::thread::spawn(move || {
            // Without a runtime or a signal handler, Ctrl-C ends the program as it always does.
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
            runtime.block_on(async {
                while tokio::signal::ctrl_c().await.is_ok() {
                    if set.swap(true, Ordering::Relaxed) {
                        std::process::exit(130);
                    }
                }
            });
        });
        Self(flag)
    }

    /// Whether somebody has pressed it.
    pub(crate) fn pressed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error once somebody has pressed it: to be asked before each piece of work.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        if self.pressed() {
            bail!(
                "interrupted; every file that is there is whole, and the same command with --resume makes the others"
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let mut begun = OutFile::create(&path).unwrap();
        begun.write_all(b"half").unwrap();
        drop(begun);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        write(&path, b"whole").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let missing = Path::new("/nonexistent-folder/a.json");
        assert!(write(missing, b"x").unwrap_err().to_string().contains("/nonexistent-folder/a.json"));
        let folder = tempfile::tempdir().unwrap();
        assert!(write(folder.path(), b"x").unwrap_err().to_string().contains("is a folder"));
        make_writable_folder(&folder.path().join("a/b")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path().join("a/b")).unwrap().count(), 0);
        write(&folder.path().join("file"), b"x").unwrap();
        assert!(make_writable_folder(&folder.path().join("file")).is_err());
    }
}
