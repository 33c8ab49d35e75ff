//! What follows a look by an authority: the check of one in danger to life, what those who were told must delete or correct, answers passed
//! on abroad, and what an oversight body must know.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tanba_registry::{AccessRequestId, CaseId, Instant, RowId, SanctionId};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::{Open, Signed};
use crate::wire::{Made, time};

/// Why a sanction, or the key of an office, ends before its time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revocation {
    /// In 1 to 200 characters.
    reason: String,
}

impl Revocation {
    pub(super) fn reason(&self) -> &str {
        &self.reason
    }
}

/// End a sanction now
///
/// It opens nothing any more, and a search that runs under it stops without an answer.
#[utoipa::path(post, path = "/api/sanctions/{sanction}/revocation", tag = "access", security(("session" = [])),
    params(("sanction" = String, Path, format = "uuid")), request_body = Revocation,
    responses((status = 204), InputRefusals))]
pub(crate) async fn revoke_sanction(
    signed: Signed,
    Id(id): Id<SanctionId>,
    Input(new): Input<Revocation>,
) -> Result<StatusCode, Refusal> {
    signed.registry.revoke_sanction(&signed.actor, id, &new.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A search that was made elsewhere.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPriorSearch {
    /// The case it was made in.
    #[schema(value_type = String, format = "uuid")]
    case: CaseId,
    /// What was searched, by the word of law packs.
    #[schema(example = "national_database")]
    searched: String,
    /// Where it can be found again: the other register's number of the search.
    reference: String,
    /// When it was begun.
    #[schema(value_type = String, format = "date-time")]
    begun_at: Timestamp,
    /// When it was answered; absent while it is not.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date-time")]
    answered_at: Option<Timestamp>,
}

/// Record a search made elsewhere
///
/// Where the law wants a narrower register searched first, this proves it.
#[utoipa::path(post, path = "/api/prior-searches", tag = "access", security(("session" = [])),
    request_body = NewPriorSearch, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn record_prior_search(
    signed: Signed,
    Input(new): Input<NewPriorSearch>,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    let instant = |at: Timestamp| Instant::from_micros(at.as_microsecond());
    let new = tanba_registry::NewPriorSearch {
        case: new.case,
        searched: new.searched,
        reference: new.reference,
        begun_at: instant(new.begun_at),
        answered_at: new.answered_at.map(instant),
    };
    let id = signed.registry.record_prior_search(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(Made::new(id))))
}

/// A look in danger to life, and where its check stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct UrgentReview {
    /// The check.
    #[schema(format = "uuid")]
    id: String,
    /// The look.
    #[schema(format = "uuid")]
    request: String,
    /// The case.
    #[schema(format = "uuid")]
    case: String,
    /// What was asked.
    act: String,
    /// For which purpose.
    purpose: String,
    /// By which clause.
    clause: String,
    /// Which organisation asked.
    organisation: String,
    /// The danger, in the officer's words; not for a supervisor.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Where the look stands in the log.
    log_seq: u64,
    /// When it was made.
    #[schema(format = "date-time")]
    opened_at: String,
    /// The last day on which it may be checked.
    #[schema(format = "date")]
    due_on: String,
    /// Whether the holidays until then are known; where not, the day is no later than the law's.
    holidays_known: bool,
    /// `open`, `justified`, `unjustified` or `lapsed`.
    state: String,
    /// Whether this officer made the look and so may not check it.
    own: bool,
}

impl From<tanba_registry::UrgentReview> for UrgentReview {
    fn from(review: tanba_registry::UrgentReview) -> Self {
        Self {
            id: review.id.to_string(),
            request: review.request.to_string(),
            case: review.case.to_string(),
            act: review.act,
            purpose: review.purpose,
            clause: review.clause,
            organisation: review.organisation,
            reason: review.reason,
            log_seq: review.log_seq,
            opened_at: time(review.opened_at),
            due_on: review.due_on.to_string(),
            holidays_known: review.holidays_known,
            state: review.state,
            own: review.own,
        }
    }
}

/// Looks in danger to life
///
/// Those of the own organisation; a supervisor sees all. What waits comes first.
#[utoipa::path(get, path = "/api/urgent-reviews", tag = "access", security(("session" = [])),
    responses((status = 200, body = Vec<UrgentReview>), Refusals))]
pub(crate) async fn urgent_reviews(signed: Signed) -> Result<Json<Vec<UrgentReview>>, Refusal> {
    let reviews = signed.registry.urgent_reviews(&signed.actor).await?;
    Ok(Json(reviews.into_iter().map(Into::into).collect()))
}

