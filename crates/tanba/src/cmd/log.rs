//! `tanba log`: the transparency log of a data folder, checked from a copy of it, without any passphrase.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tanba_registry::tile_dir::TileDir;
use tanba_registry::{LogPruningPlan, fsck_cold};
use tanba_seal::KdfParams;
use tanba_seal::log::{
    CHECKPOINT_PATH, Checkpoint, FsckReport, LOG_KEYS_PATH, LogVerifier, TileStore, TlogProof, VERIFIER_KEY_PATH,
    WITNESSED_PATH, follow_keys, fsck, leaf_hash, read_entry,
};

use crate::alone::Alone;
use crate::cmd::cosigners::{self, Cosigners};
use crate::cmd::erasure::VerifyErasure;
use crate::cmd::own_entries::VerifyOwn;
use crate::console::Console;
use crate::input;

/// Faults shown to a person; a script gets up to 1000.
const SHOWN_FAULTS: usize = 20;

/// The log's folder within a data folder.
const LOG_FOLDER: &str = "log";

/// The registry that the log was made from, within a data folder.
const REGISTRY: &str = "tanba.sqlite";

const KEY_BESIDE: &str = "The verifier key was read beside the log, so this shows that the log agrees with itself, not \
                          that it is the one shown to others. Give --vkey with a key obtained elsewhere to show that.";

/// Options of `tanba log`.
#[derive(Args)]
pub(crate) struct Log {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check the signatures, and derive every file of the log again from its entries.
    Verify(Verify),
    /// As verify, and compare the entries with the rows of the registry where they are beside the log.
    Fsck(Verify),
    /// Prove that an entry is in the log, as a text that can be checked offline (c2sp.org/tlog-proof@v1).
    Proof(Proof),
    /// Check such a proof.
    Check(Check),
    /// Check the file in which a person took all own entries away: that they are in the log's index, and that no other is.
    VerifyOwn(VerifyOwn),
    /// Check a certificate of erasure that a person took away.
    VerifyErasure(VerifyErasure),
    /// Give the log its next key, which signs beside the one that it has until `retire-key`. Two administrators sign it before, in
    /// the service (`/approvals/log_key.next/log`).
    RotateKey(ChangeKey),
    /// End the older of the log's two keys: it counts for no checkpoint from now on, and is forgotten.
    RetireKey(ChangeKey),
    /// Take away the beginning of the log that the law on keeping logs has let go. Without --to it only says how far that may be. A
    /// supervisor and another person sign it before, in the service (`/approvals/log.prune/INDEX`).
    Prune(Prune),
}

/// Which log, and whose.
#[derive(Args)]
struct Place {
    /// The data folder, or the log's folder in it.
    #[arg(long, default_value = "./tanba-data")]
    dir: PathBuf,
    /// The log's verifier key (name+hash+key), obtained elsewhere; the one beside the log otherwise.
    #[arg(long, value_name = "KEY")]
    vkey: Option<String>,
}

#[derive(Args)]
struct Verify {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    cosigners: Cosigners,
}

#[derive(Args)]
#[command(
    after_help = "The passphrase comes in TANBA_PASSPHRASE, in the file that TANBA_PASSPHRASE_FILE names, or is asked for."
)]
struct ChangeKey {
    #[command(flatten)]
    register: Alone,
}

#[derive(Args)]
#[command(
    after_help = "The passphrase comes in TANBA_PASSPHRASE, in the file that TANBA_PASSPHRASE_FILE names, or is asked for."
)]
struct Prune {
    #[command(flatten)]
    register: Alone,
    /// The first entry that stays, a multiple of 256: the log's minimum index.
    #[arg(long, value_name = "INDEX")]
    to: Option<u64>,
}

