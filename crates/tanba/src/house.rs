//! The options that name a service's place in its house: the folder with its certificates (docs/seal/tls.md).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::routing::get;
use clap::Args;
use tanba_tls::{LONGEST_CERTIFICATE, PeerName, Tls};

use crate::console::Console;
use crate::key_client::KeyDoor;

/// The most days that an operator may let certificates live. What lives longer is not short-lived by anybody's measure.
const MOST_DAYS: u16 = 90;

/// Where the certificates are.
#[derive(Args)]
pub(crate) struct HouseArgs {
    /// Folder with the certificate of this service, its key, the roots of the house and its lists of revoked certificates. It is read again when it
    /// changes.
    #[arg(long, value_name = "DIR")]
    pub(crate) tls: Option<PathBuf>,
    /// The longest life of a certificate, its own and a peer's, in days [default: 7].
    #[arg(long, value_name = "DAYS", requires = "tls")]
    pub(crate) tls_max_days: Option<u16>,
}

impl HouseArgs {
    /// Reads the folder, if one is named.
    pub(crate) fn open(&self) -> anyhow::Result<Option<Arc<Tls>>> {
        open(self.tls.as_deref(), self.tls_max_days)
    }
}

/// Reads the folder, if one is named.
pub(crate) fn open(dir: Option<&Path>, max_days: Option<u16>) -> anyhow::Result<Option<Arc<Tls>>> {
    let Some(dir) = dir else { return Ok(None) };
    Ok(Some(Tls::open(dir, longest(max_days)?)?))
}

/// Reads the folder of a service that answers, and so must prove itself.
pub(crate) fn open_own(dir: &Path, max_days: Option<u16>) -> anyhow::Result<Arc<Tls>> {
    Ok(Tls::open_own(dir, longest(max_days)?)?)
}

fn longest(max_days: Option<u16>) -> anyhow::Result<Duration> {
    match max_days {
        None => Ok(LONGEST_CERTIFICATE),
        Some(days) if (1..=MOST_DAYS).contains(&days) => Ok(Duration::from_secs(u64::from(days) * 86_400)),
        Some(_) => {
            anyhow::bail!("--tls-max-days is from 1 to {MOST_DAYS}: certificates between services are short-lived")
        }
    }
}

/// Tells what ends soon, now and as long as the service runs.
pub(crate) fn watch(tls: &Arc<Tls>, console: &Console) {
    if let Some(ending) = tls.ending() {
        console.note(format_args!("note: {ending}"));
    }
    // It ends with the runtime.
    drop(tls.keep_watched());
}

/// A name that a certificate is made out to, from an option.
pub(crate) fn name(option: &'static str, text: &str) -> anyhow::Result<PeerName> {
    text.parse().with_context(|| format!("{option} {text}"))
}

/// What a service without other figures counts, for whoever reaches it.
pub(crate) fn metrics<S: Clone + Send + Sync + 'static>(tls: Arc<Tls>) -> Router<S> {
    Router::new().route("/metrics", get(async move || tls.metrics()))
}

/// How a key process is reached, beside its address.
#[derive(Args)]
pub(crate) struct DoorArgs {
    /// The name that the key process's certificate is made out to [default: the host of its address].
    #[arg(long, value_name = "NAME")]
    keyd_name: Option<String>,
    #[command(flatten)]
    house: HouseArgs,
}

impl DoorArgs {
    /// The folder, read.
    pub(crate) fn open(&self) -> anyhow::Result<Option<Arc<Tls>>> {
        self.house.open()
    }

    /// The key process at an address.
    pub(crate) fn door(&self, keyd: &str, tls: Option<&Arc<Tls>>) -> anyhow::Result<KeyDoor> {
        KeyDoor::find(keyd, self.keyd_name.as_deref(), tls)
    }
}
