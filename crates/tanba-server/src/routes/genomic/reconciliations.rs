//! The missing and the dead: kept apart until two experts have reconciled them.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{
    CaseId, GenomicHitId, IdentificationView, JoinedSide, ReconciliationId, ReconciliationView, SpecimenId,
};
use utoipa::ToSchema;

use super::{Finding, NewFinding, Reason};
use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{Category, GenomicBar, Verdict, time};

/// A proposal that a body is a missing person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReconciliation {
    /// The body, or the person who cannot say who they are.
    #[schema(value_type = String, format = "uuid")]
    post_mortem: SpecimenId,
    /// The missing person's own reference, or a relative's sample.
    #[schema(value_type = String, format = "uuid")]
    ante_mortem: SpecimenId,
    /// The case in which it is decided.
    #[schema(value_type = String, format = "uuid")]
    case: CaseId,
    /// The confirmed hit between the two, where it rests on one.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    hit: Option<GenomicHitId>,
    /// What it rests on: the search, fingers, teeth. Up to 2,000 characters.
    reason: String,
}

/// A proposal as those who decide it see it. Until it is decided: nobody's finding but the reader's own.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reconciliation {
    /// The proposal.
    #[schema(format = "uuid")]
    id: String,
    /// The identification that it takes back, where it is a withdrawal.
    #[schema(format = "uuid")]
    withdraws: Option<String>,
    /// The body.
    #[schema(format = "uuid")]
    post_mortem: String,
    /// The missing person's side.
    #[schema(format = "uuid")]
    ante_mortem: String,
    /// The confirmed hit that it rests on.
    #[schema(format = "uuid")]
    hit: Option<String>,
    /// What it rests on; none where the keys are gone.
    reason: Option<String>,
    /// `open` until it is decided; then `confirmed`, `rejected`, `inconclusive`, or `withdrawn` later.
    state: String,
    /// Why the reader has no finding to give, if so.
    barred: Option<GenomicBar>,
    /// What the reader found.
    mine: Option<Verdict>,
    /// Once it is decided: all findings, in their order.
    findings: Vec<Finding>,
    /// When it was proposed.
    #[schema(format = "date-time")]
    proposed_at: String,
}

impl From<ReconciliationView> for Reconciliation {
    fn from(view: ReconciliationView) -> Self {
        Self {
            id: view.id.to_string(),
            withdraws: view.withdraws.map(|id| id.to_string()),
            post_mortem: view.post_mortem.to_string(),
            ante_mortem: view.ante_mortem.to_string(),
            hit: view.hit.map(|id| id.to_string()),
            reason: view.reason,
            state: view.state,
            barred: view.barred.map(GenomicBar::from),
            mine: view.mine.map(Verdict::from),
            findings: view.findings.into_iter().map(Finding::from).collect(),
            proposed_at: time(view.proposed_at),
        }
    }
}

/// For what, and on what basis, both sides are looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookGrounds {
    /// The purpose, by the code of law packs.
    purpose: String,
    /// The legal basis, as the examiner states it.
    legal_basis: String,
}

/// Both sides of an identification, joined.
#[derive(Serialize, ToSchema)]
pub(crate) struct Identification {
    /// The reconciliation.
    #[schema(format = "uuid")]
    id: String,
    /// What was found of the dead.
    post_mortem: IdentificationSide,
    /// What is known of the missing.
    ante_mortem: IdentificationSide,
    /// Where in the log this look stands.
    log_seq: u64,
}

/// One side of an identification.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentificationSide {
    /// The specimen.
    #[schema(format = "uuid")]
    specimen: String,
    /// Why it is held.
    category: Category,
    /// The case it belongs to.
    #[schema(format = "uuid")]
    case: Option<String>,
    /// The laboratory's label; none where its keys are gone.
    label: Option<String>,
}

impl From<JoinedSide> for IdentificationSide {
    fn from(side: JoinedSide) -> Self {
        Self {
            specimen: side.specimen.to_string(),
            category: side.category.into(),
            case: side.case.map(|case| case.to_string()),
            label: side.label,
        }
    }
}