#[derive(Args)]
struct Proof {
    /// The entry's number in the log, from 0.
    entry: u64,
    #[command(flatten)]
    place: Place,
    /// Write the proof to this file, by convention named .tlog-proof, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Args)]
struct Check {
    /// The file with the proof.
    proof: PathBuf,
    /// The log's verifier key (name+hash+key). May be left out where a policy names the log.
    #[arg(long, value_name = "KEY", required_unless_present = "policy")]
    vkey: Option<String>,
    #[command(flatten)]
    cosigners: Cosigners,
}

impl Log {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.task {
            Task::Verify(verify) => verify.verify(console),
            Task::Fsck(verify) => verify.fsck(console),
            Task::Proof(proof) => proof.make(console),
            Task::Check(check) => check.run(console),
            Task::VerifyOwn(verify) => verify.run(console),
            Task::VerifyErasure(verify) => verify.run(console),
            Task::RotateKey(change) => change.rotate(console),
            Task::RetireKey(change) => change.retire(console),
            Task::Prune(prune) => prune.run(console),
        }
    }
}

impl ChangeKey {
    fn rotate(self, console: &Console) -> anyhow::Result<()> {
        self.register.with_passphrase(async |registry, passphrase| {
            let key = registry.rotate_log_key(passphrase, KdfParams::RECOMMENDED, |_| Ok(())).await?;
            let human = format!(
                "The log has its next key, and signs with both from {} entries on:\n{}\nGive witnesses, key process and auditors the file log.keys \
                 from the log's folder. When all have it: tanba log retire-key",
                key.from, key.vkey
            );
            let answer = json!({"vkey": key.vkey, "ml_dsa_44_vkey": key.post_quantum, "from": key.from});
            console.answer(&answer, human);
            Ok(())
        })
    }

    fn retire(self, console: &Console) -> anyhow::Result<()> {
        self.register.with_passphrase(async |registry, passphrase| {
            let key = registry.retire_log_key(passphrase, KdfParams::RECOMMENDED, |_| Ok(())).await?;
            let retired = registry.log_verifier().keys().into_iter().rev().nth(1).context("the log had one key")?;
            let until = retired.until.unwrap_or_default();
            let human = format!(
                "The older key counts for no more than {until} entries and is forgotten. The log signs with\n{}\nDestroy older copies of the key file.",
                key.vkey
            );
            console.answer(&json!({"retired": retired.vkey, "until": until, "vkey": key.vkey}), human);
            Ok(())
        })
    }
}

impl Prune {
    fn run(self, console: &Console) -> anyhow::Result<()> {
        let Self { register, to } = self;
        register.with(async |registry| {
            let Some(to) = to else {
                let plan = registry.plan_log_pruning().await?;
                let (pack, clause) = plan.clause.clone().unzip();
                let json = json!({
                    "first": plan.first, "minimum": plan.minimum, "pack": pack, "clause": clause, "needed_by": plan.needed_by.told(),
                });
                console.answer(&json, describe(&plan));
                return Ok(());
            };
            let files = registry.prune_log(to, |_| Ok(())).await?;
            let human = format!("The log begins at entry {to}: {files} files were taken away. It says so in log.pruned, which everybody is to see.");
            console.answer(&json!({"minimum": to, "files": files}), human);
            Ok(())
        })
    }
}

/// How far the log may be pruned, for people.
fn describe(plan: &LogPruningPlan) -> String {
    let LogPruningPlan { first, minimum, clause, needed_by, .. } = plan;
    let needed_by = needed_by.told();
    match clause {
        None => "Nothing may be pruned: no entry's time is over by a law in use that says how long the log is kept."
            .to_owned(),
        Some(_) if minimum == first => format!(
            "The log begins at entry {first}, and nothing more may be pruned: what is behind is needed by {needed_by}."
        ),
        Some((pack, clause)) => format!(
            "The log begins at entry {first} and may begin at {minimum} (multiples of 256), by {clause} of {pack}; beyond that stands {needed_by}.\n\
             A supervisor and another person sign on /approvals/log.prune/{minimum}; then: tanba log prune --to {minimum}"
        ),
    }
}

