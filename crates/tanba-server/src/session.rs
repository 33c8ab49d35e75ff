//! Who asks: the session token of the request, turned into an account.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use tanba_registry::{Actor, Registry};

use crate::problem::Refusal;
use crate::state::ServerState;

/// The header in which a second officer confirms with a session of their own.
pub(crate) const SECOND_OFFICER: &str = "x-second-officer";

/// An open register, for the few requests that need no session.
pub(crate) struct Open(pub(crate) Registry);

/// A signed-in account with the register that it works on.
pub(crate) struct Signed {
    pub(crate) registry: Registry,
    pub(crate) actor: Actor,
    pub(crate) token: String,
}

/// A session that is open, or waits for its passkey: for passkeys alone.
pub(crate) struct HalfSigned {
    pub(crate) registry: Registry,
    pub(crate) token: String,
}

/// The second officer of an act that takes two, where that session goes along.
pub(crate) struct SecondOfficer(pub(crate) Option<Actor>);

impl FromRequestParts<ServerState> for Open {
    type Rejection = Refusal;

    async fn from_request_parts(_: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        Ok(Self(state.registry()?.clone()))
    }
}

impl FromRequestParts<ServerState> for Signed {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        let HalfSigned { registry, token } = HalfSigned::from_request_parts(parts, state).await?;
        let actor = registry.authenticate(&token).await?;
        Ok(Self { registry, actor, token })
    }
}

impl FromRequestParts<ServerState> for HalfSigned {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        let registry = state.registry()?.clone();
        let token = bearer(&parts.headers, "authorization").ok_or_else(|| {
            Refusal::new(
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "sign in with POST /api/sessions and send the token as `Authorization: Bearer TOKEN`",
            )
        })?;
        Ok(Self { registry, token })
    }
}

impl FromRequestParts<ServerState> for SecondOfficer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        let needed = || {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "second_officer",
                "this takes two officers: the second one signs in too, and that session goes along as `X-Second-Officer: Bearer TOKEN`",
            )
        };
        // Whoever has a passkey signs at a desk of their own.
        if !parts.headers.contains_key(SECOND_OFFICER) && state.registry()?.passkeys_in_use() {
            return Ok(Self(None));
        }
        let token = bearer(&parts.headers, SECOND_OFFICER).ok_or_else(needed)?;
        Ok(Self(Some(state.registry()?.authenticate(&token).await.map_err(|_| needed())?)))
    }
}

fn bearer(headers: &HeaderMap, name: &str) -> Option<String> {
    let (scheme, token) = headers.get(name)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}
