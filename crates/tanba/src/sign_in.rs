//! The provider of the national sign-in (docs/sign-in.md): the file that names it, and the line to it, by TLS 1.3 under named roots.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::http::{Request, Uri, header};
use figment::Figment;
use figment::providers::{Format as _, Toml};
use http_body_util::Full;
use hyper::body::Bytes;
use ring::rand::SystemRandom;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use tanba_law::Text;
use tanba_registry::{
    NationalProvider, ProviderAnswer, ProviderAsk, ProviderCredential, ProviderLine, ProviderSaid, Registry,
};
use tanba_seal::openid::{ClientAlgorithm, ClientKey};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use crate::http::answered;

/// How long the provider has for one answer. Somebody waits before an empty page meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where people come back to, below the address that they know the service by.
const RETURN: &str = "/sign-in/national/return";

/// The file of `--sign-in`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    name: Text,
    issuer: String,
    #[serde(default)]
    hosts: BTreeSet<String>,
    client: String,
    #[serde(default)]
    client_key: Option<PathBuf>,
    #[serde(default)]
    client_key_id: Option<String>,
    #[serde(default)]
    client_algorithm: Option<String>,
    #[serde(default)]
    client_secret: Option<PathBuf>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    acr: Vec<String>,
    number_claim: String,
    #[serde(default)]
    max_age: Option<u32>,
    #[serde(default)]
    roots: Option<PathBuf>,
}

/// The provider that a file names, and the line to it.
pub(crate) struct SignIn {
    provider: NationalProvider,
    line: Arc<HttpsProvider>,
}

impl SignIn {
    /// Reads the file, and what it names; paths are from its folder. `public_url` is the address that people know the service by.
    pub(crate) fn read(file: &Path, public_url: Option<&str>) -> anyhow::Result<Self> {
        let Some(public_url) = public_url else {
            bail!("people come back to the address that they know the service by: name it with --public-url");
        };
        let public_url = public_url.trim_end_matches('/');
        let text = std::fs::read_to_string(file)?;
        let settings: Settings = Figment::from(Toml::string(&text)).extract()?;
        let at = |path: &Path| file.parent().unwrap_or(Path::new(".")).join(path);
        let roots = match &settings.roots {
            Some(path) => std::fs::read(at(path)).with_context(|| format!("the roots in {}", at(path).display()))?,
            None if settings.issuer.starts_with("https://") => {
                bail!(
                    "roots: name the file (PEM) of the authorities that may certify the provider; the system's are not asked"
                )
            }
            None => Vec::new(),
        };
        let credential = match (&settings.client_key, &settings.client_secret) {
            (Some(path), None) => ProviderCredential::Key(Box::new(client_key(&at(path), &settings)?)),
            (None, Some(path)) => {
                let secret = String::from_utf8(kept_secret(&at(path))?.to_vec()).ok();
                let secret = secret.map(|secret| Zeroizing::new(secret.trim().to_owned())).filter(|s| !s.is_empty());
                ProviderCredential::Secret(
                    secret.context("client_secret: the file holds no text: put the secret there")?,
                )
            }
            _ => bail!(
                "the provider knows the service by one thing: name client_key, a file with a key, or client_secret"
            ),
        };
        let provider = NationalProvider {
            name: settings.name,
            issuer: settings.issuer,
            hosts: settings.hosts,
            client: settings.client,
            credential,
            scopes: settings.scopes,
            acr: settings.acr,
            number_claim: settings.number_claim,
            max_age: settings.max_age,
            redirect: format!("{public_url}{RETURN}"),
            signed_out: format!("{public_url}/"),
        };
        Ok(Self { provider, line: Arc::new(HttpsProvider::new(&roots, PATIENCE)?) })
    }

    /// Has a register let people in by it.
    pub(crate) fn connect(self, registry: &Registry) -> anyhow::Result<()> {
        Ok(registry.use_national_sign_in(self.provider, self.line)?)
    }
}