impl Verify {
    fn verify(&self, console: &Console) -> anyhow::Result<()> {
        let store = TileDir::open(&self.place.locate()?);
        let verifier = self.verifier(&store)?;
        let report = fsck(&store, &verifier, None)?;
        self.answer(console, &store, &report, &verifier, false)
    }

    fn fsck(&self, console: &Console) -> anyhow::Result<()> {
        let folder = self.place.locate()?;
        let store = TileDir::open(&folder);
        let verifier = self.verifier(&store)?;
        let data = folder.parent().filter(|data| folder.ends_with(LOG_FOLDER) && data.join(REGISTRY).exists());
        let report = match data {
            Some(data) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(fsck_cold(data, verifier.clone()))?
            }
            None => {
                console.note("note: there is no registry beside the log, so only the log's own files were checked");
                fsck(&store, &verifier, None)?
            }
        };
        self.answer(console, &store, &report, &verifier, data.is_some())
    }

    fn answer(
        &self,
        console: &Console,
        store: &TileDir,
        report: &FsckReport,
        verifier: &LogVerifier,
        rows_compared: bool,
    ) -> anyhow::Result<()> {
        let mut json = self.to_json(report, verifier, rows_compared);
        let mut human = self.describe(report, verifier, rows_compared);
        // Without its cosignatures a whole log is one of perhaps several.
        let cosigned = self.cosigned(store);
        match &cosigned {
            Ok(found) if found.is_empty() => {}
            Ok(found) => {
                json["cosigned"] = cosigners::to_json(found);
                human += &format!("\n{}", cosigners::describe(found));
            }
            Err(_) => json["ok"] = json!(false),
        }
        console.answer(&json, human);
        if !report.ok {
            bail!("the log has {} faults", report.fault_count);
        }
        cosigned.map(drop)
    }

    /// The cosignatures asked for, on the last checkpoint that witnesses have seen.
    fn cosigned(&self, store: &TileDir) -> anyhow::Result<Vec<(String, u64)>> {
        if !self.cosigners.asked() {
            return Ok(Vec::new());
        }
        let note = match store.read(WITNESSED_PATH).with_context(|| format!("cannot read {WITNESSED_PATH}"))? {
            Some(note) => note,
            None => store
                .read(CHECKPOINT_PATH)
                .with_context(|| format!("cannot read {CHECKPOINT_PATH}"))?
                .unwrap_or_default(),
        };
        let keys = store.read(LOG_KEYS_PATH).with_context(|| format!("cannot read {LOG_KEYS_PATH}"))?;
        self.cosigners.check(&note, keys.as_deref())
    }

    /// The key given, that of the policy's one log, or the one beside the log.
    fn verifier(&self, store: &TileDir) -> anyhow::Result<LogVerifier> {
        match self.cosigners.read()?.as_ref().map(|policy| policy.logs()) {
            Some([log]) if self.place.vkey.is_none() => Ok(log.clone()),
            _ => match &self.place.vkey {
                Some(key) => self.cosigners.trusted(key),
                None => self.place.verifier(store),
            },
        }
    }

    /// Whether the log's key was obtained elsewhere.
    fn key_given(&self) -> bool {
        self.place.vkey.is_some() || self.cosigners.policy.is_some()
    }

    fn to_json(&self, report: &FsckReport, verifier: &LogVerifier, rows_compared: bool) -> Value {
        let faults: Vec<Value> = report.faults.iter().map(|f| json!({ "path": f.path, "what": f.what })).collect();
        json!({
            "ok": report.ok,
            "size": report.size,
            "minimum": report.minimum,
            "left_to_prune": report.left_to_prune,
            "root": report.root.to_string(),
            "vkey": verifier.to_string(),
            "vkey_given": self.key_given(),
            "files": report.files,
            "unpublished": report.unpublished,
            "rows_compared": rows_compared,
            "rows_waiting": report.rows_waiting,
            "fault_count": report.fault_count,
            "faults": faults,
        })
    }

    fn describe(&self, report: &FsckReport, verifier: &LogVerifier, rows_compared: bool) -> String {
        let FsckReport { size, root, files, .. } = report;
        let mut text = if report.ok {
            format!("The log is whole: {size} entries, root {root}, {files} files checked.\nSigned by {verifier}.")
        } else {
            let mut text = format!("The log is NOT whole: {} faults. The first:", report.fault_count);
            for fault in report.faults.iter().take(SHOWN_FAULTS) {
                text += &format!("\n  {}: {}", fault.path, fault.what);
            }
            text
        };
        if rows_compared && report.ok {
            text += &format!("\nEvery entry is the registry's row; {} rows wait to be published.", report.rows_waiting);
        }
        if report.minimum > 0 {
            text += &format!(
                "\nIt begins at entry {}: what was before was pruned, as the log itself says.",
                report.minimum
            );
        }
        if report.left_to_prune > 0 {
            text += &format!("\n{} files before it are still there: a pruning was interrupted.", report.left_to_prune);
        }
        if report.unpublished > 0 {
            text += &format!(
                "\n{} entries beyond the checkpoint wait to be published: an integration was interrupted.",
                report.unpublished
            );
        }
        if !self.key_given() {
            text = format!("{text}\n{KEY_BESIDE}");
        }
        text
    }
}

