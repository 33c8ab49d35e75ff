//! A folder with a key ring of its own, for the parties beside the register: a witness, a key process, a supervisor.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use tanba_registry::tile_dir::TileDir;
use tanba_seal::log::{LogVerifier, TileStore as _, leaf_hash, log_of_keys};
use tanba_seal::{KdfParams, KeyRing, SealError, Token};
use zeroize::Zeroizing;

use crate::{input, secret};

/// The key file, within the folder.
const KEY_FILE: &str = "keys.json";

/// The files of logs' keys that were learned, within the folder.
const LOG_KEYS: &str = "log-keys";

/// Makes the folder, which holds none yet, with new keys under a new passphrase.
pub(crate) fn found(dir: &Path, name: &str, domains: &[&str], kdf: KdfParams) -> anyhow::Result<KeyRing> {
    found_with(None, dir, name, domains, kdf)
}

/// As [`found`], with the key-encryption keys in `token` if there is one.
pub(crate) fn found_with(
    token: Option<Arc<dyn Token>>,
    dir: &Path,
    name: &str,
    domains: &[&str],
    kdf: KdfParams,
) -> anyhow::Result<KeyRing> {
    if dir.join(KEY_FILE).exists() {
        bail!("{} holds keys already: choose another --dir", dir.display());
    }
    let passphrase = secret::given_or_new("TANBA_PASSPHRASE", "passphrase of the key file")?;
    let (file, ring) = match token {
        None => KeyRing::create(&passphrase, domains, name, kdf, &mut entropy)?,
        Some(token) => KeyRing::create_in_token(token, &passphrase, domains, name, kdf, &mut entropy)?,
    };
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    // The folder also holds the socket of a key process: nobody else is to reach into it.
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    TileDir::open_for_writing(dir)?.write(KEY_FILE, &file).with_context(|| format!("cannot write {KEY_FILE}"))?;
    Ok(ring)
}

/// Opens the keys of a folder with the passphrase that is given or typed.
pub(crate) fn open(dir: &Path) -> anyhow::Result<KeyRing> {
    open_with(None, dir)
}

/// As [`open`], with the key-encryption keys in `token` if there is one.
pub(crate) fn open_with(token: Option<Arc<dyn Token>>, dir: &Path) -> anyhow::Result<KeyRing> {
    Ok(open_and_passphrase(token, dir)?.0)
}

/// Changes the keys of a folder, and writes the key file before anything can be wrapped with the changed keys.
pub(crate) fn change<T>(
    token: Option<Arc<dyn Token>>,
    dir: &Path,
    change: impl FnOnce(&mut KeyRing) -> Result<T, SealError>,
) -> anyhow::Result<T> {
    let _lock = lock(dir)?;
    let (mut ring, passphrase) = open_and_passphrase(token, dir)?;
    let changed = change(&mut ring)?;
    write_anew(&ring, &passphrase, dir)?;
    Ok(changed)
}

/// As [`open_with`], in a folder that this process has locked; and with a key for each group of specimens where an older version made one for
/// all genetic data. Whether any was made: the key file is written before it is used.
pub(crate) fn open_with_groups(token: Option<Arc<dyn Token>>, dir: &Path) -> anyhow::Result<(KeyRing, bool)> {
    let (mut ring, passphrase) = open_and_passphrase(token, dir)?;
    let made = tanba_registry::add_group_keys(&mut ring)?;
    if made {
        write_anew(&ring, &passphrase, dir)?;
    }
    Ok((ring, made))
}

fn write_anew(ring: &KeyRing, passphrase: &str, dir: &Path) -> anyhow::Result<()> {
    let file = ring.rewrap(passphrase, KdfParams::RECOMMENDED, &mut entropy)?;
    TileDir::open_for_writing(dir)?.write(KEY_FILE, &file).with_context(|| format!("cannot write {KEY_FILE}"))
}

fn open_and_passphrase(token: Option<Arc<dyn Token>>, dir: &Path) -> anyhow::Result<(KeyRing, Zeroizing<String>)> {
    let path = dir.join(KEY_FILE);
    let file = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let passphrase = match secret::given("TANBA_PASSPHRASE")? {
        Some(passphrase) => passphrase,
        None if secret::can_ask() => secret::ask("Passphrase of the key file")?,
        None => bail!("give the passphrase in TANBA_PASSPHRASE or in a file named by TANBA_PASSPHRASE_FILE"),
    };
    let ring = match token {
        None => KeyRing::open(&file, &passphrase),
        Some(token) => KeyRing::open_in_token(token, &file, &passphrase),
    };
    Ok((ring.with_context(|| path.display().to_string())?, passphrase))
}

/// Random bytes of the operating system.
pub(crate) fn entropy(out: &mut [u8]) {
    getrandom::fill(out).expect("the operating system gives random numbers");
}

/// Held as long as this process works in the folder: two would each go on from what they remember.
pub(crate) fn lock(dir: &Path) -> anyhow::Result<File> {
    let path: PathBuf = dir.join("lock");
    let lock = File::create(&path).with_context(|| format!("cannot open {}", path.display()))?;
    if lock.try_lock().is_err() {
        bail!("{} is open in another process: stop that one first", dir.display());
    }
    Ok(lock)
}

/// Logs with the keys that they have had, from the files given now and those that this party was given before: they are kept in
/// its folder, and a line of keys that was learned once is never another one.
pub(crate) fn learn_log_keys(dir: &Path, logs: &mut [LogVerifier], given: &[PathBuf]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut kept = TileDir::open_for_writing(&dir.join(LOG_KEYS))?;
    let place =
        |origin: &str| leaf_hash(origin.as_bytes()).0.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut files = Vec::new();
    for log in logs.iter_mut() {
        if let Some(file) = kept.read(&place(log.name()))? {
            *log = log.following(&file).with_context(|| dir.join(LOG_KEYS).display().to_string())?;
            files.push(file);
        }
    }
    for path in given {
        let file = input::read_file(path)?;
        let origin = log_of_keys(&file).with_context(|| path.display().to_string())?;
        let mut known = false;
        for log in logs.iter_mut().filter(|log| log.name() == origin) {
            *log = log.following(&file).with_context(|| path.display().to_string())?;
            known = true;
        }
        if !known {
            bail!("{}: these are the keys of the log {origin}, and no key of it is trusted here", path.display());
        }
        // One that says less than is known changes nothing.
        if kept.read(&place(&origin))?.is_none_or(|before| file.starts_with(&before)) {
            kept.write(&place(&origin), &file)?;
            files.push(file);
        }
    }
    Ok(files)
}

/// POSIX seconds.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
