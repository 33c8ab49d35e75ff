//! The console: pages for people, over the same registry as the API.
//!
//! A page is a template (`templates/`) and a handler. The handler takes [`SignedIn`] (or [`Visitor`] where anyone may look),
//! calls one method of the registry, and gives a struct that holds a [`Page`] and what the template shows to [`render`]. A
//! form posts to a route that answers with [`see`] (303), so that reloading, going back and pressing twice are safe. What is
//! refused comes back as [`Refusal`](crate::problem::Refusal), which [`error::dress`] turns into a page in the visitor's language.
//!
//! Areas, each with its templates, its style sheet under `assets/` and its texts under `locales/`: the entrance (signing in,
//! also nationally, the first page) and `access` here; more are added as modules of their own.
//!
//! Absent here: a decision of law; a personal identifier in a URL; inline script or style; a request to another host; text for
//! people that is not in `locales/`.

pub(crate) mod access;
mod admin;
pub(crate) mod assets;
pub(crate) mod counter;
pub(crate) mod device;
mod entrance;
pub(crate) mod error;
mod examination;
pub(crate) mod files;
mod form;
pub(crate) mod genomic;
pub(crate) mod language;
mod national;
mod nav;
pub(crate) mod oversight;
mod page;
mod passkeys;
pub(crate) mod shelf;
mod visitor;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

/// A number, all but its last four characters hidden.
pub(crate) fn masked(number: &str) -> String {
    let shown = number.chars().count().saturating_sub(4);
    number.chars().enumerate().map(|(i, c)| if i < shown { '•' } else { c }).collect()
}

pub(crate) use form::{Sent, Upload};
pub(crate) use language::{Lang, arg};
pub(crate) use page::Page;
pub(crate) use visitor::{SignedIn, Visitor};

use crate::gate::{BODY_BYTES, IMAGE_BODY_BYTES};
use crate::problem::Refusal;
use crate::state::ServerState;

/// What a handler of a page answers.
pub(crate) type Answer = Result<Response, Refusal>;

/// Every page.
pub(crate) fn routes() -> Router<ServerState> {
    let pages = Router::new()
        .merge(entrance::routes())
        .merge(national::routes())
        .merge(counter::routes())
        .merge(access::routes())
        .merge(admin::routes())
        .merge(examination::routes())
        .merge(files::routes())
        .merge(genomic::routes())
        .merge(oversight::routes())
        .merge(passkeys::routes());
    pages.layer(DefaultBodyLimit::max(BODY_BYTES)).merge(uploads()).merge(assets::routes())
}

/// Routes that take image files.
fn uploads() -> Router<ServerState> {
    Router::new()
        .merge(counter::uploads())
        .merge(access::uploads())
        .merge(files::uploads())
        .merge(genomic::uploads())
        .merge(oversight::uploads())
        .layer(DefaultBodyLimit::max(IMAGE_BODY_BYTES))
}

/// A template as a page.
pub(crate) fn render(template: &impl askama::Template) -> Answer {
    match template.render() {
        Ok(text) => Ok(Html(text).into_response()),
        Err(error) => Err(Refusal::internal(&error)),
    }
}

/// After a form: go and see this page. The path is ours, never one that came from outside.
pub(crate) fn see(path: &str) -> Answer {
    let to = HeaderValue::from_str(path).map_err(|e| Refusal::internal(&e))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

/// A fresh random key for a form that may be done once only: 32 hexadecimal digits.
pub(crate) fn fresh_key() -> Result<String, Refusal> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| Refusal::internal(&std::io::Error::other(e)))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
