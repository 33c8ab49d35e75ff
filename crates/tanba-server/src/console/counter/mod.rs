//! The counter: from a person's arrival to the receipt in their hand.
//!
//! The pages of one encounter share a line of steps (arrive, law, capture, check, compare, document, receipt). Everything
//! that is done is stored at once, so a page can be left at any moment: the encounter stays, sealed, and its address leads to
//! the step that it has come to.

mod arrival;
mod capture;
mod check;
mod documents;
mod exemption;
mod hands;
mod law;
mod receipt;
mod refusals;
mod shelf;

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_formats::Finger;
use tanba_registry::{ConsentKind, EncounterDesk, EncounterId, EncounterState};

use super::{Answer, Lang, Page, SignedIn, see};
use crate::input::Id;
use crate::problem::{Refusal, Told};
use crate::state::ServerState;

pub(crate) use shelf::Counter;

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/counter", get(arrival::desk))
        .route("/counter/shift", post(arrival::open_shift))
        .route("/counter/shift/close", post(arrival::close_shift))
        .route("/counter/find", post(arrival::find))
        .route("/counter/found/{found}", get(arrival::found))
        .route("/counter/typed", get(arrival::typed).post(arrival::open_typed))
        .route("/counter/encounters", post(arrival::open_found))
        .route("/counter/encounters/{encounter}", get(present_step))
        .route("/counter/encounters/{encounter}/law", get(law::page))
        .route("/counter/encounters/{encounter}/sheet", get(law::sheet))
        .route("/counter/encounters/{encounter}/explanation", post(law::explained))
        .route("/counter/encounters/{encounter}/consent", post(law::consented))
        .route("/counter/encounters/{encounter}/guardian", post(law::guardian))
        .route("/counter/encounters/{encounter}/guardian/code", post(law::guardian_confirmed))
        .route("/counter/encounters/{encounter}/guardian/consent", post(law::guardian_consented))
        .route("/counter/encounters/{encounter}/interpreter", post(law::interpreter))
        .route("/counter/encounters/{encounter}/objection", post(law::objection))
        .route("/counter/encounters/{encounter}/refusal", get(refusals::before).post(refusals::record))
        .route("/counter/encounters/{encounter}/capture", get(capture::page))
        .route("/counter/encounters/{encounter}/device", post(capture::touch))
        .route("/counter/encounters/{encounter}/fingers/{finger}", post(capture::state_finger))
        .route("/counter/encounters/{encounter}/fingers/{finger}/acceptance", post(capture::accept))
        .route("/counter/encounters/{encounter}/prints/{finger}", get(capture::print))
        .route("/counter/encounters/{encounter}/check", get(check::page).post(check::start))
        .route("/counter/encounters/{encounter}/check/progress", get(check::progress))
        .route("/counter/encounters/{encounter}/postponement", post(exemption::postpone))
        .route("/counter/encounters/{encounter}/exemption", get(exemption::page).post(exemption::record))
        .route("/counter/encounters/{encounter}/namesakes", post(exemption::search))
        .route("/counter/encounters/{encounter}/namesakes/finding", post(exemption::finding))
        .route("/counter/encounters/{encounter}/hands", get(exemption::photograph))
        .route("/counter/encounters/{encounter}/document", get(documents::of_encounter).post(documents::apply))
        .route("/counter/encounters/{encounter}/receipt", get(receipt::step).post(receipt::issue))
        .route("/counter/encounters/{encounter}/receipt/{code}", get(receipt::print))
        .route("/counter/documents/{document}", get(documents::page))
        .route("/counter/documents/{document}/event", post(documents::happened))
        .route("/refusals", get(refusals::list))
        .route("/refusals/{refusal}", get(refusals::page))
        .route("/refusals/{refusal}/act", post(refusals::act))
        .route("/receipt", get(receipt::ask).post(receipt::look_up))
        .route("/receipt/{code}", get(receipt::check))
}

/// Routes that take images.
pub(crate) fn uploads() -> Router<ServerState> {
    Router::new()
        .route("/counter/encounters/{encounter}/prints", post(capture::take))
        .route("/counter/encounters/{encounter}/hands/new", post(exemption::take_photograph))
}

