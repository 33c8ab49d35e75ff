//! Consents, and the guardian beside a child.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{EncounterId, GuardianIdentity};
use utoipa::ToSchema;

use super::encounters::Encounter;
use crate::console::Lang;
use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::spoken;
use crate::wire::{ConsentKind, time};

/// Words that are shown or read out before something is recorded.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConsentText {
    /// What they are for.
    kind: ConsentKind,
    /// Which version; its words never change.
    #[schema(example = "counter-consent-1")]
    text_version: String,
    /// In which language.
    #[schema(example = "kk")]
    language: String,
    /// The words.
    words: String,
    /// SHA-256 of the words in UTF-8, in hexadecimal digits.
    text_hash: String,
}

/// A consent, objection or explanation. A consent that lacks a part is denied.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConsent {
    /// What it is.
    kind: ConsentKind,
    /// Who gave it: an identification number or document number.
    #[serde(default)]
    given_by: String,
    /// Which version of the text was read or shown.
    #[serde(default)]
    #[schema(example = "counter-consent-1")]
    text_version: String,
    /// The hash of the words, as `/api/consent-texts` gives it.
    #[serde(default)]
    text_hash: String,
    /// In which language.
    #[serde(default)]
    #[schema(example = "kk")]
    language: String,
    /// `spoken`, `written`, `electronic`.
    #[serde(default)]
    modality: String,
    /// How it is confirmed: `signature_on_paper`, `signature_on_pad`, `electronic_signature`, or, where the law lets it,
    /// `operator_statement`.
    #[serde(default)]
    evidence: String,
    /// The signature's reference: the number of the scanned sheet, of the pad's record, or of the electronic signature.
    #[serde(default)]
    reference: String,
}

/// Who a guardian says they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGuardian {
    /// The individual identification number.
    iin: String,
    /// The number of the identity document that they show.
    document: String,
    /// The language that is spoken with them.
    #[schema(example = "kk")]
    language: String,
}

/// The code that a guardian confirms their presence with.
#[derive(Serialize, ToSchema)]
pub(crate) struct GuardianCode {
    /// Six digits for the slip; none where the population register sent them to the guardian.
    code: Option<String>,
    /// Until when it is taken.
    #[schema(format = "date-time")]
    valid_to: String,
}

/// The code as the guardian gives it back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenCode {
    /// Six digits.
    code: String,
}

/// The words for every consent
///
/// A station shows or reads out the words, and sends their version and hash with the consent.
#[utoipa::path(get, path = "/api/consent-texts", tag = "encounters", security(("session" = [])),
    responses((status = 200, body = Vec<ConsentText>), Refusals))]
pub(crate) async fn consent_texts(_signed: Signed) -> Result<Json<Vec<ConsentText>>, Refusal> {
    let texts = spoken::ALL.iter().flat_map(|text| {
        Lang::ALL.into_iter().map(|lang| {
            let shown = text.shown(lang);
            ConsentText {
                kind: text.kind.into(),
                text_hash: shown.hash(),
                text_version: shown.version,
                language: shown.language,
                words: shown.words,
            }
        })
    });
    Ok(Json(texts.collect()))
}

/// Record a consent, objection or explanation
///
/// An objection stops capture: then only a refusal can be recorded. A guardian's presence is recorded by the guardian's own
/// code.
#[utoipa::path(post, path = "/api/encounters/{encounter}/consents", tag = "encounters", security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")), request_body = NewConsent,
    responses((status = 201, body = Encounter), InputRefusals))]
pub(crate) async fn record_consent(
    signed: Signed,
    Id(id): Id<EncounterId>,
    Input(new): Input<NewConsent>,
) -> Result<(StatusCode, Json<Encounter>), Refusal> {
    let consent = tanba_registry::Consent {
        kind: new.kind.into(),
        given_by: new.given_by,
        text: spoken::of(&new.text_version, &new.language),
        text_hash: new.text_hash,
        modality: new.modality,
        evidence: new.evidence,
        reference: new.reference,
    };
    let view = signed.registry.record_consent(&signed.actor, id, &consent).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Identify a guardian
///
/// By number and document, both as the population register has them today. The guardian gets a one-time code.
#[utoipa::path(post, path = "/api/encounters/{encounter}/guardian", tag = "encounters", security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")), request_body = NewGuardian,
    responses((status = 201, body = GuardianCode), InputRefusals))]
pub(crate) async fn identify_guardian(
    signed: Signed,
    Id(id): Id<EncounterId>,
    Input(new): Input<NewGuardian>,
) -> Result<(StatusCode, Json<GuardianCode>), Refusal> {
    let guardian = GuardianIdentity { iin: new.iin, document: new.document, language: new.language };
    let issued = signed.registry.identify_guardian(&signed.actor, id, &guardian).await?;
    Ok((StatusCode::CREATED, Json(GuardianCode { code: issued.code, valid_to: time(issued.valid_to) })))
}

/// The guardian confirms that they are here
///
/// With the code that only they were given. It holds today.
#[utoipa::path(post, path = "/api/encounters/{encounter}/guardian/confirmation", tag = "encounters",
    security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")), request_body = GivenCode,
    responses((status = 201, body = Encounter), InputRefusals))]
pub(crate) async fn confirm_guardian(
    signed: Signed,
    Id(id): Id<EncounterId>,
    Input(given): Input<GivenCode>,
) -> Result<(StatusCode, Json<Encounter>), Refusal> {
    let view = signed.registry.confirm_guardian(&signed.actor, id, &given.code).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}
