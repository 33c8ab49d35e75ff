//! The interface of Estonia's data tracker (andmejälgija), for the portal of a country: who looked at whoever is signed in there
//! (docs/data-tracker.md). Paths, names, types and defaults are the protocol's: github.com/e-gov/AJ, dumonitor-openapi-v2.yaml; the shape of
//! errors is that of its v3, because v2 leaves it open.
//!
//! The protocol puts the person's number into the query and a header. It is read from there, and written nowhere.

use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;
use tanba_registry::{Actor, Instant, Registry, RegistryError, UsagesAsked, Zone};
use utoipa::ToSchema;

use crate::console::Lang;
use crate::gate::Room;
use crate::openapi::Refusals;
use crate::problem::{Refusal, Told};
use crate::session::Signed;
use crate::state::ServerState;
use crate::wire::time;

/// The header in which the protocol says who is signed in at the portal.
const USER: &str = "x-road-userid";

/// Usages on a page where the portal does not say how many.
const LIMIT: u32 = 1000;

/// The information system in which every usage happened.
const SYSTEM: &str = "Tanba";

/// A portal's account with the register that it asks.
pub(crate) struct Portal {
    registry: Registry,
    actor: Actor,
}

impl axum::extract::FromRequestParts<ServerState> for Portal {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        let Signed { registry, actor, .. } = Signed::from_request_parts(parts, state).await?;
        registry.demand_portal(&actor).await?;
        Ok(Self { registry, actor })
    }
}

/// What is asked for, as it came.
#[derive(Default)]
struct Asked {
    user_code: Option<String>,
    period_start: Option<String>,
    period_end: Option<String>,
    offset: Option<String>,
    limit: Option<String>,
}

impl Asked {
    /// Taken apart here, because what serde says of a query repeats a part of it.
    fn read(pairs: Vec<(String, String)>) -> Option<Self> {
        let mut asked = Self::default();
        for (name, value) in pairs {
            let place = match name.as_str() {
                "userCode" => &mut asked.user_code,
                "periodStart" => &mut asked.period_start,
                "periodEnd" => &mut asked.period_end,
                "offset" => &mut asked.offset,
                "limit" => &mut asked.limit,
                _ => return None,
            };
            if place.replace(value).is_some() {
                return None;
            }
        }
        Some(asked)
    }
}

/// A page of usages.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FindUsageResponse {
    /// How many there are in all, whatever page was asked for.
    total_usages: i32,
    /// Those of the page, newest first.
    usages: Vec<Usage>,
}

/// Personal data were processed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Usage {
    /// When.
    #[schema(format = "date-time")]
    logtime: String,
    /// What was done, in words.
    action: String,
    /// The organisation that did it, by the code that it has in this register.
    receiver_code: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver_name: Option<String>,
    /// In which information system.
    receiver_system: &'static str,
    /// For what purpose, in words; not in the protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    /// By which clause; not in the protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_basis: Option<String>,
    /// Where the offline proof is that the log holds this entry; not in the protocol.
    #[schema(example = "/api/log/entries/1234/proof")]
    proof: String,
}

/// The time of which usages can be asked for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsagePeriodResponse {
    /// Since when they are kept. There is no end: they can be asked for up to the present.
    #[schema(format = "date-time")]
    period_start: String,
}

/// Whether the service is well, in one word.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum HeartbeatStatus {
    /// Usages can be asked for.
    Ok,
    /// Usages cannot be told now.
    Fail,
}

/// Whether the service is well.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeartbeatResponse {
    /// In one word.
    status: HeartbeatStatus,
    /// The same in words.
    message: &'static str,
}

/// How the protocol says no.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsageError {
    /// What is wrong, for programs.
    code: String,
    /// What is wrong, and what to do next.
    message: String,
}

/// What the protocol has a shape for, or a refusal as everywhere.
pub(crate) enum No {
    Unfit(UsageError),
    Refused(Refusal),
}

impl No {
    fn unfit(code: &str, message: String) -> Self {
        Self::Unfit(UsageError { code: code.to_owned(), message })
    }
}

impl From<RegistryError> for No {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Invalid { field, problem } => Self::unfit("invalid", format!("{field}: {problem}")),
            other => Self::Refused(other.into()),
        }
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        match self {
            Self::Unfit(error) => (StatusCode::BAD_REQUEST, Json(error)).into_response(),
            Self::Refused(refusal) => {
                let response = refusal.into_response();
                match response.extensions().get::<Told>() {
                    Some(told) if response.status() == StatusCode::INTERNAL_SERVER_ERROR => {
                        let error =
                            UsageError { code: told.problem.code.clone(), message: told.problem.detail.clone() };
                        (StatusCode::INTERNAL_SERVER_ERROR, Json(error)).into_response()
                    }
                    _ => response,
                }
            }
        }
    }
}

