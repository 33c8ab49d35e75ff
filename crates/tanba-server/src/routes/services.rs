//! Services that ask one to one whether somebody is who they say, and the person's own lock on that.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tanba_registry::{EncounterId, OrganisationId, ServiceId};
use utoipa::ToSchema;

use super::access::Answer;
use super::prints::NewPrint;
use crate::constant::Filled;
use crate::gate::Room;
use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{Made, time};

/// A service to be set up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewService {
    /// The organisation that runs it.
    #[schema(value_type = String, format = "uuid")]
    organisation: OrganisationId,
    /// Short code, unique within the organisation.
    code: String,
    /// What it asks for, by the code of law packs; where the law has no rule for it, every question is denied.
    #[schema(example = "education_sign_in")]
    purpose: String,
    /// On what basis it asks (act and article).
    legal_basis: String,
}

/// Whose prints these are said to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    /// The identification number of the person.
    iin: String,
    /// The prints; 20 at most.
    prints: Vec<NewPrint>,
}

/// Since when the biometrics are locked.
#[derive(Serialize, ToSchema)]
pub(crate) struct Locked {
    /// Since when.
    #[schema(format = "date-time")]
    locked_at: String,
}

/// The second proof of who somebody is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondProof {
    /// The account's password, once more. An account of the national sign-in has none: it is recognised anew there.
    #[serde(default)]
    password: String,
}

/// Set up a service that asks one to one
#[utoipa::path(post, path = "/api/services", tag = "institutions", security(("session" = [])),
    request_body = NewService, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn add_service(
    signed: Signed,
    Input(new): Input<NewService>,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    let new = tanba_registry::NewService {
        organisation: new.organisation,
        code: new.code,
        purpose: new.purpose,
        legal_basis: new.legal_basis,
    };
    Ok((StatusCode::CREATED, Json(Made::new(signed.registry.add_service(&signed.actor, &new).await?))))
}

/// End a service
///
/// For good: one that is set up anew is told other names of the same people.
#[utoipa::path(post, path = "/api/services/{service}/end", tag = "institutions", security(("session" = [])),
    params(("service" = String, Path, format = "uuid")),
    responses((status = 204, description = "The service has ended"), Refusals))]
pub(crate) async fn end_service(signed: Signed, Id(service): Id<ServiceId>) -> Result<StatusCode, Refusal> {
    signed.registry.end_service(&signed.actor, service).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Verify somebody for a service
///
/// Yes or no; with a yes, where the law lets the service have it, a name of the person's that no other service is told. The answer has the same
/// length whatever it is. Nobody of that number, a person without prints that may be used, and one who has locked the own biometrics are all
/// the same no.
#[utoipa::path(post, path = "/api/services/{service}/verifications", tag = "access", security(("session" = [])),
    params(("service" = String, Path, format = "uuid")),
    request_body = Claim, responses((status = 201, body = Answer), InputRefusals))]
pub(crate) async fn verify_for_service(
    signed: Signed,
    _room: Room,
    Id(service): Id<ServiceId>,
    Input(claim): Input<Claim>,
) -> Result<Response, Refusal> {
    let prints: Vec<_> = claim.prints.iter().map(NewPrint::decoded).collect::<Result<_, _>>()?;
    let answer = signed.registry.verify_for_service(&signed.actor, service, &claim.iin, &prints).await?;
    Ok(Filled(StatusCode::CREATED, Answer::from(answer)).into_response())
}

/// I lock my biometrics
///
/// For the person concerned. Services are answered no until the lock is taken away; what a law orders goes on.
#[utoipa::path(post, path = "/api/me/biometric-lock", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = Locked), Refusals))]
pub(crate) async fn lock_own_biometrics(signed: Signed) -> Result<Json<Locked>, Refusal> {
    let since = signed.registry.lock_own_biometrics(&signed.actor).await?;
    Ok(Json(Locked { locked_at: time(since) }))
}

/// I take my lock away
///
/// For the person concerned, who gives the password again, and the passkey where the account has one; or was recognised anew by the national
/// sign-in, in a browser, within five minutes.
#[utoipa::path(post, path = "/api/me/biometric-lock/release", tag = "transparency", security(("session" = [])),
    request_body = SecondProof, responses((status = 204, description = "There is no lock any more"), InputRefusals))]
pub(crate) async fn release_own_lock(
    signed: Signed,
    _room: Room,
    Input(proof): Input<SecondProof>,
) -> Result<StatusCode, Refusal> {
    signed.registry.release_own_lock(&signed.actor, &proof.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lock the biometrics of the person at the counter
#[utoipa::path(post, path = "/api/encounters/{encounter}/biometric-lock", tag = "encounters", security(("session" = [])),
    params(("encounter" = String, Path, format = "uuid")), responses((status = 200, body = Locked), Refusals))]
pub(crate) async fn lock_at_counter(signed: Signed, Id(encounter): Id<EncounterId>) -> Result<Json<Locked>, Refusal> {
    let since = signed.registry.lock_at_counter(&signed.actor, encounter).await?;
    Ok(Json(Locked { locked_at: time(since) }))
}

/// Take the lock of the person at the counter away
///
/// Their prints were found to be the registered ones in this visit.
#[utoipa::path(post, path = "/api/encounters/{encounter}/biometric-lock/release", tag = "encounters",
    security(("session" = [])), params(("encounter" = String, Path, format = "uuid")),
    responses((status = 204, description = "There is no lock any more"), Refusals))]
pub(crate) async fn release_at_counter(signed: Signed, Id(encounter): Id<EncounterId>) -> Result<StatusCode, Refusal> {
    signed.registry.release_at_counter(&signed.actor, encounter).await?;
    Ok(StatusCode::NO_CONTENT)
}
