//! `tanba witness`: a witness of transparency logs (C2SP tlog-witness), for whoever is not the register's operator.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use clap::{Args, Subcommand};
use serde_json::json;
use tanba_registry::tile_dir::TileDir;
use tanba_seal::KdfParams;
use tanba_seal::log::{LogVerifier, MAX_WITNESS_REQUEST_BYTES, Witness as Core};
use tanba_tls::{Clients, TlsListener};
use tokio::net::TcpListener;

use crate::cmd::serve::stop_signal;
use crate::console::Console;
use crate::house::{self, HouseArgs};
use crate::{memory, party};

/// Options of `tanba witness`.
#[derive(Args)]
pub(crate) struct Witness {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make the witness's key, in a folder of its own.
    Init(Init),
    /// Answer logs: cosign what extends everything cosigned before, and nothing else.
    Serve(Serve),
}

#[derive(Args)]
struct Init {
    /// The witness's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The witness's name, by convention a URL without its scheme, such as court.example/witness.
    #[arg(long)]
    name: String,
}

#[derive(Args)]
struct Serve {
    /// The witness's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The verifier key (name+hash+key) of a log that it watches; once for each.
    #[arg(long = "log", value_name = "KEY", required = true)]
    logs: Vec<String>,
    /// The file of keys (`log.keys`) of a log that has changed its key; once for each. It is kept, and from then on only grows.
    #[arg(long, value_name = "FILE")]
    log_keys: Vec<PathBuf>,
    /// Address and port to listen on. What is said there is public and signed by both sides, so it needs no TLS; with --tls it is spoken.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8481")]
    listen: SocketAddr,
    /// The name that a log's certificate is made out to; once for each. Without it, whoever asks is answered.
    #[arg(long = "client", id = "clients", value_name = "NAME", requires = "tls")]
    clients: Vec<String>,
    #[command(flatten)]
    house: HouseArgs,
}

impl Witness {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.task {
            Task::Init(init) => init.run(console),
            Task::Serve(serve) => serve.run(console),
        }
    }
}

impl Init {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let ring = party::found(&self.dir, &self.name, &[], KdfParams::RECOMMENDED)?;
        let signer = ring.witness_signer();
        let (key, post_quantum) = (signer.verifier().to_string(), signer.post_quantum_verifier().to_string());
        let human = format!(
            "A witness is in {}. Its public keys, one of which goes into the policies of whoever relies on it: ML-DSA-44 for new ones,\n{post_quantum}\nEd25519 for those that know nothing else,\n{key}\nNext: tanba witness serve --dir {} --log <the log's key>",
            self.dir.display(),
            self.dir.display()
        );
        console
            .answer(&json!({"dir": self.dir, "name": self.name, "vkey": key, "ml_dsa_44_vkey": post_quantum}), human);
        Ok(())
    }
}

impl Serve {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        if let Some(advice) = memory::keep().advice() {
            console.note(format_args!("note: {advice}"));
        }
        let mut logs =
            self.logs.iter().map(|key| LogVerifier::parse(key)).collect::<Result<Vec<_>, _>>().context("--log")?;
        let house = &self.house;
        let tls = house.tls.as_deref().map(|dir| house::open_own(dir, house.tls_max_days)).transpose()?;
        let names = self.clients.iter().map(|name| house::name("--client", name)).collect::<Result<Vec<_>, _>>()?;
        let _lock = party::lock(&self.dir)?;
        let ring = party::open(&self.dir)?;
        party::learn_log_keys(&self.dir, &mut logs, &self.log_keys)?;
        let heads = TileDir::open_for_writing(&self.dir.join("state"))?;
        let core = Core::new(ring.witness_signer(), logs);
        let vkey = core.verifier().to_string();
        let state = Arc::new(Running { core, heads: Mutex::new(heads) });
        tokio::runtime::Runtime::new()?.block_on(async {
            let listener =
                TcpListener::bind(self.listen).await.with_context(|| format!("cannot listen on {}", self.listen))?;
            let url = format!("{}://{}", if tls.is_some() { "https" } else { "http" }, listener.local_addr()?);
            let stop = stop_signal()?;
            console.answer(&json!({"url": url, "vkey": vkey}), format_args!("The witness {vkey} listens on {url}"));
            match tls {
                None => axum::serve(listener, routes(state)).with_graceful_shutdown(stop).await?,
                Some(tls) => {
                    house::watch(&tls, console);
                    let clients = if names.is_empty() { Clients::Anyone } else { Clients::Named(names) };
                    let app = routes(state).merge(house::metrics(Arc::clone(&tls)));
                    let listener = TlsListener::start(listener, tls, clients)?;
                    axum::serve(listener, app).with_graceful_shutdown(stop).await?;
                }
            }
            Ok(())
        })
    }
}

struct Running {
    core: Core,
    heads: Mutex<TileDir>,
}

fn routes(state: Arc<Running>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(MAX_WITNESS_REQUEST_BYTES))
        .with_state(state)
}

async fn add_checkpoint(State(state): State<Arc<Running>>, request: Bytes) -> Response {
    let answered = tokio::task::spawn_blocking(move || {
        // From the check to the stored head nobody else gets in between.
        let mut heads = state.heads.lock().unwrap_or_else(PoisonError::into_inner);
        state.core.add_checkpoint(&mut *heads, &request, party::now())
    });
    match answered.await {
        Ok(Ok(answer)) => {
            let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, answer.content_type())], answer.body()).into_response()
        }
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&error),
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Response {
    tracing::error!(error, "a log was not answered");
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "this witness cannot read or keep what it has seen; its operator has the reason\n",
    )
        .into_response()
}
