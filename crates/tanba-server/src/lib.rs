//! The register over HTTP: the console for people, a REST API with its OpenAPI document, the public log, health and metrics.
//!
//! [`router`] is the whole service as one [`axum::Router`]; [`serve`] runs it on a socket until it is told to stop. What
//! may be done, and what is written down about it, [`tanba_registry`] decides: a route here reads a request, calls one
//! method, and writes the answer.
//!
//! Absent here: SQL; a decision of law; a personal identifier in a URL, a header, a log line, a metric or an error (one
//! protocol, the data tracker's, sends one in the query and a header; it is written nowhere); an
//! effect that stops half-way because a client went away (every request runs to its end in a task of its own).

mod console;
mod constant;
mod gate;
mod headers;
mod input;
mod metrics;
mod notice_text;
mod octets;
mod openapi;
mod problem;
mod public_log;
mod routes;
mod serve;
mod session;
mod spoken;
mod state;
mod status;
mod wire;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

pub use console::device::{VirtualDevice, VirtualHands};
pub use console::oversight::{TrainingGuardian, TrainingPeople, TrainingPerson};
pub use notice_text::notice_text;
pub use openapi::openapi_json;
pub use problem::Problem;
pub use serve::serve;
pub use state::{Face, ServerState, Unready};

/// Everything that the service answers.
pub fn router(state: ServerState) -> Router {
    let (api, document) = openapi::documented().split_for_parts();
    api.merge(openapi::route(&document))
        .merge(public_log::routes())
        .merge(status::routes())
        .merge(console::routes())
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        // The last layer added is the first to see a request.
        .layer(from_fn(gate::to_the_end))
        .layer(from_fn_with_state(state.clone(), gate::only_when_open))
        .layer(from_fn_with_state(state.clone(), console::error::dress))
        .layer(from_fn_with_state(state.clone(), metrics::count))
        .layer(from_fn_with_state(state.clone(), headers::protect))
        .with_state(state)
}
