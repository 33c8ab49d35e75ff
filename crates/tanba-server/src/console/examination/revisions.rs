//! Revisions of persons: proposed by one officer, applied or rejected by another, who sees exactly what would move.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use tanba_registry::{
    CorrectionTask, DualKind, OpenAct, PersonId, Revision, RevisionDetail, RevisionId, RevisionTask, RowId,
    WaitingErasures,
};

use super::persons::Reason;
use super::{Nothing, short};
use crate::console::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/revisions", get(list))
        .route("/revisions/erasures/{plan}/release", post(release))
        .route("/revisions/{revision}", get(one))
        .route("/revisions/{revision}/apply", post(apply))
        .route("/revisions/{revision}/reject", post(reject))
        .route("/revisions/{revision}/undo", post(undo))
}

#[derive(Template)]
#[template(path = "examination/revisions.html")]
struct Revisions {
    p: Page,
    revisions: Vec<RevisionTask>,
    corrections: Vec<CorrectionTask>,
    /// Acts that somebody else has begun to sign.
    acts: Vec<OpenAct>,
    erasures: Vec<WaitingErasures>,
}

async fn list(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let revisions = signed.registry.pending_revisions(&signed.actor).await?;
    let corrections = signed.registry.pending_corrections(&signed.actor).await?;
    let mut acts = signed.registry.open_acts(&signed.actor).await?;
    acts.retain(|open| !open.own && !open.signed_by.is_empty());
    let erasures = signed.registry.waiting_erasures(&signed.actor).await?;
    let p = Page::new(&state, &signed, "examination", "exam-revisions-title");
    render(&Revisions { p, revisions, corrections, acts, erasures })
}

#[derive(Template)]
#[template(path = "examination/revision.html")]
struct OneRevision {
    p: Page,
    view: RevisionDetail,
}

async fn one(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<RevisionId>) -> Answer {
    let view = signed.registry.revision(&signed.actor, id).await?;
    let p = Page::new(&state, &signed, "examination", "exam-revision-title").about("revision");
    render(&OneRevision { p, view })
}

async fn apply(signed: SignedIn, Id(id): Id<RevisionId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.apply_revision(&signed.actor, id).await?;
    see(&format!("/revisions/{id}?done=applied"))
}

async fn reject(signed: SignedIn, Id(id): Id<RevisionId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.reject_revision(&signed.actor, id).await?;
    see(&format!("/revisions/{id}?done=rejected"))
}

async fn release(signed: SignedIn, Id(plan): Id<RowId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.release_erasures(&signed.actor, plan).await?;
    see("/revisions?done=saved")
}

async fn undo(signed: SignedIn, Id(id): Id<RevisionId>, Sent(form): Sent<Reason>) -> Answer {
    let undoing = Revision::Undo { revision: id };
    let proposed = signed.registry.propose_revision(&signed.actor, &undoing, &form.reason).await?;
    see(&format!("/revisions/{}?done=proposed", proposed.id))
}

impl Revisions {
    fn person(&self, id: &PersonId) -> String {
        short(id)
    }
}

impl OneRevision {
    fn person(&self, id: &PersonId) -> String {
        short(id)
    }
}
