//! The examiner's desk: candidates that wait; one candidate from the searched print alone to a conclusion; decided ones.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use tanba_formats::Finger;
use tanba_registry::{
    CandidateId, CandidateTask, Conclusion, DecidedCandidate, DecidedTask, Examination, ExaminationStage,
    FingerComparison, Judgement, Markings, MinutiaKind, PrintView, ProposedMarks, RegistryError, Side,
};

use super::score::FingerScore;
use super::short;
use crate::console::{Answer, Page, Sent, SignedIn, render, see};
use crate::gate::Room;
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/examination", get(tasks))
        .route("/examination/decided", get(decided_tasks))
        .route("/examination/decided/{candidate}", get(decided))
        .route("/examination/{candidate}", get(examine))
        .route("/examination/{candidate}/fingers/{finger}", get(finger))
        .route("/examination/{candidate}/prints/{side}/{finger}", get(picture))
        .route("/examination/{candidate}/draft", post(draft))
        .route("/examination/{candidate}/markings", post(lock))
        .route("/examination/{candidate}/judgement", post(judge))
}

#[derive(Template)]
#[template(path = "examination/desk.html")]
struct Desk {
    p: Page,
    /// What this examiner can do now.
    open: Vec<CandidateTask>,
    /// Judged, and waiting for another examiner.
    waiting: Vec<CandidateTask>,
    /// What this examiner may not judge.
    barred: Vec<CandidateTask>,
}

async fn tasks(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let tasks = signed.registry.candidate_tasks(&signed.actor).await?;
    let (waiting, rest): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|task| task.judged_by_me);
    let (barred, open) = rest.into_iter().partition(|task| task.barred.is_some());
    render(&Desk { p: Page::new(&state, &signed, "examination", "exam-desk-title"), open, waiting, barred })
}

#[derive(Template)]
#[template(path = "examination/examine.html")]
struct Examine {
    p: Page,
    id: CandidateId,
    examination: Examination,
    /// All fingers of either side, for the strip.
    fingers: Vec<Finger>,
    marks: usize,
}

async fn examine(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<CandidateId>) -> Answer {
    let examination = signed.registry.examination(&signed.actor, id).await?;
    let mut fingers = examination.probe.clone();
    fingers.extend(examination.reference.iter().filter(|f| !examination.probe.contains(f)));
    fingers.sort_by_key(|f| f.code());
    let title = match examination.stage {
        ExaminationStage::Marking => "exam-marking-title",
        ExaminationStage::Comparing | ExaminationStage::Judged => "exam-comparing-title",
    };
    let marks = examination.markings.as_ref().map_or(0, |m| m.fingers.iter().map(|f| f.marks.len()).sum());
    let p = Page::new(&state, &signed, "examination", title).about("adjudication").island("comparison.js");
    render(&Examine { p, id, examination, fingers, marks })
}

/// One finger for the island: pictures in base64, numbers as they are drawn.
#[derive(Serialize)]
struct FingerShown {
    finger: Finger,
    probe: Option<PrintShown>,
    reference: Option<PrintShown>,
    /// What this examiner marked: x, y, angle, kind.
    marks: Vec<(f32, f32, f32, &'static str)>,
    /// Index in the probe, index in the reference, closeness.
    pairs: Vec<(usize, usize, f32)>,
    /// Rotation, dx, dy.
    alignment: Option<(f32, f32, f32)>,
    orientation: Option<OrientationShown>,
}

#[derive(Serialize)]
struct OrientationShown {
    mean: f32,
    places: Vec<(f32, f32, f32)>,
}

#[derive(Serialize)]
struct PrintShown {
    width: usize,
    height: usize,
    ppi: f64,
    image: String,
    enhanced: Option<String>,
    ridges: Option<String>,
    /// The other print laid on this one, in colour.
    laid: Option<String>,
    /// x, y, angle, kind, quality.
    minutiae: Vec<(f32, f32, f32, &'static str, u8)>,
}

impl From<PrintView> for PrintShown {
    fn from(view: PrintView) -> Self {
        let encode = |bytes: Vec<u8>| base64::engine::general_purpose::STANDARD.encode(bytes);
        Self {
            width: view.width,
            height: view.height,
            ppi: view.ppi,
            image: encode(view.image),
            enhanced: view.enhanced.map(encode),
            ridges: view.ridges.map(encode),
            laid: view.laid.map(encode),
            minutiae: view.minutiae.iter().map(|m| (m.x, m.y, m.direction, kind_name(m.kind), m.quality)).collect(),
        }
    }
}

impl From<FingerComparison> for FingerShown {
    fn from(view: FingerComparison) -> Self {
        let marks = view.marks.map(|m| m.marks).unwrap_or_default();
        Self {
            finger: view.finger,
            probe: view.probe.map(PrintShown::from),
            reference: view.reference.map(PrintShown::from),
            marks: marks.iter().map(|m| (m.x, m.y, m.angle, kind_name(m.kind))).collect(),
            pairs: view.pairs.iter().map(|p| (p.probe, p.reference, p.closeness)).collect(),
            alignment: view.alignment.map(|a| (a.rotation, a.dx, a.dy)),
            orientation: view.orientation.map(|o| OrientationShown { mean: o.mean_degrees, places: o.places }),
        }
    }
}

fn kind_name(kind: MinutiaKind) -> &'static str {
    match kind {
        MinutiaKind::Ending => "ending",
        MinutiaKind::Bifurcation => "bifurcation",
        MinutiaKind::Other => "other",
    }
}

async fn finger(
    signed: SignedIn,
    _room: Room,
    Path((candidate, finger)): Path<(String, String)>,
) -> Result<Json<FingerShown>, Refusal> {
    let view = signed.registry.compare_finger(&signed.actor, id_of(&candidate)?, finger_of(&finger)?).await?;
    Ok(Json(view.into()))
}

async fn picture(
    signed: SignedIn,
    _room: Room,
    Path((candidate, side, finger)): Path<(String, String, String)>,
) -> Answer {
    let side = match side.as_str() {
        "probe" => Side::Probe,
        "reference" => Side::Reference,
        _ => return Err(nothing_there()),
    };
    let png = signed.registry.print_picture(&signed.actor, id_of(&candidate)?, side, finger_of(&finger)?).await?;
    Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")], png).into_response())
}

/// The markings, as the page sends them: the machine's points as they are, nothing, or those set in the island.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    how: How,
    /// Points set in the island, as JSON.
    #[serde(default)]
    markings: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Own,
    Proposal,
    Nothing,
}