/// What an officer finds of a look in danger to life.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UrgentDecision {
    /// Whether there was the danger, and the look was needed.
    justified: bool,
    /// On what this rests, in 1 to 200 characters.
    decision: String,
}

/// Check a look in danger to life
///
/// By another human being than the one who made it. Where it was not justified, whoever has the answer must delete it.
#[utoipa::path(post, path = "/api/urgent-reviews/{review}/decision", tag = "access", security(("session" = [])),
    params(("review" = String, Path, format = "uuid")), request_body = UrgentDecision,
    responses((status = 200, body = UrgentReview), InputRefusals))]
pub(crate) async fn decide_urgent_review(
    signed: Signed,
    Id(id): Id<RowId>,
    Input(new): Input<UrgentDecision>,
) -> Result<Json<UrgentReview>, Refusal> {
    let review = signed.registry.decide_urgent_review(&signed.actor, id, new.justified, &new.decision).await?;
    Ok(Json(review.into()))
}

/// What somebody who was told something must do.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecipientOrder {
    /// The order.
    #[schema(format = "uuid")]
    id: String,
    /// `delete` or `correct`.
    kind: String,
    /// `urgent_unjustified`, `urgent_lapsed`, `erased` or `corrected`.
    cause: String,
    /// The answer it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    request: Option<String>,
    /// The genomic hit it is about, where it is about no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    hit: Option<String>,
    /// Where in the log that answer stands, or the search that found the hit.
    answered_seq: Option<u64>,
    /// The organisation that must see to it.
    organisation: String,
    /// The partner abroad that has the answer through it.
    #[serde(skip_serializing_if = "Option::is_none")]
    partner: Option<String>,
    /// The new values of a correction by attribute, `null` where a value was taken back; not for a supervisor.
    values: BTreeMap<String, Option<String>>,
    /// When it was made.
    #[schema(format = "date-time")]
    ordered_at: String,
    /// The last day on which it may be acknowledged.
    #[schema(format = "date")]
    due_on: String,
    /// When it was.
    #[schema(format = "date-time")]
    acknowledged_at: Option<String>,
}

/// What those who were told must delete or correct
///
/// Orders to the own organisation, to a DNA examiner those about hits; a supervisor sees all. Open ones come first.
#[utoipa::path(get, path = "/api/recipient-orders", tag = "access", security(("session" = [])),
    responses((status = 200, body = Vec<RecipientOrder>), Refusals))]
pub(crate) async fn recipient_orders(signed: Signed) -> Result<Json<Vec<RecipientOrder>>, Refusal> {
    let orders = signed.registry.recipient_orders(&signed.actor).await?;
    let order = |order: tanba_registry::RecipientOrder| RecipientOrder {
        id: order.id.to_string(),
        kind: order.kind,
        cause: order.cause,
        request: order.request.map(|id| id.to_string()),
        hit: order.hit.map(|id| id.to_string()),
        answered_seq: order.answered_seq,
        organisation: order.organisation,
        partner: order.partner,
        values: order.values,
        ordered_at: time(order.ordered_at),
        due_on: order.due_on.to_string(),
        acknowledged_at: order.acknowledged_at.map(time),
    };
    Ok(Json(orders.into_iter().map(order).collect()))
}

/// Where an acknowledgement stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct Acknowledged {
    /// In the log.
    log_seq: u64,
}

/// Acknowledge an order
///
/// By an officer of the organisation, or of a hit by a DNA examiner: it was carried out, here or by the partner to whom the answer was passed on.
#[utoipa::path(post, path = "/api/recipient-orders/{order}/acknowledgement", tag = "access",
    security(("session" = [])), params(("order" = String, Path, format = "uuid")),
    responses((status = 200, body = Acknowledged), InputRefusals))]
pub(crate) async fn acknowledge_order(signed: Signed, Id(id): Id<RowId>) -> Result<Json<Acknowledged>, Refusal> {
    let log_seq = signed.registry.acknowledge_order(&signed.actor, id).await?;
    Ok(Json(Acknowledged { log_seq }))
}

/// An answer to be passed on abroad.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewExport {
    /// The partner, by the word of law packs.
    #[schema(example = "interpol")]
    partner: String,
    /// The purpose, by the code of law packs.
    purpose: String,
    /// The legal basis, as the officer states it.
    legal_basis: String,
    /// The sanction, where the law asks for one.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    sanction: Option<SanctionId>,
}

/// An answer that was passed on abroad.
#[derive(Serialize, ToSchema)]
pub(crate) struct Export {
    /// The export.
    #[schema(format = "uuid")]
    id: String,
    /// The answer.
    #[schema(format = "uuid")]
    request: String,
    /// To whom.
    partner: String,
    /// By which organisation.
    organisation: String,
    /// The record, signed by the log's key (C2SP signed-note); no personal data.
    record: String,
    /// Where it stands in the log.
    log_seq: u64,
    /// When.
    #[schema(format = "date-time")]
    exported_at: String,
    /// What may be passed on, for the officer who does it; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<BTreeMap<String, String>>,
}

