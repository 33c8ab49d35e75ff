//! `tanba audit`: the bundle for an outside auditor, and its check without a register.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;
use tanba_registry::verify_audit;
use tanba_seal::log::{CHECKPOINT_PATH, LOG_KEYS_PATH, WITNESSED_PATH};

use crate::alone::Alone;
use crate::cmd::cosigners::{self, Cosigners};
use crate::console::Console;

/// Faults shown to a person.
const SHOWN_FAULTS: usize = 20;

/// Options of `tanba audit`.
#[derive(Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write the bundle of a register that is not open: the log, the law that counted with its acknowledgements, hashes of sanctions, breaches,
    /// open notes and the statistical returns. No personal data are in it.
    Bundle(Bundle),
    /// Check a bundle offline: every byte, the returns counted again from the log, and that it extends an earlier one.
    Verify(Verify),
}

#[derive(Args)]
#[command(
    after_help = "The passphrase comes in TANBA_PASSPHRASE, in the file that TANBA_PASSPHRASE_FILE names, or is asked for."
)]
struct Bundle {
    #[command(flatten)]
    register: Alone,
    /// The folder to write; it must not exist yet.
    #[arg(short, long, value_name = "FOLDER")]
    out: PathBuf,
}

#[derive(Args)]
struct Verify {
    /// The bundle's folder.
    bundle: PathBuf,
    /// The log's verifier key (name+hash+key), obtained elsewhere.
    #[arg(long, value_name = "KEY")]
    vkey: String,
    /// An earlier bundle of the same register, which this one must extend.
    #[arg(long, value_name = "FOLDER")]
    earlier: Option<PathBuf>,
    #[command(flatten)]
    cosigners: Cosigners,
}

impl Audit {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.task {
            Task::Bundle(Bundle { register, out }) => register.with(async |registry| {
                let made = registry.audit_bundle(&out).await?;
                let human = format!(
                    "{}: {} entries of the log, root {}, {} files. Its reader checks it with\n  tanba audit verify {} --vkey {}",
                    out.display(),
                    made.size,
                    made.root,
                    made.files,
                    out.display(),
                    registry.verifier_key()
                );
                console.answer(&json!({"folder": out, "size": made.size, "root": made.root, "files": made.files}), human);
                Ok(())
            }),
            Task::Verify(verify) => verify.run(console),
        }
    }
}

impl Verify {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let verifier = self.cosigners.trusted(&self.vkey)?;
        let mut report = verify_audit(&self.bundle, &verifier, self.earlier.as_deref());
        let cosigned = if self.cosigners.asked() {
            let log = self.bundle.join("log");
            let keys = std::fs::read(log.join(LOG_KEYS_PATH)).ok();
            let note = std::fs::read(log.join(WITNESSED_PATH)).or_else(|_| std::fs::read(log.join(CHECKPOINT_PATH)));
            let found = note.map_err(anyhow::Error::from).and_then(|note| self.cosigners.check(&note, keys.as_deref()));
            found.unwrap_or_else(|why| {
                report.faults.push(format!("log: {why:#}"));
                Vec::new()
            })
        } else {
            Vec::new()
        };
        report.ok = report.faults.is_empty();
        let mut json = serde_json::to_value(&report)?;
        let mut human = if report.ok {
            format!(
                "The bundle is whole: {} entries, root {}.\nSets of law put into use: {}, each acknowledged before it counted. Changes that wait: {}. Sanctions: {}. Open breaches: {}. \
                 Notes without an answer: {}.\nThe returns are those of the log.",
                report.size,
                report.root,
                report.laws,
                report.waiting,
                report.sanctions,
                report.open_breaches,
                report.open_notes
            )
        } else {
            let shown: Vec<String> =
                report.faults.iter().take(SHOWN_FAULTS).map(|fault| format!("  {fault}")).collect();
            format!("The bundle is NOT sound: {} faults. The first:\n{}", report.faults.len(), shown.join("\n"))
        };
        if !cosigned.is_empty() {
            json["cosigned"] = cosigners::to_json(&cosigned);
            human += &format!("\n{}", cosigners::describe(&cosigned));
        }
        console.answer(&json, human);
        if !report.ok {
            bail!("the bundle has {} faults", report.faults.len());
        }
        Ok(())
    }
}
