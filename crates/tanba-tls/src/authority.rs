//! The authority of a small house: one root, which makes certificates that live for days, and tells which of them to believe no longer.
//!
//! A ministry has an authority of its own; this is for those who have none, and for tests.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SanType,
    SerialNumber,
};
use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use zeroize::Zeroizing;

use crate::name::PeerName;
use crate::params::{CLOCKS, DAY, ROOT_DAYS};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The key or a certificate could not be made.
    #[error("the certificate could not be made: {0}")]
    Making(#[from] rcgen::Error),
    /// The clock is not on a date that a certificate can have.
    #[error("the clock of this machine stands at no date that a certificate can have: set it")]
    Clock,
    /// A life of no length, or longer than the root's.
    #[error("a certificate lives one day at least, and no longer than the root: give another number of days")]
    Days,
    /// Nothing runs under this name.
    #[error("no certificate that has not ended is made out to this name: nothing was revoked")]
    NoneSuch,
}

/// A root, its key, and what it has made.
pub struct Authority {
    record: Record,
    key: KeyPair,
}

/// What an authority remembers. Nothing in it is secret.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    name: String,
    /// The root (PEM).
    root: String,
    root_ends: i64,
    lists: u64,
    /// Certificates that have not ended.
    made: Vec<Made>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    serial: Vec<u8>,
    names: Vec<String>,
    ends: i64,
    revoked: Option<i64>,
}

/// A certificate and its private key (PEM).
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: Zeroizing<String>,
    /// Its last second, POSIX.
    pub ends: i64,
}

impl Authority {
    /// A new root.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn found(name: &str, now: i64) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate()?;
        let mut params = root_params(name);
        params.not_before = at(now - CLOCKS)?;
        let root_ends = now + days(ROOT_DAYS);
        params.not_after = at(root_ends)?;
        let root = params.self_signed(&key)?.pem();
        let record = Record { name: name.to_owned(), root, root_ends, lists: 0, made: Vec::new() };
        Ok(Self { record, key })
    }

    /// An authority from what [`Authority::record`] and [`Authority::key`] gave; `None` where they are not that.
    pub fn open(record: &[u8], key: &str) -> Option<Self> {
        Some(Self { record: serde_json::from_slice(record).ok()?, key: KeyPair::from_pem(key).ok()? })
    }

    /// What it remembers.
    pub fn record(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(&self.record).expect("texts and numbers are JSON")
    }

    /// Its private key (PEM).
    pub fn key(&self) -> Zeroizing<String> {
        Zeroizing::new(self.key.serialize_pem())
    }

    /// Its root (PEM): what every service of the house believes.
    pub fn root(&self) -> &str {
        &self.record.root
    }

    /// A certificate for one service, with a new key. It is good for answering and for asking.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn issue(&mut self, names: &[PeerName], life_days: u64, now: i64) -> Result<Issued, AuthorityError> {
        let begins = now - CLOCKS;
        let ends = begins + days(life_days);
        if life_days == 0 || ends > self.record.root_ends {
            return Err(AuthorityError::Days);
        }
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.subject_alt_names = names.iter().map(san).collect::<Result<_, _>>()?;
        (params.not_before, params.not_after) = (at(begins)?, at(ends)?);
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer())?;
        self.record.made.retain(|made| made.ends >= now);
        let names = names.iter().map(PeerName::to_string).collect();
        self.record.made.push(Made { serial: serial(certificate.der()), names, ends, revoked: None });
        Ok(Issued { certificate: certificate.pem(), key: Zeroizing::new(key.serialize_pem()), ends })
    }

    /// Revokes every certificate that is made out to a name; how many.
    ///
    /// # Errors
    /// [`AuthorityError::NoneSuch`].
    pub fn revoke(&mut self, name: &PeerName, now: i64) -> Result<usize, AuthorityError> {
        let name = name.to_string();
        let mut revoked = 0;
        for made in &mut self.record.made {
            if made.ends >= now && made.revoked.is_none() && made.names.contains(&name) {
                made.revoked = Some(now);
                revoked += 1;
            }
        }
        if revoked == 0 { Err(AuthorityError::NoneSuch) } else { Ok(revoked) }
    }

    /// A new list of what is revoked (PEM), in force for some days.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn list(&mut self, life_days: u64, now: i64) -> Result<String, AuthorityError> {
        let ends = now - CLOCKS + days(life_days);
        if life_days == 0 {
            return Err(AuthorityError::Days);
        }
        self.record.lists += 1;
        let mut revoked_certs = Vec::new();
        for made in &self.record.made {
            if let Some(revoked) = made.revoked {
                revoked_certs.push(RevokedCertParams {
                    serial_number: SerialNumber::from_slice(&made.serial),
                    revocation_time: at(revoked)?,
                    reason_code: None,
                    invalidity_date: None,
                });
            }
        }
        let params = CertificateRevocationListParams {
            this_update: at(now - CLOCKS)?,
            next_update: at(ends)?,
            crl_number: SerialNumber::from(self.record.lists),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(params.signed_by(&self.issuer())?.pem()?)
    }

    fn issuer(&self) -> Issuer<'static, &KeyPair> {
        Issuer::new(root_params(&self.record.name), &self.key)
    }
}

fn root_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn san(name: &PeerName) -> Result<SanType, rcgen::Error> {
    Ok(match name {
        PeerName::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
        PeerName::Uri(uri) => SanType::URI(uri.as_str().try_into()?),
        PeerName::Ip(ip) => SanType::IpAddress(*ip),
    })
}

/// The serial number that rcgen has chosen, from the new key.
fn serial(certificate: &CertificateDer<'_>) -> Vec<u8> {
    let certificate = Certificate::from_der(certificate).expect("what was made is a certificate");
    certificate.tbs_certificate().serial_number().as_bytes().to_vec()
}

fn at(seconds: i64) -> Result<OffsetDateTime, AuthorityError> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| AuthorityError::Clock)
}

fn days(days: u64) -> i64 {
    i64::try_from(days.saturating_mul(DAY)).unwrap_or(i64::MAX / 2)
}
