//! Checking a bundle with nothing but the log's public key, and an earlier bundle where there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tanba_seal::log::{
    Checkpoint, Hash, LOG_KEYS_PATH, LogVerifier, TileStore as _, each_entry, fsck, open_statement, prove_consistency,
    read_checkpoint, verify_consistency,
};

use super::{ANSWERED, At, BUNDLE, Bundle, FORMAT, LOG, MANIFEST};
use crate::journal::hex;
use crate::law_files::set_hash;
use crate::returns::{LeafHead, Returns, count_leaf, differences};
use crate::tile_dir::TileDir;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditReport {
    /// No fault at all.
    pub ok: bool,
    /// Entries of the log.
    pub size: u64,
    /// The root over them, in base64.
    pub root: String,
    /// Sets of law that were put into use.
    pub laws: usize,
    /// Changes of the law that nobody has acknowledged.
    pub waiting: usize,
    /// Sanctions that were entered.
    pub sanctions: usize,
    /// Breaches that are not closed.
    pub open_breaches: usize,
    /// Notes that nobody has answered.
    pub open_notes: usize,
    /// What is wrong, each with its part.
    pub faults: Vec<String>,
}

/// Checks a bundle: its signature, every byte, the whole log, the returns counted again, the law with its acknowledgements, that nothing of it was
/// left out, and that it extends an earlier bundle of the same register. Whose cosignatures the log has is the caller's to check.
pub fn verify_audit(dir: &Path, verifier: &LogVerifier, earlier: Option<&Path>) -> AuditReport {
    let mut report = AuditReport::default();
    if let Err(fault) = check(dir, verifier, earlier, &mut report) {
        report.faults.push(fault);
    }
    report.ok = report.faults.is_empty();
    report
}

type Checked<T> = Result<T, String>;

fn check(dir: &Path, verifier: &LogVerifier, earlier: Option<&Path>, report: &mut AuditReport) -> Checked<()> {
    for entry in fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))? {
        let name = entry.map_err(|e| e.to_string())?.file_name().to_string_lossy().into_owned();
        if ![MANIFEST, BUNDLE, LOG].contains(&name.as_str()) {
            report.faults.push(format!("{name}: no file of a bundle"));
        }
    }
    // A key that the log had before or since is followed by what lies in the bundle.
    let keys = TileDir::open(&dir.join(LOG)).read(LOG_KEYS_PATH).map_err(|e| format!("{LOG}/{LOG_KEYS_PATH}: {e}"))?;
    let verifier = match &keys {
        Some(keys) => &verifier.following(keys).map_err(|e| format!("{LOG}/{LOG_KEYS_PATH}: {e}"))?,
        None => verifier,
    };
    let (stated, hash, keys_hash) = manifest(dir, verifier)?;
    if keys_hash != hex(&Sha256::digest(keys.unwrap_or_default())) {
        return Err(format!("{LOG}/{LOG_KEYS_PATH}: it is not the one that was signed"));
    }
    (report.size, report.root) = (stated.size, stated.root.to_string());
    let text = read(dir, BUNDLE)?;
    if hex(&Sha256::digest(&text)) != hash {
        return Err(format!("{BUNDLE}: it is not the one that was signed"));
    }
    let bundle: Bundle = serde_json::from_slice(&text).map_err(|e| format!("{BUNDLE}: {e}"))?;
    if bundle.format != FORMAT || bundle.origin != verifier.name() {
        return Err(format!("{BUNDLE}: it is of another format or log"));
    }
    let tiles = TileDir::open(&dir.join(LOG));
    let checked = fsck(&tiles, verifier, None).map_err(|e| format!("{LOG}: {e}"))?;
    report.faults.extend(checked.faults.iter().map(|fault| format!("{LOG}/{}: {}", fault.path, fault.what)));
    let checkpoint = read_checkpoint(&tiles, verifier).map_err(|e| format!("{LOG}: {e}"))?;
    if checkpoint.as_ref() != Some(&stated) {
        return Err(format!("{LOG}/checkpoint: it is not the one that the manifest names"));
    }
    let mut returns = if checked.minimum > 0 { bundle.pruned_returns.clone() } else { Returns::new() };
    let mut answered: BTreeMap<&str, BTreeMap<u64, i64>> = BTreeMap::new();
    each_entry(&tiles, checked.minimum..stated.size, |seq, leaf| {
        if let Some(head) = LeafHead::parse(leaf) {
            count_leaf(&mut returns, &head);
            if let Some(event) = ANSWERED.into_iter().find(|event| *event == head.event) {
                answered.entry(event).or_default().insert(seq, head.time);
            }
        }
        Ok(())
    })
    .map_err(|e| format!("{LOG}: {e}"))?;
    let differ = differences(&bundle.returns, &returns);
    let told = differ.iter().map(|d| format!("returns: {} {} is {} and {} by the log", d.day, d.what, d.rows, d.log));
    report.faults.extend(told);
    law(&bundle, checked.minimum, &answered, &mut report.faults);
    report.laws = bundle.activations.len();
    report.waiting = bundle.deliveries.iter().filter(|delivery| delivery.acknowledged.is_none()).count();
    report.sanctions = bundle.sanctions.len();
    report.open_breaches = bundle.breaches.iter().filter(|breach| breach.closed_at.is_none()).count();
    report.open_notes = bundle.open_notes.len();
    if let Some(earlier) = earlier {
        extends(&bundle, (&tiles, &stated), verifier, earlier, &mut report.faults)?;
    }
    Ok(())
}

