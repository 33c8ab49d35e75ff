//! National sign-in of the person concerned: leaving for it, coming back, and signing out there (docs/sign-in.md).

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde::Deserialize;
use tanba_registry::NationalReturn;

use super::visitor::{SESSION, cookie, lax_cookie, set_cookie};
use super::{Answer, Page, SignedIn, Visitor, render, see};
use crate::input::Asked;
use crate::problem::Refusal;
use crate::state::ServerState;

/// Where people come back to.
pub(super) const RETURN: &str = "/sign-in/national/return";

/// The cookie of an attempt; over TLS with the prefix by which a browser takes it from this host alone.
const ATTEMPT: [&str; 2] = ["tanba_attempt", "__Host-tanba_attempt"];

/// Seconds for which the browser keeps it: as long as an attempt holds.
const ATTEMPT_SECONDS: u32 = 600;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/sign-in/national", get(leave))
        .route(RETURN, get(come_back))
        .route("/sign-in/national/out", get(sign_out_there))
}

#[derive(Deserialize)]
struct What {
    /// `proof`: to be recognised anew in this session.
    #[serde(default, rename = "for")]
    what: String,
}

/// A link, not a form: pages may post to this service alone, and a browser holds a form to that through redirects.
async fn leave(
    State(state): State<ServerState>,
    signed: Result<SignedIn, Refusal>,
    Asked(asked): Asked<What>,
) -> Answer {
    let registry = state.registry()?;
    let left = match asked.what.as_str() {
        "proof" => registry.begin_national_proof(&signed?.actor).await?,
        _ => registry.begin_national_sign_in().await?,
    };
    let secure = state.face().secure_cookies;
    let mut response = away(&left.to)?;
    put(&mut response, &lax_cookie(ATTEMPT[usize::from(secure)], &left.cookie, secure, ATTEMPT_SECONDS));
    Ok(response)
}

#[derive(Template)]
#[template(path = "signed_in.html")]
struct SignedInPage {
    p: Page,
    /// Where it goes on.
    next: &'static str,
    proved: bool,
}

/// A page of this service, which leads on by itself: a browser that is sent on from another site keeps the session's cookie to itself.
async fn come_back(
    State(state): State<ServerState>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    let secure = state.face().secure_cookies;
    let attempt = cookie(&headers, ATTEMPT[usize::from(secure)]);
    let registry = state.registry()?;
    let came = registry.finish_national_sign_in(attempt.as_deref(), query.as_deref().unwrap_or_default()).await?;
    let (next, token) = match came {
        NationalReturn::Opened(token) => ("/me", Some(token)),
        NationalReturn::Proved => ("/me#lock", None),
    };
    let page =
        SignedInPage { p: Page::open(&state, &visitor, "common", "signed-in-title"), next, proved: token.is_none() };
    let mut response = render(&page)?;
    if let Some(token) = token {
        put(&mut response, &set_cookie(SESSION, token.reveal(), secure, None));
    }
    put(&mut response, &lax_cookie(ATTEMPT[usize::from(secure)], "", secure, 0));
    Ok(response)
}

/// To the place where one signs out of the national sign-in too.
async fn sign_out_there(State(state): State<ServerState>) -> Answer {
    match state.registry()?.national_sign_out().await? {
        Some(place) => away(&place),
        None => see("/"),
    }
}

/// To the provider, whose address was checked when it was read.
fn away(to: &str) -> Answer {
    let to = HeaderValue::from_str(to).map_err(|e| Refusal::internal(&e))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

fn put(response: &mut Response, cookie: &str) {
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
