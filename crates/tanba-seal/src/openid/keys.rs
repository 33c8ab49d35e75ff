//! A provider's published keys (RFC 7517), each of which verifies what its kind is made for and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;

use super::error::OpenIdError;

/// Keys that are read of one document; providers have two or three.
const MOST_KEYS: usize = 64;
/// Octets of the longest RSA modulus that is taken.
const MOST_RSA_OCTETS: usize = 1024;

/// The keys by which a provider signs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySet(Vec<PublicKey>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct PublicKey {
    kid: Option<String>,
    /// For one algorithm alone, where the provider says so.
    alg: Option<String>,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

/// An algorithm that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Es256,
    EdDsa,
    Rs256,
    Ps256,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Member {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
}

impl KeySet {
    /// Reads the document. Keys of kinds that are not taken are passed over, among them every shared secret.
    ///
    /// # Errors
    /// [`OpenIdError::Unreadable`]; [`OpenIdError::UnknownKey`] where none is left.
    pub fn read(json: &[u8]) -> Result<Self, OpenIdError> {
        let document: Document = serde_json::from_slice(json).map_err(|_| OpenIdError::Unreadable("keys"))?;
        if document.keys.len() > MOST_KEYS {
            return Err(OpenIdError::Unreadable("keys"));
        }
        let members = document.keys.into_iter().filter_map(|member| serde_json::from_value(member).ok());
        let keys: Vec<PublicKey> = members.filter_map(PublicKey::of).collect();
        if keys.is_empty() { Err(OpenIdError::UnknownKey) } else { Ok(Self(keys)) }
    }

    /// Whether a published key has made this signature.
    pub(super) fn verify(
        &self,
        algorithm: (Algorithm, &str),
        kid: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), OpenIdError> {
        let (algorithm, name) = algorithm;
        let mut fitting = self.0.iter().filter(|key| {
            key.material.is_for(algorithm)
                && key.alg.as_deref().is_none_or(|alg| alg == name)
                && kid.is_none_or(|kid| key.kid.as_deref() == Some(kid))
        });
        let key = fitting.next().ok_or(OpenIdError::UnknownKey)?;
        // Of several keys one must be named.
        if fitting.next().is_some() {
            return Err(OpenIdError::UnknownKey);
        }
        key.material.verify(algorithm, message, signature).map_err(|_| OpenIdError::BadSignature)
    }
}

impl PublicKey {
    fn of(member: Member) -> Option<Self> {
        if member.usage.is_some_and(|usage| usage != "sig") {
            return None;
        }
        let octets = |text: &Option<String>, most: usize| {
            let octets = URL_SAFE_NO_PAD.decode(text.as_deref()?).ok()?;
            (!octets.is_empty() && octets.len() <= most).then_some(octets)
        };
        let material = match (member.kty.as_str(), member.crv.as_deref()) {
            ("EC", Some("P-256")) => {
                let (x, y) = (octets(&member.x, 32)?, octets(&member.y, 32)?);
                // An uncompressed point (SEC 1 section 2.3.3).
                (x.len() == 32 && y.len() == 32).then(|| Material::P256([&[4][..], &x, &y].concat()))?
            }
            ("OKP", Some("Ed25519")) => Material::Ed25519(octets(&member.x, 32)?),
            ("RSA", _) => Material::Rsa { n: octets(&member.n, MOST_RSA_OCTETS)?, e: octets(&member.e, 8)? },
            _ => return None,
        };
        Some(Self { kid: member.kid, alg: member.alg, material })
    }
}

impl Material {
    fn is_for(&self, algorithm: Algorithm) -> bool {
        matches!(
            (self, algorithm),
            (Self::P256(_), Algorithm::Es256)
                | (Self::Ed25519(_), Algorithm::EdDsa)
                | (Self::Rsa { .. }, Algorithm::Rs256 | Algorithm::Ps256)
        )
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), ring::error::Unspecified> {
        match self {
            Self::P256(point) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&signature::ED25519, key).verify(message, signature),
            Self::Rsa { n, e } => {
                let how = if algorithm == Algorithm::Ps256 {
                    &signature::RSA_PSS_2048_8192_SHA256
                } else {
                    &signature::RSA_PKCS1_2048_8192_SHA256
                };
                RsaPublicKeyComponents { n, e }.verify(how, message, signature)
            }
        }
    }
}
