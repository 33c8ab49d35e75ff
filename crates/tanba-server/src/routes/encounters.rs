//! A person before an operator: opening, exemption, postponement.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{EncounterId, EncounterView};
use utoipa::ToSchema;

use super::law::Law;
use crate::gate::Room;
use crate::input::{Id, Input, image};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::{SecondOfficer, Signed};
use crate::wire::{EncounterState, NameFinding};

/// The start of an encounter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEncounter {
    /// The client's own key: the same request sent twice is one encounter.
    client_key: String,
    /// Why the person is here, by the trigger codes of law packs.
    #[schema(example = "identity_card")]
    trigger: String,
    /// The individual identification number, where the person has one.
    #[serde(default)]
    iin: Option<String>,
    /// What the operator typed where no register knows the person: at least `born` (YYYY-MM-DD) and `status`. It stays
    /// provisional until a register confirms it.
    #[serde(default)]
    typed: BTreeMap<String, String>,
}

/// An encounter.
#[derive(Serialize, ToSchema)]
pub(crate) struct Encounter {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// The person it is attributed to.
    #[schema(format = "uuid")]
    person: String,
    /// How far it has come.
    state: EncounterState,
    /// Why the person is here.
    trigger: String,
    /// What the law says.
    law: Law,
    /// Identity attributes by name.
    identity: BTreeMap<String, String>,
    /// The identity was typed, and no register confirmed it.
    provisional: bool,
    /// The person is registered already: prints are compared with theirs, not registered again.
    already_registered: bool,
    /// What the operator should know.
    warnings: Vec<String>,
    /// What the capture station opens its device with, today; none while the law misses something, and after the capture.
    capture_permit: Option<String>,
    /// Most fingers that the law lets be captured.
    fingers_allowed: u8,
}

impl From<EncounterView> for Encounter {
    fn from(view: EncounterView) -> Self {
        Self {
            id: view.id.to_string(),
            person: view.person.to_string(),
            state: view.state.into(),
            trigger: view.trigger,
            law: view.law.into(),
            identity: view.identity,
            provisional: view.provisional,
            already_registered: view.already_registered,
            warnings: view.warnings,
            capture_permit: view.capture_permit,
            fingers_allowed: view.fingers_allowed,
        }
    }
}

/// An examination that found a person unable to give prints.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewExemption {
    /// What the law pack calls it.
    #[schema(example = "no_fingers_both_hands")]
    code: String,
}

/// Prints that cannot be given for now.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPostponement {
    /// What the law pack calls it.
    #[schema(example = "hand_injury")]
    code: String,
    /// The day on which the person comes again, within a year.
    #[schema(value_type = String, format = "date")]
    come_again: jiff::civil::Date,
}

/// A photograph of both hands.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPhotograph {
    /// The JPEG or PNG file in standard base64.
    #[schema(content_encoding = "base64")]
    image: String,
}

/// A search by name: how many people it has shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct NameSearch {
    /// People whose names sound like the person's.
    people: Vec<Namesake>,
}

/// Someone whose name sounds like the person's.
#[derive(Serialize, ToSchema)]
pub(crate) struct Namesake {
    /// Names by script.
    names: BTreeMap<String, String>,
    /// Year of birth.
    born_year: Option<i16>,
    /// The number, all but its last four digits hidden.
    masked_number: Option<String>,
}

/// What was seen in a search by name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNameFinding {
    /// Nobody, or perhaps somebody.
    finding: NameFinding,
}

/// Open an encounter
///
/// Finds the person, asks the law and records the basis; no capture is possible before it. Where the law forbids
/// registration the answer is a denial with the clause, and nothing about the person is stored.
#[utoipa::path(post, path = "/api/encounters", tag = "encounters", security(("session" = [])),
    request_body = NewEncounter, responses((status = 201, body = Encounter), InputRefusals))]
