//! What the person concerned and the supervisor see, and proofs for anyone.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tanba_registry::{Actor, LookView, Registry, RegistryError};
use utoipa::ToSchema;

use crate::input::{Asked, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::{Open, Signed};
use crate::spoken;
use crate::state::ServerState;
use crate::wire::{EncounterState, Outcome, Text, time};

/// Entries on a page where the client does not say how many.
const PAGE: u32 = 100;

/// Which page of the own record's log entries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Before {
    before: Option<u64>,
    limit: Option<u32>,
}

/// Which page of the log.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Since {
    from: Option<u64>,
    limit: Option<u32>,
}

/// What is held about the signed-in person, and everyone who looked.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnRecord {
    /// Identity attributes as they are held.
    identity: BTreeMap<String, String>,
    /// Encounters, newest first.
    encounters: Vec<OwnEncounter>,
    /// Fingers whose prints are held.
    prints_held: u32,
    /// Every log entry about the person, newest first.
    looks: Vec<Look>,
    /// There are older entries: ask again with `before`.
    more: bool,
}

/// An encounter in the own record.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnEncounter {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// Why.
    trigger: String,
    /// How it ended.
    state: EncounterState,
    /// When.
    #[schema(format = "date-time")]
    opened_at: String,
}

/// One log entry as the person concerned sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Look {
    /// Its place in the log.
    seq: u64,
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// What happened, as `noun.verb`.
    event: String,
    /// Whether it was a change, a look or a refusal.
    outcome: Outcome,
    /// Which organisation.
    organisation: Option<String>,
    /// For what purpose.
    purpose: String,
    /// By which clause.
    clause: Option<String>,
}

impl From<LookView> for Look {
    fn from(view: LookView) -> Self {
        Self {
            seq: view.seq,
            at: time(view.at),
            event: view.event,
            outcome: view.outcome.into(),
            organisation: view.organisation,
            purpose: view.purpose,
            clause: view.clause,
        }
    }
}

impl From<tanba_registry::OwnRecord> for OwnRecord {
    fn from(record: tanba_registry::OwnRecord) -> Self {
        let encounter = |e: tanba_registry::OwnEncounter| OwnEncounter {
            id: e.id.to_string(),
            trigger: e.trigger,
            state: e.state.into(),
            opened_at: time(e.opened_at),
        };
        Self {
            identity: record.identity,
            encounters: record.encounters.into_iter().map(encounter).collect(),
            prints_held: record.prints_held,
            looks: record.looks.into_iter().map(Look::from).collect(),
            more: record.more,
        }
    }
}

/// One log entry as a supervisor sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SupervisedEntry {
    #[serde(flatten)]
    look: Look,
    /// The account that acted.
    account: Option<String>,
    /// How many people it is about.
    subjects: usize,
    /// The sealed details, opened for the supervisor: ids and codes, no biometric content.
    #[schema(value_type = Object)]
    details: Value,
}

/// What is held about me, and who looked
///
/// For the person concerned. Looking at it is a log entry too.
#[utoipa::path(get, path = "/api/me/record", tag = "transparency", security(("session" = [])),
    params(
        ("before" = Option<u64>, Query, description = "Only entries before this place in the log"),
        ("limit" = Option<u32>, Query, description = "How many at most, 1 to 1000; 100 where not said"),
    ),
    responses((status = 200, body = OwnRecord), Refusals))]
pub(crate) async fn own_record(signed: Signed, Asked(page): Asked<Before>) -> Result<Json<OwnRecord>, Refusal> {
    let limit = page.limit.unwrap_or(PAGE);
    Ok(Json(signed.registry.own_record(&signed.actor, page.before, limit).await?.into()))
}

/// A page of the log for the supervisor
///
/// Who, what, why; no biometric content.
#[utoipa::path(get, path = "/api/supervision/log", tag = "transparency", security(("session" = [])),
    params(
        ("from" = Option<u64>, Query, description = "The first place in the log; 0 where not said"),
        ("limit" = Option<u32>, Query, description = "How many at most, 1 to 1000; 100 where not said"),
    ),
    responses((status = 200, body = Vec<SupervisedEntry>), Refusals))]
pub(crate) async fn supervise(
    signed: Signed,
    Asked(page): Asked<Since>,
) -> Result<Json<Vec<SupervisedEntry>>, Refusal> {
    let (from, limit) = (page.from.unwrap_or(0), page.limit.unwrap_or(PAGE));
    let entries = signed.registry.supervise(&signed.actor, from, limit).await?;
    let entries = entries.into_iter().map(|entry| SupervisedEntry {
        look: entry.look.into(),
        account: entry.account,
        subjects: entry.subjects,
        details: entry.details,
    });
    Ok(Json(entries.collect()))
}

/// What a person takes away who took a consent back.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConsentWithdrawal {
    /// When.
    #[schema(format = "date-time")]
    withdrawn_at: String,
    /// Where it stands in the log.
    log_seq: u64,
    /// Log entries of the erasures: with their proofs they prove the deletion.
    erased: Vec<u64>,
    /// Whether documents that were issued with the prints stay valid.
    document_stays: bool,
    /// In the law's words.
    text: Text,
}

/// I take my consent back
///
/// For the person concerned. No search finds the prints any more when this answers, and their keys are destroyed.
#[utoipa::path(post, path = "/api/me/consent/withdrawal", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = ConsentWithdrawal), Refusals))]
pub(crate) async fn withdraw_consent(signed: Signed) -> Result<Json<ConsentWithdrawal>, Refusal> {
    Ok(Json(signed.registry.withdraw_consent(&signed.actor).await?.into()))
}

