//! Lawful access by authorities: cases, sanctions, and the requests themselves. The law pack decides, the log entry is
//! durable, and only then is anything opened.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tanba_registry::{CaseId, EncounterId, Grounds, Instant, SanctionId, Target};
use utoipa::ToSchema;

use super::prints::NewPrint;
use crate::constant::Filled;
use crate::gate::Room;
use crate::input::Input;
use crate::openapi::InputRefusals;
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{Act, Made};

/// A case to be opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCase {
    /// The authority's own number.
    number: String,
    /// `crime`, `missing_person`, `unidentified_body`, `border`, ...
    kind: String,
}

/// A sanction or court decision to be entered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSanction {
    /// The case it was given in.
    #[schema(value_type = String, format = "uuid")]
    case: CaseId,
    /// Which level of authority gave it, by the code of law packs.
    #[schema(example = "prosecutor")]
    authority: String,
    /// Who signed it, and its number.
    issued_by: String,
    /// The personnel number of whoever signed it, where they have an account in this register.
    #[serde(default)]
    issuer: Option<String>,
    /// Purposes it covers.
    purposes: BTreeSet<String>,
    /// Acts it covers.
    acts: Vec<Act>,
    /// The identification number of the person it is about; none for an unknown person.
    #[serde(default)]
    subject_iin: Option<String>,
    /// From when.
    #[schema(value_type = String, format = "date-time")]
    valid_from: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = "date-time")]
    valid_to: Timestamp,
    /// How many uses it allows.
    max_uses: u32,
    /// From when on the person sees looks under it, where the sanction puts that off and the law lets it; at once without it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date-time")]
    tell_person_at: Option<Timestamp>,
}

/// A request: what, on what grounds, about whom.
///
/// `read` takes `iin`; `verify` takes `iin` and `prints`; `identify` takes `prints` and may take `narrowing`; `release_identity` takes `candidate`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccessRequest {
    /// What is wanted.
    act: Act,
    /// The purpose, by the code of law packs.
    #[serde(default)]
    #[schema(example = "border_control")]
    purpose: Option<String>,
    /// The case.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    case: Option<CaseId>,
    /// The legal basis, as the officer states it (act and article).
    #[serde(default)]
    legal_basis: Option<String>,
    /// The sanction or court decision, where the law asks for one.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    sanction: Option<SanctionId>,
    /// The danger to life because of which there is no time for a sanction, where the law has that path. The look is checked afterwards by
    /// another officer.
    #[serde(default)]
    urgent: Option<String>,
    /// The identification number of the person it is about.
    #[serde(default)]
    iin: Option<String>,
    /// Prints to verify or to search with; 20 at most.
    #[serde(default)]
    prints: Vec<NewPrint>,
    /// Whom an identification is narrowed to; without it everybody is asked.
    #[serde(default)]
    narrowing: Option<Narrowing>,
    /// The candidate whose identity is asked for.
    #[serde(default)]
    candidate: Option<NamedCandidate>,
}

/// Whom an identification is narrowed to. It misses the person sought where what is recorded of them is wrong, so it is logged with its reason,
/// and the answer tells how many people it left out; nobody is left out by what is unknown of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Narrowing {
    /// Only people of this recorded sex.
    #[serde(default)]
    sex: Option<RecordedSex>,
    /// Only people born in this year or later.
    #[serde(default)]
    born_from: Option<u16>,
    /// Only people born in this year or earlier.
    #[serde(default)]
    born_to: Option<u16>,
    /// Only people registered at sites of this region.
    #[serde(default)]
    region: Option<u16>,
    /// Why the others need not be asked.
    reason: String,
}

/// Recorded sex.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecordedSex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl From<Narrowing> for tanba_registry::Narrowing {
    fn from(asked: Narrowing) -> Self {
        let Narrowing { sex, born_from, born_to, region, reason } = asked;
        let sex = sex.map(|sex| match sex {
            RecordedSex::Female => tanba_registry::RecordedSex::Female,
            RecordedSex::Male => tanba_registry::RecordedSex::Male,
        });
        Self { sex, born_from, born_to, region, reason }
    }
}

/// A candidate of an earlier identification, and the officer's decision about it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedCandidate {
    /// The registered encounter that the identification showed.
    #[schema(value_type = String, format = "uuid")]
    encounter: EncounterId,
    /// The officer's stated decision that this is the person sought, and on what it rests.
    decision: String,
}

/// What an authority gets: never more than the act is for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Answer {
    /// The request, for the file.
    #[schema(format = "uuid")]
    request: String,
    /// Where in the log this look stands.
    log_seq: u64,
    /// The clause that permitted it.
    clause: String,
    /// What a demonstration assumed where the law pack says `unknown`.
    assumed: Vec<String>,
    /// The last day on which a look in danger to life may be checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date")]
    review_due: Option<String>,
    /// Yes or no, where the law lets this body have it: for a verification, whether it is the person; for an identification, whether there
    /// is a candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    same: Option<bool>,
    /// What a service calls the person, with a yes, where the law lets it: another name than any other service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pseudonym: Option<String>,
    /// Candidates, for an identification: encounters, not people, where the law lets this body have them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 10)]
    candidates: Option<Vec<FoundEncounter>>,
    /// How many people were compared, for an identification.
    #[serde(skip_serializing_if = "Option::is_none")]
    people_compared: Option<u64>,
    /// How many people a narrowed identification left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    people_filtered_out: Option<u64>,
    /// Identity attributes that the law lets this body see.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<BTreeMap<String, String>>,
}

