//! What forms send: read whole, held to its shape, and proved to come from a page of this session.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::visitor::{SESSION, cookie, csrf_of};
use crate::problem::Refusal;
use crate::state::ServerState;

/// The field (or header, for islands and htmx) that proves that a form is ours.
const CSRF_FIELD: &str = "csrf";
const CSRF_HEADER: &str = "x-csrf";

/// A form without files. Fields that the form does not have are refused where `T` says `deny_unknown_fields`.
pub(crate) struct Sent<T>(pub(crate) T);

/// A form with files.
pub(crate) struct Upload {
    /// Text fields by name; of a name that comes twice the last.
    pub(crate) fields: BTreeMap<String, String>,
    /// Files that were chosen, in order.
    pub(crate) files: Vec<UploadedFile>,
}

/// One chosen file.
pub(crate) struct UploadedFile {
    /// The form's field.
    pub(crate) field: String,
    /// The file's name as the browser gives it: for guessing the finger, never shown or stored.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl<T: DeserializeOwned> FromRequest<ServerState> for Sent<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Refusal> {
        let headers = request.headers().clone();
        same_origin(&headers)?;
        let bytes =
            Zeroizing::new(Bytes::from_request(request, state).await.map_err(|e| too_large(e.status()))?.to_vec());
        let mut pairs: Vec<(String, String)> = serde_html_form::from_bytes(&bytes).map_err(|_| unfit())?;
        let mut given = None;
        pairs.retain(|(name, value)| {
            let ours = name == CSRF_FIELD;
            if ours {
                given = Some(value.clone());
            }
            !ours
        });
        prove(&headers, given.as_deref())?;
        let text = Zeroizing::new(serde_html_form::to_string(&pairs).map_err(|_| unfit())?);
        serde_html_form::from_str(&text).map(Self).map_err(|_| unfit())
    }
}

impl FromRequest<ServerState> for Upload {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Refusal> {
        let headers = request.headers().clone();
        same_origin(&headers)?;
        let mut parts = Multipart::from_request(request, state).await.map_err(|_| unfit())?;
        let mut upload = Self { fields: BTreeMap::new(), files: Vec::new() };
        let mut proved = false;
        if headers.contains_key(CSRF_HEADER) {
            prove(&headers, None)?;
            proved = true;
        }
        while let Some(part) = parts.next_field().await.map_err(|e| too_large(e.status()))? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            // The token stands first in the form: without it no file is read.
            if !proved && name != CSRF_FIELD {
                return Err(forged());
            }
            let bytes = part.bytes().await.map_err(|e| too_large(e.status()))?;
            match file {
                // A file field that nothing was chosen for comes empty.
                Some(_) if bytes.is_empty() => {}
                Some(file) => {
                    let bytes = Zeroizing::new(bytes.to_vec());
                    upload.files.push(UploadedFile { field: name, name: file, bytes });
                }
                None => {
                    let text = String::from_utf8(bytes.to_vec()).map_err(|_| unfit())?;
                    if name == CSRF_FIELD {
                        prove(&headers, Some(&text))?;
                        proved = true;
                    } else {
                        upload.fields.insert(name, text);
                    }
                }
            }
        }
        if proved { Ok(upload) } else { Err(forged()) }
    }
}

/// Browsers say where a request comes from; where they say "another site", nothing is read.
pub(crate) fn same_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let head = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = head("sec-fetch-site") {
        return if matches!(site, "same-origin" | "none") { Ok(()) } else { Err(forged()) };
    }
    match (head(header::ORIGIN.as_str()), head(header::HOST.as_str())) {
        (Some(origin), Some(host)) if origin.split("://").nth(1) != Some(host) => Err(forged()),
        _ => Ok(()),
    }
}

/// The form's token is that of the session. Without a session there is nothing that another site could misuse.
fn prove(headers: &HeaderMap, given: Option<&str>) -> Result<(), Refusal> {
    let Some(session) = cookie(headers, SESSION) else { return Ok(()) };
    let given = given.or_else(|| headers.get(CSRF_HEADER)?.to_str().ok()).unwrap_or_default();
    let expected = csrf_of(&session);
    if bool::from(given.as_bytes().ct_eq(expected.as_bytes())) { Ok(()) } else { Err(forged()) }
}

fn forged() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "forged_form",
        "this form does not come from a page of your session: nothing was done; open the page again and repeat it",
    )
}

/// The refusal of a form that is not the page's.
pub(crate) fn unfit() -> Refusal {
    Refusal::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "unfit_form",
        "the form was not sent as this page has it: nothing was done; open the page again and repeat it",
    )
}

fn too_large(status: StatusCode) -> Refusal {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!(
                "this is too large: forms take up to {} KiB, files up to {} MiB together; nothing was done",
                crate::gate::BODY_BYTES >> 10,
                crate::gate::IMAGE_BODY_BYTES >> 20
            ),
        )
    } else {
        Refusal::new(StatusCode::BAD_REQUEST, "unread", "the form did not arrive whole: send it again")
    }
}
