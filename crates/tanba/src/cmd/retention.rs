//! `tanba retention`: what may no longer be kept, as a plan, and its execution.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use tanba_registry::{MemoryRegister, Registry, SystemClock};

use crate::console::Console;
use crate::secret;

/// Options of `tanba retention`.
#[derive(Args)]
#[command(
    after_help = "A running service does both by itself, once a day; these are for a register that is not open. The passphrase comes in TANBA_PASSPHRASE, in the file that TANBA_PASSPHRASE_FILE names, or is asked for."
)]
pub(crate) struct Retention {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make the plan of today: what must be erased, told or taken out of use, each with its clause. Nothing is changed.
    Plan(Folder),
    /// Make the plan of today and carry it out, with whatever an interrupted run has left.
    Run(Folder),
}

#[derive(Args)]
struct Folder {
    /// The register's folder.
    #[arg(long, default_value = "./tanba-data")]
    dir: PathBuf,
}

impl Retention {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let (Folder { dir }, carry_out) = match self.what {
            What::Plan(folder) => (folder, false),
            What::Run(folder) => (folder, true),
        };
        if !Registry::exists(&dir) {
            bail!("{} holds no register: name its folder with --dir", dir.display());
        }
        let passphrase = match secret::given("TANBA_PASSPHRASE")? {
            Some(passphrase) => passphrase,
            None => secret::ask("Passphrase of the key file")?,
        };
        tokio::runtime::Runtime::new()?.block_on(async {
            let register = Arc::new(MemoryRegister::default());
            let registry = Registry::open(&dir, &passphrase, register, Arc::new(SystemClock))
                .await
                .with_context(|| format!("cannot open the register in {}", dir.display()))?;
            if carry_out { run(&registry, console).await } else { plan(&registry, console).await }?;
            registry.publish().await.context("the log was not published; it will be at the next start")?;
            Ok(())
        })
    }
}

async fn plan(registry: &Registry, console: &Console) -> anyhow::Result<()> {
    let plan = registry.plan_deletions().await?;
    let row = |row: &tanba_registry::PlanRow| {
        format!("{:8} {:16} {}  {} ({})", row.action.name(), row.part.name(), row.owner, row.clause, row.pack)
    };
    let mut lines = vec![format!("Plan {} of {}: {} steps", plan.id, plan.as_of, plan.rows.len())];
    lines.extend(plan.rows.iter().map(row));
    if !plan.undecided.is_empty() {
        lines.push(format!("Nobody can say how long {} of these may be kept; ask a lawyer:", plan.undecided.len()));
        lines.extend(plan.undecided.iter().map(row));
    }
    console.answer(&serde_json::to_value(&plan)?, lines.join("\n"));
    Ok(())
}

async fn run(registry: &Registry, console: &Console) -> anyhow::Result<()> {
    let run = registry.run_retention().await?;
    let human = format!(
        "Erased: {}. Told of a coming end: {}. Taken out of use: {}. Back in use: {}. Not decided: {}. Still held and overdue: {}.",
        run.erased, run.notified, run.blocked, run.unblocked, run.undecided, run.overdue
    );
    let answer = json!({
        "erased": run.erased, "notified": run.notified, "blocked": run.blocked, "unblocked": run.unblocked, "not_due": run.not_due,
        "undecided": run.undecided, "overdue": run.overdue, "proofs": run.proofs,
    });
    console.answer(&answer, human);
    if run.overdue > 0 {
        bail!("something is held that should be gone: run it again, and tell the supervisory authority if it stays");
    }
    Ok(())
}
