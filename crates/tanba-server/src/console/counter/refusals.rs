//! Refusal without pressure: what may follow, who decides it, how to appeal; and the officer's side of it.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use tanba_registry::{AppealOutcome, EncounterId, RefusalId, RefusalView, RegistryError, Role};

use super::{Head, Nothing, at, page as page_about};
use crate::console::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "counter/refusal_before.html")]
struct BeforePage {
    p: Page,
    head: Head,
}

/// What the operator says before anything is recorded.
pub(super) async fn before(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<EncounterId>) -> Answer {
    let head = Head::load(&signed, id, "refusal").await?;
    if let Some(refusal) = &head.desk.refusal {
        return see(&format!("/refusals/{}", refusal.id));
    }
    render(&BeforePage { p: page_about(&state, &signed, "counter-refusal-title"), head })
}

pub(super) async fn record(signed: SignedIn, Id(id): Id<EncounterId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    // Pressed twice, the second press finds what the first has recorded.
    let desk = signed.registry.encounter_desk(&signed.actor, id).await?;
    let refusal = match desk.refusal {
        Some(refusal) => refusal.id,
        None => signed.registry.record_refusal(&signed.actor, id).await?.id,
    };
    see(&format!("/refusals/{refusal}"))
}

#[derive(Template)]
#[template(path = "counter/refusals.html")]
struct ListPage {
    p: Page,
    refusals: Vec<RefusalView>,
}

/// Refusals that wait for an officer; ids and steps, nobody's name.
pub(super) async fn list(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let refusals = signed.registry.open_refusals(&signed.actor).await?;
    render(&ListPage { p: Page::new(&state, &signed, "counter", "counter-refusals-title"), refusals })
}

#[derive(Template)]
#[template(path = "counter/refusal.html")]
struct RefusalPage {
    p: Page,
    refusal: RefusalView,
    officer: bool,
    operator: bool,
}

impl RefusalPage {
    fn upheld(&self) -> bool {
        self.refusal.appeal_outcome == Some(AppealOutcome::Upheld)
    }

    fn may_decide(&self) -> bool {
        self.officer
            && self.refusal.consequence != "none"
            && self.refusal.decided_at.is_none()
            && !self.refusal.appeal_pending()
            && !self.upheld()
    }

    fn may_be_paid(&self) -> bool {
        let due = self.refusal.consequence == "fine" && self.refusal.decided_at.is_some();
        self.officer && due && self.refusal.paid_at.is_none() && !self.upheld()
    }

    fn may_appeal(&self) -> bool {
        !self.refusal.appeal_pending() && !self.upheld()
    }

    fn encounter(&self) -> String {
        at(self.refusal.encounter, "receipt")
    }

    fn amount(&self) -> Option<u64> {
        self.refusal.amount.map(|amount| amount.max(0.0) as u64)
    }

    fn units(&self) -> Option<u64> {
        self.refusal.index_units.map(|units| units.max(0.0) as u64)
    }
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<RefusalId>) -> Answer {
    let refusal = signed.registry.view_refusal(&signed.actor, id).await?;
    let p = page_about(&state, &signed, "counter-refusal-title");
    let has = |role| signed.actor.roles().contains(&role);
    render(&RefusalPage { p, refusal, officer: has(Role::Officer), operator: has(Role::Operator) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    act: String,
}

/// What is done about a refusal; the registry says who may.
pub(super) async fn act(signed: SignedIn, Id(id): Id<RefusalId>, Sent(form): Sent<Act>) -> Answer {
    let (registry, actor) = (&signed.registry, &signed.actor);
    match form.act.as_str() {
        "decide" => drop(registry.decide_refusal(actor, id).await?),
        "paid" => drop(registry.fine_paid(actor, id).await?),
        "appeal" => drop(registry.appeal_refusal(actor, id).await?),
        "uphold" => drop(registry.close_appeal(actor, id, AppealOutcome::Upheld).await?),
        "dismiss" => drop(registry.close_appeal(actor, id, AppealOutcome::Dismissed).await?),
        "interim" => {
            let document = registry.issue_interim_document(actor, id).await?;
            if actor.roles().contains(&Role::Operator) {
                return see(&format!("/counter/documents/{}", document.id));
            }
        }
        _ => {
            let odd = RegistryError::Invalid { field: "act", problem: "choose what the page offers".to_owned() };
            return Err(odd.into());
        }
    }
    see(&format!("/refusals/{id}"))
}
