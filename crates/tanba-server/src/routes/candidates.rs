//! No match is a decision: examiners see prints without names, and judge.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{CandidateId, CandidateTask, ComparisonMaterial, JudgementView, PrintImage};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{EncounterState, Finger, Verdict};

/// A candidate that waits for a judgement: no name, no score.
#[derive(Serialize, ToSchema)]
pub(crate) struct Candidate {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// The encounter whose prints were searched with.
    #[schema(format = "uuid")]
    encounter: String,
    /// Place among the search's candidates, from 0.
    place: u32,
    /// Whether this examiner has judged it.
    judged_by_me: bool,
}

impl From<CandidateTask> for Candidate {
    fn from(task: CandidateTask) -> Self {
        Self {
            id: task.id.to_string(),
            encounter: task.encounter.to_string(),
            place: task.place,
            judged_by_me: task.judged_by_me,
        }
    }
}

/// The prints to be compared.
#[derive(Serialize, ToSchema)]
pub(crate) struct Material {
    /// The candidate.
    #[schema(format = "uuid")]
    candidate: String,
    /// The prints that were searched with.
    probe: Vec<Print>,
    /// The candidate's prints.
    reference: Vec<Print>,
}

/// One finger of a comparison.
#[derive(Serialize, ToSchema)]
pub(crate) struct Print {
    /// Which finger.
    finger: Finger,
    /// The image file as it was captured, in standard base64.
    #[schema(content_encoding = "base64")]
    image: String,
}

impl From<ComparisonMaterial> for Material {
    fn from(material: ComparisonMaterial) -> Self {
        let prints = |prints: Vec<PrintImage>| {
            prints.into_iter().map(|p| Print { finger: p.finger.into(), image: p.image }).collect()
        };
        Self {
            candidate: material.candidate.to_string(),
            probe: prints(material.probe),
            reference: prints(material.reference),
        }
    }
}

/// An examiner's judgement.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewJudgement {
    /// The finding.
    verdict: Verdict,
}

/// What a judgement led to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Judgement {
    /// `open` while another examiner's judgement is awaited; then `same`, `different`, `inconclusive` or `disputed`.
    state: String,
    /// The encounter's state after it.
    encounter_state: EncounterState,
}

impl From<JudgementView> for Judgement {
    fn from(view: JudgementView) -> Self {
        Self { state: view.state, encounter_state: view.encounter_state.into() }
    }
}

/// Candidates that wait for a judgement
#[utoipa::path(get, path = "/api/candidates", tag = "adjudication", security(("session" = [])),
    responses((status = 200, body = Vec<Candidate>), Refusals))]
pub(crate) async fn candidate_tasks(signed: Signed) -> Result<Json<Vec<Candidate>>, Refusal> {
    let tasks = signed.registry.candidate_tasks(&signed.actor).await?;
    Ok(Json(tasks.into_iter().map(Candidate::from).collect()))
}

/// The prints of a candidate and of the probe
///
/// A look at both people: it is in the log. Not for whoever captured the prints.
#[utoipa::path(get, path = "/api/candidates/{candidate}/material", tag = "adjudication", security(("session" = [])),
    params(("candidate" = String, Path, format = "uuid")), responses((status = 200, body = Material), Refusals))]
pub(crate) async fn comparison_material(signed: Signed, Id(id): Id<CandidateId>) -> Result<Json<Material>, Refusal> {
    Ok(Json(signed.registry.comparison_material(&signed.actor, id).await?.into()))
}

/// Judge a candidate
///
/// Two agreeing examiners decide; neither sees the other's verdict first; where they disagree, a third does.
#[utoipa::path(post, path = "/api/candidates/{candidate}/judgements", tag = "adjudication",
    security(("session" = [])), params(("candidate" = String, Path, format = "uuid")),
    request_body = NewJudgement, responses((status = 201, body = Judgement), InputRefusals))]
pub(crate) async fn judge(
    signed: Signed,
    Id(id): Id<CandidateId>,
    Input(new): Input<NewJudgement>,
) -> Result<(StatusCode, Json<Judgement>), Refusal> {
    let view = signed.registry.judge(&signed.actor, id, new.verdict.into()).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}
