//! `tanba bench log`: how many entries the log takes a second so that they outlive a crash, and how long a proof takes.
//!
//! Entries are integrated in groups into the tiles of a folder, every file synchronized as always; beside it, in the same folder and
//! run, the same entries go to one plain file that is synchronized after each. Proofs are made in a log whose tiles of hashes
//! were written without synchronizing, because that takes minutes and says nothing of proofs; what is read is in the page cache.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use tanba_registry::tile_dir::TileDir;
use tanba_seal::log::{LogSigner, TILE_WIDTH, TileStore, TlogProof, integrate};
use tanba_seal::{KdfParams, KeyRing};

use crate::console::Console;
use crate::party;

/// The size of an entry: what an entry of the register has, roughly.
const ENTRY_BYTES: usize = 600;

/// Entries integrated at once where a large log is made: full bundles.
const BATCH: u64 = 1024 * TILE_WIDTH as u64;

/// Options of `tanba bench log`.
#[derive(Args)]
pub(crate) struct Log {
    /// The folder, on the disk that is to be measured, in which a folder is made and removed.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Entries of the large log.
    #[arg(long, default_value_t = 10_000_000)]
    entries: u64,
    /// Proofs made in it.
    #[arg(long, default_value_t = 2_000)]
    proofs: u64,
    /// Seconds for each size of a group.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Entries in a group; once for each size.
    #[arg(long = "group", value_name = "N", default_values_t = [1_u64, 16, 64, 256, 1024])]
    groups: Vec<u64>,
}

/// Median, and what 99 of 100 stay below, in microseconds.
struct Times {
    median: f64,
    most: f64,
}

impl Log {
    /// Measures.
    pub(crate) fn run(&self, console: &Console) -> anyhow::Result<()> {
        let folder = tempfile::tempdir_in(&self.dir).with_context(|| self.dir.display().to_string())?;
        let passphrase = "nothing is kept that it protects";
        let (_, ring) = KeyRing::create(passphrase, &[], "bench.example", KdfParams::MINIMUM, &mut party::entropy)?;
        let signer = ring.log_signer();

        let plain = self.plain(&folder.path().join("plain"))?;
        let mut text = format!("{plain:.0} entries a second, one plain file synchronized after each");
        let mut groups = Vec::new();
        for group in &self.groups {
            let rate = self.in_groups(&folder.path().join(format!("log-{group}")), &signer, (*group).max(1))?;
            // Writing to a string cannot fail.
            let _ =
                write!(text, "\n{rate:.0} entries a second in groups of {group}: {:.2} times as many", rate / plain);
            groups.push(json!({"group": group, "entries_per_s": rate, "ratio": rate / plain}));
        }
        let (made, checked) = self.proofs(&folder.path().join("large"), &signer)?;
        let _ = write!(
            text,
            "\na proof among {} entries is made in {:.0} us (99 of 100 within {:.0}), checked in {:.0} us ({:.0})",
            self.entries, made.median, made.most, checked.median, checked.most
        );
        let times = |times: &Times| json!({"median_us": times.median, "p99_us": times.most});
        let answer = json!({
            "plain_entries_per_s": plain,
            "groups": groups,
            "entries": self.entries,
            "proof_made": times(&made),
            "proof_checked": times(&checked),
        });
        console.answer(&answer, text);
        Ok(())
    }

    /// Entries a second in one file that is synchronized after each.
    fn plain(&self, path: &Path) -> io::Result<f64> {
        let mut file = File::create(path)?;
        self.rate(1, |first| {
            file.write_all(&entry(first))?;
            file.sync_data()
        })
    }

    /// Entries a second in a log, in groups.
    fn in_groups(&self, path: &Path, signer: &LogSigner, group: u64) -> anyhow::Result<f64> {
        let mut log = TileDir::open_for_writing(path)?;
        self.rate(group, |first| {
            let entries: Vec<_> = (first..first + group).map(entry).collect();
            integrate(&mut log, signer, first, &entries).map(drop)
        })
        .map_err(Into::into)
    }

    /// Writes groups of `group` entries for the time that is given; entries a second.
    fn rate<E>(&self, group: u64, mut write: impl FnMut(u64) -> Result<(), E>) -> Result<f64, E> {
        let (start, limit) = (Instant::now(), Duration::from_secs(self.seconds));
        let mut count = 0;
        while start.elapsed() < limit {
            write(count)?;
            count += group;
        }
        Ok(count as f64 / start.elapsed().as_secs_f64())
    }

    fn proofs(&self, path: &Path, signer: &LogSigner) -> anyhow::Result<(Times, Times)> {
        let mut tiles = Unsynced { root: path.to_owned() };
        let mut size = 0;
        while size < self.entries {
            let next = self.entries.min(size + BATCH);
            let entries: Vec<Vec<u8>> = (size..next).map(short).collect();
            integrate(&mut tiles, signer, size, &entries)?;
            size = next;
        }
        let log = TileDir::open(path);
        let (mut made, mut checked) = (Vec::new(), Vec::new());
        for proof in 0..self.proofs {
            // Spread over the whole log, and never two neighbours.
            let index = proof.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size;
            let start = Instant::now();
            let proof = TlogProof::make(&log, signer.verifier(), index)?;
            made.push(start.elapsed());
            let start = Instant::now();
            proof.verify(signer.verifier(), &short(index))?;
            checked.push(start.elapsed());
        }
        Ok((Times::of(made), Times::of(checked)))
    }
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |share: f64| {
            let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
            times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
        };
        Self { median: at(0.5), most: at(0.99) }
    }
}

fn entry(index: u64) -> Vec<u8> {
    let mut entry = short(index);
    entry.resize(ENTRY_BYTES, b'.');
    entry
}

fn short(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

/// Tiles of hashes in a folder, not synchronized; bundles of entries are left out, which no proof needs.
struct Unsynced {
    root: PathBuf,
}

impl TileStore for Unsynced {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.root.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        if path.starts_with("tile/entries/") {
            return Ok(());
        }
        let path = self.root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)
    }

    fn remove(&mut self, path: &str) -> io::Result<()> {
        match fs::remove_dir_all(self.root.join(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn list(&self, _: &mut dyn FnMut(&str)) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