impl Place {
    /// The log's folder, which may be in a read-only copy.
    fn locate(&self) -> anyhow::Result<PathBuf> {
        let has_log =
            |folder: &Path| [CHECKPOINT_PATH, VERIFIER_KEY_PATH, "tile"].iter().any(|f| folder.join(f).exists());
        match [self.dir.join(LOG_FOLDER), self.dir.clone()].into_iter().find(|folder| has_log(folder)) {
            Some(folder) => Ok(folder),
            None => {
                bail!("no log in {}: give the data folder, or the log's folder in it, with --dir", self.dir.display())
            }
        }
    }

    /// The key given, or the one beside the log.
    fn verifier(&self, store: &TileDir) -> anyhow::Result<LogVerifier> {
        if let Some(key) = &self.vkey {
            return LogVerifier::parse(key).context("--vkey");
        }
        let Some(key) = store.read(VERIFIER_KEY_PATH).with_context(|| format!("cannot read {VERIFIER_KEY_PATH}"))?
        else {
            bail!("there is no {VERIFIER_KEY_PATH} beside the log: give the log's key with --vkey");
        };
        let key = String::from_utf8(key).with_context(|| format!("{VERIFIER_KEY_PATH} is not text"))?;
        LogVerifier::parse(&key).context(VERIFIER_KEY_PATH)
    }
}

impl Proof {
    /// The entry goes into the proof's extra data, so that the proof needs nothing else but the verifier key.
    fn make(&self, console: &Console) -> anyhow::Result<()> {
        let store = TileDir::open(&self.place.locate()?);
        let verifier = follow_keys(&store, &self.place.verifier(&store)?)?;
        let mut proof = TlogProof::make(&store, &verifier, self.entry)?;
        let checkpoint = Checkpoint::open(&proof.checkpoint, &verifier)?;
        let entry = read_entry(&store, checkpoint.size, self.entry)?;
        proof.verify(&verifier, &entry).context("the tiles do not prove the entry: run `tanba log verify`")?;
        let leaf = leaf_hash(&entry);
        proof.extra = Some(entry);
        let text = String::from_utf8(proof.to_bytes()).context("a proof is text")?;
        let human = match &self.out {
            Some(file) => {
                std::fs::write(file, &text).with_context(|| format!("cannot write {}", file.display()))?;
                format!("entry {} of {}: {}", self.entry, checkpoint.size, file.display())
            }
            // The console ends the answer with the line's end that the proof has itself.
            None => text.trim_end().to_owned(),
        };
        let json = json!({
            "ok": true,
            "index": self.entry,
            "size": checkpoint.size,
            "root": checkpoint.root.to_string(),
            "leaf": leaf.to_string(),
            "proof": text,
        });
        console.answer(&json, human);
        Ok(())
    }
}

