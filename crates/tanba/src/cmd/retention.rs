//! `tanba retention`: what may no longer be kept, as a plan, and its execution.

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;
use tanba_registry::Registry;

use crate::alone::AloneWithKeys;
use crate::console::Console;

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
    Plan(AloneWithKeys),
    /// Make the plan of today and carry it out, with whatever an interrupted run has left.
    Run(AloneWithKeys),
}

impl Retention {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.what {
            What::Plan(register) => register.with(async |registry| plan(registry, console).await),
            What::Run(register) => register.with(async |registry| run(registry, console).await),
        }
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
        "Erased: {}. Told of a coming end: {}. Taken out of use: {}. Back in use: {}. Not decided: {}. Plans begun without signatures: {}. Still held and overdue: {}.",
        run.erased, run.notified, run.blocked, run.unblocked, run.undecided, run.unsigned, run.overdue
    );
    let answer = json!({
        "erased": run.erased, "notified": run.notified, "blocked": run.blocked, "unblocked": run.unblocked, "not_due": run.not_due,
        "undecided": run.undecided, "unsigned": run.unsigned, "overdue": run.overdue, "proofs": run.proofs,
    });
    console.answer(&answer, human);
    if run.overdue > 0 {
        bail!("something is held that should be gone: run it again, and tell the supervisory authority if it stays");
    }
    Ok(())
}
