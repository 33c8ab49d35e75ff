//! Stains that may be the laboratory's own, before the quality manager.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{ContaminationId, ContaminationView};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{ContaminationFinding, ContaminationKind, time};

/// A stain that is held back.
#[derive(Serialize, ToSchema)]
pub(crate) struct Contamination {
    /// The matter.
    #[schema(format = "uuid")]
    id: String,
    /// What the stain agrees with.
    kind: ContaminationKind,
    /// The stain.
    #[schema(format = "uuid")]
    stain: String,
    /// The laboratory's label of the stain; none where its keys are gone.
    stain_label: Option<String>,
    /// The specimen that it agrees with.
    #[schema(format = "uuid")]
    other: String,
    /// Its label.
    other_label: Option<String>,
    /// Loci typed in both.
    loci_compared: u32,
    /// Loci at which they differ.
    mismatches: u32,
    /// Since when it waits.
    #[schema(format = "date-time")]
    found_at: String,
}

impl From<ContaminationView> for Contamination {
    fn from(view: ContaminationView) -> Self {
        Self {
            id: view.id.to_string(),
            kind: view.kind.into(),
            stain: view.stain.to_string(),
            stain_label: view.stain_label,
            other: view.other.to_string(),
            other_label: view.other_label,
            loci_compared: view.loci_compared,
            mismatches: view.mismatches,
            found_at: time(view.found_at),
        }
    }
}

/// What the quality manager decides.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContaminationDecision {
    /// Whether it is contaminated.
    finding: ContaminationFinding,
    /// Why.
    reason: String,
}

/// The stains that are held back as possibly contaminated
#[utoipa::path(get, path = "/api/contaminations", tag = "genomic", security(("session" = [])),
    responses((status = 200, body = Vec<Contamination>), Refusals))]
pub(crate) async fn open_contaminations(signed: Signed) -> Result<Json<Vec<Contamination>>, Refusal> {
    let open = signed.registry.open_contaminations(&signed.actor).await?;
    Ok(Json(open.into_iter().map(Contamination::from).collect()))
}

/// Decide whether a held stain is contaminated
///
/// A contaminated one stays blocked, and the hits that it made are void.
#[utoipa::path(post, path = "/api/contaminations/{contamination}/decision", tag = "genomic", security(("session" = [])),
    params(("contamination" = String, Path, format = "uuid")), request_body = ContaminationDecision,
    responses((status = 204, description = "It is decided"), InputRefusals))]
pub(crate) async fn decide_contamination(
    signed: Signed,
    Id(id): Id<ContaminationId>,
    Input(decision): Input<ContaminationDecision>,
) -> Result<StatusCode, Refusal> {
    let ContaminationDecision { finding, reason } = decision;
    signed.registry.decide_contamination(&signed.actor, id, finding.into(), &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
