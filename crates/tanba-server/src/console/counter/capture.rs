//! The capture station: ten fingers in the order 4-4-2, up to three attempts each, the best kept.
//!
//! Every form works without scripts and leads back to the page with the next finger chosen. The island `capture.ts` asks for
//! the station alone (htmx's header says so) and puts it in the page's place.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use tanba_formats::Finger;
use tanba_registry::{Capture, EncounterId, FingerState, QualityReason, RegistryError, SampleRow};

use super::hands::{self, Drawn};
use super::{Head, OneFinger, at, finger_of, page as page_about, told_here};
use crate::console::{Answer, Page, Sent, SignedIn, Upload, render, see};
use crate::gate::Room;
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

/// Attempts at one finger, as the page counts them.
const ATTEMPTS: usize = 3;
/// States that the page offers, with the key that states each.
const STATES: [(FingerState, &str); 7] = [
    (FingerState::Missing, "M"),
    (FingerState::Bandaged, "B"),
    (FingerState::Prosthetic, "P"),
    (FingerState::Webbed, "G"),
    (FingerState::Extra, "X"),
    (FingerState::Worn, "W"),
    (FingerState::Unable, "U"),
];

/// What the station shows; the whole page, or the part that changes.
struct Station {
    /// The finger in hand.
    finger: Finger,
    hands: Vec<Drawn>,
    /// Hands that the virtual device knows: key, name, whether they are this person's.
    device: Vec<(String, String, bool)>,
    /// What went wrong, on this page.
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "counter/capture.html")]
struct CapturePage {
    p: Page,
    head: Head,
    s: Station,
}

#[derive(Template)]
#[template(path = "counter/station.html")]
struct StationPart {
    p: Page,
    head: Head,
    s: Station,
}

impl Station {
    async fn load(
        state: &ServerState,
        signed: &SignedIn,
        id: EncounterId,
        chosen: Option<Finger>,
        problem: Option<String>,
    ) -> Result<(Page, Head, Self), Refusal> {
        let head = Head::load(signed, id, "capture").await?;
        let finger = chosen
            .or_else(|| hands::next(&head.desk))
            .unwrap_or(head.to_accept().first().copied().unwrap_or(hands::SEQUENCE[0]));
        let drawn = hands::draw(&head.desk, finger);
        let device = match state.face().device.as_ref() {
            Some(device) => {
                let own = head.attribute("iin").and_then(|iin| device.hands_of(iin));
                device.hands().into_iter().map(|h| (h.key.clone(), h.name, own.as_ref() == Some(&h.key))).collect()
            }
            None => Vec::new(),
        };
        let mut p = page_about(state, signed, "counter-capture-title").island("capture.js");
        p.path = at(id, "capture");
        Ok((p, head, Self { finger, hands: drawn, device, problem }))
    }

    fn name(&self) -> &'static str {
        self.finger.name()
    }

    fn kept<'h>(&self, head: &'h Head) -> Option<&'h SampleRow> {
        hands::kept(&head.desk, self.finger)
    }

    fn attempts(&self, head: &Head) -> usize {
        hands::attempts(&head.desk, self.finger)
    }

    /// The attempt that would be next; the device's form carries it, so that pressing twice is one touch.
    fn next_attempt(&self, head: &Head) -> usize {
        self.attempts(head) + 1
    }

    fn may_try(&self, head: &Head) -> bool {
        self.attempts(head) < ATTEMPTS && !hands::states(&head.desk, self.finger).any(FingerState::precludes_capture)
    }

    fn states(&self, head: &Head) -> Vec<&'static str> {
        hands::states(&head.desk, self.finger).map(FingerState::name).collect()
    }

    /// States that can be true of the finger now.
    fn offered_states(&self, head: &Head) -> Vec<(&'static str, &'static str)> {
        let captured = self.attempts(head) > 0;
        STATES
            .iter()
            .filter(|(state, _)| !captured || state.goes_with_print())
            .map(|(s, key)| (s.name(), *key))
            .collect()
    }

    fn reasons(&self, head: &Head) -> Vec<&'static str> {
        let three = self.attempts(head) >= ATTEMPTS;
        let reasons = QualityReason::ALL.into_iter().filter(|reason| three || *reason != QualityReason::ThreeAttempts);
        let mut reasons: Vec<&'static str> = reasons.map(QualityReason::name).collect();
        // After three attempts that is the reason that is most often true.
        reasons.sort_by_key(|reason| *reason != "three_attempts");
        reasons
    }

    fn needs_acceptance(&self, head: &Head) -> bool {
        self.kept(head).is_some_and(|sample| sample.flagged && sample.accepted.is_none())
    }

    fn done(&self, head: &Head) -> usize {
        head.accounted()
    }

    fn all_done(&self, head: &Head) -> bool {
        super::all_done(&head.desk)
    }

    /// What the device opens with; empty while the law misses something.
    fn permit<'h>(&self, head: &'h Head) -> &'h str {
        head.desk.view.capture_permit.as_deref().unwrap_or_default()
    }

    /// What the page's main button does: compare, accept, go on to the next finger, touch, or choose a file.
    fn next(&self, head: &Head) -> &'static str {
        match () {
            () if !head.may_capture() => "law",
            () if self.needs_acceptance(head) && !self.may_try(head) => "accept",
            () if self.all_done(head) && head.to_accept().is_empty() => "compare",
            () if super::accounted(&head.desk, self.finger) && !self.needs_acceptance(head) => "onward",
            () if self.may_try(head) && !self.device.is_empty() => "device",
            () if self.may_try(head) => "file",
            () => "other",
        }
    }

    /// The group of the sequence that the finger belongs to: four right, four left, two thumbs.
    fn group(&self) -> &'static str {
        match self.finger {
            Finger::RightThumb | Finger::LeftThumb => "thumbs",
            finger if finger.code() <= Finger::RightLittle.code() => "right",
            _ => "left",
        }
    }

    /// One sentence of advice, the most useful first.
    fn advice(&self, head: &Head, p: &Page) -> Option<String> {
        let latest = head.desk.samples.iter().rfind(|sample| sample.finger == self.finger)?;
        latest.advice_codes.first().map(|code| p.code("counter-advice", code))
    }
}