/// A candidate of an identification.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundEncounter {
    /// The registered encounter.
    #[schema(format = "uuid")]
    encounter: String,
    /// Calibrated log10 likelihood ratio over the compared fingers, where the law lets this body have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    log10_lr: Option<f64>,
}

impl From<tanba_registry::Answer> for Answer {
    fn from(answer: tanba_registry::Answer) -> Self {
        let found =
            |c: tanba_registry::Candidate| FoundEncounter { encounter: c.encounter.to_string(), log10_lr: c.log10_lr };
        Self {
            request: answer.request.to_string(),
            log_seq: answer.log_seq,
            clause: answer.clause,
            assumed: answer.assumed,
            review_due: answer.review_due.map(|day| day.to_string()),
            same: answer.same,
            pseudonym: answer.pseudonym,
            candidates: answer.candidates.map(|all| all.into_iter().map(found).collect()),
            people_compared: answer.people_compared,
            people_filtered_out: answer.people_filtered_out,
            identity: answer.identity,
        }
    }
}

/// Open a case
///
/// The same number twice is the same case.
#[utoipa::path(post, path = "/api/cases", tag = "access", security(("session" = [])), request_body = NewCase,
    responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn open_case(signed: Signed, Input(new): Input<NewCase>) -> Result<(StatusCode, Json<Made>), Refusal> {
    let new = tanba_registry::NewCase { number: new.number, kind: new.kind };
    let id = signed.registry.open_case(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(Made::new(id))))
}

/// Enter a sanction or court decision
///
/// By another human being than the officer who will use it.
#[utoipa::path(post, path = "/api/sanctions", tag = "access", security(("session" = [])), request_body = NewSanction,
    responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn enter_sanction(
    signed: Signed,
    Input(new): Input<NewSanction>,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    let new = tanba_registry::NewSanction {
        case: new.case,
        authority: new.authority,
        issued_by: new.issued_by,
        issuer: new.issuer,
        purposes: new.purposes,
        acts: new.acts.into_iter().map(Into::into).collect(),
        subject_iin: new.subject_iin,
        valid_from: Instant::from_micros(new.valid_from.as_microsecond()),
        valid_to: Instant::from_micros(new.valid_to.as_microsecond()),
        max_uses: new.max_uses,
        tell_person_at: new.tell_person_at.map(|at| Instant::from_micros(at.as_microsecond())),
    };
    let id = signed.registry.enter_sanction(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(Made::new(id))))
}

/// Ask for a person's data
///
/// Permitted or denied, it is in the log before the answer leaves. A denial names the clause and what would be needed. A verification's
/// answer has the same length whatever it is, and doesn't say whether there is such a person, or prints of theirs that may be used.
#[utoipa::path(post, path = "/api/access-requests", tag = "access", security(("session" = [])),
    request_body = NewAccessRequest, responses((status = 201, body = Answer), InputRefusals))]
pub(crate) async fn ask(signed: Signed, _room: Room, Input(new): Input<NewAccessRequest>) -> Result<Response, Refusal> {
    let grounds = Grounds {
        purpose: new.purpose,
        case: new.case,
        legal_basis: new.legal_basis,
        sanction: new.sanction,
        urgent: new.urgent,
    };
    let target = target(new.iin, &new.prints, new.narrowing, new.candidate)?;
    let answer = signed.registry.ask(&signed.actor, new.act.into(), &grounds, &target).await?;
    let answer: Answer = answer.into();
    Ok(match new.act {
        Act::Verify => Filled(StatusCode::CREATED, answer).into_response(),
        Act::Identify | Act::Read | Act::ReleaseIdentity => (StatusCode::CREATED, Json(answer)).into_response(),
    })
}

/// Whom the request is about; whether that fits the act, the register says.
fn target(
    iin: Option<String>,
    prints: &[NewPrint],
    narrowing: Option<Narrowing>,
    candidate: Option<NamedCandidate>,
) -> Result<Target, Refusal> {
    let prints: Vec<_> = prints.iter().map(NewPrint::decoded).collect::<Result<_, _>>()?;
    match (iin, prints.is_empty(), narrowing, candidate) {
        (Some(iin), true, None, None) => Ok(Target::Iin(iin)),
        (Some(iin), false, None, None) => Ok(Target::IinAndPrints(iin, prints)),
        (None, false, narrowing, None) => Ok(Target::Prints(prints, narrowing.map(Into::into))),
        (None, true, None, Some(named)) => Ok(Target::Candidate(named.encounter, named.decision)),
        _ => Err(Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "read takes iin; verify takes iin and prints; identify takes prints and may take narrowing; release_identity takes candidate",
        )),
    }
}