pub(crate) async fn open_encounter(
    signed: Signed,
    Input(new): Input<NewEncounter>,
) -> Result<(StatusCode, Json<Encounter>), Refusal> {
    let new = tanba_registry::OpenEncounter {
        client_key: new.client_key,
        trigger: new.trigger,
        iin: new.iin,
        typed: new.typed,
    };
    let view = signed.registry.open_encounter(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// See an encounter
///
/// For operators of the station it was opened at. The look is in the log.
#[utoipa::path(get, path = "/api/encounters/{encounter}", tag = "encounters", security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")), responses((status = 200, body = Encounter), Refusals))]
pub(crate) async fn view_encounter(signed: Signed, Id(id): Id<EncounterId>) -> Result<Json<Encounter>, Refusal> {
    Ok(Json(signed.registry.view_encounter(&signed.actor, id).await?.into()))
}

/// Keep a photograph of the hands
///
/// An exemption rests on it. A later photograph takes the place of an earlier one.
#[utoipa::path(post, path = "/api/encounters/{encounter}/hands", tag = "encounters", security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")), request_body = NewPhotograph,
    responses((status = 204, description = "It is kept, sealed"), InputRefusals))]
pub(crate) async fn record_hands(
    signed: Signed,
    Id(id): Id<EncounterId>,
    _room: Room,
    Input(new): Input<NewPhotograph>,
) -> Result<StatusCode, Refusal> {
    signed.registry.record_hands_photograph(&signed.actor, id, image(&new.image)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Look for people of the same name
///
/// By how the names sound, in any script. An exemption rests on such a search and on what was seen in it.
#[utoipa::path(post, path = "/api/encounters/{encounter}/namesakes", tag = "encounters", security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")),
    responses((status = 200, body = NameSearch), InputRefusals))]
pub(crate) async fn search_namesakes(signed: Signed, Id(id): Id<EncounterId>) -> Result<Json<NameSearch>, Refusal> {
    let found = signed.registry.search_namesakes(&signed.actor, id).await?;
    let people = found.people.into_iter().map(|person| Namesake {
        names: person.names,
        born_year: person.born_year,
        masked_number: person.masked_number,
    });
    Ok(Json(NameSearch { people: people.collect() }))
}

/// Record what was seen in the last search by name
#[utoipa::path(post, path = "/api/encounters/{encounter}/namesakes/finding", tag = "encounters",
    security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")), request_body = NewNameFinding,
    responses((status = 204, description = "It is recorded"), InputRefusals))]
pub(crate) async fn record_name_finding(
    signed: Signed,
    Id(id): Id<EncounterId>,
    Input(new): Input<NewNameFinding>,
) -> Result<StatusCode, Refusal> {
    signed.registry.record_name_finding(&signed.actor, id, new.finding.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Record an exemption
///
/// It rests on a photograph of the hands and on a search by name that was looked at, both in this encounter.
/// It takes two officers: the operator proposes with this session, and another human being with the role
/// `second_officer` confirms with the session in the header `X-Second-Officer`, or has signed it with a passkey (`POST /api/approvals`).
/// Where passkeys are required, both sign.
#[utoipa::path(post, path = "/api/encounters/{encounter}/exemption", tag = "encounters", security(("session" = [])),
    params(
        ("encounter" = String, Path, format = "uuid"),
        ("X-Second-Officer" = Option<String>, Header, description = "`Bearer TOKEN` of the second officer's own session"),
    ),
    request_body = NewExemption, responses((status = 201, body = Encounter), InputRefusals))]
pub(crate) async fn record_exemption(
    signed: Signed,
    SecondOfficer(second): SecondOfficer,
    Id(id): Id<EncounterId>,
    Input(new): Input<NewExemption>,
) -> Result<(StatusCode, Json<Encounter>), Refusal> {
    let exemption = tanba_registry::Exemption { code: new.code };
    let view = signed.registry.record_exemption(&signed.actor, second.as_ref(), id, &exemption).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Postpone a person's prints
///
/// For an injury that will heal: the person stays subject to registration, and a task waits until the prints are taken.
#[utoipa::path(post, path = "/api/encounters/{encounter}/postponement", tag = "encounters",
    security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")), request_body = NewPostponement,
    responses((status = 204, description = "It is recorded"), InputRefusals))]
pub(crate) async fn postpone_prints(
    signed: Signed,
    Id(id): Id<EncounterId>,
    Input(new): Input<NewPostponement>,
) -> Result<StatusCode, Refusal> {
    let postponement = tanba_registry::Postponement { code: new.code, come_again: new.come_again };
    signed.registry.postpone_prints(&signed.actor, id, &postponement).await?;
    Ok(StatusCode::NO_CONTENT)
}
