//! Headers on every answer: what a browser may not do with it, and that a demonstration is one.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::state::ServerState;

/// Nothing may be loaded, run, framed or posted from what the API sends.
const POLICY_OF_THE_API: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A page loads its own style, scripts and images, and posts to itself. `blob:` is for an image that was chosen and not sent yet.
const POLICY_OF_PAGES: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the headers. Answers of the API are for the one who asked, and no cache keeps them.
pub(crate) async fn protect(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let of_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, if of_api { POLICY_OF_THE_API } else { POLICY_OF_PAGES }),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if of_api || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if state.demonstration() {
        headers.insert(HeaderName::from_static("x-tanba-mode"), HeaderValue::from_static("demonstration"));
    }
    response
}