/// What the island keeps between two marks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    markings: String,
}

async fn draft(signed: SignedIn, Id(id): Id<CandidateId>, Sent(form): Sent<Draft>) -> Result<StatusCode, Refusal> {
    signed.registry.keep_draft(&signed.actor, id, &markings_of(&form.markings)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn markings_of(text: &str) -> Result<Markings, RegistryError> {
    serde_json::from_str(text).map_err(|_| RegistryError::Invalid {
        field: "markings",
        problem: "the marks did not arrive whole: open the page again and lock them once more".to_owned(),
    })
}

async fn lock(signed: SignedIn, Id(id): Id<CandidateId>, Sent(form): Sent<Lock>) -> Answer {
    let markings = match form.how {
        How::Own => markings_of(&form.markings)?,
        How::Proposal => {
            let examination = signed.registry.examination(&signed.actor, id).await?;
            let fingers = examination.proposal.into_iter().map(|p| p.marks).collect();
            Markings { fingers, nothing_to_mark: false }
        }
        How::Nothing => Markings { fingers: Vec::new(), nothing_to_mark: true },
    };
    signed.registry.lock_markings(&signed.actor, id, &markings).await?;
    see(&format!("/examination/{id}?done=locked"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judge {
    conclusion: Conclusion,
    #[serde(default)]
    notes: String,
}

async fn judge(signed: SignedIn, Id(id): Id<CandidateId>, Sent(form): Sent<Judge>) -> Answer {
    let judgement = Judgement { conclusion: form.conclusion, notes: Some(form.notes) };
    let view = signed.registry.judge(&signed.actor, id, judgement).await?;
    match view.state.as_str() {
        "open" | "disputed" => see("/examination?done=judged"),
        _ => see(&format!("/examination/decided/{id}?done=judged")),
    }
}

#[derive(Template)]
#[template(path = "examination/decided_list.html")]
struct DecidedList {
    p: Page,
    tasks: Vec<DecidedTask>,
}

async fn decided_tasks(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let tasks = signed.registry.decided_candidates(&signed.actor).await?;
    render(&DecidedList { p: Page::new(&state, &signed, "examination", "exam-decided-title"), tasks })
}

#[derive(Template)]
#[template(path = "examination/decided.html")]
struct Decided {
    p: Page,
    candidate: DecidedCandidate,
    scores: Vec<FingerScore>,
}

async fn decided(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<CandidateId>) -> Answer {
    let candidate = signed.registry.decided_candidate(&signed.actor, id).await?;
    let p = Page::new(&state, &signed, "examination", "exam-decided-one-title").about("adjudication");
    let scores = candidate.fingers.iter().map(FingerScore::of).collect();
    render(&Decided { p, candidate, scores })
}

fn id_of(text: &str) -> Result<CandidateId, Refusal> {
    text.parse().map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "bad_id", "the path holds no readable id"))
}

fn finger_of(name: &str) -> Result<Finger, Refusal> {
    Finger::TEN.into_iter().find(|f| f.name() == name).ok_or_else(nothing_there)
}

fn nothing_there() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "no_such_path", "nothing is at this address")
}

impl Examine {
    fn marking(&self) -> bool {
        self.examination.stage == ExaminationStage::Marking
    }

    fn judged(&self) -> bool {
        self.examination.stage == ExaminationStage::Judged
    }

    fn stage(&self) -> &'static str {
        match self.examination.stage {
            ExaminationStage::Marking => "marking",
            ExaminationStage::Comparing => "comparing",
            ExaminationStage::Judged => "judged",
        }
    }

    fn proposal(&self) -> &[ProposedMarks] {
        &self.examination.proposal
    }

    /// What was marked before this page was opened, for the island.
    fn draft(&self) -> String {
        self.examination.draft.as_ref().and_then(|d| serde_json::to_string(&d.fingers).ok()).unwrap_or_default()
    }

    fn has(&self, side: &str, finger: &Finger) -> bool {
        let held = if side == "probe" { &self.examination.probe } else { &self.examination.reference };
        held.contains(finger)
    }
}

impl Desk {
    fn short(&self, id: &CandidateId) -> String {
        short(id)
    }

    fn barred_text(&self, task: &CandidateTask) -> String {
        let barred = task.barred.map(|b| serde_json::to_value(b).unwrap_or_default());
        self.p.code("exam-barred", barred.as_ref().and_then(|b| b.as_str()).unwrap_or_default())
    }
}

impl DecidedList {
    fn short(&self, id: &CandidateId) -> String {
        short(id)
    }
}