impl Check {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let proof = TlogProof::parse(&input::read_file(&self.proof)?)?;
        let Some(entry) = &proof.extra else {
            bail!("the proof does not hold its entry: make it with `tanba log proof`");
        };
        let cosigned = if self.cosigners.asked() { self.cosigners.check(&proof.checkpoint, None)? } else { Vec::new() };
        let checkpoint = match (&self.vkey, self.cosigners.read()?) {
            (Some(key), _) => proof.verify(&self.cosigners.trusted(key)?, entry)?,
            (None, Some(policy)) => proof.verify_witnessed(&policy, entry)?.checkpoint,
            (None, None) => bail!("give the log's key with --vkey, or a policy that names the log with --policy"),
        };
        let mut json = json!({
            "ok": true,
            "index": proof.index,
            "size": checkpoint.size,
            "root": checkpoint.root.to_string(),
            "leaf": leaf_hash(entry).to_string(),
        });
        let mut human = format!(
            "Proved: entry {} is in the log {} as signed at {} entries.\n{}",
            proof.index,
            checkpoint.origin,
            checkpoint.size,
            String::from_utf8_lossy(entry).escape_debug()
        );
        if !cosigned.is_empty() {
            json["cosigned"] = cosigners::to_json(&cosigned);
            human += &format!("\n{}", cosigners::describe(&cosigned));
        }
        console.answer(&json, human);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Arc};

    use tanba_registry::{Founding, MemoryRegister, Mode, Registry, SystemClock};
    use tanba_seal::{KdfParams, KeyRing, log::integrate};

    use super::*;

    /// A data folder with a log of 300 entries, and the log's verifier key.
    fn data_folder() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let mut next = 0_u8;
        let mut entropy = |out: &mut [u8]| {
            for byte in out {
                next = next.wrapping_mul(5).wrapping_add(3);
                *byte = next;
            }
        };
        let ring = KeyRing::create("a test passphrase", &["image"], "log.example", KdfParams::MINIMUM, &mut entropy);
        let signer = ring.unwrap().1.log_signer();
        let mut store = TileDir::open_for_writing(&folder.path().join(LOG_FOLDER)).unwrap();
        let entries: Vec<String> = (0..300).map(|i| format!("entry {i}")).collect();
        integrate(&mut store, &signer, 0, &entries).unwrap();
        let key = signer.verifier().to_string();
        store.write(VERIFIER_KEY_PATH, format!("{key}\n").as_bytes()).unwrap();
        (folder, key)
    }

    fn place(dir: &Path, vkey: Option<&str>) -> Verify {
        let place = Place { dir: dir.to_owned(), vkey: vkey.map(ToOwned::to_owned) };
        Verify { place, cosigners: Cosigners::default() }
    }

    fn verify(dir: &Path, vkey: Option<&str>) -> anyhow::Result<()> {
        place(dir, vkey).verify(&Console::new(true))
    }

    #[test]
    fn a_whole_log_verifies_from_the_data_folder_and_from_its_own() {
        let (folder, key) = data_folder();
        verify(folder.path(), None).unwrap();
        verify(&folder.path().join(LOG_FOLDER), Some(&key)).unwrap();
        let store = TileDir::open(&place(folder.path(), None).place.locate().unwrap());
        let report = fsck(&store, &LogVerifier::parse(&key).unwrap(), None).unwrap();
        let json = place(folder.path(), None).to_json(&report, &LogVerifier::parse(&key).unwrap(), false);
        assert_eq!((&json["ok"], &json["size"], &json["files"]), (&json!(true), &json!(300), &json!(7)));
        let told = place(folder.path(), None).describe(&report, &LogVerifier::parse(&key).unwrap(), false);
        assert!(told.contains("agrees with itself, not that it is the one"), "{told}");
    }

    #[test]
    fn a_changed_file_a_stray_file_and_a_strange_key_fail() {
        let (folder, key) = data_folder();
        let tile = folder.path().join("log/tile/0/000");
        let bytes = fs::read(&tile).unwrap();
        let mut changed = bytes.clone();
        changed[100] ^= 4;
        fs::write(&tile, &changed).unwrap();
        assert!(verify(folder.path(), None).is_err());
        fs::write(&tile, &bytes).unwrap();
        verify(folder.path(), None).unwrap();

        let stray = folder.path().join("log/tile/0/000.p/7");
        fs::create_dir_all(stray.parent().unwrap()).unwrap();
        fs::write(&stray, &bytes[..7 * 32 - 1]).unwrap();
        assert!(verify(folder.path(), None).is_err());
        fs::write(&stray, &bytes[..7 * 32]).unwrap();
        verify(folder.path(), None).unwrap();

        let (_, other) = key.split_once('+').unwrap();
        assert!(verify(folder.path(), Some(&format!("another.example+{other}"))).is_err());
        fs::remove_file(folder.path().join("log").join(VERIFIER_KEY_PATH)).unwrap();
        assert!(verify(folder.path(), None).unwrap_err().to_string().contains("--vkey"));
        verify(folder.path(), Some(&key)).unwrap();
    }

    #[test]
    fn a_folder_without_a_log_is_said_to_have_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(verify(folder.path(), None).unwrap_err().to_string().contains("no log in"));
        assert!(verify(&folder.path().join("missing"), None).is_err());
    }

    #[test]
    fn a_proof_is_made_checked_offline_and_refused_when_changed() {
        let (folder, key) = data_folder();
        let file = folder.path().join("7.tlog-proof");
        let make = |entry| Proof { entry, place: place(folder.path(), None).place, out: Some(file.clone()) };
        make(7).make(&Console::new(true)).unwrap();
        let check = || {
            Check { proof: file.clone(), vkey: Some(key.clone()), cosigners: Cosigners::default() }
                .run(&Console::new(true))
        };
        check().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replacen("index 7\n", "index 6\n", 1)).unwrap();
        assert!(check().is_err());
        assert!(make(300).make(&Console::new(true)).is_err());
    }

    /// Every file below `from`, as a backup would copy them.
    fn copy_folder(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy_folder(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }

    #[test]
    fn a_registry_is_compared_with_its_log_in_a_cold_copy_and_without_the_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
        let founding = Founding {
            mode: Mode::Demonstration,
            jurisdiction: "kz".to_owned(),
            time_zone: None,
            origin: "log.example".to_owned(),
            operator_code: "operator".to_owned(),
            administrator: "administrator".to_owned(),
            password: "a long enough password".to_owned(),
            natural_person: "A-1".to_owned(),
            kdf: KdfParams::MINIMUM,
        };
        let register = Arc::new(MemoryRegister::new([]));
        let found = Registry::found(&data, "a test passphrase", &founding, register, Arc::new(SystemClock));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let registry = runtime.block_on(found).unwrap();
        // Copied while it is open, so that the database's latest rows are in its write-ahead file.
        copy_folder(&data, &copy);
        fs::remove_file(copy.join("keys.json")).unwrap();
        let fsck = |dir: &Path| place(dir, None).fsck(&Console::new(true));
        fsck(&copy).unwrap();
        fsck(&copy.join(LOG_FOLDER)).unwrap();

        drop(registry);

        // A database that is none is not passed over; a log without a registry is checked for itself.
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(copy.join(format!("{REGISTRY}{suffix}")));
        }
        fs::write(copy.join(REGISTRY), b"not a database").unwrap();
        assert!(fsck(&copy).is_err());
        fs::remove_file(copy.join(REGISTRY)).unwrap();
        fsck(&copy).unwrap();
    }
}
