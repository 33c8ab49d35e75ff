//! The answering side: connections of those who have proved themselves, and of nobody else.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::pki_types::UnixTime;
use rustls::server::NoServerSessionStorage;
use rustls::sign::SingleCertAndKey;
use rustls::version::TLS13;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::call::handshake_error;
use crate::folder::Held;
use crate::house::{Expecting, provider};
use crate::name::PeerName;
use crate::params::{FAREWELL, FAREWELL_BYTES, FROM_ONE, HANDSHAKE, HANDSHAKES, LONGEST_CONNECTION, SESSIONS};
use crate::refusal::Refusal;
use crate::tls::Tls;

/// Who may ask.
#[derive(Debug, Clone)]
pub enum Clients {
    /// Anyone: the answers are public.
    Anyone,
    /// Whoever has a certificate of one of these names.
    Named(Vec<PeerName>),
}

/// A listener that gives out connections after their handshakes.
pub struct TlsListener {
    address: SocketAddr,
    sessions: mpsc::Receiver<(Session, SocketAddr)>,
    accepting: JoinHandle<()>,
}

impl TlsListener {
    /// Begins to accept. Handshakes go on beside each other, so that a slow one holds up nobody.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn start(tcp: TcpListener, tls: Arc<Tls>, clients: Clients) -> io::Result<Self> {
        let address = tcp.local_addr()?;
        let (give, sessions) = mpsc::channel(1);
        let door = Arc::new(Door {
            tls,
            clients,
            shaking: Arc::new(Semaphore::new(HANDSHAKES)),
            from: Mutex::default(),
            seats: Arc::new(Semaphore::new(SESSIONS)),
        });
        Ok(Self { address, sessions, accepting: tokio::spawn(accept(tcp, door, give)) })
    }
}

impl Listener for TlsListener {
    type Io = Session;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Session, SocketAddr) {
        match self.sessions.recv().await {
            Some(session) => session,
            // The task ends with this listener and not before.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

struct Door {
    tls: Arc<Tls>,
    clients: Clients,
    shaking: Arc<Semaphore>,
    from: Mutex<HashMap<IpAddr, usize>>,
    seats: Arc<Semaphore>,
}

async fn accept(tcp: TcpListener, door: Arc<Door>, give: mpsc::Sender<(Session, SocketAddr)>) {
    loop {
        let (stream, address) = match tcp.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Of one connection that went away, or of all: no more descriptors. The latter passes, and not by asking at once.
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection was not accepted");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(place) = Place::take(&door, address.ip()) else {
            door.tls.refuse(&Refusal::TooMany);
            continue;
        };
        let (door, give) = (Arc::clone(&door), give.clone());
        tokio::spawn(async move {
            let until = Instant::now() + LONGEST_CONNECTION;
            let shaken = door.shake(stream).await;
            match shaken {
                Ok((stream, seat)) => {
                    // Whoever has proved themselves may have as many as there are; a stranger may not.
                    let place = matches!(door.clients, Clients::Anyone).then_some(place);
                    let until = Box::pin(sleep_until(until));
                    let session = Session { stream, until, _seat: seat, _place: place };
                    let _ = give.send((session, address)).await;
                }
                Err((why, stream)) => {
                    door.tls.refuse(&why);
                    if let Some(stream) = stream {
                        farewell(stream).await;
                    }
                }
            }
        });
    }
}

/// A handshake that goes on: one of all, and one of its address.
struct Place {
    door: Arc<Door>,
    from: IpAddr,
    _one: OwnedSemaphorePermit,
}

impl Place {
    fn take(door: &Arc<Door>, from: IpAddr) -> Option<Self> {
        let one = Arc::clone(&door.shaking).try_acquire_owned().ok()?;
        let mut counts = door.from.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(from).or_default();
        if *count >= FROM_ONE {
            return None;
        }
        *count += 1;
        Some(Self { door: Arc::clone(door), from, _one: one })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.door.from.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.from);
            }
        }
    }
}

impl Door {
    /// The connection after its handshake; or why not, and where that can still be read.
    async fn shake(
        &self,
        stream: TcpStream,
    ) -> Result<(TlsStream<TcpStream>, OwnedSemaphorePermit), (Refusal, Option<TcpStream>)> {
        let by = Instant::now() + HANDSHAKE;
        let refused = |why| (why, None);
        stream.set_nodelay(true).map_err(|_| refused(Refusal::Gone))?;
        let config = config(&self.tls.current(), &self.clients).map_err(refused)?;
        let shaking = TlsAcceptor::from(Arc::new(config)).accept(stream).into_fallible();
        let stream = match timeout_at(by, shaking).await {
            Err(_) => return Err(refused(Refusal::Slow)),
            Ok(Ok(stream)) => stream,
            Ok(Err((error, stream))) => {
                return Err((handshake_error(&error).map_or(Refusal::Gone, Refusal::of), Some(stream)));
            }
        };
        match Arc::clone(&self.seats).try_acquire_owned() {
            Ok(seat) => Ok((stream, seat)),
            Err(_) => Err(refused(Refusal::TooMany)),
        }
    }
}

/// Lets a refused peer read why: closing while bytes of it are unread would reset the connection, and take the alert with it.
async fn farewell(mut stream: TcpStream) {
    let by = Instant::now() + FAREWELL;
    let _ = timeout_at(by, async {
        stream.shutdown().await?;
        let mut rest = (&mut stream).take(FAREWELL_BYTES as u64);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
    })
    .await;
}

fn config(held: &Held, clients: &Clients) -> Result<ServerConfig, Refusal> {
    let own = held.own.as_ref().filter(|own| own.holds(UnixTime::now())).ok_or(Refusal::OwnEnded)?;
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(|_| Refusal::OldTls)?;
    let builder = match clients {
        Clients::Anyone => builder.with_no_client_auth(),
        Clients::Named(names) => {
            let expecting = Expecting { house: Arc::clone(&held.house), names: names.clone() };
            builder.with_client_cert_verifier(Arc::new(expecting))
        }
    };
    let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(&own.shown))));
    // A resumed session would not ask for the certificate again, and what is sent early could be sent twice.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    Ok(config)
}

/// A connection after its handshake. It ends [`LONGEST_CONNECTION`] after it began, whatever goes on in it: no certificate is believed
/// longer than that after its own end.
pub struct Session {
    stream: TlsStream<TcpStream>,
    until: Pin<Box<Sleep>>,
    _seat: OwnedSemaphorePermit,
    _place: Option<Place>,
}

impl Session {
    fn in_time(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.until.as_mut().poll(cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => Err(io::Error::new(io::ErrorKind::TimedOut, "no connection lasts longer")),
        }
    }
}

impl AsyncRead for Session {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.in_time(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Session {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.in_time(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.in_time(cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.in_time(cx)?;
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        Poll::Ready(Ok(()))
    }
}
