//! What follows looks by authorities: the check of those in danger to life, what recipients must do, and for the supervisor what was passed
//! on abroad and directed.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use tanba_registry::{CaseId, DirectionNotice, Export, NewPriorSearch, RecipientOrder, Role, RowId, UrgentReview};

use super::super::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "access/checks.html")]
struct ChecksPage {
    p: Page,
    reviews: Vec<UrgentReview>,
    orders: Vec<RecipientOrder>,
    exports: Vec<Export>,
    directions: Vec<DirectionNotice>,
    /// Whether this account checks looks in danger to life.
    checks: bool,
    /// Whether it acknowledges orders.
    acknowledges: bool,
    supervises: bool,
    today: Date,
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let has = |role| signed.actor.roles().contains(&role);
    let (registry, actor) = (&signed.registry, &signed.actor);
    let reviews = registry.urgent_reviews(actor).await?;
    let orders = registry.recipient_orders(actor).await?;
    let (mut exports, mut directions) = (Vec::new(), Vec::new());
    if has(Role::Supervisor) {
        exports = registry.exports(actor).await?;
        directions = registry.direction_notices(actor).await?;
    }
    let looked_at = orders.iter().any(|order| !order.values.is_empty());
    let mut p = Page::new(&state, &signed, "access", "checks-title");
    if looked_at {
        p = p.about("correction");
    }
    render(&ChecksPage {
        p,
        reviews,
        orders,
        exports,
        directions,
        checks: has(Role::SecondOfficer),
        acknowledges: has(Role::SecondOfficer) || has(Role::Officer),
        supervises: has(Role::Supervisor),
        today: registry.today(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionForm {
    justified: bool,
    decision: String,
}

pub(super) async fn decide(signed: SignedIn, Id(id): Id<RowId>, Sent(form): Sent<DecisionForm>) -> Answer {
    signed.registry.decide_urgent_review(&signed.actor, id, form.justified, form.decision.trim()).await?;
    see("/checks?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AcknowledgementForm {}

pub(super) async fn acknowledge(signed: SignedIn, Id(id): Id<RowId>, Sent(_): Sent<AcknowledgementForm>) -> Answer {
    signed.registry.acknowledge_order(&signed.actor, id).await?;
    see("/checks?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchForm {
    searched: String,
    reference: String,
    begun: Date,
    #[serde(default)]
    answered: String,
}

/// A search elsewhere. Of a day the first instant counts, so that nobody waits too long; an answer of today is one of now.
pub(super) async fn record_search(signed: SignedIn, Id(case): Id<CaseId>, Sent(form): Sent<SearchForm>) -> Answer {
    let (zone, today) = (signed.registry.zone(), signed.registry.today());
    let answered: Option<Date> = match form.answered.trim() {
        "" => None,
        day => Some(day.parse().map_err(|_| super::super::form::unfit())?),
    };
    let new = NewPriorSearch {
        case,
        searched: form.searched,
        reference: form.reference.trim().to_owned(),
        begun_at: zone.day_begins(form.begun),
        answered_at: answered.map(|day| if day == today { signed.registry.now() } else { zone.day_begins(day) }),
    };
    signed.registry.record_prior_search(&signed.actor, &new).await?;
    see(&format!("/access/cases/{case}?done=saved"))
}
