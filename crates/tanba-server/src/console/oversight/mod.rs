//! Oversight: the supervisor's first page and log, the public log, the page of the person concerned and requests, the statistics of a
//! day, and the exercises of a training register.

mod breaches;
mod chart;
mod citizen;
mod error_rates;
mod law_changes;
mod law_page;
mod log_pruning;
mod public_log;
mod representing;
mod requests;
mod statistics;
mod supervisor;
mod thresholds;
mod training;
mod watches;

use axum::Router;

use crate::state::ServerState;

pub(crate) use thresholds::uploads;
pub use training::{TrainingGuardian, TrainingPeople, TrainingPerson};

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .merge(supervisor::routes())
        .merge(public_log::routes())
        .merge(law_page::routes())
        .merge(error_rates::routes())
        .merge(thresholds::routes())
        .merge(law_changes::routes())
        .merge(breaches::routes())
        .merge(watches::routes())
        .merge(log_pruning::routes())
        .merge(citizen::routes())
        .merge(requests::routes())
        .merge(representing::routes())
        .merge(statistics::routes())
        .merge(training::routes())
}

/// An address of our own with a query, from parts that need no escaping beyond this.
fn address(path: &str, query: &[(&str, String)]) -> String {
    let mut text = path.to_owned();
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                text.push(char::from(byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    text
}

/// What an empty field of a form says.
fn given(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

/// The name of a state as it stands in JSON.
fn word(state: impl serde::Serialize) -> String {
    serde_json::to_value(state).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
