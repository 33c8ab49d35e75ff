//! Answers that were given, kept so that reloading, going back and pressing twice ask nothing again: each request is a look
//! of its own, and may use a sanction up.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use tanba_registry::{Answer as Given, Candidate, CaseId};

use super::super::{Answer, Page, SignedIn, render};
use crate::problem::Refusal;
use crate::state::ServerState;

/// An answer with what it was asked on.
pub(crate) struct KeptAnswer {
    pub(super) case: CaseId,
    pub(super) act: &'static str,
    pub(super) purpose: String,
    pub(super) legal_basis: String,
    pub(super) sanction: Option<String>,
    pub(super) urgent: Option<String>,
    pub(super) given: Given,
}

#[derive(Template)]
#[template(path = "access/answer.html")]
struct AnswerPage {
    p: Page,
    kept: Arc<KeptAnswer>,
    /// Candidates, each with the key of the form that releases its identity.
    candidates: Option<Vec<(Candidate, String)>>,
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Path(key): Path<String>) -> Answer {
    match state.answers().find(&signed.visitor.csrf(), &key) {
        Some(Some(kept)) => {
            let p = Page::new(&state, &signed, "access", "access-answer-title").about(&kept.purpose);
            let keyed = |candidate: &Candidate| Ok((candidate.clone(), super::super::fresh_key()?));
            let candidates =
                kept.given.candidates.as_ref().map(|list| list.iter().map(keyed).collect::<Result<_, Refusal>>());
            render(&AnswerPage { p, candidates: candidates.transpose()?, kept })
        }
        Some(None) => Err(super::super::shelf::coming()),
        None => Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "answer_gone",
            "answers are kept for a quarter of an hour, for the session that asked: ask again where you still need it",
        )),
    }
}
