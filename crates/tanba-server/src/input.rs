//! Reading requests: JSON bodies, ids in paths, query strings, images. What is refused is named by place and expectation,
//! never repeated, because it may be about a person.

use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use base64::Engine as _;
use serde::de::DeserializeOwned;
use tanba_registry::BadId;

use crate::problem::Refusal;
use crate::state::ServerState;

/// A JSON body.
pub(crate) struct Input<T>(pub(crate) T);

/// The id in a path that has one.
pub(crate) struct Id<T>(pub(crate) T);

/// The query string.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<ServerState> for Input<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Refusal> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|k| k.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type",
                "send JSON with `Content-Type: application/json`",
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|e| unread(&e))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|e| unfit(&e))
    }
}

impl<T: FromStr<Err = BadId> + Send> FromRequestParts<ServerState> for Id<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        let unreadable = || Refusal::new(StatusCode::BAD_REQUEST, "bad_id", "the path holds no readable id");
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| unreadable())?;
        text.parse().map(Self).map_err(|e: BadId| Refusal::new(StatusCode::BAD_REQUEST, "bad_id", e.to_string()))
    }
}

impl<T: DeserializeOwned> FromRequestParts<ServerState> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        let Query(asked) = Query::<T>::from_request_parts(parts, state).await.map_err(|_| {
            let detail = "the query string is not what this path takes: see /api/openapi.json";
            Refusal::new(StatusCode::BAD_REQUEST, "bad_query", detail)
        })?;
        Ok(Self(asked))
    }
}

/// The bytes of an image that came as base64.
pub(crate) fn image(text: &str) -> Result<Vec<u8>, Refusal> {
    decoded(text, "image: send the image file in standard base64")
}

/// The bytes of any file that came as base64.
pub(crate) fn file(text: &str) -> Result<Vec<u8>, Refusal> {
    decoded(text, "file: send the file in standard base64")
}

fn decoded(text: &str, otherwise: &'static str) -> Result<Vec<u8>, Refusal> {
    let engine = base64::engine::general_purpose::STANDARD;
    engine.decode(text).map_err(|_| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", otherwise))
}

fn unread(rejection: &BytesRejection) -> Refusal {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!(
                "the body is too large: paths that take images read up to {} MiB, others up to {} KiB",
                crate::gate::IMAGE_BODY_BYTES >> 20,
                crate::gate::BODY_BYTES >> 10
            ),
        ),
        _ => Refusal::new(StatusCode::BAD_REQUEST, "unread", "the body did not arrive whole: send it again"),
    }
}

/// What serde says of the text, less the part of it that repeats what was sent.
fn unfit(error: &serde_json::Error) -> Refusal {
    let place = format!("line {} column {}", error.line(), error.column());
    if !error.is_data() {
        return Refusal::new(StatusCode::BAD_REQUEST, "bad_json", format!("the body is not JSON: see {place}"));
    }
    let told = error.to_string();
    let expected = if told.starts_with("missing field `") {
        told
    } else {
        // Serde puts what it got before its last ", expected " and what it knows after it.
        match told.rsplit_once(", expected ") {
            Some((got, expected)) if got.starts_with("unknown field") => format!("unknown member: expected {expected}"),
            Some((_, expected)) => format!("not what belongs here: expected {expected}"),
            None => format!("not what belongs here, at {place}"),
        }
    };
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("{expected}; see /api/openapi.json"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::response::IntoResponse as _;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)] // only what cannot be read into it matters
    struct Wanted {
        name: String,
        count: u32,
        id: Option<tanba_registry::CaseId>,
        day: Option<jiff::civil::Date>,
        typed: Option<BTreeMap<String, String>>,
    }

    #[test]
    fn no_refusal_repeats_what_was_sent() {
        for text in [
            r#"{"name": "a", "count": "900101100017"}"#,
            r#"{"name": "a", "count": 900101100017}"#,
            r#"{"name": "a", "count": 1, "900101100017": 1}"#,
            r#"{"name": "a", "count": 1, ", expected 900101100017": 1}"#,
            r#"{"name": "a", "count": 1, "id": "900101100017"}"#,
            r#"{"name": "a", "count": 1, "day": "900101100017"}"#,
            r#"{"name": "a", "count": 1, "typed": {"900101100017": 1}}"#,
            r#"{"name": "a", "count": 1, "typed": "missing field `900101100017`"}"#,
            r#"{"name": 900101100017.5}"#,
            r#"["900101100017"]"#,
            r#"{"count": 900101100017"#,
        ] {
            let error = serde_json::from_str::<Wanted>(text).unwrap_err();
            let refusal = unfit(&error);
            assert!(!format!("{refusal:?}").contains("900101100017"), "{text}: {refusal:?}");
            assert!(refusal.into_response().status().is_client_error());
        }
    }
}
