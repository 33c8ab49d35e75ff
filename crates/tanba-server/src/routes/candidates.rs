//! No match is a decision: examiners see prints without names, and judge.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{CandidateId, CandidateTask, ComparisonMaterial, JudgementView, PrintImage, RegistryError};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{Barred, Conclusion, EncounterState, Finger, MarkOrigin, MinutiaKind, Verdict, time};

/// A candidate that waits for a judgement: no name, no score, no rank.
#[derive(Serialize, ToSchema)]
pub(crate) struct Candidate {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// The encounter whose prints were searched with.
    #[schema(format = "uuid")]
    encounter: String,
    /// Since when it waits.
    #[schema(format = "date-time")]
    since: String,
    /// Whether this examiner has locked markings.
    locked_by_me: bool,
    /// Whether this examiner has judged it.
    judged_by_me: bool,
    /// Why this examiner may not judge it, if so.
    barred: Option<Barred>,
}

impl From<CandidateTask> for Candidate {
    fn from(task: CandidateTask) -> Self {
        Self {
            id: task.id.to_string(),
            encounter: task.encounter.to_string(),
            since: time(task.since),
            locked_by_me: task.locked_by_me,
            judged_by_me: task.judged_by_me,
            barred: task.barred.map(Barred::from),
        }
    }
}

/// The prints to be compared.
#[derive(Serialize, ToSchema)]
pub(crate) struct Material {
    /// The candidate.
    #[schema(format = "uuid")]
    candidate: String,
    /// Whether this examiner has locked markings: only then are the candidate's prints given.
    locked: bool,
    /// The prints that were searched with.
    probe: Vec<Print>,
    /// The candidate's prints; empty until the markings are locked.
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
            locked: material.locked,
            probe: prints(material.probe),
            reference: prints(material.reference),
        }
    }
}

/// What an examiner marked on the searched prints before the candidate's were shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMarkings {
    /// Finger by finger.
    fingers: Vec<MarkedFinger>,
    /// Said where no finger has a mark.
    #[serde(default)]
    nothing_to_mark: bool,
}

/// The marks on one finger.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkedFinger {
    /// Which finger.
    finger: Finger,
    /// Its marks, at most 300.
    marks: Vec<Mark>,
}

/// One point.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    /// Column, pixels at 500 ppi.
    x: f32,
    /// Row from the top, pixels at 500 ppi.
    y: f32,
    /// Direction in radians, counter-clockwise.
    #[serde(default)]
    angle: f32,
    /// Ending, bifurcation or not told apart.
    kind: MinutiaKind,
    /// Proposed by the machine or found by the examiner.
    origin: MarkOrigin,
}

impl From<NewMarkings> for tanba_registry::Markings {
    fn from(new: NewMarkings) -> Self {
        let mark = |m: Mark| tanba_registry::Mark {
            x: m.x,
            y: m.y,
            angle: m.angle,
            kind: m.kind.into(),
            origin: m.origin.into(),
        };
        let finger = |f: MarkedFinger| tanba_registry::FingerMarks {
            finger: f.finger.into(),
            marks: f.marks.into_iter().map(mark).collect(),
        };
        Self { fingers: new.fingers.into_iter().map(finger).collect(), nothing_to_mark: new.nothing_to_mark }
    }
}

/// An examiner's judgement: a conclusion on the scale of five steps, or a verdict, which stands for one of its ends or the
/// middle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewJudgement {
    /// The finding in three values.
    #[serde(default)]
    verdict: Option<Verdict>,
    /// The finding in five steps.
    #[serde(default)]
    conclusion: Option<Conclusion>,
    /// What it rests on; shown to the examiners and the second officer once the candidate is decided.
    #[serde(default)]
    notes: Option<String>,
}

impl NewJudgement {
    fn checked(self) -> Result<tanba_registry::Judgement, RegistryError> {
        let judgement = match (self.verdict, self.conclusion) {
            (Some(verdict), None) => tanba_registry::Judgement::from(tanba_registry::Verdict::from(verdict)),
            (None, Some(conclusion)) => tanba_registry::Judgement::from(tanba_registry::Conclusion::from(conclusion)),
            _ => {
                return Err(RegistryError::Invalid {
                    field: "conclusion",
                    problem: "give a conclusion or a verdict, one of the two".to_owned(),
                });
            }
        };
        Ok(tanba_registry::Judgement { notes: self.notes, ..judgement })
    }
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
/// A look at both people: it is in the log. Not for whoever captured the prints. The candidate's prints are given once this
/// examiner has locked markings of the searched ones.
#[utoipa::path(get, path = "/api/candidates/{candidate}/material", tag = "adjudication", security(("session" = [])),
    params(("candidate" = String, Path, format = "uuid")), responses((status = 200, body = Material), Refusals))]
pub(crate) async fn comparison_material(signed: Signed, Id(id): Id<CandidateId>) -> Result<Json<Material>, Refusal> {
    Ok(Json(signed.registry.comparison_material(&signed.actor, id).await?.into()))
}

/// Lock the markings of the searched prints
///
/// Before the candidate's prints are shown; once, and for good.
#[utoipa::path(post, path = "/api/candidates/{candidate}/markings", tag = "adjudication",
    security(("session" = [])), params(("candidate" = String, Path, format = "uuid")),
    request_body = NewMarkings, responses((status = 204, description = "They are locked"), InputRefusals))]
pub(crate) async fn lock_markings(
    signed: Signed,
    Id(id): Id<CandidateId>,
    Input(new): Input<NewMarkings>,
) -> Result<StatusCode, Refusal> {
    signed.registry.lock_markings(&signed.actor, id, &new.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Judge a candidate
///
/// After the markings are locked. Two agreeing examiners decide; neither sees the other's verdict first; where they disagree, a third does.
#[utoipa::path(post, path = "/api/candidates/{candidate}/judgements", tag = "adjudication",
    security(("session" = [])), params(("candidate" = String, Path, format = "uuid")),
    request_body = NewJudgement, responses((status = 201, body = Judgement), InputRefusals))]
pub(crate) async fn judge(
    signed: Signed,
    Id(id): Id<CandidateId>,
    Input(new): Input<NewJudgement>,
) -> Result<(StatusCode, Json<Judgement>), Refusal> {
    let view = signed.registry.judge(&signed.actor, id, new.checked()?).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}
