//! The conversation with the provider: what it publishes, leaving a request with it, and a code for what it says of the person.

use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use serde::Deserialize;
use tanba_seal::openid::{Assertion, Discovery, Expected, IdToken, KeySet, OpenIdError, UserInfo};
use zeroize::Zeroizing;

use super::attempt::{Attempt, Wanted};
use super::{National, ProviderAsk, ProviderCredential, ProviderSaid};
use crate::error::Result;
use crate::params::{PROVIDER_AGAIN_SECONDS, PROVIDER_HOLDS_SECONDS};
use crate::time::Instant;
use crate::vault::{Vault, fresh_bytes};

/// What a provider says of itself, and since when that is held.
pub(super) struct Known {
    discovery: Discovery,
    at: Instant,
}

/// Its keys, and since when they are held.
pub(super) struct FetchedKeys {
    keys: KeySet,
    at: Instant,
}

/// Why nothing came of a conversation.
pub(super) enum Failed {
    /// It does not answer, or not as a provider does.
    Away,
    /// What it says is refused.
    Refused(OpenIdError),
    /// It does not take the code.
    CodeRefused,
    /// Here something failed.
    Here(crate::error::RegistryError),
}

impl From<OpenIdError> for Failed {
    fn from(why: OpenIdError) -> Self {
        Self::Refused(why)
    }
}

impl From<crate::error::RegistryError> for Failed {
    fn from(error: crate::error::RegistryError) -> Self {
        Self::Here(error)
    }
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Zeroizing<String>,
    access_token: Zeroizing<String>,
    token_type: String,
}

#[derive(Deserialize)]
struct Pushed {
    request_uri: String,
}

/// The person's number, as the provider vouches for it; `None` where it tells none.
pub(super) type Number = Option<Zeroizing<String>>;

impl National {
    /// Where the browser goes.
    pub(super) async fn leave(
        &self,
        attempt: &Attempt,
        vault: &Vault,
        now: Instant,
    ) -> std::result::Result<String, Failed> {
        let discovery = self.discovery(now).await?;
        let mut parts = self.request(attempt, vault);
        if let Some(place) = &discovery.pushed_authorization_request_endpoint {
            let (authorization, more) = self.shown(&discovery, now)?;
            parts.extend(more);
            let said = self.ask(place, Some(form(&parts)), authorization).await?;
            let pushed: Pushed = match said.status {
                200 | 201 => {
                    serde_json::from_slice(&said.body).map_err(|_| OpenIdError::Unreadable("request's place"))?
                }
                status => return Err(self.away(&format!("it took no request ({status})"))),
            };
            parts = vec![("client_id", self.provider.client.clone()), ("request_uri", pushed.request_uri)];
        }
        let place = &discovery.authorization_endpoint;
        let joint = if place.contains('?') { '&' } else { '?' };
        Ok(format!("{place}{joint}{}", *form(&parts)))
    }

    /// Where the browser goes to sign out there too; `None` where the provider has no such place.
    pub(super) async fn sign_out_place(&self, now: Instant) -> std::result::Result<Option<String>, Failed> {
        let discovery = self.discovery(now).await?;
        let parts = [
            ("client_id", self.provider.client.clone()),
            ("post_logout_redirect_uri", self.provider.signed_out.clone()),
        ];
        Ok(discovery.end_session_endpoint.map(|place| {
            let joint = if place.contains('?') { '&' } else { '?' };
            format!("{place}{joint}{}", *form(&parts))
        }))
    }

    /// Whether the answer is this provider's (RFC 9207): one that names itself always does, and none names another.
    pub(super) async fn answered(&self, iss: Option<&str>, now: Instant) -> std::result::Result<(), Failed> {
        let always = self.discovery(now).await?.authorization_response_iss_parameter_supported;
        let same = iss.map_or(!always, |iss| iss == self.provider.issuer);
        if same { Ok(()) } else { Err(OpenIdError::WrongIssuer.into()) }
    }

