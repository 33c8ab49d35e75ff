//! `tanba log verify-own`: the proof that a person's entries are all, checked offline.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};
use tanba_seal::index::{OwnEntries, RecordEntries, RecordTold, Told};

use crate::cmd::cosigners::{self, Cosigners};
use crate::console::Console;
use crate::input;

/// Options of `tanba log verify-own`.
#[derive(Args)]
pub(crate) struct VerifyOwn {
    /// The file (tanba-own-entries/1).
    proof: PathBuf,
    /// The log's verifier key (name+hash+key). May be left out where a policy names the log.
    #[arg(long, value_name = "KEY", required_unless_present = "policy")]
    vkey: Option<String>,
    /// A file that was taken earlier: nothing of it may be missing now.
    #[arg(long, value_name = "FILE")]
    earlier: Option<PathBuf>,
    #[command(flatten)]
    cosigners: Cosigners,
}

/// What an entry says of itself, as far as it is told here.
#[derive(Deserialize)]
struct Entry {
    seq: u64,
    time: i64,
    event: String,
    outcome: String,
    purpose: String,
}

impl VerifyOwn {
    /// Runs it.
    pub(crate) fn run(&self, console: &Console) -> anyhow::Result<()> {
        let own = OwnEntries::parse(&input::read_file(&self.proof)?)?;
        let cosigned =
            if self.cosigners.asked() { self.cosigners.check(&own.published.checkpoint, None)? } else { Vec::new() };
        let told = self.verify(&own)?;
        if let Some(file) = &self.earlier {
            let earlier = OwnEntries::parse(&input::read_file(file)?).context("--earlier")?;
            self.verify(&earlier).context("--earlier")?;
            own.extends(&earlier).context("against --earlier")?;
        }
        let (mut json, mut human) = self.answer(&own, &told)?;
        if !cosigned.is_empty() {
            json["cosigned"] = cosigners::to_json(&cosigned);
            human += &format!("\n{}", cosigners::describe(&cosigned));
        }
        console.answer(&json, human);
        Ok(())
    }

    fn verify(&self, own: &OwnEntries) -> anyhow::Result<Told> {
        match (&self.vkey, self.cosigners.read()?) {
            (Some(key), _) => Ok(own.verify(&self.cosigners.trusted(key)?)?),
            (None, Some(policy)) => Ok(own.verify_witnessed(&policy)?),
            (None, None) => bail!("give the log's key with --vkey, or a policy that names the log with --policy"),
        }
    }

    fn answer(&self, own: &OwnEntries, told: &Told) -> anyhow::Result<(Value, String)> {
        let listed: usize = told.records.iter().map(|record| record.places.len()).sum();
        let erased: u64 = told.records.iter().map(|record| record.tally.erased).sum();
        let mut human = format!(
            "Proved: of the first {} entries of the log {}, these {listed} are about you, and no other that may be told by now.",
            told.covers, told.checkpoint.origin
        );
        if erased > 0 {
            human +=
                &format!("\n{erased} older ones count too; their time is over, and they cannot be listed any more.");
        }
        if self.earlier.is_some() {
            human += "\nNothing of the earlier file is missing.";
        }
        let mut records = Vec::new();
        for (record, shown) in own.records.iter().zip(&told.records) {
            human += &format!("\nRecord {}:", shown.label);
            records.push(entries(record, shown, &mut human)?);
        }
        let json = json!({
            "ok": true,
            "covers": told.covers,
            "size": told.checkpoint.size,
            "root": told.checkpoint.root.to_string(),
            "records": records,
            "extends_earlier": self.earlier.as_ref().map(|_| true),
        });
        Ok((json, human))
    }
}

