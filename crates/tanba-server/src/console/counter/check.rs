//! The comparison with everyone registered: it goes on when the page is left, and the page says how far it is.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::HeaderName;
use axum::response::{IntoResponse as _, Response};
use tanba_registry::{EncounterId, EncounterState, RegistryError};

use super::shelf::Job;
use super::{Head, Nothing, at, page as page_about, sentence};
use crate::console::{Answer, Page, Sent, SignedIn, arg, render, see};
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "counter/check.html")]
struct CheckPage {
    p: Page,
    head: Head,
    progress: Option<Progress>,
    /// Why the last comparison did not end.
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "counter/progress.html")]
struct Progress {
    p: Page,
    href: String,
    done: u64,
    total: u64,
}

impl Progress {
    fn said(&self) -> String {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.p.tn("counter-check-progress", [arg("done", count(self.done)), arg("n", count(self.total))])
    }
}

impl CheckPage {
    fn state(&self) -> &'static str {
        super::state_name(&self.head.desk.view.state)
    }

    fn ready(&self) -> bool {
        self.head.may_capture() && self.head.accounted() == 10 && self.head.to_accept().is_empty()
    }

    fn people_compared(&self) -> u64 {
        self.head.desk.check.as_ref().map_or(0, |check| check.people_compared)
    }

    fn candidates(&self) -> u64 {
        self.head.desk.check.as_ref().map_or(0, |check| check.candidates)
    }
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<EncounterId>) -> Answer {
    let job = state.counter().job(id);
    // Before the encounter is read: a comparison that ends in between would be neither going on nor over.
    let running = job.as_ref().is_some_and(|job| job.running());
    let head = Head::load(&signed, id, "check").await?;
    let compare = matches!(head.desk.view.state, EncounterState::Adjudication | EncounterState::Duplicate);
    let head = if compare { Head::load(&signed, id, "compare").await? } else { head };
    let lang = signed.visitor.lang;
    let open = head.open();
    let progress = match &job {
        Some(job) if open && running => Some(watch(&state, &signed, id, job)),
        _ => None,
    };
    let problem = job.filter(|_| open).and_then(|job| job.failure()).map(|told| sentence(lang, &told));
    render(&CheckPage { p: page_about(&state, &signed, "counter-check-title"), head, progress, problem })
}

/// Begins the comparison in a task of its own. Pressed twice, it is one.
pub(super) async fn start(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<EncounterId>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Answer {
    let station = signed.actor.station().ok_or(RegistryError::NotFound { what: "encounter" })?.id;
    // The encounter must be this station's before anything is remembered under its id.
    let view = signed.registry.view_encounter(&signed.actor, id).await?;
    if view.state == EncounterState::Open {
        let (job, fresh) = state.counter().begin(id, station);
        if fresh {
            tokio::spawn(run(state.clone(), signed.registry.clone(), signed.actor.clone(), id, job));
        }
    }
    see(&at(id, "check"))
}

async fn run(
    state: ServerState,
    registry: tanba_registry::Registry,
    actor: tanba_registry::Actor,
    id: EncounterId,
    job: Arc<Job>,
) {
    // Room for heavy work is waited for without a limit: the page says that it has not begun.
    let room = state.heavy().acquire_owned().await;
    // A task of its own, so that a failure inside ends the job too and does not leave it running for ever.
    let progress = Arc::clone(&job.progress);
    let done = tokio::spawn(async move { registry.complete_watched(&actor, id, &progress).await }).await;
    drop(room);
    job.end(match done {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Refusal::from(error).into_told()),
        Err(panicked) => Err(Refusal::internal(&panicked).into_told()),
    });
}

fn watch(state: &ServerState, signed: &SignedIn, id: EncounterId, job: &Job) -> Progress {
    Progress {
        p: Page::new(state, signed, "counter", "counter-check-title"),
        href: at(id, "check"),
        done: job.progress.done(),
        total: job.progress.total(),
    }
}

/// How far it is, for the page that watches; at the end it is told to look at the encounter again. Nothing about a person.
pub(super) async fn progress(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<EncounterId>,
) -> Result<Response, Refusal> {
    let here = signed.actor.station().map(|station| station.id);
    match state.counter().job(id) {
        Some(job) if Some(job.station) == here && job.running() => render(&watch(&state, &signed, id, &job)),
        _ => {
            let to = axum::http::HeaderValue::from_str(&at(id, "check")).map_err(|e| Refusal::internal(&e))?;
            Ok(([(HeaderName::from_static("hx-redirect"), to)], "").into_response())
        }
    }
}
