//! Reviews: what automation noticed and a second officer decides.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_registry::{PersonId, ReviewTask, ReviewView, RowId};

use super::short;
use crate::console::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/reviews", get(list))
        .route("/reviews/{review}", get(one))
        .route("/reviews/{review}/merge", post(merge))
        .route("/reviews/{review}/close", post(close))
}

#[derive(Template)]
#[template(path = "examination/reviews.html")]
struct Reviews {
    p: Page,
    tasks: Vec<ReviewTask>,
    /// May open them; a supervisor sees the list alone.
    decides: bool,
}

async fn list(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let tasks = signed.registry.open_reviews(&signed.actor).await?;
    let decides = signed.actor.roles().contains(&tanba_registry::Role::SecondOfficer);
    render(&Reviews { p: Page::new(&state, &signed, "examination", "exam-reviews-title"), tasks, decides })
}

#[derive(Template)]
#[template(path = "examination/review.html")]
struct Review {
    p: Page,
    view: ReviewView,
}

async fn one(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<RowId>) -> Answer {
    let view = signed.registry.review(&signed.actor, id).await?;
    let p = Page::new(&state, &signed, "examination", "exam-review-title").about("review");
    render(&Review { p, view })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

async fn merge(signed: SignedIn, Id(id): Id<RowId>, Sent(form): Sent<Reason>) -> Answer {
    let revision = signed.registry.propose_merge(&signed.actor, id, &form.reason).await?;
    see(&format!("/revisions/{}?done=proposed", revision.id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Close {
    outcome: String,
}

async fn close(signed: SignedIn, Id(id): Id<RowId>, Sent(form): Sent<Close>) -> Answer {
    signed.registry.close_review(&signed.actor, id, &form.outcome).await?;
    see("/reviews?done=review-closed")
}

impl Reviews {
    /// A person's own request has its page with the answer; everything else is decided on the review's.
    fn page(&self, task: &ReviewTask) -> String {
        match task.subject_kind.as_str() {
            "person_request" => format!("/requests/{}", task.subject_id),
            _ => format!("/reviews/{}", task.id),
        }
    }

    fn person(&self, id: &PersonId) -> String {
        short(id)
    }
}

impl Review {
    /// The second side is another encounter of the first one's record, not another record.
    fn same_record(&self, person: &PersonId) -> bool {
        self.view.task.persons.first() == Some(person)
    }

    fn person(&self, id: &PersonId) -> String {
        short(id)
    }
}
