//! The key process behind its socket: HTTP with JSON documents, on a Unix socket that only its owner reaches, and to registers on other machines by
//! TLS in which both sides prove themselves.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::Deserialize;
use serde_json::json;
use tanba_registry::tile_dir::TileDir;
use tanba_seal::keyd::{KeyPlace, Keyd, KeydError, Release, ReleasedKey, Standing};
use tanba_tls::{Clients, PeerName, Tls, TlsListener};
use tokio::net::{TcpListener, UnixListener};

use crate::cmd::serve::stop_signal;
use crate::{house, party};

/// The longest request, bytes: a proof, an entry, and 64 wrapped keys.
const MAX_REQUEST: usize = 512 * 1024;

type Core = Arc<Mutex<Keyd<TileDir>>>;

/// A key that is to be wrapped for its place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToWrap {
    place: KeyPlace,
    key: ReleasedKey,
}

/// A wrapped key that is to be wrapped again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToRewrap {
    place: KeyPlace,
    wrapped: String,
}

/// Where a register on another machine is answered.
pub(crate) struct Outer {
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Arc<Tls>,
    /// Who is answered.
    pub(crate) names: Vec<PeerName>,
}

/// Answers on `socket`, and at the address of `outer`, until a signal ends it; `ready` is called once it does, with the latter's URL.
pub(crate) fn serve(
    core: Keyd<TileDir>,
    socket: &Path,
    outer: Option<Outer>,
    ready: impl FnOnce(&Standing, Option<&str>),
) -> anyhow::Result<()> {
    // The folder's lock is held, so a socket that is there is one that a crash has left.
    match fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove {}", socket.display()));
        }
        _ => {}
    }
    tokio::runtime::Runtime::new()?.block_on(async {
        let (stop, stop_outer) = (stop_signal()?, stop_signal()?);
        let standing = core.standing();
        let mut app = routes(Arc::new(Mutex::new(core)));
        let mut outside = None;
        if let Some(Outer { listen, tls, names }) = outer {
            app = app.merge(house::metrics(Arc::clone(&tls)));
            let tcp = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
            let url = format!("https://{}", tcp.local_addr()?);
            outside = Some((TlsListener::start(tcp, tls, Clients::Named(names))?, url));
        }
        let listener = UnixListener::bind(socket).with_context(|| format!("cannot listen on {}", socket.display()))?;
        fs::set_permissions(socket, fs::Permissions::from_mode(0o600))?;
        ready(&standing, outside.as_ref().map(|(_, url)| url.as_str()));
        let inner = axum::serve(listener, app.clone()).with_graceful_shutdown(stop).into_future();
        let served = match outside {
            None => inner.await,
            Some((door, _)) => {
                // No connection outlives its longest life, so the end waits a minute for it at most.
                let outer = axum::serve(door, app).with_graceful_shutdown(stop_outer).into_future();
                tokio::try_join!(inner, outer).map(|_| ())
            }
        };
        let _ = fs::remove_file(socket);
        Ok(served?)
    })
}

fn routes(core: Core) -> Router {
    Router::new()
        .route("/release", post(release))
        .route("/keys", post(new_key))
        .route("/wrap", post(wrap))
        .route("/rewrap", post(rewrap))
        .route("/orders", post(obey))
        .route("/standing", get(standing))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(core)
}

async fn release(State(core): State<Core>, body: Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<Release>(&body) else {
        return refused(&KeydError::Malformed { what: "it is no release request" });
    };
    at_work(core, move |core| {
        let keys = core.release(&request, party::now())?;
        Ok(Json(json!({"keys": keys})).into_response())
    })
    .await
}

async fn new_key(State(core): State<Core>, body: Bytes) -> Response {
    let Ok(place) = serde_json::from_slice::<KeyPlace>(&body) else {
        return refused(&KeydError::Malformed { what: "it is no place for a key" });
    };
    at_work(core, move |core| {
        let (key, wrapped) = core.new_key(&place.context(), &mut random)?;
        Ok(Json(json!({"key": key, "wrapped": BASE64.encode(wrapped)})).into_response())
    })
    .await
}

async fn wrap(State(core): State<Core>, body: Bytes) -> Response {
    let Ok(ToWrap { place, key }) = serde_json::from_slice(&body) else {
        return refused(&KeydError::Malformed { what: "it is no key with its place" });
    };
    at_work(core, move |core| {
        let wrapped = core.wrap(&place.context(), &key, &mut random)?;
        Ok(Json(json!({"wrapped": BASE64.encode(wrapped)})).into_response())
    })
    .await
}

async fn rewrap(State(core): State<Core>, body: Bytes) -> Response {
    let asked = serde_json::from_slice::<ToRewrap>(&body).ok();
    let asked = asked.and_then(|asked| Some((asked.place, BASE64.decode(asked.wrapped).ok()?)));
    let Some((place, wrapped)) = asked else {
        return refused(&KeydError::Malformed { what: "it is no wrapped key with its place" });
    };
    at_work(core, move |core| {
        let wrapped = core.rewrap(&place.context(), &wrapped, &mut random)?;
        Ok(Json(json!({"wrapped": BASE64.encode(wrapped)})).into_response())
    })
    .await
}

fn random(out: &mut [u8]) {
    // Without entropy no key may be made, and there is nothing sensible to go on with.
    getrandom::fill(out).expect("the operating system gives random numbers");
}

async fn obey(State(core): State<Core>, body: Bytes) -> Response {
    at_work(core, move |core| Ok(Json(core.obey(&body, party::now())?).into_response())).await
}

async fn standing(State(core): State<Core>) -> Response {
    at_work(core, |core| Ok(Json(core.standing()).into_response())).await
}

/// Does the work where it may wait for the disk, one piece at a time.
async fn at_work(
    core: Core,
    work: impl FnOnce(&mut Keyd<TileDir>) -> Result<Response, KeydError> + Send + 'static,
) -> Response {
    let done = tokio::task::spawn_blocking(move || {
        let mut core: MutexGuard<'_, _> = core.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut core)
    });
    match done.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => refused(&error),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a request was not answered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refused(error: &KeydError) -> Response {
    // Refusals name no record and no key, so they may stand in the process's log.
    tracing::warn!(code = error.code(), "no key was released: {error}");
    let size = match error {
        KeydError::Behind { size } => Some(size),
        _ => None,
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({"code": error.code(), "error": error.to_string(), "size": size}))).into_response()
}
