//! Why a peer was not believed.

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, OtherError, PeerIncompatible};

use crate::params::DAY;

/// Why a peer was not believed. What strangers send is never in it; names are, once a root of the house has vouched for them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It showed no certificate.
    #[error("it showed no certificate: start it with the folder of its own")]
    NoCertificate,
    /// Its certificate has ended.
    #[error("its certificate has ended: give it a new one (and compare the clocks of both machines)")]
    Expired,
    /// Its certificate has not begun.
    #[error("its certificate has not begun yet: compare the clocks of both machines")]
    NotYet,
    /// It is on a list.
    #[error("its certificate is revoked")]
    Revoked,
    /// The list that should tell has ended.
    #[error("the list of revoked certificates has ended, so nobody knows: put a new one into the folder")]
    ListEnded,
    /// No list tells.
    #[error("no list of revoked certificates of its authority is in the folder, so nobody knows: put it there")]
    NoList,
    /// No root of the house stands behind it.
    #[error("no root of this house stands behind its certificate")]
    UnknownRoot,
    /// It is made out to somebody else.
    #[error("its certificate is made out to {shown}, and this place is for {expected}")]
    OtherName {
        /// Its names.
        shown: String,
        /// The names that are believed here.
        expected: String,
    },
    /// It lives too long to be a short-lived one.
    #[error("its certificate lives {} days, and {} is the most that is believed here: have shorter ones made", days(*lives), days(*most))]
    TooLong {
        /// Its life, seconds.
        lives: u64,
        /// The most, seconds.
        most: u64,
    },
    /// It is a certificate for something else, or damaged.
    #[error("its certificate cannot be used for this: {what}")]
    Unfit {
        /// What is wrong, in fixed words.
        what: &'static str,
    },
    /// Its private key is another one.
    #[error("it does not hold the private key of its certificate")]
    NotItsKey,
    /// It speaks no TLS.
    #[error("it does not speak TLS: give it an https address")]
    NotTls,
    /// It speaks an older TLS, or none of the ciphers.
    #[error("it does not speak TLS 1.3")]
    OldTls,
    /// It did not finish.
    #[error("it did not finish the handshake in time")]
    Slow,
    /// It went away in the middle.
    #[error("it went away during the handshake")]
    Gone,
    /// It does not believe this side.
    #[error("it does not believe the certificate of this service ({0}): its own log says why")]
    ByPeer(&'static str),
    /// Too many at once.
    #[error("there are too many connections")]
    TooMany,
    /// This side cannot prove itself.
    #[error("this service's own certificate has ended: put a new one into the folder")]
    OwnEnded,
    /// Anything else that breaks the protocol.
    #[error("it broke the protocol")]
    Protocol,
}

fn days(seconds: u64) -> String {
    let tenths = seconds.saturating_mul(10).div_ceil(DAY);
    if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

impl Refusal {
    /// A word for metrics and scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoCertificate => "no_certificate",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::Revoked => "revoked",
            Self::ListEnded => "list_ended",
            Self::NoList => "no_list",
            Self::UnknownRoot => "unknown_root",
            Self::OtherName { .. } => "other_name",
            Self::TooLong { .. } => "too_long",
            Self::Unfit { .. } => "unfit",
            Self::NotItsKey => "not_its_key",
            Self::NotTls => "not_tls",
            Self::OldTls => "old_tls",
            Self::Slow => "slow",
            Self::Gone => "gone",
            Self::ByPeer(_) => "by_peer",
            Self::TooMany => "too_many",
            Self::OwnEnded => "own_ended",
            Self::Protocol => "protocol",
        }
    }

    /// What the handshake is told. The peer gets the alert that stands for it.
    pub(crate) fn into_rustls(self) -> Error {
        Error::InvalidCertificate(match self {
            Self::Expired => CertificateError::Expired,
            Self::NotYet => CertificateError::NotValidYet,
            Self::Revoked => CertificateError::Revoked,
            Self::UnknownRoot => CertificateError::UnknownIssuer,
            other => CertificateError::Other(OtherError(std::sync::Arc::new(other))),
        })
    }

    /// Why a handshake failed.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::NoCertificatesPresented => Self::NoCertificate,
            Error::InvalidCertificate(CertificateError::Expired) => Self::Expired,
            Error::InvalidCertificate(CertificateError::NotValidYet) => Self::NotYet,
            Error::InvalidCertificate(CertificateError::Revoked) => Self::Revoked,
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => Self::UnknownRoot,
            Error::InvalidCertificate(CertificateError::BadSignature) => Self::NotItsKey,
            Error::InvalidCertificate(CertificateError::Other(OtherError(error))) => {
                error.downcast_ref::<Self>().cloned().unwrap_or(Self::Protocol)
            }
            Error::InvalidCertificate(_) => Self::Unfit { what: "it is damaged" },
            Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
                Self::NotTls
            }
            Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::SupportedVersionsExtensionRequired
                | PeerIncompatible::Tls12NotOffered
                | PeerIncompatible::Tls12NotOfferedOrEnabled
                | PeerIncompatible::Tls13RequiredForQuic
                | PeerIncompatible::NoCipherSuitesInCommon
                | PeerIncompatible::NoKxGroupsInCommon,
            ) => Self::OldTls,
            Error::AlertReceived(AlertDescription::ProtocolVersion) => Self::OldTls,
            Error::AlertReceived(alert) => Self::ByPeer(alert_word(*alert)),
            _ => Self::Protocol,
        }
    }
}

/// An alert about a certificate, in words.
fn alert_word(alert: AlertDescription) -> &'static str {
    match alert {
        AlertDescription::CertificateExpired => "it has ended or not begun",
        AlertDescription::CertificateRevoked => "it is revoked",
        AlertDescription::UnknownCA => "no root of the other house stands behind it",
        AlertDescription::CertificateRequired => "none was shown",
        AlertDescription::BadCertificate | AlertDescription::UnsupportedCertificate => "it is unfit",
        AlertDescription::CertificateUnknown => "its name, its life or its list",
        _ => "no reason given",
    }
}