/// Who looked at somebody (data tracker)
///
/// For the portal of a country, of the person who is signed in there or whom that one represents. Each question is an entry that the person
/// sees. Whoever may not read it, and somebody who is not here, are the same answer: no usages. What a sanction lets be told later is
/// neither shown nor counted before its time.
#[utoipa::path(get, path = "/api/data-tracker/v2/findUsage", operation_id = "findUsage", tag = "transparency",
    security(("session" = [])),
    params(
        ("X-Road-UserId" = String, Header, description = "The number of whoever is signed in at the portal, with the country's letters before it",
            example = "KZ900101100017"),
        ("userCode" = String, Query, description = "The number of the person whose usages are asked for; another one where the signed-in person represents them"),
        ("periodStart" = Option<String>, Query, format = "date-time", description = "Only usages from then on; without an offset by the register's clock"),
        ("periodEnd" = Option<String>, Query, format = "date-time", description = "Only usages until then; give it to page through a list that stands still, because each question is a usage too"),
        ("offset" = Option<u32>, Query, description = "How many of the newest are left out; none where not said"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "How many at most, 1 to 10000; 1000 where not said"),
    ),
    responses(Refusals, (status = 200, body = FindUsageResponse),
        (status = 400, body = UsageError, description = "What is asked is not what the protocol takes"),
        (status = 500, body = UsageError, description = "The service failed")))]
pub(crate) async fn find_usage(
    portal: Portal,
    _room: Room,
    headers: HeaderMap,
    pairs: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Json<FindUsageResponse>, No> {
    let asked = pairs.ok().and_then(|Query(pairs)| Asked::read(pairs)).ok_or_else(|| {
        let message = "give userCode, and of periodStart, periodEnd, offset and limit each at most once";
        No::unfit("bad_query", message.to_owned())
    })?;
    let zone = portal.registry.zone();
    let asked = UsagesAsked {
        user: user_of(&headers)?,
        subject: asked.user_code.unwrap_or_default(),
        from: moment("periodStart", asked.period_start.as_deref(), zone)?,
        to: moment("periodEnd", asked.period_end.as_deref(), zone)?,
        offset: whole("offset", asked.offset.as_deref(), 0)?,
        limit: whole("limit", asked.limit.as_deref(), LIMIT)?,
    };
    let found = portal.registry.find_usages(&portal.actor, &asked).await?;
    let lang = Lang::accepted(headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default());
    let usages = found.usages.into_iter().map(|usage| Usage {
        logtime: time(usage.at),
        action: lang.named("event", &usage.event),
        receiver_code: usage.organisation,
        receiver_name: usage.organisation_name,
        receiver_system: SYSTEM,
        purpose: Some(lang.named("purpose", &usage.purpose)).filter(|purpose| !purpose.is_empty()),
        legal_basis: usage.clause,
        proof: format!("/api/log/entries/{}/proof", usage.seq),
    });
    let total_usages = i32::try_from(found.total).unwrap_or(i32::MAX);
    Ok(Json(FindUsageResponse { total_usages, usages: usages.collect() }))
}

/// Since when looks are kept (data tracker)
#[utoipa::path(get, path = "/api/data-tracker/v2/usagePeriod", operation_id = "usagePeriod", tag = "transparency",
    security(("session" = [])),
    responses(Refusals, (status = 200, body = UsagePeriodResponse),
        (status = 500, body = UsageError, description = "The service failed")))]
pub(crate) async fn usage_period(portal: Portal) -> Result<Json<UsagePeriodResponse>, No> {
    let since = portal.registry.usages_kept_since(&portal.actor).await?;
    Ok(Json(UsagePeriodResponse { period_start: time(since) }))
}

/// Whether looks can be told now (data tracker)
#[utoipa::path(get, path = "/api/data-tracker/v2/heartbeat", operation_id = "heartbeat", tag = "transparency",
    security(("session" = [])),
    responses(Refusals, (status = 200, body = HeartbeatResponse),
        (status = 500, body = UsageError, description = "The service failed")))]
pub(crate) async fn heartbeat(portal: Portal) -> Result<Json<HeartbeatResponse>, No> {
    let (status, message) = if portal.registry.usages_can_be_told(&portal.actor).await? {
        (HeartbeatStatus::Ok, "usages can be asked for")
    } else {
        (HeartbeatStatus::Fail, "usages cannot be told now: the register's administrator sees why in its log")
    };
    Ok(Json(HeartbeatResponse { status, message }))
}

/// Who is signed in at the portal: said once.
fn user_of(headers: &HeaderMap) -> Result<String, No> {
    let mut said = headers.get_all(USER).iter();
    match (said.next().and_then(|value| value.to_str().ok()), said.next()) {
        (Some(user), None) => Ok(user.to_owned()),
        _ => Err(No::unfit("bad_header", "say once in X-Road-UserId who is signed in at the portal".to_owned())),
    }
}

/// A moment, with an offset or by the register's clock.
fn moment(field: &str, said: Option<&str>, zone: &Zone) -> Result<Option<Instant>, No> {
    let Some(text) = said else { return Ok(None) };
    let moment = match text.parse::<Timestamp>() {
        Ok(at) => Some(Instant::from_micros(at.as_microsecond())),
        Err(_) => text.parse::<DateTime>().ok().and_then(|at| zone.instant(at)),
    };
    let unfit = || No::unfit("invalid", format!("{field}: give a date and time such as 2026-01-31T10:20:30Z"));
    moment.map(Some).ok_or_else(unfit)
}

/// A whole number, within the 32 bits with a sign that the protocol gives it.
fn whole(field: &str, said: Option<&str>, otherwise: u32) -> Result<u32, No> {
    let number = match said {
        None => Some(otherwise),
        Some(text) => text.parse::<i32>().ok().and_then(|number| u32::try_from(number).ok()),
    };
    number.ok_or_else(|| No::unfit("invalid", format!("{field}: give a whole number from 0 to {}", i32::MAX)))
}