/// A form with a button and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// One step in the line.
struct Step {
    key: &'static str,
    /// Where it is, if it can be gone to.
    href: Option<String>,
    past: bool,
    here: bool,
}

/// What every page of an encounter shows: the person, and the line of steps.
struct Head {
    id: EncounterId,
    desk: EncounterDesk,
    steps: Vec<Step>,
}

impl Head {
    async fn load(signed: &SignedIn, id: EncounterId, here: &'static str) -> Result<Self, Refusal> {
        let desk = signed.registry.encounter_desk(&signed.actor, id).await?;
        let steps = steps(id, &desk, here);
        Ok(Self { id, desk, steps })
    }

    /// The address of a page of this encounter.
    fn at(&self, page: &str) -> String {
        at(self.id, page)
    }

    /// The person's name, in the page's language where it is known in it.
    fn name(&self, lang: &Lang) -> Option<String> {
        let script = if *lang == Lang::En { "latin" } else { lang.code() };
        [script, "ru", "kk", "latin"].iter().find_map(|script| {
            let part = |part: &str| self.desk.view.identity.get(&format!("{part}_{script}")).cloned();
            match (part("family_name"), part("given_name")) {
                (None, None) => None,
                (family, given) => Some([family, given].into_iter().flatten().collect::<Vec<_>>().join(" ")),
            }
        })
    }

    fn attribute(&self, name: &str) -> Option<&String> {
        self.desk.view.identity.get(name)
    }

    /// The number, all but its last four digits hidden: whoever stands behind the operator reads the screen too.
    fn masked_number(&self) -> Option<String> {
        self.attribute("iin").map(|number| super::masked(number))
    }

    fn open(&self) -> bool {
        self.desk.view.state == EncounterState::Open
    }

    fn objected(&self) -> bool {
        self.has(ConsentKind::Objection)
    }

    fn explained(&self) -> bool {
        self.has(ConsentKind::Explanation)
    }

    fn has(&self, kind: ConsentKind) -> bool {
        self.desk.consents.iter().any(|consent| consent.kind == kind)
    }

    fn missing(&self, code: &str) -> bool {
        self.desk.view.law.missing.iter().any(|item| item.code == code)
    }

    /// Nothing stands between the person and the scanner.
    fn may_capture(&self) -> bool {
        self.open() && self.desk.view.law.missing.is_empty()
    }

    /// Fingers captured or stated.
    fn accounted(&self) -> usize {
        Finger::TEN.into_iter().filter(|finger| accounted(&self.desk, *finger)).count()
    }

    /// The fingers whose kept print is poor and not accepted yet.
    fn to_accept(&self) -> Vec<Finger> {
        self.desk.samples.iter().filter(|s| s.kept && s.flagged && s.accepted.is_none()).map(|s| s.finger).collect()
    }
}

fn at(id: EncounterId, page: &str) -> String {
    format!("/counter/encounters/{id}/{page}")
}

/// Whether a finger is captured or stated.
fn accounted(desk: &EncounterDesk, finger: Finger) -> bool {
    desk.samples.iter().any(|s| s.finger == finger)
        || desk.marks.iter().any(|mark| mark.finger == finger && mark.state.accounts())
}

/// Every finger is captured or stated, or as many are captured as the law lets be taken.
fn all_done(desk: &EncounterDesk) -> bool {
    let captured: BTreeSet<Finger> = desk.samples.iter().map(|sample| sample.finger).collect();
    captured.len() >= usize::from(desk.view.fingers_allowed)
        || Finger::TEN.into_iter().all(|finger| accounted(desk, finger))
}