/// The whole page, or the station alone for the island.
fn show((p, head, s): (Page, Head, Station), signed: &SignedIn, status: StatusCode) -> Answer {
    let mut response = if signed.visitor.wants_part {
        render(&StationPart { p, head, s })?
    } else {
        render(&CapturePage { p, head, s })?
    };
    *response.status_mut() = status;
    Ok(response)
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<EncounterId>) -> Answer {
    let chosen = signed.visitor.asked("finger").and_then(finger_of);
    let problem = state.counter().hear(signed.actor.account(), id);
    show(Station::load(&state, &signed, id, chosen, problem).await?, &signed, StatusCode::OK)
}

/// After an act: the station with the next finger in hand, or with this one where it wants another attempt.
async fn after(
    state: &ServerState,
    signed: &SignedIn,
    id: EncounterId,
    finger: Option<Finger>,
    outcome: Result<(), Refusal>,
) -> Answer {
    let part = signed.visitor.wants_part;
    match outcome {
        Ok(()) if part => show(Station::load(state, signed, id, finger, None).await?, signed, StatusCode::OK),
        Err(refusal) => {
            let (status, problem) = told_here(signed.visitor.lang, refusal);
            if status == StatusCode::NOT_FOUND {
                return Err(RegistryError::NotFound { what: "encounter" }.into());
            }
            if part {
                return show(Station::load(state, signed, id, finger, Some(problem)).await?, signed, status);
            }
            state.counter().tell(signed.actor.account(), id, problem);
            back(id, finger)
        }
        Ok(()) => back(id, finger),
    }
}

fn back(id: EncounterId, finger: Option<Finger>) -> Answer {
    match finger {
        Some(finger) => see(&format!("{}?finger={}", at(id, "capture"), finger.name())),
        None => see(&at(id, "capture")),
    }
}

