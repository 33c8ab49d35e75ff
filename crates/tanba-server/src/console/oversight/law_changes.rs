//! Changes of the law, as the supervisor reads and acknowledges them.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use tanba_registry::{LawDeliveryId, LawDeliveryState, LawDeliveryView};

use super::super::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/law-changes", get(page)).route("/law-changes/{delivery}/acknowledgement", post(acknowledge))
}

#[derive(Template)]
#[template(path = "oversight/law_changes.html")]
struct ChangesPage {
    p: Page,
    deliveries: Vec<LawDeliveryView>,
    /// Whether there are some that do not wait any more.
    past: bool,
}

async fn page(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let deliveries = signed.registry.law_deliveries(&signed.actor).await?;
    let past = deliveries.iter().any(|delivery| delivery.state != LawDeliveryState::Waiting);
    render(&ChangesPage { p: Page::new(&state, &signed, "oversight", "lawchange-title"), deliveries, past })
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn acknowledge(signed: SignedIn, Id(id): Id<LawDeliveryId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.acknowledge_law(&signed.actor, id).await?;
    see("/law-changes?done=law-acknowledged")
}