/// The service's own key.
fn client_key(path: &Path, settings: &Settings) -> anyhow::Result<ClientKey> {
    let algorithm = match settings.client_algorithm.as_deref() {
        None | Some("ES256") => ClientAlgorithm::Es256,
        Some("RS256") => ClientAlgorithm::Rs256,
        Some("PS256") => ClientAlgorithm::Ps256,
        Some(_) => bail!("client_algorithm is ES256, RS256 or PS256"),
    };
    let pem = kept_secret(path)?;
    let key = PrivatePkcs8KeyDer::from_pem_slice(&pem)
        .with_context(|| format!("{} holds no PKCS #8 key in PEM (BEGIN PRIVATE KEY)", path.display()))?;
    let key = ClientKey::read(key.secret_pkcs8_der(), algorithm, settings.client_key_id.clone(), &SystemRandom::new());
    key.with_context(|| path.display().to_string())
}

/// A file that only this program's user may read.
fn kept_secret(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let open = || {
        let file = std::fs::File::open(path)?;
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions());
        io::Result::Ok((file, mode))
    };
    let (mut file, mode) = open().with_context(|| path.display().to_string())?;
    if mode & 0o077 != 0 {
        bail!("others on this machine can read {0}: chmod 600 {0}", path.display());
    }
    let mut read = Zeroizing::new(Vec::new());
    io::Read::read_to_end(&mut file, &mut read).with_context(|| path.display().to_string())?;
    Ok(read)
}

/// The line to the provider. One connection for each request, no redirects.
struct HttpsProvider {
    tls: TlsConnector,
    patience: Duration,
}

impl HttpsProvider {
    fn new(roots: &[u8], patience: Duration) -> anyhow::Result<Self> {
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(roots) {
            store.add(certificate.context("roots: a certificate cannot be read")?).context("roots")?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(store)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), patience })
    }

    async fn exchange(&self, ask: ProviderAsk<'_>) -> anyhow::Result<ProviderSaid> {
        // Where it may be is decided already: the registry asks no address that is not on a host of the provider's.
        let uri: Uri = ask.url.parse().context("this is no address")?;
        let host = uri.host().context("this address names no host")?.trim_matches(['[', ']']).to_owned();
        let encrypted = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let request = Request::builder()
            .method(if ask.form.is_some() { "POST" } else { "GET" })
            .uri(uri.path_and_query().map_or("/", |path| path.as_str()))
            .header(header::HOST, uri.authority().map_or("", |authority| authority.as_str()))
            .header(header::ACCEPT, "application/json, application/jwt");
        let request = match &ask.authorization {
            Some(told) => request.header(header::AUTHORIZATION, told.as_str()),
            None => request,
        };
        let request = match ask.form {
            Some(form) => request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Full::new(Bytes::from(form.as_bytes().to_vec())))?,
            None => request.body(Full::new(Bytes::new()))?,
        };
        let stream = TcpStream::connect((host.as_str(), port)).await?;
        let (head, body) = if encrypted {
            let name = ServerName::try_from(host)?;
            answered(self.tls.connect(name, stream).await?, request, None).await?
        } else {
            answered(stream, request, None).await?
        };
        let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        Ok(ProviderSaid { status: head.status.as_u16(), content_type: kind.to_owned(), body })
    }
}

