//! The API's description: generated from the routes themselves, so that it has every one of them and no other.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::get;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;

use crate::problem::Problem;
use crate::routes;
use crate::state::ServerState;

/// Where the document is served.
pub(crate) const PATH: &str = "/api/openapi.json";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Tanba",
        description = "National fingerprint and genomic registration.\n\nEvery effect, every look at a person's data and \
                       every denial is an entry of the public log before the answer leaves. Identification numbers and \
                       names go in bodies, never in URLs. Acts that a client may repeat after a lost answer carry the \
                       client's own key.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact()
    ),
    components(schemas(Problem)),
    modifiers(&Shared),
    tags(
        (name = "sessions", description = "Signing in and out"),
        (name = "passkeys", description = "Passkeys of those who work here: binding them, signing with them"),
        (name = "institutions", description = "Organisations, sites, stations, accounts"),
        (name = "encounters", description = "A person before an operator: law, consent, capture, comparison, the end"),
        (name = "documents", description = "Identity documents through their whole life"),
        (name = "refusals", description = "What follows a refusal, each step decided by an authority"),
        (name = "adjudication", description = "Candidates before examiners; persons revised under dual control"),
        (name = "access", description = "Authorities, cases, sanctions, and lawful looks"),
        (name = "genomic", description = "Specimens and their profiles"),
        (name = "files", description = "Files that people bring: what they hold, and turned into other formats"),
        (name = "transparency", description = "What the person concerned, the supervisor and the public see")
    )
)]
struct Document;

/// The documented routes with their document.
pub(crate) fn documented() -> OpenApiRouter<ServerState> {
    OpenApiRouter::with_openapi(Document::openapi()).merge(routes::all())
}

/// The OpenAPI document as pretty JSON with a final newline: the same text from the same source.
pub fn openapi_json() -> String {
    to_text(&documented().into_openapi())
}

pub(crate) fn to_text(document: &OpenApi) -> String {
    let mut text = document.to_pretty_json().expect("a document of strings, numbers and maps serialises");
    text.push('\n');
    text
}

/// The route that serves the document.
pub(crate) fn route(document: &OpenApi) -> Router<ServerState> {
    let text = Bytes::from(to_text(document));
    Router::new().route(PATH, get(move || async move { ([(header::CONTENT_TYPE, "application/json")], text.clone()) }))
}

/// What a signed-in request without a body may be answered with, beside its success.
pub(crate) struct Refusals;

/// The same for one with a JSON body.
pub(crate) struct InputRefusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refer(|problem| problem.reading)
    }
}

impl IntoResponses for InputRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refer(|_| true)
    }
}

fn refer(which: impl Fn(&SharedProblem) -> bool) -> BTreeMap<String, RefOr<Response>> {
    let shared = PROBLEMS.iter().filter(|problem| which(problem));
    shared.map(|p| (p.status.to_owned(), RefOr::Ref(Ref::from_response_name(p.name)))).collect()
}

/// A problem that many routes share.
struct SharedProblem {
    status: &'static str,
    name: &'static str,
    description: &'static str,
    /// Whether a request without a body may meet it too.
    reading: bool,
}

const PROBLEMS: [SharedProblem; 11] = [
    shared("400", "BadRequest", "The path, query or body cannot be read", true),
    shared("401", "Unauthenticated", "Not signed in, or the session has ended", true),
    shared("403", "Denied", "The law or the role says no: with the clause, and what would be needed. In the log", true),
    shared("404", "NotFound", "There is no such record, or it is not this account's to see", true),
    shared("409", "Conflict", "The request contradicts what is recorded", false),
    shared("413", "TooLarge", "The body is too large", false),
    shared("415", "NotJson", "The body is not said to be JSON", false),
    shared("422", "Invalid", "A value cannot be taken; the detail names it and says what to give", false),
    shared("429", "TooManyAttempts", "Too many failed sign-ins; see Retry-After", false),
    shared("500", "Internal", "The service failed, nothing was stored; tell the administrator the incident", true),
    shared("503", "Unavailable", "No register is open, or the service is busy; see Retry-After", true),
];

const fn shared(status: &'static str, name: &'static str, description: &'static str, reading: bool) -> SharedProblem {
    SharedProblem { status, name, description, reading }
}

/// Puts the shared problems and the session's security scheme into the document.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        for problem in &PROBLEMS {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            let response =
                ResponseBuilder::new().description(problem.description).content("application/problem+json", content);
            components.responses.insert(problem.name.to_owned(), response.build().into());
        }
        let session = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("session", session);
    }
}
