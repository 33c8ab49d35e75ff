//! Corrections, changes of name and deaths, as the officer who decides sees them.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use tanba_registry::{CorrectionId, CorrectionView, PersonId};

use super::{Nothing, short};
use crate::console::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/revisions/corrections/{correction}", get(one))
        .route("/revisions/corrections/{correction}/apply", post(apply))
        .route("/revisions/corrections/{correction}/reject", post(reject))
}

#[derive(Template)]
#[template(path = "examination/correction.html")]
struct Correction {
    p: Page,
    view: CorrectionView,
}

async fn one(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<CorrectionId>) -> Answer {
    let view = signed.registry.correction(&signed.actor, id).await?;
    let p = Page::new(&state, &signed, "examination", "exam-correction-title").about("correction");
    render(&Correction { p, view })
}

async fn apply(signed: SignedIn, Id(id): Id<CorrectionId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.apply_correction(&signed.actor, id).await?;
    see(&format!("/revisions/corrections/{id}?done=applied"))
}

async fn reject(signed: SignedIn, Id(id): Id<CorrectionId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.reject_correction(&signed.actor, id).await?;
    see(&format!("/revisions/corrections/{id}?done=rejected"))
}

impl Correction {
    fn person(&self, id: &PersonId) -> String {
        short(id)
    }
}
