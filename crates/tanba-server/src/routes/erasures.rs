//! Plans whose erasures wait for the signatures of two officers, and letting them begin.

use axum::Json;
use serde::Serialize;
use tanba_registry::{RowId, WaitingErasures};
use utoipa::ToSchema;

use crate::input::Id;
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::time;

/// A plan whose erasures wait.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaitingPlan {
    /// The plan.
    #[schema(format = "uuid")]
    plan: String,
    /// The day that it was made for.
    #[schema(format = "date")]
    as_of: String,
    /// SHA-256 of its rows; the log has it.
    hash: String,
    /// When they go ahead without signatures.
    #[schema(format = "date-time")]
    waits_to: String,
    /// The law's day is yet to come: signed or not, they begin when it does.
    ahead: bool,
    /// What goes.
    erasures: Vec<Erasures>,
}

/// What goes by one clause.
#[derive(Serialize, ToSchema)]
pub(crate) struct Erasures {
    /// Which part of the records.
    part: &'static str,
    /// The law pack.
    pack: String,
    /// Its clause.
    clause: String,
    /// Of how many records.
    records: u64,
}

impl From<WaitingErasures> for WaitingPlan {
    fn from(waiting: WaitingErasures) -> Self {
        let erasures = waiting.erasures.into_iter();
        Self {
            plan: waiting.plan.to_string(),
            as_of: waiting.as_of.to_string(),
            hash: waiting.hash,
            waits_to: time(waiting.waits_to),
            ahead: waiting.ahead,
            erasures: erasures
                .map(|(part, pack, clause, records)| Erasures { part: part.name(), pack, clause, records })
                .collect(),
        }
    }
}

/// What a release did.
#[derive(Serialize, ToSchema)]
pub(crate) struct Released {
    /// Parts whose keys were destroyed.
    erased: u64,
    /// The places of the erasures in the log.
    proofs: Vec<u64>,
}

/// Plans whose erasures wait for the signatures of two
///
/// Where passkeys are required, erasures are planned three days before the law's day, which does not wait for signatures; what nobody could
/// foresee waits a day for two officers. Then they go ahead, and the log says that none signed.
#[utoipa::path(get, path = "/api/erasures", tag = "passkeys", security(("session" = [])),
    responses((status = 200, body = Vec<WaitingPlan>), Refusals))]
pub(crate) async fn waiting_erasures(signed: Signed) -> Result<Json<Vec<WaitingPlan>>, Refusal> {
    let waiting = signed.registry.waiting_erasures(&signed.actor).await?;
    Ok(Json(waiting.into_iter().map(Into::into).collect()))
}

/// Let the erasures begin that two officers have signed
///
/// Those of a plan made ahead begin with its day; nothing is destroyed before.
#[utoipa::path(post, path = "/api/erasures/{plan}/release", tag = "passkeys", security(("session" = [])),
    params(("plan" = String, Path, format = "uuid")), responses((status = 200, body = Released), InputRefusals))]
pub(crate) async fn release_erasures(signed: Signed, Id(plan): Id<RowId>) -> Result<Json<Released>, Refusal> {
    let run = signed.registry.release_erasures(&signed.actor, plan).await?;
    Ok(Json(Released { erased: run.erased, proofs: run.proofs }))
}
