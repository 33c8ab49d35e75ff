//! The document: applied for, made, handed over, and its life after that.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use tanba_law::DocumentType;
use tanba_registry::{
    DocumentEvent, DocumentId, DocumentLife, DocumentState, DocumentView, EncounterId, EncounterState, INTERIM,
    Personalisation, RegistryError,
};

use super::{Head, at, page as page_about};
use crate::console::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

/// For how many years a new document is proposed to be valid.
const YEARS: i16 = 10;

/// What may happen to a document besides being made.
const EVENTS: [DocumentEvent; 7] = [
    DocumentEvent::Issued,
    DocumentEvent::Lost,
    DocumentEvent::Found,
    DocumentEvent::Stolen,
    DocumentEvent::Replaced,
    DocumentEvent::Expired,
    DocumentEvent::Cancelled,
];

#[derive(Template)]
#[template(path = "counter/document_step.html")]
struct DocumentStepPage {
    p: Page,
    head: Head,
    /// Kinds that can be applied for at this encounter; the one that the person came for first.
    kinds: Vec<&'static str>,
    valid_to: String,
}

impl DocumentStepPage {
    /// A document is made and not handed over yet: that comes first.
    fn pending(&self) -> Option<&DocumentView> {
        self.head.desk.documents.iter().find(|d| d.state == DocumentState::Personalised)
    }

    fn may_apply(&self) -> bool {
        let state = self.head.desk.view.state;
        matches!(state, EncounterState::Registered | EncounterState::Verified | EncounterState::Exempt)
    }
}

pub(super) async fn of_encounter(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<EncounterId>,
) -> Answer {
    let head = Head::load(&signed, id, "document").await?;
    let wanted = DocumentType::from_name(&head.desk.view.trigger);
    let others = DocumentType::ALL.iter().copied().filter(|kind| Some(*kind) != wanted);
    let kinds = wanted.into_iter().chain(others).map(DocumentType::name).collect();
    let today = signed.registry.today();
    let valid_to = today.with().year(today.year() + YEARS).build().unwrap_or(today).to_string();
    render(&DocumentStepPage { p: page_about(&state, &signed, "counter-document-title"), head, kinds, valid_to })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Apply {
    kind: String,
    number: String,
    valid_to: String,
}

/// Applies, and gives the document the number of its blank. Pressed twice, it is one document.
pub(super) async fn apply(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Apply>) -> Answer {
    let valid_to: Date = form
        .valid_to
        .parse()
        .map_err(|_| RegistryError::Invalid { field: "valid_to", problem: "give the date as YYYY-MM-DD".to_owned() })?;
    let number = form.number.trim().to_owned();
    if number.is_empty() {
        return Err(
            RegistryError::Invalid { field: "number", problem: "give the number of the blank".to_owned() }.into()
        );
    }
    let document = signed.registry.apply_for_document(&signed.actor, id, &form.kind).await?;
    if document.state == DocumentState::Applied {
        signed.registry.personalise_document(&signed.actor, document.id, &Personalisation { number, valid_to }).await?;
    }
    see(&format!("/counter/documents/{}", document.id))
}

#[derive(Template)]
#[template(path = "counter/document.html")]
struct DocumentPage {
    p: Page,
    life: DocumentLife,
    events: Vec<&'static str>,
}

impl DocumentPage {
    fn interim(&self) -> bool {
        self.life.document.kind == INTERIM
    }

    fn main_event(&self) -> bool {
        self.life.document.state == DocumentState::Personalised
    }

    fn receipt(&self) -> String {
        at(self.life.encounter, "receipt")
    }

    fn step(&self) -> String {
        at(self.life.encounter, "document")
    }
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<DocumentId>) -> Answer {
    let life = signed.registry.document_life(&signed.actor, id).await?;
    let present = life.document.state;
    let events = EVENTS.into_iter().filter(|event| present.after(*event).is_some()).map(DocumentEvent::name).collect();
    let p = Page::new(&state, &signed, "counter", "counter-document-title").about("document");
    render(&DocumentPage { p, life, events })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Happened {
    event: String,
}

pub(super) async fn happened(signed: SignedIn, Id(id): Id<DocumentId>, Sent(form): Sent<Happened>) -> Answer {
    let event = EVENTS
        .into_iter()
        .find(|event| event.name() == form.event)
        .ok_or(RegistryError::Invalid { field: "event", problem: "choose what the page offers".to_owned() })?;
    signed.registry.document_happened(&signed.actor, id, event).await?;
    see(&format!("/counter/documents/{id}"))
}
