//! Breaches of personal data: their clocks, and what was done.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_registry::{BreachId, BreachStep, BreachView, NewBreach, Role};

use super::super::{Answer, Page, Sent, SignedIn, arg, render, see};
use super::supervisor::places;
use super::{address, given};
use crate::input::Id;
use crate::state::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/breaches", get(page).post(report)).route("/breaches/{breach}/steps", post(step))
}

/// A case as the page tells it.
struct Case {
    view: BreachView,
    /// What happened, in a sentence.
    told: String,
    /// How much time is left, or that it is over.
    clock: String,
    late: bool,
    /// Steps that may be taken now.
    steps: Vec<BreachStep>,
    /// The entries, for whoever reads the log.
    link: Option<String>,
}

#[derive(Template)]
#[template(path = "oversight/breaches.html")]
struct BreachesPage {
    p: Page,
    cases: Vec<Case>,
}

async fn page(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let views = signed.registry.breaches(&signed.actor).await?;
    let p = Page::new(&state, &signed, "oversight", "breach-title");
    let now = signed.registry.now().micros();
    let reads = signed.actor.roles().contains(&Role::Supervisor);
    let cases = views.into_iter().map(|view| {
        let told = view.what.clone().unwrap_or_else(|| {
            let account = view.account.clone().unwrap_or_else(|| p.t("oversight-some-account"));
            p.tn(&format!("breach-what-{}", view.kind.name().replace('_', "-")), [arg("account", account)])
        });
        let answered = view.has(BreachStep::AuthorityNotified) || view.has(BreachStep::AuthorityNotNeeded);
        let hours = (view.due_at.micros() - now).div_euclid(3_600_000_000);
        let late = !answered && view.closed_at.is_none() && hours < 0;
        let clock = match (view.closed_at, answered, late) {
            (Some(at), ..) => p.tn("breach-clock-closed", [arg("text", p.time(&at))]),
            (None, true, _) => p.t("breach-clock-answered"),
            (None, false, true) => p.tn("breach-clock-late", [arg("text", p.time(&view.due_at))]),
            (None, false, false) => p.tn("breach-clock-runs", [arg("n", hours), arg("text", p.time(&view.due_at))]),
        };
        let listed: Vec<String> = view.entries.iter().rev().take(60).map(u64::to_string).collect();
        let link = (reads && !listed.is_empty()).then(|| address("/oversight-log", &[("places", listed.join("-"))]));
        let steps = BreachStep::ALL.into_iter().filter(|step| view.may(*step)).collect();
        Case { told, clock, late, steps, link, view }
    });
    let cases = cases.collect();
    render(&BreachesPage { cases, p })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportForm {
    what: String,
    entries: String,
}

async fn report(signed: SignedIn, Sent(form): Sent<ReportForm>) -> Answer {
    // People part places as they like.
    let entries = form.entries.replace([',', ' ', ';'], "-");
    let new = NewBreach {
        what: form.what.trim().to_owned(),
        known_at: None,
        entries: places(given(Some(entries)).as_deref())?,
    };
    signed.registry.open_breach(&signed.actor, &new).await?;
    see("/breaches?done=breach-reported")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepForm {
    step: BreachStep,
    words: String,
}

async fn step(signed: SignedIn, Id(id): Id<BreachId>, Sent(form): Sent<StepForm>) -> Answer {
    signed.registry.take_breach_step(&signed.actor, id, form.step, form.words.trim()).await?;
    see("/breaches?done=saved")
}