/// The page of the step that an encounter has come to.
fn step_of(desk: &EncounterDesk) -> &'static str {
    match desk.view.state {
        EncounterState::Open if !desk.view.law.missing.is_empty() => "law",
        EncounterState::Open if desk.consents.iter().any(|c| c.kind == ConsentKind::Explanation) => "capture",
        EncounterState::Open if !desk.samples.is_empty() => "capture",
        EncounterState::Open => "law",
        EncounterState::Adjudication | EncounterState::Duplicate | EncounterState::Conflict => "check",
        EncounterState::Registered | EncounterState::Verified | EncounterState::Exempt => "document",
        EncounterState::Refused | EncounterState::Denied => "refusal",
    }
}

fn steps(id: EncounterId, desk: &EncounterDesk, here: &'static str) -> Vec<Step> {
    use EncounterState as S;
    let state = desk.view.state;
    let ended_well = matches!(state, S::Registered | S::Verified | S::Exempt);
    let law_done = desk.view.law.missing.is_empty();
    let all_fingers = all_done(desk);
    let compared = state != S::Open;
    let candidates = desk.check.as_ref().is_some_and(|check| check.candidates > 0);
    let step = |key: &'static str, reachable: bool, past: bool| Step {
        key,
        href: reachable.then(|| at(id, if key == "compare" { "check" } else { key })),
        past: past && here != key,
        here: here == key,
    };
    let mut line = vec![Step { key: "arrive", href: Some("/counter".to_owned()), past: true, here: false }];
    line.push(step("law", true, law_done));
    if state == S::Refused {
        line.push(step("refusal", true, true));
    } else if state == S::Exempt || here == "exemption" {
        line.push(step("exemption", true, ended_well));
    } else {
        line.push(step("capture", law_done, all_fingers));
        line.push(step("check", all_fingers || compared, compared));
        line.push(step("compare", compared && candidates, ended_well || !matches!(state, S::Open | S::Adjudication)));
    }
    line.push(step("document", ended_well, desk.documents.iter().any(|d| d.state.name() == "issued")));
    line.push(step("receipt", compared, desk.receipts > 0));
    line
}

/// An encounter's address leads to where it has come.
async fn present_step(signed: SignedIn, Id(id): Id<EncounterId>) -> Answer {
    let desk = signed.registry.encounter_desk(&signed.actor, id).await?;
    see(&at(id, step_of(&desk)))
}

/// A page about a person, for registration.
fn page(state: &ServerState, signed: &SignedIn, title: &'static str) -> Page {
    Page::new(state, signed, "counter", title).about("registration")
}

/// The name of a state, as its texts are keyed.
fn state_name(state: &EncounterState) -> &'static str {
    match state {
        EncounterState::Open => "open",
        EncounterState::Adjudication => "adjudication",
        EncounterState::Registered => "registered",
        EncounterState::Verified => "verified",
        EncounterState::Exempt => "exempt",
        EncounterState::Refused => "refused",
        EncounterState::Denied => "denied",
        EncounterState::Duplicate => "duplicate",
        EncounterState::Conflict => "conflict",
    }
}

/// The encounter and the finger that a path names.
struct OneFinger(EncounterId, Finger);

impl FromRequestParts<ServerState> for OneFinger {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        let refuse = |detail: &str| Refusal::new(StatusCode::BAD_REQUEST, "bad_id", detail);
        let Path((encounter, finger)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| refuse("the path holds no readable id"))?;
        let encounter = encounter.parse().map_err(|e: tanba_registry::BadId| refuse(&e.to_string()))?;
        let finger = finger_of(&finger).ok_or_else(|| refuse("the path names no finger"))?;
        Ok(Self(encounter, finger))
    }
}

fn finger_of(name: &str) -> Option<Finger> {
    Finger::TEN.into_iter().find(|finger| finger.name() == name)
}

/// A refusal as it is told on the page where it happened: its status, and the sentence.
fn told_here(lang: Lang, refusal: Refusal) -> (StatusCode, String) {
    let told = refusal.into_told();
    let status = StatusCode::from_u16(told.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, sentence(lang, &told))
}

/// What happened, and what would be needed.
fn sentence(lang: Lang, told: &Told) -> String {
    let needs = super::error::needs(lang, told).join(" ");
    let happened = super::error::in_words(lang, told);
    if needs.is_empty() { happened } else { format!("{happened} {needs}") }
}