impl From<IdentificationView> for Identification {
    fn from(view: IdentificationView) -> Self {
        Self {
            id: view.id.to_string(),
            post_mortem: view.post_mortem.into(),
            ante_mortem: view.ante_mortem.into(),
            log_seq: view.log_seq,
        }
    }
}

/// Propose that a body is a missing person
///
/// Nothing is joined by it: two experts decide, neither of whom knows the other's finding.
#[utoipa::path(post, path = "/api/reconciliations", tag = "genomic", security(("session" = [])),
    request_body = NewReconciliation, responses((status = 201, body = Reconciliation), InputRefusals))]
pub(crate) async fn propose_reconciliation(
    signed: Signed,
    Input(new): Input<NewReconciliation>,
) -> Result<(StatusCode, Json<Reconciliation>), Refusal> {
    let new = tanba_registry::NewReconciliation {
        post_mortem: new.post_mortem,
        ante_mortem: new.ante_mortem,
        case: new.case,
        hit: new.hit,
        reason: new.reason,
    };
    let view = signed.registry.propose_reconciliation(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Proposals that wait for an expert, the oldest first
#[utoipa::path(get, path = "/api/reconciliations", tag = "genomic", security(("session" = [])),
    responses((status = 200, body = Vec<Reconciliation>), Refusals))]
pub(crate) async fn open_reconciliations(signed: Signed) -> Result<Json<Vec<Reconciliation>>, Refusal> {
    let open = signed.registry.open_reconciliations(&signed.actor).await?;
    Ok(Json(open.into_iter().map(Reconciliation::from).collect()))
}

/// A proposal, open or decided
#[utoipa::path(get, path = "/api/reconciliations/{reconciliation}", tag = "genomic", security(("session" = [])),
    params(("reconciliation" = String, Path, format = "uuid")),
    responses((status = 200, body = Reconciliation), Refusals))]
pub(crate) async fn reconciliation(
    signed: Signed,
    Id(id): Id<ReconciliationId>,
) -> Result<Json<Reconciliation>, Refusal> {
    Ok(Json(signed.registry.reconciliation(&signed.actor, id).await?.into()))
}

/// Give an expert's finding on a proposal
#[utoipa::path(post, path = "/api/reconciliations/{reconciliation}/findings", tag = "genomic", security(("session" = [])),
    params(("reconciliation" = String, Path, format = "uuid")), request_body = NewFinding,
    responses((status = 200, body = Reconciliation), InputRefusals))]
pub(crate) async fn judge_reconciliation(
    signed: Signed,
    Id(id): Id<ReconciliationId>,
    Input(finding): Input<NewFinding>,
) -> Result<Json<Reconciliation>, Refusal> {
    let NewFinding { verdict, notes } = finding;
    let view = signed.registry.judge_reconciliation(&signed.actor, id, verdict.into(), notes.as_deref()).await?;
    Ok(Json(view.into()))
}

/// Propose that an identification be taken back
///
/// It is decided in the same way, by two experts.
#[utoipa::path(post, path = "/api/reconciliations/{reconciliation}/withdrawal", tag = "genomic", security(("session" = [])),
    params(("reconciliation" = String, Path, format = "uuid")), request_body = Reason,
    responses((status = 201, body = Reconciliation), InputRefusals))]
pub(crate) async fn propose_withdrawal(
    signed: Signed,
    Id(id): Id<ReconciliationId>,
    Input(reason): Input<Reason>,
) -> Result<(StatusCode, Json<Reconciliation>), Refusal> {
    let view = signed.registry.propose_withdrawal(&signed.actor, id, &reason.reason).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Both sides of an identification
///
/// Denied until two experts have reconciled them, and once it is withdrawn.
#[utoipa::path(post, path = "/api/reconciliations/{reconciliation}/identification", tag = "genomic",
    security(("session" = [])), params(("reconciliation" = String, Path, format = "uuid")), request_body = LookGrounds,
    responses((status = 200, body = Identification), InputRefusals))]
pub(crate) async fn identification(
    signed: Signed,
    Id(id): Id<ReconciliationId>,
    Input(grounds): Input<LookGrounds>,
) -> Result<Json<Identification>, Refusal> {
    let LookGrounds { purpose, legal_basis } = grounds;
    Ok(Json(signed.registry.identification(&signed.actor, id, &purpose, &legal_basis).await?.into()))
}
