//! How far the beginning of the log may be pruned, what stands in the way, and where that is signed (docs/seal/log-pruning.md). The
//! pruning itself is the command's, with the service stopped.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Deserialize;
use tanba_registry::{DualKind, LogPruningPlan, OpenAct, RegistryError};

use super::super::{Answer, Page, Sent, SignedIn, arg, render, see};
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/log-pruning", get(page).post(plan))
}

#[derive(Template)]
#[template(path = "oversight/log_pruning.html")]
struct PruningPage {
    p: Page,
    plan: LogPruningPlan,
    /// What would go, in a sentence; none where nothing may.
    goes: Option<String>,
    /// Plans that somebody has signed or begun to sign.
    open: Vec<OpenAct>,
}

async fn page(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let plan = signed.registry.log_pruning_for(&signed.actor).await?;
    let mut open = signed.registry.open_acts(&signed.actor).await?;
    open.retain(|open| open.act.kind() == DualKind::LogPruning);
    let p = Page::new(&state, &signed, "oversight", "pruning-title");
    let goes = plan.written.map(|(oldest, newest)| {
        p.tn(
            "pruning-goes",
            [
                arg("n", i64::try_from(plan.minimum - plan.first).unwrap_or(i64::MAX)),
                arg("first", p.number(&plan.first)),
                arg("last", p.number(&(plan.minimum - 1))),
                arg("from", p.time(&oldest)),
                arg("to", p.time(&newest)),
            ],
        )
    });
    render(&PruningPage { p, plan, goes, open })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanForm {
    minimum: u64,
}

/// Whoever plans less than may go, or all of it, is led to the signing: a plan is what two people sign, and nothing before.
async fn plan(signed: SignedIn, Sent(form): Sent<PlanForm>) -> Answer {
    let plan = signed.registry.log_pruning_for(&signed.actor).await?;
    if form.minimum <= plan.first || form.minimum > plan.minimum || form.minimum % 256 != 0 {
        let problem = "name an entry that the page offers: a multiple of 256 up to the one that it shows".to_owned();
        return Err(RegistryError::Invalid { field: "minimum", problem }.into());
    }
    see(&format!("/approvals/{}/{}", DualKind::LogPruning.name(), form.minimum))
}
