//! Searches by likelihood ratio: asked for, sanctioned with the number of unrelated leads in view, made once.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{CaseId, LrRequestId, LrRequestView, SpecimenId};
use utoipa::ToSchema;

use super::searches::SearchAnswer;
use crate::gate::Room;
use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{ParentRole, Relation, time};

/// What is weighed, and which leads are kept.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LrQuestion {
    /// How the two people would be related; `same` for one person.
    relation: Relation,
    /// The table of allele frequencies, by the name under which it was entered.
    frequencies: String,
    /// theta, at least 0 and below 1.
    theta: f64,
    /// Probability that an allele mutates on its way to a child; none: nothing mutates.
    #[serde(default)]
    mutation_rate: Option<f64>,
    /// With mutation, whether the specimen is of the older or the younger generation.
    #[serde(default)]
    query_is: Option<ParentRole>,
    /// The least log10 of the likelihood ratio of a lead, -1000 to 1000.
    least_log10_lr: f64,
    /// The most leads, the best ones; 1 to 100.
    most: u32,
    /// Loci that a profile must have in common with the specimen's.
    min_loci: u8,
}

impl From<LrQuestion> for tanba_registry::LrQuestion {
    fn from(question: LrQuestion) -> Self {
        Self {
            relation: question.relation.into(),
            frequencies: question.frequencies,
            theta: question.theta,
            mutation_rate: question.mutation_rate,
            query_is: question.query_is.map(Into::into),
            least_log10_lr: question.least_log10_lr,
            most: question.most,
            min_loci: question.min_loci,
        }
    }
}

impl From<tanba_registry::LrQuestion> for LrQuestion {
    fn from(question: tanba_registry::LrQuestion) -> Self {
        Self {
            relation: question.relation.into(),
            frequencies: question.frequencies,
            theta: question.theta,
            mutation_rate: question.mutation_rate,
            query_is: question.query_is.map(Into::into),
            least_log10_lr: question.least_log10_lr,
            most: question.most,
            min_loci: question.min_loci,
        }
    }
}

/// A search by likelihood ratio, to be asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLrSearch {
    /// What is searched with.
    #[schema(value_type = String, format = "uuid")]
    specimen: SpecimenId,
    /// The case.
    #[schema(value_type = String, format = "uuid")]
    case: CaseId,
    /// The purpose, by the code of law packs.
    purpose: String,
    /// The legal basis, as the examiner states it.
    legal_basis: String,
    /// What is weighed.
    question: LrQuestion,
}

/// A search that is asked for, with the numbers that whoever sanctions it must know.
#[derive(Serialize, ToSchema)]
pub(crate) struct LrRequest {
    /// The request.
    #[schema(format = "uuid")]
    id: String,
    /// `asked`, `sanctioned`, `refused` or `made`.
    state: String,
    /// What is searched with.
    #[schema(format = "uuid")]
    specimen: String,
    /// The case.
    #[schema(format = "uuid")]
    case: String,
    /// The purpose.
    purpose: String,
    /// The legal basis.
    legal_basis: String,
    /// What is weighed.
    question: LrQuestion,
    /// How many profiles have enough loci in common.
    profiles: u64,
    /// How many leads to expect among them although nobody is related.
    unrelated_leads: f64,
    /// What share of true relatives (or of the person) reaches the bound.
    share_found: f64,
    /// When it was asked for.
    #[schema(format = "date-time")]
    asked_at: String,
}

impl From<LrRequestView> for LrRequest {
    fn from(view: LrRequestView) -> Self {
        Self {
            id: view.id.to_string(),
            state: view.state,
            specimen: view.search.specimen.to_string(),
            case: view.search.case.to_string(),
            purpose: view.search.purpose,
            legal_basis: view.search.legal_basis,
            question: view.search.question.into(),
            profiles: view.profiles,
            unrelated_leads: view.unrelated_leads,
            share_found: view.share_found,
            asked_at: time(view.asked_at),
        }
    }
}

/// A sanction, or its refusal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LrDecision {
    /// Whether the search may be made.
    sanction: bool,
    /// Why.
    reason: String,
}

/// Ask for a search by likelihood ratio
///
/// Nothing is searched: the answer tells how many unrelated leads to expect, and that number is what another officer sanctions.
#[utoipa::path(post, path = "/api/lr-searches", tag = "genomic", security(("session" = [])),
    request_body = NewLrSearch, responses((status = 201, body = LrRequest), InputRefusals))]
pub(crate) async fn ask_lr_search(
    signed: Signed,
    _room: Room,
    Input(new): Input<NewLrSearch>,
) -> Result<(StatusCode, Json<LrRequest>), Refusal> {
    let new = tanba_registry::NewLrSearch {
        specimen: new.specimen,
        case: new.case,
        purpose: new.purpose,
        legal_basis: new.legal_basis,
        question: new.question.into(),
    };
    let view = signed.registry.ask_lr_search(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Searches that wait for a sanction or, sanctioned, to be made
#[utoipa::path(get, path = "/api/lr-searches", tag = "genomic", security(("session" = [])),
    responses((status = 200, body = Vec<LrRequest>), Refusals))]
pub(crate) async fn lr_requests(signed: Signed) -> Result<Json<Vec<LrRequest>>, Refusal> {
    let requests = signed.registry.lr_requests(&signed.actor).await?;
    Ok(Json(requests.into_iter().map(LrRequest::from).collect()))
}

/// Sanction or refuse a search by likelihood ratio
///
/// It takes another human being than whoever asks.
#[utoipa::path(post, path = "/api/lr-searches/{request}/decision", tag = "genomic", security(("session" = [])),
    params(("request" = String, Path, format = "uuid")), request_body = LrDecision,
    responses((status = 200, body = LrRequest), InputRefusals))]
pub(crate) async fn decide_lr_search(
    signed: Signed,
    Id(id): Id<LrRequestId>,
    Input(decision): Input<LrDecision>,
) -> Result<Json<LrRequest>, Refusal> {
    let LrDecision { sanction, reason } = decision;
    Ok(Json(signed.registry.decide_lr_search(&signed.actor, id, sanction, &reason).await?.into()))
}

/// Make a sanctioned search by likelihood ratio, once
#[utoipa::path(post, path = "/api/lr-searches/{request}/search", tag = "genomic", security(("session" = [])),
    params(("request" = String, Path, format = "uuid")), responses((status = 201, body = SearchAnswer), InputRefusals))]
pub(crate) async fn make_lr_search(
    signed: Signed,
    Id(id): Id<LrRequestId>,
    _room: Room,
) -> Result<(StatusCode, Json<SearchAnswer>), Refusal> {
    let answer = signed.registry.make_lr_search(&signed.actor, id).await?;
    Ok((StatusCode::CREATED, Json(answer.into())))
}
