//! The list of people whose every look is noted: the supervisor puts on it, renews and takes off; who is on it, the page does not know.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use jiff::civil::Date;
use serde::Deserialize;
use tanba_registry::{NewWatch, RegistryError, WatchId, WatchView, Watched};

use super::super::{Answer, Page, Sent, SignedIn, render, see};
use super::address;
use super::supervisor::NAMED;
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/watches", get(page).post(begin))
        .route("/watches/{watch}/renewal", post(renew))
        .route("/watches/{watch}/end", post(end))
}

/// A watch as the page tells it.
struct Row {
    view: WatchView,
    /// How many looks it made into notes, and the last of them in the log.
    noted: u64,
    link: Option<String>,
}

#[derive(Template)]
#[template(path = "oversight/watches.html")]
struct WatchesPage {
    p: Page,
    holding: Vec<Row>,
    over: Vec<Row>,
    /// The first and the last day that a watch may end on.
    today: Date,
    year_on: Date,
}

async fn page(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let views = signed.registry.watches(&signed.actor).await?;
    let rows = views.into_iter().map(|view| {
        let places: Vec<String> = view.looks.iter().rev().take(NAMED).map(u64::to_string).collect();
        let link = (!places.is_empty()).then(|| address("/oversight-log", &[("places", places.join("-"))]));
        Row { noted: view.looks.len() as u64, view, link }
    });
    let (holding, over) = rows.partition(|row| row.view.holds);
    let today = signed.registry.today();
    render(&WatchesPage {
        p: Page::new(&state, &signed, "oversight", "watch-title"),
        holding,
        over,
        today,
        year_on: today.checked_add(jiff::Span::new().years(1)).unwrap_or(today),
    })
}

/// By what a person is named; the field beside it is that.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Iin,
    Entry,
    Record,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WatchForm {
    by: By,
    who: String,
    reason: String,
    until: String,
}

async fn begin(signed: SignedIn, Sent(form): Sent<WatchForm>) -> Answer {
    let text = form.who.trim();
    let who = match form.by {
        By::Iin => Watched::Iin(text.to_owned()),
        By::Entry => Watched::Entry(text.parse().map_err(|_| RegistryError::Invalid {
            field: "entry",
            problem: "name an entry of the log that is about one person, by its place".to_owned(),
        })?),
        By::Record => Watched::Record(text.parse().map_err(|_| RegistryError::NotFound { what: "person" })?),
    };
    let new = NewWatch { who, reason: form.reason.trim().to_owned(), until: day(&form.until)? };
    signed.registry.begin_watch(&signed.actor, &new).await?;
    see("/watches?done=watch-begun")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenewalForm {
    until: String,
    reason: String,
}

async fn renew(signed: SignedIn, Id(id): Id<WatchId>, Sent(form): Sent<RenewalForm>) -> Answer {
    signed.registry.renew_watch(&signed.actor, id, day(&form.until)?, form.reason.trim()).await?;
    see("/watches?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndForm {
    reason: String,
}

async fn end(signed: SignedIn, Id(id): Id<WatchId>, Sent(form): Sent<EndForm>) -> Answer {
    signed.registry.end_watch(&signed.actor, id, form.reason.trim()).await?;
    see("/watches?done=saved")
}

/// A day as a form sends it.
fn day(text: &str) -> Result<Date, Refusal> {
    let day = text.trim().parse().map_err(|_| RegistryError::Invalid {
        field: "until",
        problem: "a watch ends today at the earliest and within a year at the latest; it can be renewed".to_owned(),
    });
    Ok(day?)
}
