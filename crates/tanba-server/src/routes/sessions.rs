//! Signing in and out.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::gate::Room;
use crate::input::Input;
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::{Open, Signed};
use crate::wire::Role;

/// Who signs in, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The account's name.
    login: String,
    /// Its password.
    password: String,
    /// The code of the station, for work at a counter.
    #[serde(default)]
    station: Option<String>,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    /// The secret that it is known by: send it as `Authorization: Bearer TOKEN`. It ends after a working day.
    token: String,
}

/// The signed-in account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// The account.
    #[schema(format = "uuid")]
    account: String,
    /// The name it signs in with.
    login: String,
    /// The legal body it acts for.
    body: String,
    /// What it may do.
    roles: Vec<Role>,
    /// The code of the session's station.
    station: Option<String>,
}

/// Sign in
///
/// An unknown login and a wrong password look the same. Five failures in a row rest an account for five minutes.
#[utoipa::path(post, path = "/api/sessions", tag = "sessions", security(()), request_body = SignIn,
    responses((status = 201, body = Session), InputRefusals))]
pub(crate) async fn sign_in(
    Open(registry): Open,
    // Verifying a password takes memory and time on purpose; guessing must not take all of the machine's.
    _room: Room,
    Input(who): Input<SignIn>,
) -> Result<(StatusCode, Json<Session>), Refusal> {
    let token = registry.sign_in(&who.login, &who.password, who.station.as_deref()).await?;
    Ok((StatusCode::CREATED, Json(Session { token: token.reveal().to_owned() })))
}

/// Sign out
#[utoipa::path(delete, path = "/api/sessions", tag = "sessions", security(("session" = [])),
    responses((status = 204, description = "The session has ended"), Refusals))]
pub(crate) async fn sign_out(signed: Signed) -> Result<StatusCode, Refusal> {
    signed.registry.sign_out(&signed.actor, &signed.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The signed-in account
#[utoipa::path(get, path = "/api/me", tag = "sessions", security(("session" = [])),
    responses((status = 200, body = Me), Refusals))]
pub(crate) async fn me(Signed { actor, .. }: Signed) -> Json<Me> {
    Json(Me {
        account: actor.account().to_string(),
        login: actor.login().to_owned(),
        body: actor.body().to_owned(),
        roles: actor.roles().iter().map(|role| Role::from(*role)).collect(),
        station: actor.station().map(|station| station.code.clone()),
    })
}
