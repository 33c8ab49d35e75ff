//! For those who run the service: is it well, and what does it do.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use tanba_registry::tile_dir::TileDir;
use tanba_seal::log::{CHECKPOINT_PATH, TileStore as _, WITNESSED_PATH};

use crate::state::{ServerState, Unready};

pub(crate) fn routes() -> Router<ServerState> {
    Router::new().route("/healthz", get(health)).route("/metrics", get(metrics))
}

/// `ok`, `uninitialised` or `locked`, and nothing else.
async fn health(State(state): State<ServerState>) -> Response {
    match state.why_unready() {
        None => Json(json!({"status": "ok"})).into_response(),
        Some(why) => {
            let status = match why {
                Unready::Uninitialised => "uninitialised",
                Unready::Locked => "locked",
            };
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": status}))).into_response()
        }
    }
}

async fn metrics(State(state): State<ServerState>) -> Response {
    let mut text = state.counters().to_text();
    let mut gauge = |name: &str, help: &str, value: u64| {
        text += &format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
    };
    gauge("tanba_up", "Whether a register is open.", u64::from(state.why_unready().is_none()));
    if let Ok(registry) = state.registry() {
        let stats = registry.gallery_stats();
        let mut of_gallery = |name: &str, help: &str, value: usize| {
            gauge(&format!("tanba_{name}"), help, u64::try_from(value).unwrap_or(u64::MAX));
        };
        of_gallery("people_searchable", "People who can be found by their prints.", stats.people.values().sum());
        of_gallery("gallery_impressions", "Impressions of them.", stats.impressions);
        of_gallery("gallery_segments", "Segments of the gallery on disk.", stats.segments);
        of_gallery("gallery_unsaved", "People who are not in a segment yet.", stats.unsaved);
        of_gallery("gallery_dead", "Erased people whose segment is not written anew yet.", stats.dead);
        of_gallery(
            "gallery_refused",
            "Segments that could not be read; no search is complete until they are made anew.",
            stats.refused.len(),
        );
        of_gallery("gallery_bytes", "Bytes of the gallery in memory.", stats.code_bytes + stats.other_bytes);
        gauge(
            "tanba_log_unpublished_seconds",
            "For how long the log could not be published; after ten minutes nobody looks at anything.",
            registry.unpublished_seconds().unwrap_or_default(),
        );
        if let Ok(Some(notices)) = registry.notice_standing().await {
            gauge("tanba_notices_waiting", "Notices of looks that are due and not taken yet.", notices.waiting);
            gauge("tanba_notices_oldest_seconds", "Since when the oldest of them is due.", notices.oldest_seconds);
            gauge("tanba_notices_sent", "Notices that the messaging service has taken.", notices.sent);
            gauge("tanba_notices_refused", "Notices that can never be sent.", notices.refused);
        }
        if let Some(counts) = registry.national_counts() {
            let of = |name: &str| format!("tanba_national_sign_ins_{name}");
            gauge(
                &of("opened"),
                "Sessions that the national sign-in opened or proved, since the start.",
                counts.opened,
            );
            gauge(&of("refused"), "Returns from it that were refused, since the start.", counts.refused);
            gauge(&of("away"), "Requests that its provider did not answer, since the start.", counts.away);
        }
        if let Some(run) = registry.renewal() {
            gauge("tanba_templates_waiting", "Templates of another extractor that are to be made anew.", run.waiting);
            gauge("tanba_templates_renewed", "Templates made anew by the run that goes on or was last.", run.renewed);
            gauge(
                "tanba_templates_refused",
                "Templates that it kept, having made nothing of their image.",
                run.refused,
            );
        }
    }
    if let Some(size) = size_under(&state, CHECKPOINT_PATH).await {
        gauge("tanba_log_published_entries", "Entries under the published checkpoint.", size);
    }
    if let Some(size) = size_under(&state, WITNESSED_PATH).await {
        gauge("tanba_log_witnessed_entries", "Entries under the last checkpoint that a quorum has cosigned.", size);
    }
    if let Some(other) = &state.face().other_metrics {
        text += &other();
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// The second line of a checkpoint is the number of entries (C2SP tlog-checkpoint).
async fn size_under(state: &ServerState, path: &'static str) -> Option<u64> {
    let folder = state.log_folder()?;
    let note = tokio::task::spawn_blocking(move || TileDir::open(&folder).read(path)).await.ok()?.ok()??;
    String::from_utf8(note).ok()?.lines().nth(1)?.parse().ok()
}
