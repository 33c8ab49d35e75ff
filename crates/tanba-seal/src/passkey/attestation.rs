//! What is asked of a new key's origin, and the attestation object in which it is told (sections 6.5 and 8).

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use ciborium::Value;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::cbor::{take, whole, whole_map};
use super::chain;
use super::error::PasskeyError;
use super::public_key::ES256;

/// The model of an authenticator, by its maker's number (an AAGUID: 16 octets, written as a UUID).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aaguid(pub [u8; 16]);

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, octet) in self.0.iter().enumerate() {
            let hyphen = if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{hyphen}{octet:02x}")?;
        }
        Ok(())
    }
}

/// The text names no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a model of security keys is named by its AAGUID: 32 hexadecimal digits, with hyphens as in a UUID")]
pub struct BadAaguid;

impl FromStr for Aaguid {
    type Err = BadAaguid;

    fn from_str(text: &str) -> Result<Self, BadAaguid> {
        let digits: Vec<u8> = text.bytes().filter(|b| *b != b'-').collect();
        let mut octets = [0; 16];
        if digits.len() != 32 {
            return Err(BadAaguid);
        }
        for (octet, pair) in octets.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |d: u8| char::from(d).to_digit(16).and_then(|d| u8::try_from(d).ok()).ok_or(BadAaguid);
            *octet = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        let read = Self(octets);
        // Hyphens elsewhere, or capitals that were not meant: one form only.
        if read.to_string() == text.to_ascii_lowercase() { Ok(read) } else { Err(BadAaguid) }
    }
}

/// What is asked of a new key's origin.
#[derive(Debug, Clone)]
pub enum Attestation {
    /// Nothing: keys in software and keys that are copied between devices are taken too. For demonstrations.
    Any,
    /// Hardware of named makers.
    Hardware(HardwareOnly),
}

/// Whose hardware is taken.
#[derive(Debug, Clone)]
pub struct HardwareOnly {
    pub(super) anchors: Vec<Certificate>,
    pub(super) models: BTreeSet<Aaguid>,
}

/// A certificate that cannot be an anchor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("certificate {number} is no X.509 certificate in DER: export it anew")]
pub struct BadAnchor {
    /// Which one, from 1.
    pub number: usize,
}

impl HardwareOnly {
    /// From certificates in DER (roots, intermediates or those of a batch of keys) and the models that are taken. Without an
    /// anchor, and without a model, no key is taken.
    ///
    /// # Errors
    /// A certificate that cannot be read.
    pub fn new<'a>(
        anchors: impl IntoIterator<Item = &'a [u8]>,
        models: impl IntoIterator<Item = Aaguid>,
    ) -> Result<Self, BadAnchor> {
        let read = |(i, der)| Certificate::from_der(der).map_err(|_| BadAnchor { number: i + 1 });
        Ok(Self {
            anchors: anchors.into_iter().enumerate().map(read).collect::<Result<_, _>>()?,
            models: models.into_iter().collect(),
        })
    }
}

/// An attestation object, taken apart.
pub(super) struct AttestationObject {
    pub(super) authenticator_data: Vec<u8>,
    statement: Statement,
}

enum Statement {
    None,
    Packed { algorithm: i128, signature: Vec<u8>, certificates: Vec<Vec<u8>> },
}

/// Reads an attestation object: the formats `none` and `packed`, and nothing in them beyond what these have.
pub(super) fn read(bytes: &[u8]) -> Result<AttestationObject, PasskeyError> {
    const WHAT: PasskeyError = PasskeyError::Unreadable("attestation");
    let mut object = whole_map(bytes, "attestation")?;
    let authenticator_data = take(&mut object, "authData").and_then(|v| v.into_bytes().ok()).ok_or(WHAT)?;
    let format = take(&mut object, "fmt").and_then(|v| v.into_text().ok()).ok_or(WHAT)?;
    let mut told = take(&mut object, "attStmt").and_then(|v| v.into_map().ok()).ok_or(WHAT)?;
    let statement = match format.as_str() {
        "none" => Statement::None,
        "packed" => {
            let algorithm = take(&mut told, "alg").as_ref().and_then(whole).ok_or(WHAT)?;
            let signature = take(&mut told, "sig").and_then(|v| v.into_bytes().ok()).ok_or(WHAT)?;
            let certificates = match take(&mut told, "x5c") {
                None => Vec::new(),
                Some(chain) => {
                    let chain = chain.into_array().map_err(|_| WHAT)?;
                    if chain.is_empty() {
                        return Err(WHAT);
                    }
                    chain.into_iter().map(Value::into_bytes).collect::<Result<_, _>>().map_err(|_| WHAT)?
                }
            };
            Statement::Packed { algorithm, signature, certificates }
        }
        // A format that is not read vouches for nothing.
        _ => return Err(PasskeyError::Unattested),
    };
    if object.is_empty() && told.is_empty() {
        Ok(AttestationObject { authenticator_data, statement })
    } else {
        Err(WHAT)
    }
}

impl AttestationObject {
    /// Whether the maker of hardware vouches for the key: `packed` with a chain (section 8.2), of an allowed model.
    ///
    /// `signed` is authenticator data and the hash of client data; `now` POSIX seconds.
    pub(super) fn vouched(
        &self,
        asked: &HardwareOnly,
        model: Aaguid,
        signed: &[u8],
        now: u64,
    ) -> Result<(), PasskeyError> {
        let Statement::Packed { algorithm, signature, certificates } = &self.statement else {
            return Err(PasskeyError::Unattested);
        };
        // Without certificates the key vouches for itself, which software can do as well.
        if certificates.is_empty() {
            return Err(PasskeyError::Unattested);
        }
        if !asked.models.contains(&model) {
            return Err(PasskeyError::UnknownModel);
        }
        if *algorithm != ES256 {
            return Err(PasskeyError::UntrustedMaker("an algorithm that is not verified here"));
        }
        let maker = chain::maker_key(certificates, &asked.anchors, model, now)?;
        maker.verify(signed, signature)
    }
}
