//! Writing the bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use tanba_seal::log::{TILE_WIDTH, TileKind, TilePath, TileStore, read_checkpoint, sign_statement};

use super::{Activation, At, AuditBundle, BUNDLE, Breach, Bundle, Delivery, FORMAT, LOG, MANIFEST, OpenNote, Sanction};
use crate::anomaly::AnomalyKind;
use crate::error::{RegistryError, Result};
use crate::journal::{Entry, hex};
use crate::keys::key_for_reading;
use crate::law_files::LawFiles;
use crate::registry::{Registry, log_folder};
use crate::rows;
use crate::signed_sanctions::note_field;
use crate::store::WriteTx;
use crate::tile_dir::TileDir;
use crate::time::Instant;
use crate::vault::Domain;

impl Registry {
    /// Writes the audit bundle into a folder that does not exist yet. That it was made is an entry of the log, and in it.
    ///
    /// # Errors
    /// A folder that is there; what cannot be read or written.
    pub async fn audit_bundle(&self, out: &Path) -> Result<AuditBundle> {
        if out.exists() {
            return Err(RegistryError::DataFolder {
                what: format!("{} is there already", out.display()),
                next: "name a folder for the bundle that does not exist yet",
            });
        }
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::system("audit.bundled").purpose("supervision").details(json!({}))).await?;
        self.publish().await?;
        // What is pruned in the rows is pruned in the copy.
        self.carry_out_pruning(&mut |_| Ok(())).await?;
        // Nothing is published while the log is copied.
        let turn = self.inner.publishing.lock().await;
        let signer = self.inner.vault.ring().log_signer();
        let tiles = TileDir::open(&log_folder(&self.inner.dir));
        let checkpoint = read_checkpoint(&tiles, &self.log_verifier())?;
        let checkpoint = checkpoint.ok_or(RegistryError::Damaged { what: "published log" })?;
        let (copy, size) = (out.join(LOG), checkpoint.size);
        let files = Self::aside(move || copy_log(&tiles, size, &copy)).await??;
        drop(turn);

        let bundle = self.bundle_of(size, signer.verifier().name()).await?;
        let text = serde_json::to_vec_pretty(&bundle).map_err(|_| RegistryError::Damaged { what: "audit bundle" })?;
        let root = checkpoint.root.to_string();
        let statement = format!(
            "{FORMAT}\nlog {}\nsize {size}\nroot {root}\nbundle {}\nkeys {}\n",
            signer.verifier().name(),
            hex(&Sha256::digest(&text)),
            hex(&Sha256::digest(self.shown_log_keys().await?.unwrap_or_default()))
        );
        fs::write(out.join(BUNDLE), text)?;
        fs::write(out.join(MANIFEST), sign_statement(&signer, &statement)?)?;
        Ok(AuditBundle { size, root, files: files + 2 })
    }

    async fn bundle_of(&self, size: u64, origin: &str) -> Result<Bundle> {
        let before = i64::try_from(size).unwrap_or(i64::MAX);
        let returns = self.returns_of_rows(size).await?;
        let (_, pruned_returns) = self.pruned_returns().await?;
        // The notes of a quarter; what is older was seen by the bundle before.
        let notes = self.unanswered(self.anomalies(self.now().plus_seconds(-92 * 24 * 3600)).await?).await?;
        // Whoever makes the bundle runs the register, and would know by the entries who is on the supervisor's list.
        let notes = notes.into_iter().filter(|note| note.kind != AnomalyKind::WatchedPerson);
        let open_notes = notes.map(|note| OpenNote { kind: note.kind, entries: note.entries });
        let open_notes = open_notes.filter(|note| note.entries.iter().all(|seq| *seq < size)).collect();
        let false_alarms = self.false_alarms().await?;
        let mut sql = self.inner.pool.begin().await?;
        let deliveries = deliveries(&mut sql, before).await?;
        let activations = activations(&mut sql, before).await?;
        let sets: BTreeSet<&String> =
            deliveries.iter().map(|d| &d.set).chain(activations.iter().map(|a| &a.set)).collect();
        let mut law = BTreeMap::new();
        for set in sets {
            let files = LawFiles::of_set(&mut sql, set).await?;
            let named = files.named().map(|(name, text)| (name.to_owned(), text.to_owned()));
            law.insert(set.clone(), named.collect());
        }
        Ok(Bundle {
            format: FORMAT.to_owned(),
            origin: origin.to_owned(),
            mode: self.mode(),
            made_at: self.now(),
            packs: self.law_in_use(),
            law,
            sanctions: self.hashes_of_sanctions(&mut sql, before).await?,
            breaches: breaches(&mut sql, before).await?,
            deliveries,
            activations,
            open_notes,
            false_alarms,
            returns,
            pruned_returns,
        })
    }

    async fn hashes_of_sanctions(&self, sql: &mut SqliteConnection, before: i64) -> Result<Vec<Sanction>> {
        let found = sqlx::query(
            "SELECT s.id, s.case_id, s.sealed_note, l.seq, l.happened_at FROM log_entries l JOIN sanctions s ON s.entered_at = l.happened_at \
             WHERE l.event = 'sanction.entered' AND l.seq < $1 ORDER BY l.seq",
        )
        .bind(before)
        .fetch_all(&mut *sql)
        .await?;
        let mut sanctions = Vec::new();
        for row in &found {
            let (id, case): (String, String) = (row.try_get("id")?, row.try_get("case_id")?);
            let sealed: Option<Vec<u8>> = row.try_get("sealed_note")?;
            let key = key_for_reading(&self.inner.vault, sql, &case, Domain::Case).await?;
            let note = key.zip(sealed).and_then(|(key, sealed)| {
                self.inner.vault.open(&key, Domain::Case, &case, &note_field(&id), &sealed).ok()
            });
            sanctions.push(Sanction {
                entered: at(row, "seq", "happened_at")?,
                hash: note.map(|n| hex(&Sha256::digest(&n[..]))),
            });
        }
        Ok(sanctions)
    }
}

