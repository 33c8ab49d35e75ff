//! What a provider says of a person: the token that comes with the code, and what is asked afterwards.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::SKEW_SECONDS;
use super::error::OpenIdError;
use super::jws;
use super::keys::{Algorithm, KeySet};

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The provider.
    pub issuer: &'a str,
    /// This service, as the provider knows it.
    pub client: &'a str,
    /// What was sent along with the request.
    pub nonce: &'a str,
    /// Ways of recognising a person that suffice; empty where the provider decides.
    pub acr: &'a [String],
    /// When a person must have been recognised at the earliest, in seconds since 1970.
    pub recognised_since: Option<i64>,
    /// The present, in seconds since 1970.
    pub now: i64,
}

/// A token that was found good.
pub struct IdToken {
    subject: String,
    claims: Map<String, Value>,
}

/// A further answer that was found good.
pub struct UserInfo {
    claims: Map<String, Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    #[serde(default)]
    azp: Option<String>,
    exp: f64,
    iat: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    auth_time: Option<f64>,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    acr: Option<String>,
    #[serde(default)]
    at_hash: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn names(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }
}

/// The lesser part of a signed further answer: who says it, to whom. The person is looked for in the same way as in a plain one.
#[derive(Deserialize)]
struct Envelope {
    iss: String,
    aud: Audience,
    #[serde(flatten)]
    claims: Map<String, Value>,
}

impl IdToken {
    /// Verifies a token and what it says (OpenID Connect Core 1.0 section 3.1.3.7), the signature before everything else.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn verify(
        token: &str,
        access_token: &str,
        keys: &KeySet,
        expected: &Expected<'_>,
    ) -> Result<Self, OpenIdError> {
        let (said, algorithm): (Claims, _) = jws::verified(token, keys)?;
        if said.iss != expected.issuer {
            return Err(OpenIdError::WrongIssuer);
        }
        let names = said.aud.names();
        // Audiences beside this one are trusted by nobody here, and a token that was made for another party is none of ours.
        let ours = !names.is_empty() && names.iter().all(|name| name == expected.client);
        if !ours || said.azp.is_some_and(|party| party != expected.client) {
            return Err(OpenIdError::WrongAudience);
        }
        #[allow(clippy::cast_precision_loss)] // Seconds of the next hundred million years are whole in a f64.
        let (now, skew) = (expected.now as f64, SKEW_SECONDS as f64);
        if said.exp + skew <= now {
            return Err(OpenIdError::Expired);
        }
        if [Some(said.iat), said.nbf, said.auth_time].into_iter().flatten().any(|at| at > now + skew) {
            return Err(OpenIdError::NotYet);
        }
        if !said.nonce.is_some_and(|nonce| bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes()))) {
            return Err(OpenIdError::WrongNonce);
        }
        if !expected.acr.is_empty() && !said.acr.is_some_and(|acr| expected.acr.contains(&acr)) {
            return Err(OpenIdError::TooWeak);
        }
        #[allow(clippy::cast_precision_loss)]
        if let Some(since) = expected.recognised_since
            && !said.auth_time.is_some_and(|at| at + skew >= since as f64)
        {
            return Err(OpenIdError::TooLongAgo);
        }
        if said.at_hash.is_some_and(|hash| hash != half_hash(algorithm, access_token)) {
            return Err(OpenIdError::WrongAccessToken);
        }
        if said.sub.is_empty() {
            return Err(OpenIdError::Unreadable("token"));
        }
        Ok(Self { claims: said.others, subject: said.sub })
    }

    /// A claim that is a text.
    pub fn claim(&self, name: &str) -> Option<&str> {
        if name == "sub" { Some(&self.subject) } else { self.claims.get(name)?.as_str() }
    }
}

impl UserInfo {
    /// Reads a further answer about the person of a token (section 5.3): plain, or signed by the provider for this service.
    ///
    /// # Errors
    /// Unreadable; about somebody else; what is wrong with its signature.
    pub fn read(
        body: &[u8],
        signed: bool,
        keys: &KeySet,
        token: &IdToken,
        expected: &Expected<'_>,
    ) -> Result<Self, OpenIdError> {
        const WHAT: OpenIdError = OpenIdError::Unreadable("further answer");
        let claims: Map<String, Value> = if signed {
            let text = std::str::from_utf8(body).map_err(|_| WHAT)?;
            let (said, _): (Envelope, _) = jws::verified(text.trim(), keys)?;
            if said.iss != expected.issuer {
                return Err(OpenIdError::WrongIssuer);
            }
            if !said.aud.names().iter().any(|name| name == expected.client) {
                return Err(OpenIdError::WrongAudience);
            }
            said.claims
        } else {
            serde_json::from_slice(body).map_err(|_| WHAT)?
        };
        if claims.get("sub").and_then(Value::as_str) != Some(&token.subject) {
            return Err(OpenIdError::AnotherPerson);
        }
        Ok(Self { claims })
    }

    /// A claim that is a text.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }
}

impl std::fmt::Debug for IdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdToken").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserInfo").finish_non_exhaustive()
    }
}

/// The left half of an access token's hash (section 3.1.3.6); Ed25519 hashes by SHA-512.
fn half_hash(algorithm: Algorithm, access_token: &str) -> String {
    match algorithm {
        Algorithm::EdDsa => URL_SAFE_NO_PAD.encode(&Sha512::digest(access_token)[..32]),
        _ => URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16]),
    }
}
