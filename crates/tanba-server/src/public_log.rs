//! The transparency log as files, for anyone: C2SP tlog-tiles paths under `/log`, and proofs to take away.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tanba_registry::tile_dir::TileDir;
use tanba_seal::log::{
    CHECKPOINT_PATH, LOG_KEYS_PATH, PRUNED_PATH, TilePath, TileStore as _, VERIFIER_KEY_PATH, WITNESSED_PATH,
};

use crate::problem::Refusal;
use crate::state::ServerState;

const TEXT: &str = "text/plain; charset=utf-8";

/// A full tile never changes; a partial one is soon replaced by a longer one; the checkpoint is always the latest.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
const FOR_A_WHILE: &str = "public, max-age=60";
const ASK_AGAIN: &str = "no-cache";

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/log.vkey", get(verifier_key))
        .route("/log/log.keys", get(keys))
        .route("/log/log.pruned", get(pruned))
        .route("/log/tile/{*path}", get(tile))
}

/// The last checkpoint that a quorum of witnesses has cosigned, in a log that has witnesses: a log that was set back or lost
/// its witnesses shows here, by its size and by its age. The newest one otherwise.
async fn checkpoint(State(state): State<ServerState>) -> Result<Response, Refusal> {
    match stored(&state, WITNESSED_PATH.to_owned()).await? {
        Some(bytes) => Ok(as_file(bytes, TEXT, ASK_AGAIN)),
        None => file(&state, CHECKPOINT_PATH.to_owned(), TEXT, ASK_AGAIN).await,
    }
}

async fn verifier_key(State(state): State<ServerState>) -> Result<Response, Refusal> {
    file(&state, VERIFIER_KEY_PATH.to_owned(), TEXT, ASK_AGAIN).await
}

/// The keys that the log has had, each of which handed over to the next.
async fn keys(State(state): State<ServerState>) -> Result<Response, Refusal> {
    file(&state, LOG_KEYS_PATH.to_owned(), TEXT, ASK_AGAIN).await
}

/// Where a log that was pruned says its minimum index.
async fn pruned(State(state): State<ServerState>) -> Result<Response, Refusal> {
    file(&state, PRUNED_PATH.to_owned(), TEXT, ASK_AGAIN).await
}

async fn tile(State(state): State<ServerState>, Path(path): Path<String>) -> Result<Response, Refusal> {
    // Only what is written exactly as a tile's path reaches the file system, and it is rebuilt from what was understood.
    let tile = TilePath::parse(&format!("tile/{path}")).ok_or_else(no_such_file)?;
    let caching = if tile.is_full() { FOR_GOOD } else { FOR_A_WHILE };
    file(&state, tile.to_string(), "application/octet-stream", caching).await
}

async fn file(
    state: &ServerState,
    path: String,
    content_type: &'static str,
    caching: &'static str,
) -> Result<Response, Refusal> {
    Ok(as_file(stored(state, path).await?.ok_or_else(no_such_file)?, content_type, caching))
}

fn as_file(bytes: Vec<u8>, content_type: &'static str, caching: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, caching)], bytes).into_response()
}

async fn stored(state: &ServerState, path: String) -> Result<Option<Vec<u8>>, Refusal> {
    state.registry()?;
    let folder = state.log_folder().ok_or_else(no_such_file)?;
    tokio::task::spawn_blocking(move || TileDir::open(&folder).read(&path))
        .await
        .map_err(|e| Refusal::internal(&e))?
        .map_err(|e| Refusal::internal(&e))
}

fn no_such_file() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "the log has no such file: begin with /log/checkpoint; what is before the minimum index in /log/log.pruned, if there is one, was pruned",
    )
}