impl From<tanba_registry::Export> for Export {
    fn from(export: tanba_registry::Export) -> Self {
        Self {
            id: export.id.to_string(),
            request: export.request.to_string(),
            partner: export.partner,
            organisation: export.organisation,
            record: export.record,
            log_seq: export.log_seq,
            exported_at: time(export.exported_at),
            identity: export.identity,
        }
    }
}

/// Pass an answer on abroad
///
/// An own answer, to a partner that the law lists, for a purpose that it lists; under a signed record.
#[utoipa::path(post, path = "/api/access-requests/{request}/exports", tag = "access", security(("session" = [])),
    params(("request" = String, Path, format = "uuid")), request_body = NewExport,
    responses((status = 201, body = Export), InputRefusals))]
pub(crate) async fn export_answer(
    signed: Signed,
    Id(id): Id<AccessRequestId>,
    Input(new): Input<NewExport>,
) -> Result<(StatusCode, Json<Export>), Refusal> {
    let new = tanba_registry::NewExport {
        partner: new.partner,
        purpose: new.purpose,
        legal_basis: new.legal_basis,
        sanction: new.sanction,
    };
    let export = signed.registry.export_answer(&signed.actor, id, &new).await?;
    Ok((StatusCode::CREATED, Json(export.into())))
}

/// Answers passed on abroad, newest first
///
/// For the supervisor, with their signed records.
#[utoipa::path(get, path = "/api/supervision/exports", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = Vec<Export>), Refusals))]
pub(crate) async fn exports(signed: Signed) -> Result<Json<Vec<Export>>, Refusal> {
    let exports = signed.registry.exports(&signed.actor).await?;
    Ok(Json(exports.into_iter().map(Into::into).collect()))
}

/// A record that somebody has.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportRecord {
    /// The signed record, as it is.
    record: String,
}

/// What a record says, after its signature was checked.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckedExport {
    /// Its text, line by line.
    text: String,
}

/// Is this record of an export genuine?
///
/// Checked with the public key of this register's log; anybody can do the same without this service.
#[utoipa::path(post, path = "/api/exports/check", tag = "transparency", security(()), request_body = ExportRecord,
    responses((status = 200, body = CheckedExport), InputRefusals))]
pub(crate) async fn check_export(
    Open(registry): Open,
    Input(new): Input<ExportRecord>,
) -> Result<Json<CheckedExport>, Refusal> {
    let text = tanba_registry::check_export(&new.record, &registry.log_verifier()).map_err(|_| {
        let detail = "record: this register's log did not sign it, or it is no record of an export";
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "not_signed", detail)
    })?;
    Ok(Json(CheckedExport { text }))
}

/// A direction of which an oversight body must know.
#[derive(Serialize, ToSchema)]
pub(crate) struct DirectionNotice {
    /// The sanction.
    #[schema(format = "uuid")]
    sanction: String,
    /// The body that must know, by the word of law packs.
    body: String,
    /// The level of authority that gave it.
    authority: String,
    /// How many extensions it comes after; 0 for the first.
    extension: u32,
    /// From when.
    #[schema(format = "date-time")]
    valid_from: String,
    /// Until when.
    #[schema(format = "date-time")]
    valid_to: String,
    /// Where it stands in the log.
    log_seq: u64,
    /// When it was given.
    #[schema(format = "date-time")]
    given_at: String,
    /// When a supervisor first read it, before now.
    #[schema(format = "date-time")]
    read_at: Option<String>,
}

/// Directions of which an oversight body must know
///
/// For the supervisor: unread ones first. Reading them is written down.
#[utoipa::path(get, path = "/api/supervision/directions", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = Vec<DirectionNotice>), Refusals))]
pub(crate) async fn directions(signed: Signed) -> Result<Json<Vec<DirectionNotice>>, Refusal> {
    let notices = signed.registry.direction_notices(&signed.actor).await?;
    let notice = |notice: tanba_registry::DirectionNotice| DirectionNotice {
        sanction: notice.sanction.to_string(),
        body: notice.body,
        authority: notice.authority,
        extension: notice.extension,
        valid_from: time(notice.valid_from),
        valid_to: time(notice.valid_to),
        log_seq: notice.log_seq,
        given_at: time(notice.given_at),
        read_at: notice.read_at.map(time),
    };
    Ok(Json(notices.into_iter().map(notice).collect()))
}
