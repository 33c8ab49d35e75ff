//! What a request passes before and around its handler: is there a register, is there room for heavy work, and running to
//! its end whatever the client does.

use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::OwnedSemaphorePermit;

use crate::problem::Refusal;
use crate::state::ServerState;

/// Bytes read of a body without images: the longest honest one, a genomic profile, has a few kilobytes.
pub(crate) const BODY_BYTES: usize = 256 << 10;

/// Bytes read of a body with images: twenty of half a megapixel in base64, uncompressed, with room to spare.
pub(crate) const IMAGE_BODY_BYTES: usize = 32 << 20;

/// Heavy requests worked on at once for each core: one computes while the other reads its body or waits for the disk.
pub(crate) const HEAVY_PER_CORE: usize = 2;

/// How long a heavy request waits for room before it is sent away.
const ROOM_WAIT: Duration = Duration::from_secs(10);

/// How long a client waits for an answer. The work goes on; the client asks again with the same client key.
const ANSWER_WAIT: Duration = Duration::from_secs(90);

/// Without a register the API answers nothing, by whatever path.
pub(crate) async fn only_when_open(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    match state.registry() {
        Err(unready) if path.starts_with("/api/") && path != crate::openapi::PATH => unready.into_response(),
        _ => next.run(request).await,
    }
}

/// Runs the request in a task of its own: a client that goes away, or waits no longer, does not stop it between the
/// commit and what must follow (such as entering the gallery).
pub(crate) async fn to_the_end(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER_WAIT, tokio::spawn(next.run(request))).await {
        Ok(Ok(response)) => response,
        Ok(Err(panicked)) => Refusal::internal(&panicked).into_response(),
        Err(_) => Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "slow",
            "no answer in time, and it is not known whether the request was done: ask again with the same client key",
        )
        .retry_after(10)
        .into_response(),
    }
}

/// Room for heavy work, held until the answer is made. An extractor before the body: what waits here is not read yet.
pub(crate) struct Room(#[allow(dead_code)] OwnedSemaphorePermit);

impl FromRequestParts<ServerState> for Room {
    type Rejection = Refusal;

    async fn from_request_parts(_: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        match tokio::time::timeout(ROOM_WAIT, state.heavy().acquire_owned()).await {
            Ok(Ok(room)) => Ok(Self(room)),
            _ => Err(Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "the service is busy: ask again in some seconds",
            )
            .retry_after(5)),
        }
    }
}
