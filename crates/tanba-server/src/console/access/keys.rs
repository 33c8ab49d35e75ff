//! The keys of the offices that sign sanctions: entered by an administrator, confirmed by a supervisor, ended by either.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use tanba_registry::{NewSanctionKey, RegistryError, Role, SanctionKeyId, SanctionKeyState, SanctionKeyView};

use super::super::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "access/keys.html")]
struct KeysPage {
    p: Page,
    keys: Vec<SanctionKeyView>,
    /// Whether this account enters keys.
    enters: bool,
    /// Whether it confirms them.
    confirms: bool,
    today: Date,
    year_on: Date,
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let keys = signed.registry.sanction_keys(&signed.actor).await?;
    let has = |role| signed.actor.roles().contains(&role);
    let today = signed.registry.today();
    render(&KeysPage {
        p: Page::new(&state, &signed, "access", "office-keys-title"),
        keys,
        enters: has(Role::Administrator),
        confirms: has(Role::Supervisor),
        today,
        year_on: today.saturating_add(jiff::Span::new().days(365)),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyForm {
    verifier: String,
    level: String,
    from: Date,
    to: Date,
}

pub(super) async fn propose(signed: SignedIn, Sent(form): Sent<KeyForm>) -> Answer {
    let zone = signed.registry.zone();
    let Ok(day_after) = form.to.tomorrow() else {
        let problem = "give a last day that exists".to_owned();
        return Err(RegistryError::Invalid { field: "valid_to", problem }.into());
    };
    let new = NewSanctionKey {
        verifier: form.verifier.trim().to_owned(),
        level: form.level.trim().to_owned(),
        valid_from: zone.day_begins(form.from),
        // The last day is inside.
        valid_to: zone.day_begins(day_after),
    };
    signed.registry.propose_sanction_key(&signed.actor, &new).await?;
    see("/sanction-keys?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionForm {
    confirmed: bool,
}

pub(super) async fn decide(signed: SignedIn, Id(key): Id<SanctionKeyId>, Sent(form): Sent<DecisionForm>) -> Answer {
    signed.registry.decide_sanction_key(&signed.actor, key, form.confirmed).await?;
    see("/sanction-keys?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndForm {
    reason: String,
}

pub(super) async fn revoke(signed: SignedIn, Id(key): Id<SanctionKeyId>, Sent(form): Sent<EndForm>) -> Answer {
    signed.registry.revoke_sanction_key(&signed.actor, key, form.reason.trim()).await?;
    see("/sanction-keys?done=saved")
}
