//! The smallest HTTP client: one request on a connection of its own, to a witness, to the key process, to a messaging service or to the national sign-in.

use std::io;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use axum::http::response::Parts;
use axum::http::{Request, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tanba_registry::{Posted, WitnessLine};
use tanba_tls::{PeerName, Tls};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// The longest answer read, bytes.
const MAX_ANSWER: usize = 1 << 20;

/// A connection, over TLS or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Witnesses over HTTP. Both sides of what is said there are signed, so nothing is lost without TLS but confidentiality, and
/// nothing is confidential.
pub(crate) struct Outward(pub(crate) Option<Arc<Tls>>);

impl WitnessLine for Outward {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>) -> Posted<'a> {
        Box::pin(async move {
            let uri: Uri = url.parse().map_err(io::Error::other)?;
            let stream = open(&uri, self.0.as_deref(), None).await.map_err(|error| told(&error))?;
            send(stream, "POST", &uri, body, self.0.as_deref()).await.map_err(|error| told(&error))
        })
    }
}

/// The whole chain: whoever writes it down sees the outermost error alone.
fn told(error: &anyhow::Error) -> io::Error {
    io::Error::other(format!("{error:#}"))
}

/// Whether an address can be spoken to, so that it is said at the start and not in the middle of a night.
pub(crate) fn check_address(url: &str, tls: Option<&Tls>) -> anyhow::Result<()> {
    let uri: Uri = url.parse().with_context(|| format!("{url} is no address"))?;
    let address = address(&uri)?;
    if address.tls && tls.is_none() {
        bail!("{uri} speaks TLS: name the folder with the roots of the house with --tls");
    }
    if address.tls { host_name(&address).map(drop) } else { Ok(()) }
}

/// Where an address leads.
pub(crate) struct Address<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

/// What an address says that can be spoken to.
pub(crate) fn address(uri: &Uri) -> anyhow::Result<Address<'_>> {
    let host = uri.host().filter(|host| !host.is_empty()).with_context(|| format!("{uri} names no host"))?;
    let (tls, port) = match uri.scheme_str() {
        Some("http") => (false, 80),
        Some("https") => (true, 443),
        _ => bail!("{uri}: an address begins with http:// or https://"),
    };
    Ok(Address { host: host.trim_matches(['[', ']']), port: uri.port_u16().unwrap_or(port), tls })
}

/// The name that a certificate must have, where the configuration gives no other: the host's.
pub(crate) fn host_name(address: &Address<'_>) -> anyhow::Result<PeerName> {
    address.host.parse().with_context(|| address.host.to_owned())
}

/// A connection to an address, by TLS to whoever has `name` (or the host's) where it is an https one.
pub(crate) async fn open(uri: &Uri, tls: Option<&Tls>, name: Option<&PeerName>) -> anyhow::Result<Box<dyn Stream>> {
    let address = address(uri)?;
    if !address.tls {
        return Ok(Box::new(TcpStream::connect((address.host, address.port)).await?));
    }
    let tls =
        tls.with_context(|| format!("{uri} speaks TLS: name the folder with the roots of the house with --tls"))?;
    let of_host;
    let name = match name {
        Some(name) => name,
        None => {
            of_host = host_name(&address)?;
            &of_host
        }
    };
    Ok(Box::new(tls.connect(address.host, address.port, name).await?))
}

/// One request; the status and the body of the answer.
pub(crate) async fn send(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    method: &str,
    uri: &Uri,
    body: Vec<u8>,
    tls: Option<&Tls>,
) -> anyhow::Result<(u16, Vec<u8>)> {
    let request = Request::builder()
        .method(method)
        .uri(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, uri.authority().map_or("localhost", |authority| authority.as_str()))
        .body(Full::new(Bytes::from(body)))?;
    exchange(stream, request, tls).await
}

/// The same with a request that is made already. `tls` is told where the other side does not believe this one.
pub(crate) async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
    tls: Option<&Tls>,
) -> anyhow::Result<(u16, Vec<u8>)> {
    let (head, body) = answered(stream, request, tls).await?;
    Ok((head.status.as_u16(), body))
}

/// The same with the whole head of the answer.
pub(crate) async fn answered(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
    tls: Option<&Tls>,
) -> anyhow::Result<(Parts, Vec<u8>)> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // Queued before the connection is driven: what the other side says at once is then told as the answer, and not lost with the connection.
    let answer = sender.send_request(request);
    let driver = tokio::spawn(connection);
    // Whether the other side believes this one's certificate is told with its first answer.
    let answer = answer.await.map_err(|error| match tls.and_then(|tls| tls.refused_by_peer(&error)) {
        Some(why) => anyhow!("{why}"),
        None => error.into(),
    })?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await;
    driver.abort();
    let body = body.map_err(|error| anyhow::anyhow!("the answer could not be read: {error}"))?;
    Ok((head, body.to_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use tokio::io::ReadBuf;

    use super::*;

    /// A connection whose other side has ended it, saying why, before anything was asked.
    struct Ended;

    impl AsyncRead for Ended {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::Error::other("the other side says why")))
        }
    }

    impl AsyncWrite for Ended {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// However the threads come about: which of them is first is a matter of chance, so it is asked often.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_the_other_side_says_before_it_is_asked_is_not_lost() {
        for _ in 0..10_000 {
            let request = Request::builder().uri("/").body(Full::new(Bytes::new())).unwrap();
            let error = answered(Ended, request, None).await.unwrap_err();
            assert!(error.chain().any(|error| error.to_string() == "the other side says why"), "{error:?}");
        }
    }
}