fn entries(record: &RecordEntries, shown: &RecordTold, human: &mut String) -> anyhow::Result<Value> {
    let mut entries = Vec::new();
    for entry in &record.entries {
        let entry: Entry = serde_json::from_slice(entry).context("an entry is none of a register's log")?;
        let at = jiff::Timestamp::from_microsecond(entry.time).context("the time of an entry")?;
        // Escaped: whoever made the file may have put more than words into it.
        let line = format!("{}  {at}  {}  {}  {}", entry.seq, entry.outcome, entry.event, entry.purpose);
        *human += &format!("\n  {}", line.escape_debug());
        entries.push(json!({
            "seq": entry.seq, "time": at.to_string(), "event": entry.event, "outcome": entry.outcome, "purpose": entry.purpose,
        }));
    }
    if entries.is_empty() {
        *human += "\n  no entry";
    }
    Ok(json!({"label": shown.label.to_string(), "erased": shown.tally.erased, "entries": entries}))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tanba_seal::index::{CHAIN_START, Label, OwnMap, PublishedIndex, Tally, chain};
    use tanba_seal::log::{MemoryStore, TlogProof, integrate, leaf_hash};
    use tanba_seal::{KdfParams, KeyRing};

    use super::*;

    /// A file about one record in a log of so many entries, every second of which is about it, and the log's key.
    fn own_entries(folder: &Path, count: u64) -> (PathBuf, String) {
        let mut next = 0_u8;
        let mut entropy = |out: &mut [u8]| {
            for byte in out {
                next = next.wrapping_mul(5).wrapping_add(3);
                *byte = next;
            }
        };
        let ring = KeyRing::create("a test passphrase", &["image"], "log.example", KdfParams::MINIMUM, &mut entropy);
        let signer = ring.unwrap().1.log_signer();
        let entry = |seq| json!({"seq": seq, "time": 1_000_000 * seq, "event": "person.viewed", "outcome": "look", "purpose": "x"});
        let mut leaves: Vec<Vec<u8>> = (0..count).map(|seq| entry(seq).to_string().into_bytes()).collect();
        let entries: Vec<Vec<u8>> = leaves.iter().step_by(2).cloned().collect();
        let head = entries.iter().zip(0..).fold(CHAIN_START, |head, (leaf, at)| chain(&head, at, &leaf_hash(leaf)));
        let (mut map, label) = (OwnMap::default(), Label([7; 32]));
        map.set(label, Tally { entries: entries.len() as u64, erased: 0, head }.digest());
        let index = PublishedIndex { covers: count, root: map.root() };
        leaves.push(json!({"seq": count, "event": "index.published", "index": index}).to_string().into_bytes());
        let mut store = MemoryStore::default();
        integrate(&mut store, &signer, 0, &leaves).unwrap();
        let mut published = TlogProof::make(&store, signer.verifier(), count).unwrap();
        published.extra = leaves.pop();
        let records = vec![RecordEntries { label, erased: 0, start: CHAIN_START, entries, path: map.path(&label) }];
        let file = folder.join(format!("{count}.own-entries"));
        fs::write(&file, OwnEntries { records, published }.to_bytes()).unwrap();
        (file, signer.verifier().to_string())
    }

    #[test]
    fn control_f4_own_entries_are_checked_offline_and_refused_where_one_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let ((early, key), (late, _)) = (own_entries(folder.path(), 9), own_entries(folder.path(), 20));
        let verify = |proof: &Path, earlier: Option<&Path>| {
            let (proof, earlier) = (proof.to_owned(), earlier.map(Path::to_owned));
            VerifyOwn { proof, vkey: Some(key.clone()), earlier, cosigners: Cosigners::default() }
                .run(&Console::new(true))
        };
        verify(&late, None).unwrap();
        verify(&late, Some(&early)).unwrap();
        let told = verify(&early, Some(&late)).unwrap_err();
        assert!(format!("{told:#}").contains("older than the earlier one"), "{told:#}");

        let text = fs::read_to_string(&late).unwrap();
        let entry = text.lines().find(|line| line.starts_with("entry ")).unwrap();
        fs::write(&late, text.replacen(&format!("{entry}\n"), "", 1)).unwrap();
        let told = verify(&late, None).unwrap_err();
        assert!(format!("{told:#}").contains("says something else about this record"), "{told:#}");
    }
}
