//! Sanctions that their authority has signed, and the keys by which that is checked.

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tanba_registry::{CaseId, Instant, SanctionKeyId, SanctionSubject};
use utoipa::ToSchema;

use super::follow_up::Revocation;
use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{Made, SanctionKeyState, time};

/// A signed sanction to be entered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSignedSanction {
    /// The case, whose number is the one that the sanction names.
    #[schema(value_type = String, format = "uuid")]
    case: CaseId,
    /// The signed note (C2SP signed-note), as the authority gave it.
    note: String,
    /// Whom it is about; absent where it is about an unknown person.
    #[serde(default)]
    subject: Option<Subject>,
}

/// What opens the sanction's commitment to the person it is about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subject {
    /// The salt, 16 bytes in base64.
    salt: String,
    /// The identification number.
    number: String,
}

/// The key of an office, to be entered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSanctionKey {
    /// Its verifier key (C2SP signed-note, name+hash+key); the name is the office's.
    verifier: String,
    /// At which level of authority the office decides, by the code of law packs.
    #[schema(example = "court")]
    level: String,
    /// From when.
    #[schema(value_type = String, format = "date-time")]
    valid_from: Timestamp,
    /// Until when; no sanction under it lasts longer.
    #[schema(value_type = String, format = "date-time")]
    valid_to: Timestamp,
}

/// Whether a key is good.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyDecision {
    /// `false` rejects it.
    confirmed: bool,
}

/// The key of an office.
#[derive(Serialize, ToSchema)]
pub(crate) struct SanctionKey {
    /// The key.
    #[schema(format = "uuid")]
    id: String,
    /// Its verifier key.
    verifier: String,
    /// The office: the key's name.
    office: String,
    /// The level of authority.
    level: String,
    /// From when.
    #[schema(format = "date-time")]
    valid_from: String,
    /// Until when.
    #[schema(format = "date-time")]
    valid_to: String,
    /// Where it stands.
    state: SanctionKeyState,
}

/// Enter a signed sanction
///
/// By another human being than the officer who will use it. It is checked now and at every use.
#[utoipa::path(post, path = "/api/signed-sanctions", tag = "access", security(("session" = [])),
    request_body = NewSignedSanction, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn enter_signed_sanction(
    signed: Signed,
    Input(new): Input<NewSignedSanction>,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    let subject = new.subject.map(|subject| SanctionSubject { salt: subject.salt, number: subject.number });
    let new = tanba_registry::SignedSanction { case: new.case, note: new.note, subject };
    let id = signed.registry.enter_signed_sanction(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(Made::new(id))))
}

/// Enter the key of an office
///
/// It is good for nothing before a supervisor confirms it.
#[utoipa::path(post, path = "/api/sanction-keys", tag = "access", security(("session" = [])),
    request_body = NewSanctionKey, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn propose_sanction_key(
    signed: Signed,
    Input(new): Input<NewSanctionKey>,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    let instant = |at: Timestamp| Instant::from_micros(at.as_microsecond());
    let new = tanba_registry::NewSanctionKey {
        verifier: new.verifier,
        level: new.level,
        valid_from: instant(new.valid_from),
        valid_to: instant(new.valid_to),
    };
    let id = signed.registry.propose_sanction_key(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(Made::new(id))))
}

/// Confirm or reject the key of an office
///
/// By a supervisor who is another human being than whoever entered it.
#[utoipa::path(post, path = "/api/sanction-keys/{key}/decision", tag = "access", security(("session" = [])),
    params(("key" = String, Path, format = "uuid")), request_body = KeyDecision,
    responses((status = 204), InputRefusals))]
pub(crate) async fn decide_sanction_key(
    signed: Signed,
    Id(id): Id<SanctionKeyId>,
    Input(decision): Input<KeyDecision>,
) -> Result<StatusCode, Refusal> {
    signed.registry.decide_sanction_key(&signed.actor, id, decision.confirmed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End the key of an office now
///
/// No sanction under it opens anything any more.
#[utoipa::path(post, path = "/api/sanction-keys/{key}/revocation", tag = "access", security(("session" = [])),
    params(("key" = String, Path, format = "uuid")), request_body = Revocation,
    responses((status = 204), InputRefusals))]
pub(crate) async fn revoke_sanction_key(
    signed: Signed,
    Id(id): Id<SanctionKeyId>,
    Input(new): Input<Revocation>,
) -> Result<StatusCode, Refusal> {
    signed.registry.revoke_sanction_key(&signed.actor, id, new.reason()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The keys of offices
#[utoipa::path(get, path = "/api/sanction-keys", tag = "access", security(("session" = [])),
    responses((status = 200, body = Vec<SanctionKey>), Refusals))]
pub(crate) async fn sanction_keys(signed: Signed) -> Result<Json<Vec<SanctionKey>>, Refusal> {
    let keys = signed.registry.sanction_keys(&signed.actor).await?;
    let shown = keys.into_iter().map(|key| SanctionKey {
        id: key.id.to_string(),
        verifier: key.verifier,
        office: key.office,
        level: key.level,
        valid_from: time(key.valid_from),
        valid_to: time(key.valid_to),
        state: key.state.into(),
    });
    Ok(Json(shown.collect()))
}
