//! The smallest HTTP client: one request on a connection of its own, to a witness, to the key process, to a messaging service or to the national sign-in.

use std::io;

use anyhow::{Context, bail};
use axum::http::response::Parts;
use axum::http::{Request, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tanba_registry::{Posted, WitnessLine};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// The longest answer read, bytes.
const MAX_ANSWER: usize = 1 << 20;

/// Witnesses over plain HTTP. Both sides of what is said there are signed, so nothing is lost but confidentiality, and
/// nothing is confidential.
pub(crate) struct PlainHttp;

impl WitnessLine for PlainHttp {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>) -> Posted<'a> {
        Box::pin(async move {
            let uri: Uri = url.parse().map_err(io::Error::other)?;
            let (host, port) = address(&uri).map_err(io::Error::other)?;
            let stream = TcpStream::connect((host, port)).await?;
            send(stream, "POST", &uri, body).await.map_err(io::Error::other)
        })
    }
}

/// Whether an address can be spoken to, so that it is said at the start and not in the middle of a night.
pub(crate) fn check_address(url: &str) -> anyhow::Result<()> {
    address(&url.parse().with_context(|| format!("{url} is no address"))?).map(drop)
}

/// Host and port of an address that can be spoken to.
pub(crate) fn address(uri: &Uri) -> anyhow::Result<(&str, u16)> {
    let host = uri.host().with_context(|| format!("{uri} names no host"))?;
    if uri.scheme_str() != Some("http") {
        bail!("{uri}: others are spoken to in plain HTTP; put a proxy that speaks TLS before a distant one");
    }
    Ok((host.trim_matches(['[', ']']), uri.port_u16().unwrap_or(80)))
}

/// One request; the status and the body of the answer.
pub(crate) async fn send(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    method: &str,
    uri: &Uri,
    body: Vec<u8>,
) -> anyhow::Result<(u16, Vec<u8>)> {
    let request = Request::builder()
        .method(method)
        .uri(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, uri.authority().map_or("localhost", |authority| authority.as_str()))
        .body(Full::new(Bytes::from(body)))?;
    exchange(stream, request).await
}

/// The same with a request that is made already.
pub(crate) async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> anyhow::Result<(u16, Vec<u8>)> {
    let (head, body) = answered(stream, request).await?;
    Ok((head.status.as_u16(), body))
}

/// The same with the whole head of the answer.
pub(crate) async fn answered(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> anyhow::Result<(Parts, Vec<u8>)> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await;
    driver.abort();
    let body = body.map_err(|error| anyhow::anyhow!("the answer could not be read: {error}"))?;
    Ok((head, body.to_bytes().to_vec()))
}
