//! The way to a key process: HTTP with JSON documents, over its socket or by TLS that both sides prove themselves in.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::http::Uri;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tanba_registry::{Asked, KeyLine, KeyRefusal};
use tanba_seal::keyd::{KeyPlace, Release, ReleasedKey, Standing};
use tanba_tls::{PeerName, Tls};
use tokio::net::UnixStream;
use zeroize::Zeroizing;

use crate::{house, http};

/// How long the key process has for one answer: it writes its own log before.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a key process answers.
pub(crate) enum KeyDoor {
    /// At a socket of this machine.
    Socket(PathBuf),
    /// On another machine, if its certificate is made out to the name.
    Tls { uri: Uri, name: PeerName, tls: Arc<Tls> },
}

/// A key that was made or wrapped.
#[derive(Deserialize)]
struct Made {
    key: ReleasedKey,
    wrapped: String,
}

#[derive(Deserialize)]
struct Wrapped {
    wrapped: String,
}

#[derive(Deserialize)]
struct Released {
    keys: Vec<ReleasedKey>,
}

/// A refusal, as [`key_desk`](crate::key_desk) writes it.
#[derive(Deserialize)]
struct Refused {
    code: String,
    error: String,
    size: Option<u64>,
}

impl KeyDoor {
    /// The key process at an address: a socket's path, or https with the folder of this side's certificate. `name` is what the key process's
    /// own is made out to, if it is not the host.
    pub(crate) fn find(address: &str, name: Option<&str>, tls: Option<&Arc<Tls>>) -> anyhow::Result<Self> {
        if address.starts_with("http://") {
            bail!(
                "{address}: keys do not go over a line that is not encrypted: name the key process's socket, or its https address with --tls"
            );
        }
        if !address.starts_with("https://") {
            if name.is_some() {
                bail!("--keyd-name goes with an https address: at a socket nobody shows a certificate");
            }
            return Ok(Self::Socket(address.into()));
        }
        let uri: Uri = address.parse().with_context(|| format!("{address} is no address"))?;
        let tls = tls.filter(|tls| tls.proves_itself()).with_context(|| {
            format!("{address}: a key process answers only who proves itself: name the folder with this service's certificate with --tls")
        })?;
        let name = match name {
            Some(name) => house::name("--keyd-name", name)?,
            None => http::host_name(&http::address(&uri)?)?,
        };
        Ok(Self::Tls { uri, name, tls: Arc::clone(tls) })
    }

    async fn send(&self, method: &'static str, path: &'static str, body: Vec<u8>) -> anyhow::Result<(u16, Vec<u8>)> {
        match self {
            Self::Socket(socket) => send(socket, method, path, body).await,
            Self::Tls { uri, name, tls } => {
                let stream = http::open(uri, Some(tls), Some(name)).await?;
                let at = format!("https://{}{path}", uri.authority().map_or("localhost", |a| a.as_str()));
                http::send(stream, method, &at.parse()?, body, Some(tls)).await
            }
        }
    }

    /// One request; the answer of a key process that said yes.
    async fn ask<T: DeserializeOwned>(
        &self,
        method: &'static str,
        path: &'static str,
        body: Vec<u8>,
    ) -> Result<T, KeyRefusal> {
        let away = |why: String| KeyRefusal::Away { why };
        let asked = tokio::time::timeout(PATIENCE, self.send(method, path, body)).await;
        let (status, answer) = asked
            .map_err(|_| away("the key process did not answer in ten seconds".to_owned()))?
            .map_err(|error| away(format!("{error:#}")))?;
        // A key may be in it.
        let answer = Zeroizing::new(answer);
        if status == 200 {
            // What the parser would say could quote the answer.
            return serde_json::from_slice(&answer)
                .map_err(|_| away("what answers there is no key process of this version".to_owned()));
        }
        let Refused { code, error, size } = serde_json::from_slice(&answer)
            .map_err(|_| away(format!("what answers there is no key process: status {status}")))?;
        Err(KeyRefusal::Refused { code, why: error, size })
    }
}

impl KeyLine for KeyDoor {
    fn standing(&self) -> Asked<'_, Standing> {
        Box::pin(self.ask("GET", "/standing", Vec::new()))
    }

    fn new_key(&self, place: KeyPlace) -> Asked<'_, (ReleasedKey, Vec<u8>)> {
        Box::pin(async move {
            let Made { key, wrapped } = self.ask("POST", "/keys", document(&place)?).await?;
            Ok((key, bytes(&wrapped)?))
        })
    }

    fn wrap(&self, place: KeyPlace, key: ReleasedKey) -> Asked<'_, Vec<u8>> {
        Box::pin(async move {
            let Wrapped { wrapped } =
                self.ask("POST", "/wrap", document(&json!({"place": place, "key": key}))?).await?;
            bytes(&wrapped)
        })
    }

    fn rewrap(&self, place: KeyPlace, wrapped: Vec<u8>) -> Asked<'_, Vec<u8>> {
        Box::pin(async move {
            let asked = json!({"place": place, "wrapped": BASE64.encode(wrapped)});
            let Wrapped { wrapped } = self.ask("POST", "/rewrap", document(&asked)?).await?;
            bytes(&wrapped)
        })
    }

    fn release<'a>(&'a self, request: &'a Release) -> Asked<'a, Vec<ReleasedKey>> {
        Box::pin(async move {
            let Released { keys } = self.ask("POST", "/release", document(request)?).await?;
            Ok(keys)
        })
    }
}

