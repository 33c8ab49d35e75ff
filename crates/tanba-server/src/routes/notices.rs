//! Whether a person wants to be told of looks.

use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::input::Input;
use crate::openapi::InputRefusals;
use crate::problem::Refusal;
use crate::session::Signed;

/// A choice of the person concerned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticeChoice {
    /// Whether they want to be told of looks by the state's messaging service.
    wanted: bool,
}

/// I want to be told of looks, or not
///
/// For the person concerned, and nobody else. What waits is not sent to somebody who wants none; every look stands on the own page all the same.
#[utoipa::path(put, path = "/api/me/notices", tag = "transparency", security(("session" = [])),
    request_body = NoticeChoice, responses((status = 204, description = "It holds from now on"), InputRefusals))]
pub(crate) async fn choose_notices(signed: Signed, Input(choice): Input<NoticeChoice>) -> Result<StatusCode, Refusal> {
    signed.registry.choose_notices(&signed.actor, choice.wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}