/// Takes image files: one of the finger in hand, or several that tell their finger by their name or follow the sequence.
pub(super) async fn take(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<EncounterId>,
    _room: Room,
    upload: Upload,
) -> Answer {
    let named = upload.fields.get("finger").and_then(|name| finger_of(name));
    let permit = upload.fields.get("permit").map(String::as_str);
    if let Err(error) = signed.registry.demand_capture_permit(&signed.actor, id, permit).await {
        return after(&state, &signed, id, named, Err(error.into())).await;
    }
    if upload.files.is_empty() {
        let none = RegistryError::Invalid { field: "print_file", problem: "choose an image file".to_owned() };
        return after(&state, &signed, id, named, Err(none.into())).await;
    }
    let alone = upload.files.len() == 1;
    let mut last = named;
    let mut outcome = Ok(());
    for file in upload.files {
        let told = hands::finger_in(&file.name);
        let finger = match named.filter(|_| alone).or(told) {
            Some(finger) => Some(finger),
            None => {
                let desk = signed.registry.encounter_desk(&signed.actor, id).await?;
                hands::next(&desk)
            }
        };
        let Some(finger) = finger else { break };
        last = Some(finger);
        let capture = Capture { finger, image: file.bytes.to_vec(), ppi: None };
        match signed.registry.capture(&signed.actor, id, capture).await {
            Ok(view) => last = view.flagged.then_some(finger),
            Err(error) => {
                // What was taken before stays; this one is told about, and the rest can be sent again.
                outcome = Err(error.into());
                break;
            }
        }
    }
    after(&state, &signed, id, last, outcome).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Touch {
    hands: String,
    finger: String,
    attempt: u32,
    #[serde(default)]
    permit: Option<String>,
}

/// The finger of a person who does not exist, laid on a scanner that is not there. `all` takes every finger that is left.
pub(super) async fn touch(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<EncounterId>,
    _room: Room,
    Sent(form): Sent<Touch>,
) -> Answer {
    let Some(device) = state.face().device.clone() else {
        let none = RegistryError::Invalid {
            field: "device",
            problem: "there is no virtual device here: take the print from a file".to_owned(),
        };
        return after(&state, &signed, id, finger_of(&form.finger), Err(none.into())).await;
    };
    if let Err(error) = signed.registry.demand_capture_permit(&signed.actor, id, form.permit.as_deref()).await {
        return after(&state, &signed, id, finger_of(&form.finger), Err(error.into())).await;
    }
    let fingers: Vec<Finger> = match form.finger.as_str() {
        "all" => {
            let desk = signed.registry.encounter_desk(&signed.actor, id).await?;
            hands::SEQUENCE.into_iter().filter(|finger| !super::accounted(&desk, *finger)).collect()
        }
        name => finger_of(name).into_iter().collect(),
    };
    let mut last = None;
    let mut outcome = Ok(());
    for finger in fingers {
        let (device, hands) = (device.clone(), form.hands.clone());
        let touched = tokio::task::spawn_blocking(move || device.touch(&hands, finger, form.attempt)).await;
        let done = match touched.map_err(|e| Refusal::internal(&e))? {
            Some(image) => {
                let capture = Capture { finger, image, ppi: None };
                signed.registry.capture(&signed.actor, id, capture).await.map(|view| view.flagged)
            }
            // The device feels no finger there: that is stated, as an operator would who sees none.
            None if form.finger == "all" => {
                signed.registry.state_finger(&signed.actor, id, finger, FingerState::Missing).await.map(|()| false)
            }
            None => Err(RegistryError::Invalid { field: "device", problem: "these hands lack the finger".to_owned() }),
        };
        match done {
            Ok(flagged) if flagged => last = last.or(Some(finger)),
            Ok(_) => {}
            Err(error) => {
                (last, outcome) = (Some(finger), Err(error.into()));
                break;
            }
        }
    }
    after(&state, &signed, id, last, outcome).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stated {
    state: String,
}

/// States something of a finger, or takes back what was stated (`none`).
pub(super) async fn state_finger(
    State(state): State<ServerState>,
    signed: SignedIn,
    OneFinger(id, finger): OneFinger,
    Sent(form): Sent<Stated>,
) -> Answer {
    let known = STATES.iter().map(|(state, _)| *state).find(|state| state.name() == form.state);
    let (outcome, chosen) = match (known, form.state.as_str()) {
        (None, "none") => (signed.registry.unstate_finger(&signed.actor, id, finger).await, Some(finger)),
        // A finger that is accounted for leaves the hand to the next one; a note does not account for it.
        (Some(known), _) => {
            let stays = known == FingerState::Extra || known.goes_with_print();
            (signed.registry.state_finger(&signed.actor, id, finger, known).await, stays.then_some(finger))
        }
        (None, _) => {
            let odd =
                RegistryError::Invalid { field: "finger_state", problem: "choose what the page offers".to_owned() };
            (Err(odd), Some(finger))
        }
    };
    let chosen = if outcome.is_err() { Some(finger) } else { chosen };
    after(&state, &signed, id, chosen, outcome.map_err(Refusal::from)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Acceptance {
    reason: String,
    #[serde(default)]
    note: String,
}

/// Keeps a poor print, with the reason.
pub(super) async fn accept(
    State(state): State<ServerState>,
    signed: SignedIn,
    OneFinger(id, finger): OneFinger,
    Sent(form): Sent<Acceptance>,
) -> Answer {
    let reason = QualityReason::ALL.into_iter().find(|reason| reason.name() == form.reason);
    let outcome = match reason {
        Some(reason) => signed.registry.accept_quality(&signed.actor, id, finger, reason, Some(&form.note)).await,
        None => Err(RegistryError::Invalid { field: "reason", problem: "choose what the page offers".to_owned() }),
    };
    let chosen = outcome.is_err().then_some(finger);
    after(&state, &signed, id, chosen, outcome.map_err(Refusal::from)).await
}

/// A kept print for the island: the image, and its minutiae to draw over it.
#[derive(Serialize)]
struct PrintShown {
    png: String,
    width: usize,
    height: usize,
    /// Column, row, direction in radians (counter-clockwise from the right), kind.
    minutiae: Vec<(f32, f32, f32, &'static str)>,
}

/// The kept print: an image for a browser without scripts, image and minutiae in one answer (and one look) for the island.
pub(super) async fn print(signed: SignedIn, OneFinger(id, finger): OneFinger) -> Result<Response, Refusal> {
    let view = signed.registry.sample_view(&signed.actor, id, finger).await?;
    if signed.visitor.asked("as") == Some("image") {
        return Ok(([(header::CONTENT_TYPE, "image/png")], view.png).into_response());
    }
    Ok(Json(PrintShown {
        png: base64::engine::general_purpose::STANDARD.encode(&view.png),
        width: view.width,
        height: view.height,
        minutiae: view.minutiae.iter().map(|m| (m.x, m.y, m.direction, m.kind)).collect(),
    })
    .into_response())
}