fn document(value: &impl serde::Serialize) -> Result<Vec<u8>, KeyRefusal> {
    serde_json::to_vec(value).map_err(|_| KeyRefusal::Away { why: "a request could not be written".to_owned() })
}

fn bytes(base64: &str) -> Result<Vec<u8>, KeyRefusal> {
    BASE64.decode(base64).map_err(|_| KeyRefusal::Away { why: "a wrapped key is not base64".to_owned() })
}

/// Asks the key process at a socket, and gives its answer as it is.
pub(crate) async fn send(
    socket: &Path,
    method: &'static str,
    path: &'static str,
    body: Vec<u8>,
) -> anyhow::Result<(u16, Vec<u8>)> {
    let stream = UnixStream::connect(socket)
        .await
        .with_context(|| format!("no key process answers at {}: start it with `tanba keyd serve`", socket.display()))?;
    http::send(stream, method, &Uri::from_static(path), body, None).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::mpsc;

    use tanba_registry::tile_dir::TileDir;
    use tanba_seal::keyd::{Keyd, Opening, Rules, found_keyd};
    use tanba_seal::log::Policy;
    use tanba_seal::{Context, KdfParams, KeyRing};

    use super::*;

    fn ring(name: &str) -> (Vec<u8>, KeyRing) {
        let mut fill = |out: &mut [u8]| getrandom::fill(out).unwrap();
        KeyRing::create("a test passphrase", &["image"], name, KdfParams::MINIMUM, &mut fill).unwrap()
    }

    #[test]
    fn control_j6_no_key_goes_over_a_line_that_is_not_encrypted() {
        let refused = |address, name| KeyDoor::find(address, name, None).err().map(|error| error.to_string());
        assert!(refused("http://127.0.0.1:8482", None).unwrap().contains("not encrypted"));
        assert!(refused("https://keyd.example:8482", None).unwrap().contains("--tls"));
        assert!(refused("keyd/keyd.sock", Some("keyd.example")).unwrap().contains("https"));
        assert!(matches!(KeyDoor::find("keyd/keyd.sock", None, None), Ok(KeyDoor::Socket(_))));
    }

    #[tokio::test]
    async fn what_a_key_process_says_on_its_socket_is_understood() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("keyd.sock");
        let (keys, own) = (ring("keyd.test/1").1, ring("register.test").1);
        let mut log = TileDir::open_for_writing(&folder.path().join("log")).unwrap();
        found_keyd(&keys, &mut log).unwrap();
        let policy = Policy::parse(&format!("log {}\nquorum none\n", own.log_signer().verifier())).unwrap();
        let supervisor = ring("supervisor.test").1.log_signer().verifier().clone();
        let rules =
            Rules { max_entry_age_s: 60, max_checkpoint_age_s: 60, keys_per_hour: 1, purposes: BTreeMap::new() };
        let core = Keyd::open(keys, policy, supervisor, rules, log).unwrap();
        let line = KeyDoor::Socket(socket.clone());
        let KeyRefusal::Away { why } = line.standing().await.unwrap_err() else { panic!("nobody is there") };
        assert!(why.contains("tanba keyd serve"), "{why}");

        let (ready, begun) = mpsc::channel();
        let at = socket.clone();
        // It ends with the tests: nobody sends it a signal.
        std::thread::spawn(move || crate::key_desk::serve(core, &at, None, |_, _| ready.send(()).unwrap()));
        begun.recv().unwrap();
        assert_eq!(line.standing().await.unwrap().name, "keyd.test/1");
        let place = |record: &str| KeyPlace {
            domain: "image".to_owned(),
            table: "data_keys".to_owned(),
            record: record.to_owned(),
            field: "wrapped".to_owned(),
        };
        let (key, wrapped) = line.new_key(place("enc-1")).await.unwrap();
        let mut fill = |out: &mut [u8]| getrandom::fill(out).unwrap();
        let field = Context { domain: "image", table: "records", record: "enc-1", field: "pixels" };
        let sealed = key.open().unwrap().seal(&field, b"ridges", &mut fill).unwrap();
        assert_eq!(key.open().unwrap().open(&field, &sealed).unwrap().as_slice(), b"ridges");
        assert!(own.unwrap_data_key(&place("enc-1").context(), &wrapped).is_err());
        // A key of the register's own is wrapped, and not for another kind of data.
        let (_, theirs) = own.new_data_key(&place("enc-2").context(), &mut fill).unwrap();
        let handed = || own.hand_over(&place("enc-2").context(), &theirs).unwrap();
        assert_ne!(line.wrap(place("enc-2"), handed()).await.unwrap(), theirs);
        let anew = line.rewrap(place("enc-1"), wrapped.clone()).await.unwrap();
        assert_ne!(anew, wrapped);
        assert!(line.rewrap(place("enc-2"), anew).await.is_err(), "of another record");
        let genomic = KeyPlace { domain: "genomic".to_owned(), ..place("enc-2") };
        let refused = line.wrap(genomic, handed()).await.unwrap_err();
        assert!(matches!(refused, KeyRefusal::Refused { code, .. } if code == "key"));
        let nothing = Release {
            proof: String::new(),
            entry: String::new(),
            old: 0,
            consistency: Vec::new(),
            opening: Opening { salt: String::new(), records: Vec::new() },
            keys: Vec::new(),
        };
        let refused = line.release(&nothing).await.unwrap_err();
        assert!(matches!(refused, KeyRefusal::Refused { code, size: None, .. } if code == "malformed"));
    }
}
