//! Tasks that automation may open and only a human being may close.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{ReviewTask, RowId};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::time;

/// A task of review.
#[derive(Serialize, ToSchema)]
pub(crate) struct Review {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// `identity_conflict`, `duplicate_registration`, `inconclusive_comparison`, `disputed_comparison`, `cluster_revised`,
    /// `death_recorded`, `correction_requested`, `restriction_requested`, `erasure_requested`, `review_requested`, `match_overturned`,
    /// `possible_duplicate_by_name`, `prints_postponed`, `decision_of_age`.
    kind: String,
    /// What kind of record it is about.
    subject_kind: String,
    /// Which one.
    #[schema(format = "uuid")]
    subject_id: String,
    /// When it was opened.
    #[schema(format = "date-time")]
    opened_at: String,
    /// The persons that it is about at present.
    #[schema(value_type = Vec<String>)]
    persons: Vec<String>,
    /// The encounters that it is about, in the order of the persons.
    #[schema(value_type = Vec<String>)]
    encounters: Vec<String>,
}

impl From<ReviewTask> for Review {
    fn from(task: ReviewTask) -> Self {
        Self {
            id: task.id.to_string(),
            kind: task.kind,
            subject_kind: task.subject_kind,
            subject_id: task.subject_id,
            opened_at: time(task.opened_at),
            persons: task.persons.iter().map(ToString::to_string).collect(),
            encounters: task.encounters.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The end of a task.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Closure {
    /// What was found.
    outcome: String,
}

/// The open tasks, oldest first
#[utoipa::path(get, path = "/api/reviews", tag = "adjudication", security(("session" = [])),
    responses((status = 200, body = Vec<Review>), Refusals))]
pub(crate) async fn open_reviews(signed: Signed) -> Result<Json<Vec<Review>>, Refusal> {
    let tasks = signed.registry.open_reviews(&signed.actor).await?;
    Ok(Json(tasks.into_iter().map(Review::from).collect()))
}

/// Close a task with what was found
#[utoipa::path(post, path = "/api/reviews/{review}/closure", tag = "adjudication", security(("session" = [])),
    params(("review" = String, Path, format = "uuid")), request_body = Closure,
    responses((status = 204, description = "It is closed"), InputRefusals))]
pub(crate) async fn close_review(
    signed: Signed,
    Id(id): Id<RowId>,
    Input(closure): Input<Closure>,
) -> Result<StatusCode, Refusal> {
    signed.registry.close_review(&signed.actor, id, &closure.outcome).await?;
    Ok(StatusCode::NO_CONTENT)
}
