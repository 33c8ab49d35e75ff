//! The name by which a peer is known: one entry of its certificate's subject alternative names.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use rustls::pki_types::DnsName;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// A name that a certificate is made out to: a DNS name, an IP address, or a URI such as `spiffe://tanba.example/keyd`. Compared as a whole; no
/// wildcard stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PeerName {
    /// A DNS name, in lower case.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// A URI, letter by letter.
    Uri(String),
}

/// What is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no name that a certificate is made out to: give a DNS name (keyd.example), an IP address or a URI (spiffe://example/keyd), without wildcards"
)]
pub struct NoName;

impl FromStr for PeerName {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        if let Ok(ip) = text.parse() {
            return Ok(Self::Ip(ip));
        }
        if let Some((scheme, rest)) = text.split_once(':') {
            let begins = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
            let plain = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
            // `keyd.example:8482` is an address with a port, and would never be met.
            let port = rest.chars().all(|c| c.is_ascii_digit());
            return (begins && plain && !port && text.chars().all(|c| c.is_ascii_graphic()))
                .then(|| Self::Uri(text.to_owned()))
                .ok_or(NoName);
        }
        match DnsName::try_from(text) {
            Ok(name) => Ok(Self::Dns(name.as_ref().to_ascii_lowercase())),
            Err(_) => Err(NoName),
        }
    }
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) | Self::Uri(name) => f.write_str(name),
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

/// The names that a certificate is made out to. Others than these kinds, and what is no name of its kind, it has for nothing.
pub(crate) fn names_of(certificate: &Certificate) -> Vec<PeerName> {
    let Ok(Some((_, names))) = certificate.tbs_certificate().get_extension::<SubjectAltName>() else {
        return Vec::new();
    };
    let name = |name: &GeneralName| match name {
        GeneralName::DnsName(name) => {
            name.as_str().parse().ok().filter(|name: &PeerName| matches!(name, PeerName::Dns(_)))
        }
        GeneralName::UniformResourceIdentifier(uri) => {
            uri.as_str().parse().ok().filter(|name: &PeerName| matches!(name, PeerName::Uri(_)))
        }
        GeneralName::IpAddress(octets) => {
            let octets = octets.as_bytes();
            let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok().map(PeerName::Ip)
        }
        _ => None,
    };
    names.0.iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_whole_one() {
        let name = |text: &str| text.parse::<PeerName>();
        assert_eq!(name("KeyD.Example"), Ok(PeerName::Dns("keyd.example".to_owned())));
        assert_eq!(name("10.0.0.7"), Ok(PeerName::Ip([10, 0, 0, 7].into())));
        assert_eq!(name("::1").unwrap().to_string(), "::1");
        assert_eq!(name("spiffe://tanba/keyd"), Ok(PeerName::Uri("spiffe://tanba/keyd".to_owned())));
        assert_eq!(name("urn:tanba:keyd").unwrap().to_string(), "urn:tanba:keyd");
        for wrong in ["", "*", "*.example", "keyd.example:8482", "a b", "urn:", "1urn:x", "spiffe://a b", "a..b"] {
            assert_eq!(name(wrong), Err(NoName), "{wrong}");
        }
    }
}