impl ProviderLine for HttpsProvider {
    fn ask<'a>(&'a self, ask: ProviderAsk<'a>) -> ProviderAnswer<'a> {
        Box::pin(async move {
            match tokio::time::timeout(self.patience, self.exchange(ask)).await {
                Ok(said) => said.map_err(|error| io::Error::other(format!("{error:#}"))),
                Err(_) => Err(io::Error::other("no answer in time")),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use rustls::ServerConfig;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// Longer than a busy machine takes; a test waits for all of it only where it fails.
    const LONG: Duration = Duration::from_secs(120);

    /// A provider that answers each request with these bytes, or not at all; its address and its root.
    async fn provider(answer: Option<Vec<u8>>) -> (String, String) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .unwrap();
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let url = format!("https://localhost:{}/x", listener.local_addr().unwrap().port());
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked).await;
                match &answer {
                    Some(bytes) => {
                        let _ = stream.write_all(bytes).await;
                        let _ = stream.shutdown().await;
                    }
                    None => waiting.push(stream),
                }
            }
        });
        (url, made.cert.pem())
    }

    async fn ask(url: &str, roots: &str, patience: Duration) -> io::Result<ProviderSaid> {
        let line = HttpsProvider::new(roots.as_bytes(), patience).unwrap();
        line.ask(ProviderAsk { url, form: None, authorization: None }).await
    }

    fn http(status: &str, head: &str, body: &[u8]) -> Option<Vec<u8>> {
        let head = format!("HTTP/1.1 {status}\r\n{head}Content-Length: {}\r\n\r\n", body.len());
        Some([head.as_bytes(), body].concat())
    }

    #[tokio::test]
    async fn control_f9_the_line_to_the_provider_is_under_named_roots_bounded_and_follows_nobody() {
        let (url, root) = provider(http("200 OK", "Content-Type: application/jwt\r\n", b"{}")).await;
        let said = ask(&url, &root, LONG).await.unwrap();
        assert_eq!(
            (said.status, said.content_type.as_str(), said.body.as_slice()),
            (200, "application/jwt", &b"{}"[..])
        );
        let (_, another) = provider(None).await;
        assert!(ask(&url, &another, LONG).await.is_err(), "another authority");
        assert!(ask(&url, "", LONG).await.is_err(), "none, and not the system's");
        assert!(ask(&url.replace("localhost", "127.0.0.1"), &root, LONG).await.is_err(), "another name");
        assert!(ask(&url.replace("https", "http"), &root, LONG).await.is_err(), "without TLS");
        let (elsewhere, _) = provider(http("200 OK", "", b"{}")).await;
        let (url, root) = provider(http("302 Found", &format!("Location: {elsewhere}\r\n"), b"")).await;
        assert_eq!(ask(&url, &root, LONG).await.unwrap().status, 302);
        let (url, root) = provider(http("200 OK", "", &vec![b' '; 2 << 20])).await;
        assert!(ask(&url, &root, LONG).await.is_err(), "too large");
        let (url, root) = provider(Some(vec![0; 4096])).await;
        assert!(ask(&url, &root, LONG).await.is_err(), "no HTTP");
        let (url, root) = provider(None).await;
        assert!(ask(&url, &root, Duration::from_millis(50)).await.is_err(), "no answer");
    }

    #[test]
    fn a_file_that_lacks_something_says_what() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8], mode: u32| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            path
        };
        file("open", b"secret", 0o644);
        file("secret", b"secret\n", 0o600);
        file("empty", b"", 0o600);
        file("roots.pem", b"", 0o644);
        const BEGIN: &str = "name = { kk = \"A\", ru = \"B\", en = \"C\" }\nissuer = \"https://id.test\"\nclient = \"tanba\"\nnumber_claim = \"iin\"\n";
        let read = |more: &str| {
            let path = file("sign-in.toml", format!("{BEGIN}{more}\n").as_bytes(), 0o644);
            SignIn::read(&path, Some("https://tanba.test")).map_err(|error| format!("{error:#}"))
        };
        let good = read("roots = \"roots.pem\"\nclient_secret = \"secret\"").ok().unwrap().provider;
        assert_eq!(good.redirect, "https://tanba.test/sign-in/national/return");
        for (more, told) in [
            ("client_secret = \"secret\"", "roots"),
            ("roots = \"roots.pem\"", "client_key"),
            ("roots = \"roots.pem\"\nclient_secret = \"secret\"\nclient_key = \"secret\"", "one thing"),
            ("roots = \"roots.pem\"\nclient_secret = \"open\"", "chmod 600"),
            ("roots = \"roots.pem\"\nclient_secret = \"empty\"", "put the secret there"),
            ("roots = \"roots.pem\"\nclient_key = \"secret\"", "BEGIN PRIVATE KEY"),
            ("roots = \"roots.pem\"\nclient_key = \"secret\"\nclient_algorithm = \"HS256\"", "ES256"),
            ("roots = \"roots.pem\"\nclient_secret = \"nowhere\"", "nowhere"),
            ("client_sercet = \"secret\"", "client_sercet"),
        ] {
            let refused = read(more).err().unwrap();
            assert!(refused.contains(told) && !refused.contains("secret\n"), "{more}: {refused}");
        }
        assert!(SignIn::read(&dir.path().join("sign-in.toml"), None).is_err());
    }
}
