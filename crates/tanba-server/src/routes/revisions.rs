//! Persons are clusters of encounters, revised under dual control: one officer proposes, another applies.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{EncounterId, PersonId, RevisionId, RevisionView};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::openapi::InputRefusals;
use crate::problem::Refusal;
use crate::session::Signed;

/// A revision to be proposed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRevision {
    /// What is proposed.
    change: Change,
    /// Why, for the officer who decides.
    reason: String,
}

/// What is proposed.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Change {
    /// Two records are of one person: all encounters of `from` go to `into`.
    Merge {
        /// The record that ends.
        #[schema(value_type = String, format = "uuid")]
        from: PersonId,
        /// The record that stays.
        #[schema(value_type = String, format = "uuid")]
        into: PersonId,
    },
    /// One record is of two people: these encounters get a record of their own.
    Split {
        /// The record.
        #[schema(value_type = String, format = "uuid")]
        person: PersonId,
        /// The encounters of the other human being.
        #[schema(value_type = Vec<String>)]
        encounters: Vec<EncounterId>,
    },
    /// An encounter was attributed to the wrong record.
    Move {
        /// The encounter.
        #[schema(value_type = String, format = "uuid")]
        encounter: EncounterId,
        /// The record it belongs to.
        #[schema(value_type = String, format = "uuid")]
        to: PersonId,
    },
    /// An applied revision was wrong.
    Undo {
        /// The revision.
        #[schema(value_type = String, format = "uuid")]
        revision: RevisionId,
    },
}

impl From<Change> for tanba_registry::Revision {
    fn from(change: Change) -> Self {
        match change {
            Change::Merge { from, into } => Self::Merge { from, into },
            Change::Split { person, encounters } => Self::Split { person, encounters },
            Change::Move { encounter, to } => Self::Move { encounter, to },
            Change::Undo { revision } => Self::Undo { revision },
        }
    }
}

/// A revision.
#[derive(Serialize, ToSchema)]
pub(crate) struct Revision {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// `merge`, `split`, `move`, `undo`.
    kind: String,
    /// `proposed`, `applied`, `rejected`, `undone`.
    state: String,
    /// The encounters that move.
    moves: Vec<EncounterMove>,
}

/// An encounter that goes from one record to another.
#[derive(Serialize, ToSchema)]
pub(crate) struct EncounterMove {
    /// The encounter.
    #[schema(format = "uuid")]
    encounter: String,
    /// The record it leaves.
    #[schema(format = "uuid")]
    from: String,
    /// The record it joins.
    #[schema(format = "uuid")]
    to: String,
}

impl From<RevisionView> for Revision {
    fn from(view: RevisionView) -> Self {
        let moves = view.moves.iter().map(|(encounter, from, to)| EncounterMove {
            encounter: encounter.to_string(),
            from: from.to_string(),
            to: to.to_string(),
        });
        Self { id: view.id.to_string(), kind: view.kind, state: view.state, moves: moves.collect() }
    }
}

/// Propose a revision
///
/// Nothing moves until another officer applies exactly this plan.
#[utoipa::path(post, path = "/api/revisions", tag = "adjudication", security(("session" = [])),
    request_body = NewRevision, responses((status = 201, body = Revision), InputRefusals))]
pub(crate) async fn propose_revision(
    signed: Signed,
    Input(new): Input<NewRevision>,
) -> Result<(StatusCode, Json<Revision>), Refusal> {
    let view = signed.registry.propose_revision(&signed.actor, &new.change.into(), &new.reason).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Apply a proposed revision
///
/// By an officer who did not propose it. What relied on the old clustering is opened for review.
#[utoipa::path(post, path = "/api/revisions/{revision}/application", tag = "adjudication",
    security(("session" = [])), params(("revision" = String, Path, format = "uuid")),
    responses((status = 200, body = Revision), InputRefusals))]
pub(crate) async fn apply_revision(signed: Signed, Id(id): Id<RevisionId>) -> Result<Json<Revision>, Refusal> {
    Ok(Json(signed.registry.apply_revision(&signed.actor, id).await?.into()))
}

/// Turn a proposed revision down
#[utoipa::path(post, path = "/api/revisions/{revision}/rejection", tag = "adjudication",
    security(("session" = [])), params(("revision" = String, Path, format = "uuid")),
    responses((status = 200, body = Revision), InputRefusals))]
pub(crate) async fn reject_revision(signed: Signed, Id(id): Id<RevisionId>) -> Result<Json<Revision>, Refusal> {
    Ok(Json(signed.registry.reject_revision(&signed.actor, id).await?.into()))
}
