//! Identity documents through their whole life.

use axum::Json;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tanba_registry::{DocumentId, DocumentView, EncounterId};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{DocumentEvent, DocumentState};

/// What document is applied for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDocument {
    /// The kind, by the code of law packs.
    #[schema(example = "identity_card")]
    kind: String,
}

/// A document.
#[derive(Serialize, ToSchema)]
pub(crate) struct Document {
    /// Its id: not the printed number.
    #[schema(format = "uuid")]
    id: String,
    /// Its holder.
    #[schema(format = "uuid")]
    person: String,
    /// `identity_card`, `passport`, ...
    kind: String,
    /// Where it stands.
    state: DocumentState,
    /// Whether its holder's registered prints stand behind it.
    prints_linked: bool,
    /// Last day of validity.
    #[schema(value_type = Option<String>, format = "date")]
    valid_to: Option<Date>,
}

impl From<DocumentView> for Document {
    fn from(view: DocumentView) -> Self {
        Self {
            id: view.id.to_string(),
            person: view.person.to_string(),
            kind: view.kind,
            state: view.state.into(),
            prints_linked: view.prints_linked,
            valid_to: view.valid_to,
        }
    }
}

/// The number and date that personalisation gives a document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Personalisation {
    /// The printed number.
    number: String,
    /// Last day of validity.
    #[schema(value_type = String, format = "date")]
    valid_to: Date,
}

/// What happened to a document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Happened {
    /// What; `personalised` has a path of its own.
    event: DocumentEvent,
}

/// Apply for a document
///
/// At the end of an encounter; registered or verified prints are linked. The same application twice is one.
#[utoipa::path(post, path = "/api/encounters/{encounter}/documents", tag = "documents", security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")), request_body = NewDocument,
    responses((status = 201, body = Document), InputRefusals))]
pub(crate) async fn apply_for_document(
    signed: Signed,
    Id(encounter): Id<EncounterId>,
    Input(new): Input<NewDocument>,
) -> Result<(StatusCode, Json<Document>), Refusal> {
    let view = signed.registry.apply_for_document(&signed.actor, encounter, &new.kind).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// See a document
#[utoipa::path(get, path = "/api/documents/{document}", tag = "documents", security(("session" = [])),
    params(("document" = String, Path, format = "uuid")), responses((status = 200, body = Document), Refusals))]
pub(crate) async fn view_document(signed: Signed, Id(id): Id<DocumentId>) -> Result<Json<Document>, Refusal> {
    Ok(Json(signed.registry.view_document(&signed.actor, id).await?.into()))
}

/// Give a document its number and date
#[utoipa::path(post, path = "/api/documents/{document}/personalisation", tag = "documents",
    security(("session" = [])), params(("document" = String, Path, format = "uuid")),
    request_body = Personalisation, responses((status = 200, body = Document), InputRefusals))]
pub(crate) async fn personalise_document(
    signed: Signed,
    Id(id): Id<DocumentId>,
    Input(given): Input<Personalisation>,
) -> Result<Json<Document>, Refusal> {
    let given = tanba_registry::Personalisation { number: given.number, valid_to: given.valid_to };
    Ok(Json(signed.registry.personalise_document(&signed.actor, id, &given).await?.into()))
}

/// Record what happened to a document
#[utoipa::path(post, path = "/api/documents/{document}/events", tag = "documents", security(("session" = [])),
    params(("document" = String, Path, format = "uuid")), request_body = Happened,
    responses((status = 200, body = Document), InputRefusals))]
pub(crate) async fn document_happened(
    signed: Signed,
    Id(id): Id<DocumentId>,
    Input(happened): Input<Happened>,
) -> Result<Json<Document>, Refusal> {
    let event = happened.event.into();
    Ok(Json(signed.registry.document_happened(&signed.actor, id, event).await?.into()))
}
