//! The asking side.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::sign::SingleCertAndKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, Error};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::folder::TlsError;
use crate::house::{Expecting, provider};
use crate::name::PeerName;
use crate::params::HANDSHAKE;
use crate::refusal::Refusal;
use crate::tls::Tls;

impl Tls {
    /// A connection to whoever has this name, at an address. Whether the peer believes this side shows in its first answer ([`Tls::refused_by_peer`]).
    ///
    /// # Errors
    /// [`TlsError::Away`] where nobody is there, [`TlsError::Refused`] where it is somebody else.
    pub async fn connect(&self, host: &str, port: u16, name: &PeerName) -> Result<TlsStream<TcpStream>, TlsError> {
        let at = format!("{host}:{port}");
        let away = |source| TlsError::Away { at: at.clone(), source };
        let refused = |why: Refusal| {
            self.refuse(&why);
            TlsError::Refused { at: at.clone(), why }
        };
        let held = self.current();
        let expecting = Expecting { house: Arc::clone(&held.house), names: vec![name.clone()] };
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])
            .map_err(|_| refused(Refusal::OldTls))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(expecting));
        let mut config = match &held.own {
            // It would only be refused, and say less clearly why.
            Some(own) if !own.holds(UnixTime::now()) => return Err(refused(Refusal::OwnEnded)),
            Some(own) => config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(&own.shown)))),
            None => config.with_no_client_auth(),
        };
        // A resumed session would not look at the certificate again.
        config.resumption = Resumption::disabled();
        let spelt = ServerName::try_from(host.to_owned())
            .map_err(|_| away(io::Error::new(io::ErrorKind::InvalidInput, "this is no host")))?;

        let connected = async {
            let stream = TcpStream::connect((host, port)).await.map_err(away)?;
            stream.set_nodelay(true).map_err(away)?;
            match TlsConnector::from(Arc::new(config)).connect(spelt, stream).await {
                Ok(stream) => Ok(stream),
                Err(error) => Err(match handshake_error(&error) {
                    Some(error) => refused(Refusal::of(error)),
                    None => away(error),
                }),
            }
        };
        timeout(HANDSHAKE, connected).await.unwrap_or_else(|_| Err(refused(Refusal::Slow)))
    }
}

impl Tls {
    /// Whether an exchange failed because the peer did not believe this side's certificate: it looks at it only after this side has finished the
    /// handshake, so it is told with the first answer. Written down and counted like a peer that this side refuses.
    pub fn refused_by_peer(&self, error: &(dyn StdError + 'static)) -> Option<Refusal> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(alert @ Error::AlertReceived(_)) = error.downcast_ref::<io::Error>().and_then(handshake_error) {
                let why = Refusal::of(alert);
                self.refuse(&why);
                return Some(why);
            }
            next = error.source();
        }
        None
    }
}

/// What TLS says within an error of a stream.
pub(crate) fn handshake_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}
