//! The supervisor's list of people whose every look is noted.

use axum::Json;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tanba_registry::{PersonId, WatchId};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{Made, time};

/// Who is to be watched.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Watched {
    /// Whoever has this individual identification number, now or once they are registered.
    Iin(String),
    /// A person by the id of a record.
    #[schema(value_type = String, format = "uuid")]
    Record(PersonId),
    /// The one person whom an entry of the log is about, by its place.
    Entry(u64),
}

/// A person to be put on the list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWatch {
    /// Who.
    who: Watched,
    /// Why, 1 to 200 characters.
    reason: String,
    /// The last day of it, within a year.
    #[schema(value_type = String, format = "date")]
    until: Date,
}

/// Another end of a watch.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WatchRenewal {
    /// The last day of it, within a year.
    #[schema(value_type = String, format = "date")]
    until: Date,
    /// Why, 1 to 200 characters.
    reason: String,
}

/// That a watch is ended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WatchEnd {
    /// Why, 1 to 200 characters.
    reason: String,
}

/// A person on the list; who it is, is not said.
#[derive(Serialize, ToSchema)]
pub(crate) struct Watch {
    /// The watch.
    #[schema(format = "uuid")]
    id: String,
    /// Why, as it was said last; why it was ended stands in the log.
    reason: String,
    /// By which account the person was put on the list.
    by: String,
    /// Since when.
    #[schema(format = "date-time")]
    from: String,
    /// The last day of it.
    #[schema(format = "date")]
    until: String,
    /// When it was ended before.
    #[schema(format = "date-time")]
    ended_at: Option<String>,
    /// Whether it holds now.
    holds: bool,
    /// Looks that it has made into notes, by their places in the log.
    looks: Vec<u64>,
}

/// The list of people whose every look is noted
///
/// For the supervisor. Nobody else reads or changes it.
#[utoipa::path(get, path = "/api/watches", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = Vec<Watch>), Refusals))]
pub(crate) async fn watches(signed: Signed) -> Result<Json<Vec<Watch>>, Refusal> {
    let watches = signed.registry.watches(&signed.actor).await?;
    let shown = watches.into_iter().map(|watch| Watch {
        id: watch.id.to_string(),
        reason: watch.reason,
        by: watch.by,
        from: time(watch.from),
        until: watch.until.to_string(),
        ended_at: watch.ended_at.map(time),
        holds: watch.holds,
        looks: watch.looks,
    });
    Ok(Json(shown.collect()))
}

/// Put a person on the list
///
/// A number is kept as the register's blind index of it, and taken whether or not anybody is registered by it.
#[utoipa::path(post, path = "/api/watches", tag = "transparency", security(("session" = [])),
    request_body = NewWatch, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn begin_watch(
    signed: Signed,
    Input(new): Input<NewWatch>,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    let who = match new.who {
        Watched::Iin(number) => tanba_registry::Watched::Iin(number),
        Watched::Record(person) => tanba_registry::Watched::Record(person),
        Watched::Entry(seq) => tanba_registry::Watched::Entry(seq),
    };
    let new = tanba_registry::NewWatch { who, reason: new.reason, until: new.until };
    let id = signed.registry.begin_watch(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(Made::new(id))))
}

/// Give a watch another end
///
/// Within a year from today.
#[utoipa::path(post, path = "/api/watches/{watch}/renewal", tag = "transparency", security(("session" = [])),
    params(("watch" = String, Path, format = "uuid")), request_body = WatchRenewal,
    responses((status = 204, description = "It is renewed"), InputRefusals))]
pub(crate) async fn renew_watch(
    signed: Signed,
    Id(id): Id<WatchId>,
    Input(renewal): Input<WatchRenewal>,
) -> Result<StatusCode, Refusal> {
    signed.registry.renew_watch(&signed.actor, id, renewal.until, &renewal.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a person off the list
///
/// What was noted stays noted.
#[utoipa::path(post, path = "/api/watches/{watch}/end", tag = "transparency", security(("session" = [])),
    params(("watch" = String, Path, format = "uuid")), request_body = WatchEnd,
    responses((status = 204, description = "It is ended"), InputRefusals))]
pub(crate) async fn end_watch(
    signed: Signed,
    Id(id): Id<WatchId>,
    Input(end): Input<WatchEnd>,
) -> Result<StatusCode, Refusal> {
    signed.registry.end_watch(&signed.actor, id, &end.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
