//! Examination: comparing prints before people, reviews, revisions, and a person's record for a purpose.
//!
//! [`desk`] is the examiner's: marking, comparing, concluding. [`reviews`], [`revisions`] and [`corrections`] are the second
//! officer's. [`persons`] is for both counters and second officers, and asks why before it shows anything.
//!
//! Absent here: a name, a score or another's finding on any page of an examiner before the decision.

mod corrections;
mod desk;
mod persons;
mod reviews;
mod revisions;
mod score;

use axum::Router;
use serde::Deserialize;

use crate::state::ServerState;

/// The pages of this area.
pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .merge(desk::routes())
        .merge(reviews::routes())
        .merge(revisions::routes())
        .merge(corrections::routes())
        .merge(persons::routes())
}

/// A form with nothing in it but its proof.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The end of an id: enough to tell the records on a page apart, and a word for nobody.
pub(super) fn short(id: &impl std::fmt::Display) -> String {
    let text = id.to_string();
    text.get(text.len().saturating_sub(6)..).unwrap_or_default().to_owned()
}

/// Which style a state of an encounter is shown in.
fn tone(state: &tanba_registry::EncounterState) -> &'static str {
    use tanba_registry::EncounterState as S;
    match state {
        S::Registered | S::Verified | S::Exempt => "good",
        S::Open | S::Adjudication => "",
        S::Refused | S::Denied => "warn",
        S::Duplicate | S::Conflict => "bad",
    }
}

/// The name of a state as texts have it.
fn state_name(state: &tanba_registry::EncounterState) -> String {
    serde_json::to_value(state).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The name of a document's state as texts have it.
fn document_state(state: &tanba_registry::DocumentState) -> String {
    serde_json::to_value(state).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
