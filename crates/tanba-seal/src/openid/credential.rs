//! How this service shows the provider who it is: an assertion that it signs by its own key (`private_key_jwt`, RFC 7523).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SecureRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use serde_json::json;

/// How long an assertion is taken, seconds: the way to the provider, and clocks that differ.
const HOLDS_SECONDS: i64 = 120;

/// By which algorithm the service signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAlgorithm {
    /// ECDSA over P-256.
    Es256,
    /// RSA, PKCS #1 version 1.5.
    Rs256,
    /// RSA, PSS.
    Ps256,
}

/// The file holds no key that this algorithm signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no PKCS #8 key for the algorithm: ES256 takes one on P-256, RS256 and PS256 take RSA of 2048 bits or more"
)]
pub struct BadClientKey;

/// The service's own key.
pub struct ClientKey {
    pair: Pair,
    algorithm: ClientAlgorithm,
    kid: Option<String>,
}

enum Pair {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// What an assertion says.
#[derive(Debug, Clone, Copy)]
pub struct Assertion<'a> {
    /// The service, as the provider knows it.
    pub client: &'a str,
    /// For whom it is.
    pub audience: &'a str,
    /// Random, once.
    pub id: &'a str,
    /// The present, in seconds since 1970.
    pub now: i64,
}

impl ClientKey {
    /// A key in PKCS #8, by which name the provider knows it.
    ///
    /// # Errors
    /// [`BadClientKey`].
    pub fn read(
        pkcs8: &[u8],
        algorithm: ClientAlgorithm,
        kid: Option<String>,
        random: &dyn SecureRandom,
    ) -> Result<Self, BadClientKey> {
        let pair = match algorithm {
            ClientAlgorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, random).map(Pair::P256)
            }
            ClientAlgorithm::Rs256 | ClientAlgorithm::Ps256 => RsaKeyPair::from_pkcs8(pkcs8).map(Pair::Rsa),
        };
        Ok(Self { pair: pair.map_err(|_| BadClientKey)?, algorithm, kid })
    }

    /// A signed assertion; `None` where there are no random numbers to sign with.
    pub fn assertion(&self, said: &Assertion<'_>, random: &dyn SecureRandom) -> Option<String> {
        let alg = match self.algorithm {
            ClientAlgorithm::Es256 => "ES256",
            ClientAlgorithm::Rs256 => "RS256",
            ClientAlgorithm::Ps256 => "PS256",
        };
        let mut head = json!({"alg": alg, "typ": "JWT"});
        if let Some(kid) = &self.kid {
            head["kid"] = json!(kid);
        }
        let claims = json!({
            "iss": said.client, "sub": said.client, "aud": said.audience, "jti": said.id, "iat": said.now, "exp": said.now + HOLDS_SECONDS,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&head), part(&claims));
        let signature = match &self.pair {
            Pair::P256(key) => key.sign(random, text.as_bytes()).ok()?.as_ref().to_vec(),
            Pair::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let how: &'static dyn ring::signature::RsaEncoding =
                    if self.algorithm == ClientAlgorithm::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                key.sign(how, random, text.as_bytes(), &mut signature).ok()?;
                signature
            }
        };
        Some(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
