//! The desk of thresholds: an administrator proposes one on an evaluation, a supervisor sets or rejects it, either adds evaluations, and the
//! supervisor has the register count its own rates.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_registry::{
    ErrorRates, NewThreshold, RegistryError, Role, ThresholdKind, ThresholdProposalId, ThresholdProposalView,
    ThresholdState,
};

use super::super::{Answer, Page, Sent, SignedIn, Upload, render, see};
use crate::input::Id;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/thresholds", get(page).post(propose))
        .route("/thresholds/counts", post(count))
        .route("/thresholds/{proposal}/decision", post(decide))
}

/// Forms with a file of more than a form's size.
pub(crate) fn uploads() -> Router<ServerState> {
    Router::new().route("/evaluations", post(add_evaluation))
}

#[derive(Template)]
#[template(path = "oversight/thresholds.html")]
struct ThresholdsPage {
    p: Page,
    rates: ErrorRates,
    proposals: Vec<ThresholdProposalView>,
    kinds: [ThresholdKind; 4],
    /// Whether this account proposes thresholds.
    proposes: bool,
    /// Whether it sets them.
    sets: bool,
}

async fn page(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let proposals = signed.registry.threshold_proposals(&signed.actor).await?;
    let has = |role| signed.actor.roles().contains(&role);
    render(&ThresholdsPage {
        p: Page::new(&state, &signed, "oversight", "thresholds-title"),
        rates: signed.registry.error_rates().await?,
        proposals,
        kinds: ThresholdKind::ALL,
        proposes: has(Role::Administrator),
        sets: has(Role::Supervisor),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThresholdForm {
    kind: ThresholdKind,
    value: f64,
    rate: f64,
    evaluation: String,
    reason: String,
}

async fn propose(signed: SignedIn, Sent(form): Sent<ThresholdForm>) -> Answer {
    let new = NewThreshold {
        kind: form.kind,
        value: form.value,
        // A person types percent.
        rate: form.rate / 100.0,
        evaluation: form.evaluation,
        reason: form.reason.trim().to_owned(),
    };
    signed.registry.propose_threshold(&signed.actor, &new).await?;
    see("/thresholds?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionForm {
    confirmed: bool,
}

async fn decide(signed: SignedIn, Id(id): Id<ThresholdProposalId>, Sent(form): Sent<DecisionForm>) -> Answer {
    signed.registry.decide_threshold(&signed.actor, id, form.confirmed).await?;
    see("/thresholds?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn count(signed: SignedIn, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.count_error_rates(&signed.actor).await?;
    see("/thresholds?done=saved")
}

async fn add_evaluation(signed: SignedIn, upload: Upload) -> Answer {
    let file = upload.files.first().ok_or_else(|| RegistryError::Invalid {
        field: "evaluation",
        problem: "choose the file of an evaluation".to_owned(),
    })?;
    signed.registry.add_evaluation(Some(&signed.actor), &file.bytes).await?;
    see("/thresholds?done=saved")
}