    /// A code for the number of the person. Tokens are forgotten with the return of this.
    pub(super) async fn number(
        &self,
        code: &str,
        attempt: &Attempt,
        vault: &Vault,
        now: Instant,
    ) -> std::result::Result<Number, Failed> {
        let discovery = self.discovery(now).await?;
        let (authorization, more) = self.shown(&discovery, now)?;
        let mut parts = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", self.provider.redirect.clone()),
            ("client_id", self.provider.client.clone()),
            ("code_verifier", attempt.verifier(vault).0),
        ];
        parts.extend(more);
        let said = self.ask(&discovery.token_endpoint, Some(form(&parts)), authorization).await?;
        let tokens: Tokens = match said.status {
            200 => serde_json::from_slice(&said.body).map_err(|_| OpenIdError::Unreadable("tokens"))?,
            400 => return Err(Failed::CodeRefused),
            status => return Err(self.away(&format!("it gave no tokens ({status})"))),
        };
        let nonce = attempt.nonce(vault);
        let recognised_since = match attempt.wanted {
            Wanted::Proof(_) => Some(seconds(attempt.begun)),
            Wanted::Session => self.provider.max_age.map(|age| seconds(now) - i64::from(age)),
        };
        let expected = Expected {
            issuer: &self.provider.issuer,
            client: &self.provider.client,
            nonce: &nonce,
            acr: &self.provider.acr,
            recognised_since,
            now: seconds(now),
        };
        let verify = |keys: &KeySet| IdToken::verify(&tokens.id_token, &tokens.access_token, keys, &expected);
        let mut keys = self.keys(&discovery, now, false).await?;
        let token = match verify(&keys) {
            Err(OpenIdError::UnknownKey) => {
                keys = self.keys(&discovery, now, true).await?;
                verify(&keys)?
            }
            verified => verified?,
        };
        if let Some(number) = token.claim(&self.provider.number_claim) {
            return Ok(Some(Zeroizing::new(number.to_owned())));
        }
        let Some(place) = discovery.userinfo_endpoint.as_deref() else { return Ok(None) };
        if !tokens.token_type.eq_ignore_ascii_case("bearer") {
            return Err(OpenIdError::Unreadable("tokens").into());
        }
        let bearer = Zeroizing::new(format!("Bearer {}", *tokens.access_token));
        let said = self.ask(place, None, Some(bearer)).await?;
        if said.status != 200 {
            return Err(self.away(&format!("it said nothing more of the person ({})", said.status)));
        }
        let kind = said.content_type.split(';').next().unwrap_or_default().trim();
        let signed = kind.eq_ignore_ascii_case("application/jwt");
        let info = UserInfo::read(&said.body, signed, &keys, &token, &expected)?;
        Ok(info.claim(&self.provider.number_claim).map(|number| Zeroizing::new(number.to_owned())))
    }

    /// What is asked for.
    fn request(&self, attempt: &Attempt, vault: &Vault) -> Vec<(&'static str, String)> {
        let provider = &self.provider;
        let mut scopes = vec!["openid"];
        scopes.extend(provider.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid"));
        let claim = serde_json::json!({provider.number_claim.as_str(): {"essential": true}});
        let mut parts = vec![
            ("response_type", "code".to_owned()),
            ("client_id", provider.client.clone()),
            ("redirect_uri", provider.redirect.clone()),
            ("scope", scopes.join(" ")),
            ("state", attempt.state(vault)),
            ("nonce", attempt.nonce(vault)),
            ("code_challenge", attempt.verifier(vault).1),
            ("code_challenge_method", "S256".to_owned()),
            ("claims", serde_json::json!({"id_token": claim, "userinfo": claim}).to_string()),
        ];
        if !provider.acr.is_empty() {
            parts.push(("acr_values", provider.acr.join(" ")));
        }
        match (&attempt.wanted, provider.max_age) {
            (Wanted::Proof(_), _) => {
                parts.push(("prompt", "login".to_owned()));
                parts.push(("max_age", "0".to_owned()));
            }
            (Wanted::Session, Some(age)) => parts.push(("max_age", age.to_string())),
            (Wanted::Session, None) => {}
        }
        parts
    }

    /// How the service shows who it is: a header, or more parts of the form.
    #[allow(clippy::type_complexity)]
    fn shown(
        &self,
        discovery: &Discovery,
        now: Instant,
    ) -> Result<(Option<Zeroizing<String>>, Vec<(&'static str, String)>)> {
        match &self.provider.credential {
            ProviderCredential::Secret(secret) => {
                let pair = Zeroizing::new(format!("{}:{}", escaped(&self.provider.client), escaped(secret)));
                Ok((Some(Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))), Vec::new()))
            }
            ProviderCredential::Key(key) => {
                let id = URL_SAFE_NO_PAD.encode(fresh_bytes::<16>()?);
                // By what providers know themselves here (OpenID Connect Core 1.0 section 9). It is on a host of this provider's, so that no
                // other one could use the assertion.
                let audience = &discovery.token_endpoint;
                let said = Assertion { client: &self.provider.client, audience, id: &id, now: seconds(now) };
                let signed = key.assertion(&said, &SystemRandom::new());
                let signed = signed.ok_or_else(|| std::io::Error::other("no random numbers to sign with"))?;
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned();
                Ok((None, vec![("client_assertion_type", kind), ("client_assertion", signed)]))
            }
        }
    }

    /// What the provider says of itself: asked once an hour.
    async fn discovery(&self, now: Instant) -> std::result::Result<Discovery, Failed> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| holds(known.at, now, PROVIDER_HOLDS_SECONDS)) {
            return Ok(known.discovery.clone());
        }
        let said = self.ask(&Discovery::place(&self.provider.issuer), None, None).await?;
        if said.status != 200 {
            return Err(self.away(&format!("it does not describe itself ({})", said.status)));
        }
        let discovery = Discovery::read(&said.body, &self.provider.issuer, &self.hosts)?;
        *known = Some(Known { discovery: discovery.clone(), at: now });
        Ok(discovery)
    }

    /// The provider's keys: asked once an hour, and again where one is missing, once a minute at most.
    async fn keys(&self, discovery: &Discovery, now: Instant, missing: bool) -> std::result::Result<KeySet, Failed> {
        let mut held = self.keys.lock().await;
        let enough = if missing { PROVIDER_AGAIN_SECONDS } else { PROVIDER_HOLDS_SECONDS };
        if let Some(held) = held.as_ref().filter(|held| holds(held.at, now, enough)) {
            return Ok(held.keys.clone());
        }
        let said = self.ask(&discovery.jwks_uri, None, None).await?;
        if said.status != 200 {
            return Err(self.away(&format!("it does not give its keys ({})", said.status)));
        }
        let keys = KeySet::read(&said.body)?;
        *held = Some(FetchedKeys { keys: keys.clone(), at: now });
        Ok(keys)
    }

    async fn ask(
        &self,
        url: &str,
        form: Option<Zeroizing<String>>,
        authorization: Option<Zeroizing<String>>,
    ) -> std::result::Result<ProviderSaid, Failed> {
        self.line.ask(ProviderAsk { url, form, authorization }).await.map_err(|error| self.away(&error.to_string()))
    }

    /// It does not answer: said in the service's own log, without what was asked.
    fn away(&self, why: &str) -> Failed {
        self.away.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(why, "the provider of national sign-in does not answer");
        Failed::Away
    }
}

fn holds(at: Instant, now: Instant, seconds: i64) -> bool {
    at <= now && now < at.plus_seconds(seconds)
}

fn seconds(at: Instant) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// `application/x-www-form-urlencoded`, which is a query too.
fn form(parts: &[(&'static str, String)]) -> Zeroizing<String> {
    let pairs: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    Zeroizing::new(pairs.join("&"))
}

fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
