//! Hits before examiners.

use axum::Json;
use serde::Serialize;
use tanba_registry::{GenomicHitId, GenomicHitView, GenomicTask, MarkerAgreement};
use utoipa::ToSchema;

use super::{Finding, NewFinding};
use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{Agreement, Category, Comparison, GenomicBar, Verdict, time};

/// A hit that waits for a finding.
#[derive(Serialize, ToSchema)]
pub(crate) struct Task {
    /// The hit.
    #[schema(format = "uuid")]
    id: String,
    /// Since when it waits.
    #[schema(format = "date-time")]
    since: String,
    /// `rule`, `lineage` or `likelihood_ratio`.
    method: String,
    /// Why this examiner may not examine it, if so.
    barred: Option<GenomicBar>,
}

impl From<GenomicTask> for Task {
    fn from(task: GenomicTask) -> Self {
        Self {
            id: task.id.to_string(),
            since: time(task.since),
            method: task.method,
            barred: task.barred.map(GenomicBar::from),
        }
    }
}

/// How two specimens agree at one locus, or in one kind of lineage markers. Never an allele.
#[derive(Serialize, ToSchema)]
pub(crate) struct Marker {
    /// The locus, or `y`, `mitochondrial`, `snp`.
    marker: String,
    /// Loci, positions or SNPs compared: 1 at an autosomal locus.
    compared: u32,
    /// At how many of them they differ; none known above some tens for mitochondrial DNA.
    differing: Option<u32>,
    /// At an autosomal locus, how well they agree.
    agreement: Option<Agreement>,
}

impl From<MarkerAgreement> for Marker {
    fn from(marker: MarkerAgreement) -> Self {
        Self {
            marker: marker.marker,
            compared: marker.compared,
            differing: marker.differing,
            agreement: marker.agreement.map(Agreement::from),
        }
    }
}

/// A hit as its examiner finds it. Until it is decided: no likelihood ratio, no rank, nobody's finding but the reader's own.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExaminedHit {
    /// The hit.
    #[schema(format = "uuid")]
    id: String,
    /// What was searched with.
    #[schema(format = "uuid")]
    query: String,
    /// Why that is held.
    query_category: Category,
    /// What was found.
    #[schema(format = "uuid")]
    found: String,
    /// Why that one is held.
    found_category: Category,
    /// What the comparison looks for: one person, or a relative.
    purpose: Comparison,
    /// The relation that was weighed, in a search by likelihood ratio.
    relation: Option<String>,
    /// How the two agree, marker by marker.
    markers: Vec<Marker>,
    /// `open` until it is decided; then `confirmed`, `rejected`, `inconclusive` or `void`.
    state: String,
    /// What this examiner found.
    mine: Option<Verdict>,
    /// Once it is decided: log10 of the likelihood ratio, of a search by it.
    log10_lr: Option<f64>,
    /// Once it is decided: all findings, in their order.
    findings: Vec<Finding>,
}

impl From<GenomicHitView> for ExaminedHit {
    fn from(view: GenomicHitView) -> Self {
        Self {
            id: view.id.to_string(),
            query: view.query.to_string(),
            query_category: view.query_category.into(),
            found: view.found.to_string(),
            found_category: view.found_category.into(),
            purpose: view.purpose.into(),
            relation: view.relation,
            markers: view.markers.into_iter().map(Marker::from).collect(),
            state: view.state,
            mine: view.mine.map(Verdict::from),
            log10_lr: view.log10_lr,
            findings: view.findings.into_iter().map(Finding::from).collect(),
        }
    }
}

/// Hits that wait for a finding, the oldest first
#[utoipa::path(get, path = "/api/genomic-hits", tag = "genomic", security(("session" = [])),
    responses((status = 200, body = Vec<Task>), Refusals))]
pub(crate) async fn genomic_tasks(signed: Signed) -> Result<Json<Vec<Task>>, Refusal> {
    let tasks = signed.registry.genomic_tasks(&signed.actor).await?;
    Ok(Json(tasks.into_iter().map(Task::from).collect()))
}

/// A hit, with how the two specimens agree
#[utoipa::path(get, path = "/api/genomic-hits/{hit}", tag = "genomic", security(("session" = [])),
    params(("hit" = String, Path, format = "uuid")), responses((status = 200, body = ExaminedHit), Refusals))]
pub(crate) async fn genomic_hit(signed: Signed, Id(id): Id<GenomicHitId>) -> Result<Json<ExaminedHit>, Refusal> {
    Ok(Json(signed.registry.genomic_hit(&signed.actor, id).await?.into()))
}

/// Give a finding on a hit
///
/// Two that agree decide; where they differ a third does.
#[utoipa::path(post, path = "/api/genomic-hits/{hit}/findings", tag = "genomic", security(("session" = [])),
    params(("hit" = String, Path, format = "uuid")), request_body = NewFinding,
    responses((status = 200, body = ExaminedHit), InputRefusals))]
pub(crate) async fn judge_genomic_hit(
    signed: Signed,
    Id(id): Id<GenomicHitId>,
    Input(finding): Input<NewFinding>,
) -> Result<Json<ExaminedHit>, Refusal> {
    let NewFinding { verdict, notes } = finding;
    let view = signed.registry.judge_genomic_hit(&signed.actor, id, verdict.into(), notes.as_deref()).await?;
    Ok(Json(view.into()))
}
