//! Fingers: captured, or stated not to be there; then compared with everyone registered.

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use tanba_registry::{CaptureView, Completion, EncounterId};
use utoipa::ToSchema;

use super::encounters::Encounter;
use crate::gate::Room;
use crate::input::{Id, Input, image};
use crate::openapi::InputRefusals;
use crate::problem::Refusal;
use crate::session::Signed;
use crate::state::ServerState;
use crate::wire::{Finger, FingerState, QualityReason};

/// An image of a finger.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPrint {
    /// Which finger it is said to be.
    finger: Finger,
    /// The image file (PNG, BMP, PGM, TIFF, WSQ, JPEG 2000) in standard base64.
    #[schema(content_encoding = "base64")]
    image: String,
    /// Resolution in pixels per inch, where the file does not say it.
    #[serde(default)]
    ppi: Option<f64>,
}

impl NewPrint {
    /// Finger, image file, resolution.
    pub(crate) fn decoded(&self) -> Result<(tanba_formats::Finger, Vec<u8>, Option<f64>), Refusal> {
        Ok((self.finger.into(), image(&self.image)?, self.ppi))
    }
}

/// An image of a finger for an encounter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCapture {
    /// Which finger it is said to be.
    finger: Finger,
    /// The image file (PNG, BMP, PGM, TIFF, WSQ, JPEG 2000) in standard base64.
    #[schema(content_encoding = "base64")]
    image: String,
    /// Resolution in pixels per inch, where the file does not say it.
    #[serde(default)]
    ppi: Option<f64>,
    /// The encounter's `capture_permit` of today; without it nothing is decoded.
    #[serde(default)]
    permit: Option<String>,
}

/// What was made of an image.
#[derive(Serialize, ToSchema)]
pub(crate) struct Capture {
    /// The sample.
    #[schema(format = "uuid")]
    sample: String,
    /// Which finger.
    finger: Finger,
    /// Which attempt at this finger, from 1 to 3.
    attempt: u32,
    /// Whether it is the best so far, and so the one that is kept.
    kept: bool,
    /// 0 (worst) to 100.
    quality: u8,
    /// Below the quality that is kept without a flag.
    flagged: bool,
    /// How many minutiae were found.
    minutiae: usize,
    /// What to tell the person.
    advice: Vec<String>,
    /// The same as stable codes.
    advice_codes: Vec<String>,
    /// What was noticed when reading the image.
    diagnostics: Vec<String>,
}

impl From<CaptureView> for Capture {
    fn from(view: CaptureView) -> Self {
        Self {
            sample: view.sample.to_string(),
            finger: view.finger.into(),
            attempt: view.attempt,
            kept: view.kept,
            quality: view.quality,
            flagged: view.flagged,
            minutiae: view.minutiae,
            advice: view.advice,
            advice_codes: view.advice_codes,
            diagnostics: view.diagnostics,
        }
    }
}

/// Why a finger cannot be captured.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFingerState {
    /// Why.
    state: FingerState,
}

/// Why a print of low quality is kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAcceptance {
    /// Why.
    reason: QualityReason,
    /// In words; needed for `other`.
    #[serde(default)]
    note: Option<String>,
}

/// How a completed encounter ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct Completed {
    /// The encounter now.
    encounter: Encounter,
    /// How many people the prints were compared with.
    people_compared: u64,
    /// How many candidates examiners must judge. Who they are is not shown here.
    candidates: usize,
}

impl From<Completion> for Completed {
    fn from(done: Completion) -> Self {
        Self { encounter: done.encounter.into(), people_compared: done.people_compared, candidates: done.candidates }
    }
}

/// The encounter and the finger that a path names.
pub(crate) struct OneFinger(EncounterId, tanba_formats::Finger);

impl FromRequestParts<ServerState> for OneFinger {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        let refuse = |detail: &str| Refusal::new(StatusCode::BAD_REQUEST, "bad_id", detail);
        let Path((encounter, finger)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| refuse("the path holds no readable id"))?;
        let encounter = encounter.parse().map_err(|e: tanba_registry::BadId| refuse(&e.to_string()))?;
        let finger = tanba_formats::Finger::TEN.into_iter().find(|f| f.name() == finger).ok_or_else(|| {
            refuse("the path names no finger: use right_thumb to right_little or left_thumb to left_little")
        })?;
        Ok(Self(encounter, finger))
    }
}

/// Capture a finger
///
/// Up to three attempts for each finger; the best is kept. Not before every consent and presence that the law asks for,
/// and with the permit that the encounter's view gives then.
#[utoipa::path(post, path = "/api/encounters/{encounter}/captures", tag = "encounters", security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")), request_body = NewCapture,
    responses((status = 201, body = Capture), InputRefusals))]
pub(crate) async fn capture(
    signed: Signed,
    Id(id): Id<EncounterId>,
    _room: Room,
    Input(new): Input<NewCapture>,
) -> Result<(StatusCode, Json<Capture>), Refusal> {
    signed.registry.demand_capture_permit(&signed.actor, id, new.permit.as_deref()).await?;
    let capture = tanba_registry::Capture { finger: new.finger.into(), image: image(&new.image)?, ppi: new.ppi };
    let view = signed.registry.capture(&signed.actor, id, capture).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// State why a finger cannot be captured
#[utoipa::path(put, path = "/api/encounters/{encounter}/fingers/{finger}", tag = "encounters",
    security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid"), ("finger" = Finger, Path)), request_body = NewFingerState,
    responses((status = 204, description = "It is recorded"), InputRefusals))]
pub(crate) async fn state_finger(
    signed: Signed,
    OneFinger(id, finger): OneFinger,
    Input(new): Input<NewFingerState>,
) -> Result<StatusCode, Refusal> {
    signed.registry.state_finger(&signed.actor, id, finger, new.state.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take back what was stated of a finger
#[utoipa::path(delete, path = "/api/encounters/{encounter}/fingers/{finger}", tag = "encounters",
    security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid"), ("finger" = Finger, Path)),
    responses((status = 204, description = "It is taken back"), InputRefusals))]
pub(crate) async fn unstate_finger(signed: Signed, OneFinger(id, finger): OneFinger) -> Result<StatusCode, Refusal> {
    signed.registry.unstate_finger(&signed.actor, id, finger).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keep a print of low quality, with the reason
///
/// Without it the capture does not end while such a print is the best of its finger.
#[utoipa::path(post, path = "/api/encounters/{encounter}/fingers/{finger}/acceptance", tag = "encounters",
    security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid"), ("finger" = Finger, Path)), request_body = NewAcceptance,
    responses((status = 204, description = "It is recorded"), InputRefusals))]
pub(crate) async fn accept_quality(
    signed: Signed,
    OneFinger(id, finger): OneFinger,
    Input(new): Input<NewAcceptance>,
) -> Result<StatusCode, Refusal> {
    signed.registry.accept_quality(&signed.actor, id, finger, new.reason.into(), new.note.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End the capture
///
/// Compares the prints with everyone registered and, where nobody has them, registers the person. Asked again after an
/// answer was lost, it gives the same end.
#[utoipa::path(post, path = "/api/encounters/{encounter}/completion", tag = "encounters",
    security(("session" = [])), params(("encounter" = String, Path, format = "uuid")),
    responses((status = 200, body = Completed), InputRefusals))]
pub(crate) async fn complete(signed: Signed, Id(id): Id<EncounterId>, _room: Room) -> Result<Json<Completed>, Refusal> {
    Ok(Json(signed.registry.complete(&signed.actor, id).await?.into()))
}
