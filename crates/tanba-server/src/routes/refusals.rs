//! What follows when a person refuses: each step decided by an authority, none by the machine.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{EncounterId, RefusalId, RefusalView};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::openapi::InputRefusals;
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{AppealOutcome, Text, time};

/// A recorded refusal and what the law lets follow.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordedRefusal {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// Which refusal of this person it is, from 1.
    step: u32,
    /// What may follow: `fine`, `deny_document`, `expel`, `none`.
    consequence: String,
    /// Who may decide it.
    authority: String,
    /// Index units of a fine.
    index_units: Option<f64>,
    /// The fine in money, where the year's index is known.
    amount: Option<f64>,
    /// The clause.
    clause: String,
    /// In plain words; given with the answer to the refusal itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text>,
    /// Whether an interim document is issued meanwhile.
    interim_document: bool,
    /// When the authority decided, if it has.
    #[schema(format = "date-time")]
    decided_at: Option<String>,
    /// When the fine was paid, if it was.
    #[schema(format = "date-time")]
    paid_at: Option<String>,
    /// When an appeal was lodged, if it was.
    #[schema(format = "date-time")]
    appealed_at: Option<String>,
    /// When the appeal ended, if it did.
    #[schema(format = "date-time")]
    appeal_ended_at: Option<String>,
    /// How it ended.
    appeal_outcome: Option<AppealOutcome>,
}

/// How an appeal ended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAppealOutcome {
    /// `upheld` takes the step back, `dismissed` leaves it.
    outcome: AppealOutcome,
}

impl From<RefusalView> for RecordedRefusal {
    fn from(view: RefusalView) -> Self {
        Self {
            id: view.id.to_string(),
            step: view.step,
            consequence: view.consequence,
            authority: view.authority,
            index_units: view.index_units,
            amount: view.amount,
            clause: view.clause,
            text: view.text.map(Text::from),
            interim_document: view.interim_document,
            decided_at: view.decided_at.map(time),
            paid_at: view.paid_at.map(time),
            appealed_at: view.appealed_at.map(time),
            appeal_ended_at: view.appeal_ended_at.map(time),
            appeal_outcome: view.appeal_outcome.map(AppealOutcome::from),
        }
    }
}

/// Record that the person refuses
///
/// Ends the encounter and says what the law lets follow; nothing follows by itself.
#[utoipa::path(post, path = "/api/encounters/{encounter}/refusal", tag = "refusals", security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")),
    responses((status = 201, body = RecordedRefusal), InputRefusals))]
pub(crate) async fn record_refusal(
    signed: Signed,
    Id(encounter): Id<EncounterId>,
) -> Result<(StatusCode, Json<RecordedRefusal>), Refusal> {
    let view = signed.registry.record_refusal(&signed.actor, encounter).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Decide that the consequence follows
///
/// By an officer who did not record the refusal; the law is asked again at this moment.
#[utoipa::path(post, path = "/api/refusals/{refusal}/decision", tag = "refusals", security(("session" = [])),
    params(("refusal" = String, Path, format = "uuid")),
    responses((status = 200, body = RecordedRefusal), InputRefusals))]
pub(crate) async fn decide_refusal(signed: Signed, Id(id): Id<RefusalId>) -> Result<Json<RecordedRefusal>, Refusal> {
    Ok(Json(signed.registry.decide_refusal(&signed.actor, id).await?.into()))
}

/// Record that the fine was paid
#[utoipa::path(post, path = "/api/refusals/{refusal}/payment", tag = "refusals", security(("session" = [])),
    params(("refusal" = String, Path, format = "uuid")),
    responses((status = 200, body = RecordedRefusal), InputRefusals))]
pub(crate) async fn fine_paid(signed: Signed, Id(id): Id<RefusalId>) -> Result<Json<RecordedRefusal>, Refusal> {
    Ok(Json(signed.registry.fine_paid(&signed.actor, id).await?.into()))
}

/// Record that an appeal was lodged
///
/// It suspends the consequence.
#[utoipa::path(post, path = "/api/refusals/{refusal}/appeal", tag = "refusals", security(("session" = [])),
    params(("refusal" = String, Path, format = "uuid")),
    responses((status = 200, body = RecordedRefusal), InputRefusals))]
pub(crate) async fn appeal_refusal(signed: Signed, Id(id): Id<RefusalId>) -> Result<Json<RecordedRefusal>, Refusal> {
    Ok(Json(signed.registry.appeal_refusal(&signed.actor, id).await?.into()))
}

/// Close an appeal
///
/// By an officer who neither recorded the refusal nor decided what follows it.
#[utoipa::path(post, path = "/api/refusals/{refusal}/appeal/outcome", tag = "refusals", security(("session" = [])),
    params(("refusal" = String, Path, format = "uuid")), request_body = NewAppealOutcome,
    responses((status = 200, body = RecordedRefusal), InputRefusals))]
pub(crate) async fn close_appeal(
    signed: Signed,
    Id(id): Id<RefusalId>,
    Input(new): Input<NewAppealOutcome>,
) -> Result<Json<RecordedRefusal>, Refusal> {
    Ok(Json(signed.registry.close_appeal(&signed.actor, id, new.outcome.into()).await?.into()))
}