/// What the manifest says: the log's size and root, and the hashes of the bundle and of the log's keys.
fn manifest(dir: &Path, verifier: &LogVerifier) -> Checked<(Checkpoint, String, String)> {
    let refuse = |what: &str| format!("{MANIFEST}: {what}");
    let text = open_statement(verifier, &read(dir, MANIFEST)?).map_err(|e| refuse(&e.to_string()))?;
    let mut lines = text.lines();
    if lines.next() != Some(FORMAT) {
        return Err(refuse("it is of another format"));
    }
    let mut value = |name: &str| {
        let line = lines.next().and_then(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(str::to_owned).ok_or_else(|| refuse(&format!("the line `{name}` is missing")))
    };
    let (origin, size, root) = (value("log")?, value("size")?, value("root")?);
    let (hash, keys) = (value("bundle")?, value("keys")?);
    let size = size.parse().map_err(|_| refuse("the size is no number"))?;
    let root = Hash::from_base64(&root).ok_or_else(|| refuse("the root is no hash"))?;
    Ok((Checkpoint { origin, size, root }, hash, keys))
}

/// Every set is what its hash says, each was acknowledged before it counted, and whatever the log has of all this is in the bundle. Of what
/// lies before the log's minimum index the bundle alone speaks.
fn law(bundle: &Bundle, minimum: u64, answered: &BTreeMap<&str, BTreeMap<u64, i64>>, faults: &mut Vec<String>) {
    for (hash, files) in &bundle.law {
        if set_hash(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))) != *hash {
            faults.push(format!("law: the files of {hash} are others"));
        }
    }
    for (event, told) in [
        ("law.delivered", bundle.deliveries.iter().map(|delivery| delivery.delivered).collect::<Vec<_>>()),
        ("law.acknowledged", bundle.deliveries.iter().filter_map(|delivery| delivery.acknowledged).collect()),
        ("law.activated", bundle.activations.iter().map(|activation| activation.at).collect()),
        ("sanction.entered", bundle.sanctions.iter().map(|sanction| sanction.entered).collect()),
        ("breach.opened", bundle.breaches.iter().map(|breach| breach.opened).collect()),
    ] {
        let told: BTreeMap<u64, i64> =
            told.into_iter().filter(|at| at.seq >= minimum).map(|At { seq, time }| (seq, time.micros())).collect();
        if Some(&told).filter(|told| !told.is_empty()) != answered.get(event) {
            faults.push(format!("{event}: the bundle names other entries than the log has"));
        }
    }
    for activation in &bundle.activations {
        let delivery = bundle.deliveries.iter().find(|delivery| Some(delivery.delivered.seq) == activation.delivery);
        let lawful = match (activation.delivery, delivery) {
            // The law of the founding, before anything was delivered.
            (None, _) => bundle.deliveries.iter().all(|delivery| delivery.delivered.seq > activation.at.seq),
            (Some(_), Some(delivery)) => delivery.acknowledged.is_some_and(|ack| {
                delivery.set == activation.set && ack.seq < activation.at.seq && ack.time < activation.at.time
            }),
            (Some(_), None) => false,
        };
        if !lawful {
            faults.push(format!(
                "law: {} counted at {} without an acknowledgement before it",
                activation.set, activation.at.seq
            ));
        }
    }
    let sets: BTreeSet<&String> =
        bundle.deliveries.iter().map(|d| &d.set).chain(bundle.activations.iter().map(|a| &a.set)).collect();
    if sets != bundle.law.keys().collect() {
        faults.push("law: sets are missing or too many".to_owned());
    }
}

/// The bundle goes on where an earlier one of the same register ended.
fn extends(
    bundle: &Bundle,
    (tiles, now): (&TileDir, &Checkpoint),
    verifier: &LogVerifier,
    earlier: &Path,
    faults: &mut Vec<String>,
) -> Checked<()> {
    let of_earlier = |what: String| format!("earlier bundle: {what}");
    let (then, hash, _) = manifest(earlier, verifier).map_err(of_earlier)?;
    let text = read(earlier, BUNDLE).map_err(of_earlier)?;
    if hex(&Sha256::digest(&text)) != hash {
        return Err(of_earlier(format!("{BUNDLE} is not the one that was signed")));
    }
    let before: Bundle = serde_json::from_slice(&text).map_err(|e| of_earlier(e.to_string()))?;
    let proved = prove_consistency(tiles, then.size, now.size)
        .and_then(|proof| verify_consistency(then.size, now.size, &then.root, &now.root, &proof));
    if let Err(why) = proved {
        faults.push(format!("{LOG}: it does not extend the earlier bundle's: {why}"));
    }
    if before.activations.iter().any(|activation| !bundle.activations.contains(activation)) {
        faults.push("law: what counted in the earlier bundle is not in this one".to_owned());
    }
    // A sanction's hash may be gone with its words, and is never another one.
    for sanction in before.sanctions.iter().filter(|sanction| sanction.hash.is_some()) {
        let now = bundle.sanctions.iter().find(|one| one.entered == sanction.entered);
        if now.is_none_or(|now| now.hash.is_some() && now.hash != sanction.hash) {
            faults.push(format!("sanctions: the one at {} is another", sanction.entered.seq));
        }
    }
    Ok(())
}

fn read(dir: &Path, name: &str) -> Checked<Vec<u8>> {
    fs::read(dir.join(name)).map_err(|e| format!("{name}: {e}"))
}
