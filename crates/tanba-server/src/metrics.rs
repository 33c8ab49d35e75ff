//! Counting requests by route template, and writing one line of log for each: no ids, no query strings, no bodies.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::state::ServerState;

/// How many requests were answered how, and how long that took.
#[derive(Default)]
pub(crate) struct Counters(Mutex<BTreeMap<Label, Count>>);

/// By what requests are told apart: method, route template, status. All from fixed sets, so the table stays small.
type Label = (&'static str, String, u16);

#[derive(Default, Clone, Copy)]
struct Count {
    requests: u64,
    took: Duration,
}

/// Counts an answer and logs it.
pub(crate) async fn count(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = method_name(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    tracing::info!(method, route, status, ms = took.as_secs_f64() * 1000.0, "answered");
    state.counters().add((method, route, status), took);
    response
}

impl Counters {
    fn add(&self, label: Label, took: Duration) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(label).or_default();
        count.requests += 1;
        count.took += took;
    }

    /// The counters in the Prometheus text format.
    pub(crate) fn to_text(&self) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut text = String::from(
            "# HELP tanba_http_requests_total Requests answered, by route template and status.\n# TYPE tanba_http_requests_total counter\n",
        );
        for ((method, route, status), count) in &counts {
            let requests = count.requests;
            let _ = writeln!(
                text,
                "tanba_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {requests}"
            );
        }
        text += "# HELP tanba_http_seconds_total Time from a request's head to its answer's head, summed.\n# TYPE tanba_http_seconds_total counter\n";
        for ((method, route, status), count) in &counts {
            let seconds = count.took.as_secs_f64();
            let _ = writeln!(
                text,
                "tanba_http_seconds_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {seconds:.6}"
            );
        }
        text
    }
}

/// A method is free text to HTTP; here it is one of those in use.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}
