//! Who reads and asks for somebody else: the page of a child or of whoever gave a document, and the officer who records one.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use jiff::civil::Date;
use serde::Deserialize;
use tanba_registry::{LookGroup, NewRepresentation, PersonId, RepresentativeKind, RepresentedPage, RowId};

use super::super::{Answer, Page, Sent, SignedIn, render, see};
use super::address;
use super::citizen::{Attribute, PAGE, Told, attributes_of, told};
use super::requests::{About, Form, Request};
use crate::input::{Asked, Id};
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/me/represented", post(find))
        .route("/me/represented/{person}", get(page))
        .route("/me/represented/{person}/request", get(form))
        .route("/me/represented/{person}/requests", post(ask))
        .route("/me/representatives/{id}/end", post(end))
        .route("/persons/{person}/representative", get(record_form).post(record))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whom {
    iin: String,
}

async fn find(signed: SignedIn, Sent(form): Sent<Whom>) -> Answer {
    let person = signed.registry.find_represented(&signed.actor, &form.iin).await?;
    see(&format!("/me/represented/{person}"))
}

#[derive(Deserialize)]
struct Before {
    before: Option<u64>,
}

#[derive(Template)]
#[template(path = "oversight/represented.html")]
struct Represented {
    p: Page,
    represented: RepresentedPage,
    attributes: Vec<Attribute>,
    looks: Vec<Told>,
    older: Option<String>,
}

async fn page(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(person): Id<PersonId>,
    Asked(asked): Asked<Before>,
) -> Answer {
    let represented = signed.registry.represented_page(&signed.actor, person, asked.before, PAGE).await?;
    let p = Page::new(&state, &signed, "oversight", "represented-title").about("rights-of-the-person");
    let last = represented.page.looks.last().and_then(|g| g.entries.last()).map(|(seq, _)| *seq);
    let own = format!("/me/represented/{}", represented.person);
    render(&Represented {
        attributes: attributes_of(&p, &represented.page),
        looks: represented.page.looks.iter().map(|group| told_of_another(&p, group)).collect(),
        older: last.filter(|_| represented.page.more).map(|seq| address(&own, &[("before", seq.to_string())])),
        represented,
        p,
    })
}

/// The same look, for a reader who is not the person: "you" would be somebody else.
fn told_of_another(p: &Page, group: &LookGroup) -> Told {
    let who = match (&group.representative, group.own) {
        (_, true) => Some(p.t("represented-the-person")),
        (Some(name), false) => Some(p.with("represented-a-representative", name)),
        (None, false) => None,
    };
    let told = told(p, group);
    Told { who: who.unwrap_or(told.who), ..told }
}

impl Represented {
    fn guardian(&self) -> bool {
        self.represented.kind == RepresentativeKind::Guardian
    }
}

async fn form(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(person): Id<PersonId>,
    Asked(about): Asked<About>,
) -> Answer {
    let p = Page::new(&state, &signed, "oversight", "me-request-title");
    render(&Form::new(p, about, format!("/me/represented/{person}"), false))
}

async fn ask(signed: SignedIn, Id(person): Id<PersonId>, Sent(form): Sent<Request>) -> Answer {
    let (new, _) = form.new_request();
    signed.registry.ask_for_represented(&signed.actor, person, &new).await?;
    see(&format!("/me/represented/{person}?done=request-entered"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn end(signed: SignedIn, Id(id): Id<RowId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.end_representation(&signed.actor, id).await?;
    see("/me?done=representation-ended#representatives")
}

// --------------------------------------------------------------------------------------------------- the officer's side

#[derive(Template)]
#[template(path = "oversight/representative.html")]
struct Record {
    p: Page,
    person: PersonId,
}

async fn record_form(State(state): State<ServerState>, signed: SignedIn, Id(person): Id<PersonId>) -> Answer {
    render(&Record { p: Page::new(&state, &signed, "oversight", "representative-title"), person })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    attorney: String,
    document: String,
    valid_to: Date,
}

async fn record(signed: SignedIn, Id(person): Id<PersonId>, Sent(form): Sent<Document>) -> Answer {
    let Document { attorney, document, valid_to } = form;
    let new = NewRepresentation { attorney, document, valid_to };
    signed.registry.record_representation(&signed.actor, person, &new).await?;
    see(&format!("/persons/{person}/representative?done=representation-recorded"))
}
