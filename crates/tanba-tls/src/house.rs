//! Whom a service believes: one check for those who ask and those who answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, SignatureScheme};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, RevocationCheckDepth, RevocationOptionsBuilder,
    UnknownStatusPolicy,
};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::name::{PeerName, names_of};
use crate::refusal::Refusal;

/// What a certificate is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Answering (`id-kp-serverAuth`).
    Answering,
    /// Asking (`id-kp-clientAuth`).
    Asking,
}

/// The roots of a house, and what it has revoked.
pub(crate) struct House {
    roots: Vec<TrustAnchor<'static>>,
    lists: Vec<CertRevocationList<'static>>,
    longest: Duration,
}

impl House {
    /// A house of these roots and lists, in which certificates live `longest` at most.
    pub(crate) fn new(
        roots: Vec<TrustAnchor<'static>>,
        lists: Vec<CertRevocationList<'static>>,
        longest: Duration,
    ) -> Self {
        Self { roots, lists, longest }
    }

    /// Whether a certificate is believed at a moment. Its names count after everything else, so that a name that is told is one that a root
    /// of the house has vouched for. `expected` is empty where any of the house may be there.
    ///
    /// # Errors
    /// The first reason not to.
    pub(crate) fn check(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
        used_for: Use,
        expected: &[PeerName],
    ) -> Result<(), Refusal> {
        let lists: Vec<&CertRevocationList<'_>> = self.lists.iter().collect();
        // Each certificate of the chain, not the last one alone; a list that says nothing of it, or that has ended, is as bad as one that
        // names it: whoever can hold back a list would otherwise undo a revocation.
        let revocation = RevocationOptionsBuilder::new(&lists)
            .map_err(|_| Refusal::NoList)?
            .with_depth(RevocationCheckDepth::Chain)
            .with_status_policy(UnknownStatusPolicy::Deny)
            .with_expiration_policy(ExpirationPolicy::Enforce)
            .build();
        let usage = match used_for {
            Use::Answering => KeyUsage::server_auth(),
            Use::Asking => KeyUsage::client_auth(),
        };
        let end = EndEntityCert::try_from(certificate).map_err(|error| told(&error))?;
        let algorithms = provider().signature_verification_algorithms.all;
        end.verify_for_usage(algorithms, &self.roots, between, now, usage, Some(revocation), None)
            .map_err(|error| told(&error))?;

        let parsed = Certificate::from_der(certificate).map_err(|_| Refusal::Unfit { what: "it is damaged" })?;
        let life = life(&parsed);
        if life.lives() > self.longest {
            return Err(Refusal::TooLong { lives: life.lives().as_secs(), most: self.longest.as_secs() });
        }
        let names = names_of(&parsed);
        if expected.is_empty() || names.iter().any(|name| expected.contains(name)) {
            return Ok(());
        }
        let list = |names: &[PeerName]| names.iter().map(PeerName::to_string).collect::<Vec<_>>().join(", ");
        let shown = if names.is_empty() { "nobody".to_owned() } else { list(&names) };
        Err(Refusal::OtherName { shown, expected: list(expected) })
    }
}

/// The first and the last second of a certificate, POSIX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) begins: Duration,
    pub(crate) ends: Duration,
}

impl Life {
    pub(crate) fn lives(self) -> Duration {
        self.ends.saturating_sub(self.begins)
    }
}

pub(crate) fn life(certificate: &Certificate) -> Life {
    let validity = certificate.tbs_certificate().validity();
    Life { begins: validity.not_before.to_unix_duration(), ends: validity.not_after.to_unix_duration() }
}

/// The cryptography of every connection.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: std::sync::LazyLock<Arc<CryptoProvider>> =
        std::sync::LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));
    Arc::clone(&PROVIDER)
}

fn told(error: &webpki::Error) -> Refusal {
    use webpki::Error as E;
    let unfit = |what| Refusal::Unfit { what };
    match error {
        E::CertExpired { .. } => Refusal::Expired,
        E::CertNotValidYet { .. } => Refusal::NotYet,
        E::CertRevoked => Refusal::Revoked,
        E::CrlExpired { .. } => Refusal::ListEnded,
        E::UnknownRevocationStatus => Refusal::NoList,
        E::UnknownIssuer | E::InvalidSignatureForPublicKey => Refusal::UnknownRoot,
        E::CaUsedAsEndEntity => unfit("it is an authority's own"),
        E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension => {
            unfit("it is made for the other side of a connection")
        }
        E::NameConstraintViolation => unfit("its authority may not give this name"),
        E::InvalidCrlSignatureForPublicKey | E::IssuerNotCrlSigner => {
            unfit("the list of revoked certificates is not its authority's")
        }
        _ => unfit("it is damaged, or of a kind that is not known here"),
    }
}

/// A check as a handshake asks for it: of a peer that must have one of these names.
pub(crate) struct Expecting {
    pub(crate) house: Arc<House>,
    pub(crate) names: Vec<PeerName>,
}

impl fmt::Debug for Expecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expecting").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Expecting {
    fn signed(
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &provider().signature_verification_algorithms)
    }
}

/// TLS 1.2 is not offered, so nothing asks for this.
fn not_1_2() -> Error {
    Error::PeerIncompatible(PeerIncompatible::Tls12NotOfferedOrEnabled)
}

impl ServerCertVerifier for Expecting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        // The name that counts is the configuration's; this one is how the address was spelt.
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.house
            .check(end_entity, intermediates, now, Use::Answering, &self.names)
            .map(|()| ServerCertVerified::assertion())
            .map_err(Refusal::into_rustls)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(not_1_2())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::signed(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for Expecting {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // Every service has one certificate: there is nothing to choose by hints, and strangers need not learn the roots.
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.house
            .check(end_entity, intermediates, now, Use::Asking, &self.names)
            .map(|()| ClientCertVerified::assertion())
            .map_err(Refusal::into_rustls)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(not_1_2())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::signed(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
