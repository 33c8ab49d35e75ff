//! `tanba release`: the log of releases. Whoever runs a program that they did not build can see that everybody was given the same one, and
//! where it came from.
//!
//! An entry is the statement of one release (in-toto, with the hashes of its files), made by `cargo xtask release`. The log's checkpoint,
//! signed, is what signs the release; its proof goes with the files.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tanba_registry::tile_dir::TileDir;
use tanba_seal::KdfParams;
use tanba_seal::log::{
    LogSigner, LogVerifier, MAX_ENTRY_BYTES, TileStore as _, TlogProof, VERIFIER_KEY_PATH, each_entry, fsck, integrate,
    read_checkpoint,
};

use crate::console::Console;
use crate::{input, party};

/// The log's folder within the folder of releases.
const LOG_FOLDER: &str = "log";

/// The type of a statement (in-toto attestation framework, v1).
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// Options of `tanba release`.
#[derive(Args)]
pub(crate) struct Release {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Begin a log of releases, with a key of its own, in a folder of its own.
    Init(Init),
    /// Add a release's statement to the log, and write the proof that goes with its files.
    Record(Record),
    /// Check that a file is one that a recorded statement names.
    Check(Check),
}

#[derive(Args)]
struct Init {
    /// The folder of releases.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The log's name, by convention a URL without its scheme, such as tanba.example/releases.
    #[arg(long)]
    name: String,
}

#[derive(Args)]
struct Record {
    /// The statement (`.intoto.json`), made by `cargo xtask release`.
    statement: PathBuf,
    /// The folder of releases.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Write the proof to this file, by convention named .tlog-proof.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
struct Check {
    /// A file of the release: the program, or its bill of materials.
    file: PathBuf,
    /// The proof that came with it; the statement is in it.
    #[arg(long, value_name = "FILE")]
    proof: PathBuf,
    /// The verifier key (name+hash+key) of the log of releases, obtained elsewhere.
    #[arg(long, value_name = "KEY")]
    vkey: String,
}

/// What is read of a statement.
#[derive(Deserialize)]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate: String,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
    digest: DigestSet,
}

#[derive(Deserialize)]
struct DigestSet {
    sha256: String,
}

impl Release {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.task {
            Task::Init(init) => init.run(console),
            Task::Record(record) => record.run(console),
            Task::Check(check) => check.run(console),
        }
    }
}

impl Init {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let ring = party::found(&self.dir, &self.name, &[], KdfParams::RECOMMENDED)?;
        let signer = ring.log_signer();
        let mut store = TileDir::open_for_writing(&self.dir.join(LOG_FOLDER))?;
        let nothing: [&[u8]; 0] = [];
        integrate(&mut store, &signer, 0, &nothing)?;
        let key = signer.verifier().to_string();
        store.write(VERIFIER_KEY_PATH, format!("{key}\n").as_bytes())?;
        let human = format!(
            "A log of releases is in {}. Publish its key where nobody can replace it for one reader alone:\n{key}\nNext: cargo xtask release --twice, and tanba release record --dir {} STATEMENT",
            self.dir.display(),
            self.dir.display()
        );
        console.answer(&json!({"dir": self.dir, "name": self.name, "vkey": key}), human);
        Ok(())
    }
}

impl Record {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let entry = input::read_file(&self.statement)?;
        let statement = Statement::read(&entry).with_context(|| self.statement.display().to_string())?;
        let _lock = party::lock(&self.dir)?;
        let signer = party::open(&self.dir)?.log_signer();
        let mut store = TileDir::open_for_writing(&self.dir.join(LOG_FOLDER))?;
        let index = add(&mut store, &signer, &entry)?;
        let mut proof = TlogProof::make(&store, signer.verifier(), index)?;
        proof.verify(signer.verifier(), &entry).context("the tiles do not prove the entry: run `tanba log verify`")?;
        proof.extra = Some(entry);
        std::fs::write(&self.out, proof.to_bytes()).with_context(|| format!("cannot write {}", self.out.display()))?;
        let files: Vec<&str> = statement.subject.iter().map(|subject| subject.name.as_str()).collect();
        let human = format!("Entry {index}: {}. Its proof: {}", files.join(", "), self.out.display());
        console.answer(&json!({"index": index, "files": files, "proof": self.out}), human);
        Ok(())
    }
}

/// Adds an entry to a log that is whole; one that is there already, as after a run that was broken off, is not added again.
fn add(store: &mut TileDir, signer: &LogSigner, entry: &[u8]) -> anyhow::Result<u64> {
    let report = fsck(store, signer.verifier(), None)?;
    if !report.ok {
        bail!("the log of releases is not whole: run `tanba log verify`, and go on from a copy that is");
    }
    let size = read_checkpoint(store, signer.verifier())?.context("the log of releases has no checkpoint")?.size;
    let mut before = None;
    each_entry(store, 0..size, |index, known| {
        if known == entry {
            before = Some(index);
        }
        Ok(())
    })?;
    match before {
        Some(index) => Ok(index),
        None => {
            integrate(store, signer, size, &[entry])?;
            Ok(size)
        }
    }
}

impl Check {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let proof = TlogProof::parse(&input::read_file(&self.proof)?)?;
        let Some(entry) = &proof.extra else { bail!("the proof does not hold its statement: it is none of a release") };
        let checkpoint = proof.verify(&LogVerifier::parse(&self.vkey).context("--vkey")?, entry)?;
        let statement = Statement::read(entry).context("the entry that is proved")?;
        let hash = sha256_of(&self.file)?;
        let Some(subject) = statement.subject.iter().find(|subject| subject.digest.sha256 == hash) else {
            bail!(
                "{} is no file of this release: its SHA-256 is {hash}. Do not run it; take the file again, and ask who gave it to you",
                self.file.display()
            );
        };
        let human = format!(
            "{} is {} of the release at entry {} of {}, signed at {} entries.",
            self.file.display(),
            subject.name,
            proof.index,
            checkpoint.origin,
            checkpoint.size
        );
        let json =
            json!({"ok": true, "name": subject.name, "sha256": hash, "index": proof.index, "size": checkpoint.size});
        console.answer(&json, human);
        Ok(())
    }
}

impl Statement {
    fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        if bytes.len() > MAX_ENTRY_BYTES {
            bail!("a statement has at most {MAX_ENTRY_BYTES} bytes");
        }
        let statement: Self = serde_json::from_slice(bytes).context("this is no statement of a release")?;
        let hexadecimal = |text: &str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if statement.kind != STATEMENT || statement.predicate.is_empty() {
            bail!("this is no statement of a release: its type is not {STATEMENT}");
        }
        if statement.subject.is_empty() || !statement.subject.iter().all(|subject| hexadecimal(&subject.digest.sha256))
        {
            bail!("a statement names its files with a SHA-256 each, in 64 small hexadecimal digits");
        }
        Ok(statement)
    }
}

/// The SHA-256 of a file of any size.
fn sha256_of(file: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", file.display());
    let mut hash = Sha256::new();
    let mut from = BufReader::with_capacity(1 << 20, File::open(file).with_context(cannot)?);
    loop {
        let part = from.fill_buf().with_context(cannot)?;
        if part.is_empty() {
            break;
        }
        hash.update(part);
        let n = part.len();
        from.consume(n);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
