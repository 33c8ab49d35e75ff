//! A request for correction on the second officer's side: read it, look at the person, answer.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_registry::{CorrectionRequestView, RowId};

use super::super::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/correction-requests", get(list))
        .route("/correction-requests/{id}", get(page))
        .route("/correction-requests/{id}/answer", post(answer))
}

#[derive(Template)]
#[template(path = "oversight/corrections.html")]
struct List {
    p: Page,
    /// The request and since when it waits.
    open: Vec<(String, tanba_registry::Instant)>,
}

async fn list(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let open = signed.registry.open_reviews(&signed.actor).await?;
    let open = open
        .into_iter()
        .filter(|task| task.kind == "correction_requested")
        .map(|task| (task.subject_id, task.opened_at))
        .collect();
    render(&List { open, p: Page::new(&state, &signed, "oversight", "correction-list-title") })
}

#[derive(Template)]
#[template(path = "oversight/correction.html")]
struct Correction {
    p: Page,
    view: CorrectionRequestView,
    attribute: String,
}

async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<RowId>) -> Answer {
    let view = signed.registry.correction_request(&signed.actor, id).await?;
    let p = Page::new(&state, &signed, "oversight", "correction-title").about("correction");
    render(&Correction { attribute: super::citizen::attribute_name(&p, &view.attribute), view, p })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerForm {
    answer: String,
}

/// The answer closes the review task; the person reads it on the own page.
async fn answer(signed: SignedIn, Id(id): Id<RowId>, Sent(form): Sent<AnswerForm>) -> Answer {
    let view = signed.registry.correction_request(&signed.actor, id).await?;
    signed.registry.close_review(&signed.actor, view.review, form.answer.trim()).await?;
    see("/correction-requests?done=correction-answered")
}