/// Copies every file that a log of this size needs; gives how many. Partial tiles that were superseded say nothing more.
fn copy_log(tiles: &TileDir, size: u64, to: &Path) -> Result<u64> {
    let needed = |path: &str| {
        TilePath::parse(path).is_none_or(|tile| {
            let level = if let TileKind::Hashes(level) = tile.kind { u32::from(level) } else { 0 };
            let entries = size.checked_shr(8 * level).unwrap_or(0);
            tile.is_full() || u64::from(tile.width) == entries % TILE_WIDTH as u64
        })
    };
    let mut paths = Vec::new();
    tiles.list(&mut |path| paths.extend(needed(path).then(|| path.to_owned())))?;
    for path in &paths {
        let target = to.join(path);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::write(target, tiles.read(path)?.unwrap_or_default())?;
    }
    Ok(paths.len() as u64)
}

fn at(row: &sqlx::sqlite::SqliteRow, seq: &str, time: &str) -> Result<At> {
    Ok(At { seq: rows::number(row, seq)?, time: rows::instant(row, time)? })
}

async fn deliveries(sql: &mut SqliteConnection, before: i64) -> Result<Vec<Delivery>> {
    let found = sqlx::query("SELECT * FROM law_deliveries WHERE log_seq < $1 ORDER BY log_seq")
        .bind(before)
        .fetch_all(sql)
        .await?;
    found
        .iter()
        .map(|row| {
            let acknowledged = match row.try_get::<Option<i64>, _>("ack_seq")? {
                Some(seq) if seq < before => Some(at(row, "ack_seq", "acknowledged_at")?),
                _ => None,
            };
            Ok(Delivery { set: row.try_get("set_hash")?, delivered: at(row, "log_seq", "delivered_at")?, acknowledged })
        })
        .collect()
}

async fn activations(sql: &mut SqliteConnection, before: i64) -> Result<Vec<Activation>> {
    let found = sqlx::query("SELECT * FROM law_activations WHERE log_seq < $1 ORDER BY log_seq")
        .bind(before)
        .fetch_all(sql)
        .await?;
    found
        .iter()
        .map(|row| {
            let delivery = row.try_get::<Option<i64>, _>("delivery_seq")?.and_then(|seq| u64::try_from(seq).ok());
            Ok(Activation { set: row.try_get("set_hash")?, at: at(row, "log_seq", "activated_at")?, delivery })
        })
        .collect()
}

async fn breaches(sql: &mut SqliteConnection, before: i64) -> Result<Vec<Breach>> {
    // Several cases may be opened in one transaction: the how-manieth of an instant is the how-manieth entry of it.
    let opened = sqlx::query(
        "SELECT seq, happened_at FROM log_entries WHERE event = 'breach.opened' AND seq < $1 ORDER BY happened_at, seq",
    )
    .bind(before)
    .fetch_all(&mut *sql)
    .await?;
    let cases = sqlx::query("SELECT * FROM breach_cases ORDER BY opened_at, rowid").fetch_all(&mut *sql).await?;
    let mut breaches = Vec::new();
    for (entry, row) in opened.iter().zip(&cases) {
        let id: String = row.try_get("id")?;
        let steps = sqlx::query("SELECT step, taken_at FROM breach_steps WHERE breach_id = $1 ORDER BY taken_at")
            .bind(&id)
            .fetch_all(&mut *sql)
            .await?;
        let steps = steps.iter().map(|step| {
            let named = serde_json::from_value(json!(step.try_get::<String, _>("step")?));
            let named = named.map_err(|_| RegistryError::Damaged { what: "breach" })?;
            Ok((named, rows::instant(step, "taken_at")?))
        });
        let entries: Vec<i64> =
            sqlx::query_scalar("SELECT log_seq FROM breach_entries WHERE breach_id = $1 AND log_seq < $2 ORDER BY 1")
                .bind(&id)
                .bind(before)
                .fetch_all(&mut *sql)
                .await?;
        breaches.push(Breach {
            opened: at(entry, "seq", "happened_at")?,
            kind: serde_json::from_value(json!(row.try_get::<String, _>("kind")?))
                .map_err(|_| RegistryError::Damaged { what: "breach" })?,
            known_at: rows::instant(row, "known_at")?,
            due_at: rows::instant(row, "due_at")?,
            escalated_at: rows::instant_opt(row, "escalated_at")?,
            closed_at: rows::instant_opt(row, "closed_at")?,
            steps: steps.collect::<Result<Vec<(_, Instant)>>>()?,
            entries: entries.into_iter().filter_map(|seq| u64::try_from(seq).ok()).collect(),
        });
    }
    Ok(breaches)
}
