//! Requests of persons: the form (own page, counter, letter), and the side of whoever answers.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_registry::{
    CandidateId, NewAnswer, NewRequest, PersonId, PersonRequest, RegistryError, RequestKind, RequestLine, RowId,
};

use super::super::{Answer, Page, Sent, SignedIn, render, see};
use super::citizen::ATTRIBUTES;
use super::given;
use crate::input::{Asked, Id};
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/me/request", get(own_form))
        .route("/me/requests", post(ask))
        .route("/me/erasure-certificate", get(certificate))
        .route("/persons/{person}/request", get(counter_form))
        .route("/persons/{person}/requests", post(enter))
        .route("/requests", get(list))
        .route("/requests/{id}", get(page))
        .route("/requests/{id}/answer", post(answer))
        .route("/requests/{id}/lifting", post(lift))
}

// ---------------------------------------------------------------------------------------------------------- asking

/// What the form is for.
#[derive(Deserialize)]
pub(super) struct About {
    kind: RequestKind,
    comparison: Option<CandidateId>,
}

#[derive(Template)]
#[template(path = "oversight/request_form.html")]
pub(super) struct Form {
    p: Page,
    about: About,
    attributes: Vec<(&'static str, String)>,
    /// The page that the form belongs to.
    back: String,
    /// An officer enters it.
    officer: bool,
}

impl Form {
    pub(super) fn new(p: Page, about: About, back: String, officer: bool) -> Self {
        let attributes = ATTRIBUTES.into_iter().chain(["other"]).map(|name| (name, attribute_name(&p, name))).collect();
        Self { p, about, attributes, back, officer }
    }
}

async fn own_form(State(state): State<ServerState>, signed: SignedIn, Asked(about): Asked<About>) -> Answer {
    // Nothing of the record is on this page, so nothing is looked at; who may not ask is told when asking.
    render(&Form::new(Page::new(&state, &signed, "oversight", "me-request-title"), about, "/me".to_owned(), false))
}

async fn counter_form(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(person): Id<PersonId>,
    Asked(about): Asked<About>,
) -> Answer {
    let p = Page::new(&state, &signed, "oversight", "request-enter-title");
    render(&Form::new(p, about, format!("/persons/{person}"), true))
}

/// The name of an attribute, or of none of them.
pub(super) fn attribute_name(p: &Page, name: &str) -> String {
    if name == "other" { p.t("me-attribute-other") } else { p.code("attribute", name) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    kind: RequestKind,
    attribute: Option<String>,
    comparison: Option<CandidateId>,
    text: String,
    letter: Option<String>,
}

impl Request {
    pub(super) fn new_request(self) -> (NewRequest, Option<String>) {
        let new = NewRequest {
            kind: self.kind,
            attribute: given(self.attribute),
            comparison: self.comparison,
            text: self.text,
        };
        (new, given(self.letter))
    }
}

async fn ask(signed: SignedIn, Sent(form): Sent<Request>) -> Answer {
    let (new, _) = form.new_request();
    signed.registry.ask_for(&signed.actor, &new).await?;
    see("/me?done=request-sent#requests")
}

/// The certificate of what was erased, to be kept.
async fn certificate(signed: SignedIn) -> Answer {
    let file = signed.registry.erasure_certificate(&signed.actor).await?.to_bytes().map_err(RegistryError::from)?;
    let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"tanba.erasure.json\"");
    Ok(([(header::CONTENT_TYPE, "application/json"), name], file).into_response())
}

async fn enter(signed: SignedIn, Id(person): Id<PersonId>, Sent(form): Sent<Request>) -> Answer {
    let (new, letter) = form.new_request();
    let kind = new.kind.name();
    signed.registry.enter_request(&signed.actor, person, &new, letter.as_deref()).await?;
    see(&format!("/persons/{person}/request?kind={kind}&done=request-entered"))
}

// -------------------------------------------------------------------------------------------------------- answering

#[derive(Template)]
#[template(path = "oversight/requests.html")]
struct List {
    p: Page,
    open: Vec<RequestLine>,
    in_force: Vec<RequestLine>,
}

async fn list(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let lines = signed.registry.requests_to_answer(&signed.actor).await?;
    let (in_force, open) = lines.into_iter().partition(|line| line.in_force);
    render(&List { open, in_force, p: Page::new(&state, &signed, "oversight", "request-list-title") })
}

#[derive(Template)]
#[template(path = "oversight/request.html")]
struct One {
    p: Page,
    view: PersonRequest,
    attribute: Option<String>,
}

async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<RowId>) -> Answer {
    let view = signed.registry.person_request(&signed.actor, id).await?;
    let p = Page::new(&state, &signed, "oversight", "request-title").about("rights-of-the-person");
    render(&One { attribute: view.request.attribute.as_deref().map(|name| attribute_name(&p, name)), view, p })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerForm {
    decision: Decision,
    reasons: String,
    #[serde(default)]
    clause: String,
    #[serde(default)]
    appeal: String,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Granted,
    Refused,
}

/// The answer closes the request; the person reads it on the own page.
async fn answer(signed: SignedIn, Id(id): Id<RowId>, Sent(form): Sent<AnswerForm>) -> Answer {
    let AnswerForm { decision, reasons, clause, appeal } = form;
    let new = NewAnswer { granted: decision == Decision::Granted, reasons, clause, appeal };
    signed.registry.answer_request(&signed.actor, id, &new).await?;
    see("/requests?done=request-answered")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifting {
    reasons: String,
}

async fn lift(signed: SignedIn, Id(id): Id<RowId>, Sent(form): Sent<Lifting>) -> Answer {
    signed.registry.lift_restriction(&signed.actor, id, &form.reasons).await?;
    see("/requests?done=restriction-lifted")
}
