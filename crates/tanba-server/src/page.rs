//! The one page there is for now: what this is, and where the API is described.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::state::{ServerState, Unready};

pub(crate) fn routes() -> Router<ServerState> {
    Router::new().route("/", get(front)).route("/style.css", get(style))
}

async fn front(State(state): State<ServerState>) -> Html<String> {
    let banner = if state.demonstration() {
        "<p class=\"banner\">DEMONSTRATION: everyone in it is invented, and its law packs are drafts.</p>"
    } else {
        ""
    };
    let standing = match state.why_unready() {
        None => "The register is open.",
        Some(Unready::Uninitialised) => {
            "No register is here yet. Its administrator runs <code>tanba init --dir DIR</code> and starts the service again."
        }
        Some(Unready::Locked) => {
            "The register is locked. Its administrator gives the passphrase and starts the service again."
        }
    };
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Tanba</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/style.css\"></head><body>\
         {banner}<h1>Tanba</h1><p>Open national fingerprint and genomic registration.</p><p>{standing}</p><ul>\
         <li><a href=\"/api/openapi.json\">The API</a> (OpenAPI)</li>\
         <li><a href=\"/log/checkpoint\">The log's checkpoint</a> and <a href=\"/log/log.vkey\">its public key</a></li>\
         <li><a href=\"/healthz\">Health</a> and <a href=\"/metrics\">metrics</a></li></ul></body></html>\n"
    ))
}

async fn style() -> Response {
    let sheet = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#222;background:#fff}\
                 .banner{background:#fc3;padding:.5rem 1rem;font-weight:bold}\n";
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], sheet).into_response()
}