/// I take my consent to my genomic profile back
///
/// For a relative of somebody who is missing. No search finds the profile any more when this answers; its keys are destroyed, and the
/// laboratory is told to destroy the material.
#[utoipa::path(post, path = "/api/me/genomic-consent/withdrawal", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = ConsentWithdrawal), Refusals))]
pub(crate) async fn withdraw_genomic_consent(signed: Signed) -> Result<Json<ConsentWithdrawal>, Refusal> {
    Ok(Json(signed.registry.withdraw_genomic_consent(&signed.actor).await?.into()))
}

impl From<tanba_registry::ConsentWithdrawal> for ConsentWithdrawal {
    fn from(done: tanba_registry::ConsentWithdrawal) -> Self {
        Self {
            withdrawn_at: time(done.withdrawn_at),
            log_seq: done.log_seq,
            erased: done.erased,
            document_stays: done.document_stays,
            text: done.text.into(),
        }
    }
}

/// The words that I agree to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOwnConsent {
    /// Which version of the text, as `/api/consent-texts` gives it.
    #[schema(example = "own-decision-1")]
    text_version: String,
    /// The hash of its words.
    text_hash: String,
    /// In which language.
    #[schema(example = "kk")]
    language: String,
}

/// I agree that my prints stay registered
///
/// For the person concerned, once the law asks them and no guardian any more.
#[utoipa::path(post, path = "/api/me/consent", tag = "transparency", security(("session" = [])),
    request_body = NewOwnConsent, responses((status = 204, description = "It is recorded"), InputRefusals))]
pub(crate) async fn decide_to_stay(signed: Signed, Input(new): Input<NewOwnConsent>) -> Result<StatusCode, Refusal> {
    let text = spoken::of(&new.text_version, &new.language);
    if text.words.is_empty() || text.hash() != new.text_hash {
        let problem = "name one of the texts of /api/consent-texts, with the hash of its words".to_owned();
        return Err(RegistryError::Invalid { field: "text_version", problem }.into());
    }
    signed.registry.decide_to_stay(&signed.actor, &text).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// These entries are all that the log holds about me
///
/// For the person concerned: a file that convinces anyone with the log's public key, offline (`tanba log verify-own`). Entries that a
/// sanction lets be told later follow when their time has come.
#[utoipa::path(get, path = "/api/me/entries-proof", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = String, content_type = "text/plain"), Refusals))]
pub(crate) async fn prove_own_entries(signed: Signed) -> Result<Response, Refusal> {
    own_entries(&signed.registry, &signed.actor).await
}

/// The file, to be kept.
pub(crate) async fn own_entries(registry: &Registry, actor: &Actor) -> Result<Response, Refusal> {
    let proof = registry.own_entries(actor).await?.to_bytes();
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    Ok(([kind, (header::CONTENT_DISPOSITION, "attachment; filename=\"tanba.own-entries\"")], proof).into_response())
}

/// A plan of deletion.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeletionPlan {
    /// The plan.
    #[schema(format = "uuid")]
    id: String,
    /// The day that it was made for.
    #[schema(format = "date")]
    as_of: String,
    /// SHA-256 of its rows; the log has it.
    hash: String,
    /// What is to be done, in this order: action, part, record, clause, pack and its hash.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<tanba_registry::PlanRow>,
    /// What nobody can say how long to keep.
    #[schema(value_type = Vec<Object>)]
    undecided: Vec<tanba_registry::PlanRow>,
    /// Until when its erasures wait for the signatures of two; none where they do not wait.
    #[schema(format = "date-time")]
    waits_to: Option<String>,
    /// When its day begins and nothing of it is done before; none for a plan of the day that it was made on.
    #[schema(format = "date-time")]
    begins_at: Option<String>,
    /// When its last step was taken, if it was.
    #[schema(format = "date-time")]
    done_at: Option<String>,
    /// Where it stands in the log.
    log_seq: u64,
}

/// Plans of deletion, newest first
///
/// For the supervisor. Records are named by their ids, people not at all.
#[utoipa::path(get, path = "/api/supervision/deletion-plans", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = Vec<DeletionPlan>), Refusals))]
pub(crate) async fn deletion_plans(signed: Signed) -> Result<Json<Vec<DeletionPlan>>, Refusal> {
    let plans = signed.registry.deletion_plans(&signed.actor).await?;
    let plan = |plan: tanba_registry::DeletionPlan| DeletionPlan {
        id: plan.id.to_string(),
        as_of: plan.as_of.to_string(),
        hash: plan.hash,
        rows: plan.rows,
        undecided: plan.undecided,
        waits_to: plan.waits_to.map(time),
        begins_at: plan.begins_at.map(time),
        done_at: plan.done_at.map(time),
        log_seq: plan.log_seq,
    };
    Ok(Json(plans.into_iter().map(plan).collect()))
}

/// A place in the log.
pub(crate) struct Place(pub(crate) u64);

impl FromRequestParts<ServerState> for Place {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        let Path(seq) = Path::<u64>::from_request_parts(parts, state).await.map_err(|_| {
            Refusal::new(StatusCode::BAD_REQUEST, "bad_id", "a place in the log is a whole number from 0")
        })?;
        Ok(Self(seq))
    }
}

/// An offline proof that an entry is in the published log
///
/// C2SP `tlog-proof@v1`: with the entry from its tile and the log's public key it convinces anyone, without this service.
#[utoipa::path(get, path = "/api/log/entries/{seq}/proof", tag = "transparency", security(()),
    params(("seq" = u64, Path, description = "Place in the log, from 0")),
    responses((status = 200, body = String, content_type = "text/plain"), Refusals))]
pub(crate) async fn prove(Open(registry): Open, Place(seq): Place) -> Result<Response, Refusal> {
    let proof = registry.prove(seq).await?.to_bytes();
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], proof).into_response())
}
