//! The list of erased keys: what was erased stays erased when a backup of the database comes back.
//!
//! Erasing destroys a key, and a backup of the database has the key still. So the folder holds a list beside the database, `erased`,
//! which is never set back with it: one line for each destroyed key, a keyed hash of whose and which it was, that says nothing to
//! anyone without the key file. At a start, keys that the database has and the list names are destroyed again, before
//! anything is opened. A copy of the list is kept at a second place, because a folder may be restored as a whole.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use sqlx::Row as _;

use crate::error::{RegistryError, Result};
use crate::journal::{Entry, hex};
use crate::registry::Registry;
use crate::store::WriteTx;

/// First line of a list.
const HEADER: &str = "tanba erased keys v1\n";
/// A line: 32 bytes in hexadecimal digits, and its end.
const LINE: usize = 65;

/// Where the list is, and how far it has followed the database.
pub(crate) struct ErasedKeys {
    places: Vec<PathBuf>,
    /// The latest destruction that is on the list, and which ones happened at that instant.
    followed: (i64, HashSet<String>),
}

impl ErasedKeys {
    /// The list of a data folder, and its copy.
    pub(crate) fn of(dir: &Path, copy: Option<&Path>) -> Self {
        let places = std::iter::once(dir.join("erased")).chain(copy.map(Path::to_owned)).collect();
        Self { places, followed: (i64::MIN, HashSet::new()) }
    }
}

/// What a list names; an end that was cut off in the middle of a line is no line.
fn read(path: &Path) -> Result<HashSet<String>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(HashSet::new()),
        Err(e) if e.kind() == ErrorKind::InvalidData => return Err(damaged()),
        Err(e) => return Err(e.into()),
    };
    let Some(lines) = text.strip_prefix(HEADER) else {
        return if HEADER.starts_with(&text) { Ok(HashSet::new()) } else { Err(damaged()) };
    };
    let lines = lines.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let well_formed = |line: &str| line.len() == LINE && line[..LINE - 1].bytes().all(|b| b.is_ascii_hexdigit());
    lines.map(|line| well_formed(line).then(|| line[..LINE - 1].to_owned()).ok_or_else(damaged)).collect()
}

fn damaged() -> RegistryError {
    RegistryError::DataFolder {
        what: "has a list of erased keys that is damaged".to_owned(),
        next: "put back the file `erased`, or its copy, as it was: without it, what was erased could come back",
    }
}

/// Appends lines, durably, after the last whole one.
fn append(path: &Path, lines: &[String]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let (begin, whole) = match length.checked_sub(HEADER.len()) {
        Some(rest) => ("", HEADER.len() + rest / LINE * LINE),
        None => (HEADER, 0),
    };
    file.set_len(whole as u64)?;
    file.seek(SeekFrom::End(0))?;
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    file.write_all(format!("{begin}{lines}").as_bytes())?;
    file.sync_all()?;
    if whole == 0
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

impl Registry {
    /// What a key is on the list.
    fn tombstone(&self, owner: &str, domain: &str) -> String {
        hex(&self.inner.vault.blind("erased-key", format!("{domain}/{owner}").as_bytes()))
    }

    /// At a start: has both lists and the database agree. Whatever one of them knows as destroyed is destroyed, and on every list.
    pub(crate) async fn erase_again(&self) -> Result<()> {
        let mut list = self.inner.erased.lock().await;
        let listed: Vec<HashSet<String>> = list.places.iter().map(|place| read(place)).collect::<Result<_>>()?;
        let mut all: HashSet<String> = listed.iter().flatten().cloned().collect();
        let (mut known, mut followed) = self.destroyed_since(i64::MIN).await?;
        // The usual start: nothing is to be looked for among the keys of millions.
        if all.iter().any(|stone| !known.contains(stone)) {
            self.destroy_listed(&all).await?;
            (known, followed) = self.destroyed_since(i64::MIN).await?;
        }
        list.followed = followed;
        all.extend(known);
        for (place, listed) in list.places.iter().zip(&listed) {
            let missing: Vec<String> = all.difference(listed).cloned().collect();
            if !missing.is_empty() {
                append(place, &missing)?;
            }
        }
        Ok(())
    }

    /// Every key that was destroyed from an instant on; and the latest instant of a destruction, with those of it.
    async fn destroyed_since(&self, at: i64) -> Result<(HashSet<String>, (i64, HashSet<String>))> {
        let rows = sqlx::query(
            "SELECT owner_id, domain, destroyed_at FROM data_keys WHERE destroyed_at IS NOT NULL AND destroyed_at >= $1",
        )
        .bind(at)
        .fetch_all(&self.inner.pool)
        .await?;
        let (mut all, mut latest) = (HashSet::with_capacity(rows.len()), (i64::MIN, HashSet::new()));
        for row in &rows {
            let stone = self.tombstone(&row.try_get::<String, _>("owner_id")?, &row.try_get::<String, _>("domain")?);
            let at: i64 = row.try_get("destroyed_at")?;
            if at > latest.0 {
                latest = (at, HashSet::new());
            }
            if at == latest.0 {
                latest.1.insert(stone.clone());
            }
            all.insert(stone);
        }
        Ok((all, latest))
    }

    /// Destroys the keys that the list names and the database has.
    async fn destroy_listed(&self, listed: &HashSet<String>) -> Result<()> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        let held =
            sqlx::query("SELECT owner_id, domain FROM data_keys WHERE wrapped IS NOT NULL").fetch_all(tx.sql()).await?;
        let mut keys = 0_u64;
        for row in &held {
            let (owner, domain): (String, String) = (row.try_get("owner_id")?, row.try_get("domain")?);
            if !listed.contains(&self.tombstone(&owner, &domain)) {
                continue;
            }
            sqlx::query("UPDATE data_keys SET wrapped = NULL, destroyed_at = $1 WHERE owner_id = $2 AND domain = $3")
                .bind(now)
                .bind(owner)
                .bind(domain)
                .execute(tx.sql())
                .await?;
            keys += 1;
        }
        if keys > 0 {
            tx.commit(&Entry::system("keys.destroyed_again").purpose("retention").details(json!({"keys": keys})))
                .await?;
            tracing::warn!(keys, "a backup was restored: what was erased since it was made is erased again");
        }
        Ok(())
    }

    /// Puts on the lists what was destroyed since the last call.
    pub(crate) async fn list_erased(&self) -> Result<()> {
        let mut list = self.inner.erased.lock().await;
        let (all, latest) = self.destroyed_since(list.followed.0).await?;
        let lines: Vec<String> = all.difference(&list.followed.1).cloned().collect();
        if lines.is_empty() {
            return Ok(());
        }
        for place in &list.places {
            append(place, &lines)?;
        }
        list.followed = latest;
        Ok(())
    }
}
