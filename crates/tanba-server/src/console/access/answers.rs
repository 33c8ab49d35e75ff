//! Answers that were given, kept for a quarter of an hour so that reloading, going back and pressing twice ask nothing again
//! (each request is a look of its own, and may use a sanction up). In memory only, and for the session that asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use tanba_registry::{Answer as Given, Candidate, CaseId};

use super::super::{Answer, Page, SignedIn, render};
use crate::problem::Refusal;
use crate::state::ServerState;

const KEPT: Duration = Duration::from_secs(15 * 60);
/// Answers kept at once; the oldest goes first.
const ROOM: usize = 1000;

/// The answers that are kept.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<HashMap<Key, Kept>>);

/// The session's form token, and the key of the form.
type Key = (String, String);

struct Kept {
    since: Instant,
    /// `None` while it is being worked on.
    answer: Option<Arc<KeptAnswer>>,
}

/// An answer with what it was asked on.
pub(super) struct KeptAnswer {
    pub(super) case: CaseId,
    pub(super) act: &'static str,
    pub(super) purpose: String,
    pub(super) legal_basis: String,
    pub(super) sanction: Option<String>,
    pub(super) given: Given,
}

impl Shelf {
    /// Takes the place of a request; `false` where the same form was sent before.
    pub(super) fn begin(&self, session: &str, key: &str) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, kept| kept.since.elapsed() < KEPT);
        if kept.len() >= ROOM
            && let Some(oldest) = kept.iter().min_by_key(|(_, kept)| kept.since).map(|(key, _)| key.clone())
        {
            kept.remove(&oldest);
        }
        let place = (session.to_owned(), key.to_owned());
        if kept.contains_key(&place) {
            return false;
        }
        kept.insert(place, Kept { since: Instant::now(), answer: None });
        true
    }

    /// Puts the answer there, or gives the place up where there is none.
    pub(super) fn end(&self, session: &str, key: &str, answer: Option<KeptAnswer>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (session.to_owned(), key.to_owned());
        match answer {
            Some(answer) => {
                kept.insert(place, Kept { since: Instant::now(), answer: Some(Arc::new(answer)) });
            }
            None => {
                kept.remove(&place);
            }
        }
    }

    /// What lies there: nothing, a request being worked on, or its answer.
    fn find(&self, session: &str, key: &str) -> Option<Option<Arc<KeptAnswer>>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(&(session.to_owned(), key.to_owned()))?;
        (found.since.elapsed() < KEPT).then(|| found.answer.clone())
    }
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
        Some(None) => Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "answer_coming",
            "the request is being worked on: reload this page in some seconds",
        )
        .retry_after(2)),
        None => Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "answer_gone",
            "answers are kept for a quarter of an hour, for the session that asked: ask again where you still need it",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_form_begins_once_and_an_answer_is_for_its_session() {
        let shelf = Shelf::default();
        assert!(shelf.begin("a", "1"));
        assert!(!shelf.begin("a", "1"));
        assert!(shelf.begin("b", "1"), "another session's key is its own");
        assert!(matches!(shelf.find("a", "1"), Some(None)));
        shelf.end("a", "1", None);
        assert!(shelf.find("a", "1").is_none());
        assert!(shelf.begin("a", "1"), "a refused request can be asked again");
    }
}
